//! Every VAT regime of customers, of services and of the pole itself, through the doors that people use.

use std::collections::BTreeSet;
use std::fs;

use palier_tests::{Engine, on_both, scratch};
use serde_json::{Value, json};

use super::official::valid;
use crate::invoices::real::settings;
use crate::invoices::setting::{Small, fee, graduated};
use crate::seed::member;

/// A member in a postcode of France.
fn at_home(code: &str, siren: &str, postcode: &str) -> Value {
    let mut member = member(code, siren);
    member["address"]["postcode"] = postcode.into();
    member
}

fn abroad(code: &str, country: &str, regime: &str, vat_number: Option<&str>) -> Value {
    let mut member = json!({
        "code": code, "name": "Werkstatt GmbH", "vat_regime": regime, "language": "en",
        "billing_contact": { "email": format!("post@{code}.example") },
        "address": { "lines": ["Hauptstraße 1"], "postcode": "10115", "city": "Berlin",
            "country": country },
    });
    if let Some(number) = vat_number {
        member["vat_number"] = number.into();
    }
    member
}

/// A member of each regime, with services of each kind.
fn everybody(engine: Engine) -> Small {
    let mut small = Small::new(engine, &[graduated(), fee()]);
    let mut members = vec![
        at_home("reunion", "552100554", "97400"),
        at_home("guyane", "542051180", "97300"),
        abroad("berlin", "DE", "intra_eu", Some("DE136695976")),
        abroad("zurich", "CH", "outside_eu", None),
        abroad("monaco", "MC", "standard", None),
        at_home("petit", "542065479", "69007"),
        at_home("groupe", "775665011", "69007"),
    ];
    members[4]["address"]["postcode"] = "98000".into();
    members[5]["vat_regime"] = "franchise".into();
    members[6]["vat_regime"] = "exempt".into();
    members[6]["electronic_address"] = "0225:775665011_COMPTA".into();
    members[6]["purchase_order"] = "BC-2026/17".into();
    for member in members {
        small.join(member);
    }
    // Before other services have a meter of that name.
    for (nth, member) in small.members.keys().enumerate() {
        small.used(&format!("u{nth}"), member, "2026-07-10", "1234.5678");
    }
    let provider = json!({ "name": "École", "contact": { "email": "ecole@example.fr" } });
    let provider = small.made("providers", provider);
    let yearly = json!({ "charges": [{ "kind": "recurring", "amount": "33.33" }] });
    for (code, vat) in [
        ("membership", "out_of_scope"),
        ("training", "members_exempt"),
        ("defence", "collective_exempt"),
        ("books", "reduced"),
        ("hotel", "intermediate"),
        ("press", "special"),
    ] {
        let service = small.service(code, &provider, json!({ "vat": vat }), &yearly);
        for member in small.members.keys() {
            small.subscribe(member, &service, json!({}));
        }
    }
    small
}

on_both!(every_regime_gives_valid_documents);
fn every_regime_gives_valid_documents(engine: Engine) {
    let small = everybody(engine);
    small.close("2026-07");
    let of_july = small.documents("2026-07");
    for (code, part) in [("forge", "services"), ("forge", "fees"), ("berlin", "services")] {
        let document = of_july
            .iter()
            .find(|it| it["document"]["buyer"]["code"] == code && it["part"] == part)
            .unwrap();
        let number = document["number"].as_str().unwrap();
        let told = ["--pole", &small.pole.code, number, "--reason", "Facturé deux fois"];
        small.server.palier(["invoices", "credit"].into_iter().chain(told)).success();
    }
    // The pole opts for VAT on debits; then it comes under the threshold, and has no VAT number.
    let mut how = settings();
    how["vat_due"] = "on_debits".into();
    how["seller"]["electronic_address"] = "0225:732829320_FACTURES".into();
    small.put("billing-settings", how.clone());
    small.close("2026-08");
    how["seller_vat"] = "franchise".into();
    how["seller"].as_object_mut().unwrap().remove("vat_number");
    how["seller"]["siret"] = "73282932000074".into();
    small.put("billing-settings", how);
    small.close("2026-09");

    let folder = scratch(&format!("einvoices-regimes-{engine:?}"));
    let mut expected = Vec::new();
    for period in ["2026-07", "2026-08", "2026-09"] {
        for syntax in ["cii", "ubl"] {
            let to = folder.join(format!("{period}-{syntax}"));
            fs::create_dir(&to).unwrap();
            let told = ["xml", "--syntax", syntax, "--to", to.to_str().unwrap()];
            small.try_invoices(&told, period).success();
            for entry in fs::read_dir(&to).unwrap() {
                let from = entry.unwrap();
                let name = format!("{syntax}-{}", from.file_name().into_string().unwrap());
                fs::rename(from.path(), folder.join(name)).unwrap();
            }
        }
        expected.extend(small.documents(period));
    }
    // Nine members, of whom each has services and a fee, and three credit notes.
    assert_eq!(expected.len(), 3 * 9 * 2 + 3);
    let Some(found) = valid(&folder) else { return };
    assert_eq!(found.len(), expected.len() * 2);
    let mut categories = BTreeSet::new();
    for document in &expected {
        let (number, totals) = (&document["number"], &document["document"]["totals"]);
        for syntax in ["cii", "ubl"] {
            let said = &found[&format!("{syntax}-{}.xml", number.as_str().unwrap())].said;
            assert_eq!(
                [&said["number"], &said["net"], &said["vat"], &said["gross"]],
                [number, &totals["net"], &totals["vat_total"], &totals["gross"]]
            );
        }
        for vat in totals["vat"].as_array().unwrap() {
            let text = |name: &str| vat[name].as_str().unwrap();
            categories.insert(format!("{} {}", text("category"), text("rate_percent")));
        }
    }
    let all = ["AE 0", "E 0", "G 0", "O 0", "S 1.05", "S 10", "S 2.1", "S 20", "S 5.5", "S 8.5"];
    assert_eq!(categories.into_iter().collect::<Vec<_>>(), all);
}
