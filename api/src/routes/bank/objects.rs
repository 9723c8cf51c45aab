//! Statements as the API shows them, and what it is told of movements.

use palier_billing::{Currency, Money};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::bank::Decision;
use crate::clock::Time;
use crate::day::Day;
use crate::db::bank::StatementRow;
use crate::db::words;
use crate::http::Input;
use crate::id::{BankStatementId, MemberId, PaymentId};
use crate::problem::{Fault, Problem};
use crate::routes::{AllocationInput, parts_of};
use crate::say;

/// What a bank told of the pole's account over some days.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct BankStatement {
    id: BankStatementId,
    /// The account: its IBAN.
    #[schema(example = "FR1420041010050500013M02606")]
    account: String,
    /// What the bank calls it; a CSV file has no name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "RLV-2026-08")]
    reference: Option<String>,
    /// ISO 4217 code of its amounts.
    #[schema(example = "EUR")]
    currency: String,
    /// The day of its first movement, if it has any.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    first_on: Option<Day>,
    /// The day of its last.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    last_on: Option<Day>,
    /// What the account held before; a CSV file does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "1000.00")]
    opening: Option<String>,
    /// What it held afterwards.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "1120.00")]
    closing: Option<String>,
    /// How many movements it tells of, also those that another one told of before.
    #[schema(example = 12)]
    movements: i64,
    /// When it was imported.
    imported_at: Time,
}

impl From<StatementRow> for BankStatement {
    fn from(row: StatementRow) -> Self {
        let currency = Currency::from_code(&row.currency).unwrap_or(Currency::EUR);
        let money = |minor: i64| Money::from_minor(minor, currency).to_string();
        Self {
            opening: row.opening_minor.map(money),
            closing: row.closing_minor.map(money),
            id: row.statement_id,
            account: row.account,
            reference: row.reference,
            currency: row.currency,
            first_on: row.first_on,
            last_on: row.last_on,
            movements: row.movements,
            imported_at: row.imported_at,
        }
    }
}

words! {
    /// What a movement is said to be.
    pub(crate) enum ResolutionAction {
        /// It is a member's, and settles documents; what is left stays to the member's credit.
        Allocate = "allocate",
        /// It takes a payment back.
        Return = "return",
        /// It is what a batch of direct debits collected, or one of transfers was debited as.
        Settle = "settle",
        /// It is what a payment provider paid out.
        PaidOut = "paid_out",
        /// It is none of a member's.
        Ignore = "ignore",
    }
}

/// What a movement is.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "action": "allocate",
    "member": "mbr_01k9gz7v3hf8mv3r0x2p6d9qae",
    "allocations": [{ "invoice": "inv_01k9gz7v3hf8mv3r0x2p6d9qae", "amount": "120.00" }],
}))]
pub(super) struct ResolutionInput {
    action: ResolutionAction,
    /// Whose money it is, to `allocate` it.
    #[serde(default)]
    #[schema(required = false, nullable = false)]
    member: Option<MemberId>,
    /// The documents it settles, to `allocate` it. What is left over stays to the member's credit.
    #[serde(default)]
    #[schema(required = false, max_items = 200)]
    allocations: Vec<AllocationInput>,
    /// The payment that comes back, for a `return`: of the same amount.
    #[serde(default)]
    #[schema(required = false, nullable = false)]
    payment: Option<PaymentId>,
    /// The batch of direct debits or transfers that it is, to `settle` it: what of it is on its way is of
    /// the same amount.
    #[serde(default)]
    #[schema(required = false, nullable = false, max_length = 40)]
    batch: Option<String>,
    /// What the bank took out of the batch before it credited it, to `settle` it: booked as its fees (627).
    #[serde(default)]
    #[schema(required = false, format = "money", nullable = false, example = "1.20")]
    fees: Option<String>,
    /// The payout that it is, if it was `paid_out`: of the same amount.
    #[serde(default)]
    #[schema(required = false, nullable = false, max_length = 100)]
    payout: Option<String>,
    /// Why it is to be ignored.
    #[serde(default)]
    #[schema(required = false, max_length = 500, example = "Bank charges")]
    pub(super) reason: String,
    /// The day it is booked on: the day it moved, if left out, and not before.
    #[serde(default)]
    #[schema(required = false, nullable = false)]
    pub(super) paid_on: Option<Day>,
}

impl Input for ResolutionInput {
    fn check(&self, faults: &mut Vec<Fault>) {
        let missing = |pointer: &str| {
            let detail = say!(en "It is missing.", fr "Il manque.");
            Fault::body(pointer, "required", detail)
        };
        let (member, payment) = (self.member.is_some(), self.payment.is_some());
        let (parts, reason) = (!self.allocations.is_empty(), !self.reason.trim().is_empty());
        let (batch, payout) = (self.batch.is_some(), self.payout.is_some());
        let all = [
            ("/member", member),
            ("/allocations", parts),
            ("/payment", payment),
            ("/batch", batch),
            ("/fees", self.fees.is_some()),
            ("/payout", payout),
            ("/reason", reason),
        ];
        let (needed, fitting): (&str, &[&str]) = match self.action {
            ResolutionAction::Allocate => ("/member", &["/member", "/allocations"]),
            ResolutionAction::Return => ("/payment", &["/payment"]),
            ResolutionAction::Settle => ("/batch", &["/batch", "/fees"]),
            ResolutionAction::PaidOut => ("/payout", &["/payout"]),
            ResolutionAction::Ignore => ("/reason", &["/reason"]),
        };
        let given = all.into_iter().any(|(pointer, given)| pointer == needed && given);
        let others = all.into_iter().filter(|(pointer, _)| !fitting.contains(pointer));
        if !given {
            faults.push(missing(needed));
        }
        let superfluous = others.filter(|(_, given)| *given);
        faults.extend(superfluous.map(|(pointer, _)| {
            let detail = say!(
                en "It has no place beside this action.",
                fr "Il n’a pas sa place avec cette action."
            );
            Fault::body(pointer, "not_here", detail)
        }));
    }
}

impl ResolutionInput {
    /// What it says, in the currency of the movement, which is the pole's.
    pub(super) fn decision(self, currency: Currency) -> Result<Decision, Problem> {
        let mut faults = Vec::new();
        let parts = parts_of(self.allocations, currency, &mut faults);
        let fees = self.fees.as_deref().map(|text| Money::parse(text, currency)).transpose();
        let fees = fees.unwrap_or_else(|error| {
            let detail = say!(en "{error}.", fr "Ce n’est pas un montant : {error}.");
            faults.push(Fault::body("/fees", "not_money", detail));
            None
        });
        let fees = fees.unwrap_or_else(|| Money::zero(currency));
        if fees.minor() < 0 {
            let detail = say!(en "Fees are not below zero.", fr "Des frais ne sont pas négatifs.");
            faults.push(Fault::body("/fees", "negative", detail));
        }
        if !faults.is_empty() {
            return Err(Problem::invalid(faults));
        }
        let paid_on = self.paid_on;
        if let (ResolutionAction::Settle, Some(batch)) = (self.action, self.batch) {
            return Ok(Decision::Settle { batch, paid_on, fees });
        }
        if let (ResolutionAction::PaidOut, Some(payout)) = (self.action, self.payout) {
            return Ok(Decision::PaidOut { payout });
        }
        match (self.action, self.member, self.payment) {
            (ResolutionAction::Allocate, Some(member), _) => {
                Ok(Decision::Allocate { member, paid_on, parts })
            }
            (ResolutionAction::Return, _, Some(payment)) => {
                Ok(Decision::Return { payment, paid_on })
            }
            (ResolutionAction::Ignore, ..) => Ok(Decision::Ignore { reason: self.reason }),
            // `check` has refused it.
            _ => Err(Problem::invalid(Vec::new())),
        }
    }
}
