//! What reports read that nothing else asks for.

use diesel::prelude::*;

use super::invoices::InvoiceStatus;
use super::payments::{AllocationRow, PaymentRow};
use super::schema::{invoices, journal_entries, payment_allocations, payments};
use super::{Db, DbError};
use crate::day::Day;
use crate::id::PoleId;

/// All payments of a pole with the days on which they were booked, in the order in which they were
/// recorded.
pub(crate) fn booked_payments(
    conn: &mut Db,
    pole: &PoleId,
) -> Result<Vec<(PaymentRow, Day)>, DbError> {
    let entry = journal_entries::pole_id
        .eq(payments::pole_id)
        .and(journal_entries::journal.eq(payments::journal))
        .and(journal_entries::year.eq(payments::year))
        .and(journal_entries::seq.eq(payments::seq));
    let rows = payments::table
        .inner_join(journal_entries::table.on(entry))
        .filter(payments::pole_id.eq(pole))
        .order((payments::recorded_at, payments::payment_id))
        .select((PaymentRow::as_select(), journal_entries::entry_on));
    Ok(rows.load(conn)?)
}

/// How many documents of a month, or of an earlier one, are not final, by where they stand.
pub(crate) fn not_final(
    conn: &mut Db,
    pole: &PoleId,
    until: &str,
) -> Result<Vec<(InvoiceStatus, i64)>, DbError> {
    let counts = invoices::table
        .filter(invoices::pole_id.eq(pole).and(invoices::period.le(until)))
        .filter(invoices::status.ne(InvoiceStatus::Final))
        .group_by(invoices::status)
        .order(invoices::status)
        .select((invoices::status, diesel::dsl::count_star()));
    Ok(counts.load(conn)?)
}

/// All parts of documents of a pole that payments settle.
pub(crate) fn allocations(conn: &mut Db, pole: &PoleId) -> Result<Vec<AllocationRow>, DbError> {
    let rows = payment_allocations::table
        .filter(payment_allocations::pole_id.eq(pole))
        .order((payment_allocations::payment_id, payment_allocations::invoice_id))
        .select(AllocationRow::as_select());
    Ok(rows.load(conn)?)
}
