//! Lines that are not taken, each with its reason, and files that are not read.

use std::fmt::Write as _;

use palier_tests::{Engine, on_both};

use super::HEADER;
use crate::metered::{Metered, saved};

/// Lines that are no event, and why.
const WRONG: [(&str, &str); 15] = [
    ("b,nobody,hours,2026-09-01T10:00:00Z,1", "member: There is no member of this id or code."),
    ("b,forge,days,2026-09-01T10:00:00Z,1", "meter: There is no meter of this id or code."),
    (
        "b,forge,hours,2026-08-01T10:00:00Z,1",
        "time: The member was not subscribed to the service then.",
    ),
    ("b,forge,hours,2026-09-30T13:00:00Z,1", "time: This has not happened yet."),
    // A time without its offset would be another instant on another machine.
    (
        "b,forge,hours,2026-09-01T10:00:00,1",
        "time: Expected an instant, such as 2026-11-25T09:30:00Z.",
    ),
    (
        "b,forge,hours,2026-09-01T10:00:00Z,\"1,5\"",
        "quantity: Expected a decimal number, such as 0.055.",
    ),
    (
        "b,forge,hours,2026-09-01T10:00:00Z,1.0000001",
        "quantity: At most 6 decimal places are kept.",
    ),
    ("b,forge,hours,2026-09-01T10:00:00Z,100000001", "quantity: This number is too large."),
    (
        ",forge,hours,2026-09-01T10:00:00Z,1",
        "id: Expected a line of at most 256 bytes, without blanks around it.",
    ),
    (
        "b,forge,users,2026-09-01T10:00:00Z,1",
        "properties: The meter counts the values of “user”, which is missing.",
    ),
    (
        "a,forge,hours,2026-09-01T10:00:00Z,2",
        "id: Another event has this id: of another time, or with other content.",
    ),
    (
        "a,forge,hours,2026-09-02T10:00:00Z,1",
        "id: Another event has this id: of another time, or with other content.",
    ),
    ("b,forge,hours,2026-09-01T10:00:00Z", "expected 5 columns, found 4"),
    (
        "b,forge,hours,2026-09-01T10:00:00Z,1,2",
        "expected nothing outside the 5 columns of the header, found \"2\"",
    ),
    ("b,\"forge,hours,2026-09-01T10:00:00Z,1", "a quote is not closed"),
];

on_both!(every_refused_line_is_told_and_kept_with_its_reason);
fn every_refused_line_is_told_and_kept_with_its_reason(engine: Engine) {
    let metered = Metered::on(engine);
    let mut table = format!("{HEADER}a,forge,hours,2026-09-01T10:00:00Z,1\n").into_bytes();
    for (line, _) in WRONG {
        table.extend_from_slice(line.as_bytes());
        table.push(b'\n');
    }
    table.extend_from_slice(b"b,forg\xe9,hours,2026-09-01T10:00:00Z,1\n");
    table.extend(std::iter::repeat_n(b'x', 300_000));
    table.extend_from_slice(b"\nc,forge,hours,2026-09-01T10:00:00Z,1");
    let utf8 = "expected UTF-8 text, found the byte 0xE9: save the file as UTF-8";
    let long = "expected a line of at most 64000 bytes, found a longer one";
    let reasons = WRONG.iter().map(|(_, reason)| *reason).chain([utf8, long]);
    let file = saved("events.csv", &table);
    let name = file.display();

    let told = metered.import(&file, &[]);
    let mut expected = String::new();
    for (line, reason) in (3..).zip(reasons.clone()) {
        writeln!(expected, "palier: {name}: line {line}: {reason}").unwrap();
    }
    expected += "palier: 17 lines were refused\n";
    assert_eq!(told.stdout, "usage: 2 events counted, 0 there already, 17 refused\n");
    assert_eq!(told.failure(1), expected);
    assert_eq!(metered.events().len(), 2);

    let kept = file.with_file_name("refused.csv");
    let told = metered.import(&file, &["--rejects", kept.to_str().unwrap()]).failure(1);
    assert_eq!(told, "palier: 17 lines were refused\n");
    let kept = std::fs::read_to_string(kept).unwrap();
    let quoted = |text: &str| {
        let quotes = text.contains([',', '"']);
        if quotes { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
    };
    let rows = WRONG.iter().map(|(line, _)| (*line).to_owned());
    let rows = rows.chain(["b,forg\u{fffd},hours,2026-09-01T10:00:00Z,1".into(), "x".repeat(200)]);
    let mut expected = "file,line,reason,row\n".to_owned();
    for ((line, reason), row) in (3..).zip(reasons).zip(rows) {
        let (reason, row) = (quoted(reason), quoted(&row));
        writeln!(expected, "{name},{line},{reason},{row}").unwrap();
    }
    assert_eq!(kept, expected);
}

on_both!(so_many_are_told_and_all_are_counted);
fn so_many_are_told_and_all_are_counted(engine: Engine) {
    let metered = Metered::on(engine);
    let file = saved("lines.json", "{}\n".repeat(1_025));
    let told = metered.import(&file, &[]).failure(1);
    let lines: Vec<_> = told.lines().collect();
    assert_eq!(lines.len(), 22, "{told}");
    let (first, rest) = (lines[0], &lines[20..]);
    let missing = ["id", "member", "meter", "quantity", "time"];
    let missing = missing.map(|name| format!("{name}: This field is missing."));
    assert!(first.ends_with(&format!("lines.json: line 1: {}", missing.join(" "))), "{first}");
    let more = "palier: 1\u{a0}005 more lines were refused: --rejects FILE keeps them all";
    assert_eq!(rest, [more, "palier: 1\u{a0}025 lines were refused"]);
}

on_both!(a_file_that_cannot_be_read_is_told_in_one_line);
fn a_file_that_cannot_be_read_is_told_in_one_line(engine: Engine) {
    let metered = Metered::on(engine);
    let event = "a,forge,hours,2026-09-01T10:00:00Z,1\n";
    let good = saved("good.csv", format!("{HEADER}{event}"));
    let map = ["--map", "member=user"].as_slice();
    let columns = "id, member, meter, time and quantity";
    let wrong: [(&str, &[&str], String); 11] = [
        ("", &[], "expected events, found nothing".into()),
        ("[]", &[], "line 1: expected CSV, or a JSON event a line, found a JSON list".into()),
        ("{}", map, "line 1: expected CSV for --map and --set, found JSON".into()),
        ("\n\nid,\"a", &[], "line 3: a quote is not closed".into()),
        (
            "id,time\n",
            &[],
            "line 1: expected the columns id, member, meter, time and quantity, found id and \
                 time (member, meter and quantity are missing; see --map and --set)"
                .into(),
        ),
        ("id,member,id\n", &[], "line 1: expected each column once, found a second \"id\"".into()),
        (
            HEADER,
            map,
            format!("line 1: expected a column \"user\" for member alone, found {columns}"),
        ),
        (
            HEADER,
            &["--set", "meter=hours"],
            "line 1: expected no column \"meter\" beside --set, found one".into(),
        ),
        (
            HEADER,
            &["--set", "id=1"],
            "line 1: expected an id for each event, found --set id".into(),
        ),
        (
            HEADER,
            &["--set", "a=1", "--set", "a=2"],
            "line 1: expected a from one place, found several".into(),
        ),
        (
            "id,member,meter,time,quantity,Voids\n",
            &[],
            "line 1: expected events only (they are taken back over the HTTP API), found a column \
             \"voids\""
                .into(),
        ),
    ];
    for (text, more, expected) in wrong {
        let file = saved("wrong.csv", text);
        let path = file.to_str().unwrap();
        // It comes after a good one, and still nothing is taken in.
        let told = metered.import(&good, &[&[path], more].concat());
        let told = if more.is_empty() { told } else { metered.import(&file, more) };
        assert_eq!(told.stdout, "", "{expected}");
        assert_eq!(told.failure(2), format!("palier: {path}: {expected}\n"));
    }
    let none = good.with_file_name("none.csv");
    let told = metered.import(&none, &[]).failure(2);
    assert!(told.ends_with("none.csv: expected a file, found none of that name\n"), "{told}");
    let told = metered.import(&good, &["--map", "member"]).failure(2);
    let expected = "expected a name and a value such as member=user, found \"member\"";
    assert_eq!(told, format!("palier: --map: {expected}\n"));
    assert_eq!(metered.events(), [""; 0]);
}
