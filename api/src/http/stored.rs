//! Objects as they are answered: what was given, with its id and its times.

use std::borrow::Cow;

use serde::Serialize;
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{ObjectBuilder, RefOr};
use utoipa::{PartialSchema, ToSchema};

use super::{Input, Resource};
use crate::clock::Time;

/// An object that was made from a `T`.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Stored<I, T> {
    pub(crate) id: I,
    #[serde(flatten)]
    pub(crate) object: T,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
    #[serde(skip)]
    pub(crate) version: i64,
}

impl<I: AsRef<str> + Serialize, T: Serialize> Resource for Stored<I, T> {
    fn id(&self) -> &str {
        self.id.as_ref()
    }

    fn version(&self) -> i64 {
        self.version
    }
}

impl<I: ToSchema, T: Input> PartialSchema for Stored<I, T> {
    /// The schema of `T`, in which what has a default is there, with the id and the times.
    fn schema() -> RefOr<Schema> {
        let RefOr::T(Schema::Object(given)) = T::schema() else { return T::schema() };
        let mut object = ObjectBuilder::new().description(given.description.clone());
        object = object.property("id", I::schema()).required("id");
        for (name, property) in given.properties {
            let always = T::ALWAYS.contains(&name.as_str());
            if given.required.contains(&name) || always {
                object = object.required(name.clone());
            }
            object = object.property(name, property);
        }
        for name in ["created_at", "updated_at"] {
            object = object.property(name, Time::schema()).required(name);
        }
        object.into()
    }
}

impl<I: ToSchema, T: Input> ToSchema for Stored<I, T> {
    fn name() -> Cow<'static, str> {
        let name = T::name();
        name.strip_suffix("Input").unwrap_or(&name).to_owned().into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        T::schemas(schemas);
    }
}
