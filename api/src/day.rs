//! Days of the calendar.

use std::str::FromStr;

use jiff::Span;
use jiff::civil::Date;
use palier_billing::time_zone;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::openapi::{KnownFormat, ObjectBuilder, RefOr, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::clock::Time;
use crate::db::{poles::PoleRow, text_column};

/// A day, `2026-11-01` in JSON and in the database, where later days sort later.
#[derive(
    Clone,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    diesel::expression::AsExpression,
    diesel::deserialize::FromSqlRow,
)]
#[diesel(sql_type = diesel::sql_types::Text)]
pub(crate) struct Day(String);

text_column!(Day, |day| &day.0);

impl Day {
    /// The day it is in a pole.
    pub(crate) fn today(pole: &PoleRow, now: Time) -> Self {
        // A pole has a time zone that exists; without one, days would begin in London.
        let zone = time_zone(&pole.time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
        zone.to_datetime(now.timestamp()).date().into()
    }

    /// For calendars.
    pub(crate) fn date(&self) -> Date {
        self.0.parse().unwrap_or(Date::ZERO)
    }

    /// The last day of its month.
    pub(crate) fn end_of_month(&self) -> Self {
        self.date().last_of_month().into()
    }

    /// The first day of its month.
    pub(crate) fn start_of_month(&self) -> Self {
        self.date().first_of_month().into()
    }

    /// The day after.
    pub(crate) fn next(&self) -> Self {
        self.date().tomorrow().unwrap_or(Date::MAX).into()
    }

    /// So many days later.
    pub(crate) fn plus(&self, days: u16) -> Self {
        self.date().saturating_add(Span::new().days(days)).into()
    }
}

impl From<Date> for Day {
    fn from(date: Date) -> Self {
        Self(date.to_string())
    }
}

impl FromStr for Day {
    type Err = jiff::Error;

    fn from_str(text: &str) -> Result<Self, jiff::Error> {
        text.parse::<Date>().map(Self::from)
    }
}

impl std::fmt::Display for Day {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl PartialSchema for Day {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::KnownFormat(KnownFormat::Date)))
            .description(Some("A day in the pole's time zone."))
            .examples(["2026-11-01"])
            .into()
    }
}

impl ToSchema for Day {}
