//! `palier usage import`: files of events, taken in as the HTTP API takes them.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use actix_web::rt;
use clap::Args;

use crate::app::App;
use crate::auth::Reach;
use crate::cli::failure::Failure;
use crate::cli::print;
use crate::config::Settings;
use crate::http::Schemas;
use crate::metering::Reported;
use crate::metering::intake::{Intake, Told};
use crate::problem::{Fault, Problem};
use crate::quote::words::counted;

mod cells;
mod exported;
mod form;
mod mapping;
mod pieces;
mod progress;
mod rejects;
mod table;
mod tally;

use exported::Origin;
use mapping::Mapping;
use pieces::{Piece, Pieces};
use progress::Progress;
use rejects::Rejects;
use tally::Tally;

/// How often a piece is tried that the database cannot take now, and the pause before it is tried
/// again. Nothing counts twice for being tried twice.
const TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_secs(1);

/// Import usage from files
#[derive(Args)]
#[command(
    after_help = "palier usage import --help explains the files and shows examples.",
    after_long_help = include_str!("import/help.txt"),
)]
pub(super) struct Import {
    /// CSV, or a JSON event a line; either may be gzipped, and - is standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The pole, by its code or id
    #[arg(long, value_name = "CODE")]
    pole: String,
    #[command(flatten)]
    mapping: Mapping,
    /// Write refused lines and why into this file (CSV)
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// Say what would happen, and write nothing to the database
    #[arg(long)]
    dry_run: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: Settings,
}

impl Import {
    pub(super) fn run(self) -> Result<(), Failure> {
        pieces::check(&self.files, &self.mapping)?;
        log_errors();
        let app = App::for_command(self.settings)?;
        let pole = app.pole(&self.pole)?;
        let reach = Reach { pole: true, ..Reach::default() };
        let (pole, actor) = (&pole, "operator");
        let keeps = pole.keeps_unmatched();
        let intake = Intake { app: &app, pole, actor, reach: &reach, whole: false, keeps };
        let mut taking = Taking {
            intake,
            dry_run: self.dry_run,
            rejects: Rejects::to(self.rejects.as_deref())?,
            progress: Progress::of(&self.files),
            tally: Tally::default(),
        };
        let pieces = Pieces::of(self.files, self.mapping, &taking.progress.read);
        let mut pieces = pieces.map_err(|error| Failure::Output(error.to_string()))?;
        let outcome = rt::System::new().block_on(taking.take_all(&mut pieces));
        taking.progress.clear();
        let Taking { mut rejects, tally, progress, .. } = taking;
        let outcome = outcome.and_then(|()| rejects.end());
        outcome.map_err(|failure| failure.after(&tally, self.dry_run))?;
        if self.json {
            print(&format!("{}\n", tally.json(self.dry_run, progress.elapsed())))?;
        } else {
            print(&format!("usage: {}\n", tally.summary(self.dry_run)))?;
        }
        match tally.refused() {
            0 => Ok(()),
            refused => {
                let refused = counted(refused, "line was", "lines were");
                Err(Failure::Output(format!("{refused} refused")))
            }
        }
    }
}

/// What keeps the database from taking usage is known to who writes it, and logged there.
fn log_errors() {
    let logs = tracing_subscriber::fmt().with_max_level(tracing::Level::ERROR);
    logs.with_writer(std::io::stderr).with_ansi(false).init();
}

/// An import under way.
struct Taking<'r> {
    intake: Intake<'r>,
    dry_run: bool,
    rejects: Rejects,
    progress: Progress,
    tally: Tally,
}

impl Taking<'_> {
    async fn take_all(&mut self, pieces: &mut Pieces) -> Result<(), Failure> {
        while let Some(piece) = pieces.next() {
            self.take(&piece?).await?;
            self.progress.show(self.tally.all());
        }
        Ok(())
    }

    /// Takes in the events of a piece, and puts aside the lines that are none.
    async fn take(&mut self, piece: &Piece) -> Result<(), Failure> {
        let form = &piece.about.form;
        let (mut numbers, mut events, mut refused) = (Vec::new(), Vec::new(), Vec::new());
        let mut origins = Vec::new();
        let is_blank = |line: &Result<&str, _>| line.as_ref().is_ok_and(|it| form.is_blank(it));
        let lines = piece.lines().filter(|(_, line)| !is_blank(line));
        let lines: Vec<_> = lines
            .map(|(number, line)| (number, line.and_then(|line| exported::reported(form, line))))
            .collect();
        for (number, line) in &lines {
            let event = line.as_ref().map_err(Clone::clone).and_then(|(line, origin)| {
                Ok((form.event(&self.intake.app.schemas, line)?, *origin))
            });
            match event {
                Ok((_, Origin::Voided)) => self.tally.pass_over(),
                Ok((event, origin)) => {
                    numbers.push(*number);
                    origins.push(origin);
                    events.push(Ok(event));
                }
                Err(reason) => {
                    self.tally.reject();
                    refused.push((*number, reason));
                }
            }
        }
        let told = self.told_at_last(&events, &origins).await.map_err(|_logged| {
            let (file, first) = (&piece.about.file, numbers.first().copied().unwrap_or_default());
            Failure::Output(format!("{file}: line {first}: the database does not take it"))
        })?;
        for (number, told) in numbers.into_iter().zip(told) {
            self.tally.count(&told);
            if !told.is_stored() {
                refused.push((number, form.reason(&told.faults())));
            }
        }
        refused.sort_unstable();
        for (number, reason) in refused {
            self.rejects.add(piece, number, &reason, &mut self.progress)?;
        }
        Ok(())
    }

    async fn told(
        &self,
        events: &[Result<Reported<'_>, Vec<Fault>>],
    ) -> Result<Vec<Told>, Problem> {
        let mut tries = 1;
        loop {
            let told = if self.dry_run {
                self.intake.rehearse(events).await
            } else {
                match self.intake.app.metering.rooms.wait(0).await {
                    Ok(room) => self.intake.take(events, room).await,
                    Err(full) => Err(full),
                }
            };
            match told {
                Err(_) if tries < TRIES => rt::time::sleep(PAUSE).await,
                told => return told,
            }
            tries = tries.saturating_add(1);
        }
    }
}

impl Failure {
    /// The same, of an import that had begun: what was taken in stays in.
    fn after(self, tally: &Tally, dry_run: bool) -> Self {
        if tally.all() == 0 {
            return self;
        }
        let before = format!("before that: {}", tally.summary(dry_run));
        match self {
            Self::Input(mut faults) => {
                faults.push(before);
                Self::Input(faults)
            }
            Self::Output(fault) => Self::Output(format!("{fault} ({before})")),
        }
    }
}

/// Reads the events of a file, and forgets them.
pub(crate) fn read_all(schemas: &Schemas, path: &Path) {
    let paths = vec![path.to_owned()];
    let Ok(mut pieces) = Pieces::of(paths, Mapping::default(), &Arc::default()) else { return };
    while let Some(Ok(piece)) = pieces.next() {
        for (_, line) in piece.lines() {
            let _read = line.map(|line| piece.about.form.event(schemas, line).is_ok());
        }
    }
}
