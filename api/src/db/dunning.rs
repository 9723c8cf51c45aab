//! What is not paid in time: how a pole writes about it, what it has written, and what it leaves
//! alone for now.

use std::collections::HashMap;

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Bool, Text};
use palier_billing::Currency;
use palier_billing::dunning::DunningLevel;

use super::invoices::{InvoiceKind, InvoiceRow, InvoiceStatus};
use super::schema::{
    dunning_letters, dunning_notices, dunning_pauses, dunning_settings, invoices,
    payment_allocations, payments,
};
use super::{Db, DbError, words};
use crate::clock::Time;
use crate::day::Day;
use crate::id::{InvoiceId, LetterId, MemberId, PoleId};
use crate::on_backend;

words! {
    /// A letter to a member that is late, each graver than the one before.
    pub(crate) enum LetterLevel {
        /// *Relance*.
        Reminder = "reminder",
        /// *Seconde relance*.
        SecondReminder = "second_reminder",
        /// *Mise en demeure* (code civil, art. 1344).
        FormalNotice = "formal_notice",
    }
}

impl From<DunningLevel> for LetterLevel {
    fn from(level: DunningLevel) -> Self {
        match level {
            DunningLevel::Reminder => Self::Reminder,
            DunningLevel::SecondReminder => Self::SecondReminder,
            DunningLevel::FormalNotice => Self::FormalNotice,
        }
    }
}

impl From<LetterLevel> for DunningLevel {
    fn from(level: LetterLevel) -> Self {
        match level {
            LetterLevel::Reminder => Self::Reminder,
            LetterLevel::SecondReminder => Self::SecondReminder,
            LetterLevel::FormalNotice => Self::FormalNotice,
        }
    }
}

/// A row of `dunning_settings`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = dunning_settings)]
pub(crate) struct DunningSettingsRow {
    pub(crate) pole_id: PoleId,
    /// JSON, as the API shows it.
    pub(crate) document: String,
    /// Whether letters go out by themselves, as the document says as well.
    pub(crate) automatic: bool,
    pub(crate) version: i64,
    pub(crate) created_at: Time,
    pub(crate) updated_at: Time,
    /// After how many days behind a formal notice services are suspended, as the document says as well.
    pub(crate) suspends_after: Option<i32>,
}

/// A row of `dunning_letters`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = dunning_letters)]
pub(crate) struct LetterRow {
    pub(crate) pole_id: PoleId,
    pub(crate) letter_id: LetterId,
    pub(crate) member_id: MemberId,
    pub(crate) level: LetterLevel,
    pub(crate) currency: String,
    /// The day it was in the pole.
    pub(crate) sent_on: Day,
    pub(crate) email: String,
    /// An id of a user or a key, `operator`, or `palier` where it went out by itself.
    pub(crate) actor: String,
    pub(crate) sent_at: Time,
    /// From which day on services are suspended, as a formal notice announced.
    pub(crate) suspends_on: Option<Day>,
}

impl LetterRow {
    /// Of what is open, and of the interest.
    pub(crate) fn currency(&self) -> Currency {
        Currency::from_code(&self.currency).unwrap_or(Currency::EUR)
    }
}

/// A row of `dunning_notices`: a document that a letter is about.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = dunning_notices)]
pub(crate) struct NoticeRow {
    pub(crate) pole_id: PoleId,
    pub(crate) invoice_id: InvoiceId,
    pub(crate) level: LetterLevel,
    pub(crate) letter_id: LetterId,
    /// What was open of it on the day of the letter.
    pub(crate) open_minor: i64,
    /// What the letter claims as interest, if it does.
    pub(crate) interest_minor: Option<i64>,
    /// What it claims for recovery costs, in cents of a euro.
    pub(crate) indemnity_minor: Option<i64>,
}

/// A row of `dunning_pauses`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = dunning_pauses, primary_key(pole_id, invoice_id))]
#[diesel(treat_none_as_null = true, treat_none_as_default_value = false)]
pub(crate) struct PauseRow {
    pub(crate) pole_id: PoleId,
    pub(crate) invoice_id: InvoiceId,
    pub(crate) reason: String,
    /// The last day of it; until somebody ends it, if none.
    pub(crate) last_day: Option<Day>,
    pub(crate) actor: String,
    pub(crate) paused_at: Time,
}

/// The settings of a pole, if it has any.
pub(crate) fn settings(
    conn: &mut Db,
    pole: &PoleId,
) -> Result<Option<DunningSettingsRow>, DbError> {
    let row = dunning_settings::table.find(pole).select(DunningSettingsRow::as_select());
    Ok(row.first(conn).optional()?)
}

/// Adds the settings of a pole that has none.
pub(crate) fn insert_settings(conn: &mut Db, row: &DunningSettingsRow) -> Result<(), DbError> {
    diesel::insert_into(dunning_settings::table).values(row).execute(conn)?;
    Ok(())
}

/// Replaces the settings, if they are still at this version; says whether they were.
pub(crate) fn update_settings(
    conn: &mut Db,
    row: &DunningSettingsRow,
    version: i64,
) -> Result<bool, DbError> {
    let at = dunning_settings::table.find(&row.pole_id);
    let changed = diesel::update(at.filter(dunning_settings::version.eq(version))).set((
        dunning_settings::document.eq(&row.document),
        dunning_settings::automatic.eq(row.automatic),
        dunning_settings::version.eq(row.version),
        dunning_settings::updated_at.eq(row.updated_at),
        dunning_settings::suspends_after.eq(row.suspends_after),
    ));
    Ok(changed.execute(conn)? > 0)
}

/// The poles whose letters go out by themselves.
pub(crate) fn automatic(conn: &mut Db) -> Result<Vec<PoleId>, DbError> {
    let poles = dunning_settings::table.filter(dunning_settings::automatic.eq(true));
    Ok(poles.order(dunning_settings::pole_id).select(dunning_settings::pole_id).load(conn)?)
}

/// Final documents that ask for money, were due before a day and are not settled by its end, in the
/// order in which they were made, those behind a place.
pub(crate) fn late(
    conn: &mut Db,
    pole: &PoleId,
    member: Option<&MemberId>,
    as_of: &Day,
    (after, rows): (Option<&str>, i64),
) -> Result<Vec<InvoiceRow>, DbError> {
    let is_open = sql::<Bool>(
        "gross_minor > coalesce((SELECT sum(a.amount_minor) FROM payment_allocations a \
         JOIN payments p ON p.pole_id = a.pole_id AND p.payment_id = a.payment_id \
         WHERE a.pole_id = invoices.pole_id AND a.invoice_id = invoices.invoice_id \
         AND p.paid_on <= ",
    );
    let is_open = is_open.bind::<Text, _>(as_of.clone()).sql("), 0)");
    let mut query = invoices::table
        .filter(invoices::pole_id.eq(pole))
        .filter(invoices::status.eq(InvoiceStatus::Final))
        .filter(invoices::kind.eq_any([InvoiceKind::Invoice, InvoiceKind::Corrective]))
        .filter(invoices::due_on.lt(as_of))
        .filter(is_open)
        .select(InvoiceRow::as_select())
        .into_boxed();
    if let Some(member) = member {
        query = query.filter(invoices::member_id.eq(member));
    }
    if let Some(after) = after {
        query = query.filter(invoices::invoice_id.gt(after.to_owned()));
    }
    Ok(query.order(invoices::invoice_id).limit(rows).load(conn)?)
}

/// What was settled of some documents until the end of a day, and on which day; below zero what was
/// taken back.
pub(crate) fn settled(
    conn: &mut Db,
    pole: &PoleId,
    of: &[InvoiceId],
    as_of: &Day,
) -> Result<HashMap<InvoiceId, Vec<(Day, i64)>>, DbError> {
    let payment = payments::pole_id
        .eq(payment_allocations::pole_id)
        .and(payments::payment_id.eq(payment_allocations::payment_id));
    let rows = payment_allocations::table
        .inner_join(payments::table.on(payment))
        .filter(payment_allocations::pole_id.eq(pole))
        .filter(payment_allocations::invoice_id.eq_any(of))
        .filter(payments::paid_on.le(as_of))
        .order((payments::paid_on, payments::payment_id))
        .select((
            payment_allocations::invoice_id,
            payments::paid_on,
            payment_allocations::amount_minor,
        ));
    let mut settled: HashMap<_, Vec<_>> = HashMap::new();
    for (invoice, day, minor) in rows.load::<(InvoiceId, Day, i64)>(conn)? {
        settled.entry(invoice).or_default().push((day, minor));
    }
    Ok(settled)
}

/// The letters that went out about some documents until the end of a day, with their days.
pub(crate) fn sent(
    conn: &mut Db,
    pole: &PoleId,
    of: &[InvoiceId],
    as_of: &Day,
) -> Result<HashMap<InvoiceId, Vec<(LetterLevel, Day)>>, DbError> {
    let letter = dunning_letters::pole_id
        .eq(dunning_notices::pole_id)
        .and(dunning_letters::letter_id.eq(dunning_notices::letter_id));
    let rows = dunning_notices::table
        .inner_join(dunning_letters::table.on(letter))
        .filter(dunning_notices::pole_id.eq(pole))
        .filter(dunning_notices::invoice_id.eq_any(of))
        .filter(dunning_letters::sent_on.le(as_of))
        .select((dunning_notices::invoice_id, dunning_notices::level, dunning_letters::sent_on));
    let mut sent: HashMap<_, Vec<_>> = HashMap::new();
    for (invoice, level, day) in rows.load::<(InvoiceId, LetterLevel, Day)>(conn)? {
        sent.entry(invoice).or_default().push((level, day));
    }
    Ok(sent)
}

/// What some documents are left alone for.
pub(crate) fn pauses(
    conn: &mut Db,
    pole: &PoleId,
    of: &[InvoiceId],
) -> Result<HashMap<InvoiceId, PauseRow>, DbError> {
    let rows = dunning_pauses::table
        .filter(dunning_pauses::pole_id.eq(pole))
        .filter(dunning_pauses::invoice_id.eq_any(of))
        .select(PauseRow::as_select());
    let rows: Vec<PauseRow> = rows.load(conn)?;
    Ok(rows.into_iter().map(|row| (row.invoice_id.clone(), row)).collect())
}

/// Leaves a document alone, or does so for another reason than before.
pub(crate) fn pause(conn: &mut Db, row: &PauseRow) -> Result<(), DbError> {
    let at = dunning_pauses::table.find((&row.pole_id, &row.invoice_id));
    if diesel::update(at).set(row).execute(conn)? == 0 {
        diesel::insert_into(dunning_pauses::table).values(row).execute(conn)?;
    }
    Ok(())
}

/// No longer leaves a document alone.
pub(crate) fn resume(conn: &mut Db, row: &PauseRow) -> Result<(), DbError> {
    diesel::delete(dunning_pauses::table.find((&row.pole_id, &row.invoice_id))).execute(conn)?;
    Ok(())
}

/// Adds a letter with the documents that it is about.
pub(crate) fn insert(
    conn: &mut Db,
    letter: &LetterRow,
    notices: &[NoticeRow],
) -> Result<(), DbError> {
    diesel::insert_into(dunning_letters::table).values(letter).execute(conn)?;
    on_backend!(conn, c => {
        diesel::insert_into(dunning_notices::table).values(notices).execute(c)
    })?;
    Ok(())
}

/// Letters in the order in which they went out, those behind a place.
pub(crate) fn letters(
    conn: &mut Db,
    pole: &PoleId,
    member: Option<&MemberId>,
    after: Option<&str>,
    rows: i64,
) -> Result<Vec<LetterRow>, DbError> {
    let mut query = dunning_letters::table
        .filter(dunning_letters::pole_id.eq(pole))
        .select(LetterRow::as_select())
        .into_boxed();
    if let Some(member) = member {
        query = query.filter(dunning_letters::member_id.eq(member));
    }
    if let Some(after) = after {
        query = query.filter(dunning_letters::letter_id.gt(after.to_owned()));
    }
    Ok(query.order(dunning_letters::letter_id).limit(rows).load(conn)?)
}

/// Some letters.
pub(crate) fn letters_of(
    conn: &mut Db,
    pole: &PoleId,
    ids: &[LetterId],
) -> Result<Vec<LetterRow>, DbError> {
    let rows = dunning_letters::table
        .filter(dunning_letters::pole_id.eq(pole))
        .filter(dunning_letters::letter_id.eq_any(ids));
    Ok(rows.select(LetterRow::as_select()).load(conn)?)
}

/// The documents that some letters are about, in the order in which these were made.
pub(crate) fn notices(
    conn: &mut Db,
    pole: &PoleId,
    of: &[LetterId],
) -> Result<Vec<(NoticeRow, InvoiceRow)>, DbError> {
    let document = invoices::pole_id
        .eq(dunning_notices::pole_id)
        .and(invoices::invoice_id.eq(dunning_notices::invoice_id));
    let rows = dunning_notices::table
        .inner_join(invoices::table.on(document))
        .filter(dunning_notices::pole_id.eq(pole))
        .filter(dunning_notices::letter_id.eq_any(of))
        .order((dunning_notices::letter_id, dunning_notices::invoice_id))
        .select((NoticeRow::as_select(), InvoiceRow::as_select()));
    Ok(rows.load(conn)?)
}

/// What credit notes have given a member that settles no invoice yet.
pub(crate) fn credited(
    conn: &mut Db,
    pole: &PoleId,
    member: &MemberId,
    currency: &str,
) -> Result<i64, DbError> {
    let notes = invoices::table
        .filter(invoices::pole_id.eq(pole).and(invoices::member_id.eq(member)))
        .filter(invoices::status.eq(InvoiceStatus::Final))
        .filter(invoices::currency.eq(currency))
        .filter(invoices::kind.eq_any([InvoiceKind::CreditNote, InvoiceKind::Rebate]));
    let given: i64 =
        notes.select(sql::<BigInt>("CAST(coalesce(sum(gross_minor), 0) AS BIGINT)")).first(conn)?;
    let document = invoices::pole_id
        .eq(payment_allocations::pole_id)
        .and(invoices::invoice_id.eq(payment_allocations::invoice_id));
    // Of a credit note, what is settled is below zero.
    let used: i64 = payment_allocations::table
        .inner_join(invoices::table.on(document))
        .filter(payment_allocations::pole_id.eq(pole))
        .filter(invoices::member_id.eq(member).and(invoices::currency.eq(currency)))
        .filter(invoices::kind.eq_any([InvoiceKind::CreditNote, InvoiceKind::Rebate]))
        .select(sql::<BigInt>("CAST(coalesce(sum(amount_minor), 0) AS BIGINT)"))
        .first(conn)?;
    Ok(given.saturating_add(used))
}
