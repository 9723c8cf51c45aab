//! How a pole says that it debits accounts.

use palier_tests::{Engine, on_both};
use serde_json::json;

use super::{ICS, Setting, wrong};

on_both!(a_pole_says_once_how_it_collects);
fn a_pole_says_once_how_it_collects(engine: Engine) {
    let setting = Setting::new(engine);
    let at = setting.small.at("collection-settings");
    let usual = json!({ "automatic": true, "direct_debit": { "creditor_id": ICS } });
    let set = setting.small.finance.with_header("if-match", "*").put(&at, &usual).expect(200);
    let debit = &set.json()["direct_debit"];
    assert_eq!(
        *debit,
        json!({
            "creditor_id": ICS, "format": "pain.008.001.08", "notice_days": 14, "days_ahead": 14,
            "mark_first": false, "batch_booking": true,
        })
    );
    setting.small.finance.with_header("if-match", "\"1\"").put(&at, &usual).expect(412);
    let bad = json!({
        "retry_days": [3, 0],
        "direct_debit": { "creditor_id": "FR73ZZZ123456", "iban": "FR00", "bic": "?" },
    });
    let bad = setting.small.finance.with_header("if-match", "*").put(&at, bad).expect(422).json();
    assert_eq!(
        wrong(&bad),
        [
            "/retry_days retry_days",
            "/direct_debit/creditor_id creditor_id_check",
            "/direct_debit/iban iban",
            "/direct_debit/bic bic",
        ]
    );
    // Whoever has said nothing collects nothing.
    let none = json!({});
    setting.small.finance.with_header("if-match", "*").put(&at, none).expect(200);
    setting.post("collections/plan", 409, json!({}));
}
