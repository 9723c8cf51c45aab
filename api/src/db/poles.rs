//! Poles: the tenants.

use diesel::prelude::*;
use palier_billing::Currency;

use super::schema::{audit_heads, poles, usage_books};
use super::{Db, DbError, words};
use crate::clock::Time;
use crate::id::PoleId;
use crate::text::Language;

words! {
    /// A language that people are written to in.
    pub(crate) enum WrittenLanguage {
        /// French.
        French = "fr",
        /// English.
        English = "en",
    }
}

impl WrittenLanguage {
    /// The language of what is said.
    pub(crate) const fn language(self) -> Language {
        match self {
            Self::French => Language::Fr,
            Self::English => Language::En,
        }
    }
}

words! {
    /// What becomes of usage of a member or a meter that is not known, or without a subscription.
    pub(crate) enum UnmatchedUsage {
        /// It is refused.
        Refuse = "refuse",
        /// It is kept, and counts once its cause is mended.
        Keep = "keep",
    }
}

/// A row of `poles`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = poles, treat_none_as_default_value = false)]
pub(crate) struct PoleRow {
    pub(crate) pole_id: PoleId,
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) time_zone: String,
    pub(crate) currency: String,
    pub(crate) language: WrittenLanguage,
    /// From how many active members on a member may see the pool's figures.
    pub(crate) minimum_active: i32,
    pub(crate) version: i64,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
    pub(crate) unmatched_usage: UnmatchedUsage,
    /// How many whole months events are kept; for ever, if none.
    pub(crate) usage_retention_months: Option<i32>,
}

impl PoleRow {
    /// In which it bills: one that there is, which was checked when the pole was made.
    pub(crate) fn currency(&self) -> Currency {
        Currency::from_code(&self.currency).unwrap_or(Currency::EUR)
    }

    /// Whether usage that matches nothing is kept.
    pub(crate) fn keeps_unmatched(&self) -> bool {
        self.unmatched_usage == UnmatchedUsage::Keep
    }
}

/// Adds a pole, with the beginning of its audit log and of its books.
pub(crate) fn insert(conn: &mut Db, pole: &PoleRow) -> Result<(), DbError> {
    diesel::insert_into(poles::table).values(pole).execute(conn)?;
    let head = (
        audit_heads::pole_id.eq(&pole.pole_id),
        audit_heads::seq.eq(0_i64),
        audit_heads::seal.eq(""),
    );
    diesel::insert_into(audit_heads::table).values(head).execute(conn)?;
    let books = (usage_books::pole_id.eq(&pole.pole_id), usage_books::closed_before.eq(0_i64));
    diesel::insert_into(usage_books::table).values(books).execute(conn)?;
    Ok(())
}

/// The pole with this code or id.
pub(crate) fn find(conn: &mut Db, name: &str) -> Result<Option<PoleRow>, DbError> {
    let found = poles::table
        .filter(poles::code.eq(name).or(poles::pole_id.eq(name)))
        .select(PoleRow::as_select())
        .first(conn)
        .optional()?;
    Ok(found)
}

/// The poles of these ids.
pub(crate) fn among(conn: &mut Db, ids: &[PoleId]) -> Result<Vec<PoleRow>, DbError> {
    let rows = poles::table.filter(poles::pole_id.eq_any(ids)).order(poles::pole_id);
    Ok(rows.select(PoleRow::as_select()).load(conn)?)
}

/// Holds a pole until the transaction ends, so that what reads much before it writes is done once at
/// a time. Writing single objects of the pole goes on: the lock leaves their foreign keys alone.
pub(crate) fn hold(conn: &mut Db, pole: &PoleId) -> Result<(), DbError> {
    match conn {
        // Whoever writes holds all of SQLite.
        Db::Sqlite(_) => {}
        Db::Postgres(conn) => {
            let row = poles::table.find(pole).select(poles::pole_id).for_no_key_update();
            row.first::<PoleId>(conn)?;
        }
    }
    Ok(())
}

/// All poles, oldest first.
pub(crate) fn all(conn: &mut Db) -> Result<Vec<PoleRow>, DbError> {
    Ok(poles::table.order(poles::pole_id).select(PoleRow::as_select()).load(conn)?)
}

/// Replaces the settings of a pole and gives it back, if it is still at this version.
pub(crate) fn update(conn: &mut Db, pole: &PoleRow) -> Result<Option<PoleRow>, DbError> {
    let at = poles::table.find(&pole.pole_id).filter(poles::version.eq(pole.version));
    let changed = diesel::update(at)
        .set((
            poles::name.eq(&pole.name),
            poles::language.eq(pole.language),
            poles::minimum_active.eq(pole.minimum_active),
            poles::unmatched_usage.eq(pole.unmatched_usage),
            poles::usage_retention_months.eq(pole.usage_retention_months),
            poles::version.eq(pole.version.saturating_add(1)),
            poles::updated_at.eq(pole.updated_at),
        ))
        .returning(poles::all_columns)
        .get_result(conn)
        .optional()?;
    Ok(changed)
}
