//! What a delay costs: cases worked by hand, and a count day by day.

use jiff::{
    ToSpan,
    civil::{Date, date},
};
use palier_billing::{
    Currency, Money, Percent,
    dunning::{
        AgreedRate, DunningError, DunningLevel, DunningSchedule, LateInvoice, Penalty,
        PenaltyRates, SemesterRates,
    },
};
use proptest::{collection::vec, prelude::*, sample::select};

use crate::eur;

fn invoice(total: &str, due_on: Date, settled: &[(Date, &str)]) -> LateInvoice {
    LateInvoice {
        total: eur(total),
        due_on,
        settled: settled.iter().map(|(day, amount)| (*day, eur(amount))).collect(),
        between_professionals: true,
    }
}

fn penalty(late: &LateInvoice, agreed: AgreedRate, until: Date) -> Result<Penalty, DunningError> {
    late.penalty(agreed, &PenaltyRates::published(), until)
}

/// The periods as a letter shows them: days, what was open, rate, what it rests on, amount.
fn lines(penalty: &Penalty) -> Vec<String> {
    let line = penalty.periods.iter().map(|it| {
        let last = it.days.end().saturating_sub(1.day());
        let (first, count) = (it.days.first(), it.days.count());
        let (open, rate, ground, amount) = (it.open, it.rate_percent, it.ground, it.amount);
        format!("{first} to {last}, {count} days: {open} at {rate} % ({ground}) {amount}")
    });
    line.collect()
}

#[test]
fn interest_runs_from_the_day_after_the_due_date_to_the_day_of_payment() {
    // 1200 × 12.15 % × 17 / 365 = 6.7907
    let late = invoice("1200", date(2025, 8, 31), &[(date(2025, 9, 17), "1200")]);
    let due = penalty(&late, AgreedRate::Central, date(2025, 12, 1)).unwrap();
    assert_eq!((due.interest, due.indemnity), (eur("6.79"), Some(eur("40"))));
    assert_eq!(
        lines(&due),
        ["2025-09-01 to 2025-09-17, 17 days: 1200.00 at 12.15 % (central) 6.79"]
    );
    // Paid in time, on the last day.
    let paid = invoice("1200", date(2025, 8, 31), &[(date(2025, 8, 31), "1200")]);
    let due = penalty(&paid, AgreedRate::Central, date(2025, 12, 1)).unwrap();
    assert_eq!((due.interest, due.indemnity, due.periods.len()), (eur("0"), None, 0));
    // Not due yet.
    let due = penalty(&late, AgreedRate::Central, date(2025, 8, 31)).unwrap();
    assert_eq!((due.interest, due.indemnity), (eur("0"), None));
}

#[test]
fn rates_change_with_the_half_year_and_what_is_open_with_payments() {
    let late = invoice(
        "10000",
        date(2024, 6, 20),
        &[(date(2024, 8, 15), "4000"), (date(2025, 1, 10), "6000")],
    );
    let due = penalty(&late, AgreedRate::Central, date(2025, 3, 1)).unwrap();
    // 10 days × 15.21 (3 × 5.07 beats 14.50), 46 and 138 × 14.76 (3 × 4.92 beats 14.25),
    // 10 × 13.15 (3 × 3.71 does not):
    // 41.6712 + 186.0164 + 334.8296 + 21.6164 = 584.1336; the two cents that are left after rounding
    // down go to the largest remainder, and to the first of two that are the same.
    assert_eq!(due.interest, eur("584.13"));
    assert_eq!(
        lines(&due),
        [
            "2024-06-21 to 2024-06-30, 10 days: 10000.00 at 15.21 % (three_times_legal) 41.67",
            "2024-07-01 to 2024-08-15, 46 days: 10000.00 at 14.76 % (three_times_legal) 186.02",
            "2024-08-16 to 2024-12-31, 138 days: 6000.00 at 14.76 % (three_times_legal) 334.83",
            "2025-01-01 to 2025-01-10, 10 days: 6000.00 at 13.15 % (central) 21.61",
        ]
    );
}

#[test]
fn an_agreed_rate_is_not_below_three_times_the_legal_one() {
    let late = invoice("36500", date(2025, 12, 31), &[]);
    let day = |agreed| {
        let due = penalty(&late, agreed, date(2026, 1, 1)).unwrap();
        (due.interest.to_string(), due.periods[0].ground.to_string())
    };
    let fixed = |rate: &str| AgreedRate::Fixed(rate.parse().unwrap());
    assert_eq!(day(AgreedRate::Central), ("12.15".into(), "central".into()));
    assert_eq!(day(AgreedRate::ThreeTimesLegal), ("7.86".into(), "three_times_legal".into()));
    assert_eq!(day(fixed("10")), ("10.00".into(), "fixed".into()));
    assert_eq!(day(fixed("5")), ("7.86".into(), "three_times_legal".into()));
    let negative = penalty(&late, fixed("-1"), date(2026, 1, 1));
    assert_eq!(negative, Err(DunningError::NegativeRate));
}

#[test]
fn a_leap_year_has_days_of_the_same_price() {
    let late = invoice("36500", date(2024, 2, 27), &[]);
    let due = penalty(&late, AgreedRate::Central, date(2024, 3, 1)).unwrap();
    // 28 and 29 February, 1 March at 15.21 %.
    assert_eq!(due.interest, eur("45.63"));
}

#[test]
fn a_payment_taken_back_is_open_again() {
    let late = invoice(
        "36500",
        date(2026, 1, 31),
        &[(date(2026, 1, 30), "36500"), (date(2026, 2, 3), "-36500")],
    );
    let due = penalty(&late, AgreedRate::Central, date(2026, 2, 5)).unwrap();
    assert_eq!(
        lines(&due),
        ["2026-02-04 to 2026-02-05, 2 days: 36500.00 at 12.15 % (central) 24.30"]
    );
}

#[test]
fn others_than_professionals_owe_neither() {
    let late =
        LateInvoice { between_professionals: false, ..invoice("1200", date(2025, 8, 31), &[]) };
    let due = penalty(&late, AgreedRate::Central, date(2025, 12, 1)).unwrap();
    assert_eq!((due.interest, due.indemnity), (eur("0"), None));
}

#[test]
fn nothing_is_guessed() {
    let late = invoice("1200", date(2026, 6, 29), &[]);
    let until = date(2026, 7, 1);
    let unknown = DunningError::RatesUnknown { first: date(2026, 7, 1) };
    assert_eq!(penalty(&late, AgreedRate::Central, until), Err(unknown));
    let mut rates = PenaltyRates::published();
    let entered = SemesterRates { central: "2.00".parse().unwrap(), legal: "2.5".parse().unwrap() };
    rates.enter(date(2026, 7, 1), entered).unwrap();
    let due = late.penalty(AgreedRate::Central, &rates, until).unwrap();
    assert_eq!(due.periods.len(), 2);
    for wrong in [date(2026, 7, 2), date(2026, 4, 1)] {
        let refused = rates.enter(wrong, entered);
        assert_eq!(refused, Err(DunningError::NotAHalfYear { found: wrong }));
    }
    // More settled than there was.
    let wrong = invoice("100", date(2025, 8, 31), &[(date(2025, 9, 2), "100.01")]);
    let refused = penalty(&wrong, AgreedRate::Central, date(2025, 10, 1));
    assert_eq!(refused, Err(DunningError::Settlements { day: date(2025, 9, 2) }));
}

#[test]
fn letters_go_out_in_their_order_and_leave_time() {
    let schedule = DunningSchedule::default();
    let due_on = date(2026, 8, 31);
    let next = |sent| schedule.next(due_on, sent).map(|it| (it.level, it.on.to_string()));
    let (first, second, last) =
        (DunningLevel::Reminder, DunningLevel::SecondReminder, DunningLevel::FormalNotice);
    assert_eq!(next(None), Some((first, "2026-09-07".into())));
    let sent = |level, day| Some((level, day));
    assert_eq!(next(sent(first, date(2026, 9, 7))), Some((second, "2026-09-21".into())));
    assert_eq!(next(sent(first, date(2026, 12, 1))), Some((second, "2026-12-15".into())));
    assert_eq!(next(sent(second, date(2026, 9, 21))), Some((last, "2026-10-15".into())));
    assert_eq!(next(sent(last, date(2026, 10, 15))), None);

    let refused = DunningSchedule::new(Some(7), Some(7), None);
    assert_eq!(refused, Err(DunningError::StepsCross { earlier: first, later: second }));
    let refused = DunningSchedule::new(Some(30), None, Some(20));
    assert_eq!(refused, Err(DunningError::StepsCross { earlier: first, later: last }));
    let json = serde_json::to_string(&schedule).unwrap();
    assert_eq!(json, r#"{"reminder":7,"second_reminder":21,"formal_notice":45}"#);
    assert_eq!(serde_json::from_str::<DunningSchedule>(&json).unwrap(), schedule);
    assert!(
        serde_json::from_str::<DunningSchedule>(r#"{"reminder":9,"formal_notice":9}"#).is_err()
    );
}

/// An invoice, payments in parts of it with their days after the due date, and some taken back.
fn late() -> impl Strategy<Value = LateInvoice> {
    let payment = (-40..500_i64, 0..=100_i64, prop::bool::weighted(0.2));
    (1..10_000_000_i64, 0..700_i64, vec(payment, 0..6)).prop_map(|(total, due, mut parts)| {
        let due_on = date(2023, 1, 15).saturating_add(due.days());
        parts.sort_by_key(|(day, ..)| *day);
        let mut open = total;
        let mut settled = Vec::new();
        for (day, part, back) in parts {
            let amount = if back { -(total - open) * part / 100 } else { open * part / 100 };
            open -= amount;
            settled.push((
                due_on.saturating_add(day.days()),
                Money::from_minor(amount, Currency::EUR),
            ));
        }
        let total = Money::from_minor(total, Currency::EUR);
        LateInvoice { total, due_on, settled, between_professionals: true }
    })
}

/// The interest, counted a day at a time, in ten-thousandths of a per cent of a cent.
fn by_day(late: &LateInvoice, agreed: AgreedRate, until: Date) -> i128 {
    let rates = PenaltyRates::published();
    let mut sum = 0_i128;
    let mut day = late.due_on.saturating_add(1.day());
    while day <= until {
        let before = late.settled.iter().filter(|(paid, _)| *paid < day);
        let open = late.total.minor() - before.map(|(_, amount)| amount.minor()).sum::<i64>();
        let (rate, _) = agreed.on(day, &rates).unwrap();
        sum += i128::from(open) * i128::from(rate.units());
        day = day.saturating_add(1.day());
    }
    sum
}

proptest! {
    #[test]
    fn interest_is_the_sum_of_its_days(
        late in late(),
        agreed in select(vec![
            AgreedRate::Central,
            AgreedRate::ThreeTimesLegal,
            AgreedRate::Fixed(Percent::from_units(123_456)),
        ]),
        after in -10..450_i64,
        keys in vec(any::<u16>(), 6),
    ) {
        let until = late.due_on.saturating_add(after.days());
        let due = penalty(&late, agreed, until).unwrap();
        // Half a cent is 365 × 100 % / 2.
        let exact = by_day(&late, agreed, until);
        let cents = (2 * exact + 365_000_000) / (2 * 365_000_000);
        prop_assert_eq!(i128::from(due.interest.minor()), cents);
        // What explains it is it, without a gap and without a day twice.
        let parts: i64 = due.periods.iter().map(|it| it.amount.minor()).sum();
        prop_assert_eq!(parts, due.interest.minor());
        for (one, next) in due.periods.iter().zip(due.periods.iter().skip(1)) {
            prop_assert!(one.days.end() <= next.days.first());
        }
        prop_assert_eq!(due.indemnity.is_some(), exact > 0);
        // In whatever order payments are known. Those of one day are one.
        let mut shuffled: Vec<_> = late.settled.iter().copied().zip(keys).collect();
        shuffled.sort_by_key(|(_, key)| *key);
        let settled = shuffled.into_iter().map(|(it, _)| it).collect();
        prop_assert_eq!(penalty(&LateInvoice { settled, ..late }, agreed, until).unwrap(), due);
    }
}
