//! What VAT makes of a pole, a service and a member, changed on days: ahead of time and in hindsight.
//!
//! A line bears the VAT of the day on which its supply was made, the last one of what it is for; when VAT
//! falls due is decided by the day of issue. Documents that are final stay as they are.

use palier_tests::{Engine, on_both};
use serde_json::{Value, json};

use super::real::settings;
use super::setting::{Small, fee};
use super::vat::taxed;
use crate::seed::member;

/// 0.10 € an hour, whoever uses it; what comes late is rated with its own month.
fn hours() -> Value {
    json!({ "kind": "usage", "meter": "hours", "model": "standard", "unit_amount": "0.10",
        "scope": "member" })
}

fn spring(engine: Engine, charges: &[Value]) -> Small {
    let tariff = json!({ "late_usage": "rerate", "charges": charges });
    // Quarters begin in November, February, May and August.
    Small::with(engine, &tariff, json!({ "contract_anniversary": "2025-11-01" }))
}

/// From which day on something else holds.
fn from(day: &str, value: &str) -> Value {
    json!({ "effective_from": day, "value": value })
}

/// Changes something now, when companies have been subscribed for two years.
#[track_caller]
fn patch_now(small: &Small, what: &str, body: Value) {
    small.finance.with_header("if-match", "*").patch(&small.at(what), body).expect(200);
}

#[track_caller]
fn set_now(small: &Small, settings: Value) {
    let whatever = small.finance.with_header("if-match", "*");
    whatever.put(&small.at("billing-settings"), settings).expect(200);
}

/// Credits or replaces an invoice.
#[track_caller]
fn corrected(small: &Small, command: &[&str], more: &[&str]) {
    let told = ["--reason", "Régime de TVA", "--pole", &small.pole.code];
    let said = ["invoices"].iter().chain(command).chain(&told).chain(more);
    small.server.palier(said).success();
}

/// Why lines of a kind bear their VAT.
fn bases(small: &Small, period: &str, member: &str, kind: &str) -> Vec<Value> {
    let documents = small.documents(period).into_iter().map(|it| it["document"].clone());
    let theirs = documents.filter(|it| it["buyer"]["code"] == member);
    let lines = theirs.flat_map(|it| it["lines"].as_array().unwrap().clone());
    lines.filter(|it| it["kind"] == kind).map(|it| it["vat_basis"].clone()).collect()
}

/// The remarks of a review on a member.
fn remarks(review: &Value, member: &str) -> Vec<String> {
    let of = review["members"].as_array().unwrap().iter().find(|it| it["code"] == member);
    serde_json::from_value(of.unwrap()["remarks"].clone()).unwrap()
}

on_both!(a_pole_leaves_the_franchise_on_a_day);
fn a_pole_leaves_the_franchise_on_a_day(engine: Engine) {
    let small = spring(engine, &[hours(), fee()]);
    let mut how = settings();
    how["seller_vat"] = "franchise".into();
    how["seller_vat_changes"] = json!([from("2026-03-01", "taxable")]);
    small.put("billing-settings", how.clone());
    let shown = small.finance.get(&small.at("billing-settings")).expect(200).json();
    assert_eq!(shown["seller_vat_changes"], how["seller_vat_changes"]);
    small.used("f", "forge", "2026-02-10", "100");
    // All is issued in 2028, long after the change: February is as it was supplied.
    small.close("2026-02");
    let lines = ["usage 10.00 E 0", "recurring 15.00 E 0", "E 0 0.00"];
    assert_eq!(taxed(&small, "2026-02", "forge"), lines);
    let because = json!({ "tax_point": "2026-02-28",
        "seller": { "value": "franchise", "until": "2026-03-01" } });
    assert_eq!(bases(&small, "2026-02", "forge", "usage"), [because]);
    // What of February comes to be known in March bears the VAT of February.
    small.used("g", "forge", "2026-03-10", "100");
    small.used("late", "forge", "2026-02-20", "50");
    let review = small.run("2026-03");
    assert!(remarks(&review, "forge").contains(&"vat_changed".to_owned()), "{review}");
    assert_eq!(review["outdated_vat"], json!([]));
    let lines = ["usage 10.00 S 20", "recurring 15.00 S 20", "correction 5.00 E 0"];
    let lines = [&lines[..], &["S 20 5.00", "E 0 0.00"]].concat();
    let mut found = taxed(&small, "2026-03", "forge");
    found[3..].sort_by(|one, other| other.cmp(one));
    assert_eq!(found, lines);
    let because = json!({ "tax_point": "2026-03-31",
        "seller": { "value": "taxable", "since": "2026-03-01" } });
    assert_eq!(bases(&small, "2026-03", "forge", "usage"), [because]);
    let said = small.try_invoices(&["run"], "2026-03").success();
    assert!(said.contains("other VAT since 2026-03-01"), "{said}");
    small.invoices(&["finalise"], "2026-03");
    // Nothing changes in April.
    let review = small.run("2026-04");
    assert!(!remarks(&review, "forge").contains(&"vat_changed".to_owned()), "{review}");
    assert_eq!(small.faults(), [""; 0]);
}

on_both!(a_member_s_regime_changes_on_a_day);
fn a_member_s_regime_changes_on_a_day(engine: Engine) {
    let mut small = spring(engine, &[fee()]);
    // A company in Belgium that becomes a taxable person, whose number is on record already.
    let mut brussels = member("atelier", "552100554");
    brussels.as_object_mut().unwrap().remove("siren");
    brussels["address"] = json!({ "lines": ["Rue Neuve 1"], "postcode": "1000",
        "city": "Bruxelles", "country": "BE" });
    brussels["vat_number"] = "BE0428759497".into();
    brussels["vat_regime"] = "standard".into();
    brussels["vat_regime_changes"] = json!([from("2026-03-01", "intra_eu")]);
    small.join(brussels);
    let exempt = [from("2026-03-01", "exempt"), from("2026-04-01", "standard")];
    let forge = format!("members/{}", small.members["forge"]);
    small.patch(&forge, json!({ "vat_regime_changes": exempt }));
    for month in ["2026-02", "2026-03", "2026-04"] {
        small.close(month);
        assert_eq!(taxed(&small, month, "usine"), ["recurring 15.00 S 20", "S 20 3.00"]);
    }
    let of = |month, member| taxed(&small, month, member)[0].clone();
    let forge = ["2026-02", "2026-03", "2026-04"].map(|month| of(month, "forge"));
    assert_eq!(forge, ["recurring 15.00 S 20", "recurring 15.00 E 0", "recurring 15.00 S 20"]);
    let atelier = ["2026-02", "2026-03"].map(|month| of(month, "atelier"));
    assert_eq!(atelier, ["recurring 15.00 S 20", "recurring 15.00 AE 0"]);
    let because = json!({ "tax_point": "2026-03-31",
        "regime": { "value": "exempt", "since": "2026-03-01", "until": "2026-04-01" } });
    assert_eq!(bases(&small, "2026-03", "forge", "recurring"), [because]);
    // Who never changes is not explained.
    assert_eq!(bases(&small, "2026-03", "usine", "recurring"), [Value::Null]);
    assert_eq!(small.faults(), [""; 0]);
}

on_both!(what_straddles_a_change_of_its_class_bears_the_class_of_its_end);
fn what_straddles_a_change_of_its_class_bears_the_class_of_its_end(engine: Engine) {
    // 15 € a month; 30 € for a quarter, in arrears; 7 € for a month and 24 € for a quarter ahead.
    let quarter = json!({ "kind": "recurring", "amount": "30", "interval": "quarter" });
    let ahead = json!({ "kind": "recurring", "amount": "7", "timing": "advance" });
    let quarter_ahead = json!({ "kind": "recurring", "amount": "24", "interval": "quarter",
        "timing": "advance" });
    let small = spring(engine, &[fee(), quarter, ahead, quarter_ahead]);
    let changes = [from("2026-03-16", "reduced"), from("2026-06-01", "members_exempt")];
    small.patch(&format!("services/{}", small.service), json!({ "vat_changes": changes }));
    let taxed = |month: &str| {
        small.close(month);
        taxed(&small, month, "forge")
    };
    // The fee for March is billed with February, and March ends at another rate; so does the quarter from
    // February to April, billed with January.
    let january = taxed("2026-01");
    assert!(january.contains(&"recurring 15.00 S 20".to_owned()), "{january:?}");
    assert!(january.contains(&"recurring 24.00 S 5.5".to_owned()), "{january:?}");
    let february = ["recurring 15.00 S 20", "recurring 7.00 S 5.5", "S 5.5 0.39", "S 20 3.00"];
    assert_eq!(taxed("2026-02"), february);
    // The month that the change falls into is supplied at its end.
    assert_eq!(taxed("2026-03"), ["recurring 15.00 S 5.5", "recurring 7.00 S 5.5", "S 5.5 1.21"]);
    let basis = &bases(&small, "2026-03", "forge", "recurring")[0];
    let supply = json!({ "value": "reduced", "since": "2026-03-16", "until": "2026-06-01" });
    assert_eq!(basis, &json!({ "tax_point": "2026-03-31", "supply": supply }));
    // The quarter from February to April, of which half had passed at the standard rate; the one from May
    // to July ends exempt.
    let april = ["recurring 15.00 S 5.5", "recurring 30.00 S 5.5", "recurring 7.00 S 5.5"];
    let april = [&april[..], &["recurring 24.00 E 0", "E 0 0.00", "S 5.5 2.86"]].concat();
    let mut found = taxed("2026-04");
    found[4..].sort();
    assert_eq!(found, april);
    let mut may = taxed("2026-05");
    may[2..].sort();
    assert_eq!(may, ["recurring 15.00 S 5.5", "recurring 7.00 E 0", "E 0 0.00", "S 5.5 0.83"]);
    assert_eq!(small.faults(), [""; 0]);
}

on_both!(a_quarter_straddles_a_change_of_the_statutory_rate);
fn a_quarter_straddles_a_change_of_the_statutory_rate(engine: Engine) {
    // From November 2013 to January 2014, when 19.6 % became 20 %.
    let quarter = json!({ "kind": "recurring", "amount": "30", "interval": "quarter" });
    let tariff = json!({ "charges": [quarter] });
    let anniversary = json!({ "contract_anniversary": "2012-11-01" });
    let small = Small::between(engine, ["2013-08-01", "2014-05-02"], &tariff, anniversary);
    small.close("2013-10");
    assert_eq!(taxed(&small, "2013-10", "forge"), ["recurring 30.00 S 19.6", "S 19.6 5.88"]);
    for month in ["2013-11", "2013-12"] {
        assert!(small.close(month).is_empty());
    }
    small.close("2014-01");
    assert_eq!(taxed(&small, "2014-01", "forge"), ["recurring 30.00 S 20", "S 20 6.00"]);
    assert_eq!(small.faults(), [""; 0]);
}

on_both!(a_change_in_hindsight_moves_nothing_final_and_hides_nothing);
fn a_change_in_hindsight_moves_nothing_final_and_hides_nothing(engine: Engine) {
    let small = spring(engine, &[hours(), fee()]);
    small.used("f", "forge", "2026-02-10", "100");
    small.close("2026-01");
    let numbers = small.close("2026-02");
    let before = small.documents("2026-02");
    small.used("late", "forge", "2026-02-20", "50");
    small.run("2026-03");
    // The service was sold at the reduced rate since February.
    let changes = json!({ "vat_changes": [from("2026-02-01", "reduced")] });
    patch_now(&small, &format!("services/{}", small.service), changes);
    // The drafts of March are as they were written, and say that they are not what is on record.
    let review = small.run("2026-03");
    assert!(remarks(&review, "forge").contains(&"outdated_vat".to_owned()), "{review}");
    assert!(remarks(&review, "usine").contains(&"outdated_vat".to_owned()), "{review}");
    let written = ["recurring 15.00 S 20", "correction 5.00 S 20", "S 20 4.00"];
    assert_eq!(taxed(&small, "2026-03", "forge"), written);
    // So is every invoice of February, and none of January.
    let both = json!([
        { "number": numbers[0], "member": "forge", "period": "2026-02" },
        { "number": numbers[1], "member": "usine", "period": "2026-02" },
    ]);
    assert_eq!(review["outdated_vat"], both);
    let asked = small.finance.get(&small.at("invoice-runs/2026-03")).expect(200).json();
    assert_eq!(asked["outdated_vat"], both);
    let said = small.try_invoices(&["run"], "2026-03").success();
    assert!(said.contains(&format!("{} of forge, 2026-02", numbers[0])), "{said}");
    assert_eq!(small.documents("2026-02"), before);
    // Made anew, March bears what holds, and so does its correction of February.
    let review = small.invoices(&["run", "--again"], "2026-03");
    assert!(!remarks(&review, "forge").contains(&"outdated_vat".to_owned()), "{review}");
    let anew = ["recurring 15.00 S 5.5", "correction 5.00 S 5.5", "S 5.5 1.10"];
    assert_eq!(taxed(&small, "2026-03", "forge"), anew);
    small.invoices(&["finalise"], "2026-03");
    // What replaces an invoice of February bears what is on record for its days; a credit note of the other
    // gives back what it bore.
    corrected(&small, &["replace", &numbers[0]], &[]);
    corrected(&small, &["credit", &numbers[1]], &[]);
    let documents = small.documents("2026-02");
    let rate_of = |kind: &str, of: &String| {
        let mut found = documents.iter().map(|it| &it["document"]);
        let found = found.find(|it| it["kind"] == kind && it["corrects"][0]["number"] == **of);
        found.unwrap()["totals"]["vat"][0]["rate_percent"].as_str().unwrap().to_owned()
    };
    let [first, second] = [&numbers[0], &numbers[1]];
    assert_eq!([rate_of("credit_note", first), rate_of("invoice", first)], ["20", "5.5"]);
    assert_eq!(rate_of("credit_note", second), "20");
    assert_eq!(small.run("2026-04")["outdated_vat"], json!([]));
    assert_eq!(small.faults(), [""; 0]);
}

on_both!(the_day_of_issue_says_when_vat_falls_due);
fn the_day_of_issue_says_when_vat_falls_due(engine: Engine) {
    let small = spring(engine, &[fee()]);
    let mut how = settings();
    how["vat_due_changes"] = json!([from("2028-02-02", "on_debits")]);
    set_now(&small, how);
    // It is the first of February: both are supplied before the option, one is issued before it.
    let first = small.close("2026-01");
    small.run("2026-02");
    small.try_invoices(&["finalise", "--now", "2028-02-02T08:00:00Z"], "2026-02").success();
    let due = |period: &str| -> Vec<_> {
        small.documents(period).into_iter().map(|it| it["document"]["vat_due"].clone()).collect()
    };
    assert_eq!(due("2026-01"), ["on_receipt", "on_receipt"]);
    assert_eq!(due("2026-02"), ["on_debits", "on_debits"]);
    // A credit note takes back what is due on receipt, though it is issued later.
    let later = ["--now", "2028-02-03T08:00:00Z"];
    corrected(&small, &["credit", &first[0]], &later);
    assert_eq!(due("2026-01"), ["on_receipt"; 3]);
    assert_eq!(small.faults(), [""; 0]);
}

on_both!(changes_are_in_the_order_of_their_days);
fn changes_are_in_the_order_of_their_days(engine: Engine) {
    let small = spring(engine, &[fee()]);
    let any = small.finance.with_header("if-match", "*");
    let told = |answer: palier_tests::Answer| -> Vec<String> {
        let errors = answer.expect(422).problem()["errors"].clone();
        let told = errors.as_array().unwrap().iter();
        let text = |it: &Value, name: &str| it[name].as_str().unwrap().to_owned();
        told.map(|it| format!("{} {}", text(it, "pointer"), text(it, "code"))).collect()
    };
    let member = small.at(&format!("members/{}", small.members["forge"]));
    let service = small.at(&format!("services/{}", small.service));
    let wrong = |value: &str| {
        json!([from("2027-03-01", value), from("2027-03-01", value), from("2027-02-01", value)])
    };
    let regimes = json!({ "vat_regime_changes": wrong("exempt") });
    let places = |field: &str| {
        [(1, "duplicate"), (2, "order")]
            .map(|(place, code)| format!("/{field}/{place}/effective_from {code}"))
    };
    assert_eq!(told(any.patch(&member, regimes)), places("vat_regime_changes"));
    let classes = json!({ "vat_changes": wrong("reduced") });
    assert_eq!(told(any.patch(&service, classes)), places("vat_changes"));
    for (field, value) in [("seller_vat_changes", "franchise"), ("vat_due_changes", "on_debits")] {
        let mut how = settings();
        how[field] = wrong(value);
        assert_eq!(told(any.put(&small.at("billing-settings"), how)), places(field));
    }
    // Words and days are those of the field, and who charges VAT at any time has a number.
    let unknown = json!({ "vat_changes": [{ "effective_from": "2027-02-30", "value": "none" }] });
    let unknown = told(any.patch(&service, unknown));
    assert_eq!(unknown, ["/vat_changes/0/effective_from format", "/vat_changes/0/value enum"]);
    let mut how = settings();
    how["seller_vat"] = "franchise".into();
    how["seller"].as_object_mut().unwrap().remove("vat_number");
    how["seller_vat_changes"] = json!([from("2027-03-01", "taxable")]);
    let unnumbered = told(any.put(&small.at("billing-settings"), how));
    assert_eq!(unnumbered, ["/seller/vat_number required"]);
    // None of several regimes fits an address in Lyon.
    let elsewhere = json!({ "vat_regime": "outside_eu",
        "vat_regime_changes": [from("2027-03-01", "overseas")] });
    assert_eq!(told(any.patch(&member, elsewhere)), ["/vat_regime regime_elsewhere"]);
    // What is right is shown back, is in the log, and goes as it came.
    let right = json!([from("2027-03-01", "exempt")]);
    let changed = any.patch(&member, json!({ "vat_regime_changes": right })).expect(200).json();
    assert_eq!(
        (&changed["vat_regime"], &changed["vat_regime_changes"]),
        (&json!("standard"), &right)
    );
    let log = small.at("audit-log?action=member.updated");
    let log = small.finance.get(&log).expect(200).json();
    assert_eq!(log["data"][0]["changes"]["vat_regime_changes"], json!({ "to": right }));
    let none = any.patch(&member, json!({ "vat_regime_changes": null })).expect(200).json();
    assert!(none.get("vat_regime_changes").is_none(), "{none}");
}
