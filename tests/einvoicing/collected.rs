//! 212: what comes in by rate of VAT, however it comes and goes.

use palier_billing::einvoice::cdar;
use palier_billing::einvoice::lifecycle::Status;
use palier_tests::{Engine, on_both};
use serde_json::{Value, json};

use super::Setting;
use crate::invoices::setting::{Small, fee};
use crate::payments::unguard;

/// Forge's document comes to 18.00 at 20 % and 105.50 at 5.5 %, usine's to 18.00 at 20 %.
fn two_rates(engine: Engine) -> Setting {
    let small = Small::new(engine, &[fee()]);
    let provider = json!({ "name": "Pôle", "contact": { "email": "pole@pole.example" } });
    let provider = small.made("providers", provider);
    let tariff = json!({ "charges": [{ "kind": "recurring", "amount": "100" }] });
    let books = small.service("books", &provider, json!({ "vat": "reduced" }), &tariff);
    small.subscribe("forge", &books, json!({}));
    Setting::of(small)
}

/// The sums of what was told, by rate.
fn sums(setting: &Setting, member: &str) -> Vec<String> {
    let list = setting.finance.get(&setting.at(member, "/statuses")).expect(200).json();
    let mut sums = std::collections::BTreeMap::<String, i64>::new();
    let parts = list["data"].as_array().unwrap().iter();
    for part in parts.filter_map(|it| it["collected"].as_array()) {
        for it in part {
            let cents = it["amount"].as_str().unwrap().replace('.', "").parse::<i64>().unwrap();
            *sums.entry(it["rate_percent"].as_str().unwrap().to_owned()).or_default() += cents;
        }
    }
    sums.into_iter().map(|(rate, cents)| format!("{cents}@{rate}")).collect()
}

fn reverse(setting: &Setting, payment: &Value) {
    let at = format!("payments/{}/reverse", payment["id"].as_str().unwrap());
    let why = json!({ "paid_on": "2028-01-20", "reference": "REJET", "note": "AC04" });
    setting.finance.post(&setting.small.at(&at), why).expect(200);
}

on_both!(what_is_paid_in_parts_comes_to_each_rate);
fn what_is_paid_in_parts_comes_to_each_rate(engine: Engine) {
    let setting = two_rates(engine);
    setting.file("out", "FA-2028-000001.xml");
    let first = setting.pay("forge", "50.00", "50.00");
    assert_eq!(setting.statuses("forge"), ["212 seller 42.71@5.5 7.29@20"]);
    // The platform is told once it has taken the document in.
    let deposited = setting.xml("M-1", "forge", Status::Deposited);
    setting.settled("deposited.xml", &deposited, "done");
    let told = setting.file("out", "FA-2028-000001_001_212.xml");
    let told = cdar::read(&told).unwrap();
    let [report] = &told.reports[..] else { panic!("{told:?}") };
    let parts = report.collected.iter().map(|it| format!("{}@{}", it.amount, it.rate_percent));
    assert_eq!(parts.collect::<Vec<_>>(), ["42.71@5.5", "7.29@20"]);
    assert_eq!(report.about.number, "FA-2028-000001");
    assert_eq!(told.recipients.len(), 2);
    // It comes back, rate by rate, and is told so.
    reverse(&setting, &first);
    let back = setting.file("out", "FA-2028-000001_003_212.xml");
    assert!(String::from_utf8(back).unwrap().contains(">-42.71<"));
    assert_eq!(sums(&setting, "forge"), ["0@20", "0@5.5"]);
    setting.pay("forge", "100.00", "100.00");
    setting.pay("forge", "33.50", "23.50");
    assert_eq!(sums(&setting, "forge"), ["1800@20", "10550@5.5"]);
    // Who paid does not refuse any more, and is told so.
    let refused = setting.refused("no.xml", &setting.xml("M-2", "forge", Status::Refused));
    assert!(refused.contains("210 cannot follow 212"), "{refused}");
    let said = setting.palier(&["invoices", "statuses", "FA-2028-000001"]).success();
    assert!(said.contains("-42.71 at 5.5 %"), "{said}");
    assert_eq!(setting.small.faults(), [""; 0]);
}

on_both!(credit_pays_and_a_loss_does_not);
fn credit_pays_and_a_loss_does_not(engine: Engine) {
    let setting = two_rates(engine);
    setting.pay("usine", "10.00", "0.00");
    assert_eq!(setting.statuses("usine"), [""; 0]);
    // VAT falls due as the credit pays.
    setting.pay("usine", "0.00", "10.00");
    assert_eq!(setting.statuses("usine"), ["212 seller 10.00@20"]);
    let lost = json!({
        "kind": "write_off", "member": setting.small.members["usine"], "method": "none",
        "paid_on": "2028-01-16", "amount": "8.00", "reference": "PERTE",
        "allocations": [{ "invoice": setting.document("usine")["id"], "amount": "8.00" }],
    });
    let lost = setting.finance.post(&setting.small.at("payments"), lost).expect(201).json();
    assert_eq!(sums(&setting, "usine"), ["1000@20"]);
    assert_eq!(setting.small.faults(), [""; 0]);
    reverse(&setting, &lost);
    setting.pay("usine", "8.00", "8.00");
    assert_eq!(sums(&setting, "usine"), ["1800@20"]);
    assert_eq!(setting.small.faults(), [""; 0]);
}

on_both!(a_credit_note_takes_back_what_it_gives_back);
fn a_credit_note_takes_back_what_it_gives_back(engine: Engine) {
    let setting = two_rates(engine);
    // All of the line at 5.5 % is given back, of a document of which some is paid.
    setting.pay("forge", "50.00", "50.00");
    let lines = setting.document("forge")["document"]["lines"].clone();
    let reduced =
        lines.as_array().unwrap().iter().position(|it| it["vat"]["rate_percent"] == "5.5");
    let credit = json!({ "reason": "Panne", "lines": [{ "line": reduced.unwrap() + 1 }] });
    let note =
        setting.finance.post(&setting.at("forge", "/credit-notes"), credit).expect(201).json();
    let lay = |amount: &str, parts: Value| {
        let facts = json!({
            "kind": if amount == "0.00" { "payment" } else { "refund" },
            "member": setting.small.members["forge"], "paid_on": "2028-02-01",
            "method": if amount == "0.00" { "none" } else { "transfer" }, "amount": amount,
            "reference": "AV", "allocations": parts,
        });
        setting.finance.post(&setting.small.at("payments"), facts).expect(201).json()
    };
    let (invoice, id) = (setting.document("forge")["id"].clone(), note["id"].clone());
    // Laid against what is open, it brings nothing, but what came in was for the other rate.
    let laid = lay(
        "0.00",
        json!([
            { "invoice": invoice, "amount": "73.50" }, { "invoice": id, "amount": "73.50" },
        ]),
    );
    assert_eq!(sums(&setting, "forge"), ["1800@20", "3200@5.5"]);
    assert_eq!(setting.small.faults(), [""; 0]);
    // What is left of it is paid out.
    lay("32.00", json!([{ "invoice": id, "amount": "32.00" }]));
    assert_eq!(sums(&setting, "forge"), ["1800@20", "0@5.5"]);
    assert_eq!(setting.small.faults(), [""; 0]);
    drop(laid);
}

on_both!(a_replaced_invoice_hands_over_what_came_in);
fn a_replaced_invoice_hands_over_what_came_in(engine: Engine) {
    let setting = two_rates(engine);
    setting.pay("usine", "10.00", "10.00");
    let replace = setting.at("usine", "/replacements");
    let replaced = setting.finance.post(&replace, json!({ "reason": "Adresse" })).expect(201);
    assert_eq!(sums(&setting, "usine"), ["0@20"]);
    let new = replaced.string("/id");
    let path = setting.small.at(&format!("invoices/{new}/statuses"));
    let list = setting.finance.get(&path).expect(200).json();
    assert_eq!(super::told(&list["data"][0]), "212 seller 10.00@20");
    assert_eq!(setting.small.faults(), [""; 0]);
}

/// Each does what only somebody who owns the database could, and what `palier verify` says of it.
const BURGLARIES: [(&str, &str); 3] = [
    (
        "UPDATE invoice_statuses SET collected = replace(collected, '18.00', '17.00')",
        "told as collected is 1700, settled are 1800",
    ),
    (
        "UPDATE invoice_statuses SET collected = replace(replace(collected, '17.00', '18.00'), '\"20\"', '\"10\"')",
        "told as collected of a rate is not what it comes to",
    ),
    ("DELETE FROM invoice_statuses", "told as collected is 0, settled are 1800"),
];

on_both!(what_was_told_is_not_changed_unseen);
fn what_was_told_is_not_changed_unseen(engine: Engine) {
    let mut setting = Setting::new(engine);
    setting.pay("usine", "18.00", "18.00");
    setting.file("out", "FA-2028-000001.xml");
    setting.server.stop();
    let mut sql = setting.small.sql();
    let mut changes = vec![
        "UPDATE invoice_statuses SET seq = seq + 1",
        "DELETE FROM invoice_statuses",
        "UPDATE einvoice_messages SET known_as = 'x'",
        "DELETE FROM einvoice_messages",
    ];
    if engine == Engine::Sqlite {
        changes.push("INSERT OR REPLACE INTO invoice_statuses SELECT * FROM invoice_statuses");
        changes.push("INSERT OR REPLACE INTO einvoice_messages SELECT * FROM einvoice_messages");
    }
    for change in changes {
        let refused = sql.try_run(change).expect_err(change);
        assert!(refused.contains("append-only"), "{change}: {refused}");
    }
    assert_eq!(setting.small.faults(), [""; 0]);
    unguard(&mut sql, &["invoice_statuses"]);
    for (burglary, told) in BURGLARIES {
        sql.run(burglary);
        let faults = setting.small.faults();
        assert!(faults.iter().any(|fault| fault.contains(told)), "{burglary}: {faults:?}");
    }
}
