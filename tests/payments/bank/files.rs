//! Files: of banks, of somebody else, and of people who mean no good.

use std::fmt::Write as _;

use palier_tests::{Engine, on_both, scratch};
use serde_json::{Value, json};

use super::{MOVED, Moved, OWN, USINE_IBAN, camt, counts, proposals};
use crate::payments::{Setting, faults};

/// How the CSV of a French bank is read.
const MAPPING: &str =
    r#"{"booked_on":"Date","amount":{"debit":"Débit","credit":"Crédit"},"text":["Libellé"]}"#;
const HEADER: &str = "Date;Libellé;Débit;Crédit\n";

/// A query with a mapping.
fn mapped(mapping: &str) -> String {
    mapping.bytes().fold("?mapping=".to_owned(), |mut url, byte| {
        write!(url, "%{byte:02X}").unwrap();
        url
    })
}

on_both!(what_banks_export_for_spreadsheets_is_read);
fn what_banks_export_for_spreadsheets_is_read(engine: Engine) {
    let setting = Setting::new(engine);
    let number = setting.numbers("forge")[0].clone();
    let file = format!(
        "Compte;{OWN}\n{HEADER}15/01/2028;VIR FORGE {number};;120,00\n\
         16/01/2028;FRAIS;3,50;\n17/01/2028;REMISE;;1 234,50\n"
    );
    // As Excel saves it in western Europe.
    let latin: Vec<u8> = file.chars().map(|it| u8::try_from(u32::from(it)).unwrap()).collect();
    let send = || setting.send(&mapped(MAPPING), "text/csv", &latin).expect(200).json();
    assert_eq!(counts(&send()), [3, 0, 1, 2]);
    let amounts: Vec<_> = setting.movements("").iter().map(|it| it["amount"].clone()).collect();
    assert_eq!(amounts, ["120.00", "-3.50", "1234.50"]);
    assert_eq!(setting.amounts("forge"), ["120.00"]);
    assert_eq!(counts(&send()), [3, 3, 0, 0]);
    // The same money in another kind of file has another key: it is not booked without asking.
    let same = Moved { cents: 12_000, text: &number, reference: "A", ..MOVED };
    let new = Moved { day: 18, reference: "B", ..same };
    let report = setting.import(&camt("RLV-1", OWN, &[same, new]));
    // The document is settled: what is new was paid twice.
    assert_eq!(counts(&report), [2, 0, 0, 2]);
    let doubted = &report["imported"][0];
    assert_eq!(doubted["resembles"], setting.movements("")[0]["id"]);
    assert_eq!(report["imported"][1].get("resembles"), None);
    assert_eq!(proposals(doubted).len(), 1);
    // The bank rewords what it exported: nothing is booked anew of that either.
    let reworded = format!("{HEADER}15/01/2028;VIR SEPA {number};;120,00\n");
    let answer = setting.send(&mapped(MAPPING), "text/csv", reworded.as_bytes()).expect(200);
    assert_eq!(counts(&answer.json()), [1, 0, 0, 1]);
    assert!(answer.json()["imported"][0]["resembles"].is_string());
    // A second one of the same day and amount, beside the first, is another.
    let more = "17/01/2028;REMISE;;1 234,50\n17/01/2028;REMISE;;1 234,50\n";
    let answer = setting.send(&mapped(MAPPING), "text/csv", format!("{HEADER}{more}").as_bytes());
    let report = answer.expect(200).json();
    assert_eq!(counts(&report), [2, 1, 0, 1]);
    assert_eq!(report["imported"][0].get("resembles"), None);
    assert_eq!(setting.small.faults(), [""; 0]);
}

on_both!(what_is_wrong_with_a_file_is_said_with_its_line);
fn what_is_wrong_with_a_file_is_said_with_its_line(engine: Engine) {
    let setting = Setting::new(engine);
    let csv = |mapping: &str, text: &str| {
        let answer = setting.send(&mapped(mapping), "text/csv", text.as_bytes());
        let problem = answer.expect(422).json();
        let told = |it: &Value| format!("{} {}", it["line"], it["code"].as_str().unwrap());
        problem["errors"].as_array().unwrap().iter().map(told).collect::<Vec<_>>()
    };
    assert_eq!(csv(MAPPING, "Datum;Text\n1;2\n"), ["1 missing"]);
    let three = "15/01/2028;x;;12.50\n32/01/2028;x;;1,00\n15/01/2028;x;1,00;1,00\n";
    assert_eq!(
        csv(MAPPING, &format!("{HEADER}{three}")),
        ["2 not_an_amount", "3 not_a_date", "4 both_sides"]
    );
    assert_eq!(csv(MAPPING, &format!("{HEADER}15/03/2028;x;;1,00\n")), ["2 in_future"]);
    let dollars = MAPPING.replace("\"text\"", "\"currency\":\"USD\",\"text\"");
    assert_eq!(csv(&dollars, &format!("{HEADER}15/01/2028;x;;1,00\n")), ["2 other_currency"]);
    for (query, code) in
        [("", "required"), ("?mapping=x", "mapping"), ("?mapping=%7B%7D", "mapping")]
    {
        let answer = setting.send(query, "text/csv", b"x").expect(400).json();
        assert_eq!(answer["errors"][0]["code"], code, "{query}");
    }
    setting.send("", "application/json", b"{}").expect(415);
    assert_eq!(setting.movements("").len(), 0);
}

on_both!(statements_of_others_and_of_no_bank_are_refused);
fn statements_of_others_and_of_no_bank_are_refused(engine: Engine) {
    let setting = Setting::new(engine);
    let refused = |file: &[u8]| {
        let problem = setting.send("", "application/xml", file).expect(422).json();
        problem["errors"][0]["code"].as_str().unwrap_or_default().to_owned()
    };
    let paid = Moved { cents: 12_000, text: "x", reference: "A", ..MOVED };
    let good = camt("R", OWN, &[paid]);
    let with = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}");
        refused(good.replace(from, to).as_bytes())
    };
    assert_eq!(with(OWN, USINE_IBAN), "other_account");
    assert_eq!(with(OWN, "FR1420041010050500013M02607"), "not_an_iban");
    assert_eq!(with("EUR", "USD"), "other_currency");
    assert_eq!(with("1120.00", "1120.01"), "unbalanced");
    // Entities that grow, files of the machine, elements without end.
    let grows = "<!DOCTYPE d [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;\">]><Document";
    assert_eq!(with("<Document", grows), "doctype");
    let outside = "<!DOCTYPE d [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><Document";
    assert_eq!(with("<Document", outside), "doctype");
    assert_eq!(with(">x<", ">&x;<"), "entity");
    let deep = format!("{}{}<GrpHdr>", "<a>".repeat(100_000), "</a>".repeat(100_000));
    assert_eq!(with("<GrpHdr>", &deep), "too_deep");
    let wide = format!("{}<GrpHdr>", "<a/>".repeat(600_000));
    assert_eq!(with("<GrpHdr>", &wide), "too_many_elements");
    let attributes = (0..500_000).fold("<GrpHdr".to_owned(), |mut start, nth| {
        write!(start, " a{nth}=\"\"").unwrap();
        start
    });
    assert_eq!(with("<GrpHdr>", &format!("{attributes}>")), "syntax");
    assert_eq!(refused(b"PK\x03\x04"), "syntax");
    assert_eq!(refused(b""), "syntax");
    assert_eq!(refused(b"<?xml version=\"1.0\"?><Document>\xff</Document>"), "encoding");
    setting.send("", "application/xml", &vec![b' '; 50 << 20]).expect(413);
    assert_eq!(refused(camt("R", OWN, &vec![paid; 2_001]).as_bytes()), "too_many");
    // Long texts and NULs are no statement of a bank, and no fault of ours.
    let long = "x".repeat(100_000);
    for (from, to) in [
        (">x<", format!(">{long}<")),
        ("<AcctSvcrRef>A", format!("<AcctSvcrRef>{long}")),
        ("<Id>R<", format!("<Id>{long}<")),
        (">x<", ">&#0;<".to_owned()),
        (">x<", ">\0<".to_owned()),
        ("<Id>R<", "<Id>\0<".to_owned()),
    ] {
        let answer = setting.send("", "application/xml", good.replace(from, &to).as_bytes());
        assert!(matches!(answer.status, 200 | 409 | 422), "{from}: {}", answer.status);
    }
    assert_eq!(setting.payments().len(), 0);
    assert_eq!(setting.small.faults(), [""; 0]);
}

on_both!(the_command_imports_as_http_does);
fn the_command_imports_as_http_does(engine: Engine) {
    let setting = Setting::new(engine);
    let number = setting.numbers("forge")[0].clone();
    let paid = Moved { cents: 12_000, name: "FORGE", text: &number, reference: "A", ..MOVED };
    let fees = Moved { cents: -300, text: "frais", reference: "B", ..MOVED };
    let folder = scratch("bank");
    let saved = |name: &str, text: &str| {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let xml = saved("a.xml", &camt("RLV-1", OWN, &[paid, fees]));
    let csv = saved("b.csv", &format!("{HEADER}15/01/2028;x;;1,5,0\n"));
    let mapping = saved("m.json", MAPPING);
    let run = |told: &[&str]| {
        let pole = ["--pole", &setting.small.pole.code];
        setting.small.server.palier(["payments", "import"].iter().chain(told).chain(&pole))
    };
    let said = run(&[&xml, "--dry-run"]).success();
    let sum = "2 movements: 1 would be booked, 1 open, 0 known already\n";
    assert!(said.ends_with(sum), "{said}");
    assert_eq!(setting.movements("").len(), 0);
    let said = run(&[&xml]).success();
    assert!(said.contains("120.00   FORGE") && said.contains("booked"), "{said}");
    let said: Value = serde_json::from_str(&run(&[&xml, "--json"]).success()).unwrap();
    assert_eq!((counts(&said), &said["imported"]), ([2, 2, 0, 0], &json!([])));
    let said = run(&[&csv, "--mapping", &mapping]).failure(2);
    assert!(said.starts_with(&format!("palier: {csv}: line 2: ")), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    let said = run(&[&xml, "--mapping", &xml]).failure(2);
    assert!(said.starts_with(&format!("palier: {xml}: ")) && said.lines().count() == 1, "{said}");
    let said = run(&["/nowhere.xml"]).failure(2);
    assert_eq!(said, "palier: /nowhere.xml: expected a file, found none of that name\n");
    let other = saved("c.xml", &camt("RLV-1", OWN, &[Moved { cents: 11_900, ..paid }, fees]));
    let said = run(&[&other]).failure(2);
    assert!(said.starts_with(&format!("palier: {other}: The statement RLV-1 ")), "{said}");
    assert_eq!(setting.amounts("forge"), ["120.00"]);
    assert_eq!(setting.small.faults(), [""; 0]);
    let contradicted = setting.send("", "text/xml", &std::fs::read(&other).unwrap()).expect(409);
    assert_eq!(faults(&contradicted.json()), ["- contradicts"]);
}
