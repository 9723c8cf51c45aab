//! A pole that meters: two members, subscribed to a service with meters of every kind.

use std::path::{Path, PathBuf};

use palier_tests::{Engine, Finished, Pole, Server, scratch};
use serde_json::{Value, json};

use crate::seed::member;
use crate::sql::Sql;

/// Where the clock stands when a server or a command starts.
pub(crate) const NOW: &str = "2026-09-30T12:00:00Z";

/// A server with such a pole on it. `hours` are added up, by `queue`; `users` are told apart;
/// of `peak`, the largest counts.
pub(crate) struct Metered {
    pub(crate) server: Server,
    pub(crate) pole: Pole,
}

impl Metered {
    pub(crate) fn on(engine: Engine) -> Self {
        let server = Server::builder(engine).now(NOW).start();
        let pole = Pole::new(&server);
        furnish(&pole);
        Self { server, pole }
    }

    /// Runs `palier usage` with these arguments on the pole.
    pub(crate) fn usage(&self, arguments: &[&str]) -> Finished {
        let pole = ["--pole", &self.pole.code];
        self.server.palier(["usage"].iter().chain(arguments).chain(&pole))
    }

    /// Imports a file.
    pub(crate) fn import(&self, file: &Path, more: &[&str]) -> Finished {
        self.usage(&[&["import", file.to_str().unwrap()], more].concat())
    }

    /// Imports a file that is all right; how many events are new, and how many were there.
    #[track_caller]
    pub(crate) fn take_in(&self, file: &Path, more: &[&str]) -> [u64; 2] {
        let said = self.import(file, &[more, &["--json"]].concat());
        assert_eq!(said.stderr, "");
        let said: Value = serde_json::from_str(&said.success()).unwrap();
        ["accepted", "duplicates"].map(|name| said[name].as_u64().unwrap())
    }

    /// Its database, asked directly.
    pub(crate) fn sql(&self) -> Sql {
        Sql::open(self.server.database_url())
    }

    /// The events on record by time and id, as `id member meter micros time properties`.
    #[track_caller]
    pub(crate) fn events(&self) -> Vec<String> {
        self.sql().lines(&format!(
            "SELECT e.event_id || ' ' || m.code || ' ' || t.code || ' ' \
             || CAST(e.quantity_micros AS TEXT) || ' ' || CAST(e.happened_at / 1000000 AS TEXT) \
             || ' ' || e.properties AS line FROM usage_events e \
             JOIN usage_series s ON s.pole_id = e.pole_id AND s.series_id = e.series_id \
             JOIN members m ON m.pole_id = s.pole_id AND m.member_id = s.member_id \
             JOIN meters t ON t.pole_id = s.pole_id AND t.meter_id = s.meter_id \
             WHERE e.pole_id = '{}' ORDER BY e.happened_at, e.event_id",
            self.pole.id
        ))
    }
}

/// Makes a pole one that meters.
#[track_caller]
pub(crate) fn furnish(pole: &Pole) {
    let at = |what: &str| format!("/v1/poles/{}/{what}", pole.code);
    let made = |what: &str, body: Value| pole.admin.post(&at(what), body).expect(201);
    let members = [("forge", "732829320"), ("usine", "404833048")]
        .map(|(code, siren)| made("members", member(code, siren)).string("/id"));
    let provider = json!({ "name": "Méso", "contact": { "email": "hpc@meso.example" } });
    let provider = made("providers", provider).string("/id");
    let service = made(
        "services",
        json!({
            "code": "compute", "provider": provider, "name": { "fr": "Calcul" },
            "category": "calcul",
        }),
    );
    let service = service.string("/id");
    for meter in [
        json!({ "code": "hours", "dimensions": ["queue"] }),
        json!({ "code": "users", "aggregation": "unique_count", "property": "user" }),
        json!({ "code": "peak", "aggregation": "max" }),
    ] {
        made(&format!("services/{service}/meters"), meter);
    }
    pole.price(&at(&format!("services/{service}")));
    pole.publish(&at(&format!("services/{service}")));
    for member in members {
        let subscription = json!({ "service": service, "first_day": "2026-09-01" });
        made(&format!("members/{member}/subscriptions"), subscription);
    }
}

/// A file in a folder of its own.
pub(crate) fn saved(name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = scratch("usage").join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}
