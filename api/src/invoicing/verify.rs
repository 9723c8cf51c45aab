//! Whether final documents are what was sealed: their chain, their numbers, their sums, and their
//! entries in the books.

use std::collections::BTreeMap;

use palier_billing::Issued;

use super::finalise::{ends, seal};
use crate::db::invoices::series::{self, SeriesRow};
use crate::db::invoices::{self, InvoiceKind, InvoiceRow};
use crate::db::{Db, DbError, credits, journal};
use crate::id::{InvoiceId, PoleId};

/// How many documents are in memory at once.
const STEP: i64 = 500;

/// What was looked at, and what is wrong with it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Verification {
    pub(crate) documents: u64,
    pub(crate) series: u64,
    pub(crate) entries: u64,
    /// Each fault, in words.
    pub(crate) faults: Vec<String>,
}

/// Verifies all final documents of a pole. It asks for a [`snapshot`](Db::snapshot).
pub(crate) fn verify(conn: &mut Db, pole: &PoleId) -> Result<Verification, DbError> {
    let mut found = Verification::default();
    let mut beside =
        Beside { booked: booked(conn, pole, &mut found)?, credited: credits::by_note(conn, pole)? };
    for series in series::all(conn, pole)? {
        found.series = found.series.saturating_add(1);
        chain(conn, &series, &mut beside, &mut found)?;
    }
    let Beside { booked, credited } = beside;
    let booked =
        booked.into_keys().map(|piece| format!("{piece}: it is booked and is no document"));
    found.faults.extend(booked);
    let credited = credited.into_keys().map(|id| format!("{id}: it gave back, and is no document"));
    found.faults.extend(credited);
    Ok(found)
}

/// What is kept of documents in other tables, until each is looked at.
struct Beside {
    /// What each comes to on the customers' accounts, by its number.
    booked: BTreeMap<String, i64>,
    /// What each credit note gave back line by line, without VAT.
    credited: BTreeMap<InvoiceId, i64>,
}

impl Beside {
    /// What of it is not as the row has it.
    fn differs(&mut self, row: &InvoiceRow) -> Vec<&'static str> {
        let mut faults = Vec::new();
        let number = row.number.as_deref().unwrap_or_default();
        let receivable = self.booked.remove(number).unwrap_or_default();
        if receivable != row.signed(row.gross_minor) {
            faults.push("the books have another amount for it");
        }
        let credited = self.credited.remove(&row.invoice_id);
        // Those of a run give back what was rated, and not what lines came to.
        let by_hand = row.kind == InvoiceKind::CreditNote && row.part == row.invoice_id.as_str();
        if credited != by_hand.then_some(row.net_minor) {
            faults.push("it gave back another amount than is noted of lines");
        }
        faults
    }
}

/// Walks the chain of a series.
fn chain(
    conn: &mut Db,
    series: &SeriesRow,
    beside: &mut Beside,
    found: &mut Verification,
) -> Result<(), DbError> {
    let (mut last, mut previous) = (0_i64, String::new());
    let mut day = None;
    loop {
        let place = (series.series.as_str(), series.year);
        let rows = invoices::of_series(conn, &series.pole_id, place, last, STEP)?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            let name = row.number.clone().unwrap_or_default();
            let mut note = |what: &str| found.faults.push(format!("{name}: {what}"));
            let expected = last.saturating_add(1);
            if row.seq != Some(expected) {
                note("the number before it is missing");
            }
            last = row.seq.unwrap_or(expected);
            if row.issued_on < day {
                note("it is dated before the one before it");
            }
            day.clone_from(&row.issued_on);
            let sealed = seal(row.document.as_bytes(), &previous);
            if row.seal.as_deref() != Some(&sealed) {
                note("its seal does not fit what it says");
            }
            previous = row.seal.clone().unwrap_or_default();
            if let Some(what) = differs(&row) {
                note(what);
            }
            beside.differs(&row).into_iter().for_each(note);
            found.documents = found.documents.saturating_add(1);
        }
    }
    if !ends(series, last, &previous) {
        let place = format!("{} {}", series.series, series.year);
        found.faults.push(format!("series {place}: its end is missing"));
    }
    Ok(())
}

/// What of a row differs from the document it holds.
fn differs(row: &InvoiceRow) -> Option<&'static str> {
    let Ok(issued) = serde_json::from_str::<Issued>(&row.document) else {
        return Some("it cannot be read, or breaks a rule");
    };
    let totals = issued.document.totals();
    let sums = (totals.net.minor(), totals.vat_total.minor(), totals.gross.minor());
    let again = issued.canonical().ok();
    if again.as_deref() != Some(row.document.as_bytes()) {
        return Some("its sums do not follow from its lines");
    }
    if sums != (row.net_minor, row.vat_minor, row.gross_minor) {
        return Some("its row has other sums");
    }
    let said = (Some(issued.number.as_str()), Some(issued.issued_on), Some(issued.due_on));
    let day = |day: &Option<crate::day::Day>| day.as_ref().map(crate::day::Day::date);
    let kept = (row.number.as_deref(), day(&row.issued_on), day(&row.due_on));
    (said != kept).then_some("its row has another number or other days")
}

/// What each document comes to on the customers' accounts, by its number; entries that do not
/// balance are faults.
fn booked(
    conn: &mut Db,
    pole: &PoleId,
    found: &mut Verification,
) -> Result<BTreeMap<String, i64>, DbError> {
    let mut booked = BTreeMap::new();
    for year in journal::years(conn, pole)? {
        let mut expected: BTreeMap<String, i64> = BTreeMap::new();
        for (entry, lines) in journal::of_year(conn, pole, year)? {
            found.entries = found.entries.saturating_add(1);
            let name = format!("{}{:06}", entry.journal, entry.seq);
            let next = expected.entry(entry.journal.clone()).or_insert(1);
            if entry.seq != *next {
                found.faults.push(format!("{year} {name}: the entry before it is missing"));
            }
            *next = entry.seq.saturating_add(1);
            let sum = |of: fn(&journal::LineRow) -> i64| {
                lines.iter().map(of).fold(0_i64, i64::saturating_add)
            };
            let (debit, credit) = (sum(|it| it.debit_minor), sum(|it| it.credit_minor));
            if debit != credit || debit != entry.total_minor {
                found.faults.push(format!("{year} {name}: it does not balance"));
            }
            if entry.journal == "VE" {
                let customers = lines.iter().filter(|line| line.auxiliary.is_some());
                let due = customers
                    .map(|line| line.debit_minor.saturating_sub(line.credit_minor))
                    .fold(0, i64::saturating_add);
                booked.insert(entry.piece.clone(), due);
            }
        }
    }
    Ok(booked)
}
