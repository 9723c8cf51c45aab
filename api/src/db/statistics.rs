//! What PostgreSQL knows of its tables.
//!
//! It plans by counts that it takes from time to time, and keeps its plans for as long as they stand. A table
//! that had a few rows then it reads as a whole, and goes on doing so for each row that it checks while
//! thousands are added. Its own round comes within a minute or so; who writes or reads a month at once cannot
//! wait for it.

use diesel::prelude::*;
use diesel::sql_types::{Array, Text};

use super::{Database, Db, DbError};

/// Tables that a run reads and writes a month at once. Those of usage are divided by months.
pub(crate) const OF_RUN: &[&str] = &[
    "usage_events",
    "usage_voids",
    "usage_levels",
    "usage_days",
    "usage_deltas",
    "usage_series",
    "invoices",
    "billed_charges",
    "credit_draws",
];

/// Tables that making documents final writes a month at once.
pub(crate) const OF_FINAL: &[&str] = &[
    "invoices",
    "invoice_series",
    "journal_entries",
    "journal_lines",
    "archive_queue",
    "closings",
];

/// Those of the named tables, and of their parts, that have grown by a quarter since PostgreSQL counted them.
const GROWN: &str = "SELECT t.oid::regclass::text AS name FROM pg_class t \
     LEFT JOIN pg_inherits i ON i.inhrelid = t.oid \
     WHERE t.relkind = 'r' AND t.relnamespace = current_schema()::regnamespace \
     AND (SELECT p.relname FROM pg_class p WHERE p.oid = coalesce(i.inhparent, t.oid)) = ANY($1) \
     AND pg_relation_size(t.oid) \
         > t.relpages::bigint * current_setting('block_size')::bigint * 5 / 4 \
     ORDER BY 1";

#[derive(QueryableByName)]
struct Table {
    #[diesel(sql_type = Text)]
    name: String,
}

/// Has PostgreSQL count what is in those of these tables that have grown; SQLite plans without.
///
/// Whatever keeps it from that (another role owns the tables, somebody holds them) makes plans worse and
/// nothing wrong: it is noted, and that is all.
pub(crate) fn refresh(db: &Database, tables: &[&str]) {
    let refreshed = db.read_now(|conn| match conn {
        Db::Sqlite(_) => Ok(()),
        Db::Postgres(conn) => {
            let grown = diesel::sql_query(GROWN).bind::<Array<Text>, _>(tables);
            for Table { name } in grown.load::<Table>(conn)? {
                diesel::sql_query(format!("ANALYZE {name}")).execute(conn)?;
            }
            Ok::<_, DbError>(())
        }
    });
    if let Err(error) = refreshed {
        tracing::warn!(%error, "PostgreSQL cannot count its rows");
    }
}
