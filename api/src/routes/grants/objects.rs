//! Credits that are granted, as the API takes and shows them.

use palier_billing::{Currency, Money};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Time;
use crate::day::Day;
use crate::db::grants::StatementRow;
use crate::db::invoices::{InvoiceKind, InvoiceStatus};
use crate::grants::{Facts, Granted, Sums};
use crate::http::{Input, Resource};
use crate::id::{GrantId, InvoiceId, MemberId, ServiceId};
use crate::problem::{Fault, Problem};
use crate::say;

/// A credit that is to be granted.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "amount": "200.00", "reason": "Offre de bienvenue",
    "valid_from": "2026-07-01", "valid_until": "2027-01-01",
}))]
pub(super) struct CreditGrantInput {
    /// How much, without VAT, in the pole's currency; more than nothing.
    #[schema(format = "amount", example = "200.00")]
    amount: String,
    /// Why, as documents say it.
    #[schema(max_length = 200, format = "line", example = "Offre de bienvenue")]
    reason: String,
    /// The service it is for; all of them, if left out, but not what lies outside the scope of VAT: such
    /// a fee is no service, and is only lowered by a credit that names it.
    #[serde(default)]
    #[schema(nullable = false)]
    service: Option<ServiceId>,
    /// The first day on which it is valid. A month draws what is valid on any of its days.
    valid_from: Day,
    /// The first day on which it is valid no longer; for good, if left out.
    #[serde(default)]
    #[schema(required = false, nullable = false)]
    valid_until: Option<Day>,
}

impl Input for CreditGrantInput {}

impl CreditGrantInput {
    pub(super) fn facts(self, member: MemberId, currency: Currency) -> Result<Facts, Problem> {
        let Self { amount, reason, service, valid_from, valid_until } = self;
        let amount = Money::parse(&amount, currency).map_err(|error| {
            let code = currency.code();
            let detail = say!(
                en "Expected an amount in {code}: {error}.",
                fr "Attendu : un montant en {code}, avec les décimales de cette devise."
            );
            Problem::invalid(vec![Fault::body("/amount", "amount", detail)])
        })?;
        Ok(Facts { member, service, amount, reason, valid_from, valid_until })
    }
}

/// Why a credit is taken back.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RevocationInput {
    /// Why: it stands in the audit log.
    #[schema(max_length = 500, format = "line", example = "Accordé par erreur")]
    pub(super) reason: String,
}

impl Input for RevocationInput {}

/// A credit that a member was granted.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct CreditGrant {
    id: GrantId,
    /// Whose it is.
    member: MemberId,
    /// The service it is for; all of them, if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    service: Option<ServiceId>,
    /// Why it was granted, as documents say it.
    #[schema(example = "Offre de bienvenue")]
    reason: String,
    /// The first day on which it is valid.
    valid_from: Day,
    /// The first day on which it is valid no longer; for good, if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    valid_until: Option<Day>,
    #[serde(flatten)]
    sums: CreditGrantBalance,
    granted_at: Time,
    /// When it was taken back.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    revoked_at: Option<Time>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    revoked_for: Option<String>,
    #[serde(skip)]
    version: i64,
}

/// What of credits is where, without VAT. `left` is `granted`, less `drawn`, plus `given_back`, less
/// `drafted`, `expired` and `revoked`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct CreditGrantBalance {
    /// ISO 4217 code of the amounts.
    #[schema(example = "EUR")]
    currency: &'static str,
    /// How much was granted.
    #[schema(example = "200.00")]
    granted: String,
    /// What final documents drew.
    #[schema(example = "120.00")]
    drawn: String,
    /// What credit notes gave back of that.
    #[schema(example = "20.00")]
    given_back: String,
    /// What drafts draw; nothing for a member, who sees no drafts.
    #[schema(example = "0.00")]
    drafted: String,
    /// What was not drawn in time: no month to come can draw it.
    #[schema(example = "0.00")]
    expired: String,
    /// What was taken back.
    #[schema(example = "0.00")]
    revoked: String,
    /// What can still be drawn.
    #[schema(example = "100.00")]
    left: String,
}

impl CreditGrantBalance {
    pub(super) fn of(sums: Sums, currency: Currency) -> Self {
        let text = |minor| Money::from_minor(minor, currency).to_string();
        Self {
            currency: currency.code(),
            granted: text(sums.granted),
            drawn: text(sums.drawn),
            given_back: text(sums.given_back),
            drafted: text(sums.drafted),
            expired: text(sums.expired),
            revoked: text(sums.revoked),
            left: text(sums.left),
        }
    }
}

impl CreditGrant {
    /// As somebody sees it: staff with what drafts draw.
    pub(crate) fn seen(granted: Granted, staff: bool) -> Self {
        let sums = CreditGrantBalance::of(granted.sums(staff), granted.row.currency());
        let row = granted.row;
        Self {
            id: row.grant_id,
            member: row.member_id,
            service: row.service_id,
            reason: row.reason,
            valid_from: row.valid_from,
            valid_until: row.valid_until,
            sums,
            granted_at: row.granted_at,
            revoked_at: row.revoked_at,
            revoked_for: row.revoked_for,
            version: row.version,
        }
    }
}

impl Resource for CreditGrant {
    fn id(&self) -> &str {
        self.id.as_str()
    }

    fn version(&self) -> i64 {
        self.version
    }
}

/// A line of a document that draws a credit, or gives back to it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct CreditDraw {
    /// The document.
    invoice: InvoiceId,
    kind: InvoiceKind,
    status: InvoiceStatus,
    /// Its number, once it is final.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "FA-2026-000001", nullable = false)]
    number: Option<String>,
    /// The day of issue, once it is final.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    issued_on: Option<Day>,
    /// The month it is about.
    #[schema(example = "2026-07")]
    period: String,
    /// Which of its lines, from 1.
    #[schema(example = 3)]
    line: i32,
    /// How much is drawn, without VAT; below zero for what is given back.
    #[schema(example = "120.00")]
    amount: String,
    /// What was left of the credit then.
    #[schema(example = "80.00")]
    left: String,
}

impl CreditDraw {
    pub(super) fn of(row: StatementRow, currency: Currency) -> Self {
        let text = |minor| Money::from_minor(minor, currency).to_string();
        Self {
            invoice: row.invoice_id,
            kind: row.kind,
            status: row.status,
            number: row.number,
            issued_on: row.issued_on,
            period: row.period,
            line: row.line,
            amount: text(row.amount_minor),
            left: text(row.left_minor),
        }
    }
}
