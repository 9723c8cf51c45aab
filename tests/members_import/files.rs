//! Files as people have them.

use std::fs::File;
use std::io::{Cursor, Write as _};

use palier_tests::{Finished, Pole, Server, on_both, skip, workspace};
use serde_json::{Value, json};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::{CSV, FORGE, counts, file, log, member, members, run, run_json, saved, send, send_to};

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

on_both!(the_shared_list_imports_as_it_is);
fn the_shared_list_imports_as_it_is(server: &Server) {
    let list = workspace().join("../shared/data/members.csv");
    if !list.exists() {
        return skip(&format!("{} is not there: the shared list is NOT imported", list.display()));
    }
    let pole = Pole::new(server);
    let said = run(server, &pole, &list, &[]).success();
    let lines: Vec<_> = said.lines().collect();
    assert_eq!(lines[0], "  line   code   action    fields");
    assert_eq!(lines[2], "  2      m001   created");
    assert_eq!(lines[70], "  70     m069   created");
    assert_eq!(lines[71..], ["", "members: 69 created, 0 updated, 0 as they were"]);
    let (before, entries) = (members(&pole), log(&pole).len());
    assert_eq!((before.len(), &before[68]["name"]), (69, &json!("Maintenance M069 SAS")));

    let again = run(server, &pole, &list, &[]).success();
    assert_eq!(again, "members: 0 created, 0 updated, 69 as they were\n");
    let sent = send(&pole, std::fs::read(&list).unwrap());
    assert_eq!((counts(&sent), &sent["changes"]), ([0, 0, 69], &json!([])));
    assert_eq!((members(&pole), log(&pole).len()), (before, entries));
}

on_both!(a_file_as_french_excel_writes_it);
fn a_file_as_french_excel_writes_it(server: &Server) {
    let text = "Code adhérent;Raison sociale;N° SIREN;Adresse;Code postal;Ville;Langue\r\n\
        forge;Forge d’Éloïse;732 829 320;\"1 rue X; bât. B\";69007;Lyon;\r\n";
    let marked = format!("\u{feff}{text}").into_bytes();
    // Its typographic apostrophe is 0x92.
    let western: Vec<u8> =
        text.chars().map(|c| if c == '’' { 0x92 } else { u8::try_from(c).unwrap() }).collect();
    for bytes in [marked, western] {
        let (sent, run) = (Pole::new(server), Pole::new(server));
        assert_eq!(counts(&send(&sent, &bytes)), [1, 0, 0]);
        assert_eq!(counts(&run_json(server, &run, &saved("liste.csv", &bytes), &[])), [1, 0, 0]);
        for pole in [sent, run] {
            let forge = member(&pole, "forge").json();
            assert_eq!(forge["name"], "Forge d’Éloïse");
            assert_eq!(forge["siren"], "732829320");
            assert_eq!(forge["address"]["lines"], json!(["1 rue X; bât. B"]));
            assert_eq!(forge["language"], "fr");
        }
    }
}

on_both!(a_workbook_is_a_file_like_any_other);
fn a_workbook_is_a_file_like_any_other(server: &Server) {
    let (sent, run) = (Pole::new(server), Pole::new(server));
    let book = workbook();
    let report = send_to(&sent.admin, &sent, "", XLSX, &book).expect(200).json();
    assert_eq!(counts(&report), [1, 0, 0]);
    assert_eq!(report["changes"][0]["line"], 3);
    let ran = run_json(server, &run, &saved("liste.xlsx", &book), &[]);
    assert_eq!(ran["file_sha256"], report["file_sha256"]);
    for pole in [sent, run] {
        let forge = member(&pole, "forge").json();
        assert_eq!((&forge["siren"], &forge["name"]), (&json!("005520135"), &json!("Forge")));
        assert_eq!(forge["address"]["postcode"], "01000");
    }
}

/// A workbook of one member, as Excel has it: numbers without the zeros in front.
fn workbook() -> Vec<u8> {
    let text = |cell: &str, text: &str| {
        format!(r#"<c r="{cell}" t="inlineStr"><is><t>{text}</t></is></c>"#)
    };
    let names = ["Code", "Raison sociale", "SIREN", "Adresse", "Code postal", "Ville"];
    let header = ["A2", "B2", "C2", "D2", "E2", "F2"].iter().zip(names);
    let header: String = header.map(|(cell, name)| text(cell, name)).collect();
    let row = [
        text("A3", "forge"),
        text("B3", "Forge"),
        r#"<c r="C3"><v>5520135</v></c>"#.to_owned(),
        text("D3", "1 rue X"),
        r#"<c r="E3"><v>1000</v></c>"#.to_owned(),
        text("F3", "Bourg-en-Bresse"),
    ]
    .concat();
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006";
    let related = |kind: &str, target: &str| {
        format!(
            r#"<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" Type="{office}/{kind}" Target="{target}"/></Relationships>"#
        )
    };
    let types = format!(
        r#"<Types xmlns="{package}/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>"#
    );
    let book = format!(
        r#"<workbook xmlns="{main}" xmlns:r="{office}"><sheets><sheet name="A" sheetId="1" r:id="rId1"/></sheets></workbook>"#
    );
    let sheet = format!(
        r#"<worksheet xmlns="{main}"><sheetData><row r="2">{header}</row><row r="3">{row}</row></sheetData></worksheet>"#
    );
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in [
        ("[Content_Types].xml", types),
        ("_rels/.rels", related("officeDocument", "xl/workbook.xml")),
        ("xl/workbook.xml", book),
        ("xl/_rels/workbook.xml.rels", related("worksheet", "worksheets/sheet1.xml")),
        ("xl/worksheets/sheet1.xml", sheet),
    ] {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

on_both!(standard_input_is_read);
fn standard_input_is_read(server: &Server) {
    let pole = Pole::new(server);
    let path = saved("list.csv", file(&[FORGE]));
    let piped = |wanted: &str| {
        let mut command = server.settled();
        command.args(["members", "import", "-", "--json", "--pole", wanted]);
        Finished::from(command.stdin(File::open(&path).unwrap()))
    };
    let report: Value = serde_json::from_str(&piped(&pole.id).success()).unwrap();
    assert_eq!(counts(&report), [1, 0, 0]);
    let nowhere = piped("nowhere").failure(2);
    assert_eq!(nowhere, "palier: pole: there is none called \"nowhere\"\n");
}

on_both!(a_body_says_what_it_is_and_is_not_too_large);
fn a_body_says_what_it_is_and_is_not_too_large(pole: &Pole) {
    let forge = file(&[FORGE]);
    let typed = send_to(&pole.admin, pole, "", "text/csv; charset=utf-8", forge.as_bytes());
    typed.expect(200);
    let json = send_to(&pole.admin, pole, "", "application/json", forge.as_bytes()).expect(415);
    assert!(json.string("/detail").contains("text/csv"), "{json}");
    send_to(&pole.admin, pole, "?dry=true", CSV, forge.as_bytes()).expect(400);

    // Larger than any other body may be, and as large as this one may.
    let mut large = forge.into_bytes();
    large.resize(8 << 20, b'\n');
    send_to(&pole.admin, pole, "", CSV, &large).expect(200);
    large.push(b'\n');
    send_to(&pole.admin, pole, "", CSV, &large).expect(413).problem();
}
