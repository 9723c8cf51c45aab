//! Importing a file of members: all of it or nothing.
//!
//! A member is known by the pole's code for it. One that is not on record yet is added, one that
//! is gets what the file says, and one of which the file says nothing new stays as it is, version
//! and all, so that the same file twice changes nothing the second time. What a file does not say,
//! a missing column or an empty cell, stays as it is on record, or is what it would be for a
//! member made without it. An address is one thing: a file says it as a whole.

mod merge;
mod plan;
mod report;

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::json;

use crate::clock::Time;
use crate::db::members::many;
use crate::db::poles::{self, PoleRow};
use crate::db::{Db, DbError, Violation};
use crate::members_file::{self, ImportedMember, RowFault};
use crate::work::{Changes, Done, Tx};
use plan::Plan;

pub(crate) use report::{ImportAction, ImportReport};

/// A file that was read: every line is a valid member.
pub(crate) struct ImportFile {
    members: Vec<ImportedMember>,
    sha256: String,
}

/// Why nothing was imported.
#[derive(Debug)]
pub(crate) enum ImportError {
    /// The file contradicts what is on record, here and here.
    Faults(Vec<RowFault>),
    /// Somebody added a member of the file while it was being imported.
    Raced,
    /// The database.
    Database(DbError),
}

impl From<DbError> for ImportError {
    fn from(error: DbError) -> Self {
        Self::Database(error)
    }
}

impl ImportFile {
    /// Reads a file.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Vec<RowFault>> {
        let members = members_file::read(bytes)?;
        Ok(Self { members, sha256: crate::hex(digest(&SHA256, bytes).as_ref()) })
    }

    fn codes(&self) -> Vec<&str> {
        self.members.iter().map(|member| member.code.as_str()).collect()
    }
}

/// Says what an import would do, and writes nothing.
pub(crate) fn rehearse(
    conn: &mut Db,
    pole: &PoleRow,
    at: Time,
    file: &ImportFile,
) -> Result<ImportReport, ImportError> {
    let plan = Plan::make(conn, pole, at, file)?;
    Ok(plan.report(&file.sha256, true))
}

/// Imports a file, in the transaction of the caller.
pub(crate) fn import(
    tx: &mut Tx<'_>,
    pole: &PoleRow,
    file: &ImportFile,
) -> Result<Done<ImportReport>, ImportError> {
    poles::hold(tx.conn, tx.pole())?;
    many::hold(tx.conn, tx.pole(), &file.codes())?;
    let plan = Plan::make(tx.conn, pole, tx.at(), file)?;
    let report = plan.report(&file.sha256, false);
    if plan.writes.is_empty() {
        return Ok(tx.unchanged(report));
    }
    let rows: Vec<_> = plan.writes.iter().map(|write| write.row.clone()).collect();
    many::put(tx.conn, &rows).map_err(|error| match error.violation() {
        Some(Violation::Unique) => ImportError::Raced,
        _ => ImportError::Database(error),
    })?;
    let notes = plan.writes.iter().map(|write| {
        let action = match write.action {
            ImportAction::Created => "member.created",
            ImportAction::Updated => "member.updated",
        };
        (action, write.row.member_id.as_str(), &write.changes)
    });
    tx.note_all(&notes.collect::<Vec<_>>())?;
    let counts = json!({
        "file_sha256": report.file_sha256, "created": report.created,
        "updated": report.updated, "unchanged": report.unchanged,
    });
    Ok(tx.done("members.imported", tx.pole().as_str(), &Changes::made(&counts), report)?)
}
