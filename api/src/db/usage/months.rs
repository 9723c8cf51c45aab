//! The tables in which events stand on PostgreSQL: one for each month of their time, in UTC, made by
//! whoever first writes an event of it. SQLite keeps all events in the order of their key, where a
//! month of a pole is one stretch already.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use diesel::RunQueryDsl as _;
use diesel::connection::SimpleConnection as _;
use diesel::sql_types::Integer;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::clock::Time;
use crate::db::{Database, DatabaseUrl, Db, DbError};

/// Months whose tables are known to be there.
#[derive(Debug, Default)]
pub(crate) struct Months {
    /// When each begins, and when it ends.
    known: Mutex<BTreeMap<Time, Time>>,
}

impl Months {
    /// Makes the tables that events of these times need, unless they are known to be there: in
    /// transactions of their own, so that whoever writes events waits for nobody who makes one.
    pub(crate) fn make(
        &self,
        db: &Database,
        times: impl IntoIterator<Item = Time>,
    ) -> Result<(), DbError> {
        if matches!(db.url(), DatabaseUrl::Sqlite(_)) {
            return Ok(());
        }
        // Mostly, all happened in the month that the first one happened in.
        let mut last = None;
        for at in times {
            if last.is_some_and(|(from, to)| from <= at && at < to) {
                continue;
            }
            let known = self.known().range(..=at).next_back().map(|(from, to)| (*from, *to));
            let known = known.filter(|(_, to)| at < *to);
            last = Some(match known {
                Some(known) => known,
                None => self.make_one(db, at)?,
            });
        }
        Ok(())
    }

    /// Takes it that tables may have gone: somebody else drops those that nobody needs.
    pub(crate) fn forget(&self) {
        self.known().clear();
    }

    fn make_one(&self, db: &Database, at: Time) -> Result<(Time, Time), DbError> {
        let first = TimeZone::UTC.to_datetime(at.timestamp()).date().first_of_month();
        let next = first.last_of_month().tomorrow().unwrap_or(Date::MAX);
        let make = diesel::sql_query("SELECT usage_month_make($1)");
        let make = make.bind::<Integer, _>(number(first));
        db.write_now(|conn| match conn {
            Db::Sqlite(_) => Ok(()),
            Db::Postgres(conn) => make.execute(conn).map(drop).map_err(DbError::from),
        })?;
        let (from, to) = (begin(first), begin(next));
        self.known().insert(from, to);
        Ok((from, to))
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<Time, Time>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Months since January 1970.
fn number(first: Date) -> i32 {
    let years = i32::from(first.year()).saturating_sub(1970);
    years.saturating_mul(12).saturating_add(i32::from(first.month())).saturating_sub(1)
}

/// When a day begins, in UTC.
fn begin(day: Date) -> Time {
    let begin = TimeZone::UTC.to_timestamp(day.into());
    begin.unwrap_or(jiff::Timestamp::MAX).into()
}

/// Drops the tables of months that nobody needs any more. It asks to be a transaction of its own.
///
/// Everybody who writes or reads events waits for it, and it for those who are at it: not for long.
///
/// # Errors
/// One that is passing, if others are at it for longer; nothing is dropped then.
pub(crate) fn drop_unneeded(conn: &mut Db) -> Result<(), DbError> {
    let Db::Postgres(conn) = conn else { return Ok(()) };
    conn.batch_execute("SET LOCAL lock_timeout = '200ms'; SELECT usage_months_drop()")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_numbered_from_january_1970() {
        let of = |day: &str| number(day.parse().unwrap());
        assert_eq!(of("1970-01-01"), 0);
        assert_eq!(of("1969-12-01"), -1);
        assert_eq!(of("2026-11-01"), 682);
    }
}
