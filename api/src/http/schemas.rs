//! Validating request bodies by the schemas of the OpenAPI document.
//!
//! The document says what a body must look like, and the same words check it: what a front end
//! reads there is what happens. All faults are found at once, each with its JSON pointer.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{ValidationError, Validator};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::problem::{Fault, Problem};
use crate::say;
use crate::text::Text;

pub(crate) mod formats;

/// The schemas of the document, and a validator for each body type that was asked for.
pub(crate) struct Schemas {
    document: Document,
    known: RwLock<HashMap<String, Arc<Known>>>,
}

/// What gives the OpenAPI document.
pub(crate) type Document = fn() -> Result<&'static Value, &'static str>;

/// A body type: what checks it, and its fields.
struct Known {
    validator: Validator,
    fields: Vec<String>,
}

impl Schemas {
    /// The schemas of a document, which is not asked for before a body is.
    pub(crate) fn new(document: Document) -> Self {
        Self { document, known: RwLock::default() }
    }

    /// All that is wrong with a body that should be a `T`.
    pub(crate) fn faults<T: ToSchema>(&self, body: &Value) -> Result<Vec<Fault>, Problem> {
        Ok(faults_of(&self.known::<T>()?.validator, body))
    }

    /// What a `T` has of an object, `null` being as good as absent.
    pub(crate) fn fields_of<T: ToSchema>(
        &self,
        object: Map<String, Value>,
    ) -> Result<Map<String, Value>, Problem> {
        let known = self.known::<T>()?;
        let is_field =
            |name: &String, value: &Value| known.fields.contains(name) && !value.is_null();
        Ok(object.into_iter().filter(|(name, value)| is_field(name, value)).collect())
    }

    /// What is known of a body type; made when it is first asked for.
    fn known<T: ToSchema>(&self) -> Result<Arc<Known>, Problem> {
        let name = T::name();
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get(name.as_ref()) {
            return Ok(Arc::clone(known));
        }
        drop(known);
        let made = self.make::<T>();
        let made = Arc::new(made.map_err(|error| Problem::internal(&format!("{name}: {error}")))?);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(name.into_owned(), Arc::clone(&made));
        Ok(made)
    }

    fn make<T: ToSchema>(&self) -> Result<Known, String> {
        let mut root = serde_json::to_value(T::schema()).map_err(|error| error.to_string())?;
        let fields = root.get("properties").and_then(Value::as_object);
        let fields = fields.map(|fields| fields.keys().cloned().collect()).unwrap_or_default();
        let mut schemas = Map::new();
        let all = (self.document)()?.pointer("/components/schemas").and_then(Value::as_object);
        referred(&root, all.ok_or("the document has no schemas")?, &mut schemas);
        if let Value::Object(root) = &mut root {
            let draft = "https://json-schema.org/draft/2020-12/schema";
            root.insert("$schema".to_owned(), draft.into());
            root.insert("components".to_owned(), json!({ "schemas": schemas }));
        }
        let options = formats::register(jsonschema::options().should_validate_formats(true));
        let validator = options.build(&root).map_err(|error| error.to_string())?;
        Ok(Known { validator, fields })
    }
}

/// Gathers the schemas that one refers to, and those that they do: a validator looks through all that
/// it is given, which took longer than all else about a first body.
fn referred(schema: &Value, all: &Map<String, Value>, found: &mut Map<String, Value>) {
    match schema {
        Value::Object(fields) => {
            let name = fields.get("$ref").and_then(Value::as_str);
            let name = name.and_then(|name| name.strip_prefix("#/components/schemas/"));
            if let Some((name, schema)) = name.and_then(|name| Some((name, all.get(name)?)))
                && !found.contains_key(name)
            {
                found.insert(name.to_owned(), schema.clone());
                referred(schema, all, found);
            }
            fields.values().for_each(|field| referred(field, all, found));
        }
        Value::Array(entries) => entries.iter().for_each(|entry| referred(entry, all, found)),
        _ => {}
    }
}

/// All that a validator finds wrong, in the order of the places.
pub(super) fn faults_of(validator: &Validator, value: &Value) -> Vec<Fault> {
    let mut faults = Vec::new();
    for error in validator.iter_errors(value) {
        describe(&error, &mut faults);
    }
    nuls(value, String::new(), &mut faults);
    faults.sort_by(|a, b| pointer(a).cmp(pointer(b)));
    faults.dedup();
    // A format says in words what a pattern beside it says in signs.
    let worded: Vec<_> = faults.iter().filter(|it| it.code == "format").cloned().collect();
    faults.retain(|it| it.code != "pattern" || worded.iter().all(|other| other.place != it.place));
    faults
}

/// Notes texts with a NUL, which PostgreSQL keeps none of, where nothing else is wrong with them.
fn nuls(value: &Value, at: String, faults: &mut Vec<Fault>) {
    match value {
        Value::String(text)
            if text.contains('\0') && !faults.iter().any(|fault| pointer(fault) == at) =>
        {
            let detail = say!(en "A text has no NUL.", fr "Un texte n’a pas de NUL.");
            faults.push(Fault::body(at, "nul", detail));
        }
        Value::Array(entries) => {
            for (position, entry) in entries.iter().enumerate() {
                nuls(entry, format!("{at}/{position}"), faults);
            }
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                let at = format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
                let name = Value::String(name.clone());
                nuls(&name, at.clone(), faults);
                nuls(value, at, faults);
            }
        }
        _ => {}
    }
}

fn pointer(fault: &Fault) -> &str {
    match &fault.place {
        crate::problem::FaultPlace::Body(pointer) => pointer,
        _ => "",
    }
}

/// Says what a validation error means, where it can be mended.
fn describe(error: &ValidationError<'_>, faults: &mut Vec<Fault>) {
    let at = error.instance_path().to_string();
    let inside = |name: &str| format!("{at}/{}", name.replace('~', "~0").replace('/', "~1"));
    match error.kind() {
        ValidationErrorKind::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            let detail = say!(en "This field is missing.", fr "Ce champ manque.");
            faults.push(Fault::body(inside(name), "required", detail));
        }
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
            for name in unexpected {
                let detail = say!(
                    en "There is no such field here.",
                    fr "Ce champ n’existe pas ici."
                );
                faults.push(Fault::body(inside(name), "unknown", detail));
            }
        }
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            one_of(&at, context, faults);
        }
        other => faults.push(Fault::body(at, code(other), detail(other))),
    }
}

/// What a value lacks of one variant.
type Lacks = Vec<ValidationError<'static>>;

/// Tells the faults of the variant that was meant: the only one of that type, or else the one
/// whose tag fits.
fn one_of(at: &str, context: &[Lacks], faults: &mut Vec<Fault>) {
    let fitting: Vec<_> = context.iter().filter(|lacks| !lacks.iter().any(is_type(at))).collect();
    let meant = match fitting.as_slice() {
        [one] => Some(*one),
        several => {
            let tagged = several.iter().filter(|lacks| !lacks.iter().any(is_tag(at)));
            tagged.copied().min_by_key(|lacks| lacks.len())
        }
    };
    match meant {
        Some(lacks) => lacks.iter().for_each(|error| describe(error, faults)),
        None => variants(at, context, faults),
    }
}

/// Whether an error says that the value is of another type.
fn is_type(at: &str) -> impl Fn(&ValidationError<'_>) -> bool {
    move |error| {
        matches!(error.kind(), ValidationErrorKind::Type { .. })
            && error.instance_path().to_string() == at
    }
}

/// Whether an error says that a word is another one: the value itself, or a field of it.
fn is_tag(at: &str) -> impl Fn(&ValidationError<'_>) -> bool {
    move |error| {
        let is_word = matches!(
            error.kind(),
            ValidationErrorKind::Enum { .. } | ValidationErrorKind::Constant { .. }
        );
        let place = error.instance_path().to_string();
        is_word && place.strip_prefix(at).is_some_and(|inside| inside.matches('/').count() <= 1)
    }
}

/// No variant fits. If all differ in one tag, that is where the fault is.
fn variants(at: &str, context: &[Lacks], faults: &mut Vec<Fault>) {
    let mut options: Vec<String> = Vec::new();
    let mut place = None;
    for error in context.iter().flatten().filter(|error| is_tag(at)(error)) {
        place.get_or_insert_with(|| error.instance_path().to_string());
        match error.kind() {
            ValidationErrorKind::Enum { options: words } => options.push(list(words)),
            ValidationErrorKind::Constant { expected_value } => {
                options.push(expected_value.to_string());
            }
            _ => {}
        }
    }
    if let Some(place) = place {
        let options = options.join(", ");
        let detail =
            say!(en "Expected one of {options}.", fr "Attendu : l’une des valeurs {options}.");
        return faults.push(Fault::body(place, "enum", detail));
    }
    // What remains differs in type: tell the last, since `null` comes first.
    match context.iter().flatten().rfind(|error| is_type(at)(error)) {
        Some(error) => describe(error, faults),
        None => faults.push(Fault::body(at, "any_of", plain())),
    }
}

fn plain() -> Text {
    say!(en "This is not valid here.", fr "Ceci n’est pas valide ici.")
}

/// A stable word for a kind of fault: the keyword of JSON Schema.
fn code(kind: &ValidationErrorKind) -> &'static str {
    match kind {
        ValidationErrorKind::Type { .. } => "type",
        ValidationErrorKind::Enum { .. } | ValidationErrorKind::Constant { .. } => "enum",
        ValidationErrorKind::Format { .. } => "format",
        ValidationErrorKind::Pattern { .. } => "pattern",
        ValidationErrorKind::MinLength { .. } => "min_length",
        ValidationErrorKind::MaxLength { .. } => "max_length",
        ValidationErrorKind::MinItems { .. } => "min_items",
        ValidationErrorKind::MaxItems { .. } => "max_items",
        ValidationErrorKind::UniqueItems => "unique_items",
        ValidationErrorKind::Minimum { .. } | ValidationErrorKind::ExclusiveMinimum { .. } => {
            "minimum"
        }
        ValidationErrorKind::Maximum { .. } | ValidationErrorKind::ExclusiveMaximum { .. } => {
            "maximum"
        }
        _ => "invalid",
    }
}

fn detail(kind: &ValidationErrorKind) -> Text {
    match kind {
        ValidationErrorKind::Type { kind } => {
            let (en, fr) = type_names(kind);
            say!(en "Expected {en}.", fr "Attendu : {fr}.")
        }
        ValidationErrorKind::Enum { options } => {
            let options = list(options);
            say!(en "Expected one of {options}.", fr "Attendu : l’une des valeurs {options}.")
        }
        ValidationErrorKind::Constant { expected_value } => {
            say!(en "Expected {expected_value}.", fr "Attendu : {expected_value}.")
        }
        ValidationErrorKind::Format { format } => formats::detail(format),
        ValidationErrorKind::Pattern { pattern } => say!(
            en "Expected a text of the form {pattern}.",
            fr "Attendu : un texte de la forme {pattern}."
        ),
        ValidationErrorKind::MinLength { limit: 1 } => {
            say!(en "This must not be empty.", fr "Ce champ ne doit pas être vide.")
        }
        ValidationErrorKind::MinLength { limit } => say!(
            en "At least {limit} characters.", fr "Au moins {limit} caractères."
        ),
        ValidationErrorKind::MaxLength { limit } => say!(
            en "At most {limit} characters.", fr "Au plus {limit} caractères."
        ),
        ValidationErrorKind::MinItems { limit } => say!(
            en "At least {limit} entries.", fr "Au moins {limit} éléments."
        ),
        ValidationErrorKind::MaxItems { limit } => say!(
            en "At most {limit} entries.", fr "Au plus {limit} éléments."
        ),
        ValidationErrorKind::UniqueItems => say!(
            en "An entry is there twice.", fr "Un élément y figure deux fois."
        ),
        ValidationErrorKind::Minimum { limit } => say!(
            en "At least {limit}.", fr "Au moins {limit}."
        ),
        ValidationErrorKind::Maximum { limit } => say!(
            en "At most {limit}.", fr "Au plus {limit}."
        ),
        _ => plain(),
    }
}

fn list(options: &Value) -> String {
    let options = options.as_array().map(Vec::as_slice).unwrap_or_default();
    let shown = options.iter().filter(|option| !option.is_null()).map(ToString::to_string);
    shown.collect::<Vec<_>>().join(", ")
}

fn type_names(kind: &TypeKind) -> (String, String) {
    use jsonschema::JsonType;
    let name = |one: JsonType| match one {
        JsonType::Array => ("a list", "une liste"),
        JsonType::Boolean => ("true or false", "true ou false"),
        JsonType::Integer => ("a whole number", "un nombre entier"),
        JsonType::Null => ("null", "null"),
        JsonType::Number => ("a number", "un nombre"),
        JsonType::Object => ("an object", "un objet"),
        JsonType::String => ("a string", "une chaîne de caractères"),
    };
    let names: Vec<_> = match kind {
        TypeKind::Single(one) => vec![name(*one)],
        TypeKind::Multiple(set) => set.iter().map(name).collect(),
    };
    let en = names.iter().map(|(en, _)| *en).collect::<Vec<_>>().join(" or ");
    let fr = names.iter().map(|(_, fr)| *fr).collect::<Vec<_>>().join(" ou ");
    (en, fr)
}
