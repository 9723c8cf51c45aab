//! Mail leaves by the mail server that is configured.

use std::time::Duration;

use palier_tests::smtp::{Manner, Smtp};
use palier_tests::{Engine, Pole, Server, on_both, wait_for};
use serde_json::json;

use crate::people::{at, link_in, new_email, redeem};

on_both!(an_invitation_arrives_and_lets_in);
fn an_invitation_arrives_and_lets_in(engine: Engine) {
    let smtp = Smtp::start();
    let from = "Palier <palier@pole.example>";
    let mut server = Server::builder(engine).smtp(&smtp).env("PALIER_MAIL_FROM", from).start();
    let pole = Pole::new(&server);
    let email = new_email();
    let user = json!({ "email": email, "name": "Jeanne", "grants": [{ "role": "auditor" }] });
    pole.admin.post(&at(&pole, "/users"), user).expect(201);
    let delivery = smtp.delivery_to(&email);
    assert_eq!((delivery.from.as_str(), delivery.to), ("palier@pole.example", vec![email]));
    redeem(&server, &pole, &link_in(&delivery.mail)).expect(201);
    server.stop();
}

/// Most mail servers repeat the address they turn away, and logs hold none.
#[test]
fn who_cannot_be_reached_is_tried_again_and_not_logged() {
    let smtp = Smtp::start();
    smtp.behave(Manner::Defers);
    let server = Server::builder(Engine::Sqlite).smtp(&smtp).start();
    let pole = Pole::new(&server);
    let email = new_email();
    let user = json!({ "email": email, "name": "Jeanne", "grants": [{ "role": "auditor" }] });
    pole.admin.post(&at(&pole, "/users"), user).expect(201);
    let failed = || server.log().contains("job failed").then_some(());
    wait_for(Duration::from_mins(1), failed).expect("a failure is logged");
    let log = server.log();
    assert!(log.contains("451") && !log.contains(&email), "{log}");
    smtp.behave(Manner::Takes);
    smtp.delivery_to(&email);
}
