//! Movements and imports, as they are shown: the same over HTTP and by the command.

use palier_billing::Money;
use palier_billing::matching;
use serde::Serialize;
use utoipa::ToSchema;

use super::known::Known;
use crate::clock::Time;
use crate::day::Day;
use crate::db::bank::{MovementRow, MovementStatus};
use crate::http::Resource;
use crate::id::{BankMovementId, BankStatementId, InvoiceId, PaymentId};

/// What moved on the pole's account, as the bank tells it, and what became of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct BankMovement {
    pub(crate) id: BankMovementId,
    /// The statement that told of it first.
    pub(crate) statement: BankStatementId,
    /// The line of the file on which it stands.
    #[schema(example = 42)]
    pub(crate) line: i64,
    /// The day on which the bank booked it.
    pub(crate) booked_on: Day,
    /// The day from which it bears interest.
    pub(crate) value_on: Day,
    /// ISO 4217 code of its amount.
    #[schema(example = "EUR")]
    pub(crate) currency: String,
    /// Above zero what came in, below zero what went out.
    #[schema(example = "120.00")]
    pub(crate) amount: String,
    /// Whether the bank says that it takes an earlier movement back, such as a direct debit that was
    /// returned.
    pub(crate) reversal: bool,
    /// ISO 20022 code of the reason for which it was taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "AC04")]
    pub(crate) return_reason: Option<String>,
    /// What the bank calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "2026081400042")]
    pub(crate) bank_reference: Option<String>,
    /// Who paid or was paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "FORGE DU RHONE")]
    pub(crate) counterparty: Option<String>,
    /// On whose behalf, if not its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "FORGE DU RHONE")]
    pub(crate) on_behalf_of: Option<String>,
    /// From or to which account.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "FR7630006000011234567890189")]
    pub(crate) counterparty_iban: Option<String>,
    /// What the payer wrote, or the bank.
    #[schema(example = "FACTURE FA-2026-000123")]
    pub(crate) remittance: String,
    /// The reference of the invoice as the payer's software knew it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "RF31FA2026000123")]
    pub(crate) structured_reference: Option<String>,
    /// What the payer called the payment.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "VIR-0042")]
    pub(crate) end_to_end: Option<String>,
    /// A movement of the same day and amount that another kind of file told of, or that this one calls
    /// otherwise: perhaps the same, which is why nothing is booked of it without asking.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) resembles: Option<BankMovementId>,
    pub(crate) status: MovementStatus,
    /// The payment it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) payment: Option<PaymentId>,
    /// The payout, the file of direct debits or the transfers of which it is the sum.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) counterpart: Option<String>,
    /// The batches of direct debits or transfers that it may be, by their sums, if it is open.
    #[schema(example = json!([]))]
    pub(crate) batches: Vec<String>,
    /// The batches of direct debits that it may be once the bank has taken its fees out of them, if it is open.
    #[schema(example = json!([]))]
    pub(crate) batches_less_fees: Vec<BatchLessFees>,
    /// The payouts of a payment provider that it may be, by their sums, if it is open.
    #[schema(example = json!([]))]
    pub(crate) payouts: Vec<String>,
    /// Why it is ignored; empty unless it is.
    #[schema(example = "Bank charges")]
    pub(crate) reason: String,
    /// What it may be, as things stand, the likeliest first, if it is open.
    pub(crate) proposals: Vec<Proposal>,
    /// When it was imported.
    pub(crate) imported_at: Time,
    #[serde(skip)]
    version: i64,
}

/// The sums of what is in the books that a movement may be.
#[derive(Clone, Debug, Default)]
pub(super) struct Sums {
    pub(super) batches: Vec<String>,
    pub(super) less_fees: Vec<BatchLessFees>,
    pub(super) payouts: Vec<String>,
}

/// A batch of direct debits that comes to more than moved, by what the bank may have taken out of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct BatchLessFees {
    /// The batch.
    #[schema(example = "PAL01K9GZ7V3HF8MV3R0X2P6D9QAE-1")]
    pub(crate) batch: String,
    /// By how much.
    #[schema(example = "1.20")]
    pub(crate) fees: String,
}

/// What a movement would pay.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Proposal {
    /// Whose money it would be: a member's id.
    #[schema(
        pattern = "^mbr_[0-7][0-9a-hjkmnp-tv-z]{25}$",
        example = "mbr_01k9gz7v3hf8mv3r0x2p6d9qae"
    )]
    pub(crate) member: String,
    /// What kind of payment that makes it: `exact` settles its documents, `partial` leaves a part of
    /// them open, `over` leaves something to the member's credit, `double` is for what was paid
    /// before, `returned` takes a payment back, `credit` is of a member who owes nothing.
    #[schema(example = "exact")]
    pub(crate) outcome: &'static str,
    /// Which documents it would settle, and how much of each.
    pub(crate) allocations: Vec<ProposedPart>,
    /// What would stay to the member's credit.
    #[schema(example = "0.00")]
    pub(crate) credit: String,
    /// What speaks for it, and against it.
    pub(crate) reasons: Vec<MatchReason>,
}

/// The part of a movement that would settle one document.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ProposedPart {
    /// The document.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) invoice: Option<InvoiceId>,
    /// Its number.
    #[schema(example = "FA-2026-000123")]
    pub(crate) number: String,
    /// How much of it: below zero of a credit note, and where a payment comes back.
    #[schema(example = "120.00")]
    pub(crate) amount: String,
}

/// What speaks for a proposal, or against it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct MatchReason {
    /// For it: `number` (the payer wrote it), `iban`, `name`, `name_in_text` (they are the member's),
    /// `open_amount`, `all_open` (what the member owes). Against it: `numbers_overlap`, `ambiguous`
    /// (another fits as well), `others_open` (the rest may be meant for them), `other_payer`,
    /// `other_currency`.
    #[schema(example = "number")]
    pub(crate) reason: &'static str,
    /// The number that was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "FA-2026-000123")]
    pub(crate) number: Option<String>,
    /// How it was written: `complete`, `zeros_lost` or `letters_lost`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "complete")]
    pub(crate) form: Option<&'static str>,
    /// Whose the account or the name is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "mbr_01k9gz7v3hf8mv3r0x2p6d9qae")]
    pub(crate) member: Option<String>,
}

/// What an import did, or would do.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ImportReport {
    /// Whether nothing was written: ids are made up then.
    pub(crate) dry_run: bool,
    /// SHA-256 of the file, in hexadecimal.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub(crate) file_sha256: String,
    /// The account.
    #[schema(example = "FR1420041010050500013M02606")]
    pub(crate) account: String,
    /// How many statements the file holds.
    #[schema(example = 1)]
    pub(crate) statements: usize,
    /// How many movements it holds.
    #[schema(example = 12)]
    pub(crate) movements: usize,
    /// How many of them were imported before.
    #[schema(example = 3)]
    pub(crate) known: usize,
    /// How many of the new ones are payments now.
    #[schema(example = 8)]
    pub(crate) booked: usize,
    /// How many of the new ones are the sum of what is in the books: batches of direct debits.
    #[schema(example = 0)]
    pub(crate) reconciled: usize,
    /// How many of the new ones somebody must look at.
    #[schema(example = 1)]
    pub(crate) open: usize,
    /// How many movements the file announces that the bank has not booked: they are not imported.
    #[schema(example = 0)]
    pub(crate) not_booked: usize,
    /// The new ones, in the order of the file.
    pub(crate) imported: Vec<BankMovement>,
}

impl BankMovement {
    /// A movement, with what it may be.
    pub(super) fn of(row: MovementRow, proposals: Vec<Proposal>, sums: Sums) -> Self {
        Self {
            amount: row.amount().to_string(),
            id: row.movement_id,
            statement: row.statement_id,
            line: row.line,
            booked_on: row.booked_on,
            value_on: row.value_on,
            currency: row.currency,
            reversal: row.reversal,
            return_reason: row.return_reason,
            bank_reference: row.bank_reference,
            counterparty: row.counterparty,
            on_behalf_of: row.on_behalf_of,
            counterparty_iban: row.counterparty_iban,
            remittance: row.remittance,
            structured_reference: row.structured_reference,
            end_to_end: row.end_to_end,
            resembles: row.resembles,
            status: row.status,
            payment: row.payment_id,
            counterpart: row.counterpart,
            batches: sums.batches,
            batches_less_fees: sums.less_fees,
            payouts: sums.payouts,
            reason: row.reason,
            proposals,
            imported_at: row.imported_at,
            version: row.version,
        }
    }
}

impl Resource for BankMovement {
    fn id(&self) -> &str {
        self.id.as_str()
    }

    fn version(&self) -> i64 {
        self.version
    }
}

impl Proposal {
    /// A proposal of the matching, with the ids of its documents.
    pub(super) fn of(found: matching::Proposal, known: &Known) -> Self {
        let part = |it: matching::Allocation| ProposedPart {
            invoice: known.document(&it.document).cloned(),
            number: it.document,
            amount: it.amount.to_string(),
        };
        Self {
            member: found.member,
            outcome: found.outcome.as_str(),
            allocations: found.allocations.into_iter().map(part).collect(),
            credit: Money::to_string(&found.rest),
            reasons: found.reasons.into_iter().map(MatchReason::from).collect(),
        }
    }
}

impl From<matching::Reason> for MatchReason {
    fn from(found: matching::Reason) -> Self {
        use matching::Reason;
        let plain = |reason| Self { reason, number: None, form: None, member: None };
        match found {
            Reason::Number { document, form } => {
                Self { number: Some(document), form: Some(form.as_str()), ..plain("number") }
            }
            Reason::OtherPayer { member } => Self { member: Some(member), ..plain("other_payer") },
            Reason::NumbersOverlap => plain("numbers_overlap"),
            Reason::Iban => plain("iban"),
            Reason::Name => plain("name"),
            Reason::NameInText => plain("name_in_text"),
            Reason::OpenAmount => plain("open_amount"),
            Reason::AllOpen => plain("all_open"),
            Reason::Ambiguous => plain("ambiguous"),
            Reason::OthersOpen => plain("others_open"),
            Reason::OtherCurrency => plain("other_currency"),
        }
    }
}
