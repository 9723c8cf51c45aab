//! Terms of payment.

use jiff::{ToSpan, civil::Date};
use palier_billing::{PartyError, PaymentTerms};
use proptest::prelude::*;

use crate::{refused, round_trips};

#[track_caller]
fn due(terms: &str, issue: &str) -> String {
    let terms: PaymentTerms = terms.parse().unwrap();
    terms.due_date(issue.parse().unwrap()).to_string()
}

#[test]
fn due_dates() {
    assert_eq!(due("30_days", "2026-01-31"), "2026-03-02");
    assert_eq!(due("0_days", "2026-01-31"), "2026-01-31");
    assert_eq!(due("60_days", "2027-12-15"), "2028-02-13");
    // The two readings of "45 jours fin de mois", a fortnight apart and more.
    assert_eq!(due("45_days_end_of_month", "2026-01-10"), "2026-02-28");
    assert_eq!(due("end_of_month_45_days", "2026-01-10"), "2026-03-17");
    assert_eq!(due("45_days_end_of_month", "2026-01-31"), "2026-03-31");
    assert_eq!(due("end_of_month_45_days", "2026-01-31"), "2026-03-17");
    assert_eq!(due("30_days_end_of_month", "2028-01-30"), "2028-02-29");
    // The calendar ends.
    assert_eq!(due("end_of_month_45_days", "9999-12-01"), "9999-12-31");
}

#[test]
fn the_law_limits_terms() {
    assert_eq!(PaymentTerms::default().to_string(), "30_days");
    let too_long = |limit, found| PartyError::TermTooLong { limit, found };
    assert_eq!(refused::<PaymentTerms>("61_days"), too_long(60, 61));
    assert_eq!(refused::<PaymentTerms>("46_days_end_of_month"), too_long(45, 46));
    assert_eq!(PaymentTerms::end_of_month_then_days(60), Err(too_long(45, 60)));
    let fits = |terms: &str| terms.parse::<PaymentTerms>().unwrap().fit_periodic_invoices();
    assert!(fits("45_days"));
    assert!(!fits("46_days"));
    assert!(!fits("0_days_end_of_month"));
    assert!(!fits("end_of_month_30_days"));
}

#[test]
fn what_is_no_term_is_refused() {
    assert_eq!(refused::<PaymentTerms>(""), PartyError::Empty);
    for text in ["30", "+30_days", "030_days", "_days", "-1_days", "70000_days", "end_of_month"] {
        assert_eq!(refused::<PaymentTerms>(text).code(), "term_form", "{text}");
    }
    let lenient = |text| PaymentTerms::parse_lenient(text).map(|terms| terms.to_string());
    for text in ["30", "30 jours", "30 Days", " 30j", "30_days"] {
        assert_eq!(lenient(text).as_deref(), Ok("30_days"), "{text}");
    }
    // It has two readings: guessing would be wrong half the time.
    for text in ["45 jours fin de mois", "jours", "30 30", "30 francs"] {
        assert_eq!(lenient(text).unwrap_err().code(), "term_form", "{text}");
    }
    assert_eq!(lenient(" "), Err(PartyError::Empty));
}

proptest! {
    #[test]
    fn every_term_is_kept_and_none_ends_before_the_issue(
        net in 0..=60_u16,
        month in 0..=45_u16,
        day in 0..40_000_i32,
    ) {
        let issue = Date::constant(1990, 1, 1).checked_add(day.days()).unwrap();
        for terms in [
            PaymentTerms::net(net).unwrap(),
            PaymentTerms::days_then_end_of_month(month).unwrap(),
            PaymentTerms::end_of_month_then_days(month).unwrap(),
        ] {
            round_trips::<PaymentTerms>(&terms.to_string());
            prop_assert!(terms.due_date(issue) >= issue);
        }
        let ends = PaymentTerms::days_then_end_of_month(month).unwrap().due_date(issue);
        prop_assert_eq!(ends, ends.last_of_month());
    }
}
