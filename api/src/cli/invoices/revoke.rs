//! `palier invoices revoke`: a credit taken back.

use clap::Args;

use super::grants::{json_line, table};
use crate::app::App;
use crate::cli::failure::Failure;
use crate::cli::payments::member;
use crate::cli::print;
use crate::config::Settings;
use crate::grants::revoke;
use crate::id::GrantId;
use crate::work::Author;

/// Take back a credit of which nothing is used
///
/// Drafts that draw it draw what other credits there are, and come to more. What final documents drew
/// stays, unless they are credited.
#[derive(Args)]
pub(super) struct Revoke {
    /// The pole, by its code or id
    #[arg(long, value_name = "CODE")]
    pole: String,
    /// The member, by its code or id
    #[arg(long, value_name = "CODE")]
    member: String,
    /// The credit, by its id
    #[arg(value_name = "ID")]
    grant: GrantId,
    /// Why: it stands in the audit log
    #[arg(long, value_name = "TEXT", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    reason: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: Settings,
}

impl Revoke {
    pub(super) fn run(self) -> Result<(), Failure> {
        let app = App::for_command(self.settings)?;
        let pole = app.pole(&self.pole)?;
        let of = member(&app, &pole, &self.member)?.member_id;
        let author = Author::operator(&pole.pole_id, app.now());
        let made = app.write_now(&author, |tx| revoke(tx, &pole, (&of, &self.grant), &self.reason));
        let made = made.map_err(|problem| Failure::problem(None, &problem))?;
        print(&if self.json { json_line(made)? } else { table(&[made]) })
    }
}
