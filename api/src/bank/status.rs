//! What a bank answers to a file of payments, whichever way the money goes: pain.002.

use std::collections::HashMap;

use palier_billing::sepa::{PaymentState, ReturnReason, StatusReason, StatusReport, read_status};

use crate::problem::{Fault, FaultPlace, Problem, ProblemType};
use crate::say;
use crate::text::sepa;

/// How large an answer may be.
pub(crate) const MAX_BYTES: usize = 8 << 20;

/// What is said of a payment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Said<'r> {
    pub(crate) state: Option<PaymentState>,
    pub(crate) reasons: &'r [StatusReason],
}

/// What an answer says of each payment of a file.
#[derive(Debug)]
pub(crate) struct Answers<'r> {
    /// By what these are called from end to end.
    said: HashMap<String, Said<'r>>,
    /// What it names that is not in the file.
    pub(crate) passed_over: Vec<String>,
}

/// Reads an answer.
///
/// # Errors
/// A [`Problem`] with all that is wrong.
pub(crate) fn read(bytes: &[u8]) -> Result<StatusReport, Problem> {
    read_status(bytes).map_err(|found| {
        let detail = say!(
            en "It is no answer of a bank that can be read; nothing was taken in.",
            fr "Ce n’est pas une réponse de banque lisible ; rien n’a été repris."
        );
        let errors = sepa::of_file(&found);
        Problem { errors, ..Problem::new(ProblemType::InvalidBody, detail) }
    })
}

/// Whether the bank refuses all of a file, and says nothing of its parts.
pub(crate) fn refuses_all(report: &StatusReport) -> bool {
    let named = report.batches.iter().any(|it| !it.payments.is_empty() || it.state.is_some());
    report.state == Some(PaymentState::Rejected) && !named
}

impl<'r> Answers<'r> {
    /// From what is said of the whole to what is said of one: a file's batches, and what the payments of each
    /// are called from end to end.
    pub(crate) fn of(report: &'r StatusReport, batches: Vec<(&str, Vec<String>)>) -> Self {
        let mut answers = Self { said: HashMap::new(), passed_over: Vec::new() };
        for (name, payments) in batches {
            let of_batch = report.batches.iter().find(|it| it.id == name);
            let state = of_batch.and_then(|it| it.state).or(report.state);
            let reasons = of_batch.map(|it| it.reasons.as_slice()).filter(|it| !it.is_empty());
            let reasons = reasons.unwrap_or(&report.reasons);
            answers.said.extend(payments.into_iter().map(|it| (it, Said { state, reasons })));
        }
        for it in report.batches.iter().flat_map(|it| &it.payments) {
            match answers.said.get_mut(&it.end_to_end) {
                Some(known) => {
                    let own = !it.reasons.is_empty();
                    let reasons = if own { it.reasons.as_slice() } else { known.reasons };
                    *known = Said { state: it.state, reasons };
                }
                None => answers.passed_over.push(it.end_to_end.clone()),
            }
        }
        answers
    }

    /// What it says of a payment.
    pub(crate) fn to(&self, end_to_end: &str) -> Option<Said<'r>> {
        self.said.get(end_to_end).copied()
    }
}

impl Said<'_> {
    /// The code of the first reason.
    pub(crate) fn code(&self) -> String {
        self.reasons.first().map_or("NARR", |it| it.code.as_str()).to_owned()
    }
}

/// What the bank says in its own words; else what its code means, in the language of the books.
pub(crate) fn words(reasons: &[StatusReason]) -> String {
    let own: Vec<_> = reasons.iter().flat_map(|it| &it.words).map(String::as_str).collect();
    if !own.is_empty() {
        return own.join(" ");
    }
    let known = reasons.iter().filter_map(StatusReason::known).map(ReturnReason::french);
    let known = known.collect::<Vec<_>>().join(" ");
    let codes = || reasons.iter().map(|it| it.code.as_str()).collect::<Vec<_>>().join(" ");
    if known.is_empty() { codes() } else { known }
}

/// Of an answer to what is no file of the pole's.
pub(crate) fn unknown(message: &str) -> Problem {
    let detail = say!(
        en "It answers {message:?}, which is no file of the pole’s.",
        fr "Elle répond à {message:?}, qui n’est pas un fichier du pôle."
    );
    let place = FaultPlace::File { line: None, column: None };
    Problem::conflict(Fault { place, code: "unknown_file", detail })
}
