//! What a bank answers to a file of direct debits: pain.002.

use palier_billing::sepa::{PaymentState, StatusReport};

use super::debits::of;
use super::recall::cancel;
use super::{News, learn};
use crate::bank::status::{Answers, Said, refuses_all, unknown, words};
use crate::db::collections::{CollectionRow, CollectionStatus};
use crate::db::debit_files::{self, DebitFileRow, DebitFileStatus};
use crate::db::poles::{self, PoleRow};
use crate::id::CollectionId;
use crate::problem::Problem;
use crate::work::Tx;

/// What an answer says of a file.
#[derive(Clone, Debug)]
pub(crate) struct Answered {
    pub(crate) file: DebitFileRow,
    /// Whether the bank refused all of it: it was called off, and planned again.
    pub(crate) is_refused: bool,
    /// What the bank will not collect.
    pub(crate) failed: Vec<CollectionRow>,
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
    let file = debit_files::by_message(tx.conn, tx.pole(), &report.message_id)?;
    let file = file.ok_or_else(|| unknown(&report.message_id))?;
    let mut answered = Answered {
        file,
        is_refused: false,
        failed: Vec::new(),
        accepted: 0,
        passed_over: Vec::new(),
    };
    if answered.file.status == DebitFileStatus::Cancelled {
        answered.is_refused = report.state == Some(PaymentState::Rejected);
        return Ok(answered);
    }
    if refuses_all(report) {
        let reason = words(&report.reasons);
        answered.file = cancel(tx, pole, &answered.file, &reason)?.row;
        answered.is_refused = true;
        return Ok(answered);
    }
    let of_file = std::slice::from_ref(&answered.file.file_id);
    let batches = debit_files::batches(tx.conn, tx.pole(), of_file)?;
    let name = |row: &CollectionRow| row.external_id.clone().unwrap_or_default();
    let mut named = Vec::new();
    for batch in &batches {
        let rows = of(tx.conn, tx.pole(), std::slice::from_ref(batch))?;
        named.push((batch.batch_id.as_str(), rows.iter().map(name).collect()));
    }
    let answers = Answers::of(report, named);
    for row in of(tx.conn, tx.pole(), &batches)? {
        let name = name(&row);
        if let Some(said) = answers.to(&name) {
            answered.note(tx, &row, &name, said)?;
        }
    }
    answered.passed_over.extend(answers.passed_over);
    answered.passed_over.sort_unstable();
    Ok(answered)
}

impl Answered {
    fn note(
        &mut self,
        tx: &mut Tx<'_>,
        row: &CollectionRow,
        name: &str,
        said: Said<'_>,
    ) -> Result<(), Problem> {
        use PaymentState as State;
        match said.state {
            Some(State::Rejected | State::Cancelled) => {
                if row.status.is_live() {
                    let reason = words(said.reasons);
                    self.failed.push(fail(tx, &row.collection_id, said.code(), reason)?);
                } else if row.status == CollectionStatus::Succeeded {
                    // It went back after it came in: the statement tells of that.
                    self.passed_over.push(name.to_owned());
                }
            }
            Some(
                State::Checked
                | State::Accepted
                | State::AcceptedWithChange
                | State::Settled
                | State::Credited,
            ) if row.status.is_live() => {
                learn(tx, &row.collection_id, News::Processing)?;
                self.accepted = self.accepted.saturating_add(1);
            }
            _ => {}
        }
        Ok(())
    }
}

fn fail(
    tx: &mut Tx<'_>,
    id: &CollectionId,
    code: String,
    reason: String,
) -> Result<CollectionRow, Problem> {
    learn(tx, id, News::Failed { code, reason })
}
