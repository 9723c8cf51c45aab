//! Documents that are left alone for a while.

use palier_tests::{Engine, Pole, on_both};
use serde_json::json;

use super::setting::Setting;

on_both!(a_document_is_left_alone_until_a_day_or_until_somebody_says_so);
fn a_document_is_left_alone_until_a_day_or_until_somebody_says_so(engine: Engine) {
    let setting = Setting::new(engine);
    let finance = &setting.small.finance;
    let document = setting.document("forge");
    let at = |what: &str| setting.small.at(&format!("dunning/invoices/{document}/{what}"));
    let promised = json!({ "reason": "Règlement promis", "last_day": "2026-03-20" });
    let paused = finance.post(&at("pause"), &promised).expect(200).json();
    assert_eq!(paused["pause"], promised);
    assert_eq!(setting.run("2026-03-20T22:30:00Z"), ["reminder usine FA-2026-000002"]);
    assert_eq!(setting.run("2026-03-20T23:00:00Z"), ["reminder forge FA-2026-000001"]);
    let disputed = json!({ "reason": "Litige sur la ligne 2" });
    finance.post(&at("pause"), &disputed).expect(200);
    assert_eq!(setting.late("2026-04-30", "forge")[0]["pause"], disputed);
    assert_eq!(setting.run("2026-04-30T10:00:00Z"), ["second_reminder usine FA-2026-000002"]);
    let resumed = finance.post(&at("resume"), json!({})).expect(200).json();
    assert!(resumed.get("pause").is_none(), "{resumed}");
    finance.post(&at("resume"), json!({})).expect(200);
    assert_eq!(setting.run("2026-04-30T10:00:00Z"), ["second_reminder forge FA-2026-000001"]);
    let log = finance.get(&setting.small.at(&format!("audit-log?object={document}"))).expect(200);
    let log = log.json()["data"].as_array().unwrap().clone();
    let actions: Vec<_> = log.iter().map(|it| it["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["dunning.resumed", "dunning.paused", "dunning.paused"]);
    assert_eq!(log[1]["changes"]["reason"]["from"], "Règlement promis");
}

on_both!(only_a_final_invoice_of_the_pole_can_be_left_alone);
fn only_a_final_invoice_of_the_pole_can_be_left_alone(engine: Engine) {
    let setting = Setting::new(engine);
    let small = &setting.small;
    let why = json!({ "reason": "Litige" });
    small.run("2026-02");
    let draft = small.finance.get(&small.at("invoices?status=draft&limit=1")).expect(200);
    let draft = format!("dunning/invoices/{}/pause", draft.string("/data/0/id"));
    let refused = small.finance.post(&small.at(&draft), &why).expect(409).json();
    assert_eq!(refused["errors"][0]["code"], "not_an_invoice");
    let elsewhere = Pole::new(&small.server);
    for what in ["pause", "resume"] {
        let at = format!("dunning/invoices/{}/{what}", setting.document("forge"));
        elsewhere.admin.post(&format!("/v1/poles/{}/{at}", elsewhere.code), &why).expect(404);
    }
    let late = elsewhere.admin.get(&format!("/v1/poles/{}/dunning", elsewhere.code)).expect(200);
    assert_eq!(late.json()["data"], json!([]));
    let wrong = json!({ "reason": " ", "last_day": "2026-02-30" });
    let at = format!("dunning/invoices/{}/pause", setting.document("forge"));
    small.finance.post(&small.at(&at), wrong).expect(422);
}
