//! What the transaction of a group does.

use std::collections::{BTreeMap, HashSet};

use foldhash::{HashMap, HashMapExt as _};

use super::calendar::Calendar;
use super::recent::{READ, Recent};
use super::{Outcome, Placed, Reporter, void};
use crate::clock::Time;
use crate::db::usage::late::{self, LateRow};
use crate::db::usage::rollups::{Days, Total, add_delta};
use crate::db::usage::{self, Books, EventRow, LevelRow, VoidRow, series, turns};
use crate::db::{Db, DbError};
use crate::id::PoleId;

mod unmatched;

/// A batch, without who waits for it.
pub(super) struct Part {
    pub(super) pole: PoleId,
    pub(super) reporter: Reporter,
    pub(super) calendar: Calendar,
    pub(super) events: Vec<Placed>,
    pub(super) whole: bool,
}

impl Part {
    /// Whether more is done than to add events in the order of their key.
    fn writes_alone(&self) -> bool {
        self.whole || self.events.iter().any(|event| event.row.amends_id.is_some())
    }
}

/// An event, and where its outcome goes.
type Item = (Spot, Placed);

/// What became of an event, and where that goes.
type ItemOutcome = (Spot, Outcome);

/// A place among the outcomes: which batch, which event of it.
type Spot = (usize, usize);

/// Stores a group of batches. Those that want all or nothing, and events that amend others, each
/// take a turn of their own; all the rest is one run. Says what became of each event of each batch.
pub(super) fn store(
    conn: &mut Db,
    recent: &Recent,
    parts: Vec<Part>,
) -> Result<Vec<Vec<Outcome>>, DbError> {
    let mut outcomes: Vec<_> =
        parts.iter().map(|part| vec![Outcome::Withheld; part.events.len()]).collect();
    // In an order that all share, so that two who write to the same poles do not wait for each other.
    let mut poles: BTreeMap<PoleId, Vec<(usize, Part)>> = BTreeMap::new();
    for (nth, part) in parts.into_iter().enumerate() {
        poles.entry(part.pole.clone()).or_default().push((nth, part));
    }
    for (pole, parts) in poles {
        if recent.is_new(&pole) {
            let newest = usage::newest(conn, &pole, READ)?;
            recent.add(&pole, newest.iter().rev().map(|(at, id)| (*at, id.as_str())));
        }
        if parts.iter().any(|(_, part)| part.writes_alone()) {
            turns::alone(conn, &pole)?;
        } else {
            turns::together(conn, &pole)?;
        }
        let books = usage::books(conn, &pole)?;
        let mut turn = Turn {
            pole: &pole,
            recent,
            books,
            days: Days::new(),
            late: Vec::new(),
            written_at: None,
        };
        let (mut run, mut amendments) = (Vec::new(), Vec::new());
        for (nth, mut part) in parts {
            let events = std::mem::take(&mut part.events).into_iter().enumerate();
            let items = events.map(|(at, event)| ((nth, at), event));
            if part.whole {
                turn.whole(conn, items.collect(), &part, &mut outcomes)?;
                continue;
            }
            let (amending, plain): (Vec<Item>, Vec<Item>) = items.partition(is_amending);
            run.extend(plain);
            amendments.extend((!amending.is_empty()).then_some((amending, part)));
        }
        for (place, outcome) in turn.run(conn, run)? {
            put(&mut outcomes, place, outcome);
        }
        // Afterwards: what they amend may have come with them.
        for (amending, part) in amendments {
            for (place, event) in amending {
                put(&mut outcomes, place, turn.amendment(conn, event, &part)?);
            }
        }
        let Turn { days, late, written_at, .. } = turn;
        late::add(conn, &late)?;
        if let Some(at) = written_at {
            add_delta(conn, &pole, at, &days)?;
        }
    }
    Ok(outcomes)
}

fn is_amending((_, event): &Item) -> bool {
    event.row.amends_id.is_some()
}

fn put(outcomes: &mut [Vec<Outcome>], (batch, event): Spot, outcome: Outcome) {
    let place = outcomes.get_mut(batch).and_then(|batch| batch.get_mut(event));
    if let Some(place) = place {
        *place = outcome;
    }
}

/// Those of some keys that are on record.
fn there<'k>(
    conn: &mut Db,
    pole: &PoleId,
    mut keys: Vec<(Time, &'k str)>,
) -> Result<HashSet<(Time, &'k str)>, DbError> {
    keys.sort_unstable();
    keys.dedup();
    let rows = usage::find_all(conn, pole, &keys)?;
    let rows: HashSet<_> = rows.iter().map(EventRow::key).collect();
    Ok(keys.into_iter().filter(|key| rows.contains(key)).collect())
}

/// The events of one pole in a group.
struct Turn<'t> {
    pole: &'t PoleId,
    recent: &'t Recent,
    books: Books,
    /// What they add.
    days: Days,
    /// Those that belong to a month that is closed.
    late: Vec<LateRow>,
    /// When there was something to add.
    written_at: Option<Time>,
}

impl Turn<'_> {
    /// Stores all of a batch, or nothing.
    fn whole(
        &mut self,
        conn: &mut Db,
        events: Vec<Item>,
        part: &Part,
        outcomes: &mut [Vec<Outcome>],
    ) -> Result<(), DbError> {
        let (before, late) = (self.days.clone(), self.late.len());
        let stored = conn.attempt(|conn| {
            let (amending, plain): (Vec<_>, Vec<_>) = events.into_iter().partition(is_amending);
            let mut told = self.run(conn, plain)?;
            for (place, event) in amending {
                told.push((place, self.amendment(conn, event, part)?));
            }
            let all = told.iter().all(|(_, outcome)| outcome.is_stored());
            Ok::<_, DbError>((all, told))
        })?;
        let (all, told) = stored;
        if !all {
            self.days = before;
            self.late.truncate(late);
        }
        for (place, outcome) in told {
            let outcome = if all || !outcome.is_stored() { outcome } else { Outcome::Withheld };
            put(outcomes, place, outcome);
        }
        Ok(())
    }

    /// Stores events that amend nothing.
    fn run(&mut self, conn: &mut Db, items: Vec<Item>) -> Result<Vec<ItemOutcome>, DbError> {
        let moved = self.moved(conn, items.iter().map(|(_, event)| event.row.key()))?;
        let mut told = Vec::with_capacity(items.len());
        let mut sorted = Vec::with_capacity(items.len());
        for (nth, (place, event)) in items.into_iter().enumerate() {
            if moved.contains(&nth) {
                told.push((place, Outcome::Conflict));
            } else {
                sorted.push((place, event));
            }
        }
        // In the order of the key, so that they land side by side. The sort is stable: of two that
        // share a key, the first that came stands.
        sorted.sort_by(|(_, one), (_, other)| one.row.key().cmp(&other.row.key()));
        let (mut rows, mut rest) = (Vec::with_capacity(sorted.len()), Vec::new());
        let mut heads = Vec::with_capacity(sorted.len());
        let mut unmatched =
            self.unmatched(conn, sorted.iter().map(|(_, event)| event.row.key()).collect())?;
        for (place, Placed { mut row, day, level }) in sorted {
            row.late = row.happened_at < self.books.closed_before;
            if let Some(before) = self.books.dropped(row.happened_at) {
                told.push((place, Outcome::Dropped { before }));
            } else if let Some(outcome) = unmatched.answer(place, &row) {
                told.push((place, outcome));
            } else if rows.last().is_some_and(|last: &EventRow| last.key() == row.key()) {
                rest.push((place, row));
            } else {
                heads.push((place, day, level));
                rows.push(row);
            }
        }
        let new = usage::add(conn, &rows)?;
        self.recent.add(self.pole, rows.iter().map(EventRow::key));
        let mut levels = Vec::new();
        for ((row, (place, day, level)), new) in rows.into_iter().zip(heads).zip(new) {
            if new {
                told.push((place, Outcome::Accepted { late: row.late }));
                self.count(&row, day, level, &mut levels);
            } else {
                rest.push((place, row));
            }
        }
        usage::add_levels(conn, &levels)?;
        told.extend(self.compared(conn, rest)?);
        unmatched.resolve(conn, &told)?;
        Ok(told)
    }

    /// Those whose id is taken by an event of another time: one that is there, or one before them.
    fn moved<'k>(
        &self,
        conn: &mut Db,
        keys: impl Iterator<Item = (Time, &'k str)> + Clone,
    ) -> Result<HashSet<usize>, DbError> {
        let mut moved = HashSet::new();
        let suspects: HashMap<_, _> =
            self.recent.moved(self.pole, keys.clone()).into_iter().collect();
        if !suspects.is_empty() {
            let suspect = |(nth, key)| suspects.get(&nth).map(|other| (nth, key, *other));
            let suspects: Vec<_> = keys.clone().enumerate().filter_map(suspect).collect();
            let others = suspects.iter().map(|(_, (_, id), other)| (*other, *id)).collect();
            let others = there(conn, self.pole, others)?;
            let same = there(conn, self.pole, suspects.iter().map(|(_, key, _)| *key).collect())?;
            // Where an id stands at two times already, each is the same event when it comes again.
            let taken = suspects.iter().filter(|(_, (at, id), other)| {
                others.contains(&(*other, *id)) && !same.contains(&(*at, *id))
            });
            moved.extend(taken.map(|(nth, ..)| *nth));
        }
        let mut times: HashMap<&str, Time> = HashMap::with_capacity(keys.size_hint().0);
        for (nth, (at, id)) in keys.enumerate() {
            if !moved.contains(&nth) && *times.entry(id).or_insert(at) != at {
                moved.insert(nth);
            }
        }
        Ok(moved)
    }

    /// What became of events whose key is taken: each the same event, or another.
    fn compared(
        &self,
        conn: &mut Db,
        mut rows: Vec<(Spot, EventRow)>,
    ) -> Result<Vec<ItemOutcome>, DbError> {
        rows.sort_by(|(_, one), (_, other)| one.key().cmp(&other.key()));
        let mut keys: Vec<_> = rows.iter().map(|(_, row)| row.key()).collect();
        keys.dedup();
        let mut there = usage::find_all(conn, self.pole, &keys)?;
        there.sort_by(|one, other| one.key().cmp(&other.key()));
        let told = rows.iter().map(|(place, row)| {
            let known = there.binary_search_by(|it| it.key().cmp(&row.key()));
            let known = known.ok().and_then(|at| there.get(at));
            let same = known.is_some_and(|known| known.says_the_same(row));
            (*place, if same { Outcome::Duplicate } else { Outcome::Conflict })
        });
        Ok(told.collect())
    }

    /// Stores an event in the place of another.
    fn amendment(&mut self, conn: &mut Db, event: Placed, part: &Part) -> Result<Outcome, DbError> {
        let Placed { mut row, day, level } = event;
        let (Some(at), Some(id)) = (row.amends_at, row.amends_id.clone()) else {
            return Ok(Outcome::UnknownAmended);
        };
        if let Some(before) = self.books.dropped(row.happened_at) {
            return Ok(Outcome::Dropped { before });
        }
        row.late = row.happened_at < self.books.closed_before;
        let mut unmatched = self.unmatched(conn, vec![row.key()])?;
        if let Some(outcome) = unmatched.answer(Spot::default(), &row) {
            return Ok(outcome);
        }
        let outcome = self.amend(conn, Placed { row, day, level }, (at, id), part)?;
        unmatched.resolve(conn, &[(Spot::default(), outcome)])?;
        Ok(outcome)
    }

    /// The same, of an event that was not kept as unmatched and discarded.
    fn amend(
        &mut self,
        conn: &mut Db,
        Placed { row, day, level }: Placed,
        (at, id): (Time, String),
        part: &Part,
    ) -> Result<Outcome, DbError> {
        if let Some(known) = usage::find_all(conn, self.pole, &[row.key()])?.first() {
            let same = known.says_the_same(&row);
            return Ok(if same { Outcome::Duplicate } else { Outcome::Conflict });
        }
        if !self.moved(conn, std::iter::once(row.key()))?.is_empty() {
            return Ok(Outcome::Conflict);
        }
        let Some(first) = void::counting(conn, self.pole, at, &id)? else {
            return Ok(Outcome::UnknownAmended);
        };
        // What somebody does not reach is not there for them, here as everywhere.
        let owner = series::owner(conn, self.pole, first.series_id)?;
        let reach = &part.reporter.reach;
        if !owner.is_some_and(|(member, provider)| {
            reach.has_member(&member) || reach.has_provider(&provider)
        }) {
            return Ok(Outcome::UnknownAmended);
        }
        let void = VoidRow {
            pole_id: self.pole.clone(),
            happened_at: at,
            event_id: id,
            amended_by: Some(row.event_id.clone()),
            reason: "amended".to_owned(),
            actor: part.reporter.actor.clone(),
            voided_at: row.received_at,
        };
        void::take_out(conn, &first, void, &mut part.calendar.clone(), &mut self.days)?;
        usage::add(conn, std::slice::from_ref(&row))?;
        self.recent.add(self.pole, std::iter::once(row.key()));
        let mut levels = Vec::new();
        self.count(&row, day, level, &mut levels);
        usage::add_levels(conn, &levels)?;
        Ok(Outcome::Accepted { late: row.late })
    }

    /// Adds a new event to what counts.
    fn count(
        &mut self,
        row: &EventRow,
        day: i32,
        level: Option<String>,
        levels: &mut Vec<LevelRow>,
    ) {
        self.written_at.get_or_insert(row.received_at);
        if row.late {
            self.late.push(LateRow::new(row, level.clone(), false));
        }
        match level {
            None => {
                let total = Total { quantity_micros: row.quantity_micros, events: 1 };
                self.days.entry((day, row.series_id)).or_default().add(total);
            }
            Some(value) => levels.push(LevelRow {
                pole_id: row.pole_id.clone(),
                series_id: row.series_id,
                happened_at: row.happened_at,
                event_id: row.event_id.clone(),
                quantity_micros: row.quantity_micros,
                value,
            }),
        }
    }
}
