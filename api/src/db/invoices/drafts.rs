//! Drafts: written by runs, changed by hand, made final.

use std::collections::{HashMap, HashSet};

use diesel::prelude::*;
use diesel::upsert::excluded;

use super::short::{self, Place};
use super::{InvoiceRow, InvoiceStatus};
use crate::db::schema::invoices;
use crate::db::{Db, DbError};
use crate::id::{InvoiceId, MemberId, PoleId};
use crate::on_backend;

/// How many rows one statement adds: SQLite takes 32,766 values.
const BATCH: usize = 500;

/// The version of a draft that nobody changed since it was added.
const AS_ADDED: i64 = 1;

/// Adds drafts of a run; one that is there already stays as it is.
pub(crate) fn add(conn: &mut Db, rows: &[InvoiceRow]) -> Result<usize, DbError> {
    let mut added: usize = 0;
    for rows in rows.chunks(BATCH) {
        let new = on_backend!(conn, c => {
            diesel::insert_into(invoices::table).values(rows).on_conflict_do_nothing().execute(c)
        })?;
        added = added.saturating_add(new);
    }
    Ok(added)
}

/// Brings the drafts of a run to what they should be, some at a time.
pub(crate) struct Keeping<'k> {
    pole: &'k PoleId,
    /// What is there and nobody wanted so far.
    there: HashMap<(MemberId, String), Place>,
}

impl<'k> Keeping<'k> {
    /// Of a month.
    pub(crate) fn begin(conn: &mut Db, pole: &'k PoleId, period: &str) -> Result<Self, DbError> {
        let places = short::places(conn, pole, period)?.into_iter();
        let by_part = places.map(|place| ((place.member_id.clone(), place.part.clone()), place));
        Ok(Self { pole, there: by_part.collect() })
    }

    /// Whether a draft that is wanted is one of those that were just added, and nobody changed it since:
    /// there is nothing to do about it then.
    pub(crate) fn is_as_added(
        &mut self,
        member: &MemberId,
        part: String,
        added: &HashSet<InvoiceId>,
    ) -> bool {
        let key = (member.clone(), part);
        let is = self
            .there
            .get(&key)
            .is_some_and(|place| place.version == AS_ADDED && added.contains(&place.invoice_id));
        is && self.there.remove(&key).is_some()
    }

    /// Adds what is wanted and missing, and changes what says something else.
    pub(crate) fn keep(&mut self, conn: &mut Db, wanted: Vec<InvoiceRow>) -> Result<(), DbError> {
        let (mut missing, mut found) = (Vec::new(), Vec::new());
        for draft in wanted {
            match self.there.remove(&(draft.member_id.clone(), draft.part.clone())) {
                Some(place) => found.push((place.invoice_id, draft)),
                None => missing.push(draft),
            }
        }
        add(conn, &missing)?;
        let ids = found.iter().map(|(id, _)| id);
        let rows = invoices::table
            .filter(invoices::pole_id.eq(self.pole).and(invoices::invoice_id.eq_any(ids)))
            .select(InvoiceRow::as_select());
        let rows: Vec<InvoiceRow> = rows.load(conn)?;
        let mut rows: HashMap<_, _> =
            rows.into_iter().map(|row| (row.invoice_id.clone(), row)).collect();
        for (id, draft) in found {
            let Some(row) = rows.remove(&id).filter(|row| row.document != draft.document) else {
                continue;
            };
            let InvoiceRow { invoice_id, status, remark, version, created_at, .. } = row;
            let next = version.saturating_add(1);
            let draft =
                InvoiceRow { invoice_id, status, remark, created_at, version: next, ..draft };
            update(conn, &draft, version)?;
        }
        Ok(())
    }

    /// Deletes what nobody wanted.
    pub(crate) fn end(self, conn: &mut Db) -> Result<(), DbError> {
        for place in self.there.into_values() {
            let row = invoices::table.find((self.pole, &place.invoice_id));
            diesel::delete(row).execute(conn)?;
        }
        Ok(())
    }
}

/// Replaces a document that is not final, if it is still at this version.
pub(crate) fn update(
    conn: &mut Db,
    row: &InvoiceRow,
    version: i64,
) -> Result<Option<InvoiceRow>, DbError> {
    let at = invoices::table
        .find((&row.pole_id, &row.invoice_id))
        .filter(invoices::version.eq(version))
        .filter(invoices::status.ne(InvoiceStatus::Final));
    let changed = diesel::update(at).set(row).returning(invoices::all_columns);
    Ok(changed.get_result(conn).optional()?)
}

/// The drafts among documents, in the order in which they are named: nobody else changes them until the
/// transaction ends.
pub(crate) fn take(
    conn: &mut Db,
    pole: &PoleId,
    named: &[InvoiceId],
) -> Result<Vec<InvoiceRow>, DbError> {
    let rows = invoices::table
        .filter(invoices::pole_id.eq(pole).and(invoices::invoice_id.eq_any(named)))
        .filter(invoices::status.eq(InvoiceStatus::Draft));
    let rows: Vec<InvoiceRow> = match conn {
        // Whoever writes holds all of SQLite.
        Db::Sqlite(conn) => rows.select(InvoiceRow::as_select()).load(conn)?,
        Db::Postgres(conn) => rows.for_update().select(InvoiceRow::as_select()).load(conn)?,
    };
    let mut rows: HashMap<_, _> =
        rows.into_iter().map(|row| (row.invoice_id.clone(), row)).collect();
    Ok(named.iter().filter_map(|id| rows.remove(id)).collect())
}

/// Writes what became of drafts that were [taken](take), all at once.
pub(crate) fn make_final(conn: &mut Db, rows: &[InvoiceRow]) -> Result<(), DbError> {
    macro_rules! all {
        ($($column:ident),+) => { ($(invoices::$column.eq(excluded(invoices::$column)),)+) };
    }
    for rows in rows.chunks(BATCH) {
        on_backend!(conn, c => diesel::insert_into(invoices::table)
            .values(rows)
            .on_conflict((invoices::pole_id, invoices::invoice_id))
            .do_update()
            .set(all!(
                status, document, series, year, seq, number, issued_on, due_on, seal, version,
                updated_at
            ))
            .execute(c))?;
    }
    Ok(())
}

/// Takes back the drafts of a run, since they are made anew.
pub(crate) fn delete(conn: &mut Db, pole: &PoleId, period: &str) -> Result<usize, DbError> {
    let drafts = invoices::table
        .filter(invoices::pole_id.eq(pole).and(invoices::period.eq(period)))
        .filter(invoices::status.ne(InvoiceStatus::Final));
    Ok(diesel::delete(drafts).execute(conn)?)
}
