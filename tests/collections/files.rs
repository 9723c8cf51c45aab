//! Files of direct debits: what is in them, that nobody is debited twice, and what came in.

use std::fs;
use std::time::Duration;

use palier_tests::{Engine, on_both, scratch, wait_for};
use serde_json::json;

use super::{FORGE_IBAN, Setting, wrong};
use crate::sepa::schema::verdicts;

on_both!(a_file_is_made_once_and_its_money_comes_in);
fn a_file_is_made_once_and_its_money_comes_in(engine: Engine) {
    let setting = Setting::signed(engine);
    let early = setting.post("debit-files", 409, json!({ "collect_by": "2028-02-02" }));
    assert_eq!(wrong(&early), ["/collect_by nothing"]);
    setting.plan();
    let file = setting.file();
    assert_eq!((&file["payments"], &file["amount"]), (&json!(2), &json!("240.00")));
    let batches = file["batches"].as_array().unwrap();
    let of = |place: usize, name: &str| batches[place][name].as_str().unwrap().to_owned();
    let schemes = [0, 1].map(|place| of(place, "scheme"));
    assert_eq!(schemes, ["core", "b2b"]);
    assert_eq!(of(0, "id"), format!("{}-1", file["message"].as_str().unwrap()));
    // Asked again, by whoever asks, it is the same.
    assert_eq!(setting.file(), file);
    let folder = scratch("collections-file");
    let to = folder.join("debits.xml");
    let told = ["debits", "--on", "2028-02-02", "--to", to.to_str().unwrap()];
    let again = setting.payments("2028-02-01T09:00:00Z", &told);
    assert_eq!(again["id"], file["id"]);
    let content = setting.content(&file);
    assert_eq!(fs::read_to_string(&to).unwrap(), content);
    assert_eq!(setting.list("debit-files").len(), 1);
    for part in [
        "urn:iso:std:iso:20022:tech:xsd:pain.008.001.08",
        "<ReqdColltnDt>2028-02-02</ReqdColltnDt>",
        "<MndtId>RUM-FORGE-1</MndtId>",
        FORGE_IBAN,
        "FR72ZZZ123456",
        "<Ustrd>FA-2026-00000",
    ] {
        assert!(content.contains(part), "{part}: {content}");
    }
    let sent = setting.collection("forge", "sent");
    let name = sent["id"].as_str().unwrap().trim_start_matches("col_").to_uppercase();
    assert_eq!(sent["external_id"], format!("COL-{name}"));
    assert!(content.contains(&format!("<EndToEndId>COL-{name}</EndToEndId>")));
    // Valid by the schemas of ISO 20022, in both versions.
    setting.collect_by(json!({ "notice_days": 1, "format": "pain.008.001.02" }), &[]);
    let id = file["id"].as_str().unwrap();
    let refused = json!({ "reason": "Refusé par la banque" });
    let off = setting.post(&format!("debit-files/{id}/cancel"), 200, refused.clone());
    assert_eq!(off["status"], "cancelled");
    setting.post(&format!("debit-files/{id}/cancel"), 409, refused);
    let next = setting.file();
    assert_ne!(next["id"], file["id"]);
    let second = setting.content(&next);
    assert!(second.contains("pain.008.001.02") && !second.contains(&name), "{second}");
    assert_eq!(setting.collection("forge", "sent")["attempt"], 2);
    fs::write(folder.join("again.xml"), &second).unwrap();
    if let Some(found) = verdicts(&folder) {
        for (file, verdict) in &found {
            assert!(verdict.failed.is_empty(), "{file}: {:#?}", verdict.failed);
            assert_eq!((verdict.count, verdict.sum.as_str()), (2, "240.00"), "{file}");
        }
    }
    assert_eq!(setting.small.faults(), [""; 0]);

    // What came in, said by hand: one batch, then the rest.
    let message = next["message"].as_str().unwrap();
    let batch = format!("{message}-1");
    let early = json!({ "paid_on": "2028-02-01" });
    let id = next["id"].as_str().unwrap();
    let early = setting.post(&format!("debit-files/{id}/settle"), 422, early);
    assert_eq!(wrong(&early), ["/paid_on before_collection"]);
    let day = ["--paid-on", "2028-02-02"];
    let now = "2028-02-03T09:00:00Z";
    setting.payments(now, &[&["settle", &batch], &day[..]].concat());
    assert_eq!(setting.paid("forge"), ["payment direct_debit 120.00 2028-02-02"]);
    assert_eq!((setting.open("forge"), setting.open("usine").len()), (Vec::new(), 1));
    let all = setting.payments(now, &[&["settle", message], &day[..]].concat());
    assert_eq!(all["batches"][1]["settled"], "120.00");
    assert_eq!(setting.open("usine"), [""; 0]);
    let again = json!({ "paid_on": "2028-02-01" });
    setting.post(&format!("debit-files/{id}/settle"), 409, again.clone());
    setting.post(&format!("debit-files/{id}/cancel"), 409, json!({ "reason": "Trop tard" }));
    assert_eq!(setting.small.faults(), [""; 0]);
    // Of another pole nothing is seen.
    let elsewhere = palier_tests::Pole::new(&setting.small.server);
    let at = format!("/v1/poles/{}/debit-files/{id}", elsewhere.code);
    elsewhere.admin.get(&at).expect(404);
    elsewhere.admin.get(&format!("{at}/content")).expect(404);
}

on_both!(what_was_settled_otherwise_is_not_debited);
fn what_was_settled_otherwise_is_not_debited(engine: Engine) {
    let setting = Setting::signed(engine);
    setting.plan();
    for (member, amount) in [("forge", "120.00"), ("usine", "50.00")] {
        let payment = json!({
            "kind": "payment", "member": setting.small.members[member], "method": "transfer",
            "paid_on": "2028-02-01", "amount": amount, "reference": "VIR",
            "allocations": [{ "invoice": setting.document(member), "amount": amount }],
        });
        setting.post("payments", 201, payment);
    }
    let file = setting.file();
    assert_eq!((&file["payments"], &file["amount"]), (&json!(1), &json!("70.00")));
    let all = [
        "forge cancelled 120.00 2028-02-02",
        "usine cancelled 120.00 2028-02-02",
        "usine sent 70.00 2028-02-02",
    ];
    assert_eq!(setting.collections(), all);
    // What comes in by transfer while it is on its way stays to the member's credit in the end.
    let payment = json!({
        "kind": "payment", "member": setting.small.members["usine"], "method": "transfer",
        "paid_on": "2028-02-01", "amount": "70.00", "reference": "VIR-2",
        "allocations": [{ "invoice": setting.document("usine"), "amount": "70.00" }],
    });
    setting.post("payments", 201, payment);
    let message = file["message"].as_str().unwrap();
    setting.payments("2028-02-03T09:00:00Z", &["settle", message, "--paid-on", "2028-02-02"]);
    let at = setting.small.at(&format!("members/{}/balance", setting.small.members["usine"]));
    assert_eq!(setting.small.finance.get(&at).expect(200).string("/credit"), "70.00");
    assert_eq!(setting.small.faults(), [""; 0]);
}

on_both!(two_who_ask_at_once_get_one_file);
fn two_who_ask_at_once_get_one_file(engine: Engine) {
    let setting = Setting::signed(engine);
    setting.plan();
    let (at, body) = (setting.small.at("debit-files"), json!({ "collect_by": "2028-02-02" }));
    // Whom the others keep waiting for too long is told to come again.
    let answered = || {
        let answer = setting.small.finance.post(&at, &body);
        (answer.status != 503).then_some(answer)
    };
    let ask = || wait_for(Duration::from_mins(2), answered).unwrap().expect(201).string("/id");
    let ids: Vec<_> = std::thread::scope(|scope| {
        let asked: Vec<_> = (0..4).map(|_| scope.spawn(ask)).collect();
        asked.into_iter().map(|it| it.join().unwrap()).collect()
    });
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    assert_eq!(setting.list("debit-files").len(), 1);
}

on_both!(what_somebody_changed_in_the_database_shows);
fn what_somebody_changed_in_the_database_shows(engine: Engine) {
    let setting = Setting::signed(engine);
    setting.plan();
    let file = setting.file();
    let message = file["message"].as_str().unwrap();
    setting.payments("2028-02-03T09:00:00Z", &["settle", message, "--paid-on", "2028-02-02"]);
    for (change, back, told) in [
        (
            "UPDATE debit_files SET sha256 = 'x' || sha256",
            "UPDATE debit_files SET sha256 = substr(sha256, 2)",
            "it is not what was written",
        ),
        (
            "UPDATE debit_items SET amount_minor = amount_minor + 1",
            "UPDATE debit_items SET amount_minor = amount_minor - 1",
            "its file has another amount for it",
        ),
        (
            "UPDATE debit_batches SET settled_minor = settled_minor - 1",
            "UPDATE debit_batches SET settled_minor = settled_minor + 1",
            "came in with another sum than its debits became",
        ),
        (
            "UPDATE collections SET amount_minor = amount_minor + 1",
            "UPDATE collections SET amount_minor = amount_minor - 1",
            "its documents come to another sum",
        ),
        (
            "UPDATE collections SET status = 'returned', failure_code = 'MD06'",
            "UPDATE collections SET status = 'succeeded', failure_code = NULL",
            "it went back and its payment was not taken back",
        ),
    ] {
        setting.small.sql().run(change);
        let faults = setting.small.faults();
        assert!(faults.iter().any(|it| it.contains(told)), "{change}: {faults:?}");
        setting.small.sql().run(back);
        assert_eq!(setting.small.faults(), [""; 0], "{back}");
    }
}

on_both!(a_mandate_for_one_debit_is_used_once_in_a_file);
fn a_mandate_for_one_debit_is_used_once_in_a_file(engine: Engine) {
    let setting = Setting::new(engine);
    for command in ["run", "finalise"] {
        let now = ["--now", "2026-03-02T10:00:00Z"];
        setting.small.try_invoices(&[&[command], &now[..]].concat(), "2026-02").success();
    }
    setting.sign("forge", FORGE_IBAN, json!({ "usage": "one_off" }));
    setting.sign("usine", super::USINE_IBAN, json!({}));
    let planned = setting.plan();
    assert_eq!(planned["collections"].as_array().unwrap().len(), 4);
    // The second of forge's is given up; it keeps nobody else's from the file.
    let file = setting.file();
    assert_eq!(file["payments"], 3);
    let last = setting.collection("forge", "cancelled");
    assert!(last["failure"]["reason"]["fr"].as_str().unwrap().contains("mandat"), "{last}");
    assert_eq!(setting.small.faults(), [""; 0]);
}
