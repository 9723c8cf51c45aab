//! Saying what would become of events, and writing nothing.

use std::sync::Arc;

use super::{Intake, Told, is_missed};
use crate::clock::Time;
use crate::db::usage::{self, EventRow};
use crate::metering::{Outcome, Reported, retention};
use crate::problem::{Fault, Problem};

impl Intake<'_> {
    /// Tells of each event what [`take`](Self::take) would make of it if it came alone: events are
    /// compared with those on record, and not with one another.
    pub(crate) async fn rehearse(
        &self,
        events: &[Result<Reported<'_>, Vec<Fault>>],
    ) -> Result<Vec<Told>, Problem> {
        let directories = &self.app.metering.directories;
        let mut directory = directories.of(self.app, self.pole).await?;
        let mut placed = self.place_all(&directory, events);
        if placed.iter().any(is_missed) {
            let newest = directories.again(self.app, self.pole, &directory).await?;
            if !Arc::ptr_eq(&newest, &directory) {
                directory = newest;
                placed = self.place_all(&directory, events);
            }
        }
        let (now, mut calendar) = (self.app.now(), directory.calendar());
        let mut rows = Vec::with_capacity(events.len());
        for (event, place) in events.iter().zip(placed) {
            rows.push(match (event, place) {
                (Err(faults), _) => Err(Told::Refused(faults.clone())),
                (Ok(event), Err(refusal)) => Err(match self.unmatched(event, &refusal, now) {
                    Some(_) => Told::Unmatched(refusal.into()),
                    None => Told::Refused(vec![refusal.into()]),
                }),
                (Ok(event), Ok(mut place)) => {
                    // A series that has no number yet gets one that none has.
                    place.series.get_or_insert(0);
                    let row = self.row(event, &place, now, &mut calendar);
                    row.map(|placed| placed.row).map_err(|it| Told::Refused(vec![it.into()]))
                }
            });
        }
        let (known, dropped_before) = self.on_record(rows.iter().flatten()).await?;
        let told = |row: EventRow| match dropped_before.filter(|at| row.happened_at < *at) {
            Some(before) => Told::Refused(vec![retention::refusal(before)]),
            None => told(&row, &known),
        };
        Ok(rows.into_iter().map(|row| row.map_or_else(|refused| refused, told)).collect())
    }

    /// The events that are there under the keys of these, sorted; and before when none is there.
    async fn on_record(
        &self,
        rows: impl Iterator<Item = &EventRow>,
    ) -> Result<(Vec<EventRow>, Option<Time>), Problem> {
        let mut keys: Vec<_> = rows.map(|row| (row.happened_at, row.event_id.clone())).collect();
        keys.sort_unstable();
        let pole = self.pole.pole_id.clone();
        let find = move |conn: &mut _| {
            let keys: Vec<_> = keys.iter().map(|(at, id)| (*at, id.as_str())).collect();
            let mut known = usage::find_all(conn, &pole, &keys)?;
            known.sort_by(|one, other| one.key().cmp(&other.key()));
            Ok::<_, Problem>((known, usage::retention::dropped_before(conn, &pole)?))
        };
        self.app.db.read(find).await
    }
}

fn told(row: &EventRow, known: &[EventRow]) -> Told {
    let there = known.binary_search_by(|it| it.key().cmp(&row.key()));
    Told::Outcome(match there.ok().and_then(|at| known.get(at)) {
        None => Outcome::Accepted { late: false },
        Some(there) if there.says_the_same(row) => Outcome::Duplicate,
        Some(_) => Outcome::Conflict,
    })
}
