//! `/v1/poles/{pole}/sessions`: signing in and out.

use std::time::{Duration, Instant};

use palier_tests::{Engine, Pole, Server, on_both, wait_for};
use serde_json::{Value, json};

use crate::people::{PASSWORD, Person, at, link_in, new_email, redeem, refresh, sign_in};

fn auditor() -> Value {
    json!([{ "role": "auditor" }])
}

on_both!(a_password_signs_in);
fn a_password_signs_in(server: &Server) {
    let pole = Pole::new(server);
    let person = Person::with_password(server, &pole, &auditor());
    let session = sign_in(server, &pole, &person.email.to_uppercase(), PASSWORD).expect(201);
    assert_eq!(session.string("/user_id"), person.id);
    assert_eq!(session.string("/token_type"), "Bearer");
    assert_eq!(session.json()["expires_in"], 900);
    assert_eq!(session.header("cache-control"), "no-store");
    let client = server.client().with_token(&session.string("/access_token"));
    assert_eq!(client.get(&at(&pole, "/me")).expect(200).string("/id"), person.id);
}

on_both!(whoever_cannot_sign_in_learns_nothing);
fn whoever_cannot_sign_in_learns_nothing(server: &Server) {
    let pole = Pole::new(server);
    let person = Person::with_password(server, &pole, &auditor());
    let without = Person::new(server, &pole, &auditor());
    let disabled = Person::with_password(server, &pole, &auditor());
    let user = at(&pole, &format!("/users/{}", disabled.id));
    let any = pole.admin.with_header("if-match", "*");
    any.patch(&user, json!({ "status": "disabled" })).expect(200);
    let refused = sign_in(server, &pole, &person.email, "four calm grey heron").expect(401);
    for (email, password) in [
        (new_email(), PASSWORD),
        (without.email.clone(), PASSWORD),
        (disabled.email.clone(), PASSWORD),
    ] {
        let same = sign_in(server, &pole, &email, password).expect(401);
        assert_eq!(same.problem(), refused.problem(), "{email}");
    }
    let elsewhere = Pole::new(server);
    sign_in(server, &elsewhere, &person.email, PASSWORD).expect(401);
}

on_both!(a_link_signs_in_once);
fn a_link_signs_in_once(server: &Server) {
    let pole = Pole::new(server);
    let person = Person::new(server, &pole, &auditor());
    let ask = |email: &str| {
        let body = json!({ "email": email });
        server.client().post(&at(&pole, "/sessions/sign-in-links"), body).expect(202)
    };
    let (nobody, unknown) = (new_email(), ask(&new_email()));
    let known = ask(&person.email);
    assert_eq!((known.bytes, unknown.bytes), (vec![], vec![]), "{nobody}");
    let mails = server.mails_to(&person.email, 2);
    assert!(mails[1].subject.contains("lien"), "{}", mails[1].subject);
    let token = link_in(&mails[1]);
    redeem(server, &pole, &link_in(&mails[0])).expect(401).problem();
    redeem(server, &Pole::new(server), &token).expect(401).problem();
    redeem(server, &pole, &format!("{token}x")).expect(401).problem();
    assert_eq!(redeem(server, &pole, &token).expect(201).string("/user_id"), person.id);
    redeem(server, &pole, &token).expect(401).problem();
}

on_both!(a_newer_sign_in_makes_older_links_useless);
fn a_newer_sign_in_makes_older_links_useless(server: &Server) {
    let pole = Pole::new(server);
    let person = Person::new(server, &pole, &auditor());
    for count in [2, 3] {
        let body = json!({ "email": person.email });
        server.client().post(&at(&pole, "/sessions/sign-in-links"), body).expect(202);
        server.mails_to(&person.email, count);
    }
    let mails = server.mails_to(&person.email, 3);
    redeem(server, &pole, &link_in(&mails[2])).expect(201);
    redeem(server, &pole, &link_in(&mails[1])).expect(401);
}

on_both!(a_session_is_renewed_with_each_token_once);
fn a_session_is_renewed_with_each_token_once(server: &Server) {
    let pole = Pole::new(server);
    let person = Person::new(server, &pole, &auditor());
    let second = refresh(server, &pole, &person.refresh_token).expect(200);
    let third = refresh(server, &pole, &second.string("/refresh_token")).expect(200);
    assert_eq!(second.string("/id"), third.string("/id"));
    let client = server.client().with_token(&third.string("/access_token"));
    client.get(&at(&pole, "/me")).expect(200);

    // The second was used: whoever comes with it now, the session ends for all.
    refresh(server, &pole, &second.string("/refresh_token")).expect(401).problem();
    refresh(server, &pole, &third.string("/refresh_token")).expect(401).problem();
    client.get(&at(&pole, "/me")).expect(401).problem();
    let log = pole.admin.get(&at(&pole, "/audit-log?action=session.revoked"));
    let entry = log.expect(200).json()["data"][0].clone();
    assert_eq!(
        (&entry["object"], &entry["actor"]),
        (&json!(third.string("/id")), &json!(person.id))
    );
}

on_both!(tokens_are_for_what_they_say);
fn tokens_are_for_what_they_say(server: &Server) {
    let pole = Pole::new(server);
    let person = Person::new(server, &pole, &auditor());
    redeem(server, &pole, &person.refresh_token).expect(401);
    server.client().with_token(&person.refresh_token).get(&at(&pole, "/me")).expect(401);
    refresh(server, &Pole::new(server), &person.refresh_token).expect(401);
    refresh(server, &pole, &person.refresh_token).expect(200);
}

on_both!(signing_out_ends_the_session_at_once);
fn signing_out_ends_the_session_at_once(server: &Server) {
    let pole = Pole::new(server);
    let person = Person::new(server, &pole, &auditor());
    person.client.get(&at(&pole, "/me")).expect(200);
    person.client.delete(&at(&pole, "/sessions/current")).expect(204);
    person.client.get(&at(&pole, "/me")).expect(401).problem();
    refresh(server, &pole, &person.refresh_token).expect(401);
    pole.admin.get(&at(&pole, "/me")).expect(200);
}

on_both!(guessing_slows_down_whether_there_is_an_account_or_not);
fn guessing_slows_down_whether_there_is_an_account_or_not(server: &Server) {
    let pole = Pole::new(server);
    let person = Person::with_password(server, &pole, &auditor());
    for email in [person.email.clone(), new_email()] {
        for _ in 0..5 {
            sign_in(server, &pole, &email, "a wrong password").expect(401);
        }
        let refused = sign_in(server, &pole, &email, PASSWORD).expect(429);
        refused.problem();
        let wait: u64 = refused.header("retry-after").parse().unwrap();
        assert!((1..=31).contains(&wait), "{wait}");
    }
    // A link still lets the owner in.
    let body = json!({ "email": person.email });
    server.client().post(&at(&pole, "/sessions/sign-in-links"), body).expect(202);
    let mails = server.mails_to(&person.email, 2);
    redeem(server, &pole, &link_in(&mails[1])).expect(201);
}

on_both!(a_success_forgets_the_failures_before);
fn a_success_forgets_the_failures_before(server: &Server) {
    let pole = Pole::new(server);
    let person = Person::with_password(server, &pole, &auditor());
    for _ in 0..3 {
        for _ in 0..4 {
            sign_in(server, &pole, &person.email, "a wrong password").expect(401);
        }
        sign_in(server, &pole, &person.email, PASSWORD).expect(201);
    }
}

on_both!(guesses_at_the_same_time_are_all_counted);
fn guesses_at_the_same_time_are_all_counted(server: &Server) {
    let pole = Pole::new(server);
    let email = new_email();
    let body = json!({ "email": email, "password": "a wrong password" });
    let guess = || server.client().post(&at(&pole, "/sessions"), &body).status;
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let guesses: Vec<_> = (0..12).map(|_| scope.spawn(guess)).collect();
        guesses.into_iter().map(|guess| guess.join().unwrap()).collect()
    });
    let of = |these: &[u16]| statuses.iter().filter(|it| these.contains(it)).count();
    // One that waited in vain for its turn to be looked at is counted as well.
    assert_eq!((of(&[401, 503]), of(&[429])), (5, 7), "{statuses:?}");
    assert!(of(&[401]) > 0, "{statuses:?}");
}

on_both!(an_address_has_so_many_attempts);
fn an_address_has_so_many_attempts(engine: Engine) {
    let server = Server::builder(engine).args("--trusted-proxies 127.0.0.1").start();
    let pole = Pole::new(&server);
    let from = |forwarded: &str| {
        let client = server.client().with_header("x-forwarded-for", forwarded);
        client.post(&at(&pole, "/sessions/refresh"), json!({ "refresh_token": "none" })).status
    };
    let statuses: Vec<_> = (0..100).map(|_| from("203.0.113.7")).collect();
    assert!(statuses.iter().all(|status| *status == 401), "{statuses:?}");
    // It has another one each second, so that a slow machine needs more to use them up.
    let refused = || (from("203.0.113.7") == 429).then_some(());
    wait_for(Duration::from_mins(1), refused).expect("too many attempts");
    // What a caller writes before the proxy's own word changes nothing (an address that has all its
    // attempts would not be refused so soon); another caller is free.
    let mut few = (0..30).map(|_| from("198.51.100.1, 203.0.113.7"));
    assert!(few.any(|status| status == 429), "it is the same caller");
    assert_eq!(from("203.0.113.7, 198.51.100.1"), 401);
    assert_eq!(from("2001:db8::1"), 401);
}

on_both!(time_ends_what_it_should);
fn time_ends_what_it_should(engine: Engine) {
    let server = |database: Option<&str>, now: &str| {
        let server = Server::builder(engine).now(now);
        database.into_iter().fold(server, palier_tests::Builder::database).start()
    };
    let began = Instant::now();
    let mut first = server(None, "2026-09-01T12:00:00Z");
    let database = first.database_url().to_owned();
    let pole = Pole::new(&first);
    let person = Person::new(&first, &pole, &auditor());
    first.client().post(&at(&pole, "/sessions/sign-in-links"), json!({ "email": person.email }));
    let mails = first.mails_to(&person.email, 2);
    person.client.get(&at(&pole, "/me")).expect(200);
    first.stop();

    // The access token and the link last for a quarter of an hour, from whenever they were made.
    let later: jiff::Timestamp = "2026-09-01T12:16:00Z".parse().unwrap();
    let later = later.checked_add(began.elapsed()).unwrap();
    let mut second = server(Some(&database), &later.to_string());
    let client = second.client().with_token(&person.token);
    let expired = client.with_header("accept-language", "en").get(&at(&pole, "/me")).expect(401);
    assert!(expired.string("/detail").contains("expired"), "{expired}");
    redeem(&second, &pole, &link_in(&mails[1])).expect(401);
    let renewed = refresh(&second, &pole, &person.refresh_token).expect(200);
    second.stop();

    // A session that rests for more than a month is over.
    let third = server(Some(&database), "2026-10-02T12:00:00Z");
    refresh(&third, &pole, &renewed.string("/refresh_token")).expect(401);
}
