//! What is wrong with a payment.

use palier_billing::ledger::{LedgerError, Settlement};
use palier_billing::{Error, Money};

use super::{Facts, Plan};
use crate::day::Day;
use crate::db::payments::{self, PaymentKind, PaymentRow};
use crate::problem::{Fault, Problem};
use crate::say;
use crate::work::Tx;

fn part(place: usize, field: &str, code: &'static str, detail: crate::text::Text) -> Problem {
    Problem::invalid(vec![Fault::body(format!("/allocations/{place}/{field}"), code, detail)])
}

pub(super) fn unknown_member() -> Problem {
    let detail = say!(en "There is no such member.", fr "Ce membre n’existe pas.");
    Problem::invalid(vec![Fault::body("/member", "unknown_member", detail)])
}

pub(super) fn unknown_document(place: usize) -> Problem {
    let detail = say!(
        en "The member has no final document of this id.",
        fr "Le membre n’a pas de document définitif de cet identifiant."
    );
    part(place, "invoice", "unknown_invoice", detail)
}

pub(super) fn named_twice(place: usize) -> Problem {
    let detail = say!(en "It is named twice.", fr "Il est nommé deux fois.");
    part(place, "invoice", "duplicate", detail)
}

pub(super) fn other_currency(place: usize, currency: &str) -> Problem {
    let detail = say!(
        en "The document is in {currency}.",
        fr "Le document est en {currency}."
    );
    part(place, "amount", "other_currency", detail)
}

/// Of a document no more is settled than is open.
pub(super) fn unless_open(place: usize, settled: &Settlement) -> Result<(), Problem> {
    let open = settled.total.checked_sub(settled.before).map_err(|error| figures(&error))?;
    if settled.amount.minor().unsigned_abs() <= open.minor().unsigned_abs() {
        return Ok(());
    }
    let open = Money::from_minor(open.minor().saturating_abs(), open.currency());
    let document = &settled.document;
    let detail = say!(
        en "Of {document} {open} is open.",
        fr "De {document}, {open} reste ouvert."
    );
    Err(part(place, "amount", "not_open", detail))
}

/// A loss is that of one document, and comes to what is lost of it.
pub(super) fn unless_whole_loss(facts: &Facts, settled: Money) -> Result<(), Problem> {
    let lost = settled.minor() == facts.amount.minor();
    if lost && facts.parts.len() == 1 {
        return Ok(());
    }
    let detail = say!(
        en "A loss is that of one document, by the same amount.",
        fr "Une perte porte sur un document, pour le même montant."
    );
    Err(Problem::invalid(vec![Fault::body("/allocations", "not_the_loss", detail)]))
}

/// What stands to a member's credit does not fall below nothing.
pub(super) fn unless_covered(plan: &Plan, credit: i64) -> Result<(), Problem> {
    if credit.saturating_add(plan.credit.minor()) >= 0 || plan.credit.minor() >= 0 {
        return Ok(());
    }
    let credit = Money::from_minor(credit, plan.credit.currency());
    let detail = say!(
        en "It takes more than the member’s credit, {credit}.",
        fr "Cela dépasse le crédit du membre, {credit}."
    );
    let pointer = if plan.kind == PaymentKind::Reversal { "" } else { "/amount" };
    Err(Problem::conflict(Fault::body(pointer, "no_credit", detail)))
}

/// Of a credit that pays what is due first.
pub(super) fn nothing_to_pay(credit: Money) -> Problem {
    let detail = say!(
        en "The member’s credit is {credit}, and there is nothing that it could pay.",
        fr "Le crédit du membre est de {credit}, et il n’y a rien à en payer."
    );
    Problem::conflict(Fault::body("", "nothing_to_pay", detail))
}

pub(super) fn if_reversed(tx: &mut Tx<'_>, row: &PaymentRow) -> Result<(), Problem> {
    if row.kind == PaymentKind::Reversal {
        let detail = say!(
            en "It takes another payment back itself: record that one anew.",
            fr "Il annule lui-même un autre paiement : saisissez celui-ci à nouveau."
        );
        return Err(Problem::conflict(Fault::body("", "is_reversal", detail)));
    }
    if payments::reversal(tx.conn, tx.pole(), &row.payment_id)?.is_some() {
        let detail = say!(en "It was taken back already.", fr "Il est déjà annulé.");
        return Err(Problem::conflict(Fault::body("", "reversed", detail)));
    }
    Ok(())
}

pub(super) fn if_before(day: &Day, row: &PaymentRow) -> Result<(), Problem> {
    if *day >= row.paid_on {
        return Ok(());
    }
    let paid_on = row.paid_on.date();
    let detail = say!(
        en "It was paid on {paid_on} and cannot have come back before.",
        fr "Il date du {paid_on} et n’a pu revenir avant."
    );
    Err(Problem::invalid(vec![Fault::body("/paid_on", "before_payment", detail)]))
}

/// What has not happened is not recorded.
pub(crate) fn if_tomorrow(day: &Day, today: &Day) -> Result<(), Problem> {
    if day <= today {
        return Ok(());
    }
    let detail = say!(en "The day has not come yet.", fr "Ce jour n’est pas encore venu.");
    Err(Problem::invalid(vec![Fault::body("/paid_on", "in_future", detail)]))
}

pub(super) fn nothing() -> Problem {
    let detail = say!(
        en "It moves nothing: neither money nor what is open.",
        fr "Il ne déplace rien : ni argent, ni créance."
    );
    Problem::invalid(vec![Fault::body("/amount", "nothing", detail)])
}

pub(super) fn figures(error: &Error) -> Problem {
    let detail = say!(en "{error}.", fr "Un montant est trop grand.");
    Problem::invalid(vec![Fault::body("/amount", "out_of_range", detail)])
}

pub(super) fn ledger(error: &LedgerError) -> Problem {
    let detail = say!(
        en "It cannot be booked: {error}.",
        fr "Il ne peut être comptabilisé : {error}."
    );
    Problem::conflict(Fault::body("", "not_booked", detail))
}
