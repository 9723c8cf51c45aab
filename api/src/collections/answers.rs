//! What a bank answers to a file of direct debits: pain.002.

use std::collections::HashMap;

use palier_billing::sepa::{PaymentState, ReturnReason, StatusReason, read_status};

use super::debits::of;
use super::recall::cancel;
use super::{News, learn};
use crate::db::collections::{CollectionRow, CollectionStatus};
use crate::db::debit_files::{self, DebitFileRow, DebitFileStatus};
use crate::db::poles::{self, PoleRow};
use crate::id::CollectionId;
use crate::problem::{Fault, FaultPlace, Problem, ProblemType};
use crate::say;
use crate::text::sepa;
use crate::work::Tx;

/// How large an answer may be.
pub(crate) const MAX_BYTES: usize = 8 << 20;

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

/// What is said of a payment.
struct Said<'a> {
    state: Option<PaymentState>,
    reasons: &'a [StatusReason],
}

/// Takes an answer in. The same again changes nothing.
///
/// # Errors
/// A [`Problem`] where it cannot be read, or answers no file of the pole's; the database's.
pub(crate) fn take(tx: &mut Tx<'_>, pole: &PoleRow, bytes: &[u8]) -> Result<Answered, Problem> {
    poles::hold(tx.conn, tx.pole())?;
    let report = read_status(bytes).map_err(|found| {
        let detail = say!(
            en "It is no answer of a bank that can be read; nothing was taken in.",
            fr "Ce n’est pas une réponse de banque lisible ; rien n’a été repris."
        );
        let errors = sepa::of_file(&found);
        Problem { errors, ..Problem::new(ProblemType::InvalidBody, detail) }
    })?;
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
    let named = report.batches.iter().any(|it| !it.payments.is_empty() || it.state.is_some());
    if report.state == Some(PaymentState::Rejected) && !named {
        let reason = words(&report.reasons);
        answered.file = cancel(tx, pole, &answered.file, &reason)?.row;
        answered.is_refused = true;
        return Ok(answered);
    }
    let of_file = std::slice::from_ref(&answered.file.file_id);
    let batches = debit_files::batches(tx.conn, tx.pole(), of_file)?;
    let mut said: HashMap<String, Said<'_>> = HashMap::new();
    // From what is said of the whole to what is said of one.
    for batch in &batches {
        let of_batch = report.batches.iter().find(|it| it.id == batch.batch_id);
        let state = of_batch.and_then(|it| it.state).or(report.state);
        let reasons = of_batch.map(|it| it.reasons.as_slice()).filter(|it| !it.is_empty());
        let reasons = reasons.unwrap_or(&report.reasons);
        for row in of(tx.conn, tx.pole(), std::slice::from_ref(batch))? {
            said.insert(row.external_id.unwrap_or_default(), Said { state, reasons });
        }
    }
    for it in report.batches.iter().flat_map(|it| &it.payments) {
        match said.get_mut(&it.end_to_end) {
            Some(known) => {
                *known = Said {
                    state: it.state,
                    reasons: if it.reasons.is_empty() { known.reasons } else { &it.reasons },
                };
            }
            None => answered.passed_over.push(it.end_to_end.clone()),
        }
    }
    for row in of(tx.conn, tx.pole(), &batches)? {
        let name = row.external_id.clone().unwrap_or_default();
        if let Some(said) = said.get(&name) {
            answered.note(tx, &row, &name, said)?;
        }
    }
    answered.passed_over.sort_unstable();
    Ok(answered)
}

impl Answered {
    fn note(
        &mut self,
        tx: &mut Tx<'_>,
        row: &CollectionRow,
        name: &str,
        said: &Said<'_>,
    ) -> Result<(), Problem> {
        use PaymentState as State;
        match said.state {
            Some(State::Rejected | State::Cancelled) => {
                let first = said.reasons.first();
                let code = first.map_or("NARR", |it| it.code.as_str()).to_owned();
                if row.status.is_live() {
                    let reason = words(said.reasons);
                    self.failed.push(fail(tx, &row.collection_id, code, reason)?);
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

/// What the bank says in its own words; else what its code means, in the language of the books.
fn words(reasons: &[StatusReason]) -> String {
    let own: Vec<_> = reasons.iter().flat_map(|it| &it.words).map(String::as_str).collect();
    if !own.is_empty() {
        return own.join(" ");
    }
    let known = reasons.iter().filter_map(StatusReason::known).map(ReturnReason::french);
    let known = known.collect::<Vec<_>>().join(" ");
    let codes = || reasons.iter().map(|it| it.code.as_str()).collect::<Vec<_>>().join(" ");
    if known.is_empty() { codes() } else { known }
}

fn unknown(message: &str) -> Problem {
    let detail = say!(
        en "It answers {message:?}, which is no file of the pole’s.",
        fr "Elle répond à {message:?}, qui n’est pas un fichier du pôle."
    );
    let place = FaultPlace::File { line: None, column: None };
    Problem::conflict(Fault { place, code: "unknown_file", detail })
}
