//! What an import will write, decided before anything is.

use std::collections::HashMap;

use super::merge::{contradictions, merged, other_regime};
use super::report::MemberChange;
use super::{ImportAction, ImportError, ImportFile, ImportReport};
use crate::clock::Time;
use crate::day::Day;
use crate::db::members::{MemberRow, many};
use crate::db::poles::PoleRow;
use crate::db::{Db, DbError};
use crate::id::MemberId;
use crate::members_file::{ImportedMember, RowFault};
use crate::routes::Member;
use crate::say;
use crate::work::Changes;

/// What an import will write.
pub(super) struct Plan {
    pub(super) writes: Vec<Write>,
    unchanged: usize,
}

/// A member to be written.
pub(super) struct Write {
    line: u64,
    pub(super) row: MemberRow,
    pub(super) action: ImportAction,
    pub(super) changes: Changes,
    /// Whether its SIREN is new to the record.
    brings_siren: bool,
}

impl Plan {
    /// Compares a file with what is on record.
    pub(super) fn make(
        conn: &mut Db,
        pole: &PoleRow,
        at: Time,
        file: &ImportFile,
    ) -> Result<Self, ImportError> {
        let rows = many::with_codes(conn, &pole.pole_id, &file.codes())?;
        let mut on_record: HashMap<_, _> =
            rows.into_iter().map(|row| (row.code.clone(), row)).collect();
        let (mut writes, mut faults) = (Vec::new(), Vec::new());
        // The SIREN of each member of the file as it is afterwards.
        let mut after: HashMap<String, Option<String>> = HashMap::new();
        for said in &file.members {
            let row = on_record.remove(&said.code);
            let same = row.as_ref().map(|row| row.siren.clone());
            let write = match row {
                None => Some(added(pole, at, said)?),
                Some(row) => updated(pole, at, said, &row, &mut faults)?,
            };
            let siren = write.as_ref().map(|write| write.row.siren.clone()).or(same).flatten();
            after.insert(said.code.clone(), siren);
            writes.extend(write);
        }
        faults.extend(taken_sirens(conn, pole, &writes, &after)?);
        if !faults.is_empty() {
            faults.sort_by_key(|fault| fault.line);
            return Err(ImportError::Faults(faults));
        }
        let unchanged = file.members.len().saturating_sub(writes.len());
        Ok(Self { writes, unchanged })
    }

    /// What it comes to.
    pub(super) fn report(&self, file_sha256: &str, dry_run: bool) -> ImportReport {
        let count = |action| self.writes.iter().filter(|write| write.action == action).count();
        ImportReport {
            dry_run,
            file_sha256: file_sha256.to_owned(),
            created: count(ImportAction::Created),
            updated: count(ImportAction::Updated),
            unchanged: self.unchanged,
            changes: self.writes.iter().map(|write| write.change(dry_run)).collect(),
        }
    }
}

impl Write {
    fn change(&self, dry_run: bool) -> MemberChange {
        let is_new = self.action == ImportAction::Created;
        MemberChange {
            line: self.line,
            code: self.row.code.clone(),
            member: Some(self.row.member_id.clone()).filter(|_| !(is_new && dry_run)),
            action: self.action,
            fields: if is_new { Vec::new() } else { self.changes.names() },
        }
    }
}

/// A member that is not on record yet.
fn added(pole: &PoleRow, at: Time, said: &ImportedMember) -> Result<Write, DbError> {
    let id = MemberId::new(at);
    let row = merged(said, None).row(pole.pole_id.clone(), id, pole.language, at);
    let changes = Changes::made(&Member::try_from(row.clone())?);
    let (line, action, brings_siren) = (said.line, ImportAction::Created, row.siren.is_some());
    Ok(Write { line, row, action, changes, brings_siren })
}

/// A member that is on record, unless the file says nothing new of it.
fn updated(
    pole: &PoleRow,
    at: Time,
    said: &ImportedMember,
    row: &MemberRow,
    faults: &mut Vec<RowFault>,
) -> Result<Option<Write>, DbError> {
    let before = Member::try_from(row.clone())?;
    faults.extend(other_regime(said, &before.object, Day::today(pole, at).date()));
    let member = merged(said, Some(before.object.clone()));
    let (pole_id, id) = (row.pole_id.clone(), row.member_id.clone());
    let next = MemberRow {
        version: row.version.saturating_add(1),
        created_at: row.created_at,
        ..member.clone().row(pole_id, id, pole.language, at)
    };
    let after = Member::try_from(next.clone())?;
    let changes = Changes::between(&before, &after);
    if changes.names().is_empty() {
        return Ok(None);
    }
    faults.extend(contradictions(said.line, &member));
    let (line, action) = (said.line, ImportAction::Updated);
    let brings_siren = next.siren.is_some() && next.siren != row.siren;
    Ok(Some(Write { line, row: next, action, changes, brings_siren }))
}

/// SIRENs that another member has and keeps. Two that were on record already are left alone: the
/// file did not bring them.
fn taken_sirens(
    conn: &mut Db,
    pole: &PoleRow,
    writes: &[Write],
    after: &HashMap<String, Option<String>>,
) -> Result<Vec<RowFault>, DbError> {
    let brought: HashMap<&str, &Write> = writes
        .iter()
        .filter(|write| write.brings_siren)
        .filter_map(|write| Some((write.row.siren.as_deref()?, write)))
        .collect();
    let sirens: Vec<_> = brought.keys().copied().collect();
    let mut faults = Vec::new();
    for (code, siren) in many::with_sirens(conn, &pole.pole_id, &sirens)? {
        // Another line of the file may take it away from its holder.
        let keeps = after.get(&code).is_none_or(|after| *after == siren);
        let write = siren.as_deref().and_then(|siren| brought.get(siren));
        if let Some(write) = write
            && keeps
            && write.row.code != code
        {
            faults.push(taken(write.line, &code));
        }
    }
    Ok(faults)
}

fn taken(line: u64, code: &str) -> RowFault {
    let text = say!(
        en "The member {code} has this SIREN.",
        fr "L’adhérent {code} porte déjà ce SIREN."
    );
    RowFault { line: Some(line), column: Some("siren".to_owned()), code: "taken", text }
}
