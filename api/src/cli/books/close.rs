//! `palier books close`: a month or a year closed for good.

use clap::Args;
use comfy_table::{LineStyle, Table, TableStyle};
use serde_json::json;

use crate::app::App;
use crate::cli::failure::Failure;
use crate::cli::print;
use crate::closing::checklist::{CheckItem, Checklist, State};
use crate::closing::{Closable, close};
use crate::config::Settings;
use crate::problem::Problem;
use crate::text::Language;
use crate::work::Author;

const RULED: TableStyle = TableStyle::new().header_separator(LineStyle::none().fill('─'));

/// Close a month or a year: nothing is booked on its days any more
///
/// What becomes known of it later is booked on the first day that is still open. A period stays closed
/// for good. Months are closed one after the other, a year once its months are; what a year came to is
/// what the next one begins with. Closing it again does nothing.
///
/// It ends with 0 when the period is closed, with 2 if something is still to be done, which is said
/// line by line, and with 1 if the database does not do what it should.
#[derive(Args)]
pub(super) struct Close {
    /// The pole, by its code or id
    #[arg(long, value_name = "CODE")]
    pole: String,
    /// A month or a year: 2026-07, 2026
    #[arg(long, value_name = "PERIOD", value_parser = closable)]
    period: Closable,
    /// Say what is done and what is missing, and close nothing
    #[arg(long)]
    check: bool,
    /// Close it with what is missing, unless that keeps it from being closed
    #[arg(long, conflicts_with = "check")]
    accept_missing: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: Settings,
}

fn closable(text: &str) -> Result<Closable, String> {
    text.parse().map_err(|_| "expected a month or a year, such as 2026-07 or 2026".to_owned())
}

impl Close {
    pub(super) fn run(self) -> Result<(), Failure> {
        let app = App::for_command(self.settings)?;
        let pole = app.pole(&self.pole)?;
        if !self.check {
            let author = Author::operator(&pole.pole_id, app.now());
            let closed =
                app.write_now(&author, |tx| close(tx, &pole, &self.period, self.accept_missing));
            closed.map_err(|problem| refused(&problem))?;
        }
        let list = app.db.read_now(|conn| {
            conn.snapshot(|conn| Checklist::read(conn, &pole, &self.period, app.now()))
        });
        let list = list.map_err(Failure::database)?;
        if self.json {
            return print(&format!("{}\n", json!(list)));
        }
        print(&told(&list, self.period.0.name()))
    }
}

/// What keeps it from being closed, a line each.
fn refused(problem: &Problem) -> Failure {
    let lines: Vec<_> = problem
        .errors
        .iter()
        .map(|fault| fault.detail.in_language(Language::En).to_owned())
        .collect();
    if lines.is_empty() {
        return Failure::Output(problem.detail.in_language(Language::En).to_owned());
    }
    Failure::Input(lines)
}

fn told(list: &Checklist, period: &str) -> String {
    let mut table = Table::new();
    table.load_style(RULED).set_header(["", "what", ""]);
    for item in list.items() {
        table.add_row([mark(item), item.code.as_str(), item.text.in_language(Language::En)]);
    }
    for (at, column) in table.column_iter_mut().enumerate() {
        column.set_padding((if at == 0 { 2 } else { 3 }, 0));
    }
    let rows: String = table.lines().map(|line| line.trim_end().to_owned() + "\n").collect();
    let state = match list.closed_at() {
        Some(at) => format!("closed since {at}"),
        None => "open".to_owned(),
    };
    format!("{rows}{period} is {state}\n")
}

const fn mark(item: &CheckItem) -> &'static str {
    match item.state {
        State::Done => "done",
        State::Missing => "missing",
        State::Blocking => "needed",
        State::Info => "",
    }
}
