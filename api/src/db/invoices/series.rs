//! The series of numbers that documents are given.

use diesel::prelude::*;

use crate::day::Day;
use crate::db::schema::invoice_series;
use crate::db::{Db, DbError};
use crate::id::PoleId;
use crate::on_backend;

/// A row of `invoice_series`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = invoice_series)]
pub(crate) struct SeriesRow {
    pub(crate) pole_id: PoleId,
    pub(crate) series: String,
    /// 0 for a series that does not begin anew each year.
    pub(crate) year: i32,
    pub(crate) last_seq: i64,
    pub(crate) last_day: Day,
    /// Of the last document.
    pub(crate) seal: String,
}

/// The last day on which a document of a pole was issued.
pub(crate) fn last_day(conn: &mut Db, pole: &PoleId) -> Result<Option<Day>, DbError> {
    let days = invoice_series::table.filter(invoice_series::pole_id.eq(pole));
    let last = days.select(invoice_series::last_day).order(invoice_series::last_day.desc());
    Ok(last.first(conn).optional()?)
}

/// All series of a pole.
pub(crate) fn all(conn: &mut Db, pole: &PoleId) -> Result<Vec<SeriesRow>, DbError> {
    let rows = invoice_series::table.filter(invoice_series::pole_id.eq(pole));
    let rows = rows.order((invoice_series::series, invoice_series::year));
    Ok(rows.select(SeriesRow::as_select()).load(conn)?)
}

/// Takes a series until the transaction ends: whoever else wants a number of it waits, and then
/// sees what this transaction gave.
pub(crate) fn hold(
    conn: &mut Db,
    pole: &PoleId,
    (series, year): (&str, i32),
    day: &Day,
) -> Result<SeriesRow, DbError> {
    let first = SeriesRow {
        pole_id: pole.clone(),
        series: series.to_owned(),
        year,
        last_seq: 0,
        last_day: day.clone(),
        seal: String::new(),
    };
    on_backend!(conn, c => {
        diesel::insert_into(invoice_series::table).values(&first).on_conflict_do_nothing().execute(c)
    })?;
    let row = invoice_series::table.find((pole, series, year));
    Ok(match conn {
        // Whoever writes holds all of SQLite.
        Db::Sqlite(conn) => row.select(SeriesRow::as_select()).first(conn)?,
        Db::Postgres(conn) => row.for_update().select(SeriesRow::as_select()).first(conn)?,
    })
}

/// Notes the last number that was given.
pub(crate) fn keep(conn: &mut Db, row: &SeriesRow) -> Result<(), DbError> {
    let at = invoice_series::table.find((&row.pole_id, &row.series, row.year));
    diesel::update(at)
        .set((
            invoice_series::last_seq.eq(row.last_seq),
            invoice_series::last_day.eq(&row.last_day),
            invoice_series::seal.eq(&row.seal),
        ))
        .execute(conn)?;
    Ok(())
}
