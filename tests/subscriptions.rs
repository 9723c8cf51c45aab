//! `/v1/poles/{pole}/members/{member}/subscriptions`

use palier_tests::{Pole, on_both};
use serde_json::{Value, json};

/// A member, and a published service.
struct Setting {
    member: String,
    service: String,
}

impl Setting {
    fn of(pole: &Pole) -> Self {
        let at = |what: &str| format!("/v1/poles/{}/{what}", pole.code);
        let member = pole.admin.post(&at("members"), member("forge", "732829320")).expect(201);
        let provider = pole.admin.post(
            &at("providers"),
            json!({ "name": "Mésocentre", "contact": { "email": "hpc@mesocentre.example" } }),
        );
        let service = pole.admin.post(
            &at("services"),
            json!({
                "code": "compute",
                "provider": provider.expect(201).string("/id"),
                "name": { "fr": "Calcul intensif" },
                "description": { "fr": "Des heures de calcul." },
                "category": "calcul",
                "unit": { "fr": "heure-cœur" },
            }),
        );
        let service = service.expect(201).string("/id");
        pole.price(&at(&format!("services/{service}")));
        pole.publish(&at(&format!("services/{service}")));
        Self { member: member.string("/id"), service }
    }

    fn path(&self, pole: &Pole) -> String {
        format!("/v1/poles/{}/members/{}/subscriptions", pole.code, self.member)
    }
}

fn member(code: &str, siren: &str) -> Value {
    json!({
        "code": code,
        "name": "Forge du Rhône SAS",
        "siren": siren,
        "address": { "lines": ["36 rue de l’Atelier"], "postcode": "69007", "city": "Lyon", "country": "FR" },
    })
}

on_both!(a_member_subscribes_ends_and_goes_on);
fn a_member_subscribes_ends_and_goes_on(pole: &Pole) {
    let setting = Setting::of(pole);
    let path = setting.path(pole);
    let made = pole.admin.post(&path, json!({ "service": setting.service })).expect(201);
    assert_eq!(made.string("/status"), "active");
    assert_eq!(made.string("/weight"), "1");
    let id = made.string("/id");
    assert_eq!(made.header("location"), format!("{path}/{id}"));

    let again = pole.admin.post(&path, json!({ "service": setting.service })).expect(409).problem();
    assert!(again["detail"].as_str().unwrap().contains("already"), "{again}");

    let one = format!("{path}/{id}");
    let ended = pole.admin.post(&format!("{one}/end"), json!({})).expect(200);
    assert_eq!(ended.string("/status"), "ending");
    let last_day = ended.string("/last_day");
    assert!(last_day > made.string("/first_day") || last_day == made.string("/first_day"));
    // Ending it again in the same way changes nothing: the version stays.
    let twice = pole.admin.post(&format!("{one}/end"), json!({})).expect(200);
    assert_eq!(twice.header("etag"), ended.header("etag"));

    let resumed = pole.admin.post(&format!("{one}/resume"), json!({})).expect(200);
    assert_eq!(resumed.string("/status"), "active");
    assert!(resumed.json().get("last_day").is_none());
    let log = pole.admin.get(&format!("/v1/poles/{}/audit-log?object={id}", pole.code)).expect(200);
    let actions: Vec<_> =
        log.json()["data"].as_array().unwrap().iter().map(|it| it["action"].clone()).collect();
    assert_eq!(actions, ["subscription.resumed", "subscription.ended", "subscription.created"]);
}

on_both!(a_subscription_ends_with_a_month);
fn a_subscription_ends_with_a_month(pole: &Pole) {
    let setting = Setting::of(pole);
    let path = setting.path(pole);
    let id =
        pole.admin.post(&path, json!({ "service": setting.service })).expect(201).string("/id");
    let end = format!("{path}/{id}/end");
    for wrong in ["2099-01-30", "2020-01-31"] {
        let problem = pole.admin.post(&end, json!({ "last_day": wrong })).expect(422).problem();
        assert_eq!(problem["errors"][0]["pointer"], "/last_day", "{problem}");
    }
    let ended = pole.admin.post(&end, json!({ "last_day": "2099-01-31" })).expect(200);
    assert_eq!(ended.string("/last_day"), "2099-01-31");
    // While it goes on until then, there cannot be another.
    pole.admin.post(&path, json!({ "service": setting.service })).expect(409).problem();
    let next = json!({ "service": setting.service, "first_day": "2099-02-01" });
    let next = pole.admin.post(&path, next).expect(201);
    assert_eq!(next.string("/status"), "scheduled");
    // The first one cannot go on into the second.
    pole.admin.post(&format!("{path}/{id}/resume"), json!({})).expect(409).problem();
}

on_both!(the_pole_agrees_on_terms);
fn the_pole_agrees_on_terms(pole: &Pole) {
    let setting = Setting::of(pole);
    let path = setting.path(pole);
    let made = json!({ "service": setting.service, "weight": "2.5", "minimum_amount": "20.00" });
    let made = pole.admin.post(&path, made).expect(201);
    assert_eq!(
        (made.string("/weight"), made.string("/minimum_amount")),
        ("2.5".into(), "20.00".into())
    );
    let one = format!("{path}/{}", made.string("/id"));
    let client = pole.admin.with_header("if-match", made.header("etag"));
    let changed = client.patch(&one, json!({ "weight": "3", "minimum_amount": null })).expect(200);
    assert_eq!(changed.string("/weight"), "3");
    assert!(changed.json().get("minimum_amount").is_none());
    client.patch(&one, json!({ "weight": "4" })).expect(412).problem();
    pole.admin.patch(&one, json!({ "weight": "4" })).expect(428).problem();

    let client = pole.admin.with_header("if-match", "*");
    let wrong = json!({ "weight": "-1", "minimum_amount": "1.234567", "member": "x" });
    let problem = client.patch(&one, wrong).expect(422).problem();
    let pointers: Vec<_> =
        problem["errors"].as_array().unwrap().iter().map(|it| it["pointer"].clone()).collect();
    assert_eq!(pointers, ["/member", "/weight"], "{problem}");
    let finer = client.patch(&one, json!({ "minimum_amount": "1.234" })).expect(422).problem();
    assert_eq!(finer["errors"][0]["pointer"], "/minimum_amount");
}

on_both!(only_a_published_service_and_an_active_member);
fn only_a_published_service_and_an_active_member(pole: &Pole) {
    let setting = Setting::of(pole);
    let unknown = json!({ "service": "svc_01h455vb4pex5vsknk084sn02q" });
    let problem = pole.admin.post(&setting.path(pole), unknown).expect(422).problem();
    assert_eq!(problem["errors"][0]["pointer"], "/service");

    let early = json!({ "service": setting.service, "first_day": "2020-01-01" });
    let problem = pole.admin.post(&setting.path(pole), early).expect(422).problem();
    assert_eq!(problem["errors"][0]["code"], "too_early");

    let member = format!("/v1/poles/{}/members/{}", pole.code, setting.member);
    let any = pole.admin.with_header("if-match", "*");
    any.patch(&member, json!({ "status": "suspended" })).expect(200);
    pole.admin
        .post(&setting.path(pole), json!({ "service": setting.service }))
        .expect(409)
        .problem();
}

on_both!(lists_are_by_member_service_and_day);
fn lists_are_by_member_service_and_day(pole: &Pole) {
    let setting = Setting::of(pole);
    let other =
        pole.admin.post(&format!("/v1/poles/{}/members", pole.code), member("usine", "404833048"));
    let other =
        Setting { member: other.expect(201).string("/id"), service: setting.service.clone() };
    for one in [&setting, &other] {
        pole.admin.post(&one.path(pole), json!({ "service": one.service })).expect(201);
    }
    let count =
        |path: &str| pole.admin.get(path).expect(200).json()["data"].as_array().unwrap().len();
    assert_eq!(count(&setting.path(pole)), 1);
    let all = format!("/v1/poles/{}/subscriptions", pole.code);
    assert_eq!(count(&all), 2);
    assert_eq!(count(&format!("{all}?service={}", setting.service)), 2);
    assert_eq!(count(&format!("{all}?member={}", other.member)), 1);
    assert_eq!(count(&format!("{all}?on=2020-01-01")), 0);
    assert_eq!(count(&format!("{all}?on=2099-01-01")), 2);
    pole.admin.get(&format!("{all}?on=yesterday")).expect(400).problem();
    let first = pole.admin.get(&format!("{all}?limit=1")).expect(200);
    let next = format!("{all}?limit=1&cursor={}", first.string("/next_cursor"));
    let second = pole.admin.get(&next).expect(200);
    assert_ne!(first.json()["data"], second.json()["data"]);
    assert!(second.json().get("next_cursor").is_none());
}
