//! Pools of 2 to 500 members, with quantities from a millionth to a thousand million.

use std::fmt;

use palier_billing::{Pool, Quantity};
use proptest::{
    collection::vec,
    option,
    prelude::*,
    sample::{Index, select},
};

use super::Charge;

/// The largest quantity of a member, in millionths.
const LARGEST: i64 = 1_000_000_000 * 1_000_000;

/// The step of a billable quantity, in millionths.
const BILLABLE: i64 = 100;

/// Beside a bound: one step of a billable quantity, one of a metered one, and what rounds to the
/// one from the other.
const BESIDE: [i64; 7] = [0, -BILLABLE, BILLABLE, -1, 1, -BILLABLE / 2, BILLABLE / 2];

/// What a member uses, before it is known of which charge.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Amount {
    /// So many millionths.
    Units(i64),
    /// So many millionths beside one of the charge's bounds, free units apart.
    Beside { bound: Index, units: i64 },
}

impl Amount {
    /// In millionths.
    pub(crate) fn of(self, charge: &Charge) -> i64 {
        match self {
            Self::Units(units) => units,
            Self::Beside { units, .. } if charge.bounds.is_empty() => units.max(0),
            Self::Beside { bound, units } => {
                (charge.bounds[bound.index(charge.bounds.len())] + charge.free + units)
                    .clamp(0, LARGEST)
            }
        }
    }
}

fn beside() -> impl Strategy<Value = (Index, i64)> + Clone {
    (any::<Index>(), select(&BESIDE[..]))
}

/// A quantity that is not negative.
pub(crate) fn amount() -> impl Strategy<Value = Amount> + Clone {
    prop_oneof![
        1 => Just(Amount::Units(0)),
        4 => (1..=9_999_i64, 0..=11_u32).prop_map(|(digits, zeros)| {
            Amount::Units(digits * 10_i64.pow(zeros))
        }),
        1 => (1..=LARGEST).prop_map(Amount::Units),
        3 => beside().prop_map(|(bound, units)| Amount::Beside { bound, units }),
    ]
}

/// A quantity that may be negative: what was metered wrongly before may be taken back.
pub(crate) fn signed() -> impl Strategy<Value = Amount> + Clone {
    prop_oneof![
        3 => amount(),
        1 => (1..=9_999_i64, 0..=9_u32).prop_map(|(digits, zeros)| {
            Amount::Units(-digits * 10_i64.pow(zeros))
        }),
    ]
}

/// The name of a member; names sort like numbers.
pub(crate) fn id(member: usize) -> String {
    format!("m{member:03}")
}

/// What every member used, in millionths.
#[derive(Clone)]
pub(crate) struct Usage(pub(crate) Vec<i64>);

impl fmt::Debug for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quantities = self.0.iter().map(|&units| Quantity::from_units(units).to_string());
        f.debug_list().entries(quantities).finish()
    }
}

pub(crate) fn pool_of(quantities: &[i64]) -> Pool {
    let members = quantities.iter().enumerate();
    Pool::of(members.map(|(at, &units)| (id(at), Quantity::from_units(units)))).unwrap()
}

impl Usage {
    pub(crate) fn pool(&self) -> Pool {
        pool_of(&self.0)
    }

    /// Sets the last member's quantity so that the pool's is what is wanted; if the others use
    /// more than that already, they use less, each in proportion.
    fn sum_to(&mut self, wanted: i64, free: i64) {
        let Some((last, others)) = self.0.split_last_mut() else { return };
        let billed = |units: i64| (units + BILLABLE / 2) / BILLABLE * BILLABLE - free;
        let sum = |others: &[i64]| others.iter().map(|&units| billed(units).max(0)).sum::<i64>();
        let before = sum(others);
        if before > wanted {
            for units in others.iter_mut() {
                let part = i128::from(billed(*units).max(0)) * i128::from(wanted);
                let part = i64::try_from(part / i128::from(2 * before)).unwrap();
                *units = free + part / BILLABLE * BILLABLE;
            }
        }
        *last = (wanted - sum(others) + free).clamp(0, LARGEST);
    }
}

/// The months of a year in which the charge has a price after each.
pub(crate) fn priced(charge: &Charge, mut months: Vec<Vec<Option<i64>>>) -> Vec<Vec<Option<i64>>> {
    let mut to_date: Vec<i64> = Vec::new();
    let fails = months.iter().any(|month| {
        to_date.resize(to_date.len().max(month.len()), 0);
        for (sum, units) in to_date.iter_mut().zip(month) {
            *sum += charge.billed(units.unwrap_or(0));
        }
        // Free units are off already: what is left of them must not come off again.
        let charge = Charge { free: 0, ..charge.clone() };
        !charge.can_price(&to_date)
    });
    if fails {
        let amounts = months.iter_mut().flatten().flatten();
        amounts.for_each(|units| *units = units.abs());
    }
    months
}

/// A charge and the usage of a pool.
pub(crate) fn case(
    charge: impl Strategy<Value = Charge>,
    amount: impl Strategy<Value = Amount> + Clone,
) -> impl Strategy<Value = (Charge, Usage)> {
    let amounts = prop_oneof![
        16 => vec(amount.clone(), 2..=6),
        3 => vec(amount.clone(), 7..=40),
        1 => vec(amount, 41..=500),
    ];
    (charge, amounts, option::weighted(0.4, beside())).prop_map(|(charge, amounts, pool)| {
        let mut usage = Usage(amounts.into_iter().map(|amount| amount.of(&charge)).collect());
        if let Some((bound, units)) = pool
            && !charge.bounds.is_empty()
            && usage.0.iter().all(|&units| units >= 0)
        {
            let bound = charge.bounds[bound.index(charge.bounds.len())];
            usage.sum_to((bound + units).max(0), charge.free);
        }
        if !charge.can_price(&usage.0) {
            usage.0 = usage.0.iter().map(|units| units.abs()).collect();
        }
        (charge, usage)
    })
}
