//! Usage as it was reported.

use std::collections::HashMap;

use actix_web::get;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::PolePath;
use crate::auth::{May, UsageRead};
use crate::clock::Time;
use crate::db::usage::{self, EventRow, VoidRow, retention, series};
use crate::http::{Answer, Cursor, List, Page, PageQuery, Query};
use crate::id::{MemberId, MeterId};
use crate::problem::Problem;
use crate::tariff::QuantityText;

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(list_usage_events);
}

/// Which events.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct EventFilter {
    /// Those that happened at this instant or later.
    #[param(value_type = Option<String>, format = "date-time")]
    from: Option<Time>,
    /// Those that happened before this instant.
    #[param(value_type = Option<String>, format = "date-time")]
    to: Option<Time>,
    /// Of this member.
    #[param(value_type = Option<String>, pattern = "^mbr_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    member: Option<MemberId>,
    /// Of this meter.
    #[param(value_type = Option<String>, pattern = "^mtr_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    meter: Option<MeterId>,
}

/// An event that is on record.
#[derive(Serialize, ToSchema)]
struct UsageEvent {
    /// The reporter's name for it.
    #[schema(example = "job-4711")]
    id: String,
    member: MemberId,
    meter: MeterId,
    /// When it happened.
    time: Time,
    /// How much, in the meter's unit.
    #[schema(value_type = QuantityText)]
    quantity: String,
    /// What charges may filter by, and what different values are counted of.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    properties: Box<RawValue>,
    /// The event it takes the place of.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    amends: Option<Reference>,
    /// Whether its month was closed when it came in.
    late: bool,
    received_at: Time,
    /// Since when it no longer counts, and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    voided: Option<Voided>,
}

/// An event, by what tells it from others.
#[derive(Serialize, ToSchema)]
#[schema(as = UsageEventKey)]
pub(super) struct Reference {
    /// The reporter's name for it.
    pub(super) id: String,
    /// When it happened.
    pub(super) time: Time,
}

/// Why an event no longer counts.
#[derive(Serialize, ToSchema)]
#[schema(as = UsageVoid)]
struct Voided {
    /// Since when.
    at: Time,
    /// Who said so: the id of a user or of a key.
    actor: String,
    /// Why.
    reason: String,
    /// The event that took its place.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    amended_by: Option<String>,
}

/// A page of events.
type UsageEventList = List<UsageEvent>;

/// Where an event stands: by time, then by id.
pub(super) struct Place(pub(super) Time, pub(super) String);

impl Cursor for Place {
    fn write(&self) -> String {
        format!("{}\n{}", self.0.micros(), self.1)
    }

    fn read(text: &str) -> Option<Self> {
        let (micros, id) = text.split_once('\n')?;
        let at = jiff::Timestamp::from_microsecond(micros.parse().ok()?).ok()?;
        Some(Self(at.into(), id.to_owned()))
    }
}

/// Lists the events that were reported, by time.
///
/// Those that no longer count are there too, and say why. Members see their own, providers those of
/// their services.
#[utoipa::path(
    tag = "usage",
    operation_id = "listUsageEvents",
    params(PolePath, PageQuery, EventFilter),
    responses((status = 200, description = "A page of events.", body = UsageEventList)),
    security(("token" = ["usage:read"])),
)]
#[get("/usage/events")]
async fn list_usage_events(
    caller: May<UsageRead>,
    page: Page,
    filter: Query<EventFilter>,
) -> Result<Answer, Problem> {
    let Query(EventFilter { from, to, member, meter }) = filter;
    let (reach, after, rows) = (caller.reach.clone(), page.after::<Place>()?, page.rows());
    let from = from.unwrap_or_else(|| jiff::Timestamp::MIN.into());
    let to = to.unwrap_or_else(|| jiff::Timestamp::MAX.into());
    let (found, names) = caller
        .read(move |conn, pole| {
            let from = from.max(retention::begins(conn, pole)?);
            let owners = series::owners(conn, pole)?;
            let reached = owners.iter().filter(|(_, owner, provider)| {
                reach.has_member(owner) || reach.has_provider(provider)
            });
            let reached: std::collections::HashSet<_> = reached.map(|(id, ..)| *id).collect();
            let names: HashMap<_, _> = series::of_pole(conn, pole)?
                .into_iter()
                .filter(|row| reached.contains(&row.series_id))
                .filter(|row| member.as_ref().is_none_or(|member| row.member_id == *member))
                .filter(|row| meter.as_ref().is_none_or(|meter| row.meter_id == *meter))
                .map(|row| (row.series_id, (row.member_id, row.meter_id)))
                .collect();
            let all = reach.pole && member.is_none() && meter.is_none();
            let wanted = (!all).then(|| names.keys().copied().collect());
            let after = after.map(|Place(at, id)| (at, id));
            let found = usage::page(conn, pole, (from, to), wanted, after.as_ref(), rows)?;
            Ok((found, names))
        })
        .await?;
    let page = page.list(found, |(row, _)| Place(row.happened_at, row.event_id.clone()));
    Answer::ok(&page.try_map(|(row, void)| UsageEvent::read(row, void, &names))?)
}

impl UsageEvent {
    fn read(
        row: EventRow,
        void: Option<VoidRow>,
        names: &HashMap<i64, (MemberId, MeterId)>,
    ) -> Result<Self, Problem> {
        let named = names.get(&row.series_id).cloned();
        let (member, meter) = named.ok_or_else(|| Problem::internal(&"usage without series"))?;
        let properties = if row.properties.is_empty() { "{}".to_owned() } else { row.properties };
        let quantity = palier_billing::Quantity::from_units(row.quantity_micros);
        let amends = row.amends_at.zip(row.amends_id).map(|(time, id)| Reference { id, time });
        Ok(Self {
            id: row.event_id,
            member,
            meter,
            time: row.happened_at,
            quantity: quantity.to_string(),
            properties: RawValue::from_string(properties)
                .map_err(|error| Problem::internal(&error))?,
            amends,
            late: row.late,
            received_at: row.received_at,
            voided: void.map(|void| Voided {
                at: void.voided_at,
                actor: void.actor,
                reason: void.reason,
                amended_by: void.amended_by,
            }),
        })
    }
}
