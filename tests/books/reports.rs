//! Reports as JSON, as files, and by command; what they say of real months.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read as _};

use palier_tests::{Answer, Engine, command, on_both, workspace};
use serde_json::{Value, json};

use super::ties::{Reports, cents};
use crate::invoices::real::{Real, data};
use crate::invoices::setting::Small;

/// Two members that owe 120.00 each since 3 August 2026, of which the forge paid 50.00 in September.
fn small(engine: Engine) -> Small {
    let small = Small::new(engine, &[json!({ "kind": "recurring", "amount": "100" })]);
    small.patch(&format!("members/{}", small.members["usine"]), json!({ "name": "=1+1" }));
    for command in ["run", "finalise"] {
        small.try_invoices(&[command, "--now", "2026-08-03T08:00:00Z"], "2026-07").success();
    }
    let forge = &small.members["forge"];
    let open = small.finance.get(&small.at(&format!("open-items?member={forge}"))).expect(200);
    let paid = json!({
        "kind": "payment", "member": forge, "method": "transfer", "paid_on": "2026-09-15",
        "amount": "60.00", "reference": "VIR-0042",
        "allocations": [{ "invoice": open.string("/data/0/invoice"), "amount": "50.00" }],
    });
    small.finance.post(&small.at("payments"), paid).expect(201);
    small
}

on_both!(reports_say_what_happened);
fn reports_say_what_happened(engine: Engine) {
    let small = small(engine);
    let reports = Reports(&small);
    // Payable within thirty days.
    let aged = reports.get("aged-receivables?as_of=2026-10-10");
    let forge = &aged["members"][0];
    assert_eq!((&forge["code"], &forge["days_31_to_60"]), (&json!("forge"), &json!("70.00")));
    assert_eq!((&forge["credits"], &forge["total"]), (&json!("-10.00"), &json!("60.00")));
    assert_eq!(aged["total"]["total"], "180.00");
    let before = reports.get("aged-receivables?as_of=2026-08-31");
    assert_eq!(
        (&before["total"]["not_due"], &before["total"]["total"]),
        (&json!("240.00"), &json!("240.00"))
    );
    assert_eq!(reports.get("aged-receivables?as_of=2026-08-02")["members"], json!([]));
    let open = reports.get("open-documents?as_of=2026-10-10");
    assert_eq!((&open["documents"][0]["days_late"], &open["open"]), (&json!(38), &json!("190.00")));
    let vat = reports.get("vat?period=2026-Q3");
    let rate = json!({
        "category": "S", "rate_percent": "20",
        "on_debits": { "base": "0.00", "vat": "0.00" },
        "on_receipt": { "base": "41.67", "vat": "8.33" },
        "pending": { "base": "158.33", "vat": "31.67" },
    });
    assert_eq!(vat["rates"], json!([rate]));
    let revenue = reports.get("revenue?period=2026-08");
    let row = json!({ "month": "2026-08", "code": "compute", "name": "Calcul", "account": "706000",
        "amount": "200.00" });
    assert_eq!((&revenue["rows"], &revenue["total"]), (&json!([row]), &json!("200.00")));
    let by_member = reports.get("revenue?period=2026&by=member");
    assert_eq!(by_member["rows"][1]["code"], "usine");
    assert_eq!(by_member["rows"][1]["amount"], "100.00");
    // What 2027 begins with is not booked, and known all the same.
    let balance = reports.get("trial-balance?period=2027-01");
    assert_eq!(balance["provisional_opening"], true);
    let opening: BTreeMap<_, _> = balance["accounts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["account"].as_str().unwrap(), row["opening"].as_str().unwrap()))
        .collect();
    let expected = [
        ("120000", "-200.00"),
        ("411000", "180.00"),
        ("445710", "-8.33"),
        ("445740", "-31.67"),
        ("512000", "60.00"),
    ];
    assert_eq!(opening, expected.into());
    for wrong in [
        "vat",
        "vat?period=2026-13",
        "vat?period=2026-Q5",
        "vat?period=2026-08&format=pdf",
        "aged-receivables?as_of=today",
    ] {
        small.finance.get(&small.at(&format!("reports/{wrong}"))).expect(400);
    }
}

on_both!(reports_come_as_files);
fn reports_come_as_files(engine: Engine) {
    let small = small(engine);
    let get = |what: &str| {
        let french = small.finance.with_header("accept-language", "fr");
        french.get(&small.at(&format!("reports/{what}"))).expect(200)
    };
    let csv = get("member-balances?as_of=2026-10-10&format=csv");
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8; header=present");
    let name = "attachment; filename=\"member-balances-2026-10-10.csv\"";
    assert_eq!(csv.header("content-disposition"), name);
    let text = String::from_utf8(csv.bytes.clone()).unwrap();
    assert_eq!(
        text,
        "code,name,not_due,overdue,credits,balance\r\n\
         forge,Forge du Rhône SAS,0.00,70.00,-10.00,60.00\r\n\
         usine,'=1+1,0.00,120.00,0.00,120.00\r\n"
    );
    let xlsx = get("trial-balance?period=2026&format=xlsx");
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    assert_eq!(xlsx.header("content-type"), kind);
    let sheet = part(&xlsx, "xl/worksheets/sheet1.xml");
    // A number, no text; and what a year is worth with its totals.
    assert!(sheet.contains("<v>-31.67</v>"), "{sheet}");
    assert!(part(&xlsx, "xl/sharedStrings.xml").contains("Intitulé"));
    assert!(part(&xlsx, "xl/workbook.xml").contains("Balance générale"));
    let journal = get("journal?period=2026-08&format=xlsx");
    assert!(!part(&journal, "xl/worksheets/sheet1.xml").contains("<f>"));
    // Every report comes in every way, with as many columns in each line.
    for what in [
        "aged-receivables?",
        "open-documents?",
        "member-balances?",
        "trial-balance?period=2026&",
        "trial-balance?by=company&period=2026&",
        "vat?period=2026&",
        "revenue?period=2026&",
        "revenue?by=member&period=2026&",
        "journal?period=2026&",
        "invoices?period=2026&",
        "payments?period=2026&",
    ] {
        let text = String::from_utf8(get(&format!("{what}format=csv")).bytes).unwrap();
        let columns: Vec<_> = text.lines().map(|line| line.matches(',').count()).collect();
        assert!(columns.len() > 1 && columns.iter().all(|it| *it == columns[0]), "{what}: {text}");
        let sheet = part(&get(&format!("{what}format=xlsx")), "xl/worksheets/sheet1.xml");
        assert!(sheet.matches("<row ").count() >= columns.len(), "{what}");
    }
    // The same by command.
    let told = ["--pole", &small.pole.code, "--period", "2026"];
    let palier = |more: &[&str]| {
        let command = ["books", "trial-balance"].iter().chain(&told).chain(more);
        small.server.palier(command).success()
    };
    let json: Value = serde_json::from_str(&palier(&["--json"])).unwrap();
    assert_eq!(json, Reports(&small).get("trial-balance?period=2026"));
    let csv = get("trial-balance?period=2026&format=csv");
    assert_eq!(palier(&["--csv"]).as_bytes(), csv.bytes);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("balance.xlsx");
    palier(&["--xlsx", file.to_str().unwrap()]);
    assert_eq!(fs::read(&file).unwrap(), xlsx.bytes);
    let table = palier(&[]);
    assert!(table.lines().nth(2).unwrap().contains("Clients"), "{table}");
    let aged = ["reports", "aged", "--pole", &small.pole.code, "--as-of", "2026-10-10"];
    let aged = small.server.palier(aged).success();
    assert!(aged.lines().last().unwrap().ends_with("180.00"), "{aged}");
}

/// A part of a spreadsheet.
#[track_caller]
fn part(answer: &Answer, name: &str) -> String {
    let mut book = zip::ZipArchive::new(Cursor::new(&answer.bytes)).unwrap();
    let mut text = String::new();
    book.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

on_both!(the_books_of_the_real_months_are_what_an_independent_script_says);
fn the_books_of_the_real_months_are_what_an_independent_script_says(engine: Engine) {
    let Some(folder) = data() else { return };
    let real = Real::new(engine, &folder);
    let script = workspace().join("tests/invoices/reference.py");
    let told = command("python3").arg(script).arg(&folder).output().unwrap();
    let lines = String::from_utf8(told.stdout).unwrap();
    let mut expected: BTreeMap<(String, String), [i64; 3]> = BTreeMap::new();
    for line in lines.lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let text = |name: &str| line[name].as_str().unwrap().to_owned();
        let sums = ["net", "vat", "gross"].map(|name| cents(&line[name]));
        expected.insert((text("period"), text("member")), sums);
    }
    let (mut paid, mut due) = (0, 0);
    for period in ["2026-07", "2026-08", "2026-09"] {
        real.invoices("run", period);
        real.invoices("finalise", period);
        for (nth, document) in
            real.documents(period).iter().enumerate().filter(|(nth, _)| nth % 3 > 0)
        {
            let code = document["document"]["buyer"]["code"].as_str().unwrap().to_owned();
            let [_, vat, gross] = expected[&(period.to_owned(), code)];
            // All of it, or the third part of it and some cents.
            let part = if nth % 3 == 1 { gross } else { gross / 3 + 1 };
            let amount = format!("{}.{:02}", part / 100, part % 100);
            let facts = json!({
                "kind": "payment", "member": document["member"], "method": "transfer",
                "paid_on": "2026-10-05", "amount": amount, "reference": format!("VIR-{nth}"),
                "allocations": [{ "invoice": document["id"], "amount": amount }],
            });
            let at = crate::people::at(&real.pole, "/payments");
            real.pole.admin.post(&at, facts).expect(201);
            paid += part;
            // Half a cent up.
            due += (2 * vat * part + gross) / (2 * gross);
        }
    }
    let sum = |at: usize| expected.values().map(|sums| sums[at]).sum::<i64>();
    let (net, vat, gross) = (sum(0), sum(1), sum(2));
    let get = |what: &str| {
        real.pole
            .admin
            .get(&crate::people::at(&real.pole, &format!("/reports/{what}")))
            .expect(200)
            .json()
    };
    let aged = get("aged-receivables?as_of=2026-10-31");
    assert_eq!(cents(&aged["total"]["total"]), gross - paid);
    let declared = get("vat?period=2026-10");
    assert_eq!((cents(&declared["due"]), cents(&declared["pending"])), (due, vat - due));
    let rate = &declared["rates"][0];
    assert_eq!(cents(&rate["on_receipt"]["base"]) + cents(&rate["pending"]["base"]), net);
    let revenue = get("revenue?period=2026");
    assert_eq!(revenue["rows"].as_array().unwrap().len(), 1);
    assert_eq!((&revenue["rows"][0]["account"], cents(&revenue["total"])), (&json!("706100"), net));
    let by_member = get("revenue?by=member&period=2026-10");
    let mut earned: BTreeMap<&str, i64> = BTreeMap::new();
    for ((_, member), [net, ..]) in &expected {
        *earned.entry(member).or_default() += net;
    }
    for row in by_member["rows"].as_array().unwrap() {
        assert_eq!(earned.remove(row["code"].as_str().unwrap()), Some(cents(&row["amount"])));
    }
    assert_eq!(earned.len(), 0);
    let balance = get("trial-balance?period=2026");
    let closing: BTreeMap<_, _> = balance["accounts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["account"].as_str().unwrap(), cents(&row["closing"])))
        .collect();
    let books = [
        ("411000", gross - paid),
        ("445710", -due),
        ("445740", due - vat),
        ("512000", paid),
        ("706100", -net),
    ];
    assert_eq!(closing, books.into());
    real.server.palier(["verify", "--pole", &real.pole.code]).success();
}
