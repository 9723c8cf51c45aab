//! Usage records: quantities that were added up, counted or averaged somewhere else.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::route::Router;
use crate::{Error, Metered, Pool, Quantity, Tariff};

/// What a member used in a period, ready to be priced: a row of a usage sheet, a line of a request
/// for a quote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UsageRecord {
    /// Who used it.
    pub member: String,
    /// Code of the meter; every charge looks at the quantity if it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meter: Option<String>,
    /// How much, in the meter's unit.
    pub quantity: Quantity,
    /// The quantity of each event, which sum to it, where a charge is priced per event.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<Quantity>,
    /// What charges may filter by.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub properties: BTreeMap<String, String>,
}

/// What giving records to a pool came to.
#[derive(Clone, Debug)]
pub struct RecordedUsage {
    /// The pool with its usage.
    pub pool: Pool,
    /// How many records no charge prices, by meter.
    pub unpriced: BTreeMap<String, u64>,
}

impl Tariff {
    /// Gives a pool what records say it used, charge by charge. Records of one member that end up
    /// at the same charge are added up.
    ///
    /// # Errors
    /// [`Error::NotSubscribed`] for a member that is not in the pool, [`Error::AmbiguousMeter`] if
    /// the tariff leaves it open which meter a charge means, [`Error::Overflow`].
    pub fn record_usage<'r>(
        &self,
        pool: Pool,
        records: impl IntoIterator<Item = &'r UsageRecord>,
    ) -> Result<RecordedUsage, Error> {
        let mut router = Router::new(self);
        let mut usage: BTreeMap<usize, BTreeMap<String, Metered>> = BTreeMap::new();
        let mut unpriced: BTreeMap<String, u64> = BTreeMap::new();
        for record in records {
            let positions = router.route(record.meter.as_deref(), &record.properties)?;
            if positions.is_empty() {
                let count = unpriced.entry(record.meter.clone().unwrap_or_default()).or_default();
                *count = count.saturating_add(1);
            }
            for position in positions {
                let members = usage.entry(position).or_default();
                let metered = members.entry(record.member.clone()).or_default();
                metered.quantity = metered.quantity.checked_add(record.quantity)?;
                metered.events.extend_from_slice(&record.events);
            }
        }
        let pool = usage
            .into_iter()
            .try_fold(pool, |pool, (position, usage)| pool.with_charge_usage(position, usage))?;
        Ok(RecordedUsage { pool, unpriced })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Subscriber;

    #[test]
    fn one_meter_is_priced_by_dimension() {
        let tariff: Tariff = serde_json::from_str(
            r#"{
                "meters": [{ "code": "gb", "dimensions": ["region"] }, { "code": "h" }],
                "charges": [
                    { "kind": "usage", "meter": "gb", "filter": { "region": "eu" },
                      "model": "standard", "unit_amount": "1" },
                    { "kind": "usage", "meter": "gb", "model": "standard", "unit_amount": "2" },
                    { "kind": "shared_cost", "meter": "gb", "fixed": "30", "allocation": "equal" }
                ]
            }"#,
        )
        .unwrap();
        let records: Vec<UsageRecord> = serde_json::from_str(
            r#"[
                { "member": "a", "meter": "gb", "quantity": "10", "properties": { "region": "eu" } },
                { "member": "a", "meter": "gb", "quantity": "5", "properties": { "region": "eu" } },
                { "member": "a", "meter": "gb", "quantity": "3", "properties": { "region": "us" } },
                { "member": "b", "meter": "gb", "quantity": "4" },
                { "member": "b", "meter": "h", "quantity": "9" }
            ]"#,
        )
        .unwrap();
        let pool = Pool::new(["a", "b"].map(Subscriber::new)).unwrap();
        let recorded = tariff.record_usage(pool, &records).unwrap();
        assert_eq!(recorded.unpriced, [("h".to_owned(), 1)].into());
        let rating = tariff.rate(&recorded.pool).unwrap();
        let totals: Vec<_> = rating.charges().iter().map(|it| it.total.to_string()).collect();
        assert_eq!(totals, ["15.00", "14.00", "30.00"]);
        assert_eq!(rating.charges()[2].shared.unwrap().quantity.to_string(), "22");
    }

    #[test]
    fn strangers_and_nameless_meters_are_refused() {
        let tariff: Tariff =
            serde_json::from_str(r#"{"kind":"usage","model":"standard","unit_amount":"1"}"#)
                .unwrap();
        let record = |member: &str, meter: &str| UsageRecord {
            member: member.into(),
            meter: Some(meter.into()),
            quantity: Quantity::from_units(1),
            events: Vec::new(),
            properties: BTreeMap::new(),
        };
        let record_all = |records: &[UsageRecord]| {
            let pool = Pool::new([Subscriber::new("a")]).unwrap();
            tariff.record_usage(pool, records).map(|_| ())
        };
        assert_eq!(record_all(&[record("a", "gb"), record("a", "gb")]), Ok(()));
        let stranger = Err(Error::NotSubscribed { member: "b".into() });
        assert_eq!(record_all(&[record("b", "gb")]), stranger);
        let two_meters = record_all(&[record("a", "gb"), record("a", "h")]);
        assert!(matches!(two_meters, Err(Error::AmbiguousMeter { .. })));
    }
}
