//! What a file does to what is on record.

use palier_tests::{Pole, on_both};
use serde_json::{Value, json};

use super::{FORGE, HEADER, USINE, counts, file, log, make, member, members, send, send_to, siren};

/// Actions of the audit log, newest first.
fn actions(pole: &Pole) -> Vec<String> {
    log(pole).iter().map(|entry| entry["action"].as_str().unwrap().to_owned()).collect()
}

on_both!(what_is_new_takes_the_defaults);
fn what_is_new_takes_the_defaults(pole: &Pole) {
    let berlin = "berlin;Berlin GmbH;;1 Straße;10115;Berlin;";
    let header = HEADER.replace("email", "country;vat_number");
    let lines = format!(
        "{header}\n{FORGE}\n{USINE}\n{berlin}DE;DE136695976\n",
        FORGE = FORGE.replace("compta@forge.example", "FR;"),
    );
    let report = send(pole, lines);
    assert_eq!(counts(&report), [3, 0, 0]);
    let of = |code| {
        let member = member(pole, code).json();
        let text = |name: &str| member[name].as_str().unwrap_or_default().to_owned();
        ["vat_regime", "language", "payment_terms", "status"].map(text)
    };
    assert_eq!(of("forge"), ["standard", "fr", "30_days", "active"]);
    assert_eq!(of("usine"), ["overseas", "fr", "30_days", "active"]);
    assert_eq!(of("berlin"), ["intra_eu", "fr", "30_days", "active"]);
}

on_both!(where_electronic_invoices_go_comes_with_the_file);
fn where_electronic_invoices_go_comes_with_the_file(pole: &Pole) {
    let with = |more: &str| {
        format!("{HEADER};adresse de facturation électronique;bon de commande\n{FORGE};{more}\n")
    };
    assert_eq!(counts(&send(pole, with("0225:732829320_COMPTA;BC-2026/17"))), [1, 0, 0]);
    let said = || {
        let member = member(pole, "forge").json();
        ["electronic_address", "purchase_order"].map(|name| member[name].clone())
    };
    assert_eq!(said(), ["0225:732829320_COMPTA", "BC-2026/17"]);
    // An empty cell says nothing.
    assert_eq!(counts(&send(pole, with(";"))), [0, 0, 1]);
    assert_eq!(counts(&send(pole, with(";BC-2027/1"))), [0, 1, 0]);
    assert_eq!(said(), ["0225:732829320_COMPTA", "BC-2027/1"]);
}

on_both!(what_a_file_does_not_say_stays_as_it_is);
fn what_a_file_does_not_say_stays_as_it_is(pole: &Pole) {
    let more = json!({
        "legal_form": "SAS", "siret": "73282932000074", "vat_number": "FR44732829320",
        "vat_regime": "franchise", "size_class": "pme", "language": "en", "status": "suspended",
        "payment_terms": "45_days_end_of_month",
        "billing_contact": { "name": "Jeanne", "email": "a@b.example", "phone": "+33 4" },
    });
    let before = make(pole, &more).json();
    let report = send(pole, file(&[&FORGE.replace("36 rue X", "37 rue X")]));
    assert_eq!(counts(&report), [0, 1, 0]);
    assert_eq!(
        report["changes"],
        json!([{
            "line": 2, "code": "forge", "member": before["id"], "action": "updated",
            "fields": ["address", "billing_contact"],
        }])
    );
    let after = member(pole, "forge");
    assert_eq!(after.header("etag"), "\"v2\"");
    let mut expected = before;
    expected["address"]["lines"] = json!(["37 rue X"]);
    expected["billing_contact"]["email"] = json!("compta@forge.example");
    expected["updated_at"] = after.json()["updated_at"].clone();
    assert_eq!(after.json(), expected);
    // And is found by what is new of it.
    send(pole, file(&[&FORGE.replace("Forge du Rhône", "Étincelle")]));
    let found = pole.admin.get(&format!("/v1/poles/{}/members?q=etincelle", pole.code));
    assert_eq!(found.expect(200).string("/data/0/code"), "forge");
}

on_both!(each_change_has_its_entry_in_the_log);
fn each_change_has_its_entry_in_the_log(pole: &Pole) {
    make(pole, &json!({ "code": "usine", "siren": "404833048", "name": "Usine de jadis" }));
    make(pole, &json!({ "billing_contact": { "email": "compta@forge.example" } }));
    let before = actions(pole).len();
    let third = format!("third;Tiers;{};1 rue Z;69007;Lyon;", siren(30_000_000));
    let usine = "usine;Usine;404833048;36 rue X;69007;Lyon;";
    let report = send(pole, file(&[FORGE, usine, &third]));
    assert_eq!(counts(&report), [1, 1, 1]);
    assert_eq!(member(pole, "forge").header("etag"), "\"v1\"");

    let entries = log(pole);
    let new = &entries[..entries.len() - before];
    let all: Vec<_> = new.iter().map(|it| it["action"].as_str().unwrap()).collect();
    assert_eq!(all, ["members.imported", "member.created", "member.updated"]);
    let of_import = &new[0]["changes"];
    assert_eq!(of_import["file_sha256"], json!({ "to": report["file_sha256"] }));
    assert_eq!(of_import["unchanged"], json!({ "to": 1 }));
    assert_eq!(new[0]["object"], json!(pole.id));
    assert_eq!(new[1]["changes"]["name"], json!({ "to": "Tiers" }));
    assert_eq!(new[2]["changes"], json!({ "name": { "from": "Usine de jadis", "to": "Usine" } }));
    let request = |entry: &Value| entry["request"].clone();
    assert!(new.iter().all(|entry| request(entry) == request(&new[0])));
    let intact = pole.admin.get(&format!("/v1/poles/{}/audit-log/verification", pole.code));
    let intact = intact.expect(200).json();
    assert_eq!(intact, json!({ "intact": true, "entries": entries.len() }));
}

on_both!(a_dry_run_writes_nothing);
fn a_dry_run_writes_nothing(pole: &Pole) {
    let made = make(pole, &json!({})).json();
    let before = (members(pole), actions(pole));
    let lines = file(&[FORGE, USINE]);
    let dry = send_to(&pole.admin, pole, "?dry_run=true", super::CSV, lines.as_bytes());
    let dry = dry.expect(200).json();
    assert_eq!((&dry["dry_run"], counts(&dry)), (&json!(true), [1, 1, 0]));
    assert_eq!(
        dry["changes"],
        json!([
            { "line": 2, "code": "forge", "member": made["id"], "action": "updated",
              "fields": ["billing_contact"] },
            { "line": 3, "code": "usine", "action": "created", "fields": [] },
        ])
    );
    assert_eq!((members(pole), actions(pole)), before);
    assert_eq!(counts(&send(pole, lines)), [1, 1, 0]);
}

on_both!(a_siren_is_one_members);
fn a_siren_is_one_members(pole: &Pole) {
    send(pole, file(&[FORGE, USINE]));
    let refused = |lines: &[&str]| {
        let answer = send_to(&pole.admin, pole, "", super::CSV, file(lines).as_bytes());
        let problem = answer.expect(422).problem();
        let errors = problem["errors"].as_array().unwrap().iter();
        errors
            .map(|it| format!("{} {} {}", it["line"], it["column"], it["code"]).replace('"', ""))
            .collect::<Vec<_>>()
    };
    let (thief, robbed) =
        (FORGE.replace("forge;", "thief;"), USINE.replace("404833048", "732829320"));
    assert_eq!(refused(&[&thief]), ["2 siren taken"]);
    assert_eq!(refused(&[USINE, &thief]), ["3 siren taken"]);
    assert_eq!(refused(&[&robbed]), ["2 siren taken"]);
    // Not if its holder gives it away in the same file, nor if it has left.
    let exchanged = FORGE.replace("732829320", "404833048");
    assert_eq!(counts(&send(pole, file(&[&exchanged, &robbed]))), [0, 2, 0]);
    assert_eq!(member(pole, "forge").json()["siren"], "404833048");
    let usine = member(pole, "usine").string("/id");
    let usine = format!("/v1/poles/{}/members/{usine}", pole.code);
    let any = pole.admin.with_header("if-match", "*");
    any.patch(&usine, json!({ "status": "left" })).expect(200);
    assert_eq!(counts(&send(pole, file(&[&thief]))), [1, 0, 0]);
}

on_both!(a_regime_that_changes_on_days_is_not_overwritten_by_a_word);
fn a_regime_that_changes_on_days_is_not_overwritten_by_a_word(pole: &Pole) {
    let since = |day: &str, value: &str| json!({ "effective_from": day, "value": value });
    let dated = json!([since("2020-01-01", "franchise"), since("2999-01-01", "standard")]);
    make(pole, &json!({ "vat_regime": "standard", "vat_regime_changes": dated }));
    let header = HEADER.replace("email", "email;vat_regime");
    // It is `franchise` today, and the file may say so, and something else besides.
    let renamed = FORGE.replace("Forge du Rhône", "Étincelle");
    let same = send(pole, format!("{header}\n{renamed};franchise\n"));
    assert_eq!(counts(&same), [0, 1, 0]);
    let kept = member(pole, "forge").json();
    assert_eq!((&kept["vat_regime"], &kept["vat_regime_changes"]), (&json!("standard"), &dated));
    let other = format!("{header}\n{renamed};exempt\n");
    let answer = send_to(&pole.admin, pole, "", super::CSV, other.as_bytes());
    let errors = answer.expect(422).problem()["errors"].clone();
    let told = ["line", "column", "code"].map(|name| errors[0][name].clone());
    assert_eq!(told, [json!(2), json!("vat_regime"), json!("dated")]);
    assert_eq!(member(pole, "forge").json(), kept);
}

on_both!(a_file_that_contradicts_the_record_is_refused);
fn a_file_that_contradicts_the_record_is_refused(pole: &Pole) {
    make(pole, &json!({ "siret": "73282932000074", "vat_regime": "standard" }));
    let moved = FORGE.replace("732829320", "404833048").replace("69007", "97200");
    let answer = send_to(&pole.admin, pole, "", super::CSV, file(&[&moved]).as_bytes());
    let errors = answer.expect(422).problem()["errors"].clone();
    let expected = json!([
        {
            "line": 2, "column": "siret", "code": "other_siren",
            "detail": "This does not go with what is on record: This belongs to SIREN 732829320, \
                not to 404833048.",
        },
        {
            "line": 2, "column": "vat_regime", "code": "regime_elsewhere",
            "detail": "This does not go with what is on record: This regime does not fit the \
                address, where overseas applies.",
        },
    ]);
    assert_eq!(errors, expected);
    assert_eq!(member(pole, "forge").header("etag"), "\"v1\"");
}
