//! `palier dunning`: letters to members that are late, and their services suspended.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::failure::Failure;
use super::print;
use crate::app::App;
use crate::config::Settings;
use crate::day::Day;
use crate::dunning::{Late, LeftOut, Letter, Mode, Outcome, run};
use crate::id::LetterId;
use crate::problem::{Problem, ProblemType};
use crate::quote::words::{counted, grouped};
use crate::text::Language;
use crate::work::Author;

mod charge;
mod lift;
mod suspend;
mod suspensions;

/// Write to members that are late, charge for the delay, suspend their services
#[derive(Args)]
pub(super) struct Dunning {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Run(Box<RunDunning>),
    Charge(Box<charge::ChargePenalty>),
    Suspend(Box<suspend::Suspend>),
    Lift(Box<lift::Lift>),
    Suspensions(Box<suspensions::Suspensions>),
}

/// Write the letters that are due
///
/// One letter to each member and level, about all its documents there; the server mails it. No letter
/// goes out twice for a document, however often this is run and whatever stops it. When letters are due
/// and what they claim stands in the pole's dunning settings.
///
/// It ends with 0 when all letters are written, with 2 if what was given cannot be used or rates are
/// missing, which is said in one line, and with 1 if the database does not do what it should.
#[derive(Args)]
struct RunDunning {
    /// The pole, by its code or id
    #[arg(long, value_name = "CODE")]
    pole: String,
    /// Say which letters would go out, and write none
    #[arg(long)]
    dry_run: bool,
    /// Those that are due by this day; today, if left out. Only a dry run may look ahead
    #[arg(long, value_name = "DAY", value_parser = day)]
    as_of: Option<Day>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: Settings,
}

/// A line of text, as the log has room for.
fn reason(text: &str) -> Result<String, String> {
    let fits = !text.trim().is_empty() && text.chars().count() <= 500;
    let line = fits && !text.chars().any(char::is_control);
    if line { Ok(text.to_owned()) } else { Err("expected a line of at most 500 characters".into()) }
}

fn day(text: &str) -> Result<Day, String> {
    let read = text.parse().ok().filter(|_| text.len() == 10);
    read.ok_or_else(|| "expected a day such as 2026-11-01".to_owned())
}

impl Dunning {
    pub(super) fn run(self) -> Result<(), Failure> {
        match self.command {
            Command::Run(run) => run.run(),
            Command::Charge(charge) => charge.run(),
            Command::Suspend(suspend) => suspend.run(),
            Command::Lift(lift) => lift.run(),
            Command::Suspensions(suspensions) => suspensions.run(),
        }
    }
}

impl RunDunning {
    fn run(self) -> Result<(), Failure> {
        let app = App::for_command(self.settings)?;
        let pole = app.pole(&self.pole)?;
        let author = Author::operator(&pole.pole_id, app.now());
        let mode = if self.dry_run { Mode::DryRun } else { Mode::ByHand };
        let done = run(&app, &author, &pole, self.as_of, mode).map_err(|it| stopped(&it))?;
        print(&if self.json { format!("{}\n", json_of(&done)) } else { text_of(&done) })
    }
}

/// What stops a run: what was given, rates that are missing, or the database.
fn stopped(problem: &Problem) -> Failure {
    let fault = problem.errors.first().map_or(&problem.detail, |fault| &fault.detail);
    let said = fault.in_language(Language::En);
    match problem.kind {
        ProblemType::Conflict | ProblemType::InvalidBody => Failure::input(said),
        _ => Failure::Output(said.to_owned()),
    }
}

fn numbers(letter: &Letter) -> Vec<&str> {
    letter.documents.iter().map(|it| it.late.number()).collect()
}

fn numbers_left_out(it: &LeftOut) -> Vec<&str> {
    it.documents.iter().map(Late::number).collect()
}

fn text_of(run: &Outcome) -> String {
    let letters = run.letters.iter().map(|(_, letter)| {
        let (level, member) = (letter.level.as_str(), &letter.member.code);
        let (open, numbers) = (grouped(letter.open), numbers(letter).join(", "));
        let currency = letter.open.currency().code();
        format!("{level:<15}  {member:<16}  {open:>12} {currency}  {numbers}\n")
    });
    let left_out = run.left_out.iter().map(|it| {
        let (level, member) = (it.level.as_str(), &it.member.code);
        let (why, numbers) = (it.why.text().en, numbers_left_out(it).join(", "));
        format!("left out: {level}  {member}  {numbers}: {why}\n")
    });
    let count = u64::try_from(run.letters.len()).unwrap_or(u64::MAX);
    let letters: String = letters.chain(left_out).collect();
    let done = if run.dry_run { "would go out" } else { "written" };
    format!("{letters}{} {done}\n", counted(count, "letter", "letters"))
}

fn json_of(run: &Outcome) -> Value {
    let letter = |(id, letter): &(Option<LetterId>, Letter)| {
        let documents = letter.documents.iter().map(|it| {
            json!({
                "invoice": it.late.row.invoice_id, "number": it.late.number(),
                "open": it.late.open, "interest": it.interest, "indemnity": it.indemnity,
            })
        });
        json!({
            "id": id, "member": letter.member.code, "level": letter.level, "email": letter.email,
            "currency": letter.open.currency().code(), "open": letter.open,
            "suspends_on": letter.suspends_on,
            "documents": documents.collect::<Vec<_>>(),
        })
    };
    let left_out = |it: &LeftOut| {
        json!({
            "member": it.member.code, "level": it.level, "documents": numbers_left_out(it),
            "code": it.why.code(), "detail": it.why.text().en,
        })
    };
    json!({
        "as_of": run.as_of, "dry_run": run.dry_run,
        "letters": run.letters.iter().map(letter).collect::<Vec<_>>(),
        "left_out": run.left_out.iter().map(left_out).collect::<Vec<_>>(),
    })
}
