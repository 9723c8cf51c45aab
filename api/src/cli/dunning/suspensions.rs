//! `palier dunning suspensions`: whose services are suspended, and whose were.

use clap::Args;

use crate::app::App;
use crate::cli::failure::Failure;
use crate::cli::print;
use crate::config::Settings;
use crate::db::poles::PoleRow;
use crate::db::suspensions::{self, SuspensionRow, Wanted};
use crate::db::{DbError, members};
use crate::routes::Suspension;

/// List members whose services are suspended for what they have not paid
#[derive(Args)]
pub(super) struct Suspensions {
    /// The pole, by its code or id
    #[arg(long, value_name = "CODE")]
    pole: String,
    /// Also those that have ended
    #[arg(long)]
    all: bool,
    /// Print JSON, a suspension a line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: Settings,
}

impl Suspensions {
    pub(super) fn run(self) -> Result<(), Failure> {
        let app = App::for_command(self.settings)?;
        let pole = app.pole(&self.pole)?;
        let wanted = Wanted { open: (!self.all).then_some(true), ..Wanted::default() };
        let rows = app
            .db
            .read_now(|conn| suspensions::page(conn, &pole.pole_id, &wanted, None, i64::MAX))
            .map_err(Failure::database)?;
        printed(&app, &pole, &rows, self.json)
    }
}

/// Prints suspensions, one a line: the member, from which day to which, the services, and what it is for.
pub(super) fn printed(
    app: &App,
    pole: &PoleRow,
    rows: &[SuspensionRow],
    json: bool,
) -> Result<(), Failure> {
    let said = app.db.read_now(|conn| {
        if json {
            let lines = Suspension::read(conn, &pole.pole_id, rows)?.into_iter();
            return Ok(lines.map(|it| serde_json::json!(it).to_string()).collect());
        }
        let ids: Vec<_> = rows.iter().map(|row| row.suspension_id.clone()).collect();
        let causes = suspensions::causes(conn, &pole.pole_id, &ids)?;
        let services = suspensions::services(conn, &pole.pole_id, &ids)?;
        let mut lines = Vec::new();
        for row in rows {
            let member = members::find(conn, &pole.pole_id, &row.member_id)?;
            let member = member.map(|member| member.code).unwrap_or_default();
            let until = row.lifted_on.as_ref().map(ToString::to_string).unwrap_or_default();
            let of = causes.iter().filter(|(it, _)| it.suspension_id == row.suspension_id);
            let numbers: Vec<_> = of.filter_map(|(_, it)| it.number.as_deref()).collect();
            let of = services.iter().filter(|(it, _)| *it == row.suspension_id);
            let codes: Vec<_> = of.map(|(_, it)| it.code.as_str()).collect();
            let (began, codes, numbers) = (&row.began_on, codes.join(", "), numbers.join(", "));
            lines.push(format!("{member:<16}  {began}  {until:<10}  {codes:<20}  {numbers}"));
        }
        Ok::<Vec<String>, DbError>(lines)
    });
    let said = said.map_err(Failure::database)?;
    print(&said.iter().flat_map(|line| [line, "\n"]).collect::<String>())
}
