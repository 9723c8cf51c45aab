//! One connection over both engines.

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::r2d2::{HandleError, ManageConnection, R2D2Connection};
use diesel::{Connection as _, PgConnection, SqliteConnection};

use super::{DatabaseUrl, DbError, LOCKED};

/// A connection to either engine. What the derive does not cover (conflicts, batches) runs through
/// [`on_backend!`](crate::on_backend).
#[derive(diesel::MultiConnection)]
pub(crate) enum Db {
    /// The embedded SQLite.
    Sqlite(SqliteConnection),
    /// PostgreSQL.
    Postgres(PgConnection),
}

/// Runs one expression on the concrete connection behind a `Db`.
///
/// The derive leaves out conflict clauses and batched inserts; written once, the same statement is
/// compiled for each engine.
#[macro_export]
macro_rules! on_backend {
    ($connection:expr, $inner:ident => $statement:expr) => {
        match $connection {
            $crate::db::Db::Sqlite($inner) => $statement,
            $crate::db::Db::Postgres($inner) => $statement,
        }
    };
}

impl Db {
    /// Runs a closure in a transaction that writes.
    ///
    /// SQLite takes its write lock at the beginning: a transaction that reads first and then
    /// cannot get the lock would fail, however long it is told to wait.
    pub(crate) fn write_transaction<T, E: From<DbError>>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        type Manager = <Db as diesel::Connection>::TransactionManager;
        match self {
            Self::Sqlite(conn) => {
                AnsiTransactionManager::begin_transaction_sql(conn, "BEGIN IMMEDIATE")
            }
            Self::Postgres(conn) => AnsiTransactionManager::begin_transaction(conn),
        }
        .map_err(DbError::from)?;
        match work(self) {
            Ok(value) => {
                Manager::commit_transaction(self).map_err(DbError::from)?;
                Ok(value)
            }
            Err(error) => {
                // A connection that cannot roll back is broken, and the pool drops it.
                if let Err(also) = Manager::rollback_transaction(self) {
                    tracing::error!(error = %also, "rollback failed");
                }
                Err(error)
            }
        }
    }
}

impl Db {
    /// Runs a part of a transaction that undoes itself, and only itself, where it says false.
    pub(crate) fn attempt<T, E: From<DbError>>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<(bool, T), E>,
    ) -> Result<(bool, T), E> {
        type Manager = <Db as diesel::Connection>::TransactionManager;
        Manager::begin_transaction(self).map_err(DbError::from)?;
        let done = work(self);
        let end = match &done {
            Ok((true, _)) => Manager::commit_transaction(self),
            _ => Manager::rollback_transaction(self),
        };
        let done = done?;
        end.map_err(DbError::from)?;
        Ok(done)
    }

    /// Runs a closure that reads more than once and must see one state of the database.
    pub(crate) fn snapshot<T, E: From<DbError>>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        type Manager = <Db as diesel::Connection>::TransactionManager;
        match self {
            Self::Sqlite(conn) => AnsiTransactionManager::begin_transaction(conn),
            Self::Postgres(conn) => AnsiTransactionManager::begin_transaction_sql(
                conn,
                "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            ),
        }
        .map_err(DbError::from)?;
        let read = work(self);
        // It has nothing to lose: it only read.
        Manager::rollback_transaction(self).map_err(DbError::from)?;
        read
    }
}

/// Opens a connection with the settings Palier relies on.
pub(super) fn establish(url: &DatabaseUrl) -> Result<Db, DbError> {
    let unreachable = |error| DbError::Unreachable { url: url.to_string(), error };
    match url {
        DatabaseUrl::Sqlite(path) => {
            let path = path.to_string_lossy();
            let mut conn = SqliteConnection::establish(&path).map_err(unreachable)?;
            // FULL: what was answered with success is on disk, also after a power cut.
            conn.batch_execute(&format!(
                "PRAGMA busy_timeout = {}; PRAGMA journal_mode = WAL; \
                 PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
                 PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY;",
                LOCKED.as_millis()
            ))?;
            Ok(Db::Sqlite(conn))
        }
        DatabaseUrl::Postgres(url) => {
            let mut conn = PgConnection::establish(url).map_err(unreachable)?;
            conn.batch_execute(&format!(
                "SET synchronous_commit = on; SET timezone = 'UTC'; \
                 SET lock_timeout = {}; SET idle_in_transaction_session_timeout = '60s'; \
                 SET client_min_messages = warning;",
                LOCKED.as_millis()
            ))?;
            Ok(Db::Postgres(conn))
        }
    }
}

/// Makes connections for a pool.
pub(super) struct Manager {
    url: DatabaseUrl,
}

impl Manager {
    pub(super) const fn new(url: DatabaseUrl) -> Self {
        Self { url }
    }
}

impl ManageConnection for Manager {
    type Connection = Db;
    type Error = DbError;

    fn connect(&self) -> Result<Db, DbError> {
        establish(&self.url)
    }

    fn is_valid(&self, conn: &mut Db) -> Result<(), DbError> {
        Ok(conn.ping()?)
    }

    fn has_broken(&self, conn: &mut Db) -> bool {
        std::thread::panicking() || on_backend!(conn, inner => inner.is_broken())
    }
}

/// Logs what goes wrong when the pool opens connections behind the back of a request.
#[derive(Debug)]
pub(super) struct LogErrors;

impl HandleError<DbError> for LogErrors {
    fn handle_error(&self, error: DbError) {
        tracing::error!(%error, "no connection to the database");
    }
}
