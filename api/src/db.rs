//! The database: one connection type over SQLite and PostgreSQL, and the two ways in.
//!
//! [`Database::read`] and [`Database::write`] run a closure on a thread that may block. The
//! closure holds a connection and cannot await, so that no HTTP and no mail happens inside a
//! transaction, by construction. Everything below takes the connection; whoever called `write`
//! owns the transaction.

mod connection;
mod error;
mod migrations;
mod types;
mod url;

pub(crate) mod api_keys;
pub(crate) mod archive;
pub(crate) mod attempts;
pub(crate) mod audit;
pub(crate) mod bank;
pub(crate) mod billed;
pub(crate) mod billing_settings;
pub(crate) mod bills;
pub(crate) mod catalogue;
pub(crate) mod closings;
pub(crate) mod collection_settings;
pub(crate) mod collections;
pub(crate) mod credits;
pub(crate) mod debit_files;
pub(crate) mod dunning;
pub(crate) mod einvoices;
pub(crate) mod grants;
pub(crate) mod identity_providers;
pub(crate) mod invoice_runs;
pub(crate) mod invoices;
pub(crate) mod jobs;
pub(crate) mod journal;
pub(crate) mod mails;
pub(crate) mod means;
pub(crate) mod members;
pub(crate) mod meters;
pub(crate) mod once;
pub(crate) mod payments;
pub(crate) mod penalties;
pub(crate) mod poles;
pub(crate) mod provider_accounts;
pub(crate) mod providers;
pub(crate) mod queue;
pub(crate) mod reports;
pub(crate) mod schema;
pub(crate) mod services;
pub(crate) mod sessions;
pub(crate) mod setbacks;
pub(crate) mod statistics;
pub(crate) mod stripe;
pub(crate) mod subscriptions;
pub(crate) mod suspensions;
pub(crate) mod tariffs;
pub(crate) mod transfer_files;
pub(crate) mod transfers;
pub(crate) mod usage;
pub(crate) mod users;
pub(crate) mod webhooks;

pub(crate) use connection::Db;
pub(crate) use error::{DbError, Violation};
pub(crate) use types::{text_column, words};
pub(crate) use url::DatabaseUrl;

use std::sync::Arc;
use std::time::Duration;

use connection::Manager;

use crate::fault;

/// How long a free connection is waited for.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long what another process has locked is waited for.
const LOCKED: Duration = Duration::from_secs(10);

/// A pool of connections.
type Pool = diesel::r2d2::Pool<Manager>;

/// The database of this process.
#[derive(Clone)]
pub(crate) struct Database {
    url: Arc<DatabaseUrl>,
    readers: Pool,
    /// SQLite has one writer: the same connection for all of them queues them fairly, where many
    /// would take turns by sleeping. On PostgreSQL it is the pool of the readers.
    writers: Pool,
}

impl Database {
    /// Opens a database that exists; an SQLite file that does not is made.
    pub(crate) fn open(url: DatabaseUrl, connections: u32) -> Result<Self, DbError> {
        let pool = |size: u32, patience: Duration| -> Result<Pool, DbError> {
            // One connection now, so that a wrong address is told at once; the others when needed.
            let built = Pool::builder()
                .max_size(size)
                .min_idle(Some(1))
                .connection_timeout(patience)
                .error_handler(Box::new(connection::LogErrors))
                .test_on_check_out(matches!(url, DatabaseUrl::Postgres(_)));
            // Asked once by hand: the pool would only say that it timed out.
            connection::establish(&url)?;
            built.build(Manager::new(url.clone())).map_err(DbError::Pool)
        };
        let readers = pool(connections, PATIENCE)?;
        let writers = match url {
            // Whoever has it may wait for another process for as long as locks are waited for.
            DatabaseUrl::Sqlite(_) => pool(1, LOCKED.saturating_add(PATIENCE))?,
            DatabaseUrl::Postgres(_) => readers.clone(),
        };
        Ok(Self { url: Arc::new(url), readers, writers })
    }

    /// Where it is, without its password.
    pub(crate) fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// Brings the schema up to date; several processes may try at once.
    pub(crate) fn migrate(&self) -> Result<usize, DbError> {
        let mut conn = self.writers.get()?;
        migrations::run(&mut conn)
    }

    /// Takes back the newest migrations.
    pub(crate) fn revert(&self, how_many: usize) -> Result<(), DbError> {
        let mut conn = self.writers.get()?;
        migrations::revert(&mut conn, how_many)
    }

    /// How many migrations of this program the database has not seen, and the answer to whether
    /// it can be reached at all.
    pub(crate) fn pending_migrations(&self) -> Result<usize, DbError> {
        let mut conn = self.readers.get()?;
        migrations::pending(&mut conn)
    }

    /// Reads.
    pub(crate) async fn read<T, E>(
        &self,
        work: impl FnOnce(&mut Db) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let this = self.clone();
        in_thread(move || this.read_now(work)).await
    }

    /// Reads, on a thread that may block.
    pub(crate) fn read_now<T, E: From<DbError>>(
        &self,
        work: impl FnOnce(&mut Db) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut conn = self.readers.get().map_err(DbError::from)?;
        work(&mut conn)
    }

    /// Writes, all or nothing: an error or a panic undoes everything the closure did.
    pub(crate) async fn write<T, E>(
        &self,
        work: impl FnOnce(&mut Db) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<DbError> + Send + 'static,
    {
        let this = self.clone();
        in_thread(move || this.write_now(work)).await
    }

    /// Writes, on a thread that may block.
    pub(crate) fn write_now<T, E: From<DbError>>(
        &self,
        work: impl FnOnce(&mut Db) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut conn = self.writers.get().map_err(DbError::from)?;
        let written = conn.write_transaction(|conn| {
            fault::point("begun");
            work(conn).inspect(|_| fault::point("written"))
        })?;
        fault::point("committed");
        Ok(written)
    }
}

async fn in_thread<T, E>(work: impl FnOnce() -> Result<T, E> + Send + 'static) -> Result<T, E>
where
    T: Send + 'static,
    E: From<DbError> + Send + 'static,
{
    actix_web::web::block(work).await.unwrap_or_else(|_gone| Err(DbError::Interrupted.into()))
}
