//! Invoices and credit notes: drafts, and what is final.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Text;
use palier_billing::{Currency, DocumentKind};

use super::einvoices::LifecycleStatus;
use super::schema::{credited_lines, invoices};
use super::{Db, DbError, words};
use crate::clock::Time;
use crate::day::Day;
use crate::id::{InvoiceId, MemberId, PoleId};

pub(crate) mod drafts;
pub(crate) mod series;
pub(crate) mod short;

words! {
    /// Where a document stands.
    pub(crate) enum InvoiceStatus {
        /// It can still change, and has no number.
        Draft = "draft",
        /// It waits for somebody, and is not made final with the others.
        Held = "held",
        /// It has its number and never changes.
        Final = "final",
    }
}

words! {
    /// What a document is.
    pub(crate) enum InvoiceKind {
        /// It asks for money.
        Invoice = "invoice",
        /// It gives back what invoices asked for, and names them.
        CreditNote = "credit_note",
        /// It gives back for a period.
        Rebate = "rebate",
        /// It takes the place of an invoice, and names it.
        Corrective = "corrective",
    }
}

impl InvoiceKind {
    /// Whether it gives back what it states.
    pub(crate) const fn is_credit(self) -> bool {
        matches!(self, Self::CreditNote | Self::Rebate)
    }

    /// An amount of such a document as the customer's account sees it: below zero for what is given back.
    pub(crate) const fn signed(self, minor: i64) -> i64 {
        if self.is_credit() { minor.saturating_neg() } else { minor }
    }

    /// That of a document to a member; what the pole writes in a provider's name is none.
    pub(crate) const fn of(kind: DocumentKind) -> Option<Self> {
        match kind {
            DocumentKind::Invoice => Some(Self::Invoice),
            DocumentKind::CreditNote => Some(Self::CreditNote),
            DocumentKind::Rebate => Some(Self::Rebate),
            DocumentKind::Corrective => Some(Self::Corrective),
            DocumentKind::SelfBilled => None,
        }
    }
}

/// A row of `invoices`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = invoices, primary_key(pole_id, invoice_id))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct InvoiceRow {
    pub(crate) pole_id: PoleId,
    pub(crate) invoice_id: InvoiceId,
    pub(crate) member_id: MemberId,
    /// `2026-07`.
    pub(crate) period: String,
    /// Which of the member's documents of the period.
    pub(crate) part: String,
    pub(crate) kind: InvoiceKind,
    pub(crate) status: InvoiceStatus,
    pub(crate) currency: String,
    pub(crate) net_minor: i64,
    pub(crate) vat_minor: i64,
    pub(crate) gross_minor: i64,
    /// Canonical JSON.
    pub(crate) document: String,
    /// Why it is held, or what was changed by hand.
    pub(crate) remark: String,
    pub(crate) series: Option<String>,
    pub(crate) year: Option<i32>,
    pub(crate) seq: Option<i64>,
    pub(crate) number: Option<String>,
    pub(crate) issued_on: Option<Day>,
    pub(crate) due_on: Option<Day>,
    pub(crate) seal: Option<String>,
    pub(crate) version: i64,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
}

impl InvoiceRow {
    /// Of all its amounts.
    pub(crate) fn currency(&self) -> Currency {
        Currency::from_code(&self.currency).unwrap_or(Currency::EUR)
    }

    /// An amount of it as the customer's account sees it: below zero for what is given back.
    pub(crate) const fn signed(&self, minor: i64) -> i64 {
        self.kind.signed(minor)
    }
}

/// Which documents are asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    /// Of these members, and final, unless the caller may see all.
    pub(crate) among: Option<Vec<MemberId>>,
    pub(crate) member: Option<MemberId>,
    pub(crate) period: Option<String>,
    pub(crate) status: Option<InvoiceStatus>,
    pub(crate) lifecycle: Option<LifecycleStatus>,
    pub(crate) kind: Option<InvoiceKind>,
    pub(crate) number: Option<String>,
}

/// One document.
pub(crate) fn find(
    conn: &mut Db,
    pole: &PoleId,
    invoice: &InvoiceId,
) -> Result<Option<InvoiceRow>, DbError> {
    let row = invoices::table.find((pole, invoice)).select(InvoiceRow::as_select());
    Ok(row.first(conn).optional()?)
}

/// Documents in the order in which they were made, those behind a place.
pub(crate) fn page(
    conn: &mut Db,
    pole: &PoleId,
    filter: &Filter,
    after: Option<&str>,
    rows: i64,
) -> Result<Vec<InvoiceRow>, DbError> {
    let mut query = invoices::table
        .filter(invoices::pole_id.eq(pole))
        .select(InvoiceRow::as_select())
        .into_boxed();
    if let Some(members) = &filter.among {
        query = query
            .filter(invoices::member_id.eq_any(members))
            .filter(invoices::status.eq(InvoiceStatus::Final));
    }
    if let Some(member) = &filter.member {
        query = query.filter(invoices::member_id.eq(member));
    }
    if let Some(period) = &filter.period {
        query = query.filter(invoices::period.eq(period));
    }
    if let Some(status) = filter.status {
        query = query.filter(invoices::status.eq(status));
    }
    if let Some(lifecycle) = filter.lifecycle {
        let last = sql::<Text>(
            "(SELECT s.status FROM invoice_statuses s WHERE s.pole_id = invoices.pole_id \
             AND s.invoice_id = invoices.invoice_id ORDER BY s.seq DESC LIMIT 1)",
        );
        query = query.filter(last.eq(lifecycle.as_str()));
    }
    if let Some(kind) = filter.kind {
        query = query.filter(invoices::kind.eq(kind));
    }
    if let Some(number) = &filter.number {
        query = query.filter(invoices::number.eq(number));
    }
    if let Some(after) = after {
        query = query.filter(invoices::invoice_id.gt(after.to_owned()));
    }
    Ok(query.order(invoices::invoice_id).limit(rows).load(conn)?)
}

/// The final documents among those that are asked for, in the order of their numbers.
pub(crate) fn final_ids(
    conn: &mut Db,
    pole: &PoleId,
    filter: &Filter,
) -> Result<Vec<InvoiceId>, DbError> {
    let mut query = invoices::table
        .filter(invoices::pole_id.eq(pole).and(invoices::status.eq(InvoiceStatus::Final)))
        .select(invoices::invoice_id)
        .into_boxed();
    if let Some(members) = &filter.among {
        query = query.filter(invoices::member_id.eq_any(members));
    }
    if let Some(member) = &filter.member {
        query = query.filter(invoices::member_id.eq(member));
    }
    if let Some(period) = &filter.period {
        query = query.filter(invoices::period.eq(period));
    }
    let by_number = (invoices::series, invoices::year, invoices::seq, invoices::invoice_id);
    Ok(query.order(by_number).load(conn)?)
}

/// The documents of a period, by member and part.
pub(crate) fn of_period(
    conn: &mut Db,
    pole: &PoleId,
    period: &str,
) -> Result<Vec<InvoiceRow>, DbError> {
    let rows = invoices::table
        .filter(invoices::pole_id.eq(pole).and(invoices::period.eq(period)))
        .order((invoices::member_id, invoices::part))
        .select(InvoiceRow::as_select());
    Ok(rows.load(conn)?)
}

/// Documents of these periods, both included, that were made final before a moment, ask for money or give
/// it back for a period, and are not credited: in the order in which they were made, those behind a place.
pub(crate) fn final_before(
    conn: &mut Db,
    pole: &PoleId,
    ((from, to), made_before): ((&str, &str), Time),
    after: Option<&InvoiceId>,
    rows: i64,
) -> Result<Vec<InvoiceRow>, DbError> {
    let credited = credited_lines::table
        .filter(credited_lines::pole_id.eq(pole))
        .select(credited_lines::invoice_id);
    let mut query = invoices::table
        .filter(invoices::pole_id.eq(pole).and(invoices::period.between(from, to)))
        .filter(invoices::status.eq(InvoiceStatus::Final))
        .filter(invoices::kind.ne(InvoiceKind::CreditNote))
        .filter(invoices::updated_at.le(made_before))
        .filter(invoices::invoice_id.ne_all(credited))
        .select(InvoiceRow::as_select())
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(invoices::invoice_id.gt(after));
    }
    Ok(query.order(invoices::invoice_id).limit(rows).load(conn)?)
}

/// Whether a run has a document that is final.
pub(crate) fn any_final(conn: &mut Db, pole: &PoleId, period: &str) -> Result<bool, DbError> {
    let any = invoices::table
        .filter(invoices::pole_id.eq(pole).and(invoices::period.eq(period)))
        .filter(invoices::status.eq(InvoiceStatus::Final))
        .select(invoices::invoice_id)
        .first::<InvoiceId>(conn);
    Ok(any.optional()?.is_some())
}

/// Final documents of a series, in the order of their numbers, those behind a place.
pub(crate) fn of_series(
    conn: &mut Db,
    pole: &PoleId,
    (series, year): (&str, i32),
    after: i64,
    rows: i64,
) -> Result<Vec<InvoiceRow>, DbError> {
    let rows = invoices::table
        .filter(invoices::pole_id.eq(pole))
        .filter(invoices::series.eq(series).and(invoices::year.eq(year)))
        .filter(invoices::seq.gt(after))
        .order(invoices::seq)
        .limit(rows)
        .select(InvoiceRow::as_select());
    Ok(rows.load(conn)?)
}
