//! What can go wrong with the database.

use diesel::result::{ConnectionError, DatabaseErrorKind, Error as DieselError};

use crate::clock::Time;

/// An error of the database. Handlers turn the expected ones into a problem of their own; the rest
/// is a fault of ours and says nothing to the caller.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DbError {
    /// It does not answer.
    #[error("{url}: {error}")]
    Unreachable {
        /// Where it was looked for, without its password.
        url: String,
        /// What the engine says.
        error: ConnectionError,
    },
    /// No connection was free for some seconds.
    #[error("no connection to the database: {0}")]
    Pool(#[from] diesel::r2d2::PoolError),
    /// A statement failed.
    #[error("{0}")]
    Statement(#[from] DieselError),
    /// The schema cannot be brought up to date.
    #[error("migration: {0}")]
    Migration(String),
    /// A row holds what this program cannot read.
    #[error("{table} {id}: {what}")]
    Unreadable {
        /// Of which table.
        table: &'static str,
        /// Of which row.
        id: String,
        /// What is wrong with it.
        what: String,
    },
    /// It takes events that are not kept any longer.
    #[error("events of before {before} were dropped")]
    Dropped {
        /// The first instant whose events are there.
        before: Time,
    },
    /// The table that a month's events stand in is not there, or not any more.
    #[error("a month has no table")]
    NoMonth,
    /// The thread that worked on it is gone.
    #[error("the work was interrupted")]
    Interrupted,
}

/// A rule of the schema that a write broke. SQLite names no constraint, so that only the kind can
/// be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Violation {
    /// Another row has that key already.
    Unique,
    /// A row it names does not exist, or another row names it.
    ForeignKey,
}

impl DbError {
    /// The rule that was broken, if that is what went wrong.
    pub(crate) const fn violation(&self) -> Option<Violation> {
        match self {
            Self::Statement(DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, _)) => {
                Some(Violation::Unique)
            }
            Self::Statement(DieselError::DatabaseError(
                DatabaseErrorKind::ForeignKeyViolation,
                _,
            )) => Some(Violation::ForeignKey),
            _ => None,
        }
    }

    /// Whether the database cannot do its work now and may well be able to shortly: it is away, or
    /// others held for too long what the statement needed.
    pub(crate) fn is_passing(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Pool(_) | Self::NoMonth => true,
            Self::Statement(DieselError::DatabaseError(kind, error)) => match kind {
                DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::SerializationFailure => {
                    true
                }
                _ => BUSY.iter().any(|said| error.message().contains(said)),
            },
            _ => false,
        }
    }
}

/// What SQLite says when others kept the lock, and PostgreSQL when it was waited for in vain or two
/// waited for each other. diesel tells neither from any other error. PostgreSQL may say it in
/// French: only its superuser sets the language of messages.
const BUSY: [&str; 6] = [
    "database is locked",
    "database table is locked",
    "canceling statement due to lock timeout",
    "annulation de la requête à cause du délai écoulé pour l'obtention des verrous",
    "deadlock detected",
    "interblocage (deadlock) détecté",
];
