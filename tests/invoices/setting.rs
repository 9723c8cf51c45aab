//! A small pole that invoices: members of one service, at a price that a test chooses.

use std::collections::BTreeMap;
use std::time::Duration;

use palier_tests::{Builder, Client, Engine, Finished, Pole, Server, wait_for};
use serde_json::{Value, json};

use super::real::settings;
use crate::access::scopes;
use crate::seed::member;
use crate::sql::Sql;

/// The day since which companies are subscribed, and one long after the months that tests close.
const DAYS: [&str; 2] = ["2026-01-01", "2028-02-01"];

/// Two companies, `forge` and `usine`, subscribed to `compute` since January 2026; it is 2028.
pub(crate) struct Small {
    pub(crate) server: Server,
    /// With a key of the pole, on that server.
    pub(crate) finance: Client,
    /// A server on the same database, in whose time companies subscribe: dropped last.
    before: Server,
    /// With the same key on the server before.
    pub(crate) pole: Pole,
    /// The key.
    pub(crate) key: String,
    pub(crate) service: String,
    /// By code.
    pub(crate) members: BTreeMap<String, String>,
    pub(crate) subscriptions: BTreeMap<String, String>,
    /// The day since which they are subscribed, and the tariff is in force.
    since: &'static str,
}

/// 10,000 hours at 0.08 €, and what goes beyond at 0.055 €, by what all use together.
pub(crate) fn graduated() -> Value {
    json!({
        "kind": "usage", "meter": "hours", "scope": "pool", "model": "graduated",
        "tiers": [{ "up_to": "10000", "unit_amount": "0.08" }, { "unit_amount": "0.055" }],
    })
}

/// 15 € a month.
pub(crate) fn fee() -> Value {
    json!({ "kind": "recurring", "amount": "15" })
}

impl Small {
    /// With these charges since January 2026.
    pub(crate) fn new(engine: Engine, charges: &[Value]) -> Self {
        Self::with(engine, &json!({ "charges": charges }), json!({}))
    }

    /// With this tariff since January 2026, and more to say of the service.
    pub(crate) fn with(engine: Engine, tariff: &Value, more: Value) -> Self {
        Self::between(engine, DAYS, tariff, more)
    }

    /// With this tariff since the first of two days; it is the second.
    pub(crate) fn between(
        engine: Engine,
        [since, now]: [&'static str; 2],
        tariff: &Value,
        more: Value,
    ) -> Self {
        let morning = |day: &str| format!("{day}T08:00:00Z");
        let before = Server::builder(engine).now(&morning(since)).start();
        let pole = Pole::new(&before);
        // A key, since sessions and what signs them would have ended by then.
        let key = json!({ "name": "Finance", "scopes": scopes() });
        let key = pole.admin.post(&format!("/v1/poles/{}/api-keys", pole.code), key);
        let key = key.expect(201).string("/key");
        let pole = Pole { admin: before.client().with_token(&key), ..pole };
        let server =
            Server::builder(engine).database(before.database_url()).now(&morning(now)).start();
        let finance = server.client().with_token(&key);
        let provider = json!({ "name": "Méso", "contact": { "email": "hpc@meso.example" } });
        let mut small = Self {
            server,
            finance,
            before,
            pole,
            key,
            service: String::new(),
            members: BTreeMap::new(),
            subscriptions: BTreeMap::new(),
            since,
        };
        let provider = small.made("providers", provider);
        small.service = small.service("compute", &provider, more, tariff);
        for (code, siren) in [("forge", "732829320"), ("usine", "404833048")] {
            small.join(member(code, siren));
        }
        small.put("billing-settings", settings());
        small
    }

    /// The same, with no server on its database but this one, which is told more.
    pub(crate) fn alone(&mut self, server: impl FnOnce(Builder) -> Builder) {
        self.server.stop();
        self.before.stop();
        let engine = self.server.engine();
        let builder = Server::builder(engine).database(self.before.database_url());
        self.server = server(builder).start();
        self.finance = self.server.client().with_token(&self.key);
        self.pole.admin = self.finance.clone();
    }

    /// The same, with nobody on its database any more: for copies of it.
    pub(crate) fn stopped(mut self) -> Self {
        self.server.stop();
        self.before.stop();
        self
    }

    /// Another service, with the meter `hours`, in the catalogue.
    pub(crate) fn service(
        &self,
        code: &str,
        provider: &str,
        mut more: Value,
        tariff: &Value,
    ) -> String {
        more["code"] = code.into();
        more["provider"] = provider.into();
        more["name"] = json!({ "fr": "Calcul" });
        more["category"] = "calcul".into();
        let service = self.made("services", more);
        let of_service = |what: &str| format!("services/{service}/{what}");
        self.made(&of_service("meters"), json!({ "code": "hours", "unit": "HUR" }));
        self.version(&service, self.since, tariff);
        self.pole.publish(&self.at(&format!("services/{service}")));
        service
    }

    /// A tariff from a day on.
    pub(crate) fn version(&self, service: &str, from: &str, tariff: &Value) -> String {
        let version = json!({ "name": from, "effective_from": from, "document": tariff });
        self.made(&format!("services/{service}/tariffs"), version)
    }

    /// A member, subscribed to the first service since January 2026.
    pub(crate) fn join(&mut self, member: Value) {
        let code = member["code"].as_str().unwrap().to_owned();
        let id = self.made("members", member);
        self.members.insert(code.clone(), id);
        let id = self.subscribe(&code, &self.service.clone(), json!({}));
        self.subscriptions.insert(code, id);
    }

    /// Subscribes a member to a service since January 2026, with more to say of it.
    pub(crate) fn subscribe(&self, member: &str, service: &str, mut more: Value) -> String {
        more["service"] = service.into();
        more["first_day"] = self.since.into();
        self.made(&format!("members/{}/subscriptions", self.members[member]), more)
    }

    pub(crate) fn at(&self, what: &str) -> String {
        format!("/v1/poles/{}/{what}", self.pole.code)
    }

    /// Makes something; its id.
    #[track_caller]
    pub(crate) fn made(&self, what: &str, body: Value) -> String {
        self.pole.admin.post(&self.at(what), body).expect(201).string("/id")
    }

    #[track_caller]
    pub(crate) fn put(&self, what: &str, body: Value) {
        self.pole.admin.with_header("if-match", "*").put(&self.at(what), body).expect(200);
    }

    #[track_caller]
    pub(crate) fn patch(&self, what: &str, body: Value) {
        self.pole.admin.with_header("if-match", "*").patch(&self.at(what), body).expect(200);
    }

    /// Changes what was agreed about a member's subscription.
    #[track_caller]
    pub(crate) fn agree(&self, member: &str, terms: Value) {
        let (id, subscription) = (&self.members[member], &self.subscriptions[member]);
        self.patch(&format!("members/{id}/subscriptions/{subscription}"), terms);
    }

    /// Hours of a member, in the middle of a day.
    #[track_caller]
    pub(crate) fn used(&self, id: &str, member: &str, day: &str, hours: &str) {
        let event = json!({ "id": id, "member": member, "meter": "hours", "quantity": hours,
            "time": format!("{day}T10:00:00Z") });
        let report = self.finance.post(&self.at("usage"), event).expect(200).json();
        assert_eq!(report["accepted"], 1, "{report}");
    }

    /// Waits until what was used is added up by day, which whoever has the database open does behind.
    #[track_caller]
    pub(crate) fn folded(&self) {
        let mut sql = self.sql();
        let done = || {
            let left = sql.lines("SELECT CAST(count(*) AS TEXT) AS line FROM usage_deltas");
            (left == ["0"]).then_some(())
        };
        wait_for(Duration::from_mins(1), done).expect("usage is added up");
    }

    /// Says that an event never was.
    #[track_caller]
    pub(crate) fn void(&self, id: &str, day: &str) {
        let void = json!({ "reason": "A mistake.",
            "events": [{ "id": id, "time": format!("{day}T10:00:00Z") }] });
        self.finance.post(&self.at("usage/voids"), void).expect(200);
    }

    /// Runs a command of `palier invoices` for a month.
    pub(crate) fn try_invoices(&self, command: &[&str], period: &str) -> Finished {
        let told = ["--pole", &self.pole.code, "--period", period];
        self.server.palier(["invoices"].iter().chain(command).chain(&told))
    }

    /// Runs one that must succeed; what it says.
    #[track_caller]
    pub(crate) fn invoices(&self, command: &[&str], period: &str) -> Value {
        let said = self.try_invoices(&[command, &["--json"]].concat(), period).success();
        serde_json::from_str(&said).unwrap()
    }

    /// Closes a month; the review.
    #[track_caller]
    pub(crate) fn run(&self, period: &str) -> Value {
        self.invoices(&["run"], period)
    }

    /// Closes a month and makes its documents final; their numbers.
    #[track_caller]
    pub(crate) fn close(&self, period: &str) -> Vec<String> {
        self.run(period);
        let numbers = self.invoices(&["finalise"], period)["numbers"].clone();
        serde_json::from_value(numbers).unwrap()
    }

    /// The documents of a month.
    #[track_caller]
    pub(crate) fn documents(&self, period: &str) -> Vec<Value> {
        let listed = self.try_invoices(&["list", "--json"], period).success();
        listed.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// What the documents of a month bill a member: kind of document, then kind and amount of each
    /// line.
    #[track_caller]
    pub(crate) fn billed(&self, period: &str, member: &str) -> Vec<String> {
        let mut billed = Vec::new();
        for document in self.documents(period) {
            let document = &document["document"];
            if document["buyer"]["code"] != member {
                continue;
            }
            billed.push(document["kind"].as_str().unwrap().to_owned());
            for line in document["lines"].as_array().unwrap() {
                let text = |name: &str| line[name].as_str().unwrap();
                billed.push(format!("{} {}", text("kind"), text("amount")));
            }
        }
        billed
    }

    /// Whether everything is as it should be; what is not.
    pub(crate) fn faults(&self) -> Vec<String> {
        let verified = self.server.palier(["verify", "--pole", &self.pole.code, "--json"]);
        let report: Value = serde_json::from_str(&verified.stdout).unwrap();
        let faults: Vec<String> = serde_json::from_value(report["faults"].clone()).unwrap();
        assert_eq!(verified.status.code(), Some(i32::from(!faults.is_empty())), "{verified}");
        faults
    }

    /// Its database, asked directly.
    pub(crate) fn sql(&self) -> Sql {
        Sql::open(self.server.database_url())
    }
}
