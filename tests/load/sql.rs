//! The database behind a server, written to as fast as it goes: the yardstick of what is taken in.

use std::time::Duration;

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{BigInt, Text};
use diesel::sqlite::Sqlite;
use diesel::{PgConnection, SqliteConnection};

use palier_tests::wait_for;

use crate::usage_pole::Raw;

diesel::table! {
    usage_events (pole_id, happened_at, event_id) {
        pole_id -> Text,
        happened_at -> BigInt,
        event_id -> Text,
        series_id -> BigInt,
        quantity_micros -> BigInt,
        properties -> Text,
        amends_at -> Nullable<BigInt>,
        amends_id -> Nullable<Text>,
        late -> Bool,
        received_at -> BigInt,
    }
}

/// A connection, as durable as the server's.
pub(crate) enum Sql {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// How many rows one statement of SQLite adds; as in the server, more gain nothing.
const TOGETHER: usize = 50;

impl Sql {
    pub(crate) fn open(url: &str) -> Self {
        match url.strip_prefix("sqlite:") {
            Some(file) => {
                let mut conn = SqliteConnection::establish(file).expect("a database");
                let settings = "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; \
                    PRAGMA synchronous = FULL; PRAGMA cache_size = -65536";
                conn.batch_execute(settings).expect("settings");
                Self::Sqlite(conn)
            }
            None => Self::Postgres(PgConnection::establish(url).expect("a database")),
        }
    }

    pub(crate) fn run(&mut self, sql: &str) {
        match self {
            Self::Sqlite(conn) => conn.batch_execute(sql),
            Self::Postgres(conn) => conn.batch_execute(sql),
        }
        .unwrap_or_else(|error| panic!("{error}: {sql}"));
    }

    /// Adds rows in one transaction: by prepared statements, or by COPY.
    pub(crate) fn add(&mut self, pole: &str, rows: &[Raw]) {
        match self {
            Self::Sqlite(conn) => conn.immediate_transaction(|conn| {
                for rows in rows.chunks(TOGETHER) {
                    if rows.len() == TOGETHER {
                        Insert::<TOGETHER> { pole, rows }.execute(conn)?;
                        continue;
                    }
                    for row in rows.chunks(1) {
                        Insert::<1> { pole, rows: row }.execute(conn)?;
                    }
                }
                Ok(())
            }),
            Self::Postgres(conn) => copy(conn, pole, rows),
        }
        .unwrap_or_else(|error: diesel::result::Error| panic!("{error}"));
    }

    /// Waits until nothing is left to be added to the days.
    fn wait_until_folded(&mut self) {
        let mut left = || {
            let count = diesel::sql_query("SELECT count(*) AS count FROM usage_deltas");
            let count: QueryResult<Count> = match self {
                Self::Sqlite(conn) => count.get_result(conn),
                Self::Postgres(conn) => count.get_result(conn),
            };
            (count.expect("a count").count == 0).then_some(())
        };
        wait_for(Duration::from_mins(1), &mut left).expect("deltas are folded");
    }

    /// Adds events before an instant, spread over sixteen days, of all series in turn, and what they add up
    /// to by day. Everything happens in the database, which is faster than any loader.
    pub(crate) fn prefill(&mut self, events: u64, begin: u64) {
        let numbers = match self {
            Self::Sqlite(_) => format!(
                "WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers \
                 WHERE n < {}) ",
                events - 1
            ),
            Self::Postgres(_) => {
                format!("WITH numbers AS (SELECT n FROM generate_series(0, {}) n) ", events - 1)
            }
        };
        self.wait_until_folded();
        // The clocks of a pole in September are two hours ahead.
        let day = "((happened_at + 7200000000) / 86400000000)";
        self.run(&format!(
            "BEGIN; INSERT INTO usage_events {numbers} \
             SELECT pole_id, {begin} - CAST({events} - n AS BIGINT) * {step}, 'before-' || n, \
                series_id, 1250000, '{{\"queue\":\"cpu\"}}', NULL, NULL, 1 = 0, {begin} \
             FROM numbers JOIN usage_series ON series_id = 1 + n % (SELECT count(*) FROM usage_series); \
             COMMIT;",
            step = 1_400_000_000_000 / events,
        ));
        self.run(&format!(
            "BEGIN; DELETE FROM usage_deltas; DELETE FROM usage_days; \
             INSERT INTO usage_days (pole_id, day, series_id, quantity_micros, events) \
             SELECT pole_id, {day}, series_id, sum(quantity_micros), count(*) FROM usage_events \
             GROUP BY pole_id, {day}, series_id; COMMIT; ANALYZE;",
        ));
    }
}

fn copy(conn: &mut PgConnection, pole: &str, rows: &[Raw]) -> QueryResult<()> {
    let lines = |out: &mut dyn std::io::Write| {
        rows.iter().try_for_each(|Raw { id, at, series }| {
            let rest = "1250000\t{\"queue\":\"cpu\"}\t\\N\t\\N\tf";
            writeln!(out, "{pole}\t{at}\t{id}\t{series}\t{rest}\t{at}")
        })
    };
    diesel::copy_from(usage_events::table)
        .from_raw_data(usage_events::table, |out| {
            lines(out).expect("writing into memory");
            QueryResult::Ok(())
        })
        .execute(conn)
        .map(|_| ())
}

/// A statement that adds `N` rows. Diesel writes its own anew each time, which takes longer than to
/// run it.
struct Insert<'r, const N: usize> {
    pole: &'r str,
    rows: &'r [Raw],
}

impl<const N: usize> QueryId for Insert<'_, N> {
    type QueryId = Insert<'static, N>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<const N: usize> RunQueryDsl<SqliteConnection> for Insert<'_, N> {}

impl<const N: usize> QueryFragment<Sqlite> for Insert<'_, N> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql("INSERT INTO usage_events VALUES ");
        for (nth, row) in self.rows.iter().enumerate() {
            out.push_sql(if nth == 0 { "(" } else { ", (" });
            out.push_bind_param::<Text, _>(self.pole)?;
            out.push_sql(", ");
            out.push_bind_param::<BigInt, _>(&row.at)?;
            out.push_sql(", ");
            out.push_bind_param::<Text, _>(&row.id)?;
            out.push_sql(", ");
            out.push_bind_param::<BigInt, _>(&row.series)?;
            out.push_sql(", 1250000, '{\"queue\":\"cpu\"}', NULL, NULL, 0, ");
            out.push_bind_param::<BigInt, _>(&row.at)?;
            out.push_sql(")");
        }
        Ok(())
    }
}
