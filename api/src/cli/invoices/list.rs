//! `palier invoices list`: the documents of a month.

use clap::Args;
use palier_billing::{Money, Month};
use serde_json::{Value, json};

use super::month;
use crate::app::App;
use crate::cli::failure::Failure;
use crate::cli::print;
use crate::config::Settings;
use crate::db::invoices::{self, InvoiceRow};
use crate::quote::words::grouped;

/// List the documents of a month
#[derive(Args)]
pub(super) struct List {
    /// The pole, by its code or id
    #[arg(long, value_name = "CODE")]
    pole: String,
    /// The month, such as 2026-07
    #[arg(long, value_name = "MONTH", value_parser = month)]
    period: Month,
    /// Print JSON: a line each, with the document as it is sealed
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: Settings,
}

impl List {
    pub(super) fn run(self) -> Result<(), Failure> {
        let app = App::for_command(self.settings)?;
        let pole = app.pole(&self.pole)?;
        let period = self.period.to_string();
        let rows = app.db.read_now(|conn| invoices::of_period(conn, &pole.pole_id, &period));
        let mut rows = rows.map_err(Failure::database)?;
        rows.sort_by(|one, other| one.number.cmp(&other.number));
        let line = if self.json { json_line } else { text_line };
        print(&rows.iter().map(line).collect::<String>())
    }
}

fn gross(row: &InvoiceRow) -> Money {
    Money::from_minor(row.signed(row.gross_minor), row.currency())
}

pub(in crate::cli) fn text_line(row: &InvoiceRow) -> String {
    let number = row.number.as_deref().unwrap_or("–");
    let days = match (&row.issued_on, &row.due_on) {
        (Some(issued), Some(due)) => format!("{issued}  due {due}"),
        _ => "not issued".to_owned(),
    };
    let (kind, status) = (row.kind.as_str(), row.status.as_str());
    let gross = grouped(gross(row));
    format!("{}  {number:<16}  {kind:<11}  {status:<5}  {gross:>14}  {days}\n", row.invoice_id)
}

pub(in crate::cli) fn json_line(row: &InvoiceRow) -> String {
    let document: Value = serde_json::from_str(&row.document).unwrap_or_default();
    let line = json!({
        "id": row.invoice_id, "member": row.member_id, "part": row.part, "status": row.status,
        "number": row.number, "seal": row.seal, "document": document,
    });
    format!("{line}\n")
}
