//! The public catalogue, which a front end asks for most.

use palier_tests::{Engine, Pole, Server};
use serde_json::json;

use crate::Options;
use crate::client::Target;
use crate::empty::Empty;
use crate::report::{self, Row};

/// As many services as a pole may well have.
const SERVICES: usize = 24;

/// What browsers send, as far as it changes the answer.
const BROWSER: &str = "accept: application/json\r\naccept-encoding: gzip, deflate, br\r\n\
    accept-language: fr-FR,fr;q=0.9,en;q=0.5\r\n";
/// What programs send that do not unpack.
const PLAIN: &str = "accept: application/json\r\n";

pub(crate) fn run(options: &Options) {
    let empty = Empty::start(options.workers);
    let mut rows = Vec::new();
    let engines = options.engines();
    let services: Vec<_> = engines.map(|engine| Service::start(engine, options)).collect();
    for service in &services {
        rows.extend(service.rows(&empty));
    }
    report::measure("catalogue", rows, options);
}

/// A server with a pole whose catalogue is full.
struct Service {
    server: Server,
    pole: Pole,
}

impl Service {
    fn start(engine: Engine, options: &Options) -> Self {
        let server = Server::builder(engine).arg(format!("--workers={}", options.workers)).start();
        let pole = Pole::new(&server);
        let service = Self { server, pole };
        let provider = json!({ "name": "Mésocentre", "contact": { "email": "a@b.example" } });
        let provider = service.make("providers", provider);
        for nth in 0..SERVICES {
            service.publish(&provider, nth);
        }
        service
    }

    fn publish(&self, provider: &str, nth: usize) {
        let service = self.make(
            "services",
            json!({
                "code": format!("service-{nth}"),
                "provider": provider,
                "name": { "fr": format!("Calcul intensif {nth}"), "en": format!("Computing {nth}") },
                "description": { "fr": "Ce que tous partagent.", "en": "What all of them share." },
                "category": "calcul",
                "tags": ["partage", "calcul"],
                "unit": { "fr": "heure", "en": "hour" },
            }),
        );
        let meter = json!({ "code": "hours", "unit": "HUR", "aggregation": "sum" });
        self.make(&format!("services/{service}/meters"), meter);
        let tariff = json!({
            "name": "2026",
            "effective_from": "2020-01-01",
            "document": { "charges": [{
                "kind": "usage", "model": "graduated", "scope": "pool", "meter": "hours",
                "tiers": [{ "up_to": "10000", "unit_amount": "0.08" }, { "unit_amount": "0.03" }],
            }] },
        });
        self.make(&format!("services/{service}/tariffs"), tariff);
        self.pole
            .admin
            .post(&self.at(&format!("services/{service}/publish")), json!({}))
            .expect(200);
    }

    /// Posts it, and gives back its id.
    fn make(&self, what: &str, body: serde_json::Value) -> String {
        self.pole.admin.post(&self.at(what), body).expect(201).string("/id")
    }

    fn at(&self, what: &str) -> String {
        format!("/v1/poles/{}/{what}", self.pole.code)
    }

    fn rows(&self, empty: &Empty) -> [Row; 3] {
        let engine = report::name(self.server.engine());
        let row = |what: &str, path: &str, headers| {
            let url = self.server.url();
            let address = url.trim_start_matches("http://").parse().expect("an address");
            let target = Target::get(address, self.server.process_id(), &self.at(path), headers);
            Row::new(format!("{what}, {engine}"), target, empty.target(headers))
        };
        [
            row("24 services", "catalogue", BROWSER),
            row("24 services, plain", "catalogue", PLAIN),
            row("one service", "catalogue/service-7", BROWSER),
        ]
    }
}
