//! People who sign in as people do: with what they find in their mail.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use palier_tests::{Answer, Client, Pole, Server, wait_for};
use serde_json::{Value, json};

/// A password that nobody would guess.
pub(crate) const PASSWORD: &str = "four calm grey herons";

/// Somebody who has signed in.
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) email: String,
    pub(crate) token: String,
    pub(crate) client: Client,
    pub(crate) refresh_token: String,
}

impl Person {
    /// Invites somebody by the pole's administrator, and signs them in by the link in their mail.
    #[track_caller]
    pub(crate) fn new(server: &Server, pole: &Pole, grants: &Value) -> Self {
        let email = new_email();
        let user = json!({ "email": email, "name": "Jeanne Martin", "grants": grants });
        let made = pole.admin.post(&at(pole, "/users"), user).expect(201);
        let token = link_in(&server.mail_to(&email));
        let session = redeem(server, pole, &token).expect(201);
        let token = session.string("/access_token");
        Self {
            id: made.string("/id"),
            client: server.client().with_token(&token),
            token,
            refresh_token: session.string("/refresh_token"),
            email,
        }
    }

    /// The same, with a password.
    #[track_caller]
    pub(crate) fn with_password(server: &Server, pole: &Pole, grants: &Value) -> Self {
        let person = Self::new(server, pole, grants);
        let password = json!({ "new_password": PASSWORD });
        in_turn(|| person.client.post(&at(pole, "/me/password"), &password)).expect(204);
        person
    }
}

/// A member company of the pole, by its id.
#[track_caller]
pub(crate) fn member(pole: &Pole, code: &str) -> String {
    let member = json!({
        "code": code, "name": format!("Forge {code}"), "siren": "732829320",
        "address": {
            "lines": ["36 rue de l’Atelier"], "postcode": "69007", "city": "Lyon", "country": "FR",
        },
    });
    pole.admin.post(&at(pole, "/members"), member).expect(201).string("/id")
}

/// An address below a pole.
pub(crate) fn at(pole: &Pole, path: &str) -> String {
    format!("/v1/poles/{}{path}", pole.code)
}

/// An address that nobody else has.
pub(crate) fn new_email() -> String {
    static NUMBER: AtomicUsize = AtomicUsize::new(1);
    format!("jeanne-{}@forge.example", NUMBER.fetch_add(1, Ordering::Relaxed))
}

/// The token in a mail.
#[track_caller]
pub(crate) fn link_in(mail: &palier_tests::Mail) -> String {
    mail.word("plr_link_").to_owned()
}

#[track_caller]
pub(crate) fn redeem(server: &Server, pole: &Pole, token: &str) -> Answer {
    server.client().post(&at(pole, "/sessions/link"), json!({ "token": token }))
}

#[track_caller]
pub(crate) fn sign_in(server: &Server, pole: &Pole, email: &str, password: &str) -> Answer {
    let body = json!({ "email": email, "password": password });
    in_turn(|| server.client().post(&at(pole, "/sessions"), &body))
}

/// What somebody is answered whose password had its turn: few are hashed at a time, and on a busy machine
/// who waits for too long is told to come again.
#[track_caller]
fn in_turn(send: impl Fn() -> Answer) -> Answer {
    let answered = || Some(send()).filter(|answer| answer.status != 503);
    wait_for(Duration::from_mins(1), answered).expect("a turn to have a password hashed")
}

#[track_caller]
pub(crate) fn refresh(server: &Server, pole: &Pole, token: &str) -> Answer {
    server.client().post(&at(pole, "/sessions/refresh"), json!({ "refresh_token": token }))
}

/// The codes and places of what is wrong with a body.
#[track_caller]
pub(crate) fn faults(answer: &Answer) -> Vec<(String, String)> {
    let problem = answer.problem();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let errors = problem["errors"].as_array().cloned().unwrap_or_default();
    errors.iter().map(|fault| (text(&fault["pointer"]), text(&fault["code"]))).collect()
}
