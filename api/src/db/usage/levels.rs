//! Levels: events of meters whose days cannot be added up.

use std::collections::HashMap;

use diesel::dsl::max;
use diesel::prelude::*;

use super::LevelRow;
use crate::clock::Time;
use crate::db::schema::usage_levels;
use crate::db::{Db, DbError};
use crate::id::PoleId;

mod proof;

pub(crate) use proof::{count, delete, find, page};

/// Of how many series the rows that stand are looked up at once. Each is looked for at the times of
/// all of them, which is a lookup for each pair.
const TOGETHER: usize = 30;

/// The levels of some series, from one instant to another.
pub(crate) fn between(
    conn: &mut Db,
    pole: &PoleId,
    (from, to): (Time, Time),
    series: &[i64],
) -> Result<Vec<LevelRow>, DbError> {
    let mut found = Vec::new();
    for series in series.chunks(super::SERIES) {
        let rows = usage_levels::table
            .filter(usage_levels::pole_id.eq(pole))
            .filter(usage_levels::series_id.eq_any(series))
            .filter(usage_levels::happened_at.ge(from).and(usage_levels::happened_at.lt(to)))
            .select(LevelRow::as_select());
        let rows: Vec<LevelRow> = rows.load(conn)?;
        found.extend(rows);
    }
    Ok(found)
}

/// The last level of each value of some series before an instant: where stocks stand then. Of several
/// at one instant, all are there.
pub(crate) fn standing(
    conn: &mut Db,
    pole: &PoleId,
    at: Time,
    series: &[i64],
) -> Result<Vec<LevelRow>, DbError> {
    let mut standing = Vec::new();
    for series in series.chunks(TOGETHER) {
        let before = usage_levels::table
            .filter(usage_levels::pole_id.eq(pole))
            .filter(usage_levels::series_id.eq_any(series))
            .filter(usage_levels::happened_at.lt(at));
        let stocks = (usage_levels::series_id, usage_levels::value);
        let last = (usage_levels::series_id, usage_levels::value, max(usage_levels::happened_at));
        let last: Vec<(i64, String, Option<Time>)> =
            before.group_by(stocks).select(last).load(conn)?;
        let last: HashMap<(i64, String), Time> = last
            .into_iter()
            .filter_map(|(series, value, at)| Some(((series, value), at?)))
            .collect();
        let times: Vec<Time> = last.values().copied().collect();
        for times in times.chunks(super::SERIES) {
            let rows = usage_levels::table
                .filter(usage_levels::pole_id.eq(pole))
                .filter(usage_levels::series_id.eq_any(series))
                .filter(usage_levels::happened_at.eq_any(times))
                .select(LevelRow::as_select());
            let rows: Vec<LevelRow> = rows.load(conn)?;
            standing.extend(rows.into_iter().filter(|row| {
                last.get(&(row.series_id, row.value.clone())) == Some(&row.happened_at)
            }));
        }
    }
    Ok(standing)
}
