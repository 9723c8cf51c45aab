//! Months around a day on which VAT changes: the standard rate went from 19.6 % to 20 % on 1 January
//! 2014 (law 2012-1510, art. 68).
//!
//! The rate is that of the day on which the supply was made, not that of the document. What goes on and is
//! billed by successive statements is supplied at the end of the period that a statement is about (CGI,
//! art. 269, 1, a bis; directive 2006/112/CE, art. 64).

use palier_tests::{Engine, on_both};
use serde_json::{Value, json};

use super::setting::{Small, fee};

/// 0.10 € an hour, whoever uses it, and 15 € a month, since October 2013; it is May 2014.
pub(super) fn winter(engine: Engine, late_usage: &str, more: &[Value]) -> Small {
    let hours = json!({ "kind": "usage", "meter": "hours", "model": "standard", "unit_amount": "0.10",
        "scope": "member" });
    let charges = [&[hours, fee()], more].concat();
    let tariff = json!({ "late_usage": late_usage, "charges": charges });
    Small::between(engine, ["2013-10-01", "2014-05-02"], &tariff, json!({}))
}

/// What a month bills a member, line by line: kind, amount, category and rate of VAT; then the VAT of
/// the whole at each rate.
pub(super) fn taxed(small: &Small, period: &str, member: &str) -> Vec<String> {
    let mut documents = small.documents(period).into_iter().map(|it| it["document"].clone());
    let document = documents.find(|it| it["buyer"]["code"] == member).unwrap();
    let vat = |of: &Value| {
        let text = |name: &str| of[name].as_str().unwrap_or_default();
        format!("{} {}", text("category"), text("rate_percent"))
    };
    let lines = document["lines"].as_array().unwrap().iter().map(|line| {
        let text = |name: &str| line[name].as_str().unwrap();
        format!("{} {} {}", text("kind"), text("amount"), vat(&line["vat"]))
    });
    let totals = document["totals"]["vat"].as_array().unwrap().iter();
    let totals = totals.map(|total| format!("{} {}", vat(total), total["vat"].as_str().unwrap()));
    lines.chain(totals).collect()
}

/// What waits for payment by the VAT report: category, rate, base and VAT. All is issued, and nothing paid.
fn waiting(small: &Small) -> Vec<String> {
    let report = small.finance.get(&small.at("reports/vat?period=2014-05")).expect(200).json();
    let rates = report["rates"].as_array().unwrap().iter().map(|it| {
        let text = |of: &Value, name: &str| of[name].as_str().unwrap().to_owned();
        let pending = &it["pending"];
        format!(
            "{} {}: {} {}",
            text(it, "category"),
            text(it, "rate_percent"),
            text(pending, "base"),
            text(pending, "vat")
        )
    });
    rates.collect()
}

on_both!(what_goes_on_bears_the_rate_of_the_end_of_its_period);
fn what_goes_on_bears_the_rate_of_the_end_of_its_period(engine: Engine) {
    // A fee for three months, in arrears: October to December, January to March.
    let quarter = json!({ "kind": "recurring", "amount": "30", "interval": "quarter" });
    let small = winter(engine, "rerate", &[quarter]);
    for month in ["2013-10", "2013-11", "2013-12", "2014-01", "2014-02"] {
        small.used(month, "forge", &format!("{month}-10"), "100");
    }
    for month in ["2013-10", "2013-11"] {
        small.close(month);
        let lines = ["usage 10.00 S 19.6", "recurring 15.00 S 19.6", "S 19.6 4.90"];
        assert_eq!(taxed(&small, month, "forge"), lines);
    }
    // It is issued when another rate holds, and bears the old one.
    small.close("2013-12");
    let fees = ["recurring 15.00 S 19.6", "recurring 30.00 S 19.6"];
    let lines = ["usage 10.00 S 19.6", fees[0], fees[1], "S 19.6 10.78"];
    assert_eq!(taxed(&small, "2013-12", "forge"), lines);
    // What of December comes to be known in January stays a supply of December.
    small.used("late", "forge", "2013-12-20", "50");
    small.close("2014-01");
    let supplied = ["usage 10.00 S 20", "recurring 15.00 S 20", "correction 5.00 S 19.6"];
    let lines = [&supplied[..], &["S 19.6 0.98", "S 20 5.00"]].concat();
    assert_eq!(taxed(&small, "2014-01", "forge"), lines);
    small.close("2014-02");
    let lines = ["usage 10.00 S 20", "recurring 15.00 S 20", "S 20 5.00"];
    assert_eq!(taxed(&small, "2014-02", "forge"), lines);
    small.close("2014-03");
    let lines = ["recurring 15.00 S 20", "recurring 30.00 S 20", "S 20 9.00"];
    assert_eq!(taxed(&small, "2014-03", "forge"), lines);
    // The books keep the two rates apart, and the report says what the documents do.
    assert_eq!(waiting(&small), ["S 19.6: 185.00 36.26", "S 20: 170.00 34.00"]);
    assert_eq!(small.faults(), [""; 0]);
}

on_both!(what_straddles_the_change_bears_the_rate_of_its_end);
fn what_straddles_the_change_bears_the_rate_of_its_end(engine: Engine) {
    // A fee for the month to come.
    let ahead = json!({ "kind": "recurring", "amount": "7", "timing": "advance" });
    let small = winter(engine, "next_period", &[ahead]);
    small.close("2013-11");
    small.close("2013-12");
    // The fee for January is billed with December.
    let lines = ["recurring 15.00 S 19.6", "recurring 7.00 S 20", "S 19.6 2.94", "S 20 1.40"];
    assert_eq!(taxed(&small, "2013-12", "forge"), lines);
    // A tariff that counts late usage with the next month makes it part of that month's statement.
    small.used("late", "forge", "2013-12-20", "50");
    small.close("2014-01");
    let lines = ["usage 5.00 S 20", "recurring 15.00 S 20", "recurring 7.00 S 20", "S 20 5.40"];
    assert_eq!(taxed(&small, "2014-01", "forge"), lines);
    assert_eq!(small.faults(), [""; 0]);
}

on_both!(what_vat_makes_of_a_service_from_now_on_changes_no_draft_that_is_written);
fn what_vat_makes_of_a_service_from_now_on_changes_no_draft_that_is_written(engine: Engine) {
    let small = winter(engine, "next_period", &[]);
    small.close("2014-01");
    small.run("2014-02");
    // The service is sold at the reduced rate, the seller and a member are what they are.
    small.patch(&format!("services/{}", small.service), json!({ "vat": "reduced" }));
    small.invoices(&["finalise"], "2014-02");
    assert_eq!(taxed(&small, "2014-02", "forge"), ["recurring 15.00 S 20", "S 20 3.00"]);
    small.close("2014-03");
    assert_eq!(taxed(&small, "2014-03", "forge"), ["recurring 15.00 S 5.5", "S 5.5 0.83"]);
    // Then the member moves to where no VAT is due (CGI, art. 294).
    let address =
        json!({ "lines": ["1 rue X"], "postcode": "97300", "city": "Cayenne", "country": "FR" });
    let moved = json!({ "address": address, "vat_regime": "overseas_untaxed" });
    small.patch(&format!("members/{}", small.members["forge"]), moved);
    small.close("2014-04");
    let vat = &taxed(&small, "2014-04", "forge")[0];
    assert!(!vat.contains(" S "), "{vat}");
    assert_eq!(taxed(&small, "2014-04", "usine"), ["recurring 15.00 S 5.5", "S 5.5 0.83"]);
    assert_eq!(small.faults(), [""; 0]);
}
