//! Files of transfers as the API shows them, and what it is told of them.

use palier_billing::sepa::TransferVersion;
use palier_billing::{Currency, Money};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Time;
use crate::day::Day;
use crate::db::transfer_files::TransferFileStatus;
use crate::db::transfers::TransferStatus;
use crate::db::words;
use crate::http::{Input, Resource};
use crate::id::TransferFileId;
use crate::routes::Transfer;
use crate::transfers::answers::Answered;
use crate::transfers::file::{self, Asked, Batch};

words! {
    /// Which message of ISO 20022 the bank takes.
    pub(crate) enum TransferFormat {
        /// Of 2009, which most banks still take.
        V03 = "pain.001.001.03",
        /// Of 2019, that of the rulebooks since March 2024.
        V09 = "pain.001.001.09",
    }
}

impl From<TransferFormat> for TransferVersion {
    fn from(format: TransferFormat) -> Self {
        match format {
            TransferFormat::V03 => Self::V03,
            TransferFormat::V09 => Self::V09,
        }
    }
}

/// A file of transfers for the pole's bank.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct TransferFile {
    pub(crate) id: TransferFileId,
    /// What the bank knows it by.
    #[schema(example = "VIR-01K9GZ7V3HF8MV3R0X2P6D9QAE")]
    pub(crate) message: String,
    /// Which message of ISO 20022 it is.
    #[schema(example = "pain.001.001.09")]
    format: String,
    /// The last day of what was asked for.
    execute_by: Day,
    pub(crate) status: TransferFileStatus,
    /// Why it was called off; empty before.
    #[schema(example = "")]
    reason: String,
    /// How many transfers it holds.
    #[schema(example = 3)]
    pub(crate) payments: i32,
    /// What they come to, in euros.
    #[schema(example = "3600.00")]
    pub(crate) amount: String,
    /// SHA-256 of its bytes, in hexadecimal.
    #[schema(example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    sha256: String,
    /// What of it is debited on one day.
    pub(crate) batches: Vec<TransferBatch>,
    created_at: Time,
    #[serde(skip)]
    version: i64,
}

/// What of a file is debited on one day, perhaps as one sum.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct TransferBatch {
    /// What the bank knows it by.
    #[schema(example = "VIR-01K9GZ7V3HF8MV3R0X2P6D9QAE-1")]
    pub(crate) id: String,
    /// When the pole's account is debited.
    pub(crate) execute_on: Day,
    /// How many transfers it holds.
    #[schema(example = 3)]
    pub(crate) payments: usize,
    /// What they come to.
    #[schema(example = "3600.00")]
    pub(crate) amount: String,
    /// What of it was executed.
    #[schema(example = "3600.00")]
    pub(crate) executed: String,
}

impl Resource for TransferFile {
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

impl From<file::TransferFile> for TransferFile {
    fn from(whole: file::TransferFile) -> Self {
        let batches = whole.batches().into_iter().map(TransferBatch::from).collect();
        let row = whole.row;
        Self {
            batches,
            id: row.file_id,
            message: row.message_id,
            format: row.format,
            execute_by: row.execute_by,
            status: row.status,
            reason: row.reason,
            payments: row.payments,
            amount: euros(row.amount_minor),
            sha256: row.sha256,
            created_at: row.created_at,
            version: row.version,
        }
    }
}

impl From<Batch<'_>> for TransferBatch {
    fn from(batch: Batch<'_>) -> Self {
        let sum = |of: &dyn Fn(TransferStatus) -> bool| {
            let its = batch.transfers.iter().filter(|it| of(it.status));
            euros(its.map(|it| it.amount_minor).fold(0, i64::saturating_add))
        };
        let first = batch.transfers.first().map(|it| it.execute_on.clone());
        Self {
            amount: sum(&|_| true),
            executed: sum(&|status| status == TransferStatus::Executed),
            payments: batch.transfers.len(),
            execute_on: first.unwrap_or_else(|| Day::from(jiff::civil::Date::ZERO)),
            id: batch.id,
        }
    }
}

/// Up to which day what is planned goes into the file.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "execute_by": "2026-08-31" }))]
pub(super) struct TransferFileInput {
    /// The last day on which the pole's account is debited by it.
    execute_by: Day,
    #[serde(default = "usual_format")]
    #[schema(required = false)]
    format: TransferFormat,
    /// Whether the bank debits a day's transfers as one sum, or each by itself.
    #[serde(default = "yes")]
    #[schema(required = false)]
    batch_booking: bool,
}

const fn usual_format() -> TransferFormat {
    TransferFormat::V09
}

const fn yes() -> bool {
    true
}

impl Input for TransferFileInput {}

impl TransferFileInput {
    pub(super) fn asked(self) -> Asked {
        let Self { execute_by, format, batch_booking } = self;
        Asked { execute_by, version: format.into(), batch_booking }
    }
}

/// Why a file is called off.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "Refusé par la banque" }))]
pub(super) struct TransferFileEndInput {
    /// The reason.
    #[schema(min_length = 1, max_length = 500, pattern = r"\S", example = "Refusé par la banque")]
    pub(super) reason: String,
}

impl Input for TransferFileEndInput {}

/// What the bank answered to a file.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct TransferAnswer {
    /// The file.
    file: TransferFileId,
    /// Whether the bank refused all of it: it was called off, and planned again.
    pub(crate) refused: bool,
    /// How many transfers the bank is at.
    #[schema(example = 2)]
    pub(crate) accepted: usize,
    /// What it does not execute.
    pub(crate) rejected: Vec<Transfer>,
    /// What it says of transfers that are none of the file's, or of which more is known by now: what these
    /// are called from end to end.
    #[schema(example = json!([]))]
    pub(crate) passed_over: Vec<String>,
}

impl From<Answered> for TransferAnswer {
    fn from(answered: Answered) -> Self {
        Self {
            file: answered.file.file_id,
            refused: answered.is_refused,
            accepted: answered.accepted,
            rejected: answered.rejected.into_iter().map(Transfer::from).collect(),
            passed_over: answered.passed_over,
        }
    }
}
