//! A month closed by one person: `palier invoices run` and `finalise`, as finance staff call them.
//!
//! `--members N` companies (1,000, if left out) use 20 services every day of a month: what they used is
//! reported before the clock starts. Then the month is closed, priced and written as drafts, its
//! documents are made final and drawn as PDF, each in a process of its own whose time and memory are taken.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use palier_tests::{Engine, Server};
use serde_json::{Value, json};

use crate::Options;
use crate::process::{cpu_millis, peak_bytes};
use crate::report::name;
use crate::usage_pole::UsagePole;

const SERVICES: u64 = 20;
const DAYS: u64 = 30;
/// How many events are reported at once.
const TOGETHER: u64 = 5_000;
const PERIOD: &str = "2026-09";
/// When it is over.
const ENDED: &str = "2026-10-02T08:00:00Z";

pub(crate) fn run(options: &Options) {
    println!(
        "\na month closed: {} members × {SERVICES} services × {DAYS} days\n\n{:<12}{:<10}{:>10}{:>10}\
         {:>16}{:>12}{:>10}",
        options.members, "", "", "documents", "time", "documents/s", "CPU", "memory"
    );
    for engine in options.engines() {
        let pole = used(engine, options);
        let report = Step::of_month(&pole, &["run", "--json"]);
        let documents = report.said["documents"].as_u64().unwrap_or_default();
        report.print(engine, "run", documents);
        let report = Step::of_month(&pole, &["finalise", "--json"]);
        let documents = report.said["numbers"].as_array().map_or(0, Vec::len) as u64;
        report.print(engine, "finalise", documents);
        let folder = tempfile::tempdir().expect("a folder");
        let to = folder.path().to_str().expect("its name is a text");
        let report = Step::of_month(&pole, &["pdf", "--to", to]);
        let files = std::fs::read_dir(folder.path()).expect("it is there").count() as u64;
        assert_eq!(files, documents, "a file for each document");
        report.print(engine, "pdf", files);
    }
}

/// A pole in which everybody used everything every day, and that has said how it bills.
fn used(engine: Engine, options: &Options) -> UsagePole {
    eprintln!("a pole of {} members on {engine:?}", options.members);
    let server = Server::builder(engine).arg(format!("--workers={}", options.workers));
    let pole = UsagePole::start(server, options.members.into(), SERVICES);
    let members = u64::from(options.members);
    let event = |nth: u64| {
        let (member, service, day) =
            (nth % members, nth / members % SERVICES, nth / members / SERVICES + 1);
        json!({
            "id": format!("use-{nth}"), "member": format!("m{member:04}"),
            "meter": format!("hours-{service:02}"), "time": format!("2026-09-{day:02}T10:00:00Z"),
            "quantity": format!("{}.5", member % 40), "properties": { "queue": "cpu" },
        })
    };
    let all = members * SERVICES * DAYS;
    for first in (0..all).step_by(TOGETHER as usize) {
        let events: Vec<Value> = (first..all.min(first + TOGETHER)).map(event).collect();
        pole.pole.admin.post(&pole.at("usage"), json!(events)).expect(200);
    }
    bills(&pole);
    pole
}

/// Says who the pole is on its documents.
pub(crate) fn bills(pole: &UsagePole) {
    let seller = json!({
        "name": "Association Pôle Calcul", "siren": "732829320", "vat_number": "FR44732829320",
        "address": { "lines": ["1 place du Pôle"], "postcode": "69003", "city": "Lyon",
            "country": "FR" },
    });
    let whatever = pole.pole.admin.with_header("if-match", "*");
    whatever.put(&pole.at("billing-settings"), json!({ "seller": seller })).expect(200);
}

/// What a command took, and said.
pub(crate) struct Step {
    pub(crate) said: Value,
    time: Duration,
    cpu_millis: u64,
    peak_bytes: u64,
}

impl Step {
    /// A command of `palier invoices` for the month.
    pub(crate) fn of_month(pole: &UsagePole, command: &[&str]) -> Self {
        Self::take(pole, &[command, &["--period", PERIOD]].concat())
    }

    /// Any command of `palier invoices`, once the month is over.
    pub(crate) fn take(pole: &UsagePole, command: &[&str]) -> Self {
        let mut palier: Command = pole.server.settled();
        let told = ["--pole", &pole.pole.code, "--now", ENDED];
        palier.arg("invoices").args(command).args(told);
        let begin = Instant::now();
        let mut child = palier.stdout(Stdio::piped()).spawn().expect("the command starts");
        let (mut cpu, mut peak) = (0, 0);
        // It says all at its end, and less than a pipe holds would block it: read beside.
        let mut stdout = child.stdout.take().expect("it is piped");
        let reader = std::thread::spawn(move || std::io::read_to_string(&mut stdout));
        let status = loop {
            cpu = cpu_millis(child.id()).max(cpu);
            peak = peak_bytes(child.id()).max(peak);
            if let Some(status) = child.try_wait().expect("a child of ours") {
                break status;
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        let time = begin.elapsed();
        assert!(status.success(), "palier invoices {command:?}: {status}");
        let said = reader.join().expect("it reads").expect("a text");
        let said = serde_json::from_str(&said).unwrap_or(Value::String(said));
        Self { said, time, cpu_millis: cpu, peak_bytes: peak }
    }

    pub(crate) fn print(&self, engine: Engine, step: &str, documents: u64) {
        let millis = (self.time.as_millis() as u64).max(1);
        println!(
            "{:<12}{step:<10}{documents:>10}{:>8}.{} s{:>16}{:>8}.{} s{:>7} MB",
            name(engine),
            millis / 1_000,
            millis % 1_000 / 100,
            documents * 1_000 / millis,
            self.cpu_millis / 1_000,
            self.cpu_millis % 1_000 / 100,
            self.peak_bytes >> 20,
        );
    }
}
