//! A pole whose members use services, and the events that they report.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

use palier_tests::{Builder, Pole, Server};
use serde_json::{Value, json};

use crate::posts::Posts;
use crate::sql::Sql;

/// What its clock says when a server starts.
pub(crate) const NOW: &str = "2026-09-30T12:00:00Z";
/// Microseconds of the instant at which what is reported begins, and what is there before ends.
const BEGIN: u64 = 1_789_862_400_000_000;
/// How far apart events are.
const STEP_MICROS: u64 = 1_000;

/// A server, a pole with members that are all subscribed to all its services, and a key.
pub(crate) struct UsagePole {
    pub(crate) server: Server,
    pub(crate) pole: Pole,
    /// An API key that may report usage.
    pub(crate) key: String,
    pub(crate) members: u64,
    pub(crate) services: Vec<String>,
}

impl UsagePole {
    pub(crate) fn start(server: Builder, members: u64, services: u64) -> Self {
        let server = server.now(NOW).start();
        let pole = Pole::new(&server);
        let mut made = Self { server, pole, key: String::new(), members, services: Vec::new() };
        let key =
            json!({ "name": "Load", "scopes": ["usage:write", "catalogue:read", "usage:read"] });
        made.key = made.make("api-keys", key, "/key");
        for nth in 0..members {
            made.make("members", member(nth), "/id");
        }
        let provider = json!({ "name": "Mésocentre", "contact": { "email": "a@b.example" } });
        let provider = made.make("providers", provider, "/id");
        for nth in 0..services {
            let service = made.service(&provider, nth);
            made.services.push(service);
        }
        made.subscribe();
        made
    }

    fn service(&self, provider: &str, nth: u64) -> String {
        let service = json!({
            "code": format!("s{nth:02}"), "provider": provider, "name": { "fr": "Calcul" },
            "category": "calcul",
        });
        let service = self.make("services", service, "/id");
        let meter = json!({ "code": format!("hours-{nth:02}"), "dimensions": ["queue"] });
        self.make(&format!("services/{service}/meters"), meter, "/id");
        let tariff = json!({
            "name": "2026", "effective_from": "2026-01-01",
            "document": { "charges": [{
                "kind": "usage", "model": "graduated", "scope": "pool",
                "meter": format!("hours-{nth:02}"),
                "tiers": [{ "up_to": "10000", "unit_amount": "0.08" }, { "unit_amount": "0.03" }],
            }] },
        });
        self.make(&format!("services/{service}/tariffs"), tariff, "/id");
        self.pole.publish(&self.at(&format!("services/{service}")));
        service
    }

    /// Subscribes everybody to everything: the first of all through the API, the others as it is.
    fn subscribe(&self) {
        let members = self.pole.admin.get(&self.at("members?limit=1&code=m0000")).expect(200);
        let Some(service) = self.services.first() else { return };
        let subscription = json!({ "service": service, "first_day": "2026-09-01" });
        let path = format!("members/{}/subscriptions", members.string("/data/0/id"));
        self.make(&path, subscription, "/id");
        Sql::open(self.server.database_url()).run(
            "INSERT INTO subscriptions (pole_id, subscription_id, member_id, service_id, tariff_id, \
                first_day, last_day, weight_micros, minimum_amount_minor, version, created_at, \
                updated_at, tier_mails) \
             SELECT s.pole_id, \
                'sub_' || substr(m.member_id, 5, 20) || substr(v.service_id, 25), m.member_id, \
                v.service_id, s.tariff_id, s.first_day, s.last_day, s.weight_micros, \
                s.minimum_amount_minor, s.version, s.created_at, s.updated_at, s.tier_mails \
             FROM subscriptions s JOIN members m ON m.pole_id = s.pole_id \
                JOIN services v ON v.pole_id = s.pole_id \
             WHERE NOT (m.member_id = s.member_id AND v.service_id = s.service_id)",
        );
    }

    /// Requests of so many events each, to this server.
    pub(crate) fn posts(&self, size: u64, clients: u32) -> Posts {
        let url = self.server.url();
        let address = url.trim_start_matches("http://");
        let head = format!(
            "POST {} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {}\r\n\
             content-type: application/json\r\n",
            self.at("usage"),
            self.key
        );
        let address = address.parse().expect("an address");
        Posts { address, process: self.server.process_id(), head, size, clients }
    }

    /// Posts it, and gives back what stands at a pointer into the answer.
    pub(crate) fn make(&self, what: &str, body: Value, pointer: &str) -> String {
        self.pole.admin.post(&self.at(what), body).expect(201).string(pointer)
    }

    pub(crate) fn at(&self, what: &str) -> String {
        format!("/v1/poles/{}/{what}", self.pole.code)
    }

    /// Has one event of each member and queue counted, so that all series are numbered.
    pub(crate) fn number_series(&self) {
        let events: Vec<Value> = (0..self.members * 2)
            .map(|nth| {
                let mut event = json!({
                    "id": format!("first-{nth}"), "member": format!("m{:04}", nth / 2),
                    "meter": "hours-00", "time": "2026-09-01T10:00:00Z", "quantity": "1",
                });
                event["properties"] = json!({ "queue": queue(nth) });
                event
            })
            .collect();
        self.pole.admin.post(&self.at("usage"), json!(events)).expect(200);
    }

    /// Fills the tables with events that happened before what is reported, and the days with what
    /// they add up to: what `palier usage verify` finds as it should be.
    pub(crate) fn prefill(&self, events: u64) {
        if events == 0 {
            return;
        }
        eprintln!("storing {events} events before, on {:?}", self.server.engine());
        Sql::open(self.server.database_url()).prefill(events, BEGIN);
    }
}

/// A company with a SIREN of its own, whose last digit is right.
fn member(nth: u64) -> Value {
    let digits = 40_000_000 + nth * 7;
    // From the right, of nine digits with the check digit last: each second one is doubled.
    let sum: u64 = (0..8)
        .map(|place| {
            let digit = digits / 10_u64.pow(place) % 10;
            if place % 2 == 0 { digit * 2 / 10 + digit * 2 % 10 } else { digit }
        })
        .sum();
    json!({
        "code": format!("m{nth:04}"), "name": format!("Forge {nth} SAS"),
        "siren": format!("{digits}{}", (10 - sum % 10) % 10),
        "address": {
            "lines": ["36 rue de l’Atelier"], "postcode": "69007", "city": "Lyon", "country": "FR",
        },
    })
}

const fn queue(nth: u64) -> &'static str {
    if nth.is_multiple_of(2) { "cpu" } else { "gpu" }
}

/// Whether ids come in an order or in none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ids {
    Ordered,
    Random,
}

/// Events one after the other, each with an id and a time of its own.
pub(crate) struct Events {
    ids: Ids,
    members: u64,
    next: AtomicU64,
}

/// An event as the database has it.
pub(crate) struct Raw {
    pub(crate) id: String,
    pub(crate) at: i64,
    pub(crate) series: i64,
}

impl Events {
    /// Events that have not been before: runs begin where others ended.
    pub(crate) fn of(ids: Ids, members: u64, first: u64) -> Self {
        Self { ids, members, next: AtomicU64::new(first) }
    }

    /// How many there were.
    pub(crate) fn given(&self) -> u64 {
        self.next.load(Ordering::Relaxed)
    }

    fn take(&self, count: u64) -> std::ops::Range<u64> {
        let first = self.next.fetch_add(count, Ordering::Relaxed);
        first..first + count
    }

    /// The next so many of them, as a body: one alone, or a list.
    pub(crate) fn write(&self, count: u64, body: &mut String) {
        body.clear();
        if count > 1 {
            body.push('[');
        }
        for (place, nth) in self.take(count).enumerate() {
            if place > 0 {
                body.push(',');
            }
            let millis = (BEGIN / 1_000 + nth) % 86_400_000;
            let (seconds, milli) = (millis / 1_000, millis % 1_000);
            write!(
                body,
                "{{\"id\":\"{:016x}\",\"member\":\"m{:04}\",\"meter\":\"hours-00\",\
                 \"time\":\"2026-09-{:02}T{:02}:{:02}:{:02}.{milli:03}Z\",\"quantity\":\"1.25\",\
                 \"properties\":{{\"queue\":\"{}\"}}}}",
                self.id(nth),
                nth / 2 % self.members,
                20 + nth / 86_400_000,
                seconds / 3_600,
                seconds / 60 % 60,
                seconds % 60,
                queue(nth),
            )
            .expect("writing to a string");
        }
        if count > 1 {
            body.push(']');
        }
    }

    /// The same, as rows, in the order of their key.
    pub(crate) fn rows(&self, count: u64) -> Vec<Raw> {
        self.take(count)
            .map(|nth| Raw {
                id: format!("{:016x}", self.id(nth)),
                at: (BEGIN + nth * STEP_MICROS).cast_signed(),
                series: (nth % (2 * self.members)).cast_signed() + 1,
            })
            .collect()
    }

    /// The id of an event: its number, or that scattered (the finaliser of splitmix64).
    const fn id(&self, nth: u64) -> u64 {
        if matches!(self.ids, Ids::Ordered) {
            return nth;
        }
        let mut mixed = nth.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}
