//! A pole that suspends services after formal notice, and a provider that is told.

use std::thread;
use std::time::Duration;

use palier_tests::webhook::Hook;
use palier_tests::{Builder, Engine, Finished, Server, wait_for};
use serde_json::{Value, json};

use crate::dunning::setting::Setting;

/// The day of the formal notices.
pub(super) const NOTICE: &str = "2026-04-03";
/// The day that they announced.
pub(super) const ANNOUNCED: &str = "2026-04-18";

/// How long the provider may take to answer, in milliseconds: it is told once, however busy the machine is.
const PATIENCE: &str = "30000";

/// The setting of letters, with one server on its database. It is the day of the formal notices, which went
/// out at ten.
pub(super) struct House {
    pub(super) setting: Setting,
    pub(super) provider: String,
    pub(super) hook: Hook,
    pub(super) secret: String,
    /// When it is for commands: what the server was told last.
    now: String,
}

/// Waits for longer than it takes to look at what is due, or over.
pub(super) fn rest() {
    thread::sleep(Duration::from_secs(7));
}

impl House {
    pub(super) fn new(engine: Engine) -> Self {
        Self::with(engine, &json!({ "after_days": 15, "minimum": "100.00" }))
    }

    /// With this rule.
    pub(super) fn with(engine: Engine, rule: &Value) -> Self {
        let setting = Setting::new(engine);
        let small = &setting.small;
        let provider = small.finance.get(&small.at(&format!("services/{}", small.service)));
        let provider = provider.expect(200).string("/provider");
        let hook = Hook::start();
        let mut house = Self { setting, provider, hook, secret: String::new(), now: String::new() };
        house.serve("2026-04-03T11:00:00Z");
        let endpoint = house.at(&format!("providers/{}/webhook-endpoint", house.provider));
        let any = house.setting.small.finance.with_header("if-match", "*");
        let made = any.put(&endpoint, json!({ "url": house.hook.url() })).expect(200);
        house.secret = made.string("/secret");
        let schedule = json!({ "reminder": 7, "formal_notice": 30 });
        house.setting.settings(json!({ "schedule": schedule, "suspension": rule }));
        house.setting.run("2026-03-11T10:00:00Z");
        assert_eq!(house.setting.run("2026-04-03T10:00:00Z").len(), 2);
        house
    }

    /// Serves at another instant.
    pub(super) fn serve(&mut self, now: &str) {
        if self.now.is_empty() {
            let patient = |server: Builder| server.now(now).env("PALIER_TEST_PATIENCE", PATIENCE);
            self.setting.small.alone(patient);
        } else {
            self.setting.small.server.restart_at(now);
        }
        now.clone_into(&mut self.now);
    }

    /// Another server on the same database.
    pub(super) fn another(&self, now: &str) -> Server {
        let server = &self.setting.small.server;
        let other = Server::builder(server.engine()).database(server.database_url()).now(now);
        other.env("PALIER_TEST_PATIENCE", PATIENCE).start()
    }

    pub(super) fn at(&self, what: &str) -> String {
        self.setting.small.at(what)
    }

    #[track_caller]
    pub(super) fn get(&self, what: &str) -> Value {
        self.setting.small.finance.get(&self.at(what)).expect(200).json()
    }

    /// Runs a command of `palier dunning`.
    pub(super) fn command(&self, told: &[&str]) -> Finished {
        let (which, more) = told.split_first().unwrap();
        let of = ["dunning", which, "--pole", &self.setting.small.pole.code, "--now", &self.now];
        self.setting.small.server.palier([&of, more].concat())
    }

    #[track_caller]
    pub(super) fn list(&self, query: &str) -> Vec<Value> {
        let listed = self.get(&format!("dunning/suspensions{query}"));
        listed["data"].as_array().unwrap().clone()
    }

    /// Suspends the services of a member by hand.
    #[track_caller]
    pub(super) fn suspend(&self, member: &str) -> Value {
        let asked = json!({ "member": self.setting.small.members[member], "reason": "Un essai" });
        let at = self.at("dunning/suspensions");
        self.setting.small.finance.post(&at, asked).expect(201).json()
    }

    /// The suspension of a member, once it has begun by itself: there is no other.
    #[track_caller]
    pub(super) fn suspended(&self, member: &str) -> Value {
        let begun = || self.list("?open=true").pop();
        let begun = wait_for(Duration::from_mins(2), begun);
        let begun =
            begun.unwrap_or_else(|| panic!("nobody is: {}", self.setting.small.server.log()));
        assert_eq!(begun["member"], self.setting.small.members[member]);
        assert_eq!(self.list("?open=true").len(), 1);
        begun
    }

    /// How the last suspension of a member ended, once it has.
    #[track_caller]
    pub(super) fn lifted(&self, member: &str) -> Value {
        let query = format!("?member={}", self.setting.small.members[member]);
        let lifted = || self.list(&query).pop().and_then(|it| it.get("lifted").cloned());
        let lifted = wait_for(Duration::from_mins(2), lifted);
        lifted.unwrap_or_else(|| panic!("it goes on: {}", self.setting.small.server.log()))
    }

    /// Whether a member may use the service.
    #[track_caller]
    pub(super) fn entitlement(&self, member: &str) -> Value {
        let service = &self.setting.small.service;
        self.get(&format!("services/{service}/entitlements/{member}"))
    }

    /// Leaves the document of a member alone.
    #[track_caller]
    pub(super) fn pause(&self, member: &str) {
        let document = self.setting.document(member);
        let at = self.at(&format!("dunning/invoices/{document}/pause"));
        self.setting.small.finance.post(&at, json!({ "reason": "Litige" })).expect(200);
    }

    /// What the provider was told, from the latest on.
    #[track_caller]
    pub(super) fn deliveries(&self) -> Vec<Value> {
        let listed = self.get(&format!("providers/{}/webhook-deliveries", self.provider));
        listed["data"].as_array().unwrap().clone()
    }

    /// The last delivery, once it stands like this.
    #[track_caller]
    pub(super) fn delivery(&self, is_so: impl Fn(&Value) -> bool) -> Value {
        let there = || self.deliveries().into_iter().next().filter(&is_so);
        wait_for(Duration::from_mins(3), there)
            .unwrap_or_else(|| panic!("not so: {:?}", self.deliveries()))
    }
}
