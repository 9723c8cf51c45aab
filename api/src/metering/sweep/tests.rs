//! Few ids at a time find what many do.

use super::*;
use crate::db::poles::{UnmatchedUsage, WrittenLanguage};
use crate::db::usage::{add, add_voids};
use crate::db::{Database, poles};

fn time(seconds: i64) -> Time {
    jiff::Timestamp::from_second(seconds).unwrap().into()
}

fn event(pole: &PoleId, id: &str, at: i64, received: i64) -> EventRow {
    EventRow {
        pole_id: pole.clone(),
        happened_at: time(at),
        event_id: id.to_owned(),
        series_id: 1,
        quantity_micros: 1,
        properties: String::new(),
        amends_at: None,
        amends_id: None,
        late: false,
        received_at: time(received),
    }
}

#[test]
fn ids_that_meet_are_found_however_few_are_held_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("palier.db").display());
    let db = Database::open(url.parse().unwrap(), 1).unwrap();
    db.migrate().unwrap();
    let pole = PoleRow {
        pole_id: PoleId::new(time(0)),
        code: "pole".to_owned(),
        name: "Pôle".to_owned(),
        time_zone: "Europe/Paris".to_owned(),
        currency: "EUR".to_owned(),
        language: WrittenLanguage::French,
        minimum_active: 3,
        unmatched_usage: UnmatchedUsage::Refuse,
        usage_retention_months: None,
        version: 1,
        created_at: time(0),
        updated_at: time(0),
    };
    let id = &pole.pole_id;
    let mut rows: Vec<_> = (0..50).map(|n| event(id, &format!("alone-{n}"), n, 100)).collect();
    rows.push(event(id, "both", 200, 300));
    rows.push(event(id, "both", 201, 299));
    rows.push(event(id, "three", 202, 300));
    rows.push(event(id, "three", 203, 300));
    rows.push(event(id, "three", 204, 299));
    // The other no longer counts.
    rows.push(event(id, "voided", 205, 299));
    rows.push(event(id, "voided", 206, 300));
    let voided = VoidRow {
        pole_id: id.clone(),
        happened_at: time(205),
        event_id: "voided".to_owned(),
        amended_by: None,
        reason: String::new(),
        actor: String::new(),
        voided_at: time(301),
    };
    db.write_now(|conn| {
        poles::insert(conn, &pole)?;
        add(conn, &rows)?;
        add_voids(conn, &[voided])
    })
    .unwrap();
    let shared =
        |id: &str, counts, others| Shared { id: id.to_owned(), counts, others, again: Vec::new() };
    let expected = [
        shared("both", time(201), vec![time(200)]),
        shared("three", time(204), vec![time(202), time(203)]),
    ];
    for hashes in [1, 3, 57, HASHES] {
        let found = db.read_now(|conn| find_by_parts(conn, id, hashes)).unwrap();
        assert_eq!(found, expected, "{hashes}");
    }
}
