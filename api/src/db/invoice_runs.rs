//! Months that are invoiced.

use diesel::prelude::*;

use super::schema::invoice_runs;
use super::{Db, DbError, words};
use crate::clock::Time;
use crate::id::PoleId;

words! {
    /// Where the invoicing of a month stands.
    pub(crate) enum RunStatus {
        /// Its books are closed: what comes in is late. Its documents are being made.
        Frozen = "frozen",
        /// Its documents are made, as drafts or already final.
        Drafted = "drafted",
    }
}

/// A row of `invoice_runs`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = invoice_runs, treat_none_as_default_value = false)]
pub(crate) struct RunRow {
    pub(crate) pole_id: PoleId,
    /// `2026-07`.
    pub(crate) period: String,
    pub(crate) status: RunStatus,
    pub(crate) actor: String,
    pub(crate) frozen_at: Time,
    pub(crate) drafted_at: Option<Time>,
}

/// That of a month, if it was begun.
pub(crate) fn find(conn: &mut Db, pole: &PoleId, period: &str) -> Result<Option<RunRow>, DbError> {
    let row = invoice_runs::table.find((pole, period)).select(RunRow::as_select());
    Ok(row.first(conn).optional()?)
}

/// Whether the documents of a month are being made. They are not said to be made until the
/// transaction ends.
pub(crate) fn is_frozen(conn: &mut Db, pole: &PoleId, period: &str) -> Result<bool, DbError> {
    let row = invoice_runs::table.find((pole, period)).select(invoice_runs::status);
    let status: Option<RunStatus> = match conn {
        Db::Sqlite(conn) => row.first(conn).optional()?,
        Db::Postgres(conn) => row.for_share().first(conn).optional()?,
    };
    Ok(status == Some(RunStatus::Frozen))
}

/// All of a pole, the newest first.
pub(crate) fn all(conn: &mut Db, pole: &PoleId) -> Result<Vec<RunRow>, DbError> {
    let rows = invoice_runs::table.filter(invoice_runs::pole_id.eq(pole));
    Ok(rows.order(invoice_runs::period.desc()).select(RunRow::as_select()).load(conn)?)
}

/// Begins one.
pub(crate) fn insert(conn: &mut Db, row: &RunRow) -> Result<(), DbError> {
    diesel::insert_into(invoice_runs::table).values(row).execute(conn)?;
    Ok(())
}

/// How its drafts came about, as JSON; nothing, until they are all made.
pub(crate) fn facts(conn: &mut Db, pole: &PoleId, period: &str) -> Result<String, DbError> {
    let row = invoice_runs::table.find((pole, period)).select(invoice_runs::facts);
    Ok(row.first(conn)?)
}

/// Says that all its documents are made, and how they came about.
pub(crate) fn drafted(
    conn: &mut Db,
    pole: &PoleId,
    period: &str,
    (at, facts): (Time, &str),
) -> Result<bool, DbError> {
    let row = invoice_runs::table.find((pole, period));
    let row = row.filter(invoice_runs::status.eq(RunStatus::Frozen));
    let changed = diesel::update(row).set((
        invoice_runs::status.eq(RunStatus::Drafted),
        invoice_runs::drafted_at.eq(at),
        invoice_runs::facts.eq(facts),
    ));
    Ok(changed.execute(conn)? > 0)
}

/// Says that its documents are to be made anew, if they were made.
pub(crate) fn reopen(conn: &mut Db, pole: &PoleId, period: &str) -> Result<bool, DbError> {
    let row = invoice_runs::table.find((pole, period));
    let row = row.filter(invoice_runs::status.eq(RunStatus::Drafted));
    let changed = diesel::update(row).set((
        invoice_runs::status.eq(RunStatus::Frozen),
        invoice_runs::drafted_at.eq(None::<Time>),
        invoice_runs::facts.eq("[]"),
    ));
    Ok(changed.execute(conn)? > 0)
}
