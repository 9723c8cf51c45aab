//! Credits that members were granted, and which lines of documents draw them.

use std::collections::HashMap;

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use palier_billing::Currency;

use super::invoices::{InvoiceKind, InvoiceStatus};
use super::schema::{credit_draws, credit_grants, invoices};
use super::{Db, DbError};
use crate::clock::Time;
use crate::day::Day;
use crate::id::{GrantId, InvoiceId, MemberId, PoleId, ServiceId};
use crate::on_backend;

/// A row of `credit_grants`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = credit_grants, treat_none_as_default_value = false)]
pub(crate) struct GrantRow {
    pub(crate) pole_id: PoleId,
    pub(crate) grant_id: GrantId,
    pub(crate) member_id: MemberId,
    /// All services, if none.
    pub(crate) service_id: Option<ServiceId>,
    pub(crate) currency: String,
    pub(crate) amount_minor: i64,
    pub(crate) reason: String,
    pub(crate) valid_from: Day,
    /// The first day on which it is valid no longer.
    pub(crate) valid_until: Option<Day>,
    pub(crate) granted_at: Time,
    pub(crate) revoked_at: Option<Time>,
    pub(crate) revoked_for: Option<String>,
    pub(crate) version: i64,
}

impl GrantRow {
    /// Of its amount.
    pub(crate) fn currency(&self) -> Currency {
        Currency::from_code(&self.currency).unwrap_or(Currency::EUR)
    }
}

/// A row of `credit_draws`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = credit_draws)]
pub(crate) struct DrawRow {
    pub(crate) pole_id: PoleId,
    pub(crate) invoice_id: InvoiceId,
    /// Of the document, from 1.
    pub(crate) line: i32,
    pub(crate) grant_id: GrantId,
    /// Below zero for what a credit note gives back.
    pub(crate) amount_minor: i64,
    /// What was left of the credit then.
    pub(crate) left_minor: i64,
}

/// Adds a credit.
pub(crate) fn insert(conn: &mut Db, row: &GrantRow) -> Result<(), DbError> {
    diesel::insert_into(credit_grants::table).values(row).execute(conn)?;
    Ok(())
}

/// One credit of a member.
pub(crate) fn find(
    conn: &mut Db,
    pole: &PoleId,
    member: &MemberId,
    grant: &GrantId,
) -> Result<Option<GrantRow>, DbError> {
    let row = credit_grants::table
        .find((pole, grant))
        .filter(credit_grants::member_id.eq(member))
        .select(GrantRow::as_select());
    Ok(row.first(conn).optional()?)
}

/// Credits of a member, or of all, in the order in which they were granted, those behind a place.
pub(crate) fn page(
    conn: &mut Db,
    pole: &PoleId,
    member: Option<&MemberId>,
    after: Option<&str>,
    rows: i64,
) -> Result<Vec<GrantRow>, DbError> {
    let mut query = credit_grants::table
        .filter(credit_grants::pole_id.eq(pole))
        .select(GrantRow::as_select())
        .into_boxed();
    if let Some(member) = member {
        query = query.filter(credit_grants::member_id.eq(member));
    }
    if let Some(after) = after {
        query = query.filter(credit_grants::grant_id.gt(after.to_owned()));
    }
    Ok(query.order(credit_grants::grant_id).limit(rows).load(conn)?)
}

/// Notes that a credit was taken back.
pub(crate) fn revoke(conn: &mut Db, row: &GrantRow) -> Result<(), DbError> {
    diesel::update(credit_grants::table.find((&row.pole_id, &row.grant_id)))
        .set((
            credit_grants::revoked_at.eq(row.revoked_at),
            credit_grants::revoked_for.eq(&row.revoked_for),
            credit_grants::version.eq(row.version),
        ))
        .execute(conn)?;
    Ok(())
}

/// Credits that are valid on any of some days, up to, not including, the last one. Those that end first
/// stand first, and of these, those that were granted first.
pub(crate) fn valid(
    conn: &mut Db,
    pole: &PoleId,
    days: (&Day, &Day),
) -> Result<Vec<GrantRow>, DbError> {
    let mut rows = valid_once(conn, pole, days)?;
    rows.retain(|row| row.revoked_at.is_none());
    Ok(rows)
}

/// The same, with those that were taken back meanwhile.
pub(crate) fn valid_once(
    conn: &mut Db,
    pole: &PoleId,
    (first, end): (&Day, &Day),
) -> Result<Vec<GrantRow>, DbError> {
    let rows = credit_grants::table
        .filter(credit_grants::pole_id.eq(pole))
        .filter(credit_grants::valid_from.lt(end))
        .filter(credit_grants::valid_until.is_null().or(credit_grants::valid_until.gt(first)))
        .select(GrantRow::as_select());
    let mut rows: Vec<GrantRow> = rows.load(conn)?;
    // What never ends stands last; ids sort by the time at which they were made.
    rows.sort_by(|one, other| order(one).cmp(&order(other)));
    Ok(rows)
}

fn order(row: &GrantRow) -> (bool, Option<&Day>, Time, &GrantId) {
    (row.valid_until.is_none(), row.valid_until.as_ref(), row.granted_at, &row.grant_id)
}

/// Which draws are added up.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Drawn<'d> {
    /// All.
    Ever,
    /// Those of the documents that the run of a month made.
    ByRun(&'d str),
    /// Those of them that are not final.
    ByDrafts(&'d str),
    /// Those of one document.
    By(&'d InvoiceId),
}

/// What was drawn of each credit; those of which nothing was drawn are left out.
pub(crate) fn drawn(
    conn: &mut Db,
    pole: &PoleId,
    which: Drawn<'_>,
) -> Result<HashMap<GrantId, i64>, DbError> {
    let of_document = invoices::pole_id
        .eq(credit_draws::pole_id)
        .and(invoices::invoice_id.eq(credit_draws::invoice_id));
    let mut sums = credit_draws::table
        .inner_join(invoices::table.on(of_document))
        .filter(credit_draws::pole_id.eq(pole))
        .group_by(credit_draws::grant_id)
        .select((credit_draws::grant_id, sql::<BigInt>("CAST(sum(amount_minor) AS BIGINT)")))
        .into_boxed();
    // What stands alone, as a credit note does, has its own id for a part.
    let of_run = invoices::part.ne(invoices::invoice_id);
    match which {
        Drawn::Ever => {}
        Drawn::ByRun(period) => {
            sums = sums.filter(invoices::period.eq(period.to_owned()));
            sums = sums.filter(of_run);
        }
        Drawn::ByDrafts(period) => {
            sums = sums.filter(invoices::period.eq(period.to_owned()));
            sums = sums.filter(of_run);
            sums = sums.filter(invoices::status.ne(InvoiceStatus::Final));
        }
        Drawn::By(invoice) => sums = sums.filter(credit_draws::invoice_id.eq(invoice.clone())),
    }
    let sums: Vec<(GrantId, i64)> = sums.load(conn)?;
    Ok(sums.into_iter().collect())
}

/// How a credit stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    /// By final documents.
    pub(crate) drawn: i64,
    /// By credit notes, of that.
    pub(crate) given_back: i64,
    /// By documents that are not final.
    pub(crate) drafted: i64,
}

impl Standing {
    /// What is used up of it, for good or by a draft.
    pub(crate) const fn used(self) -> i64 {
        self.drawn.saturating_sub(self.given_back).saturating_add(self.drafted)
    }
}

/// How some credits stand; those of which nothing was ever drawn are left out.
pub(crate) fn standings(
    conn: &mut Db,
    pole: &PoleId,
    of: &[GrantId],
) -> Result<HashMap<GrantId, Standing>, DbError> {
    let of_document = invoices::pole_id
        .eq(credit_draws::pole_id)
        .and(invoices::invoice_id.eq(credit_draws::invoice_id));
    let rows = credit_draws::table
        .inner_join(invoices::table.on(of_document))
        .filter(credit_draws::pole_id.eq(pole).and(credit_draws::grant_id.eq_any(of)))
        .select((credit_draws::grant_id, credit_draws::amount_minor, invoices::status));
    let mut standings: HashMap<GrantId, Standing> = HashMap::new();
    for (grant, minor, status) in rows.load::<(GrantId, i64, InvoiceStatus)>(conn)? {
        let of = standings.entry(grant).or_default();
        let (sum, minor) = match (status, minor < 0) {
            (InvoiceStatus::Final, false) => (&mut of.drawn, minor),
            (InvoiceStatus::Final, true) => (&mut of.given_back, minor.saturating_neg()),
            _ => (&mut of.drafted, minor),
        };
        *sum = sum.saturating_add(minor);
    }
    Ok(standings)
}

/// What a document draws, by line.
pub(crate) fn of_document(
    conn: &mut Db,
    pole: &PoleId,
    invoice: &InvoiceId,
) -> Result<Vec<DrawRow>, DbError> {
    let rows = credit_draws::table
        .filter(credit_draws::pole_id.eq(pole).and(credit_draws::invoice_id.eq(invoice)))
        .order(credit_draws::line)
        .select(DrawRow::as_select());
    Ok(rows.load(conn)?)
}

/// The documents that draw a credit and are not final.
pub(crate) fn drafts_of(
    conn: &mut Db,
    pole: &PoleId,
    grant: &GrantId,
) -> Result<Vec<InvoiceId>, DbError> {
    let of_document = invoices::pole_id
        .eq(credit_draws::pole_id)
        .and(invoices::invoice_id.eq(credit_draws::invoice_id));
    let drafts = credit_draws::table
        .inner_join(invoices::table.on(of_document))
        .filter(credit_draws::pole_id.eq(pole).and(credit_draws::grant_id.eq(grant)))
        .filter(invoices::status.ne(InvoiceStatus::Final))
        .order(credit_draws::invoice_id)
        .select(credit_draws::invoice_id)
        .distinct();
    Ok(drafts.load(conn)?)
}

/// A draw of a credit, and the document that it is of.
#[derive(Clone, Debug, Queryable)]
pub(crate) struct StatementRow {
    pub(crate) invoice_id: InvoiceId,
    pub(crate) line: i32,
    pub(crate) amount_minor: i64,
    pub(crate) left_minor: i64,
    pub(crate) period: String,
    pub(crate) kind: InvoiceKind,
    pub(crate) status: InvoiceStatus,
    pub(crate) number: Option<String>,
    pub(crate) issued_on: Option<Day>,
}

/// What draws a credit, in the order in which the documents were made, behind a line of one: final
/// documents, and drafts if they are asked for.
pub(crate) fn statement(
    conn: &mut Db,
    pole: &PoleId,
    (grant, drafts): (&GrantId, bool),
    after: Option<&(String, i32)>,
    rows: i64,
) -> Result<Vec<StatementRow>, DbError> {
    let of_document = invoices::pole_id
        .eq(credit_draws::pole_id)
        .and(invoices::invoice_id.eq(credit_draws::invoice_id));
    let mut query = credit_draws::table
        .inner_join(invoices::table.on(of_document))
        .filter(credit_draws::pole_id.eq(pole).and(credit_draws::grant_id.eq(grant)))
        .select((
            credit_draws::invoice_id,
            credit_draws::line,
            credit_draws::amount_minor,
            credit_draws::left_minor,
            invoices::period,
            invoices::kind,
            invoices::status,
            invoices::number,
            invoices::issued_on,
        ))
        .into_boxed();
    if !drafts {
        query = query.filter(invoices::status.eq(InvoiceStatus::Final));
    }
    if let Some((invoice, line)) = after {
        let further = credit_draws::invoice_id.eq(invoice).and(credit_draws::line.gt(line));
        query = query.filter(credit_draws::invoice_id.gt(invoice).or(further));
    }
    let query = query.order((credit_draws::invoice_id, credit_draws::line)).limit(rows);
    Ok(query.load(conn)?)
}

/// All draws of a pole, by document and line.
pub(crate) fn all_draws(conn: &mut Db, pole: &PoleId) -> Result<Vec<DrawRow>, DbError> {
    let rows = credit_draws::table.filter(credit_draws::pole_id.eq(pole));
    let rows = rows.order((credit_draws::invoice_id, credit_draws::line));
    Ok(rows.select(DrawRow::as_select()).load(conn)?)
}

/// How many rows one statement adds: SQLite takes 32,766 values.
const BATCH: usize = 2_000;

/// Adds what documents draw that are not final yet.
pub(crate) fn add_draws(conn: &mut Db, rows: &[DrawRow]) -> Result<(), DbError> {
    for rows in rows.chunks(BATCH) {
        on_backend!(conn, c => diesel::insert_into(credit_draws::table).values(rows).execute(c))?;
    }
    Ok(())
}

/// Forgets what a draft draws.
pub(crate) fn forget(conn: &mut Db, pole: &PoleId, draft: &InvoiceId) -> Result<(), DbError> {
    let rows = credit_draws::table
        .filter(credit_draws::pole_id.eq(pole).and(credit_draws::invoice_id.eq(draft)));
    diesel::delete(rows).execute(conn)?;
    Ok(())
}

/// Forgets what the drafts of a month draw.
pub(crate) fn forget_drafts(conn: &mut Db, pole: &PoleId, period: &str) -> Result<(), DbError> {
    let drafts = invoices::table
        .filter(invoices::pole_id.eq(pole).and(invoices::period.eq(period)))
        .filter(invoices::status.ne(InvoiceStatus::Final))
        .select(invoices::invoice_id);
    let rows = credit_draws::table
        .filter(credit_draws::pole_id.eq(pole).and(credit_draws::invoice_id.eq_any(drafts)));
    diesel::delete(rows).execute(conn)?;
    Ok(())
}
