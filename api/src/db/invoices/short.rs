//! Documents in short: where they stand and what they come to, without what they say.

use diesel::prelude::*;

use super::{InvoiceKind, InvoiceStatus};
use crate::day::Day;
use crate::db::schema::invoices;
use crate::db::{Db, DbError};
use crate::id::{InvoiceId, MemberId, PoleId};

/// Which of a period's documents one is.
#[derive(Clone, Debug, Queryable, Selectable)]
#[diesel(table_name = invoices)]
pub(crate) struct Place {
    pub(crate) invoice_id: InvoiceId,
    pub(crate) member_id: MemberId,
    pub(crate) part: String,
    pub(crate) status: InvoiceStatus,
    pub(crate) version: i64,
}

/// Where the documents of a period are, by member and part.
pub(crate) fn places(conn: &mut Db, pole: &PoleId, period: &str) -> Result<Vec<Place>, DbError> {
    let rows = invoices::table
        .filter(invoices::pole_id.eq(pole).and(invoices::period.eq(period)))
        .order((invoices::member_id, invoices::part))
        .select(Place::as_select());
    Ok(rows.load(conn)?)
}

/// What the documents of a period come to, without VAT and below zero for what is given back, by member.
pub(crate) fn nets(
    conn: &mut Db,
    pole: &PoleId,
    period: &str,
) -> Result<Vec<(MemberId, i64)>, DbError> {
    let rows = invoices::table
        .filter(invoices::pole_id.eq(pole).and(invoices::period.eq(period)))
        .select((invoices::member_id, invoices::kind, invoices::net_minor));
    let rows: Vec<(MemberId, InvoiceKind, i64)> = rows.load(conn)?;
    Ok(rows.into_iter().map(|(member, kind, net)| (member, kind.signed(net))).collect())
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
        self.kind.signed(self.gross_minor)
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
