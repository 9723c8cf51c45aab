//! Law 9: what is billed over a contract year is the year rated at once.
//!
//! The law allows one cent per document. There is less to allow for: with a true-up every amount
//! due is that of the whole year's quantity, rounded once, and each document bills the difference
//! to what was billed before. So the sum is exact, and the tests below ask for that.

use std::collections::BTreeMap;

use palier_billing::{LineKind, Pool, Quantity, Tariff, YearToDate};
use proptest::{collection::vec, option, prelude::*};

use crate::generate::{Amount, Charge, Costs, amount, cases, id, priced, signed, usage};

/// Twelve months of up to eight members, each of which may join late and leave early.
type Months = Vec<Vec<Option<i64>>>;

fn years(amount: impl Strategy<Value = Amount>) -> impl Strategy<Value = (Charge, Months)> {
    let member = (vec(amount, 12), option::weighted(0.3, (0..12_usize, 1..=12_usize)));
    let charge = usage(Costs::Any, &["member", "pool"]);
    (charge, vec(member, 2..=8))
        .prop_map(|(charge, members)| {
            let month = |month: usize| {
                let used = members.iter().map(|(used, stay)| {
                    let subscribed = stay.is_none_or(|(from, n)| (from..from + n).contains(&month));
                    subscribed.then(|| used[month].of(&charge))
                });
                used.collect()
            };
            ((0..12).map(month).collect::<Months>(), charge)
        })
        .prop_map(|(months, charge)| (charge.clone(), priced(&charge, months)))
}

fn pool(month: &[Option<i64>]) -> Pool {
    let members = month.iter().enumerate();
    let used = members.filter_map(|(at, units)| Some((id(at), Quantity::from_units((*units)?))));
    Pool::of(used).unwrap()
}

#[derive(Debug, Default, PartialEq)]
struct Account {
    /// Millionths that were billed for.
    units: i64,
    /// Cents billed, apart from what limits per period added or took off.
    cents: i64,
    adjustments: usize,
}

/// What everyone has been billed after each month.
fn bill(tariff: &Tariff, months: &Months) -> Vec<BTreeMap<String, Account>> {
    let mut to_date = YearToDate::default();
    let mut accounts: BTreeMap<String, Account> = BTreeMap::new();
    let mut course = Vec::new();
    for (number, month) in months.iter().enumerate() {
        let last = number + 1 == months.len();
        let pool = pool(month).with_year_to_date(0, to_date).closing_year(last);
        let rating = tariff.rate(&pool).unwrap();
        let charge = &rating.charges()[0];
        for line in &charge.lines {
            if matches!(line.kind, LineKind::Minimum | LineKind::Maximum) {
                continue;
            }
            let account = accounts.entry(line.member.to_owned()).or_default();
            account.units += line.quantity.units();
            account.cents += line.amount.minor();
            account.adjustments += usize::from(line.kind.is_adjustment());
        }
        to_date = charge.year.clone().unwrap();
        // What is carried into the next month is what was billed until this one.
        let carried = to_date.0.iter().map(|(member, entry)| {
            (member.as_str(), (entry.quantity.units(), entry.billed.minor()))
        });
        let billed = accounts.iter().map(|(member, it)| (member.as_str(), (it.units, it.cents)));
        assert!(carried.eq(billed), "month {number}: {to_date:?}, {accounts:?}");
        let now = accounts.iter().map(|(member, it)| (member.clone(), Account { ..*it }));
        course.push(now.collect());
    }
    course
}

/// The quantities of a year, as one period of the same charge.
fn at_once(charge: &Charge, accounts: &BTreeMap<String, Account>) -> BTreeMap<String, i64> {
    let mut json = charge.json.clone();
    // Free units and limits are per period: they were taken off, or left out, month by month.
    for field in ["free_units", "minimum_amount", "maximum_amount"] {
        json.as_object_mut().unwrap().remove(field);
    }
    let tariff = Charge { json, ..charge.clone() }.tariff();
    let used = accounts.iter();
    let used = used.map(|(member, it)| (member.clone(), Quantity::from_units(it.units)));
    crate::cents(&tariff, &Pool::of(used).unwrap())
}

fn billed(accounts: &BTreeMap<String, Account>) -> BTreeMap<String, i64> {
    accounts.iter().map(|(member, it)| (member.clone(), it.cents)).collect()
}

fn contract_year(charge: &Charge, true_up: &str) -> Tariff {
    charge.clone().with("basis", "contract_year").with("true_up", true_up).tariff()
}

proptest! {
    #![proptest_config(cases(300))]

    /// With `each_period` it holds after every month, for who has left as well.
    #[test]
    fn every_month_brings_the_year_up_to_date((charge, months) in years(signed())) {
        let tariff = contract_year(&charge, "each_period");
        for accounts in bill(&tariff, &months) {
            prop_assert_eq!(billed(&accounts), at_once(&charge, &accounts));
        }
    }

    /// With `year_end` it holds at the end, by one document per member at most.
    #[test]
    fn the_year_end_settles_the_year((charge, months) in years(signed())) {
        let tariff = contract_year(&charge, "year_end");
        let course = bill(&tariff, &months);
        let (last, before) = course.split_last().unwrap();
        prop_assert_eq!(billed(last), at_once(&charge, last));
        prop_assert!(before.iter().flat_map(BTreeMap::values).all(|it| it.adjustments == 0));
        prop_assert!(last.values().all(|it| it.adjustments <= 1));
    }

    /// Without a true-up, months keep the price they were billed at: that of the year so far.
    #[test]
    fn without_true_up_nothing_is_adjusted((charge, months) in years(amount())) {
        let course = bill(&contract_year(&charge, "none"), &months);
        prop_assert!(course.iter().flat_map(BTreeMap::values).all(|it| it.adjustments == 0));
    }

    /// All three bill the same quantities.
    #[test]
    fn a_true_up_moves_money_only((charge, months) in years(amount())) {
        let units = |true_up| {
            let accounts = bill(&contract_year(&charge, true_up), &months).pop().unwrap();
            let units = accounts.into_iter().map(|(member, it)| (member, it.units));
            units.collect::<BTreeMap<_, _>>()
        };
        prop_assert_eq!(units("each_period"), units("year_end"));
        prop_assert_eq!(units("each_period"), units("none"));
    }
}
