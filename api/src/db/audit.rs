//! The audit log: what was changed, by whom, in a chain that shows if an entry is missing or was
//! touched.
//!
//! Each entry is sealed with the SHA-256 of its canonical form and of the seal before it, per
//! pole. The database refuses to change or delete one.

use aws_lc_rs::digest::{SHA256, digest};
use diesel::prelude::*;
use serde::Serialize;
use serde_json::Value;

use super::schema::{audit_heads, audit_log};
use super::{Db, DbError};
use crate::clock::Time;
use crate::id::PoleId;
use crate::on_backend;

/// An entry of the log.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = audit_log, treat_none_as_default_value = false)]
pub(crate) struct AuditRow {
    pub(crate) pole_id: PoleId,
    pub(crate) seq: i64,
    pub(crate) at: Time,
    /// Who: an id of a user or a key, or `operator` for the command line.
    pub(crate) actor: String,
    /// What was done, such as `member.created`.
    pub(crate) action: String,
    /// To what: an id.
    pub(crate) object: String,
    /// By which request.
    pub(crate) request: String,
    /// The fields that changed, as JSON: `{"name": {"from": …, "to": …}}`.
    pub(crate) changes: String,
    pub(crate) seal: String,
}

/// What an entry says, before it has its place in the chain.
#[derive(Clone, Debug)]
pub(crate) struct Entry<'e> {
    pub(crate) pole: &'e PoleId,
    pub(crate) at: Time,
    pub(crate) actor: &'e str,
    pub(crate) action: &'e str,
    pub(crate) object: &'e str,
    pub(crate) request: &'e str,
    pub(crate) changes: &'e Value,
}

/// What is sealed: everything an entry says, in this order, and the seal before it.
#[derive(Serialize)]
struct Canonical<'e> {
    pole: &'e str,
    seq: i64,
    at: Time,
    actor: &'e str,
    action: &'e str,
    object: &'e str,
    request: &'e str,
    changes: &'e str,
    previous: &'e str,
}

/// How many entries one statement adds: SQLite takes 32,766 values.
const BATCH: usize = 1_000;

/// Appends an entry. The head of the chain is held until the transaction ends, so that the entries
/// of a pole are written one after the other.
pub(crate) fn append(conn: &mut Db, entry: &Entry<'_>) -> Result<(), DbError> {
    let (seq, previous) = take(conn, entry.pole, 1)?;
    let row = sealed(entry, seq, &previous);
    diesel::insert_into(audit_log::table).values(&row).execute(conn)?;
    close(conn, entry.pole, &row.seal)
}

/// Appends entries of one pole, in this order and in few statements.
pub(crate) fn append_all(
    conn: &mut Db,
    pole: &PoleId,
    entries: &[Entry<'_>],
) -> Result<(), DbError> {
    let count = i64::try_from(entries.len()).unwrap_or(i64::MAX);
    let (last, mut previous) = take(conn, pole, count)?;
    let first = last.saturating_sub(count).saturating_add(1);
    let mut places = first..=last;
    for chunk in entries.chunks(BATCH) {
        let rows: Vec<_> = chunk
            .iter()
            .zip(&mut places)
            .map(|(entry, seq)| {
                let row = sealed(entry, seq, &previous);
                previous.clone_from(&row.seal);
                row
            })
            .collect();
        on_backend!(conn, c => diesel::insert_into(audit_log::table).values(&rows).execute(c))?;
    }
    close(conn, pole, &previous)
}

/// Takes places at the end of the chain: the last of them, and the seal before the first.
#[expect(clippy::arithmetic_side_effects, reason = "it is the database that adds")]
fn take(conn: &mut Db, pole: &PoleId, count: i64) -> Result<(i64, String), DbError> {
    let head = diesel::update(audit_heads::table.find(pole))
        .set(audit_heads::seq.eq(audit_heads::seq + count))
        .returning((audit_heads::seq, audit_heads::seal));
    Ok(head.get_result(conn)?)
}

/// Notes the seal of the last entry.
fn close(conn: &mut Db, pole: &PoleId, seal: &str) -> Result<(), DbError> {
    let head = diesel::update(audit_heads::table.find(pole));
    head.set(audit_heads::seal.eq(seal)).execute(conn)?;
    Ok(())
}

fn sealed(entry: &Entry<'_>, seq: i64, previous: &str) -> AuditRow {
    let mut row = AuditRow {
        pole_id: entry.pole.clone(),
        seq,
        at: entry.at,
        actor: entry.actor.to_owned(),
        action: entry.action.to_owned(),
        object: entry.object.to_owned(),
        request: entry.request.to_owned(),
        changes: entry.changes.to_string(),
        seal: String::new(),
    };
    row.seal = seal(&row, previous);
    row
}

fn seal(row: &AuditRow, previous: &str) -> String {
    let canonical = Canonical {
        pole: row.pole_id.as_str(),
        seq: row.seq,
        at: row.at,
        actor: &row.actor,
        action: &row.action,
        object: &row.object,
        request: &row.request,
        changes: &row.changes,
        previous,
    };
    let bytes = serde_json::to_vec(&canonical).unwrap_or_default();
    crate::hex(digest(&SHA256, &bytes).as_ref())
}

/// Which entries are asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    pub(crate) actor: Option<String>,
    pub(crate) action: Option<String>,
    pub(crate) object: Option<String>,
    pub(crate) from: Option<Time>,
    pub(crate) until: Option<Time>,
}

/// Entries of a pole, newest first, those before a place in the chain.
pub(crate) fn page(
    conn: &mut Db,
    pole: &PoleId,
    filter: &Filter,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<AuditRow>, DbError> {
    let mut query = audit_log::table
        .filter(audit_log::pole_id.eq(pole))
        .select(AuditRow::as_select())
        .into_boxed();
    if let Some(actor) = &filter.actor {
        query = query.filter(audit_log::actor.eq(actor));
    }
    if let Some(action) = &filter.action {
        query = query.filter(audit_log::action.eq(action));
    }
    if let Some(object) = &filter.object {
        query = query.filter(audit_log::object.eq(object));
    }
    if let Some(from) = filter.from {
        query = query.filter(audit_log::at.ge(from));
    }
    if let Some(until) = filter.until {
        query = query.filter(audit_log::at.lt(until));
    }
    if let Some(before) = before {
        query = query.filter(audit_log::seq.lt(before));
    }
    Ok(query.order(audit_log::seq.desc()).limit(limit).load(conn)?)
}

/// Walks the whole chain of a pole: how many entries it has, or where it is broken. It asks for a
/// [`snapshot`](Db::snapshot): what somebody adds meanwhile would look as if the end had been cut off.
pub(crate) fn verify(conn: &mut Db, pole: &PoleId) -> Result<Result<i64, i64>, DbError> {
    const STEP: i64 = 1_000;
    let (head, head_seal): (i64, String) =
        audit_heads::table.find(pole).select((audit_heads::seq, audit_heads::seal)).first(conn)?;
    let (mut previous, mut count) = (String::new(), 0_i64);
    loop {
        let rows: Vec<AuditRow> = audit_log::table
            .filter(audit_log::pole_id.eq(pole).and(audit_log::seq.gt(count)))
            .order(audit_log::seq)
            .limit(STEP)
            .select(AuditRow::as_select())
            .load(conn)?;
        for row in &rows {
            let expected = count.saturating_add(1);
            if row.seq != expected || row.seal != seal(row, &previous) {
                return Ok(Err(expected));
            }
            count = expected;
            previous.clone_from(&row.seal);
        }
        if rows.is_empty() {
            let whole = count == head && previous == head_seal;
            return Ok(if whole { Ok(count) } else { Err(count.saturating_add(1)) });
        }
    }
}
