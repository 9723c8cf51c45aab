//! Logs hold no personal data and no secrets, however much is logged.

use palier_tests::{Engine, Pole, Server, on_both};
use serde_json::json;
use ureq::http::Method;

use crate::people::{PASSWORD, Person, at, refresh, sign_in};

/// What a member is made of here; no word of it stands anywhere else.
const SECRETIVE: [&str; 6] =
    ["Quincaillerie", "732829320", "FR44732829320", "Brindas", "impasse", "compta@quinc.example"];

on_both!(neither_people_nor_companies_nor_what_lets_them_in_are_logged);
fn neither_people_nor_companies_nor_what_lets_them_in_are_logged(engine: Engine) {
    // `RUST_LOG` as well: another setting than ours should not let more through.
    let server = Server::builder(engine).env("PALIER_LOG", "trace").env("RUST_LOG", "trace");
    let mut server = server.env("PALIER_TRUSTED_PROXIES", "127.0.0.1").start();
    let pole = Pole::new(&server);
    let person = Person::with_password(&server, &pole, &json!([{ "role": "auditor" }]));
    let [name, siren, vat_number, city, street, email] = SECRETIVE;
    let company = json!({
        "code": "forge", "name": name, "siren": siren, "vat_number": vat_number,
        "address": { "lines": [street], "postcode": "69126", "city": city, "country": "FR" },
        "billing_contact": { "email": email },
    });

    sign_in(&server, &pole, &person.email, "a wrong guess").expect(401);
    let session = sign_in(&server, &pole, &person.email, PASSWORD).expect(201);
    let renewed = refresh(&server, &pole, &session.string("/refresh_token")).expect(200);
    let mailed = json!({ "email": person.email });
    server.client().post(&at(&pole, "/sessions/sign-in-links"), mailed).expect(202);

    let members = at(&pole, "/members");
    let made = pole.admin.post(&members, &company).expect(201);
    pole.admin.post(&members, &company).expect(409);
    pole.admin.get(&format!("{members}?q={name}&siren={siren}")).expect(200);
    // A body that is refused is not shown either, whether it can be read or not.
    let mut wrong = company.clone();
    wrong["payment_terms"] = json!("whenever");
    pole.admin.post(&members, &wrong).expect(422);
    let broken = format!("{{\"name\": \"{name}\", \"siren\": \"{siren}\",}}");
    let typed = pole.admin.with_header("content-type", "application/json");
    typed.send(Method::POST, &members, Some(broken.as_bytes())).expect(400);
    let any = pole.admin.with_header("if-match", "*");
    any.patch(made.header("location"), json!({ "name": format!("{name} SAS") })).expect(200);
    let key = json!({ "name": "Meter", "scopes": ["members:read"] });
    let key = pole.admin.post(&at(&pole, "/api-keys"), key).expect(201).string("/key");
    server.client().with_token(&key).get(&members).expect(200);
    server.client().with_token(&format!("{key}x")).get(&members).expect(401);
    server.stop();

    let log = server.log();
    assert!(log.contains("DEBUG") && log.contains("TRACE"), "it is not much that is logged");
    let tokens =
        [&session, &renewed].map(|it| [it.string("/access_token"), it.string("/refresh_token")]);
    let mut private = tokens.concat();
    private.extend([key, pole.token.clone(), pole.admin_email.clone(), person.email.clone()]);
    private.extend([person.token.clone(), person.refresh_token.clone()]);
    private.extend(["Jeanne".to_owned(), PASSWORD.to_owned(), "a wrong guess".to_owned()]);
    private.extend(["5ec4e75a".to_owned()]);
    private.extend(SECRETIVE.map(str::to_owned));
    for secret in private {
        let line = log.lines().find(|line| line.contains(&secret));
        assert_eq!(line, None, "{secret} is logged");
    }
}
