//! What a bank answers to a file of transfers: pain.002.

use palier_billing::sepa::{PaymentState as State, StatusReport};

use super::file::{TransferFile, recall};
use super::reject;
use crate::bank::status::{Answers, refuses_all, unknown, words};
use crate::db::poles::{self, PoleRow};
use crate::db::transfer_files::{self, TransferFileRow, TransferFileStatus};
use crate::db::transfers::{TransferRow, TransferStatus};
use crate::problem::Problem;
use crate::work::Tx;

/// What an answer says of a file.
#[derive(Clone, Debug)]
pub(crate) struct Answered {
    pub(crate) file: TransferFileRow,
    /// Whether the bank refused all of it: it was called off, and planned again.
    pub(crate) is_refused: bool,
    /// What the bank does not execute.
    pub(crate) rejected: Vec<TransferRow>,
    /// How many the bank is at.
    pub(crate) accepted: usize,
    /// What it says of payments that are none of the file's, or of which more is known by now.
    pub(crate) passed_over: Vec<String>,
}

/// Takes an answer in. The same again changes nothing.
///
/// # Errors
/// A [`Problem`] where it answers no file of the pole's; the database's.
pub(crate) fn take(
    tx: &mut Tx<'_>,
    pole: &PoleRow,
    report: &StatusReport,
) -> Result<Answered, Problem> {
    poles::hold(tx.conn, tx.pole())?;
    let file = transfer_files::by_message(tx.conn, tx.pole(), &report.message_id)?;
    let file = file.ok_or_else(|| unknown(&report.message_id))?;
    let mut answered = Answered {
        file,
        is_refused: false,
        rejected: Vec::new(),
        accepted: 0,
        passed_over: Vec::new(),
    };
    if answered.file.status == TransferFileStatus::Cancelled {
        answered.is_refused = report.state == Some(State::Rejected);
        return Ok(answered);
    }
    if refuses_all(report) {
        let reason = words(&report.reasons);
        answered.file = recall(tx, pole, &answered.file, &reason)?.row;
        answered.is_refused = true;
        return Ok(answered);
    }
    let file = TransferFile::of(tx.conn, answered.file.clone())?;
    let name = |row: &TransferRow| row.external_id.clone().unwrap_or_default();
    let batches = file.batches();
    let named =
        batches.iter().map(|it| (it.id.as_str(), it.transfers.iter().copied().map(name).collect()));
    let answers = Answers::of(report, named.collect());
    for row in &file.transfers {
        let name = name(row);
        let Some(said) = answers.to(&name) else { continue };
        match (said.state, row.status) {
            (Some(State::Rejected | State::Cancelled), TransferStatus::Sent) => {
                let why = (said.code(), words(said.reasons));
                answered.rejected.push(reject(tx, row, why)?);
            }
            // It came back after it was executed: the statement tells of that.
            (Some(State::Rejected | State::Cancelled), TransferStatus::Executed) => {
                answered.passed_over.push(name);
            }
            (
                Some(
                    State::Checked
                    | State::Accepted
                    | State::AcceptedWithChange
                    | State::Settled
                    | State::Credited,
                ),
                TransferStatus::Sent,
            ) => answered.accepted = answered.accepted.saturating_add(1),
            _ => {}
        }
    }
    answered.passed_over.extend(answers.passed_over);
    answered.passed_over.sort_unstable();
    Ok(answered)
}
