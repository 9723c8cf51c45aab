//! What goes wrong, in Stripe's shape.

use serde_json::{Map, Value, json};

/// An answer that is an error.
#[derive(Debug, Clone)]
pub(super) struct Fault {
    pub(super) status: u16,
    error: Map<String, Value>,
}

impl Fault {
    fn new(status: u16, kind: &str, message: impl Into<String>) -> Self {
        let mut error = Map::new();
        error.insert("message".to_owned(), Value::String(message.into()));
        error.insert("type".to_owned(), kind.into());
        Self { status, error }
    }

    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "invalid_request_error", message)
    }

    /// There is nothing by this id: 400 of a parameter, and 404 of the thing itself.
    pub(super) fn no_such(kind: &str, id: &str, param: &str) -> Self {
        Self::invalid(format!("No such {kind}: '{id}'")).code("resource_missing").param(param)
    }

    pub(super) fn unauthorized(message: &str) -> Self {
        Self::new(401, "invalid_request_error", message)
    }

    pub(super) fn too_many() -> Self {
        let message = "Request rate limit exceeded. Slow down.";
        Self::new(429, "invalid_request_error", message).code("rate_limit")
    }

    pub(super) fn broken() -> Self {
        Self::new(500, "api_error", "An unknown error occurred")
    }

    pub(super) fn idempotency(status: u16, message: String) -> Self {
        Self::new(status, "idempotency_error", message)
    }

    /// The bank or the person has said no.
    pub(super) fn card(code: &str, message: &str) -> Self {
        Self::new(402, "card_error", message).code(code)
    }

    #[must_use]
    pub(super) fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    #[must_use]
    pub(super) fn code(self, code: &str) -> Self {
        let page = format!("https://docs.stripe.com/error-codes/{}", code.replace('_', "-"));
        self.with("code", code).with("doc_url", page)
    }

    #[must_use]
    pub(super) fn param(self, param: &str) -> Self {
        self.with("param", param)
    }

    #[must_use]
    pub(super) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.error.insert(name.to_owned(), value.into());
        self
    }

    /// What is remembered of it in the object itself.
    pub(super) fn remembered(&self) -> Value {
        Value::Object(self.error.clone())
    }

    pub(super) fn body(&self) -> Value {
        json!({ "error": self.error })
    }

    /// Whether the operation had not begun: of such an answer Stripe keeps nothing for a key.
    pub(super) fn is_of_parameters(&self) -> bool {
        let code = self.error.get("code").and_then(Value::as_str).unwrap_or_default();
        self.status == 401 || self.status == 429 || code.starts_with("parameter_")
    }
}
