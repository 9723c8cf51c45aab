//! Wrong documents: each must fail, by the rule that its fault breaks, or all else proves nothing.

use std::fs;

use palier_billing::{Issued, einvoice};
use palier_tests::{scratch, workspace};

use super::official::verdicts;

/// What is changed in the XML, and who must complain by which rule.
type Fault = (&'static str, &'static str, &'static str, &'static str);

const CII: &[Fault] = &[
    // The schema: an element that is not there, a number that is none.
    ("<ram:TypeCode>380</ram:TypeCode>", "<ram:Kind>380</ram:Kind>", "xsd", "SCHEMAV"),
    (
        "<ram:BilledQuantity unitCode=\"HUR\">1200<",
        "<ram:BilledQuantity unitCode=\"HUR\">much<",
        "xsd",
        "SCHEMAV",
    ),
    // The European standard.
    ("<ram:GrandTotalAmount>79.20<", "<ram:GrandTotalAmount>79.21<", "en16931", "BR-CO-15"),
    ("<ram:ChargeAmount>0.055<", "<ram:ChargeAmount>-0.055<", "en16931", "BR-27"),
    (
        "<ram:CategoryCode>S</ram:CategoryCode>",
        "<ram:CategoryCode>O</ram:CategoryCode>",
        "en16931",
        "BR-O-02",
    ),
    ("schemeID=\"VA\">FR44732829320", "schemeID=\"VA\">4444732829320", "en16931", "BR-CO-09"),
    // The reform.
    ("<ram:ID>S1</ram:ID>", "<ram:ID>X1</ram:ID>", "br-fr", "BR-FR-08"),
    ("<ram:SubjectCode>PMT<", "<ram:SubjectCode>AAI<", "br-fr", "BR-FR-05"),
    ("<ram:SubjectCode>PMT<", "<ram:SubjectCode>PMD<", "br-fr", "BR-FR-06"),
    ("<ram:Content>B2B<", "<ram:Content>B2G<", "br-fr", "BR-FR-20"),
    ("<ram:ID>FA-2026-000001<", "<ram:ID>FA 2026 1<", "br-fr", "BR-FR-02"),
    (
        "<ram:URIID schemeID=\"0225\">404833048_ACHATS<",
        "<ram:URIID schemeID=\"0225\">ACHATS<",
        "br-fr",
        "BR-FR-21",
    ),
    (
        "<ram:ID schemeID=\"0002\">732829320<",
        "<ram:ID schemeID=\"0002\">7328293<",
        "br-fr",
        "BR-FR-10",
    ),
    ("unitCode=\"HUR\">1200<", "unitCode=\"HUR\">1200.00001<", "br-fr", "BR-FR-DEC-02"),
    ("<ram:RateApplicablePercent>20<", "<ram:RateApplicablePercent>21<", "br-fr", "BR-FR-16"),
    ("\"102\">20260902<", "\"102\">20260802<", "br-fr", "BR-FR-CO-07"),
    // What they all let pass: VAT within a euro, and a line that is not its product.
    ("<ram:CalculatedAmount>13.20<", "<ram:CalculatedAmount>13.90<", "arithmetic", "of.vat"),
    ("<ram:ChargeAmount>0.055<", "<ram:ChargeAmount>0.056<", "arithmetic", "line.amount"),
    (
        "<ram:Description>À payer au plus tard le 02/09/2026.</ram:Description>",
        "",
        "arithmetic",
        "terms",
    ),
];

const UBL: &[Fault] = &[
    ("<cbc:IssueDate>2026-08-03<", "<cbc:IssueDate>03/08/2026<", "xsd", "SCHEMAV"),
    (">79.20</cbc:TaxInclusiveAmount>", ">79.21</cbc:TaxInclusiveAmount>", "en16931", "BR-CO-15"),
    (">13.20</cbc:TaxAmount>", ">15.20</cbc:TaxAmount>", "en16931", "BR-S-09"),
    ("unitCode=\"HUR\"", "unitCode=\"HOURS\"", "en16931", "BR-CL-23"),
    ("<cbc:ProfileID>S1<", "<cbc:ProfileID>X1<", "br-fr", "BR-FR-08"),
    ("#PMT#", "#AAI#", "br-fr", "BR-FR-05"),
    ("#BAR#B2B<", "#BAR#B2G<", "br-fr", "BR-FR-20"),
    ("<cbc:DueDate>2026-09-02<", "<cbc:DueDate>2026-08-02<", "br-fr", "BR-FR-CO-07"),
    (
        ">66.00</cbc:LineExtensionAmount>",
        ">66.01</cbc:LineExtensionAmount>",
        "arithmetic",
        "line.amount",
    ),
];

#[test]
fn what_is_wrong_fails_by_the_rule_it_breaks() {
    let example = workspace().join("billing/src/einvoice/example.json");
    let issued: Issued = serde_json::from_slice(&fs::read(example).unwrap()).unwrap();
    let folder = scratch("einvoices-wrong");
    let write = |name: &str, xml: &str| fs::write(folder.join(name), xml).unwrap();
    let cii = String::from_utf8(einvoice::cii(&issued).unwrap()).unwrap();
    let ubl = String::from_utf8(einvoice::ubl(&issued).unwrap()).unwrap();
    let faults = CII.iter().map(|fault| (&cii, "cii", fault));
    let faults = faults.chain(UBL.iter().map(|fault| (&ubl, "ubl", fault)));
    let faults: Vec<_> = faults.enumerate().collect();
    write("right-cii.xml", &cii);
    write("right-ubl.xml", &ubl);
    write("torn.xml", &cii[..1000]);
    for (nth, (xml, syntax, (from, to, ..))) in &faults {
        assert!(xml.contains(from), "{from} is not in the {syntax}");
        write(&format!("{nth}.xml"), &xml.replace(from, to));
    }
    let Some(found) = verdicts(&folder) else { return };
    for right in ["right-cii.xml", "right-ubl.xml"] {
        assert!(found[right].failed.is_empty(), "{right}: {:?}", found[right].failed);
    }
    assert!(found["torn.xml"].fails("xsd", "well-formed"));
    for (nth, (_, syntax, (from, to, by, rule))) in faults {
        let verdict = &found[&format!("{nth}.xml")];
        let what = format!("{syntax}, {from} -> {to}: {:#?}", verdict.failed);
        assert!(verdict.fails(by, rule), "{by} does not complain by {rule} of {what}");
    }
}
