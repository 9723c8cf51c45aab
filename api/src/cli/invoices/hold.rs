//! `palier invoices hold` and `release`: drafts that wait, and wait no longer.

use clap::Args;

use super::list::{json_line, text_line};
use super::{identified, stopped};
use crate::app::App;
use crate::cli::failure::Failure;
use crate::cli::print;
use crate::config::Settings;
use crate::id::InvoiceId;
use crate::invoicing::adjust::turn;
use crate::work::Author;

/// Hold drafts: they are not made final with the others
#[derive(Args)]
pub(super) struct Hold {
    #[command(flatten)]
    drafts: Drafts,
}

/// Release drafts that are held: they are made final with the others
#[derive(Args)]
pub(super) struct Release {
    #[command(flatten)]
    drafts: Drafts,
}

#[derive(Args)]
struct Drafts {
    /// The pole, by its code or id
    #[arg(long, value_name = "CODE")]
    pole: String,
    /// The drafts, by id
    #[arg(value_name = "ID", required = true)]
    ids: Vec<InvoiceId>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: Settings,
}

impl Hold {
    pub(super) fn run(self) -> Result<(), Failure> {
        self.drafts.turn(true)
    }
}

impl Release {
    pub(super) fn run(self) -> Result<(), Failure> {
        self.drafts.turn(false)
    }
}

impl Drafts {
    /// Each for itself: those before one that is final stay as they were put.
    fn turn(self, hold: bool) -> Result<(), Failure> {
        let app = App::for_command(self.settings)?;
        let pole = app.pole(&self.pole)?;
        let author = Author::operator(&pole.pole_id, app.now());
        for id in &self.ids {
            let turned = app.write_now(&author, |tx| {
                let row = identified(tx, id)?;
                turn(tx, row, hold)
            });
            let turned = turned.map_err(stopped)?;
            print(&if self.json { json_line(&turned) } else { text_line(&turned) })?;
        }
        Ok(())
    }
}
