//! Mandates, and by which means a member is collected.

use palier_tests::{Engine, on_both};
use serde_json::{Value, json};

use super::{FORGE_IBAN, Setting, USINE_IBAN, wrong};

on_both!(a_mandate_is_recorded_shown_and_ended);
fn a_mandate_is_recorded_shown_and_ended(engine: Engine) {
    let setting = Setting::new(engine);
    let first = setting.sign("forge", "fr76 3000 6000 0112 3456 7890 189", json!({}));
    let second = setting.sign("forge", USINE_IBAN, json!({ "reference": "RUM-2" }));
    let get = |id: &str| {
        setting.small.finance.get(&setting.small.at(&format!("payment-means/{id}"))).expect(200)
    };
    let one = get(&first).json();
    assert_eq!((&one["status"], &one["is_default"]), (&json!("active"), &json!(true)));
    assert_eq!(one["label"], "Prélèvement FR76 •••• 0189");
    let mandate = &one["mandate"];
    assert_eq!((&mandate["iban"], &mandate["usage"]), (&json!(FORGE_IBAN), &json!("recurrent")));
    assert_eq!(mandate["expires_on"], "2029-01-12");
    let made = first.trim_start_matches("pms_").to_uppercase();
    assert_eq!(mandate["reference"], format!("RUM-{made}"));

    // The member sees its own, and not the whole account.
    let key = json!({
        "name": "Forge", "scopes": ["payments:read"], "member": setting.small.members["forge"],
    });
    let key = setting.small.finance.post(&setting.small.at("api-keys"), key).expect(201);
    let forge = setting.small.server.client().with_token(&key.string("/key"));
    let seen = forge.get(&setting.small.at("payment-means")).expect(200).json();
    let ibans: Vec<_> =
        seen["data"].as_array().unwrap().iter().map(|it| &it["mandate"]["iban"]).collect();
    assert_eq!(ibans.len(), 2);
    assert!(ibans.contains(&&json!("FR76 •••• 0189")), "{ibans:?}");
    let other = setting.sign("usine", USINE_IBAN, json!({}));
    forge.get(&setting.small.at(&format!("payment-means/{other}"))).expect(404);

    let defaults = || -> Vec<Value> {
        let all = setting.list(&format!("payment-means?member={}", setting.small.members["forge"]));
        all.into_iter().filter(|it| it["is_default"] == true).map(|it| it["id"].clone()).collect()
    };
    setting.post(&format!("payment-means/{second}/default"), 200, json!({}));
    assert_eq!(defaults(), [json!(second)]);
    let why = json!({ "reason": "Révoqué" });
    let ended = setting.post(&format!("payment-means/{second}/end"), 200, why.clone());
    assert_eq!((&ended["status"], &ended["reason"]), (&json!("ended"), &json!("Révoqué")));
    assert_eq!(defaults(), [json!(null); 0]);
    setting.post(&format!("payment-means/{second}/end"), 409, why);
    let refused = setting.post(&format!("payment-means/{second}/default"), 409, json!({}));
    assert_eq!(wrong(&refused), [" not_active"]);
}

on_both!(what_is_no_mandate_is_refused_by_its_fields);
fn what_is_no_mandate_is_refused_by_its_fields(engine: Engine) {
    let setting = Setting::new(engine);
    let member = &setting.small.members["forge"];
    let mandate = |more: Value| {
        let mut mandate = json!({
            "member": member, "scheme": "core", "signed_on": "2026-01-12", "debtor": "Forge SA",
            "iban": FORGE_IBAN,
        });
        for (field, value) in more.as_object().unwrap() {
            mandate[field] = value.clone();
        }
        mandate
    };
    let refused =
        |status: u16, more: Value| wrong(&setting.post("payment-means", status, mandate(more)));
    let bad = json!({ "reference": "RUM 1", "iban": "FR7630006000011234567890188", "bic": "?" });
    assert_eq!(refused(422, bad), ["/reference character", "/iban iban", "/bic bic"]);
    let swiss = json!({ "iban": "CH9300762011623852957" });
    assert_eq!(refused(422, swiss), ["/bic bic_needed", "/address address_needed"]);
    assert_eq!(refused(422, json!({ "signed_on": "2028-02-02" })), ["/signed_on in_future"]);
    setting.sign("forge", FORGE_IBAN, json!({ "reference": "RUM-A" }));
    assert_eq!(refused(409, json!({ "reference": "rum-a" })), ["/reference duplicate"]);
    let nobody = json!({ "member": "mbr_01k9gz7v3hf8mv3r0x2p6d9qae" });
    assert_eq!(refused(422, nobody), ["/member unknown_member"]);
    // In French as well.
    let french = setting.small.finance.with_header("accept-language", "fr");
    let bad = mandate(json!({ "iban": "FR00" }));
    let told = french.post(&setting.small.at("payment-means"), bad).expect(422).json();
    let told = told["errors"][0]["detail"].as_str().unwrap().to_owned();
    assert!(told.contains("n’est pas un IBAN"), "{told}");
}

on_both!(a_member_sees_what_will_be_debited_and_revokes_its_mandate);
fn a_member_sees_what_will_be_debited_and_revokes_its_mandate(engine: Engine) {
    let setting = Setting::signed(engine);
    let at = |what: &str| setting.small.at(what);
    let key = |member: &str| {
        let scopes = ["payments:read", "members:write"];
        let id = &setting.small.members[member];
        let key = json!({ "name": member, "scopes": scopes, "member": id });
        let key = setting.small.finance.post(&at("api-keys"), key).expect(201).string("/key");
        setting.small.server.client().with_token(&key)
    };
    let (forge, usine) = (key("forge"), key("usine"));
    let of = |member: &str| {
        let id = &setting.small.members[member];
        let found = setting.list(&format!("payment-means?member={id}"));
        let means = found[0]["id"].as_str().unwrap().to_owned();
        at(&format!("members/{id}/payment-means/{means}/end"))
    };
    setting.plan();
    // Each its own, with day and amount.
    let planned = || {
        let seen = forge.get(&at("collections?status=planned")).expect(200).json();
        let seen = seen["data"].as_array().unwrap().clone();
        let text = |it: &Value, name: &str| it[name].as_str().unwrap().to_owned();
        let said = |it: &Value| format!("{} on {}", text(it, "amount"), text(it, "collect_on"));
        seen.iter().map(said).collect::<Vec<_>>()
    };
    assert_eq!(planned(), ["120.00 on 2028-02-02"]);
    let why = json!({ "reason": "Nous paierons par virement" });
    usine.post(&of("forge"), why.clone()).expect(404);
    // That of another under one's own address is not there.
    let (own, other) = (of("forge"), of("usine"));
    let theirs = other.rsplit('/').nth(1).unwrap();
    let mine = own.rsplit('/').nth(1).unwrap();
    forge.post(&own.replace(mine, theirs), why.clone()).expect(404);
    forge.post(&own, json!({})).expect(422);
    let ended = forge.post(&own, why.clone()).expect(200).json();
    assert_eq!((&ended["status"], &ended["is_default"]), (&json!("ended"), &json!(false)));
    assert_eq!(ended["mandate"]["iban"], "FR76 •••• 0189");
    assert_eq!(forge.post(&own, why.clone()).expect(409).string("/errors/0/code"), "ended");
    assert_eq!(planned(), [""; 0]);
    // What is in a file already is debited.
    setting.file();
    usine.post(&other, why).expect(200);
    let left = ["forge cancelled 120.00 2028-02-02", "usine sent 120.00 2028-02-02"];
    assert_eq!(setting.collections(), left);
    assert_eq!(setting.plan()["collections"], json!([]));
    assert_eq!(setting.small.faults(), [""; 0]);
}
