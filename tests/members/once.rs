//! `Idempotency-Key`: a request that is sent again has one effect and one answer.

use std::thread;
use std::time::Duration;

use palier_tests::{Answer, Client, Engine, Pole, Server, on_both, wait_for};
use serde_json::json;

use crate::people::{Person, at};
use crate::seed::member;
use crate::service::wait_until_in_flight;
use crate::sql::Sql;

fn keyed(client: &Client, key: &str) -> Client {
    client.with_header("idempotency-key", key)
}

#[track_caller]
fn count(pole: &Pole, list: &str) -> usize {
    let list = pole.admin.get(&at(pole, list)).expect(200).json();
    list["data"].as_array().unwrap().len()
}

/// What a caller keeps of an answer.
fn kept(answer: &Answer) -> (u16, &str, &str, &[u8]) {
    (answer.status, answer.header("location"), answer.header("etag"), &answer.bytes)
}

on_both!(a_request_that_comes_again_gets_the_same_bytes_and_does_nothing);
fn a_request_that_comes_again_gets_the_same_bytes_and_does_nothing(pole: &Pole) {
    let members = at(pole, "/members");
    let (client, body) = (keyed(&pole.admin, "monday"), member("forge", "732829320"));
    let first = client.post(&members, &body).expect(201);
    // Also when it has changed meanwhile: the answer is that of then.
    let any = pole.admin.with_header("if-match", "*");
    any.patch(first.header("location"), json!({ "name": "Forge neuve" })).expect(200);
    let again = client.post(&members, &body).expect(201);
    assert_eq!(kept(&again), kept(&first));
    assert_ne!(again.header("x-request-id"), first.header("x-request-id"));
    assert_eq!(count(pole, "/members"), 1);
    assert_eq!(count(pole, "/audit-log?action=member.created"), 1);
}

on_both!(a_key_stands_for_one_request_of_one_caller);
fn a_key_stands_for_one_request_of_one_caller(server: &Server) {
    let pole = &Pole::new(server);
    let members = at(pole, "/members");
    let client = keyed(&pole.admin, "monday");
    client.post(&members, member("forge", "732829320")).expect(201);
    let provider = json!({ "name": "Mésocentre", "contact": { "email": "hpc@meso.example" } });
    for other in [
        client.post(&members, member("usine", "404833048")),
        client.post(&format!("{members}?"), member("usine", "404833048")),
        client.post(&at(pole, "/providers"), provider),
    ] {
        let problem = other.expect(409).problem();
        assert_eq!(problem["type"], "https://palier.dev/problems/idempotency-conflict");
    }
    assert_eq!(count(pole, "/members"), 1);
    // Others may have the same idea for a key, in this pole and in another.
    let colleague = Person::new(server, pole, &json!([{ "role": "pole_admin" }]));
    let theirs = keyed(&colleague.client, "monday");
    theirs.post(&members, member("usine", "404833048")).expect(201);
    let other = Pole::new(server);
    let elsewhere = keyed(&other.admin, "monday");
    elsewhere.post(&at(&other, "/members"), member("forge", "732829320")).expect(201);
}

on_both!(a_request_that_was_refused_may_be_mended_under_its_key);
fn a_request_that_was_refused_may_be_mended_under_its_key(pole: &Pole) {
    let members = at(pole, "/members");
    let client = keyed(&pole.admin, "monday");
    pole.admin.post(&members, member("taken", "404833048")).expect(201);
    client.post(&members, json!({})).expect(422);
    client.post(&members, member("taken", "732829320")).expect(409);
    client.post(&members, member("forge", "732829320")).expect(201);
}

on_both!(a_key_is_printable_and_of_some_length);
fn a_key_is_printable_and_of_some_length(pole: &Pole) {
    let members = at(pole, "/members");
    for wrong in ["", "é", &"k".repeat(256)] {
        let refused = keyed(&pole.admin, wrong).post(&members, member("forge", "732829320"));
        let problem = refused.expect(400).problem();
        assert_eq!(problem["errors"][0]["header"], "Idempotency-Key", "{wrong:?}");
    }
    let longest = keyed(&pole.admin, &"k".repeat(255));
    longest.post(&members, member("forge", "732829320")).expect(201);
}

on_both!(requests_at_the_same_time_with_one_key_have_one_effect);
fn requests_at_the_same_time_with_one_key_have_one_effect(engine: Engine) {
    const AT_ONCE: u64 = 4;
    let server = Server::start(engine);
    let pole = Pole::new(&server);
    let (members, body) = (at(&pole, "/members"), member("forge", "732829320"));
    // All have come in, and none has gone further than another, before the first may go on.
    let mut sql = Sql::open(server.database_url());
    sql.hold();
    let post = || keyed(&pole.admin, "monday").post(&members, &body);
    // On a busy machine one may wait for too long, and is told to come again.
    let answered = || Some(post()).filter(|answer| answer.status != 503);
    let send = || wait_for(Duration::from_mins(1), answered).unwrap().expect(201);
    let answers: Vec<_> = thread::scope(|threads| {
        let sent: Vec<_> = (0..AT_ONCE).map(|_| threads.spawn(send)).collect();
        wait_until_in_flight(&server, AT_ONCE);
        sql.release();
        sent.into_iter().map(|it| it.join().unwrap()).collect()
    });
    for answer in &answers {
        assert_eq!(kept(answer), kept(&answers[0]));
    }
    assert_eq!(count(&pole, "/members"), 1);
    assert_eq!(count(&pole, "/audit-log?action=member.created"), 1);
}
