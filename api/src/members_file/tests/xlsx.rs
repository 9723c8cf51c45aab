//! Workbooks, well and badly meant.

use std::io::{Cursor, Write as _};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::{faults, only};
use crate::members_file::read;

const TYPES: &str = r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">
<Default Extension="xml" ContentType="application/xml"/></Types>"#;
const PACKAGE: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/>
</Relationships>"#;
const BOOK: &str = r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">
<sheets><sheet name="Caché" sheetId="2" state="hidden" r:id="rId2"/><sheet name="Adhérents" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
const BOOK_RELATIONS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/>
<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet2.xml"/>
<Relationship Id="rId3" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/>
</Relationships>"#;

/// A workbook with these parts beside the usual ones.
fn workbook(parts: &[(&str, &str)]) -> Vec<u8> {
    let usual = [
        ("[Content_Types].xml", TYPES),
        ("_rels/.rels", PACKAGE),
        ("xl/workbook.xml", BOOK),
        ("xl/_rels/workbook.xml.rels", BOOK_RELATIONS),
    ];
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in usual.iter().chain(parts) {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(content.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn sheet(rows: &str) -> String {
    format!(
        r#"<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{rows}</sheetData></worksheet>"#
    )
}

fn text(cell: &str, text: &str) -> String {
    format!(r#"<c r="{cell}" t="inlineStr"><is><t>{text}</t></is></c>"#)
}

fn number(cell: &str, number: &str) -> String {
    format!(r#"<c r="{cell}"><v>{number}</v></c>"#)
}

/// Six columns, the header on line 2.
fn header() -> String {
    let names = ["Code", "Raison sociale", "SIREN", "Adresse", "Code postal", "Ville"];
    let cells = ["A2", "B2", "C2", "D2", "E2", "F2"].iter().zip(names);
    let cells: String = cells.map(|(cell, name)| text(cell, name)).collect();
    format!(r#"<row r="2">{cells}</row>"#)
}

#[test]
fn numbers_are_read_as_the_digits_they_were() {
    let row = [
        number("A4", "17"),
        text("B4", "Forge &amp; fils"),
        // 005 520 135, without the zeros in front.
        number("C4", "5520135"),
        text("D4", "1 rue"),
        number("E4", "1000"),
        text("F4", " Bourg "),
        text("H4", " "),
    ];
    let rows = format!(r#"{}<row r="4">{}</row>"#, header(), row.concat());
    let member = only(&workbook(&[("xl/worksheets/sheet1.xml", &sheet(&rows))]));
    assert_eq!((member.line, member.code.as_str()), (4, "17"));
    assert_eq!(member.name, "Forge & fils");
    assert_eq!(member.siren.unwrap().to_string(), "005520135");
    assert_eq!(member.address.postcode(), Some("01000"));
    assert_eq!(member.address.city(), "Bourg");
}

#[test]
fn strings_are_shared_and_styles_are_left_aside() {
    let strings = r#"<sst uniqueCount="99999999999999999"><si><t>forge</t></si><si><r><t>Forge</t></r><r><t xml:space="preserve"> SAS</t></r></si></sst>"#;
    let row = [
        r#"<c r="A3" t="s"><v>0</v></c><c r="B3" t="s"><v>1</v></c>"#.to_owned(),
        // A date format would make a date of it.
        r#"<c r="C3" s="1"><v>732829320</v></c>"#.to_owned(),
        text("D3", "1 rue"),
        r#"<c r="E3" t="str"><f>A1</f><v>69001</v></c>"#.to_owned(),
        text("F3", "Lyon"),
    ];
    let rows = format!(r#"{}<row r="3">{}</row>"#, header(), row.concat());
    let member = only(&workbook(&[
        ("xl/worksheets/sheet1.xml", &sheet(&rows)),
        ("xl/sharedStrings.xml", strings),
        ("xl/styles.xml", "no markup at all <"),
        ("xl/media/picture.png", "no picture"),
    ]));
    assert_eq!((member.code.as_str(), member.name.as_str()), ("forge", "Forge SAS"));
    assert_eq!(member.siren.unwrap().to_string(), "732829320");
}

#[test]
fn faults_name_the_line_of_the_sheet() {
    let row = [
        text("A7", "forge"),
        r#"<c r="B7" t="e"><v>#N/A</v></c>"#.to_owned(),
        number("C7", "732829321"),
        text("D7", "1 rue"),
        number("E7", "69001.5"),
        text("F7", "Lyon"),
        text("G7", "stray"),
    ];
    let rows = format!(r#"{}<row r="7">{}</row>"#, header(), row.concat());
    let bytes = workbook(&[("xl/worksheets/sheet1.xml", &sheet(&rows))]);
    assert_eq!(faults(&bytes), ["7 extra_cells", "7 siren check_digit", "7 postcode postcode"]);
}

#[test]
fn a_bomb_does_not_go_off() {
    // 48 MB of blanks in some 50 KB.
    let blanks = " ".repeat(48 << 20);
    let bytes = workbook(&[("xl/worksheets/sheet1.xml", &sheet(&blanks))]);
    assert!(bytes.len() < 1 << 20);
    assert_eq!(faults(&bytes), ["unpacks_too_large"]);
    // The same in parts that are each small enough.
    let blanks = " ".repeat(24 << 20);
    let parts = [("xl/worksheets/sheet1.xml", blanks.as_str()), ("xl/a.xml", &blanks)];
    assert_eq!(faults(&workbook(&parts)), ["unpacks_too_large"]);
}

#[test]
fn cells_far_apart_take_no_room() {
    let far = text("XFD1048576", "far");
    let rows = format!(r#"{}<row r="1048576">{far}</row>"#, header());
    let bytes = workbook(&[("xl/worksheets/sheet1.xml", &sheet(&rows))]);
    assert_eq!(faults(&bytes), ["1048576 too_many_columns"]);
}

#[test]
fn a_table_of_strings_cannot_hide_its_size() {
    let rows = sheet(&header());
    let hidden = "<sst uni\u{1b}(BqueCount=\"99999999999\"></sst>";
    let parts = [("xl/worksheets/sheet1.xml", rows.as_str()), ("xl/SharedStrings.xml", hidden)];
    assert_eq!(faults(&workbook(&parts)), ["unreadable"]);
}

#[test]
fn what_is_no_workbook_is_refused() {
    assert_eq!(faults(b"PK\x03\x04 and then nothing"), ["unreadable"]);
    assert_eq!(faults(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]), ["old_workbook"]);
    assert_eq!(faults(&workbook(&[])), ["unreadable"]);
    assert_eq!(faults(&workbook(&[("xl/worksheets/sheet1.xml", &sheet(""))])), ["empty"]);
    let whole = workbook(&[("xl/worksheets/sheet1.xml", &sheet(&header()))]);
    for length in 0..whole.len() {
        assert!(read(&whole[..length]).is_err(), "{length} bytes of {}", whole.len());
    }
}
