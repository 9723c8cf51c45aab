//! Member companies.

use diesel::prelude::*;
use palier_billing::{Change, VatRegime};

use super::poles::WrittenLanguage;
use super::schema::members;
use super::{Db, DbError, words};
use crate::clock::Time;
use crate::dated;
use crate::id::{MemberId, PoleId};

pub(crate) mod many;

words! {
    /// Where a member stands.
    pub(crate) enum MemberStatus {
        /// It takes part.
        Active = "active",
        /// It may not use services for now.
        Suspended = "suspended",
        /// It has left the pole.
        Left = "left",
    }
}

words! {
    /// How many invoices a member gets for a period.
    pub(crate) enum InvoicesBy {
        /// One, for all its services.
        Period = "period",
        /// One for each of its services.
        Service = "service",
    }
}

/// A row of `members`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = members, primary_key(pole_id, member_id))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct MemberRow {
    pub(crate) pole_id: PoleId,
    pub(crate) member_id: MemberId,
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) legal_form: Option<String>,
    pub(crate) siren: Option<String>,
    pub(crate) siret: Option<String>,
    pub(crate) vat_number: Option<String>,
    pub(crate) vat_regime: String,
    pub(crate) size_class: Option<String>,
    /// One to three lines, separated by line breaks.
    pub(crate) address_lines: String,
    pub(crate) postcode: Option<String>,
    pub(crate) city: String,
    pub(crate) country: String,
    pub(crate) contact_name: Option<String>,
    pub(crate) contact_email: Option<String>,
    pub(crate) contact_phone: Option<String>,
    pub(crate) language: WrittenLanguage,
    pub(crate) payment_terms: String,
    pub(crate) status: MemberStatus,
    pub(crate) invoices_by: InvoicesBy,
    /// What the search looks at: without accents and case.
    pub(crate) search: String,
    pub(crate) version: i64,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
    /// `SCHEME:ADDRESS`.
    pub(crate) electronic_address: Option<String>,
    pub(crate) purchase_order: Option<String>,
    /// What its VAT regime becomes on which day, as JSON.
    pub(crate) vat_regime_changes: String,
}

impl MemberRow {
    /// What its VAT regime becomes on which day.
    ///
    /// # Errors
    /// [`DbError::Unreadable`].
    pub(crate) fn regime_changes(&self) -> Result<Vec<Change<VatRegime>>, DbError> {
        dated::read(&self.vat_regime_changes, ("members", &self.member_id))
    }
}

/// Which members are asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Filter {
    /// These only, unless the caller may see all.
    pub(crate) among: Option<Vec<MemberId>>,
    pub(crate) status: Option<MemberStatus>,
    pub(crate) siren: Option<String>,
    pub(crate) code: Option<String>,
    /// Words that must all be there, without accents and case.
    pub(crate) words: Vec<String>,
}

/// Adds a member.
pub(crate) fn insert(conn: &mut Db, row: &MemberRow) -> Result<(), DbError> {
    diesel::insert_into(members::table).values(row).execute(conn)?;
    Ok(())
}

/// One member.
pub(crate) fn find(
    conn: &mut Db,
    pole: &PoleId,
    member: &MemberId,
) -> Result<Option<MemberRow>, DbError> {
    let row = members::table.find((pole, member)).select(MemberRow::as_select());
    Ok(row.first(conn).optional()?)
}

/// Members in the order in which they were added, those behind a place.
pub(crate) fn page(
    conn: &mut Db,
    pole: &PoleId,
    filter: &Filter,
    after: Option<&str>,
    rows: i64,
) -> Result<Vec<MemberRow>, DbError> {
    let mut query = members::table
        .filter(members::pole_id.eq(pole))
        .select(MemberRow::as_select())
        .into_boxed();
    if let Some(among) = &filter.among {
        query = query.filter(members::member_id.eq_any(among));
    }
    if let Some(status) = filter.status {
        query = query.filter(members::status.eq(status));
    }
    if let Some(siren) = &filter.siren {
        query = query.filter(members::siren.eq(siren));
    }
    if let Some(code) = &filter.code {
        query = query.filter(members::code.eq(code));
    }
    for word in &filter.words {
        query = query.filter(members::search.like(crate::search::containing(word)).escape('\\'));
    }
    if let Some(after) = after {
        query = query.filter(members::member_id.gt(after.to_owned()));
    }
    Ok(query.order(members::member_id).limit(rows).load(conn)?)
}

/// Replaces a member and gives it back, if it is still at this version.
pub(crate) fn update(
    conn: &mut Db,
    row: &MemberRow,
    version: i64,
) -> Result<Option<MemberRow>, DbError> {
    let at =
        members::table.find((&row.pole_id, &row.member_id)).filter(members::version.eq(version));
    let changed = diesel::update(at).set(row).returning(members::all_columns).get_result(conn);
    Ok(changed.optional()?)
}
