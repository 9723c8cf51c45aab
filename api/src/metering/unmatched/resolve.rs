//! What was kept, put through the intake once its cause is mended.

use std::collections::BTreeMap;

use super::UnmatchedRow;
use crate::app::App;
use crate::auth::Reach;
use crate::db::poles::PoleRow;
use crate::db::usage::unmatched::{self, Filter, Key, UnmatchedReason, UnmatchedState};
use crate::db::{Db, DbError};
use crate::id::PoleId;
use crate::metering::intake::{Intake, Told};
use crate::problem::{Fault, Problem};

/// How many events are taken in together.
const TOGETHER: i64 = 2_000;
/// How many that still match nothing are told one by one.
const TOLD: usize = 1_000;

/// Which events are to count now.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    /// These; if left out, those whose members are called otherwise; if that is too, all.
    pub(crate) keys: Option<Vec<Key>>,
    /// Who is meant by the names of members.
    pub(crate) members: BTreeMap<String, String>,
}

/// What became of events that matched nothing.
#[derive(Debug, Default)]
pub(crate) struct Resolution {
    pub(crate) resolved: usize,
    /// How many of these happened in a month that was closed meanwhile.
    pub(crate) late: usize,
    /// How many of those that were wanted still wait.
    pub(crate) waiting: usize,
    /// Why, of the first of them.
    pub(crate) told: Vec<(Key, Vec<Fault>)>,
}

/// Puts events through the intake, as far as their causes are mended. Memory stays flat however
/// many there are; whoever does it twice, or at once with others, changes nothing.
pub(crate) async fn resolve(
    app: &App,
    pole: &PoleRow,
    wanted: &Wanted,
) -> Result<Resolution, Problem> {
    let mut resolution = Resolution::default();
    let mut after = None;
    loop {
        let (id, asked, place) = (pole.pole_id.clone(), wanted.clone(), after.take());
        let rows = app.db.read(move |conn| next(conn, &id, &asked, place.as_ref())).await?;
        let Some(last) = rows.last() else { return Ok(resolution) };
        after = Some((last.happened_at, last.event_id.clone()));
        // Each counts as whoever reported it could have let it count.
        let mut reporters: BTreeMap<(String, String), Vec<UnmatchedRow>> = BTreeMap::new();
        for row in rows {
            reporters.entry((row.reporter.clone(), row.reach.clone())).or_default().push(row);
        }
        for ((reporter, reach), rows) in reporters {
            let reach: Reach =
                serde_json::from_str(&reach).map_err(|error| Problem::internal(&error))?;
            let (actor, reach) = (reporter.as_str(), &reach);
            let intake = Intake { app, pole, actor, reach, whole: false, keeps: false };
            let events: Result<Vec<_>, DbError> =
                rows.iter().map(|row| row.reported(&wanted.members).map(Ok)).collect();
            let room = app.metering.rooms.wait(0).await?;
            let told = intake.take(&events?, room).await?;
            resolution.add(app, rows, told).await?;
        }
        if wanted.keys.is_some() {
            return Ok(resolution);
        }
    }
}

/// The next events that are wanted and wait.
fn next(
    conn: &mut Db,
    pole: &PoleId,
    wanted: &Wanted,
    after: Option<&Key>,
) -> Result<Vec<UnmatchedRow>, DbError> {
    let Some(keys) = &wanted.keys else {
        let members = Some(wanted.members.keys().cloned().collect::<Vec<_>>());
        let members = members.filter(|members| !members.is_empty());
        let filter = Filter { state: Some(UnmatchedState::Waiting), members, ..Filter::default() };
        return unmatched::page(conn, pole, &filter, after, TOGETHER);
    };
    let mut keys: Vec<_> = keys.iter().map(|(at, id)| (*at, id.as_str())).collect();
    keys.sort_unstable();
    keys.dedup();
    let mut rows = unmatched::find_all(conn, pole, &keys)?;
    rows.retain(|row| row.state == UnmatchedState::Waiting);
    Ok(rows)
}

impl Resolution {
    /// Counts what became of events, and notes of those that still match nothing why that is so now.
    async fn add(
        &mut self,
        app: &App,
        rows: Vec<UnmatchedRow>,
        told: Vec<Told>,
    ) -> Result<(), Problem> {
        let mut changed = Vec::new();
        for (row, told) in rows.into_iter().zip(told) {
            if told.is_stored() {
                self.resolved = self.resolved.saturating_add(1);
                self.late = self.late.saturating_add(usize::from(told.is_late()));
                continue;
            }
            self.waiting = self.waiting.saturating_add(1);
            let faults = told.faults();
            let reason = faults.first().and_then(|it| it.code.parse::<UnmatchedReason>().ok());
            if self.told.len() < TOLD {
                self.told.push(((row.happened_at, row.event_id.clone()), faults));
            }
            changed.extend(reason.filter(|it| *it != row.reason).map(|reason| (row, reason)));
        }
        if changed.is_empty() {
            return Ok(());
        }
        let note = move |conn: &mut Db| {
            changed.iter().try_for_each(|(row, reason)| {
                unmatched::set_reason(conn, &row.pole_id, row.key(), *reason)
            })
        };
        Ok(app.db.write::<(), DbError>(note).await?)
    }
}
