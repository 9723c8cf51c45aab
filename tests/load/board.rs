//! The price board of a service, and whether a member may use it, in a pole of 1,000 members that all
//! use 20 services.

use palier_tests::{Engine, Server};
use serde_json::{Value, json};

use crate::Options;
use crate::client::Target;
use crate::empty::Empty;
use crate::report::{self, Row, name};
use crate::usage_pole::UsagePole;

const MEMBERS: u64 = 1_000;
const SERVICES: u64 = 20;
/// How many events are reported at once.
const TOGETHER: u64 = 5_000;

pub(crate) fn run(options: &Options) {
    let empty = Empty::start(options.workers);
    let engines = options.engines();
    let poles: Vec<_> = engines.map(|engine| start(engine, options)).collect();
    let rows = poles.iter().flat_map(|pole| rows(pole, &empty)).collect();
    report::measure("price board and entitlement, 1,000 members × 20 services", rows, options);
}

/// A pole in which everybody has used everything.
fn start(engine: Engine, options: &Options) -> UsagePole {
    eprintln!("a pole of {MEMBERS} members on {engine:?}");
    let server = Server::builder(engine).arg(format!("--workers={}", options.workers));
    let pole = UsagePole::start(server, MEMBERS, SERVICES);
    let event = |nth: u64| {
        json!({
            "id": format!("use-{nth}"), "member": format!("m{:04}", nth % MEMBERS),
            "meter": format!("hours-{:02}", nth / MEMBERS), "time": "2026-09-10T10:00:00Z",
            "quantity": "12.5", "properties": { "queue": "cpu" },
        })
    };
    for first in (0..MEMBERS * SERVICES).step_by(TOGETHER as usize) {
        let events: Vec<Value> = (first..first + TOGETHER).map(event).collect();
        pole.pole.admin.post(&pole.at("usage"), json!(events)).expect(200);
    }
    pole
}

fn rows(pole: &UsagePole, empty: &Empty) -> Vec<Row> {
    let member = pole.pole.admin.get(&pole.at("members?limit=1&code=m0500")).expect(200);
    let member = member.string("/data/0/id");
    let key = |of: Value| {
        let scopes = ["usage:read", "subscriptions:read"];
        let mut key = json!({ "name": "Load", "scopes": scopes });
        key.as_object_mut().expect("an object").extend(of.as_object().expect("another").clone());
        pole.make("api-keys", key, "/key")
    };
    let (own, staff) = (key(json!({ "member": member })), key(json!({})));
    let service = pole.services.get(7).expect("a service");
    let board = pole.at(&format!("services/{service}/price-board"));
    let entitlement = pole.at(&format!("services/{service}/entitlements/m0500"));
    let row = |who: &str, path: &str, key: &str| {
        let headers = format!("authorization: Bearer {key}\r\naccept: application/json\r\n");
        let url = pole.server.url();
        let address = url.trim_start_matches("http://").parse().expect("an address");
        let target = Target::get(address, pole.server.process_id(), path, &headers);
        Row::new(format!("{who}, {}", name(pole.server.engine())), target, empty.target(&headers))
    };
    vec![
        row("the pole", &board, &pole.key),
        row("a member", &board, &own),
        row("may it be used", &entitlement, &staff),
    ]
}
