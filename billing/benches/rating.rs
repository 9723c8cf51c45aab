//! How fast a month is priced. `cargo bench -p palier-billing`
//!
//! The baseline is the same five-tier schedule in `rust_decimal`, in the same run: compare ratios,
//! not nanoseconds.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a benchmark of literals fails loudly"
)]

use divan::{Bencher, black_box, counter::ItemsCount};
use palier_billing::{Money, Pool, Quantity, Tariff, YearToDate, YearToDateEntry};
use rust_decimal::Decimal;

fn main() {
    divan::main();
}

const BOUNDS: [u32; 4] = [1_000, 10_000, 50_000, 200_000];
const PRICES: [&str; 5] = ["0.09", "0.08", "0.065", "0.055", "0.03"];

fn charge(scope: &str, more: &str) -> String {
    let bounds = BOUNDS.iter().map(|bound| format!("\"{bound}\"")).chain(["null".to_owned()]);
    let tiers: Vec<_> = bounds
        .zip(PRICES)
        .map(|(bound, price)| format!(r#"{{"up_to":{bound},"unit_amount":"{price}"}}"#))
        .collect();
    let tiers = tiers.join(",");
    format!(r#"{{"kind":"usage","model":"graduated","scope":"{scope}",{more}"tiers":[{tiers}]}}"#)
}

fn tariff(charges: &[String]) -> Tariff {
    serde_json::from_str(&format!(r#"{{"charges":[{}]}}"#, charges.join(","))).unwrap()
}

/// Members of all sizes, from a few units to a few hundred thousand.
fn pool(members: u32) -> Pool {
    let quantity = |n: u32| Quantity::from_units(i64::from(n % 977) * 12_345_600 + 100);
    Pool::of((0..members).map(|n| (format!("m{n:05}"), quantity(n)))).unwrap()
}

#[divan::bench_group(name = "five tiers, one quantity, to the cent")]
mod five_tiers {
    use super::{BOUNDS, Bencher, Decimal, PRICES, Quantity, black_box, charge, tariff};

    #[divan::bench]
    fn palier(bencher: Bencher<'_, '_>) {
        let tariff = tariff(&[charge("member", "")]);
        let function = match &tariff.charges()[0].kind {
            palier_billing::ChargeKind::Usage(usage) => &usage.cost,
            _ => unreachable!(),
        };
        let quantity: Quantity = "75000.1234".parse().unwrap();
        let currency = tariff.currency();
        bencher.bench(|| function.cost(black_box(quantity)).unwrap().round(currency).unwrap());
    }

    #[divan::bench]
    fn rust_decimal(bencher: Bencher<'_, '_>) {
        let bounds = BOUNDS.map(Decimal::from);
        let prices = PRICES.map(|price| price.parse::<Decimal>().unwrap());
        let quantity: Decimal = "75000.1234".parse().unwrap();
        bencher.bench(|| {
            let quantity = black_box(quantity);
            let mut from = Decimal::ZERO;
            let mut sum = Decimal::ZERO;
            for (at, price) in prices.iter().enumerate() {
                let to = bounds.get(at).map_or(quantity, |bound| quantity.min(*bound));
                sum += (to - from) * price;
                from = to;
                if from == quantity {
                    break;
                }
            }
            sum.round_dp_with_strategy(2, rust_decimal::RoundingStrategy::MidpointAwayFromZero)
        });
    }
}

/// A month of a pole: 20 pooled services, each used by 1,000 members. The goal is 5 ms on one core.
#[divan::bench]
fn month_of_1000_members_and_20_services(bencher: Bencher<'_, '_>) {
    let services: Vec<_> =
        (0..20).map(|n| charge("pool", &format!(r#""meter":"service-{n}","#))).collect();
    let (tariff, pool) = (tariff(&services), pool(1_000));
    bencher.counter(ItemsCount::new(20_000_u32)).bench(|| tariff.rate(black_box(&pool)).unwrap());
}

/// The same for members that each pay by their own volume.
#[divan::bench]
fn members_on_their_own(bencher: Bencher<'_, '_>) {
    let (tariff, pool) = (tariff(&[charge("member", "")]), pool(1_000));
    bencher.counter(ItemsCount::new(1_000_u32)).bench(|| tariff.rate(black_box(&pool)).unwrap());
}

/// The twelfth month of a contract year, with eleven to true up.
#[divan::bench]
fn contract_year_true_up_of_1000_members(bencher: Bencher<'_, '_>) {
    let more = r#""basis":"contract_year","true_up":"each_period","#;
    let tariff = tariff(&[charge("pool", more)]);
    let pool = pool(1_000);
    let earlier = pool.subscribers().iter().map(|subscriber| {
        let quantity = Quantity::from_units(9_876_543_200);
        let billed = Money::from_minor(75_123, tariff.currency());
        (subscriber.member.clone(), YearToDateEntry { quantity, billed })
    });
    let year = YearToDate(earlier.collect());
    let pool = pool.with_year_to_date(0, year).closing_year(true);
    bencher.counter(ItemsCount::new(1_000_u32)).bench(|| tariff.rate(black_box(&pool)).unwrap());
}

/// A shared cost, by each rule. Serial sharing divides by every group size, exactly.
#[divan::bench(args = ["proportional", "equal", "two_part", "weighted", "serial"])]
fn shared_cost_of_1000_members(bencher: Bencher<'_, '_>, allocation: &str) {
    let tariff = tariff(&[format!(
        r#"{{"kind":"shared_cost","fixed":"12345.67","allocation":"{allocation}",
            "variable":{{"model":"standard","unit_amount":"0.05"}}}}"#
    )]);
    let pool = pool(1_000);
    bencher.counter(ItemsCount::new(1_000_u32)).bench(|| tariff.rate(black_box(&pool)).unwrap());
}
