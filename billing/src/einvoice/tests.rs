//! What electronic invoices say, and what is none. That they are valid, the official rules decide, with
//! the tests of the public doors.

use serde_json::{Value, json};

use super::*;
use crate::{DocumentKind, PartyError};

fn example() -> Value {
    serde_json::from_str(include_str!("example.json")).unwrap()
}

fn issued(change: impl FnOnce(&mut Value)) -> Issued {
    let mut value = example();
    change(&mut value);
    serde_json::from_value(value).unwrap()
}

/// Both syntaxes of a changed example.
fn both(change: impl FnOnce(&mut Value)) -> [String; 2] {
    let issued = issued(change);
    [cii(&issued), ubl(&issued)].map(|xml| String::from_utf8(xml.unwrap()).unwrap())
}

fn refused(change: impl FnOnce(&mut Value)) -> EinvoiceError {
    let issued = issued(change);
    let error = cii(&issued).unwrap_err();
    assert_eq!(ubl(&issued), Err(error.clone()));
    error
}

fn has(xml: &str, part: &str) {
    assert!(xml.contains(part), "{part} is not in {xml}");
}

fn lacks(xml: &str, part: &str) {
    assert!(!xml.contains(part), "{part} is in {xml}");
}

#[test]
fn a_sealed_document_gives_the_same_bytes_for_ever() {
    let read = issued(|_| {});
    assert_eq!(serde_json::to_value(&read).unwrap(), example(), "the example is canonical");
    let again: Issued = serde_json::from_slice(&read.canonical().unwrap()).unwrap();
    assert_eq!(cii(&again), cii(&read));
    assert_eq!(ubl(&again), ubl(&read));
}

#[test]
fn each_knows_where_the_other_is() {
    let [cii, ubl] = both(|_| {});
    has(&cii, r#"<ram:URIID schemeID="0225">404833048_ACHATS</ram:URIID>"#);
    has(&cii, r#"<ram:URIID schemeID="0225">732829320</ram:URIID>"#);
    has(&ubl, r#"<cbc:EndpointID schemeID="0225">404833048_ACHATS</cbc:EndpointID>"#);
    let [cii, ubl] = both(|it| it["buyer"]["electronic_address"] = Value::Null);
    has(&cii, r#"<ram:URIID schemeID="0225">404833048</ram:URIID>"#);
    has(&ubl, r#"<cbc:EndpointID schemeID="0225">404833048</cbc:EndpointID>"#);
    let abroad = |it: &mut Value| {
        let address = json!({ "lines": ["Werkstraße 1"], "city": "Berlin", "country": "DE" });
        it["buyer"] = json!({ "name": "Werk", "email": "post@werk.example", "address": address });
    };
    let [cii, _] = both(abroad);
    has(&cii, r#"<ram:URIID schemeID="EM">post@werk.example</ram:URIID>"#);
    lacks(&cii, r#"<ram:ID schemeID="0002">404833048</ram:ID>"#);
}

#[test]
fn the_reform_is_told_what_to_do_with_it() {
    let told = |change: &dyn Fn(&mut Value)| {
        let [cii, ubl] = both(|it| change(it));
        let found = ["B2B", "B2BINT", "B2C", "OUTOFSCOPE"].into_iter().filter(|word| {
            let said = ubl.contains(&format!("<cbc:Note>#BAR#{word}</cbc:Note>"));
            assert_eq!(cii.contains(&format!("<ram:Content>{word}</ram:Content>")), said);
            said
        });
        found.collect::<Vec<_>>().join(" ")
    };
    let at = |country: &str, postcode: &str| json!({ "lines": ["1"], "postcode": postcode, "city": "Ville", "country": country });
    assert_eq!(told(&|_| {}), "B2B");
    assert_eq!(told(&|it| it["buyer"]["address"] = at("RE", "97400")), "B2B");
    assert_eq!(told(&|it| it["buyer"]["address"] = at("FR", "97300")), "B2BINT");
    assert_eq!(told(&|it| it["buyer"]["address"] = at("DE", "10115")), "B2BINT");
    let unnumbered = |it: &mut Value, country: &str| {
        it["buyer"] =
            json!({ "name": "M", "email": "m@m.example", "address": at(country, "98000") });
    };
    assert_eq!(told(&|it| unnumbered(it, "MC")), "B2BINT");
    assert_eq!(told(&|it| unnumbered(it, "FR")), "B2C");
    let free = |it: &mut Value, category: &str, code: &str| {
        let exemption = json!({ "code": code, "reason": "…" });
        it["lines"][0]["vat"] =
            json!({ "category": category, "rate_percent": "0", "exemption": exemption });
    };
    assert_eq!(told(&|it| free(it, "O", "VATEX-EU-O")), "OUTOFSCOPE");
    assert_eq!(told(&|it| free(it, "E", "VATEX-FR-CGI261-7")), "OUTOFSCOPE");
    assert_eq!(told(&|it| free(it, "E", "VATEX-FR-CGI261B")), "OUTOFSCOPE");
    assert_eq!(told(&|it| free(it, "E", "VATEX-FR-FRANCHISE")), "B2B");
}

#[test]
fn what_lies_outside_vat_shows_no_vat_number_and_no_rate() {
    let [cii, ubl] = both(|it| {
        let exemption = json!({ "code": "VATEX-EU-O", "reason": "Hors champ" });
        it["lines"][0]["vat"] =
            json!({ "category": "O", "rate_percent": "0", "exemption": exemption });
    });
    for part in ["schemeID=\"VA\"", "schemeID=\"FC\"", "RateApplicablePercent", "DueDateTypeCode"] {
        lacks(&cii, part);
    }
    for part in ["PartyTaxScheme", "cbc:Percent", "DescriptionCode"] {
        lacks(&ubl, part);
    }
    has(&cii, "<ram:ExemptionReasonCode>VATEX-EU-O</ram:ExemptionReasonCode>");
    has(&ubl, "<cbc:TaxExemptionReason>Hors champ</cbc:TaxExemptionReason>");
}

#[test]
fn a_seller_without_vat_number_is_registered_under_its_siren() {
    let [cii, ubl] = both(|it| {
        it["seller"]["vat_number"] = Value::Null;
        let exemption = json!({ "code": "VATEX-FR-FRANCHISE", "reason": "art. 293 B du CGI" });
        it["lines"][0]["vat"] =
            json!({ "category": "E", "rate_percent": "0", "exemption": exemption });
    });
    has(&cii, r#"<ram:ID schemeID="FC">732829320</ram:ID>"#);
    has(&ubl, "<cbc:CompanyID>732829320</cbc:CompanyID>");
}

#[test]
fn vat_says_when_it_falls_due() {
    let [cii, ubl] = both(|_| {});
    has(&cii, "<ram:DueDateTypeCode>72</ram:DueDateTypeCode>");
    has(&ubl, "<cbc:DescriptionCode>432</cbc:DescriptionCode>");
    let [cii, ubl] = both(|it| it["vat_due"] = json!("on_debits"));
    has(&cii, "<ram:DueDateTypeCode>5</ram:DueDateTypeCode>");
    has(&ubl, "<cbc:DescriptionCode>3</cbc:DescriptionCode>");
}

#[test]
fn several_reasons_of_one_category_stand_in_one_breakdown() {
    let [cii, ubl] = both(|it| {
        let line = it["lines"][0].clone();
        let exempt = |code: &str, reason: &str| {
            let exemption = json!({ "code": code, "reason": reason });
            let mut line = line.clone();
            line["vat"] = json!({ "category": "E", "rate_percent": "0", "exemption": exemption });
            line
        };
        it["lines"] = json!([
            exempt("VATEX-FR-CGI261-7", "art. 261-7-1°"),
            exempt("VATEX-FR-CGI261-4", "art. 261-4-9°"),
            exempt("VATEX-FR-CGI261-7", "art. 261-7-1°"),
        ]);
    });
    has(&cii, "<ram:ExemptionReason>art. 261-7-1° ; art. 261-4-9°</ram:ExemptionReason>");
    lacks(&cii, "ExemptionReasonCode");
    assert_eq!(ubl.matches("<cac:TaxSubtotal>").count(), 1);
}

#[test]
fn a_price_for_a_thousand_units_says_so() {
    let [cii, ubl] = both(|it| {
        it["lines"][0]["unit_price"] = json!("0.123456");
        it["lines"][0]["price_base"] = json!("1000");
        it["lines"][0]["quantity"] = json!("123456.7891");
    });
    has(&cii, "<ram:ChargeAmount>0.123456</ram:ChargeAmount>");
    has(&cii, r#"<ram:BasisQuantity unitCode="HUR">1000</ram:BasisQuantity>"#);
    has(&cii, "<ram:LineTotalAmount>15.24</ram:LineTotalAmount>");
    has(&ubl, r#"<cbc:BaseQuantity unitCode="HUR">1000</cbc:BaseQuantity>"#);
    has(&ubl, r#"<cbc:InvoicedQuantity unitCode="HUR">123456.7891</cbc:InvoicedQuantity>"#);
}

#[test]
fn a_credit_note_asks_for_nothing() {
    let [cii, ubl] = both(|it| {
        it["kind"] = json!("credit_note");
        it["corrects"] = json!([{ "number": "FA-2026-000001", "issued_on": "2026-08-03" }]);
        it["notes"] = json!([{ "subject": "AAI", "text": "Trop facturé" }]);
    });
    has(&ubl, "<CreditNote ");
    has(&ubl, "<cbc:CreditNoteTypeCode>381</cbc:CreditNoteTypeCode>");
    has(&cii, "<ram:GrandTotalAmount>79.20</ram:GrandTotalAmount>");
    for part in ["IBANID", "DueDateDateTime"] {
        lacks(&cii, part);
    }
    for subject in ["PMT", "PMD", "AAB"] {
        has(&ubl, &format!("<cbc:Note>#{subject}#Sans objet : avoir.</cbc:Note>"));
    }
    has(&cii, r#"<qdt:DateTimeString format="102">20260803</qdt:DateTimeString>"#);
}

#[test]
fn kinds_have_their_codes() {
    for (kind, code) in [
        (DocumentKind::Invoice, "380"),
        (DocumentKind::Rebate, "262"),
        (DocumentKind::Corrective, "384"),
        (DocumentKind::SelfBilled, "389"),
    ] {
        let [cii, _] = both(|it| {
            it["kind"] = json!(kind.as_str());
            it["corrects"] = json!([{ "number": "FA-2026-000001", "issued_on": "2026-08-03" }]);
        });
        has(&cii, &format!("<ram:TypeCode>{code}</ram:TypeCode>"));
    }
}

#[test]
fn texts_are_carried_as_they_are() {
    let [cii, _] = both(|it| it["buyer"]["name"] = json!("Fils & <Filles> « 1 »"));
    has(&cii, "<ram:Name>Fils &amp; &lt;Filles&gt; « 1 »</ram:Name>");
    let bell = refused(|it| it["lines"][0]["name"] = json!("\u{7}"));
    assert_eq!(bell, EinvoiceError::Character { found: '\u{7}' });
}

#[test]
fn what_would_not_be_valid_is_refused() {
    let party = || "Atelier du Rhône".to_owned();
    assert_eq!(refused(|it| it["seller"]["siren"] = Value::Null), EinvoiceError::SellerSiren);
    let nowhere = refused(|it| {
        for field in ["siren", "email", "electronic_address"] {
            it["buyer"][field] = Value::Null;
        }
    });
    assert_eq!(nowhere, EinvoiceError::NoAddress { party: party() });
    let mail = refused(|it| it["buyer"]["electronic_address"] = json!("EM:a@b.example"));
    let error = PartyError::NotOneOf { allowed: &["0225"] };
    assert_eq!(mail, EinvoiceError::Address { party: party(), error });
    let spaced = refused(|it| it["number"] = json!("FA 1"));
    assert_eq!(spaced, EinvoiceError::Number { number: "FA 1".to_owned() });
    let long = "9".repeat(36);
    assert_eq!(
        refused(|it| it["corrects"] = json!([{ "number": long, "issued_on": "2026-08-03" }])),
        EinvoiceError::Number { number: long.clone() }
    );
    assert_eq!(refused(|it| it["due_on"] = json!("2026-08-02")), EinvoiceError::Due);
    let (date, due) = ("1999-08-03", "2026-08-02");
    let old = refused(|it| (it["issued_on"], it["due_on"]) = (json!(date), json!(due)));
    assert_eq!(old, EinvoiceError::Date { date: date.parse().unwrap() });
    assert_eq!(
        refused(|it| it["currency"] = json!("CHF")),
        EinvoiceError::Currency { code: "CHF" }
    );
    let lost = refused(|it| drop(it["notes"].as_array_mut().unwrap().remove(1)));
    assert_eq!(lost, EinvoiceError::Note { subject: "PMT", found: 0 });
    let twice = refused(|it| {
        let first = it["notes"][0].clone();
        it["notes"].as_array_mut().unwrap().push(first);
    });
    assert_eq!(twice, EinvoiceError::Note { subject: "PMD", found: 2 });
}
