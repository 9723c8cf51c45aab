//! Documents: their sums, their rules, and their canonical form.

use jiff::civil::date;
use serde_json::{Value, json};

use super::line::Figures;
use super::*;
use crate::{Line, Percent, Price, PriceBase, Quantity, VatCategory};

fn party(name: &str, vat_number: &str) -> Value {
    json!({
        "name": name, "vat_number": vat_number,
        "address": { "lines": ["1 rue des Forges"], "postcode": "69003", "city": "Lyon",
            "country": "FR" },
    })
}

fn line(quantity: &str, unit_price: &str, rate: &str) -> Value {
    json!({
        "kind": "usage", "name": "Calcul", "quantity": quantity, "unit": "HUR",
        "unit_price": unit_price, "price_base": "1",
        "vat": { "category": "S", "rate_percent": rate },
    })
}

fn document(kind: &str, lines: &[Value]) -> Value {
    json!({
        "kind": kind, "currency": "EUR", "language": "fr", "vat_due": "on_receipt",
        "seller": party("Pôle", "FR44732829320"), "buyer": party("Atelier", "FR83404833048"),
        "period": { "first_day": "2026-07-01", "last_day": "2026-07-31" },
        "lines": lines,
    })
}

fn read(value: Value) -> Result<Document, String> {
    serde_json::from_value::<Document>(value).map_err(|error| error.to_string())
}

fn totals(document: &Document) -> [String; 3] {
    let totals = document.totals();
    [totals.net, totals.vat_total, totals.gross].map(|money| money.to_string())
}

#[test]
fn vat_is_rounded_once_per_category_and_rate() {
    // design/french_billing.md, section 5: by line it would be 0.43 and 1.68.
    let lines = ["0.33", "0.33", "0.33", "1.08"].map(|price| line("1", price, "20"));
    assert_eq!(totals(&read(document("invoice", &lines)).unwrap()), ["2.07", "0.41", "2.48"]);
    let lines = [1, 2, 3].map(|_| line("1", "10.12", "5.5"));
    assert_eq!(totals(&read(document("invoice", &lines)).unwrap()), ["30.36", "1.67", "32.03"]);
}

#[test]
fn a_line_is_quantity_times_price_whatever_was_written() {
    let mut lied = line("1200", "0.055", "20");
    lied["amount"] = json!("99.00");
    let document = read(document("invoice", &[lied])).unwrap();
    assert_eq!(document.lines().next().unwrap().1.to_string(), "66.00");
    assert_eq!(totals(&document), ["66.00", "13.20", "79.20"]);
}

#[test]
fn rules_are_kept() {
    let with = |change: fn(&mut Value)| {
        let mut value = document("invoice", &[line("2", "3", "20")]);
        change(&mut value);
        read(value).map(|_| ()).unwrap_err()
    };
    let has = |error: &str, part: &str| assert!(error.contains(part), "{error}");
    has(&with(|it| it["lines"] = json!([])), "at least one line");
    has(&with(|it| it["lines"][0]["unit_price"] = json!("-3")), "negative price");
    has(&with(|it| it["lines"][0]["quantity"] = json!("-2")), "less than nothing");
    has(&with(|it| it["lines"][0]["quantity"] = json!("0.00001")), "more than 4 places");
    has(&with(|it| it["lines"][0]["vat"]["rate_percent"] = json!("0")), "has the rate 0");
    has(&with(|it| it["lines"][0]["vat"]["category"] = json!("E")), "has the rate 20");
    let free = json!({ "category": "AE", "rate_percent": "0" });
    has(
        &with(|it| it["lines"][0]["vat"] = json!({ "category": "E", "rate_percent": "0" })),
        "reason",
    );
    let mut reversed = document("invoice", &[line("2", "3", "20")]);
    reversed["lines"][0]["vat"] = free;
    reversed["lines"][0]["vat"]["exemption"] = json!({ "code": "VATEX-EU-AE", "reason": "…" });
    assert!(read(reversed.clone()).is_ok());
    reversed["buyer"]["vat_number"] = Value::Null;
    has(&read(reversed).unwrap_err(), "reverse charge");
    has(&with(|it| it["kind"] = json!("credit_note")), "names what it corrects");
    has(&with(|it| it["kind"] = json!("rebate")), "contract");
    let mut mixed = document("invoice", &[line("2", "3", "20"), line("1", "5", "0")]);
    let fee = json!({ "code": "VATEX-EU-O", "reason": "…" });
    mixed["lines"][1]["vat"] = json!({ "category": "O", "rate_percent": "0", "exemption": fee });
    has(&read(mixed).unwrap_err(), "document of its own");
}

#[test]
fn what_comes_to_less_than_nothing_is_given_back() {
    let lines = [line("10", "1", "20"), line("-25", "1", "20")];
    let mut value = document("invoice", &lines);
    value["contract"] = json!("POLE/ATELIER");
    let content: DocumentContent = serde_json::from_value(value).unwrap();
    let settled = Document::settling(content.clone(), DocumentKind::Rebate).unwrap();
    assert_eq!(settled.content().kind, DocumentKind::Rebate);
    assert_eq!(totals(&settled), ["15.00", "3.00", "18.00"]);
    let amounts: Vec<_> = settled.lines().map(|(_, amount)| amount.to_string()).collect();
    assert_eq!(amounts, ["-10.00", "25.00"]);
    let due = DocumentContent { lines: content.lines[..1].to_vec(), ..content.clone() };
    let due = Document::settling(due, DocumentKind::Rebate).unwrap();
    assert_eq!(due.content().kind, DocumentKind::Invoice);
    // What takes more off, and what puts it back.
    let back = settled.with_lines(|lines| lines.truncate(1)).unwrap();
    assert_eq!((back.content().kind, totals(&back)[0].as_str()), (DocumentKind::Invoice, "10.00"));
    let whole = back.with_lines(|lines| lines.push(content.lines[1].clone())).unwrap();
    assert_eq!(whole, settled);
    assert_eq!(back.with_lines(Vec::clear), Err(DocumentError::Empty));
    // 100 at 0 % less 90 at 20 %: 10 without VAT, and still 8 to give back.
    let mut free = line("1", "100", "0");
    free["vat"] = json!({ "category": "Z", "rate_percent": "0" });
    let lines = [free, line("-90", "1", "20")].map(|line| serde_json::from_value(line).unwrap());
    let mixed = DocumentContent { lines: lines.into(), ..content };
    let mixed = Document::settling(mixed, DocumentKind::Rebate).unwrap();
    assert_eq!(mixed.content().kind, DocumentKind::Rebate);
    assert_eq!(totals(&mixed), ["-10.00", "18.00", "8.00"]);
}

#[test]
fn the_canonical_form_reads_back_to_the_same_bytes_and_shows_what_was_touched() {
    let mut value =
        document("credit_note", &[line("1200.5", "0.055", "20"), line("1", "15", "20")]);
    value["corrects"] = json!([{ "number": "FA-2026-000001", "issued_on": "2026-08-03" }]);
    value["notes"] = json!([{ "subject": "PMT", "text": "40 €" }]);
    value["lines"][0]["pool"] = json!({ "quantity": "60000", "alone": "96" });
    // The second line was made before lines kept the tiers of their price: it reads back as it was.
    value["lines"][1]["pool"] = json!({ "alone": "20" });
    value["lines"][0]["pool"]["schedule"] = json!({ "model": "graduated", "unit_name": "heures",
        "tiers": [
            { "up_to": "10000", "unit_amount": "0.08" },
            { "up_to": null, "unit_amount": "0.055", "flat_amount": "2" },
        ] });
    let document = read(value.clone()).unwrap();
    let (issued_on, due_on) = (date(2026, 8, 3), date(2026, 9, 2));
    let issued = Issued { number: "AV-2026-000001".to_owned(), issued_on, due_on, document };
    let bytes = issued.canonical().unwrap();
    let again: Issued = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(again, issued);
    assert_eq!(again.canonical().unwrap(), bytes);
    let text = String::from_utf8(bytes.clone()).unwrap();
    let sealed: Value = serde_json::from_slice(&bytes).unwrap();
    for nth in [0, 1] {
        assert_eq!(sealed["lines"][nth]["pool"], value["lines"][nth]["pool"]);
    }
    for (was, is) in [("\"66.03\"", "\"66.04\""), ("\"97.24\"", "\"97.23\"")] {
        assert!(text.contains(was), "{text}");
        let touched: Issued = serde_json::from_str(&text.replace(was, is)).unwrap();
        assert_eq!(touched.canonical().unwrap(), bytes, "sums follow from the lines");
    }
}

#[test]
fn a_rated_line_stands_as_what_makes_its_amount() {
    let rated = |quantity: &str, unit_price: Option<&str>, minor| Line {
        member: "m",
        kind: crate::LineKind::Usage,
        metered: None,
        quantity: quantity.parse().unwrap(),
        unit_price: unit_price.map(|price| price.parse().unwrap()),
        amount: Money::from_minor(minor, Currency::EUR),
        alone: None,
    };
    let of = |line: &Line<'_>| Figures::of(line, PriceBase::One).unwrap();
    let plain = of(&rated("1200", Some("0.055"), 6_600));
    assert_eq!((plain.quantity.to_string(), plain.lump), ("1200".to_owned(), false));
    for line in [rated("1200", None, 6_600), rated("1200", Some("0.055"), 6_601)] {
        let lump = of(&line);
        assert_eq!(lump.quantity, Quantity::ONE);
        assert_eq!(lump.unit_price, Price::from_units(line.amount.minor() * 10_000));
    }
    let back = of(&rated("0", None, -5));
    assert_eq!(
        (back.quantity.to_string(), back.unit_price.to_string()),
        ("-1".into(), "0.05".into())
    );
    assert_eq!(VatCategory::Standard.as_str(), "S");
    assert_eq!(Percent::default().to_string(), "0");
}
