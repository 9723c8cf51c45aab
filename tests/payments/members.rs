//! What members see of their own.

use palier_tests::{Engine, on_both};
use serde_json::{Value, json};

use super::Setting;

on_both!(a_member_sees_its_own_and_nobody_else_s);
fn a_member_sees_its_own_and_nobody_else_s(engine: Engine) {
    let setting = Setting::new(engine);
    let mut facts = setting.facts("payment", "forge", "150.00", &[(&setting.forge[0], "120.00")]);
    facts["note"] = json!("A word for the office.");
    let own = setting.record(facts);
    let other = setting.record(setting.facts("payment", "usine", "1.00", &[]));
    let (forge, usine) = (&setting.small.members["forge"], &setting.small.members["usine"]);
    let key = json!({ "name": "Forge", "scopes": ["payments:read"], "member": forge });
    let key = setting.small.finance.post(&setting.small.at("api-keys"), key).expect(201);
    let member = setting.small.server.client().with_token(&key.string("/key"));
    let get = |what: &str| member.get(&setting.small.at(what));
    let ids = |what: &str, id: &str| {
        let list = get(what).expect(200).json();
        list["data"].as_array().unwrap().iter().map(|it| it[id].clone()).collect::<Vec<_>>()
    };
    assert_eq!(ids("payments", "id"), [own["id"].clone()]);
    assert_eq!(ids(&format!("payments?member={usine}"), "id"), [Value::Null; 0]);
    let seen = get(&format!("payments/{}", own["id"].as_str().unwrap())).expect(200).json();
    assert_eq!((&seen["note"], &seen["credit"]), (&json!(""), &json!("30.00")));
    get(&format!("payments/{}", other["id"].as_str().unwrap())).expect(404);
    assert_eq!(ids("open-items", "invoice"), [json!(setting.forge[1])]);
    assert_eq!(ids(&format!("open-items?member={usine}"), "invoice"), [Value::Null; 0]);
    let balance = get(&format!("members/{forge}/balance")).expect(200).json();
    let expected = json!({
        "member": forge, "currency": "EUR", "open": "120.00", "overdue": "0.00", "credit": "30.00",
    });
    assert_eq!(balance, expected);
    get(&format!("members/{usine}/balance")).expect(404);
    get("bank-movements").expect(403);
    get("bank-statements").expect(403);
    assert_eq!(setting.small.faults(), [""; 0]);
}
