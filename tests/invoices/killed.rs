//! Runs that end at every place at which a power cut could tell one state from another.
//!
//! The program names these places itself, where it is built with debug assertions: before, within and
//! after each of its transactions, and between its steps.

use std::collections::BTreeSet;

use palier_tests::{Engine, Finished, Server, on_both};
use serde_json::Value;

use super::runs::july;
use crate::sql::Sql;

/// A pole whose month is closed by commands, on a copy of a database.
struct Copy<'p> {
    server: Server,
    pole: &'p str,
}

/// What a month left behind, down to the last byte.
#[derive(Debug, PartialEq)]
struct Books {
    /// Each document with its number, its seal and all it says; not its id, which is drawn by lot.
    documents: Vec<Value>,
    /// The accounting file.
    fec: Vec<u8>,
    /// How many rows each table has: the audit log as well, in which nothing is told twice.
    rows: Vec<String>,
}

impl Copy<'_> {
    /// Runs a command of `palier invoices` on few documents at a time, with an end at the nth place.
    fn invoices(&self, command: &str, at: usize) -> Finished {
        let mut palier = self.server.settled();
        palier.args(["invoices", command, "--pole", self.pole, "--period", "2026-07", "--json"]);
        palier.env("PALIER_TEST_BATCH", "3").env("PALIER_TEST_ABORT_AT", at.to_string());
        Finished::from(&mut palier)
    }

    /// Runs it to its end, and reads the books.
    fn books(&self) -> Books {
        for command in ["run", "finalise"] {
            self.invoices(command, 0).success();
        }
        let pole = ["--pole", self.pole];
        let listed = ["invoices", "list", "--period", "2026-07", "--json"];
        let listed = self.server.palier(listed.iter().chain(&pole)).success();
        let documents = listed.lines().map(|line| {
            let mut document: Value = serde_json::from_str(line).unwrap();
            document.as_object_mut().unwrap().remove("id");
            document
        });
        let documents = documents.collect();
        let folder = tempfile::tempdir().unwrap();
        let export = ["fec", "export", "--year", "2028", "--to", folder.path().to_str().unwrap()];
        self.server.palier(export.iter().chain(&pole)).success();
        let fec = std::fs::read(folder.path().join("732829320FEC20281231.txt")).unwrap();
        self.server.palier(["verify"].iter().chain(&pole)).success();
        let rows = Sql::open(self.server.database_url()).counts();
        Books { documents, fec, rows }
    }
}

on_both!(a_run_that_ends_anywhere_leaves_the_same_books);
fn a_run_that_ends_anywhere_leaves_the_same_books(engine: Engine) {
    let small = july(engine);
    // Otherwise each command would do it beside its own work, in transactions that count as well.
    small.folded();
    let small = small.stopped();
    let copy = |server: &Server| Copy { server: server.copied(), pole: &small.pole.code };
    let calm = copy(&small.server).books();
    assert_eq!(calm.documents.len(), 8);
    let drafted = copy(&small.server);
    drafted.invoices("run", 0).success();
    let mut places = Vec::new();
    for (command, before) in [("run", &small.server), ("finalise", &drafted.server)] {
        for nth in 1.. {
            let troubled = copy(before);
            let ended = troubled.invoices(command, nth);
            if ended.status.success() {
                break;
            }
            let place = ended.stderr.lines().find_map(|line| line.strip_prefix("aborted at "));
            let place = place.unwrap_or_else(|| panic!("{ended}"));
            places.push(format!("{command}: {place}"));
            assert_eq!(troubled.books(), calm, "after an end at {nth} of {command}, {place}");
        }
    }
    // One with which every command begins; closing, three transactions of drafts and one that ends them;
    // three of documents made final.
    let count = |name: &str| places.iter().filter(|place| *place == name).count();
    for (command, transactions) in [("run", 6), ("finalise", 4)] {
        for place in ["begun", "written", "committed"] {
            let place = format!("{command}: {place}");
            assert_eq!(count(&place), transactions, "{place} in {places:?}");
        }
    }
    let within = ["swept", "barrier moved", "priced", "said to be drafted", "drafts kept"];
    let seen: BTreeSet<_> = places.iter().map(String::as_str).collect();
    for place in within.map(|place| format!("run: {place}")) {
        assert!(seen.contains(place.as_str()), "{place} is not among {places:?}");
    }
    assert_eq!(count("run: drafts added"), 3, "{places:?}");
}
