//! Payments: money that came in, went back or was lost, what it settles, and its entry in the
//! journal, all in one transaction.
//!
//! Nothing is ever changed: a mistake, or money that came back, is a [`reverse`] of its own. Of a
//! document no more is settled than it came to, and no member's credit falls below nothing; the
//! first the database refuses as well.

mod book;
pub(crate) mod credit;
mod refuse;
pub(crate) mod verify;

pub(crate) use refuse::if_tomorrow;

use std::collections::BTreeMap;

use palier_billing::ledger::Settlement;
use palier_billing::{Error, Issued, Money};

use crate::day::Day;
use crate::db::bank::{self, MovementStatus};
use crate::db::invoices::{self, InvoiceRow, InvoiceStatus};
use crate::db::payments::{self, AllocationRow, Holder, PaymentKind, PaymentMethod, PaymentRow};
use crate::db::{Db, DbError, journal, members, poles};
use crate::einvoicing::collected;
use crate::id::{BankMovementId, InvoiceId, MemberId, PaymentId, PoleId};
use crate::problem::Problem;
use crate::routes::Payment;
use crate::work::{Changes, Done, Tx};

/// What happened to money.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    /// Anything but a reversal.
    pub(crate) kind: PaymentKind,
    pub(crate) member: MemberId,
    pub(crate) method: PaymentMethod,
    /// Where the money is; by the method, if nothing is said.
    pub(crate) holder: Option<Holder>,
    pub(crate) paid_on: Day,
    /// How much; what a refund or a loss comes to is above zero as well.
    pub(crate) amount: Money,
    pub(crate) reference: String,
    pub(crate) note: String,
    /// The movement at the bank that it is made of.
    pub(crate) movement: Option<Movement>,
    /// Which documents it settles, and how much of each, above zero whatever they are.
    pub(crate) parts: Vec<(InvoiceId, Money)>,
}

/// Why a payment is taken back.
#[derive(Clone, Debug)]
pub(crate) struct Return {
    pub(crate) paid_on: Day,
    pub(crate) reference: String,
    pub(crate) note: String,
    /// The movement at the bank by which it came back; none, if it was a mistake.
    pub(crate) movement: Option<Movement>,
}

/// A movement at the bank of which a payment is made.
#[derive(Clone, Debug)]
pub(crate) struct Movement {
    pub(crate) id: BankMovementId,
    /// What the payment is known by.
    pub(crate) key: String,
}

/// A payment with what it settles.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    pub(crate) row: PaymentRow,
    pub(crate) allocations: Vec<AllocationRow>,
    /// The movement at the bank that it was made of.
    pub(crate) movement: Option<BankMovementId>,
}

/// Payments with what they settle, in their order.
pub(crate) fn whole(
    conn: &mut Db,
    pole: &PoleId,
    rows: Vec<PaymentRow>,
) -> Result<Vec<Recorded>, DbError> {
    let ids: Vec<_> = rows.iter().map(|row| row.payment_id.clone()).collect();
    let mut allocations: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for it in payments::allocations(conn, pole, &ids)? {
        allocations.entry(it.payment_id.clone()).or_default().push(it);
    }
    let keys: Vec<_> = rows.iter().filter_map(PaymentRow::movement_key).collect();
    let movements = bank::known(conn, pole, &keys)?;
    let with = |row: PaymentRow| Recorded {
        allocations: allocations.remove(&row.payment_id).unwrap_or_default(),
        movement: row.movement_key().and_then(|key| movements.get(key)).cloned(),
        row,
    };
    Ok(rows.into_iter().map(with).collect())
}

/// What a row is made of, before it is booked.
struct Plan {
    kind: PaymentKind,
    method: PaymentMethod,
    holder: Option<Holder>,
    paid_on: Day,
    /// Above zero what comes in.
    amount: Money,
    /// By how much the member's credit changes.
    credit: Money,
    reference: String,
    note: String,
    movement: Option<Movement>,
    reverses: Option<PaymentRow>,
    parts: Vec<(InvoiceId, Settlement)>,
    /// How much of the member's credit was kept for it.
    kept: Money,
}

/// Records what happened to money.
///
/// # Errors
/// A [`Problem`] with what is wrong of it; the database's.
pub(crate) fn record(tx: &mut Tx<'_>, facts: Facts) -> Result<Recorded, Problem> {
    let kept = Money::zero(facts.amount.currency());
    record_kept(tx, facts, kept)
}

/// The same of a payment for which a part of the member's credit was kept.
///
/// # Errors
/// As [`record`].
pub(crate) fn record_kept(tx: &mut Tx<'_>, facts: Facts, kept: Money) -> Result<Recorded, Problem> {
    // What is open, and what stands to a member's credit, is read before it is written.
    poles::hold(tx.conn, tx.pole())?;
    let parts = parts(tx, &facts)?;
    let zero = Money::zero(facts.amount.currency());
    let settled = Money::sum(zero.currency(), parts.iter().map(|(_, it)| it.amount));
    let settled = settled.map_err(|error| refuse::figures(&error))?;
    let signed = match facts.kind {
        PaymentKind::Refund => zero.checked_sub(facts.amount),
        PaymentKind::WriteOff => Ok(zero),
        _ => Ok(facts.amount),
    };
    let amount = signed.map_err(|error| refuse::figures(&error))?;
    let credit = if facts.kind == PaymentKind::WriteOff {
        refuse::unless_whole_loss(&facts, settled)?;
        zero
    } else {
        amount.checked_sub(settled).map_err(|error| refuse::figures(&error))?
    };
    let Facts { kind, member, method, holder, paid_on, reference, note, movement, .. } = facts;
    let reverses = None;
    let plan = Plan {
        kind,
        method,
        holder,
        paid_on,
        amount,
        credit,
        reference,
        note,
        movement,
        reverses,
        parts,
        kept,
    };
    write(tx, &member, plan)
}

/// Takes a payment back, as a mistake or because the money came back: the documents it settled are
/// open again, and so is the movement of a payment that was a mistake.
///
/// # Errors
/// As [`record`].
pub(crate) fn reverse(tx: &mut Tx<'_>, id: &PaymentId, why: Return) -> Result<Recorded, Problem> {
    poles::hold(tx.conn, tx.pole())?;
    let row = payments::find(tx.conn, tx.pole(), id)?.ok_or_else(Problem::not_found)?;
    refuse::if_reversed(tx, &row)?;
    refuse::if_before(&why.paid_on, &row)?;
    if why.movement.is_none() {
        reopen(tx, id)?;
    }
    let currency = row.currency();
    let back = |minor: i64| Money::from_minor(minor.saturating_neg(), currency);
    let allocations = payments::allocations(tx.conn, tx.pole(), std::slice::from_ref(id))?;
    let mut parts = Vec::new();
    for it in allocations {
        let document = invoices::find(tx.conn, tx.pole(), &it.invoice_id)?;
        let document = document.ok_or_else(Problem::not_found)?;
        parts.push((it.invoice_id, settlement(tx, &document, back(it.amount_minor))?));
    }
    let Return { paid_on, reference, note, movement } = why;
    let plan = Plan {
        kind: PaymentKind::Reversal,
        method: row.method,
        holder: row.treasury,
        paid_on,
        amount: back(row.amount_minor),
        credit: back(row.credit_minor),
        reference,
        note,
        movement,
        reverses: Some(row.clone()),
        parts,
        kept: Money::zero(row.currency()),
    };
    write(tx, &row.member_id, plan)
}

/// Notes in the audit log what was recorded, as all that was done.
pub(crate) fn told(tx: &mut Tx<'_>, recorded: Recorded) -> Result<Done<Recorded>, DbError> {
    let (action, made) = note_of(&recorded);
    let id = recorded.row.payment_id.clone();
    tx.done(action, id.as_str(), &made, recorded)
}

/// What the audit log says of it.
pub(crate) fn note_of(recorded: &Recorded) -> (&'static str, Changes) {
    let action = match recorded.row.kind {
        PaymentKind::Reversal => "payment.reversed",
        _ => "payment.recorded",
    };
    (action, Changes::made(&Payment::from(recorded.clone())))
}

/// Lets somebody say anew what the movement of a payment is.
fn reopen(tx: &mut Tx<'_>, payment: &PaymentId) -> Result<(), Problem> {
    let Some(row) = bank::of_payment(tx.conn, tx.pole(), payment)? else { return Ok(()) };
    let version = row.version;
    let next = bank::MovementRow {
        status: MovementStatus::Open,
        payment_id: None,
        version: version.saturating_add(1),
        ..row
    };
    if !bank::decide(tx.conn, &next, version)? {
        return Err(Problem::changed());
    }
    tx.note("bank_movement.reopened", next.movement_id.as_str(), &Changes::none())?;
    Ok(())
}

/// The parts of documents that facts settle, each of the member's, final and open by so much.
fn parts(tx: &mut Tx<'_>, facts: &Facts) -> Result<Vec<(InvoiceId, Settlement)>, Problem> {
    let mut parts = BTreeMap::new();
    for (place, (id, part)) in facts.parts.iter().enumerate() {
        let found = invoices::find(tx.conn, tx.pole(), id)?;
        let found = found.filter(|row| row.status == InvoiceStatus::Final);
        let document = found.filter(|row| row.member_id == facts.member);
        let document = document.ok_or_else(|| refuse::unknown_document(place))?;
        if document.currency != part.currency().code() {
            return Err(refuse::other_currency(place, &document.currency));
        }
        let zero = Money::zero(part.currency());
        let signed = if document.kind.is_credit() { zero.checked_sub(*part) } else { Ok(*part) };
        let signed = signed.map_err(|error| refuse::figures(&error))?;
        let settled = settlement(tx, &document, signed)?;
        refuse::unless_open(place, &settled)?;
        if parts.insert(id.clone(), settled).is_some() {
            return Err(refuse::named_twice(place));
        }
    }
    Ok(parts.into_iter().collect())
}

/// A part of a document, as the ledger wants it.
fn settlement(tx: &mut Tx<'_>, row: &InvoiceRow, amount: Money) -> Result<Settlement, Problem> {
    let unreadable = |what: &dyn std::fmt::Display| DbError::Unreadable {
        table: "invoices",
        id: row.invoice_id.to_string(),
        what: what.to_string(),
    };
    let issued: Issued = serde_json::from_str(&row.document).map_err(|it| unreadable(&it))?;
    let id = std::slice::from_ref(&row.invoice_id);
    let before = payments::settled(tx.conn, tx.pole(), id)?.remove(&row.invoice_id);
    let currency = amount.currency();
    let signed = |money: Money| {
        if row.kind.is_credit() { Money::zero(currency).checked_sub(money) } else { Ok(money) }
    };
    let vat = issued.document.totals().vat.iter().map(|vat| {
        Ok::<_, Error>(palier_billing::VatTotal {
            base: signed(vat.base)?,
            vat: signed(vat.vat)?,
            ..*vat
        })
    });
    Ok(Settlement {
        document: row.number.clone().unwrap_or_default(),
        total: Money::from_minor(row.signed(row.gross_minor), currency),
        vat: vat.collect::<Result<_, _>>().map_err(|error| unreadable(&error))?,
        vat_due: issued.document.content().vat_due,
        before: Money::from_minor(before.unwrap_or_default(), currency),
        amount,
    })
}

/// Books a plan and writes its rows.
fn write(tx: &mut Tx<'_>, member: &MemberId, plan: Plan) -> Result<Recorded, Problem> {
    let found = members::find(tx.conn, tx.pole(), member)?;
    let found = found.ok_or_else(refuse::unknown_member)?;
    let code = plan.amount.currency().code();
    let credit = match plan.kind {
        // That money came back is so, whatever was meant to be done with it.
        PaymentKind::Reversal => payments::credit(tx.conn, tx.pole(), member, code)?,
        _ => {
            let free = credit::free(tx.conn, tx.pole(), (member, code))?;
            free.saturating_add(plan.kept.minor())
        }
    };
    refuse::unless_covered(&plan, credit)?;
    let entry = book::entry(tx, &found, &plan)?.ok_or_else(refuse::nothing)?;
    let entry = journal::add(tx.conn, tx.pole(), &entry, None, tx.at())?;
    let row = PaymentRow {
        pole_id: tx.pole().clone(),
        payment_id: PaymentId::new(tx.at()),
        member_id: member.clone(),
        kind: plan.kind,
        method: plan.method,
        paid_on: plan.paid_on,
        currency: code.to_owned(),
        amount_minor: plan.amount.minor(),
        credit_minor: plan.credit.minor(),
        reference: plan.reference,
        note: plan.note,
        statement_key: plan.movement.as_ref().map(|it| it.key.clone()),
        reverses: plan.reverses.map(|row| row.payment_id),
        journal: entry.journal,
        year: entry.year,
        seq: entry.seq,
        recorded_at: tx.at(),
        treasury: plan.holder,
    };
    let allocation = |(invoice_id, part): (InvoiceId, Settlement)| AllocationRow {
        pole_id: row.pole_id.clone(),
        payment_id: row.payment_id.clone(),
        invoice_id,
        amount_minor: part.amount.minor(),
    };
    let allocations: Vec<_> = plan.parts.into_iter().map(allocation).collect();
    payments::insert(tx.conn, &row, &allocations)?;
    collected::of_payment(tx, &row, &allocations)?;
    Ok(Recorded { row, allocations, movement: plan.movement.map(|it| it.id) })
}
