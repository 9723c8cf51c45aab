//! Bank statements and what moved: what the bank told never changes, what became of it may.

use std::collections::HashMap;

use diesel::prelude::*;
use palier_billing::{Currency, Money, statement::StatementLine};

use super::payments::PaymentKind;
use super::schema::{bank_movements, bank_statements, payments};
use super::{Db, DbError, words};
use crate::clock::Time;
use crate::day::Day;
use crate::id::{BankMovementId, BankStatementId, MemberId, PaymentId, PoleId};
use crate::on_backend;

words! {
    /// What became of a movement.
    pub(crate) enum MovementStatus {
        /// Somebody must say what it is.
        Open = "open",
        /// It is a payment, or takes one back.
        Booked = "booked",
        /// It is the sum of what is in the books already: paid out by a provider, or collected by a file.
        Reconciled = "reconciled",
        /// It is none of a member's.
        Ignored = "ignored",
    }
}

/// A row of `bank_statements`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = bank_statements, treat_none_as_default_value = false)]
pub(crate) struct StatementRow {
    pub(crate) pole_id: PoleId,
    pub(crate) statement_id: BankStatementId,
    /// The account: its IBAN.
    pub(crate) account: String,
    /// What the bank calls it.
    pub(crate) reference: Option<String>,
    /// Which kind of file it is from.
    pub(crate) source: String,
    /// Of all that it says.
    pub(crate) digest: String,
    pub(crate) currency: String,
    pub(crate) first_on: Option<Day>,
    pub(crate) last_on: Option<Day>,
    pub(crate) opening_minor: Option<i64>,
    pub(crate) closing_minor: Option<i64>,
    pub(crate) movements: i64,
    pub(crate) imported_at: Time,
}

/// A row of `bank_movements`.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = bank_movements, treat_none_as_default_value = false)]
pub(crate) struct MovementRow {
    pub(crate) pole_id: PoleId,
    pub(crate) movement_id: BankMovementId,
    pub(crate) statement_id: BankStatementId,
    pub(crate) statement_key: String,
    pub(crate) account: String,
    pub(crate) line: i64,
    pub(crate) booked_on: Day,
    pub(crate) value_on: Day,
    pub(crate) currency: String,
    /// Above zero what came in.
    pub(crate) amount_minor: i64,
    pub(crate) reversal: bool,
    pub(crate) return_reason: Option<String>,
    pub(crate) bank_reference: Option<String>,
    pub(crate) counterparty: Option<String>,
    pub(crate) on_behalf_of: Option<String>,
    pub(crate) counterparty_iban: Option<String>,
    pub(crate) remittance: String,
    pub(crate) structured_reference: Option<String>,
    pub(crate) end_to_end: Option<String>,
    pub(crate) resembles: Option<BankMovementId>,
    pub(crate) status: MovementStatus,
    pub(crate) payment_id: Option<PaymentId>,
    pub(crate) reason: String,
    pub(crate) bookings: i64,
    pub(crate) version: i64,
    pub(crate) imported_at: Time,
    /// The payout or the file of direct debits of which it is the sum.
    pub(crate) counterpart: Option<String>,
}

impl MovementRow {
    /// Of its amount.
    pub(crate) fn amount(&self) -> Money {
        let currency = Currency::from_code(&self.currency).unwrap_or(Currency::EUR);
        Money::from_minor(self.amount_minor, currency)
    }

    /// As the bank told it.
    pub(crate) fn told(&self) -> StatementLine {
        StatementLine {
            key: self.statement_key.clone(),
            line: u64::try_from(self.line).unwrap_or_default(),
            booked_on: self.booked_on.date(),
            value_on: self.value_on.date(),
            amount: self.amount(),
            reversal: self.reversal,
            return_reason: self.return_reason.clone(),
            bank_reference: self.bank_reference.clone(),
            counterparty: self.counterparty.clone(),
            on_behalf_of: self.on_behalf_of.clone(),
            counterparty_iban: self.counterparty_iban.as_ref().and_then(|iban| iban.parse().ok()),
            remittance: self.remittance.clone(),
            structured_reference: self.structured_reference.clone(),
            end_to_end: self.end_to_end.clone(),
        }
    }
}

/// How many keys one statement asks for, and how many rows it adds: SQLite takes 32,766 values.
const BATCH: usize = 500;

/// Adds a statement.
pub(crate) fn insert_statement(conn: &mut Db, row: &StatementRow) -> Result<(), DbError> {
    diesel::insert_into(bank_statements::table).values(row).execute(conn)?;
    Ok(())
}

/// Adds movements.
pub(crate) fn insert_movements(conn: &mut Db, rows: &[MovementRow]) -> Result<(), DbError> {
    for rows in rows.chunks(BATCH) {
        on_backend!(conn, c => {
            diesel::insert_into(bank_movements::table).values(rows).execute(c)
        })?;
    }
    Ok(())
}

/// The statements of an account that say the same, or that the bank calls the same.
pub(crate) fn statements_like(
    conn: &mut Db,
    pole: &PoleId,
    account: &str,
    (reference, digest): (Option<&str>, &str),
) -> Result<Vec<StatementRow>, DbError> {
    let same = bank_statements::digest.eq(digest).or(bank_statements::reference
        .is_not_null()
        .and(bank_statements::reference.assume_not_null().eq(reference.unwrap_or_default())));
    let rows = bank_statements::table
        .filter(bank_statements::pole_id.eq(pole).and(bank_statements::account.eq(account)))
        .filter(same)
        .order(bank_statements::statement_id)
        .select(StatementRow::as_select());
    Ok(rows.load(conn)?)
}

/// Statements in the order in which they were imported, those behind a place.
pub(crate) fn statements(
    conn: &mut Db,
    pole: &PoleId,
    after: Option<&str>,
    rows: i64,
) -> Result<Vec<StatementRow>, DbError> {
    let mut query = bank_statements::table
        .filter(bank_statements::pole_id.eq(pole))
        .select(StatementRow::as_select())
        .into_boxed();
    if let Some(after) = after {
        query = query.filter(bank_statements::statement_id.gt(after.to_owned()));
    }
    Ok(query.order(bank_statements::statement_id).limit(rows).load(conn)?)
}

/// Movements, by what they are known by in bank files.
pub(crate) fn known(
    conn: &mut Db,
    pole: &PoleId,
    keys: &[&str],
) -> Result<HashMap<String, BankMovementId>, DbError> {
    let mut known = HashMap::new();
    for keys in keys.chunks(BATCH) {
        let rows = bank_movements::table
            .filter(bank_movements::pole_id.eq(pole))
            .filter(bank_movements::statement_key.eq_any(keys))
            .select((bank_movements::statement_key, bank_movements::movement_id));
        known.extend(rows.load::<(String, BankMovementId)>(conn)?);
    }
    Ok(known)
}

/// A movement, as far as another could be the same.
#[derive(Clone, Debug, Queryable)]
pub(crate) struct Near {
    pub(crate) movement_id: BankMovementId,
    pub(crate) statement_key: String,
    pub(crate) booked_on: Day,
    pub(crate) amount_minor: i64,
    /// The kind of file that told of it.
    pub(crate) source: String,
}

/// Movements of an account over some days, both included, in the order in which they were imported.
pub(crate) fn near(
    conn: &mut Db,
    pole: &PoleId,
    account: &str,
    (first, last): (&Day, &Day),
) -> Result<Vec<Near>, DbError> {
    let of_statement = bank_statements::pole_id
        .eq(bank_movements::pole_id)
        .and(bank_statements::statement_id.eq(bank_movements::statement_id));
    let rows = bank_movements::table
        .inner_join(bank_statements::table.on(of_statement))
        .filter(bank_movements::pole_id.eq(pole).and(bank_movements::account.eq(account)))
        .filter(bank_movements::booked_on.between(first, last))
        .order(bank_movements::movement_id)
        .select((
            bank_movements::movement_id,
            bank_movements::statement_key,
            bank_movements::booked_on,
            bank_movements::amount_minor,
            bank_statements::source,
        ));
    Ok(rows.load(conn)?)
}

/// One movement.
pub(crate) fn find(
    conn: &mut Db,
    pole: &PoleId,
    movement: &BankMovementId,
) -> Result<Option<MovementRow>, DbError> {
    let row = bank_movements::table.find((pole, movement)).select(MovementRow::as_select());
    Ok(row.first(conn).optional()?)
}

/// The movement that a payment was made of, as things stand.
pub(crate) fn of_payment(
    conn: &mut Db,
    pole: &PoleId,
    payment: &PaymentId,
) -> Result<Option<MovementRow>, DbError> {
    let row = bank_movements::table
        .filter(bank_movements::pole_id.eq(pole).and(bank_movements::payment_id.eq(payment)))
        .select(MovementRow::as_select());
    Ok(row.first(conn).optional()?)
}

/// Movements in the order in which they were imported, those behind a place.
pub(crate) fn page(
    conn: &mut Db,
    pole: &PoleId,
    status: Option<MovementStatus>,
    after: Option<&str>,
    rows: i64,
) -> Result<Vec<MovementRow>, DbError> {
    let mut query = bank_movements::table
        .filter(bank_movements::pole_id.eq(pole))
        .select(MovementRow::as_select())
        .into_boxed();
    if let Some(status) = status {
        query = query.filter(bank_movements::status.eq(status));
    }
    if let Some(after) = after {
        query = query.filter(bank_movements::movement_id.gt(after.to_owned()));
    }
    Ok(query.order(bank_movements::movement_id).limit(rows).load(conn)?)
}

/// Movements that are open and called so from end to end, by the beginning of it, in the order in which they
/// were imported.
pub(crate) fn open_named(
    conn: &mut Db,
    pole: &PoleId,
    beginning: &str,
) -> Result<Vec<MovementRow>, DbError> {
    let rows = bank_movements::table
        .filter(bank_movements::pole_id.eq(pole))
        .filter(bank_movements::status.eq(MovementStatus::Open))
        .filter(bank_movements::end_to_end.like(format!("{beginning}%")))
        .order(bank_movements::movement_id)
        .select(MovementRow::as_select());
    Ok(rows.load(conn)?)
}

/// Movements of a sum that are open, in the order in which they were imported.
pub(crate) fn open_of(
    conn: &mut Db,
    pole: &PoleId,
    (minor, currency): (i64, &str),
) -> Result<Vec<MovementRow>, DbError> {
    let rows = bank_movements::table
        .filter(bank_movements::pole_id.eq(pole))
        .filter(bank_movements::status.eq(MovementStatus::Open))
        .filter(bank_movements::amount_minor.eq(minor).and(bank_movements::currency.eq(currency)))
        .order(bank_movements::movement_id)
        .select(MovementRow::as_select());
    Ok(rows.load(conn)?)
}

/// Whether a movement is known to be the sum of this.
pub(crate) fn is_counterpart(
    conn: &mut Db,
    pole: &PoleId,
    counterpart: &str,
) -> Result<bool, DbError> {
    let rows = bank_movements::table
        .filter(bank_movements::pole_id.eq(pole))
        .filter(bank_movements::counterpart.eq(counterpart));
    Ok(diesel::select(diesel::dsl::exists(rows)).get_result(conn)?)
}

/// Writes down what became of a movement, if it is still at this version; says whether it was.
pub(crate) fn decide(conn: &mut Db, row: &MovementRow, version: i64) -> Result<bool, DbError> {
    let at = bank_movements::table
        .find((&row.pole_id, &row.movement_id))
        .filter(bank_movements::version.eq(version));
    let changed = diesel::update(at).set((
        bank_movements::status.eq(row.status),
        bank_movements::payment_id.eq(&row.payment_id),
        bank_movements::counterpart.eq(&row.counterpart),
        bank_movements::reason.eq(&row.reason),
        bank_movements::bookings.eq(row.bookings),
        bank_movements::version.eq(row.version),
    ));
    Ok(changed.execute(conn)? > 0)
}

/// The accounts that members paid from: what came from them was booked as theirs, and still is.
pub(crate) fn payers(conn: &mut Db, pole: &PoleId) -> Result<Vec<(MemberId, String)>, DbError> {
    let made_of = payments::pole_id
        .eq(bank_movements::pole_id)
        .and(bank_movements::payment_id.eq(payments::payment_id.nullable()));
    let rows = bank_movements::table
        .inner_join(payments::table.on(made_of))
        .filter(bank_movements::pole_id.eq(pole).and(bank_movements::amount_minor.gt(0)))
        .filter(bank_movements::reversal.eq(false).and(payments::kind.eq(PaymentKind::Payment)))
        .filter(bank_movements::counterparty_iban.is_not_null())
        .order((payments::member_id, bank_movements::counterparty_iban))
        .select((payments::member_id, bank_movements::counterparty_iban.assume_not_null()))
        .distinct();
    Ok(rows.load(conn)?)
}
