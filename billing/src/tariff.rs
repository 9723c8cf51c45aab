//! Tariffs: what a service costs, as an ordered list of charges.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

mod charge;
mod cost_function;
mod tiers;
mod warning;

pub use charge::{
    Allocation, Basis, Capacity, Charge, ChargeKind, IdleCost, OneTime, Proration, Recurring,
    Scope, SharedCost, Source, Timing, TrueUp, UsageCharge,
};
pub(crate) use cost_function::packages;
pub use cost_function::{CostFunction, Percentage};
pub(crate) use tiers::Slice;
pub use tiers::{Tier, TierSchedule};
pub use warning::{Cliff, Warning};

use crate::{
    Beside, Currency, Fault, FaultKind, Faults, Price,
    meter::Meter,
    minor_digits,
    read::{Field, Noted, Object, Place, Read, names},
};

/// What a service costs: a currency, the meters it is priced by, and its charges in the order in
/// which they stand on an invoice.
///
/// A tariff is valid by construction. Its one JSON form is read by [`Tariff::from_json`] (or any
/// serde format) and written by serde; a lone charge object is read as the tariff that has just
/// that charge.
///
/// ```
/// # use palier_billing::Tariff;
/// let faults = Tariff::from_json(&serde_json::json!({
///     "charges": [{ "kind": "usage", "model": "graduated", "tiers": [
///         { "up_to": "10000", "unit_amount": "0.08" },
///         { "up_to": "5000", "unit_amount": "-0.03" },
///     ]}],
/// })).unwrap_err();
/// let pointers: Vec<_> = faults.0.iter().map(|fault| fault.pointer.as_str()).collect();
/// assert_eq!(pointers, ["/charges/0/tiers/1/up_to", "/charges/0/tiers/1/unit_amount"]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Tariff {
    #[serde(serialize_with = "code")]
    currency: Currency,
    #[serde(skip_serializing_if = "LateUsage::is_default")]
    late_usage: LateUsage,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    meters: Vec<Meter>,
    charges: Vec<Charge>,
}

/// Where usage goes that arrives after its period was closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum LateUsage {
    /// Into the open period, at that period's price.
    #[default]
    NextPeriod,
    /// Into its own period, which is rated again; every member whose amount moved gets the
    /// difference.
    Rerate,
}

names!(LateUsage { "next_period" => NextPeriod, "rerate" => Rerate });

impl LateUsage {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde asks for")]
fn code<S: serde::Serializer>(currency: &Currency, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(currency.code())
}

impl Tariff {
    /// A tariff of charges.
    ///
    /// # Errors
    /// Every fault in it, with its pointer.
    pub fn new(
        currency: Currency,
        late_usage: LateUsage,
        meters: Vec<Meter>,
        charges: Vec<Charge>,
    ) -> Result<Self, Faults> {
        // There is one set of checks, and reading makes them all.
        let draft = Self { currency, late_usage, meters, charges };
        let value = serde_json::to_value(draft).unwrap_or_default();
        Self::from_json(&value)
    }

    /// Reads a tariff, or a lone charge.
    ///
    /// # Errors
    /// Every fault in it, with its pointer.
    pub fn from_json(value: &Value) -> Result<Self, Faults> {
        let mut faults = Vec::new();
        let mut root = Place::root(&mut faults);
        if value.get("kind").is_none() {
            let tariff = Self::read(value, root);
            return tariff.and_then(|it| it.checked(&mut faults)).map_err(|Noted| Faults(faults));
        }
        let charge = Charge::read(value, root.at("charges").at(0));
        let tariff = charge.map(|charge| Self {
            currency: Currency::EUR,
            late_usage: LateUsage::default(),
            meters: Vec::new(),
            charges: vec![charge],
        });
        tariff.and_then(|it| it.checked(&mut faults)).map_err(|Noted| {
            for fault in &mut faults {
                fault.pointer = fault.pointer.replacen("/charges/0", "", 1);
            }
            Faults(faults)
        })
    }

    fn read(value: &Value, place: Place<'_>) -> Read<Self> {
        let mut object = Object::open(value, place)?;
        let currency = object.or("currency", Currency::EUR);
        let late_usage = object.or("late_usage", LateUsage::default());
        let meters = object.list("meters", Meter::read);
        let charges = object.required_list("charges", Charge::read);
        object.close();
        Ok(Self {
            currency: currency?,
            late_usage: late_usage?,
            meters: meters?,
            charges: charges?,
        })
    }

    fn checked(self, faults: &mut Vec<Fault>) -> Read<Self> {
        self.check(&mut Place::root(faults));
        if faults.is_empty() { Ok(self) } else { Err(Noted) }
    }

    /// The currency of all its amounts.
    pub const fn currency(&self) -> Currency {
        self.currency
    }

    /// Where usage goes that arrives after its period was closed.
    pub const fn late_usage(&self) -> LateUsage {
        self.late_usage
    }

    /// The meters it is priced by.
    pub fn meters(&self) -> &[Meter] {
        &self.meters
    }

    /// Its charges, in the order of an invoice.
    pub fn charges(&self) -> &[Charge] {
        &self.charges
    }

    /// The meter whose usage a charge looks at; none if the tariff declares none.
    pub fn meter_of(&self, source: &Source) -> Option<&Meter> {
        match (&source.meter, self.meters.as_slice()) {
            (Some(code), meters) => meters.iter().find(|meter| meter.code == *code),
            (None, [only]) => Some(only),
            (None, _) => None,
        }
    }

    /// The code of that meter, or what the charge calls it.
    pub(crate) fn meter_code<'s>(&'s self, source: &'s Source) -> Option<&'s str> {
        let declared = self.meter_of(source).map(|meter| meter.code.as_str());
        declared.or(source.meter.as_deref())
    }

    /// Notes what is wrong across fields and charges.
    fn check(&self, place: &mut Place<'_>) {
        let mut meters = place.at("meters");
        for (position, meter) in self.meters.iter().enumerate() {
            let first = self.meters.iter().position(|other| other.code == meter.code);
            let mut at = meters.at(position);
            at.at("code").check(first == Some(position), FaultKind::Duplicate);
            meter.check(&mut at);
        }
        let mut charges = place.at("charges");
        charges.check(!self.charges.is_empty(), FaultKind::Empty);
        for (position, charge) in self.charges.iter().enumerate() {
            self.check_charge(position, charge, &mut charges.at(position));
        }
    }

    fn check_charge(&self, position: usize, charge: &Charge, place: &mut Place<'_>) {
        match &charge.kind {
            ChargeKind::Recurring(fee) => self.check_amount("amount", Some(fee.amount), place),
            ChargeKind::OneTime(fee) => self.check_amount("amount", Some(fee.amount), place),
            ChargeKind::Usage(usage) => {
                self.check_amount("minimum_amount", usage.minimum_amount, place);
                self.check_amount("maximum_amount", usage.maximum_amount, place);
                usage.check(place);
                self.check_source(&usage.source, place);
                if let Some(other) = self.overlapping(position, usage) {
                    place.at("filter").fault(FaultKind::Overlap { other });
                }
            }
            ChargeKind::SharedCost(shared) => {
                self.check_source(&shared.source, place);
                let falls = shared.allocation == Allocation::Serial && shared.may_fall();
                let beside = Beside::FallingTotal;
                place.at("variable").check(!falls, FaultKind::Meaningless { beside });
            }
        }
    }

    /// What becomes a line of its own cannot be finer than the currency.
    fn check_amount(&self, field: &'static str, amount: Option<Price>, place: &mut Place<'_>) {
        let Ok(digits) = minor_digits(self.currency) else {
            return;
        };
        let step = 10_i64.saturating_pow(u32::from(Price::PLACES.saturating_sub(digits)));
        let fine = amount.is_some_and(|amount| amount.units().checked_rem(step) != Some(0));
        let currency = self.currency.code();
        place.at(field).check(!fine, FaultKind::FinerThanCurrency { currency, digits });
    }

    fn check_source(&self, source: &Source, place: &mut Place<'_>) {
        let meter = self.meter_of(source);
        match &source.meter {
            Some(_) => {
                let known = meter.is_some() || self.meters.is_empty();
                place.at("meter").check(known, FaultKind::UnknownMeter);
            }
            None => {
                let others = self.charges.iter().filter_map(Charge::source);
                let named = others.filter(|other| other.meter.is_some()).count();
                let clear = match self.meters.len() {
                    0 => named == 0,
                    declared => declared == 1,
                };
                place.at("meter").check(clear, FaultKind::Required);
            }
        }
        let mut filter = place.at("filter");
        for dimension in source.filter.0.keys() {
            let declared = meter.is_none_or(|meter| meter.dimensions.contains(dimension));
            filter.at(dimension).check(declared, FaultKind::UnknownDimension);
        }
    }

    /// An earlier charge that would price some of the same usage. A charge without filter takes
    /// what the filters of its meter leave, so it overlaps only with another without one.
    fn overlapping(&self, position: usize, usage: &UsageCharge) -> Option<usize> {
        self.charges.iter().take(position).position(|other| {
            let ChargeKind::Usage(other) = &other.kind else {
                return false;
            };
            self.meter_code(&other.source) == self.meter_code(&usage.source)
                && other.source.filter.is_empty() == usage.source.filter.is_empty()
                && other.source.filter.overlaps(&usage.source.filter)
        })
    }
}

impl<'de> Deserialize<'de> for Tariff {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Self::from_json(&value).map_err(serde::de::Error::custom)
    }
}

impl Field for Currency {
    fn read(value: &Value) -> Result<Self, FaultKind> {
        let currency = value.as_str().and_then(Self::from_code);
        currency.filter(|&currency| minor_digits(currency).is_ok()).ok_or(FaultKind::NotACurrency)
    }
}
