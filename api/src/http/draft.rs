//! A body of which one field has a reader of its own.

use std::marker::PhantomData;

use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use futures_util::future::LocalBoxFuture;
use serde_json::Value;

use super::body::{self, Input, expect_type, read_json};
use crate::app::App;
use crate::problem::{Fault, FaultPlace, Problem, ProblemType};

/// What a handler takes as its body, with a field that needs more than a schema to be read.
pub(crate) trait DraftInput: Input {
    /// The name of that field.
    const APART: &str;
    /// The content types it comes in.
    const TYPES: &[&str] = &["application/json"];
}

/// A body whose field apart is still to be read. What is wrong with the rest is kept until then, so
/// that all faults are told at once.
pub(crate) struct Draft<T> {
    value: Value,
    apart: Option<Value>,
    faults: Vec<Fault>,
    input: PhantomData<T>,
}

impl<T: DraftInput> Draft<T> {
    fn new(app: &App, mut value: Value) -> Result<Self, Problem> {
        let apart = value.as_object_mut().and_then(|fields| fields.remove(T::APART));
        let mut faults = app.schemas.faults::<T>(&value)?;
        if apart.is_some() {
            let place = FaultPlace::Body(format!("/{}", T::APART));
            faults.retain(|fault| fault.place != place);
        }
        Ok(Self { value, apart, faults, input: PhantomData })
    }

    /// Reads the field apart, if it is there, and then the whole.
    ///
    /// # Errors
    /// All that is wrong with either.
    pub(crate) fn read<P>(
        self,
        reader: impl FnOnce(&Value) -> Result<P, Problem>,
    ) -> Result<(T, Option<P>), Problem> {
        let Self { mut value, apart, mut faults, .. } = self;
        let read = match apart.as_ref().map(reader).transpose() {
            Err(problem) if problem.kind == ProblemType::InvalidBody => {
                faults.extend(problem.errors);
                None
            }
            read => read?,
        };
        if !faults.is_empty() {
            return Err(Problem::invalid(faults));
        }
        if let (Value::Object(fields), Some(apart)) = (&mut value, apart) {
            fields.insert(T::APART.to_owned(), apart);
        }
        Ok((body::make(value)?, read))
    }
}

impl<T: DraftInput> FromRequest for Draft<T> {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let bytes = web::Bytes::from_request(&request, payload);
        Box::pin(async move {
            expect_type(&request, T::TYPES)?;
            let value = read_json(&request, bytes.await)?;
            Self::new(App::of(&request), value)
        })
    }
}
