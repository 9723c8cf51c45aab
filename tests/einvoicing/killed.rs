//! Exchanges that end at every place at which a power cut could tell one state from another.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use palier_billing::einvoice::lifecycle::Status;
use palier_tests::{Engine, Finished, Server, on_both};

use super::{Setting, carry, drop_into};
use crate::sql::Sql;

/// What an exchange left behind: files by their places and contents, and rows.
type Left = (Vec<(String, Vec<u8>)>, Vec<String>);

/// A pole that exchanges by commands, on a copy of a database.
struct Copy<'s> {
    setting: &'s Setting,
    server: Server,
    folder: tempfile::TempDir,
}

impl<'s> Copy<'s> {
    fn of(setting: &'s Setting, message: &[u8]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let arrived = folder.path().join(&setting.small.pole.code).join("in");
        drop_into(&arrived, "message.xml", message);
        Self { setting, server: setting.small.server.copied(), folder }
    }

    /// Archives and exchanges, with an end at the nth place.
    fn exchange(&self, at: usize) -> Option<Finished> {
        let mut told = None;
        for command in ["archive", "exchange"] {
            let mut palier = self.server.settled();
            palier.args(["invoices", command, "--pole", &self.setting.small.pole.code]);
            palier.env("PALIER_EINVOICING_FOLDER", self.folder.path());
            // The files are kept undisturbed: what ends is the exchange.
            let at = if command == "exchange" { at } else { 0 };
            palier.env("PALIER_TEST_ABORT_AT", at.to_string());
            told = Some(Finished::from(&mut palier));
        }
        told
    }

    fn place(&self, place: &str) -> PathBuf {
        self.folder.path().join(&self.setting.small.pole.code).join(place)
    }

    /// The same that happens to what the service gives.
    fn carry(&self) {
        carry(&self.place("out"), &self.place("carried"));
    }

    /// What was carried away is told with what is in `out` still.
    fn left(&self) -> Left {
        let mut files = Vec::new();
        for (folder, place) in [
            ("out", "out"),
            ("carried", "out"),
            ("in", "in"),
            ("done", "done"),
            ("refused", "refused"),
        ] {
            let folder = self.place(folder);
            for file in fs::read_dir(folder).into_iter().flatten() {
                let file = file.unwrap();
                let name = file.file_name().into_string().unwrap();
                files.push((format!("{place}/{name}"), fs::read(file.path()).unwrap()));
            }
        }
        files.sort();
        let rows = Sql::open(self.server.database_url()).counts();
        let told = ["einvoice_", "invoice_statuses ", "audit_log "];
        let rows = rows.into_iter().filter(|row| told.iter().any(|it| row.starts_with(it)));
        (files, rows.collect())
    }
}

on_both!(an_exchange_that_ends_anywhere_doubles_nothing);
fn an_exchange_that_ends_anywhere_doubles_nothing(engine: Engine) {
    // Without a service, which would exchange by itself.
    let setting = Setting::idle(engine);
    let message = setting.xml("M-1", "forge", Status::Deposited);
    let calm = Copy::of(&setting, &message);
    calm.exchange(0).unwrap().success();
    let calm = calm.left();
    let names: Vec<_> = calm.0.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["done/message.xml", "out/FA-2028-000001.xml", "out/FA-2028-000002.xml"]);
    let mut places = BTreeSet::new();
    for at in 1.. {
        let copy = Copy::of(&setting, &message);
        let ended = copy.exchange(at).unwrap();
        if ended.status.success() {
            break;
        }
        let place = ended.stderr.lines().find_map(|line| line.strip_prefix("aborted at "));
        places.insert(place.unwrap_or_else(|| panic!("{ended}")).to_owned());
        copy.carry();
        copy.exchange(0).unwrap().success();
        copy.carry();
        assert_eq!(copy.left(), calm, "ended at the place {at}");
    }
    let expected = ["begun", "committed", "given", "taken in", "written"];
    assert_eq!(places, expected.map(str::to_owned).into());
}
