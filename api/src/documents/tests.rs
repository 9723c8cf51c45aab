//! What stands on pages, and where.

use jiff::civil::date;
use palier_billing::Document;
use serde_json::{Value, json};

use super::flow::Flow;
use super::page::{Area, Mark, Page, Role, mm};
use super::*;

const XML: &[u8] = b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<x/>\n";

fn party(name: &str, vat_number: &str, city: &str) -> Value {
    json!({
        "name": name, "siren": "732829320", "vat_number": vat_number,
        "address": { "lines": ["1 rue des Forges"], "postcode": "69003", "city": city,
            "country": "FR" },
    })
}

fn pooled(quantity: Option<&str>, model: &str) -> Value {
    let mut pool = json!({
        "alone": "96",
        "schedule": { "model": model, "unit_name": "heures", "tiers": [
            { "up_to": "10000", "unit_amount": "0.08" },
            { "up_to": "50000", "unit_amount": "0.055" },
            { "up_to": null, "unit_amount": "0.03" },
        ] },
    });
    if let Some(quantity) = quantity {
        pool["quantity"] = quantity.into();
    }
    json!({
        "kind": "usage", "service": "svc_1", "name": "Calcul", "detail": "Prix pour 40 000 heures",
        "quantity": "1200", "unit": "HUR", "unit_price": "0.055", "price_base": "1", "pool": pool,
        "vat": { "category": "S", "rate_percent": "20" },
    })
}

fn fee(nth: usize) -> Value {
    json!({
        "kind": "recurring", "service": "svc_1", "name": format!("Calcul – Accès {nth}"),
        "quantity": "1", "unit": "C62", "unit_price": "15", "price_base": "1",
        "vat": { "category": "S", "rate_percent": "20" },
    })
}

fn content(lines: &[Value]) -> Value {
    json!({
        "kind": "invoice", "currency": "EUR", "language": "fr", "vat_due": "on_receipt",
        "seller": party("Pôle Aéro", "FR44732829320", "Lyon"),
        "buyer": party("Atelier Dupont", "FR83404833048", "Grenoble"),
        "account": { "iban": "FR1420041010050500013M02606", "bic": "PSSTFRPPPAR" },
        "period": { "first_day": "2026-07-01", "last_day": "2026-07-31" },
        "lines": lines,
        "notes": [{ "subject": "PMT", "text": "Indemnité forfaitaire : 40 €." }],
    })
}

fn document(content: Value) -> Document {
    serde_json::from_value(content).unwrap()
}

fn issued(xml: Option<&[u8]>) -> Stage<'_> {
    stage(xml, None)
}

/// The same, of a pole that collects online.
fn payable(pay_at: &str) -> Stage<'_> {
    stage(None, Some(pay_at))
}

fn stage<'s>(xml: Option<&'s [u8]>, pay_at: Option<&'s str>) -> Stage<'s> {
    let (issued_on, due_on) = (date(2026, 8, 3), date(2026, 9, 2));
    Stage::Issued { number: "FA-2026-000123", issued_on, due_on, xml, pay_at }
}

/// The pages of a document that has its number, or has none.
fn pages(content: Value, stage: Stage<'_>) -> Vec<Page> {
    let (document, look) = (document(content), Look::default());
    let sheet = Sheet { document: &document, stage, look: &look };
    let mut flow = Flow::new(&sheet);
    fill(&mut flow).unwrap();
    flow.finish()
}

/// What a page says, blanks of all kinds written as spaces.
fn said(page: &Page) -> Vec<String> {
    let text = |mark: &Mark| match mark {
        Mark::Text(_, line) | Mark::Watermark(line) => Some(line.shaped.text.clone()),
        _ => None,
    };
    let blank = ['\u{a0}', '\u{202f}'];
    page.marks.iter().filter_map(|(_, mark)| Some(text(mark)?.replace(blank, " "))).collect()
}

fn all_said(pages: &[Page]) -> String {
    pages.iter().flat_map(said).collect::<Vec<_>>().join("\n")
}

#[test]
fn an_invoice_says_what_the_law_asks_for() {
    let mut content = content(&[pooled(Some("40000"), "graduated"), fee(1)]);
    content["vat_due"] = json!("on_debits");
    content["seller"]["legal_form"] = json!("Association loi 1901");
    let pages = pages(content, issued(None));
    let text = all_said(&pages);
    for needed in [
        "Facture",
        "FA-2026-000123",
        "3 août 2026",
        "échéance le 2 septembre 2026",
        "du 1er au 31 juillet 2026",
        "Pôle Aéro",
        "Association loi 1901",
        "SIREN 732 829 320",
        "N° TVA FR44732829320",
        "FR83404833048",
        "Atelier Dupont",
        "1 200 heures",
        "0,055 €",
        "20 %",
        "66,00 €",
        "81,00 €",
        "16,20 €",
        "97,20 €",
        "Option pour le paiement de la taxe d’après les débits.",
        "Indemnité forfaitaire : 40 €.",
        "FR14 2004 1010 0505 0001 3M02 606",
        "Page 1 sur 1",
    ] {
        assert!(text.contains(needed), "{needed}\n{text}");
    }
    assert!(pages[0].marks.iter().any(|(_, mark)| matches!(mark, Mark::Code { .. })));
}

#[test]
fn a_panel_shows_how_the_volume_made_the_price() {
    let text =
        |quantity, model| all_said(&pages(content(&[pooled(quantity, model)]), issued(None)));
    let shown = text(Some("40000"), "graduated");
    for needed in [
        "Comment le volume du pôle a fait ce prix",
        "40 000 heures",
        "96,00 €",
        "30,00 € (−31 %)",
        "0,080",
        "0,055",
        "0,030",
        "10 000",
        "50 000",
        "Encore 10 000 heures, et chaque unité suivante coûte 0,03",
    ] {
        assert!(shown.contains(needed), "{needed}\n{shown}");
    }
    // The panel says what the line's detail says.
    assert!(!shown.contains("Prix pour"), "{shown}");
    let volume = text(Some("40000"), "volume");
    assert!(volume.contains("Toutes les unités ont le prix de la tranche atteinte."), "{volume}");
    // On a bound the tier is full, and nothing is missing to the next that could be told.
    assert!(!text(Some("50000"), "graduated").contains("Encore"));
}

#[test]
fn a_volume_that_is_left_out_shows_nowhere() {
    let with = |quantity| pages(content(&[pooled(quantity, "graduated")]), issued(None));
    let hidden = with(None);
    let text = all_said(&hidden);
    let flowing = text.replace('\n', " ");
    assert!(flowing.contains("Le volume du pôle n’est pas indiqué"), "{text}");
    assert!(!text.contains("Utilisés ensemble") && !text.contains("40 000"), "{text}");
    // Neither by the line that stands on the tiers, nor by their colours: all of them look alike.
    let marks = |pages: &[Page], wanted: fn(&Mark) -> bool| {
        pages[0]
            .marks
            .iter()
            .filter(|(role, mark)| {
                matches!(role, Role::Figure(said) if said.contains("tranches")) && wanted(mark)
            })
            .cloned()
            .collect::<Vec<_>>()
    };
    let stands = |mark: &Mark| matches!(mark, Mark::Rule { .. } | Mark::Disc { .. });
    assert_eq!(marks(&hidden, stands).len(), 0);
    assert_eq!(marks(&with(Some("40000")), stands).len(), 3);
    let grounds = marks(&hidden, |mark| matches!(mark, Mark::Ground(..)));
    let colours: Vec<_> = grounds
        .iter()
        .map(|(_, mark)| match mark {
            Mark::Ground(_, colour) => *colour,
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(colours.len(), 3);
    assert!(colours.windows(2).all(|pair| pair[0] == pair[1]), "{colours:?}");
}

#[test]
fn nobody_reads_of_a_saving_that_there_was_not() {
    let mut line = pooled(Some("40000"), "graduated");
    line["pool"]["alone"] = json!("66");
    let text = all_said(&pages(content(&[line]), issued(None)));
    assert!(!text.contains("Économisé") && !text.contains("Seul"), "{text}");
}

#[test]
fn pages_carry_the_sum_over_and_count_themselves() {
    let lines: Vec<_> = (1..=60).map(fee).collect();
    let pages = pages(content(&lines), issued(None));
    let count = pages.len();
    assert!(count > 1);
    let mut carried = None;
    for (nth, page) in (1..).zip(&pages) {
        let said = said(page);
        let after = |label: &str| {
            let at = said.iter().position(|text| text == label)?;
            said.get(at + 1).cloned()
        };
        assert!(said.contains(&format!("Page {nth} sur {count}")));
        assert_eq!(after("Report"), carried, "page {nth}");
        carried = after("À reporter");
        let rows = said.iter().filter(|text| text.starts_with("Accès")).count();
        assert_eq!(said.contains(&"Désignation".to_owned()), rows > 0, "page {nth}");
    }
    let text = all_said(&pages);
    for nth in 1..=60 {
        assert_eq!(text.lines().filter(|line| *line == format!("Accès {nth}")).count(), 1, "{nth}");
    }
    // Totals stand together.
    let page = pages.iter().find(|page| said(page).contains(&"Total TTC".to_owned())).unwrap();
    assert!(
        said(page).contains(&"Total HT".to_owned()) && said(page).contains(&"Base HT".to_owned())
    );
}

#[test]
fn nothing_leaves_the_page_and_the_address_stays_in_the_window() {
    let long =
        "Groupement d’intérêt économique pour la recherche collaborative en matériaux ".repeat(2);
    let mut content = content(&[pooled(Some("40000"), "graduated")]);
    content["buyer"]["name"] = json!(long.trim());
    content["buyer"]["address"]["lines"] = json!(["x".repeat(200), "Bâtiment B", "ZA des Prés"]);
    content["seller"]["name"] = json!("Wd".repeat(100));
    content["lines"][0]["name"] = json!("é".repeat(300));
    content["lines"][0]["unit_price"] = json!("1234567.123456");
    content["lines"][0]["quantity"] = json!("1234567.1234");
    let pages = pages(content, issued(None));
    let window = Area { x: mm(100.0), y: mm(45.0), width: mm(94.0), height: mm(45.0) };
    for (_, mark) in pages.iter().flat_map(|page| &page.marks) {
        let Mark::Text(at, line) = mark else { continue };
        let text = &line.shaped.text;
        assert!(at.x >= 0.0 && at.x + line.width() <= page::WIDTH - 20.0, "{text}: {at:?}");
        assert!(at.y > 0.0 && at.y < page::HEIGHT - 10.0, "{text}: {at:?}");
        let address = ["ZA des Prés", "69003 Grenoble"].contains(&text.as_str());
        if address {
            assert!(at.x >= window.x && at.y > window.y && at.y <= window.bottom(), "{at:?}");
        }
    }
}

#[test]
fn a_credit_note_says_what_it_corrects_and_asks_for_nothing() {
    let mut content = content(&[fee(1)]);
    content["kind"] = json!("credit_note");
    content["corrects"] = json!([{ "number": "FA-2026-000123", "issued_on": "2026-08-03" }]);
    content["notes"] = json!([{ "subject": "AAI", "text": "Geste commercial." }]);
    let pages = pages(content, issued(None));
    let text = all_said(&pages);
    for needed in ["Avoir", "FA-2026-000123 du 3 août 2026", "Geste commercial.", "Avoir TTC"] {
        assert!(text.contains(needed), "{needed}\n{text}");
    }
    assert!(!text.contains("IBAN") && !text.contains("échéance"), "{text}");
}

#[test]
fn what_lies_outside_vat_shows_its_reason_and_no_vat_number() {
    let mut line = fee(1);
    let reason = "Hors champ d’application de la TVA";
    line["vat"] = json!({ "category": "O", "rate_percent": "0",
        "exemption": { "code": "VATEX-EU-O", "reason": reason } });
    let text = all_said(&pages(content(&[line]), issued(None)));
    assert!(text.contains(reason), "{text}");
    assert!(!text.contains("FR44732829320") && !text.contains("FR83404833048"), "{text}");
}

#[test]
fn a_document_leads_to_where_it_is_paid() {
    let at = "https://palier.example/v1/poles/aero/pay/inv_1.0123";
    let links = |pages: &[Page]| -> Vec<String> {
        let marks = pages.iter().flat_map(|page| &page.marks);
        let link = |(role, mark): &(Role, Mark)| match (role, mark) {
            (Role::Link(to), Mark::Text(_, line)) => Some(format!("{} → {to}", line.shaped.text)),
            _ => None,
        };
        marks.filter_map(link).collect()
    };
    let text = "régler FA-2026-000123 sur palier.example";
    let plain = content(&[fee(1)]);
    assert_eq!(links(&pages(plain.clone(), payable(at))), [format!("{text} → {at}")]);
    assert_eq!(links(&pages(plain.clone(), issued(None))), [""; 0]);
    let mut english = plain.clone();
    english["language"] = json!("en");
    let said = all_said(&pages(english, payable(at)));
    assert!(said.contains("Online payment: \npay FA-2026-000123 at palier.example"), "{said}");
    // Also where there is no account to send money to.
    let mut without = plain.clone();
    without.as_object_mut().unwrap().remove("account");
    let pages_without = pages(without, payable(at));
    assert_eq!(links(&pages_without).len(), 1);
    assert!(!all_said(&pages_without).contains("IBAN"));
    // Nobody pays a credit note.
    let mut credit = plain.clone();
    credit["kind"] = json!("credit_note");
    credit["corrects"] = json!([{ "number": "FA-2026-000122", "issued_on": "2026-08-02" }]);
    assert_eq!(links(&pages(credit, payable(at))), [""; 0]);
    // It stands on one page with the account, however far down that is.
    for lines in 1..40 {
        let lines: Vec<_> = (1..=lines).map(fee).collect();
        let pages = pages(content(&lines), payable(at));
        let of_link = pages.iter().find(|page| !links(std::slice::from_ref(page)).is_empty());
        assert!(said_by(of_link).contains("IBAN"), "{} lines", lines.len());
    }
    // A reader's program finds it, on the page and in what is read out.
    let document = document(plain);
    let look = Look::default();
    let pdf = Sheet { document: &document, stage: payable(at), look: &look }.pdf().unwrap();
    let pdf = String::from_utf8_lossy(&pdf);
    for needed in [&format!("/URI({at})"), "/Subtype/Link", "/S/Link", "/Type/OBJR"] {
        assert!(pdf.contains(needed), "{needed}");
    }
}

fn said_by(page: Option<&Page>) -> String {
    all_said(std::slice::from_ref(page.unwrap()))
}

#[test]
fn a_draft_says_so_on_every_page_and_cannot_be_paid() {
    let lines: Vec<_> = (1..=60).map(fee).collect();
    let pages = pages(content(&lines), Stage::Draft { as_of: date(2026, 8, 1) });
    assert!(pages.len() > 1);
    for page in &pages {
        let across = |(_, mark): &(Role, Mark)| matches!(mark, Mark::Watermark(_));
        assert!(page.marks.iter().any(across));
    }
    let text = all_said(&pages);
    assert!(text.contains("PROJET") && !text.contains("IBAN") && !text.contains("échéance"));
}

#[test]
fn a_document_is_the_same_file_however_often_it_is_drawn() {
    let document = document(content(&[pooled(Some("40000"), "graduated"), fee(1)]));
    let look = Look::default();
    let draw = |stage| Sheet { document: &document, stage, look: &look }.pdf().unwrap();
    let pdf = draw(issued(Some(XML)));
    assert_eq!(pdf, draw(issued(Some(XML))));
    assert_ne!(pdf, draw(issued(Some(b"<y/>"))));
    let text = String::from_utf8_lossy(&pdf).into_owned();
    for needed in [
        "<pdfaid:part>3</pdfaid:part>",
        "<pdfaid:conformance>B</pdfaid:conformance>",
        "<fx:DocumentFileName>factur-x.xml</fx:DocumentFileName>",
        "/AFRelationship/Alternative",
        "/OutputIntents",
        "/StructTreeRoot",
    ] {
        assert!(text.contains(needed), "{needed}");
    }
    // A page for people alone does not say that it carries an invoice.
    let plain = String::from_utf8_lossy(&draw(issued(None))).into_owned();
    assert!(!plain.contains("<fx:") && !plain.contains("/AFRelationship"));
}
