//! The three real months: 207 invoices to 69 companies, and what is credited of them.

use palier_tests::{Engine, scratch};

use super::official::valid;
use crate::invoices::real::{Real, data};

/// On one engine: both seal the same bytes, which another test compares, and XML is made of these alone.
#[test]
fn the_real_months_are_valid_electronic_invoices() {
    let Some(data) = data() else { return };
    let real = Real::new(Engine::Sqlite, &data);
    let [cii, ubl] = ["cii", "ubl"].map(|syntax| scratch(&format!("einvoices-real-{syntax}")));
    let mut expected = Vec::new();
    for period in ["2026-07", "2026-08", "2026-09"] {
        real.invoices("run", period);
        real.invoices("finalise", period);
        if period == "2026-09" {
            let pole = &real.pole.code;
            let credit = ["invoices", "credit", "--pole", pole, "FA-2026-000010"];
            real.server
                .palier(credit.into_iter().chain(["--reason", "Facturé deux fois"]))
                .success();
        }
    }
    for period in ["2026-07", "2026-08", "2026-09"] {
        for (syntax, folder) in [("cii", &cii), ("ubl", &ubl)] {
            let to = folder.to_str().unwrap();
            let told = ["--period", period, "--syntax", syntax, "--to", to];
            let command = ["invoices", "xml", "--pole", &real.pole.code].into_iter().chain(told);
            real.server.palier(command).success();
        }
        expected.extend(real.documents(period));
    }
    let found = [cii, ubl].map(|folder| valid(&folder));
    let [Some(cii), Some(ubl)] = found else { return };
    assert_eq!((cii.len(), ubl.len()), (208, 208));
    for document in expected {
        let file = format!("{}.xml", document["number"].as_str().unwrap());
        for found in [&cii, &ubl] {
            let said = &found[&file].said;
            let totals = &document["document"]["totals"];
            for (of_xml, sealed) in [("net", "net"), ("vat", "vat_total"), ("gross", "gross")] {
                assert_eq!(said[of_xml], totals[sealed], "{file} {of_xml}");
            }
            let credit = document["document"]["kind"] == "credit_note";
            assert_eq!(said["type"], if credit { "381" } else { "380" }, "{file}");
        }
    }
}
