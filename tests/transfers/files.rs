//! `/v1/poles/{pole}/transfer-files`: what is in them, that nobody is paid twice, and what was executed.

use std::fs;

use palier_tests::{Engine, on_both, scratch};
use serde_json::json;

use super::{MESO_IBAN, Setting, wrong};
use crate::sepa::schema::verdicts;

on_both!(a_file_is_made_once_and_pays_what_is_due);
fn a_file_is_made_once_and_pays_what_is_due(engine: Engine) {
    let setting = Setting::billed(engine);
    let early = setting.post("transfer-files", 409, json!({ "execute_by": "2028-02-04" }));
    assert_eq!(wrong(&early), ["/execute_by nothing"]);
    let would = json!({ "due_by": "2028-02-06", "dry_run": true });
    let would = setting.post("transfers/plan", 200, would);
    // The last business day by which it is due.
    let days = [0, 1].map(|place| would["transfers"][place]["execute_on"].clone());
    assert_eq!(days, [json!("2028-02-04"), json!("2028-02-04")]);
    assert_eq!(setting.transfers(), [""; 0]);
    assert_eq!(setting.plan("2028-02-05")["transfers"].as_array().unwrap().len(), 1);
    assert_eq!(setting.plan("2028-02-06")["transfers"].as_array().unwrap().len(), 1);
    assert_eq!(setting.plan("2028-02-06")["transfers"], json!([]));
    let bill = setting.list(&setting.bills())[0]["id"].as_str().unwrap().to_owned();
    let cancel = format!("{}/{bill}/cancel", setting.bills());
    let busy = setting.post(&cancel, 409, json!({ "reason": "Avoir" }));
    assert_eq!(wrong(&busy), [" being_paid"]);
    let file = setting.file();
    assert_eq!((&file["payments"], &file["amount"]), (&json!(2), &json!("1260.00")));
    let message = file["message"].as_str().unwrap();
    assert_eq!(file["batches"][0]["id"], format!("{message}-1"));
    // Asked again, by whoever asks, it is the same.
    assert_eq!(setting.file(), file);
    let folder = scratch("transfers-file");
    let to = folder.join("transfers.xml");
    let told = ["transfers", "--on", "2028-02-04", "--to", to.to_str().unwrap()];
    let again = setting.payments("2028-02-01T09:00:00Z", &told);
    assert_eq!(again["id"], file["id"]);
    let content = setting.content(&file);
    assert_eq!(fs::read_to_string(&to).unwrap(), content);
    assert_eq!(setting.list("transfer-files").len(), 1);
    for part in [
        "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09",
        "<Dt>2028-02-04</Dt>",
        "<Nm>Mesocentre</Nm>",
        MESO_IBAN,
        "FR1420041010050500013M02606",
        "<Ustrd>2028-0118</Ustrd>",
    ] {
        assert!(content.contains(part), "{part}: {content}");
    }
    let sent = setting.transfer("2028-0118", "sent");
    let name = sent["id"].as_str().unwrap().trim_start_matches("tfr_").to_uppercase();
    assert_eq!(sent["end_to_end"], format!("TRF-{name}"));
    assert!(content.contains(&format!("<EndToEndId>TRF-{name}</EndToEndId>")));
    // What the bank never got is paid by another, under other names.
    let id = file["id"].as_str().unwrap();
    let refused = json!({ "reason": "Refusé par la banque" });
    let off = setting.post(&format!("transfer-files/{id}/cancel"), 200, refused.clone());
    assert_eq!(off["status"], "cancelled");
    setting.post(&format!("transfer-files/{id}/cancel"), 409, refused);
    let old = json!({ "execute_by": "2028-02-04", "format": "pain.001.001.03" });
    let next = setting.post("transfer-files", 201, old);
    assert_ne!(next["id"], file["id"]);
    let second = setting.content(&next);
    assert!(second.contains("pain.001.001.03") && !second.contains(&name), "{second}");
    // Valid by the schemas of ISO 20022, as far as others carry them.
    fs::write(folder.join("again.xml"), &second).unwrap();
    if let Some(found) = verdicts(&folder) {
        for (file, verdict) in &found {
            let unknown = verdict.failed.iter().all(|[_, why]| why.starts_with("no schema"));
            assert!(unknown, "{file}: {:#?}", verdict.failed);
            if verdict.failed.is_empty() {
                assert_eq!((verdict.count, verdict.sum.as_str()), (2, "1260.00"), "{file}");
            }
        }
        assert!(found.values().any(|verdict| verdict.failed.is_empty()), "{found:#?}");
    }
    setting.stands_at(&[("401000", "-1260.00"), ("445640", "210.00"), ("611000", "1050.00")]);

    // What was executed, said by hand: one of them, then the rest.
    let transfer = setting.transfer("2028-0119", "sent");
    let one = format!("transfers/{}", transfer["id"].as_str().unwrap());
    let early = setting.post(&format!("{one}/settle"), 422, json!({ "paid_on": "2028-02-01" }));
    assert_eq!(wrong(&early), ["/paid_on before_execution"]);
    setting.post(&format!("{one}/cancel"), 409, json!({ "reason": "Trop tard" }));
    let (now, day) = ("2028-02-05T09:00:00Z", ["--paid-on", "2028-02-04"]);
    let named = transfer["end_to_end"].as_str().unwrap();
    let settled = setting.payments(now, &[&["settle", named], &day[..]].concat());
    assert_eq!((&settled["status"], &settled["entry"]), (&json!("executed"), &json!("BQ000001")));
    assert_eq!(setting.statuses(), ["2028-0118 open", "2028-0119 paid"]);
    let message = next["message"].as_str().unwrap();
    let all = setting.payments(now, &[&["settle", message], &day[..]].concat());
    assert_eq!(all["batches"][0]["executed"], "1260.00");
    assert_eq!(setting.statuses(), ["2028-0118 paid", "2028-0119 paid"]);
    setting.stands_at(&[("445660", "210.00"), ("512000", "-1260.00"), ("611000", "1050.00")]);
    assert_eq!(setting.plan("2028-02-06")["transfers"], json!([]));
    let id = next["id"].as_str().unwrap();
    let late = json!({ "reason": "Trop tard" });
    setting.post(&format!("transfer-files/{id}/cancel"), 409, late);
    // Of another pole nothing is seen.
    let elsewhere = palier_tests::Pole::new(&setting.small.server);
    let of = |what: &str| format!("/v1/poles/{}/{what}", elsewhere.code);
    elsewhere.admin.get(&of(&format!("transfer-files/{id}"))).expect(404);
    elsewhere.admin.get(&of(&format!("transfer-files/{id}/content"))).expect(404);
    elsewhere.admin.get(&of(&one)).expect(404);
}

on_both!(what_was_paid_otherwise_is_in_no_file);
fn what_was_paid_otherwise_is_in_no_file(engine: Engine) {
    let setting = Setting::billed(engine);
    setting.plan("2028-02-06");
    let by_cheque = setting.transfer("2028-0118", "planned");
    let at = format!("transfers/{}", by_cheque["id"].as_str().unwrap());
    setting.post(&format!("{at}/settle"), 200, json!({ "paid_on": "2028-02-01" }));
    setting.post(&format!("{at}/settle"), 409, json!({ "paid_on": "2028-02-01" }));
    let given_up = setting.transfer("2028-0119", "planned");
    let other = format!("transfers/{}", given_up["id"].as_str().unwrap());
    setting.post(&format!("{other}/cancel"), 200, json!({ "reason": "Litige" }));
    setting.post("transfer-files", 409, json!({ "execute_by": "2028-02-04" }));
    assert_eq!(setting.statuses(), ["2028-0118 paid", "2028-0119 open"]);
    // It came back.
    let back = json!({ "paid_on": "2028-02-01", "reason": "Chèque impayé" });
    let back = setting.post(&format!("{at}/return"), 200, back);
    assert_eq!((&back["status"], &back["failure"]["code"]), (&json!("returned"), &json!("NARR")));
    let early = json!({ "paid_on": "2028-02-01", "reason": "Encore" });
    setting.post(&format!("{at}/return"), 409, early);
    assert_eq!(setting.statuses(), ["2028-0118 open", "2028-0119 open"]);
    setting.stands_at(&[("401000", "-1260.00"), ("445640", "210.00"), ("611000", "1050.00")]);
}

on_both!(two_who_ask_at_once_get_one_file);
fn two_who_ask_at_once_get_one_file(engine: Engine) {
    let setting = Setting::billed(engine);
    let folder = scratch("transfers-at-once");
    // Half of them by a process of its own.
    let ask = |nth: usize| {
        let to = folder.join(format!("{nth}.xml"));
        let told = ["transfers", "--on", "2028-02-06", "--to", to.to_str().unwrap()];
        setting.payments("2028-02-01T09:00:00Z", &told)["id"].as_str().unwrap().to_owned()
    };
    let ids: Vec<_> = std::thread::scope(|scope| {
        let asked: Vec<_> = (0..3).map(|nth| scope.spawn(move || ask(nth))).collect();
        asked.into_iter().map(|it| it.join().unwrap()).collect()
    });
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    let bytes = [0, 1, 2].map(|nth| fs::read(folder.join(format!("{nth}.xml"))).unwrap());
    assert!(bytes.iter().all(|it| *it == bytes[0]));
    assert_eq!((setting.list("transfer-files").len(), setting.transfers().len()), (1, 2));
}

on_both!(what_somebody_changed_in_the_database_shows);
fn what_somebody_changed_in_the_database_shows(engine: Engine) {
    let setting = Setting::billed(engine);
    setting.plan("2028-02-06");
    let file = setting.file();
    let message = file["message"].as_str().unwrap();
    setting.payments("2028-02-05T09:00:00Z", &["settle", message, "--paid-on", "2028-02-04"]);
    for (change, back, told) in [
        (
            "UPDATE transfer_files SET sha256 = 'x' || sha256",
            "UPDATE transfer_files SET sha256 = substr(sha256, 2)",
            "it is not what was written",
        ),
        (
            "UPDATE transfer_files SET amount_minor = amount_minor + 1",
            "UPDATE transfer_files SET amount_minor = amount_minor - 1",
            "its transfers come to another sum",
        ),
        (
            "UPDATE transfers SET amount_minor = amount_minor + 1",
            "UPDATE transfers SET amount_minor = amount_minor - 1",
            "its bill is of another amount",
        ),
        (
            "UPDATE transfers SET seq = NULL",
            "UPDATE transfers SET seq = (SELECT count(*) FROM transfers t \
             WHERE t.transfer_id <= transfers.transfer_id)",
            "neither a bill nor a payment of one",
        ),
        (
            "UPDATE provider_bills SET status = 'open'",
            "UPDATE provider_bills SET status = 'paid'",
            "it was executed and its bill is not paid",
        ),
    ] {
        setting.small.sql().run(change);
        let faults = setting.small.faults();
        assert!(faults.iter().any(|it| it.contains(told)), "{change}: {faults:?}");
        setting.small.sql().run(back);
        assert_eq!(setting.small.faults(), [""; 0], "{back}");
    }
    // A bill is paid once, whatever the program says.
    let refused = setting
        .small
        .sql()
        .try_run("UPDATE transfers SET bill_id = (SELECT min(bill_id) FROM transfers)");
    assert!(refused.is_err());
}
