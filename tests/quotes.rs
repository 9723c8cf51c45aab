//! What usage would cost.

mod refused;
mod worked;

use palier_tests::{Answer, Client, Server};
use serde_json::{Value, json};

/// Somebody without a token, at the address where anything is priced.
pub(crate) struct Office {
    client: Client,
    path: String,
}

impl Office {
    /// In a pole of its own.
    pub(crate) fn of(server: &Server) -> Self {
        use std::sync::atomic::{AtomicUsize, Ordering};
        static NUMBER: AtomicUsize = AtomicUsize::new(1);
        let code = format!("quotes-{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let told = ["--code", &code, "--name", &code, "--admin-email", "admin@quotes.example"];
        server.palier(["poles", "create"].iter().chain(&told)).success();
        Self { client: server.client(), path: format!("/v1/poles/{code}/quotes") }
    }

    /// The same, sending a header.
    fn with_header(&self, name: &str, value: &str) -> Self {
        let client = self.client.with_header(name, value);
        Self { client, path: self.path.clone() }
    }

    #[track_caller]
    pub(crate) fn ask(&self, body: Value) -> Answer {
        self.client.post(&self.path, body)
    }

    /// What is wrong with a tariff: pointers within it, and codes.
    #[track_caller]
    pub(crate) fn verdict(&self, tariff: &Value) -> Result<Value, Vec<(String, String)>> {
        let pool = json!({ "members": [{ "member": "a", "usage": [] }] });
        let answer = self.ask(json!({ "tariff": tariff, "pool": pool }));
        if answer.status == 200 {
            return Ok(answer.json());
        }
        let problem = answer.expect(422).problem();
        let faults = problem["errors"].as_array().unwrap().iter().map(|fault| {
            let pointer = fault["pointer"].as_str().unwrap();
            let within = pointer.strip_prefix("/tariff").unwrap_or(pointer);
            (within.to_owned(), fault["code"].as_str().unwrap().to_owned())
        });
        Err(faults.collect())
    }
}
