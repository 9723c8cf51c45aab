//! `palier invoices grant`: a credit for a member.

use clap::Args;
use palier_billing::Money;

use super::grants::{json_line, table};
use crate::app::App;
use crate::cli::failure::Failure;
use crate::cli::payments::member;
use crate::cli::print;
use crate::config::Settings;
use crate::day::Day;
use crate::db::poles::PoleRow;
use crate::db::services;
use crate::grants::{Facts, grant};
use crate::id::ServiceId;
use crate::work::Author;

/// Grant a member a credit: it is billed so much less, without VAT
///
/// Months draw it by themselves, of all credits that are valid on any of their days the one that ends
/// first; it stands on documents as lines of its own. A month whose drafts are made draws it when they
/// are made again. It is no money: what a member paid too much is at `palier payments`.
#[derive(Args)]
pub(super) struct Grant {
    /// The pole, by its code or id
    #[arg(long, value_name = "CODE")]
    pole: String,
    /// The member, by its code or id
    #[arg(long, value_name = "CODE")]
    member: String,
    /// How much, without VAT, such as 200.00
    #[arg(long, value_name = "AMOUNT")]
    amount: String,
    /// Why, as documents say it
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    reason: String,
    /// The service it is for, by its code or id; all of them, if left out
    #[arg(long, value_name = "CODE")]
    service: Option<String>,
    /// The first day on which it is valid, such as 2026-07-01
    #[arg(long, value_name = "DAY", value_parser = day)]
    from: Day,
    /// The first day on which it is valid no longer; for good, if left out
    #[arg(long, value_name = "DAY", value_parser = day)]
    until: Option<Day>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: Settings,
}

fn day(text: &str) -> Result<Day, String> {
    text.parse().map_err(|_| "expected a day such as 2026-07-01".to_owned())
}

/// A line of text, as documents have room for.
fn reason(text: &str) -> Result<String, String> {
    let fits = !text.trim().is_empty() && text.chars().count() <= 200;
    let line = fits && !text.chars().any(char::is_control);
    if line { Ok(text.to_owned()) } else { Err("expected a line of at most 200 characters".into()) }
}

impl Grant {
    pub(super) fn run(self) -> Result<(), Failure> {
        let app = App::for_command(self.settings)?;
        let pole = app.pole(&self.pole)?;
        let currency = pole.currency();
        let amount = Money::parse(&self.amount, currency).map_err(|_| {
            let (amount, code) = (&self.amount, currency.code());
            Failure::input(format!("--amount {amount}: expected an amount in {code}"))
        })?;
        let service = self.service.as_deref().map(|name| service(&app, &pole, name)).transpose()?;
        let facts = Facts {
            member: member(&app, &pole, &self.member)?.member_id,
            service,
            amount,
            reason: self.reason,
            valid_from: self.from,
            valid_until: self.until,
        };
        let author = Author::operator(&pole.pole_id, app.now());
        let made = app.write_now(&author, |tx| grant(tx, &pole, facts));
        let made = made.map_err(|problem| Failure::problem(None, &problem))?;
        print(&if self.json { json_line(made)? } else { table(&[made]) })
    }
}

/// The service that a command is told of, by its code or id.
fn service(app: &App, pole: &PoleRow, name: &str) -> Result<ServiceId, Failure> {
    let all = app.db.read_now(|conn| services::all(conn, &pole.pole_id));
    let mut all = all.map_err(Failure::database)?.into_iter();
    let found = all.find(|row| row.code == name || row.service_id.as_str() == name);
    let found = found.map(|row| row.service_id);
    found.ok_or_else(|| Failure::input(format!("service: there is none called {name:?}")))
}
