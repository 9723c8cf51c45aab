//! The present, which everything asks of one [`Clock`] so that tests and demonstrations can say
//! when they happen.

use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use diesel::deserialize::{self, FromSql};
use diesel::serialize::{self, Output, ToSql};
use diesel::{backend::Backend, sql_types::BigInt};
use diesel::{deserialize::FromSqlRow, expression::AsExpression};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use utoipa::openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

/// An instant, to the microsecond: RFC 3339 in UTC outside, microseconds since 1970 in the
/// database.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = BigInt)]
pub(crate) struct Time {
    micros: i64,
}

impl Time {
    /// Microseconds since 1970.
    pub(crate) const fn micros(self) -> i64 {
        self.micros
    }

    /// The same instant for calendars.
    pub(crate) fn timestamp(self) -> Timestamp {
        Timestamp::from_microsecond(self.micros).unwrap_or(Timestamp::MAX)
    }

    /// Later (or earlier) by a duration; the ends of time stay where they are.
    pub(crate) fn plus(self, duration: SignedDuration) -> Self {
        let micros = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
        self.timestamp()
            .checked_add(SignedDuration::from_micros(micros))
            .map_or(Timestamp::MAX, |timestamp| timestamp)
            .into()
    }

    /// How long it has been since an earlier instant.
    pub(crate) fn since(self, earlier: Self) -> SignedDuration {
        SignedDuration::from_micros(self.micros.saturating_sub(earlier.micros))
    }
}

impl From<Timestamp> for Time {
    fn from(timestamp: Timestamp) -> Self {
        Self { micros: timestamp.as_microsecond() }
    }
}

impl FromStr for Time {
    type Err = jiff::Error;

    fn from_str(text: &str) -> Result<Self, jiff::Error> {
        text.parse::<Timestamp>().map(Self::from)
    }
}

impl std::fmt::Display for Time {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.timestamp().fmt(f)
    }
}

impl Serialize for Time {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl PartialSchema for Time {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::DateTime)))
            .description(Some("An instant, RFC 3339, in UTC."))
            .examples(["2026-11-01T08:30:00Z"])
            .into()
    }
}

impl ToSchema for Time {}

impl<DB> ToSql<BigInt, DB> for Time
where
    DB: Backend,
    i64: ToSql<BigInt, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.micros.to_sql(out)
    }
}

impl<DB> FromSql<BigInt, DB> for Time
where
    DB: Backend,
    i64: FromSql<BigInt, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        i64::from_sql(bytes).map(|micros| Self { micros })
    }
}

/// Where the present comes from: the machine's clock, that clock moved to another time, or a clock
/// that stands still.
#[derive(Clone, Debug)]
pub(crate) struct Clock(Arc<Hands>);

#[derive(Debug)]
struct Hands {
    /// By how much it is ahead of the machine's, in microseconds.
    ahead: AtomicI64,
    /// The instant at which it stands; [`RUNNING`] while it runs.
    stopped: AtomicI64,
}

/// No instant of ours.
const RUNNING: i64 = i64::MIN;

impl Default for Clock {
    fn default() -> Self {
        Self(Arc::new(Hands { ahead: AtomicI64::new(0), stopped: AtomicI64::new(RUNNING) }))
    }
}

impl Clock {
    /// A clock that shows `now` at this moment and goes on from there.
    pub(crate) fn starting_at(now: Timestamp) -> Self {
        let clock = Self::default();
        clock.run_from(now.into());
        clock
    }

    /// Stands still at an instant from now on.
    pub(crate) fn stop_at(&self, instant: Time) {
        self.0.stopped.store(instant.micros, Ordering::Relaxed);
    }

    /// Runs from an instant on.
    pub(crate) fn run_from(&self, instant: Time) {
        let ahead = instant.micros.saturating_sub(machine());
        self.0.ahead.store(ahead, Ordering::Relaxed);
        self.0.stopped.store(RUNNING, Ordering::Relaxed);
    }

    /// The present.
    pub(crate) fn now(&self) -> Time {
        match self.0.stopped.load(Ordering::Relaxed) {
            RUNNING => {
                let ahead = self.0.ahead.load(Ordering::Relaxed);
                Time { micros: machine().saturating_add(ahead) }
            }
            micros => Time { micros },
        }
    }
}

fn machine() -> i64 {
    Timestamp::now().as_microsecond()
}
