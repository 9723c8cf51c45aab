//! The demo's member companies: names, towns and numbers that look like real ones, and are not.

use palier_billing::Siren;
use serde_json::{Value, json};

const TRADES: [&str; 10] = [
    "Forge",
    "Usinage",
    "Fonderie",
    "Mécanique",
    "Plasturgie",
    "Électronique",
    "Outillage",
    "Composites",
    "Robotique",
    "Optique",
];
const PLACES: [(&str, &str); 8] = [
    ("Lyon", "69007"),
    ("Villeurbanne", "69100"),
    ("Saint-Étienne", "42000"),
    ("Grenoble", "38000"),
    ("Annecy", "74000"),
    ("Bourg-en-Bresse", "01000"),
    ("Clermont-Ferrand", "63000"),
    ("Roanne", "42300"),
];
const NAMES: [&str; 4] = ["du Rhône", "des Alpes", "Moreau", "Perrin"];
const SIZES: [&str; 8] = ["pme", "micro", "pme", "pme", "eti", "pme", "micro", "pme"];

/// The n-th company.
pub(super) fn company(nth: usize) -> Value {
    let trade = pick(&TRADES, nth);
    let (city, postcode) = pick(&PLACES, nth);
    let name = pick(&NAMES, nth.checked_div(TRADES.len()).unwrap_or_default());
    let siren = siren(nth);
    let code = format!("m{:02}", nth.saturating_add(1));
    json!({
        "code": code,
        "name": format!("{trade} {name} SAS"),
        "legal_form": "SAS",
        "siren": siren,
        "vat_number": siren.map(Siren::vat_number),
        "size_class": pick(&SIZES, nth),
        "address": {
            "lines": [format!("{} rue de l’Atelier", nth.saturating_mul(3).saturating_add(4))],
            "postcode": postcode, "city": city, "country": "FR",
        },
        "billing_contact": { "name": "Comptabilité", "email": format!("compta@{code}.example") },
    })
}

/// The services the n-th company takes.
pub(super) fn services_of(nth: usize) -> &'static [&'static str] {
    const MIXES: [&[&str]; 5] = [
        &["compute", "storage", "training"],
        &["compute", "scan-3d"],
        &["cad", "training"],
        &["compute", "bench", "cad"],
        &["scan-3d", "training"],
    ];
    pick(&MIXES, nth)
}

/// What the n-th company uses of the meters of its services, each of four times a month.
pub(super) fn usage_of(nth: usize, month: &str) -> Vec<(&'static str, String)> {
    let growth = match month {
        "2026-09" => 3,
        "2026-10" => 4,
        _ => 5,
    };
    let size = nth.saturating_mul(7).checked_rem(11).unwrap_or_default().saturating_add(1);
    let of_service = |service: &&'static str| match *service {
        // 70 to 1,270 core-hours at a time: the pool crosses 50,000 with the second month.
        "compute" => {
            ("core-hours", format!("{}.5", size.saturating_mul(growth).saturating_mul(23)))
        }
        "scan-3d" => ("scan-hours", size.saturating_add(growth).to_string()),
        "bench" => ("bench-days", size.min(growth).to_string()),
        "cad" => ("seats", size.saturating_mul(3).to_string()),
        "storage" => ("gigabytes", size.saturating_mul(growth).saturating_mul(250).to_string()),
        _ => ("training-seats", "1".to_owned()),
    };
    services_of(nth).iter().map(of_service).collect()
}

fn pick<T: Copy + Default>(from: &[T], nth: usize) -> T {
    from.iter().copied().cycle().nth(nth).unwrap_or_default()
}

/// A number whose check digit is right; the first eight digits are ours.
fn siren(nth: usize) -> Option<Siren> {
    let first = nth.saturating_mul(137_911).saturating_add(81_200_000);
    (0..10).find_map(|key| format!("{first}{key}").parse().ok())
}
