//! Whether what providers billed is what is in the books.

use std::collections::BTreeMap;

use palier_billing::ledger::{Journal, Role};

use super::{Sums, parts};
use crate::db::bills::{self, BillRow, BillStatus, Wanted};
use crate::db::transfers::{self, TransferKind, TransferStatus};
use crate::db::{Db, DbError, journal};
use crate::id::PoleId;
use crate::invoicing::Settings;

/// How many rows are in memory at once.
const STEP: i64 = 500;

/// What entries move on providers' accounts, by journal, year and number.
type Moved = BTreeMap<(String, i32, i64), i64>;

/// Verifies the bills of a pole: each comes to what its lines do, and has its entry, by which the provider
/// is owed as much; what was cancelled, paid or came back has the entry that says so. Gives how many there are, and what
/// is wrong.
pub(crate) fn verify(conn: &mut Db, pole: &PoleId) -> Result<(u64, Vec<String>), DbError> {
    let (mut faults, mut count) = (Vec::new(), 0_u64);
    let mut moved = moved(conn, pole)?;
    let mut after = None::<String>;
    loop {
        let rows = bills::page(conn, pole, &Wanted::default(), after.as_deref(), STEP)?;
        let Some(last) = rows.last() else { break };
        after = Some(last.bill_id.to_string());
        for row in rows {
            count = count.saturating_add(1);
            let wrong = differs(conn, &row, &mut moved)?;
            faults.extend(wrong.map(|what| format!("{}: {what}", row.bill_id)));
        }
    }
    faults.extend(paid(conn, pole, &mut moved)?);
    let strays = moved.into_keys().map(|(journal, year, seq)| {
        format!("{year} {journal}{seq:06}: it is on a provider’s account and is neither a bill nor a payment of one")
    });
    faults.extend(strays);
    Ok((count, faults))
}

/// What each entry moves on providers' accounts, but those by which years begin.
fn moved(conn: &mut Db, pole: &PoleId) -> Result<Moved, DbError> {
    let mut moved = Moved::new();
    for year in journal::years(conn, pole)? {
        for (entry, lines) in journal::of_year(conn, pole, year)? {
            let theirs = lines.iter().filter(|line| line.is_provider_s());
            let theirs: Vec<_> =
                theirs.map(|line| line.debit_minor.saturating_sub(line.credit_minor)).collect();
            if !theirs.is_empty() && entry.journal != Journal::Opening.as_str() {
                let sum = theirs.into_iter().fold(0, i64::saturating_add);
                moved.insert((entry.journal, entry.year, entry.seq), sum);
            }
        }
    }
    Ok(moved)
}

/// What of transfers for bills differs from their entries.
fn paid(conn: &mut Db, pole: &PoleId, moved: &mut Moved) -> Result<Vec<String>, DbError> {
    let (mut faults, mut after) = (Vec::new(), None::<String>);
    loop {
        let wanted = transfers::Wanted::default();
        let rows = transfers::page(conn, pole, &wanted, after.as_deref(), STEP)?;
        let Some(last) = rows.last() else { return Ok(faults) };
        after = Some(last.transfer_id.to_string());
        for row in rows.into_iter().filter(|row| row.kind == TransferKind::Bill) {
            let executed = row.executed_on.is_some().then_some(row.amount_minor);
            let back = (row.status == TransferStatus::Returned)
                .then_some(row.amount_minor.saturating_neg());
            let booked =
                place(row.journal.clone(), row.year, row.seq).and_then(|at| moved.remove(&at));
            let taken = place(row.journal, row.back_year, row.back_seq);
            let taken = taken.and_then(|at| moved.remove(&at));
            if (booked, taken) != (executed, back) {
                faults.push(format!("{}: the books have another amount for it", row.transfer_id));
            }
        }
    }
}

/// Where an entry stands, if there is one.
fn place(
    journal: Option<String>,
    year: Option<i32>,
    seq: Option<i64>,
) -> Option<(String, i32, i64)> {
    Some((journal?, year?, seq?))
}

/// What of a bill differs from its lines and its entries.
fn differs(
    conn: &mut Db,
    row: &BillRow,
    moved: &mut Moved,
) -> Result<Option<&'static str>, DbError> {
    let sums = Sums::of(&parts(row)?, row.total().currency()).ok();
    let sums = sums.map(|it| (it.net.minor(), it.total.minor()));
    if sums != Some((row.net_minor, row.total_minor)) {
        return Ok(Some("its lines come to another sum"));
    }
    let booked = moved.remove(&(row.journal.clone(), row.year, row.seq));
    if booked != Some(row.total_minor.saturating_neg()) {
        return Ok(Some("the books have another amount for it"));
    }
    let entry = (Some(row.journal.as_str()), Some(row.year), Some(row.seq));
    if waits(conn, row, entry)? != row.waiting_vat_minor() {
        return Ok(Some("its VAT is not deducted when it can be"));
    }
    let back = place(row.back_journal.clone(), row.back_year, row.back_seq);
    let back = back.and_then(|at| moved.remove(&at));
    let expected = (row.status == BillStatus::Cancelled).then_some(row.total_minor);
    Ok((back != expected).then_some("it was cancelled and the books do not take it back"))
}

/// How much VAT an entry puts where it waits for the payment of a bill.
fn waits(
    conn: &mut Db,
    row: &BillRow,
    entry: (Option<&str>, Option<i32>, Option<i64>),
) -> Result<i64, DbError> {
    let moved = Settings::moved(conn, &row.pole_id, entry, Role::VatDeductiblePending)?;
    Ok(moved.unwrap_or_default())
}
