//! The invoicing run: a month closed, priced, put into documents, and made final.
//!
//! 1. [`freeze`](freeze::freeze) closes the month's books in one short transaction: whatever comes
//!    in afterwards is late. From then on the month says the same whenever it is read.
//! 2. [`price`](price::price_service) makes each service's lines of it, in a snapshot and without a
//!    lock, and [`assemble`](assemble::documents) puts each member's lines into its documents.
//! 3. [`run`](run::run) writes them as drafts, few at a time. A key of the table lets each be there
//!    once, so that a run that was killed, or two at once, come to the same.
//! 4. [`finalise`](finalise::finalise) gives numbers and seals, and books the documents, in the same
//!    transaction. From then on the database refuses every change.

use palier_billing::{DocumentError, Error, Month};

use crate::db::DbError;
use crate::problem::{Fault, Problem, ProblemType};
use crate::say;
use crate::text::Text;

pub(crate) mod adjust;
pub(crate) mod assemble;
mod billee;
pub(crate) mod credit;
mod draft;
pub(crate) mod draw;
pub(crate) mod fec;
pub(crate) mod finalise;
mod freeze;
pub(crate) mod journal;
mod letters;
pub(crate) mod paper;
pub(crate) mod penalty;
pub(crate) mod price;
pub(crate) mod replace;
pub(crate) mod review;
pub(crate) mod run;
pub(crate) mod settings;
mod vat;
pub(crate) mod verify;
pub(crate) mod view;
mod words;

pub(crate) use settings::Settings;

/// Why a month cannot be invoiced.
#[derive(Debug)]
pub(crate) enum InvoicingError {
    /// The database.
    Database(DbError),
    /// The pole has not said how it bills.
    NoSettings,
    /// The month has not ended.
    NotOver { month: Month },
    /// Months are invoiced one after the other.
    NotNext { month: Month, next: Month },
    /// What was used of a service cannot be priced.
    Service { code: String, error: Error },
    /// A member's document breaks a rule.
    Document { member: String, error: DocumentError },
    /// A member's particulars cannot be read.
    Member { code: String, what: String },
    /// A document cannot be booked.
    Ledger { member: String, what: String },
    /// Some of its documents are final: it cannot be made anew.
    Final { month: Month },
    /// A later month was priced by what it billed: it cannot be made anew.
    Later { month: Month, later: Month },
    /// Its drafts are still to be made.
    NotDrafted { month: Month },
    /// What somebody asks of a document, and cannot be: where it says so, and why not.
    Refused { pointer: String, code: &'static str, text: Text },
    /// What settles it cannot be recorded.
    Payment(Box<Problem>),
}

impl From<Problem> for InvoicingError {
    fn from(problem: Problem) -> Self {
        Self::Payment(Box::new(problem))
    }
}

impl From<DbError> for InvoicingError {
    fn from(error: DbError) -> Self {
        Self::Database(error)
    }
}

impl From<diesel::result::Error> for InvoicingError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}

impl InvoicingError {
    pub(crate) fn refused(pointer: &str, code: &'static str, text: Text) -> Self {
        Self::Refused { pointer: pointer.to_owned(), code, text }
    }

    /// In words.
    pub(crate) fn text(&self) -> Text {
        match self {
            Self::Database(error) => say!(en "{error}", fr "{error}"),
            Self::NoSettings => say!(
                en "The pole has not said how it bills: set its billing settings first.",
                fr "Le pôle n’a pas dit comment il facture : renseignez d’abord ses paramètres de facturation."
            ),
            Self::NotOver { month } => say!(
                en "{month} has not ended.",
                fr "{month} n’est pas terminé."
            ),
            Self::NotNext { month, next } => say!(
                en "Months are invoiced one after the other: {next} is next, not {month}.",
                fr "Les mois se facturent l’un après l’autre : {next} est le prochain, pas {month}."
            ),
            Self::Service { code, error } => {
                let error = Text::from(error);
                let Text { en, fr } = error;
                say!(en "service {code}: {en}", fr "service {code} : {fr}")
            }
            Self::Document { member, error } => {
                say!(en "member {member}: {error}", fr "membre {member} : {error}")
            }
            Self::Member { code, what } | Self::Ledger { member: code, what } => {
                say!(en "member {code}: {what}", fr "membre {code} : {what}")
            }
            Self::Final { month } => say!(
                en "Some documents of {month} are final already: it cannot be made anew.",
                fr "Des documents de {month} sont déjà définitifs : il ne peut être refait."
            ),
            Self::Later { month, later } => say!(
                en "{later} was priced by what {month} billed: {month} cannot be made anew.",
                fr "{later} a été calculé d’après ce que {month} a facturé : {month} ne peut être refait."
            ),
            Self::Refused { text, .. } => text.clone(),
            Self::Payment(problem) => {
                let fault = problem.errors.first().map(|fault| fault.detail.clone());
                fault.unwrap_or_else(|| problem.detail.clone())
            }
            Self::NotDrafted { month } => say!(
                en "The drafts of {month} are not all there: run it first.",
                fr "Les brouillons de {month} ne sont pas tous là : lancez d’abord sa facturation."
            ),
        }
    }
}

impl From<InvoicingError> for Problem {
    fn from(error: InvoicingError) -> Self {
        let code = match error {
            InvoicingError::Database(error) => return error.into(),
            InvoicingError::NoSettings => "no_billing_settings",
            InvoicingError::NotOver { .. } => "not_over",
            InvoicingError::NotNext { .. } => "not_next",
            InvoicingError::Service { .. } => "not_priced",
            InvoicingError::Document { .. }
            | InvoicingError::Member { .. }
            | InvoicingError::Ledger { .. } => "not_documented",
            InvoicingError::Final { .. } => "final",
            InvoicingError::Later { .. } => "later",
            InvoicingError::NotDrafted { .. } => "not_drafted",
            InvoicingError::Payment(problem) => return *problem,
            InvoicingError::Refused { pointer, code, text } => {
                return Self::conflict(Fault::body(pointer, code, text));
            }
        };
        let detail = error.text();
        let errors = vec![Fault::body("", code, detail.clone())];
        Self { errors, ..Self::new(ProblemType::Conflict, detail) }
    }
}
