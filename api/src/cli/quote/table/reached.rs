//! What the pool reached, in a few labelled lines above the members.

use palier_billing::{
    Allocation, Basis, Charge, ChargeKind, CostFunction, Currency, Error, IdleCost, LineKind,
    Money, NextTier, OneTime, PoolPrice, Price, Quantity, RatedCharge, Rating, Recurring,
    SharedCost, SharedOutcome, Tariff, Timing, UsageCharge,
};

use super::unit;
use crate::quote::Standing;
use crate::quote::words::{counted, grouped, listed, priced};

/// Labels and what they say.
type Lines = Vec<(&'static str, String)>;

/// What one charge came to.
pub(super) fn lines(
    tariff: &Tariff,
    rating: &Rating<'_>,
    charge: &RatedCharge<'_>,
) -> Result<Lines, Error> {
    let unit = unit(tariff, charge.charge);
    match &charge.charge.kind {
        ChargeKind::Usage(usage) => match &charge.pool {
            Some(pool) => pooled(usage, pool, rating, unit),
            None => Ok(vec![("price", "each member by its own volume".to_owned())]),
        },
        ChargeKind::SharedCost(cost) => match &charge.shared {
            Some(outcome) => shared(cost, outcome, charge, rating, unit),
            None => Ok(Vec::new()),
        },
        ChargeKind::Recurring(fee) => Ok(recurring(fee, charge, rating)),
        ChargeKind::OneTime(fee) => Ok(one_time(*fee, charge, rating)),
    }
}

/// How many units a price is quoted for.
pub(super) const fn price_base(charge: &Charge) -> u32 {
    match &charge.kind {
        ChargeKind::Usage(usage) => usage.price_base.units(),
        _ => 1,
    }
}

fn pooled(
    charge: &UsageCharge,
    pool: &PoolPrice,
    rating: &Rating<'_>,
    unit: &str,
) -> Result<Lines, Error> {
    let code = rating.currency().code();
    let label = match charge.basis {
        Basis::Period => "pool",
        Basis::ContractYear { .. } => "year to date",
    };
    let members = rating.pool().subscribers().len();
    let mut lines = vec![
        (label, usage(pool.quantity, unit, pool.active_members, members)),
        ("cost", money(pool.cost.round(rating.currency())?)),
    ];
    let (per, each) = match charge.price_base.units() {
        1 => (String::new(), ""),
        base => (format!(" per {} {unit}", grouped(base)), " each"),
    };
    if pool.quantity > Quantity::ZERO {
        let price = priced(pool.unit_price, rating.currency());
        lines.push(("unit price", format!("{price} {code}{per}")));
        lines.extend(standing(&charge.cost, pool.quantity, rating.currency(), each)?);
    }
    if pool.capped {
        let forgone = money(pool.forgone);
        lines.push(("cap", format!("reached: the pole forgoes {forgone}")));
    }
    if !pool.rounding.is_zero() {
        lines.push(("rounding", rounding(pool)));
    }
    Ok(lines)
}

fn rounding(pool: &PoolPrice) -> String {
    let nothing = Money::zero(pool.rounding.currency());
    let text = money(pool.rounding);
    let amount = text.trim_start_matches('-');
    if pool.quantity.is_zero() {
        return format!("{amount} stay with the pole: nobody used a unit");
    }
    let way = if pool.rounding < nothing { "less" } else { "more" };
    format!("the lines come to {amount} {way}, because the unit price is rounded")
}

fn usage(quantity: Quantity, unit: &str, active: usize, members: usize) -> String {
    let quantity = grouped(quantity);
    format!("{quantity} {unit}, used by {active} of {}", people(members))
}

fn people(members: usize) -> String {
    let members = u64::try_from(members).unwrap_or(u64::MAX);
    counted(members, "member", "members")
}

/// Where in a schedule a quantity stands, and what is missing to the next tier.
fn standing(
    cost: &CostFunction,
    quantity: Quantity,
    currency: Currency,
    each: &str,
) -> Result<Lines, Error> {
    Ok(match Standing::of(cost, quantity)? {
        None => Vec::new(),
        Some(Standing::Tier { number, of, tier, from, next }) => {
            let price = |unit, flat| price(unit, flat, currency, each);
            let here = price(tier.unit_amount, tier.flat_amount);
            let here = format!("{number} of {of} at {here}");
            let ahead = match next {
                Some(NextTier { above, missing, unit_amount, flat_amount, .. }) => {
                    let (bound, missing) = (grouped(above), grouped(missing));
                    let then = price(unit_amount, flat_amount);
                    format!("up to {bound}: {missing} to go, then {then}")
                }
                None => format!("beyond {}", grouped(from)),
            };
            vec![("tier", format!("{here}, {ahead}"))]
        }
        Some(Standing::Package { begun, size, room }) => {
            let begun = counted(begun, "package", "packages");
            let (size, room) = (grouped(size), grouped(room));
            vec![("packages", format!("{begun} of {size}, room for {room} in the last"))]
        }
    })
}

fn price(unit: Price, flat: Option<Price>, currency: Currency, each: &str) -> String {
    let code = currency.code();
    let unit = format!("{} {code}{each}", priced(unit, currency));
    match flat {
        Some(flat) => format!("{unit} and {} {code} flat", priced(flat, currency)),
        None => unit,
    }
}

fn shared(
    cost: &SharedCost,
    outcome: &SharedOutcome,
    charge: &RatedCharge<'_>,
    rating: &Rating<'_>,
    unit: &str,
) -> Result<Lines, Error> {
    let active = charge.lines.iter().filter(|line| !line.quantity.is_zero()).count();
    let members = rating.pool().subscribers().len();
    let how = match cost.allocation {
        Allocation::Proportional => "by usage",
        Allocation::Equal => "equally",
        Allocation::TwoPart => "in two parts: fixed equally, the rest by usage",
        Allocation::Weighted => "by weight",
        Allocation::Serial => "serially: each increment by those who reach it",
    };
    let mut lines = vec![
        ("pool", usage(outcome.quantity, unit, active, members)),
        ("provider cost", format!("{}, shared {how}", money(outcome.provider_cost))),
    ];
    if let Some(function) = cost.variable.as_ref().filter(|_| !outcome.quantity.is_zero()) {
        lines.extend(standing(function, outcome.quantity, rating.currency(), "")?);
    }
    if let Some(capacity) = cost.capacity {
        let used = outcome.quantity.min(capacity.capacity);
        let payer = match capacity.idle_cost {
            IdleCost::Pole => "pole pays",
            IdleCost::Members => "members pay",
        };
        let (used, all) = (grouped(used), grouped(capacity.capacity));
        lines.push(("capacity", format!("{used} of {all} used, the {payer} for the rest")));
    }
    let markup = cost.markup_percent.map(|percent| format!(", {percent} % markup included"));
    let recovered = money(outcome.recovered);
    lines.push(("recovered", format!("{recovered}{}", markup.unwrap_or_default())));
    let why = if outcome.quantity.is_zero() && outcome.recovered.is_zero() {
        ": nobody used it, so there is no basis to share by"
    } else {
        ""
    };
    lines.push(("left with pole", format!("{}{why}", money(outcome.left_with_pole))));
    Ok(lines)
}

fn recurring(fee: &Recurring, charge: &RatedCharge<'_>, rating: &Rating<'_>) -> Lines {
    let when = match fee.timing {
        Timing::Advance => "in advance",
        Timing::Arrears => "in arrears",
    };
    let (amount, code) = (priced(fee.amount, rating.currency()), rating.currency().code());
    let mut due: Vec<_> = charge
        .lines
        .iter()
        .filter_map(|line| match line.kind {
            LineKind::Recurring(Some(interval)) => {
                let last = interval.charged.end().yesterday().unwrap_or(interval.charged.end());
                let first = interval.charged.first();
                Some(format!("{first} to {last}"))
            }
            _ => None,
        })
        .collect();
    due.sort_unstable();
    due.dedup();
    let mut lines = vec![("fee", format!("{amount} {code} per {}, {when}", fee.interval))];
    if rating.pool().month().is_some() {
        let due = if due.is_empty() { "nothing this month".to_owned() } else { listed(due) };
        lines.push(("due", due));
    }
    lines
}

fn one_time(fee: OneTime, charge: &RatedCharge<'_>, rating: &Rating<'_>) -> Lines {
    let (amount, code) = (priced(fee.amount, rating.currency()), rating.currency().code());
    let due = match charge.lines.len() {
        0 => "nothing".to_owned(),
        members => format!("for {}", people(members)),
    };
    vec![("fee", format!("{amount} {code} at the start of a subscription")), ("due", due)]
}

fn money(amount: Money) -> String {
    format!("{} {}", grouped(amount), amount.currency().code())
}
