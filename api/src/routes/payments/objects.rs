//! Payments as the API takes and shows them.

use palier_billing::{Currency, DecimalError, Money};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Time;
use crate::day::Day;
use crate::db::invoices::{InvoiceKind, InvoiceRow};
use crate::db::payments::{PaymentKind, PaymentMethod};
use crate::http::{Input, Resource};
use crate::id::{BankMovementId, InvoiceId, MemberId, PaymentId};
use crate::payments::{Facts, Recorded, Return};
use crate::problem::{Fault, Problem};
use crate::say;

/// What happened to money.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "kind": "payment",
    "member": "mbr_01k9gz7v3hf8mv3r0x2p6d9qae",
    "method": "transfer",
    "paid_on": "2026-08-14",
    "amount": "120.00",
    "reference": "VIR-0042",
    "allocations": [{ "invoice": "inv_01k9gz7v3hf8mv3r0x2p6d9qae", "amount": "120.00" }],
}))]
pub(super) struct PaymentInput {
    /// What happened; a `reversal` has its own operation.
    kind: PaymentKind,
    /// Whose money it is.
    member: MemberId,
    /// How it moved; `none` for a loss, and where credit is used.
    method: PaymentMethod,
    /// The day on which the bank booked it, or on which it was decided; not after today.
    paid_on: Day,
    /// How much: what came in, went back, or is lost. Nothing, where documents are settled by the
    /// member's credit or by one another.
    #[schema(format = "amount", example = "120.00")]
    amount: String,
    /// ISO 4217 code; the pole's currency, if left out.
    #[serde(default)]
    #[schema(pattern = "^[A-Z]{3}$", example = "EUR", nullable = false)]
    currency: Option<String>,
    /// What the bank or the cheque calls it: what proves it in the books.
    #[schema(min_length = 1, max_length = 140, pattern = r"\S", example = "VIR-0042")]
    reference: String,
    /// More about it.
    #[serde(default)]
    #[schema(required = false, max_length = 500)]
    note: String,
    /// The documents it settles. What is left over stays to the member's credit.
    #[serde(default)]
    #[schema(required = false, max_items = 200)]
    allocations: Vec<AllocationInput>,
}

/// What of a document is settled.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AllocationInput {
    /// The document: final, of the same member.
    invoice: InvoiceId,
    /// How much of it, above nothing for a credit note as well.
    #[schema(format = "amount", example = "120.00")]
    amount: String,
}

impl Input for PaymentInput {}

impl PaymentInput {
    /// What it says, in the pole's currency unless it names one.
    pub(super) fn facts(self, of_pole: &str) -> Result<Facts, Problem> {
        let mut faults = Vec::new();
        if self.kind == PaymentKind::Reversal {
            let detail = say!(
                en "A payment is taken back at its own address.",
                fr "Un paiement s’annule à sa propre adresse."
            );
            faults.push(Fault::body("/kind", "not_here", detail));
        }
        let moved = self.method != PaymentMethod::None;
        let code = self.currency.as_deref().unwrap_or(of_pole);
        let known = palier_billing::Currency::from_code(code);
        let known = known.filter(|it| palier_billing::minor_digits(*it).is_ok());
        let Some(currency) = known else {
            let detail = say!(en "There is no such currency.", fr "Cette devise n’existe pas.");
            return Err(Problem::invalid(vec![Fault::body("/currency", "currency", detail)]));
        };
        if code != of_pole {
            let detail = say!(
                en "The books are kept in {of_pole}.", fr "Les comptes sont tenus en {of_pole}."
            );
            return Err(Problem::invalid(vec![Fault::body("/currency", "other_currency", detail)]));
        }
        let amount = Money::parse(&self.amount, currency).unwrap_or_else(|error| {
            faults.push(no_amount("/amount".to_owned(), error));
            Money::zero(currency)
        });
        if amount.minor() < 0 {
            let detail = say!(en "Expected nothing or more.", fr "Attendu : rien ou plus.");
            faults.push(Fault::body("/amount", "negative", detail));
        }
        // Money that moves does so somehow; what does not move has no way.
        let moves = !amount.is_zero() && self.kind != PaymentKind::WriteOff;
        if faults.is_empty() && moves != moved {
            let detail = say!(
                en "Expected `none` where no money moves, and only there.",
                fr "Attendu : `none` si aucun argent ne bouge, et seulement alors."
            );
            faults.push(Fault::body("/method", "method", detail));
        }
        let parts = parts_of(self.allocations, currency, &mut faults);
        if !faults.is_empty() {
            return Err(Problem::invalid(faults));
        }
        Ok(Facts {
            kind: self.kind,
            member: self.member,
            method: self.method,
            holder: None,
            paid_on: self.paid_on,
            amount,
            reference: self.reference,
            note: self.note,
            movement: None,
            parts,
        })
    }
}

/// Parts of documents, and how much each is of, above nothing.
pub(crate) fn parts_of(
    allocations: Vec<AllocationInput>,
    currency: Currency,
    faults: &mut Vec<Fault>,
) -> Vec<(InvoiceId, Money)> {
    let parts = allocations.into_iter().enumerate().map(|(place, it)| {
        let pointer = || format!("/allocations/{place}/amount");
        let part = Money::parse(&it.amount, currency).unwrap_or_else(|error| {
            faults.push(no_amount(pointer(), error));
            Money::from_minor(1, currency)
        });
        if part.minor() <= 0 {
            let detail = say!(en "Expected more than nothing.", fr "Attendu : plus que rien.");
            faults.push(Fault::body(pointer(), "nothing", detail));
        }
        (it.invoice, part)
    });
    parts.collect()
}

fn no_amount(pointer: String, error: DecimalError) -> Fault {
    let detail = say!(en "It is no amount: {error}.", fr "Ce n’est pas un montant.");
    Fault::body(pointer, "amount", detail)
}

/// Why a payment is taken back.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "paid_on": "2026-08-20", "reference": "REJET-0042", "note": "AC04" }))]
pub(super) struct ReversalInput {
    /// The day on which the money went back, or on which the mistake was seen; not before the
    /// payment, not after today.
    paid_on: Day,
    /// What proves it in the books.
    #[schema(min_length = 1, max_length = 140, pattern = r"\S", example = "REJET-0042")]
    reference: String,
    /// Why.
    #[schema(min_length = 1, max_length = 500, pattern = r"\S", example = "AC04")]
    note: String,
}

impl Input for ReversalInput {}

impl ReversalInput {
    /// Day, reference and reason, of a mistake.
    pub(super) fn facts(self) -> Return {
        let Self { paid_on, reference, note } = self;
        Return { paid_on, reference, note, movement: None }
    }
}

/// Money that came in, went back or was lost.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Payment {
    id: PaymentId,
    kind: PaymentKind,
    /// Whose money it is.
    member: MemberId,
    method: PaymentMethod,
    /// The day on which the bank booked it, or on which it was decided.
    paid_on: Day,
    /// ISO 4217 code of all its amounts.
    #[schema(example = "EUR")]
    currency: String,
    /// Above zero what came in, below zero what went out; nothing where no money moved.
    #[schema(example = "120.00")]
    amount: String,
    /// By how much it changes what stands to the member's credit.
    #[schema(example = "0.00")]
    credit: String,
    /// What proves it in the books.
    #[schema(example = "VIR-0042")]
    reference: String,
    /// More about it; only staff sees what.
    note: String,
    /// What it settles of which documents.
    allocations: Vec<Allocation>,
    /// The payment that it takes back.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    reverses: Option<PaymentId>,
    /// The movement at the bank that it was made of; only staff sees which.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    movement: Option<BankMovementId>,
    /// Its entry in the journal of the year of `paid_on`.
    #[schema(example = "BQ000042")]
    entry: String,
    recorded_at: Time,
}

/// What a payment settles of a document.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct Allocation {
    /// The document.
    invoice: InvoiceId,
    /// Above zero of an invoice, below of a credit note; the other way round where it is taken back.
    #[schema(example = "120.00")]
    amount: String,
}

impl Payment {
    /// As staff sees it, or the member whose it is.
    pub(super) fn seen(recorded: Recorded, by_staff: bool) -> Self {
        let whole = Self::from(recorded);
        let note = if by_staff { whole.note } else { String::new() };
        let movement = whole.movement.filter(|_| by_staff);
        Self { note, movement, ..whole }
    }
}

impl Resource for Payment {
    fn id(&self) -> &str {
        self.id.as_str()
    }

    fn version(&self) -> i64 {
        1
    }
}

impl From<Recorded> for Payment {
    fn from(Recorded { row, allocations, movement }: Recorded) -> Self {
        let currency = row.currency();
        let money = |minor| Money::from_minor(minor, currency).to_string();
        let allocation = |it: crate::db::payments::AllocationRow| Allocation {
            amount: money(it.amount_minor),
            invoice: it.invoice_id,
        };
        Self {
            allocations: allocations.into_iter().map(allocation).collect(),
            amount: money(row.amount_minor),
            credit: money(row.credit_minor),
            entry: format!("{}{:06}", row.journal, row.seq),
            id: row.payment_id,
            kind: row.kind,
            member: row.member_id,
            method: row.method,
            paid_on: row.paid_on,
            currency: row.currency,
            reference: row.reference,
            note: row.note,
            reverses: row.reverses,
            movement,
            recorded_at: row.recorded_at,
        }
    }
}

/// A final document that is not settled.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct OpenItem {
    /// The document.
    invoice: InvoiceId,
    /// Its number.
    #[schema(example = "FA-2026-000123")]
    number: String,
    /// Whose it is.
    member: MemberId,
    kind: InvoiceKind,
    issued_on: Day,
    /// The day by which it is to be paid.
    due_on: Day,
    /// ISO 4217 code of its amounts.
    #[schema(example = "EUR")]
    currency: String,
    /// What it came to with VAT; below zero for a credit note.
    #[schema(example = "120.00")]
    total: String,
    /// What of it is not settled, with the same sign.
    #[schema(example = "120.00")]
    open: String,
}

impl OpenItem {
    /// A document of which so much is settled.
    pub(super) fn of(row: InvoiceRow, settled: i64) -> Self {
        let (total, currency) = (row.signed(row.gross_minor), row.currency());
        let money = |minor| Money::from_minor(minor, currency).to_string();
        Self {
            total: money(total),
            open: money(total.saturating_sub(settled)),
            invoice: row.invoice_id,
            number: row.number.unwrap_or_default(),
            member: row.member_id,
            kind: row.kind,
            issued_on: row.issued_on.unwrap_or_else(|| Day::from(jiff::civil::Date::ZERO)),
            due_on: row.due_on.unwrap_or_else(|| Day::from(jiff::civil::Date::ZERO)),
            currency: row.currency,
        }
    }
}
