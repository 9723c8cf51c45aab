//! `/.well-known/jwks.json` and `palier keys`: what signs access tokens.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use palier_tests::{Engine, Pole, Server, on_both};
use serde_json::{Value, json};

use crate::people::{Person, at};

fn published(server: &Server) -> Vec<Value> {
    let keys = server.client().get("/.well-known/jwks.json").expect(200);
    assert_eq!(keys.header("cache-control"), "public, max-age=300");
    keys.json()["keys"].as_array().unwrap().clone()
}

fn header(token: &str) -> Value {
    let header = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap()).unwrap();
    serde_json::from_slice(&header).unwrap()
}

on_both!(tokens_are_signed_with_the_keys_that_are_published);
fn tokens_are_signed_with_the_keys_that_are_published(server: &Server) {
    let pole = Pole::new(server);
    let person = Person::new(server, &pole, &json!([{ "role": "auditor" }]));
    let header = header(&person.token);
    assert_eq!((&header["alg"], &header["typ"]), (&json!("EdDSA"), &json!("at+jwt")));
    let keys = published(server);
    let key = keys.iter().find(|key| key["kid"] == header["kid"]).unwrap();
    assert_eq!(
        (&key["kty"], &key["crv"], &key["use"]),
        (&json!("OKP"), &json!("Ed25519"), &json!("sig"))
    );

    let public = URL_SAFE_NO_PAD.decode(key["x"].as_str().unwrap()).unwrap();
    let public =
        aws_lc_rs::signature::UnparsedPublicKey::new(&aws_lc_rs::signature::ED25519, public);
    let (message, signature) = person.token.rsplit_once('.').unwrap();
    let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
    assert!(public.verify(message.as_bytes(), &signature).is_ok());
}

on_both!(keys_rotate_while_servers_run);
fn keys_rotate_while_servers_run(engine: Engine) {
    let one = Server::start(engine);
    let pole = Pole::new(&one);
    let before = Person::new(&one, &pole, &json!([{ "role": "auditor" }]));
    let said = one.palier(["keys", "rotate"]).success();
    let kid = said.trim().strip_prefix("signing with ").unwrap().to_owned();
    assert_ne!(header(&before.token)["kid"], kid.as_str());

    // Another server starts, and signs with the new key; the first has never seen it.
    let other = Server::builder(engine).database(one.database_url()).start();
    let renewed = crate::people::refresh(&other, &pole, &before.refresh_token).expect(200);
    let token = renewed.string("/access_token");
    assert_eq!(header(&token)["kid"], kid.as_str());
    std::thread::sleep(std::time::Duration::from_millis(2_100));
    one.client().with_token(&token).get(&at(&pole, "/me")).expect(200);
    for server in [&one, &other] {
        server.client().with_token(&before.token).get(&at(&pole, "/me")).expect(200);
        assert_eq!(published(server).len(), 2);
        assert_eq!(published(server)[0]["kid"], kid.as_str());
    }
}

on_both!(another_secret_opens_no_keys);
fn another_secret_opens_no_keys(engine: Engine) {
    let mut server = Server::start(engine);
    let database = server.database_url().to_owned();
    server.stop();
    let other = Server::builder(engine)
        .env("PALIER_SECRET", "QrdPfFW5Ly0H4z1Nx9cmXqVoTbgqXo0ZcJ3mW8Yd2lA=");
    let other = other.database(&database).run();
    let said = other.failure(2);
    assert!(said.contains("is it the one they were made with?"), "{said}");
}
