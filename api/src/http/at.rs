//! Which object an address names.

use std::future::ready;

use actix_web::{FromRequest, HttpRequest, dev::Payload};

use super::permitted::{self, Reading};
use crate::id::InPath;
use crate::problem::Problem;

/// The id in an address. What is no id names nothing: 404.
#[derive(Debug)]
pub(crate) struct At<T>(pub(crate) T);

impl<T: InPath + 'static> FromRequest for At<T> {
    type Error = Problem;
    type Future = Reading<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let text = request.match_info().get(T::PLACE).unwrap_or_default();
        permitted::then(request, ready(text.parse().map(Self).map_err(|_| Problem::not_found())))
    }
}
