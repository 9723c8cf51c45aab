//! `palier members import` and `POST /v1/poles/{pole}/members/import`: one import, two doors.
#![expect(clippy::arithmetic_side_effects, reason = "an overflow fails the test, as it should")]

mod access;
mod crash;
mod faults;
mod files;
mod record;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use palier_tests::{Answer, Client, Finished, Pole, Server, scratch};
use serde_json::{Value, json};
use ureq::http::Method;

const CSV: &str = "text/csv";

const HEADER: &str = "code;name;siren;address;postcode;city;email";
const FORGE: &str = "forge;Forge du Rhône;732829320;36 rue X;69007;Lyon;compta@forge.example";
const USINE: &str = "usine;Usine;404833048;1 rue Y;97200;Fort-de-France;";

/// A file of these lines, under the usual header.
fn file(lines: &[&str]) -> String {
    format!("{HEADER}\n{}\n", lines.join("\n"))
}

/// Sends a file to an address of the import.
#[track_caller]
fn send_to(client: &Client, pole: &Pole, query: &str, kind: &str, file: &[u8]) -> Answer {
    let at = format!("/v1/poles/{}/members/import{query}", pole.code);
    client.with_header("content-type", kind).send(Method::POST, &at, Some(file))
}

/// Imports CSV over HTTP, which must succeed.
#[track_caller]
fn send(pole: &Pole, file: impl AsRef<[u8]>) -> Value {
    send_to(&pole.admin, pole, "", CSV, file.as_ref()).expect(200).json()
}

/// A file in a folder of its own.
fn saved(name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = scratch("import").join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

/// Imports a file by the command.
fn run(server: &Server, pole: &Pole, file: &Path, more: &[&str]) -> Finished {
    let file = file.to_str().unwrap();
    server.palier(["members", "import", file, "--pole", &pole.code].iter().chain(more))
}

/// The same, and what it says as JSON.
#[track_caller]
fn run_json(server: &Server, pole: &Pole, file: &Path, more: &[&str]) -> Value {
    let more: Vec<_> = more.iter().copied().chain(["--json"]).collect();
    serde_json::from_str(&run(server, pole, file, &more).success()).unwrap()
}

/// How many were created, updated and left alone.
fn counts(report: &Value) -> [u64; 3] {
    ["created", "updated", "unchanged"].map(|name| report[name].as_u64().unwrap())
}

#[track_caller]
fn member(pole: &Pole, code: &str) -> Answer {
    let list = format!("/v1/poles/{}/members", pole.code);
    let found = pole.admin.get(&format!("{list}?code={code}")).expect(200);
    pole.admin.get(&format!("{list}/{}", found.string("/data/0/id"))).expect(200)
}

/// All members there are, oldest first.
#[track_caller]
fn members(pole: &Pole) -> Vec<Value> {
    all(pole, &format!("/v1/poles/{}/members", pole.code))
}

/// The whole audit log, newest first.
#[track_caller]
fn log(pole: &Pole) -> Vec<Value> {
    all(pole, &format!("/v1/poles/{}/audit-log", pole.code))
}

#[track_caller]
fn all(pole: &Pole, list: &str) -> Vec<Value> {
    let (mut found, mut query) = (Vec::new(), "?limit=200".to_owned());
    loop {
        let page = pole.admin.get(&format!("{list}{query}")).expect(200).json();
        found.extend(page["data"].as_array().unwrap().iter().cloned());
        let Some(cursor) = page["next_cursor"].as_str() else { return found };
        query = format!("?limit=200&cursor={cursor}");
    }
}

/// A member as the API makes it.
#[track_caller]
fn make(pole: &Pole, more: &Value) -> Answer {
    let mut body = json!({
        "code": "forge", "name": "Forge du Rhône", "siren": "732829320",
        "address": { "lines": ["36 rue X"], "postcode": "69007", "city": "Lyon", "country": "FR" },
    });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    pole.admin.post(&format!("/v1/poles/{}/members", pole.code), body).expect(201)
}

/// A file of so many members, whose names end in a word.
fn large(rows: u32, word: &str) -> String {
    let mut text = format!("{HEADER}\n");
    for row in 0..rows {
        let siren = siren(30_000_000 + row);
        writeln!(text, "c{row};Société {row} {word};{siren};{row} rue X;69007;Lyon;").unwrap();
    }
    text
}

/// A SIREN with its check digit (Luhn).
fn siren(first_eight: u32) -> String {
    let digits = first_eight.to_string();
    let sum: u32 = digits
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, byte)| {
            let digit = u32::from(byte - b'0') * if place % 2 == 0 { 2 } else { 1 };
            digit / 10 + digit % 10
        })
        .sum();
    format!("{digits}{}", (10 - sum % 10) % 10)
}
