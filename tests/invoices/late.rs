//! Usage that comes in after its month was closed.

use palier_tests::{Engine, on_both};
use serde_json::{Value, json};

use super::setting::{Small, fee, graduated};

/// 6,000 hours each in July: 910 €, so 0.075833 € an hour.
fn july(small: &Small) {
    small.used("f", "forge", "2026-07-10", "6000");
    small.used("u", "usine", "2026-07-11", "6000");
    small.close("2026-07");
    for member in ["forge", "usine"] {
        assert_eq!(small.billed("2026-07", member), ["invoice", "usage 455.00", "recurring 15.00"]);
    }
}

fn rerated(engine: Engine, charges: &[Value]) -> Small {
    let tariff = json!({ "late_usage": "rerate", "charges": charges });
    Small::with(engine, &tariff, json!({}))
}

/// The remarks of a review about a member.
fn remarks(review: &Value, member: &str) -> Vec<Value> {
    let mut members = review["members"].as_array().unwrap().iter();
    let found = members.find(|it| it["code"] == member).unwrap();
    found["remarks"].as_array().unwrap().clone()
}

on_both!(it_is_billed_with_the_next_month);
fn it_is_billed_with_the_next_month(engine: Engine) {
    let small = Small::new(engine, &[graduated(), fee()]);
    july(&small);
    let before = small.documents("2026-07");
    small.used("late", "forge", "2026-07-20", "2000");
    small.used("late too", "usine", "2026-07-20", "7");
    small.void("u", "2026-07-11");
    small.used("f8", "forge", "2026-08-20", "100");
    small.used("u8", "usine", "2026-08-20", "9993");
    let review = small.run("2026-08");
    // 2,100 and 4,000 hours at 0.08 €: what was voided is taken off what was used since.
    let forge = ["invoice", "usage 168.00", "recurring 15.00"];
    assert_eq!(small.billed("2026-08", "forge"), forge);
    assert_eq!(small.billed("2026-08", "usine"), ["invoice", "usage 320.00", "recurring 15.00"]);
    for member in ["forge", "usine"] {
        assert!(remarks(&review, member).contains(&json!("late")), "{review}");
    }
    assert_eq!(small.documents("2026-07"), before);
    small.close("2026-09");
    assert_eq!(small.billed("2026-09", "forge"), ["invoice", "recurring 15.00"]);
}

on_both!(its_month_is_rated_again_and_everyone_corrected);
fn its_month_is_rated_again_and_everyone_corrected(engine: Engine) {
    let small = rerated(engine, &[graduated(), fee()]);
    july(&small);
    let before = small.documents("2026-07");
    small.used("late", "forge", "2026-07-20", "2000");
    // 1,020 € for 14,000 hours, 0.072857 € each: 582.86 € and 437.14 €.
    let review = small.run("2026-08");
    let forge = ["invoice", "recurring 15.00", "correction 127.86"];
    assert_eq!(small.billed("2026-08", "forge"), forge);
    let usine = ["rebate", "recurring -15.00", "correction 17.86"];
    assert_eq!(small.billed("2026-08", "usine"), usine);
    let told = ["moved", "unused", "credit", "late", "no_email", "no_vat_number"];
    assert_eq!(remarks(&review, "usine"), told);
    small.invoices(&["finalise"], "2026-08");
    assert_eq!(small.documents("2026-07"), before);
    // Once more, nothing moves; and what is taken back goes all the way back.
    small.close("2026-09");
    assert_eq!(small.billed("2026-09", "forge"), ["invoice", "recurring 15.00"]);
    small.void("late", "2026-07-20");
    small.close("2026-10");
    let forge = ["rebate", "recurring -15.00", "correction 127.86"];
    assert_eq!(small.billed("2026-10", "forge"), forge);
    let usine = ["invoice", "recurring 15.00", "correction 17.86"];
    assert_eq!(small.billed("2026-10", "usine"), usine);
    assert_eq!(small.faults(), [""; 0]);
}

on_both!(a_member_that_moved_to_another_version_is_corrected_by_its_old_one);
fn a_member_that_moved_to_another_version_is_corrected_by_its_old_one(engine: Engine) {
    let small = rerated(engine, &[graduated(), fee()]);
    july(&small);
    let dear =
        json!({ "kind": "usage", "meter": "hours", "model": "standard", "unit_amount": "1" });
    let dear = json!({ "late_usage": "rerate", "charges": [fee(), dear] });
    let version = small.version(&small.service, "2027-01-01", &dear);
    small.agree("forge", json!({ "tariff": version }));
    small.used("late", "usine", "2026-07-20", "2000");
    small.close("2026-08");
    // Not 6,000 € by the new one.
    let forge = ["rebate", "recurring -15.00", "correction 17.86"];
    assert_eq!(small.billed("2026-08", "forge"), forge);
    let usine = ["invoice", "recurring 15.00", "correction 127.86"];
    assert_eq!(small.billed("2026-08", "usine"), usine);
}

on_both!(what_a_minimum_topped_up_is_not_billed_again);
fn what_a_minimum_topped_up_is_not_billed_again(engine: Engine) {
    let small = rerated(engine, &[graduated()]);
    small.agree("forge", json!({ "minimum_amount": "100.00" }));
    small.used("f", "forge", "2026-07-10", "1000");
    small.close("2026-07");
    assert_eq!(small.billed("2026-07", "forge"), ["invoice", "usage 80.00", "minimum 20.00"]);
    // 8 € more, all of them within the minimum: nothing to pay, and August is at its minimum.
    small.used("late", "forge", "2026-07-20", "100");
    small.close("2026-08");
    let forge = ["invoice", "minimum 100.00", "correction -8.00", "correction 8.00"];
    assert_eq!(small.billed("2026-08", "forge"), forge);
    // 16 € more: 4 € beyond the minimum.
    small.used("later", "forge", "2026-07-20", "200");
    small.close("2026-09");
    let forge = ["invoice", "minimum 100.00", "correction -12.00", "correction 16.00"];
    assert_eq!(small.billed("2026-09", "forge"), forge);
}

on_both!(a_month_that_was_never_invoiced_is_nobody_s_bill);
fn a_month_that_was_never_invoiced_is_nobody_s_bill(engine: Engine) {
    let small = rerated(engine, &[graduated(), fee()]);
    small.used("f6", "forge", "2026-06-10", "6000");
    let review = small.run("2026-07");
    assert_eq!(review["services"][0]["used_before"], true, "{review}");
    small.invoices(&["finalise"], "2026-07");
    small.used("late", "forge", "2026-06-20", "100");
    let review = small.run("2026-08");
    assert_eq!(review["services"][0]["used_before"], false, "{review}");
    assert_eq!(small.billed("2026-08", "forge"), ["invoice", "recurring 15.00"]);
}
