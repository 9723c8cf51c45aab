//! `/v1/poles/{pole}/api-keys`: what machines sign in with.

use std::time::{Duration, Instant};

use palier_tests::{Answer, Engine, Pole, Server, on_both};
use serde_json::{Value, json};

use crate::people::{Person, at, faults, member};

#[track_caller]
fn make(pole: &Pole, key: Value) -> Answer {
    pole.admin.post(&at(pole, "/api-keys"), key)
}

on_both!(a_key_is_shown_once_and_does_what_its_scopes_say);
fn a_key_is_shown_once_and_does_what_its_scopes_say(server: &Server) {
    let pole = Pole::new(server);
    let made = make(&pole, json!({ "name": "mirror", "scopes": ["members:read"] })).expect(201);
    let key = made.string("/key");
    assert!(key.starts_with(&made.string("/hint")), "{made}");
    let client = server.client().with_token(&key);
    client.get(&at(&pole, "/members")).expect(200);
    client.get(&at(&pole, "/users")).expect(403).problem();
    client.post(&at(&pole, "/members"), json!({})).expect(403);
    client.get(&at(&Pole::new(server), "/members")).expect(404).problem();

    let list = pole.admin.get(&at(&pole, "/api-keys")).expect(200);
    assert!(!list.text().contains(&key), "{list}");
    let about = list.json()["data"][0].clone();
    assert_eq!(pole.admin.get(made.header("location")).expect(200).json(), about);
    assert!(about["last_used_at"].is_string(), "{about}");
    let mut shown = made.json();
    shown.as_object_mut().unwrap().remove("key");
    let mut unused = about;
    unused.as_object_mut().unwrap().remove("last_used_at");
    assert_eq!(shown, unused);
    let log = pole.admin.get(&at(&pole, "/audit-log?action=api_key.created")).expect(200);
    assert!(!log.text().contains(&key), "{log}");
}

on_both!(a_revoked_key_is_no_good_at_once);
fn a_revoked_key_is_no_good_at_once(server: &Server) {
    let pole = Pole::new(server);
    let made = make(&pole, json!({ "name": "mirror", "scopes": ["members:read"] })).expect(201);
    let client = server.client().with_token(&made.string("/key"));
    client.get(&at(&pole, "/members")).expect(200);
    pole.admin.delete(made.header("location")).expect(204);
    client.get(&at(&pole, "/members")).expect(401).problem();
    client.get(&at(&Pole::new(server), "/members")).expect(401).problem();
    pole.admin.delete(made.header("location")).expect(204);
    let about = pole.admin.get(made.header("location")).expect(200);
    assert!(about.json()["revoked_at"].is_string(), "{about}");
}

on_both!(a_key_expires);
fn a_key_expires(engine: Engine) {
    let before = Instant::now();
    let server = Server::builder(engine).args("--now 2026-09-01T12:00:00Z").start();
    let after = Instant::now();
    let pole = Pole::new(&server);
    let key = |end: &str| json!({ "name": "m", "scopes": ["members:read"], "expires_at": end });
    let past = make(&pole, key("2026-09-01T12:00:00Z")).expect(422);
    assert_eq!(faults(&past), [("/expires_at".to_owned(), "past".to_owned())]);
    let soon = make(&pole, key("2026-09-01T12:30:00Z")).expect(201).string("/key");
    let client = server.client().with_token(&soon);
    client.get(&at(&pole, "/members")).expect(200);
    // One that ends while it is used: in two seconds, or later on a machine that needs longer to use it.
    let used = |seconds: u64| {
        let end = before.elapsed().as_secs().saturating_add(seconds);
        let made = make(&pole, key(&at_noon_and(end)));
        if made.status == 422 {
            return None;
        }
        let client = server.client().with_token(&made.expect(201).string("/key"));
        let answer = client.get(&at(&pole, "/members"));
        (answer.status == 200).then_some((client, Duration::from_secs(end)))
    };
    let (client, end) =
        [2, 10, 60].into_iter().find_map(used).expect("a key is good until it ends");
    // The server's clock began between the two.
    let rest = end.saturating_sub(after.elapsed()).saturating_add(Duration::from_millis(500));
    std::thread::sleep(rest);
    client.get(&at(&pole, "/members")).expect(401);
}

/// An instant so many seconds after noon of that day.
fn at_noon_and(seconds: u64) -> String {
    let noon: jiff::Timestamp = "2026-09-01T12:00:00Z".parse().unwrap();
    noon.checked_add(Duration::from_secs(seconds)).unwrap().to_string()
}

on_both!(nobody_gives_a_key_more_than_they_have);
fn nobody_gives_a_key_more_than_they_have(server: &Server) {
    let pole = Pole::new(server);
    let (forge, usine) = (member(&pole, "forge"), member(&pole, "usine"));
    let grants = json!([{ "role": "member_admin", "member": forge }]);
    let admin = Person::new(server, &pole, &grants);
    let keys = at(&pole, "/api-keys");
    let ask = |key: Value| admin.client.post(&keys, key);
    let own = json!({ "name": "meter", "scopes": ["usage:write"], "member": forge });
    let made = ask(own).expect(201);
    ask(json!({ "name": "meter", "scopes": ["usage:write"], "member": usine })).expect(403);
    ask(json!({ "name": "meter", "scopes": ["usage:write"] })).expect(403);
    let odd = ask(json!({ "name": "m", "scopes": ["audit:read", "usage:write"], "member": forge }));
    assert_eq!(faults(&odd.expect(422)), [("/scopes".to_owned(), "scope".to_owned())]);

    // Keys of others do not exist for them.
    let other = json!({ "name": "meter", "scopes": ["usage:write"], "member": usine });
    let other = make(&pole, other).expect(201);
    let of_the_pole = make(&pole, json!({ "name": "all", "scopes": ["usage:write"] })).expect(201);
    for hidden in [&other, &of_the_pole] {
        admin.client.get(hidden.header("location")).expect(404);
        admin.client.delete(hidden.header("location")).expect(404);
    }
    let list = admin.client.get(&keys).expect(200).json();
    let ids: Vec<_> = list["data"].as_array().unwrap().iter().map(|key| &key["id"]).collect();
    assert_eq!(ids, [&json!(made.string("/id"))]);
    admin.client.delete(made.header("location")).expect(204);

    // A key that makes keys gives no more than it has, either.
    let maker = json!({ "name": "maker", "scopes": ["keys:write", "members:read"] });
    let maker = server.client().with_token(&make(&pole, maker).expect(201).string("/key"));
    maker.post(&keys, json!({ "name": "m", "scopes": ["members:read"] })).expect(201);
    maker.post(&keys, json!({ "name": "m", "scopes": ["members:write"] })).expect(403);
}

on_both!(a_key_that_makes_no_sense_is_refused);
fn a_key_that_makes_no_sense_is_refused(server: &Server) {
    let pole = Pole::new(server);
    let forge = member(&pole, "forge");
    let refused = |key: Value| faults(&make(&pole, key).expect(422));
    let fault = |pointer: &str, code: &str| vec![(pointer.to_owned(), code.to_owned())];
    assert_eq!(refused(json!({ "name": "m", "scopes": [] })), fault("/scopes", "min_items"));
    assert_eq!(refused(json!({ "name": "m", "scopes": ["all"] })), fault("/scopes/0", "enum"));
    let both = json!({
        "name": "m", "scopes": ["usage:write"], "member": forge,
        "provider": forge.replace("mbr_", "prv_"),
    });
    assert_eq!(refused(both), fault("/provider", "owner"));
    let nobody = json!({
        "name": "m", "scopes": ["usage:write"], "member": forge.replace("mbr_0", "mbr_1"),
    });
    assert_eq!(refused(nobody), fault("/member", "unknown_member"));
}

on_both!(a_key_with_a_typo_is_none);
fn a_key_with_a_typo_is_none(server: &Server) {
    let pole = Pole::new(server);
    let made = make(&pole, json!({ "name": "m", "scopes": ["members:read"] })).expect(201);
    let key = made.string("/key");
    for wrong in [format!("{key}x"), key[1..].to_owned(), key.replace("key", "link")] {
        server.client().with_token(&wrong).get(&at(&pole, "/members")).expect(401).problem();
    }
}

on_both!(a_key_sent_for_twice_is_made_once_and_shown_again);
fn a_key_sent_for_twice_is_made_once_and_shown_again(server: &Server) {
    let pole = Pole::new(server);
    let client = pole.admin.with_header("idempotency-key", "one");
    let key = json!({ "name": "m", "scopes": ["members:read"] });
    let (first, second) =
        (client.post(&at(&pole, "/api-keys"), &key), client.post(&at(&pole, "/api-keys"), &key));
    assert_eq!(first.expect(201).string("/key"), second.expect(201).string("/key"));
}
