//! Collections as the API shows them, and how it is asked to plan them.

use palier_billing::Money;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Time;
use crate::collections::left_out::LeftOut;
use crate::collections::planner::{Asked, Chosen, Planned};
use crate::collections::setbacks::reason;
use crate::day::Day;
use crate::db::collections::{Channel, CollectionRow, CollectionStatus, PartRow};
use crate::http::{Input, Resource};
use crate::id::{CollectionId, InvoiceId, MeansId, MemberId, PaymentId};
use crate::text::Text;

/// Money asked for by a member's means of payment.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Collection {
    pub(crate) id: CollectionId,
    /// Whose money it is.
    member: MemberId,
    /// By what it is collected; absent where the member pays by itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    means: Option<MeansId>,
    channel: Channel,
    pub(crate) status: CollectionStatus,
    /// ISO 4217 code of its amounts.
    #[schema(example = "EUR")]
    currency: String,
    /// How much.
    #[schema(example = "120.00")]
    pub(crate) amount: String,
    /// The day the member is debited.
    pub(crate) collect_on: Day,
    /// The day the member was told of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    announced_on: Option<Day>,
    /// Which try it is for its documents, from 1.
    #[schema(example = 1)]
    attempt: i32,
    /// What it is called from end to end, or at the provider, once it was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "COL-01K9GZ7V3HF8MV3R0X2P6D9QAE")]
    pub(crate) external_id: Option<String>,
    /// The file by which it was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "dbf_01k9gz7v3hf8mv3r0x2p6d9qae")]
    file: Option<String>,
    /// Why it did not come in, or went back.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) failure: Option<CollectionFailure>,
    /// The payment that it became.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    payment: Option<PaymentId>,
    /// What it is of.
    documents: Vec<CollectedDocument>,
    created_at: Time,
    updated_at: Time,
    #[serde(skip)]
    version: i64,
}

/// Why money did not come in, or went back.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct CollectionFailure {
    /// The bank's code, or the provider's.
    #[schema(example = "AM04")]
    pub(crate) code: String,
    /// In words.
    pub(crate) reason: Text,
}

/// What of a document is collected.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct CollectedDocument {
    /// The document.
    invoice: InvoiceId,
    /// How much of it.
    #[schema(example = "120.00")]
    amount: String,
}

impl Resource for Collection {
    fn id(&self) -> &str {
        self.id.as_str()
    }

    fn version(&self) -> i64 {
        self.version
    }
}

impl From<(CollectionRow, Vec<PartRow>)> for Collection {
    fn from((row, parts): (CollectionRow, Vec<PartRow>)) -> Self {
        let amount = row.amount();
        let words = row.failure_reason.unwrap_or_default();
        let failure = row
            .failure_code
            .map(|code| CollectionFailure { reason: reason(row.channel, &code, &words), code });
        let part = |it: PartRow| CollectedDocument {
            invoice: it.invoice_id,
            amount: Money::from_minor(it.amount_minor, amount.currency()).to_string(),
        };
        Self {
            id: row.collection_id,
            member: row.member_id,
            means: row.means_id,
            channel: row.channel,
            status: row.status,
            currency: row.currency,
            amount: amount.to_string(),
            collect_on: row.collect_on,
            announced_on: row.announced_on,
            attempt: row.attempt,
            external_id: row.external_id,
            file: row.file_id,
            failure,
            payment: row.payment_id,
            documents: parts.into_iter().map(part).collect(),
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
        }
    }
}

/// What is to be planned.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "until": "2026-08-31", "dry_run": true }))]
pub(super) struct CollectionPlanInput {
    /// Who collects; the bank, if nothing is said.
    #[serde(default = "bank")]
    #[schema(required = false)]
    channel: Channel,
    /// Documents that are due by this day; as far ahead as whoever collects takes them, if left out.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = "date", example = "2026-08-31", nullable = false)]
    until: Option<Day>,
    /// These documents only, whatever was tried with them before. Whoever asks for them has told the
    /// members who have no e-mail address.
    #[serde(default)]
    #[schema(required = false, max_items = 200)]
    documents: Vec<InvoiceId>,
    /// Say what would be planned, and write nothing.
    #[serde(default)]
    #[schema(required = false)]
    dry_run: bool,
}

const fn bank() -> Channel {
    Channel::Bank
}

impl Input for CollectionPlanInput {}

impl CollectionPlanInput {
    pub(super) fn asked(self) -> Asked {
        let Self { channel, until, documents, dry_run } = self;
        Asked { channel, until, documents, dry_run }
    }
}

/// Why a collection is called off.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "Règlement promis par virement" }))]
pub(super) struct CollectionEndInput {
    /// The reason.
    #[schema(
        min_length = 1,
        max_length = 500,
        pattern = r"\S",
        example = "Règlement promis par virement"
    )]
    pub(super) reason: String,
}

impl Input for CollectionEndInput {}

/// What was planned, or would be.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct CollectionPlan {
    /// Documents that are due by this day were looked at.
    until: Day,
    /// Whether nothing was written.
    dry_run: bool,
    /// What is collected, by due date.
    collections: Vec<PlannedCollection>,
    /// What is due and is not.
    left_out: Vec<DocumentLeftOut>,
}

/// A document that is collected.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct PlannedCollection {
    /// The collection, once it is planned.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    collection: Option<CollectionId>,
    /// The document.
    invoice: InvoiceId,
    /// Its number.
    #[schema(example = "FA-2026-000123")]
    number: String,
    /// Whose it is.
    member: MemberId,
    /// By what it is collected.
    means: MeansId,
    /// ISO 4217 code of its amount.
    #[schema(example = "EUR")]
    currency: String,
    /// What of it is open.
    #[schema(example = "120.00")]
    amount: String,
    /// The day the member is debited.
    collect_on: Day,
}

/// A document that is due and is not collected.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct DocumentLeftOut {
    /// The document.
    invoice: InvoiceId,
    /// Its number.
    #[schema(example = "FA-2026-000123")]
    number: String,
    /// Whose it is.
    member: MemberId,
    /// The word for why.
    #[schema(example = "no_email")]
    code: &'static str,
    /// Why.
    reason: Text,
}

impl From<Planned> for CollectionPlan {
    fn from(planned: Planned) -> Self {
        let Planned { until, dry_run, collections, left_out } = planned;
        let collections = collections.into_iter().map(PlannedCollection::from).collect();
        let left_out = left_out.into_iter().map(DocumentLeftOut::from).collect();
        Self { until, dry_run, collections, left_out }
    }
}

impl From<Chosen> for PlannedCollection {
    fn from(it: Chosen) -> Self {
        Self {
            collection: it.made.map(|row| row.collection_id),
            invoice: it.document.invoice_id,
            number: it.document.number.unwrap_or_default(),
            member: it.document.member_id,
            means: it.means.means_id,
            currency: it.open.currency().code().to_owned(),
            amount: it.open.to_string(),
            collect_on: it.collect_on,
        }
    }
}

impl From<LeftOut> for DocumentLeftOut {
    fn from(it: LeftOut) -> Self {
        Self {
            invoice: it.document.invoice_id,
            number: it.document.number.unwrap_or_default(),
            member: it.document.member_id,
            code: it.why.code(),
            reason: it.why.text(),
        }
    }
}
