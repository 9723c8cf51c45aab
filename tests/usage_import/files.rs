//! Files as schedulers and spreadsheets write them.

use std::fs::File;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use palier_tests::{Engine, Finished, on_both};
use serde_json::{Value, json};

use super::HEADER;
use crate::metered::{Metered, saved};

/// The second at which the events here happen.
const TEN: &str = "1788256800";

fn packed(text: &str) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(text.as_bytes()).unwrap();
    packer.finish().unwrap()
}

on_both!(a_table_is_read_whatever_parts_its_cells);
fn a_table_is_read_whatever_parts_its_cells(engine: Engine) {
    let metered = Metered::on(engine);
    let comma = format!("{HEADER}a,forge,hours,2026-09-01T10:00:00Z,1.5\n\n");
    // As French Excel saves it: with a mark in front, semicolons, quotes, and decimal commas.
    let semicolon = "\u{feff}\r\nTime;queue;Id;\"member\";meter;quantity;;\r\n\
        2026-09-01T12:00:00+02:00;\"a;\"\"b\"\"\";b;usine;hours;\"1 200,25\";;\r\n\
        ;;;;;;;\r\n2026-09-01T12:00:00+02:00;;c;usine;hours;2\r\n";
    let tab = "node\tid\tmember\tmeter\ttime\tquantity\tqueue\r\n\
        \td\tforge\tpeak\t2026-09-01T10:00:00Z\t3\t\r\n";
    let files = [saved("a.csv", comma), saved("b.csv", semicolon), saved("c.tsv", tab)];
    assert_eq!(metered.take_in(&files[0], &[]), [1, 0]);
    // Several at once, of which one is in already.
    let rest: Vec<_> = files[1..].iter().map(|file| file.to_str().unwrap()).collect();
    assert_eq!(metered.take_in(&files[0], &rest), [3, 1]);
    assert_eq!(
        metered.events(),
        [
            format!("a forge hours 1500000 {TEN} "),
            format!("b usine hours 1200250000 {TEN} {}", json!({ "queue": "a;\"b\"" })),
            format!("c usine hours 2000000 {TEN} "),
            format!("d forge peak 3000000 {TEN} "),
        ]
    );
    let again = metered.import(&files[0], &rest).success();
    assert_eq!(again, "usage: 0 events counted, 4 there already, 0 refused\n");
}

on_both!(events_of_the_http_api_are_read_too_and_what_is_packed_is_unpacked);
fn events_of_the_http_api_are_read_too_and_what_is_packed_is_unpacked(engine: Engine) {
    let metered = Metered::on(engine);
    let event = |id: &str| {
        json!({
            "id": id, "member": "forge", "service": "compute", "meter": "users",
            "time": "2026-09-01T10:00:00Z", "quantity": 1, "properties": { "user": id },
        })
    };
    let lines = format!("\u{feff}\n{}\n\r\n{}", event("a"), event("b"));
    assert_eq!(metered.take_in(&saved("a.json", &lines), &[]), [2, 0]);
    // What it is shows from its bytes and not from its name.
    let file = saved("a", packed(&format!("{lines}\n{}", event("c"))));
    assert_eq!(metered.take_in(&file, &[]), [1, 2]);
    let table = saved("a.json", packed(&format!("{HEADER}d,forge,peak,2026-09-01T10:00:00Z,1")));
    assert_eq!(metered.take_in(&table, &[]), [1, 0]);

    let mut piped = metered.server.settled();
    piped.args(["usage", "import", "-", "--pole", &metered.pole.id]);
    let said = Finished::from(piped.stdin(File::open(&table).unwrap()));
    assert_eq!(said.success(), "usage: 0 events counted, 1 there already, 0 refused\n");
    // A pipe under another name can be read only once as well.
    let (reader, mut writer) = std::io::pipe().unwrap();
    writer.write_all(format!("{lines}\n{}", event("b2")).as_bytes()).unwrap();
    drop(writer);
    let mut piped = metered.server.settled();
    piped.args(["usage", "import", "/dev/stdin", "--dry-run", "--pole", &metered.pole.id]);
    let said = Finished::from(piped.stdin(reader)).success();
    let expected = "usage: 1 event would be counted, 2 there already, 0 would be refused\n";
    assert_eq!(said, expected);
    let user = |id: &str| {
        let properties = json!({ "user": id });
        format!("{id} forge users 1000000 {TEN} {properties}")
    };
    let expected = [user("a"), user("b"), user("c"), format!("d forge peak 1000000 {TEN} ")];
    assert_eq!(metered.events(), expected);
}

on_both!(columns_are_called_what_the_file_calls_them);
fn columns_are_called_what_the_file_calls_them(engine: Engine) {
    let metered = Metered::on(engine);
    let export = "JobID,User,Member,End,CPU,Partition,Comment\n\
        7,forge,Anna,2026-09-01T10:00:00Z,4,gpu,x\n";
    let file = saved("jobs.csv", export);
    let map =
        "--map id=JobID --map member=User --map time=End --map quantity=cpu --set meter=hours";
    let map: Vec<_> = map.split(' ').collect();
    let more = [&map[..], &["--map", "queue=Partition", "--ignore-others"]].concat();
    assert_eq!(metered.take_in(&file, &more), [1, 0]);
    let properties = json!({ "queue": "gpu" });
    assert_eq!(metered.events(), [format!("7 forge hours 4000000 {TEN} {properties}")]);

    // Without it, what is no field is a property, and so this is another event of the same id.
    let more = [&map[..], &["--set", "queue=gpu"]].concat();
    let refused = metered.import(&file, &more).failure(1);
    assert!(refused.contains("jobs.csv: line 2: JobID: Another event has this id"), "{refused}");
    let other = saved("jobs.csv", export.replace("\n7,", "\n8,"));
    assert_eq!(metered.take_in(&other, &more), [1, 0]);
    let properties =
        json!({ "Comment": "x", "Member": "Anna", "Partition": "gpu", "queue": "gpu" });
    assert_eq!(metered.events()[1], format!("8 forge hours 4000000 {TEN} {properties}"));
}

on_both!(an_event_takes_the_place_of_another);
fn an_event_takes_the_place_of_another(engine: Engine) {
    let metered = Metered::on(engine);
    let at = "2026-09-01T10:00:00Z";
    let table = format!(
        "id,member,meter,time,quantity,amends,amends_time\n\
         a,forge,hours,{at},1,,\nb,forge,hours,{at},5,a,{at}\nc,forge,hours,{at},5,a,\n"
    );
    let said = metered.import(&saved("a.csv", table), &[]);
    let refused = "line 4: amends_time: Expected an instant, such as 2026-11-25T09:30:00Z.\n";
    assert!(said.stderr.contains(refused), "{said}");
    assert_eq!(said.stdout, "usage: 2 events counted, 0 there already, 1 refused\n");
    let voids = "SELECT event_id || ' ' || amended_by AS line FROM usage_voids";
    assert_eq!(metered.sql().lines(voids), ["a b"]);
}

on_both!(a_dry_run_says_what_would_happen);
fn a_dry_run_says_what_would_happen(engine: Engine) {
    let metered = Metered::on(engine);
    let line = |id: &str, member: &str, quantity: u32| {
        format!("{id},{member},hours,2026-09-01T10:00:00Z,{quantity}\n")
    };
    let first =
        saved("first.csv", [HEADER, &line("a", "forge", 1), &line("b", "forge", 1)].concat());
    let said = metered.import(&first, &["--dry-run"]).success();
    assert_eq!(said, "usage: 2 events would be counted, 0 there already, 0 would be refused\n");
    assert_eq!(metered.events(), [""; 0]);
    assert_eq!(metered.take_in(&first, &[]), [2, 0]);

    let lines = [line("a", "forge", 1), line("b", "forge", 2), line("c", "usine", 1)].concat();
    let second = saved("second.csv", [HEADER, &lines, &line("d", "nobody", 1)].concat());
    let counted = |more: &[&str]| {
        let said: Value = serde_json::from_str(&metered.import(&second, more).stdout).unwrap();
        ["accepted", "duplicates", "conflicts", "rejected"].map(|it| said[it].as_u64().unwrap())
    };
    assert_eq!(counted(&["--dry-run", "--json"]), [1, 1, 1, 1]);
    assert_eq!(metered.events().len(), 2);
    assert_eq!(counted(&["--json"]), [1, 1, 1, 1]);
    assert_eq!(metered.events().len(), 3);
}
