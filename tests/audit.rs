//! `/v1/poles/{pole}/audit-log`: who changed what, in a chain that shows if it was touched.

mod tampering;

use palier_tests::{Client, Pole, Server, on_both};
use serde_json::{Value, json};

use crate::people::at;
use crate::seed::{member, seed};

/// Entries of the log, newest first, of at most one page.
#[track_caller]
fn entries(pole: &Pole, query: &str) -> Vec<Value> {
    let log = pole.admin.get(&at(pole, &format!("/audit-log?{query}"))).expect(200).json();
    log["data"].as_array().unwrap().clone()
}

fn texts(entries: &[Value], field: &str) -> Vec<String> {
    entries.iter().map(|it| it[field].as_str().unwrap().to_owned()).collect()
}

fn seqs(entries: &[Value]) -> Vec<i64> {
    entries.iter().map(|it| it["seq"].as_i64().unwrap()).collect()
}

on_both!(an_entry_says_who_did_what_to_what_by_which_request_and_what_it_was_before);
fn an_entry_says_who_did_what_to_what_by_which_request_and_what_it_was_before(pole: &Pole) {
    let me = pole.admin.get(&at(pole, "/me")).expect(200).string("/id");
    let made = pole.admin.post(&at(pole, "/members"), member("forge", "732829320")).expect(201);
    let (one, id) = (made.header("location"), made.string("/id"));
    let any = pole.admin.with_header("if-match", "*");
    let patch =
        json!({ "name": "Forge neuve", "size_class": "pme", "address": { "city": "Bron" } });
    let changed = any.patch(one, patch).expect(200);
    let again = any.patch(one, json!({ "size_class": null })).expect(200);

    let log = entries(pole, &format!("object={id}"));
    assert_eq!(texts(&log, "action"), ["member.updated", "member.updated", "member.created"]);
    let requests = [&again, &changed, &made].map(|it| it.header("x-request-id"));
    assert_eq!(texts(&log, "request"), requests);
    assert!(log.iter().all(|it| it["actor"] == me.as_str() && it["object"] == id.as_str()));
    assert_eq!(log[2]["at"], made.json()["created_at"]);
    assert_eq!(log[1]["at"], changed.json()["updated_at"]);

    // What is new was nothing before; a change tells both; what is gone is nothing after.
    let mut all = made.json();
    all.as_object_mut().unwrap().remove("updated_at");
    let given = log[2]["changes"].as_object().unwrap();
    let fields = |object: &Value| object.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(fields(&log[2]["changes"]), fields(&all));
    for (name, change) in given {
        assert_eq!(change, &json!({ "to": all[name] }), "{name}");
    }
    let expected = json!({
        "name": { "from": "Forge du Rhône SAS", "to": "Forge neuve" },
        "address": { "from": made.json()["address"], "to": changed.json()["address"] },
        "size_class": { "to": "pme" },
    });
    assert_eq!(log[1]["changes"], expected);
    assert_eq!(log[0]["changes"], json!({ "size_class": { "from": "pme" } }));
}

on_both!(users_keys_and_the_command_line_are_told_apart);
fn users_keys_and_the_command_line_are_told_apart(server: &Server) {
    let pole = Pole::new(server);
    let made = entries(&pole, "action=pole.created");
    assert_eq!(made[0]["actor"], "operator");
    assert!(made[0]["request"].as_str().unwrap().starts_with("cmd_"), "{made:?}");
    let key = json!({ "name": "ERP", "scopes": ["members:write"] });
    let key = pole.admin.post(&at(&pole, "/api-keys"), key).expect(201);
    let client = server.client().with_token(&key.string("/key"));
    client.post(&at(&pole, "/members"), member("forge", "732829320")).expect(201);
    assert_eq!(entries(&pole, "action=member.created")[0]["actor"], key.string("/id").as_str());
    // A key's entry holds no key.
    let log = pole.admin.get(&at(&pole, "/audit-log")).expect(200);
    assert!(!log.text().contains(&key.string("/key")), "{log}");
}

on_both!(every_change_has_its_entry_and_a_refused_one_has_none);
fn every_change_has_its_entry_and_a_refused_one_has_none(pole: &Pole) {
    seed(pole);
    let log = entries(pole, "limit=200");
    let actions = texts(&log, "action");
    for expected in [
        "pole.created",
        "user.created",
        "session.opened",
        "member.created",
        "provider.created",
        "service.created",
        "service.published",
        "meter.created",
        "tariff.created",
        "subscription.created",
        "api_key.created",
        "identity_provider.created",
    ] {
        assert!(actions.iter().any(|it| it == expected), "no {expected}: {actions:?}");
    }
    // Without gaps, from the first.
    assert!(seqs(&log).into_iter().rev().eq(1..=i64::try_from(log.len()).unwrap()));
    let post = |client: &Client, status: u16| {
        client.post(&at(pole, "/members"), member("forge", "732829320")).expect(status);
    };
    post(&pole.admin, 409);
    post(&pole.admin.without_header("authorization"), 401);
    post(&pole.admin.with_header("idempotency-key", "seed-a-member"), 201);
    pole.admin.post(&at(pole, "/members"), json!({})).expect(422);
    assert_eq!(entries(pole, "limit=200"), log);
}

on_both!(entries_are_picked_out_by_who_what_and_when);
fn entries_are_picked_out_by_who_what_and_when(pole: &Pole) {
    let me = pole.admin.get(&at(pole, "/me")).expect(200).string("/id");
    for (code, siren) in [("a", "732829320"), ("b", "404833048"), ("c", "552100554")] {
        pole.admin.post(&at(pole, "/members"), member(code, siren)).expect(201);
    }
    let members = entries(pole, "action=member.created");
    let code = |entry: &Value| entry["changes"]["code"]["to"].as_str().unwrap().to_owned();
    assert_eq!(members.iter().map(code).collect::<Vec<_>>(), ["c", "b", "a"], "newest first");
    let b = &members[1];
    let (id, when) = (b["object"].as_str().unwrap(), b["at"].as_str().unwrap());
    let picked = |query: &str| seqs(&entries(pole, query));
    let [c, b, a] = [0, 1, 2].map(|it| members[it]["seq"].as_i64().unwrap());
    assert_eq!(picked(&format!("object={id}")), [b]);
    assert_eq!(picked(&format!("actor={me}&action=member.created")), [c, b, a]);
    assert_eq!(picked("actor=operator&action=member.created"), [0; 0]);
    // `from` takes its instant in, `until` leaves it out: months put side by side share nothing.
    assert_eq!(picked(&format!("from={when}")), [c, b]);
    assert_eq!(picked(&format!("until={when}&action=member.created")), [a]);
    assert_eq!(picked(&format!("from={when}&until={when}")), [0; 0]);
    assert_eq!(picked("from=2999-01-01T00:00:00Z"), [0; 0]);
    for (query, parameter) in [
        ("from=yesterday", "from"),
        ("until=2026-11-01", "until"),
        ("limit=201", "limit"),
        ("cursor=bm8", "cursor"),
        ("user=x", "user"),
    ] {
        let refused = pole.admin.get(&at(pole, &format!("/audit-log?{query}"))).expect(400);
        assert_eq!(refused.problem()["errors"][0]["parameter"], parameter, "{query}");
    }
}

on_both!(what_is_added_between_pages_shifts_none_of_them);
fn what_is_added_between_pages_shifts_none_of_them(pole: &Pole) {
    seed(pole);
    let all = seqs(&entries(pole, ""));
    let (mut found, mut query) = (Vec::new(), "limit=4".to_owned());
    for code in 0.. {
        let page = pole.admin.get(&at(pole, &format!("/audit-log?{query}"))).expect(200).json();
        found.extend(seqs(page["data"].as_array().unwrap()));
        // The log grows at the end that was read first.
        let name = json!({ "name": format!("Pôle {code}") });
        pole.admin.with_header("if-match", "*").patch(&at(pole, ""), name).expect(200);
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        query = format!("limit=4&cursor={cursor}");
    }
    assert_eq!(found, all);
}

on_both!(whoever_adds_entries_meanwhile_breaks_no_chain);
fn whoever_adds_entries_meanwhile_breaks_no_chain(pole: &Pole) {
    std::thread::scope(|threads| {
        let adding = threads.spawn(|| {
            for nth in 0..150 {
                let provider =
                    json!({ "name": format!("P{nth}"), "contact": { "email": "p@p.example" } });
                pole.admin.post(&at(pole, "/providers"), provider).expect(201);
            }
        });
        while !adding.is_finished() {
            let told = pole.admin.get(&at(pole, "/audit-log/verification")).expect(200).json();
            assert_eq!(told["intact"], true, "{told}");
        }
    });
}
