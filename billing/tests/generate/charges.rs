//! Charges of every model, with every option, in currencies of zero to four decimals.

use std::fmt;

use palier_billing::{Currency, Price, Quantity, Tariff, minor_digits};
use proptest::{collection::vec, option, prelude::*, sample::select};
use serde_json::{Map, Value, json};

/// Without decimals, with two, three and four.
const CURRENCIES: [Currency; 4] = [Currency::EUR, Currency::JPY, Currency::KWD, Currency::CLF];

const MILLION: i64 = 1_000_000;

/// A tariff of one charge, as JSON, and the quantities at which its price changes.
#[derive(Clone)]
pub(crate) struct Charge {
    pub(crate) json: Value,
    pub(crate) currency: Currency,
    /// In units of a quantity, its millionths.
    pub(crate) bounds: Vec<i64>,
    /// What every member has free, in the same units.
    pub(crate) free: i64,
}

impl Charge {
    pub(crate) fn tariff(&self) -> Tariff {
        Tariff::from_json(&self.document()).unwrap_or_else(|faults| panic!("{self:?}: {faults}"))
    }

    pub(crate) fn document(&self) -> Value {
        json!({ "currency": self.currency.code(), "charges": [self.json] })
    }

    pub(crate) fn with(mut self, field: &str, value: &str) -> Self {
        self.json[field] = value.into();
        self
    }

    /// How many of the currency's minor unit make its major one.
    pub(crate) fn minor_per_major(&self) -> i128 {
        10_i128.pow(minor_digits(self.currency).unwrap().into())
    }

    /// How many units the price is quoted for.
    pub(crate) fn price_base(&self) -> i128 {
        self.json["price_base"].as_str().map_or(1, |base| base.parse().unwrap())
    }
}

impl Charge {
    /// What is billed of a metered quantity, in millionths.
    pub(crate) fn billed(&self, units: i64) -> i64 {
        let rounded = (units.abs() + 50) / 100 * 100 * units.signum();
        if rounded > 0 { (rounded - self.free).max(0) } else { rounded }
    }

    /// Whether a pool of these quantities has a price: not if they cancel out, nor if somebody
    /// gives back where all share a flat amount or a package.
    pub(crate) fn can_price(&self, quantities: &[i64]) -> bool {
        if self.json["scope"] != "pool" {
            return true;
        }
        let tiers = self.json["tiers"].as_array().into_iter().flatten();
        let flats = tiers.filter_map(|tier| tier["flat_amount"].as_str());
        let shares = self.json["model"] == "package" || flats.into_iter().any(|flat| flat != "0");
        let billed: Vec<_> = quantities.iter().map(|&units| self.billed(units)).collect();
        let cancels = billed.iter().sum::<i64>() == 0 && billed.iter().any(|&units| units != 0);
        let gives_back = billed.iter().any(|&units| units < 0);
        !(cancels || shares && gives_back)
    }
}

/// As JSON, ready to be made a test of its own.
impl fmt::Debug for Charge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.document().fmt(f)
    }
}

/// Which cost functions to generate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Costs {
    /// All of them.
    Any,
    /// Those whose total never falls as the quantity rises.
    Rising,
    /// Those whose average price never rises: tiers whose prices fall, with a flat amount at most
    /// in the first.
    AverageFalls,
    /// Those that are rising and, from the first unit on, concave as well.
    Concave,
}

/// A cost function: its fields, and its bounds.
#[derive(Clone, Debug)]
pub(crate) struct Function {
    pub(crate) fields: Map<String, Value>,
    pub(crate) bounds: Vec<i64>,
}

pub(crate) fn price_text(units: i64) -> String {
    Price::from_units(units).to_string()
}

fn quantity_text(units: i64) -> String {
    Quantity::from_units(units).to_string()
}

/// Free, micro prices, cents, and anything up to a hundred.
fn price() -> impl Strategy<Value = i64> {
    prop_oneof![
        1 => Just(0),
        3 => 1..=1_000_i64,
        4 => (1..=2_000_i64).prop_map(|cents| cents * 10_000),
        2 => 1..=100 * MILLION,
    ]
}

/// The width of a tier: whole units, four decimals as quantities are billed, or six.
fn width() -> impl Strategy<Value = i64> {
    prop_oneof![
        4 => (1..=20_000_i64).prop_map(|units| units * MILLION),
        2 => (1..=100_000_i64).prop_map(|units| units * 100),
        1 => 1..=10 * MILLION,
        1 => (1..=100_000_i64).prop_map(|units| units * 1_000 * MILLION),
    ]
}

/// Tiers, from the last of which the bound is not used.
fn tiers() -> impl Strategy<Value = Vec<(i64, i64, Option<i64>)>> {
    vec((width(), price(), option::weighted(0.2, price())), 1..=5)
}

fn schedule(costs: Costs) -> impl Strategy<Value = Function> {
    let models = match costs {
        Costs::Any | Costs::AverageFalls => &["graduated", "volume"][..],
        Costs::Rising | Costs::Concave => &["graduated"],
    };
    (select(models), tiers(), any::<bool>()).prop_map(move |(model, mut tiers, flat_at_zero)| {
        if matches!(costs, Costs::AverageFalls | Costs::Concave) {
            let mut prices: Vec<_> = tiers.iter().map(|&(_, price, _)| price).collect();
            prices.sort_by_key(|&price| std::cmp::Reverse(price));
            for (position, (tier, price)) in tiers.iter_mut().zip(prices).enumerate() {
                *tier = (tier.0, price, tier.2.filter(|_| position == 0));
            }
        }
        let mut bounds = Vec::new();
        let mut top = 0;
        let mut list = Vec::new();
        for (position, &(width, price, flat)) in tiers.iter().enumerate() {
            let mut tier = json!({ "unit_amount": price_text(price) });
            if position + 1 < tiers.len() {
                top += width;
                bounds.push(top);
                tier["up_to"] = quantity_text(top).into();
            }
            if let Some(flat) = flat {
                tier["flat_amount"] = price_text(flat).into();
            }
            list.push(tier);
        }
        let mut fields = Map::new();
        fields.insert("model".into(), model.into());
        fields.insert("tiers".into(), list.into());
        if flat_at_zero {
            fields.insert("flat_at_zero".into(), true.into());
        }
        Function { fields, bounds }
    })
}

/// A cost function of those asked for.
pub(crate) fn function(costs: Costs) -> impl Strategy<Value = Function> {
    let fields = |value: Value| value.as_object().unwrap().clone();
    let standard = price().prop_map(move |price| Function {
        fields: fields(json!({ "model": "standard", "unit_amount": price_text(price) })),
        bounds: Vec::new(),
    });
    // Percentages have four places.
    let percentage = (0..=100 * 10_000_i64).prop_map(move |rate| Function {
        fields: fields(json!({ "model": "percentage", "rate_percent": price_text(rate * 100) })),
        bounds: Vec::new(),
    });
    let package = (price(), MILLION / 2..=1_000 * MILLION).prop_map(move |(amount, size)| {
        let (amount, package_size) = (price_text(amount), quantity_text(size));
        Function {
            fields: fields(json!({
                "model": "package", "amount": amount, "package_size": package_size,
            })),
            bounds: vec![size, 2 * size, 7 * size],
        }
    });
    let packages = u32::from(matches!(costs, Costs::Any | Costs::Rising));
    prop_oneof![
        1 => standard,
        6 => schedule(costs),
        packages => package,
        1 => percentage,
    ]
}

/// A usage charge with any of the options that its scopes leave it.
pub(crate) fn usage(
    costs: Costs,
    scopes: &'static [&'static str],
) -> impl Strategy<Value = Charge> {
    let free = option::weighted(0.3, (0..=1_000_000_i64).prop_map(|units| units * 100));
    // In the minor unit, so that every currency can bill them.
    let limits = (option::weighted(0.2, 0..=50_000_i64), option::weighted(0.2, 0..=50_000_i64));
    (
        function(costs),
        select(&CURRENCIES[..]),
        select(scopes),
        option::weighted(0.4, select(&[1_000, MILLION][..])),
        option::weighted(0.3, price()),
        limits,
        free,
    )
        .prop_map(|(function, currency, scope, base, cap, (least, most), free)| {
            let mut json = Value::Object(function.fields);
            json["kind"] = "usage".into();
            json["scope"] = scope.into();
            if let Some(base) = base {
                json["price_base"] = base.to_string().into();
            }
            if let Some(cap) = cap {
                json["unit_amount_cap"] = price_text(cap * base.unwrap_or(1)).into();
            }
            let limit = |minor| palier_billing::Money::from_minor(minor, currency).to_string();
            if let Some(least) = least {
                json["minimum_amount"] = limit(least).into();
            }
            if let Some(most) = most {
                json["maximum_amount"] = limit(most.max(least.unwrap_or(0))).into();
            }
            if let Some(free) = free {
                json["free_units"] = quantity_text(free).into();
            }
            Charge { json, currency, bounds: function.bounds, free: free.unwrap_or(0) }
        })
}

/// A shared cost with one of these allocations.
pub(crate) fn shared(
    costs: Costs,
    allocations: &'static [&'static str],
) -> impl Strategy<Value = Charge> {
    let capacity = (width(), select(&["pole", "members"][..]));
    (
        select(&CURRENCIES[..]),
        select(allocations),
        prop_oneof![Just(0), price(), 1..=MILLION * MILLION],
        option::weighted(0.7, function(costs)),
        option::weighted(0.3, 0..=100 * 10_000_i64),
        option::weighted(0.4, capacity),
    )
        .prop_map(|(currency, allocation, fixed, variable, markup, capacity)| {
            let mut json = json!({
                "kind": "shared_cost", "allocation": allocation, "fixed": price_text(fixed),
            });
            let mut bounds = Vec::new();
            if let Some(mut variable) = variable {
                // A total that falls has no increments to share.
                if allocation == "serial" && variable.fields["model"] == "volume" {
                    variable.fields.insert("model".into(), "graduated".into());
                }
                json["variable"] = variable.fields.into();
                bounds = variable.bounds;
            }
            if let Some(markup) = markup {
                json["markup_percent"] = price_text(markup * 100).into();
            }
            if let Some((capacity, idle_cost)) = capacity {
                json["capacity"] = quantity_text(capacity).into();
                json["idle_cost"] = idle_cost.into();
                bounds.push(capacity);
            }
            Charge { json, currency, bounds, free: 0 }
        })
}
