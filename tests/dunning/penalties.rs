//! What a delay came to, charged by documents of their own.

use std::process::Stdio;

use palier_tests::{Answer, Engine, Finished, on_both};
use serde_json::{Value, json};

use super::setting::Setting;

/// Charges for the delay of a document until a day, from the command line.
fn command(setting: &Setting, number: &str, until: &str, now: &str) -> Finished {
    let pole = &setting.small.pole.code;
    let told =
        ["dunning", "charge", "--json", "--pole", pole, number, "--until", until, "--now", now];
    setting.small.server.palier(told)
}

/// What it charges: number, then kind and amount of each line.
fn charged(made: &Value) -> Vec<String> {
    let text = |of: &Value, name: &str| of[name].as_str().unwrap().to_owned();
    let lines = made["document"]["lines"].as_array().unwrap().iter();
    let lines = lines.map(|line| format!("{} {}", text(line, "kind"), text(line, "amount")));
    [text(made, "number")].into_iter().chain(lines).collect()
}

/// The same over HTTP, where it is 2028.
fn post(setting: &Setting, invoice: &str, body: Value) -> Answer {
    let at = setting.small.at(&format!("dunning/invoices/{invoice}/penalties"));
    setting.small.finance.post(&at, body)
}

on_both!(interest_is_charged_by_the_day_and_the_indemnity_once);
fn interest_is_charged_by_the_day_and_the_indemnity_once(engine: Engine) {
    let setting = Setting::new(engine);
    let first = command(&setting, "FA-2026-000001", "2026-03-31", "2026-04-01T10:00:00Z");
    let first: Value = serde_json::from_str(&first.success()).unwrap();
    // 27 days of 120.00 € at 12.15 %.
    let lines = ["PE-2026-000001", "late_interest 1.08", "recovery_indemnity 40.00"];
    assert_eq!(charged(&first), lines);
    let document = &first["document"];
    assert_eq!(document["corrects"][0]["number"], "FA-2026-000001");
    assert_eq!(
        (&document["issued_on"], &document["due_on"]),
        (&json!("2026-04-01"), &json!("2026-04-01"))
    );
    let totals = ["net", "vat_total", "gross"].map(|name| document["totals"][name].clone());
    assert_eq!(totals, ["41.08", "0.00", "41.08"]);
    assert_eq!(document["lines"][0]["vat"]["category"], "O");
    let detail = document["lines"][0]["detail"].as_str().unwrap();
    assert_eq!(detail, "120.00 dus pendant 27 jours à 12.15 %");
    // No day twice; and what is paid since is charged up to its day.
    let refused =
        command(&setting, "FA-2026-000001", "2026-03-31", "2026-04-02T10:00:00Z").failure(2);
    assert!(refused.contains("charged up to 2026-03-31 already"), "{refused}");
    setting.pay("forge", "2026-04-10", "120.00");
    let second =
        command(&setting, "FA-2026-000001", "2026-04-30", "2026-05-02T10:00:00Z").success();
    let second: Value = serde_json::from_str(&second).unwrap();
    assert_eq!(charged(&second), ["PE-2026-000002", "late_interest 0.40"]);
    assert_eq!(second["document"]["period"]["first_day"], "2026-04-01");
    let refused =
        command(&setting, "FA-2026-000001", "2026-05-01", "2026-05-02T10:00:00Z").failure(2);
    assert!(refused.contains("Nothing is due"), "{refused}");
    let refused =
        command(&setting, "PE-2026-000001", "2026-05-01", "2026-05-02T10:00:00Z").failure(2);
    assert!(refused.contains("bear no interest"), "{refused}");
    // It is asked for as any document is, and bears nothing itself.
    let late = setting.late("2026-05-02", "forge");
    assert_eq!((late.len(), &late[0]["open"]), (1, &json!("41.08")));
    assert_eq!(late[0]["penalty"], json!({ "interest": "0.00", "periods": [] }));
    let booked = setting.small.sql().lines(
        "SELECT account || ' ' || sum(credit_minor - debit_minor) AS line FROM journal_lines \
         WHERE account LIKE '76%' GROUP BY account",
    );
    assert_eq!(booked, ["763100 4148"]);
    assert_eq!(setting.small.faults(), [""; 0]);
}

on_both!(a_request_that_comes_again_charges_nothing_again);
fn a_request_that_comes_again_charges_nothing_again(engine: Engine) {
    let setting = Setting::new(engine);
    let document = setting.document("usine");
    let until = || json!({ "until": "2026-04-30" });
    let once = setting.small.finance.with_header("idempotency-key", "penalty-of-april");
    let at = setting.small.at(&format!("dunning/invoices/{document}/penalties"));
    let first = once.post(&at, until()).expect(201).json();
    // 57 days of 120.00 € at 12.15 %.
    assert_eq!(
        charged(&first),
        ["PE-2028-000001", "late_interest 2.28", "recovery_indemnity 40.00"]
    );
    assert_eq!(once.post(&at, until()).expect(201).json(), first);
    let code = |answer: Answer| answer.problem()["errors"][0]["code"].clone();
    assert_eq!(code(post(&setting, &document, until()).expect(409)), "charged");
    let tomorrow = json!({ "until": "2028-02-02" });
    assert_eq!(code(post(&setting, &document, tomorrow).expect(422)), "in_future");
    // Nobody guesses the rates of half-years that were not entered.
    assert_eq!(code(post(&setting, &document, json!({})).expect(409)), "rates_unknown");
    // What is charged is shown with the document.
    let late = &setting.late("2026-04-30", "usine")[0];
    let expected = json!([{ "invoice": first["id"], "until": "2026-04-30", "interest": "2.28",
        "indemnity": "40.00" }]);
    assert_eq!(late["charged"], expected);
    // A pole that claims neither charges neither.
    let forge = setting.document("forge");
    setting.settings(json!({ "claims_interest": false, "claims_indemnity": false }));
    assert_eq!(code(post(&setting, &forge, until()).expect(409)), "nothing_due");
    let log =
        setting.small.finance.get(&setting.small.at("audit-log?limit=100")).expect(200).json();
    let mut entries = log["data"].as_array().unwrap().iter();
    assert!(entries.any(|it| it["action"] == "dunning.charged"), "{log}");
    assert_eq!(setting.small.faults(), [""; 0]);
}

on_both!(of_two_at_once_one_charges);
fn of_two_at_once_one_charges(engine: Engine) {
    let setting = Setting::new(engine);
    let both = [0, 1].map(|_| {
        let mut palier = setting.small.server.settled();
        palier.args(["dunning", "charge", "--pole", &setting.small.pole.code, "FA-2026-000002"]);
        palier.args(["--until", "2026-03-31", "--now", "2026-04-01T10:00:00Z"]);
        palier.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    });
    let mut codes = both.map(|mut child| child.wait().unwrap().code().unwrap());
    codes.sort_unstable();
    assert_eq!(codes, [0, 2]);
    assert_eq!(setting.small.faults(), [""; 0]);
}

on_both!(a_formal_notice_claims_what_is_not_charged);
fn a_formal_notice_claims_what_is_not_charged(engine: Engine) {
    let setting = Setting::new(engine);
    let schedule = json!({ "reminder": 1, "second_reminder": 2, "formal_notice": 3 });
    setting.settings(json!({ "schedule": schedule }));
    for day in ["05", "06"] {
        setting.run(&format!("2026-03-{day}T10:00:00Z"));
    }
    command(&setting, "FA-2026-000001", "2026-03-31", "2026-04-01T10:00:00Z").success();
    let report = setting.report("2026-04-10T10:00:00Z", &[]);
    let claims = |number: &str| {
        let mut letters = report["letters"].as_array().unwrap().iter();
        let documents = letters.find_map(|letter| {
            letter["documents"].as_array().unwrap().iter().find(|it| it["number"] == number)
        });
        let document = documents.unwrap();
        (document["interest"].clone(), document["indemnity"].clone())
    };
    assert_eq!(claims("FA-2026-000001"), (json!("0.40"), Value::Null));
    assert_eq!(claims("FA-2026-000002"), (json!("1.48"), json!("40.00")));
    assert_eq!(setting.small.faults(), [""; 0]);
    // What is noted of a document that charges nothing shows.
    let (forge, usine) = (setting.document("forge"), setting.document("usine"));
    setting.small.sql().run(&format!(
        "INSERT INTO penalties (pole_id, invoice_id, last_day, penalty_id, interest_minor, \
         indemnity_minor, charged_at) SELECT pole_id, invoice_id, '2026-04-20', '{usine}', 1, 0, 0 \
         FROM invoices WHERE invoice_id = '{forge}'"
    ));
    let faults = setting.small.faults();
    assert!(faults.iter().any(|it| it.contains("it charges it in another series")), "{faults:?}");
    assert!(faults.iter().any(|it| it.contains("it charges another sum")), "{faults:?}");
}

on_both!(a_formal_notice_says_what_it_claims_though_some_of_it_is_charged);
fn a_formal_notice_says_what_it_claims_though_some_of_it_is_charged(engine: Engine) {
    let setting = Setting::new(engine);
    let schedule = json!({ "reminder": 1, "formal_notice": 5 });
    setting.settings(json!({ "rates": super::letters::rates(), "schedule": schedule }));
    for step in ["run", "finalise"] {
        let now = ["--now", "2026-03-02T10:00:00Z"];
        setting.small.try_invoices(&[&[step], &now[..]].concat(), "2026-02").success();
    }
    // Of the first of two documents the indemnity is charged already, which is a document of its own.
    command(&setting, "FA-2026-000001", "2026-03-31", "2026-04-01T10:00:00Z").success();
    for now in ["2026-05-20T10:00:00Z", "2026-05-28T10:00:00Z"] {
        setting.run(now);
    }
    let notice = &setting.mails(&setting.forge, 2)[1];
    let text = notice.text.replace('\u{a0}', " ");
    for part in [
        "FA-2026-000003",
        "PE-",
        "des pénalités de retard",
        "40,00 € par document : 40,00 €",
        "Au total : ",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert_eq!(setting.small.faults(), [""; 0]);
}
