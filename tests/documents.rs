//! Documents as PDF: what they are to a reader, to a program, and to who may not see them.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use palier_tests::{Answer, Engine, Pole, command, on_both, skip_unless_ci, workspace};
use serde_json::{Value, json};

use crate::invoices::real::settings;
use crate::invoices::setting::{Small, fee, graduated};
use crate::people::{Person, faults};
use crate::seed::member;

/// The interpreter that `tests/prepare` has installed pypdf for.
fn python() -> Option<PathBuf> {
    let python = workspace().join("target/ci-tools/bin/python");
    let imported = command(&python).args(["-c", "import pypdf"]).output();
    if !imported.is_ok_and(|output| output.status.success()) {
        skip_unless_ci("pypdf is not there: `tests/prepare` installs it");
        return None;
    }
    Some(python)
}

/// What a file is, as another program reads it.
#[track_caller]
pub(crate) fn read(pdf: &[u8]) -> Option<Value> {
    let python = python()?;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("document.pdf");
    std::fs::write(&path, pdf).unwrap();
    let script = workspace().join("tests/documents/read_pdf.py");
    let told = command(python).arg(script).arg(&path).output().unwrap();
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    Some(serde_json::from_slice(&told.stdout).unwrap())
}

/// What its pages say, blanks of all kinds as spaces.
fn text(read: &Value) -> String {
    let pages = read["texts"].as_array().unwrap().iter().map(|page| page.as_str().unwrap());
    pages.collect::<Vec<_>>().join("\n").replace(['\u{a0}', '\u{202f}'], " ")
}

/// The id of a member's document of July.
fn id(small: &Small, code: &str) -> String {
    let documents = small.documents("2026-07");
    let mut of = documents.iter().filter(|it| it["document"]["buyer"]["code"] == code);
    of.next().unwrap()["id"].as_str().unwrap().to_owned()
}

fn pdf(small: &Small, code: &str) -> Answer {
    small.finance.get(&small.at(&format!("invoices/{}/pdf", id(small, code)))).expect(200)
}

/// Three companies that used 40,000 hours together, so that none can tell what another did.
fn three(engine: Engine) -> Small {
    let mut small = Small::new(engine, &[graduated(), fee()]);
    small.join(member("atelier", "552100554"));
    for (member, hours) in [("forge", "1200"), ("usine", "30000"), ("atelier", "8800")] {
        small.used(&format!("of-{member}"), member, "2026-07-14", hours);
    }
    small
}

on_both!(a_final_document_is_one_file_whoever_asks_for_it);
fn a_final_document_is_one_file_whoever_asks_for_it(engine: Engine) {
    let small = three(engine);
    small.close("2026-07");
    let answer = pdf(&small, "forge");
    assert_eq!(answer.header("content-type"), "application/pdf");
    let document = small
        .documents("2026-07")
        .into_iter()
        .find(|it| it["document"]["buyer"]["code"] == "forge");
    let document = document.unwrap();
    let number = document["number"].as_str().unwrap();
    let name = format!("inline; filename=\"{number}.pdf\"");
    assert_eq!(answer.header("content-disposition"), name);
    let at = small.at(&format!("invoices/{}/pdf", id(&small, "forge")));
    let known = small.finance.with_header("if-none-match", answer.header("etag"));
    known.get(&at).expect(304);
    // The command writes the same bytes, alone or with all of the month.
    let folder = tempfile::tempdir().unwrap();
    let to = folder.path().to_str().unwrap();
    let pole = ["--pole", small.pole.code.as_str(), "--to", to];
    small.server.palier(["invoices", "pdf", number].iter().chain(&pole)).success();
    let path = folder.path().join(format!("{number}.pdf"));
    assert_eq!(std::fs::read(&path).unwrap(), answer.bytes);
    std::fs::remove_file(&path).unwrap();
    small.try_invoices(&["pdf", "--to", to], "2026-07").success();
    assert_eq!(std::fs::read(&path).unwrap(), answer.bytes);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 3);
    let none = small.server.palier(["invoices", "pdf", "FA-1999-000001"].iter().chain(&pole));
    assert_eq!((none.status.code(), none.stdout.as_str()), (Some(2), ""), "{none}");
}

on_both!(a_document_says_how_the_pool_made_its_price);
fn a_document_says_how_the_pool_made_its_price(engine: Engine) {
    let small = three(engine);
    small.close("2026-07");
    let Some(read) = read(&pdf(&small, "forge").bytes) else { return };
    let text = text(&read);
    // 10,000 hours at 0.08 € and 30,000 at 0.055 €: 2,450 € for 40,000, and 0.06125 € an hour.
    for needed in
        ["40 000", "0,06125 €", "96,00 €", "73,50 €", "22,50 € (−23 %)", "10 000", "0,080"]
    {
        assert!(text.contains(needed), "{needed}\n{text}");
    }
    for needed in ["Association Pôle Calcul", "732 829 320", "88,50 €", "106,20 €", "Page 1 sur 1"]
    {
        assert!(text.contains(needed), "{needed}\n{text}");
    }
}

on_both!(a_purchase_order_is_on_the_document);
fn a_purchase_order_is_on_the_document(engine: Engine) {
    let small = Small::new(engine, &[fee()]);
    let order = json!({ "purchase_order": "BC-2026/17" });
    small.patch(&format!("members/{}", small.members["forge"]), order);
    let change = json!({ "purchase_order": "PO 4500012345", "language": "en" });
    small.patch(&format!("members/{}", small.members["usine"]), change);
    small.close("2026-07");
    for (code, label, number) in [
        ("forge", "Votre commande", "BC-2026/17"),
        ("usine", "Your purchase order", "PO 4500012345"),
    ] {
        let Some(read) = read(&pdf(&small, code).bytes) else { return };
        let text = text(&read);
        assert!(text.contains(label) && text.contains(number), "{text}");
    }
}

on_both!(what_another_used_cannot_be_told_from_a_document);
fn what_another_used_cannot_be_told_from_a_document(engine: Engine) {
    let small = Small::new(engine, &[graduated()]);
    small.used("one", "forge", "2026-07-14", "1200");
    small.used("two", "usine", "2026-07-14", "38800");
    small.close("2026-07");
    let Some(read) = read(&pdf(&small, "forge").bytes) else { return };
    let text = text(&read);
    assert!(text.contains("0,06125 €") && text.contains("96,00 €"), "{text}");
    assert!(!text.contains("40 000") && !text.contains("38 800"), "{text}");
}

on_both!(a_draft_is_a_preview_for_staff_alone);
fn a_draft_is_a_preview_for_staff_alone(engine: Engine) {
    let small = three(engine);
    small.run("2026-07");
    let answer = pdf(&small, "forge");
    let id = id(&small, "forge");
    assert_eq!(answer.header("content-disposition"), format!("inline; filename=\"{id}.pdf\""));
    let pole = Pole {
        id: small.pole.id.clone(),
        code: small.pole.code.clone(),
        admin_email: String::new(),
        token: String::new(),
        admin: small.finance.clone(),
    };
    let grants = json!([{ "role": "member_admin", "member": small.members["forge"] }]);
    let person = Person::new(&small.server, &pole, &grants).client;
    person.get(&small.at(&format!("invoices/{id}/pdf"))).expect(404);
    if let Some(read) = read(&answer.bytes) {
        let text = text(&read);
        assert!(text.contains("PROJET") && !text.contains("IBAN"), "{text}");
        assert_eq!(read["attachments"], json!([]));
    }
    small.invoices(&["finalise"], "2026-07");
    person.get(&small.at(&format!("invoices/{id}/pdf"))).expect(200);
}

on_both!(a_file_is_a_pdf_to_keep_for_ten_years);
fn a_file_is_a_pdf_to_keep_for_ten_years(engine: Engine) {
    let small = three(engine);
    small.close("2026-07");
    let Some(read) = read(&pdf(&small, "usine").bytes) else { return };
    for (name, font) in read["fonts"].as_object().unwrap() {
        assert_eq!(*font, json!({ "embedded": true, "to_unicode": true }), "{name}");
    }
    assert_eq!(read["fonts"].as_object().unwrap().len(), 2);
    let intents = read["intents"].as_array().unwrap();
    assert_eq!(intents.len(), 1);
    assert_eq!(intents[0]["kind"], "/GTS_PDFA1");
    assert!(intents[0]["profile"].as_u64().unwrap() > 128, "{read}");
    let property = |name: &str| &read["metadata"]["properties"][name];
    assert_eq!(property("{http://www.aiim.org/pdfa/ns/id/}part"), "3");
    assert_eq!(property("{http://www.aiim.org/pdfa/ns/id/}conformance"), "B");
    assert_eq!((&read["marked"], &read["language"]), (&json!(true), &json!("fr")));
    let roles = json!(["/Document", "/Figure", "/H1", "/H2", "/P", "/TD", "/TH", "/TR", "/Table"]);
    assert_eq!(read["roles"], roles);
    assert_eq!(read["sizes"][0], json!([0.0, 0.0, 595.276, 841.89]));
    assert_eq!(read["links"], json!([]), "nobody pays it online");
}

on_both!(a_file_carries_its_electronic_invoice_byte_for_byte);
fn a_file_carries_its_electronic_invoice_byte_for_byte(engine: Engine) {
    let small = three(engine);
    small.close("2026-07");
    let Some(read) = read(&pdf(&small, "usine").bytes) else { return };
    let id = id(&small, "usine");
    let xml = small.finance.get(&small.at(&format!("invoices/{id}/cii"))).expect(200).bytes;
    let attached = json!([{ "name": "factur-x.xml", "relationship": "/Alternative",
        "type": "/text/xml", "text": String::from_utf8(xml).unwrap() }]);
    assert_eq!(read["attachments"], attached);
    let schema = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#";
    for (name, value) in [
        ("DocumentType", "INVOICE"),
        ("DocumentFileName", "factur-x.xml"),
        ("Version", "1.0"),
        ("ConformanceLevel", "EN 16931"),
    ] {
        let property = &read["metadata"]["properties"][format!("{{{schema}}}{name}")];
        assert_eq!(property, value, "{name}");
    }
    // A schema that PDF/A does not know is described beside the others, in the same list.
    let described = read["metadata"]["described"].as_array().unwrap();
    assert_eq!(described.iter().filter(|it| **it == schema).count(), 1);
}

/// A PNG of one colour, as the format asks for it.
fn png(width: u32, height: u32) -> Vec<u8> {
    use std::io::Write as _;
    let pixels = vec![[0_u8; 3]; usize::try_from(width).unwrap()].concat();
    let row = [&[0], &pixels[..]].concat();
    let mut zlib = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    for _ in 0..height {
        zlib.write_all(&row).unwrap();
    }
    let mut head = [width.to_be_bytes(), height.to_be_bytes()].concat();
    head.extend([8, 2, 0, 0, 0]);
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, data) in [(b"IHDR", head), (b"IDAT", zlib.finish().unwrap()), (b"IEND", vec![])] {
        let mut sum = flate2::Crc::new();
        sum.update(kind);
        sum.update(&data);
        png.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
        png.extend(kind);
        png.extend(&data);
        png.extend(sum.sum().to_be_bytes());
    }
    png
}

on_both!(documents_look_as_the_pole_does);
fn documents_look_as_the_pole_does(engine: Engine) {
    let small = three(engine);
    let with = |documents: &Value| {
        let mut settings = settings();
        settings["documents"] = documents.clone();
        settings
    };
    let whatever = small.pole.admin.with_header("if-match", "*");
    let refused = |documents: &Value| {
        let answer = whatever.put(&small.at("billing-settings"), with(documents)).expect(422);
        let faults = faults(&answer).into_iter().map(|(pointer, code)| format!("{pointer} {code}"));
        faults.collect::<Vec<_>>().join(", ")
    };
    let logo = |png: &[u8]| json!({ "logo": STANDARD.encode(png) });
    assert_eq!(refused(&json!({ "accent": "#ffee00" })), "/documents/accent contrast");
    assert_eq!(refused(&json!({ "accent": "red" })), "/documents/accent pattern");
    assert_eq!(refused(&logo(b"GIF89a, or some such thing")), "/documents/logo png");
    assert_eq!(refused(&logo(&png(1201, 10))), "/documents/logo too_large");
    // What only drawing it shows: a picture that breaks off.
    let whole = png(300, 90);
    let mut broken = whole.clone();
    broken.truncate(60);
    assert_eq!(refused(&logo(&broken)), "/documents/logo png");
    assert_eq!(refused(&json!({ "logo": "A".repeat(65_540) })), "/documents/logo max_length");

    small.run("2026-07");
    let plain = pdf(&small, "forge").bytes;
    let mut look = logo(&whole);
    look["accent"] = json!("#7a1f3d");
    small.put("billing-settings", with(&look));
    let set = small.finance.get(&small.at("billing-settings")).expect(200).json();
    assert_eq!(set["documents"], look);
    let dressed = pdf(&small, "forge").bytes;
    assert_ne!(dressed, plain, "a draft looks as the pole does now");
    small.invoices(&["finalise"], "2026-07");
    let kept = pdf(&small, "forge").bytes;
    if let Some(read) = read(&kept) {
        assert_eq!(read["pictures"], json!([[300, 90]]));
    }
    // What it says has not changed, and what was sealed neither.
    assert_eq!(small.faults(), [""; 0]);
}
