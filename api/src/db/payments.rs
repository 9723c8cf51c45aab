//! Payments and what they settle: rows that are never changed.

use std::collections::HashMap;

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool};
use palier_billing::Currency;

use super::invoices::{InvoiceRow, InvoiceStatus};
use super::schema::{invoices, payment_allocations, payments};
use super::{Db, DbError, words};
use crate::clock::Time;
use crate::day::Day;
use crate::id::{InvoiceId, MemberId, PaymentId, PoleId};
use crate::on_backend;

words! {
    /// What happened to money.
    pub(crate) enum PaymentKind {
        /// It came in; or, if it is none, what stood to the member's credit was used.
        Payment = "payment",
        /// It went back to the member.
        Refund = "refund",
        /// It will never come in.
        WriteOff = "write_off",
        /// Another of these was a mistake, or the money came back.
        Reversal = "reversal",
    }
}

words! {
    /// How money moved.
    pub(crate) enum PaymentMethod {
        /// From account to account.
        Transfer = "transfer",
        /// Collected from the member's account.
        DirectDebit = "direct_debit",
        /// A cheque.
        Cheque = "cheque",
        /// A card, by way of the payment provider.
        Card = "card",
        /// Not at all.
        None = "none",
    }
}

words! {
    /// Where the money of a payment is.
    pub(crate) enum Holder {
        /// On the pole's account.
        Bank = "bank",
        /// At the payment provider, until it pays out.
        Provider = "provider",
    }
}

/// A row of `payments`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = payments, treat_none_as_default_value = false)]
pub(crate) struct PaymentRow {
    pub(crate) pole_id: PoleId,
    pub(crate) payment_id: PaymentId,
    pub(crate) member_id: MemberId,
    pub(crate) kind: PaymentKind,
    pub(crate) method: PaymentMethod,
    pub(crate) paid_on: Day,
    pub(crate) currency: String,
    /// Above zero what came in.
    pub(crate) amount_minor: i64,
    /// By how much it changes what stands to the member's credit.
    pub(crate) credit_minor: i64,
    pub(crate) reference: String,
    pub(crate) note: String,
    pub(crate) statement_key: Option<String>,
    pub(crate) reverses: Option<PaymentId>,
    pub(crate) journal: String,
    pub(crate) year: i32,
    pub(crate) seq: i64,
    pub(crate) recorded_at: Time,
    /// By the method, if nothing is said.
    pub(crate) treasury: Option<Holder>,
}

impl PaymentMethod {
    /// Where its money is, unless something else is said.
    pub(crate) const fn usual_holder(self) -> Holder {
        match self {
            Self::Card => Holder::Provider,
            Self::Transfer | Self::DirectDebit | Self::Cheque | Self::None => Holder::Bank,
        }
    }
}

impl PaymentRow {
    /// Of its amounts.
    pub(crate) fn currency(&self) -> Currency {
        Currency::from_code(&self.currency).unwrap_or(Currency::EUR)
    }

    /// What the movement that it was made of is known by in bank files.
    pub(crate) fn movement_key(&self) -> Option<&str> {
        let key = self.statement_key.as_deref()?;
        let again = key.rsplit_once(AGAIN);
        let again = again.filter(|(_, nth)| nth.bytes().all(|byte| byte.is_ascii_digit()));
        Some(again.map_or(key, |(first, _)| first))
    }
}

/// What stands between the key of a movement and the count of a later payment made of it.
const AGAIN: &str = " again ";

/// The key of the payment that is made of a movement after so many others, all of which were
/// mistakes: no two payments have the same.
pub(crate) fn key_of(movement: &str, others: i64) -> String {
    if others == 0 { movement.to_owned() } else { format!("{movement}{AGAIN}{others}") }
}

/// A row of `payment_allocations`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = payment_allocations)]
pub(crate) struct AllocationRow {
    pub(crate) pole_id: PoleId,
    pub(crate) payment_id: PaymentId,
    pub(crate) invoice_id: InvoiceId,
    /// Above zero of an invoice, below of a credit note.
    pub(crate) amount_minor: i64,
}

/// Adds a payment and what it settles.
pub(crate) fn insert(
    conn: &mut Db,
    row: &PaymentRow,
    allocations: &[AllocationRow],
) -> Result<(), DbError> {
    diesel::insert_into(payments::table).values(row).execute(conn)?;
    on_backend!(conn, c => {
        diesel::insert_into(payment_allocations::table).values(allocations).execute(c)
    })?;
    Ok(())
}

/// One payment.
pub(crate) fn find(
    conn: &mut Db,
    pole: &PoleId,
    payment: &PaymentId,
) -> Result<Option<PaymentRow>, DbError> {
    let row = payments::table.find((pole, payment)).select(PaymentRow::as_select());
    Ok(row.first(conn).optional()?)
}

/// The payment that takes another back, if one does.
pub(crate) fn reversal(
    conn: &mut Db,
    pole: &PoleId,
    payment: &PaymentId,
) -> Result<Option<PaymentId>, DbError> {
    let row = payments::table
        .filter(payments::pole_id.eq(pole).and(payments::reverses.eq(payment)))
        .select(payments::payment_id);
    Ok(row.first(conn).optional()?)
}

/// Whose payments and documents are asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Whose {
    /// These members' only, unless the caller may see all.
    pub(crate) among: Option<Vec<MemberId>>,
    pub(crate) member: Option<MemberId>,
}

/// Payments in the order in which they were recorded, those behind a place.
pub(crate) fn page(
    conn: &mut Db,
    pole: &PoleId,
    whose: &Whose,
    after: Option<&str>,
    rows: i64,
) -> Result<Vec<PaymentRow>, DbError> {
    let mut query = payments::table
        .filter(payments::pole_id.eq(pole))
        .select(PaymentRow::as_select())
        .into_boxed();
    if let Some(among) = &whose.among {
        query = query.filter(payments::member_id.eq_any(among));
    }
    if let Some(member) = &whose.member {
        query = query.filter(payments::member_id.eq(member));
    }
    if let Some(after) = after {
        query = query.filter(payments::payment_id.gt(after.to_owned()));
    }
    Ok(query.order(payments::payment_id).limit(rows).load(conn)?)
}

/// What payments settle, by document.
pub(crate) fn allocations(
    conn: &mut Db,
    pole: &PoleId,
    of: &[PaymentId],
) -> Result<Vec<AllocationRow>, DbError> {
    let rows = payment_allocations::table
        .filter(payment_allocations::pole_id.eq(pole))
        .filter(payment_allocations::payment_id.eq_any(of))
        .order((payment_allocations::payment_id, payment_allocations::invoice_id))
        .select(AllocationRow::as_select());
    Ok(rows.load(conn)?)
}

/// What an entry of the journal settles of a document.
#[derive(Clone, Debug, Queryable)]
pub(crate) struct Settled {
    pub(crate) journal: String,
    pub(crate) seq: i64,
    pub(crate) invoice_id: InvoiceId,
    /// Above zero of an invoice, below of a credit note.
    pub(crate) amount_minor: i64,
}

/// What payments booked in a year settle.
pub(crate) fn settling(conn: &mut Db, pole: &PoleId, year: i32) -> Result<Vec<Settled>, DbError> {
    let of_payment = payments::pole_id
        .eq(payment_allocations::pole_id)
        .and(payments::payment_id.eq(payment_allocations::payment_id));
    let rows = payment_allocations::table
        .inner_join(payments::table.on(of_payment))
        .filter(payments::pole_id.eq(pole).and(payments::year.eq(year)))
        .order((payments::payment_id, payment_allocations::invoice_id))
        .select((
            payments::journal,
            payments::seq,
            payment_allocations::invoice_id,
            payment_allocations::amount_minor,
        ));
    Ok(rows.load(conn)?)
}

/// How much of each of some documents is settled; those of which nothing is are left out.
pub(crate) fn settled(
    conn: &mut Db,
    pole: &PoleId,
    of: &[InvoiceId],
) -> Result<HashMap<InvoiceId, i64>, DbError> {
    settled_among(conn, pole, Some(of))
}

/// How much of each of the pole's documents is settled; those of which nothing is are left out.
pub(crate) fn all_settled(
    conn: &mut Db,
    pole: &PoleId,
) -> Result<HashMap<InvoiceId, i64>, DbError> {
    settled_among(conn, pole, None)
}

fn settled_among(
    conn: &mut Db,
    pole: &PoleId,
    of: Option<&[InvoiceId]>,
) -> Result<HashMap<InvoiceId, i64>, DbError> {
    let mut sums = payment_allocations::table
        .group_by(payment_allocations::invoice_id)
        .select((
            payment_allocations::invoice_id,
            sql::<BigInt>("CAST(sum(amount_minor) AS BIGINT)"),
        ))
        .filter(payment_allocations::pole_id.eq(pole))
        .into_boxed();
    if let Some(of) = of {
        sums = sums.filter(payment_allocations::invoice_id.eq_any(of));
    }
    let sums: Vec<(InvoiceId, i64)> = sums.load(conn)?;
    Ok(sums.into_iter().collect())
}

/// The payments that settle a document, oldest first, but those that were taken back and those that
/// take back.
pub(crate) fn standing_of(
    conn: &mut Db,
    pole: &PoleId,
    invoice: &InvoiceId,
) -> Result<Vec<PaymentRow>, DbError> {
    let stands = sql::<Bool>(
        "kind <> 'reversal' AND NOT EXISTS (SELECT 1 FROM payments r \
         WHERE r.pole_id = payments.pole_id AND r.reverses = payments.payment_id)",
    );
    let settling = payment_allocations::table
        .filter(payment_allocations::pole_id.eq(pole))
        .filter(payment_allocations::invoice_id.eq(invoice))
        .select(payment_allocations::payment_id);
    let rows = payments::table
        .filter(payments::pole_id.eq(pole).and(payments::payment_id.eq_any(settling)))
        .filter(stands)
        .order(payments::payment_id)
        .select(PaymentRow::as_select());
    Ok(rows.load(conn)?)
}

/// What stands to a member's credit.
pub(crate) fn credit(
    conn: &mut Db,
    pole: &PoleId,
    member: &MemberId,
    currency: &str,
) -> Result<i64, DbError> {
    let sum = payments::table
        .filter(payments::pole_id.eq(pole).and(payments::member_id.eq(member)))
        .filter(payments::currency.eq(currency))
        .select(sql::<BigInt>("CAST(coalesce(sum(credit_minor), 0) AS BIGINT)"));
    Ok(sum.first(conn)?)
}

/// Which of some members have credit, and in which currencies.
pub(crate) fn with_credit(
    conn: &mut Db,
    pole: &PoleId,
    among: &[MemberId],
) -> Result<Vec<(MemberId, String)>, DbError> {
    let credit = payments::table
        .filter(payments::pole_id.eq(pole).and(payments::member_id.eq_any(among)))
        .group_by((payments::member_id, payments::currency))
        .having(sql::<Bool>("sum(credit_minor) > 0"))
        .order((payments::member_id, payments::currency))
        .select((payments::member_id, payments::currency));
    Ok(credit.load(conn)?)
}

/// Final documents that are not settled, in the order in which they were made, those behind a
/// place.
pub(crate) fn open(
    conn: &mut Db,
    pole: &PoleId,
    whose: &Whose,
    after: Option<&str>,
    rows: i64,
) -> Result<Vec<InvoiceRow>, DbError> {
    let is_open = sql::<Bool>(
        "(CASE WHEN kind IN ('credit_note', 'rebate') THEN -gross_minor ELSE gross_minor END) <> \
         coalesce((SELECT sum(a.amount_minor) FROM payment_allocations a \
         WHERE a.pole_id = invoices.pole_id AND a.invoice_id = invoices.invoice_id), 0)",
    );
    let mut query = invoices::table
        .filter(invoices::pole_id.eq(pole))
        .filter(invoices::status.eq(InvoiceStatus::Final))
        .filter(is_open)
        .select(InvoiceRow::as_select())
        .into_boxed();
    if let Some(among) = &whose.among {
        query = query.filter(invoices::member_id.eq_any(among));
    }
    if let Some(member) = &whose.member {
        query = query.filter(invoices::member_id.eq(member));
    }
    if let Some(after) = after {
        query = query.filter(invoices::invoice_id.gt(after.to_owned()));
    }
    Ok(query.order(invoices::invoice_id).limit(rows).load(conn)?)
}
