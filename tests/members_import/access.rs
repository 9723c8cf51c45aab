//! Who may import, and what comes twice.

use palier_tests::{Client, Pole, Server, on_both};

use serde_json::{Value, json};

use super::{CSV, FORGE, USINE, counts, file, log, make, member, members, send_to};
use crate::people::Person;

on_both!(only_the_poles_own_staff_imports);
fn only_the_poles_own_staff_imports(server: &Server) {
    let (pole, other) = (Pole::new(server), Pole::new(server));
    let lines = file(&[FORGE]);
    let as_who = |client: &Client| send_to(client, &pole, "", CSV, lines.as_bytes());
    as_who(&server.client()).expect(401).problem();
    as_who(&other.admin).expect(404).problem();
    // Whoever may not ask does not learn what is wrong with the file either.
    send_to(&other.admin, &pole, "?dry_run=true", CSV, b"colour\n").expect(404);
    assert!(members(&pole).is_empty());
    as_who(&pole.admin).expect(200);
}

on_both!(who_acts_for_a_member_does_not_import);
fn who_acts_for_a_member_does_not_import(server: &Server) {
    let pole = Pole::new(server);
    let forge = make(&pole, &json!({})).string("/id");
    let try_as = |grant: Value| {
        let person = Person::new(server, &pole, &json!([grant]));
        send_to(&person.client, &pole, "", CSV, file(&[USINE]).as_bytes())
    };
    try_as(json!({ "role": "member_admin", "member": forge })).expect(403).problem();
    try_as(json!({ "role": "auditor" })).expect(403).problem();
    assert_eq!(members(&pole).len(), 1);
    try_as(json!({ "role": "finance" })).expect(200);
}

on_both!(a_key_makes_a_repetition_harmless);
fn a_key_makes_a_repetition_harmless(pole: &Pole) {
    let keyed = pole.admin.with_header("idempotency-key", "monday");
    let first = send_to(&keyed, pole, "", CSV, file(&[FORGE]).as_bytes()).expect(200);
    assert_eq!(counts(&first.json()), [1, 0, 0]);
    let entries = log(pole).len();

    // Somebody changes it meanwhile, which a second import would undo.
    let id = member(pole, "forge").string("/id");
    let any = pole.admin.with_header("if-match", "*");
    let at = format!("/v1/poles/{}/members/{id}", pole.code);
    any.patch(&at, json!({ "name": "Forge neuve" })).expect(200);
    let again = send_to(&keyed, pole, "", CSV, file(&[FORGE]).as_bytes()).expect(200);
    assert_eq!(again.text(), first.text());
    assert_eq!(member(pole, "forge").json()["name"], "Forge neuve");
    assert_eq!(log(pole).len(), entries + 1);

    let other = send_to(&keyed, pole, "", CSV, file(&[USINE]).as_bytes()).expect(409).problem();
    assert_eq!(other["type"], "https://palier.dev/problems/idempotency-conflict");
    assert_eq!(members(pole).len(), 1);
    // A dry run does nothing that could be repeated.
    let dry = send_to(&keyed, pole, "?dry_run=true", CSV, file(&[USINE]).as_bytes()).expect(200);
    assert_eq!(counts(&dry.json()), [1, 0, 0]);
}

on_both!(a_file_that_was_refused_may_be_mended_under_its_key);
fn a_file_that_was_refused_may_be_mended_under_its_key(pole: &Pole) {
    let keyed = pole.admin.with_header("idempotency-key", "tuesday");
    let wrong = FORGE.replace("732829320", "732829321");
    send_to(&keyed, pole, "", CSV, file(&[&wrong]).as_bytes()).expect(422);
    send_to(&keyed, pole, "", CSV, file(&[FORGE]).as_bytes()).expect(200);
}
