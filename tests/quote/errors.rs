//! What cannot be used is named by file, line and column; it ends with 2, and prints nothing else.

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use palier_tests::{Finished, command, run};

use super::{Desk, THREE, TIERS};

/// Quotes a usage file that is not good, and returns what is said about it.
#[track_caller]
fn fault(usage: impl AsRef<[u8]>) -> String {
    fault_of(&Desk::with(TIERS, usage), "")
}

#[track_caller]
fn fault_of(desk: &Desk, more: &str) -> String {
    let finished = desk.quote(more);
    assert_eq!(finished.stdout, "");
    let said = finished.failure(2);
    let line = said.strip_prefix("palier: ").unwrap().strip_suffix('\n').unwrap();
    assert!(!line.contains('\n'), "{line}");
    line.to_owned()
}

#[test]
fn quantities() {
    for (quantity, expected) in [
        ("\"1,5\"", "expected a decimal, found \"1,5\""),
        ("", "expected a decimal, found nothing"),
        ("-5", "expected a quantity of at least 0, found \"-5\""),
        ("0.1234567", "expected at most 6 decimal places, found \"0.1234567\""),
        ("99999999999999", "expected a smaller number, found \"99999999999999\""),
    ] {
        let usage = format!("member,quantity\natelier,1\n\nforge,{quantity}\n");
        let expected = format!("usage.csv: line 4, column 2 (quantity): {expected}");
        assert_eq!(fault(&usage), expected);
        assert_eq!(fault(usage.replace('\n', "\r\n")), expected);
    }
    let semicolons = "member;quantity\nforge;1,2,3\n";
    let expected = "usage.csv: line 2, column 2 (quantity): expected a decimal, found \"1,2,3\"";
    assert_eq!(fault(semicolons), expected);
}

#[test]
fn headers() {
    for (header, expected) in [
        ("", "usage.csv: expected a header such as member,quantity, found nothing"),
        (
            "client,qty",
            "usage.csv: line 1: expected the columns member and quantity, found client and qty \
             (member and quantity are missing)",
        ),
        (
            "id,member,time,quantity",
            "usage.csv: line 1: expected the columns id, member, meter, time and quantity, found \
             id, member, time and quantity (meter is missing)",
        ),
        (
            "member,quantity,Member",
            "usage.csv: line 1, column 3: expected each column once, found a second \"Member\"",
        ),
        ("member,quantity", "usage.csv: expected rows below the header, found none"),
    ] {
        assert_eq!(fault(header), expected);
    }
}

#[test]
fn rows() {
    for (rows, expected) in [
        (
            "forge,1\nusine,2\nforge,1",
            "line 4, column 1 (member): expected each member once, found \"forge\" again: it \
             stands in line 2 too",
        ),
        ("forge", "line 2: expected 2 columns, found 1"),
        (
            "forge,1,5",
            "line 2, column 3: expected nothing outside the 2 columns of the header, found \"5\"",
        ),
        (",5", "line 2, column 1 (member): expected a member, found nothing"),
        (
            "1, \"forge\"",
            "line 2, column 2 (quantity): expected a quote right behind the separator, found a \
             blank before it",
        ),
    ] {
        let usage = format!("member,quantity\n{rows}\n");
        assert_eq!(fault(usage), format!("usage.csv: {expected}"));
    }
}

/// It would swallow rows, which then nobody pays.
#[test]
fn quotes_that_are_never_closed() {
    for (rows, place) in [
        ("\"forge,1,east\nusine,2,west\n", "line 2, column 1 (member)"),
        // Closed by the next one that opens.
        ("forge,1,east\n\n\"usine,2,west\n\"atelier\",3,west\n", "line 4, column 1 (member)"),
        ("forge,\"1,east\nusine,2,west", "line 2, column 2 (quantity)"),
        // In a column that only filters would look at; at the very end.
        ("forge,1,\"east\nusine,2,west\n", "line 2, column 3 (site)"),
        ("forge,1,east\n\nusine,2,\"west\n", "line 4, column 3 (site)"),
        ("forge,1,east\n\nusine,2,\"west", "line 4, column 3 (site)"),
        ("forge,1,east\nusine,2,\"", "line 3, column 3 (site)"),
    ] {
        let expected = format!(
            "usage.csv: {place}: expected a cell on one line, found a line break: is a quote not \
             closed?"
        );
        let usage = format!("member,quantity,site\n{rows}");
        assert_eq!(fault(&usage), expected);
        assert_eq!(fault(usage.replace('\n', "\r\n")), expected);
    }
    let header = fault("member,\"quantity\nforge,1\n");
    assert!(header.starts_with("usage.csv: line 1, column 2: expected a cell on one line, "));
    // Nor is it taken for one cell if lines end as on old Macs.
    assert_eq!(fault("member,quantity\rforge,1\r"), header);
}

#[test]
fn events() {
    const FIRST: &str = "1,a,core-hours,2026-07-01T00:00:00Z,1,,\n";
    for (rows, expected) in [
        (
            "2,a,core-hours,01/07/2026,1,,",
            "line 3, column 4 (time): expected a time such as 2026-07-01T08:30:00+02:00, found \
             \"01/07/2026\"",
        ),
        (
            "2,b,core-hours,2026-07-01T00:00:00Z,1,,\n1,a,core-hours,2026-07-01T00:00:00Z,2,,",
            "line 4, column 1 (id): expected a new id, found \"1\" with other content than in line 2",
        ),
        (
            "2,a,core-hours,2026-07-01T00:00:00Z,2,1,\n3,a,core-hours,2026-07-01T00:00:00Z,3,1,",
            "line 4, column 6 (amends): expected an event that stands, found \"1\", which line 3 \
             amends already",
        ),
        (
            "2,a,core-hours,2026-07-01T00:00:00Z,2,,1",
            "line 3, column 5 (quantity): expected nothing in a row that voids (to change an \
             event, amend it), found \"2\"",
        ),
        (
            "2,a,,2026-07-01T00:00:00Z,2,,",
            "line 3, column 3 (meter): expected a meter, found nothing",
        ),
    ] {
        let usage = format!("id,member,meter,time,quantity,amends,voids\n{FIRST}{rows}\n");
        assert_eq!(fault(usage), format!("usage.csv: {expected}"));
    }
    let voided = format!("id,member,meter,time,quantity,amends,voids\n{FIRST},,,,,,1\n");
    let expected = "usage.csv: expected events, found none that count: say which months to price \
        with --period";
    assert_eq!(fault(voided), expected);
}

#[test]
fn bytes() {
    let latin = b"member,site,quantity\n\nforge,M\xe2con,1\n";
    let expected = "usage.csv: line 3, column 2 (site): expected UTF-8 text, found the byte 0xE2: \
        save the file as UTF-8";
    assert_eq!(fault(latin.as_slice()), expected);

    let mut packed = GzEncoder::new(Vec::new(), Compression::none());
    packed.write_all(THREE.as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    let cut = "expected the rest of the gzip data, found the end of the file: it was cut off";
    assert_eq!(fault(&packed[..60]), format!("usage.csv: line 4: {cut}"));
    assert_eq!(fault(&packed[..18]), format!("usage.csv: {cut}"));
    let spoiled = fault([&packed[..], b"no more of that"].concat());
    assert!(spoiled.ends_with(": expected gzip data, found something else: invalid gzip header"));
}

#[test]
fn files() {
    let desk = Desk::with(TIERS, THREE);
    for (usage, expected) in [
        ("none.csv", "none.csv: expected a file, found none of that name"),
        (".", ".: expected a file, found a directory"),
    ] {
        let finished = desk.palier(&format!("quote --tariff tariff.json --usage {usage}"));
        assert_eq!(finished.failure(2), format!("palier: {expected}\n"));
        let finished = desk.palier(&format!("quote --tariff {usage} --usage usage.csv"));
        assert_eq!(finished.failure(2), format!("palier: {expected}\n"));
    }
}

#[test]
fn options() {
    let desk = Desk::with(TIERS, THREE);
    for (option, expected) in [
        (
            "--time-zone Europe/Lutetia",
            "--time-zone: expected a time zone such as Europe/Paris, found \"Europe/Lutetia\"",
        ),
        (
            "--period 2026-13",
            "--period: expected a month such as 2026-07, or months such as 2026-07..2026-09, found \
             \"2026-13\"",
        ),
        (
            "--contract-start demain",
            "--contract-start: expected a date such as 2026-07-01, found \"demain\"",
        ),
        ("--weights a", "a: expected a file, found none of that name"),
        ("--weights a=1,b", "--weights: expected member=weight, found \"b\""),
        ("--weights a=-1", "--weights: expected a weight of at least 0 for a, found \"-1\""),
        ("--curve x.svg --charge 2", "--charge: expected one of 1 (Computing), found \"2\""),
    ] {
        assert_eq!(fault_of(&desk, option), expected);
    }
    // What is no value of an option is explained at more length.
    for misuse in ["--tarif x", "--format xml", "--charge 1"] {
        desk.quote(misuse).failure(2);
    }
    desk.palier("quote --tariff tariff.json").failure(2);
}

#[test]
fn tariffs_are_faulted_all_at_once() {
    let tariff = r#"{
  "charges": [
    { "kind": "usage", "model": "graduated", "color": "red", "tiers": [
      { "up_to": "100", "unit_amount": "-1" },
      { "up_to": "50", "unit_amount": "0.5" }
    ]},
    { "kind": "recurring", "amount": 5 }
  ]
}"#;
    let said = Desk::with(tariff, THREE).quote("").failure(2);
    let expected = "\
palier: tariff.json: line 4, column 40 (/charges/0/tiers/0/unit_amount): must not be negative, found \"-1\"
palier: tariff.json: line 5, column 18 (/charges/0/tiers/1/up_to): the last tier must be open \
(up_to: null): quantities above it would have no price, found \"50\"
palier: tariff.json: line 3, column 55 (/charges/0/color): is not known here
palier: tariff.json: line 7, column 38 (/charges/1/amount): expected a decimal in a string, such as \
\"0.055\", found 5
";
    assert_eq!(said, expected);
}

#[test]
fn tariffs_are_json() {
    for (tariff, expected) in [
        ("{\n  \"charges\": [ ;", "line 2, column 16: expected value, found \";\""),
        (
            "{\n  \"charges\": [",
            "line 2, column 14: expected the rest of a list, found the end of the file",
        ),
        ("[]", "line 1, column 1: expected an object"),
        (
            "{\n  \"kind\": \"one_time\",\n  \"amount\": \"1\", \"amount\": \"100\"\n}",
            "line 3, column 25: field \"amount\" is named twice",
        ),
    ] {
        assert_eq!(fault_of(&Desk::with(tariff, THREE), ""), format!("tariff.json: {expected}"));
    }
    let latin = fault_of(&Desk::with(b"{\"name\":\"\xe9\"}", THREE), "");
    assert_eq!(
        latin,
        "tariff.json: line 1, column 10: expected UTF-8 text, found the byte 0xE9: save the file as UTF-8"
    );
}

#[test]
fn prices_per_event_need_events() {
    let tariff = r#"{"kind":"usage","model":"percentage","scope":"member","rate_percent":"1",
        "fixed_per_event":"0.1"}"#;
    let desk = Desk::with(tariff, THREE);
    for more in ["", "--period 2026-07"] {
        let expected = "usage.csv: expected events (id,member,meter,time,quantity), because the \
            tariff has amounts per event, found quantities without dates";
        assert_eq!(fault_of(&desk, more), expected);
    }
    desk.put("usage.csv", "id,member,meter,time,quantity\n1,a,any,2026-07-01T00:00:00Z,100\n");
    assert_eq!(desk.json("")["total"], "1.10");
}

#[test]
fn a_reader_may_stop_early() {
    use std::fmt::Write as _;
    let mut usage = "member,quantity\n".to_owned();
    (0..2000).for_each(|member| writeln!(usage, "m{member},1").unwrap());
    let desk = Desk::with(TIERS, usage);
    let line = "palier quote --tariff tariff.json --usage usage.csv --format json | head -n 1";
    let read = Finished::from(command("sh").current_dir(desk.path()).args(["-c", line]));
    assert_eq!((read.stdout.as_str(), read.stderr.as_str()), ("{\n", ""));
}

#[test]
fn palier_alone_says_what_it_can_do() {
    let help = run::<&str>([]).success();
    assert!(help.contains("quote") && help.lines().count() < 28, "{help}");
    assert!(run(["--version"]).success().starts_with("palier 0."));
    let long = run(["quote", "--help"]).success();
    assert!(long.contains("member,quantity") && long.contains("id,member,meter,time,quantity"));
}

#[test]
fn what_cannot_be_written_is_another_matter() {
    let desk = Desk::with(TIERS, THREE);
    let finished = desk.quote("--curve none/price.svg");
    assert_eq!(finished.stdout, "");
    assert!(finished.failure(1).starts_with("palier: none/price.svg: "));
}
