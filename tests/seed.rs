//! A pole with one of everything in it.

use palier_tests::{Pole, Server};
use serde_json::{Value, json};

/// What there is.
#[derive(Debug)]
pub(crate) struct Seed {
    pub(crate) member: String,
    pub(crate) other_member: String,
    pub(crate) provider: String,
    pub(crate) service: String,
    pub(crate) meter: String,
    pub(crate) subscription: String,
}

/// A member company.
pub(crate) fn member(code: &str, siren: &str) -> Value {
    json!({
        "code": code,
        "name": "Forge du Rhône SAS",
        "siren": siren,
        "address": {
            "lines": ["36 rue de l’Atelier"], "postcode": "69007", "city": "Lyon", "country": "FR",
        },
    })
}

impl Seed {
    #[track_caller]
    pub(crate) fn new(pole: &Pole, _server: &Server) -> Self {
        let at = |what: &str| format!("/v1/poles/{}/{what}", pole.code);
        let once = pole.admin.with_header("idempotency-key", "seed-a-member");
        let first = once.post(&at("members"), member("forge", "732829320")).expect(201);
        let other = pole.admin.post(&at("members"), member("atelier", "552100554")).expect(201);
        let provider = json!({ "name": "Mésocentre", "contact": { "email": "hpc@meso.example" } });
        let provider = pole.admin.post(&at("providers"), provider).expect(201).string("/id");
        let service = json!({
            "code": "compute",
            "provider": provider,
            "name": { "fr": "Calcul intensif", "en": "Computing" },
            "description": { "fr": "Des heures de calcul." },
            "category": "calcul",
            "unit": { "fr": "heure-cœur" },
        });
        let service = pole.admin.post(&at("services"), service).expect(201).string("/id");
        let of_service = |what: &str| at(&format!("services/{service}/{what}"));
        let meter = json!({ "code": "core-hours" });
        let meter = pole.admin.post(&of_service("meters"), meter).expect(201).string("/id");
        pole.admin.post(&of_service("publish"), json!({})).expect(200);
        let member = first.string("/id");
        let subscriptions = at(&format!("members/{member}/subscriptions"));
        let subscription =
            pole.admin.post(&subscriptions, json!({ "service": service })).expect(201);
        Self {
            member,
            other_member: other.string("/id"),
            provider,
            service,
            meter,
            subscription: subscription.string("/id"),
        }
    }
}
