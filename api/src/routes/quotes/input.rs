//! What is to be priced.

use std::collections::{BTreeMap, BTreeSet};

use palier_billing::{Month, Quantity};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaFormat, Type};

use crate::day::Day;
use crate::http::{DraftInput, Input};
use crate::id::TariffId;
use crate::problem::Fault;
use crate::say;
use crate::tariff::{QuantityText, TariffWithMeters};

/// A tariff, and a pool that uses what it prices.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "tariff": { "charges": [{
        "kind": "usage", "name": "Core-hours", "model": "graduated", "tiers": [
            { "up_to": "10000", "unit_amount": "0.08" },
            { "up_to": "50000", "unit_amount": "0.055" },
            { "unit_amount": "0.03" },
        ],
    }] },
    "pool": {
        "members": [{ "member": "atelier", "quantity": "1200" }],
        "others": { "count": 2, "quantity": "58800" },
    },
}))]
pub(super) struct QuoteInput {
    #[schema(value_type = TariffWithMeters)]
    #[expect(dead_code, reason = "read apart")]
    tariff: Value,
    pub(super) pool: QuotedPool,
    /// The months to price. Without any the pool is priced for one month that has no date: each
    /// recurring fee is due once, for its whole interval.
    #[serde(default)]
    #[schema(required = false, max_items = 36)]
    pub(super) months: Vec<QuotedMonth>,
    /// The day from which contract years count; the first day of the first month, if left out.
    #[schema(nullable = false)]
    pub(super) contract_start: Option<Day>,
}

/// A pool that uses a service.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "pool": {
        "members": [{ "member": "atelier", "quantity": "1200" }],
        "others": { "count": 2, "quantity": "58800" },
    },
}))]
pub(super) struct ServiceQuoteInput {
    /// The tariff version to price by; the one in force, if left out.
    #[schema(nullable = false)]
    pub(super) tariff: Option<TariffId>,
    pub(super) pool: QuotedPool,
    /// The months to price. Without any the pool is priced for one month that has no date: each
    /// recurring fee is due once, for its whole interval.
    #[serde(default)]
    #[schema(required = false, max_items = 36)]
    pub(super) months: Vec<QuotedMonth>,
    /// The day from which contract years count; the service's anniversary, if left out.
    #[schema(nullable = false)]
    pub(super) contract_start: Option<Day>,
}

/// Who uses how much.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct QuotedPool {
    /// The members whose amounts are asked for.
    #[schema(min_items = 1, max_items = 500)]
    pub(super) members: Vec<QuotedMember>,
    #[schema(nullable = false)]
    pub(super) others: Option<OtherMembers>,
}

/// A member, and what it uses: a `quantity`, or `usage` where there are several meters, months or
/// properties.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct QuotedMember {
    /// What to call it: any name.
    #[schema(max_length = 64, format = "line", example = "forge")]
    pub(super) member: String,
    /// How much it uses of what the tariff prices, in each month.
    #[schema(value_type = Option<QuantityText>, nullable = false)]
    pub(super) quantity: Option<Quantity>,
    /// How much it uses, one by one.
    #[serde(default)]
    #[schema(required = false, max_items = 200)]
    pub(super) usage: Vec<QuotedUsage>,
    /// Its weight, where a cost is shared by weight.
    #[schema(value_type = Option<String>, format = "weight", example = "1", nullable = false)]
    pub(super) weight: Option<Quantity>,
    /// The first day of its subscription; long ago, if left out.
    #[schema(nullable = false)]
    pub(super) first_day: Option<Day>,
    /// The last day of its subscription; it goes on, if left out.
    #[schema(nullable = false)]
    pub(super) last_day: Option<Day>,
}

/// Members whose amounts are not asked for: how many they are, and what they use together. Each is
/// taken to use as much as any other.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct OtherMembers {
    /// How many they are.
    #[schema(minimum = 1, maximum = 1000, example = 11)]
    pub(super) count: u16,
    /// How much they use together of what the tariff prices, in each month.
    #[schema(value_type = Option<QuantityText>, nullable = false)]
    pub(super) quantity: Option<Quantity>,
    /// How much they use together, one by one.
    #[serde(default)]
    #[schema(required = false, max_items = 200)]
    pub(super) usage: Vec<QuotedUsage>,
    /// The weight of each, where a cost is shared by weight.
    #[schema(value_type = Option<String>, format = "weight", example = "1", nullable = false)]
    pub(super) weight: Option<Quantity>,
}

/// Some usage: a `quantity`, or the quantities of `events` where a price is per event.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct QuotedUsage {
    /// Code of the meter; may be left out where there is only one.
    #[schema(min_length = 1, max_length = 64, example = "core-hours", nullable = false)]
    pub(super) meter: Option<String>,
    /// How much, in the meter's unit.
    #[schema(value_type = Option<QuantityText>, nullable = false)]
    pub(super) quantity: Option<Quantity>,
    /// The quantity of each event; they are added up.
    #[serde(default)]
    #[schema(value_type = Vec<QuantityText>, required = false, max_items = 1000)]
    pub(super) events: Vec<Quantity>,
    /// What charges may filter by.
    #[serde(default)]
    #[schema(required = false, example = json!({ "region": "eu" }))]
    pub(super) properties: BTreeMap<String, String>,
    /// The month it falls in; each of `months`, if left out.
    #[schema(nullable = false)]
    pub(super) month: Option<QuotedMonth>,
}

/// A month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct QuotedMonth(pub(super) Month);

impl<'de> Deserialize<'de> for QuotedMonth {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(serde::de::Error::custom)
    }
}

impl utoipa::PartialSchema for QuotedMonth {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .format(Some(SchemaFormat::Custom("month".to_owned())))
            .pattern(Some("^[0-9]{4}-(0[1-9]|1[0-2])$"))
            .description(Some("A month."))
            .examples(["2026-11"])
            .into()
    }
}

impl ToSchema for QuotedMonth {
    fn name() -> std::borrow::Cow<'static, str> {
        "Month".into()
    }
}

impl Input for QuoteInput {
    fn check(&self, faults: &mut Vec<Fault>) {
        self.pool.check(faults);
    }
}

impl DraftInput for QuoteInput {
    const APART: &str = "tariff";
}

impl Input for ServiceQuoteInput {
    fn check(&self, faults: &mut Vec<Fault>) {
        self.pool.check(faults);
    }
}

impl QuotedPool {
    fn check(&self, faults: &mut Vec<Fault>) {
        let mut names = BTreeSet::new();
        for (position, member) in self.members.iter().enumerate() {
            let at = format!("/pool/members/{position}");
            if !names.insert(&member.member) {
                let detail =
                    say!(en "This member is there twice.", fr "Ce membre y figure deux fois.");
                faults.push(Fault::body(format!("{at}/member"), "duplicate", detail));
            }
            let (first, last) = (&member.first_day, &member.last_day);
            if first.as_ref().zip(last.as_ref()).is_some_and(|(first, last)| last < first) {
                let detail = say!(
                    en "The last day lies before the first.",
                    fr "Le dernier jour précède le premier."
                );
                faults.push(Fault::body(format!("{at}/last_day"), "minimum", detail));
            }
            check_usage(&at, member.quantity.is_some(), &member.usage, faults);
        }
        if let Some(others) = &self.others {
            others.check(faults);
        }
    }
}

impl OtherMembers {
    fn check(&self, faults: &mut Vec<Fault>) {
        let at = "/pool/others";
        check_usage(at, self.quantity.is_some(), &self.usage, faults);
        let mut not_negative = |place: String, quantity: Option<Quantity>| {
            if quantity.is_some_and(|quantity| quantity < Quantity::ZERO) {
                let detail = say!(
                    en "This must not be negative.",
                    fr "Cette valeur ne peut être négative."
                );
                faults.push(Fault::body(place, "minimum", detail));
            }
        };
        not_negative(format!("{at}/quantity"), self.quantity);
        for (position, usage) in self.usage.iter().enumerate() {
            not_negative(format!("{at}/usage/{position}/quantity"), usage.quantity);
        }
        let with_events = self.usage.iter().position(|usage| !usage.events.is_empty());
        if let Some(position) = with_events {
            let detail = say!(
                en "Events are those of one member.",
                fr "Des événements sont ceux d’un seul membre."
            );
            let place = format!("{at}/usage/{position}/events");
            faults.push(Fault::body(place, "meaningless", detail));
        }
    }
}

/// Notes usage that is said in two ways, or in none.
fn check_usage(at: &str, has_quantity: bool, all: &[QuotedUsage], faults: &mut Vec<Fault>) {
    if has_quantity && !all.is_empty() {
        let detail = say!(
            en "Give a quantity or usage, not both.",
            fr "Indiquez quantity ou usage, pas les deux."
        );
        faults.push(Fault::body(format!("{at}/usage"), "meaningless", detail));
    }
    for (position, usage) in all.iter().enumerate() {
        let place = format!("{at}/usage/{position}");
        match (usage.quantity.is_some(), usage.events.is_empty()) {
            (false, true) => {
                let detail = say!(
                    en "A quantity is missing, or those of events.",
                    fr "Il manque une quantité, ou celles d’événements."
                );
                faults.push(Fault::body(format!("{place}/quantity"), "required", detail));
            }
            (true, false) => {
                let detail = say!(
                    en "Give a quantity or events, not both.",
                    fr "Indiquez quantity ou events, pas les deux."
                );
                faults.push(Fault::body(format!("{place}/events"), "meaningless", detail));
            }
            (true, true) if usage_has_events(usage, all) => {
                let detail = say!(
                    en "Other usage of this meter is given by events: then all must be.",
                    fr "D’autres usages de ce compteur sont donnés par événements : tous doivent l’être."
                );
                faults.push(Fault::body(format!("{place}/events"), "required", detail));
            }
            _ => {}
        }
    }
}

/// Whether there are events of the same meter: a price per event would not see the others.
fn usage_has_events(usage: &QuotedUsage, all: &[QuotedUsage]) -> bool {
    all.iter().any(|other| other.meter == usage.meter && !other.events.is_empty())
}
