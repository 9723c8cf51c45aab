//! `palier demo`

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use palier_tests::{Client, palier};
use serde_json::Value;

/// A demo that runs, and what it printed.
struct Demo {
    process: Child,
    client: Client,
    printed: String,
    tokens: BTreeMap<String, String>,
}

impl Demo {
    fn start() -> Self {
        let mut process = command().stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut printed = String::new();
        let address = loop {
            let line = lines.next().expect("it prints where it listens").unwrap();
            if let Some(address) = line.strip_prefix("listening on ") {
                break address.to_owned();
            }
            printed += &line;
            printed += "\n";
        };
        let words = printed.lines().filter_map(|line| line.strip_prefix("  ")?.split_once(' '));
        let tokens = words.map(|(role, token)| (role.to_owned(), token.trim().to_owned()));
        Self { process, client: Client::new(&address), tokens: tokens.collect(), printed }
    }

    fn get(&self, role: &str, path: &str) -> Value {
        let client = self.client.with_token(&self.tokens[role]);
        client.get(&format!("/v1/poles/demo/{path}")).expect(200).json()
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

fn command() -> Command {
    let mut command = palier();
    command.args(["demo", "--listen", "127.0.0.1:0", "--log", "warn"]);
    command
}

#[test]
fn it_shows_a_whole_pole_to_every_role() {
    let demo = Demo::start();
    assert!(demo.printed.contains("curl "), "{}", demo.printed);
    let catalogue = demo.client.get("/v1/poles/demo/catalogue").expect(200).json();
    assert_eq!(catalogue["data"].as_array().unwrap().len(), 6);
    let count = |role: &str| demo.get(role, "members?limit=200")["data"].as_array().unwrap().len();
    for role in ["pole_admin", "finance", "auditor"] {
        assert_eq!(count(role), 40, "{role}");
        assert_eq!(demo.get(role, "audit-log/verification")["intact"], true);
    }
    for role in ["member_admin", "member_user"] {
        assert_eq!(count(role), 1, "{role}");
        assert!(!demo.get(role, "subscriptions")["data"].as_array().unwrap().is_empty());
    }
    assert_eq!(demo.get("provider", "services")["data"].as_array().unwrap().len(), 2);
}

#[test]
fn it_is_the_same_every_time() {
    let (one, other) = (Demo::start(), Demo::start());
    for path in ["members?limit=200", "services", "subscriptions?limit=200", "providers"] {
        assert_eq!(one.get("auditor", path), other.get("auditor", path), "{path}");
    }
    let catalogue = |demo: &Demo| demo.client.get("/v1/poles/demo/catalogue").expect(200).json();
    assert_eq!(catalogue(&one), catalogue(&other));
}
