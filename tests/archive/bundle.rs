//! `/v1/poles/{pole}/invoices.zip`, and `palier invoices zip`.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};

use palier_tests::{Engine, on_both};
use serde_json::json;
use zip::ZipArchive;

use super::{MONTH, Setting};

/// The files in a file, by their names; their order is that of the names.
#[track_caller]
fn unpacked(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut zip = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let names = (0..zip.len()).map(|nth| zip.by_index(nth).unwrap().name().unwrap().into_owned());
    let names: Vec<String> = names.collect();
    assert!(names.is_sorted(), "{names:?}");
    let mut files = BTreeMap::new();
    for name in names {
        let mut file = Vec::new();
        zip.by_name(&name).unwrap().read_to_end(&mut file).unwrap();
        files.insert(name, file);
    }
    files
}

on_both!(a_month_comes_in_one_file);
fn a_month_comes_in_one_file(engine: Engine) {
    let setting = Setting::new(engine);
    let small = &setting.small;
    let at = small.at(&format!("invoices.zip?period={MONTH}"));
    let ask = |query: &str| small.finance.get(&format!("{at}{query}"));
    ask("").expect(404);
    small.finance.get(&small.at("invoices.zip?period=2026-13")).expect(400);
    small.close(MONTH);
    // Those that are not kept yet are kept now.
    let whole = ask("").expect(200);
    assert_eq!(whole.header("content-type"), "application/zip");
    let name = format!("attachment; filename=\"{}-{MONTH}.zip\"", small.pole.code);
    assert_eq!(whole.header("content-disposition"), name);
    let files = unpacked(&whole.bytes);
    let numbers: Vec<_> = small.documents(MONTH).iter().map(|it| it["number"].clone()).collect();
    assert_eq!(files.len(), 2, "{numbers:?}");
    for number in &numbers {
        assert!(files.contains_key(&format!("{}.pdf", number.as_str().unwrap())), "{number}");
    }
    let id = setting.invoice();
    let mine = small.finance.get(&small.at(&format!("invoices/{id}"))).expect(200);
    let mine = mine.string("/number");
    assert_eq!(files[&format!("{mine}.pdf")], setting.file("pdf").bytes);

    let with_xml = ask("&xml=true").expect(200);
    let files = unpacked(&with_xml.bytes);
    assert_eq!(files.len(), 4);
    assert_eq!(files[&format!("{mine}.xml")], setting.file("cii").bytes);

    // The same documents, the same bytes, by the command too.
    assert_eq!(ask("").expect(200).bytes, whole.bytes);
    let folder = tempfile::tempdir().unwrap();
    for (flags, expected) in [(&[][..], &whole), (&["--xml"], &with_xml)] {
        let file = folder.path().join("month.zip");
        let to = ["--to", file.to_str().unwrap(), "--period", MONTH, "--pole", &small.pole.code];
        let told = small.server.palier(["invoices", "zip"].iter().chain(&to).chain(flags));
        assert_eq!(told.success(), format!("{}: 2 documents\n", file.display()));
        assert_eq!(std::fs::read(&file).unwrap(), expected.bytes);
    }
    let none = ["invoices", "zip", "--to", "none.zip", "--period", "2026-02"];
    let told = small.server.palier(none.iter().chain(&["--pole", &small.pole.code])).failure(2);
    assert_eq!(told, "palier: 2026-02: no document of this month is final\n");
}

on_both!(a_member_gets_its_own);
fn a_member_gets_its_own(engine: Engine) {
    let setting = Setting::new(engine);
    let small = &setting.small;
    small.close(MONTH);
    let (forge, usine) = (&small.members["forge"], &small.members["usine"]);
    let key = json!({ "name": "Forge", "scopes": ["invoices:read"], "member": forge });
    let key = small.finance.post(&small.at("api-keys"), key).expect(201).string("/key");
    let own = small.server.client().with_token(&key);
    let at = small.at(&format!("invoices.zip?period={MONTH}"));
    let mine = unpacked(&own.get(&at).expect(200).bytes);
    assert_eq!(mine.into_values().collect::<Vec<_>>(), [setting.file("pdf").bytes]);
    own.get(&format!("{at}&member={usine}")).expect(404);
    let same = small.finance.get(&format!("{at}&member={forge}")).expect(200);
    assert_eq!(same.bytes, own.get(&at).expect(200).bytes);
}

on_both!(what_cannot_be_had_as_it_was_makes_no_file);
fn what_cannot_be_had_as_it_was_makes_no_file(engine: Engine) {
    let setting = Setting::new(engine);
    let small = &setting.small;
    small.close(MONTH);
    setting.kept(4);
    let place = setting.place("pdf");
    let bytes = std::fs::read(&place).unwrap();
    let mut touched = bytes.clone();
    touched[100] ^= 1;
    std::fs::write(&place, touched).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("month.zip");
    let to = ["--to", file.to_str().unwrap(), "--period", MONTH, "--pole", &small.pole.code];
    let told = small.server.palier(["invoices", "zip"].iter().chain(&to)).failure(1);
    assert!(told.contains("is not what was kept"), "{told}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing is left of it");
    let one = small.at(&format!("invoices.zip?period={MONTH}&member={}", small.members["forge"]));
    small.finance.get(&one).expect(500);
    std::fs::write(&place, bytes).unwrap();
    small.finance.get(&one).expect(200);
}
