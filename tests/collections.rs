//! Direct debits without anybody between a pole and its bank: mandates, what is planned, files for the bank,
//! what it answers, and what its statements tell.
#![expect(clippy::arithmetic_side_effects, reason = "an overflow fails the test, as it should")]

pub(crate) mod answers;
mod files;
mod means;
mod planning;
mod settings;
pub(crate) mod statements;

use palier_tests::Engine;
use serde_json::{Value, json};

use crate::invoices::setting::Small;
use crate::people::new_email;

const FORGE_IBAN: &str = "FR7630006000011234567890189";
const USINE_IBAN: &str = "DE89370400440532013000";
/// What the pole's collection settings name.
const ICS: &str = "FR72ZZZ123456";

/// A pole whose members owe it 120.00 each since 4 March 2026 and debit them by a day's notice. It is
/// Tuesday, 1 February 2028, on the server; commands say when they are run.
pub(crate) struct Setting {
    pub(crate) small: Small,
    /// Where each is written to.
    pub(crate) forge: String,
    pub(crate) usine: String,
}

impl Setting {
    #[track_caller]
    fn new(engine: Engine) -> Self {
        let small = Small::new(engine, &[json!({ "kind": "recurring", "amount": "100" })]);
        let (forge, usine) = (new_email(), new_email());
        for (code, email, language) in [("forge", &forge, "fr"), ("usine", &usine, "en")] {
            let change = json!({ "billing_contact": { "email": email }, "language": language });
            small.patch(&format!("members/{}", small.members[code]), change);
        }
        let mut silent = crate::invoices::real::settings();
        silent["mail_documents"] = false.into();
        small.put("billing-settings", silent);
        for command in ["run", "finalise"] {
            let now = ["--now", "2026-02-02T10:00:00Z"];
            small.try_invoices(&[&[command], &now[..]].concat(), "2026-01").success();
        }
        let setting = Self { small, forge, usine };
        setting.collect_by(json!({ "notice_days": 1 }), &[3, 7]);
        setting
    }

    /// With the mandates of both members, `forge` under CORE and `usine` under B2B.
    #[track_caller]
    pub(crate) fn signed(engine: Engine) -> Self {
        let setting = Self::new(engine);
        setting.sign("forge", FORGE_IBAN, json!({ "reference": "RUM-FORGE-1" }));
        setting.sign("usine", USINE_IBAN, json!({ "scheme": "b2b" }));
        setting
    }

    /// Sets how it debits accounts, and when it tries again.
    #[track_caller]
    fn collect_by(&self, mut debit: Value, retry_days: &[u16]) {
        debit["creditor_id"] = ICS.into();
        let settings = json!({ "retry_days": retry_days, "direct_debit": debit });
        self.small.put("collection-settings", settings);
    }

    /// Records a mandate of a member, with more to say of it.
    #[track_caller]
    fn sign(&self, member: &str, iban: &str, mut more: Value) -> String {
        let id = &self.small.members[member];
        for (field, value) in [
            ("member", json!(id)),
            ("scheme", json!("core")),
            ("signed_on", json!("2026-01-12")),
            ("debtor", json!(format!("Société {member}"))),
            ("iban", json!(iban)),
        ] {
            if more.get(field).is_none() {
                more[field] = value;
            }
        }
        let made = self.small.finance.post(&self.small.at("payment-means"), more);
        made.expect(201).string("/id")
    }

    /// Everything of a list.
    #[track_caller]
    pub(crate) fn list(&self, what: &str) -> Vec<Value> {
        let listed = self.small.finance.get(&self.small.at(what)).expect(200).json();
        listed["data"].as_array().unwrap().clone()
    }

    #[track_caller]
    fn post(&self, what: &str, status: u16, body: Value) -> Value {
        self.small.finance.post(&self.small.at(what), body).expect(status).json()
    }

    /// Member, status, amount and day of all collections, in the order of these.
    #[track_caller]
    fn collections(&self) -> Vec<String> {
        let names = |id: &Value| {
            let found = self.small.members.iter().find(|(_, member)| id == member.as_str());
            found.unwrap().0.clone()
        };
        let line = |it: &Value| {
            let text = |name: &str| it[name].as_str().unwrap().to_owned();
            let (member, status) = (names(&it["member"]), text("status"));
            format!("{member} {status} {} {}", text("amount"), text("collect_on"))
        };
        let mut lines: Vec<_> = self.list("collections?limit=200").iter().map(line).collect();
        lines.sort_unstable();
        lines
    }

    /// The collection of a member with this status.
    #[track_caller]
    fn collection(&self, member: &str, status: &str) -> Value {
        let id = &self.small.members[member];
        let found = self.list(&format!("collections?member={id}&status={status}"));
        assert_eq!(found.len(), 1, "{found:?}");
        found[0].clone()
    }

    #[track_caller]
    pub(crate) fn plan(&self) -> Value {
        self.post("collections/plan", 200, json!({}))
    }

    /// Makes a file of what is planned up to 2 February.
    #[track_caller]
    fn file(&self) -> Value {
        self.post("debit-files", 201, json!({ "collect_by": "2028-02-02" }))
    }

    #[track_caller]
    fn content(&self, file: &Value) -> String {
        let at = format!("debit-files/{}/content", file["id"].as_str().unwrap());
        self.small.finance.get(&self.small.at(&at)).expect(200).text().to_owned()
    }

    /// Runs a command of `palier payments` at an instant; what it says.
    #[track_caller]
    fn payments(&self, now: &str, command: &[&str]) -> Value {
        let told = ["--json", "--pole", &self.small.pole.code, "--now", now];
        let told = [&["payments"], command, &told].concat();
        let said = self.small.server.palier(told).success();
        serde_json::from_str(&said).unwrap()
    }

    /// The payments of a member: kind, method, amount and day.
    #[track_caller]
    fn paid(&self, member: &str) -> Vec<String> {
        let id = &self.small.members[member];
        let line = |it: &Value| {
            let text = |name: &str| it[name].as_str().unwrap().to_owned();
            ["kind", "method", "amount", "paid_on"].map(text).join(" ")
        };
        let mut lines: Vec<_> =
            self.list(&format!("payments?member={id}")).iter().map(line).collect();
        lines.sort_unstable();
        lines
    }

    /// What is open of a member's documents.
    #[track_caller]
    fn open(&self, member: &str) -> Vec<String> {
        let id = &self.small.members[member];
        let items = self.list(&format!("open-items?member={id}"));
        items.iter().map(|it| it["open"].as_str().unwrap().to_owned()).collect()
    }

    #[track_caller]
    fn document(&self, member: &str) -> String {
        let id = &self.small.members[member];
        let items = self.list(&format!("open-items?member={id}"));
        items[0]["invoice"].as_str().unwrap().to_owned()
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
