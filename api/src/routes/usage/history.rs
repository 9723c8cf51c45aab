//! Usage as a series: by day or month, of what the caller reaches.

use std::collections::BTreeMap;

use actix_web::get;
use jiff::civil::Date;
use palier_billing::{Days, Month, Period, Quantity};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::PolePath;
use crate::auth::{May, UsageRead};
use crate::clock::Time;
use crate::day::Day;
use crate::db::meters::{MeterAggregation, MeterRow};
use crate::db::usage::series::{self, Filter};
use crate::db::words;
use crate::http::{Answer, Query};
use crate::id::{MemberId, MeterId, ServiceId};
use crate::metering::Calendar;
use crate::metering::history::{self, Group, HistoryError, Part};
use crate::problem::{Fault, Problem};
use crate::say;
use crate::tariff::QuantityText;

/// How many days, times what is counted by itself, one question may be about.
const CELLS: usize = 1_000_000;
/// How many days or months one answer may have.
const PERIODS: usize = 400;

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(get_usage);
}

words! {
    /// How long the stretches are of which usage is told.
    pub(super) enum UsageStep {
        /// Days of the pole's calendar.
        Day = "day",
        /// Months of the pole's calendar.
        Month = "month",
    }
}

/// Which usage.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct UsageQuery {
    /// The first day; that of the current month, if left out.
    #[param(value_type = Option<String>, format = "date")]
    from: Option<Day>,
    /// The last day; today, if left out.
    #[param(value_type = Option<String>, format = "date")]
    to: Option<Day>,
    /// By day, as usual, or by month: then from the beginning of the first to the end of the last.
    #[param(inline)]
    by: Option<UsageStep>,
    /// Of this service.
    #[param(value_type = Option<String>, pattern = "^svc_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    service: Option<ServiceId>,
    /// Of this meter.
    #[param(value_type = Option<String>, pattern = "^mtr_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    meter: Option<MeterId>,
    /// Of this member.
    #[param(value_type = Option<String>, pattern = "^mbr_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    member: Option<MemberId>,
    /// The dimension that `value` and `group_by` are about.
    #[param(min_length = 1, max_length = 64, example = "queue")]
    dimension: Option<String>,
    /// Only usage with this value of `dimension`; empty for usage that has none.
    #[param(max_length = 256, example = "gpu")]
    value: Option<String>,
    /// Tell members apart, values of `dimension`, or both. Meters always are: hours and gigabytes do
    /// not add up.
    #[param(
        pattern = "^(member|dimension|member,dimension|dimension,member)$",
        example = "member"
    )]
    group_by: Option<String>,
}

/// Usage, by day or month of the pole's calendar.
#[derive(Serialize, ToSchema)]
struct Usage {
    from: Day,
    /// The last day, included.
    to: Day,
    by: UsageStep,
    /// Where days begin.
    #[schema(example = "Europe/Paris")]
    time_zone: String,
    /// It counts every event that was on disk by then.
    as_of: Time,
    /// One for each meter, and for each member or value where they are told apart.
    series: Vec<UsageSeries>,
}

/// What was used of a meter.
#[derive(Serialize, ToSchema)]
struct UsageSeries {
    service: ServiceId,
    meter: MeterId,
    /// What usage calls the meter.
    #[schema(example = "core-hours")]
    code: String,
    /// The unit of its quantities (UN/ECE recommendation 20).
    #[schema(example = "HUR")]
    unit: String,
    aggregation: MeterAggregation,
    /// Whose it is, where members are told apart.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    member: Option<MemberId>,
    /// The value of the dimension, where they are told apart; empty for usage that has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "gpu")]
    value: Option<String>,
    /// Days or months in their order; those in which nothing was used are left out.
    points: Vec<UsagePoint>,
}

/// What was used in a day or a month.
#[derive(Serialize, ToSchema)]
struct UsagePoint {
    /// Its first day.
    start: Day,
    /// By the meter's own rule: a sum, a number of events, a maximum, different values, or a stock,
    /// of each member, and added up over the members.
    #[schema(value_type = QuantityText)]
    quantity: Quantity,
}

/// Usage by day or month.
///
/// Exact, and of this moment: every event that was accepted is in it, and none that was voided.
/// Members see their own, providers that of their services. There are no hours: usage is kept added
/// up by day.
#[utoipa::path(
    tag = "usage",
    operation_id = "getUsage",
    params(PolePath, UsageQuery),
    responses(
        (status = 200, description = "The usage.", body = Usage),
        (status = 400, description = "The question makes no sense, or is too large."),
        (status = 409, description = "A sum is too large to be represented.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["usage:read"])),
)]
#[get("/usage")]
async fn get_usage(caller: May<UsageRead>, query: Query<UsageQuery>) -> Result<Answer, Problem> {
    let Query(query) = query;
    let (pole, as_of) = (caller.pole.clone(), caller.now());
    let today = Day::today(&pole, as_of);
    let from = query.from.clone().unwrap_or_else(|| today.start_of_month());
    let to = query.to.clone().unwrap_or_else(|| today.clone().max(from.clone()));
    let by = query.by.unwrap_or(UsageStep::Day);
    query.check(&from, &to)?;
    let periods = periods(&Calendar::of(&pole), (&from, &to), by, &today)?;
    let reach = &caller.reach;
    let among = (!reach.pole).then(|| (reach.members.clone(), reach.providers.clone()));
    let filter = Filter {
        among,
        member: query.member.clone(),
        meter: query.meter.clone(),
        service: query.service.clone(),
    };
    let series = caller
        .read(move |conn, pole| {
            conn.snapshot(|conn| {
                let found = series::with_meters(conn, pole, &filter)?;
                let parts = found.into_iter().filter_map(|found| query.part(found).transpose());
                let parts = parts.collect::<Result<Vec<_>, _>>()?;
                if history::cells(&parts, &periods) > CELLS {
                    return Err(too_much());
                }
                let history = history::read(conn, pole, &parts, &periods)?;
                let meters = parts.iter().map(|part| (&part.group, &part.meter));
                let meters: BTreeMap<_, _> = meters.collect();
                let series = history.into_iter().filter_map(|(group, points)| {
                    let meter = meters.get(&group)?;
                    Some(UsageSeries::new(meter, group.clone(), points))
                });
                Ok(series.collect())
            })
        })
        .await?;
    let time_zone = caller.pole.time_zone.clone();
    Answer::ok(&Usage { from, to, by, time_zone, as_of, series })
}

impl UsageQuery {
    fn check(&self, from: &Day, to: &Day) -> Result<(), Problem> {
        if to < from {
            let detail = say!(
                en "The last day lies before the first.",
                fr "Le dernier jour précède le premier."
            );
            return Err(Problem::bad_request(Fault::query("to", "order", detail)));
        }
        if self.dimension.is_none() && (self.value.is_some() || self.groups("dimension")) {
            let detail = say!(en "Say which dimension.", fr "Précisez la dimension.");
            return Err(Problem::bad_request(Fault::query("dimension", "required", detail)));
        }
        Ok(())
    }

    fn groups(&self, by: &str) -> bool {
        self.group_by.iter().flat_map(|words| words.split(',')).any(|word| word == by)
    }

    /// A series, if it is asked for.
    fn part(
        &self,
        (series, meter): (series::SeriesRow, MeterRow),
    ) -> Result<Option<Part>, crate::db::DbError> {
        let values = series.values()?;
        let value =
            self.dimension.as_ref().map(|name| values.get(name).cloned().unwrap_or_default());
        if self.value.is_some() && value != self.value {
            return Ok(None);
        }
        let group = Group {
            meter: series.meter_id.clone(),
            member: self.groups("member").then(|| series.member_id.clone()),
            value: value.filter(|_| self.groups("dimension")),
        };
        Ok(Some(Part { series, values, meter, group }))
    }
}

impl UsageSeries {
    fn new(
        meter: &MeterRow,
        Group { member, value, .. }: Group,
        points: impl IntoIterator<Item = (Date, Quantity)>,
    ) -> Self {
        let points = points.into_iter();
        Self {
            service: meter.service_id.clone(),
            meter: meter.meter_id.clone(),
            code: meter.code.clone(),
            unit: meter.unit.clone(),
            aggregation: meter.aggregation,
            member,
            value,
            points: points
                .map(|(start, quantity)| UsagePoint { start: start.into(), quantity })
                .collect(),
        }
    }
}

/// The days or months from one day to another, as far as they have begun: stocks would stand for ever.
fn periods(
    calendar: &Calendar,
    (from, to): (&Day, &Day),
    by: UsageStep,
    today: &Day,
) -> Result<Vec<Period>, Problem> {
    let out_of_time = |error: palier_billing::Error| {
        Problem::bad_request(Fault::query("to", "range", (&error).into()))
    };
    let last = to.min(today).date();
    let mut first = match by {
        UsageStep::Day => from.date(),
        UsageStep::Month => from.date().first_of_month(),
    };
    let mut periods = Vec::new();
    while first <= last {
        if periods.len() >= PERIODS {
            return Err(too_much());
        }
        let end = match by {
            UsageStep::Day => first.tomorrow().map_err(palier_billing::Error::from),
            UsageStep::Month => Month::of(first).days().map(Days::end),
        };
        let end = end.map_err(out_of_time)?;
        let days = Days::new(first, end).and_then(|days| days.period(calendar.zone()));
        periods.push(days.map_err(out_of_time)?);
        first = end;
    }
    Ok(periods)
}

fn too_much() -> Problem {
    let detail = say!(
        en "Ask for fewer days, or for less: a service, a meter or a member.",
        fr "Demandez moins de jours, ou moins à la fois : un service, un compteur ou un adhérent."
    );
    Problem::bad_request(Fault::query("from", "too_much", detail))
}

impl From<HistoryError> for Problem {
    fn from(error: HistoryError) -> Self {
        match error {
            HistoryError::Db(error) => error.into(),
            HistoryError::Usage(error) => Self::state((&error).into()),
        }
    }
}
