//! Transfers as the API shows them, and what it is told of them.

use palier_billing::{Currency, Money};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Time;
use crate::day::Day;
use crate::db::collections::Channel;
use crate::db::transfers::{TransferKind, TransferRow, TransferStatus};
use crate::http::{Input, Resource};
use crate::id::{
    BankMovementId, BillId, MemberId, PaymentId, ProviderId, TransferFileId, TransferId,
};
use crate::party::AddressInput;
use crate::problem::{Fault, Problem};
use crate::provider_accounts::{Given, masked};
use crate::say;
use crate::stripe::not_transferred;
use crate::text::{Text, sepa};
use crate::transfers::planner::{Chosen, LeftOut, PayBack, Planned};

/// Money that goes out.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Transfer {
    pub(crate) id: TransferId,
    kind: TransferKind,
    /// The provider that is paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    provider: Option<ProviderId>,
    /// The bill that it pays.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    bill: Option<BillId>,
    /// The member whose credit is paid back.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    member: Option<MemberId>,
    pub(crate) status: TransferStatus,
    /// ISO 4217 code of its amount.
    #[schema(example = "EUR")]
    currency: String,
    /// How much.
    #[schema(example = "1200.00")]
    pub(crate) amount: String,
    /// The day the pole's account is debited.
    pub(crate) execute_on: Day,
    /// By whom, once it was sent: the bank, by a file, or Stripe.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    channel: Option<Channel>,
    /// What it is for, as the payee reads it.
    #[schema(example = "2026-0118")]
    pub(crate) reference: String,
    /// Who is credited: of a provider known once it was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "Centre de calcul du Rhône")]
    name: Option<String>,
    /// The account that is credited.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "FR76 •••• 0189")]
    iban: Option<String>,
    /// The account at Stripe that is credited.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "acct_ •••• zgkW")]
    stripe_account: Option<String>,
    /// What Stripe calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "tr_1Pgc7BB7WZ01zgkWVJfE40RX")]
    external_id: Option<String>,
    /// What it is called from end to end, once it was sent by the bank.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "TRF-01K9GZ7V3HF8MV3R0X2P6D9QAE")]
    pub(crate) end_to_end: Option<String>,
    /// The file by which it was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    file: Option<TransferFileId>,
    /// Why it was not executed, has to wait, or came back.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) failure: Option<TransferFailure>,
    /// When it was executed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    executed_on: Option<Day>,
    /// The movement at the bank that it is, or is a part of.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    movement: Option<BankMovementId>,
    /// The payment by which the member has its credit back.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    payment: Option<PaymentId>,
    /// The entry by which the provider was paid, in the journal of the year in which it was booked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "BQ000042")]
    entry: Option<String>,
    created_at: Time,
    #[serde(skip)]
    version: i64,
}

/// Why a transfer was not executed, has to wait, or came back.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct TransferFailure {
    /// The bank's code, or Stripe's.
    #[schema(example = "AC01")]
    pub(crate) code: String,
    /// In words.
    pub(crate) reason: Text,
}

impl Resource for Transfer {
    fn id(&self) -> &str {
        self.id.as_str()
    }

    fn version(&self) -> i64 {
        self.version
    }
}

impl From<TransferRow> for Transfer {
    fn from(row: TransferRow) -> Self {
        let failure = row.failure_code.map(|code| {
            let words = row.failure_reason.unwrap_or_default();
            // Stripe's are not in capitals.
            let is_stripes = code.bytes().any(|byte| byte.is_ascii_lowercase());
            let told = if is_stripes { not_transferred } else { sepa::reason };
            TransferFailure { reason: told(&code, &words), code }
        });
        let number = row.number.as_deref().map(|number| masked(row.channel, number));
        let ((iban, end_to_end), (stripe_account, external_id)) = match row.channel {
            Some(Channel::Stripe) => ((None, None), (number, row.external_id)),
            Some(Channel::Bank) | None => ((number, row.external_id), (None, None)),
        };
        let currency = Currency::from_code(&row.currency).unwrap_or(Currency::EUR);
        let entry = row.journal.zip(row.seq).map(|(journal, seq)| format!("{journal}{seq:06}"));
        Self {
            amount: Money::from_minor(row.amount_minor, currency).to_string(),
            id: row.transfer_id,
            kind: row.kind,
            provider: row.provider_id,
            bill: row.bill_id,
            member: row.member_id,
            status: row.status,
            currency: row.currency,
            execute_on: row.execute_on,
            reference: row.reference,
            name: row.holder,
            channel: row.channel,
            iban,
            stripe_account,
            external_id,
            end_to_end,
            file: row.file_id,
            failure,
            executed_on: row.executed_on,
            movement: row.movement_id,
            payment: row.payment_id,
            entry,
            created_at: row.created_at,
            version: row.version,
        }
    }
}

/// A member's credit that is to be paid back.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "member": "mbr_01k9gz7v3hf8mv3r0x2p6d9qae", "amount": "70.00", "reference": "Trop-perçu",
}))]
pub(super) struct TransferInput {
    /// Whose credit it is.
    member: MemberId,
    /// How much of it; more than nothing.
    #[schema(format = "amount", example = "70.00")]
    amount: String,
    /// What it is for, as the member reads it.
    #[schema(max_length = 140, format = "line", example = "Trop-perçu")]
    reference: String,
    /// To which account; to that of the mandate by which the member is collected, if left out.
    #[serde(default)]
    #[schema(nullable = false)]
    account: Option<PayeeAccount>,
}

/// An account that is credited.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PayeeAccount {
    /// Whose account it is.
    #[schema(max_length = 200, format = "line", example = "Forge de l’Ouest")]
    name: String,
    /// The account.
    #[schema(min_length = 1, max_length = 42, example = "FR7630006000011234567890189")]
    iban: String,
    /// Its bank: needed outside the European Economic Area.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 11, example = "AGRIFRPPXXX", nullable = false)]
    bic: Option<String>,
    /// Where the holder sits: needed outside the European Economic Area.
    #[serde(default)]
    #[schema(nullable = false)]
    address: Option<AddressInput>,
}

impl Input for TransferInput {}

impl TransferInput {
    pub(super) fn wanted(self, currency: Currency) -> Result<PayBack, Problem> {
        let Self { member, amount, reference, account } = self;
        let fault = |code, detail| Problem::invalid(vec![Fault::body("/amount", code, detail)]);
        let amount = Money::parse(&amount, currency).map_err(|error| {
            let detail = say!(en "It is no amount: {error}.", fr "Ce n’est pas un montant.");
            fault("amount", detail)
        })?;
        if amount.minor() <= 0 {
            let detail = say!(en "Expected more than nothing.", fr "Attendu : plus que rien.");
            return Err(fault("nothing", detail));
        }
        let account = account.map(|it| {
            let PayeeAccount { name, iban, bic, address } = it;
            Given { name, iban, bic, address }
        });
        if let Some(Err(wrong)) = account.as_ref().map(Given::account) {
            let wrong = wrong.into_iter().map(|fault| fault.within("/account"));
            return Err(Problem::invalid(wrong.collect()));
        }
        Ok(PayBack { member, amount, reference, account })
    }
}

/// What is to be paid.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "due_by": "2026-08-31" }))]
pub(super) struct TransferPlanInput {
    /// Bills that are due by this day.
    pub(super) due_by: Day,
    /// Whether to say only what would be planned.
    #[serde(default)]
    #[schema(required = false)]
    pub(super) dry_run: bool,
}

impl Input for TransferPlanInput {}

/// When a transfer was executed, or a file.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "paid_on": "2026-08-31" }))]
pub(in crate::routes) struct ExecutionInput {
    /// The day on which the bank debited it; not after today.
    pub(in crate::routes) paid_on: Day,
}

impl Input for ExecutionInput {}

/// How a transfer came back.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "paid_on": "2026-09-02", "code": "AC04", "reason": "Compte clos" }))]
pub(super) struct TransferReturnInput {
    /// The day on which the bank credited it; not after today.
    pub(super) paid_on: Day,
    /// The bank's code.
    #[serde(default = "narrative")]
    #[schema(pattern = "^[A-Z0-9]{1,4}$", required = false, example = "AC04")]
    pub(super) code: String,
    /// Why.
    #[schema(min_length = 1, max_length = 400, pattern = r"\S", example = "Compte clos")]
    pub(super) reason: String,
}

fn narrative() -> String {
    "NARR".to_owned()
}

impl Input for TransferReturnInput {}

/// Why a transfer is given up.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "Réglé par chèque" }))]
pub(super) struct TransferEndInput {
    /// The reason.
    #[schema(min_length = 1, max_length = 500, pattern = r"\S", example = "Réglé par chèque")]
    pub(super) reason: String,
}

impl Input for TransferEndInput {}

/// What was planned, or would be.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct TransferPlan {
    /// The last due date of what was looked at.
    pub(crate) due_by: Day,
    /// Whether nothing was written.
    pub(crate) dry_run: bool,
    /// What is paid.
    pub(crate) transfers: Vec<PlannedTransfer>,
    /// What is due and is not paid, and why.
    pub(crate) left_out: Vec<UnpaidBill>,
}

/// A bill that is paid.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct PlannedTransfer {
    /// The transfer, once it is planned.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    transfer: Option<TransferId>,
    provider: ProviderId,
    bill: BillId,
    /// The bill's number.
    #[schema(example = "2026-0118")]
    pub(crate) number: String,
    /// How much.
    #[schema(example = "1200.00")]
    pub(crate) amount: String,
    /// The day the pole's account is debited.
    pub(crate) execute_on: Day,
    /// By whom, as the provider's account stands now.
    channel: Channel,
}

/// A bill that is due and is not paid.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct UnpaidBill {
    provider: ProviderId,
    bill: BillId,
    /// Its number.
    #[schema(example = "2026-0118")]
    pub(crate) number: String,
    /// A word for why: `no_account` (none of the provider's is confirmed), `not_at_stripe` (it is paid at
    /// Stripe, where the pole has no account), `other_currency`.
    #[schema(example = "no_account")]
    code: &'static str,
    /// In words.
    pub(crate) reason: Text,
}

impl From<Planned> for TransferPlan {
    fn from(planned: Planned) -> Self {
        Self {
            due_by: planned.due_by,
            dry_run: planned.dry_run,
            transfers: planned.transfers.into_iter().map(PlannedTransfer::from).collect(),
            left_out: planned.left_out.into_iter().map(UnpaidBill::from).collect(),
        }
    }
}

impl From<Chosen> for PlannedTransfer {
    fn from(Chosen { bill, execute_on, channel, made }: Chosen) -> Self {
        Self {
            amount: bill.total().to_string(),
            transfer: made.map(|it| it.transfer_id),
            provider: bill.provider_id,
            bill: bill.bill_id,
            number: bill.number,
            execute_on,
            channel,
        }
    }
}

impl From<LeftOut> for UnpaidBill {
    fn from(LeftOut { bill, why }: LeftOut) -> Self {
        Self {
            provider: bill.provider_id,
            bill: bill.bill_id,
            number: bill.number,
            code: why.code(),
            reason: why.text(),
        }
    }
}
