//! `palier invoices add-line` and `drop-lines`: lines by hand on a draft.

use clap::Args;
use serde_json::{Value, json};

use super::list::{json_line, text_line};
use super::{identified, stopped};
use crate::app::App;
use crate::cli::failure::Failure;
use crate::cli::print;
use crate::config::Settings;
use crate::db::invoices::InvoiceRow;
use crate::db::poles::PoleRow;
use crate::db::services;
use crate::http::typed;
use crate::id::InvoiceId;
use crate::invoicing::InvoicingError;
use crate::invoicing::adjust::{Earlier, adjust};
use crate::problem::Problem;
use crate::routes::{ManualLinesInput, read_lines};
use crate::text::Language;
use crate::work::Author;

/// Put a line on a draft: a charge, or a discount
///
/// It comes behind those that were put there before; totals follow. A draft that comes to less than
/// nothing gives money back. `palier invoices run --again` makes the draft anew, without it.
#[derive(Args)]
pub(super) struct AddLine {
    #[command(flatten)]
    draft: Draft,
    /// What the line says
    #[arg(long, value_name = "TEXT")]
    name: String,
    /// More about it
    #[arg(long, value_name = "TEXT")]
    detail: Option<String>,
    /// What a unit costs without VAT, such as 20.00; with --discount what is taken off for it
    #[arg(long, value_name = "PRICE", allow_negative_numbers = true)]
    price: String,
    /// Take it off
    #[arg(long)]
    discount: bool,
    /// How many units, with at most four places
    #[arg(long, value_name = "N", default_value = "1", allow_negative_numbers = true)]
    quantity: String,
    /// The unit, as UN/ECE recommendation 20 has it, such as HUR
    #[arg(long, value_name = "CODE", default_value = "C62")]
    unit: String,
    /// The service it is about, by its code: its VAT and its revenue account are the line's
    #[arg(long, value_name = "CODE")]
    service: Option<String>,
    /// What VAT makes of it, if it is about no service, such as reduced
    #[arg(long, value_name = "WORD", conflicts_with = "service")]
    vat: Option<String>,
}

/// Take all lines off a draft that were put on it by hand
#[derive(Args)]
pub(super) struct DropLines {
    #[command(flatten)]
    draft: Draft,
}

#[derive(Args)]
struct Draft {
    /// The pole, by its code or id
    #[arg(long, value_name = "CODE")]
    pole: String,
    /// The draft, by its id
    #[arg(value_name = "ID")]
    invoice: InvoiceId,
    /// Why: it stands in the audit log
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: Settings,
}

impl AddLine {
    pub(super) fn run(self) -> Result<(), Failure> {
        let Self { draft, name, detail, price, discount, quantity, unit, service, vat } = self;
        draft.adjust(Earlier::Kept, |app, pole| {
            let kind = if discount { "discount" } else { "manual" };
            let mut line = json!({
                "kind": kind, "name": name, "unit_price": price, "quantity": quantity, "unit": unit,
            });
            let service = service.map(|code| service_of(app, pole, &code)).transpose()?;
            for (field, value) in [("detail", detail), ("service", service), ("vat", vat)] {
                if let (Some(value), Some(line)) = (value, line.as_object_mut()) {
                    line.insert(field.to_owned(), value.into());
                }
            }
            Ok(vec![line])
        })
    }
}

impl DropLines {
    pub(super) fn run(self) -> Result<(), Failure> {
        self.draft.adjust(Earlier::Replaced, |_, _| Ok(Vec::new()))
    }
}

/// The id of the service of a code.
fn service_of(app: &App, pole: &PoleRow, code: &str) -> Result<String, Failure> {
    let services = app.db.read_now(|conn| services::all(conn, &pole.pole_id));
    let mut services = services.map_err(Failure::database)?.into_iter();
    let found = services.find(|service| service.code == code);
    let found = found.ok_or_else(|| Failure::input(format!("{code}: no service has this code")));
    Ok(found?.service_id.to_string())
}

impl Draft {
    /// Puts lines on it that the API's own schema finds nothing wrong with.
    fn adjust(
        self,
        earlier: Earlier,
        lines: impl FnOnce(&App, &PoleRow) -> Result<Vec<Value>, Failure>,
    ) -> Result<(), Failure> {
        let app = App::for_command(self.settings)?;
        let pole = app.pole(&self.pole)?;
        let author = Author::operator(&pole.pole_id, app.now());
        let body = json!({ "reason": self.reason, "lines": lines(&app, &pole)? });
        let input = typed::<ManualLinesInput>(&app, body).map_err(|problem| refused(&problem))?;
        let adjusted = app.write_now(&author, |tx| {
            let row = identified(tx, &self.invoice)?;
            let lines = read_lines(tx, input.lines)?;
            adjust(tx, row, (&lines, earlier), &input.reason)
        });
        let adjusted: Result<InvoiceRow, InvoicingError> = adjusted;
        let adjusted = adjusted.map_err(stopped)?;
        print(&if self.json { json_line(&adjusted) } else { text_line(&adjusted) })
    }
}

/// What is wrong with a line, each fault with the option it is about.
fn refused(problem: &Problem) -> Failure {
    let faults = problem.errors.iter().map(|fault| {
        let fault = fault.said(Language::En);
        let field = fault.pointer.as_deref().and_then(|at| at.rsplit('/').next());
        let option = match field.unwrap_or_default() {
            "unit_price" => "price",
            other => other,
        };
        format!("--{option}: {}", fault.detail)
    });
    Failure::Input(faults.collect())
}
