//! `palier dunning suspend`: the services of a member that has not paid after formal notice.

use clap::Args;

use super::suspensions::printed;
use super::{reason, stopped};
use crate::app::App;
use crate::cli::failure::Failure;
use crate::cli::payments::member;
use crate::config::Settings;
use crate::dunning::suspend;
use crate::work::Author;

/// Suspend a member's services now
///
/// For all that is open after a formal notice, without waiting for the day that it announced: documents that
/// are paused or being collected do not count, nor what the member's credit covers. It ends as soon as none
/// of them holds it any more, or by `palier dunning lift`. The member is mailed, and the providers of its
/// services are told by their webhooks; the server does both.
///
/// It ends with 0 when they are suspended, with 2 if they are already, or nothing is open after a formal
/// notice, which is said in one line, and with 1 if the database does not do what it should.
#[derive(Args)]
pub(super) struct Suspend {
    /// The pole, by its code or id
    #[arg(long, value_name = "CODE")]
    pole: String,
    /// The member, by its code or id
    #[arg(long, value_name = "CODE")]
    member: String,
    /// Why now
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    reason: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: Settings,
}

impl Suspend {
    pub(super) fn run(self) -> Result<(), Failure> {
        let app = App::for_command(self.settings)?;
        let pole = app.pole(&self.pole)?;
        let member = member(&app, &pole, &self.member)?.member_id;
        let author = Author::operator(&pole.pole_id, app.now());
        let begun = app.write_now(&author, |tx| suspend(&app, tx, &pole, (&member, &self.reason)));
        let begun = begun.map_err(|problem| stopped(&problem))?;
        printed(&app, &pole, &[begun], self.json)
    }
}
