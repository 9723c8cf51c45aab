//! The forms a usage file may have.

use std::{fs::File, io::Write as _};

use flate2::{Compression, write::GzEncoder};
use palier_tests::{Finished, palier};

use super::{Desk, THREE, TIERS};

#[test]
fn spreadsheets_may_be_french() {
    let french = "\u{feff}\"quantity\";Member;;\r\n1200,0;atelier\r\n\"36\u{a0}000\";forge;\r\n\r\n\
        22 800;\"usine\"\r\n;\r\n";
    let expected = Desk::with(TIERS, THREE).quote("--format json").success();
    for file in [french, french.trim_end(), &french.replace('\r', "")] {
        assert_eq!(Desk::with(TIERS, file).quote("--format json").success(), expected);
    }
}

#[test]
fn cells_may_stand_in_quotes() {
    let usage = "member,note,quantity\n\"Forge, \"\"Est\"\"\",\"12\"\" rails\",\"12.5\"\n";
    let quote = Desk::with(TIERS, usage).json("");
    assert_eq!(quote["amounts"]["Forge, \"Est\""], "1.00");
}

#[test]
fn packed_files_are_known_by_their_first_bytes() {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(THREE.as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    let desk = Desk::with(TIERS, &packed);
    let expected = Desk::with(TIERS, THREE).quote("").success();
    assert_eq!(desk.quote("").success(), expected);

    let arguments = ["quote", "--tariff", "tariff.json", "--usage", "-"];
    for content in [THREE.as_bytes(), &packed] {
        desk.put("input", content);
        let input = File::open(desk.path().join("input")).unwrap();
        let mut command = palier();
        let run = command.current_dir(desk.path()).args(arguments).stdin(input);
        assert_eq!(Finished::from(run).success(), expected);
    }
}

#[test]
fn charges_see_the_same_quantity_unless_there_is_a_meter() {
    let tariff = r#"{"meters":[{"code":"cpu"},{"code":"gpu"}],"charges":[
        {"kind":"usage","meter":"cpu","model":"standard","unit_amount":"1"},
        {"kind":"usage","meter":"gpu","model":"standard","unit_amount":"10"}]}"#;
    let desk = Desk::with(tariff, "member,quantity\na,2\nb,3\n");
    assert_eq!(desk.json("")["amounts"]["a"], "22.00");
    desk.put("usage.csv", "member,meter,quantity\na,cpu,2\na,gpu,1\nb,cpu,4\nb,tape,9\n");
    let run = desk.quote("--format json");
    assert_eq!(run.stderr, "warning: usage.csv: 1 row of tape has no price in this tariff\n");
    let quote = desk.json("");
    assert_eq!((&quote["amounts"]["a"], &quote["amounts"]["b"]), (&"12.00".into(), &"4.00".into()));
    // More than one metered charge has no one price.
    assert!(quote.get("unit_price").is_none());

    desk.put("tariff.json", r#"{"charges":[{"kind":"recurring","amount":"10"}]}"#);
    desk.put("usage.csv", THREE);
    let run = desk.quote("--format json");
    assert_eq!(run.stderr, "warning: usage.csv: 3 rows have no price in this tariff\n");
}

#[test]
fn other_columns_are_properties() {
    let tariff = r#"{"meters":[{"code":"scan","aggregation":"unique_count","property":"part",
            "dimensions":["site"]}],
        "charges":[{"kind":"usage","model":"standard","unit_amount":"1","filter":{"site":"Lyon"}},
                   {"kind":"usage","model":"standard","unit_amount":"5"}]}"#;
    let events = "id,site,part,time,quantity,member,meter\n\
        1,Lyon,x,2026-07-01T00:00:00Z,1,a,scan\n\
        2,Lyon,x,2026-07-02T00:00:00Z,1,a,scan\n\
        3,Lyon,y,2026-07-03T00:00:00+02:00,1,a,scan\n\
        4,,x,2026-07-04T00:00:00Z,1,a,scan\n";
    let desk = Desk::with(tariff, events);
    assert_eq!(desk.json("")["amounts"]["a"], "7.00");
    // A sheet has been counted already; only the way to the charges is the same.
    desk.put("usage.csv", "member,site,quantity\na,Lyon,2\na,,1\n");
    assert_eq!(desk.json("")["amounts"]["a"], "7.00");

    desk.put("usage.csv", events.replace(",y,", ",,"));
    let fault = "palier: usage.csv: line 4 (part): expected a value, because different ones are \
        counted, found nothing\n";
    assert_eq!(desk.quote("").failure(2), fault);
}

#[test]
fn events_are_voided_amended_and_repeated() {
    let usage = "id,member,meter,time,quantity,amends,voids\n\
        1,a,core-hours,2026-07-01T00:00:00Z,100,,\n\
        2,a,core-hours,2026-07-02T00:00:00Z,50,1,\n\
        3,b,core-hours,2026-07-03T00:00:00Z,70,,\n\
        ,,,,,,3\n\
        4,b,core-hours,2026-07-04T00:00:00Z,25,,\n\
        4,b,core-hours,2026-07-04T00:00:00Z,25.0,,\n\
        ,,,,,,x\n";
    let desk = Desk::with(TIERS, usage);
    let run = desk.quote("--format json");
    let warnings = "warning: usage.csv: 1 row repeats an event, which counts once\n\
        warning: usage.csv: line 8, column 7 (voids): there is no event \"x\" in this file\n";
    assert_eq!(run.stderr, warnings);
    let quote = desk.json("");
    assert_eq!((&quote["amounts"]["a"], &quote["amounts"]["b"]), (&"4.00".into(), &"2.00".into()));
}

#[test]
fn weights_subscribe_members_too() {
    let tariff = r#"{"kind":"shared_cost","fixed":"99","allocation":"weighted"}"#;
    let desk = Desk::with(tariff, "member,quantity\na,1\n");
    desk.put("weights.csv", "name;weight;member\nA;1,5;a\nB;1,5;b\n");
    for weights in ["--weights a=1,b=1", "--weights weights.csv"] {
        assert_eq!(desk.json(weights)["amounts"]["b"], "49.50", "{weights}");
    }
    let fault = desk.quote("--weights b=1").failure(2);
    let expected =
        "palier: --weights: expected a weight for a, found none: a cost is shared by weight\n";
    assert_eq!(fault, expected);
}
