//! A bank file, read and found to be about the pole's account.

use aws_lc_rs::digest::{SHA256, digest};
use palier_billing::statement::{CsvMapping, Iban, Statement, StatementLine, read_camt, read_csv};

use super::faults;
use crate::clock::Time;
use crate::day::Day;
use crate::db::Db;
use crate::db::poles::PoleRow;
use crate::invoicing::Settings;
use crate::problem::Problem;
use crate::say;

/// How large a file may be.
pub(crate) const MAX_BYTES: usize = 8 << 20;
/// How many movements a file may hold: they are booked in one transaction, and on SQLite nobody else
/// writes meanwhile.
const MAX_MOVEMENTS: usize = 2_000;
/// Longer keys do not fit into PostgreSQL's indexes.
const MAX_KEY: usize = 500;

/// What kind of file it is.
#[derive(Clone, Debug)]
pub(crate) enum Format {
    /// camt.053 of ISO 20022.
    Camt,
    /// CSV, with which column is what.
    Csv(Box<CsvMapping>),
}

impl Format {
    /// What tells its keys from those of other kinds: a CSV file whose columns are read otherwise
    /// gives other keys to the same movements.
    fn source(&self) -> String {
        match self {
            Self::Camt => "camt.053".to_owned(),
            Self::Csv(mapping) => {
                let text = serde_json::to_vec(mapping).unwrap_or_default();
                let sum = crate::hex(digest(&SHA256, &text).as_ref());
                format!("csv {}", sum.get(..16).unwrap_or_default())
            }
        }
    }
}

/// A file that was read: statements of the pole's account, in its currency.
#[derive(Clone, Debug)]
pub(crate) struct BankFile {
    pub(super) statements: Vec<Statement>,
    pub(super) source: String,
    pub(super) sha256: String,
    pub(super) account: String,
}

/// Whose statements are taken: those of the account that the pole's invoices ask to be paid to.
#[derive(Clone, Debug)]
pub(crate) struct Holder {
    /// Its IBAN.
    pub(super) account: String,
    /// Of the pole's books.
    currency: String,
    /// What is of a later day has not happened.
    today: Day,
}

impl Holder {
    /// A pole, on a day.
    ///
    /// # Errors
    /// A [`Problem`] where the billing settings name no account; the database's.
    pub(crate) fn of(conn: &mut Db, pole: &PoleRow, now: Time) -> Result<Self, Problem> {
        let account = Settings::of(conn, &pole.pole_id)?.account.ok_or_else(faults::no_account)?;
        let (currency, today) = (pole.currency.clone(), Day::today(pole, now));
        Ok(Self { account: plain(&account.iban), currency, today })
    }
}

/// An account's number as statements have it: without spaces, in capitals.
fn plain(account: &str) -> String {
    let read = account.parse::<Iban>().map(|iban| iban.to_string());
    read.unwrap_or_else(|_| account.split_whitespace().collect::<String>().to_uppercase())
}

impl BankFile {
    /// Reads a file of the account of a pole.
    ///
    /// # Errors
    /// A [`Problem`] with all that is wrong with it.
    pub(crate) fn read(bytes: &[u8], format: &Format, holder: &Holder) -> Result<Self, Problem> {
        let account = &holder.account;
        if bytes.len() > MAX_BYTES {
            return Err(faults::too_large(MAX_BYTES));
        }
        let read = match format {
            Format::Camt => read_camt(bytes),
            Format::Csv(mapping) => read_csv(bytes, mapping, account).map(|it| vec![it]),
        };
        let mut statements = read.map_err(|found| faults::refused(&found))?;
        let movements = statements.iter().map(|it| it.lines.len()).fold(0, usize::saturating_add);
        if movements > MAX_MOVEMENTS {
            return Err(faults::too_many(movements, MAX_MOVEMENTS));
        }
        for statement in &mut statements {
            if plain(&statement.account) != *account {
                return Err(faults::other_account(&statement.account, account));
            }
            for line in &mut statement.lines {
                check(line, holder)?;
                line.key = short(&line.key);
            }
        }
        let sha256 = crate::hex(digest(&SHA256, bytes).as_ref());
        Ok(Self { statements, source: format.source(), sha256, account: account.clone() })
    }

    /// How many movements it holds.
    pub(super) fn movements(&self) -> usize {
        self.statements.iter().map(|it| it.lines.len()).fold(0, usize::saturating_add)
    }
}

/// Refuses what could not be kept: what has not happened, what is in another currency than the books,
/// and the NUL, which PostgreSQL has in no text.
fn check(line: &StatementLine, holder: &Holder) -> Result<(), Problem> {
    if Day::from(line.booked_on) > holder.today {
        let detail = say!(en "The day has not come yet.", fr "Ce jour n’est pas encore venu.");
        return Err(faults::of_line(line.line, "in_future", detail));
    }
    let (currency, books) = (line.amount.currency().code(), &holder.currency);
    if currency != books {
        let detail = say!(
            en "It is in {currency}, the pole’s books are in {books}.",
            fr "Il est en {currency}, la comptabilité du pôle est en {books}."
        );
        return Err(faults::of_line(line.line, "other_currency", detail));
    }
    let optional = [
        &line.return_reason,
        &line.bank_reference,
        &line.counterparty,
        &line.on_behalf_of,
        &line.structured_reference,
        &line.end_to_end,
    ];
    let texts = optional.into_iter().flatten().chain([&line.remittance, &line.key]);
    if texts.into_iter().any(|text| text.contains('\0')) {
        let detail = say!(en "A NUL has no place here.", fr "Un NUL n’a pas sa place ici.");
        return Err(faults::of_line(line.line, "nul", detail));
    }
    Ok(())
}

/// A key that fits into an index, and is as much its own as the long one.
fn short(key: &str) -> String {
    if key.len() <= MAX_KEY {
        return key.to_owned();
    }
    let beginning: String = key.chars().take(60).collect();
    format!("{beginning} sha256 {}", crate::hex(digest(&SHA256, key.as_bytes()).as_ref()))
}
