//! What is granted, taken back and refused, and who sees what of it.

use palier_tests::{Engine, on_both};
use serde_json::{Value, json};

use super::super::setting::{Small, fee};
use super::{credit, credits_of, granted, refused, stands};

on_both!(what_is_wrong_with_a_credit_is_said);
fn what_is_wrong_with_a_credit_is_said(engine: Engine) {
    let small = Small::new(engine, &[fee()]);
    let path = credits_of(&small, "forge");
    let with = |name: &str, value: Value| {
        let mut body = credit("10.00", "2026-07-01", None);
        body[name] = value;
        body
    };
    let wrong = [
        (with("amount", json!("0.00")), "/amount", "minimum"),
        (with("amount", json!("1.001")), "/amount", "amount"),
        (with("amount", json!("-1.00")), "/amount", "format"),
        (with("valid_until", json!("2026-07-01")), "/valid_until", "order"),
        (with("reason", json!("")), "/reason", "format"),
        (with("service", json!("svc_01k9gz7v3hf8mv3r0x2p6d9qae")), "/service", "not_found"),
        (with("free", json!(true)), "/free", "unknown"),
    ];
    for (body, pointer, code) in wrong {
        let answer = small.finance.post(&path, &body).expect(422);
        assert_eq!(refused(&answer), (pointer.to_owned(), code.to_owned()), "{body}");
    }
    let once = small.finance.with_header("idempotency-key", "bienvenue");
    let answers = [0, 1].map(|_| once.post(&path, credit("10.00", "2026-07-01", None)).expect(201));
    let [first, second] = answers.map(|answer| answer.json());
    assert_eq!(first, second);
    let list = small.finance.get(&path).expect(200).json();
    assert_eq!(list["data"], json!([first]));
    let nobody = path.replace("mbr_0", "mbr_1");
    small.finance.post(&nobody, credit("10.00", "2026-07-01", None)).expect(404);
    let log = small.finance.get(&small.at("audit-log?limit=100")).expect(200).json();
    let entries = log["data"].as_array().unwrap().iter();
    assert_eq!(entries.filter(|it| it["action"] == "credit_grant.created").count(), 1);
}

on_both!(a_credit_is_taken_back_while_nothing_of_it_is_used);
fn a_credit_is_taken_back_while_nothing_of_it_is_used(engine: Engine) {
    let small = Small::new(engine, &[fee()]);
    let of = |amount: &str, until| granted(&small, "forge", &credit(amount, "2026-01-01", until));
    let (first, second) = (of("10.00", Some("2026-12-01")), of("20.00", None));
    let revoke = |id: &str| {
        let path = format!("{}/{id}/revoke", credits_of(&small, "forge"));
        small.finance.post(&path, json!({ "reason": "Accordé par erreur" }))
    };
    small.run("2026-07");
    let drafted = ["invoice", "recurring 15.00", "credit -10.00", "credit -5.00"];
    assert_eq!(small.billed("2026-07", "forge"), drafted);
    // The draft draws what else there is.
    let revoked = revoke(&first).expect(200).json();
    assert_eq!((&revoked["revoked"], &revoked["left"]), (&json!("10.00"), &json!("0.00")));
    assert_eq!(revoked["revoked_for"], "Accordé par erreur");
    assert_eq!(small.billed("2026-07", "forge"), ["invoice", "recurring 15.00", "credit -15.00"]);
    assert_eq!(refused(&revoke(&first).expect(409)).1, "revoked");
    small.invoices(&["finalise"], "2026-07");
    assert_eq!(refused(&revoke(&second).expect(409)).1, "drawn");
    assert_eq!(stands(&small, "forge", &second)[5], "5.00");
    revoke(&second.replace("grt_0", "grt_1")).expect(404);
    // Once it is given back, nothing of it is used.
    let document = &small.documents("2026-07")[0]["id"];
    let note = small.at(&format!("invoices/{}/credit-notes", document.as_str().unwrap()));
    small.finance.post(&note, json!({ "reason": "Erreur" })).expect(201);
    revoke(&second).expect(200);
    small.close("2026-08");
    assert_eq!(small.billed("2026-08", "forge"), ["invoice", "recurring 15.00"]);
    let balance = small.at(&format!("members/{}/credit-grant-balance", small.members["forge"]));
    let expected = json!({
        "currency": "EUR", "granted": "30.00", "drawn": "15.00", "given_back": "15.00",
        "drafted": "0.00", "expired": "0.00", "revoked": "30.00", "left": "0.00",
    });
    assert_eq!(small.finance.get(&balance).expect(200).json(), expected);
    assert_eq!(small.faults(), [""; 0]);
}

on_both!(a_member_sees_its_own_credits_and_no_drafts);
fn a_member_sees_its_own_credits_and_no_drafts(engine: Engine) {
    let small = Small::new(engine, &[fee()]);
    let own = granted(&small, "forge", &credit("40.00", "2026-01-01", None));
    let other = granted(&small, "usine", &credit("40.00", "2026-01-01", None));
    let key = json!({ "name": "Forge", "scopes": ["invoices:read"],
        "member": small.members["forge"] });
    let key = small.finance.post(&small.at("api-keys"), key).expect(201).string("/key");
    let member = small.server.client().with_token(&key);
    let path = credits_of(&small, "forge");
    let seen = || {
        let credit = member.get(&format!("{path}/{own}")).expect(200).json();
        let draws = member.get(&format!("{path}/{own}/draws")).expect(200).json();
        let count = draws["data"].as_array().unwrap().len();
        (credit["drawn"].clone(), credit["drafted"].clone(), credit["left"].clone(), count)
    };
    small.run("2026-07");
    assert_eq!(seen(), (json!("0.00"), json!("0.00"), json!("40.00"), 0));
    small.invoices(&["finalise"], "2026-07");
    assert_eq!(seen(), (json!("15.00"), json!("0.00"), json!("25.00"), 1));
    for path in [credits_of(&small, "usine"), format!("{}/{other}", credits_of(&small, "usine"))] {
        member.get(&path).expect(404);
        member.get(&format!("{path}/draws")).expect(404);
    }
    member.get(&format!("{path}/{other}")).expect(404);
    member.post(&path, credit("40.00", "2026-01-01", None)).expect(403);
    // What the month that goes on would come to.
    let upcoming = small.at(&format!("members/{}/upcoming-invoice", small.members["forge"]));
    let upcoming = member.get(&upcoming).expect(200).json();
    let lines = upcoming["documents"][0]["document"]["lines"].as_array().unwrap();
    let amounts: Vec<_> =
        lines.iter().map(|it| (it["kind"].clone(), it["amount"].clone())).collect();
    assert_eq!(amounts[1], (json!("credit"), json!("-15.00")));
}

on_both!(the_commands_do_as_the_api_does);
fn the_commands_do_as_the_api_does(engine: Engine) {
    let small = Small::new(engine, &[fee()]);
    let run = |command: &str, arguments: &[&str]| {
        let told = ["invoices", command, "--pole", &small.pole.code];
        small.server.palier(told.iter().chain(arguments))
    };
    let facts = ["--member", "forge", "--reason", "Bienvenue", "--from", "2026-01-01", "--json"];
    let with = |more: &[&'static str]| [&facts[..], more].concat();
    let made = run("grant", &with(&["--amount", "20.00", "--service", "compute"])).success();
    let made: Value = serde_json::from_str(&made).unwrap();
    assert_eq!((&made["granted"], &made["service"]), (&json!("20.00"), &json!(small.service)));
    let wrong = [
        (with(&["--amount", "ten"]), "--amount ten: expected an amount in EUR"),
        (with(&["--amount", "0"]), "Expected more than nothing."),
        (with(&["--amount", "1", "--service", "x"]), "service: there is none called \"x\""),
        (with(&["--amount", "1", "--until", "2026-01-01"]), "Expected a day after"),
    ];
    for (arguments, told) in wrong {
        let said = run("grant", &arguments).failure(2);
        assert!(said.contains(told), "{said}");
    }
    small.close("2026-07");
    let listed = run("grants", &["--member", "forge"]).success();
    assert!(listed.contains("15.00") && listed.contains("5.00"), "{listed}");
    let id = made["id"].as_str().unwrap();
    let told = run("revoke", &["--member", "forge", id, "--reason", "Erreur"]).failure(2);
    assert!(told.contains("15.00"), "{told}");
    let unused = run("grant", &with(&["--amount", "1"])).success();
    let unused: Value = serde_json::from_str(&unused).unwrap();
    let id = unused["id"].as_str().unwrap();
    run("revoke", &["--member", "forge", id, "--reason", "Erreur"]).success();
    let all = run("grants", &["--json"]).success();
    assert_eq!(all.lines().count(), 2, "{all}");
}
