//! `/v1/poles/{pole}/services/{service}/entitlements/{subscriber}`

use palier_tests::{Client, Engine, Server, on_both};
use serde_json::{Value, json};
use ureq::http::Method;

use crate::people::at;
use crate::price_board::setting::{Setting, tiers};

on_both!(a_provider_learns_whom_to_let_in);
fn a_provider_learns_whom_to_let_in(engine: Engine) {
    let mut setting = Setting::new(engine, &tiers());
    let key = setting.secret_of("provider", &setting.provider);
    let provider = setting.staff.with_token(&key);
    let path = setting.at("entitlements");
    let asked = |client: &Client, whom: &str| {
        let answer = client.get(&format!("{path}/{whom}")).expect(200).json();
        assert_eq!(answer["entitled"], answer["objections"] == json!([]), "{answer}");
        answer["objections"].clone()
    };
    let forge = setting.members[0].clone();
    assert_eq!(asked(&provider, "forge"), json!([]));
    assert_eq!(asked(&provider, &forge), json!([]));
    assert_eq!(asked(&setting.key("member", &forge), "forge"), json!([]));

    // Whoever joins is let in as soon as they have subscribed, and not before it begins.
    let of = |member: &str| at(&setting.pole, &format!("/members/{member}/subscriptions"));
    let subscribe = |member: &str, day: &str| {
        let subscription = json!({ "service": setting.service, "first_day": day });
        setting.staff.post(&of(member), subscription).expect(201).string("/id")
    };
    let new = crate::people::member(&setting.pole, "new");
    assert_eq!(asked(&provider, "new"), json!(["not_subscribed"]));
    let subscription = subscribe(&new, "2026-10-31");
    assert_eq!(asked(&provider, "new"), json!([]));
    let later = crate::people::member(&setting.pole, "later");
    subscribe(&later, "2026-11-01");
    assert_eq!(asked(&provider, "later"), json!(["subscription_scheduled"]));
    let merge = setting.staff.with_header("if-match", "*");
    let merge = merge.with_header("content-type", "application/merge-patch+json");
    let change = |path: &str, body: Value| merge.send_json(Method::PATCH, path, &body).expect(200);

    // Whoever is suspended is let in no more, within a second.
    let member = at(&setting.pole, &format!("/members/{forge}"));
    change(&member, json!({ "status": "suspended" }));
    let refused = || (asked(&provider, "forge") == json!(["member_suspended"])).then_some(());
    let second = std::time::Duration::from_secs(1);
    palier_tests::wait_for(second, refused).expect("it is known within a second");
    change(&member, json!({ "status": "active" }));
    assert_eq!(asked(&provider, "forge"), json!([]));

    // The last day counts: it ends, and another begins, at midnight in Paris.
    let end = format!("{}/{subscription}/end", of(&new));
    setting.staff.post(&end, json!({ "last_day": "2026-10-31" })).expect(200);
    assert_eq!(asked(&provider, "new"), json!([]));
    setting.server.stop();
    let november = Server::builder(engine).database(setting.server.database_url());
    let november = november.now("2026-10-31T23:00:00Z").start();
    let provider = november.client().with_token(&key);
    assert_eq!(asked(&provider, "new"), json!(["subscription_ended"]));
    assert_eq!(asked(&provider, "later"), json!([]));
}

on_both!(who_has_no_business_there_finds_nothing);
fn who_has_no_business_there_finds_nothing(engine: Engine) {
    let setting = Setting::new(engine, &tiers());
    let contact = json!({ "email": "a@b.example" });
    let other = json!({ "name": "Studio", "contact": contact });
    let other = setting.staff.post(&at(&setting.pole, "/providers"), other).expect(201);
    let other = setting.key("provider", &other.string("/id"));
    let atelier = setting.key("member", &setting.members[1]);
    let of_forge = setting.at("entitlements/forge");
    for client in [&other, &atelier] {
        client.get(&of_forge).expect(404).problem();
    }
    for nobody in ["nobody", "mbr_01k9gz7v3hf8mv3r0x2p6d9qae"] {
        setting.staff.get(&setting.at(&format!("entitlements/{nobody}"))).expect(404).problem();
    }
    let elsewhere = of_forge.replace("_0", "_1");
    setting.staff.get(&elsewhere).expect(404).problem();
}
