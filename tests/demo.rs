//! `palier demo`

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use palier_tests::{Client, Finished, palier, workspace};
use serde_json::{Value, json};

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
    // Two months that are over and one that goes on, each with usage.
    for (from, to) in [("09", "10"), ("10", "11"), ("11", "12")] {
        let month = format!("from=2026-{from}-01T00:00:00Z&to=2026-{to}-01T00:00:00Z");
        let events = demo.get("finance", &format!("usage/events?limit=200&{month}"));
        assert!(events["data"].as_array().unwrap().len() > 150, "{month}");
    }
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

/// The README's tour, command by command; what `jq` prints is put together here.
#[test]
fn the_readme_shows_what_it_answers() {
    let demo = Demo::start();
    let readme = std::fs::read_to_string(workspace().join("README.md")).unwrap();
    let shows = |lines: &[&Value]| {
        let lines: Vec<_> = lines.iter().map(ToString::to_string).collect();
        let lines = format!("\n{}\n```\n", lines.join("\n"));
        assert!(readme.contains(&lines), "not in the README:{lines}");
    };
    let (shown, _) = demo.printed.split_once("Tokens").unwrap();
    assert!(readme.contains(shown), "{shown}");

    let compute = demo.client.get("/v1/poles/demo/catalogue/compute").expect(200).json();
    let (price, next) = (&compute["tariff"]["price"]["text"], &compute["next_tariff"]);
    shows(&[&compute["name"], price, &next["effective_from"]]);

    let quotes = format!("/v1/poles/demo/services/{}/quotes", compute["id"].as_str().unwrap());
    assert!(readme.contains(&quotes), "{quotes}");
    let pool = json!({ "pool": { "members": [
        { "member": "forge", "quantity": "36000" }, { "member": "usine", "quantity": "24000" },
    ] } });
    let quote = demo.client.post(&quotes, pool).expect(200).json();
    shows(&[&quote["amounts"], &quote["savings"], &quote["periods"][0]["unit_price"]]);

    let member = &demo.get("member_admin", "members")["data"][0];
    let fields = ["code", "name", "siren", "vat_regime"].map(|name| (name, member[name].clone()));
    shows(&[&fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()]);

    let admin = demo.client.with_token(&demo.tokens["pole_admin"]);
    let french = admin.with_header("accept-language", "fr");
    let wrong = json!({ "code": "m41", "name": "Forge", "siren": "732829321", "foo": 1 });
    let problem = french.post("/v1/poles/demo/members", wrong).expect(422).problem();
    let errors: Vec<_> = problem["errors"].as_array().unwrap().iter().collect();
    shows(&errors);
}

#[test]
fn the_readme_shows_what_comes_of_real_files() {
    let Some(folder) = crate::invoices::real::data() else { return };
    let readme = std::fs::read_to_string(workspace().join("README.md")).unwrap();
    let (_, shown) = readme.split_once("$ palier demo --from-files").unwrap();
    let (_, shown) = shown.split_once('\n').unwrap();
    let (shown, _) = shown.split_once("```").unwrap();
    let printed = Finished::from(command().arg("--from-files").arg(folder).arg("--no-serve"));
    // Thousands are kept together by blanks that a reader of the README does not see.
    assert_eq!(printed.success().replace('\u{a0}', " "), shown);
}

#[test]
fn files_that_cannot_be_read_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let told = |folder: &std::path::Path| {
        Finished::from(command().arg("--from-files").arg(folder)).failure(2)
    };
    let missing = told(folder.path());
    assert!(missing.contains("members.csv"), "{missing}");
    let members = "code,name,address,postcode,city,country\nm1,Usine,1 rue X,1000,Bruxelles,BE\n";
    std::fs::write(folder.path().join("members.csv"), members).unwrap();
    let missing = told(folder.path());
    assert!(missing.contains("expected a file usage….csv.gz"), "{missing}");
}
