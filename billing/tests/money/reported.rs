//! Laws of reports, over books made at random: they agree with the entries and with each other.

use std::collections::BTreeMap;

use jiff::{
    ToSpan,
    civil::{Date, date},
};
use palier_billing::{
    Currency, Days, Money, Percent,
    ledger::{
        Auxiliary, Entry, Heading, Payment, Sale, Settlement, Treasury, WriteOff, payment, sale,
        write_off,
    },
    matching::OpenItem,
    reports::{VatFact, aged_receivables, company_balance, revenue, trial_balance, vat_return},
};
use proptest::{collection::vec, prelude::*};

use crate::{
    cents,
    generate::{RATES, between, chart, course, sales, total},
};

/// A document, the days between what happens to it, how it is settled, whether the last part is
/// lost.
type Life = (Sale, Vec<(u16, u8)>, u8, bool);

/// All that happened: entries, and the same as facts of VAT.
#[derive(Debug, Default)]
struct Books {
    entries: Vec<Entry>,
    issued: Vec<(Date, Sale)>,
    settled: Vec<(Date, Settlement, bool)>,
    items: Vec<OpenItem>,
}

fn day(days: i64) -> Date {
    date(2026, 1, 5).saturating_add(days.days())
}

fn books() -> impl Strategy<Value = Books> {
    let life = (sales(), vec((any::<u16>(), 0..60_u8), 0..4), 0..80_u8, any::<bool>());
    vec(life, 1..6).prop_map(|lives| {
        let mut books = Books::default();
        for (nth, life) in lives.into_iter().enumerate() {
            books.live(nth, life);
        }
        books
    })
}

impl Books {
    fn live(&mut self, nth: usize, (mut facts, stops, begins, lost): Life) {
        let member = format!("M{}", nth % 3);
        let customer = Auxiliary::new(&member, &member).unwrap();
        let number = format!("FA-{nth}");
        let mut on = day(begins.into());
        let head = |on| Heading::new(on, &number, "Texte").unwrap();
        facts.heading = head(on);
        facts.customer = customer.clone();
        self.entries.extend(sale(&chart(), &facts).unwrap());
        let whole = total(&facts);
        self.issued.push((on, facts.clone()));
        let parts: Vec<_> = stops.iter().map(|(stop, _)| *stop).collect();
        let mut course = course(whole, &parts);
        course.truncate(stops.len());
        let mut from = 0;
        for (step, to) in course.iter().enumerate() {
            on = on.saturating_add(i64::from(stops[step].1).days());
            let part = Settlement { document: number.clone(), ..between(&facts, from, *to) };
            let lost = lost && step + 1 == course.len();
            let (heading, customer) = (head(on), customer.clone());
            let entry = if lost {
                let lost = part.clone();
                write_off(&chart(), &WriteOff { heading, customer, lost })
            } else {
                payment(
                    &chart(),
                    &Payment {
                        heading,
                        customer,
                        received: part.amount,
                        into: Treasury::Bank,
                        fees: None,
                        settles: vec![part.clone()],
                    },
                )
            };
            self.entries.extend(entry.unwrap());
            self.settled.push((on, part, lost));
            from = *to;
        }
        let due_on = on.saturating_add(30.days());
        let (total, open) = (cents(whole), cents(whole - from));
        self.items.push(OpenItem { document: number, member, due_on, total, open });
    }

    fn facts(&self) -> Vec<VatFact<'_>> {
        let issued = self.issued.iter().map(|(on, sale)| VatFact::Issued {
            on: *on,
            total: cents(total(sale)),
            vat: &sale.vat,
            vat_due: sale.vat_due,
        });
        let settled = self.settled.iter().map(|(on, part, lost)| {
            let on = *on;
            if *lost { VatFact::Lost { on, part } } else { VatFact::Settled { on, part } }
        });
        issued.chain(settled).collect()
    }

    /// Months, the last of which holds all that happened.
    fn months() -> Vec<Days> {
        let first = |nth: i32| date(2026, 1, 1).saturating_add(nth.months());
        let month = |nth| Days::new(first(nth), first(nth + 1)).unwrap();
        (0..11).map(month).collect()
    }
}

fn sum(amounts: impl IntoIterator<Item = Money>) -> i64 {
    amounts.into_iter().map(Money::minor).sum()
}

proptest! {
    /// What is to be declared is what the accounts of VAT collected moved by, rate by rate; what
    /// waits is what that of VAT pending stands at.
    #[test]
    fn the_return_is_that_of_the_books(books in books(), keys in vec(any::<u16>(), 40)) {
        let mut facts: Vec<_> = books.facts().into_iter().zip(keys.iter().cycle()).collect();
        facts.sort_by_key(|(_, key)| **key);
        for days in Books::months() {
            let facts = facts.iter().map(|(fact, _)| *fact);
            let made = vat_return(Currency::EUR, days, facts).unwrap();
            let balance = trial_balance(Currency::EUR, days, &books.entries).unwrap();
            let moved: BTreeMap<_, _> = balance.rows.iter().map(|row| {
                let moved = row.credits.minor() - row.debits.minor();
                (row.account.as_str().to_owned(), (moved, -row.closing.minor()))
            }).collect();
            let (_, waits) = moved.get("445740").copied().unwrap_or_default();
            prop_assert_eq!(made.pending.minor(), waits);
            prop_assert_eq!(sum(made.rows.iter().map(|row| row.pending.vat)), waits);
            for (place, rate) in RATES.iter().enumerate() {
                let rate: Percent = rate.parse().unwrap();
                let rows = made.rows.iter().filter(|row| row.rate_percent == rate);
                let due = sum(rows.flat_map(|row| [row.on_debits.vat, row.on_receipt.vat]));
                let (booked, _) = moved.get(&format!("44571{place}")).copied().unwrap_or_default();
                prop_assert_eq!(due, booked, "{:?} {}", days, rate);
            }
        }
    }

    /// Debits equal credits, a month opens as the one before closed, and companies' parts are the
    /// account; in whatever order entries come.
    #[test]
    fn balances_balance(books in books(), keys in vec(any::<u16>(), 40)) {
        let mut shuffled: Vec<_> = books.entries.iter().zip(keys.iter().cycle()).collect();
        shuffled.sort_by_key(|(_, key)| **key);
        let mut closed: BTreeMap<String, i64> = BTreeMap::new();
        for days in Books::months() {
            let balance = trial_balance(Currency::EUR, days, &books.entries).unwrap();
            let again = trial_balance(Currency::EUR, days, shuffled.iter().map(|(it, _)| *it));
            prop_assert_eq!(&again.unwrap(), &balance);
            prop_assert_eq!(balance.debits, balance.credits);
            prop_assert_eq!(sum(balance.rows.iter().map(|row| row.opening)), 0);
            prop_assert_eq!(sum(balance.rows.iter().map(|row| row.closing)), 0);
            for row in &balance.rows {
                let before = closed.get(row.account.as_str()).copied().unwrap_or_default();
                prop_assert_eq!(row.opening.minor(), before);
                closed.insert(row.account.to_string(), row.closing.minor());
            }
            let by_company = company_balance(Currency::EUR, days, &books.entries).unwrap();
            let owed = sum(by_company.rows.iter().map(|row| row.closing));
            prop_assert_eq!(owed, closed.get("411000").copied().unwrap_or_default());
        }
        // All that is open is what the account of receivables stands at, whatever its age.
        let aged = aged_receivables(Currency::EUR, day(90), &books.items).unwrap();
        let all = &aged.total;
        let owed = closed.get("411000").copied().unwrap_or_default();
        prop_assert_eq!(all.total.minor(), owed);
        prop_assert_eq!(sum(aged.rows.iter().map(|row| row.total)), owed);
        let late = [all.days_1_to_30, all.days_31_to_60, all.days_61_to_90, all.over_90_days];
        prop_assert_eq!(sum(late) + sum([all.not_due, all.credits]), owed);
        // Income is what the accounts of class 7 stand at.
        let earned = revenue(Currency::EUR, &books.entries).unwrap();
        let stands = closed.iter().filter(|(account, _)| account.starts_with('7'));
        let stands: i64 = stands.map(|(_, cents)| cents).sum();
        prop_assert_eq!(sum(earned.iter().map(|row| row.amount)), -stands);
    }
}
