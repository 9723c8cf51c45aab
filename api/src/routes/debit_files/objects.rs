//! Files of direct debits as the API shows them, and what it is told of them.

use palier_billing::{Currency, Money};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Time;
use crate::collections::answers::Answered;
use crate::collections::{debits, whole};
use crate::day::Day;
use crate::db::Db;
use crate::db::debit_files::{DebitBatchRow, DebitFileStatus, MandateScheme};
use crate::http::{Input, Resource};
use crate::id::{BankMovementId, DebitFileId, PoleId};
use crate::problem::Problem;
use crate::routes::collections::Collection;

/// A file of direct debits for the pole's bank.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct DebitFile {
    pub(crate) id: DebitFileId,
    /// What the bank knows it by.
    #[schema(example = "PAL-01K9GZ7V3HF8MV3R0X2P6D9QAE")]
    pub(crate) message: String,
    /// Which message of ISO 20022 it is.
    #[schema(example = "pain.008.001.08")]
    format: String,
    /// The last day of what was asked for.
    collect_by: Day,
    pub(crate) status: DebitFileStatus,
    /// Why it was called off; empty before.
    #[schema(example = "")]
    reason: String,
    /// How many debits it holds.
    #[schema(example = 12)]
    pub(crate) payments: i32,
    /// What they come to, in euros.
    #[schema(example = "1440.00")]
    pub(crate) amount: String,
    /// SHA-256 of its bytes, in hexadecimal.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    sha256: String,
    /// What of it the bank credits as one sum.
    pub(crate) batches: Vec<DebitBatch>,
    created_at: Time,
    #[serde(skip)]
    version: i64,
}

/// What of a file the bank credits as one sum.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct DebitBatch {
    /// What the bank knows it by.
    #[schema(example = "PAL-01K9GZ7V3HF8MV3R0X2P6D9QAE-1")]
    pub(crate) id: String,
    /// When members are debited.
    pub(crate) collect_on: Day,
    pub(crate) scheme: MandateScheme,
    /// How many debits it holds.
    #[schema(example = 12)]
    pub(crate) payments: i32,
    /// What they come to.
    #[schema(example = "1440.00")]
    pub(crate) amount: String,
    /// When it came in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) settled_on: Option<Day>,
    /// How much came in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "1440.00")]
    settled: Option<String>,
    /// What the bank took out of it before it credited it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "1.20")]
    fees: Option<String>,
    /// The movement at the bank that it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    movement: Option<BankMovementId>,
}

impl Resource for DebitFile {
    fn id(&self) -> &str {
        self.id.as_str()
    }

    fn version(&self) -> i64 {
        self.version
    }
}

fn euros(minor: i64) -> String {
    Money::from_minor(minor, Currency::EUR).to_string()
}

impl From<debits::DebitFile> for DebitFile {
    fn from(debits::DebitFile { row, batches }: debits::DebitFile) -> Self {
        Self {
            id: row.file_id,
            message: row.message_id,
            format: row.format,
            collect_by: row.collect_by,
            status: row.status,
            reason: row.reason,
            payments: row.payments,
            amount: euros(row.amount_minor),
            sha256: row.sha256,
            batches: batches.into_iter().map(DebitBatch::from).collect(),
            created_at: row.created_at,
            version: row.version,
        }
    }
}

impl From<DebitBatchRow> for DebitBatch {
    fn from(row: DebitBatchRow) -> Self {
        Self {
            id: row.batch_id,
            collect_on: row.collect_on,
            scheme: row.scheme,
            payments: row.payments,
            amount: euros(row.amount_minor),
            settled_on: row.settled_on,
            settled: row.settled_minor.map(euros),
            fees: Some(row.fees_minor).filter(|it| *it != 0).map(euros),
            movement: row.movement_id,
        }
    }
}

/// Up to which day what is planned goes into the file.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "collect_by": "2026-08-31" }))]
pub(super) struct DebitFileInput {
    /// The last day on which members are debited by it.
    pub(super) collect_by: Day,
}

impl Input for DebitFileInput {}

/// When money came in.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "paid_on": "2026-08-31" }))]
pub(super) struct SettlementInput {
    /// The day on which the bank credited it; not after today.
    pub(super) paid_on: Day,
    /// Which batch; all that have not come in, if left out.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 40, nullable = false)]
    pub(super) batch: Option<String>,
}

impl Input for SettlementInput {}

/// Why a file is called off.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "Refusé par la banque" }))]
pub(super) struct DebitFileEndInput {
    /// The reason.
    #[schema(min_length = 1, max_length = 500, pattern = r"\S", example = "Refusé par la banque")]
    pub(super) reason: String,
}

impl Input for DebitFileEndInput {}

/// What the bank answered to a file.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct DebitAnswer {
    /// The file.
    pub(crate) file: DebitFileId,
    /// Whether the bank refused all of it: it was called off, and planned again.
    pub(crate) refused: bool,
    /// How many debits the bank is at.
    #[schema(example = 11)]
    pub(crate) accepted: usize,
    /// What it will not collect.
    pub(crate) failed: Vec<Collection>,
    /// What it says of debits that are none of the file's, or of which more is known by now: what these
    /// are called from end to end.
    #[schema(example = json!([]))]
    pub(crate) passed_over: Vec<String>,
}

impl DebitAnswer {
    /// What an answer said, as it is shown.
    pub(crate) fn of(conn: &mut Db, pole: &PoleId, answered: Answered) -> Result<Self, Problem> {
        let failed = whole(conn, pole, answered.failed)?;
        Ok(Self {
            file: answered.file.file_id,
            refused: answered.is_refused,
            accepted: answered.accepted,
            failed: failed.into_iter().map(Collection::from).collect(),
            passed_over: answered.passed_over,
        })
    }
}
