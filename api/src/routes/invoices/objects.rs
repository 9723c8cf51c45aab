//! Documents as the API shows them: the canonical form that is sealed, with where it stands.

use palier_billing::Money;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Time;
use crate::day::Day;
use crate::db::DbError;
use crate::db::einvoices::LifecycleStatus;
use crate::db::invoices::{InvoiceKind, InvoiceRow, InvoiceStatus};
use crate::http::Resource;
use crate::id::{InvoiceId, MemberId};

mod vat;

use vat::{LineVat, VatBasis, VatSum};

/// An invoice or a credit note, in short.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct InvoiceSummary {
    id: InvoiceId,
    /// Whom it is for.
    member: MemberId,
    /// The month it bills.
    #[schema(example = "2026-11")]
    period: String,
    /// Which of the member's documents of the month: `services`, `fees` outside the scope of VAT, or
    /// the `year_end` of a contract year; with a slash and the id of a service, where the member wants a
    /// document for each. Its own id, if no run made it.
    #[schema(example = "services")]
    part: String,
    kind: InvoiceKind,
    status: InvoiceStatus,
    /// Its number, once it is final.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "FA-2026-000123", nullable = false)]
    number: Option<String>,
    /// Its day of issue, once it is final.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    issued_on: Option<Day>,
    /// The day by which it is to be paid, once it is final.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    due_on: Option<Day>,
    /// ISO 4217 code of all its amounts.
    #[schema(example = "EUR")]
    currency: String,
    /// Without VAT.
    #[schema(example = "66.00")]
    net: String,
    /// VAT.
    #[schema(example = "13.20")]
    vat: String,
    /// With VAT.
    #[schema(example = "79.20")]
    gross: String,
    created_at: Time,
    updated_at: Time,
}

impl From<&InvoiceRow> for InvoiceSummary {
    fn from(row: &InvoiceRow) -> Self {
        let money = |minor| Money::from_minor(minor, row.currency()).to_string();
        Self {
            id: row.invoice_id.clone(),
            member: row.member_id.clone(),
            period: row.period.clone(),
            part: row.part.clone(),
            kind: row.kind,
            status: row.status,
            number: row.number.clone(),
            issued_on: row.issued_on.clone(),
            due_on: row.due_on.clone(),
            currency: row.currency.clone(),
            net: money(row.net_minor),
            vat: money(row.vat_minor),
            gross: money(row.gross_minor),
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// An invoice or a credit note, line by line.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Invoice {
    #[serde(flatten)]
    summary: InvoiceSummary,
    /// The SHA-256 of the document and of the seal before it in its series, once it is final.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(
        example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        nullable = false
    )]
    seal: Option<String>,
    /// What became of it on its way, by the last that was learned; nothing yet, if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<LifecycleStatus>, nullable = false)]
    lifecycle: Option<LifecycleStatus>,
    document: InvoiceDocument,
    #[serde(skip)]
    version: i64,
}

impl Resource for Invoice {
    fn id(&self) -> &str {
        self.summary.id.as_str()
    }
    fn version(&self) -> i64 {
        self.version
    }
}

impl Invoice {
    /// With what became of it.
    pub(super) fn with_lifecycle(self, lifecycle: Option<LifecycleStatus>) -> Self {
        Self { lifecycle, ..self }
    }
}

impl TryFrom<InvoiceRow> for Invoice {
    type Error = DbError;

    fn try_from(row: InvoiceRow) -> Result<Self, DbError> {
        let document =
            InvoiceDocument::read(&row.document).map_err(|error| DbError::Unreadable {
                table: "invoices",
                id: row.invoice_id.to_string(),
                what: error.to_string(),
            })?;
        let summary = InvoiceSummary::from(&row);
        Ok(Self { summary, seal: row.seal, lifecycle: None, document, version: row.version })
    }
}

/// What a document says: what was sealed, once it is final. Terms are those of EN 16931.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub(super) struct InvoiceDocument {
    /// ISO 639-1 code of the language of its lines.
    #[schema(example = "fr")]
    language: String,
    seller: DocumentParty,
    buyer: DocumentParty,
    /// Where to pay to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    account: Option<DocumentAccount>,
    /// What the parties agreed on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    contract: Option<String>,
    /// The number of the buyer's purchase order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    order: Option<String>,
    /// The days it bills.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    period: Option<DocumentPeriod>,
    /// When its VAT falls due: `on_receipt` or `on_debits`.
    #[schema(example = "on_receipt")]
    vat_due: String,
    /// The documents it corrects.
    #[serde(default)]
    corrects: Vec<DocumentReference>,
    /// What it bills, or gives back.
    lines: Vec<InvoiceLine>,
    /// What the law and the parties want said.
    notes: Vec<DocumentNote>,
    totals: DocumentTotals,
}

impl InvoiceDocument {
    /// The canonical form, as it is shown.
    pub(super) fn read(text: &str) -> serde_json::Result<Self> {
        serde_json::from_str(text)
    }
}

/// A seller or a buyer, as they were on the day of the document.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
struct DocumentParty {
    /// What the other calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    code: Option<String>,
    /// Its name.
    name: String,
    /// Legal form, share capital, register.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    legal_form: Option<String>,
    /// Its number among French companies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    siren: Option<String>,
    /// That of its establishment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    siret: Option<String>,
    /// Its VAT number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    vat_number: Option<String>,
    address: DocumentAddress,
    /// Whom to write to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    email: Option<String>,
    /// Where its electronic invoices go, or come from, if not by its SIREN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "0225:732829320_COMPTA", nullable = false)]
    electronic_address: Option<String>,
}

/// A postal address.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
struct DocumentAddress {
    /// Before postcode and city.
    lines: Vec<String>,
    /// The postcode, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    postcode: Option<String>,
    /// The city.
    city: String,
    /// ISO 3166-1 code.
    #[schema(example = "FR")]
    country: String,
}

/// A bank account.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
struct DocumentAccount {
    /// Its IBAN.
    iban: String,
    /// The BIC of its bank.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    bic: Option<String>,
}

/// Days, the last one included.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
struct DocumentPeriod {
    first_day: Day,
    last_day: Day,
}

/// Another document.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
struct DocumentReference {
    /// Its number.
    number: String,
    issued_on: Day,
}

/// A note, with the code of its subject (UNTDID 4451).
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
struct DocumentNote {
    /// `PMD`, `PMT`, `AAB`: penalties, recovery costs, early payment.
    #[schema(example = "PMT")]
    subject: String,
    /// What it says.
    text: String,
}

/// A line: its amount is `quantity × unit_price / price_base`, rounded once to the cent.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
struct InvoiceLine {
    /// What it is for: `usage`, `share`, `recurring`, `one_time`, `minimum`, `maximum`,
    /// `price_adjustment`, `year_end_adjustment`, `correction`, `manual`, `discount` or
    /// `credit`, which draws a credit that was granted.
    #[schema(example = "usage")]
    kind: String,
    /// Id of the service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    service: Option<String>,
    /// What is sold.
    name: String,
    /// More about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    detail: Option<String>,
    /// How much; below zero for what is given back.
    #[schema(example = "1200")]
    quantity: String,
    /// In which unit (UN/ECE recommendation 20).
    #[schema(example = "HUR")]
    unit: String,
    /// Price of `price_base` units, without VAT.
    #[schema(example = "0.055")]
    unit_price: String,
    /// For how many units the price is quoted.
    #[schema(example = "1")]
    price_base: String,
    /// The days it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    period: Option<DocumentPeriod>,
    vat: LineVat,
    /// Why, where what VAT makes of the pole, the service or the member changes on days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    vat_basis: Option<VatBasis>,
    /// How the volume of all made the price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pool: Option<PoolNote>,
    /// What it comes to, without VAT.
    #[schema(example = "66.00")]
    amount: String,
}

/// How the volume of all made a line's price.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
struct PoolNote {
    /// What all members used together; left out where it would tell what another used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "60000", nullable = false)]
    quantity: Option<String>,
    /// What the member would have paid alone on the same schedule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "96", nullable = false)]
    alone: Option<String>,
    /// The tiers along which the price moves, as they stood when the line was made; left out where the
    /// line's price is not theirs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    schedule: Option<PoolSchedule>,
}

/// The tiers of a pooled price.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
struct PoolSchedule {
    /// Which units a tier's price is for: those within it (`graduated`), or all of them once it is
    /// reached (`volume`).
    #[schema(example = "graduated")]
    model: String,
    /// What a unit is called, in the document's language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "heure-cœur", nullable = false)]
    unit_name: Option<String>,
    /// The tiers, lowest first; the last is open.
    tiers: Vec<PoolTier>,
}

/// A tier of a pooled price.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
struct PoolTier {
    /// The last quantity in the tier; none in the last tier.
    #[schema(example = "10000")]
    up_to: Option<String>,
    /// Price of a unit.
    #[schema(example = "0.08")]
    unit_amount: String,
    /// Due once, when the tier is reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "50", nullable = false)]
    flat_amount: Option<String>,
}

/// The sums of a document.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
struct DocumentTotals {
    /// The sum of the lines.
    #[schema(example = "66.00")]
    net: String,
    /// VAT by category and rate, each rounded once.
    vat: Vec<VatSum>,
    /// All VAT.
    #[schema(example = "13.20")]
    vat_total: String,
    /// What is to be paid, or is given back.
    #[schema(example = "79.20")]
    gross: String,
}
