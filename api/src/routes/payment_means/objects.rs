//! Means of payment as the API shows them, and mandates as it takes them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Time;
use crate::collections::mandates::{
    self, MandateDetails, MandateUsage, Signed, expires_on, masked, of_row,
};
use crate::day::Day;
use crate::db::debit_files::MandateScheme;
use crate::db::means::{MeansKind, MeansRow, MeansStatus};
use crate::db::{Db, DbError};
use crate::http::{Input, Resource};
use crate::id::{MeansId, MemberId, PoleId};
use crate::party::AddressInput;
use crate::stripe;

/// A mandate that a member has signed.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "member": "mbr_01k9gz7v3hf8mv3r0x2p6d9qae",
    "scheme": "core",
    "signed_on": "2026-01-12",
    "debtor": "Forge de l’Ouest",
    "iban": "FR7630006000011234567890189",
}))]
pub(super) struct MandateInput {
    /// Who signed, or for whom.
    member: MemberId,
    scheme: MandateScheme,
    #[serde(default = "usual")]
    #[schema(required = false)]
    usage: MandateUsage,
    /// *Référence unique de mandat* (RUM), if it has one; one is made otherwise.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 35, example = "RUM-FORGE-1", nullable = false)]
    reference: Option<String>,
    /// The day on the mandate.
    signed_on: Day,
    /// Whose account it is.
    #[schema(min_length = 1, max_length = 200, format = "line", example = "Forge de l’Ouest")]
    debtor: String,
    /// The account that is debited.
    #[schema(min_length = 1, max_length = 42, example = "FR7630006000011234567890189")]
    iban: String,
    /// Its bank: needed outside the European Economic Area.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 11, example = "AGRIFRPPXXX", nullable = false)]
    bic: Option<String>,
    /// Where the debtor sits: needed outside the European Economic Area.
    #[serde(default)]
    #[schema(nullable = false)]
    address: Option<AddressInput>,
}

const fn usual() -> MandateUsage {
    MandateUsage::Recurrent
}

impl Input for MandateInput {}

impl MandateInput {
    pub(super) fn signed(self) -> Signed {
        let Self { member, scheme, usage, reference, signed_on, debtor, iban, bic, address } = self;
        let details = MandateDetails { scheme, usage, signed_on, debtor, iban, bic, address };
        Signed { member, reference, details }
    }
}

/// Why a means of payment ends.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "Révoqué par le membre" }))]
pub(super) struct MeansEndInput {
    /// The reason.
    #[schema(min_length = 1, max_length = 500, pattern = r"\S", example = "Révoqué par le membre")]
    pub(super) reason: String,
}

impl Input for MeansEndInput {}

/// By what a member lets itself be collected.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct PaymentMeans {
    pub(super) id: MeansId,
    /// Whose it is.
    member: MemberId,
    kind: MeansKind,
    status: MeansStatus,
    /// Whether what the member owes is collected by this one.
    is_default: bool,
    /// By what people know it.
    #[schema(example = "Prélèvement FR76 •••• 0189")]
    label: String,
    /// What a mandate says.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    mandate: Option<SignedMandate>,
    /// The page on which a member saves it, while it is pending.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(
        nullable = false,
        format = "uri",
        example = "https://checkout.stripe.com/c/pay/cs_test_a1b2c3"
    )]
    url: Option<String>,
    /// Why it ended; empty before.
    #[schema(example = "")]
    reason: String,
    created_at: Time,
    #[serde(skip)]
    version: i64,
}

/// What a mandate says.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct SignedMandate {
    /// *Référence unique de mandat* (RUM).
    #[schema(example = "RUM-FORGE-1")]
    reference: String,
    scheme: MandateScheme,
    usage: MandateUsage,
    /// The day on the mandate.
    signed_on: Day,
    /// Whose account it is.
    #[schema(example = "Forge de l’Ouest")]
    debtor: String,
    /// The account that is debited; whole for staff only.
    #[schema(example = "FR76 •••• 0189")]
    iban: String,
    /// Its bank.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "AGRIFRPPXXX")]
    bic: Option<String>,
    /// The last day on which it can be used: 36 months after it last was, or was signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    expires_on: Option<Day>,
}

impl Resource for PaymentMeans {
    fn id(&self) -> &str {
        self.id.as_str()
    }

    fn version(&self) -> i64 {
        self.version
    }
}

impl PaymentMeans {
    /// As staff sees it, or the member whose it is.
    pub(super) fn seen(
        conn: &mut Db,
        pole: &PoleId,
        row: MeansRow,
        staff: bool,
    ) -> Result<Self, DbError> {
        let mandate = if row.kind == MeansKind::Mandate {
            Some(SignedMandate::of(conn, pole, &row, staff)?)
        } else {
            None
        };
        let pending = row.status == MeansStatus::Pending;
        let url = pending.then(|| stripe::Details::of(&row).url).flatten();
        Ok(Self {
            url,
            id: row.means_id,
            member: row.member_id,
            kind: row.kind,
            status: row.status,
            is_default: row.is_default,
            label: row.label,
            mandate,
            reason: row.reason,
            created_at: row.created_at,
            version: row.version,
        })
    }
}

impl SignedMandate {
    fn of(conn: &mut Db, pole: &PoleId, row: &MeansRow, staff: bool) -> Result<Self, DbError> {
        let (mandate, details) = of_row(row)?;
        let used = mandates::used(conn, pole, &row.means_id)?;
        Ok(Self {
            reference: row.external_id.clone().unwrap_or_default(),
            scheme: details.scheme,
            usage: details.usage,
            expires_on: expires_on(&mandate, used),
            signed_on: details.signed_on,
            debtor: details.debtor,
            iban: if staff { details.iban } else { masked(&details.iban) },
            bic: details.bic,
        })
    }
}
