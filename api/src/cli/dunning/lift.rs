//! `palier dunning lift`: the services of a member are open again.

use clap::Args;

use super::suspensions::printed;
use super::{reason, stopped};
use crate::app::App;
use crate::cli::failure::Failure;
use crate::cli::payments::member;
use crate::config::Settings;
use crate::db::suspensions::{self, LiftedWhy};
use crate::dunning::lift;
use crate::work::Author;

/// Open a member's services again
///
/// None is suspended by itself again for the same documents: to leave them alone for a while only, pause them.
/// The member is mailed, and the providers that were told of the suspension are told; the server does both.
///
/// It ends with 0 when they are open, with 2 if they are not suspended, which is said in one line, and with 1
/// if the database does not do what it should.
#[derive(Args)]
pub(super) struct Lift {
    /// The pole, by its code or id
    #[arg(long, value_name = "CODE")]
    pole: String,
    /// The member, by its code or id
    #[arg(long, value_name = "CODE")]
    member: String,
    /// Why
    #[arg(long, value_name = "TEXT", value_parser = reason)]
    reason: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: Settings,
}

impl Lift {
    pub(super) fn run(self) -> Result<(), Failure> {
        let app = App::for_command(self.settings)?;
        let pole = app.pole(&self.pole)?;
        let member = member(&app, &pole, &self.member)?;
        let found =
            app.db.read_now(|conn| suspensions::open_of(conn, &pole.pole_id, &member.member_id));
        let Some(row) = found.map_err(Failure::database)? else {
            let code = &member.code;
            return Err(Failure::input(format!("--member {code}: its services are not suspended")));
        };
        let author = Author::operator(&pole.pole_id, app.now());
        let why = (LiftedWhy::ByHand, self.reason.as_str());
        let ended = app.write_now(&author, |tx| lift(&app, tx, &pole, row, why));
        let ended = ended.map_err(|problem| stopped(&problem))?;
        printed(&app, &pole, &[ended], self.json)
    }
}
