//! `/v1/poles/{pole}` and `palier poles`: the tenants of a deployment.

use std::thread;

use palier_tests::{Engine, Pole, Server, on_both};
use serde_json::{Value, json};

use crate::people::{at, faults};

/// Where and how a change is refused.
#[track_caller]
fn refused(pole: &Pole, patch: &Value) -> Vec<String> {
    let any = pole.admin.with_header("if-match", "*");
    let mut told = faults(&any.patch(&at(pole, ""), patch).expect(422));
    told.sort();
    told.into_iter().map(|(at, code)| format!("{at} {code}")).collect()
}

on_both!(a_pole_is_made_by_command_and_found_by_code_and_by_id);
fn a_pole_is_made_by_command_and_found_by_code_and_by_id(engine: Engine) {
    let server = Server::start(engine);
    let create = "poles create --code etoile --admin-email a@etoile.example --time-zone \
                  Europe/Brussels --currency CHF --language en --name";
    let said = server.palier(create.split_whitespace().chain(["Pôle Étoile"])).success();
    let id = said.split(['(', ')']).nth(1).unwrap();
    // Everybody may see it: a front end shows the name of the pole before anyone signs in.
    let found = server.client().get("/v1/poles/etoile").expect(200);
    let pole = found.json();
    let given = json!({
        "id": id, "code": "etoile", "name": "Pôle Étoile", "time_zone": "Europe/Brussels",
        "currency": "CHF", "language": "en", "minimum_active": 3,
        "unmatched_usage": "refuse",
        "created_at": pole["created_at"], "updated_at": pole["created_at"],
    });
    assert_eq!(pole, given);
    assert_eq!(server.client().get(&format!("/v1/poles/{id}")).expect(200).json(), pole);
    for nothing in ["ETOILE", "etoil", "pol_01h455vb4pex5vsknk084sn02q", "%20", "a%00b"] {
        server.client().get(&format!("/v1/poles/{nothing}")).expect(404).problem();
    }
    let list = server.palier(["poles", "list"]).success();
    assert_eq!(list, format!("{id}  etoile  Pôle Étoile\n"));
    // The token it prints signs the administrator in, once.
    let token = json!({ "token": said.trim_end().lines().last().unwrap() });
    server.client().post("/v1/poles/etoile/sessions/link", &token).expect(201);
    server.client().post("/v1/poles/etoile/sessions/link", &token).expect(401);
}

on_both!(a_pole_that_makes_no_sense_is_refused_with_every_fault);
fn a_pole_that_makes_no_sense_is_refused_with_every_fault(server: &Server) {
    let create = "poles create --code A --admin-email nobody --time-zone Paris --currency FRF \
                  --name";
    let said = server.palier(create.split_whitespace().chain([" "])).failure(2);
    let names = ["code", "name", "admin-email", "time-zone", "currency"];
    assert_eq!(said.lines().count(), names.len(), "{said}");
    for (line, name) in said.lines().zip(names) {
        assert!(line.starts_with(&format!("palier: {name}: ")), "{said}");
    }
    let pole = Pole::new(server);
    let again = ["poles", "create", "--code", &pole.code, "--name", "x", "--admin-email", "a@b.fr"];
    let said = server.palier(again).failure(2);
    assert_eq!(said, format!("palier: code: there is a pole called {:?} already\n", pole.code));
}

on_both!(a_pole_changes_for_everybody_at_once);
fn a_pole_changes_for_everybody_at_once(pole: &Pole) {
    let (path, by_id) = (at(pole, ""), format!("/v1/poles/{}", pole.id));
    let anybody = pole.admin.without_header("authorization");
    // Both names are remembered by the server before, and forgotten after.
    let read = anybody.get(&path).expect(200);
    anybody.get(&by_id).expect(200);
    let change = json!({
        "name": "Pôle neuf", "language": "en", "minimum_active": 5, "unmatched_usage": "keep",
        "usage_retention_months": 120,
    });
    let client = pole.admin.with_header("if-match", read.header("etag"));
    let changed = client.patch(&path, &change).expect(200);
    for (name, value) in change.as_object().unwrap() {
        assert_eq!(&changed.json()[name], value);
    }
    for path in [&path, &by_id] {
        let now = anybody.get(path).expect(200);
        assert_eq!((now.json(), now.header("etag")), (changed.json(), changed.header("etag")));
    }
    let log = pole.admin.get(&at(pole, "/audit-log?action=pole.updated")).expect(200).json();
    let expected = json!({
        "name": { "from": read.json()["name"], "to": "Pôle neuf" },
        "language": { "from": "fr", "to": "en" },
        "minimum_active": { "from": 3, "to": 5 },
        "unmatched_usage": { "from": "refuse", "to": "keep" },
        "usage_retention_months": { "to": 120 },
    });
    assert_eq!(log["data"][0]["changes"], expected);
}

on_both!(a_change_that_makes_no_sense_is_refused_with_every_fault);
fn a_change_that_makes_no_sense_is_refused_with_every_fault(pole: &Pole) {
    let wrong = json!({ "name": "", "language": "de", "minimum_active": 2, "colour": "blue" });
    let all = ["/colour unknown", "/language enum", "/minimum_active minimum", "/name format"];
    assert_eq!(refused(pole, &wrong), all);
    let none = json!({ "name": null, "language": null, "minimum_active": null });
    let required = ["/language required", "/minimum_active required", "/name required"];
    assert_eq!(refused(pole, &none), required);
    assert_eq!(refused(pole, &json!({ "minimum_active": 3.5 })), ["/minimum_active type"]);
    assert_eq!(refused(pole, &json!({ "minimum_active": 1001 })), ["/minimum_active maximum"]);
    // What prices and months hang on never changes, nor what others find it by.
    let fixed = json!({ "code": "x", "currency": "USD", "time_zone": "UTC", "id": "pol_1" });
    let unknown = ["/code unknown", "/currency unknown", "/id unknown", "/time_zone unknown"];
    assert_eq!(refused(pole, &fixed), unknown);
}

on_both!(a_pole_is_changed_in_the_version_that_was_read);
fn a_pole_is_changed_in_the_version_that_was_read(pole: &Pole) {
    let path = at(pole, "");
    let name = |name: &str| json!({ "name": name });
    pole.admin.patch(&path, name("A")).expect(428).problem();
    let client = pole.admin.with_header("if-match", pole.admin.get(&path).header("etag"));
    let statuses: Vec<u16> = thread::scope(|threads| {
        let send = || client.patch(&path, name("B")).status;
        let sent: Vec<_> = (0..4).map(|_| threads.spawn(send)).collect();
        sent.into_iter().map(|it| it.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|it| **it == 200).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|it| **it == 412).count(), 3, "{statuses:?}");
}

on_both!(only_its_own_administrator_changes_a_pole);
fn only_its_own_administrator_changes_a_pole(server: &Server) {
    let (ours, theirs) = (Pole::new(server), Pole::new(server));
    let change = json!({ "name": "Ours now" });
    let any = |pole: &Pole| pole.admin.with_header("if-match", "*");
    any(&ours).without_header("authorization").patch(&at(&theirs, ""), &change).expect(401);
    any(&ours).patch(&at(&theirs, ""), &change).expect(404);
    any(&ours).patch(&at(&ours, ""), &change).expect(200);
    assert_ne!(server.client().get(&at(&theirs, "")).string("/name"), "Ours now");
}
