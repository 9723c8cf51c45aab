//! Credit notes: `POST /v1/poles/{pole}/invoices/{invoice}/credit-notes`, `palier invoices credit`.

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

/// The document of a number.
fn numbered(small: &Small, number: &str) -> Value {
    let mut documents = small.documents("2026-07").into_iter();
    documents.find(|it| it["number"] == number).unwrap()
}

fn ask(small: &Small, number: &str, body: &Value) -> Answer {
    let id = numbered(small, number)["id"].as_str().unwrap().to_owned();
    small.finance.post(&small.at(&format!("invoices/{id}/credit-notes")), body)
}

/// What is wrong, and where.
fn refused(answer: &Answer) -> (String, String) {
    let error = &answer.problem()["errors"][0];
    let text = |name: &str| error[name].as_str().unwrap_or_default().to_owned();
    (text("pointer"), text("code"))
}

on_both!(all_of_an_invoice_is_given_back_once);
fn all_of_an_invoice_is_given_back_once(engine: Engine) {
    let small = july(engine);
    let body = json!({ "reason": "Facturée deux fois" });
    let made = ask(&small, "FA-2028-000001", &body).expect(201);
    let note = made.json();
    let said = ["number", "kind", "status", "net", "vat", "gross", "issued_on", "due_on"];
    let said = said.map(|name| note[name].as_str().unwrap());
    let expected = ["AV-2028-000001", "credit_note", "final", "495.00", "99.00", "594.00"];
    assert_eq!(said[..6], expected);
    assert_eq!((said[6], said[7]), ("2028-02-01", "2028-02-01"));
    let document = &note["document"];
    let cited = json!([{ "number": "FA-2028-000001", "issued_on": "2028-02-01" }]);
    assert_eq!(document["corrects"], cited);
    assert_eq!(document["notes"], json!([{ "subject": "AAI", "text": "Facturée deux fois" }]));
    // At the quantity and the price of the invoice.
    let line = &document["lines"][0];
    assert_eq!((&line["quantity"], &line["unit_price"]), (&json!("6000"), &json!("0.08")));
    assert_eq!(small.finance.get(made.header("location")).expect(200).json(), note);
    let again = ask(&small, "FA-2028-000001", &body).expect(409);
    assert_eq!(refused(&again), (String::new(), "nothing_left".to_owned()));
    let of_note = ask(&small, "AV-2028-000001", &body).expect(409);
    assert_eq!(refused(&of_note), (String::new(), "not_an_invoice".to_owned()));
    assert_eq!(small.faults(), [""; 0]);
}

on_both!(no_line_is_given_back_twice);
fn no_line_is_given_back_twice(engine: Engine) {
    let small = july(engine);
    let lines = |lines: Value| json!({ "reason": "Panne", "lines": lines });
    let some = |line: u32, amount: &str| lines(json!([{ "line": line, "amount": amount }]));
    let first = ask(&small, "FA-2028-000001", &some(1, "100.00")).expect(201);
    assert_eq!(first.string("/net"), "100.00");
    let wrong = [
        (some(1, "380.01"), 409, "/lines/0/amount", "too_much"),
        (some(1, "0.00"), 409, "/lines/0/amount", "too_much"),
        (some(3, "1.00"), 409, "/lines/0/line", "not_found"),
        (some(0, "1.00"), 422, "/lines/0/line", "minimum"),
        (some(1, "1.001"), 422, "/lines/0/amount", "amount"),
        (some(1, "-1.00"), 422, "/lines/0/amount", "format"),
        (lines(json!([{ "line": 2 }, { "line": 2 }])), 409, "/lines/1/line", "duplicate"),
        (lines(json!([])), 422, "/lines", "min_items"),
        (json!({ "lines": [{ "line": 1 }] }), 422, "/reason", "required"),
        (json!({ "reason": "" }), 422, "/reason", "min_length"),
    ];
    for (body, status, pointer, code) in wrong {
        let answer = ask(&small, "FA-2028-000001", &body).expect(status);
        assert_eq!(refused(&answer), (pointer.to_owned(), code.to_owned()), "{body}");
    }
    let second = ask(&small, "FA-2028-000001", &lines(json!([{ "line": 2 }]))).expect(201);
    assert_eq!(second.string("/net"), "15.00");
    let rest = ask(&small, "FA-2028-000001", &json!({ "reason": "Le reste" })).expect(201);
    assert_eq!(rest.string("/net"), "380.00");
    assert_eq!(rest.string("/number"), "AV-2028-000003");
    assert_eq!(small.faults(), [""; 0]);
    small.sql().try_run("DELETE FROM credited_lines").unwrap_err();
    small.sql().try_run("UPDATE credited_lines SET amount_minor = 1").unwrap_err();
}

on_both!(the_same_request_twice_gives_back_once);
fn the_same_request_twice_gives_back_once(engine: Engine) {
    let small = july(engine);
    let id = numbered(&small, "FA-2028-000001")["id"].as_str().unwrap().to_owned();
    let path = small.at(&format!("invoices/{id}/credit-notes"));
    let once = small.finance.with_header("idempotency-key", "panne-du-3");
    let body = json!({ "reason": "Panne", "lines": [{ "line": 1, "amount": "10.00" }] });
    let answers = [0, 1].map(|_| once.post(&path, &body).expect(201).json());
    assert_eq!(answers[0], answers[1]);
    let credits = small.documents("2026-07").len();
    assert_eq!(credits, 3);
}

on_both!(the_command_credits_as_the_api_does);
fn the_command_credits_as_the_api_does(engine: Engine) {
    let small = july(engine);
    let credit = |arguments: &[&str]| {
        let told = ["invoices", "credit", "--pole", &small.pole.code];
        small.server.palier(told.iter().chain(arguments))
    };
    let reason = ["--reason", "Panne"];
    let one = |line| [&["FA-2028-000001", "--json", "--line", line], &reason[..]].concat();
    let note: Value = serde_json::from_str(&credit(&one("1=100.00")).success()).unwrap();
    assert_eq!(note["document"]["totals"]["gross"], "120.00");
    let wrong = [
        (one("1=400.00"), "Of line 1, 380.00 is left"),
        (one("x"), "--line x: expected the number of a line"),
        (one("1=ten"), "--line 1=ten: expected an amount in EUR"),
        ([&["FA-2028-000099"], &reason[..]].concat(), "no document has this number"),
    ];
    for (arguments, told) in wrong {
        let said = credit(&arguments).failure(2);
        assert!(said.contains(told), "{said}");
    }
    // Books and accounting file agree with it.
    assert_eq!(small.faults(), [""; 0]);
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().to_str().unwrap();
    let export = ["fec", "export", "--pole", &small.pole.code, "--year", "2028", "--to", to];
    small.server.palier(export).success();
    let file = folder.path().join("732829320FEC20281231.txt");
    small.server.palier(["fec", "check", file.to_str().unwrap()]).success();
    // A draft is not credited.
    small.run("2026-08");
    let draft = small.documents("2026-08")[0]["id"].as_str().unwrap().to_owned();
    let path = small.at(&format!("invoices/{draft}/credit-notes"));
    let answer = small.finance.post(&path, json!({ "reason": "Panne" })).expect(409);
    assert_eq!(refused(&answer).1, "not_an_invoice");
}
