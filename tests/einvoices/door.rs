//! `GET /v1/poles/{pole}/invoices/{invoice}/cii` and `/ubl`, `palier invoices xml`, and what members
//! and poles say for them.

use std::fs;

use palier_tests::{Engine, Pole, on_both, scratch};
use serde_json::json;

use crate::invoices::real::settings;
use crate::invoices::setting::{Small, fee};
use crate::seed::member;

/// The ids of the documents of July: final, and held back.
fn july(small: &Small) -> (String, String) {
    small.run("2026-07");
    let id = |code: &str| {
        let documents = small.documents("2026-07");
        let found = documents.iter().find(|it| it["document"]["buyer"]["code"] == code);
        found.unwrap()["id"].as_str().unwrap().to_owned()
    };
    let (forge, usine) = (id("forge"), id("usine"));
    small.finance.post(&small.at(&format!("invoices/{usine}/hold")), json!({})).expect(200);
    small.invoices(&["finalise"], "2026-07");
    (forge, usine)
}

on_both!(a_final_document_is_there_in_both_syntaxes);
fn a_final_document_is_there_in_both_syntaxes(engine: Engine) {
    let small = Small::new(engine, &[fee()]);
    let forge = small.members["forge"].clone();
    let particulars =
        json!({ "electronic_address": "0225:732829320_ACHATS", "purchase_order": "BC-2026/17" });
    small.patch(&format!("members/{forge}"), particulars);
    let mut how = settings();
    how["seller"]["electronic_address"] = "0225:732829320_FACTURES".into();
    small.put("billing-settings", how);
    let (issued, held) = july(&small);
    let folder = scratch(&format!("einvoices-door-{engine:?}"));
    for (syntax, root) in [("cii", "<rsm:CrossIndustryInvoice "), ("ubl", "<Invoice ")] {
        let answer = small.finance.get(&small.at(&format!("invoices/{issued}/{syntax}")));
        let answer = answer.expect(200);
        assert_eq!(answer.header("content-type"), "application/xml");
        let name = "attachment; filename=\"FA-2028-000001.xml\"";
        assert_eq!(answer.header("content-disposition"), name);
        let xml = answer.text();
        for part in [root, "732829320_ACHATS", "732829320_FACTURES", "BC-2026/17"] {
            assert!(xml.contains(part), "{part} is not in {xml}");
        }
        // The command writes the same bytes, as often as it is asked to.
        let to = folder.to_str().unwrap();
        let told = ["--pole", &small.pole.code, "--syntax", syntax, "--to", to];
        let file = folder.join("FA-2028-000001.xml");
        for which in [["--number", "FA-2028-000001"], ["--period", "2026-07"]] {
            let command = ["invoices", "xml"].into_iter().chain(told).chain(which);
            let said = small.server.palier(command).success();
            assert_eq!(said.trim(), file.to_str().unwrap());
            assert_eq!(fs::read_to_string(&file).unwrap(), xml);
        }
        let draft = small.finance.get(&small.at(&format!("invoices/{held}/{syntax}"))).expect(409);
        assert_eq!(draft.problem()["errors"][0]["code"], "draft");
        let other = small.at(&format!("invoices/inv_01k9gz7v3hf8mv3r0x2p6d9qae/{syntax}"));
        small.finance.get(&other).expect(404);
    }
    let document = small.finance.get(&small.at(&format!("invoices/{issued}"))).expect(200).json();
    let document = &document["document"];
    assert_eq!(document["buyer"]["electronic_address"], "0225:732829320_ACHATS");
    assert_eq!(document["order"], "BC-2026/17");
    let unknown = ["invoices", "xml", "--pole", &small.pole.code, "--number", "FA-1"];
    let unknown = small.server.palier(unknown);
    assert_eq!(unknown.status.code(), Some(2), "{unknown}");
}

on_both!(what_can_be_delivered_nowhere_is_no_electronic_invoice);
fn what_can_be_delivered_nowhere_is_no_electronic_invoice(engine: Engine) {
    let mut small = Small::new(engine, &[fee()]);
    small.join(json!({
        "code": "zurich", "name": "Werkstatt AG",
        "address": { "lines": ["Gasse 1"], "postcode": "8001", "city": "Zürich", "country": "CH" },
    }));
    small.close("2026-07");
    let documents = small.documents("2026-07");
    let found = documents.iter().find(|it| it["document"]["buyer"]["code"] == "zurich").unwrap();
    let path = small.at(&format!("invoices/{}/cii", found["id"].as_str().unwrap()));
    let answer = small.finance.get(&path).expect(409);
    assert_eq!(answer.problem()["errors"][0]["code"], "no_electronic_address");
    // The command writes the others, and says which it could not.
    let folder = scratch(&format!("einvoices-nowhere-{engine:?}"));
    let ran = small.try_invoices(&["xml", "--to", folder.to_str().unwrap()], "2026-07");
    assert_eq!(ran.status.code(), Some(2), "{ran}");
    assert!(ran.stderr.contains(found["number"].as_str().unwrap()), "{ran}");
    assert_eq!((ran.stdout.lines().count(), fs::read_dir(&folder).unwrap().count()), (2, 2));
}

on_both!(an_electronic_address_is_the_companys_own);
fn an_electronic_address_is_the_companys_own(pole: &Pole) {
    let members = format!("/v1/poles/{}/members", pole.code);
    let with = |address: &str| {
        let mut member = member("forge", "732829320");
        member["electronic_address"] = address.into();
        pole.admin.post(&members, member)
    };
    for (address, code) in [
        ("732829320", "format"),
        ("0225:732829321", "format"),
        ("0225:732829320 X", "format"),
        ("0225:404833048", "other_siren"),
        ("EM:compta@forge.example", "not_one_of"),
    ] {
        let wrong = &with(address).expect(422).problem()["errors"][0];
        assert_eq!(
            (&wrong["pointer"], &wrong["code"]),
            (&"/electronic_address".into(), &code.into())
        );
    }
    let made = with("0225:732829320_73282932000074_ACHATS").expect(201).json();
    assert_eq!(made["electronic_address"], "0225:732829320_73282932000074_ACHATS");
    let mut how = settings();
    how["seller"]["electronic_address"] = "0225:404833048".into();
    let whatever = pole.admin.with_header("if-match", "*");
    let path = format!("/v1/poles/{}/billing-settings", pole.code);
    let wrong = &whatever.put(&path, how).expect(422).problem()["errors"][0];
    assert_eq!(wrong["pointer"], "/seller/electronic_address");
}
