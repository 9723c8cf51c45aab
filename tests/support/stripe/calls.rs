//! What was asked, what is remembered for its idempotency key, and what is to go wrong.

use std::time::Duration;

use serde_json::Value;

use super::http::Response;

/// A call, as it came.
#[derive(Debug, Clone)]
pub struct Call {
    /// `GET`, `POST`, `DELETE`.
    pub method: String,
    /// Without its query: `/v1/payment_intents`.
    pub path: String,
    /// Of the query or the body; lists are objects whose keys are numbers.
    pub parameters: Value,
    /// Its `Idempotency-Key`.
    pub idempotency_key: Option<String>,
    /// Its `Stripe-Account`.
    pub account: Option<String>,
    /// What was answered, if anything was.
    pub status: Option<u16>,
    /// Whether it did something, or tried to: not if it was refused before, or only repeated.
    pub executed: bool,
}

/// What goes wrong with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// 429, and nothing has happened.
    TooMany,
    /// 500, and nothing has happened.
    Broken,
    /// 500, although it was done. As with Stripe, its key gets the same answer ever after.
    BrokenAfter,
    /// The connection ends, and nothing has happened.
    LostRequest,
    /// The connection ends, although it was done: its key gets the real answer.
    LostAnswer,
    /// It is done, and then there is silence until the client gives up.
    Silence,
    /// It is not done, and there is silence until the client gives up.
    Deaf,
    /// It is done after a while; meanwhile its key is in use.
    Slow(Duration),
    /// It is not done, and a proxy on the way says so in HTML.
    Proxy,
}

/// Trouble for the next calls of some kind.
#[derive(Debug)]
pub(super) struct Planned {
    pub(super) trouble: Trouble,
    pub(super) method: Option<String>,
    pub(super) path: String,
    pub(super) calls: usize,
}

/// What is remembered for an idempotency key.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) path: String,
    pub(super) parameters: Value,
    pub(super) since: i64,
    /// None while it is being made.
    pub(super) answer: Option<Response>,
}

impl Planned {
    pub(super) fn is_for(&self, method: &str, path: &str) -> bool {
        let method = self.method.as_deref().is_none_or(|it| it == method);
        self.calls > 0 && method && path.starts_with(&self.path)
    }
}
