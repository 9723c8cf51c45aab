//! A file that ends being made at every place at which a power cut could tell one state from another.

use std::collections::BTreeSet;

use palier_tests::{Engine, Finished, Server, on_both, scratch};
use serde_json::Value;

use super::Setting;

/// Plans and writes a file on a copy of a database, with an end at the nth place.
fn made(server: &Server, pole: &str, at: usize) -> Finished {
    let mut palier = server.settled();
    let to = scratch("transfers-killed").join("transfers.xml");
    palier.args(["payments", "transfers", "--pole", pole, "--on", "2028-02-06", "--json", "--to"]);
    palier.arg(to).args(["--now", "2028-02-01T09:00:00Z"]);
    palier.env("PALIER_TEST_ABORT_AT", at.to_string());
    Finished::from(&mut palier)
}

on_both!(a_file_that_ends_anywhere_pays_everybody_once);
fn a_file_that_ends_anywhere_pays_everybody_once(engine: Engine) {
    let setting = Setting::billed(engine);
    let Setting { small, .. } = setting;
    let small = small.stopped();
    let pole = &small.pole.code;
    let mut places = BTreeSet::new();
    for nth in 1.. {
        let copy = small.server.copied();
        let ended = made(&copy, pole, nth);
        if ended.status.success() {
            break;
        }
        let place = ended.stderr.lines().find_map(|line| line.strip_prefix("aborted at "));
        places.insert(place.unwrap_or_else(|| panic!("{ended}")).to_owned());
        // Asked again there is one file, with both in it.
        let again: Value = serde_json::from_str(&made(&copy, pole, 0).success()).unwrap();
        assert_eq!(
            (again["payments"].as_i64(), again["amount"].as_str()),
            (Some(2), Some("1260.00"))
        );
        let verified = copy.palier(["verify", "--pole", pole, "--json"]).success();
        let verified: Value = serde_json::from_str(&verified).unwrap();
        assert_eq!(
            (verified["transfers"].as_i64(), &verified["faults"]),
            (Some(2), &serde_json::json!([]))
        );
    }
    for place in ["begun", "written", "committed"] {
        assert!(places.contains(place), "{place} is not among {places:?}");
    }
}
