//! What providers bill, as the API takes and shows it.

use palier_billing::statement::CreditorReference;
use palier_billing::{Currency, Money};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::bills::{BillLine, Facts};
use crate::clock::Time;
use crate::day::Day;
use crate::db::DbError;
use crate::db::bills::{BillRow, BillStatus, BillVatDue};
use crate::http::{Input, Resource};
use crate::id::{BillId, ProviderId};
use crate::problem::{Fault, Problem};
use crate::say;

/// What a provider has billed.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "number": "2026-0118",
    "issued_on": "2026-07-31",
    "due_on": "2026-08-30",
    "lines": [{ "net": "1000.00", "rate_percent": "20" }],
    "reference": "RF18539007547034",
}))]
pub(super) struct ProviderBillInput {
    /// Its number, as the provider gives it.
    #[schema(max_length = 35, format = "line", example = "2026-0118")]
    number: String,
    /// The day on it; not after today.
    issued_on: Day,
    /// The day by which it is to be paid.
    due_on: Day,
    /// What it is for, in the pole's currency: by rate of VAT, and by service if that is told apart.
    #[schema(min_items = 1, max_items = 100)]
    lines: Vec<BillLine>,
    /// When its VAT is due from the provider, and can be deducted: with its payment, as of services
    /// (`on_receipt`), or with the bill, as of goods and where it says that the provider opted for it
    /// (`on_debits`; CGI, art. 269, 2 and 271, I, 2). It changes nothing about VAT that the pole owes itself.
    #[serde(default = "on_receipt")]
    #[schema(required = false)]
    vat_due: BillVatDue,
    /// What its payment is to name: a reference of ISO 11649, or words; its number, if left out.
    #[serde(default)]
    #[schema(max_length = 140, format = "line", example = "RF18539007547034", nullable = false)]
    reference: Option<String>,
}

const fn on_receipt() -> BillVatDue {
    BillVatDue::OnReceipt
}

impl Input for ProviderBillInput {
    fn check(&self, faults: &mut Vec<Fault>) {
        let reference = self.reference.as_deref().filter(|it| is_structured(it));
        if reference.is_some_and(|it| it.parse::<CreditorReference>().is_err()) {
            let detail = say!(
                en "A check digit of this reference is wrong.",
                fr "Une clé de cette référence est fausse."
            );
            faults.push(Fault::body("/reference", "reference_check", detail));
        }
        for (place, line) in self.lines.iter().enumerate() {
            if line.has_rate_in_vain() {
                let detail = say!(en "There is no VAT of a rate here.",
                    fr "Il n’y a pas de TVA à un taux dans ce cas.");
                let at = format!("/lines/{place}/rate_percent");
                faults.push(Fault::body(at, "not_here", detail));
            }
            if line.misses_its_rate() {
                let detail = say!(en "It says at which rate VAT is charged, or owed by the pole.",
                    fr "Il manque le taux auquel la TVA est facturée, ou due par le pôle.");
                let at = format!("/lines/{place}/rate_percent");
                faults.push(Fault::body(at, "required", detail));
            }
        }
    }
}

/// Whether a reference is meant to be one of ISO 11649: two letters, two digits, and no words.
fn is_structured(reference: &str) -> bool {
    let plain: String = reference.chars().filter(|it| *it != ' ').collect();
    let begins = plain.get(..4).is_some_and(|it| {
        it.starts_with("RF") && it.bytes().skip(2).all(|byte| byte.is_ascii_digit())
    });
    begins && plain.len() <= 25 && plain.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

impl ProviderBillInput {
    pub(super) fn facts(self, provider: ProviderId, currency: Currency) -> Result<Facts, Problem> {
        let mut faults = Vec::new();
        let lines = self.lines.into_iter().enumerate().filter_map(|(place, line)| {
            let read = line.part(currency).map_err(|wrong| faults.push(wrong.at(place)));
            read.ok()
        });
        let lines = lines.collect();
        if !faults.is_empty() {
            return Err(Problem::invalid(faults));
        }
        let Self { number, issued_on, due_on, vat_due, reference, .. } = self;
        Ok(Facts { provider, number, issued_on, due_on, lines, vat_due, reference })
    }
}

/// Why a bill is taken back.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "Annulée par un avoir" }))]
pub(super) struct BillEndInput {
    /// The reason.
    #[schema(min_length = 1, max_length = 500, pattern = r"\S", example = "Annulée par un avoir")]
    pub(super) reason: String,
}

impl Input for BillEndInput {}

/// What a provider has billed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct ProviderBill {
    pub(crate) id: BillId,
    /// Who billed.
    provider: ProviderId,
    /// Its number, as the provider gives it.
    #[schema(example = "2026-0118")]
    pub(crate) number: String,
    issued_on: Day,
    /// The day by which it is to be paid.
    pub(crate) due_on: Day,
    pub(crate) status: BillStatus,
    /// ISO 4217 code of its amounts.
    #[schema(example = "EUR")]
    currency: String,
    /// What it is for: by rate of VAT, and by service if that is told apart.
    lines: Vec<BillLine>,
    /// Without VAT.
    #[schema(example = "1000.00")]
    net: String,
    /// With the VAT that the provider charges: what is owed to it.
    #[schema(example = "1200.00")]
    pub(crate) total: String,
    /// When its VAT is due from the provider, and can be deducted.
    vat_due: BillVatDue,
    /// What its payment is to name, if that is not its number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "RF18539007547034")]
    reference: Option<String>,
    /// Why it was cancelled; empty before.
    #[schema(example = "")]
    reason: String,
    /// Its entry in the journal of the year in which it was booked.
    #[schema(example = "AC000042")]
    entry: String,
    created_at: Time,
    #[serde(skip)]
    version: i64,
}

impl Resource for ProviderBill {
    fn id(&self) -> &str {
        self.id.as_str()
    }

    fn version(&self) -> i64 {
        self.version
    }
}

impl ProviderBill {
    /// As it was recorded.
    pub(super) fn of(row: BillRow) -> Result<Self, Problem> {
        let lines = serde_json::from_str(&row.lines).map_err(|error| DbError::Unreadable {
            table: "provider_bills",
            id: row.bill_id.to_string(),
            what: error.to_string(),
        })?;
        let total = row.total();
        Ok(Self {
            lines,
            net: Money::from_minor(row.net_minor, total.currency()).to_string(),
            total: total.to_string(),
            vat_due: row.vat_due,
            entry: format!("{}{:06}", row.journal, row.seq),
            id: row.bill_id,
            provider: row.provider_id,
            number: row.number,
            issued_on: row.issued_on,
            due_on: row.due_on,
            status: row.status,
            currency: row.currency,
            reference: row.reference,
            reason: row.reason,
            created_at: row.created_at,
            version: row.version,
        })
    }
}
