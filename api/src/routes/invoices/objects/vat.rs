//! What VAT makes of documents and their lines.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::day::Day;

/// What VAT makes of a line.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub(super) struct LineVat {
    /// UNTDID 5305: `S`, `E`, `AE`, `G`, `O`…
    #[schema(example = "S")]
    category: String,
    /// The rate.
    #[schema(example = "20")]
    rate_percent: String,
    /// Why no VAT is charged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    exemption: Option<VatExemption>,
}

/// Why a line bears its VAT: the day that counts, and what decided and holds since or until a day.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub(super) struct VatBasis {
    /// The day on which the supply was made: the last one of what the line is for.
    tax_point: Day,
    /// How VAT treats the pole: `taxable` or `franchise`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = json!({ "value": "taxable", "since": "2027-03-01" }))]
    seller: Option<HeldVat>,
    /// What the service is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = json!({ "value": "standard", "until": "2027-06-01" }))]
    supply: Option<HeldVat>,
    /// How VAT treats the member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = json!({ "value": "intra_eu", "since": "2027-01-01" }))]
    regime: Option<HeldVat>,
}

/// What holds on the day that counts.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
struct HeldVat {
    /// What holds.
    #[schema(example = "taxable")]
    value: String,
    /// The first day on which it does; left out, if it always did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    since: Option<Day>,
    /// The first day on which it does no longer, if one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    until: Option<Day>,
}

/// Why no VAT is charged.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
struct VatExemption {
    /// Of the CEN list VATEX.
    #[schema(example = "VATEX-EU-AE")]
    code: String,
    /// The words of the law.
    reason: String,
}

/// VAT of one category and rate.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
pub(super) struct VatSum {
    /// The category.
    #[schema(example = "S")]
    category: String,
    /// The rate.
    #[schema(example = "20")]
    rate_percent: String,
    /// The sum of the lines.
    #[schema(example = "66.00")]
    base: String,
    /// Base times rate.
    #[schema(example = "13.20")]
    vat: String,
}
