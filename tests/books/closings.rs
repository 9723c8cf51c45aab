//! Months and years that are closed: what is to be done before, and what cannot be done afterwards.

use palier_tests::{Engine, on_both};
use serde_json::{Value, json};

use super::ties::Reports;
use crate::invoices::setting::Small;
use crate::sql::Sql;

/// Two members that owe 120.00 each since 3 August 2026, and as much again since 2 September; it is 2028.
fn small(engine: Engine) -> Small {
    let small = Small::new(engine, &[json!({ "kind": "recurring", "amount": "100" })]);
    for (month, issued) in [("2026-07", "2026-08-03"), ("2026-08", "2026-09-02")] {
        let now = format!("{issued}T08:00:00Z");
        for command in ["run", "finalise"] {
            small.try_invoices(&[command, "--now", &now], month).success();
        }
    }
    small
}

/// Codes and states of a checklist.
fn states(list: &Value) -> Vec<String> {
    let items = list["items"].as_array().unwrap().iter();
    let text = |it: &Value, name: &str| it[name].as_str().unwrap().to_owned();
    items.map(|it| format!("{} {}", text(it, "code"), text(it, "state"))).collect()
}

#[track_caller]
fn close(small: &Small, period: &str) -> Value {
    let accept = json!({ "accept_missing": true });
    small.finance.post(&small.at(&format!("closings/{period}")), accept).expect(200).json()
}

/// What keeps a period from being closed.
#[track_caller]
fn refused(small: &Small, period: &str, accept: bool) -> Vec<String> {
    let accept = json!({ "accept_missing": accept });
    let answer = small.finance.post(&small.at(&format!("closings/{period}")), accept).expect(409);
    let errors = answer.json()["errors"].as_array().unwrap().clone();
    errors.iter().map(|it| it["code"].as_str().unwrap().to_owned()).collect()
}

/// Money from the forge on a day, which settles nothing.
#[track_caller]
fn pay(small: &Small, day: &str, amount: &str) -> Value {
    let paid = json!({
        "kind": "payment", "member": small.members["forge"], "method": "transfer", "paid_on": day,
        "amount": amount, "reference": "VIR-0042",
    });
    small.finance.post(&small.at("payments"), paid).expect(201).json()
}

on_both!(a_month_is_closed_once_what_is_to_be_done_is);
fn a_month_is_closed_once_what_is_to_be_done_is(engine: Engine) {
    let small = small(engine);
    let get = |period: &str| small.finance.get(&small.at(&format!("closings/{period}")));
    let list = get("2026-08").expect(200).json();
    let expected = [
        "over done",
        "order done",
        "books done",
        "invoiced done",
        "unmatched_usage done",
        "drafts done",
        "held_drafts done",
        "returned_documents done",
        "bank_movements done",
        "suspense done",
        "fec done",
        "credits info",
        "vat info",
    ];
    assert_eq!(states(&list), expected);
    assert_eq!(list["closed_at"], Value::Null);
    // Drafts, one of which is held; the month is not the next one.
    small.run("2026-09");
    let draft =
        small.finance.get(&small.at("invoices?status=draft")).expect(200).string("/data/0/id");
    small.finance.post(&small.at(&format!("invoices/{draft}/hold")), json!({})).expect(200);
    assert_eq!(refused(&small, "2026-09", false), ["order", "drafts", "held_drafts"]);
    assert_eq!(refused(&small, "2026-09", true), ["order"]);
    assert_eq!(refused(&small, "2028-02", true), ["over", "order"]);
    assert_eq!(refused(&small, "2026", true), ["order"]);
    for nothing in ["2026-Q3", "2026-13", "soon"] {
        get(nothing).expect(404);
    }
    let palier = |more: &[&str]| {
        let told = ["books", "close", "--pole", &small.pole.code, "--period"];
        small.server.palier(told.iter().chain(more))
    };
    let told = palier(&["2026-09"]).failure(2);
    assert_eq!(told.lines().count(), 3, "{told}");
    assert!(palier(&["2026-08", "--check"]).success().ends_with("2026-08 is open\n"));
    let closed: Value = serde_json::from_str(&palier(&["2026-08", "--json"]).success()).unwrap();
    assert!(closed["closed_at"].is_string());
    // Again: nothing more.
    let again = close(&small, "2026-08");
    assert_eq!((&again["last_day"], &again["accepted"]), (&json!("2026-08-31"), &json!([])));
    let september = close(&small, "2026-09");
    assert_eq!(september["accepted"], json!(["drafts", "held_drafts"]));
    let closings = small.finance.get(&small.at("closings")).expect(200).json();
    assert_eq!(
        (&closings["first_open_day"], closings["data"].as_array().unwrap().len()),
        (&json!("2026-10-01"), 2)
    );
    let log = small
        .sql()
        .lines("SELECT object AS line FROM audit_log WHERE action = 'books.closed' ORDER BY seq");
    assert_eq!(log, ["2026-08", "2026-09"]);
    assert_eq!(small.faults(), [""; 0]);
}

on_both!(what_is_known_later_is_booked_on_the_first_open_day);
fn what_is_known_later_is_booked_on_the_first_open_day(engine: Engine) {
    let small = small(engine);
    let reports = Reports(&small);
    pay(&small, "2026-08-20", "10.00");
    close(&small, "2026-08");
    let before = reports.get("journal?period=2026-08");
    let late = pay(&small, "2026-08-25", "7.00");
    // What happened stays what happened.
    assert_eq!((&late["paid_on"], &late["entry"]), (&json!("2026-08-25"), &json!("BQ000002")));
    let entry = |period: &str, number: &str| {
        let journal = reports.get(&format!("journal?period={period}"));
        let entries = journal["entries"].as_array().unwrap();
        entries.iter().find(|it| it["number"] == number).unwrap().clone()
    };
    let booked = entry("2026-09", "BQ000002");
    assert_eq!(
        (&booked["date"], &booked["piece_date"]),
        (&json!("2026-09-01"), &json!("2026-08-25"))
    );
    let label = booked["label"].as_str().unwrap();
    assert!(label.ends_with("(opération du 2026-08-25)"), "{label}");
    // And is taken back there as well.
    let why = json!({ "paid_on": "2026-08-30", "reference": "REJET", "note": "AC04" });
    let id = late["id"].as_str().unwrap();
    small.finance.post(&small.at(&format!("payments/{id}/reverse")), why).expect(200);
    assert_eq!(entry("2026-09", "BQ000003")["date"], "2026-09-01");
    assert_eq!(reports.get("journal?period=2026-08"), before);
    for period in ["2026-08", "2026-09", "2026-Q3", "2026"] {
        reports.fit(period);
    }
    // Documents are never issued on a day that is closed, whatever the clock says.
    for month in ["2026-09", "2026-10", "2026-11"] {
        close(&small, month);
    }
    for command in ["run", "finalise"] {
        let told = [command, "--now", "2026-10-20T08:00:00Z"];
        small.try_invoices(&told, "2026-09").success();
    }
    let issued = small.finance.get(&small.at("invoices?period=2026-09")).expect(200).json();
    assert_eq!(issued["data"][0]["issued_on"], "2026-12-01");
    reports.fit_the_file("2026");
    assert_eq!(small.faults(), [""; 0]);
}

on_both!(a_closed_year_is_what_the_next_one_begins_with);
fn a_closed_year_is_what_the_next_one_begins_with(engine: Engine) {
    let small = small(engine);
    let reports = Reports(&small);
    pay(&small, "2026-12-24", "50.00");
    pay(&small, "2027-01-15", "30.00");
    for month in ["2026-08", "2026-09", "2026-10", "2026-11"] {
        close(&small, month);
    }
    assert_eq!(refused(&small, "2026", true), ["order"]);
    close(&small, "2026-12");
    // A month of the next year may be closed before the year is.
    close(&small, "2027-01");
    let provisional = reports.get("trial-balance?period=2027-01");
    assert_eq!(provisional["provisional_opening"], true);
    let list = small.finance.get(&small.at("closings/2026")).expect(200).json();
    let result =
        list["items"].as_array().unwrap().iter().find(|it| it["code"] == "result").unwrap();
    assert_eq!((&result["state"], &result["amount"]), (&json!("info"), &json!("400.00")));
    close(&small, "2026");
    close(&small, "2026");
    let mut booked = reports.get("trial-balance?period=2027-01");
    assert_eq!(booked["provisional_opening"], false);
    booked["provisional_opening"] = json!(true);
    assert_eq!(booked, provisional);
    let journal = reports.get("journal?period=2027-01");
    let opening = &journal["entries"][0];
    assert_eq!((&opening["number"], &opening["date"]), (&json!("AN000001"), &json!("2027-01-01")));
    for period in ["2026", "2027-02", "2027", "2028"] {
        let balance = reports.get(&format!("trial-balance?period={period}"));
        assert_eq!(balance["provisional_opening"], period == "2028", "{period}");
    }
    // The file of the next year has it, and is one that can be handed in.
    reports.fit_the_file("2026");
    reports.fit_the_file("2027");
    let next = small.finance.get(&small.at("closings/2027")).expect(200).json();
    assert!(states(&next).contains(&"fec done".to_owned()), "{next}");
    assert_eq!(small.faults(), [""; 0]);
}

/// Each books on a closed day, or opens what is closed.
const CHANGES: [&str; 5] = [
    "UPDATE closings SET last_day = '2000-01-01'",
    "DELETE FROM closings",
    "INSERT INTO journal_lines SELECT pole_id, journal, year, seq + 1000, line, account, \
     account_label, auxiliary, auxiliary_label, label, debit_minor, credit_minor, service_id \
     FROM journal_lines; \
     INSERT INTO journal_entries SELECT pole_id, journal, year, seq + 1000, '2026-08-31', piece, \
     piece_on, label, NULL, total_minor, recorded_at FROM journal_entries",
    "INSERT INTO journal_lines SELECT pole_id, 'AN', year, seq, line, account, \
     account_label, auxiliary, auxiliary_label, label, debit_minor, credit_minor, service_id \
     FROM journal_lines WHERE seq = 1; \
     INSERT INTO journal_entries SELECT pole_id, 'AN', year, seq, '2026-08-01', piece, \
     piece_on, label, NULL, total_minor, recorded_at FROM journal_entries WHERE seq = 1",
    "INSERT INTO journal_lines SELECT pole_id, 'AN', year, seq, line, account, \
     account_label, auxiliary, auxiliary_label, label, debit_minor, credit_minor, service_id \
     FROM journal_lines WHERE seq = 2; \
     INSERT INTO journal_entries SELECT pole_id, 'AN', year, seq, '2027-01-01', piece, \
     piece_on, label, NULL, total_minor, recorded_at FROM journal_entries WHERE seq = 2",
];

on_both!(the_database_keeps_closed_days_closed);
fn the_database_keeps_closed_days_closed(engine: Engine) {
    let small = small(engine);
    close(&small, "2026-08");
    let mut sql = small.sql();
    for change in CHANGES {
        sql.run("BEGIN");
        let refused = sql.try_run(change).expect_err(change);
        let why = ["closed", "append-only"].iter().any(|why| refused.contains(why));
        assert!(why, "{change}: {refused}");
        sql.run("ROLLBACK");
    }
    if engine == Engine::Sqlite {
        sql.try_run("INSERT OR REPLACE INTO closings SELECT * FROM closings").unwrap_err();
    }
    assert_eq!(small.faults(), [""; 0]);
    // What is done all the same shows.
    match &sql {
        Sql::Postgres(_) => sql.run("SET session_replication_role = replica"),
        Sql::Sqlite(_) => sql.run("DROP TRIGGER closings_are_not_changed"),
    }
    sql.run("UPDATE closings SET closed_at = 0");
    let faults = small.faults();
    assert!(faults.iter().any(|it| it.contains("booked after 2026-08 was closed")), "{faults:?}");
}
