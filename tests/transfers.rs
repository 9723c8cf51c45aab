//! Money that goes out without anybody between a pole and its bank: what providers bill, the accounts that
//! they are paid to, files of transfers, what the bank answers, and what its statements tell.
#![expect(clippy::arithmetic_side_effects, reason = "an overflow fails the test, as it should")]

mod accounts;
mod answers;
mod bills;
mod credits;
mod files;
mod killed;
mod statements;

use std::collections::BTreeMap;

use palier_tests::Engine;
use serde_json::{Value, json};

use crate::invoices::setting::Small;

const MESO_IBAN: &str = "FR7630006000011234567890189";

/// A pole that buys of one provider, `Méso`. It is Tuesday, 1 February 2028, on the server; commands say when
/// they are run.
struct Setting {
    small: Small,
    /// The provider.
    meso: String,
}

impl Setting {
    #[track_caller]
    fn new(engine: Engine) -> Self {
        let small = Small::new(engine, &[json!({ "kind": "recurring", "amount": "100" })]);
        let meso = small.finance.get(&small.at("providers")).expect(200).string("/data/0/id");
        Self { small, meso }
    }

    /// With an account of the provider's that is confirmed.
    #[track_caller]
    fn with_account(engine: Engine) -> Self {
        let setting = Self::new(engine);
        setting.give(MESO_IBAN);
        setting.confirm(MESO_IBAN);
        setting
    }

    /// With two bills of 1,200.00 and 60.00, due on the 4th and the 6th, which is a Sunday.
    #[track_caller]
    fn billed(engine: Engine) -> Self {
        let setting = Self::with_account(engine);
        let lines = json!([{ "net": "1000.00", "rate_percent": "20" }]);
        setting.bill("2028-0118", "2028-02-04", &lines);
        setting.bill("2028-0119", "2028-02-06", &json!([{ "net": "50.00", "rate_percent": "20" }]));
        setting
    }

    fn bills(&self) -> String {
        format!("providers/{}/bills", self.meso)
    }

    /// Records a bill of the provider's, of 15 January.
    #[track_caller]
    fn bill(&self, number: &str, due_on: &str, lines: &Value) -> Value {
        let body = json!({
            "number": number, "issued_on": "2028-01-15", "due_on": due_on, "lines": lines,
        });
        self.post(&self.bills(), 201, body)
    }

    /// Gives an account of the provider's.
    #[track_caller]
    fn give(&self, iban: &str) -> Value {
        let account = json!({ "name": "Mésocentre", "iban": iban });
        self.post(&format!("providers/{}/accounts", self.meso), 201, account)
    }

    /// Confirms it, as whoever runs the deployment.
    #[track_caller]
    fn confirm(&self, iban: &str) {
        let told = ["payments", "confirm", "Méso", "--iban", iban, "--pole", &self.small.pole.code];
        assert_eq!(self.small.server.palier(told).success(), "Méso is paid to it from now on\n");
    }

    #[track_caller]
    fn list(&self, what: &str) -> Vec<Value> {
        let listed = self.small.finance.get(&self.small.at(what)).expect(200).json();
        listed["data"].as_array().unwrap().clone()
    }

    #[track_caller]
    fn post(&self, what: &str, status: u16, body: Value) -> Value {
        self.small.finance.post(&self.small.at(what), body).expect(status).json()
    }

    #[track_caller]
    fn plan(&self, due_by: &str) -> Value {
        self.post("transfers/plan", 200, json!({ "due_by": due_by }))
    }

    /// Makes a file of what is planned up to 4 February.
    #[track_caller]
    fn file(&self) -> Value {
        self.post("transfer-files", 201, json!({ "execute_by": "2028-02-04" }))
    }

    #[track_caller]
    fn content(&self, file: &Value) -> String {
        let at = format!("transfer-files/{}/content", file["id"].as_str().unwrap());
        self.small.finance.get(&self.small.at(&at)).expect(200).text().to_owned()
    }

    /// Reference, status and day of all transfers, in the order of these.
    #[track_caller]
    fn transfers(&self) -> Vec<String> {
        let text = |it: &Value, name: &str| it[name].as_str().unwrap().to_owned();
        let line =
            |it: &Value| ["reference", "status", "execute_on"].map(|name| text(it, name)).join(" ");
        let mut lines: Vec<_> = self.list("transfers").iter().map(line).collect();
        lines.sort_unstable();
        lines
    }

    /// The transfer of a reference with this status.
    #[track_caller]
    fn transfer(&self, reference: &str, status: &str) -> Value {
        let found = self.list(&format!("transfers?status={status}"));
        let mut found: Vec<_> =
            found.into_iter().filter(|it| it["reference"] == reference).collect();
        assert_eq!(found.len(), 1, "{found:?}");
        found.remove(0)
    }

    /// Numbers and statuses of the provider's bills.
    #[track_caller]
    fn statuses(&self) -> Vec<String> {
        let text = |it: &Value, name: &str| it[name].as_str().unwrap().to_owned();
        let bills = self.list(&self.bills());
        bills.iter().map(|it| format!("{} {}", text(it, "number"), text(it, "status"))).collect()
    }

    /// Runs a command of `palier payments` at an instant; what it says.
    #[track_caller]
    fn payments(&self, now: &str, command: &[&str]) -> Value {
        let told = ["--json", "--pole", &self.small.pole.code, "--now", now];
        let told = [&["payments"], command, &told].concat();
        let said = self.small.server.palier(told).success();
        serde_json::from_str(&said).unwrap()
    }

    /// What accounts stand at after February 2028, but those at nothing.
    #[track_caller]
    fn balance(&self) -> BTreeMap<String, String> {
        let at = self.small.at("reports/trial-balance?period=2028-02");
        let report = self.small.finance.get(&at).expect(200).json();
        let text = |it: &Value, name: &str| it[name].as_str().unwrap().to_owned();
        let accounts = report["accounts"].as_array().unwrap().iter();
        let accounts = accounts.map(|it| (text(it, "account"), text(it, "closing")));
        accounts.filter(|(_, sum)| sum != "0.00").collect()
    }

    /// The same as it is expected.
    #[track_caller]
    fn stands_at(&self, expected: &[(&str, &str)]) {
        let expected: BTreeMap<_, _> = expected
            .iter()
            .map(|(account, sum)| ((*account).to_owned(), (*sum).to_owned()))
            .collect();
        assert_eq!(self.balance(), expected);
        assert_eq!(self.small.faults(), [""; 0]);
    }
}

/// Places and codes of what is wrong.
fn wrong(problem: &Value) -> Vec<String> {
    let errors = problem["errors"].as_array().unwrap().iter();
    let errors = errors.map(|it| {
        let at = it["pointer"].as_str().unwrap_or("");
        format!("{at} {}", it["code"].as_str().unwrap())
    });
    errors.collect()
}
