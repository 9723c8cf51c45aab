//! Taking in what is reported: placed by the directory, numbered, written, told.

use std::sync::Arc;

use jiff::SignedDuration;
use palier_billing::Aggregation;

use super::directory::Place;
use super::retention;
use super::{Calendar, Directory, Outcome, Placed, Refusal, Reported, Reporter, Room, written};
use crate::app::App;
use crate::auth::Reach;
use crate::clock::Time;
use crate::db::poles::PoleRow;
use crate::db::usage::EventRow;
use crate::problem::{Fault, Problem};
use crate::say;

mod explain;
mod rehearse;

pub(crate) use explain::{EVENT_BYTES, Explainer, not_text, too_long, unreadable};

/// By how much the clock of who reports may be ahead of ours.
pub(super) const AHEAD: SignedDuration = SignedDuration::from_mins(10);

/// Who reports usage, and how.
pub(crate) struct Intake<'c> {
    pub(crate) app: &'c App,
    pub(crate) pole: &'c PoleRow,
    pub(crate) actor: &'c str,
    pub(crate) reach: &'c Reach,
    /// Whether nothing is written unless all can be.
    pub(crate) whole: bool,
    /// Whether what matches nothing is kept; never by who wants all or nothing.
    pub(crate) keeps: bool,
}

/// What is told of an event.
#[derive(Clone, Debug)]
pub(crate) enum Told {
    Outcome(Outcome),
    /// It is on disk, and does not count yet, for this reason.
    Unmatched(Fault),
    Refused(Vec<Fault>),
}

impl Told {
    /// Whether the event is on disk.
    pub(crate) const fn is_stored(&self) -> bool {
        match self {
            Self::Outcome(outcome) => outcome.is_stored(),
            Self::Unmatched(_) => true,
            Self::Refused(_) => false,
        }
    }

    /// Whether it counts, in a month that was closed already.
    pub(crate) const fn is_late(&self) -> bool {
        matches!(self, Self::Outcome(Outcome::Accepted { late: true }))
    }

    /// The same, with its faults where they are in what was sent.
    pub(crate) fn located(self, located: impl Fn(Fault) -> Fault) -> Self {
        match self {
            Self::Refused(faults) => Self::Refused(faults.into_iter().map(located).collect()),
            Self::Unmatched(fault) => Self::Unmatched(located(fault)),
            Self::Outcome(outcome) => Self::Outcome(outcome),
        }
    }

    /// What keeps the event from being stored.
    pub(crate) fn faults(&self) -> Vec<Fault> {
        match self {
            Self::Refused(faults) => faults.clone(),
            Self::Outcome(Outcome::Conflict) => vec![taken()],
            Self::Unmatched(_) | Self::Outcome(_) => Vec::new(),
        }
    }
}

impl Intake<'_> {
    /// Takes in events, for which there is room, and tells of each what became of it. When this
    /// returns, those that are accepted are on disk.
    pub(crate) async fn take(
        &self,
        events: &[Result<Reported<'_>, Vec<Fault>>],
        room: Room,
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
        let unnumbered = placed.iter().flatten().filter(|place| place.series.is_none());
        let wanted: Vec<_> = unnumbered.filter_map(|place| directory.unnumbered(place)).collect();
        if !wanted.is_empty() {
            directories.number(self.app, self.pole, &directory, wanted).await?;
            placed = self.place_all(&directory, events);
        }
        let (now, mut calendar) = (self.app.now(), directory.calendar());
        let (mut rows, mut told) =
            (Vec::with_capacity(events.len()), Vec::with_capacity(events.len()));
        let mut unmatched = Vec::new();
        for (event, place) in events.iter().zip(placed) {
            let made = match (event, place) {
                (Err(faults), _) => Err(faults.clone()),
                (Ok(event), Err(refusal)) => {
                    let row = self.unmatched(event, &refusal, now);
                    unmatched.extend(row.map(|row| (told.len(), row)));
                    Err(vec![refusal.into()])
                }
                (Ok(event), Ok(place)) => {
                    self.row(event, &place, now, &mut calendar).map_err(|it| vec![it.into()])
                }
            };
            match made {
                Ok(row) => {
                    rows.push(row);
                    told.push(Told::Outcome(Outcome::Withheld));
                }
                Err(faults) => told.push(Told::Refused(faults)),
            }
        }
        if self.whole && rows.len() < events.len() {
            return Ok(told);
        }
        let reporter = Reporter { actor: self.actor.to_owned(), reach: self.reach.clone() };
        let who = (&self.pole.pole_id, reporter);
        let how = (room, self.whole);
        let outcomes = self.app.metering.record(who, calendar, rows, how).await?;
        let waiting = told.iter_mut().filter(|told| matches!(told, Told::Outcome(_)));
        for (told, outcome) in waiting.zip(outcomes) {
            *told = match outcome {
                Outcome::UnknownAmended => Told::Refused(vec![Refusal::UnknownAmended.into()]),
                Outcome::Dropped { before } => Told::Refused(vec![retention::refusal(before)]),
                outcome => Told::Outcome(outcome),
            };
        }
        self.keep(unmatched, &mut told).await?;
        Ok(told)
    }

    fn place_all<'d>(
        &self,
        directory: &'d Directory,
        events: &[Result<Reported<'_>, Vec<Fault>>],
    ) -> Vec<Result<Place<'d>, Refusal>> {
        let place = |event: &Result<Reported<'_>, _>| match event {
            Ok(event) => directory.place(event, self.reach),
            Err(_) => Err(Refusal::Malformed),
        };
        events.iter().map(place).collect()
    }

    fn row(
        &self,
        event: &Reported<'_>,
        place: &Place<'_>,
        now: Time,
        calendar: &mut Calendar,
    ) -> Result<Placed, Refusal> {
        if event.at > now.plus(AHEAD) {
            return Err(Refusal::Future);
        }
        let meter = &place.meter.row;
        let level = match meter.aggregation.aggregation() {
            Aggregation::Sum | Aggregation::Count => None,
            _ => {
                let name = meter.property.as_deref().unwrap_or_default();
                Some(event.properties.get(name).map(ToString::to_string).unwrap_or_default())
            }
        };
        let (amends_at, amends_id) = event.amends.clone().unzip();
        let row = EventRow {
            pole_id: self.pole.pole_id.clone(),
            happened_at: event.at,
            event_id: event.id.to_string(),
            series_id: place.series.ok_or(Refusal::TooManyDimensions)?,
            quantity_micros: event.quantity.units(),
            properties: written(event.properties.iter()),
            amends_at,
            amends_id,
            late: false,
            received_at: now,
        };
        Ok(Placed { row, day: calendar.day(event.at), level })
    }
}

fn taken() -> Fault {
    let detail = say!(
        en "Another event has this id: of another time, or with other content.",
        fr "Un autre événement porte cet identifiant : d’une autre heure, ou d’un autre contenu."
    );
    Fault::body("/id", "taken", detail)
}

/// Whether a newer directory may know better.
const fn is_missed(place: &Result<Place<'_>, Refusal>) -> bool {
    matches!(place, Err(Refusal::UnknownMember | Refusal::UnknownMeter | Refusal::NotSubscribed))
}
