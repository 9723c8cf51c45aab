//! What becomes of a document: statuses in an order that can be, and money by rate that adds up.

use std::collections::BTreeMap;

use palier_billing::einvoice::lifecycle::{
    Collected, CollectedError, Collection, Lifecycle, Status,
};
use palier_billing::{Currency, Issued, Money};
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Value, json};

use crate::generate::cases;

/// What of these steps a document takes, each that it can.
fn walk(steps: &[Status]) -> Lifecycle {
    let mut document = Lifecycle::default();
    for &status in steps {
        let before = document.clone();
        if document.step(status).is_err() {
            assert_eq!(document, before);
        }
    }
    document
}

fn takes(steps: &[Status]) -> bool {
    let mut document = Lifecycle::default();
    steps.iter().all(|&status| document.step(status).is_ok())
}

fn statuses() -> impl Strategy<Value = Vec<Status>> {
    vec(prop_oneof![3 => Just(Status::Deposited), 20 => select(&Status::ALL[..])], 0..40)
}

proptest! {
    #![proptest_config(cases(2000))]

    #[test]
    fn nothing_follows_an_end(steps in statuses()) {
        let document = walk(&steps);
        let ends = document.steps().iter().position(|it| it.is_terminal());
        prop_assert_eq!(document.is_over(), ends.is_some());
        if let Some(at) = ends {
            prop_assert_eq!(at + 1, document.steps().len());
            for status in Status::ALL {
                prop_assert!(document.clone().step(status).is_err());
            }
        }
    }

    /// Platforms relay what they like of what the law leaves to choice: what was possible with a status
    /// is possible without.
    #[test]
    fn what_is_not_relayed_is_not_missed(steps in statuses(), drop in any::<prop::sample::Index>()) {
        let mut steps = walk(&steps).steps().to_vec();
        let needed = |it: &Status| matches!(it, Status::Deposited | Status::Suspended);
        let optional: Vec<_> = (0..steps.len()).filter(|&at| !needed(&steps[at])).collect();
        if !optional.is_empty() && steps[0] == Status::Deposited {
            steps.remove(*drop.get(&optional));
            prop_assert!(takes(&steps), "{steps:?}");
        }
    }

    /// Money comes and goes as long as a document lives.
    #[test]
    fn money_is_never_out_of_order(steps in statuses()) {
        let mut document = walk(&steps);
        if !document.steps().is_empty() && !document.is_over() {
            prop_assert!(document.step(Status::Collected).is_ok());
            prop_assert!(document.step(Status::Refused).is_err());
        }
    }
}

#[test]
fn orders_that_can_be_and_those_that_cannot() {
    use Status as S;
    let after = |steps: &[Status]| {
        let begun: Vec<_> = [&[S::Deposited], steps].concat();
        assert!(takes(&begun), "{steps:?}");
        let can = |status: &Status| takes(&[&begun[..], &[*status]].concat());
        let codes: Vec<_> = S::ALL.iter().filter(|it| can(it)).map(|it| it.as_str()).collect();
        codes.join(" ")
    };
    let free = "204 205 206 207 208";
    let late = "211 212";
    let rest = "214 220";
    let sold = "224 225 226 227 228";
    let all = format!("201 202 203 {free} 210 {late} 213 {rest} 221 {sold} 501");
    assert_eq!(after(&[]), all);
    assert_eq!(after(&[S::Issued]), all.replace("201 ", ""));
    assert_eq!(after(&[S::RoutingError]), all);
    // The buyer's platform took it in: it does not reject any more, nor is its address wrong.
    assert_eq!(after(&[S::Received]), format!("201 203 {free} 210 {late} {rest} {sold}"));
    assert_eq!(after(&[S::Suspended]), format!("201 202 203 {free} 209 210 {late} {rest} {sold}"));
    assert_eq!(
        after(&[S::Suspended, S::Completed]),
        format!("201 202 203 {free} 210 {late} {rest} {sold}")
    );
    for settled in [S::Approved, S::PaymentSent, S::Collected] {
        assert_eq!(after(&[settled]), format!("201 202 203 {free} {late} {rest} {sold}"));
    }
    assert_eq!(after(&[S::Cancelled]), "212");
    for end in [S::Refused, S::Rejected, S::Inadmissible] {
        assert_eq!(after(&[end]), "");
    }
    let first: Vec<_> = S::ALL.iter().filter(|it| takes(&[**it])).map(|it| it.as_str()).collect();
    assert_eq!(first, ["200", "213", "501"]);
}

/// A document with a line for each of these, by rate.
fn document(lines: &[(&str, i64)], kind: &str) -> Option<Issued> {
    let example = include_str!("../../src/einvoice/example.json");
    let mut document: Value = serde_json::from_str(example).unwrap();
    let lines = lines.iter().map(|&(rate, cents)| {
        let mut line = document["lines"][0].clone();
        let below = cents < 0;
        line["quantity"] = json!(if below { "-1" } else { "1" });
        line["unit_price"] = json!(Money::from_minor(cents.abs(), Currency::EUR).to_string());
        line["vat"] = json!({ "category": "S", "rate_percent": rate });
        if rate == "0" {
            let exemption = json!({ "code": "VATEX-FR-FRANCHISE", "reason": "…" });
            line["vat"] = json!({ "category": "E", "rate_percent": rate, "exemption": exemption });
        }
        line
    });
    document["lines"] = lines.collect();
    document["kind"] = json!(kind);
    if kind == "credit_note" {
        document["corrects"] = json!([{ "number": "FA-2026-000000", "issued_on": "2026-08-01" }]);
    }
    serde_json::from_value(document).ok()
}

/// What a document comes to by rate, from its totals.
fn by_rate(issued: &Issued) -> BTreeMap<String, i64> {
    let mut rates = BTreeMap::new();
    for of in &issued.document.totals().vat {
        *rates.entry(of.rate_percent.to_string()).or_default() += of.base.minor() + of.vat.minor();
    }
    rates.retain(|_, &mut cents| cents != 0);
    rates
}

fn add(sums: &mut BTreeMap<String, i64>, parts: &[Collected]) {
    for part in parts {
        *sums.entry(part.rate_percent.to_string()).or_default() += part.amount.minor();
    }
    sums.retain(|_, &mut cents| cents != 0);
}

fn documents() -> impl Strategy<Value = Issued> {
    let rate = select(vec!["20", "10", "5.5", "2.1", "0"]);
    let cents = prop_oneof![3 => 1..=100_000_i64, 1 => 1..=9_i64, 1 => -20_000..=-1_i64];
    vec((rate, cents), 1..6)
        .prop_filter_map("comes to something", |lines| document(&lines, "invoice"))
}

fn euros(cents: i64) -> Money {
    Money::from_minor(cents, Currency::EUR)
}

proptest! {
    #![proptest_config(cases(1000))]

    /// In any number of payments, with some that come back: when it is paid, each rate has what its lines
    /// come to; when all is taken back, none has anything.
    #[test]
    fn what_is_collected_adds_up_by_rate(
        issued in documents(),
        moves in vec((any::<u16>(), 0..4_u8), 0..12),
    ) {
        let whole = issued.document.totals().gross.minor();
        let (rates, mut sums) = (by_rate(&issued), BTreeMap::new());
        let mut collection = Collection::of(&issued).unwrap();
        let (mut paid, mut told) = (0_i64, Vec::<Vec<Collected>>::new());
        for (part, kind) in moves {
            let share = |of: i64| i64::try_from(i128::from(of) * i128::from(part) / 65_535).unwrap();
            let parts = match (kind, told.len()) {
                // A payment comes back as it was told.
                (0, 1..) if told.iter().all(|it| it.iter().map(|it| it.amount.minor()).sum::<i64>() > 0) => {
                    let back = told.swap_remove(usize::from(part) % told.len());
                    collection.take_back(&back).unwrap()
                }
                // Some of it is given back.
                (1, _) => {
                    let parts = collection.collect(euros(-share(paid))).unwrap();
                    told.push(parts.clone());
                    parts
                }
                _ => {
                    let parts = collection.collect(euros(share(whole - paid))).unwrap();
                    told.push(parts.clone());
                    parts
                }
            };
            paid += parts.iter().map(|it| it.amount.minor()).sum::<i64>();
            add(&mut sums, &parts);
            prop_assert_eq!(sums.values().sum::<i64>(), paid);
            for (rate, &cents) in &sums {
                let most = rates[rate];
                prop_assert!((0..=most).contains(&cents) || (most..=0).contains(&cents), "{rate}: {cents}");
            }
        }
        // Who only has what was told comes to the same.
        let mut again = Collection::of(&issued).unwrap();
        again.told(&told.concat()).unwrap();
        prop_assert_eq!(&again, &collection);
        prop_assert!(again.collect(euros(whole - paid + 1)).is_err());
        prop_assert!(again.collect(euros(-paid - 1)).is_err());
        prop_assert_eq!(&again, &collection);

        let rest = collection.collect(euros(whole - paid)).unwrap();
        add(&mut sums, &rest);
        prop_assert_eq!(&sums, &rates);
        let back = collection.collect(euros(-whole)).unwrap();
        add(&mut sums, &back);
        prop_assert_eq!(sums, BTreeMap::new());
    }

    /// No rate gives anything back when money comes in, unless its lines come to less than nothing.
    #[test]
    fn a_payment_takes_from_no_rate(issued in documents(), part in 1..=65_535_i64) {
        let whole = issued.document.totals().gross.minor();
        let rates = by_rate(&issued);
        let mut collection = Collection::of(&issued).unwrap();
        let first = whole * part / 65_535;
        for amount in [first, whole - first] {
            for part in collection.collect(euros(amount)).unwrap() {
                let most = rates[&part.rate_percent.to_string()];
                prop_assert_eq!(part.amount.minor().signum(), most.signum());
            }
        }
    }
}

/// An invoice of a line at each of some rates, and a credit note that gives back some of each.
fn credited() -> impl Strategy<Value = (Issued, Issued)> {
    let rates = ["20", "10", "5.5", "0"];
    let lines = vec((1..=100_000_i64, 0..=100_i64), 1..=rates.len());
    lines.prop_filter_map("gives something back", move |lines| {
        let of = |share: bool| -> Vec<(&str, i64)> {
            let each = rates.iter().zip(&lines).map(|(rate, (cents, percent))| {
                (*rate, if share { cents * percent / 100 } else { *cents })
            });
            each.filter(|(_, cents)| *cents > 0).collect()
        };
        Some((document(&of(false), "invoice")?, document(&of(true), "credit_note")?))
    })
}

proptest! {
    #![proptest_config(cases(1000))]

    /// However payments and a credit note settle an invoice, and pay each other or go back: each settlement
    /// brings its money, and in the end each rate has what is left of it.
    #[test]
    fn what_is_credited_is_taken_off_rate_by_rate(
        (invoice, credit) in credited(),
        moves in vec((any::<u16>(), 0..3_u8), 0..12),
    ) {
        let gross = |issued: &Issued| issued.document.totals().gross.minor();
        let (mut open, mut left) = (gross(&invoice), gross(&credit));
        let mut collection = Collection::of(&invoice).unwrap();
        let (mut sums, mut told, mut given) = (BTreeMap::new(), Vec::new(), 0_i64);
        let all = [(u16::MAX, 0), (u16::MAX, 2)];
        for (part, kind) in moves.into_iter().chain(all) {
            let share = |of: i64| i64::try_from(i128::from(of) * i128::from(part) / 65_535).unwrap();
            // What is settled of the invoice, and of the credit note.
            let (settled, back) = match kind {
                0 => (share(open), 0),
                1 => (share(open.min(left)), share(open.min(left))),
                _ => (0, share(left)),
            };
            let before = Collected::part(&credit, euros(given)).unwrap();
            let after = Collected::part(&credit, euros(given + back)).unwrap();
            let part = after.into_iter().zip(&before).map(|(after, before)| Collected {
                amount: after.amount.checked_sub(before.amount).unwrap(), ..after
            });
            let part: Vec<_> = part.collect();
            // Who only has what was told comes to the same.
            let mut again = Collection::of(&invoice).unwrap();
            again.resume(&told, &before).unwrap();
            let parts = collection.settle(euros(settled - back), &part).unwrap();
            prop_assert_eq!(&again.settle(euros(settled - back), &part).unwrap(), &parts);
            prop_assert_eq!(&again, &collection);
            let money = parts.iter().map(|it| it.amount.minor()).sum::<i64>();
            prop_assert_eq!(money, settled - back);
            add(&mut sums, &parts);
            told.extend(parts);
            (open, left, given) = (open - settled, left - back, given + back);
        }
        prop_assert_eq!((open, left), (0, 0));
        let mut rest = by_rate(&invoice);
        for (rate, cents) in by_rate(&credit) {
            *rest.entry(rate).or_default() -= cents;
        }
        rest.retain(|_, cents| *cents != 0);
        prop_assert_eq!(sums, rest);
        prop_assert!(collection.settle(euros(1), &[]).is_err());
    }
}

#[test]
fn only_what_vat_waits_for_is_told_to_the_state() {
    let due = |change: &dyn Fn(&mut Value)| {
        let example = include_str!("../../src/einvoice/example.json");
        let mut document: Value = serde_json::from_str(example).unwrap();
        change(&mut document);
        Collection::of(&serde_json::from_value(document).unwrap()).unwrap().is_due()
    };
    assert!(due(&|_| {}));
    assert!(!due(&|it| it["vat_due"] = json!("on_debits")));
    assert!(!due(&|it| {
        let exemption = json!({ "code": "VATEX-EU-AE", "reason": "Autoliquidation" });
        it["lines"][0]["vat"] =
            json!({ "category": "AE", "rate_percent": "0", "exemption": exemption });
    }));
}

#[test]
fn nothing_is_collected_of_what_gives_back() {
    let credit = document(&[("20", 1000)], "credit_note").unwrap();
    assert_eq!(Collection::of(&credit), Err(CollectedError::Credit));
    let mut invoice = Collection::of(&document(&[("20", 1000)], "invoice").unwrap()).unwrap();
    let strange = Collected { rate_percent: "10".parse().unwrap(), amount: euros(1) };
    assert!(matches!(invoice.told(&[strange]), Err(CollectedError::Rate { .. })));
}

#[test]
fn what_is_credited_is_not_waited_for() {
    let invoice = document(&[("20", 10_000), ("10", 5_000)], "invoice").unwrap();
    let credit = document(&[("10", 5_000)], "credit_note").unwrap();
    let shown = |parts: &[Collected]| {
        let parts = parts.iter().map(|it| format!("{}: {}", it.rate_percent, it.amount));
        parts.collect::<Vec<_>>().join(", ")
    };
    let mut collection = Collection::of(&invoice).unwrap();
    collection.credited(&credit).unwrap();
    assert_eq!(shown(&collection.collect(euros(6_000)).unwrap()), "20: 60.00");
    assert!(collection.collect(euros(6_001)).is_err());
    // Twice would be more than there was.
    let twice = collection.credited(&credit);
    assert!(matches!(twice, Err(CollectedError::OutOfRange { .. })), "{twice:?}");

    // What was paid before goes back first.
    let mut collection = Collection::of(&invoice).unwrap();
    assert_eq!(shown(&collection.collect(euros(17_500)).unwrap()), "10: 55.00, 20: 120.00");
    let before = collection.clone();
    assert!(collection.credited(&credit).is_err());
    assert_eq!(collection, before);
    let back = collection.take_back(&Collected::whole(&credit).unwrap()).unwrap();
    assert_eq!(shown(&back), "10: -55.00");
    collection.credited(&credit).unwrap();
    assert_eq!(shown(&collection.collect(euros(-12_000)).unwrap()), "20: -120.00");
    let other = document(&[("5.5", 100)], "credit_note").unwrap();
    let strange = collection.credited(&other);
    assert!(matches!(strange, Err(CollectedError::Rate { .. })), "{strange:?}");
}
