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
pub(crate) struct Stored<I, T, S = Stateless> {
    pub(crate) id: I,
    #[serde(flatten)]
    pub(crate) object: T,
    /// What became of it since, which no caller sets.
    #[serde(flatten)]
    pub(crate) state: S,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
    #[serde(skip)]
    pub(crate) version: i64,
}

/// There is no more to an object than what was given.
#[derive(Clone, Copy, Debug, Default, Serialize, ToSchema)]
pub(crate) struct Stateless {}

impl<I: AsRef<str> + Serialize, T: Serialize, S: Serialize> Resource for Stored<I, T, S> {
    fn id(&self) -> &str {
        self.id.as_ref()
    }

    fn version(&self) -> i64 {
        self.version
    }
}

impl<I: ToSchema, T: Input, S: ToSchema> PartialSchema for Stored<I, T, S> {
    /// The schema of `T`, in which what has a default is there, with the id, the state and the
    /// times.
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
        if let RefOr::T(Schema::Object(state)) = S::schema() {
            for (name, property) in state.properties {
                if state.required.contains(&name) {
                    object = object.required(name.clone());
                }
                object = object.property(name, property);
            }
        }
        for name in ["created_at", "updated_at"] {
            object = object.property(name, Time::schema()).required(name);
        }
        object.into()
    }
}

impl<I: ToSchema, T: Input, S: ToSchema> ToSchema for Stored<I, T, S> {
    fn name() -> Cow<'static, str> {
        let name = T::name();
        name.strip_suffix("Input").unwrap_or(&name).to_owned().into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        T::schemas(schemas);
        S::schemas(schemas);
    }
}
