//! Invoices and credit notes: drafts, and what is final.

use std::collections::HashMap;

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Text;
use diesel::upsert::excluded;
use palier_billing::{Currency, DocumentKind};

use super::einvoices::LifecycleStatus;
use super::schema::{credited_lines, invoices};
use super::{Db, DbError, words};
use crate::clock::Time;
use crate::day::Day;
use crate::id::{InvoiceId, MemberId, PoleId};
use crate::on_backend;

pub(crate) mod series;

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
}

impl InvoiceKind {
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
        if self.kind.is_credit() { minor.saturating_neg() } else { minor }
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

/// How many rows one statement adds: SQLite takes 32,766 values.
const BATCH: usize = 500;

/// Adds drafts of a run; one that is there already stays as it is.
pub(crate) fn add_drafts(conn: &mut Db, rows: &[InvoiceRow]) -> Result<usize, DbError> {
    let mut added: usize = 0;
    for rows in rows.chunks(BATCH) {
        let new = on_backend!(conn, c => {
            diesel::insert_into(invoices::table).values(rows).on_conflict_do_nothing().execute(c)
        })?;
        added = added.saturating_add(new);
    }
    Ok(added)
}

/// Brings the drafts of a run to what they should be: what is missing is added, what says something
/// else is changed, and what should not be there is deleted.
pub(crate) fn keep_drafts(
    conn: &mut Db,
    pole: &PoleId,
    period: &str,
    wanted: &[InvoiceRow],
) -> Result<(), DbError> {
    let there = of_period(conn, pole, period)?;
    let mut there: HashMap<_, _> =
        there.iter().map(|row| ((&row.member_id, row.part.as_str()), row)).collect();
    let mut missing = Vec::new();
    for draft in wanted {
        let Some(row) = there.remove(&(&draft.member_id, draft.part.as_str())) else {
            missing.push(draft.clone());
            continue;
        };
        if row.document != draft.document {
            let InvoiceRow { invoice_id, status, remark, version, created_at, .. } = row.clone();
            let next = version.saturating_add(1);
            let draft = draft.clone();
            let draft =
                InvoiceRow { invoice_id, status, remark, created_at, version: next, ..draft };
            update(conn, &draft, version)?;
        }
    }
    for row in there.into_values() {
        diesel::delete(invoices::table.find((pole, &row.invoice_id))).execute(conn)?;
    }
    add_drafts(conn, &missing)?;
    Ok(())
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

/// What a final document asks for, in short.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = invoices)]
pub(crate) struct Standing {
    pub(crate) invoice_id: InvoiceId,
    pub(crate) member_id: MemberId,
    pub(crate) kind: InvoiceKind,
    pub(crate) currency: String,
    pub(crate) gross_minor: i64,
    pub(crate) number: Option<String>,
    pub(crate) due_on: Option<Day>,
}

impl Standing {
    /// What it came to as the customer's account sees it: below zero for what is given back.
    pub(crate) const fn total(&self) -> i64 {
        if self.kind.is_credit() { self.gross_minor.saturating_neg() } else { self.gross_minor }
    }
}

/// The final documents of a pole, or of one of its members, in short, in the order in which they were
/// made.
pub(crate) fn standings(
    conn: &mut Db,
    pole: &PoleId,
    member: Option<&MemberId>,
) -> Result<Vec<Standing>, DbError> {
    let mut query = invoices::table
        .filter(invoices::pole_id.eq(pole).and(invoices::status.eq(InvoiceStatus::Final)))
        .select(Standing::as_select())
        .into_boxed();
    if let Some(member) = member {
        query = query.filter(invoices::member_id.eq(member));
    }
    Ok(query.order(invoices::invoice_id).load(conn)?)
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

/// Which documents a period has, those that have numbers in the order of these.
pub(crate) fn ids_of_period(
    conn: &mut Db,
    pole: &PoleId,
    period: &str,
) -> Result<Vec<(InvoiceId, InvoiceStatus)>, DbError> {
    let rows = invoices::table
        .filter(invoices::pole_id.eq(pole).and(invoices::period.eq(period)))
        .order((invoices::number, invoices::member_id, invoices::part))
        .select((invoices::invoice_id, invoices::status));
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

/// The members that had a document of an earlier period.
pub(crate) fn billed_before(
    conn: &mut Db,
    pole: &PoleId,
    period: &str,
) -> Result<Vec<MemberId>, DbError> {
    let members = invoices::table
        .filter(invoices::pole_id.eq(pole).and(invoices::period.lt(period)))
        .select(invoices::member_id)
        .distinct();
    Ok(members.load(conn)?)
}

/// How many documents are not final, by period.
pub(crate) fn drafts(conn: &mut Db, pole: &PoleId) -> Result<Vec<(String, i64)>, DbError> {
    let drafts = invoices::table
        .filter(invoices::pole_id.eq(pole).and(invoices::status.ne(InvoiceStatus::Final)))
        .group_by(invoices::period)
        .order(invoices::period)
        .select((invoices::period, diesel::dsl::count_star()));
    Ok(drafts.load(conn)?)
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

/// Replaces a document that is not final, if it is still at this version.
pub(crate) fn update(
    conn: &mut Db,
    row: &InvoiceRow,
    version: i64,
) -> Result<Option<InvoiceRow>, DbError> {
    let at = invoices::table
        .find((&row.pole_id, &row.invoice_id))
        .filter(invoices::version.eq(version))
        .filter(invoices::status.ne(InvoiceStatus::Final));
    let changed = diesel::update(at).set(row).returning(invoices::all_columns);
    Ok(changed.get_result(conn).optional()?)
}

/// The drafts among documents, in the order in which they are named: nobody else changes them until the
/// transaction ends.
pub(crate) fn take_drafts(
    conn: &mut Db,
    pole: &PoleId,
    named: &[InvoiceId],
) -> Result<Vec<InvoiceRow>, DbError> {
    let rows = invoices::table
        .filter(invoices::pole_id.eq(pole).and(invoices::invoice_id.eq_any(named)))
        .filter(invoices::status.eq(InvoiceStatus::Draft));
    let rows: Vec<InvoiceRow> = match conn {
        // Whoever writes holds all of SQLite.
        Db::Sqlite(conn) => rows.select(InvoiceRow::as_select()).load(conn)?,
        Db::Postgres(conn) => rows.for_update().select(InvoiceRow::as_select()).load(conn)?,
    };
    let mut rows: HashMap<_, _> =
        rows.into_iter().map(|row| (row.invoice_id.clone(), row)).collect();
    Ok(named.iter().filter_map(|id| rows.remove(id)).collect())
}

/// Writes what became of drafts that were [taken](take_drafts), all at once.
pub(crate) fn make_final(conn: &mut Db, rows: &[InvoiceRow]) -> Result<(), DbError> {
    macro_rules! all {
        ($($column:ident),+) => { ($(invoices::$column.eq(excluded(invoices::$column)),)+) };
    }
    for rows in rows.chunks(BATCH) {
        on_backend!(conn, c => diesel::insert_into(invoices::table)
            .values(rows)
            .on_conflict((invoices::pole_id, invoices::invoice_id))
            .do_update()
            .set(all!(
                status, document, series, year, seq, number, issued_on, due_on, seal, version,
                updated_at
            ))
            .execute(c))?;
    }
    Ok(())
}

/// Takes back the drafts of a run, since they are made anew.
pub(crate) fn delete_drafts(conn: &mut Db, pole: &PoleId, period: &str) -> Result<usize, DbError> {
    let drafts = invoices::table
        .filter(invoices::pole_id.eq(pole).and(invoices::period.eq(period)))
        .filter(invoices::status.ne(InvoiceStatus::Final));
    Ok(diesel::delete(drafts).execute(conn)?)
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
