//! 212 *encaissée*: what comes in for documents whose VAT falls due with the money, by rate of VAT.
//!
//! It is kept in the transaction that books the money. A credit note that settles the invoice it gives back
//! of brings no money; one that is paid out, or pays another document, takes back what came in for its
//! invoice. What is lost is not collected.

use std::collections::BTreeMap;

use palier_billing::einvoice::lifecycle::{Collected, CollectedError, Collection, Status};
use palier_billing::{Currency, Issued, Money, Percent};
use serde::{Deserialize, Serialize};

use super::{Said, message, record};
use crate::db::einvoices::{self, GivenBy, LifecycleStatus, StatusRow};
use crate::db::invoices::{self, InvoiceRow};
use crate::db::payments::{self, AllocationRow, PaymentKind, PaymentRow};
use crate::db::{DbError, credits, poles};
use crate::id::{InvoiceId, PaymentId};
use crate::problem::Problem;
use crate::work::Tx;

/// Money of one rate, as it is kept: with its sign, tax included.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) struct Part {
    pub(crate) rate_percent: Percent,
    pub(crate) amount: String,
}

impl Part {
    fn of(part: &Collected) -> Self {
        Self { rate_percent: part.rate_percent, amount: part.amount.to_string() }
    }
}

impl StatusRow {
    /// What was collected, by rate, as the engine has it.
    pub(crate) fn collected(&self, currency: Currency) -> Result<Vec<Collected>, DbError> {
        let parts = self.parts()?.into_iter().map(|Part { rate_percent, amount }| {
            let amount = Money::parse(&amount, currency);
            let amount = amount.map_err(|error| super::unreadable(self, &error))?;
            Ok(Collected { rate_percent, amount })
        });
        parts.collect()
    }
}

/// What a payment does to an invoice.
#[derive(Default)]
struct Moved {
    /// What it settles of it.
    settled: i64,
    /// Its credit notes that are settled, with how much of each.
    credited: Vec<(InvoiceId, i64)>,
}

/// Keeps what a payment brings, which has just been written with what it settles: the one place where a 212
/// comes from.
///
/// # Errors
/// The database's; what no books can say.
pub(crate) fn of_payment(
    tx: &mut Tx<'_>,
    payment: &PaymentRow,
    allocations: &[AllocationRow],
) -> Result<(), Problem> {
    match (payment.kind, &payment.reverses) {
        (PaymentKind::WriteOff, _) => Ok(()),
        (_, Some(undone)) => take_back(tx, payment, undone),
        _ => bring(tx, payment, allocations),
    }
}

/// Whatever a payment brought goes back, rate by rate.
fn take_back(tx: &mut Tx<'_>, payment: &PaymentRow, undone: &PaymentId) -> Result<(), Problem> {
    for row in einvoices::of_payment(tx.conn, tx.pole(), undone)? {
        let zero = Money::zero(payment.currency());
        let parts = row.collected(payment.currency())?.into_iter().map(|part| {
            let amount =
                zero.checked_sub(part.amount).map_err(|error| Problem::internal(&error))?;
            Ok(Collected { amount, ..part })
        });
        let parts = parts.collect::<Result<Vec<_>, Problem>>()?;
        keep(tx, payment, &row.invoice_id, &parts)?;
    }
    Ok(())
}

fn bring(
    tx: &mut Tx<'_>,
    payment: &PaymentRow,
    allocations: &[AllocationRow],
) -> Result<(), Problem> {
    let mut moved: BTreeMap<InvoiceId, Moved> = BTreeMap::new();
    for it in allocations {
        let document = find(tx, &it.invoice_id)?;
        if !document.kind.is_credit() {
            let of = &mut moved.entry(it.invoice_id.clone()).or_default().settled;
            *of = of.saturating_add(it.amount_minor);
        } else if let Some(of) = credits::invoice_of(tx.conn, tx.pole(), &it.invoice_id)? {
            let credited = &mut moved.entry(of).or_default().credited;
            credited.push((it.invoice_id.clone(), it.amount_minor));
        }
    }
    for (invoice, moved) in moved {
        let issued = message::issued(&find(tx, &invoice)?)?;
        let wrong = |error: CollectedError| Problem::internal(&format!("{invoice}: {error}"));
        let mut collection = Collection::of(&issued).map_err(wrong)?;
        if !collection.is_due() {
            continue;
        }
        let parts = moved.parts(tx, &invoice, (&issued, &mut collection))?;
        if !parts.is_empty() {
            keep(tx, payment, &invoice, &parts)?;
        }
    }
    Ok(())
}

impl Moved {
    /// What it brings the invoice, by rate, behind all that was brought before.
    fn parts(
        &self,
        tx: &mut Tx<'_>,
        invoice: &InvoiceId,
        (issued, collection): (&Issued, &mut Collection),
    ) -> Result<Vec<Collected>, Problem> {
        let wrong = |error: CollectedError| Problem::internal(&format!("{invoice}: {error}"));
        let currency = issued.document.content().currency;
        let mut now = Vec::new();
        let notes = credits::notes_of(tx.conn, tx.pole(), invoice)?;
        let settled = payments::settled(tx.conn, tx.pole(), &notes)?;
        for note in &notes {
            // A credit note is settled below nothing; what it gives back is above.
            let after = settled.get(note).copied().unwrap_or_default().saturating_neg();
            let moved = self.credited.iter().find(|(id, _)| id == note);
            let moved = moved.map_or(0, |(_, minor)| minor.saturating_neg());
            if after == 0 && moved == 0 {
                continue;
            }
            let credit = message::issued(&find(tx, note)?)?;
            let part = |minor| Collected::part(&credit, Money::from_minor(minor, currency));
            let before = part(after.saturating_sub(moved)).map_err(wrong)?;
            collection.resume(&[], &before).map_err(wrong)?;
            for (after, before) in part(after).map_err(wrong)?.into_iter().zip(before) {
                let amount = after.amount.checked_sub(before.amount);
                let amount = amount.map_err(|error| wrong(error.into()))?;
                now.push(Collected { amount, ..after });
            }
        }
        for row in einvoices::of(tx.conn, tx.pole(), invoice)? {
            if row.status == LifecycleStatus::Collected {
                collection.resume(&row.collected(currency)?, &[]).map_err(wrong)?;
            }
        }
        let credited = self.credited.iter().map(|(_, minor)| *minor);
        let money = credited.fold(self.settled, i64::saturating_add);
        collection.settle(Money::from_minor(money, currency), &now).map_err(wrong)
    }
}

fn find(tx: &mut Tx<'_>, invoice: &InvoiceId) -> Result<InvoiceRow, DbError> {
    invoices::find(tx.conn, tx.pole(), invoice)?.ok_or(DbError::Interrupted)
}

fn keep(
    tx: &mut Tx<'_>,
    payment: &PaymentRow,
    invoice: &InvoiceId,
    parts: &[Collected],
) -> Result<(), Problem> {
    let pole = poles::find(tx.conn, tx.pole().as_str())?.ok_or(DbError::Interrupted)?;
    let said = Said {
        status: Status::Collected,
        given_by: GivenBy::Seller,
        happened_at: message::begin_of(&pole, payment.paid_on.date()),
        reasons: Vec::new(),
        note: String::new(),
        collected: Some((parts.iter().map(Part::of).collect(), payment.payment_id.clone())),
        message: None,
    };
    record(tx, invoice, said)?;
    Ok(())
}
