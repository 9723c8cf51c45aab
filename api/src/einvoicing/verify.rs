//! Whether what was told as collected is what was settled.

use std::collections::{BTreeMap, HashMap, HashSet};

use palier_billing::Percent;
use palier_billing::einvoice::lifecycle::{Collected, Collection};

use super::message;
use crate::db::einvoices::{self, StatusRow};
use crate::db::invoices::{self, Filter, InvoiceRow, InvoiceStatus};
use crate::db::payments::{self, PaymentKind, Whose};
use crate::db::{Db, DbError, credits};
use crate::id::{InvoiceId, PoleId};

/// How many rows are in memory at once.
const STEP: i64 = 500;
/// Of how many payments it is asked at once what they settle.
const BATCH: usize = 500;

/// Verifies the 212 of a pole: of each document whose VAT falls due with the money, they come to what payments
/// settle of it, credit notes for it taken off, and losses left out; of each rate, to no more than it has, and
/// to all of it where all of the document is paid. Gives how many there are, and what is wrong.
pub(crate) fn verify(conn: &mut Db, pole: &PoleId) -> Result<(u64, Vec<String>), DbError> {
    let mut told = einvoices::all_collected(conn, pole)?;
    let count = told.values().map(Vec::len).fold(0, usize::saturating_add);
    let notes = credits::invoices_of_notes(conn, pole)?;
    let credited: HashSet<_> = notes.values().cloned().collect();
    let settled = settled(conn, pole, &notes)?;
    let mut faults = Vec::new();
    let filter = Filter { status: Some(InvoiceStatus::Final), ..Filter::default() };
    let mut after = None::<String>;
    loop {
        let rows = invoices::page(conn, pole, &filter, after.as_deref(), STEP)?;
        let Some(last) = rows.last() else { break };
        after = Some(last.invoice_id.to_string());
        for row in rows.iter().filter(|row| !row.kind.is_credit()) {
            let told = told.remove(&row.invoice_id).unwrap_or_default();
            let settled = settled.get(&row.invoice_id).copied().unwrap_or_default();
            let is_credited = credited.contains(&row.invoice_id);
            faults.extend(differs(row, &told, (settled, is_credited))?);
        }
    }
    let strays = told.into_keys().map(|id| format!("{id}: nothing is collected of it"));
    faults.extend(strays);
    Ok((u64::try_from(count).unwrap_or(u64::MAX), faults))
}

/// What payments settle of each invoice, credit notes for it taken off, losses left out.
fn settled(
    conn: &mut Db,
    pole: &PoleId,
    notes: &BTreeMap<InvoiceId, InvoiceId>,
) -> Result<HashMap<InvoiceId, i64>, DbError> {
    let mut all = Vec::new();
    let mut after = None::<String>;
    loop {
        let rows = payments::page(conn, pole, &Whose::default(), after.as_deref(), STEP)?;
        let Some(last) = rows.last() else { break };
        after = Some(last.payment_id.to_string());
        all.extend(rows.into_iter().map(|row| (row.payment_id, row.kind, row.reverses)));
    }
    let losses = all.iter().filter(|(_, kind, _)| *kind == PaymentKind::WriteOff);
    let losses: HashSet<_> = losses.map(|(id, ..)| id).collect();
    let is_loss = |id, undone: &Option<_>| {
        losses.contains(id) || undone.as_ref().is_some_and(|undone| losses.contains(undone))
    };
    let money = all.iter().filter(|(id, _, undone)| !is_loss(id, undone));
    let money: Vec<_> = money.map(|(id, ..)| id.clone()).collect();
    let mut settled: HashMap<_, i64> = HashMap::new();
    for ids in money.chunks(BATCH) {
        for it in payments::allocations(conn, pole, ids)? {
            let invoice = notes.get(&it.invoice_id).cloned().unwrap_or(it.invoice_id);
            let sum = settled.entry(invoice).or_default();
            *sum = sum.saturating_add(it.amount_minor);
        }
    }
    Ok(settled)
}

/// What is wrong with the 212 of a document.
fn differs(
    row: &InvoiceRow,
    told: &[StatusRow],
    (settled, is_credited): (i64, bool),
) -> Result<Option<String>, DbError> {
    let name = row.number.clone().unwrap_or_default();
    let issued = message::issued(row)?;
    let due = Collection::of(&issued).is_ok_and(|collection| collection.is_due());
    let settled = if due { settled } else { 0 };
    let mut rates: BTreeMap<Percent, i64> = BTreeMap::new();
    for part in told.iter().map(|row| row.collected(issued.document.content().currency)) {
        for part in part? {
            let sum = rates.entry(part.rate_percent).or_default();
            *sum = sum.saturating_add(part.amount.minor());
        }
    }
    let sum = rates.values().copied().fold(0, i64::saturating_add);
    if sum != settled {
        return Ok(Some(format!("{name}: told as collected is {sum}, settled are {settled}")));
    }
    let Ok(whole) = Collected::whole(&issued) else {
        return Ok(Some(format!("{name}: its rates cannot be added up")));
    };
    let whole: BTreeMap<_, _> =
        whole.into_iter().map(|it| (it.rate_percent, it.amount.minor())).collect();
    let all = settled == row.gross_minor && !is_credited;
    let fits = |(rate, sum): (&Percent, &i64)| {
        let of = whole.get(rate).copied().unwrap_or_default();
        // What is paid back may be owed before it came.
        if all { *sum == of } else { is_credited || (of.min(0)..=of.max(0)).contains(sum) }
    };
    let fits = rates.iter().all(fits);
    Ok((!fits).then(|| format!("{name}: told as collected of a rate is not what it comes to")))
}
