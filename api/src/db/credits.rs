//! What was given back of the lines of final documents.

use std::collections::BTreeMap;

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::schema::credited_lines;
use super::{Db, DbError};
use crate::id::{InvoiceId, PoleId};
use crate::on_backend;

/// A row of `credited_lines`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = credited_lines)]
pub(crate) struct CreditedRow {
    pub(crate) pole_id: PoleId,
    pub(crate) invoice_id: InvoiceId,
    /// Of the document, from 1.
    pub(crate) line: i32,
    /// The credit note.
    pub(crate) credit_id: InvoiceId,
    pub(crate) amount_minor: i64,
}

/// Notes what a credit note gives back.
pub(crate) fn add(conn: &mut Db, rows: &[CreditedRow]) -> Result<(), DbError> {
    on_backend!(conn, c => diesel::insert_into(credited_lines::table).values(rows).execute(c))?;
    Ok(())
}

/// What was given back of a document so far, by line.
pub(crate) fn of_invoice(
    conn: &mut Db,
    pole: &PoleId,
    invoice: &InvoiceId,
) -> Result<BTreeMap<i32, i64>, DbError> {
    let rows = credited_lines::table
        .filter(credited_lines::pole_id.eq(pole).and(credited_lines::invoice_id.eq(invoice)))
        .select((credited_lines::line, credited_lines::amount_minor));
    let mut sums = BTreeMap::new();
    for (line, minor) in rows.load::<(i32, i64)>(conn)? {
        let sum = sums.entry(line).or_insert(0_i64);
        *sum = sum.saturating_add(minor);
    }
    Ok(sums)
}

/// The invoice that a credit note gives back of, if it is of one.
pub(crate) fn invoice_of(
    conn: &mut Db,
    pole: &PoleId,
    credit: &InvoiceId,
) -> Result<Option<InvoiceId>, DbError> {
    let row = credited_lines::table
        .filter(credited_lines::pole_id.eq(pole).and(credited_lines::credit_id.eq(credit)))
        .select(credited_lines::invoice_id);
    Ok(row.first(conn).optional()?)
}

/// The credit notes that give back of an invoice, in the order in which they were made.
pub(crate) fn notes_of(
    conn: &mut Db,
    pole: &PoleId,
    invoice: &InvoiceId,
) -> Result<Vec<InvoiceId>, DbError> {
    let rows = credited_lines::table
        .filter(credited_lines::pole_id.eq(pole).and(credited_lines::invoice_id.eq(invoice)))
        .select(credited_lines::credit_id)
        .distinct()
        .order(credited_lines::credit_id);
    Ok(rows.load(conn)?)
}

/// The invoice that each credit note gives back of.
pub(crate) fn invoices_of_notes(
    conn: &mut Db,
    pole: &PoleId,
) -> Result<BTreeMap<InvoiceId, InvoiceId>, DbError> {
    let rows = credited_lines::table
        .filter(credited_lines::pole_id.eq(pole))
        .select((credited_lines::credit_id, credited_lines::invoice_id))
        .distinct();
    Ok(rows.load::<(InvoiceId, InvoiceId)>(conn)?.into_iter().collect())
}

/// What each credit note gave back, without VAT.
pub(crate) fn by_note(conn: &mut Db, pole: &PoleId) -> Result<BTreeMap<InvoiceId, i64>, DbError> {
    let rows = credited_lines::table
        .filter(credited_lines::pole_id.eq(pole))
        .group_by(credited_lines::credit_id)
        .select((credited_lines::credit_id, sql::<BigInt>("CAST(sum(amount_minor) AS BIGINT)")));
    Ok(rows.load::<(InvoiceId, i64)>(conn)?.into_iter().collect())
}
