//! A member changes: field by field, in the version that was read, and with its entry in the log.

use palier_tests::{Client, Pole, on_both};
use serde_json::{Value, json};

use crate::people::{at, faults};
use crate::seed::member;

fn any(pole: &Pole) -> Client {
    pole.admin.with_header("if-match", "*")
}

/// A member with everything that can be left out.
fn full() -> Value {
    let mut body = member("forge", "732829320");
    for (name, value) in json!({
        "legal_form": "SAS", "siret": "73282932000074", "vat_number": "FR44732829320",
        "size_class": "pme", "payment_terms": "45_days_end_of_month", "language": "en",
        "billing_contact": { "name": "Compta", "email": "compta@forge.example", "phone": "04" },
    })
    .as_object()
    .unwrap()
    {
        body[name] = value.clone();
    }
    body
}

on_both!(a_member_is_answered_as_it_was_given_with_what_follows_from_it);
fn a_member_is_answered_as_it_was_given_with_what_follows_from_it(pole: &Pole) {
    let members = at(pole, "/members");
    let made = pole.admin.post(&members, full()).expect(201);
    let object = made.json();
    for (name, value) in full().as_object().unwrap() {
        assert_eq!(&object[name], value, "{name}");
    }
    assert_eq!((&object["status"], &object["vat_regime"]), (&json!("active"), &json!("standard")));
    assert_eq!(object["created_at"], object["updated_at"]);
    assert_eq!(made.header("location"), format!("{members}/{}", made.string("/id")));
    assert_eq!(made.header("etag"), "\"v1\"");
    assert_eq!(pole.admin.get(made.header("location")).expect(200).json(), object);
}

on_both!(a_patch_changes_what_it_names_and_null_takes_away);
fn a_patch_changes_what_it_names_and_null_takes_away(pole: &Pole) {
    let made = pole.admin.post(&at(pole, "/members"), full()).expect(201);
    let (one, mut expected) = (made.header("location"), made.json());
    let merge = any(pole).with_header("content-type", "application/merge-patch+json");
    let changed = merge.patch(
        one,
        json!({
            "name": "Forge neuve", "size_class": null, "legal_form": null,
            "address": { "city": "Villeurbanne", "postcode": "69100" },
            "billing_contact": { "phone": null },
        }),
    );
    let changed = changed.expect(200);
    expected["name"] = json!("Forge neuve");
    for gone in ["size_class", "legal_form"] {
        expected.as_object_mut().unwrap().remove(gone);
    }
    expected["address"]["city"] = json!("Villeurbanne");
    expected["address"]["postcode"] = json!("69100");
    expected["billing_contact"].as_object_mut().unwrap().remove("phone");
    expected["updated_at"] = changed.json()["updated_at"].clone();
    assert_eq!(changed.json(), expected);
    let time = |at: &str| changed.string(at).parse::<jiff::Timestamp>().unwrap();
    assert!(time("/updated_at") > time("/created_at"));
    assert_eq!(changed.header("etag"), "\"v2\"");

    let without = any(pole).patch(one, json!({ "billing_contact": null })).expect(200);
    assert!(without.json().get("billing_contact").is_none());
    assert_eq!(pole.admin.get(one).expect(200).json(), without.json());
}

on_both!(a_patch_is_held_to_the_same_rules_as_a_new_member);
fn a_patch_is_held_to_the_same_rules_as_a_new_member(pole: &Pole) {
    let made = pole.admin.post(&at(pole, "/members"), full()).expect(201);
    let one = made.header("location");
    let refused = |patch: Value| {
        let mut told = faults(&any(pole).patch(one, patch).expect(422));
        told.sort();
        told.into_iter().map(|(at, code)| format!("{at} {code}")).collect::<Vec<_>>()
    };
    assert_eq!(
        refused(json!({ "name": null, "code": null })),
        ["/code required", "/name required"]
    );
    assert_eq!(refused(json!({ "naem": "Forge" })), ["/naem unknown"]);
    assert_eq!(refused(json!({ "address": { "street": "X" } })), ["/address/street unknown"]);
    assert_eq!(refused(json!({ "id": "mbr_1", "created_at": null })), ["/id unknown"]);
    assert_eq!(refused(json!([])), [" type"]);
    // By itself it is a valid SIREN; the VAT number and the SIRET are still those of another.
    let told = refused(json!({ "siren": "404833048" }));
    assert_eq!(told, ["/siret other_siren", "/vat_number other_siren"]);
    let same = pole.admin.get(one).expect(200);
    assert_eq!((same.json(), same.header("etag")), (made.json(), "\"v1\""));
}

on_both!(a_code_is_one_member_s);
fn a_code_is_one_member_s(pole: &Pole) {
    let members = at(pole, "/members");
    pole.admin.post(&members, member("forge", "732829320")).expect(201);
    let usine = pole.admin.post(&members, member("usine", "404833048")).expect(201);
    let taken = [
        pole.admin.post(&members, member("forge", "552100554")),
        any(pole).patch(usine.header("location"), json!({ "code": "forge" })),
    ];
    for taken in taken {
        assert_eq!(faults(&taken.expect(409)), [("/code".to_owned(), "taken".to_owned())]);
    }
    // Nothing of a refused change stays behind.
    assert_eq!(pole.admin.get(usine.header("location")).expect(200).json(), usine.json());
    let log = pole.admin.get(&at(pole, "/audit-log?action=member.created")).expect(200).json();
    assert_eq!(log["data"].as_array().unwrap().len(), 2);
}

on_both!(nobody_overwrites_what_they_have_not_seen);
fn nobody_overwrites_what_they_have_not_seen(pole: &Pole) {
    let made = pole.admin.post(&at(pole, "/members"), member("forge", "732829320")).expect(201);
    let one = made.header("location");
    let name = |name: &str| json!({ "name": name });
    let with = |tag: &str| pole.admin.with_header("if-match", tag);
    let missing = pole.admin.patch(one, name("A")).expect(428).problem();
    assert_eq!(missing["type"], "https://palier.dev/problems/precondition-required");
    with(made.header("etag")).patch(one, name("B")).expect(200);
    // A tag that was never ours, and a weak one, match nothing.
    for tag in [made.header("etag"), "\"v3\"", "\"other\"", "v2", "W/\"v2\"", ""] {
        let stale = with(tag).patch(one, name("C")).expect(412).problem();
        assert_eq!(stale["type"], "https://palier.dev/problems/precondition-failed", "{tag}");
    }
    assert_eq!(pole.admin.get(one).expect(200).string("/name"), "B");
    with("*").patch(one, name("D")).expect(200);
}

on_both!(of_many_changes_to_one_version_one_is_made);
fn of_many_changes_to_one_version_one_is_made(pole: &Pole) {
    let made = pole.admin.post(&at(pole, "/members"), member("forge", "732829320")).expect(201);
    let (one, client) = (made.header("location"), pole.admin.with_header("if-match", "\"v1\""));
    let statuses: Vec<u16> = std::thread::scope(|threads| {
        let sent: Vec<_> = (0..6)
            .map(|it| {
                let client = client.clone();
                threads.spawn(move || client.patch(one, json!({ "name": format!("F{it}") })).status)
            })
            .collect();
        sent.into_iter().map(|it| it.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|it| **it == 200).count(), 1, "{statuses:?}");
    assert_eq!(statuses.iter().filter(|it| **it == 412).count(), 5, "{statuses:?}");
    assert_eq!(pole.admin.get(one).expect(200).header("etag"), "\"v2\"");
}
