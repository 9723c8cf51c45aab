//! `palier invoices exchange`: documents and statuses, to and from the approved platform.

use actix_web::rt::System;
use actix_web::web::Data;
use clap::Args;
use palier_billing::Month;

use super::month;
use crate::app::App;
use crate::cli::failure::Failure;
use crate::cli::print;
use crate::config::Settings;
use crate::einvoicing::{late, run};
use crate::quote::words::counted;

/// Give electronic invoices and statuses to the approved platform, and take in what it says
///
/// All there is, as the service does by itself every few seconds, by the pole's folder within
/// --einvoicing-folder. What became final before there was such a folder is not given without --since. It ends with 1 if anything could not be given or taken in, which is told.
#[derive(Args)]
pub(super) struct Exchange {
    /// The pole, by its code or id
    #[arg(long, value_name = "CODE")]
    pole: String,
    /// First take up the documents issued from this month on that became final before the pole exchanged
    /// any, and that no platform had
    #[arg(long, value_name = "MONTH", value_parser = month)]
    since: Option<Month>,
    #[command(flatten)]
    settings: Settings,
}

impl Exchange {
    pub(super) fn run(self) -> Result<(), Failure> {
        let app = Data::new(App::for_command(self.settings)?);
        let pole = app.pole(&self.pole)?;
        match &app.platform {
            None => return Err(Failure::input("einvoicing-folder: set it to exchange anything")),
            Some(platform) if !platform.serves(&pole) => {
                let code = &pole.code;
                return Err(Failure::input(format!(
                    "einvoicing-folder: there is no folder {code:?} in it, so the pole exchanges nothing"
                )));
            }
            Some(_) => {}
        }
        if let Some(since) = self.since {
            let first = since.days().map_err(|error| Failure::input(error.to_string()))?.first();
            let taken = late::take_up(&app, &pole, &first.into())
                .map_err(|problem| Failure::problem(None, &problem))?;
            print(&format!("{} taken up\n", counted(taken, "document", "documents")))?;
        }
        let done = System::new().block_on(run::all(&app, &pole)).map_err(Failure::database)?;
        let wrong: Vec<_> = done.refused.into_iter().chain(done.failed).collect();
        let told: String = wrong.iter().flat_map(|line| [line, "\n"]).collect();
        print(&format!(
            "{told}{} given, {} taken in\n",
            counted(done.given, "file", "files"),
            counted(done.taken, "message", "messages"),
        ))?;
        match u64::try_from(wrong.len()).unwrap_or(u64::MAX) {
            0 => Ok(()),
            count => Err(Failure::Output(counted(count, "thing is wrong", "things are wrong"))),
        }
    }
}
