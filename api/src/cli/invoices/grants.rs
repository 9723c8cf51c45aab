//! `palier invoices grants`: the credits that members were granted.

use clap::Args;
use palier_billing::Money;

use crate::app::App;
use crate::cli::failure::Failure;
use crate::cli::payments::{member, ruled};
use crate::cli::print;
use crate::config::Settings;
use crate::day::Day;
use crate::db::grants;
use crate::grants::{Granted, with_standings};
use crate::quote::words::grouped;
use crate::routes::CreditGrant;

/// How many credits are in memory at once.
const STEP: i64 = 500;

/// List the credits that members were granted, and how they stand
#[derive(Args)]
pub(super) struct Grants {
    /// The pole, by its code or id
    #[arg(long, value_name = "CODE")]
    pole: String,
    /// Those of a member only, by its code or id
    #[arg(long, value_name = "CODE")]
    member: Option<String>,
    /// Print JSON: a line each
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: Settings,
}

impl Grants {
    pub(super) fn run(self) -> Result<(), Failure> {
        let app = App::for_command(self.settings)?;
        let pole = app.pole(&self.pole)?;
        let only = self.member.as_deref().map(|name| member(&app, &pole, name)).transpose()?;
        let only = only.map(|row| row.member_id);
        let today = Day::today(&pole, app.now());
        let (mut after, mut all) = (None::<String>, Vec::new());
        loop {
            let found = app.db.read_now(|conn| {
                let id = &pole.pole_id;
                let rows = grants::page(conn, id, only.as_ref(), after.as_deref(), STEP)?;
                with_standings(conn, id, &today, rows)
            });
            let found = found.map_err(Failure::database)?;
            let Some(last) = found.last() else { break };
            after = Some(last.row.grant_id.to_string());
            if self.json {
                print(&found.into_iter().map(json_line).collect::<Result<String, _>>()?)?;
            } else {
                all.extend(found);
            }
        }
        if self.json { Ok(()) } else { print(&table(&all)) }
    }
}

/// Credits, and how they stand.
pub(super) fn table(credits: &[Granted]) -> String {
    let rows = credits.iter().map(|granted| {
        let (row, sums) = (&granted.row, granted.sums(true));
        let money = |minor| grouped(Money::from_minor(minor, row.currency()));
        let used = sums.drawn.saturating_sub(sums.given_back).saturating_add(sums.drafted);
        let end = row.valid_until.as_ref().map_or_else(|| "–".to_owned(), ToString::to_string);
        vec![
            row.grant_id.to_string(),
            row.reason.clone(),
            row.valid_from.to_string(),
            end,
            money(sums.granted),
            money(used),
            money(sums.expired.saturating_add(sums.revoked)),
            money(sums.left),
        ]
    });
    let header = ["credit", "reason", "from", "until", "granted", "drawn", "gone", "left"];
    ruled(&header, rows.collect(), 4)
}

/// A credit, as the API shows it.
pub(super) fn json_line(granted: Granted) -> Result<String, Failure> {
    let text = serde_json::to_string(&CreditGrant::seen(granted, true));
    let text = text.map_err(|error| Failure::Output(error.to_string()))?;
    Ok(format!("{text}\n"))
}
