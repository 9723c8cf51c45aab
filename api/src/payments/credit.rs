//! What stands to a member's credit, and what it pays.

use palier_billing::{Currency, Money};

use super::{Facts, Recorded, note_of, record, refuse};
use crate::day::Day;
use crate::db::invoices::{InvoiceRow, short};
use crate::db::payments::{self, PaymentKind, PaymentMethod};
use crate::db::transfers::{self, TransferStatus};
use crate::db::{Db, DbError, poles};
use crate::id::{InvoiceId, MemberId, PoleId};
use crate::problem::Problem;
use crate::work::Tx;

/// How a member stands, in one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Balance {
    /// What is open of its documents, credit notes taken off.
    pub(crate) open: Money,
    /// What of that is due.
    pub(crate) due: Money,
    /// What stands to its credit, with what is on its way back to it.
    pub(crate) credit: Money,
}

/// A document of which so much is open.
struct Open {
    invoice: InvoiceId,
    due_on: Option<Day>,
    minor: i64,
}

/// What is open of a member's documents in a currency, the oldest due first.
fn open(
    conn: &mut Db,
    pole: &PoleId,
    member: &MemberId,
    currency: Currency,
) -> Result<Vec<Open>, DbError> {
    let mut rows = short::standings(conn, pole, Some(member))?;
    rows.retain(|row| row.currency == currency.code());
    rows.sort_by(|one, other| (&one.due_on, &one.number).cmp(&(&other.due_on, &other.number)));
    let ids: Vec<_> = rows.iter().map(|row| row.invoice_id.clone()).collect();
    let settled = payments::settled(conn, pole, &ids)?;
    let open = rows.into_iter().map(|row| {
        let settled = settled.get(&row.invoice_id).copied().unwrap_or_default();
        let minor = row.total().saturating_sub(settled);
        Open { invoice: row.invoice_id, due_on: row.due_on, minor }
    });
    Ok(open.filter(|it| it.minor != 0).collect())
}

/// How a member stands on a day.
pub(crate) fn balance(
    conn: &mut Db,
    pole: &PoleId,
    member: &MemberId,
    (currency, today): (Currency, &Day),
) -> Result<Balance, DbError> {
    let open = open(conn, pole, member, currency)?;
    let sum = |of: &dyn Fn(&&Open) -> bool| {
        let minors = open.iter().filter(of).map(|it| it.minor);
        Money::from_minor(minors.fold(0, i64::saturating_add), currency)
    };
    // What is given back counts from the day it is given.
    let is_due = |it: &&Open| it.minor < 0 || it.due_on.as_ref().is_some_and(|day| day < today);
    let credit = payments::credit(conn, pole, member, currency.code())?;
    Ok(Balance {
        open: sum(&|_| true),
        due: sum(&is_due),
        credit: Money::from_minor(credit, currency),
    })
}

/// What of a member's credit can be used: not what was sent to the bank to go back to it.
pub(crate) fn free(
    conn: &mut Db,
    pole: &PoleId,
    (member, currency): (&MemberId, &str),
) -> Result<i64, DbError> {
    let credit = payments::credit(conn, pole, member, currency)?;
    let back = transfers::going_back(conn, pole, member)?;
    let sent =
        back.iter().filter(|it| it.status == TransferStatus::Sent && it.currency == currency);
    Ok(sent.fold(credit, |credit, it| credit.saturating_sub(it.amount_minor)))
}

/// What is paid of a member's credit.
#[derive(Clone, Debug)]
pub(crate) struct Use {
    pub(crate) member: MemberId,
    pub(crate) on: Day,
    pub(crate) currency: Currency,
    pub(crate) reference: String,
    pub(crate) note: String,
    /// Which documents, and how much of each; none for those that are due first, as far as it goes.
    pub(crate) parts: Vec<(InvoiceId, Money)>,
}

/// Settles documents of what stands to their member's credit: a payment of nothing.
///
/// # Errors
/// As [`record`]; a [`Problem`] where there is no credit, or nothing that it could pay.
pub(crate) fn pay(tx: &mut Tx<'_>, using: Use) -> Result<Recorded, Problem> {
    poles::hold(tx.conn, tx.pole())?;
    let Use { member, on, currency, reference, note, mut parts } = using;
    if parts.is_empty() {
        let (credit, due_first) = due_first(tx, &member, currency)?;
        if due_first.is_empty() {
            return Err(refuse::nothing_to_pay(credit));
        }
        parts = due_first;
    }
    let facts = Facts {
        kind: PaymentKind::Payment,
        member,
        method: PaymentMethod::None,
        holder: None,
        paid_on: on,
        amount: Money::zero(currency),
        reference,
        note,
        movement: None,
        parts,
    };
    record(tx, facts)
}

/// Pays of what stands to members' credit as documents of theirs become final: a payment for each member,
/// under the number of the first of its documents.
///
/// # Errors
/// As [`pay`]; to owe nothing is none.
pub(crate) fn pay_new(tx: &mut Tx<'_>, new: &[InvoiceRow], on: &Day) -> Result<(), Problem> {
    let mut members: Vec<_> = new.iter().map(|row| row.member_id.clone()).collect();
    members.sort();
    members.dedup();
    for (member, code) in payments::with_credit(tx.conn, tx.pole(), &members)? {
        let mut its = new.iter().filter(|row| row.member_id == member && row.currency == code);
        let number = its.find_map(|row| row.number.clone());
        let Some((reference, currency)) = number.zip(Currency::from_code(&code)) else { continue };
        let (_, parts) = due_first(tx, &member, currency)?;
        if parts.is_empty() {
            continue;
        }
        let (on, note) = (on.clone(), String::new());
        let paid = pay(tx, Use { member, on, currency, reference, note, parts })?;
        let (action, made) = note_of(&paid);
        tx.note(action, paid.row.payment_id.as_str(), &made)?;
    }
    Ok(())
}

/// What pays an amount out to a member: credit notes of its that are open, the oldest first, as far as they
/// go, and else what stands to its credit. None where that is not enough.
pub(crate) fn to_pay_out(
    tx: &mut Tx<'_>,
    member: &MemberId,
    amount: Money,
) -> Result<Option<Vec<(InvoiceId, Money)>>, DbError> {
    let currency = amount.currency();
    let credit = free(tx.conn, tx.pole(), (member, currency.code()))?;
    let open = open(tx.conn, tx.pole(), member, currency)?;
    let given = open.into_iter().filter(|it| it.minor < 0);
    let given = given.map(|it| Open { minor: it.minor.saturating_neg(), ..it });
    let parts = spread(amount.minor(), given.collect(), currency);
    let paid = parts.iter().map(|(_, part)| part.minor()).fold(0_i64, i64::saturating_add);
    Ok((amount.minor().saturating_sub(paid) <= credit).then_some(parts))
}

/// What stands to a member's credit, and what of its documents that pays: those that are due first.
fn due_first(
    tx: &mut Tx<'_>,
    member: &MemberId,
    currency: Currency,
) -> Result<(Money, Vec<(InvoiceId, Money)>), DbError> {
    let credit = free(tx.conn, tx.pole(), (member, currency.code()))?;
    let open = open(tx.conn, tx.pole(), member, currency)?;
    Ok((Money::from_minor(credit, currency), spread(credit, open, currency)))
}

/// Which invoices a credit pays, in their order.
fn spread(credit: i64, open: Vec<Open>, currency: Currency) -> Vec<(InvoiceId, Money)> {
    let mut left = credit;
    let mut parts = Vec::new();
    for it in open.into_iter().filter(|it| it.minor > 0) {
        let part = it.minor.min(left);
        if part <= 0 {
            break;
        }
        left = left.saturating_sub(part);
        parts.push((it.invoice, Money::from_minor(part, currency)));
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credit_pays_what_is_due_first_as_far_as_it_goes() {
        let now = "2026-11-01T08:30:00Z".parse().unwrap();
        let open = |minor| Open { invoice: InvoiceId::new(now), due_on: None, minor };
        let pays = |credit, minors: &[i64]| {
            let open = minors.iter().map(|minor| open(*minor)).collect();
            let parts = spread(credit, open, Currency::EUR);
            parts.iter().map(|(_, part)| part.minor()).collect::<Vec<_>>()
        };
        assert_eq!(pays(100, &[70, -10, 60, 5]), [70, 30]);
        assert_eq!(pays(135, &[70, 60]), [70, 60]);
        assert_eq!(pays(0, &[70]), [0; 0]);
    }
}
