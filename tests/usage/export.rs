//! Events taken out, and taken in again.

use std::fs;
use std::io::Read as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use palier_tests::{Engine, on_both, scratch};
use parquet::file::reader::{FileReader as _, SerializedFileReader};
use serde_json::{Value, json};

use crate::metered::{Metered, saved};
use crate::people::{Person, at};

/// Events of every kind; one is amended by an event before it, one is taken back.
const EVENTS: &str = "id,member,meter,time,quantity,queue,user,amends,amends_time\n\
    a,forge,hours,2026-09-01T10:00:00Z,1.5,gpu,,,\n\
    b,forge,hours,2026-09-01T10:00:00Z,2,,,,\n\
    c,usine,hours,2026-09-02T10:00:00Z,8,,,,\n\
    d,forge,users,2026-09-02T11:00:00Z,1,,anna,,\n\
    e,usine,peak,2026-09-03T10:00:00Z,32,,,,\n";
const AMENDMENT: &str = "id,member,meter,time,quantity,amends,amends_time\n\
    0,usine,peak,2026-09-01T09:00:00Z,16,e,2026-09-03T10:00:00Z\n";

#[track_caller]
fn fill(metered: &Metered) {
    assert_eq!(metered.take_in(&saved("all.csv", EVENTS), &[]), [5, 0]);
    assert_eq!(metered.take_in(&saved("more.csv", AMENDMENT), &[]), [1, 0]);
    let void =
        json!({ "reason": "A test.", "events": [{ "id": "b", "time": "2026-09-01T10:00:00Z" }] });
    metered.pole.admin.post(&at(&metered.pole, "/usage/voids"), void).expect(200);
}

/// What an export has on each line.
#[track_caller]
fn lines(text: &str) -> Vec<Value> {
    assert!(text.is_empty() || text.ends_with('\n'), "{text}");
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[track_caller]
fn ids(text: &str) -> String {
    let ids = lines(text).into_iter().map(|line| line["id"].as_str().unwrap().to_owned());
    ids.collect()
}

/// What was reported, without what became of it.
#[track_caller]
fn reported(text: &str) -> Vec<Value> {
    let mut lines = lines(text);
    for line in &mut lines {
        let fields = line.as_object_mut().unwrap();
        assert!(fields.remove("record").is_some());
        fields.remove("amends");
    }
    lines
}

on_both!(a_line_says_what_was_reported_and_what_became_of_it);
fn a_line_says_what_was_reported_and_what_became_of_it(engine: Engine) {
    let metered = Metered::on(engine);
    assert_eq!(metered.usage(&["export"]).success(), "");
    fill(&metered);
    let counting = metered.usage(&["export"]).success();
    assert_eq!(ids(&counting), "0acd");
    let all = metered.usage(&["export", "--voided"]).success();
    assert_eq!(ids(&all), "0abcde");
    let mut all = lines(&all);
    for line in &mut all {
        let record = line["record"].as_object_mut().unwrap();
        assert!(record.remove("received_at").unwrap().as_str().unwrap().starts_with("2026-09-30T"));
        if let Some(voided) = record.get_mut("voided") {
            let at = voided.as_object_mut().unwrap().remove("at").unwrap();
            assert!(at.as_str().unwrap().starts_with("2026-09-30T"), "{at}");
        }
    }
    let event = |id: &str, member: &str, meter: &str, time: &str, quantity: &str| {
        json!({
            "id": id, "member": member, "service": "compute", "meter": meter, "time": time,
            "quantity": quantity, "record": { "late": false },
        })
    };
    let mut expected = [
        event("0", "usine", "peak", "2026-09-01T09:00:00Z", "16"),
        event("a", "forge", "hours", "2026-09-01T10:00:00Z", "1.5"),
        event("b", "forge", "hours", "2026-09-01T10:00:00Z", "2"),
        event("c", "usine", "hours", "2026-09-02T10:00:00Z", "8"),
        event("d", "forge", "users", "2026-09-02T11:00:00Z", "1"),
        event("e", "usine", "peak", "2026-09-03T10:00:00Z", "32"),
    ];
    expected[0]["amends"] = json!({ "id": "e", "time": "2026-09-03T10:00:00Z" });
    expected[1]["properties"] = json!({ "queue": "gpu" });
    let actor = all[2]["record"]["voided"]["actor"].clone();
    assert!(actor.as_str().unwrap().starts_with("usr_"), "{actor}");
    expected[2]["record"]["voided"] = json!({ "actor": actor, "reason": "A test." });
    expected[4]["properties"] = json!({ "user": "anna" });
    expected[5]["record"]["voided"] =
        json!({ "actor": "operator", "reason": "amended", "amended_by": "0" });
    assert_eq!(all, expected);
}

on_both!(an_export_has_what_was_asked_for);
fn an_export_has_what_was_asked_for(engine: Engine) {
    let metered = Metered::on(engine);
    fill(&metered);
    let exported =
        |told: &[&str]| ids(&metered.usage(&[&["export", "--voided"], told].concat()).success());
    assert_eq!(exported(&["--member", "forge"]), "abd");
    assert_eq!(exported(&["--meter", "hours", "--service", "compute"]), "abc");
    assert_eq!(exported(&["--member", "usine", "--meter", "peak"]), "0e");
    // A day begins at midnight in Paris.
    assert_eq!(exported(&["--from", "2026-09-02"]), "cde");
    assert_eq!(exported(&["--to", "2026-09-02"]), "0ab");
    assert_eq!(
        exported(&["--from", "2026-09-01T10:00:00Z", "--to", "2026-09-02T11:00:00Z"]),
        "abc"
    );
    for (told, fault) in [
        (["--member", "nobody"], "palier: --member: there is none called \"nobody\"\n"),
        (["--meter", "days"], "palier: --meter: there is none called \"days\"\n"),
        (
            ["--from", "2026-09-01T10:00"],
            "palier: --from: expected a day such as 2026-07-01, or an instant such as \
             2026-07-01T08:30:00Z, found \"2026-09-01T10:00\"\n",
        ),
    ] {
        assert_eq!(metered.usage(&[&["export"], &told[..]].concat()).failure(2), fault);
    }

    let address = at(&metered.pole, "/usage/events.ndjson");
    let admin = &metered.pole.admin;
    let answer = admin.get(&format!("{address}?voided=true")).expect(200);
    assert_eq!(answer.header("content-type"), "application/x-ndjson");
    assert_eq!(answer.text(), metered.usage(&["export", "--voided"]).success());
    let events = admin.get(&at(&metered.pole, "/usage/events?limit=3")).expect(200).json();
    let [member, meter] = ["member", "meter"].map(|name| events["data"][1][name].as_str().unwrap());
    let asked = |query: &str| ids(admin.get(&format!("{address}?{query}")).expect(200).text());
    assert_eq!(asked(&format!("member={member}")), "ad");
    assert_eq!(asked(&format!("meter={meter}&voided=true")), "abc");
    assert_eq!(asked("from=2026-09-01T10:00:00Z&to=2026-09-02T11:00:00Z"), "ac");
    let refused = admin.get(&format!("{address}?voided=perhaps")).expect(400).problem();
    assert_eq!(refused["errors"][0]["parameter"], "voided", "{refused}");
    // Nobody sees more than their own.
    let of = |grant: Value| Person::new(&metered.server, &metered.pole, &json!([grant])).client;
    let forge = of(json!({ "role": "member_user", "member": member }));
    assert_eq!(ids(forge.get(&address).expect(200).text()), "ad");
    let providers = admin.get(&at(&metered.pole, "/providers")).expect(200).string("/data/0/id");
    let provider = of(json!({ "role": "provider", "provider": providers }));
    assert_eq!(ids(provider.get(&address).expect(200).text()), "0acd");
}

/// Exports into a file of this name, and says what it is called.
#[track_caller]
fn export(metered: &Metered, name: &str, more: &[&str]) -> PathBuf {
    let path = scratch("exported").join(name);
    let told = [&["export", "-o", path.to_str().unwrap()], more].concat();
    let said = metered.usage(&told).success();
    assert!(said.starts_with("usage: ") && said.ends_with(" exported\n"), "{said}");
    assert!(!path.with_extension("part").exists());
    path
}

on_both!(what_is_exported_comes_to_the_same_in_another_pole);
fn what_is_exported_comes_to_the_same_in_another_pole(engine: Engine) {
    let metered = Metered::on(engine);
    fill(&metered);
    let exported = metered.usage(&["export"]).success();
    for (name, more, voided) in
        [("plain.ndjson", &[][..], 0), ("packed.ndjson.gz", &["--voided"][..], 2)]
    {
        let file = export(&metered, name, more);
        let other = Metered::on(engine);
        let import = |into: &Metered| -> [u64; 5] {
            let said = into.import(&file, &["--json"]).success();
            let said: Value = serde_json::from_str(&said).unwrap();
            ["accepted", "duplicates", "voided", "conflicts", "rejected"]
                .map(|name| said[name].as_u64().unwrap())
        };
        assert_eq!(import(&other), [4, 0, voided, 0, 0], "{name}");
        assert_eq!(import(&other), [0, 4, voided, 0, 0], "{name}");
        let there = other.usage(&["export"]).success();
        assert_eq!(reported(&there), reported(&exported), "{name}");
        other.usage(&["verify"]).success();
        // Where it came from, nothing is new.
        assert_eq!(import(&metered), [0, 4, voided, 0, 0], "{name}");
        assert_eq!(metered.usage(&["export"]).success(), exported);
    }
    let packed = export(&metered, "again.GZ", &[]);
    let mut text = String::new();
    let bytes = fs::read(packed).unwrap();
    flate2::read::GzDecoder::new(&*bytes).read_to_string(&mut text).unwrap();
    assert_eq!(text, exported);
    let nowhere = scratch("exported").join("none/x.ndjson");
    metered.usage(&["export", "-o", nowhere.to_str().unwrap()]).failure(1);
}

on_both!(columns_say_what_lines_say);
fn columns_say_what_lines_say(engine: Engine) {
    let metered = Metered::on(engine);
    let empty = export(&metered, "none.parquet", &["--format", "parquet"]);
    assert_eq!(rows(&empty), Vec::<String>::new());
    fill(&metered);
    let lines = lines(&metered.usage(&["export", "--voided"]).success());
    let file = export(&metered, "all.parquet", &["--format", "parquet", "--voided"]);
    let text = |value: &Value| value.as_str().map_or("null".to_owned(), |it| format!("\"{it}\""));
    let time = |value: &Value| {
        let at = value.as_str().map(|at| at.parse::<jiff::Timestamp>().unwrap());
        at.map_or("null".to_owned(), |at| at.strftime("%Y-%m-%d %H:%M:%S%.6f +00:00").to_string())
    };
    let expected = lines.iter().map(|line| {
        let (record, void) = (&line["record"], &line["record"]["voided"]);
        let [id, member, service, meter] =
            ["id", "member", "service", "meter"].map(|name| text(&line[name]));
        let quantity: f64 = line["quantity"].as_str().unwrap().parse().unwrap();
        let properties = match &line["properties"] {
            Value::Null => "null".to_owned(),
            properties => format!("\"{properties}\""),
        };
        let times = [&line["time"], &line["amends"]["time"], &record["received_at"], &void["at"]];
        let [at, amends_time, received_at, voided_at] = times.map(time);
        let texts = [&line["amends"]["id"], &void["actor"], &void["reason"], &void["amended_by"]];
        let [amends_id, actor, reason, amended_by] = texts.map(text);
        format!(
            "{{id: {id}, member: {member}, service: {service}, meter: {meter}, time: {at}, \
             quantity: {quantity:.6}, properties: {properties}, amends_id: {amends_id}, \
             amends_time: {amends_time}, received_at: {received_at}, late: {}, \
             voided_at: {voided_at}, voided_by: {actor}, void_reason: {reason}, \
             amended_by: {amended_by}}}",
            record["late"]
        )
    });
    assert_eq!(rows(&file), expected.collect::<Vec<_>>());
    let packed = scratch("exported").join("x.parquet.gz");
    let told = ["export", "--format", "parquet", "-o", packed.to_str().unwrap()];
    let said = metered.usage(&told).failure(2);
    assert_eq!(said, "palier: --output: expected no .gz, since Parquet is compressed inside\n");
}

/// The rows of a Parquet file, as its reader shows them.
#[track_caller]
fn rows(file: &std::path::Path) -> Vec<String> {
    let reader = SerializedFileReader::new(fs::File::open(file).unwrap()).unwrap();
    let rows = reader.get_row_iter(None).unwrap();
    rows.map(|row| row.unwrap().to_string()).collect()
}

on_both!(what_an_event_became_is_not_for_who_reports_it_to_say);
fn what_an_event_became_is_not_for_who_reports_it_to_say(engine: Engine) {
    let metered = Metered::on(engine);
    let event = json!({
        "id": "a", "member": "forge", "meter": "hours", "time": "2026-09-01T10:00:00Z",
        "quantity": "1", "record": {},
    });
    let refused = metered.pole.admin.post(&at(&metered.pole, "/usage"), event).expect(422);
    let fault = &refused.problem()["errors"][0];
    assert_eq!((&fault["pointer"], &fault["code"]), (&json!("/record"), &json!("unknown")));
    let strange = "{\"id\":\"a\",\"member\":\"forge\",\"meter\":\"hours\",\
        \"time\":\"2026-09-01T10:00:00Z\",\"quantity\":\"1\",\"record\":5}\n";
    let refused = metered.import(&saved("strange.ndjson", strange), &[]).failure(1);
    assert!(refused.contains("line 1: record: expected what an export says"), "{refused}");
}

on_both!(an_export_is_one_state_of_the_database);
fn an_export_is_one_state_of_the_database(engine: Engine) {
    const BATCHES: usize = 5_000;
    let metered = Metered::on(engine);
    // Enough for several pages, between the first and the last event of each pair.
    let between = (0..6_000).map(|nth| {
        format!("m{nth},forge,hours,2026-09-10T{:02}:{:02}:00Z,1\n", nth % 24, nth / 24 % 60)
    });
    let between: String = between.collect();
    let file = saved("between.csv", format!("id,member,meter,time,quantity\n{between}"));
    assert_eq!(metered.take_in(&file, &[]), [6_000, 0]);
    let send = |nth: usize| {
        let event = |which: &str, day: &str| {
            json!({
                "id": format!("{which}{nth}"), "member": "usine", "meter": "hours",
                "time": format!("2026-09-{day}T10:00:00Z"), "quantity": "1",
            })
        };
        let pair = json!([event("first", "01"), event("last", "20")]);
        metered.pole.admin.post(&at(&metered.pole, "/usage?atomic=true"), pair).expect(200);
    };
    let enough = AtomicBool::new(false);
    let mut seen: Vec<[usize; 3]> = Vec::new();
    thread::scope(|scope| {
        let batches = (0..BATCHES).take_while(|_| !enough.load(Ordering::Relaxed));
        let sending = scope.spawn(move || batches.for_each(send));
        // Whatever is wrong is told when nobody sends any more.
        while seen.len() < 3 || seen.iter().all(|[pairs, ..]| *pairs == 0) {
            let events = at(&metered.pole, "/usage/events.ndjson");
            let answer = metered.pole.admin.get(&events).expect(200);
            let text = answer.text();
            seen.push(
                ["first", "last", "m"].map(|it| text.matches(&format!("{{\"id\":\"{it}")).count()),
            );
        }
        enough.store(true, Ordering::Relaxed);
        sending.join().unwrap();
    });
    assert!(seen.iter().all(|[first, last, _]| first == last), "{seen:?}");
    assert!(seen.iter().all(|[.., between]| *between == 6_000), "{seen:?}");
}
