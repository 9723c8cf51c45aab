//! Changing some fields: JSON Merge Patch (RFC 7396).

use std::borrow::Cow;
use std::collections::HashMap;
use std::marker::PhantomData;

use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use serde::Serialize;
use serde_json::Value;
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{ObjectBuilder, OneOfBuilder, RefOr, Type, schema::SchemaType};
use utoipa::{PartialSchema, ToSchema};

use super::body::{Input, expect_type, read_json, typed};
use super::permitted::{self, Reading};
use crate::app::App;
use crate::problem::{Fault, Problem};
use crate::say;

/// The fields of a `T` that should change, `null` where one should be taken away.
///
/// It is applied to the object as it stands, and the result must be valid as a whole: there is one
/// set of rules for what is made new and what is changed.
pub(crate) struct Patch<T> {
    changes: Value,
    input: PhantomData<T>,
}

impl<T: Input> Patch<T> {
    /// The object with these changes.
    ///
    /// `current` may have more fields than `T`, such as its id; they are left out.
    pub(crate) fn apply(&self, app: &App, current: &impl Serialize) -> Result<T, Problem> {
        let current = serde_json::to_value(current).map_err(|error| Problem::internal(&error))?;
        let mut target = match current {
            Value::Object(fields) => Value::Object(app.schemas.fields_of::<T>(fields)?),
            other => other,
        };
        json_patch::merge(&mut target, &self.changes);
        typed(app, target)
    }

    /// Whether a field is among those that should change.
    pub(crate) fn names(&self, field: &str) -> bool {
        self.changes.get(field).is_some()
    }
}

impl<T: Input> FromRequest for Patch<T> {
    type Error = Problem;
    type Future = Reading<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bytes = web::Bytes::from_request(request, payload);
        let asked = request.clone();
        permitted::then(request, async move {
            expect_type(&asked, &["application/merge-patch+json", "application/json"])?;
            let changes = read_json(&asked, bytes.await)?;
            if changes.is_object() {
                return Ok(Self { changes, input: PhantomData });
            }
            let detail = say!(en "Expected an object.", fr "Attendu : un objet.");
            Err(Problem::invalid(vec![Fault::body("", "type", detail)]))
        })
    }
}

impl<T: ToSchema> PartialSchema for Patch<T> {
    /// The schema of `T`, in which nothing is required and what was not required may be `null`;
    /// the same goes for the objects in it.
    fn schema() -> RefOr<Schema> {
        let mut named = Vec::new();
        T::schemas(&mut named);
        let mut schema = relaxed(T::schema(), &named.into_iter().collect());
        if let RefOr::T(Schema::Object(object)) = &mut schema {
            object.description = Some(
                "The fields that change, as a JSON Merge Patch (RFC 7396): what is left out \
                 stays, `null` takes a field away."
                    .to_owned(),
            );
            object.example = None;
        }
        schema
    }
}

/// A schema of what may change in what a schema describes.
fn relaxed(schema: RefOr<Schema>, named: &HashMap<String, RefOr<Schema>>) -> RefOr<Schema> {
    let schema = match schema {
        RefOr::Ref(reference) => {
            let name = reference.ref_location.rsplit('/').next().unwrap_or_default();
            match named.get(name) {
                Some(RefOr::T(Schema::Object(object))) if !object.properties.is_empty() => {
                    let mut object = object.clone();
                    if !reference.description.is_empty() {
                        object.description = Some(reference.description);
                    }
                    RefOr::T(Schema::Object(object))
                }
                _ => return RefOr::Ref(reference),
            }
        }
        schema @ RefOr::T(_) => schema,
    };
    let RefOr::T(Schema::Object(mut object)) = schema else { return schema };
    let required = std::mem::take(&mut object.required);
    for (name, property) in &mut object.properties {
        let inner = relaxed(property.clone(), named);
        *property = if required.contains(name) { inner } else { or_null(inner) };
    }
    RefOr::T(Schema::Object(object))
}

/// A schema that allows `null` as well, to take away what is there.
fn or_null(schema: RefOr<Schema>) -> RefOr<Schema> {
    match schema {
        RefOr::T(Schema::Object(mut object)) => {
            object.default = None;
            if let Some(words) = &mut object.enum_values {
                words.push(Value::Null);
            }
            object.schema_type = match std::mem::take(&mut object.schema_type) {
                SchemaType::Type(one) => SchemaType::Array(vec![one, Type::Null]),
                other => other,
            };
            RefOr::T(Schema::Object(object))
        }
        RefOr::T(Schema::Array(mut array)) => {
            array.schema_type = SchemaType::Array(vec![Type::Array, Type::Null]);
            RefOr::T(Schema::Array(array))
        }
        mut other => {
            let about = match &mut other {
                RefOr::Ref(named) => {
                    named.default = None;
                    std::mem::take(&mut named.description)
                }
                RefOr::T(_) => String::new(),
            };
            let null = ObjectBuilder::new().schema_type(Type::Null);
            let either = OneOfBuilder::new().item(null).item(other);
            either.description((!about.is_empty()).then_some(about)).into()
        }
    }
}

impl<T: ToSchema> ToSchema for Patch<T> {
    fn name() -> Cow<'static, str> {
        let name = T::name();
        format!("{}Patch", name.strip_suffix("Input").unwrap_or(&name)).into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        T::schemas(schemas);
    }
}
