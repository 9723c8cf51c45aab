//! What happens by itself: letters and suspensions once a day, by day, where a pole has chosen that; and
//! suspensions that are over end.

use std::time::Duration;

use actix_web::web::{self, Data};

use super::run::{self as letters, Mode};
use super::suspensions::daily::{self as suspensions, Seen};
use crate::app::App;
use crate::clock::Time;
use crate::daily::Daily;
use crate::db::poles::{self, PoleRow};
use crate::db::{Db, DbError, dunning};
use crate::id::new_id;
use crate::problem::Problem;
use crate::work::Author;

/// How long it rests between two looks at the clock.
const REST: Duration = Duration::from_secs(5);
/// Writes what is due, day after day, until it is told to stop.
pub(crate) async fn run(app: Data<App>) {
    let (mut letters, mut begun, mut seen) = (Daily::default(), Daily::default(), Seen::new());
    while !app.is_stopping() {
        if let Err(problem) = look(&app, &mut letters).await {
            tracing::warn!(?problem, "letters that are due could not be looked for");
        }
        if let Err(problem) = suspend(&app, &mut begun, &mut seen).await {
            tracing::warn!(?problem, "suspensions could not be looked for");
        }
        let _either = tokio::time::timeout(REST, app.closed()).await;
    }
}

async fn look(app: &Data<App>, looked: &mut Daily) -> Result<(), Problem> {
    let now = app.now();
    for pole in app.db.read(automatic).await? {
        if !looked.is_first_look(&pole, now) {
            continue;
        }
        // What goes wrong in one pole keeps no other from writing.
        if let Err(problem) = write(app, pole, now).await {
            tracing::warn!(?problem, "letters that are due could not be written");
        }
    }
    Ok(())
}

/// Suspends services, behind the letters of the day, and opens them again.
async fn suspend(app: &Data<App>, begun: &mut Daily, seen: &mut Seen) -> Result<(), Problem> {
    let now = app.now();
    suspensions::lift_over(app, seen, now).await?;
    for pole in app.db.read(suspensions::automatic).await? {
        if !begun.is_first_look(&pole, now) {
            continue;
        }
        if let Err(problem) = suspensions::begin_due(app, pole, now).await {
            tracing::warn!(?problem, "services could not be suspended");
        }
    }
    Ok(())
}

fn automatic(conn: &mut Db) -> Result<Vec<PoleRow>, DbError> {
    let ids = dunning::automatic(conn)?;
    poles::among(conn, &ids)
}

async fn write(app: &Data<App>, pole: PoleRow, now: Time) -> Result<(), Problem> {
    let of_work = app.clone();
    let written = web::block(move || {
        let author = Author::new(pole.pole_id.clone(), "palier".into(), new_id("req", now), now);
        let done = letters::run(&of_work, &author, &pole, None, Mode::ByItself)?;
        Ok::<_, Problem>((pole, done))
    });
    let (pole, done) = written.await.map_err(|gone| Problem::internal(&gone))??;
    let (pole, letters) = (pole.code, done.letters.len());
    for it in &done.left_out {
        let (member, why) = (&it.member.member_id, it.why.text().en);
        tracing::warn!(%pole, %member, level = it.level.as_str(), %why, "a letter is left out");
    }
    if letters > 0 {
        tracing::info!(%pole, letters, "letters to members that are late went out");
    }
    Ok(())
}
