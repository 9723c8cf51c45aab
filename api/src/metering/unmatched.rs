//! Usage that matches nothing, where the pole chose to keep it: an unknown member, an unknown
//! meter, no subscription. It is on disk and does not count, until its cause is mended and it goes
//! through the same intake as all other usage.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet};

use palier_billing::Quantity;

use super::Outcome;
use super::intake::{AHEAD, Intake, Told};
use super::report::{Properties, Refusal, Reported, written};
use super::retention;
use crate::clock::Time;
use crate::db::usage::series::{self, Names};
use crate::db::usage::unmatched::{self, UnmatchedReason, UnmatchedRow, UnmatchedState};
use crate::db::usage::{self, EventRow};
use crate::db::{Db, DbError};
use crate::id::PoleId;
use crate::problem::Problem;

mod resolve;

pub(crate) use resolve::{Resolution, Wanted, resolve};

/// How long the names may be that an event is kept with.
const NAME_BYTES: usize = 256;

impl Intake<'_> {
    /// What an event is kept as that cannot be placed; none, if it is not to be kept.
    pub(super) fn unmatched(
        &self,
        event: &Reported<'_>,
        refusal: &Refusal,
        now: Time,
    ) -> Option<UnmatchedRow> {
        let reason = self.reason(refusal).filter(|_| self.keeps && event.at <= now.plus(AHEAD))?;
        let service = event.service.as_deref().unwrap_or_default();
        let is_name = |name: &str| name.len() <= NAME_BYTES && !name.contains(char::is_control);
        if ![&event.member, &event.meter, service].into_iter().all(is_name) {
            return None;
        }
        let (amends_at, amends_id) = event.amends.clone().unzip();
        Some(UnmatchedRow {
            pole_id: self.pole.pole_id.clone(),
            happened_at: event.at,
            event_id: event.id.to_string(),
            member: event.member.to_string(),
            meter: event.meter.to_string(),
            service: service.to_owned(),
            quantity_micros: event.quantity.units(),
            properties: written(event.properties.iter()),
            amends_at,
            amends_id,
            reason,
            reporter: self.actor.to_owned(),
            // Ids in lists: there is nothing that could not be written.
            reach: serde_json::to_string(self.reach).unwrap_or_default(),
            received_at: now,
            state: UnmatchedState::Waiting,
            note: String::new(),
            settled_at: None,
        })
    }

    /// Why usage matches nothing. Who acts for members alone and names another has no business
    /// with it, whether it is there or not.
    fn reason(&self, refusal: &Refusal) -> Option<UnmatchedReason> {
        match refusal {
            Refusal::UnknownMember if self.reach.pole || !self.reach.providers.is_empty() => {
                Some(UnmatchedReason::UnknownMember)
            }
            Refusal::UnknownMeter => Some(UnmatchedReason::UnknownMeter),
            Refusal::NotSubscribed => Some(UnmatchedReason::NotSubscribed),
            _ => None,
        }
    }

    /// Keeps events, each with its place among those that are told of.
    pub(super) async fn keep(
        &self,
        unmatched: Vec<(usize, UnmatchedRow)>,
        told: &mut [Told],
    ) -> Result<(), Problem> {
        if unmatched.is_empty() {
            return Ok(());
        }
        let (places, rows): (Vec<_>, Vec<_>) = unmatched.into_iter().unzip();
        let pole = self.pole.pole_id.clone();
        let outcomes = self.app.db.write(move |conn| keep(conn, &pole, &rows)).await?;
        for (place, outcome) in places.into_iter().zip(outcomes) {
            let Some(told) = told.get_mut(place) else { continue };
            *told = match (outcome, &*told) {
                (Some(Outcome::Dropped { before }), _) => {
                    Told::Refused(vec![retention::refusal(before)])
                }
                (Some(outcome), _) => Told::Outcome(outcome),
                (None, Told::Refused(faults)) => match faults.first() {
                    Some(fault) => Told::Unmatched(fault.clone()),
                    None => continue,
                },
                _ => continue,
            };
        }
        Ok(())
    }
}

/// Keeps events, and says of each what else became of it, if it was there in any way already.
fn keep(
    conn: &mut Db,
    pole: &PoleId,
    rows: &[UnmatchedRow],
) -> Result<Vec<Option<Outcome>>, DbError> {
    let mut keys: Vec<_> = rows.iter().map(UnmatchedRow::key).collect();
    keys.sort_unstable();
    keys.dedup();
    let books = usage::books(conn, pole)?;
    let counted = Counted::find(conn, pole, &keys)?;
    // Of two that share a key, the first that came stands.
    let taken = rows.iter().filter(|row| books.dropped(row.happened_at).is_none());
    let new = taken.filter(|row| counted.row(row.key()).is_none());
    unmatched::add(conn, &new.cloned().collect::<Vec<_>>())?;
    let kept = unmatched::find_all(conn, pole, &keys)?;
    let kept: HashMap<_, _> = kept.iter().map(|row| (row.key(), row)).collect();
    let alive = |row: &UnmatchedRow| match (counted.row(row.key()), kept.get(&row.key())) {
        (Some(there), _) if counted.is_of(there, row) => Some(Outcome::Duplicate),
        (None, Some(kept)) if kept.is(row) => match kept.state {
            UnmatchedState::Waiting => None,
            UnmatchedState::Resolved | UnmatchedState::Discarded => Some(Outcome::Duplicate),
        },
        _ => Some(Outcome::Conflict),
    };
    let outcome = |row: &UnmatchedRow| match books.dropped(row.happened_at) {
        Some(before) => Some(Outcome::Dropped { before }),
        None => alive(row),
    };
    Ok(rows.iter().map(outcome).collect())
}

impl UnmatchedRow {
    /// Whether it is the same event as another, sent again.
    fn is(&self, other: &Self) -> bool {
        let names = |row: &Self| [row.member.clone(), row.meter.clone(), row.service.clone()];
        names(self) == names(other) && self.content() == other.content()
    }

    fn content(&self) -> (i64, &str, Option<Time>, Option<&str>) {
        (self.quantity_micros, &self.properties, self.amends_at, self.amends_id.as_deref())
    }

    /// The event, of the member that is meant.
    fn reported(&self, members: &BTreeMap<String, String>) -> Result<Reported<'_>, DbError> {
        let properties: Properties<'_> = match self.properties.as_str() {
            "" => Properties::new(),
            json => serde_json::from_str(json).map_err(|error| self.unreadable(&error))?,
        };
        let member = members.get(&self.member).unwrap_or(&self.member);
        Ok(Reported {
            id: Cow::Borrowed(&self.event_id),
            member: Cow::Owned(member.clone()),
            meter: Cow::Borrowed(&self.meter),
            service: Some(Cow::Borrowed(self.service.as_str())).filter(|it| !it.is_empty()),
            at: self.happened_at,
            quantity: Quantity::from_units(self.quantity_micros),
            properties,
            amends: self.amends_at.zip(self.amends_id.clone()),
        })
    }

    fn unreadable(&self, error: &serde_json::Error) -> DbError {
        DbError::Unreadable {
            table: "usage_unmatched",
            id: self.event_id.clone(),
            what: error.to_string(),
        }
    }
}

/// Events that count, of keys that some call unmatched: their subscription may have been cut short
/// since, or their member called otherwise.
struct Counted {
    rows: HashMap<(Time, String), EventRow>,
    names: HashMap<i64, Names>,
}

impl Counted {
    fn find(conn: &mut Db, pole: &PoleId, keys: &[(Time, &str)]) -> Result<Self, DbError> {
        let rows = usage::find_all(conn, pole, keys)?;
        let series: HashSet<_> = rows.iter().map(|row| row.series_id).collect();
        let names = series::names(conn, pole, &Vec::from_iter(series))?;
        let key = |row: &EventRow| (row.happened_at, row.event_id.clone());
        Ok(Self {
            rows: rows.into_iter().map(|row| (key(&row), row)).collect(),
            names: names.into_iter().map(|names| (names.0, names)).collect(),
        })
    }

    fn row(&self, (at, id): (Time, &str)) -> Option<&EventRow> {
        self.rows.get(&(at, id.to_owned()))
    }

    /// Whether an event that counts is the one that is reported here.
    fn is_of(&self, there: &EventRow, row: &UnmatchedRow) -> bool {
        let amends = (there.amends_at, there.amends_id.as_deref());
        let content = (there.quantity_micros, there.properties.as_str(), amends.0, amends.1);
        let named = self.names.get(&there.series_id).is_some_and(|(_, member, meter)| {
            member.contains(&row.member) && meter.contains(&row.meter)
        });
        named && content == row.content()
    }
}
