//! `palier payments debits`, `answer`, `settle` and `recall`: files of direct debits for the bank; what it
//! answers to these and to files of transfers, what it carried out, and what it never did.

use std::fs;
use std::path::PathBuf;

use clap::Args;

use super::{day, json, table, transfers};
use crate::app::App;
use crate::bank::debits::sweep;
use crate::bank::status::{MAX_BYTES, read};
use crate::cli::failure::Failure;
use crate::cli::input::read_whole;
use crate::cli::print;
use crate::collections::answers;
use crate::collections::debits::make;
use crate::collections::recall::cancel;
use crate::collections::settle::by_hand;
use crate::config::Settings;
use crate::day::Day;
use crate::db::debit_files::{self, DebitFileRow};
use crate::db::poles::PoleRow;
use crate::db::transfer_files;
use crate::payments::if_tomorrow;
use crate::problem::Problem;
use crate::quote::words::counted;
use crate::routes::{DebitAnswer, DebitFile};
use crate::text::Language;
use crate::work::{Author, Tx};

/// Write a file of direct debits for the bank (pain.008)
///
/// What is planned up to a day goes into it and is taken to be sent: give the file to the bank. Asked
/// again it is the same file, as long as nothing else was planned: nobody is debited twice.
#[derive(Args)]
pub(super) struct Debits {
    /// The pole, by its code or id
    #[arg(long, value_name = "CODE")]
    pole: String,
    /// The last day on which members are debited by it
    #[arg(long, value_name = "DAY", value_parser = day)]
    on: Day,
    /// Where the file goes; - is standard output
    #[arg(long, value_name = "FILE")]
    to: PathBuf,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: Settings,
}

impl Debits {
    pub(super) fn run(self) -> Result<(), Failure> {
        let app = App::for_command(self.settings)?;
        let pole = app.pole(&self.pole)?;
        let author = Author::operator(&pole.pole_id, app.now());
        let made = app.write_now(&author, |tx| {
            let (file, _) = make(tx, &pole, &self.on)?;
            // What was written is in the log already.
            Ok::<_, Problem>(tx.unchanged(file))
        });
        let made = made.map_err(|problem| Failure::problem(None, &problem))?;
        let body =
            app.db.read_now(|conn| debit_files::body(conn, &pole.pole_id, &made.row.file_id));
        let body = body.map_err(Failure::database)?.unwrap_or_default();
        if self.to.as_os_str() == "-" {
            return print(&String::from_utf8_lossy(&body));
        }
        let name = self.to.display();
        fs::write(&self.to, &body).map_err(|error| Failure::Output(format!("{name}: {error}")))?;
        shown(&made.into(), self.json)
    }
}

/// Take in what the bank answers to a file of direct debits or transfers (pain.002)
///
/// What it will not carry out has failed, and says why. A file that it refuses as a whole is called off, and
/// what was in it planned again.
#[derive(Args)]
pub(super) struct ReadAnswer {
    /// pain.002 file (XML); - reads standard input
    file: PathBuf,
    /// The pole, by its code or id
    #[arg(long, value_name = "CODE")]
    pole: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: Settings,
}

impl ReadAnswer {
    pub(super) fn run(self) -> Result<(), Failure> {
        let (name, bytes) = read_whole(&self.file, MAX_BYTES)?;
        let app = App::for_command(self.settings)?;
        let pole = app.pole(&self.pole)?;
        let report = read(&bytes).map_err(|problem| Failure::problem(Some(&name), &problem))?;
        let message = &report.message_id;
        let found =
            app.db.read_now(|conn| transfer_files::by_message(conn, &pole.pole_id, message));
        if found.map_err(Failure::database)?.is_some() {
            return transfers::answered(&app, &pole, (&report, &name, self.json));
        }
        let author = Author::operator(&pole.pole_id, app.now());
        let told = app.write_now(&author, |tx| {
            let answered = answers::take(tx, &pole, &report)?;
            // What was learned is in the log already.
            DebitAnswer::of(tx.conn, tx.pole(), answered).map(|it| tx.unchanged(it))
        });
        let told = told.map_err(|problem| Failure::problem(Some(&name), &problem))?;
        if self.json {
            return json(&told);
        }
        print(&answer(&told))
    }
}

fn answer(told: &DebitAnswer) -> String {
    let failed = told.failed.iter().map(|it| {
        let name = it.external_id.as_deref().unwrap_or_default();
        let why = it.failure.as_ref();
        let (code, reason) =
            why.map_or(("", ""), |it| (&it.code, it.reason.in_language(Language::En)));
        format!("{name}  {}  {code}  {reason}\n", it.amount)
    });
    let passed_over = told.passed_over.iter().map(|name| format!("passed over: {name}\n"));
    let lines: String = failed.chain(passed_over).collect();
    if told.refused {
        return format!("{lines}the bank refused the file: it was called off, and planned again\n");
    }
    let count = |of: usize| u64::try_from(of).unwrap_or(u64::MAX);
    let failed = counted(count(told.failed.len()), "debit failed", "debits failed");
    format!("{lines}{failed}, {} accepted\n", told.accepted)
}

/// Say that the money of a file of direct debits came in, or that transfers were executed
///
/// For who imports no bank statements. Every debit of it that is on its way becomes a payment, and every
/// bill that a transfer is for is paid.
#[derive(Args)]
pub(super) struct Settle {
    /// The file, by its id or what the bank knows it by; one of its batches of debits; or one transfer
    file: String,
    /// The pole, by its code or id
    #[arg(long, value_name = "CODE")]
    pole: String,
    /// The day on which the bank credited or debited it
    #[arg(long, value_name = "DAY", value_parser = day)]
    paid_on: Day,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: Settings,
}

impl Settle {
    pub(super) fn run(self) -> Result<(), Failure> {
        let app = App::for_command(self.settings)?;
        let pole = app.pole(&self.pole)?;
        if transfers::is_named(&self.file) {
            return transfers::settled(&app, &pole, (&self.file, &self.paid_on, self.json));
        }
        let author = Author::operator(&pole.pole_id, app.now());
        let told = app.write_now(&author, |tx| {
            if_tomorrow(&self.paid_on, &Day::today(&pole, tx.at()))?;
            let (file, batch) = named(tx, &self.file)?;
            let made = by_hand(tx, &file, (batch.as_deref(), &self.paid_on))?;
            sweep(tx)?;
            // What came in is in the log already.
            Ok::<_, Problem>(tx.unchanged(made))
        });
        shown(&told.map_err(|problem| Failure::problem(None, &problem))?.into(), self.json)
    }
}

/// Call off a file of direct debits or transfers that the bank refused as a whole, or never got
///
/// What was in it is planned again, under other names.
#[derive(Args)]
pub(super) struct Recall {
    /// The file, by its id or what the bank knows it by
    file: String,
    /// The pole, by its code or id
    #[arg(long, value_name = "CODE")]
    pole: String,
    /// Why
    #[arg(long, value_name = "TEXT", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    reason: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: Settings,
}

impl Recall {
    pub(super) fn run(self) -> Result<(), Failure> {
        let app = App::for_command(self.settings)?;
        let pole = app.pole(&self.pole)?;
        if transfers::is_named(&self.file) {
            return transfers::recalled(&app, &pole, (&self.file, &self.reason, self.json));
        }
        let author = Author::operator(&pole.pole_id, app.now());
        let told = app.write_now(&author, |tx| recalled(tx, &pole, &self.file, &self.reason));
        shown(&told.map_err(|problem| Failure::problem(None, &problem))?.into(), self.json)
    }
}

fn recalled(
    tx: &mut Tx<'_>,
    pole: &PoleRow,
    file: &str,
    reason: &str,
) -> Result<crate::work::Done<crate::collections::debits::DebitFile>, Problem> {
    let (file, _) = named(tx, file)?;
    let made = cancel(tx, pole, &file, reason)?;
    // What was done is in the log already.
    Ok(tx.unchanged(made))
}

/// The file that somebody names, and the batch of it, if it is one that is named.
fn named(tx: &mut Tx<'_>, name: &str) -> Result<(DebitFileRow, Option<String>), Problem> {
    if let Ok(id) = name.parse()
        && let Some(row) = debit_files::find(tx.conn, tx.pole(), &id)?
    {
        return Ok((row, None));
    }
    if let Some(row) = debit_files::by_message(tx.conn, tx.pole(), name)? {
        return Ok((row, None));
    }
    let batch = debit_files::batch(tx.conn, tx.pole(), name)?.ok_or_else(Problem::not_found)?;
    let row = debit_files::find(tx.conn, tx.pole(), &batch.file_id)?;
    Ok((row.ok_or_else(Problem::not_found)?, Some(batch.batch_id)))
}

fn shown(file: &DebitFile, as_json: bool) -> Result<(), Failure> {
    if as_json {
        return json(file);
    }
    let rows = file.batches.iter().map(|it| {
        let came_in = it.settled_on.as_ref().map_or_else(String::new, ToString::to_string);
        let scheme = it.scheme.as_str().to_uppercase();
        let (count, day) = (it.payments.to_string(), it.collect_on.to_string());
        vec![it.id.clone(), day, scheme, count, it.amount.clone(), came_in]
    });
    let header = ["batch", "day", "scheme", "debits", "amount", "came in"];
    let listed = table::ruled(&header, rows.collect(), 4);
    let count = counted(u64::try_from(file.payments).unwrap_or_default(), "debit", "debits");
    let (name, amount, status) = (&file.message, &file.amount, file.status.as_str());
    print(&format!("{listed}\n{name}: {count}, {amount} EUR, {status}\n"))
}
