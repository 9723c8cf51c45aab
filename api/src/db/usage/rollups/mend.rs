//! Days, looked at for their own sake, and mended where they are not what the events say.
//!
//! What is wrong with a day is put right by adding to it what is missing (or less than nothing), as
//! one more delta: that can be added whatever else comes in at the same time, and whoever folds
//! what. Only what cannot be added to is taken away first.

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::{DaySeries, Days, Total, add_delta, delta};
use crate::clock::Time;
use crate::db::schema::{usage_days, usage_deltas};
use crate::db::{Db, DbError};
use crate::id::PoleId;

/// How many sums one delta holds.
const SUMS: usize = 50_000;

impl Total {
    /// Whether anything can be added to it.
    pub(crate) fn fits(&self) -> bool {
        (-Self::LARGEST..=Self::LARGEST).contains(&self.quantity_micros)
    }

    /// What is to be added to another to make this of it.
    pub(crate) fn less(self, other: Self) -> Self {
        // What does not fit stays so, whatever it is added to.
        let quantity_micros = if self.fits() {
            self.quantity_micros.saturating_sub(other.quantity_micros)
        } else {
            Self::TOO_LARGE
        };
        Self { quantity_micros, events: self.events.saturating_sub(other.events) }
    }
}

/// What was not folded yet.
pub(crate) struct Unfolded {
    /// Each sum as it stands in one delta.
    pub(crate) sums: Vec<(DaySeries, Total)>,
    /// Deltas that cannot be read.
    pub(crate) unreadable: Vec<String>,
}

/// All that was not folded yet; usually that is little.
pub(crate) fn unfolded_of(conn: &mut Db, pole: &PoleId) -> Result<Unfolded, DbError> {
    let mut found = Unfolded { sums: Vec::new(), unreadable: Vec::new() };
    for (id, body) in deltas(conn, pole)? {
        match delta::decode(&body) {
            Some(days) => found.sums.extend(days),
            None => found.unreadable.push(id),
        }
    }
    Ok(found)
}

/// What is folded of the days behind one day, up to another.
pub(crate) fn folded(
    conn: &mut Db,
    pole: &PoleId,
    (after, last): (i32, i32),
) -> Result<Vec<(DaySeries, Total)>, DbError> {
    let rows = usage_days::table
        .filter(usage_days::pole_id.eq(pole))
        .filter(usage_days::day.gt(after).and(usage_days::day.le(last)))
        .select((
            usage_days::day,
            usage_days::series_id,
            usage_days::quantity_micros,
            usage_days::events,
        ));
    let rows: Vec<(i32, i64, i64, i64)> = rows.load(conn)?;
    let total = |quantity_micros, events| Total { quantity_micros, events };
    Ok(rows
        .into_iter()
        .map(|(day, series, sum, events)| ((day, series), total(sum, events)))
        .collect())
}

/// What mends days.
#[derive(Debug, Default)]
pub(crate) struct Mending {
    /// What is to be added.
    pub(crate) add: Days,
    /// Of these, what does not fit is taken away.
    pub(crate) stuck: BTreeSet<DaySeries>,
    /// Deltas that cannot be read, and go.
    pub(crate) unreadable: Vec<String>,
}

/// Mends days.
pub(crate) fn mend(
    conn: &mut Db,
    pole: &PoleId,
    at: Time,
    mending: &Mending,
) -> Result<(), DbError> {
    for id in &mending.unreadable {
        diesel::delete(usage_deltas::table.find((pole, id))).execute(conn)?;
    }
    for (day, series) in &mending.stuck {
        let sum = usage_days::quantity_micros;
        let fits = sum.between(-Total::LARGEST, Total::LARGEST);
        let row = usage_days::table.find((pole, *day, *series)).filter(diesel::dsl::not(fits));
        diesel::delete(row).execute(conn)?;
    }
    if !mending.stuck.is_empty() {
        for (id, body) in deltas(conn, pole)? {
            let Some(mut days) = delta::decode(&body) else { continue };
            let before = days.len();
            days.retain(|key, total| total.fits() || !mending.stuck.contains(key));
            if days.len() < before {
                let row = diesel::update(usage_deltas::table.find((pole, id)));
                row.set(usage_deltas::body.eq(delta::encode(&days))).execute(conn)?;
            }
        }
    }
    let sums: Vec<_> = mending.add.iter().collect();
    for sums in sums.chunks(SUMS) {
        let days = sums.iter().map(|(key, total)| (**key, **total)).collect();
        add_delta(conn, pole, at, &days)?;
    }
    Ok(())
}

fn deltas(conn: &mut Db, pole: &PoleId) -> Result<Vec<(String, Vec<u8>)>, DbError> {
    let rows = usage_deltas::table.filter(usage_deltas::pole_id.eq(pole));
    Ok(rows.select((usage_deltas::delta_id, usage_deltas::body)).load(conn)?)
}
