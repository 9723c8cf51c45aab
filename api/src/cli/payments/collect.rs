//! `palier payments collect`: what members let be collected from them.

use clap::Args;
use serde_json::{Value, json};

use super::{day, table};
use crate::app::App;
use crate::cli::failure::Failure;
use crate::cli::print;
use crate::collections::planner::{Asked, Planned, run};
use crate::config::Settings;
use crate::day::Day;
use crate::db::collections::Channel;
use crate::quote::words::{counted, grouped};
use crate::work::Author;

/// Plan the collection of what is due
///
/// Each document is collected by what its member lets itself be collected by, once, on the day it is due
/// or the first business day after it, and not before the member was told long enough ahead. What failed
/// and may pass by now is planned again, as the pole's collection settings say.
#[derive(Args)]
pub(super) struct Collect {
    /// The pole, by its code or id
    #[arg(long, value_name = "CODE")]
    pole: String,
    /// Documents that are due by this day; as far ahead as the bank takes files, if left out
    #[arg(long, value_name = "DAY", value_parser = day)]
    until: Option<Day>,
    /// Who collects: bank or stripe
    #[arg(long, value_name = "WHO", default_value = "bank", value_parser = channel)]
    channel: Channel,
    /// Say what would be planned, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: Settings,
}

fn channel(text: &str) -> Result<Channel, String> {
    text.parse().map_err(|_| "expected bank or stripe".to_owned())
}

impl Collect {
    pub(super) fn run(self) -> Result<(), Failure> {
        let app = App::for_command(self.settings)?;
        let pole = app.pole(&self.pole)?;
        let author = Author::operator(&pole.pole_id, app.now());
        let asked = Asked {
            channel: self.channel,
            until: self.until,
            documents: Vec::new(),
            dry_run: self.dry_run,
        };
        let done = run(&app, &author, &pole, &asked);
        let done = done.map_err(|problem| Failure::problem(None, &problem))?;
        print(&if self.json { format!("{}\n", json_of(&done)) } else { text_of(&done) })
    }
}

fn text_of(done: &Planned) -> String {
    let row = |it: &crate::collections::planner::Chosen| {
        vec![
            it.document.number.clone().unwrap_or_default(),
            it.collect_on.to_string(),
            grouped(it.open),
            it.means.label.clone(),
        ]
    };
    let rows: Vec<_> = done.collections.iter().map(row).collect();
    let sum = counted(u64::try_from(rows.len()).unwrap_or(u64::MAX), "collection", "collections");
    let listed = if rows.is_empty() {
        String::new()
    } else {
        table::ruled(&["document", "day", "amount", "by"], rows, 2) + "\n"
    };
    let left_out = done.left_out.iter().map(|it| {
        let number = it.document.number.as_deref().unwrap_or_default();
        format!("left out: {number}: {}\n", it.why.text().en)
    });
    let left_out: String = left_out.collect();
    let what = if done.dry_run { "would be planned" } else { "planned" };
    format!("{listed}{left_out}{sum} {what} of what is due by {}\n", done.until)
}

fn json_of(done: &Planned) -> Value {
    let collections = done.collections.iter().map(|it| {
        json!({
            "id": it.made.as_ref().map(|row| &row.collection_id),
            "invoice": it.document.invoice_id, "number": it.document.number,
            "member": it.document.member_id, "amount": it.open, "collect_on": it.collect_on,
            "by": it.means.label,
        })
    });
    let left_out = done.left_out.iter().map(|it| {
        json!({
            "invoice": it.document.invoice_id, "number": it.document.number,
            "code": it.why.code(), "detail": it.why.text().en,
        })
    });
    json!({
        "until": done.until, "dry_run": done.dry_run,
        "collections": collections.collect::<Vec<_>>(),
        "left_out": left_out.collect::<Vec<_>>(),
    })
}
