//! What providers bill to a pole.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use palier_billing::{Currency, Money, VatDue};

use super::schema::{provider_bills, transfers};
use super::transfers::PAYING;
use super::{Db, DbError, words};
use crate::clock::Time;
use crate::day::Day;
use crate::id::{BillId, PoleId, ProviderId};

words! {
    /// Where a bill stands.
    pub(crate) enum BillStatus {
        /// It is owed.
        Open = "open",
        /// It was paid.
        Paid = "paid",
        /// It was a mistake, or the provider took it back.
        Cancelled = "cancelled",
    }
}

words! {
    /// When the VAT of a bill is due from its provider, and can be deducted.
    pub(crate) enum BillVatDue {
        /// With its payment: the rule for services.
        OnReceipt = "on_receipt",
        /// With the bill: that of goods, and where it says that the provider opted for it.
        OnDebits = "on_debits",
    }
}

impl From<BillVatDue> for VatDue {
    fn from(word: BillVatDue) -> Self {
        match word {
            BillVatDue::OnReceipt => Self::OnReceipt,
            BillVatDue::OnDebits => Self::OnDebits,
        }
    }
}

/// A row of `provider_bills`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = provider_bills, treat_none_as_default_value = false)]
pub(crate) struct BillRow {
    pub(crate) pole_id: PoleId,
    pub(crate) bill_id: BillId,
    pub(crate) provider_id: ProviderId,
    /// Its number, as the provider gives it.
    pub(crate) number: String,
    pub(crate) issued_on: Day,
    pub(crate) due_on: Day,
    pub(crate) currency: String,
    /// JSON: what it is for, by VAT.
    pub(crate) lines: String,
    pub(crate) net_minor: i64,
    /// With VAT.
    pub(crate) total_minor: i64,
    pub(crate) vat_due: BillVatDue,
    /// What its payment is to name; its number, if nothing is said.
    pub(crate) reference: Option<String>,
    pub(crate) status: BillStatus,
    /// Why it was cancelled; empty before.
    pub(crate) reason: String,
    pub(crate) journal: String,
    pub(crate) year: i32,
    pub(crate) seq: i64,
    pub(crate) back_journal: Option<String>,
    pub(crate) back_year: Option<i32>,
    pub(crate) back_seq: Option<i64>,
    pub(crate) version: i64,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
}

impl BillRow {
    /// What it comes to with VAT.
    pub(crate) fn total(&self) -> Money {
        let currency = Currency::from_code(&self.currency).unwrap_or(Currency::EUR);
        Money::from_minor(self.total_minor, currency)
    }

    /// The VAT in it that can be deducted only when it is paid, in the minor unit.
    pub(crate) fn waiting_vat_minor(&self) -> i64 {
        match self.vat_due {
            BillVatDue::OnReceipt => self.total_minor.saturating_sub(self.net_minor),
            BillVatDue::OnDebits => 0,
        }
    }
}

/// Adds a bill.
pub(crate) fn insert(conn: &mut Db, row: &BillRow) -> Result<(), DbError> {
    diesel::insert_into(provider_bills::table).values(row).execute(conn)?;
    Ok(())
}

/// One bill.
pub(crate) fn find(
    conn: &mut Db,
    pole: &PoleId,
    bill: &BillId,
) -> Result<Option<BillRow>, DbError> {
    let row = provider_bills::table.find((pole, bill)).select(BillRow::as_select());
    Ok(row.first(conn).optional()?)
}

/// Whether a provider has billed under this number, and did not take it back.
pub(crate) fn is_number(
    conn: &mut Db,
    pole: &PoleId,
    (provider, number): (&ProviderId, &str),
) -> Result<bool, DbError> {
    let rows = provider_bills::table
        .filter(provider_bills::pole_id.eq(pole).and(provider_bills::provider_id.eq(provider)))
        .filter(provider_bills::number.eq(number))
        .filter(provider_bills::status.ne(BillStatus::Cancelled));
    Ok(diesel::select(diesel::dsl::exists(rows)).get_result(conn)?)
}

/// Which bills are asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) provider: Option<ProviderId>,
    pub(crate) status: Option<BillStatus>,
    /// Those that are due by this day.
    pub(crate) due_by: Option<Day>,
    /// Those that no transfer pays, or is to pay.
    pub(crate) unplanned: bool,
}

/// Bills in the order in which they were recorded, those behind a place.
pub(crate) fn page(
    conn: &mut Db,
    pole: &PoleId,
    wanted: &Wanted,
    after: Option<&str>,
    rows: i64,
) -> Result<Vec<BillRow>, DbError> {
    let mut query = provider_bills::table
        .filter(provider_bills::pole_id.eq(pole))
        .select(BillRow::as_select())
        .into_boxed();
    if let Some(provider) = &wanted.provider {
        query = query.filter(provider_bills::provider_id.eq(provider));
    }
    if let Some(status) = wanted.status {
        query = query.filter(provider_bills::status.eq(status));
    }
    if let Some(day) = &wanted.due_by {
        query = query.filter(provider_bills::due_on.le(day));
    }
    if wanted.unplanned {
        let paying = transfers::table
            .filter(transfers::pole_id.eq(provider_bills::pole_id))
            .filter(transfers::bill_id.eq(provider_bills::bill_id.nullable()))
            .filter(transfers::status.eq_any(PAYING));
        query = query.filter(diesel::dsl::not(diesel::dsl::exists(paying)));
    }
    if let Some(after) = after {
        query = query.filter(provider_bills::bill_id.gt(after.to_owned()));
    }
    Ok(query.order(provider_bills::bill_id).limit(rows).load(conn)?)
}

/// What all bills that are open come to.
pub(crate) fn owed(conn: &mut Db, pole: &PoleId) -> Result<i64, DbError> {
    let sum = provider_bills::table
        .filter(provider_bills::pole_id.eq(pole))
        .filter(provider_bills::status.eq(BillStatus::Open))
        .select(sql::<BigInt>("CAST(coalesce(sum(total_minor), 0) AS BIGINT)"));
    Ok(sum.first(conn)?)
}

/// Writes down what became of a bill, if it is still at this version; says whether it was.
pub(crate) fn update(conn: &mut Db, row: &BillRow, version: i64) -> Result<bool, DbError> {
    let at = provider_bills::table.find((&row.pole_id, &row.bill_id));
    let changed = diesel::update(at.filter(provider_bills::version.eq(version))).set((
        provider_bills::status.eq(row.status),
        provider_bills::reason.eq(&row.reason),
        provider_bills::back_journal.eq(&row.back_journal),
        provider_bills::back_year.eq(row.back_year),
        provider_bills::back_seq.eq(row.back_seq),
        provider_bills::version.eq(row.version),
        provider_bills::updated_at.eq(row.updated_at),
    ));
    Ok(changed.execute(conn)? > 0)
}
