//! Reading charges, and what of them has no meaning together.

use serde_json::Value;

use super::{
    Basis, Capacity, Charge, ChargeKind, OneTime, Proration, Recurring, Scope, SharedCost, Source,
    Timing, TrueUp, UsageCharge,
};
use crate::{
    Beside, DecimalError, FaultKind, Interval, PriceBase, Quantity,
    meter::Filter,
    read::{Object, Place, Read},
    tariff::cost_function::CostFunction,
};

impl Charge {
    const KINDS: &'static [&'static str] = &["recurring", "one_time", "usage", "shared_cost"];

    /// Reads a charge.
    pub(crate) fn read(value: &Value, place: Place<'_>) -> Read<Self> {
        let mut object = Object::open(value, place)?;
        let name = object.optional("name");
        let kind = match object.required::<String>("kind")?.as_str() {
            "recurring" => Recurring::read(&mut object).map(ChargeKind::Recurring),
            "one_time" => {
                object.not_negative("amount").map(|amount| ChargeKind::OneTime(OneTime { amount }))
            }
            "usage" => UsageCharge::read(&mut object).map(ChargeKind::Usage),
            "shared_cost" => SharedCost::read(&mut object).map(ChargeKind::SharedCost),
            _ => return Err(object.at("kind").fault(FaultKind::NotOneOf { allowed: Self::KINDS })),
        };
        object.close();
        Ok(Self { name: name?, kind: kind? })
    }
}

impl Recurring {
    fn read(object: &mut Object<'_, '_>) -> Read<Self> {
        let amount = object.not_negative("amount");
        let interval = object.or("interval", Interval::default());
        let timing = object.or("timing", Timing::default());
        let proration = object.or("proration", Proration::default());
        let trial_days = object.or("trial_days", 0);
        Ok(Self {
            amount: amount?,
            interval: interval?,
            timing: timing?,
            proration: proration?,
            trial_days: trial_days?,
        })
    }
}

impl Source {
    fn read(object: &mut Object<'_, '_>) -> Read<Self> {
        let meter = object.optional("meter");
        let filter = Filter::read(object);
        Ok(Self { meter: meter?, filter: filter? })
    }
}

impl UsageCharge {
    fn read(object: &mut Object<'_, '_>) -> Read<Self> {
        let source = Source::read(object);
        let cost = CostFunction::read(object);
        let scope = object.or("scope", Scope::default());
        let basis = Basis::read(object);
        let price_base = object.or("price_base", PriceBase::default());
        let unit_amount_cap = object.maybe_not_negative("unit_amount_cap");
        let limits = object.limits("minimum_amount", "maximum_amount");
        let free_units = object.maybe_not_negative("free_units");
        let (minimum_amount, maximum_amount) = limits?;
        Ok(Self {
            source: source?,
            cost: cost?,
            scope: scope?,
            basis: basis?,
            price_base: price_base?,
            unit_amount_cap: unit_amount_cap?,
            minimum_amount,
            maximum_amount,
            free_units: free_units?,
        })
    }

    /// Notes fields that have no meaning beside each other.
    pub(crate) fn check(&self, place: &mut Place<'_>) {
        // Otherwise the quantity on the line would be finer than an invoice may show.
        let free = self.free_units.unwrap_or_default();
        let places = Quantity::BILLABLE_PLACES;
        let fault = FaultKind::Decimal(DecimalError::TooManyPlaces { places });
        place.at("free_units").check(free.billable() == Ok(free), fault);

        if !self.cost.is_per_event() {
            return;
        }
        let mut refuse = |field: &'static str, given: bool, beside: Beside| {
            place.at(field).check(!given, FaultKind::Meaningless { beside });
        };
        refuse("scope", self.scope == Scope::Pool, Beside::OneMembersEvents);
        refuse("basis", self.basis != Basis::Period, Beside::PricesPerEvent);
        refuse("free_units", self.free_units.is_some(), Beside::PricesPerEvent);
        refuse("unit_amount_cap", self.unit_amount_cap.is_some(), Beside::PricesPerEvent);
    }
}

impl Basis {
    fn read(object: &mut Object<'_, '_>) -> Read<Self> {
        let basis = object.optional::<String>("basis");
        let true_up = object.optional("true_up");
        let (basis, true_up) = (basis?, true_up?);
        match basis.as_deref() {
            None | Some("period") if matches!(true_up, None | Some(TrueUp::None)) => {
                Ok(Self::Period)
            }
            None | Some("period") => {
                let beside = Beside::Period;
                Err(object.at("true_up").fault(FaultKind::Meaningless { beside }))
            }
            Some("contract_year") => {
                Ok(Self::ContractYear { true_up: true_up.unwrap_or_default() })
            }
            Some(_) => {
                let allowed = &["period", "contract_year"];
                Err(object.at("basis").fault(FaultKind::NotOneOf { allowed }))
            }
        }
    }
}

impl SharedCost {
    fn read(object: &mut Object<'_, '_>) -> Read<Self> {
        let source = Source::read(object);
        let fixed = object.maybe_not_negative("fixed");
        let variable = Self::read_variable(object);
        let allocation = object.required("allocation");
        let markup_percent = object.maybe_not_negative("markup_percent");
        let capacity = Capacity::read(object);
        Ok(Self {
            source: source?,
            fixed: fixed?.unwrap_or_default(),
            variable: variable?,
            allocation: allocation?,
            markup_percent: markup_percent?,
            capacity: capacity?,
        })
    }

    fn read_variable(object: &mut Object<'_, '_>) -> Read<Option<CostFunction>> {
        let Some(value) = object.value("variable") else { return Ok(None) };
        let mut inner = Object::open(value, object.at("variable"))?;
        let variable = CostFunction::read(&mut inner);
        inner.close();
        let variable = variable?;
        if variable.is_per_event() {
            let beside = Beside::SharedCost;
            return Err(object.at("variable").fault(FaultKind::Meaningless { beside }));
        }
        Ok(Some(variable))
    }
}

impl Capacity {
    fn read(object: &mut Object<'_, '_>) -> Read<Option<Self>> {
        let capacity = object.optional::<Quantity>("capacity");
        let idle_cost = object.optional("idle_cost");
        match (capacity?, idle_cost?) {
            (Some(capacity), _) if capacity <= Quantity::ZERO => {
                Err(object.at("capacity").fault(FaultKind::NotPositive))
            }
            (Some(capacity), Some(idle_cost)) => Ok(Some(Self { capacity, idle_cost })),
            (None, None) => Ok(None),
            (Some(_), None) => Err(object.at("idle_cost").fault(FaultKind::Required)),
            (None, Some(_)) => {
                let beside = Beside::NoCapacity;
                Err(object.at("idle_cost").fault(FaultKind::Meaningless { beside }))
            }
        }
    }
}
