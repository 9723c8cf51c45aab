//! The writer: what it refuses, what it writes, and that the checker finds nothing in it.

use jiff::{
    ToSpan,
    civil::{Date, date},
};
use palier_billing::{
    Currency, Days, Money,
    fec::{Encoding, FecError, Record, Writer, check},
    ledger::{
        Auxiliary, ChartAccount, Entry, EntryNumber, Heading, Journal, Letter, Lettering, Posting,
        Role, Side,
    },
};
use proptest::{collection::vec, option, prelude::*, sample::select};

use crate::{cents, eur};

fn year() -> Days {
    Days::new(date(2026, 1, 1), date(2027, 1, 1)).unwrap()
}

fn writer(encoding: Encoding) -> Writer {
    Writer::new("732829320".parse().unwrap(), year(), encoding)
}

fn entry(journal: Journal, day: Date, amount: Money) -> Entry {
    let heading = Heading::new(day, "PIÈCE\t1", "L’été\r\nà l'œuvre").unwrap();
    let debit = Posting::new(Role::Receivable.usual(), Side::Debit, amount, "Été").unwrap();
    let debit = debit.of(Auxiliary::new("M0001", "Forge|Œuvre").unwrap());
    let credit = Posting::new(Role::Sales.usual(), Side::Credit, amount, "Été").unwrap();
    Entry::new(journal, heading.dated(date(2026, 1, 2)), vec![debit, credit]).unwrap()
}

fn record(entry: &Entry, sequence: u64, validated: Date) -> Record<'_> {
    Record { sequence, validated, entry, letters: &[] }
}

#[test]
fn a_line_has_the_eighteen_fields_of_the_law() {
    let mut writer = writer(Encoding::Iso8859_15);
    assert_eq!(writer.name(), "732829320FEC20261231.txt");
    let sold = entry(Journal::Sales, date(2026, 1, 31), eur("1234567.80"));
    let letter = Lettering { letter: Letter::FIRST, date: date(2026, 2, 3) };
    let letters = [Some(letter)];
    let mut out = Vec::new();
    let record = Record { letters: &letters, ..record(&sold, 1_234_567, date(2026, 2, 28)) };
    writer.append(&mut out, &record).unwrap();
    assert_eq!(
        out,
        b"VE\tVentes\tVE1234567\t20260131\t411000\tClients\tM0001\tForge|\xbcuvre\tPI\xc8CE 1\t\
          20260102\t\xc9t\xe9\t1234567,80\t0,00\tAA\t20260203\t20260228\t\t\r\n\
          VE\tVentes\tVE1234567\t20260131\t706000\tPrestations de services\t\t\tPI\xc8CE 1\t\
          20260102\t\xc9t\xe9\t0,00\t1234567,80\t\t\t20260228\t\t\r\n",
    );
}

#[test]
fn the_name_has_the_closing_date() {
    let year = Days::new(date(2027, 7, 1), date(2028, 3, 1)).unwrap();
    let writer = Writer::new("356000000".parse().unwrap(), year, Encoding::Utf8);
    assert_eq!(writer.name(), "356000000FEC20280229.txt");
}

#[test]
fn what_would_break_a_rule_is_not_written() {
    let number = |journal, sequence| EntryNumber { journal, sequence };
    let (june, july) = (date(2026, 6, 30), date(2026, 7, 31));
    let sold = entry(Journal::Sales, june, eur("1"));
    let mut writer = writer(Encoding::Utf8);
    let mut out = Vec::new();
    writer.append(&mut out, &record(&sold, 5, july)).unwrap();
    let written = out.clone();
    let mut refused = |record: Record<'_>| {
        let fault = writer.append(&mut out, &record).unwrap_err();
        assert_eq!(out, written, "a part of it was written");
        fault
    };

    let first = number(Journal::Sales, 6);
    for sequence in [5, 7] {
        let fault = FecError::NotNext { number: number(Journal::Sales, sequence), expected: first };
        assert_eq!(refused(record(&sold, sequence, july)), fault);
    }
    let before = date(2026, 7, 30);
    let fault = FecError::OutOfOrder { number: first, validated: before, previous: july };
    assert_eq!(refused(record(&sold, 6, before)), fault);
    let late = entry(Journal::Sales, date(2026, 8, 1), eur("1"));
    let fault =
        FecError::ValidatedBefore { number: first, date: date(2026, 8, 1), validated: july };
    assert_eq!(refused(record(&late, 6, july)), fault);
    for day in [date(2025, 12, 31), date(2027, 1, 1)] {
        let outside = entry(Journal::Sales, day, eur("1"));
        let fault = FecError::OutsideYear { number: first, date: day };
        assert_eq!(refused(record(&outside, 6, date(2027, 1, 31))), fault);
    }
    let yen = entry(Journal::Sales, july, Money::from_minor(1, Currency::JPY));
    let fault = FecError::NotEuro { number: first, found: "JPY" };
    assert_eq!(refused(record(&yen, 6, july)), fault);
    // None of it moved the writer on; other journals count by themselves.
    writer.append(&mut out, &record(&sold, 6, july)).unwrap();
    let paid = entry(Journal::Bank, july, eur("1"));
    writer.append(&mut out, &record(&paid, 41, july)).unwrap();
    writer.append(&mut out, &record(&paid, 42, july)).unwrap();
}

/// Text that people type, and text that nobody would.
fn text() -> impl Strategy<Value = String> {
    let odd = "[\\PC\t\r\n\u{85}\u{a0}\u{2028}\u{7f}]{0,12}";
    let any = prop_oneof!["[A-Za-zÀ-ÿ0-9 '|€œŠ—’ř東¨½]{1,20}", odd];
    any.prop_filter("blank", |text| Heading::new(year().first(), text, text).is_ok())
}

fn accounts() -> impl Strategy<Value = ChartAccount> {
    let number = "[1-8][0-9]{2}[0-9A-Za-z]{0,6}";
    (number, text())
        .prop_map(|(number, label)| ChartAccount::new(number.parse().unwrap(), &label).unwrap())
}

type Side1 = (ChartAccount, i64, String, Option<(String, String)>);

fn side() -> impl Strategy<Value = Side1> {
    let amount = prop_oneof![1..1_000_000_i64, 1..1_000_000_000_000_i64];
    (accounts(), amount, text(), option::of((text(), text())))
}

fn postings(sides: Vec<Side1>) -> Vec<Posting> {
    let total: i64 = sides.iter().map(|(_, amount, ..)| amount).sum();
    let mut postings: Vec<_> = sides
        .into_iter()
        .map(|(account, amount, label, whose)| {
            let posting = Posting::new(account, Side::Debit, cents(amount), &label).unwrap();
            let whose = whose.map(|(code, name)| Auxiliary::new(&code, &name).unwrap());
            whose.into_iter().fold(posting, Posting::of)
        })
        .collect();
    let other = Posting::new(Role::Suspense.usual(), Side::Credit, cents(total), "Contrepartie");
    postings.push(other.unwrap());
    postings
}

/// An entry, how many days later it was validated, and which of its postings are lettered.
fn entries() -> impl Strategy<Value = (Entry, i32, Vec<bool>)> {
    let journal = select(Journal::ALL);
    let heading = (0..365_i32, text(), text(), -400..400_i32);
    let lettered = vec(any::<bool>(), 0..4);
    (journal, heading, vec(side(), 1..4), 0..90_i32, lettered).prop_map(
        |(journal, (day, piece, label, other), sides, later, lettered)| {
            let day = date(2026, 1, 1) + day.days();
            let heading = Heading::new(day, &piece, &label).unwrap().dated(day + other.days());
            (Entry::new(journal, heading, postings(sides)).unwrap(), later, lettered)
        },
    )
}

proptest! {
    /// Whatever entries there are, written in the order of validation: the checker finds nothing.
    #[test]
    fn what_is_written_is_in_order(
        entries in vec(entries(), 0..12),
        encoding in select(&[Encoding::Iso8859_15, Encoding::Utf8][..]),
        start in 1..2_000_000_u64,
    ) {
        let validated = |(entry, later, _): &(Entry, i32, _)| {
            entry.heading().date() + i64::from(*later).days()
        };
        let mut entries = entries;
        entries.sort_by_key(validated);
        let mut writer = writer(encoding);
        let mut file = writer.header();
        let mut sequences = std::collections::BTreeMap::new();
        for posted in &entries {
            let (entry, _, lettered) = posted;
            let next = sequences.entry(entry.journal()).or_insert(start);
            let letter = Lettering { letter: Letter::FIRST, date: validated(posted) };
            let letters: Vec<_> = lettered.iter().map(|it| it.then_some(letter)).collect();
            let (sequence, validated) = (*next, validated(posted));
            let record = Record { sequence, validated, entry, letters: &letters };
            writer.append(&mut file, &record).unwrap();
            *next += 1;
        }
        let findings = check(&writer.name(), &file);
        prop_assert!(findings.is_empty(), "{findings:?}\n{}", String::from_utf8_lossy(&file));
        let lines = 1 + entries.iter().map(|(entry, ..)| entry.postings().len()).sum::<usize>();
        prop_assert_eq!(file.split(|byte| *byte == b'\n').count(), lines + 1);
    }

    /// No file is too odd to be read, and none of these is in order.
    #[test]
    fn any_bytes_can_be_checked(
        bytes in vec(select(&b"\t\r\n|,0129-AV\xc3\xa9\x80"[..]), 1..400),
        name in "\\PC{0,30}",
    ) {
        prop_assert!(!check(&name, &bytes).is_empty());
        let writer = writer(Encoding::Utf8);
        let file = [writer.header().as_slice(), &bytes].concat();
        prop_assert!(!check(&writer.name(), &file).is_empty());
    }
}
