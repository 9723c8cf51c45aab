//! The schema, compiled into the program.

use diesel::migration::{Migration, MigrationSource};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

use super::{Db, DbError, LOCKED};

const SQLITE: EmbeddedMigrations = embed_migrations!("../migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("../migrations/postgres");

/// The key of the lock that makes several servers on one PostgreSQL migrate one after the other.
const LOCK: i64 = 0x7061_6c69_6572;

/// How often SQLite is looked at again, while several servers migrate one file.
const ATTEMPTS: usize = 40;
/// How long to wait before that.
const PAUSE: std::time::Duration = std::time::Duration::from_millis(50);

/// Runs what the database has not seen, and tells how much that was.
pub(super) fn run(conn: &mut Db) -> Result<usize, DbError> {
    match conn {
        // SQLite has no such lock. Each migration is a transaction of its own: one that another
        // server has run meanwhile fails whole, and looking again finds it done.
        Db::Sqlite(conn) => {
            let mut done = all(conn, SQLITE);
            for _ in 0..ATTEMPTS {
                if done.is_ok() {
                    break;
                }
                std::thread::sleep(PAUSE);
                done = all(conn, SQLITE);
            }
            done
        }
        Db::Postgres(conn) => {
            use diesel::connection::SimpleConnection as _;
            // However long another server migrates, it is waited for.
            conn.batch_execute(&format!(
                "SET lock_timeout = 0; SELECT pg_advisory_lock({LOCK}); SET lock_timeout = {}",
                LOCKED.as_millis()
            ))?;
            let done = all(conn, POSTGRES);
            conn.batch_execute(&format!("SELECT pg_advisory_unlock({LOCK})"))?;
            done
        }
    }
}

fn all<DB, C>(conn: &mut C, source: EmbeddedMigrations) -> Result<usize, DbError>
where
    DB: diesel::backend::Backend,
    C: MigrationHarness<DB>,
    EmbeddedMigrations: MigrationSource<DB>,
{
    let done = conn.run_pending_migrations(source);
    done.map(|done| done.len()).map_err(|error| DbError::Migration(error.to_string()))
}

/// Undoes the newest migrations. For those who write them, and for tests.
pub(super) fn revert(conn: &mut Db, how_many: usize) -> Result<(), DbError> {
    let failed =
        |error: Box<dyn std::error::Error + Send + Sync>| DbError::Migration(error.to_string());
    for _ in 0..how_many {
        on_backend_revert(conn).map_err(failed)?;
    }
    Ok(())
}

fn on_backend_revert(conn: &mut Db) -> diesel::migration::Result<()> {
    match conn {
        Db::Sqlite(conn) => conn.revert_last_migration(SQLITE)?,
        Db::Postgres(conn) => conn.revert_last_migration(POSTGRES)?,
    };
    Ok(())
}

/// How many the database has not seen.
pub(super) fn pending(conn: &mut Db) -> Result<usize, DbError> {
    match conn {
        Db::Sqlite(conn) => MigrationHarness::pending_migrations(conn, SQLITE)
            .map(|pending: Vec<Box<dyn Migration<_>>>| pending.len()),
        Db::Postgres(conn) => MigrationHarness::pending_migrations(conn, POSTGRES)
            .map(|pending: Vec<Box<dyn Migration<_>>>| pending.len()),
    }
    .map_err(|error| DbError::Migration(error.to_string()))
}
