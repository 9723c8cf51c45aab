//! The queue of jobs.

use diesel::prelude::*;

use super::schema::jobs;
use super::{Db, DbError};
use crate::clock::Time;
use crate::id::{JobId, PoleId};

/// A row of `jobs`.
#[derive(Clone, Debug, Queryable, Selectable, Insertable)]
#[diesel(table_name = jobs)]
pub(crate) struct JobRow {
    pub(crate) pole_id: PoleId,
    pub(crate) job_id: JobId,
    /// What is to be done, encrypted.
    pub(crate) payload: Vec<u8>,
    pub(crate) run_at: Time,
    /// Until when whoever took it has time.
    pub(crate) taken_until: Time,
    /// How often it was begun.
    pub(crate) attempts: i32,
    /// Why the last attempt did not end well; empty before.
    pub(crate) last_error: String,
    pub(crate) created_at: Time,
}

/// Adds a job.
pub(crate) fn insert(conn: &mut Db, row: &JobRow) -> Result<(), DbError> {
    diesel::insert_into(jobs::table).values(row).execute(conn)?;
    Ok(())
}

/// Takes the job that has waited longest, until an instant. Two servers may look at once: only one
/// of them finds the row as it was.
pub(crate) fn take(conn: &mut Db, now: Time, until: Time) -> Result<Option<JobRow>, DbError> {
    /// Enough that a busy queue always has one left for whoever comes second.
    const LOOK_AT: i64 = 8;
    let due: Vec<JobRow> = jobs::table
        .filter(jobs::run_at.le(now).and(jobs::taken_until.le(now)))
        .order((jobs::run_at, jobs::job_id))
        .limit(LOOK_AT)
        .select(JobRow::as_select())
        .load(conn)?;
    for row in due {
        let as_it_was = jobs::table
            .find((&row.pole_id, &row.job_id))
            .filter(jobs::taken_until.eq(row.taken_until).and(jobs::attempts.eq(row.attempts)));
        let attempts = row.attempts.saturating_add(1);
        let taken = diesel::update(as_it_was)
            .set((jobs::taken_until.eq(until), jobs::attempts.eq(attempts)))
            .execute(conn)?;
        if taken == 1 {
            return Ok(Some(JobRow { taken_until: until, attempts, ..row }));
        }
    }
    Ok(None)
}

/// Whether a job is still that of who took it; if so, nobody takes it before the transaction ends.
pub(crate) fn is_ours(conn: &mut Db, row: &JobRow) -> Result<bool, DbError> {
    let as_taken = jobs::table
        .find((&row.pole_id, &row.job_id))
        .filter(jobs::taken_until.eq(row.taken_until).and(jobs::attempts.eq(row.attempts)));
    let held = diesel::update(as_taken).set(jobs::taken_until.eq(row.taken_until)).execute(conn)?;
    Ok(held == 1)
}

/// One job.
pub(crate) fn find(conn: &mut Db, pole: &PoleId, job: &JobId) -> Result<Option<JobRow>, DbError> {
    let row = jobs::table.find((pole, job)).select(JobRow::as_select());
    Ok(row.first(conn).optional()?)
}

/// Writes a job anew.
pub(crate) fn replace(conn: &mut Db, row: &JobRow) -> Result<(), DbError> {
    diesel::update(jobs::table.find((&row.pole_id, &row.job_id)))
        .set((
            jobs::payload.eq(&row.payload),
            jobs::run_at.eq(row.run_at),
            jobs::taken_until.eq(row.taken_until),
            jobs::attempts.eq(row.attempts),
            jobs::created_at.eq(row.created_at),
        ))
        .execute(conn)?;
    Ok(())
}

/// It was not tried, and comes later.
pub(crate) fn put_off(conn: &mut Db, row: &JobRow, run_at: Time) -> Result<(), DbError> {
    let attempts = row.attempts.saturating_sub(1);
    diesel::update(jobs::table.find((&row.pole_id, &row.job_id)))
        .set((jobs::run_at.eq(run_at), jobs::taken_until.eq(run_at), jobs::attempts.eq(attempts)))
        .execute(conn)?;
    Ok(())
}

/// It is done.
pub(crate) fn remove(conn: &mut Db, row: &JobRow) -> Result<(), DbError> {
    diesel::delete(jobs::table.find((&row.pole_id, &row.job_id))).execute(conn)?;
    Ok(())
}

/// It did not end well, and is tried again later.
pub(crate) fn postpone(
    conn: &mut Db,
    row: &JobRow,
    run_at: Time,
    error: &str,
) -> Result<(), DbError> {
    diesel::update(jobs::table.find((&row.pole_id, &row.job_id)))
        .set((jobs::run_at.eq(run_at), jobs::taken_until.eq(run_at), jobs::last_error.eq(error)))
        .execute(conn)?;
    Ok(())
}
