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

fn pick<T: Copy + Default>(from: &[T], nth: usize) -> T {
    from.iter().copied().cycle().nth(nth).unwrap_or_default()
}

/// A number whose check digit is right; the first eight digits are ours.
fn siren(nth: usize) -> Option<Siren> {
    let first = nth.saturating_mul(137_911).saturating_add(81_200_000);
    (0..10).find_map(|key| format!("{first}{key}").parse().ok())
}
