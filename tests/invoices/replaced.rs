//! Cancel and replace: `POST /v1/poles/{pole}/invoices/{invoice}/replacements`, `palier invoices
//! replace`.

use palier_tests::{Answer, Engine, on_both};
use serde_json::{Value, json};

use super::setting::{Small, fee, graduated};

/// July, final: 480 € of usage and 15 € of fees for `forge`, fees for `usine`.
fn july(engine: Engine) -> Small {
    let small = Small::new(engine, &[graduated(), fee()]);
    small.used("f", "forge", "2026-07-10", "6000");
    assert_eq!(small.close("2026-07"), ["FA-2028-000001", "FA-2028-000002"]);
    small
}

fn id(small: &Small, number: &str) -> String {
    let mut documents = small.documents("2026-07").into_iter();
    let found = documents.find(|it| it["number"] == number).unwrap();
    found["id"].as_str().unwrap().to_owned()
}

fn ask(small: &Small, number: &str, body: &Value) -> Answer {
    let path = format!("invoices/{}/replacements", id(small, number));
    small.finance.post(&small.at(&path), body)
}

fn document(small: &Small, number: &str) -> Value {
    small.finance.get(&small.at(&format!("invoices/{}", id(small, number)))).expect(200).json()
}

/// What is open, by number.
fn open(small: &Small) -> Vec<String> {
    let items = small.finance.get(&small.at("open-items")).expect(200).json();
    let line =
        |it: &Value| format!("{} {}", it["number"].as_str().unwrap(), it["open"].as_str().unwrap());
    items["data"].as_array().unwrap().iter().map(line).collect()
}

fn refused(answer: &Answer) -> (String, String) {
    let error = &answer.problem()["errors"][0];
    let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
    (text("pointer"), text("code"))
}

on_both!(an_invoice_to_a_wrong_address_is_billed_anew);
fn an_invoice_to_a_wrong_address_is_billed_anew(engine: Engine) {
    let small = july(engine);
    let before = document(&small, "FA-2028-000001");
    let address = json!({
        "lines": ["1 quai de Saône"], "postcode": "69002", "city": "Lyon", "country": "FR",
    });
    small.patch(
        &format!("members/{}", small.members["forge"]),
        json!({ "name": "Forge et Fils SAS", "address": address }),
    );
    let made = ask(&small, "FA-2028-000001", &json!({ "reason": "Adresse erronée" })).expect(201);
    let invoice = made.json();
    assert_eq!(small.finance.get(made.header("location")).expect(200).json(), invoice);
    let said = ["number", "kind", "status", "period", "gross"].map(|name| invoice[name].clone());
    assert_eq!(said, ["FA-2028-000003", "invoice", "final", "2026-07", "594.00"].map(Value::from));
    let now = &invoice["document"];
    let cited = json!([{ "number": "FA-2028-000001", "issued_on": "2028-02-01" }]);
    assert_eq!(now["corrects"], cited);
    assert_eq!(now["buyer"]["name"], "Forge et Fils SAS");
    assert_eq!(now["buyer"]["address"], address);
    assert_eq!(now["lines"], before["document"]["lines"]);
    let note = document(&small, "AV-2028-000001");
    assert_eq!((&note["gross"], &note["document"]["corrects"]), (&json!("594.00"), &cited));
    assert_eq!(note["document"]["buyer"], before["document"]["buyer"]);
    // The old one never changes; it is settled, and so is the credit note.
    assert_eq!(document(&small, "FA-2028-000001"), before);
    assert_eq!(open(&small), ["FA-2028-000002 18.00", "FA-2028-000003 594.00"]);
    assert_eq!(small.faults(), [""; 0]);
    // Neither is replaced again; what took its place is.
    let again = json!({ "reason": "Encore" });
    assert_eq!(refused(&ask(&small, "FA-2028-000001", &again).expect(409)).1, "credited");
    assert_eq!(refused(&ask(&small, "AV-2028-000001", &again).expect(409)).1, "not_an_invoice");
    let next = ask(&small, "FA-2028-000003", &again).expect(201);
    assert_eq!(next.string("/number"), "FA-2028-000004");
    assert_eq!(open(&small), ["FA-2028-000002 18.00", "FA-2028-000004 594.00"]);
    assert_eq!(small.faults(), [""; 0]);
}

on_both!(lines_are_changed_and_what_was_paid_pays_what_is_new);
fn lines_are_changed_and_what_was_paid_pays_what_is_new(engine: Engine) {
    let small = july(engine);
    let first = id(&small, "FA-2028-000001");
    let paid = json!({
        "kind": "payment", "member": small.members["forge"], "method": "transfer",
        "paid_on": "2028-01-15", "amount": "500.00", "reference": "VIR-1",
        "allocations": [{ "invoice": first, "amount": "500.00" }],
    });
    small.finance.post(&small.at("payments"), paid).expect(201);
    let lines = json!([
        { "line": 1, "quantity": "3000", "unit_price": "0.06", "detail": "Relevé corrigé" },
        { "line": 2, "omitted": true },
    ]);
    let body = json!({ "reason": "Relevé erroné", "lines": lines });
    let invoice = ask(&small, "FA-2028-000001", &body).expect(201).json();
    assert_eq!(invoice["gross"], "216.00");
    let line = &invoice["document"]["lines"][0];
    assert_eq!((&line["quantity"], &line["unit_price"]), (&json!("3000"), &json!("0.06")));
    assert_eq!((&line["detail"], &line["pool"]), (&json!("Relevé corrigé"), &Value::Null));
    assert_eq!(invoice["document"]["lines"].as_array().unwrap().len(), 1);
    // 94 € were open, and 284 € too much was paid.
    assert_eq!(open(&small), ["FA-2028-000002 18.00", "AV-2028-000001 -284.00"]);
    assert_eq!(small.faults(), [""; 0]);
}

on_both!(the_vat_that_a_member_s_particulars_make_is_worked_out_anew);
fn the_vat_that_a_member_s_particulars_make_is_worked_out_anew(engine: Engine) {
    let small = july(engine);
    let belgian = json!({
        "siren": null, "siret": null, "vat_number": "BE0428759497", "vat_regime": "intra_eu",
        "address": {
            "lines": ["Rue Neuve 1"], "postcode": "1000", "city": "Bruxelles", "country": "BE",
        },
    });
    small.patch(&format!("members/{}", small.members["forge"]), belgian);
    let body = json!({ "reason": "Numéro de TVA oublié" });
    let invoice = ask(&small, "FA-2028-000001", &body).expect(201).json();
    assert_eq!((&invoice["vat"], &invoice["gross"]), (&json!("0.00"), &json!("495.00")));
    let vat = &invoice["document"]["lines"][0]["vat"];
    assert_eq!(vat["category"], "AE");
    assert_eq!(document(&small, "AV-2028-000001")["vat"], "99.00");
    assert_eq!(small.faults(), [""; 0]);
}

on_both!(what_cannot_stand_is_refused_and_nothing_happens);
fn what_cannot_stand_is_refused_and_nothing_happens(engine: Engine) {
    let small = july(engine);
    let lines = |lines: Value| json!({ "reason": "Erreur", "lines": lines });
    let wrong = [
        (lines(json!([{ "line": 3 }])), 409, "/lines/0/line", "not_found"),
        (lines(json!([{ "line": 1 }, { "line": 1 }])), 409, "/lines/1/line", "duplicate"),
        (lines(json!([{ "line": 0 }])), 422, "/lines/0/line", "minimum"),
        (lines(json!([{ "line": 1, "quantity": "-1" }])), 422, "/lines/0/quantity", "pattern"),
        (lines(json!([{ "line": 1, "unit_price": "x" }])), 422, "/lines/0/unit_price", "format"),
        (lines(json!([{ "line": 1, "name": "" }])), 422, "/lines/0/name", "format"),
        (
            lines(json!([{ "line": 1, "omitted": true }, { "line": 2, "omitted": true }])),
            409,
            "/lines",
            "nothing_left",
        ),
        (json!({}), 422, "/reason", "required"),
    ];
    small.folded();
    small.sql().archived();
    let before = small.sql().counts();
    for (body, status, pointer, code) in wrong {
        let answer = ask(&small, "FA-2028-000001", &body).expect(status);
        assert_eq!(refused(&answer), (pointer.to_owned(), code.to_owned()), "{body}");
    }
    assert_eq!(small.sql().counts(), before);
    let credit = format!("invoices/{}/credit-notes", id(&small, "FA-2028-000001"));
    let some = json!({ "reason": "Panne", "lines": [{ "line": 1, "amount": "1.00" }] });
    small.finance.post(&small.at(&credit), some).expect(201);
    let answer = ask(&small, "FA-2028-000001", &json!({ "reason": "Erreur" })).expect(409);
    assert_eq!(refused(&answer), (String::new(), "credited".to_owned()));
}

on_both!(the_command_replaces_as_the_api_does);
fn the_command_replaces_as_the_api_does(engine: Engine) {
    let small = july(engine);
    let replace = |number: &str| {
        let told = ["invoices", "replace", number, "--pole", &small.pole.code, "--reason", "Nom"];
        small.server.palier(told)
    };
    let said = replace("FA-2028-000001").success();
    let lines: Vec<_> = said.lines().collect();
    assert!(lines[0].contains("AV-2028-000001") && lines[0].contains("credit_note"), "{said}");
    assert!(lines[1].contains("FA-2028-000003") && lines[1].contains("594.00"), "{said}");
    let again = replace("FA-2028-000001").failure(2);
    assert!(again.contains("given back already") && again.lines().count() == 1, "{again}");
    assert!(replace("FA-2028-000099").failure(2).contains("no document has this number"));
    assert_eq!(small.faults(), [""; 0]);
}
