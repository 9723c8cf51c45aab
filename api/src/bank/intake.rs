//! Taking a file in: what is new in it, and what of that is certain.

use std::collections::{HashMap, HashSet};

use aws_lc_rs::digest::{SHA256, digest};
use palier_billing::matching::Verdict;
use palier_billing::statement::{Statement, StatementLine};
use serde_json::json;

use super::debits;
use super::decide::{book, booked};
use super::faults;
use super::file::{BankFile, Holder};
use super::known::{Known, suggested};
use super::payouts;
use super::report::ImportReport;
use super::transfers;
use crate::day::Day;
use crate::db::Db;
use crate::db::bank::{self, MovementRow, MovementStatus, Near, StatementRow};
use crate::db::poles::{self, PoleRow};
use crate::id::{BankMovementId, BankStatementId};
use crate::payments::told;
use crate::problem::Problem;
use crate::work::{Author, Changes, Done, Tx};

/// Says what an import would do, and writes nothing: it does it, and undoes it.
///
/// # Errors
/// As [`import`].
pub(crate) fn rehearse(
    conn: &mut Db,
    author: &Author,
    pole: &PoleRow,
    file: &BankFile,
) -> Result<ImportReport, Problem> {
    let (_, report) = conn.attempt(|conn| {
        let report = author.write(conn, |tx| import(tx, pole, file))?;
        Ok::<_, Problem>((false, report))
    })?;
    Ok(ImportReport { dry_run: true, ..report })
}

/// Takes a file in, in the transaction of the caller.
///
/// # Errors
/// A [`Problem`] where the file contradicts one that was imported, or is of an account that is not
/// the pole's any more; the database's.
pub(crate) fn import(
    tx: &mut Tx<'_>,
    pole: &PoleRow,
    file: &BankFile,
) -> Result<Done<ImportReport>, Problem> {
    poles::hold(tx.conn, tx.pole())?;
    let own = Holder::of(tx.conn, pole, tx.at())?.account;
    if own != file.account {
        return Err(faults::other_account(&file.account, &own));
    }
    let (statements, rows) = news(tx, file)?;
    let mut rows = rows;
    let mut held = debits::decide(tx, &mut rows)?;
    held.extend(transfers::decide(tx, &mut rows)?);
    payouts::decide(tx, &mut rows)?;
    let rows = decide(tx, rows, held)?;
    let known = file.movements().saturating_sub(rows.len());
    let changed = !statements.is_empty();
    for statement in statements {
        bank::insert_statement(tx.conn, &statement)?;
    }
    bank::insert_movements(tx.conn, &rows)?;
    debits::sweep(tx)?;
    transfers::sweep(tx)?;
    let count = |status| rows.iter().filter(|row| row.status == status).count();
    let (booked, open) = (count(MovementStatus::Booked), count(MovementStatus::Open));
    let reconciled = count(MovementStatus::Reconciled);
    let report = ImportReport {
        dry_run: false,
        file_sha256: file.sha256.clone(),
        account: file.account.clone(),
        statements: file.statements.len(),
        movements: file.movements(),
        known,
        booked,
        reconciled,
        open,
        not_booked: file.statements.iter().map(|it| it.not_booked).fold(0, usize::saturating_add),
        imported: suggested(tx.conn, tx.pole(), rows)?,
    };
    if !changed {
        return Ok(tx.unchanged(report));
    }
    let counts = json!({
        "file_sha256": report.file_sha256, "movements": report.movements, "known": report.known,
        "booked": report.booked, "reconciled": report.reconciled, "open": report.open,
    });
    Ok(tx.done("bank_statement.imported", tx.pole().as_str(), &Changes::made(&counts), report)?)
}

/// The statements and movements of a file that were not there before.
fn news(
    tx: &mut Tx<'_>,
    file: &BankFile,
) -> Result<(Vec<StatementRow>, Vec<MovementRow>), Problem> {
    let (mut statements, mut movements) = (Vec::new(), Vec::new());
    let mut seen = HashSet::new();
    for statement in &file.statements {
        let row = statement_row(tx, file, statement);
        let name = (row.reference.as_deref(), row.digest.as_str());
        let like = bank::statements_like(tx.conn, tx.pole(), &file.account, name)?;
        if like.iter().any(|it| it.digest == row.digest) || !seen.insert(row.digest.clone()) {
            continue;
        }
        if let Some(other) = like.iter().find(|it| is_same(it, &row)) {
            return Err(faults::contradicts(other.reference.as_deref().unwrap_or_default()));
        }
        movements.extend(new_movements(tx, &row, statement)?);
        statements.push(row);
    }
    // Pages of one file may overlap as well.
    let mut keys = HashSet::new();
    movements.retain(|row: &MovementRow| keys.insert(row.statement_key.clone()));
    Ok((statements, movements))
}

/// Whether two statements of one name are the same: they tell of the same days, from the same balance
/// on. Pages of a statement begin where the one before ended, and some banks count anew each year.
fn is_same(one: &StatementRow, other: &StatementRow) -> bool {
    let overlap = one.first_on <= other.last_on && other.first_on <= one.last_on;
    overlap && one.opening_minor == other.opening_minor
}

fn statement_row(tx: &Tx<'_>, file: &BankFile, statement: &Statement) -> StatementRow {
    let days = statement.lines.iter().map(|line| line.booked_on);
    let said = json!({
        "id": statement.id, "balances": statement.balances,
        "movements": statement.lines.iter().map(|line| &line.key).collect::<Vec<_>>(),
        "source": file.source,
    });
    let currency = statement.lines.first().map(|line| line.amount.currency());
    let currency = currency.or(statement.balances.map(|it| it.opening.currency()));
    StatementRow {
        pole_id: tx.pole().clone(),
        statement_id: BankStatementId::new(tx.at()),
        account: file.account.clone(),
        reference: statement.id.as_deref().map(name),
        source: file.source.clone(),
        digest: crate::hex(digest(&SHA256, said.to_string().as_bytes()).as_ref()),
        currency: currency.map_or("EUR", |it| it.code()).to_owned(),
        first_on: days.clone().min().map(Day::from),
        last_on: days.max().map(Day::from),
        opening_minor: statement.balances.map(|it| it.opening.minor()),
        closing_minor: statement.balances.map(|it| it.closing.minor()),
        movements: i64::try_from(statement.lines.len()).unwrap_or(i64::MAX),
        imported_at: tx.at(),
    }
}

/// What a bank calls a statement: 35 characters by ISO 20022, and never so many that no index takes
/// them.
fn name(given: &str) -> String {
    given.chars().filter(|it| !it.is_control()).take(140).collect()
}

/// The movements of a statement that are not known, open.
fn new_movements(
    tx: &mut Tx<'_>,
    of: &StatementRow,
    statement: &Statement,
) -> Result<Vec<MovementRow>, Problem> {
    let (Some(first), Some(last)) = (&of.first_on, &of.last_on) else { return Ok(Vec::new()) };
    let keys: Vec<_> = statement.lines.iter().map(|line| line.key.as_str()).collect();
    let known = bank::known(tx.conn, tx.pole(), &keys)?;
    let mut near: HashMap<(Day, i64), Vec<Near>> = HashMap::new();
    for it in bank::near(tx.conn, tx.pole(), &of.account, (first, last))? {
        near.entry((it.booked_on.clone(), it.amount_minor)).or_default().push(it);
    }
    let here: HashSet<_> = keys.into_iter().collect();
    let new = statement.lines.iter().filter(|line| !known.contains_key(&line.key));
    let row = |line: &StatementLine| {
        let same = near.get(&(line.booked_on.into(), line.amount.minor()));
        let doubtful = |it: &&Near| may_be(it, line, &of.source, &here);
        let resembles = same.and_then(|same| same.iter().find(doubtful));
        movement_row(tx, of, line, resembles.map(|it| it.movement_id.clone()))
    };
    Ok(new.map(row).collect())
}

/// Whether a movement of the same day and amount may be this line under another key: another kind of
/// file told of it; or, without a reference of the bank's, the file says something else of the day.
fn may_be(near: &Near, line: &StatementLine, source: &str, here: &HashSet<&str>) -> bool {
    let said_otherwise = || !here.contains(near.statement_key.as_str());
    near.source != source || (line.bank_reference.is_none() && said_otherwise())
}

fn movement_row(
    tx: &Tx<'_>,
    of: &StatementRow,
    line: &StatementLine,
    resembles: Option<BankMovementId>,
) -> MovementRow {
    MovementRow {
        pole_id: of.pole_id.clone(),
        movement_id: BankMovementId::new(tx.at()),
        statement_id: of.statement_id.clone(),
        statement_key: line.key.clone(),
        account: of.account.clone(),
        line: i64::try_from(line.line).unwrap_or(i64::MAX),
        booked_on: line.booked_on.into(),
        value_on: line.value_on.into(),
        currency: line.amount.currency().code().to_owned(),
        amount_minor: line.amount.minor(),
        reversal: line.reversal,
        return_reason: line.return_reason.clone(),
        bank_reference: line.bank_reference.clone(),
        counterparty: line.counterparty.clone(),
        on_behalf_of: line.on_behalf_of.clone(),
        counterparty_iban: line.counterparty_iban.as_ref().map(ToString::to_string),
        remittance: line.remittance.clone(),
        structured_reference: line.structured_reference.clone(),
        end_to_end: line.end_to_end.clone(),
        resembles,
        status: MovementStatus::Open,
        payment_id: None,
        reason: String::new(),
        bookings: 0,
        version: 1,
        imported_at: tx.at(),
        counterpart: None,
    }
}

/// Books what is certain of those that are not to be asked for.
///
/// What is certain by the matching may still not be bookable (a refund beyond the member's credit, a
/// return of one of several payments): it stays open, and what is left is matched anew, since the
/// matching had counted on it.
fn decide(
    tx: &mut Tx<'_>,
    mut rows: Vec<MovementRow>,
    mut asked: HashSet<usize>,
) -> Result<Vec<MovementRow>, Problem> {
    loop {
        let undecided = |(place, row): &(usize, &MovementRow)| {
            row.status == MovementStatus::Open && row.resembles.is_none() && !asked.contains(place)
        };
        let mut order: Vec<_> = rows.iter().enumerate().filter(undecided).collect();
        if order.is_empty() {
            return Ok(rows);
        }
        // As the matching takes them: what comes back was paid before.
        order.sort_by_key(|(_, row)| (&row.booked_on, &row.statement_key));
        let places: Vec<_> = order.iter().map(|(place, _)| *place).collect();
        let lines: Vec<_> = order.iter().map(|(_, row)| row.told()).collect();
        let known = Known::of(tx.conn, tx.pole())?;
        let verdicts = known.verdicts(&lines)?;
        match book_all(tx, &mut rows, places.into_iter().zip(verdicts), &known)? {
            Some(refused) => asked.insert(refused),
            None => return Ok(rows),
        };
    }
}

/// Books what is certain until something cannot be: its place.
fn book_all(
    tx: &mut Tx<'_>,
    rows: &mut [MovementRow],
    verdicts: impl Iterator<Item = (usize, Verdict)>,
    known: &Known,
) -> Result<Option<usize>, Problem> {
    for (place, verdict) in verdicts {
        let (Verdict::Certain(found), Some(row)) = (verdict, rows.get_mut(place)) else { continue };
        match book(tx, row, (&found, known)) {
            Ok(recorded) => {
                *row = booked(row.clone(), &recorded);
                told(tx, recorded)?;
            }
            Err(problem) if problem.kind.status().is_server_error() => return Err(problem),
            Err(_) => return Ok(Some(place)),
        }
    }
    Ok(None)
}
