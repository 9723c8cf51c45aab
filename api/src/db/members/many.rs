//! Many members at once, as an import has them: few statements, however many members.

use diesel::prelude::*;
use diesel::upsert::excluded;

use super::{MemberRow, MemberStatus};
use crate::db::schema::members::{self, dsl};
use crate::db::{Db, DbError};
use crate::id::{MemberId, PoleId};
use crate::on_backend;

/// How many members one statement writes, and how many it looks for: SQLite takes 32,766 values,
/// and a member has 28.
const BATCH: usize = 1_000;

/// Holds the members with these codes until the transaction ends, so that nobody changes one
/// between its being read and its being written. What refers to a member may still be added.
pub(crate) fn hold(conn: &mut Db, pole: &PoleId, codes: &[&str]) -> Result<(), DbError> {
    // Whoever writes holds all of SQLite.
    let Db::Postgres(conn) = conn else { return Ok(()) };
    let held = members::table
        .filter(members::pole_id.eq(pole).and(members::code.eq_any(codes)))
        // Always in this order: two who hold some of the same members would wait for each other.
        .order(members::member_id)
        .select(members::member_id)
        .for_no_key_update();
    held.load::<MemberId>(conn)?;
    Ok(())
}

/// The members with these codes.
pub(crate) fn with_codes(
    conn: &mut Db,
    pole: &PoleId,
    codes: &[&str],
) -> Result<Vec<MemberRow>, DbError> {
    let mut found = Vec::new();
    for chunk in codes.chunks(BATCH) {
        let rows = members::table
            .filter(members::pole_id.eq(pole).and(members::code.eq_any(chunk)))
            .select(MemberRow::as_select());
        found.append(&mut rows.load(conn)?);
    }
    Ok(found)
}

/// Codes and SIRENs of the members that have one of these SIRENs and have not left.
pub(crate) fn with_sirens(
    conn: &mut Db,
    pole: &PoleId,
    sirens: &[&str],
) -> Result<Vec<(String, Option<String>)>, DbError> {
    let mut found = Vec::new();
    for chunk in sirens.chunks(BATCH) {
        let rows = members::table
            .filter(members::pole_id.eq(pole).and(members::siren.eq_any(chunk)))
            .filter(members::status.ne(MemberStatus::Left))
            .order(members::member_id)
            .select((members::code, members::siren));
        found.append(&mut rows.load(conn)?);
    }
    Ok(found)
}

/// Adds members, or replaces those that are there already; the caller holds these.
///
/// # Errors
/// A unique violation, if somebody else has taken one of their codes.
pub(crate) fn put(conn: &mut Db, rows: &[MemberRow]) -> Result<(), DbError> {
    macro_rules! all {
        ($($column:ident),+) => { ($(dsl::$column.eq(excluded(dsl::$column)),)+) };
    }
    for chunk in rows.chunks(BATCH) {
        on_backend!(conn, c => diesel::insert_into(members::table)
            .values(chunk)
            .on_conflict((members::pole_id, members::member_id))
            .do_update()
            .set(all!(
                code, name, legal_form, siren, siret, vat_number, vat_regime, size_class,
                address_lines, postcode, city, country, contact_name, contact_email,
                contact_phone, language, payment_terms, status, invoices_by, search, version,
                updated_at, electronic_address, purchase_order, vat_regime_changes
            ))
            .execute(c))?;
    }
    Ok(())
}
