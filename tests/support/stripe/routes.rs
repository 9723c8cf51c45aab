//! Which operation a path is.

use serde_json::Value;

use super::fault::Fault;
use super::form::Params;
use super::lists::Asked;
use super::state::State;
use super::{
    accounts, balance, charges, customers, intents, payment_methods, payouts, refunds, sessions,
    setups, transfers,
};

pub(super) fn route(
    s: &mut State,
    method: &str,
    path: &str,
    p: &mut Params,
) -> Result<Value, Fault> {
    let steps: Vec<_> = path.trim_start_matches("/v1/").split('/').collect();
    match (method, steps.as_slice()) {
        ("POST", ["customers"]) => customers::create(s, p),
        ("GET", ["customers"]) => list(s, p, "customer", path, &["email"]),
        ("GET", ["customers", id]) => customers::retrieve(s, p, id),
        ("POST", ["customers", id]) => customers::update(s, p, id),
        ("DELETE", ["customers", id]) => customers::delete(s, p, id),
        ("GET", ["customers", id, "payment_methods"]) => {
            s.asked("customer", id)?;
            payment_methods::list(s, p, Some(*id), path)
        }
        ("GET", ["payment_methods"]) => payment_methods::list(s, p, None, path),
        ("GET", ["payment_methods", id]) => one(s, p, "payment_method", id),
        ("POST", ["payment_methods", id, "attach"]) => payment_methods::attach(s, p, id),
        ("POST", ["payment_methods", id, "detach"]) => payment_methods::detach(s, p, id),
        ("GET", ["setup_intents"]) => {
            list(s, p, "setup_intent", path, &["customer", "payment_method"])
        }
        ("GET", ["setup_intents", id]) => one(s, p, "setup_intent", id),
        ("POST", ["setup_intents", id, "cancel"]) => setups::cancel(s, p, id),
        ("GET", ["mandates", id]) => one(s, p, "mandate", id),
        ("POST", ["checkout", "sessions"]) => sessions::create(s, p),
        ("GET", ["checkout", "sessions"]) => {
            list(s, p, "checkout.session", path, &["customer", "payment_intent", "status"])
        }
        ("GET", ["checkout", "sessions", id]) => one(s, p, "checkout.session", id),
        ("POST", ["checkout", "sessions", id, "expire"]) => sessions::expire(s, p, id),
        ("POST", ["payment_intents"]) => intents::create(s, p),
        ("GET", ["payment_intents"]) => list(s, p, "payment_intent", path, &["customer"]),
        ("GET", ["payment_intents", id]) => one(s, p, "payment_intent", id),
        ("POST", ["payment_intents", id]) => intents::update(s, p, id),
        ("POST", ["payment_intents", id, "confirm"]) => intents::confirm(s, p, id),
        ("POST", ["payment_intents", id, "cancel"]) => intents::cancel(s, p, id),
        ("GET", ["charges"]) => list(s, p, "charge", path, charges::FILTERS),
        ("GET", ["charges", id]) => one(s, p, "charge", id),
        ("POST", ["refunds"]) => refunds::create(s, p),
        ("GET", ["refunds"]) => list(s, p, "refund", path, &["charge", "payment_intent"]),
        ("GET", ["refunds", id]) => one(s, p, "refund", id),
        ("GET", ["disputes"]) => list(s, p, "dispute", path, &["charge", "payment_intent"]),
        ("GET", ["disputes", id]) => one(s, p, "dispute", id),
        ("GET", ["balance"]) => balance::retrieve(s, p),
        ("GET", ["balance_transactions"]) => balance::list(s, p, path),
        ("GET", ["balance_transactions", id]) => one(s, p, "balance_transaction", id),
        ("GET", ["payouts"]) => payouts::list(s, p, path),
        ("GET", ["payouts", id]) => one(s, p, "payout", id),
        ("POST", ["transfers"]) => transfers::create(s, p),
        ("GET", ["transfers"]) => list(s, p, "transfer", path, &["destination", "transfer_group"]),
        ("GET", ["transfers", id]) => one(s, p, "transfer", id),
        ("POST", ["transfers", id, "reversals"]) => transfers::reverse(s, p, id),
        ("GET", ["transfers", id, "reversals"]) => transfers::reversals(s, p, id, path),
        ("POST", ["accounts"]) => accounts::create(s, p),
        ("GET", ["accounts"]) => list(s, p, "account", path, &[]),
        ("GET", ["accounts", id]) => one(s, p, "account", id),
        ("GET", ["events"]) => events(s, p, path),
        ("GET", ["events", id]) => one(s, p, "event", id),
        _ => {
            Err(Fault::invalid(format!("Unrecognized request URL ({method}: {path}).")).status(404))
        }
    }
}

fn one(s: &State, p: &Params, kind: &str, id: &str) -> Result<Value, Fault> {
    p.end()?;
    Ok(s.shown(s.asked(kind, id)?))
}

fn list(
    s: &State,
    p: &mut Params,
    kind: &str,
    path: &str,
    fields: &[&'static str],
) -> Result<Value, Fault> {
    Asked::read(p, fields, &["created"])?.page(s, kind, path, |_| true)
}

fn events(s: &State, p: &mut Params, path: &str) -> Result<Value, Fault> {
    let kinds = p.list("types")?;
    let asked = Asked::read(p, &["type"], &["created"])?;
    asked.page(s, "event", path, |event| {
        kinds.is_empty() || kinds.iter().any(|kind| event["type"] == *kind)
    })
}
