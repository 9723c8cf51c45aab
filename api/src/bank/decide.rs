//! What a movement is: a payment, one that comes back, or nothing of a member's.

use palier_billing::Money;
use palier_billing::matching::{Outcome, Proposal};

use super::known::Known;
use super::{debits, payouts, transfers};
use crate::day::Day;
use crate::db::bank::{self, MovementRow, MovementStatus};
use crate::db::payments::{self, PaymentKind, PaymentMethod, key_of};
use crate::db::poles;
use crate::id::{BankMovementId, InvoiceId, MemberId, PaymentId};
use crate::payments::{Facts, Movement, Recorded, Return, record, reverse};
use crate::problem::{Fault, Problem};
use crate::say;
use crate::work::Tx;

/// How much of a reference the books have.
const MAX_REFERENCE: usize = 140;
/// How much of a note.
const MAX_NOTE: usize = 500;

/// What somebody says of a movement.
#[derive(Clone, Debug)]
pub(crate) enum Decision {
    /// It is a member's, and settles these documents; the rest stays to the member's credit.
    Allocate {
        member: MemberId,
        /// When it is booked; on the day of the movement, if nothing is said.
        paid_on: Option<Day>,
        parts: Vec<(InvoiceId, Money)>,
    },
    /// It takes a payment back.
    Return { payment: PaymentId, paid_on: Option<Day> },
    /// It is what a batch of direct debits collected, less what the bank took out of it, or what one of
    /// transfers was debited as.
    Settle { batch: String, paid_on: Option<Day>, fees: Money },
    /// It is what a payment provider paid out.
    PaidOut { payout: String },
    /// It is none of a member's.
    Ignore { reason: String },
}

/// Writes down what a movement is, that is open or was ignored; what it became, with the payment that
/// was recorded of it.
///
/// # Errors
/// A [`Problem`] where it is booked already, or cannot be what was said; the database's.
pub(crate) fn resolve(
    tx: &mut Tx<'_>,
    id: &BankMovementId,
    decision: Decision,
) -> Result<(MovementRow, Option<Recorded>), Problem> {
    poles::hold(tx.conn, tx.pole())?;
    let row = bank::find(tx.conn, tx.pole(), id)?.ok_or_else(Problem::not_found)?;
    if row.status == MovementStatus::Reconciled {
        let detail = say!(
            en "It is the sum of what is in the books already.",
            fr "Il est la somme de ce qui est déjà comptabilisé."
        );
        return Err(Problem::conflict(Fault::body("", "reconciled", detail)));
    }
    if row.status == MovementStatus::Booked {
        let detail = say!(
            en "It is booked already: take its payment back first.",
            fr "Il est déjà comptabilisé : annulez d’abord son paiement."
        );
        return Err(Problem::conflict(Fault::body("", "booked", detail)));
    }
    let version = row.version;
    let row = MovementRow { version: version.saturating_add(1), ..row };
    let (row, recorded) = match decision {
        Decision::Ignore { reason } => {
            (MovementRow { status: MovementStatus::Ignored, reason, ..row }, None)
        }
        Decision::Allocate { member, paid_on, parts } => {
            let day = not_before(&row, paid_on)?;
            let recorded = record(tx, facts(&row, member, day, parts)?)?;
            (booked(row, &recorded), Some(recorded))
        }
        Decision::Return { payment, paid_on } => {
            let day = not_before(&row, paid_on)?;
            let paid = payments::find(tx.conn, tx.pole(), &payment)?;
            let paid = paid.ok_or_else(unknown_payment)?;
            if paid.amount_minor.saturating_neg() != row.amount_minor {
                return Err(other_amount(paid.amount_minor, row.amount()));
            }
            let recorded = reverse(tx, &payment, back(&row, day))?;
            debits::follow(tx, &row, &payment)?;
            (booked(row, &recorded), Some(recorded))
        }
        Decision::Settle { batch, paid_on, fees } => {
            let day = not_before(&row, paid_on)?;
            // The bank takes fees out of what comes in, not out of what goes out.
            let went_out =
                if fees.is_zero() { transfers::by_hand(tx, &row, &batch)? } else { None };
            match went_out {
                Some(decided) => (decided, None),
                None => (debits::by_hand(tx, &row, (&batch, &day), fees)?, None),
            }
        }
        Decision::PaidOut { payout } => (payouts::by_hand(tx, &row, &payout)?, None),
    };
    if !bank::decide(tx.conn, &row, version)? {
        return Err(Problem::changed());
    }
    Ok((row, recorded))
}

/// Records what the matching is certain of.
///
/// # Errors
/// A [`Problem`] where it cannot be recorded as that, or not by itself; the database's.
pub(super) fn book(
    tx: &mut Tx<'_>,
    row: &MovementRow,
    (found, known): (&Proposal, &Known),
) -> Result<Recorded, Problem> {
    let unknown = || Problem::internal(&"the matching names what it was not told");
    let document = |number: &str| known.document(number).cloned().ok_or_else(unknown);
    if found.outcome == Outcome::Returned {
        let only = found.allocations.first().ok_or_else(unknown)?;
        let payment = returned(tx, row, &document(&only.document)?)?;
        let recorded = reverse(tx, &payment, back(row, row.booked_on.clone()))?;
        debits::follow(tx, row, &payment)?;
        return Ok(recorded);
    }
    let mut parts = Vec::new();
    for it in &found.allocations {
        let minor = it.amount.minor().saturating_abs();
        parts.push((document(&it.document)?, Money::from_minor(minor, it.amount.currency())));
    }
    let member = found.member.parse().map_err(|_| unknown())?;
    record(tx, facts(row, member, row.booked_on.clone(), parts)?)
}

/// The payment that comes back: the only one of a document that was of so much.
fn returned(tx: &mut Tx<'_>, row: &MovementRow, of: &InvoiceId) -> Result<PaymentId, Problem> {
    let mut paid = payments::standing_of(tx.conn, tx.pole(), of)?;
    paid.retain(|it| it.amount_minor == row.amount_minor.saturating_neg());
    match paid.as_slice() {
        [only] => Ok(only.payment_id.clone()),
        _ => Err(unknown_payment()),
    }
}

/// A movement as the payment it is.
fn facts(
    row: &MovementRow,
    member: MemberId,
    paid_on: Day,
    parts: Vec<(InvoiceId, Money)>,
) -> Result<Facts, Problem> {
    let amount = row.amount();
    if amount.is_zero() {
        let detail = say!(en "Nothing moved.", fr "Rien n’a bougé.");
        return Err(Problem::conflict(Fault::body("", "nothing", detail)));
    }
    let incoming = amount.minor() > 0;
    Ok(Facts {
        kind: if incoming { PaymentKind::Payment } else { PaymentKind::Refund },
        member,
        method: PaymentMethod::Transfer,
        holder: None,
        paid_on,
        amount: Money::from_minor(amount.minor().saturating_abs(), amount.currency()),
        reference: reference(row),
        note: row.remittance.chars().take(MAX_NOTE).collect(),
        movement: Some(movement(row)),
        parts,
    })
}

/// A movement as what takes a payment back.
pub(super) fn back(row: &MovementRow, paid_on: Day) -> Return {
    let reason = row.return_reason.as_deref().unwrap_or_default();
    let note = format!("{reason} {}", row.remittance);
    Return {
        paid_on,
        reference: reference(row),
        note: note.trim().chars().take(MAX_NOTE).collect(),
        movement: Some(movement(row)),
    }
}

pub(super) fn movement(row: &MovementRow) -> Movement {
    let key = key_of(&row.statement_key, row.bookings);
    Movement { id: row.movement_id.clone(), key }
}

/// What proves it in the books: what the bank calls it, or the payer, or its day on the statement.
pub(super) fn reference(row: &MovementRow) -> String {
    let called = row.bank_reference.as_ref().or(row.end_to_end.as_ref());
    let called = called.map(|it| it.trim()).filter(|it| !it.is_empty());
    let called = called.map(|it| it.chars().take(MAX_REFERENCE).collect());
    called.unwrap_or_else(|| format!("RLV {}", row.booked_on.date()))
}

/// A movement that was booked.
pub(super) fn booked(row: MovementRow, recorded: &Recorded) -> MovementRow {
    MovementRow {
        status: MovementStatus::Booked,
        payment_id: Some(recorded.row.payment_id.clone()),
        reason: String::new(),
        bookings: row.bookings.saturating_add(1),
        ..row
    }
}

/// A movement that is the sum of what is in the books already.
pub(super) fn reconciled(row: &MovementRow, counterpart: String) -> MovementRow {
    MovementRow {
        status: MovementStatus::Reconciled,
        counterpart: Some(counterpart),
        reason: String::new(),
        ..row.clone()
    }
}

/// The day on which it is booked: no money is received before it came.
fn not_before(row: &MovementRow, day: Option<Day>) -> Result<Day, Problem> {
    let day = day.unwrap_or_else(|| row.booked_on.clone());
    if day >= row.booked_on {
        return Ok(day);
    }
    let moved = row.booked_on.date();
    let detail = say!(en "It moved on {moved}.", fr "Le mouvement date du {moved}.");
    Err(Problem::invalid(vec![Fault::body("/paid_on", "before_movement", detail)]))
}

fn unknown_payment() -> Problem {
    let detail = say!(en "There is no such payment.", fr "Ce paiement n’existe pas.");
    Problem::invalid(vec![Fault::body("/payment", "unknown_payment", detail)])
}

fn other_amount(paid: i64, moved: Money) -> Problem {
    let paid = Money::from_minor(paid, moved.currency());
    let detail = say!(
        en "The payment is of {paid}, what moved is {moved}.",
        fr "Le paiement est de {paid}, le mouvement de {moved}."
    );
    Problem::conflict(Fault::body("/payment", "other_amount", detail))
}
