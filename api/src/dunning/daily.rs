//! Letters that go out by themselves, where a pole has chosen that: once a day, by day.

use std::collections::BTreeMap;
use std::time::Duration;

use actix_web::web::{self, Data};
use palier_billing::time_zone;

use super::run::{self as letters, Mode};
use crate::app::App;
use crate::clock::Time;
use crate::day::Day;
use crate::db::poles::{self, PoleRow};
use crate::db::{Db, DbError, dunning};
use crate::id::{PoleId, new_id};
use crate::problem::Problem;
use crate::work::Author;

/// How long it rests between two looks at the clock.
const REST: Duration = Duration::from_secs(5);
/// From which hour on letters go out: nobody likes to be dunned at midnight.
const HOUR: i8 = 8;

/// The day on which a pole's letters were last looked at by this process. Another process that looks
/// as well finds them gone.
type Looked = BTreeMap<PoleId, Day>;

/// Writes what is due, day after day, until it is told to stop.
pub(crate) async fn run(app: Data<App>) {
    let mut looked = Looked::new();
    while !app.is_stopping() {
        if let Err(problem) = look(&app, &mut looked).await {
            tracing::warn!(?problem, "letters that are due could not be looked for");
        }
        let _either = tokio::time::timeout(REST, app.closed()).await;
    }
}

async fn look(app: &Data<App>, looked: &mut Looked) -> Result<(), Problem> {
    let now = app.now();
    for pole in app.db.read(automatic).await? {
        let today = Day::today(&pole, now);
        if !is_day(&pole, now) || looked.get(&pole.pole_id) == Some(&today) {
            continue;
        }
        looked.insert(pole.pole_id.clone(), today);
        // What goes wrong in one pole keeps no other from writing.
        if let Err(problem) = write(app, pole, now).await {
            tracing::warn!(?problem, "letters that are due could not be written");
        }
    }
    Ok(())
}

fn automatic(conn: &mut Db) -> Result<Vec<PoleRow>, DbError> {
    let ids = dunning::automatic(conn)?;
    let found = ids.iter().map(|id| poles::find(conn, id.as_str()));
    Ok(found.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
}

fn is_day(pole: &PoleRow, now: Time) -> bool {
    let zone = time_zone(&pole.time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
    zone.to_datetime(now.timestamp()).hour() >= HOUR
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
