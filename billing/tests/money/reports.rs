//! Reports of books small enough to be summed by hand.

use jiff::{
    ToSpan,
    civil::{Date, date},
};
use palier_billing::{
    Currency, Days, VatCategory, VatTotal,
    ledger::{
        Auxiliary, Chart, Entry, Heading, Payment, Revenue, Sale, Settlement, Standing, Treasury,
        VatDue, WriteOff, credit_note, opening, payment, sale, write_off,
    },
    matching::OpenItem,
    reports::{
        AgedRow, TrialBalance, VatFact, VatReturn, aged_receivables, company_balance, revenue,
        trial_balance, vat_return,
    },
    vat_totals,
};

use crate::{eur, service};

fn item(member: &str, due_on: Date, open: &str) -> OpenItem {
    OpenItem {
        document: format!("{member} {due_on}"),
        member: member.into(),
        due_on,
        total: eur(open),
        open: eur(open),
    }
}

#[test]
fn a_day_late_is_late_and_credits_have_no_age() {
    let on = date(2026, 9, 30);
    let late = |days: i64| on.saturating_sub(days.days());
    let items = [
        item("usine", late(0), "1"),
        item("forge", late(-5), "2"),
        item("forge", late(1), "4"),
        item("forge", late(30), "8"),
        item("forge", late(31), "16"),
        item("forge", late(60), "32"),
        item("forge", late(61), "64"),
        item("forge", late(90), "128"),
        item("forge", late(91), "256"),
        item("forge", late(400), "512"),
        item("forge", late(200), "-1000"),
        item("tour", late(3), "0"),
    ];
    let aged = aged_receivables(Currency::EUR, on, &items).unwrap();
    let row = |row: &AgedRow| {
        let amounts = [
            row.not_due,
            row.days_1_to_30,
            row.days_31_to_60,
            row.days_61_to_90,
            row.over_90_days,
            row.credits,
            row.total,
        ];
        format!("{}: {}", row.member, amounts.map(|it| it.to_string()).join(" "))
    };
    assert_eq!(
        aged.rows.iter().map(row).collect::<Vec<_>>(),
        [
            "forge: 2.00 12.00 48.00 192.00 768.00 -1000.00 22.00",
            "usine: 1.00 0.00 0.00 0.00 0.00 0.00 1.00",
        ]
    );
    assert_eq!(row(&aged.total), ": 3.00 12.00 48.00 192.00 768.00 -1000.00 23.00");
    assert!(aged_receivables(Currency::USD, on, &items).is_err());
}

fn head(day: Date, piece: &str) -> Heading {
    Heading::new(day, piece, "Texte").unwrap()
}

fn company(code: &str) -> Auxiliary {
    Auxiliary::new(code, code).unwrap()
}

fn vat(amount: &str, rate: &str) -> Vec<VatTotal> {
    let line = (VatCategory::Standard, rate.parse().unwrap(), eur(amount));
    vat_totals(Currency::EUR, [line]).unwrap()
}

fn invoice(day: Date, number: &str, whose: &str, line: (Revenue, &str), vat_due: VatDue) -> Sale {
    Sale {
        heading: head(day, number),
        customer: company(whose),
        lines: vec![(line.0, eur(line.1))],
        vat: vat(line.1, "20"),
        vat_due,
    }
}

fn part(
    number: &str,
    total: &str,
    net: &str,
    due: VatDue,
    before: &str,
    amount: &str,
) -> Settlement {
    Settlement {
        document: number.into(),
        total: eur(total),
        vat: vat(net, "20"),
        vat_due: due,
        before: eur(before),
        amount: eur(amount),
    }
}

fn paid(day: Date, whose: &str, received: &str, settles: Settlement) -> Entry {
    let facts = Payment {
        heading: head(day, "VIR"),
        customer: company(whose),
        received: eur(received),
        into: Treasury::Bank,
        fees: None,
        settles: vec![settles],
    };
    payment(&Chart::default(), &facts).unwrap().unwrap()
}

const JULY: Date = date(2026, 7, 31);
const AUGUST: Date = date(2026, 8, 14);

/// A year that opens with 500 € at the bank, three invoices in July, and in August a payment of a
/// half, one of all, a loss and a credit note.
fn books() -> Vec<Entry> {
    let chart = Chart::default();
    let (receipt, debits) = (VatDue::OnReceipt, VatDue::OnDebits);
    let stood = |role, cents| Standing {
        account: chart.account(role),
        whose: None,
        balance: crate::cents(cents),
    };
    let before = [
        stood(palier_billing::ledger::Role::Bank, 50_000),
        stood(palier_billing::ledger::Role::Profit, -50_000),
    ];
    let sold = |line, number, whose, due| {
        sale(&chart, &invoice(JULY, number, whose, line, due)).unwrap().unwrap()
    };
    let returned = invoice(AUGUST, "AV-1", "usine", (service("compute"), "10"), debits);
    vec![
        opening(&chart, &head(date(2026, 1, 1), "BILAN"), &before).unwrap().unwrap(),
        sold((service("compute"), "100"), "FA-1", "forge", receipt),
        sold((service("storage"), "50"), "FA-2", "forge", receipt),
        sold((service("compute"), "200"), "FA-3", "usine", debits),
        paid(AUGUST, "forge", "60", part("FA-1", "120", "100", receipt, "0", "60")),
        paid(AUGUST, "forge", "60", part("FA-2", "60", "50", receipt, "0", "60")),
        write_off(
            &chart,
            &WriteOff {
                heading: head(AUGUST, "OD"),
                customer: company("usine"),
                lost: part("FA-3", "240", "200", debits, "0", "24"),
            },
        )
        .unwrap()
        .unwrap(),
        credit_note(&chart, &returned).unwrap().unwrap(),
    ]
}

fn month(first: Date) -> Days {
    Days::new(first, first.saturating_add(1.month())).unwrap()
}

fn rows(balance: &TrialBalance) -> Vec<String> {
    let row = balance.rows.iter().map(|row| {
        let whose = row.company.as_ref().map(|it| format!(" {}", it.code())).unwrap_or_default();
        let (account, opening, closing) = (&row.account, row.opening, row.closing);
        format!("{account}{whose}: {opening} +{} -{} {closing}", row.debits, row.credits)
    });
    row.collect()
}

#[test]
fn every_account_opens_moves_and_closes() {
    let entries = books();
    let august = month(date(2026, 8, 1));
    let balance = trial_balance(Currency::EUR, august, &entries).unwrap();
    assert_eq!(
        rows(&balance),
        [
            "120000: -500.00 +0.00 -0.00 -500.00",
            "411000: 420.00 +0.00 -156.00 264.00",
            "445710: -40.00 +6.00 -20.00 -54.00",
            "445740: -30.00 +20.00 -0.00 -10.00",
            "512000: 500.00 +120.00 -0.00 620.00",
            "654000: 0.00 +20.00 -0.00 20.00",
            "706000: -350.00 +10.00 -0.00 -340.00",
        ]
    );
    assert_eq!((balance.debits, balance.credits), (eur("176"), eur("176")));
    let by_company = company_balance(Currency::EUR, august, &entries).unwrap();
    assert_eq!(
        rows(&by_company),
        ["411000 forge: 180.00 +0.00 -120.00 60.00", "411000 usine: 240.00 +0.00 -36.00 204.00",]
    );
    // The whole year: what it opened with is no movement of it.
    let year = Days::new(date(2026, 1, 1), date(2027, 1, 1)).unwrap();
    let balance = trial_balance(Currency::EUR, year, &entries).unwrap();
    assert!(rows(&balance).contains(&"512000: 500.00 +120.00 -0.00 620.00".to_owned()));
    assert_eq!(balance.rows[4].label, "Banque");
    assert!(trial_balance(Currency::USD, year, &entries).is_err());
}

#[test]
fn income_is_told_by_month_and_service() {
    let rows = revenue(Currency::EUR, &books()).unwrap();
    let said = rows.iter().map(|row| {
        let service = row.service.as_deref().unwrap_or("-");
        format!("{} {service} {} {}", row.month, row.account, row.amount)
    });
    assert_eq!(
        said.collect::<Vec<_>>(),
        [
            "2026-07 compute 706000 300.00",
            "2026-07 storage 706000 50.00",
            "2026-08 compute 706000 -10.00",
        ]
    );
}

#[test]
fn vat_is_due_when_it_is_due() {
    let (receipt, debits) = (VatDue::OnReceipt, VatDue::OnDebits);
    let (hundred, fifty, two) = (vat("100", "20"), vat("50", "5.5"), vat("200", "20"));
    let half = part("FA-1", "120", "100", receipt, "0", "60");
    let lost = part("FA-3", "240", "200", debits, "0", "24");
    let gone = part("FA-1", "120", "100", receipt, "60", "12");
    let issued =
        |total, vat, vat_due| VatFact::Issued { on: JULY, total: eur(total), vat, vat_due };
    let facts = [
        issued("120", &hundred, receipt),
        issued("52.75", &fifty, receipt),
        issued("240", &two, debits),
        VatFact::Settled { on: AUGUST, part: &half },
        VatFact::Lost { on: AUGUST, part: &lost },
        VatFact::Lost { on: date(2026, 9, 1), part: &gone },
    ];
    let said = |first| {
        let made = vat_return(Currency::EUR, month(first), facts).unwrap();
        let VatReturn { rows, due, pending, .. } = made;
        let row = rows.iter().map(|row| {
            let [debits, receipt, pending] = [row.on_debits, row.on_receipt, row.pending]
                .map(|it| format!("{}/{}", it.base, it.vat));
            format!("{} {}: {debits} {receipt} {pending}", row.category, row.rate_percent)
        });
        (row.collect::<Vec<_>>(), due.to_string(), pending.to_string())
    };
    let all = |rows: &[&str], due: &str, pending: &str| {
        (rows.iter().map(|it| (*it).to_owned()).collect(), due.to_owned(), pending.to_owned())
    };
    assert_eq!(
        said(date(2026, 7, 1)),
        all(
            &["S 5.5: 0.00/0.00 0.00/0.00 50.00/2.75", "S 20: 200.00/40.00 0.00/0.00 100.00/20.00"],
            "40.00",
            "22.75"
        )
    );
    assert_eq!(
        said(date(2026, 8, 1)),
        all(
            &[
                "S 5.5: 0.00/0.00 0.00/0.00 50.00/2.75",
                "S 20: -20.00/-4.00 50.00/10.00 50.00/10.00"
            ],
            "6.00",
            "12.75"
        )
    );
    assert_eq!(
        said(date(2026, 9, 1)),
        all(
            &["S 5.5: 0.00/0.00 0.00/0.00 50.00/2.75", "S 20: 0.00/0.00 0.00/0.00 40.00/8.00"],
            "0.00",
            "10.75"
        )
    );
    assert_eq!(said(date(2026, 6, 1)), all(&[], "0.00", "0.00"));
}
