//! What finance learned in another way, and what it must not miss.

use palier_tests::{Engine, on_both};
use serde_json::{Value, json};

use super::{MONTH, Setting};

/// What is wrong: places and codes.
fn faults(problem: &Value) -> Vec<String> {
    let errors = problem["errors"].as_array().unwrap();
    let fault = |it: &Value| {
        let text = |name: &str| it[name].as_str().unwrap_or("-").to_owned();
        format!("{} {}", text("pointer"), text("code"))
    };
    errors.iter().map(fault).collect()
}

on_both!(finance_says_what_it_knows_and_the_rules_are_the_same);
fn finance_says_what_it_knows_and_the_rules_are_the_same(engine: Engine) {
    let setting = Setting::new(engine);
    let refused =
        |body: Value, status: u16| faults(&setting.say("forge", body).expect(status).json());
    let early = refused(json!({ "status": "approved" }), 409);
    assert_eq!(early, ["/status out_of_order"]);
    let money = refused(json!({ "status": "collected" }), 422);
    assert_eq!(money, ["/status from_payments"]);
    let bare = refused(json!({ "status": "rejected" }), 422);
    assert_eq!(bare, ["/reasons no_reason"]);
    let reason = |reason: &str| json!({ "status": "rejected", "reasons": [{ "reason": reason }] });
    assert_eq!(refused(reason("IRR_ANTIVIRUS"), 422), ["/reasons/0/reason reason"]);
    assert_eq!(refused(reason("WHATEVER"), 422), ["/reasons/0/reason code"]);
    let later = json!({ "status": "deposited", "happened_at": "2029-01-01T00:00:00Z" });
    assert_eq!(refused(later, 422), ["/happened_at in_future"]);
    let deposited = json!({ "status": "deposited", "note": "Vu sur le site de la plateforme" });
    let said = setting.say("forge", deposited).expect(200).json();
    assert_eq!((&said["code"], &said["given_by"]), (&json!("200"), &json!("platform")));
    setting.say("forge", json!({ "status": "approved" })).expect(200);
    let after = json!({ "status": "refused", "reasons": [{ "reason": "TX_TVA_ERR" }] });
    assert_eq!(refused(after, 409), ["/status out_of_order"]);
    let nothing = refused(json!({ "status": "completed" }), 409);
    assert_eq!(nothing, ["/status out_of_order"]);
    assert_eq!(setting.statuses("forge"), ["200 platform", "205 buyer"]);
    // A draft has none.
    setting.small.run("2026-08");
    let drafts = setting.small.at("invoices?status=draft&limit=1");
    let draft = setting.finance.get(&drafts).expect(200).string("/data/0/id");
    let path = setting.small.at(&format!("invoices/{draft}/statuses"));
    setting.finance.post(&path, json!({ "status": "deposited" })).expect(409);
}

on_both!(what_was_suspended_is_completed_by_the_seller);
fn what_was_suspended_is_completed_by_the_seller(engine: Engine) {
    let setting = Setting::new(engine);
    setting.file("out", "FA-2028-000001.xml");
    setting.say("forge", json!({ "status": "deposited" })).expect(200);
    let asked =
        json!({ "status": "suspended", "reasons": [{ "reason": "JUSTIF_ABS", "action": "PIN" }] });
    setting.say("forge", asked).expect(200);
    setting.say("forge", json!({ "status": "completed" })).expect(200);
    // It is the seller's to say: the platform is told.
    let message = setting.file("out", "FA-2028-000001_003_209.xml");
    let message = palier_billing::einvoice::cdar::read(&message).unwrap();
    assert_eq!(message.reports[0].status.as_str(), "209");
    let expected = ["200 platform", "208 buyer JUSTIF_ABS", "209 seller"];
    assert_eq!(setting.statuses("forge"), expected);
}

on_both!(a_month_with_a_refused_document_is_not_closed_unseen);
fn a_month_with_a_refused_document_is_not_closed_unseen(engine: Engine) {
    let setting = Setting::new(engine);
    let item = || {
        let list = setting.finance.get(&setting.small.at("closings/2028-02")).expect(200).json();
        let items = list["items"].as_array().unwrap().clone();
        items.into_iter().find(|it| it["code"] == "returned_documents").unwrap()
    };
    assert_eq!((&item()["state"], &item()["count"]), (&json!("done"), &json!(0)));
    setting.say("forge", json!({ "status": "deposited" })).expect(200);
    let refused = json!({ "status": "refused", "reasons": [{ "reason": "TX_TVA_ERR" }] });
    setting.say("forge", refused).expect(200);
    assert_eq!((&item()["state"], &item()["count"]), (&json!("missing"), &json!(1)));
    assert!(item()["text"].to_string().contains("FA-2028-000001"), "{}", item());
    let list = setting.small.at(&format!("invoices?lifecycle=refused&period={MONTH}"));
    assert_eq!(setting.finance.get(&list).expect(200).string("/data/0/number"), "FA-2028-000001");
    let credit = setting.at("forge", "/credit-notes");
    setting.finance.post(&credit, json!({ "reason": "Refusée" })).expect(201);
    assert_eq!((&item()["state"], &item()["count"]), (&json!("done"), &json!(0)));
}
