//! Documents of every kind, category and shape, made up at random and written by the engine itself:
//! also those that no door makes yet.

use std::fs;

use palier_billing::{Issued, einvoice};
use palier_tests::scratch;
use serde_json::{Value, json};

use super::official::valid;
use crate::dice::Dice;

/// Categories, rates and reasons that lines may have beside each other.
const TAXED: &[(&str, &str, &str)] = &[
    ("S", "20", ""),
    ("S", "10", ""),
    ("S", "5.5", ""),
    ("S", "2.1", ""),
    ("S", "8.5", ""),
    ("S", "1.05", ""),
    ("S", "19.6", ""),
    ("Z", "0", ""),
    ("E", "0", "VATEX-FR-CGI261-7"),
    ("E", "0", "VATEX-FR-CGI261-4"),
    ("E", "0", "VATEX-FR-CGI261B"),
    ("E", "0", "VATEX-FR-CGI295"),
    ("E", "0", "VATEX-FR-FRANCHISE"),
    ("G", "0", "VATEX-EU-G"),
    ("AE", "0", "VATEX-EU-AE"),
];
const OUTSIDE: &[(&str, &str, &str)] = &[("O", "0", "VATEX-EU-O")];
const UNITS: &[&str] =
    &["C62", "HUR", "DAY", "MON", "ANN", "E48", "E34", "KWH", "LS", "H87", "P1", "IE", "ACT"];
const KINDS: &[&str] = &["invoice", "credit_note", "rebate", "corrective", "self_billed"];

/// A decimal of so many digits, of which so many are places.
fn decimal(dice: &mut Dice, digits: u32, places: usize) -> String {
    let number = dice.roll(10_u64.pow(digits));
    let padded = format!("{number:0width$}", width = places.saturating_add(1));
    let (whole, rest) = padded.split_at(padded.len().saturating_sub(places));
    let written = format!("{whole}.{rest}");
    written.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn line(dice: &mut Dice, vat: (&str, &str, &str), credit: bool) -> Value {
    let (category, rate, reason) = vat;
    let places = dice.pick(5);
    // Up to a trillion a line: the official rules add up in binary floating point, and lose the cents
    // of more.
    let quantity = decimal(dice, 6, places);
    // A discount: less of something, at a price that is never below nothing.
    let given_back = dice.roll(5) == 0 && quantity != "0";
    let sign = if given_back { "-" } else { "" };
    let base = if dice.roll(3) == 0 { ["1000", "1000000"][dice.pick(2)] } else { "1" };
    let places = dice.pick(7);
    let mut line = json!({
        "kind": if given_back && !credit { "discount" } else { "usage" },
        "name": "Calcul <heures> & cœurs", "quantity": format!("{sign}{quantity}"),
        "unit": UNITS[dice.pick(UNITS.len())], "unit_price": decimal(dice, 6, places),
        "price_base": base, "vat": { "category": category, "rate_percent": rate },
    });
    if !reason.is_empty() {
        let words = format!("Motif « {reason} »");
        line["vat"]["exemption"] = json!({ "code": reason, "reason": words });
    }
    if dice.roll(2) == 0 {
        line["detail"] = json!("Prix pour 60 000 heures utilisées ensemble");
        line["service"] = json!("svc_01k9gz7v3hf8mv3r0x2p6d9qae");
        line["period"] = json!({ "first_day": "2026-07-01", "last_day": "2026-07-31" });
    }
    line
}

fn buyer(dice: &mut Dice) -> Value {
    let at = |postcode: &str, country: &str| {
        json!({ "lines": ["36 rue de l’Atelier", "Bât. B", "BP 12"], "postcode": postcode,
            "city": "Ville", "country": country })
    };
    let french = |postcode, country| {
        json!({ "siren": "404833048", "siret": "40483304800022", "vat_number": "FR83404833048",
            "address": at(postcode, country) })
    };
    let abroad = |number: &str, country: &str| json!({ "vat_number": number, "email": "post@werk.example", "address": at("10115", country) });
    let mut buyer = match dice.roll(6) {
        0 => french("69007", "FR"),
        1 => french("97400", "RE"),
        2 => french("97300", "FR"),
        3 => abroad("DE136695976", "DE"),
        4 => abroad("ATU13585627", "AT"),
        _ => {
            json!({ "siren": "404833048", "vat_number": "FR83404833048", "address": at("69007", "FR"),
            "electronic_address": "0225:404833048_ACHATS" })
        }
    };
    buyer["code"] = json!("atelier");
    buyer["name"] = json!("Atelier « du Rhône » & Fils");
    buyer
}

/// A document, unless its lines come to less than nothing.
fn document(dice: &mut Dice, nth: usize) -> Option<Issued> {
    let kind = KINDS[nth % KINDS.len()];
    let credit = matches!(kind, "credit_note" | "rebate");
    let outside = dice.roll(8) == 0;
    let categories = if outside { OUTSIDE } else { TAXED };
    let count = dice.pick(6).saturating_add(1);
    let lines: Vec<_> = (0..count)
        .map(|_| {
            let vat = categories[dice.pick(categories.len())];
            line(dice, vat, credit)
        })
        .collect();
    let cited = json!({ "number": "FA-2026-000001", "issued_on": "2026-08-03" });
    let mut notes = vec![
        json!({ "subject": "PMD", "text": "Pénalités de retard." }),
        json!({ "subject": "PMT", "text": "Indemnité forfaitaire : 40 €." }),
        json!({ "subject": "AAB", "text": "Pas d’escompte." }),
    ];
    if kind == "credit_note" {
        notes = vec![json!({ "subject": "AAI", "text": "Trop facturé" })];
    }
    let language = ["fr", "en"][dice.pick(2)];
    let vat_due = ["on_receipt", "on_debits"][dice.pick(2)];
    let mut value = json!({
        "number": format!("FA-2026/{nth:06}"), "issued_on": "2026-08-03", "due_on": "2026-09-02",
        "kind": kind, "currency": "EUR", "language": language,
        "seller": {
            "name": "Association Pôle Aéro", "legal_form": "association loi 1901",
            "siren": "732829320", "siret": "73282932000074", "vat_number": "FR44732829320",
            "address": { "lines": ["1 place du Pôle"], "postcode": "69003", "city": "Lyon",
                "country": "FR" },
            "email": "compta@pole.example",
        },
        "buyer": buyer(dice),
        "contract": "aero/atelier",
        "period": { "first_day": "2026-07-01", "last_day": "2026-07-31" },
        "vat_due": vat_due,
        "corrects": if kind == "invoice" { json!([]) } else { json!([cited]) },
        "lines": lines, "notes": notes,
    });
    if dice.roll(2) == 0 {
        value["account"] = json!({ "iban": "FR1420041010050500013M02606", "bic": "PSSTFRPPPAR" });
        value["order"] = json!("BC-2026/17");
    }
    if kind == "invoice" && dice.roll(2) == 0 {
        value["period"] = Value::Null;
    }
    match serde_json::from_value(value) {
        Ok(issued) => Some(issued),
        Err(error) if error.to_string().contains("less than nothing") => None,
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn documents_of_every_kind_and_shape_are_valid() {
    let folder = scratch("einvoices-corpus");
    let (mut dice, mut said) = (Dice(0x5eed_2026), Vec::new());
    for nth in 0..150 {
        let Some(issued) = document(&mut dice, nth) else { continue };
        fs::write(folder.join(format!("{nth}-cii.xml")), einvoice::cii(&issued).unwrap()).unwrap();
        fs::write(folder.join(format!("{nth}-ubl.xml")), einvoice::ubl(&issued).unwrap()).unwrap();
        let totals = issued.document.totals();
        said.push((
            nth,
            json!({
                "number": issued.number, "type": issued.document.content().kind.code(),
                "net": totals.net.to_string(), "vat": totals.vat_total.to_string(),
                "gross": totals.gross.to_string(),
            }),
        ));
    }
    assert!(said.len() > 100, "{}", said.len());
    let Some(found) = valid(&folder) else { return };
    for (nth, expected) in said {
        for syntax in ["cii", "ubl"] {
            assert_eq!(found[&format!("{nth}-{syntax}.xml")].said, expected);
        }
    }
}
