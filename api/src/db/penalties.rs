//! What was charged for the delay of documents.

use std::collections::HashMap;

use diesel::prelude::*;

use super::schema::penalties;
use super::{Db, DbError};
use crate::clock::Time;
use crate::day::Day;
use crate::id::{InvoiceId, PoleId};

/// A row of `penalties`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = penalties)]
pub(crate) struct PenaltyRow {
    pub(crate) pole_id: PoleId,
    /// The document that was late.
    pub(crate) invoice_id: InvoiceId,
    /// The last day whose interest is charged; no other charges days up to it.
    pub(crate) last_day: Day,
    /// The document that charges it.
    pub(crate) penalty_id: InvoiceId,
    pub(crate) interest_minor: i64,
    /// For recovery costs; 0 where it was charged before.
    pub(crate) indemnity_minor: i64,
    pub(crate) charged_at: Time,
}

/// Notes that it is charged. The key lets no day of a document be charged twice.
pub(crate) fn insert(conn: &mut Db, row: &PenaltyRow) -> Result<(), DbError> {
    diesel::insert_into(penalties::table).values(row).execute(conn)?;
    Ok(())
}

/// What was charged for the delay of some documents, in the order of its days.
pub(crate) fn of_documents(
    conn: &mut Db,
    pole: &PoleId,
    of: &[InvoiceId],
) -> Result<HashMap<InvoiceId, Vec<PenaltyRow>>, DbError> {
    let rows = penalties::table
        .filter(penalties::pole_id.eq(pole).and(penalties::invoice_id.eq_any(of)))
        .order((penalties::invoice_id, penalties::last_day))
        .select(PenaltyRow::as_select());
    let mut charged: HashMap<_, Vec<_>> = HashMap::new();
    for row in rows.load::<PenaltyRow>(conn)? {
        charged.entry(row.invoice_id.clone()).or_default().push(row);
    }
    Ok(charged)
}

/// All that a pole charged, by document and day.
pub(crate) fn all(conn: &mut Db, pole: &PoleId) -> Result<Vec<PenaltyRow>, DbError> {
    let rows = penalties::table.filter(penalties::pole_id.eq(pole));
    let rows = rows.order((penalties::invoice_id, penalties::last_day));
    Ok(rows.select(PenaltyRow::as_select()).load(conn)?)
}
