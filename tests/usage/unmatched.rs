//! `/v1/poles/{pole}/usage/unmatched`.

use std::thread;

use palier_tests::{Answer, Client, Engine, on_both};
use serde_json::{Value, json};

use super::{FIRST, LATER, Setting, counts, event, faults};
use crate::seed::member;

impl Setting {
    /// A pole that keeps what matches nothing.
    fn keeping(engine: Engine) -> Self {
        let setting = Self::of(engine);
        let keep = json!({ "unmatched_usage": "keep" });
        let any = setting.pole.admin.with_header("if-match", "*");
        any.patch(&format!("/v1/poles/{}", setting.pole.code), keep).expect(200);
        setting
    }

    fn make(&self, what: &str, body: Value) -> String {
        self.pole.admin.post(&self.at(what), body).expect(201).string("/id")
    }

    fn at(&self, what: &str) -> String {
        format!("/v1/poles/{}/{what}", self.pole.code)
    }

    fn subscribe(&self, member: &str) {
        let subscription = json!({ "service": self.service, "first_day": "2026-09-01" });
        self.make(&format!("members/{member}/subscriptions"), subscription);
    }

    /// Ids and reasons of what is listed.
    fn unmatched(&self, query: &str) -> Vec<(String, String)> {
        let listed = self.pole.admin.get(&format!("{}/unmatched?{query}", self.usage)).expect(200);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let data = listed.json()["data"].as_array().cloned().unwrap();
        data.iter().map(|it| (text(&it["id"]), text(&it["reason"]))).collect()
    }

    fn resolve(&self, body: &Value) -> Value {
        self.pole.admin.post(&format!("{}/unmatched/resolve", self.usage), body).expect(200).json()
    }

    fn discard(&self, id: &str) -> Answer {
        let body = json!({ "events": [{ "id": id, "time": FIRST }], "reason": "A test." });
        self.pole.admin.post(&format!("{}/unmatched/discard", self.usage), body)
    }

    fn key(&self, owner: Value) -> Client {
        let mut body = owner;
        (body["name"], body["scopes"]) = (json!("Meter"), json!(["usage:write"]));
        let made = self.pole.admin.post(&self.at("api-keys"), body).expect(201);
        self.pole.admin.with_token(&made.string("/key"))
    }

    /// How many hours are added up, and how many events wait.
    fn standing(&self) -> (String, u64) {
        let all = self.pole.admin.get(&format!("{}?by=month", self.usage)).expect(200).json();
        let sum = all.pointer("/series/0/points/0/quantity").and_then(Value::as_str);
        let count = self.pole.admin.get(&format!("{}/unmatched/count", self.usage)).expect(200);
        (sum.unwrap_or("0").to_owned(), count.json()["waiting"].as_u64().unwrap())
    }
}

fn of(member: &str, event: Value) -> Value {
    let mut event = event;
    event["member"] = json!(member);
    event
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(id, reason)| ((*id).to_owned(), (*reason).to_owned())).collect()
}

on_both!(what_matches_nothing_is_kept_and_counts_once_its_cause_is_mended);
fn what_matches_nothing_is_kept_and_counts_once_its_cause_is_mended(engine: Engine) {
    let setting = Setting::keeping(engine);
    let mut days = event("meter", FIRST, "4");
    days["meter"] = json!("days");
    let batch = json!([
        event("good", FIRST, "1"),
        of("atelier", event("member", FIRST, "2")),
        event("early", "2026-08-31T12:00:00Z", "8"),
        days,
    ]);
    let told = setting.report(&batch).expect(200);
    assert_eq!((counts(&told), &told.json()["unmatched"]), ([1, 0, 0, 0, 0], &json!(3)));
    let said = &told.json()["events"];
    assert_eq!(said[0]["outcome"], "unmatched");
    let codes: Vec<_> = (0..3).map(|nth| &said[nth]["errors"][0]["code"]).collect();
    assert_eq!(codes, ["unknown_member", "not_subscribed", "unknown_meter"]);
    // Again, all of it or one alone, and in other words: it is there once.
    let again = setting.report(&batch).expect(200);
    assert_eq!((counts(&again), &again.json()["unmatched"]), ([0, 1, 0, 0, 0], &json!(3)));
    assert_eq!(setting.report(&batch[1]).expect(200).json()["unmatched"], 1);
    let other = setting.report(&of("atelier", event("member", FIRST, "2.5"))).expect(409);
    assert_eq!(faults(&other), [("/id".to_owned(), "taken".to_owned())]);
    let all =
        [("early", "not_subscribed"), ("member", "unknown_member"), ("meter", "unknown_meter")];
    assert_eq!(setting.unmatched(""), pairs(&all));
    assert_eq!(setting.unmatched("reason=unknown_meter"), pairs(&all[2..]));
    assert_eq!(setting.unmatched("member=atelier"), pairs(&all[1..2]));
    assert_eq!(setting.unmatched("meter=days"), pairs(&all[2..]));
    assert_eq!(setting.unmatched("to=2026-09-01T00:00:00Z"), pairs(&all[..1]));
    assert_eq!(setting.unmatched("state=resolved"), []);
    let first = setting.pole.admin.get(&format!("{}/unmatched?limit=2", setting.usage)).expect(200);
    let next = first.string("/next_cursor");
    assert_eq!(setting.unmatched(&format!("limit=2&cursor={next}")), pairs(&all[2..]));
    let of_september = format!("{}/unmatched/count?from=2026-08-31T22:00:00Z", setting.usage);
    let expected = json!({ "waiting": 2, "reasons": [
        { "reason": "unknown_member", "waiting": 1 }, { "reason": "unknown_meter", "waiting": 1 },
    ] });
    assert_eq!(setting.pole.admin.get(&of_september).expect(200).json(), expected);
    assert_eq!(setting.standing(), ("1".to_owned(), 3));

    let nothing = setting.resolve(&json!({}));
    assert_eq!([&nothing["resolved"], &nothing["waiting"]], [0, 3]);
    assert_eq!(nothing["events"][1]["errors"][0]["code"], "unknown_member");
    let atelier = setting.make("members", member("atelier", "552100554"));
    // One cause gives way to the next.
    assert_eq!(setting.resolve(&json!({}))["waiting"], 3);
    assert_eq!(setting.unmatched("member=atelier"), pairs(&[("member", "not_subscribed")]));
    setting.subscribe(&atelier);
    let meters = format!("services/{}/meters", setting.service);
    setting.make(&meters, json!({ "code": "days" }));
    let mended = setting.resolve(&json!({}));
    assert_eq!([&mended["resolved"], &mended["waiting"], &mended["late"]], [2, 1, 0]);
    assert_eq!(setting.resolve(&json!({}))["resolved"], 0);
    let mut there = setting.events();
    there.sort();
    let expected = [("good", "1"), ("member", "2"), ("meter", "4")];
    let expected = expected.map(|(id, sum)| (id.to_owned(), sum.to_owned(), true));
    assert_eq!(there, expected);
    let again = setting.report(&batch).expect(200);
    assert_eq!((counts(&again), &again.json()["unmatched"]), ([0, 3, 0, 0, 0], &json!(1)));
    let log = setting.at("audit-log?action=usage.unmatched_resolved");
    let log = setting.pole.admin.get(&log).expect(200).json();
    assert_eq!(log["data"][0]["changes"]["resolved"]["to"], 2);
}

on_both!(a_name_that_was_wrong_is_said_to_be_somebody_s);
fn a_name_that_was_wrong_is_said_to_be_somebody_s(engine: Engine) {
    let setting = Setting::keeping(engine);
    let events = json!([of("forje", event("a", FIRST, "1")), of("else", event("b", FIRST, "2"))]);
    assert_eq!(setting.report(&events).expect(200).json()["unmatched"], 2);
    let called = json!({ "members": [{ "called": "forje", "is": "forge" }] });
    let told = setting.resolve(&called);
    assert_eq!([&told["resolved"], &told["waiting"]], [1, 0]);
    assert_eq!(setting.unmatched(""), pairs(&[("b", "unknown_member")]));
    // Who reports it may put it right as well: the same event, under the right name.
    assert_eq!(counts(&setting.report(&event("b", FIRST, "2")).expect(200)), [1, 0, 0, 0, 0]);
    assert_eq!(setting.unmatched(""), []);
    assert_eq!(setting.unmatched("state=resolved").len(), 2);
    for _ in 0..2 {
        assert_eq!(counts(&setting.report(&event("b", FIRST, "2")).expect(200)), [0, 1, 0, 0, 0]);
    }
    assert_eq!(setting.standing(), ("3".to_owned(), 0));
    // With another quantity it is another event.
    setting.report(&of("forje", event("c", FIRST, "1"))).expect(200);
    setting.report(&event("c", FIRST, "9")).expect(409);
    assert_eq!(setting.unmatched(""), pairs(&[("c", "unknown_member")]));
    setting.server.palier(["usage", "verify", "--pole", &setting.pole.code]).success();
}

on_both!(what_is_discarded_stays_so_until_the_pole_says_otherwise);
fn what_is_discarded_stays_so_until_the_pole_says_otherwise(engine: Engine) {
    let setting = Setting::keeping(engine);
    setting.report(&of("nobody", event("a", FIRST, "1"))).expect(200);
    let refused = setting.discard("b").expect(422);
    assert_eq!(faults(&refused), [("/events/0".to_owned(), "unknown_event".to_owned())]);
    let done = setting.discard("a").expect(200).json();
    assert_eq!(done, json!({ "discarded": 1, "unchanged": 0 }));
    let again = setting.discard("a").expect(200).json();
    assert_eq!(again, json!({ "discarded": 0, "unchanged": 1 }));
    let log = setting.at("audit-log?action=usage.unmatched_discarded");
    let log = setting.pole.admin.get(&log).expect(200).json();
    assert_eq!(log["data"].as_array().unwrap().len(), 1);
    assert_eq!(log["data"][0]["changes"]["reason"]["to"], "A test.");
    // Whoever sends it again, under this name or the right one.
    for again in [of("nobody", event("a", FIRST, "1")), event("a", FIRST, "1")] {
        assert_eq!(counts(&setting.report(&again).expect(200)), [0, 1, 0, 0, 0]);
    }
    assert_eq!(setting.resolve(&json!({}))["resolved"], 0);
    assert_eq!(setting.standing(), ("0".to_owned(), 0));
    let these = json!({
        "events": [{ "id": "a", "time": FIRST }], "members": [{ "called": "nobody", "is": "forge" }],
    });
    assert_eq!(setting.resolve(&these)["resolved"], 1);
    assert_eq!(setting.standing(), ("1".to_owned(), 0));
    // What counts is taken back otherwise.
    setting.discard("a").expect(422);
}

on_both!(nobody_reports_for_others_by_being_wrong_about_them);
fn nobody_reports_for_others_by_being_wrong_about_them(engine: Engine) {
    let setting = Setting::keeping(engine);
    let other = setting.make("members", member("atelier", "552100554"));
    setting.subscribe(&other);
    let of_member = setting.key(json!({ "member": setting.member }));
    for name in ["nobody", "atelier"] {
        let refused = of_member.post(&setting.usage, of(name, event("a", FIRST, "1"))).expect(422);
        assert_eq!(faults(&refused), [("/member".to_owned(), "unknown_member".to_owned())]);
    }
    // A provider counts by its own meters alone, whatever the pole mends.
    let contact = json!({ "email": "a@b.example" });
    let stranger = setting.make("providers", json!({ "name": "Studio", "contact": contact }));
    let stranger = setting.key(json!({ "provider": stranger }));
    let kept = stranger.post(&setting.usage, of("nobody", event("b", FIRST, "1"))).expect(200);
    assert_eq!(kept.json()["unmatched"], 1);
    let called = json!({ "members": [{ "called": "nobody", "is": "forge" }] });
    assert_eq!(setting.resolve(&called)["resolved"], 0);
    assert_eq!(setting.unmatched(""), pairs(&[("b", "unknown_meter")]));
    let provider = setting.key(json!({ "provider": setting.provider }));
    provider.post(&setting.usage, of("nobody", event("c", FIRST, "1"))).expect(200);
    assert_eq!(setting.resolve(&called)["resolved"], 1);
    assert_eq!(setting.standing(), ("1".to_owned(), 1));
}

on_both!(all_or_nothing_and_other_poles_refuse_what_matches_nothing);
fn all_or_nothing_and_other_poles_refuse_what_matches_nothing(engine: Engine) {
    let setting = Setting::keeping(engine);
    let both = json!([event("a", FIRST, "1"), of("nobody", event("b", FIRST, "1"))]);
    let atomic = format!("{}?atomic=true", setting.usage);
    setting.pole.admin.post(&atomic, both.clone()).expect(422);
    assert_eq!((setting.events().len(), setting.unmatched("").len()), (0, 0));
    // What is wrong in other ways is refused as ever.
    let far = of("nobody", event("b", "2099-01-01T00:00:00Z", "1"));
    setting.report(&far).expect(422);
    let refuse = json!({ "unmatched_usage": "refuse" });
    let any = setting.pole.admin.with_header("if-match", "*");
    any.patch(&format!("/v1/poles/{}", setting.pole.code), refuse).expect(200);
    assert_eq!(counts(&setting.report(&both).expect(207)), [1, 0, 0, 1, 0]);
    assert_eq!(setting.unmatched(""), []);
}

on_both!(it_counts_once_whoever_is_quicker);
fn it_counts_once_whoever_is_quicker(engine: Engine) {
    let setting = Setting::keeping(engine);
    let named = |name: &str| -> Value {
        (0..300).map(|nth| of(name, event(&format!("e{nth}"), FIRST, "1"))).collect()
    };
    assert_eq!(setting.report(&named("forje")).expect(200).json()["unmatched"], 300);
    let called = json!({ "members": [{ "called": "forje", "is": "forge" }] });
    thread::scope(|threads| {
        for _ in 0..2 {
            threads.spawn(|| setting.resolve(&called));
            threads.spawn(|| setting.report(&named("forge")).expect(200));
        }
    });
    assert_eq!(setting.standing(), ("300".to_owned(), 0));
    assert_eq!(setting.unmatched("state=resolved&limit=200").len(), 200);
    setting.server.palier(["usage", "verify", "--pole", &setting.pole.code]).success();
}

on_both!(files_are_kept_as_well);
fn files_are_kept_as_well(engine: Engine) {
    let setting = Setting::keeping(engine);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("usage.csv");
    let lines = format!(
        "id,member,meter,time,quantity\na,forge,hours,{FIRST},1\nb,nobody,hours,{LATER},2\n"
    );
    std::fs::write(&file, lines).unwrap();
    let file = file.to_str().unwrap();
    let import = ["usage", "import", "--pole", &setting.pole.code, file];
    let said = setting.server.palier(import).success();
    let kept = "1 kept that match nothing yet";
    assert_eq!(said, format!("usage: 1 event counted, 0 there already, {kept}, 0 refused\n"));
    let dry = setting.server.palier(import.into_iter().chain(["--dry-run"])).success();
    assert!(dry.contains(&format!("1 there already, {kept}")), "{dry}");
    let json = setting.server.palier(import.into_iter().chain(["--json"])).success();
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!([&json["unmatched"], &json["rejected"]], [1, 0]);
    let called = json!({ "members": [{ "called": "nobody", "is": "forge" }] });
    assert_eq!(setting.resolve(&called)["resolved"], 1);
    assert_eq!(setting.standing(), ("3".to_owned(), 0));
}
