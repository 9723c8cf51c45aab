//! Credits drawn, by hand and against a second calculation.

use proptest::prelude::*;

use super::*;
use crate::{DocumentLineKind, Figures, PriceBase, VatExemption};

fn vat(percent: &str) -> LineVat {
    let outside = || VatExemption { code: "VATEX-EU-O".into(), reason: "Hors champ".into() };
    let rate_percent: crate::Percent = percent.parse().unwrap();
    let charged = rate_percent.units() > 0;
    LineVat {
        category: if charged { VatCategory::Standard } else { VatCategory::OutOfScope },
        rate_percent,
        exemption: (!charged).then(outside),
    }
}

fn line(service: &str, minor: i64, percent: &str) -> DocumentLine {
    let figures = Figures::lump(Money::from_minor(minor, Currency::EUR)).unwrap();
    DocumentLine {
        kind: DocumentLineKind::Usage,
        service: Some(service.to_owned()),
        name: service.to_owned(),
        detail: None,
        quantity: figures.quantity,
        unit: "C62".to_owned(),
        unit_price: figures.unit_price,
        price_base: PriceBase::One,
        period: None,
        vat: vat(percent),
        vat_basis: None,
        pool: None,
    }
}

fn credit(service: &str, available: i64) -> Credit {
    Credit { service: (!service.is_empty()).then(|| service.to_owned()), available }
}

/// Credit, service, rate and amount of each draw.
fn drawn(lines: &[DocumentLine], credits: &[Credit]) -> Vec<(usize, String, String, i64)> {
    let draws = draw(Currency::EUR, lines, credits).unwrap();
    let told = draws.into_iter().map(|it| {
        let service = it.service.unwrap_or_default();
        (it.credit, service, it.vat.rate_percent.to_string(), it.amount.minor())
    });
    told.collect()
}

fn told(nth: usize, service: &str, rate: &str, minor: i64) -> (usize, String, String, i64) {
    (nth, service.to_owned(), rate.to_owned(), minor)
}

#[test]
fn the_first_credit_is_drawn_first_and_the_last_only_in_part() {
    let lines = [line("a", 60_00, "20"), line("a", 40_00, "20")];
    let credits = [credit("", 70_00), credit("", 50_00), credit("", 5_00)];
    assert_eq!(drawn(&lines, &credits), [told(0, "a", "20", 70_00), told(1, "a", "20", 30_00)]);
}

#[test]
fn what_is_drawn_has_the_rate_of_what_it_is_drawn_for() {
    let lines = [line("a", 60_00, "20"), line("b", 40_00, "10")];
    let all = [told(0, "a", "20", 60_00), told(0, "b", "10", 20_00)];
    assert_eq!(drawn(&lines, &[credit("", 80_00)]), all);
}

#[test]
fn a_credit_of_a_service_pays_for_nothing_else() {
    let lines = [line("a", 60_00, "20"), line("b", 40_00, "20")];
    assert_eq!(drawn(&lines, &[credit("b", 80_00)]), [told(0, "b", "20", 40_00)]);
    assert_eq!(drawn(&lines, &[credit("c", 80_00)]), []);
}

#[test]
fn a_credit_for_all_leaves_what_a_later_one_names() {
    let lines = [line("a", 60_00, "20"), line("b", 60_00, "20")];
    let credits = [credit("", 60_00), credit("a", 60_00)];
    assert_eq!(drawn(&lines, &credits), [told(0, "b", "20", 60_00), told(1, "a", "20", 60_00)]);
}

#[test]
fn what_is_outside_the_scope_of_vat_is_paid_by_a_credit_that_names_it() {
    let lines = [line("fee", 60_00, "0")];
    assert_eq!(drawn(&lines, &[credit("", 60_00)]), []);
    assert_eq!(drawn(&lines, &[credit("fee", 50_00)]), [told(0, "fee", "0", 50_00)]);
}

#[test]
fn what_is_given_back_leaves_less_to_draw_for() {
    let lines = [line("a", 60_00, "20"), line("b", -25_00, "20")];
    assert_eq!(drawn(&lines, &[credit("", 80_00)]), [told(0, "a", "20", 35_00)]);
    // At another rate it is gross that counts: 25.00 and 5.00 of VAT are 27.2727… and 10 % of it.
    let lines = [line("a", 60_00, "10"), line("b", -25_00, "20")];
    let draws = drawn(&lines, &[credit("", 80_00)]);
    assert_eq!(draws, [told(0, "a", "10", 60_00 - 27_30)]);
}

fn lines() -> impl Strategy<Value = Vec<DocumentLine>> {
    let one = (0..3_usize, -5_000..20_000_i64, 0..3_usize);
    let make = |(service, minor, rate): (usize, i64, usize)| {
        line(["a", "b", "c"][service], minor, ["20", "10", "5.5"][rate])
    };
    proptest::collection::vec(one.prop_map(make), 0..8)
}

fn credits() -> impl Strategy<Value = Vec<Credit>> {
    let one = (0..4_usize, 1..15_000_i64);
    let make = |(service, minor): (usize, i64)| credit(["a", "b", "c", ""][service], minor);
    proptest::collection::vec(one.prop_map(make), 0..5)
}

/// What lines come to with VAT, each rate rounded once.
fn gross(lines: &[DocumentLine]) -> i64 {
    let of = |line: &DocumentLine| {
        let amount = line.amount(Currency::EUR).unwrap();
        (line.vat.category, line.vat.rate_percent, amount)
    };
    let totals = crate::vat_totals(Currency::EUR, lines.iter().map(of)).unwrap();
    totals.iter().map(|total| total.base.minor() + total.vat.minor()).sum()
}

proptest! {
    #[test]
    fn no_credit_is_overdrawn_and_no_document_comes_to_less_than_nothing(
        lines in lines(), credits in credits(),
    ) {
        let draws = draw(Currency::EUR, &lines, &credits).unwrap();
        let mut left: Vec<_> = credits.iter().map(|it| it.available).collect();
        let mut all = lines.clone();
        for it in &draws {
            prop_assert!(it.amount.minor() > 0);
            left[it.credit] -= it.amount.minor();
            if let Some(named) = &credits[it.credit].service {
                prop_assert_eq!(it.service.as_ref(), Some(named));
            }
            let rate = it.vat.rate_percent.to_string();
            all.push(line(it.service.as_deref().unwrap(), -it.amount.minor(), &rate));
        }
        prop_assert!(left.iter().all(|left| *left >= 0));
        prop_assert!(draws.is_empty() || gross(&all) >= 0, "{}", gross(&all));
        prop_assert!(draws.is_sorted_by_key(|it| it.credit));
    }

    /// A flow from credits to services: as much is drawn as ever could be.
    #[test]
    fn nothing_is_left_to_pay_that_a_credit_could_pay_for(
        sums in proptest::array::uniform3(0..10_000_i64), credits in credits(),
    ) {
        let names = ["a", "b", "c"];
        let lines: Vec<_> = names.iter().zip(sums).map(|(it, sum)| line(it, sum, "20")).collect();
        let draws = draw(Currency::EUR, &lines, &credits).unwrap();
        let drawn: i64 = draws.iter().map(|it| it.amount.minor()).sum();
        let of = |named: Option<&str>| -> i64 {
            let of = credits.iter().filter(|it| it.service.as_deref() == named);
            of.map(|it| it.available).sum()
        };
        let named: i64 = names.iter().zip(sums).map(|(it, sum)| sum.min(of(Some(it)))).sum();
        let rest = sums.iter().sum::<i64>() - named;
        // Credits that name a service pay for it as far as they go, those for all for the rest; but
        // one for all that comes first may take what a smaller one behind it would have paid for.
        prop_assert!(drawn <= named + rest.min(of(None)));
        let open: Vec<_> = names.iter().zip(sums).map(|(it, sum)| {
            let paid = draws.iter().filter(|draw| draw.service.as_deref() == Some(it));
            sum - paid.map(|draw| draw.amount.minor()).sum::<i64>()
        }).collect();
        for (nth, credit) in credits.iter().enumerate() {
            let used: i64 = draws.iter().filter(|it| it.credit == nth).map(|it| it.amount.minor()).sum();
            let could = names.iter().zip(&open).any(|(it, open)| {
                *open > 0 && credit.service.as_deref().is_none_or(|named| named == *it)
            });
            prop_assert!(used == credit.available || !could, "{credit:?} {open:?}");
        }
    }
}
