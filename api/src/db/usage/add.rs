//! Adding events, each engine in the way in which it is fast.

use std::collections::HashSet;

use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::{DatabaseErrorKind, Error as DieselError};
use diesel::sql_types::{BigInt, Bool, Nullable, Text};
use diesel::sqlite::Sqlite;
use diesel::{PgConnection, SqliteConnection};

use super::{EventRow, LevelRow};
use crate::clock::Time;
use crate::db::schema::{usage_events, usage_levels};
use crate::db::{Db, DbError};
use crate::on_backend;

/// How many rows one statement adds where it must say all of them: PostgreSQL takes 65,535 values.
const ROWS: usize = 5_000;
/// How many rows a statement of SQLite adds. More gain nothing, and where one of them is there
/// already, all must be added one by one.
const TOGETHER: usize = 50;

/// Adds the events that are not there yet, and says of each whether it was new. Keys are sorted
/// and each is there once.
pub(crate) fn add(conn: &mut Db, rows: &[EventRow]) -> Result<Vec<bool>, DbError> {
    match conn {
        Db::Sqlite(conn) => prepared(conn, rows),
        Db::Postgres(conn) => copied(conn, rows),
    }
}

/// A call to SQLite is a function call: what costs is to write and to read the statement, unless it
/// is always the same.
fn prepared(conn: &mut SqliteConnection, rows: &[EventRow]) -> Result<Vec<bool>, DbError> {
    let mut new = Vec::with_capacity(rows.len());
    for rows in rows.chunks(TOGETHER) {
        if rows.len() == TOGETHER {
            match (Insert::<TOGETHER, false> { rows }).execute(conn) {
                Ok(added) => {
                    new.extend(std::iter::repeat_n(true, added));
                    continue;
                }
                // Of the statement that failed, nothing is there.
                Err(error) if is_taken(&error) => {}
                Err(error) => return Err(error.into()),
            }
        }
        for row in rows {
            let one = Insert::<1, true> { rows: std::slice::from_ref(row) };
            new.push(one.execute(conn)? == 1);
        }
    }
    Ok(new)
}

/// A statement that adds `N` rows; those that are there already fail it, or are passed over. Diesel
/// writes its own anew each time, which takes longer than to run it.
struct Insert<'r, const N: usize, const PASS_OVER: bool> {
    rows: &'r [EventRow],
}

impl<const N: usize, const PASS_OVER: bool> QueryId for Insert<'_, N, PASS_OVER> {
    type QueryId = Insert<'static, N, PASS_OVER>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<const N: usize, const PASS_OVER: bool> RunQueryDsl<SqliteConnection>
    for Insert<'_, N, PASS_OVER>
{
}

impl<const N: usize, const PASS_OVER: bool> QueryFragment<Sqlite> for Insert<'_, N, PASS_OVER> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql(
            "INSERT INTO usage_events (pole_id, happened_at, event_id, series_id, \
             quantity_micros, properties, amends_at, amends_id, late, received_at) VALUES ",
        );
        for (nth, row) in self.rows.iter().enumerate() {
            out.push_sql(if nth == 0 { "(" } else { ", (" });
            out.push_bind_param::<Text, _>(&row.pole_id)?;
            out.push_sql(", ");
            out.push_bind_param::<BigInt, _>(&row.happened_at)?;
            out.push_sql(", ");
            out.push_bind_param::<Text, _>(&row.event_id)?;
            out.push_sql(", ");
            out.push_bind_param::<BigInt, _>(&row.series_id)?;
            out.push_sql(", ");
            out.push_bind_param::<BigInt, _>(&row.quantity_micros)?;
            out.push_sql(", ");
            out.push_bind_param::<Text, _>(&row.properties)?;
            out.push_sql(", ");
            out.push_bind_param::<Nullable<BigInt>, _>(&row.amends_at)?;
            out.push_sql(", ");
            out.push_bind_param::<Nullable<Text>, _>(&row.amends_id)?;
            out.push_sql(", ");
            out.push_bind_param::<Bool, _>(&row.late)?;
            out.push_sql(", ");
            out.push_bind_param::<BigInt, _>(&row.received_at)?;
            out.push_sql(")");
        }
        if PASS_OVER {
            out.push_sql(" ON CONFLICT DO NOTHING");
        }
        Ok(())
    }
}

/// `COPY` is more than twice as fast as any other way in, and knows no conflicts: it is tried
/// first, and most of the time every event is new.
fn copied(conn: &mut PgConnection, rows: &[EventRow]) -> Result<Vec<bool>, DbError> {
    if rows.len() == 1 {
        return passing_over(conn, rows);
    }
    let copy = conn.transaction(|conn| {
        diesel::copy_from(usage_events::table).from_insertable(rows).execute(conn)
    });
    match copy {
        Ok(_) => Ok(vec![true; rows.len()]),
        Err(error) if is_taken(&error) => passing_over(conn, rows),
        Err(error) => Err(failed(error)),
    }
}

fn passing_over(conn: &mut PgConnection, rows: &[EventRow]) -> Result<Vec<bool>, DbError> {
    let mut new = Vec::with_capacity(rows.len());
    for rows in rows.chunks(ROWS) {
        let added: Vec<(Time, String)> = diesel::insert_into(usage_events::table)
            .values(rows)
            .on_conflict_do_nothing()
            .returning((usage_events::happened_at, usage_events::event_id))
            .get_results(conn)
            .map_err(failed)?;
        let added: HashSet<(Time, &str)> =
            added.iter().map(|(at, id)| (*at, id.as_str())).collect();
        new.extend(rows.iter().map(|row| added.contains(&row.key())));
    }
    Ok(new)
}

const fn is_taken(error: &DieselError) -> bool {
    matches!(error, DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _))
}

/// PostgreSQL calls it a violated check that no month takes a row; there are no others.
fn failed(error: DieselError) -> DbError {
    match error {
        DieselError::DatabaseError(DatabaseErrorKind::CheckViolation, _) => DbError::NoMonth,
        error => error.into(),
    }
}

/// Adds what new events say of meters whose days cannot be added up.
pub(crate) fn add_levels(conn: &mut Db, rows: &[LevelRow]) -> Result<(), DbError> {
    for rows in rows.chunks(ROWS) {
        on_backend!(conn, c => diesel::insert_into(usage_levels::table).values(rows).execute(c))?;
    }
    Ok(())
}
