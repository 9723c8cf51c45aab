//! `If-Match`: an update says which version it changes, so that nobody overwrites what they have
//! not seen.

use std::future::ready;

use actix_web::http::header::IF_MATCH;
use actix_web::{FromRequest, HttpRequest, dev::Payload};

use super::permitted::{self, Reading};
use crate::problem::{Problem, ProblemType};
use crate::say;

/// The version an update is meant for.
#[derive(Clone, Copy, Debug)]
pub(crate) enum IfMatch {
    /// Whichever there is: `*`.
    Any,
    /// This one.
    Version(i64),
}

impl IfMatch {
    /// Refuses an update that was meant for another version.
    pub(crate) fn check(self, version: i64) -> Result<(), Problem> {
        match self {
            Self::Version(expected) if expected != version => Err(Problem::changed()),
            _ => Ok(()),
        }
    }
}

impl FromRequest for IfMatch {
    type Error = Problem;
    type Future = Reading<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let given = request.headers().get(IF_MATCH).map(|value| value.to_str().unwrap_or_default());
        let read = match given {
            None => Err(Problem::new(
                ProblemType::PreconditionRequired,
                say!(
                    en "Send the ETag you read in If-Match, or * to change whatever is there.",
                    fr "Envoyez dans If-Match l’ETag que vous avez lu, ou * pour modifier l’état actuel quel qu’il soit."
                ),
            )),
            Some("*") => Ok(Self::Any),
            // Strong comparison (RFC 9110 § 13.1.1); a tag that is none of ours matches nothing.
            Some(tag) => {
                let version = tag.trim().strip_prefix("\"v").and_then(|tag| tag.strip_suffix('"'));
                version
                    .and_then(|version| version.parse().ok())
                    .map(Self::Version)
                    .ok_or_else(Problem::changed)
            }
        };
        permitted::then(request, ready(read))
    }
}

/// The entity tag of a version.
pub(super) fn etag(version: i64) -> String {
    format!("\"v{version}\"")
}
