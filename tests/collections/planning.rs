//! What is planned, what members are told of it, and what waits meanwhile.

use std::time::Duration;

use palier_tests::{Engine, on_both, wait_for};
use serde_json::{Value, json};

use super::{FORGE_IBAN, Setting, USINE_IBAN, wrong};

on_both!(what_is_due_is_planned_once_and_its_member_told);
fn what_is_due_is_planned_once_and_its_member_told(engine: Engine) {
    let setting = Setting::signed(engine);
    let rehearsed = setting.post("collections/plan", 200, json!({ "dry_run": true }));
    assert_eq!(rehearsed["collections"].as_array().unwrap().len(), 2);
    assert_eq!(setting.collections(), [""; 0]);
    let planned = setting.plan();
    assert_eq!((&planned["until"], &planned["left_out"]), (&json!("2028-02-15"), &json!([])));
    let all = ["forge planned 120.00 2028-02-02", "usine planned 120.00 2028-02-02"];
    assert_eq!(setting.collections(), all);
    assert_eq!(setting.plan()["collections"], json!([]));
    assert_eq!(setting.collections(), all);
    let told = setting.collection("forge", "planned");
    assert_eq!((&told["announced_on"], &told["attempt"]), (&json!("2028-02-01"), &json!(1)));
    // Whoever is debited is told how much, when, from where, by which mandate and by whom.
    let [mail] = &setting.small.server.mails_to(&setting.forge, 1)[..] else { panic!() };
    let words = mail.text.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in ["120,00", "2 février 2028", "FR76 •••• 0189", "RUM-FORGE-1", "FR72ZZZ123456"]
    {
        assert!(words.contains(part), "{part}: {words}");
    }
    let [mail] = &setting.small.server.mails_to(&setting.usine, 1)[..] else { panic!() };
    assert!(mail.text.contains("We will collect"), "{}", mail.text);
    assert!(!mail.text.contains(USINE_IBAN));
    // Nobody is dunned for what is on its way, and the list of what is late says so.
    let late = setting.list("dunning");
    assert!(late.iter().all(|it| it["being_collected"] == true), "{late:?}");
    let run = setting.post("dunning/run", 200, json!({ "dry_run": true }));
    assert_eq!(run["letters"], json!([]));
    let id = setting.collection("forge", "planned")["id"].as_str().unwrap().to_owned();
    let why = json!({ "reason": "Virement promis" });
    let off = setting.post(&format!("collections/{id}/cancel"), 200, why.clone());
    assert_eq!(
        (&off["status"], &off["failure"]["code"]),
        (&json!("cancelled"), &json!("cancelled"))
    );
    assert_eq!(off["failure"]["reason"]["fr"], "Virement promis");
    setting.post(&format!("collections/{id}/cancel"), 409, why);
    let run = setting.post("dunning/run", 200, json!({ "dry_run": true }));
    assert_eq!(run["letters"].as_array().unwrap().len(), 1);
    // Not by itself, but for who asks for it.
    assert_eq!(setting.plan()["collections"], json!([]));
    let again = json!({ "documents": [setting.document("forge")] });
    let again = setting.post("collections/plan", 200, again);
    assert_eq!(again["collections"].as_array().unwrap().len(), 1);
    assert_eq!(setting.collection("forge", "planned")["attempt"], 2);
    assert_eq!(setting.small.faults(), [""; 0]);
}

on_both!(who_cannot_be_told_or_debited_is_left_out);
fn who_cannot_be_told_or_debited_is_left_out(engine: Engine) {
    let setting = Setting::new(engine);
    // Signed more than 36 months ago, and never used.
    setting.sign("forge", FORGE_IBAN, json!({ "signed_on": "2025-01-15" }));
    setting.sign("usine", USINE_IBAN, json!({}));
    let usine = format!("members/{}", setting.small.members["usine"]);
    setting.small.patch(&usine, json!({ "billing_contact": null }));
    let planned = setting.plan();
    let mut codes: Vec<_> = planned["left_out"].as_array().unwrap().iter().collect();
    codes.sort_by_key(|it| it["code"].as_str().unwrap().to_owned());
    let codes: Vec<_> = codes.iter().map(|it| it["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["mandate_over", "no_email"]);
    // Whoever asks for the document has told the member.
    let again = json!({ "documents": [setting.document("usine")] });
    let again = setting.post("collections/plan", 200, again);
    assert_eq!(again["collections"].as_array().unwrap().len(), 1);
    let unknown = json!({ "documents": ["inv_01k9gz7v3hf8mv3r0x2p6d9qae"] });
    let unknown = setting.post("collections/plan", 422, unknown);
    assert_eq!(wrong(&unknown), ["/documents/0 unknown_invoice"]);
}

on_both!(nobody_is_debited_before_the_notice_is_over_nor_when_banks_are_closed);
fn nobody_is_debited_before_the_notice_is_over_nor_when_banks_are_closed(engine: Engine) {
    let setting = Setting::signed(engine);
    let planned = |now: &str| -> Vec<Value> {
        let done = setting.payments(now, &["collect", "--dry-run"]);
        done["collections"].as_array().unwrap().iter().map(|it| it["collect_on"].clone()).collect()
    };
    setting.collect_by(json!({ "notice_days": 14 }), &[]);
    // 14 days after Saturday, 1 April 2028, is the day before Easter, and Monday is no business day either.
    assert_eq!(planned("2028-04-01T10:00:00Z"), ["2028-04-18", "2028-04-18"]);
    // Due on 4 March 2026: not before, however early it is planned.
    let early = setting
        .payments("2026-02-05T10:00:00Z", &["collect", "--dry-run", "--until", "2026-03-04"]);
    assert_eq!(early["collections"][0]["collect_on"], "2026-03-04");
    let none = setting.payments("2026-02-05T10:00:00Z", &["collect", "--dry-run"]);
    assert_eq!(none["collections"], json!([]));
}

on_both!(a_pole_that_chose_so_collects_by_itself);
fn a_pole_that_chose_so_collects_by_itself(engine: Engine) {
    let setting = Setting::signed(engine);
    let settings = json!({
        "automatic": true, "direct_debit": { "creditor_id": super::ICS, "notice_days": 1 },
    });
    setting.small.put("collection-settings", settings);
    let seen =
        wait_for(Duration::from_mins(2), || (setting.collections().len() == 2).then_some(()));
    assert!(seen.is_some(), "{:?}", setting.collections());
}

on_both!(the_mail_of_a_document_says_how_it_is_collected);
fn the_mail_of_a_document_says_how_it_is_collected(engine: Engine) {
    let setting = Setting::signed(engine);
    setting.small.put("billing-settings", crate::invoices::real::settings());
    let settings = json!({ "automatic": true, "direct_debit": { "creditor_id": super::ICS } });
    setting.small.put("collection-settings", settings);
    setting.small.close("2026-02");
    // Among those of what was late.
    let told = |address: &str, day: &str| {
        let words = wait_for(Duration::from_mins(2), || {
            let mails = setting.small.server.mails_to(address, 1).into_iter();
            let mut texts =
                mails.map(|it| it.text.split_whitespace().collect::<Vec<_>>().join(" "));
            texts.find(|it| it.contains(day) && it.contains("Factur-X"))
        });
        words.unwrap_or_else(|| panic!("{address} is told nothing of {day}"))
    };
    // Each document is mailed behind its own files: both, since both are collected below.
    told(&setting.usine, "2 March 2028");
    let words = told(&setting.forge, "2 mars 2028");
    assert!(words.contains("Nous prélèverons 120,00"), "{words}");
    assert!(words.contains("le 2 mars 2028 sur votre compte FR76 •••• 0189"), "{words}");
    assert!(!words.contains("IBAN :"), "{words}");
    // It counts as notice: nobody is told twice.
    let done = setting.payments("2028-03-01T09:00:00Z", &["collect"]);
    let march = |it: &&Value| {
        let number = it["number"].as_str().unwrap();
        number.starts_with("FA-2028") && it["collect_on"] == "2028-03-02"
    };
    assert_eq!(done["collections"].as_array().unwrap().iter().filter(march).count(), 2);
    let listed = setting.list("collections?limit=200");
    let announced = listed.iter().filter(|it| it["collect_on"] == "2028-03-02");
    assert!(announced.into_iter().all(|it| it["announced_on"] == "2028-02-01"), "{listed:?}");
    assert_eq!(setting.small.faults(), [""; 0]);
}
