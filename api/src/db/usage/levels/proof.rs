//! Levels, looked at for their own sake: whether they are what the events say.

use diesel::prelude::*;

use crate::clock::Time;
use crate::db::schema::usage_levels;
use crate::db::usage::{KEYS, LevelRow};
use crate::db::{Db, DbError};
use crate::id::PoleId;

/// The key of a level within its pole.
pub(crate) type LevelKey = (i64, Time, String);

impl LevelRow {
    /// By which levels are told apart.
    pub(crate) fn key(&self) -> LevelKey {
        (self.series_id, self.happened_at, self.event_id.clone())
    }
}

/// The rows that have the keys of these, sorted by key.
pub(crate) fn find(
    conn: &mut Db,
    pole: &PoleId,
    wanted: &[LevelRow],
) -> Result<Vec<LevelRow>, DbError> {
    let mut found: Vec<LevelRow> = Vec::new();
    for wanted in wanted.chunks(KEYS) {
        let times = wanted.iter().map(|row| row.happened_at);
        let (Some(first), Some(last)) = (times.clone().min(), times.max()) else { continue };
        let rows = usage_levels::table
            .filter(usage_levels::pole_id.eq(pole))
            .filter(usage_levels::series_id.eq_any(wanted.iter().map(|row| row.series_id)))
            .filter(usage_levels::happened_at.between(first, last))
            .filter(usage_levels::event_id.eq_any(wanted.iter().map(|row| &row.event_id)))
            .select(LevelRow::as_select());
        found.extend(rows.load(conn)?);
    }
    found.sort_by_key(LevelRow::key);
    Ok(found)
}

/// How many levels a pole has from an instant on.
pub(crate) fn count(conn: &mut Db, pole: &PoleId, from: Time) -> Result<i64, DbError> {
    let rows = usage_levels::table
        .filter(usage_levels::pole_id.eq(pole).and(usage_levels::happened_at.ge(from)));
    Ok(rows.count().get_result(conn)?)
}

/// Levels from an instant on by key, those behind a place.
pub(crate) fn page(
    conn: &mut Db,
    pole: &PoleId,
    from: Time,
    after: Option<LevelKey>,
    rows: i64,
) -> Result<Vec<LevelRow>, DbError> {
    let mut query = usage_levels::table
        .filter(usage_levels::pole_id.eq(pole).and(usage_levels::happened_at.ge(from)))
        .select(LevelRow::as_select())
        .into_boxed();
    if let Some((series, at, id)) = after {
        let later = usage_levels::happened_at.gt(at);
        let behind = later.or(usage_levels::happened_at.eq(at).and(usage_levels::event_id.gt(id)));
        let behind = usage_levels::series_id.eq(series).and(behind);
        let behind = usage_levels::series_id.gt(series).or(behind);
        query = query.filter(usage_levels::series_id.ge(series)).filter(behind);
    }
    let key = (usage_levels::series_id, usage_levels::happened_at, usage_levels::event_id);
    Ok(query.order(key).limit(rows).load(conn)?)
}

/// Takes a level away.
pub(crate) fn delete(conn: &mut Db, row: &LevelRow) -> Result<(), DbError> {
    let key = (&row.pole_id, row.series_id, row.happened_at, &row.event_id);
    diesel::delete(usage_levels::table.find(key)).execute(conn)?;
    Ok(())
}
