//! Documents as files: electronic invoices alone, and Factur-X as it is drawn and kept.
//!
//! `--members N` companies (1,000, if left out) have a document each, of two services that all use together.
//! Each step is a command in a process of its own, whose time and memory are taken; before it, the same is
//! done for a tenth as many, so that memory that grows with their number shows. On SQLite alone: what a
//! document costs is made of what was sealed, without a database.

use palier_tests::{Engine, Server};
use serde_json::{Value, json};

use crate::Options;
use crate::invoicing::{Step, bills};
use crate::usage_pole::UsagePole;

const SERVICES: u64 = 2;
/// How many events are reported at once.
const TOGETHER: u64 = 5_000;

pub(crate) fn run(options: &Options) {
    println!(
        "\ndocuments of {SERVICES} services as files\n\n{:<12}{:<10}{:>10}{:>10}{:>16}{:>12}{:>10}",
        "", "", "documents", "time", "documents/s", "CPU", "memory"
    );
    for members in [u64::from(options.members) / 10, options.members.into()] {
        if members > 0 {
            measure(members);
        }
    }
}

fn measure(members: u64) {
    let pole = closed(members);
    let folder = tempfile::tempdir().expect("a folder");
    let to = folder.path().to_str().expect("its name is a text");
    // UBL is kept by nobody, so that each is written anew.
    let step = Step::of_month(&pole, &["xml", "--syntax", "ubl", "--to", to]);
    let files = std::fs::read_dir(folder.path()).expect("it is there").count() as u64;
    assert_eq!(files, members, "a file for each document");
    step.print(Engine::Sqlite, "XML", files);
    // Both forms, each with its hash into the archive and on disk.
    let step = Step::take(&pole, &["archive"]);
    assert!(step.said.to_string().contains("documents kept"), "{}", step.said);
    step.print(Engine::Sqlite, "Factur-X", members);
}

/// A pole whose documents of a month are final, and drawn by nobody yet: its server has ended.
fn closed(members: u64) -> UsagePole {
    eprintln!("a pole of {members} members");
    let mut pole = UsagePole::start(Server::builder(Engine::Sqlite), members, SERVICES);
    let event = |nth: u64| {
        let (member, service) = (nth % members, nth / members);
        json!({
            "id": format!("use-{nth}"), "member": format!("m{member:04}"),
            "meter": format!("hours-{service:02}"), "time": "2026-09-14T10:00:00Z",
            "quantity": format!("{}.5", member % 40), "properties": { "queue": "cpu" },
        })
    };
    let all = members * SERVICES;
    for first in (0..all).step_by(TOGETHER as usize) {
        let events: Vec<Value> = (first..all.min(first + TOGETHER)).map(event).collect();
        pole.pole.admin.post(&pole.at("usage"), json!(events)).expect(200);
    }
    bills(&pole);
    pole.server.stop();
    for command in ["run", "finalise"] {
        Step::of_month(&pole, &[command, "--json"]);
    }
    pole
}
