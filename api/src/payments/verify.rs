//! Whether payments are what is in the books.

use std::collections::{BTreeMap, HashMap};

use crate::db::invoices::{self, InvoiceStatus};
use crate::db::payments::{self, PaymentKind, PaymentRow, Whose};
use crate::db::{Db, DbError, journal};
use crate::id::{MemberId, PoleId};

/// How many rows are in memory at once.
const STEP: i64 = 500;

/// Verifies the payments of a pole: each has its entry, which moves the member's account by as
/// much; what is settled of a document is between nothing and all of it; no credit is below
/// nothing. Gives how many there are, and what is wrong.
pub(crate) fn verify(conn: &mut Db, pole: &PoleId) -> Result<(u64, Vec<String>), DbError> {
    let mut faults = Vec::new();
    let mut booked = booked(conn, pole)?;
    let mut credits: BTreeMap<(MemberId, String), i64> = BTreeMap::new();
    let (mut count, mut after) = (0_u64, None::<String>);
    loop {
        let rows = payments::page(conn, pole, &Whose::default(), after.as_deref(), STEP)?;
        let Some(last) = rows.last() else { break };
        after = Some(last.payment_id.to_string());
        let ids: Vec<_> = rows.iter().map(|row| row.payment_id.clone()).collect();
        let mut settled: HashMap<_, i64> = HashMap::new();
        for it in payments::allocations(conn, pole, &ids)? {
            let sum = settled.entry(it.payment_id).or_default();
            *sum = sum.saturating_add(it.amount_minor);
        }
        for row in rows {
            count = count.saturating_add(1);
            let settled = settled.get(&row.payment_id).copied().unwrap_or_default();
            let place = (row.journal.clone(), row.year, row.seq);
            let moved = booked.remove(&place);
            faults.extend(differs(&row, settled, moved));
            let credit = credits.entry((row.member_id, row.currency)).or_default();
            *credit = credit.saturating_add(row.credit_minor);
        }
    }
    let strays = booked.into_keys().filter(|(journal, ..)| journal == "BQ");
    faults.extend(strays.map(|(journal, year, seq)| {
        format!("{year} {journal}{seq:06}: it is on a member's account and is no payment")
    }));
    let below = credits.into_iter().filter(|(_, credit)| *credit < 0);
    faults.extend(below.map(|((member, _), _)| format!("{member}: its credit is below nothing")));
    faults.extend(over_settled(conn, pole)?);
    Ok((count, faults))
}

/// What of a payment differs from its entry, or from what it settles.
fn differs(row: &PaymentRow, settled: i64, moved: Option<i64>) -> Option<String> {
    let id = &row.payment_id;
    let Some(moved) = moved else { return Some(format!("{id}: its entry is missing")) };
    // A loss moves no money: what it takes off the account is what is lost.
    let account = row.credit_minor.saturating_add(settled);
    if moved.saturating_neg() != account {
        return Some(format!("{id}: the books have another amount for it"));
    }
    let money = row.amount_minor != 0 || row.kind == PaymentKind::Payment;
    let wrong = money && row.amount_minor != account;
    wrong.then(|| format!("{id}: what it settles and what is left are not its amount"))
}

/// What each entry moves on members' accounts, but those of documents.
fn booked(conn: &mut Db, pole: &PoleId) -> Result<BTreeMap<(String, i32, i64), i64>, DbError> {
    let mut booked = BTreeMap::new();
    for year in journal::years(conn, pole)? {
        for (entry, lines) in journal::of_year(conn, pole, year)? {
            let members =
                lines.iter().filter(|line| line.auxiliary.is_some() && !line.is_provider_s());
            let moved = members.map(|line| line.debit_minor.saturating_sub(line.credit_minor));
            let moved: Vec<_> = moved.collect();
            if entry.journal != "VE" && !moved.is_empty() {
                let sum = moved.into_iter().fold(0, i64::saturating_add);
                booked.insert((entry.journal, entry.year, entry.seq), sum);
            }
        }
    }
    Ok(booked)
}

/// Documents of which more is settled than they came to, or less than nothing.
fn over_settled(conn: &mut Db, pole: &PoleId) -> Result<Vec<String>, DbError> {
    let filter =
        invoices::Filter { status: Some(InvoiceStatus::Final), ..invoices::Filter::default() };
    let (mut faults, mut after) = (Vec::new(), None::<String>);
    loop {
        let rows = invoices::page(conn, pole, &filter, after.as_deref(), STEP)?;
        let Some(last) = rows.last() else { return Ok(faults) };
        after = Some(last.invoice_id.to_string());
        let ids: Vec<_> = rows.iter().map(|row| row.invoice_id.clone()).collect();
        let settled = payments::settled(conn, pole, &ids)?;
        for row in rows {
            let settled = settled.get(&row.invoice_id).copied().unwrap_or_default();
            let total = row.signed(row.gross_minor);
            if !(total.min(0)..=total.max(0)).contains(&settled) {
                let name = row.number.unwrap_or_default();
                faults.push(format!("{name}: more is settled of it than it came to"));
            }
        }
    }
}
