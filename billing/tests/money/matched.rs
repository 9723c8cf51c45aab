//! Laws of matching, over lines and documents made at random.

use std::collections::BTreeMap;

use jiff::{ToSpan, civil::date};
use palier_billing::{
    Currency, Money,
    matching::{OpenItem, Outcome, Proposal, Verdict, match_lines},
    statement::StatementLine,
};
use proptest::{collection::vec, prelude::*, sample::select};

use crate::matching::{item, payers, transfer};

const MEMBERS: [&str; 4] = ["forge", "usine", "tour", "tour2"];
const NAMES: [&str; 5] = ["Forge du Nord", "USINE GENERALE SAS", "TOUR", "La Tour", "Inconnu"];
const IBANS: [&str; 3] = ["FR7630006000011234567890189", "DE89370400440532013000", ""];

/// A document in few cents, so that amounts meet by chance: member, total, how much is settled.
fn documents() -> impl Strategy<Value = Vec<OpenItem>> {
    let document = (select(&MEMBERS[..]), -3..12_i64, 0..=2_i64, 0..40_i64);
    vec(document, 0..12).prop_map(|all| {
        let made = all.into_iter().enumerate().map(|(nth, (member, total, settled, days))| {
            let total = total * 1000;
            let mut item = item(&format!("FA-2026-{:06}", nth + 118), member, "0", "0");
            item.total = Money::from_minor(total, Currency::EUR);
            item.open = Money::from_minor(total - total * settled / 2, Currency::EUR);
            item.due_on = date(2026, 8, 1).saturating_add(days.days());
            item
        });
        made.filter(|item| !item.total.is_zero()).collect()
    })
}

fn number(form: u8, nth: usize) -> String {
    let nth = nth + 118;
    match form {
        0 => format!("FA-2026-{nth:06}"),
        1 => format!("fa2026{nth:06}"),
        2 => format!("FA 2026/{nth}"),
        3 => format!("2026-{nth:06}"),
        _ => String::from("virement"),
    }
}

fn lines() -> impl Strategy<Value = Vec<StatementLine>> {
    let amount = prop_oneof![8 => 1..15_i64, 2 => -6..0_i64];
    let texts = vec((0..7_u8, 0..12_usize), 1..3);
    let who = (0..NAMES.len() + 2, select(&IBANS[..]));
    let line = (amount, texts, who, 0..5_i64, prop::bool::weighted(0.1));
    vec(line, 0..10).prop_map(|all| {
        let made = all.into_iter().enumerate().map(|(nth, (amount, texts, who, day, reversal))| {
            let texts: Vec<_> = texts.iter().map(|(form, nth)| number(*form, *nth)).collect();
            StatementLine {
                key: nth.to_string(),
                booked_on: date(2026, 8, 14).saturating_add(day.days()),
                amount: Money::from_minor(amount * 1000, Currency::EUR),
                counterparty: NAMES.get(who.0).map(|it| (*it).to_owned()),
                counterparty_iban: who.1.parse().ok(),
                reversal,
                ..transfer("0", &texts.join(" et "))
            }
        });
        made.collect()
    })
}

/// What a document came to and what is open of it, in cents.
fn standing(item: &OpenItem) -> (i64, i64) {
    (item.total.minor(), item.open.minor())
}

fn proposals(verdict: &Verdict) -> &[Proposal] {
    match verdict {
        Verdict::Certain(proposal) => std::slice::from_ref(proposal),
        Verdict::Suggested(all) => all,
        Verdict::Unknown => &[],
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// The order in which anything is given changes nothing.
    #[test]
    fn order_changes_nothing(
        documents in documents(),
        lines in lines(),
        keys in vec(any::<u16>(), 12),
    ) {
        let verdicts = match_lines(&lines, &documents, &payers()).unwrap();
        let by_key: BTreeMap<_, _> =
            lines.iter().map(|it| it.key.clone()).zip(verdicts).collect();
        let mut shuffled: Vec<_> = documents.into_iter().zip(&keys).collect();
        shuffled.sort_by_key(|(_, key)| **key);
        let documents: Vec<_> = shuffled.into_iter().map(|(it, _)| it).collect();
        let mut shuffled: Vec<_> = lines.into_iter().zip(&keys).collect();
        shuffled.sort_by_key(|(_, key)| **key);
        let lines: Vec<_> = shuffled.into_iter().map(|(it, _)| it).collect();
        let mut payers = payers();
        payers.rotate_left(usize::from(keys[0] % 4));
        let again = match_lines(&lines, &documents, &payers).unwrap();
        for (line, verdict) in lines.iter().zip(again) {
            prop_assert_eq!(&by_key[&line.key], &verdict);
        }
    }

    /// Every line is spent to the cent, and a certain one never settles more than is open, nor
    /// takes back more than was paid, together with all others.
    #[test]
    fn nothing_is_paid_beyond_what_is_open(documents in documents(), lines in lines()) {
        let verdicts = match_lines(&lines, &documents, &payers()).unwrap();
        prop_assert_eq!(verdicts.len(), lines.len());
        let mut open: BTreeMap<_, _> =
            documents.iter().map(|it| (it.document.clone(), standing(it))).collect();
        let mut order: Vec<_> = lines.iter().zip(&verdicts).collect();
        order.sort_by_key(|(line, _)| (line.booked_on, line.key.clone()));
        for (line, verdict) in &order {
            for proposal in proposals(verdict) {
                let parts = proposal.allocations.iter().map(|it| it.amount.minor());
                prop_assert_eq!(parts.sum::<i64>() + proposal.rest.minor(), line.amount.minor());
                let own = |it: &OpenItem| it.member == proposal.member;
                let known = documents.iter().filter(|it| own(it)).map(|it| &it.document);
                let known: Vec<_> = known.collect();
                prop_assert!(proposal.allocations.iter().all(|it| known.contains(&&it.document)));
            }
        }
        for (_, verdict) in order {
            let Verdict::Certain(proposal) = verdict else { continue };
            for part in &proposal.allocations {
                open.get_mut(&part.document).unwrap().1 -= part.amount.minor();
            }
            prop_assert!(proposal.outcome != Outcome::Credit);
        }
        for (document, (total, open)) in open {
            let range = if total < 0 { total..=0 } else { 0..=total };
            prop_assert!(range.contains(&open), "{} {} of {}", document, open, total);
        }
        // What is suggested is open once all that is certain is booked.
        let certain = verdicts.iter().filter_map(|it| match it {
            Verdict::Certain(proposal) => Some(proposal),
            _ => None,
        });
        let mut left: BTreeMap<_, _> =
            documents.iter().map(|it| (&it.document, standing(it))).collect();
        for part in certain.flat_map(|it| &it.allocations) {
            left.get_mut(&part.document).unwrap().1 -= part.amount.minor();
        }
        for proposal in verdicts.iter().flat_map(proposals) {
            if verdicts.iter().any(|it| matches!(it, Verdict::Certain(sure) if sure == proposal)) {
                continue;
            }
            for part in &proposal.allocations {
                let (total, open) = left[&part.document];
                let after = open - part.amount.minor();
                let range = if total < 0 { total..=0 } else { 0..=total };
                prop_assert!(range.contains(&after), "{proposal:?}");
            }
        }
    }
}
