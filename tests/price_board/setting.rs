//! A pole whose members use a service that has a meter of every kind, in September and October, when
//! the clocks change.

use palier_tests::{Answer, Client, Engine, Pole, Server, wait_for};
use serde_json::{Value, json};
use std::time::Duration;

use crate::people::at;
use crate::seed::member;

/// When everything is asked: October has an hour more than days, and half a day to go.
pub(crate) const NOW: &str = "2026-10-31T11:00:00Z";

pub(crate) struct Setting {
    pub(crate) server: Server,
    /// Whose database it is: dropped last.
    _september: Server,
    pub(crate) pole: Pole,
    /// Who may do everything, by a key: it outlives sessions.
    pub(crate) staff: Client,
    /// That key.
    pub(crate) secret: String,
    pub(crate) members: Vec<String>,
    pub(crate) service: String,
    pub(crate) provider: String,
}

/// Codes of the members.
pub(crate) const MEMBERS: [&str; 4] = ["forge", "atelier", "usine", "tour"];

impl Setting {
    /// Everybody is subscribed from the first of September, by a tariff of these charges.
    #[track_caller]
    pub(crate) fn new(engine: Engine, charges: &Value) -> Self {
        let mut september = Server::builder(engine).now("2026-09-30T12:00:00Z").start();
        let pole = Pole::new(&september);
        let made = |path: &str, body: Value| pole.admin.post(&at(&pole, path), body).expect(201);
        let scopes = [
            "pole:read",
            "members:read",
            "pole:write",
            "members:write",
            "catalogue:read",
            "catalogue:write",
            "subscriptions:read",
            "subscriptions:write",
            "usage:read",
            "usage:write",
            "invoices:read",
            "keys:write",
            "users:write",
            "payments:read",
            "mails:read",
        ];
        let key = made("/api-keys", json!({ "name": "Staff", "scopes": scopes })).string("/key");
        let contact = json!({ "email": "hpc@meso.example" });
        let provider = made("/providers", json!({ "name": "Méso", "contact": contact }));
        let provider = provider.string("/id");
        let service = made(
            "/services",
            json!({
                "code": "compute", "provider": provider, "name": { "fr": "Calcul" },
                "category": "calcul", "contract_anniversary": "2026-09-01",
            }),
        );
        let service = service.string("/id");
        let of_service = |what: &str| format!("/services/{service}/{what}");
        for meter in [
            json!({ "code": "hours", "dimensions": ["queue"] }),
            json!({ "code": "jobs", "aggregation": "count" }),
            json!({ "code": "peak", "aggregation": "max" }),
            json!({ "code": "users", "aggregation": "unique_count", "property": "user" }),
            json!({ "code": "disk", "aggregation": "latest", "property": "disk" }),
            json!({ "code": "store", "aggregation": "time_weighted_average" }),
        ] {
            made(&of_service("meters"), meter);
        }
        let document = json!({ "charges": charges });
        let tariff =
            json!({ "name": "2026", "effective_from": "2026-01-01", "document": document });
        made(&of_service("tariffs"), tariff);
        pole.publish(&at(&pole, &format!("/services/{service}")));
        let members = MEMBERS.map(|code| {
            let member = made("/members", member(code, "732829320")).string("/id");
            let subscription = json!({ "service": service, "first_day": "2026-09-01" });
            made(&format!("/members/{member}/subscriptions"), subscription);
            member
        });
        september.stop();
        let server = Server::builder(engine).database(september.database_url()).now(NOW).start();
        let staff = server.client().with_token(&key);
        let pole = Pole { admin: staff.clone(), ..pole };
        let members = members.into();
        Self { server, _september: september, pole, staff, secret: key, members, service, provider }
    }

    /// Somebody with a key of a member or of a provider.
    #[track_caller]
    pub(crate) fn key(&self, owner: &str, id: &str) -> Client {
        self.staff.with_token(&self.secret_of(owner, id))
    }

    /// A key of a member or of a provider.
    #[track_caller]
    pub(crate) fn secret_of(&self, owner: &str, id: &str) -> String {
        let scopes = ["usage:read", "subscriptions:read"];
        let key = json!({ "name": "Reader", "scopes": scopes, owner: id });
        self.staff.post(&at(&self.pole, "/api-keys"), key).expect(201).string("/key")
    }

    /// Reports usage: id, member, meter, time, quantity and properties of each.
    #[track_caller]
    pub(crate) fn report(&self, events: &[(&str, &str, &str, &str, &str, Value)]) {
        let events = events.iter().map(|(id, member, meter, time, quantity, properties)| {
            json!({
                "id": id, "member": member, "meter": meter, "time": time, "quantity": quantity,
                "properties": properties,
            })
        });
        let events: Vec<Value> = events.collect();
        self.staff.post(&at(&self.pole, "/usage"), json!(events)).expect(200);
    }

    /// Reports hours of members on the second of October.
    #[track_caller]
    pub(crate) fn hours(&self, usage: &[(&str, &str)]) {
        let id = |member: &str| format!("hours-of-{member}");
        for (member, quantity) in usage {
            let day = "2026-10-02T08:00:00Z";
            self.report(&[(&id(member), *member, "hours", day, *quantity, json!({}))]);
        }
    }

    /// The address of something of the service.
    pub(crate) fn at(&self, what: &str) -> String {
        at(&self.pole, &format!("/services/{}/{what}", self.service))
    }

    /// What somebody is answered, once it is so.
    #[track_caller]
    pub(crate) fn see(&self, client: &Client, what: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        let path = self.at(what);
        let look = || Some(client.get(&path).expect(200).json()).filter(&is_so);
        wait_for(Duration::from_mins(1), look)
            .unwrap_or_else(|| panic!("{what} stays {}", client.get(&path).expect(200).json()))
    }

    /// What somebody is answered to a question about usage.
    #[track_caller]
    pub(crate) fn usage(&self, client: &Client, query: &str) -> Answer {
        client.get(&at(&self.pole, &format!("/usage?{query}")))
    }
}

/// Tiers for hours, as everybody together uses them.
pub(crate) fn tiers() -> Value {
    json!([{
        "name": "Hours", "kind": "usage", "meter": "hours", "model": "graduated",
        "tiers": [
            { "up_to": "100", "unit_amount": "1" }, { "up_to": "300", "unit_amount": "0.8" },
            { "unit_amount": "0.5" },
        ],
    }])
}
