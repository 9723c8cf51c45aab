//! `palier payments list`: what came in, went back and was lost.

use clap::Args;
use palier_billing::Money;

use super::{member, table};
use crate::app::App;
use crate::cli::failure::Failure;
use crate::cli::print;
use crate::config::Settings;
use crate::db::payments::{self, Whose};
use crate::payments::{Recorded, whole};
use crate::quote::words::grouped;
use crate::routes::Payment;

/// How many payments are in memory at once.
const STEP: i64 = 500;

/// List payments, refunds and losses
#[derive(Args)]
pub(super) struct List {
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

impl List {
    pub(super) fn run(self) -> Result<(), Failure> {
        let app = App::for_command(self.settings)?;
        let pole = app.pole(&self.pole)?;
        let only = self.member.as_deref().map(|name| member(&app, &pole, name)).transpose()?;
        let whose = Whose { among: None, member: only.map(|row| row.member_id) };
        let (mut after, mut rows) = (None::<String>, Vec::new());
        loop {
            let found = app.db.read_now(|conn| {
                let found = payments::page(conn, &pole.pole_id, &whose, after.as_deref(), STEP)?;
                whole(conn, &pole.pole_id, found)
            });
            let found = found.map_err(Failure::database)?;
            let Some(last) = found.last() else { break };
            after = Some(last.row.payment_id.to_string());
            if self.json {
                print(&found.into_iter().map(json_line).collect::<Result<String, _>>()?)?;
            } else {
                rows.extend(found.iter().map(cells));
            }
        }
        if self.json { Ok(()) } else { print(&table::ruled(&HEADER, rows, 3)) }
    }
}

/// What stands above the cells of a payment.
pub(super) const HEADER: [&str; 7] =
    ["payment", "day", "kind", "amount", "credit", "reference", "entry"];

/// A payment, as a row of a table.
pub(super) fn cells(it: &Recorded) -> Vec<String> {
    let row = &it.row;
    let money = |minor| grouped(Money::from_minor(minor, row.currency()));
    vec![
        row.payment_id.to_string(),
        row.paid_on.to_string(),
        row.kind.as_str().replace('_', " "),
        money(row.amount_minor),
        money(row.credit_minor),
        row.reference.clone(),
        format!("{}{:06}", row.journal, row.seq),
    ]
}

/// A payment, as the API shows it.
pub(super) fn json_line(it: Recorded) -> Result<String, Failure> {
    let text = serde_json::to_string(&Payment::from(it));
    Ok(text.map_err(|error| Failure::Output(error.to_string()))? + "\n")
}
