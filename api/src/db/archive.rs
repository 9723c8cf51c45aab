//! Files of final documents: which hash each is kept under.

use diesel::prelude::*;

use super::queue::Waiting;
use super::schema::{archive_queue, archived_files};
use super::{Db, DbError, words};
use crate::clock::Time;
use crate::id::{InvoiceId, PoleId};
use crate::on_backend;

words! {
    /// In which form a document is kept.
    pub(crate) enum FileForm {
        /// For people: PDF/A-3, and Factur-X where it is an electronic invoice.
        Pdf = "pdf",
        /// For programs: Cross Industry Invoice.
        Cii = "cii",
    }
}

impl FileForm {
    /// Their media type.
    pub(crate) const fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Cii => "application/xml",
        }
    }

    /// What names of such files end with.
    pub(crate) const fn ending(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Cii => "xml",
        }
    }
}

/// A row of `archived_files`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = archived_files, treat_none_as_default_value = false)]
pub(crate) struct ArchivedRow {
    pub(crate) pole_id: PoleId,
    pub(crate) invoice_id: InvoiceId,
    pub(crate) form: FileForm,
    /// Of its bytes, in hex.
    pub(crate) sha256: String,
    pub(crate) size_bytes: i64,
    pub(crate) archived_at: Time,
}

/// A row of `archive_queue`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = archive_queue, treat_none_as_default_value = false)]
pub(crate) struct WaitingRow {
    pub(crate) pole_id: PoleId,
    pub(crate) invoice_id: InvoiceId,
    pub(crate) run_at: Time,
    /// How often it was tried.
    pub(crate) attempts: i32,
    pub(crate) last_error: String,
}

/// Says of documents that their files are to be kept, in the transaction that makes them final.
pub(crate) fn enqueue(conn: &mut Db, rows: &[WaitingRow]) -> Result<(), DbError> {
    for rows in rows.chunks(BATCH) {
        on_backend!(conn, c => {
            diesel::insert_into(archive_queue::table).values(rows).execute(c)
        })?;
    }
    Ok(())
}

/// Documents whose files are to be kept, those that have waited longest first.
pub(crate) fn waiting(
    conn: &mut Db,
    which: &Waiting,
    rows: i64,
) -> Result<Vec<WaitingRow>, DbError> {
    let query = archive_queue::table
        .order((archive_queue::run_at, archive_queue::invoice_id))
        .select(WaitingRow::as_select())
        .into_boxed();
    let query = match which {
        Waiting::Due(now) => query.filter(archive_queue::run_at.le(*now)),
        Waiting::Of(pole) => query.filter(archive_queue::pole_id.eq(pole)),
    };
    Ok(query.limit(rows).load(conn)?)
}

/// Documents of a pole whose files are not kept yet.
pub(crate) fn all_waiting(conn: &mut Db, pole: &PoleId) -> Result<Vec<WaitingRow>, DbError> {
    let rows = archive_queue::table
        .filter(archive_queue::pole_id.eq(pole))
        .order(archive_queue::invoice_id)
        .select(WaitingRow::as_select());
    Ok(rows.load(conn)?)
}

/// Takes a document out of the queue, since its files are kept; false if somebody else did.
pub(crate) fn done(conn: &mut Db, pole: &PoleId, invoice: &InvoiceId) -> Result<bool, DbError> {
    Ok(diesel::delete(archive_queue::table.find((pole, invoice))).execute(conn)? > 0)
}

/// Its files could not be kept; it is tried again later.
pub(crate) fn postpone(
    conn: &mut Db,
    row: &WaitingRow,
    run_at: Time,
    error: &str,
) -> Result<(), DbError> {
    diesel::update(archive_queue::table.find((&row.pole_id, &row.invoice_id)))
        .set((
            archive_queue::run_at.eq(run_at),
            archive_queue::attempts.eq(row.attempts.saturating_add(1)),
            archive_queue::last_error.eq(error),
        ))
        .execute(conn)?;
    Ok(())
}

/// How many rows one statement adds: SQLite takes 32,766 values.
const BATCH: usize = 1_000;

/// Notes what is kept of a document; what is noted already stays.
pub(crate) fn insert(conn: &mut Db, rows: &[ArchivedRow]) -> Result<(), DbError> {
    on_backend!(conn, c => {
        diesel::insert_into(archived_files::table).values(rows).on_conflict_do_nothing().execute(c)
    })?;
    Ok(())
}

/// What is kept of a document.
pub(crate) fn of(
    conn: &mut Db,
    pole: &PoleId,
    invoice: &InvoiceId,
) -> Result<Vec<ArchivedRow>, DbError> {
    let rows = archived_files::table
        .filter(archived_files::pole_id.eq(pole).and(archived_files::invoice_id.eq(invoice)))
        .order(archived_files::form)
        .select(ArchivedRow::as_select());
    Ok(rows.load(conn)?)
}

/// What is kept of a pole’s documents, behind one of the rows.
pub(crate) fn page(
    conn: &mut Db,
    pole: &PoleId,
    after: Option<&ArchivedRow>,
    rows: i64,
) -> Result<Vec<ArchivedRow>, DbError> {
    let mut query = archived_files::table
        .filter(archived_files::pole_id.eq(pole))
        .order((archived_files::invoice_id, archived_files::form))
        .select(ArchivedRow::as_select())
        .into_boxed();
    if let Some(row) = after {
        let same = archived_files::invoice_id.eq(&row.invoice_id);
        query = query
            .filter(archived_files::invoice_id.ge(&row.invoice_id))
            .filter(diesel::dsl::not(same.and(archived_files::form.le(row.form))));
    }
    Ok(query.limit(rows).load(conn)?)
}
