//! Credit notes and replacements of documents that drew credits.

use palier_tests::{Answer, Engine, on_both};
use serde_json::{Value, json};

use super::super::setting::Small;
use super::{credit, draws, granted, july, numbered, refused, stands};

fn ask(small: &Small, what: &str, body: &Value) -> Answer {
    let id = numbered(small, "2026-07", "FA-2028-000001")["id"].as_str().unwrap().to_owned();
    small.finance.post(&small.at(&format!("invoices/{id}/{what}")), body)
}

on_both!(a_credit_note_of_the_whole_gives_the_credit_back);
fn a_credit_note_of_the_whole_gives_the_credit_back(engine: Engine) {
    let small = july(engine);
    let id = granted(&small, "forge", &credit("100.00", "2026-01-01", Some("2026-09-01")));
    small.close("2026-07");
    let note = ask(&small, "credit-notes", &json!({ "reason": "Facturée deux fois" })).expect(201);
    // 495 € less 100 €, at 20 %.
    assert_eq!((note.string("/net"), note.string("/gross")), ("395.00".into(), "474.00".into()));
    let line = &note.json()["document"]["lines"][2];
    assert_eq!((&line["kind"], &line["amount"]), (&json!("credit"), &json!("-100.00")));
    let detail = "Rendu au crédit ; reste 100,00\u{a0}€ sur 100,00\u{a0}€, jusqu’au 31/08/2026";
    assert_eq!(line["detail"], detail);
    assert_eq!(
        stands(&small, "forge", &id),
        ["100.00", "100.00", "0.00", "0.00", "0.00", "100.00"]
    );
    let told = draws(&small, "forge", &id);
    assert_eq!(told[0], ("AV-2028-000001".into(), 3, "-100.00".into(), "100.00".into()));
    // August draws it, September no longer could.
    small.close("2026-08");
    assert_eq!(small.billed("2026-08", "forge"), ["invoice", "recurring 15.00", "credit -15.00"]);
    assert_eq!(stands(&small, "forge", &id)[3..], ["85.00", "0.00", "0.00"]);
    assert_eq!(small.faults(), [""; 0]);
}

on_both!(what_a_credit_paid_for_is_not_given_back_as_money);
fn what_a_credit_paid_for_is_not_given_back_as_money(engine: Engine) {
    let small = july(engine);
    let id = granted(&small, "forge", &credit("400.00", "2026-01-01", None));
    small.close("2026-07");
    let of = |lines: Value| json!({ "reason": "Panne", "lines": lines });
    // 95 € were to be paid of 495 €.
    let too_much = of(json!([{ "line": 1, "amount": "95.01" }]));
    let answer = ask(&small, "credit-notes", &too_much).expect(409);
    assert_eq!(refused(&answer), ("/lines".into(), "more_than_paid".into()));
    let with_credit =
        of(json!([{ "line": 1, "amount": "120.00" }, { "line": 3, "amount": "120.00" }]));
    let note = ask(&small, "credit-notes", &with_credit).expect(201);
    assert_eq!(note.string("/gross"), "0.00");
    assert_eq!(stands(&small, "forge", &id)[5], "120.00");
    let money = of(json!([{ "line": 1, "amount": "95.00" }]));
    assert_eq!(ask(&small, "credit-notes", &money).expect(201).string("/gross"), "114.00");
    // What is left is paid for by the credit.
    let rest = ask(&small, "credit-notes", &json!({ "reason": "Le reste" })).expect(201);
    assert_eq!(rest.string("/gross"), "0.00");
    assert_eq!(stands(&small, "forge", &id)[5], "400.00");
    assert_eq!(small.faults(), [""; 0]);
}

on_both!(what_replaces_an_invoice_draws_what_it_drew);
fn what_replaces_an_invoice_draws_what_it_drew(engine: Engine) {
    let small = july(engine);
    let id = granted(&small, "forge", &credit("400.00", "2026-01-01", Some("2026-08-01")));
    small.close("2026-07");
    small.close("2026-08");
    let lines = json!([{ "line": 3, "quantity": "1" }]);
    let answer =
        ask(&small, "replacements", &json!({ "reason": "Erreur", "lines": lines })).expect(409);
    assert_eq!(refused(&answer), ("/lines/0/line".into(), "draws_credit".into()));
    // 1,000 hours instead of 6,000: 80 € and 15 €, though the credit has ended meanwhile.
    let lines = json!([{ "line": 1, "quantity": "1000" }]);
    ask(&small, "replacements", &json!({ "reason": "Erreur", "lines": lines })).expect(201);
    let invoice = numbered(&small, "2026-07", "FA-2028-000005");
    let lines = invoice["document"]["lines"].as_array().unwrap();
    let amounts: Vec<_> = lines.iter().map(|it| it["amount"].clone()).collect();
    assert_eq!(amounts, ["80.00", "15.00", "-95.00"]);
    assert_eq!(
        stands(&small, "forge", &id),
        ["495.00", "400.00", "0.00", "305.00", "0.00", "0.00"]
    );
    let told = draws(&small, "forge", &id);
    let of = |nth: usize| (told[nth].0.as_str(), told[nth].2.as_str(), told[nth].3.as_str());
    assert_eq!(of(0), ("AV-2028-000001", "-400.00", "400.00"));
    assert_eq!(of(1), ("FA-2028-000001", "400.00", "0.00"));
    assert_eq!(of(2), ("FA-2028-000005", "95.00", "305.00"));
    assert_eq!(small.faults(), [""; 0]);
}
