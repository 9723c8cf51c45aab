//! The made-up pole of `palier demo`: 40 companies, six services, two months.

use std::collections::BTreeSet;
use std::fs;

use palier_tests::{Finished, palier, scratch};
use serde_json::Value;

use super::official::valid;
use crate::invoices::real::settings;

/// On one engine, as the demo is.
#[test]
fn the_demos_documents_are_valid_electronic_invoices() {
    let folder = scratch("einvoices-demo");
    let run = |arguments: &[&str]| {
        let mut palier = palier();
        palier.current_dir(&folder).args(arguments).env("PALIER_LOG", "warn");
        Finished::from(palier.env("PALIER_DATABASE_URL", "sqlite:demo.db"))
    };
    run(&["demo", "--no-serve", "--listen", "127.0.0.1:0"]).success();
    fs::write(folder.join("settings.json"), settings().to_string()).unwrap();
    // Two days later in its story.
    let invoices = |arguments: &[&str]| {
        let told = ["--pole", "demo", "--now", "2026-11-20T09:00:00Z"];
        run(&[&["invoices"], arguments, &told].concat())
    };
    invoices(&["settings", "settings.json"]).success();
    let mut documents: Vec<Value> = Vec::new();
    for period in ["2026-09", "2026-10"] {
        invoices(&["run", "--period", period]).success();
        invoices(&["finalise", "--period", period]).success();
        let listed = invoices(&["list", "--json", "--period", period]).success();
        documents.extend(listed.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()));
    }
    let credited = documents[0]["number"].as_str().unwrap().to_owned();
    invoices(&["credit", &credited, "--reason", "Facturée deux fois"]).success();
    for syntax in ["cii", "ubl"] {
        let to = format!("{syntax}-files");
        fs::create_dir(folder.join(&to)).unwrap();
        for period in ["2026-09", "2026-10"] {
            invoices(&["xml", "--period", period, "--syntax", syntax, "--to", &to]).success();
        }
        let Some(found) = valid(&folder.join(&to)) else { return };
        assert_eq!(found.len(), documents.len() + 1, "{syntax}");
        for document in &documents {
            let number = document["number"].as_str().unwrap();
            let totals = &document["document"]["totals"];
            let said = &found[&format!("{number}.xml")].said;
            for (of_xml, sealed) in [("net", "net"), ("vat", "vat_total"), ("gross", "gross")] {
                assert_eq!(said[of_xml], totals[sealed], "{number} {of_xml}");
            }
        }
    }
    assert_eq!(regimes(&documents), BTreeSet::from(["S 20".to_owned()]));
}

/// Which categories and rates of VAT lines bear.
fn regimes(documents: &[Value]) -> BTreeSet<String> {
    let lines = documents.iter().flat_map(|it| it["document"]["lines"].as_array().unwrap());
    let vat = |line: &Value| {
        let text = |name: &str| line["vat"][name].as_str().unwrap().to_owned();
        format!("{} {}", text("category"), text("rate_percent"))
    };
    lines.map(vat).collect()
}
