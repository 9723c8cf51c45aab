//! Suspensions that begin and end by themselves: they begin once a day, by day, and end as soon as they may.

use std::collections::BTreeMap;

use actix_web::web::{self, Data};

use super::{begin, due, lift};
use crate::app::App;
use crate::clock::Time;
use crate::day::Day;
use crate::db::poles::{self, PoleRow};
use crate::db::suspensions::{self, Wanted};
use crate::db::usage::known;
use crate::db::{Db, DbError, members};
use crate::dunning::settings::Terms;
use crate::id::{MemberId, PoleId, SuspensionId, new_id};
use crate::problem::Problem;
use crate::work::{Author, Done, Tx};

/// In which state, and on which day, a pole was last looked at for what is over.
pub(crate) type Seen = BTreeMap<PoleId, (i64, Day)>;

/// The poles that suspend services by themselves.
pub(crate) fn automatic(conn: &mut Db) -> Result<Vec<PoleRow>, DbError> {
    let ids = suspensions::automatic(conn)?;
    poles::among(conn, &ids)
}

/// Suspends the services of the members of a pole whose day has come, a member at a time.
///
/// # Errors
/// The database's.
pub(crate) async fn begin_due(app: &Data<App>, pole: PoleRow, now: Time) -> Result<(), Problem> {
    let of_work = app.clone();
    let (code, begun) = (pole.code.clone(), web::block(move || begin_all(&of_work, &pole, now)));
    let begun = begun.await.map_err(|gone| Problem::internal(&gone))??;
    if begun > 0 {
        tracing::info!(pole = %code, begun, "services of members that have not paid are suspended");
    }
    Ok(())
}

fn begin_all(app: &App, pole: &PoleRow, now: Time) -> Result<usize, Problem> {
    let today = Day::today(pole, now);
    let due = app.db.read_now(|conn| {
        let terms = Terms::of(conn, &pole.pole_id)?;
        due::by_itself(conn, &pole.pole_id, &terms, None, &today)
    })?;
    let mut begun = 0_usize;
    for member in due.into_keys() {
        let author = author(pole, now);
        let began = app.write_now(&author, |tx| begin_one(app, tx, pole, (&member, &today)));
        // What goes wrong with one keeps no other from being suspended.
        match began {
            Ok(began) => begun = begun.saturating_add(usize::from(began)),
            Err(problem) => tracing::warn!(?problem, %member, "services are not suspended"),
        }
    }
    app.wake.notify_one();
    Ok(begun)
}

/// Suspends the services of a member, as far as that is due still and it can be told.
fn begin_one(
    app: &App,
    tx: &mut Tx<'_>,
    pole: &PoleRow,
    (member, today): (&MemberId, &Day),
) -> Result<Done<bool>, Problem> {
    // Payments are recorded under the same lock, and others who look wait for it.
    poles::hold(tx.conn, tx.pole())?;
    let terms = Terms::of(tx.conn, tx.pole())?;
    let mut due = due::by_itself(tx.conn, tx.pole(), &terms, Some(member), today)?;
    let row = members::find(tx.conn, tx.pole(), member)?;
    let row = row.filter(|row| row.contact_email.is_some());
    if row.is_none() {
        tracing::warn!(%member, "services are not suspended: the member has no e-mail address");
    }
    let open = suspensions::open_of(tx.conn, tx.pole(), member)?;
    let services = suspensions::subscribed(tx.conn, tx.pole(), member, today)?;
    let (Some(documents), Some(row), None, false) =
        (due.remove(member), row, open, services.is_empty())
    else {
        return Ok(tx.unchanged(false));
    };
    begin(app, tx, pole, &row, (documents, today, ""))?.and_then(|_| Ok(true))
}

/// Ends the suspensions that are over, in poles that are not as they were when they were last looked at.
///
/// # Errors
/// The database's.
pub(crate) async fn lift_over(app: &Data<App>, seen: &mut Seen, now: Time) -> Result<(), Problem> {
    for (version, pole) in app.db.read(with_open).await? {
        let (id, state) = (pole.pole_id.clone(), (version, Day::today(&pole, now)));
        if seen.get(&id) == Some(&state) {
            continue;
        }
        let of_work = app.clone();
        let lifted = web::block(move || lift_all(&of_work, &pole, now));
        match lifted.await.map_err(|gone| Problem::internal(&gone))? {
            Ok(()) => {
                seen.insert(id, state);
            }
            Err(problem) => tracing::warn!(?problem, pole = %id, "suspensions could not be lifted"),
        }
    }
    Ok(())
}

/// The poles in which a suspension goes on, with the states that they are in.
fn with_open(conn: &mut Db) -> Result<Vec<(i64, PoleRow)>, DbError> {
    let ids = suspensions::poles_with_open(conn)?;
    let mut open = Vec::new();
    for pole in poles::among(conn, &ids)? {
        open.push((known::version(conn, &pole.pole_id)?, pole));
    }
    Ok(open)
}

fn lift_all(app: &App, pole: &PoleRow, now: Time) -> Result<(), Problem> {
    let today = Day::today(pole, now);
    let wanted = Wanted { open: Some(true), ..Wanted::default() };
    let over = app.db.read_now(|conn| {
        let rows = suspensions::page(conn, &pole.pole_id, &wanted, None, i64::MAX)?;
        due::over(conn, &pole.pole_id, &rows, &today)
    })?;
    let mut failed = Ok(());
    for (row, _) in over {
        let (id, author) = (row.suspension_id, author(pole, now));
        let lifted = app.write_now(&author, |tx| lift_one(app, tx, pole, (&id, &today)));
        // What goes wrong with one keeps no other from ending, and is looked at again.
        if let Err(problem) = lifted {
            tracing::warn!(?problem, suspension = %id, "a suspension is not lifted");
            failed = Err(problem);
        }
    }
    app.wake.notify_one();
    failed
}

/// Ends a suspension, if it is over still.
fn lift_one(
    app: &App,
    tx: &mut Tx<'_>,
    pole: &PoleRow,
    (id, today): (&SuspensionId, &Day),
) -> Result<Done<()>, Problem> {
    poles::hold(tx.conn, tx.pole())?;
    let row = suspensions::find(tx.conn, tx.pole(), id)?.filter(|row| row.lifted.is_none());
    let over = due::over(tx.conn, tx.pole(), row.as_slice(), today)?.pop();
    let Some((row, why)) = over else { return Ok(tx.unchanged(())) };
    lift(app, tx, pole, row, (why, ""))?.and_then(|_| Ok(()))
}

fn author(pole: &PoleRow, now: Time) -> Author {
    Author::new(pole.pole_id.clone(), "palier".into(), new_id("req", now), now)
}
