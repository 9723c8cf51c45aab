//! `/v1/setup_intents`: a payment method about to be saved. They are made with their session.

use serde_json::{Value, json};

use super::fault::Fault;
use super::form::Params;
use super::state::{State, new_id, text};

pub(super) fn make(s: &mut State, fields: Value) -> String {
    let id = s.make("setup_intent", "seti", fields);
    let secret = format!("{id}_secret_{}", new_id("s"));
    s.set("setup_intent", &id, json!({ "client_secret": secret }));
    s.emit("setup_intent.created", "setup_intent", &id);
    id
}

/// The person has given a payment method.
pub(super) fn succeed(s: &mut State, id: &str, method: &str, mandate: Option<&str>) {
    s.set(
        "setup_intent",
        id,
        json!({
            "status": "succeeded", "payment_method": method, "mandate": mandate,
            "latest_attempt": new_id("setatt"), "last_setup_error": null,
        }),
    );
    s.emit("setup_intent.succeeded", "setup_intent", id);
}

/// Her bank has refused it.
pub(super) fn fail(s: &mut State, id: &str, fault: &Fault) {
    s.set(
        "setup_intent",
        id,
        json!({
            "last_setup_error": fault.remembered(), "latest_attempt": new_id("setatt"),
        }),
    );
    s.emit("setup_intent.setup_failed", "setup_intent", id);
}

pub(super) fn cancel(s: &mut State, p: &mut Params, id: &str) -> Result<Value, Fault> {
    let reasons = ["abandoned", "duplicate", "requested_by_customer"];
    let reason = p.word("cancellation_reason", &reasons)?;
    p.end()?;
    let setup = s.asked("setup_intent", id)?;
    if ["succeeded", "canceled"].contains(&text(&setup, "status")) {
        let message = "You cannot cancel this SetupIntent because of its status.";
        let fault = Fault::invalid(message).code("setup_intent_unexpected_state");
        return Err(fault.with("setup_intent", setup));
    }
    s.set("setup_intent", id, json!({ "status": "canceled", "cancellation_reason": reason }));
    s.emit("setup_intent.canceled", "setup_intent", id);
    s.asked("setup_intent", id)
}
