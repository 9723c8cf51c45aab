//! A tenant for one test.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::{Answer, Client, Server};

/// A new pole, and its first admin, signed in.
#[derive(Debug)]
pub struct Pole {
    /// `pol_…`
    pub id: String,
    /// What stands for it in paths.
    pub code: String,
    /// The admin's address.
    pub admin_email: String,
    /// The admin's access token.
    pub token: String,
    /// The admin's client.
    pub admin: Client,
}

impl Pole {
    /// Creates one by the command line.
    #[track_caller]
    pub fn new(server: &Server) -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(1);
        let code = format!("pole-{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let admin_email = format!("admin@{code}.example");
        let name = format!("Pôle {code}");
        let told = ["--code", &code, "--name", &name, "--admin-email", &admin_email, "--json"];
        let printed = server.palier(["poles", "create"].into_iter().chain(told)).success();
        let made: Value = serde_json::from_str(&printed).expect("`--json` prints JSON");
        let text = |pointer| match made.pointer(pointer) {
            Some(Value::String(text)) => text.clone(),
            _ => panic!("no text at {pointer}: {printed}"),
        };
        let sessions = format!("/v1/poles/{code}/sessions/link");
        let session = server.client().post(&sessions, json!({ "token": text("/token") }));
        let token = session.expect(201).string("/access_token");
        let admin = server.client().with_token(&token);
        Self { id: text("/pole/id"), code, admin_email, token, admin }
    }

    /// Gives a service, by its address, a tariff of 15 € a month.
    #[track_caller]
    pub fn price(&self, service: &str) -> Answer {
        let tariff = json!({
            "name": "2026", "effective_from": "2026-01-01",
            "document": { "charges": [{ "kind": "recurring", "amount": "15" }] },
        });
        self.admin.post(&format!("{service}/tariffs"), tariff).expect(201)
    }

    /// Puts a service that has a price into the catalogue, by its address.
    #[track_caller]
    pub fn publish(&self, service: &str) -> Answer {
        self.admin.post(&format!("{service}/publish"), json!({})).expect(200)
    }
}
