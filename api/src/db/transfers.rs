//! Money that goes out: to providers for their bills, and back to members out of their credit.

use diesel::prelude::*;
use palier_billing::{Currency, Money};

use super::collections::Channel;
use super::provider_accounts::AccountStatus;
use super::schema::{provider_accounts, transfers};
use super::{Db, DbError, words};
use crate::clock::Time;
use crate::day::Day;
use crate::id::{
    BankMovementId, BillId, MemberId, PaymentId, PoleId, ProviderId, TransferFileId, TransferId,
};

words! {
    /// What a transfer is for.
    pub(crate) enum TransferKind {
        /// A provider's bill.
        Bill = "bill",
        /// What stands to a member's credit.
        Credit = "credit",
    }
}

words! {
    /// Where a transfer stands.
    pub(crate) enum TransferStatus {
        /// It was not sent yet.
        Planned = "planned",
        /// It is in a file for the bank, or asked of Stripe, and nobody has said more.
        Sent = "sent",
        /// The pole's account was debited.
        Executed = "executed",
        /// The bank, or Stripe, did not execute it.
        Rejected = "rejected",
        /// It was executed, and came back.
        Returned = "returned",
        /// It was given up before anything was done.
        Cancelled = "cancelled",
    }
}

impl TransferStatus {
    /// Whether money is on its way out, or will be.
    pub(crate) const fn is_live(self) -> bool {
        matches!(self, Self::Planned | Self::Sent)
    }
}

/// Where a transfer stands that pays its bill, will or did: there is one at most.
pub(super) const PAYING: [TransferStatus; 3] =
    [TransferStatus::Planned, TransferStatus::Sent, TransferStatus::Executed];

/// A row of `transfers`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(
    table_name = transfers,
    primary_key(pole_id, transfer_id),
    treat_none_as_default_value = false,
    treat_none_as_null = true
)]
pub(crate) struct TransferRow {
    pub(crate) pole_id: PoleId,
    pub(crate) transfer_id: TransferId,
    pub(crate) kind: TransferKind,
    pub(crate) provider_id: Option<ProviderId>,
    pub(crate) bill_id: Option<BillId>,
    pub(crate) member_id: Option<MemberId>,
    pub(crate) status: TransferStatus,
    pub(crate) currency: String,
    pub(crate) amount_minor: i64,
    /// The day the pole's account is debited.
    pub(crate) execute_on: Day,
    /// By whom it was sent.
    pub(crate) channel: Option<Channel>,
    /// What it is for, as the payee reads it.
    pub(crate) reference: String,
    /// Who is credited: a provider as its account stood when it was sent.
    pub(crate) holder: Option<String>,
    /// An IBAN, or what Stripe calls the account.
    pub(crate) number: Option<String>,
    pub(crate) bic: Option<String>,
    /// JSON.
    pub(crate) address: Option<String>,
    /// What it is called from end to end, or by Stripe.
    pub(crate) external_id: Option<String>,
    /// The file by which it was sent, and what of that the bank debits as one sum.
    pub(crate) file_id: Option<TransferFileId>,
    pub(crate) batch_id: Option<String>,
    /// Why it was not executed, has to wait, or came back: a code of the bank's or of Stripe's, and in words.
    pub(crate) failure_code: Option<String>,
    pub(crate) failure_reason: Option<String>,
    pub(crate) executed_on: Option<Day>,
    pub(crate) movement_id: Option<BankMovementId>,
    /// What a member's became in the books.
    pub(crate) payment_id: Option<PaymentId>,
    /// The entry of a provider's, and the one of the same journal that takes it back.
    pub(crate) journal: Option<String>,
    pub(crate) year: Option<i32>,
    pub(crate) seq: Option<i64>,
    pub(crate) back_year: Option<i32>,
    pub(crate) back_seq: Option<i64>,
    pub(crate) version: i64,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
}

impl TransferRow {
    /// How much.
    pub(crate) fn amount(&self) -> Money {
        let currency = Currency::from_code(&self.currency).unwrap_or(Currency::EUR);
        Money::from_minor(self.amount_minor, currency)
    }
}

/// Adds a transfer.
pub(crate) fn insert(conn: &mut Db, row: &TransferRow) -> Result<(), DbError> {
    diesel::insert_into(transfers::table).values(row).execute(conn)?;
    Ok(())
}

/// One transfer.
pub(crate) fn find(
    conn: &mut Db,
    pole: &PoleId,
    transfer: &TransferId,
) -> Result<Option<TransferRow>, DbError> {
    let row = transfers::table.find((pole, transfer)).select(TransferRow::as_select());
    Ok(row.first(conn).optional()?)
}

/// The one that is called so from end to end, or by Stripe.
pub(crate) fn by_external(
    conn: &mut Db,
    pole: &PoleId,
    external_id: &str,
) -> Result<Option<TransferRow>, DbError> {
    let row = transfers::table
        .filter(transfers::pole_id.eq(pole).and(transfers::external_id.eq(external_id)))
        .select(TransferRow::as_select());
    Ok(row.first(conn).optional()?)
}

/// The one by which a bill is paid, will be or was.
pub(crate) fn of_bill(
    conn: &mut Db,
    pole: &PoleId,
    bill: &BillId,
) -> Result<Option<TransferRow>, DbError> {
    let row = transfers::table
        .filter(transfers::pole_id.eq(pole).and(transfers::bill_id.eq(bill)))
        .filter(transfers::status.eq_any(PAYING))
        .select(TransferRow::as_select());
    Ok(row.first(conn).optional()?)
}

/// What is to go back to a member already.
pub(crate) fn going_back(
    conn: &mut Db,
    pole: &PoleId,
    member: &MemberId,
) -> Result<Vec<TransferRow>, DbError> {
    let rows = transfers::table
        .filter(transfers::pole_id.eq(pole).and(transfers::member_id.eq(member)))
        .filter(transfers::status.eq_any([TransferStatus::Planned, TransferStatus::Sent]))
        .select(TransferRow::as_select());
    Ok(rows.load(conn)?)
}

/// Which transfers are asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) status: Option<TransferStatus>,
    pub(crate) provider: Option<ProviderId>,
    pub(crate) member: Option<MemberId>,
    /// Those that were sent by this file.
    pub(crate) file: Option<TransferFileId>,
    /// Those that are debited as this.
    pub(crate) batch: Option<String>,
    /// Those whose day has come by this one.
    pub(crate) until: Option<Day>,
}

/// Transfers in the order in which they were planned, those behind a place.
pub(crate) fn page(
    conn: &mut Db,
    pole: &PoleId,
    wanted: &Wanted,
    after: Option<&str>,
    rows: i64,
) -> Result<Vec<TransferRow>, DbError> {
    let mut query = transfers::table
        .filter(transfers::pole_id.eq(pole))
        .select(TransferRow::as_select())
        .into_boxed();
    if let Some(status) = wanted.status {
        query = query.filter(transfers::status.eq(status));
    }
    if let Some(provider) = &wanted.provider {
        query = query.filter(transfers::provider_id.eq(provider));
    }
    if let Some(member) = &wanted.member {
        query = query.filter(transfers::member_id.eq(member));
    }
    if let Some(file) = &wanted.file {
        query = query.filter(transfers::file_id.eq(file));
    }
    if let Some(batch) = &wanted.batch {
        query = query.filter(transfers::batch_id.eq(batch));
    }
    if let Some(until) = &wanted.until {
        query = query.filter(transfers::execute_on.le(until));
    }
    if let Some(after) = after {
        query = query.filter(transfers::transfer_id.gt(after.to_owned()));
    }
    Ok(query.order(transfers::transfer_id).limit(rows).load(conn)?)
}

/// Those that were sent, or said to be executed, and that no statement has told of; in the order of their
/// batches.
pub(crate) fn awaited(conn: &mut Db, pole: &PoleId) -> Result<Vec<TransferRow>, DbError> {
    let rows = transfers::table
        .filter(transfers::pole_id.eq(pole).and(transfers::movement_id.is_null()))
        .filter(transfers::status.eq_any([TransferStatus::Sent, TransferStatus::Executed]))
        .filter(transfers::batch_id.is_not_null())
        .order((transfers::batch_id, transfers::transfer_id))
        .select(TransferRow::as_select());
    Ok(rows.load(conn)?)
}

/// Whether a transfer that is planned was asked for before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    Never,
    /// What it was to be paid from did not cover it.
    InVain,
}

/// Those that are planned, whose day has come, and whose provider is paid at Stripe, in the order in which they
/// were planned.
pub(crate) fn due_at_stripe(
    conn: &mut Db,
    pole: &PoleId,
    (today, asked): (&Day, Asked),
    rows: i64,
) -> Result<Vec<TransferRow>, DbError> {
    let at_stripe = provider_accounts::table
        .filter(provider_accounts::pole_id.eq(transfers::pole_id))
        .filter(provider_accounts::provider_id.nullable().eq(transfers::provider_id))
        .filter(provider_accounts::status.eq(AccountStatus::Confirmed))
        .filter(provider_accounts::channel.eq(Channel::Stripe));
    let waits = asked == Asked::InVain;
    let rows = transfers::table
        .filter(transfers::pole_id.eq(pole).and(transfers::status.eq(TransferStatus::Planned)))
        .filter(transfers::execute_on.le(today))
        .filter(transfers::failure_code.is_not_null().eq(waits))
        .filter(diesel::dsl::exists(at_stripe))
        .order(transfers::transfer_id)
        .limit(rows)
        .select(TransferRow::as_select());
    Ok(rows.load(conn)?)
}

/// Whether anything was asked of Stripe that nobody knows the end of.
pub(crate) fn is_any_at_stripe(conn: &mut Db, pole: &PoleId) -> Result<bool, DbError> {
    let sent = transfers::table
        .filter(transfers::pole_id.eq(pole).and(transfers::status.eq(TransferStatus::Sent)))
        .filter(transfers::channel.eq(Channel::Stripe));
    Ok(diesel::select(diesel::dsl::exists(sent)).get_result(conn)?)
}

/// Writes a transfer anew, if it is still at this version; says whether it was.
pub(crate) fn update(conn: &mut Db, row: &TransferRow, version: i64) -> Result<bool, DbError> {
    let at = transfers::table.find((&row.pole_id, &row.transfer_id));
    let changed = diesel::update(at.filter(transfers::version.eq(version))).set(row);
    Ok(changed.execute(conn)? > 0)
}
