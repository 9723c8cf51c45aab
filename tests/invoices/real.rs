//! The three real months: 69 members, 18,239 jobs, closed and made final one after the other.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use palier_tests::{Engine, Pole, Server, command, on_both, skip, workspace};
use serde_json::{Value, json};

use crate::people::at;

/// Where the real usage is; a checkout of the project alone does not have it.
pub(crate) fn data() -> Option<PathBuf> {
    let folder = workspace().join("../shared/data");
    if folder.is_dir() {
        return Some(folder);
    }
    skip("the real usage is not here");
    None
}

/// How the pole of these tests bills.
pub(crate) fn settings() -> Value {
    json!({
        "seller": {
            "name": "Association Pôle Calcul", "legal_form": "association loi 1901",
            "siren": "732829320", "vat_number": "FR44732829320", "email": "compta@pole.example",
            "address": { "lines": ["1 place du Pôle"], "postcode": "69003", "city": "Lyon",
                "country": "FR" },
        },
        "account": { "iban": "FR1420041010050500013M02606", "bic": "PSSTFRPPPAR" },
    })
}

/// What a unit costs: the less, the more all use together; and a fee for access.
pub(crate) fn tariff() -> Value {
    json!({
        "charges": [
            { "name": "Heures de cœur", "kind": "usage", "meter": "core-hours", "scope": "pool",
              "model": "graduated", "tiers": [
                { "up_to": "10000", "unit_amount": "0.080" },
                { "up_to": "50000", "unit_amount": "0.055" },
                { "unit_amount": "0.030" },
            ] },
            { "name": "Accès", "kind": "recurring", "amount": "15" },
        ],
    })
}

/// A pole in October, whose members have been subscribed since July and used what the files say.
pub(crate) struct Real {
    pub(crate) server: Server,
    /// Whose database it is: dropped last.
    _july: Server,
    pub(crate) pole: Pole,
}

impl Real {
    pub(crate) fn new(engine: Engine, folder: &std::path::Path) -> Self {
        let mut july = Server::builder(engine).now("2026-07-01T08:00:00Z").start();
        let pole = Pole::new(&july);
        let made = |path: &str, body: Value| pole.admin.post(&at(&pole, path), body).expect(201);
        let scopes = [
            "members:read",
            "usage:read",
            "usage:write",
            "invoices:read",
            "invoices:write",
            "payments:read",
            "payments:write",
            "books:read",
            "audit:read",
        ];
        let key = made("/api-keys", json!({ "name": "Finance", "scopes": scopes })).string("/key");
        let contact = json!({ "email": "hpc@meso.example" });
        let provider = made("/providers", json!({ "name": "Méso", "contact": contact }));
        let service = made(
            "/services",
            json!({
                "code": "compute", "provider": provider.string("/id"), "category": "calcul",
                "name": { "fr": "Calcul", "en": "Computing" },
                "unit": { "fr": "heures de cœur", "en": "core-hours" },
                "revenue_account": "706100",
            }),
        );
        let service = service.string("/id");
        let meter = json!({ "code": "core-hours", "unit": "HUR" });
        made(&format!("/services/{service}/meters"), meter);
        let version =
            json!({ "name": "2026", "effective_from": "2026-01-01", "document": tariff() });
        made(&format!("/services/{service}/tariffs"), version);
        pole.publish(&at(&pole, &format!("/services/{service}")));
        let list = folder.join("members.csv");
        let import = ["members", "import", "--pole", &pole.code, list.to_str().unwrap()];
        july.palier(import).success();
        let mut page = format!("{}?limit=100", at(&pole, "/members"));
        let mut count = 0;
        loop {
            let members = pole.admin.get(&page).expect(200).json();
            for member in members["data"].as_array().unwrap() {
                let path = format!("/members/{}/subscriptions", member["id"].as_str().unwrap());
                made(&path, json!({ "service": service, "first_day": "2026-07-01" }));
                count += 1;
            }
            let Some(next) = members["next_cursor"].as_str() else { break };
            page = format!("{}?limit=100&cursor={next}", at(&pole, "/members"));
        }
        assert_eq!(count, 69);
        july.stop();
        let october = "2026-10-05T08:00:00Z";
        let server = Server::builder(engine).database(july.database_url()).now(october).start();
        let admin = server.client().with_token(&key);
        let pole = Pole { admin, ..pole };
        let usage = folder.join("usage_2026-07_2026-09.csv.gz");
        let import = ["usage", "import", "--pole", &pole.code, usage.to_str().unwrap()];
        server.palier(import).success();
        let real = Self { server, _july: july, pole };
        real.set(&settings());
        real
    }

    /// Sets how the pole bills.
    pub(crate) fn set(&self, settings: &Value) {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), settings.to_string()).unwrap();
        let path = file.path().to_str().unwrap();
        let set = ["invoices", "settings", "--pole", &self.pole.code, path];
        self.server.palier(set).success();
    }

    /// Runs a command of `palier invoices` for a month.
    pub(crate) fn invoices(&self, command: &str, period: &str) -> String {
        let told = ["--pole", &self.pole.code, "--period", period, "--json"];
        self.server.palier(["invoices", command].into_iter().chain(told)).success()
    }

    /// The documents of a month.
    pub(crate) fn documents(&self, period: &str) -> Vec<Value> {
        let listed = self.invoices("list", period);
        listed.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

on_both!(the_real_months_come_to_what_an_independent_script_says);

fn the_real_months_come_to_what_an_independent_script_says(engine: Engine) {
    let Some(folder) = data() else { return };
    let real = Real::new(engine, &folder);
    let script = workspace().join("tests/invoices/reference.py");
    let told = command("python3").arg(script).arg(&folder).output().unwrap();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    let mut expected: BTreeMap<(String, String), Value> = BTreeMap::new();
    for line in String::from_utf8(told.stdout).unwrap().lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let key =
            (line["period"].as_str().unwrap().into(), line["member"].as_str().unwrap().into());
        expected.insert(key, line);
    }
    assert_eq!(expected.len(), 3 * 69);
    let mut numbers = Vec::new();
    for period in ["2026-07", "2026-08", "2026-09"] {
        let review: Value = serde_json::from_str(&real.invoices("run", period)).unwrap();
        assert_eq!(review["documents"], 69);
        // Again: nothing more.
        let again: Value = serde_json::from_str(&real.invoices("run", period)).unwrap();
        assert_eq!(again, review);
        let report: Value = serde_json::from_str(&real.invoices("finalise", period)).unwrap();
        assert_eq!(report["numbers"].as_array().unwrap().len(), 69);
        let again: Value = serde_json::from_str(&real.invoices("finalise", period)).unwrap();
        assert_eq!(again["numbers"].as_array().unwrap().len(), 0);
        for document in real.documents(period) {
            let body = &document["document"];
            let code = body["buyer"]["code"].as_str().unwrap();
            let expected = &expected[&(period.to_owned(), code.to_owned())];
            let totals = &body["totals"];
            for (field, of) in [("net", "net"), ("vat_total", "vat"), ("gross", "gross")] {
                assert_eq!(totals[field], expected[of], "{period} {code} {field}");
            }
            let usage = body["lines"].as_array().unwrap().iter();
            let usage = usage.filter(|line| line["kind"] == "usage").collect::<Vec<_>>();
            if expected["quantity"] == "0" {
                assert!(usage.is_empty(), "{period} {code}: {usage:?}");
            } else {
                assert_eq!(usage[0]["quantity"], expected["quantity"], "{period} {code}");
                let price = expected["unit_price"].as_str().unwrap().trim_end_matches('0');
                assert_eq!(usage[0]["unit_price"], price, "{period} {code}");
            }
            numbers.push(document["number"].as_str().unwrap().to_owned());
        }
    }
    numbers.sort();
    let all: Vec<_> = (1..=207).map(|nth| format!("FA-2026-{nth:06}")).collect();
    assert_eq!(numbers, all);
    let verified = real.server.palier(["verify", "--pole", &real.pole.code, "--json"]).success();
    let verified: Value = serde_json::from_str(&verified).unwrap();
    assert_eq!((&verified["documents"], &verified["faults"]), (&json!(207), &json!([])));
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().to_str().unwrap();
    let export = ["fec", "export", "--pole", &real.pole.code, "--year", "2026", "--to", to];
    real.server.palier(export).success();
    let file = folder.path().join("732829320FEC20261231.txt");
    real.server.palier(["fec", "check", file.to_str().unwrap()]).success();
    let lines = fs::read_to_string(&file).unwrap();
    // A line for the customer, one or two for the revenue, one for VAT; and the header.
    assert!(lines.lines().count() > 3 * 207, "{}", lines.lines().count());
    assert!(lines.contains("706100\tCalcul"), "{lines:.400}");
}
