//! Files of direct debits for a pole's bank: what is planned becomes one file, is kept as it was written,
//! and is sent, all in one transaction.
//!
//! Nothing that is in a file is put into another: who asks twice gets the same file. What the bank refused
//! as a whole is called off, and planned again under other names.

use aws_lc_rs::digest::{SHA256, digest};
use jiff::civil::DateTime;
use palier_billing::sepa::{
    Collection, DebitVersion, DirectDebits, Mandate, MandateUse, Remittance, earliest_collection,
};
use palier_billing::{Currency, Money, time_zone};
use serde_json::json;

use super::mandates::{self, named, of_row};
use super::planner::later;
use super::settings::{DebitTerms, Terms};
use super::{News, Plan, learn, plan};
use crate::day::Day;
use crate::db::collections::{self, Channel, CollectionRow, CollectionStatus, Wanted};
use crate::db::debit_files::{self, DebitBatchRow, DebitFileRow, DebitFileStatus, DebitItemRow};
use crate::db::means::{self, MeansStatus};
use crate::db::poles::{self, PoleRow};
use crate::db::{Db, DbError, invoices, payments};
use crate::id::{CollectionId, DebitFileId, PoleId};
use crate::invoicing::Settings;
use crate::problem::{Fault, Problem};
use crate::say;
use crate::text::{Text, sepa};
use crate::work::{Changes, Tx};

/// How many debits one file may hold: they are written in one transaction.
const MOST: i64 = 2_000;

/// A file with its batches.
#[derive(Clone, Debug)]
pub(crate) struct DebitFile {
    pub(crate) row: DebitFileRow,
    pub(crate) batches: Vec<DebitBatchRow>,
}

/// Files with their batches, in their order.
pub(crate) fn whole(
    conn: &mut Db,
    pole: &PoleId,
    rows: Vec<DebitFileRow>,
) -> Result<Vec<DebitFile>, DbError> {
    let ids: Vec<_> = rows.iter().map(|row| row.file_id.clone()).collect();
    let all = debit_files::batches(conn, pole, &ids)?;
    let with = |row: DebitFileRow| {
        let its = all.iter().filter(|it| it.file_id == row.file_id).cloned();
        DebitFile { batches: its.collect(), row }
    };
    Ok(rows.into_iter().map(with).collect())
}

/// A collection that goes into a file.
struct Debit {
    row: CollectionRow,
    mandate: Mandate,
    used: MandateUse,
    collect_on: Day,
    remittance: String,
}

/// Writes a file of what is planned up to a day; the same again, where nothing was planned since.
///
/// # Errors
/// A [`Problem`] where there is nothing to be collected, or the bank would not take it; the database's.
pub(crate) fn make(
    tx: &mut Tx<'_>,
    pole: &PoleRow,
    collect_by: &Day,
) -> Result<(DebitFile, bool), Problem> {
    poles::hold(tx.conn, tx.pole())?;
    let terms = Terms::of(tx.conn, tx.pole())?;
    let terms = terms.debit()?;
    let today = Day::today(pole, tx.at());
    let debits = debits(tx, terms, (&today, collect_by))?;
    if debits.is_empty() {
        let last = debit_files::last_of(tx.conn, tx.pole(), collect_by)?;
        let found = whole(tx.conn, tx.pole(), last.into_iter().collect())?.pop();
        return found.map(|file| (file, false)).ok_or_else(nothing);
    }
    let file_id = DebitFileId::new(tx.at());
    let message_id = named("PAL", file_id.as_str());
    let creditor = terms.creditor(&Settings::of(tx.conn, tx.pole())?)?;
    let zone = time_zone(&pole.time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
    let told_on = |row: &CollectionRow| row.announced_on.as_ref().map_or(today.date(), Day::date);
    let message = DirectDebits {
        message_id: message_id.clone(),
        created_at: in_seconds(zone.to_datetime(tx.at().timestamp())),
        creditor,
        notice_days: terms.notice_days,
        days_ahead: terms.days_ahead,
        mark_first: terms.mark_first,
        batch_booking: terms.batch_booking,
        collections: debits
            .iter()
            .map(|it| Collection {
                end_to_end: named("COL", it.row.collection_id.as_str()),
                amount: it.row.amount(),
                mandate: it.mandate.clone(),
                used: it.used,
                is_last: false,
                amendment: None,
                collect_on: it.collect_on.date(),
                notified_on: told_on(&it.row),
                remittance: Remittance::Text(it.remittance.clone()),
            })
            .collect(),
    };
    let refused = |found| Problem::invalid(sepa::faults(&found, ""));
    let version = DebitVersion::from(terms.format);
    let body = message.write(version).map_err(refused)?;
    let batches = message.batches().map_err(refused)?;
    let sum = Money::sum(Currency::EUR, batches.iter().map(|it| it.sum));
    let row = DebitFileRow {
        pole_id: tx.pole().clone(),
        file_id,
        message_id,
        format: version.as_str().to_owned(),
        collect_by: collect_by.clone(),
        status: DebitFileStatus::Sent,
        reason: String::new(),
        payments: count(debits.len()),
        amount_minor: sum.map_err(|error| Problem::internal(&error))?.minor(),
        sha256: crate::hex(digest(&SHA256, &body).as_ref()),
        version: 1,
        created_at: tx.at(),
        updated_at: tx.at(),
    };
    let mut items = Vec::new();
    let mut rows = Vec::new();
    for batch in batches {
        let its = batch.positions.iter().filter_map(|at| debits.get(*at));
        items.extend(its.map(|it| DebitItemRow {
            pole_id: row.pole_id.clone(),
            collection_id: it.row.collection_id.clone(),
            batch_id: batch.id.clone(),
            amount_minor: it.row.amount_minor,
        }));
        rows.push(DebitBatchRow {
            pole_id: row.pole_id.clone(),
            batch_id: batch.id,
            file_id: row.file_id.clone(),
            collect_on: batch.collect_on.into(),
            scheme: batch.scheme.into(),
            payments: count(batch.positions.len()),
            amount_minor: batch.sum.minor(),
            settled_on: None,
            settled_minor: None,
            movement_id: None,
            fees_minor: 0,
            fees_journal: None,
            fees_year: None,
            fees_seq: None,
        });
    }
    debit_files::insert(tx.conn, &row, &body, (&rows, &items))?;
    for it in debits {
        let id = it.row.collection_id.clone();
        move_to(tx, it.row, it.collect_on)?;
        let external_id = Some(named("COL", id.as_str()));
        let file_id = Some(row.file_id.to_string());
        learn(tx, &id, News::Sent { external_id, file_id })?;
    }
    tx.note("debit_file.made", row.file_id.as_str(), &Changes::made(&told(&row)))?;
    Ok((DebitFile { row, batches: rows }, true))
}

/// Banks expect no fractions.
pub(crate) fn in_seconds(at: DateTime) -> DateTime {
    at.with().subsec_nanosecond(0).build().unwrap_or(at)
}

/// As the database keeps it.
pub(crate) fn count(of: usize) -> i32 {
    i32::try_from(of).unwrap_or(i32::MAX)
}

/// What is planned up to a day and can be collected, as things stand. What was settled otherwise meanwhile
/// is given up, and what of it is still open planned anew.
fn debits(
    tx: &mut Tx<'_>,
    terms: &DebitTerms,
    (today, collect_by): (&Day, &Day),
) -> Result<Vec<Debit>, Problem> {
    let wanted = Wanted {
        status: Some(CollectionStatus::Planned),
        channel: Some(Channel::Bank),
        until: Some(collect_by.clone()),
        ..Wanted::default()
    };
    let planned = collections::page(tx.conn, tx.pole(), &wanted, None, MOST)?;
    let latest = later(today, terms.days_ahead);
    let mut debits: Vec<Debit> = Vec::new();
    for row in planned {
        let Some(row) = as_it_stands(tx, row)? else { continue };
        let means = row.means_id.clone();
        let means = means.map(|id| means::find(tx.conn, tx.pole(), &id)).transpose()?.flatten();
        let Some(means) = means.filter(|it| it.status == MeansStatus::Active) else {
            let why = say!(en "The mandate has ended.", fr "Le mandat a pris fin.");
            give_up(tx, &row, &why)?;
            continue;
        };
        let (mandate, _) = of_row(&means)?;
        let used = mandates::used(tx.conn, tx.pole(), &means.means_id)?;
        let told_on = row.announced_on.as_ref().unwrap_or(today).date();
        let not_before = row.collect_on.date();
        let day = earliest_collection(not_before, today.date(), told_on, terms.notice_days);
        let collect_on = day.map_err(|error| Problem::internal(&error))?;
        // The bank takes it later.
        if latest.as_ref().is_some_and(|latest| collect_on > latest.date()) {
            continue;
        }
        // By what is in the same file already, too.
        let same = debits.iter().filter(|it| it.row.means_id == row.means_id);
        let before = same.map(|it| it.collect_on.date()).chain(used.last_collected_on).max();
        let by_then = MandateUse { last_collected_on: before, ..used };
        if let Err(error) = mandate.sequence(by_then, collect_on, false, terms.mark_first) {
            give_up(tx, &row, &Text::from(&error))?;
            continue;
        }
        let remittance = remittance(tx, &row)?;
        debits.push(Debit { row, mandate, used, collect_on: collect_on.into(), remittance });
    }
    Ok(debits)
}

/// A planned collection of no more than is open; none, where nothing is.
fn as_it_stands(tx: &mut Tx<'_>, row: CollectionRow) -> Result<Option<CollectionRow>, Problem> {
    let parts = collections::parts(tx.conn, tx.pole(), std::slice::from_ref(&row.collection_id))?;
    let ids: Vec<_> = parts.iter().map(|it| it.invoice_id.clone()).collect();
    let settled = payments::settled(tx.conn, tx.pole(), &ids)?;
    let mut open = Vec::new();
    let mut is_less = false;
    for part in parts {
        let document = invoices::find(tx.conn, tx.pole(), &part.invoice_id)?;
        let document = document.ok_or_else(Problem::not_found)?;
        let paid = settled.get(&part.invoice_id).copied().unwrap_or_default();
        let left = document.gross_minor.saturating_sub(paid);
        is_less = is_less || left < part.amount_minor;
        if left > 0 {
            open.push(part.invoice_id);
        }
    }
    if !is_less {
        return Ok(Some(row));
    }
    let why = say!(en "It was settled otherwise.", fr "Le règlement est venu autrement.");
    give_up(tx, &row, &why)?;
    if open.is_empty() {
        return Ok(None);
    }
    again(tx, row, open).map(Some)
}

/// Plans anew what a collection was of.
fn again(
    tx: &mut Tx<'_>,
    row: CollectionRow,
    documents: Vec<crate::id::InvoiceId>,
) -> Result<CollectionRow, Problem> {
    plan(
        tx,
        Plan {
            member: row.member_id,
            means: row.means_id,
            channel: row.channel,
            collect_on: row.collect_on,
            announced_on: row.announced_on,
            documents,
        },
    )
}

/// Calls a planned collection off. Its reason is kept in the language of the books.
fn give_up(tx: &mut Tx<'_>, row: &CollectionRow, why: &Text) -> Result<(), Problem> {
    learn(tx, &row.collection_id, News::Cancelled { reason: why.fr.clone() })?;
    Ok(())
}

/// Writes down the day on which a planned collection is sent to be made.
fn move_to(tx: &mut Tx<'_>, row: CollectionRow, collect_on: Day) -> Result<(), Problem> {
    if row.collect_on == collect_on {
        return Ok(());
    }
    let version = row.version;
    let moved = CollectionRow {
        collect_on,
        version: version.saturating_add(1),
        updated_at: tx.at(),
        ..row
    };
    if collections::update(tx.conn, &moved, version)? { Ok(()) } else { Err(Problem::changed()) }
}

/// What stands on the member's statement: the numbers of its documents.
fn remittance(tx: &mut Tx<'_>, row: &CollectionRow) -> Result<String, Problem> {
    let parts = collections::parts(tx.conn, tx.pole(), std::slice::from_ref(&row.collection_id))?;
    let mut numbers = Vec::new();
    for part in parts {
        let document = invoices::find(tx.conn, tx.pole(), &part.invoice_id)?;
        numbers.extend(document.and_then(|it| it.number));
    }
    Ok(numbers.join(" ").chars().take(Remittance::MAX_CHARACTERS).collect())
}

/// The collections of some batches, in their order.
pub(crate) fn of(
    conn: &mut Db,
    pole: &PoleId,
    batches: &[DebitBatchRow],
) -> Result<Vec<CollectionRow>, Problem> {
    let names: Vec<_> = batches.iter().map(|it| it.batch_id.as_str()).collect();
    let items = debit_files::items(conn, pole, &names)?;
    let ids: Vec<CollectionId> = items.into_iter().map(|it| it.collection_id).collect();
    let found =
        ids.iter().map(|id| collections::find(conn, pole, id)?.ok_or_else(Problem::not_found));
    found.collect()
}

/// What the audit log says of one.
pub(super) fn told(row: &DebitFileRow) -> serde_json::Value {
    let amount = Money::from_minor(row.amount_minor, Currency::EUR).to_string();
    json!({
        "message": row.message_id, "format": row.format, "collect_by": row.collect_by,
        "status": row.status, "reason": row.reason, "payments": row.payments, "amount": amount,
        "sha256": row.sha256,
    })
}

fn nothing() -> Problem {
    let detail = say!(
        en "Nothing is planned up to that day that the bank would take by now.",
        fr "Rien n’est prévu jusqu’à ce jour que la banque accepterait déjà."
    );
    Problem::conflict(Fault::body("/collect_by", "nothing", detail))
}
