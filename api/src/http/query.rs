//! Reading query parameters, by the schemas they have in the OpenAPI document.

use std::any::TypeId;
use std::collections::HashMap;
use std::future::ready;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use actix_web::{FromRequest, HttpMessage as _, HttpRequest, dev::Payload};
use jsonschema::Validator;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};
use utoipa::IntoParams;
use utoipa::openapi::path::ParameterIn;

use super::addresses::Address;
use super::observe::Observed;
use super::page::PageQuery;
use super::permitted::{self, Reading};
use super::schemas::{self, formats};
use crate::problem::{Fault, FaultPlace, Problem};
use crate::say;

/// Parameters of a query, valid as the document says. Others of the same operation are read by
/// another extractor, such as the page beside the filters of a list.
#[derive(Debug)]
pub(crate) struct Query<T>(pub(crate) T);

impl<T: DeserializeOwned + IntoParams + 'static> FromRequest for Query<T> {
    type Error = Problem;
    type Future = Reading<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        permitted::then(request, ready(read(request)))
    }
}

fn read<T>(request: &HttpRequest) -> Result<Query<T>, Problem>
where
    T: DeserializeOwned + IntoParams + 'static,
{
    let form = form::<T>().map_err(|error| Problem::internal(&error))?;
    let mut faults = if form.tells_unknown::<T>(request) { unknown(request) } else { Vec::new() };
    let mut given = Map::new();
    for (name, value) in url_pairs(request.query_string()) {
        // PostgreSQL keeps no NUL in a text; nobody who means well searches for one.
        if name.contains('\0') || value.contains('\0') {
            let detail = say!(en "A NUL has no place here.", fr "Un NUL n’a pas sa place ici.");
            return Err(Problem::bad_request(Fault::query(name, "nul", detail)));
        }
        let Some(kind) = form.types.get(&name) else { continue };
        if given.insert(name.clone(), kind.value(value)).is_some() {
            return Err(Problem::bad_request(twice(&name)));
        }
    }
    let given = Value::Object(given);
    faults.extend(schemas::faults_of(&form.validator, &given).into_iter().map(|mut fault| {
        if let FaultPlace::Body(pointer) = &fault.place {
            fault.place = FaultPlace::Query(pointer.trim_start_matches('/').to_owned());
        }
        fault
    }));
    if !faults.is_empty() {
        let detail = say!(
            en "The query is not valid.", fr "Les paramètres ne sont pas valides."
        );
        let problem = Problem::new(crate::problem::ProblemType::BadRequest, detail);
        return Err(Problem { errors: faults, ..problem });
    }
    serde_json::from_value(given).map(Query).map_err(|error| Problem::internal(&error))
}

/// Refuses parameters of an operation that has none, which nobody would read.
pub(super) fn refuse_where_none_is_read(request: &HttpRequest) -> Result<(), Problem> {
    if parameters(request) > 0 {
        return Ok(());
    }
    unknown(request).into_iter().next().map_or(Ok(()), |fault| Err(Problem::bad_request(fault)))
}

/// How many parameters the queries of an operation may have.
fn parameters(request: &HttpRequest) -> usize {
    let of = |address: &Arc<Address>| address.query(request.method()).len();
    request.extensions().get::<Observed>().and_then(|it| it.address.as_ref().map(of)).unwrap_or(0)
}

/// The parameters that the operation does not have: a mistyped filter would otherwise answer with
/// everything.
fn unknown(request: &HttpRequest) -> Vec<Fault> {
    let address = request.extensions().get::<Observed>().and_then(|it| it.address.clone());
    let Some(address) = address else { return Vec::new() };
    let known = address.query(request.method());
    let fault = |(name, _): (String, String)| {
        let detail = say!(
            en "There is no parameter {name} here.", fr "Il n’y a pas de paramètre {name} ici."
        );
        (!known.contains(&name)).then(|| Fault::query(name, "unknown", detail))
    };
    url_pairs(request.query_string()).into_iter().filter_map(fault).collect()
}

fn twice(name: &str) -> Fault {
    let detail = say!(en "{name} is given twice.", fr "{name} est donné deux fois.");
    Fault::query(name, "twice", detail)
}

fn url_pairs(query: &str) -> Vec<(String, String)> {
    let url = reqwest::Url::parse("http://palier.invalid/").ok();
    url.map(|mut url| {
        url.set_query(Some(query));
        url.query_pairs().into_owned().filter(|(name, _)| !name.is_empty()).collect()
    })
    .unwrap_or_default()
}

/// What a set of parameters looks like.
struct Form {
    validator: Validator,
    types: HashMap<String, Kind>,
}

impl Form {
    /// Whether this reader of several tells what none of them knows: the one of the filters, beside
    /// that of the page.
    fn tells_unknown<T: 'static>(&self, request: &HttpRequest) -> bool {
        TypeId::of::<T>() != TypeId::of::<PageQuery>() || self.types.len() == parameters(request)
    }
}

#[derive(Clone, Copy)]
enum Kind {
    Text,
    Integer,
    Boolean,
}

impl Kind {
    /// A text as the JSON it stands for; what is none stays a text, which the schema refuses.
    fn value(self, text: String) -> Value {
        match self {
            Self::Integer => text.parse::<i64>().map_or(Value::String(text), Value::from),
            Self::Boolean => match text.as_str() {
                "true" => true.into(),
                "false" => false.into(),
                _ => Value::String(text),
            },
            Self::Text => Value::String(text),
        }
    }

    fn of(schema: &Value) -> Self {
        let is = |word: &str| match schema.get("type") {
            Some(Value::String(one)) => one == word,
            Some(Value::Array(several)) => several.iter().any(|one| one == word),
            _ => false,
        };
        match () {
            () if is("integer") => Self::Integer,
            () if is("boolean") => Self::Boolean,
            () => Self::Text,
        }
    }
}

/// The form of a set of parameters, made once.
fn form<T: IntoParams + 'static>() -> Result<Arc<Form>, String> {
    static FORMS: OnceLock<RwLock<HashMap<TypeId, Arc<Form>>>> = OnceLock::new();
    let forms = FORMS.get_or_init(RwLock::default);
    let known = forms.read().unwrap_or_else(PoisonError::into_inner);
    if let Some(form) = known.get(&TypeId::of::<T>()) {
        return Ok(Arc::clone(form));
    }
    drop(known);
    let form = Arc::new(make::<T>()?);
    let mut known = forms.write().unwrap_or_else(PoisonError::into_inner);
    known.insert(TypeId::of::<T>(), Arc::clone(&form));
    Ok(form)
}

fn make<T: IntoParams>() -> Result<Form, String> {
    let (mut properties, mut required, mut types) = (Map::new(), Vec::new(), HashMap::new());
    for parameter in T::into_params(|| Some(ParameterIn::Query)) {
        let parameter = serde_json::to_value(&parameter).map_err(|error| error.to_string())?;
        let field = |name: &str| parameter.get(name).cloned().unwrap_or_default();
        let name = field("name").as_str().unwrap_or_default().to_owned();
        if field("required") == true {
            required.push(name.clone());
        }
        let schema = field("schema");
        types.insert(name.clone(), Kind::of(&schema));
        properties.insert(name, schema);
    }
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object", "additionalProperties": false,
        "properties": properties, "required": required,
    });
    let options = formats::register(jsonschema::options().should_validate_formats(true));
    let validator = options.build(&schema).map_err(|error| error.to_string())?;
    Ok(Form { validator, types })
}
