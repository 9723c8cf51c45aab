//! Several processes write to one database: whatever comes in at whichever of them counts once.
#![expect(clippy::arithmetic_side_effects, reason = "test arithmetic on small numbers")]

use std::thread;

use palier_tests::{Answer, Client, Engine, Server, on_both};
use serde_json::{Value, json};

use super::{Setting, counts, event};

/// How many batches each reporter sends, and of how many events.
const BATCHES: usize = 12;
const BATCH: usize = 40;

/// The event of a number: always the same one.
fn one(number: usize) -> Value {
    let time = format!("2026-09-{:02}T{:02}:30:00Z", 1 + number % 28, number % 24);
    event(&format!("e{number}"), &time, "0.5")
}

/// What reporters were told, summed up: accepted, duplicates, all else.
fn summed(told: &[Answer]) -> [u64; 3] {
    told.iter().map(counts).fold([0; 3], |[accepted, duplicates, rest], it| {
        let [more, again, others @ ..] = it;
        [accepted + more, duplicates + again, rest + others.iter().sum::<u64>()]
    })
}

fn verified(setting: &Setting) -> Value {
    let arguments = ["usage", "verify", "--json", "--pole", &setting.pole.code];
    serde_json::from_str(&setting.server.palier(arguments).success()).unwrap()
}

/// Another process on the database of the first, and the admin's client there.
fn another(setting: &Setting) -> (Server, Client) {
    // Its clock is ahead: it takes no token that the first has yet to make.
    let server = Server::builder(setting.server.engine()).now("2026-09-30T12:05:00Z");
    let server = server.database(setting.server.database_url()).start();
    let client = server.client().with_token(&setting.pole.token);
    (server, client)
}

on_both!(what_comes_in_at_several_servers_counts_once);
fn what_comes_in_at_several_servers_counts_once(engine: Engine) {
    let setting = Setting::of(engine);
    let (_second, there) = another(&setting);
    let usage = &setting.usage;
    // Half of what each reports is reported by all, in other batches and another order; some of it
    // all or nothing.
    let reporters: Vec<(&Client, usize)> =
        [&setting.pole.admin, &there, &setting.pole.admin, &there].into_iter().zip(0..).collect();
    let told: Vec<Answer> = thread::scope(|threads| {
        let running: Vec<_> = reporters
            .iter()
            .map(|(client, nth)| {
                threads.spawn(move || {
                    let send = |batch: usize| {
                        let begin = batch * BATCH;
                        let mut numbers: Vec<_> = (begin..begin + BATCH / 2).collect();
                        numbers.extend((0..BATCH / 2).map(|it| 10_000 * (nth + 1) + begin + it));
                        if nth % 2 == 1 {
                            numbers.reverse();
                        }
                        let events: Vec<_> = numbers.into_iter().map(one).collect();
                        let atomic = if batch % 3 == nth % 3 { "?atomic=true" } else { "" };
                        client.post(&format!("{usage}{atomic}"), json!(events)).expect(200)
                    };
                    // Two begin at the front, two at the back.
                    let backwards = |it: usize| if nth < &2 { it } else { BATCHES - 1 - it };
                    (0..BATCHES).map(backwards).map(send).collect::<Vec<_>>()
                })
            })
            .collect();
        running.into_iter().flat_map(|it| it.join().unwrap()).collect()
    });
    let distinct = u64::try_from(BATCHES * BATCH / 2 * 5).unwrap();
    let sent = u64::try_from(BATCHES * BATCH * 4).unwrap();
    assert_eq!(summed(&told), [distinct, sent - distinct, 0]);
    let verified = verified(&setting);
    assert_eq!((&verified["events"], &verified["differences"]), (&json!(distinct), &json!([])));
}

on_both!(an_event_is_taken_out_once_at_whichever_server);
fn an_event_is_taken_out_once_at_whichever_server(engine: Engine) {
    const EVENTS: usize = 30;
    let setting = Setting::of(engine);
    let (_second, there) = another(&setting);
    let all: Vec<_> = (0..EVENTS).map(one).collect();
    setting.report(&json!(all)).expect(200);
    // Each is voided by two and amended by two, at once. One of them has its way; all others are
    // told why they have not.
    let (voided, amended) = thread::scope(|threads| {
        let clients = [&setting.pole.admin, &there];
        let voiding = clients.map(|client| {
            let path = format!("{}/voids", setting.usage);
            threads.spawn(move || {
                let void = |number: usize| {
                    let event = one(number);
                    let key = json!({ "id": event["id"], "time": event["time"] });
                    let told = client.post(&path, json!({ "events": [key], "reason": "A test." }));
                    told.expect(200).json()["voided"].as_u64().unwrap()
                };
                (0..EVENTS).map(void).sum::<u64>()
            })
        });
        let amending: Vec<_> = clients
            .into_iter()
            .zip(["here", "there"])
            .map(|(client, name)| {
                let setting = &setting;
                threads.spawn(move || {
                    let amend = |number: usize| {
                        let first = one(number);
                        let mut event = event(&format!("{name}-{number}"), super::LATER, "7");
                        event["amends"] = json!({ "id": first["id"], "time": first["time"] });
                        let told = client.post(&setting.usage, event);
                        assert!([200, 422].contains(&told.status), "{told}");
                        u64::from(told.status == 200)
                    };
                    (0..EVENTS).map(amend).sum::<u64>()
                })
            })
            .collect();
        let voided: u64 = voiding.into_iter().map(|it| it.join().unwrap()).sum();
        let amended: u64 = amending.into_iter().map(|it| it.join().unwrap()).sum();
        (voided, amended)
    });
    assert_eq!(voided + amended, u64::try_from(EVENTS).unwrap());
    let verified = verified(&setting);
    assert_eq!(
        (&verified["events"], &verified["voided"], &verified["differences"]),
        (&json!(amended), &json!(EVENTS), &json!([]))
    );
}
