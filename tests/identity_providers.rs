//! `/v1/poles/{pole}/identity-providers`: whose tokens a pole accepts.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::time::Duration;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use palier_tests::{Pole, Server, on_both, wait_for};
use serde_json::{Value, json};

use crate::people::{Person, at, faults};

/// A provider on this machine, that says of people what it likes.
struct Outside {
    key: Ed25519KeyPair,
    address: String,
}

impl Outside {
    fn start() -> Self {
        let key = Ed25519KeyPair::generate().unwrap();
        let x = URL_SAFE_NO_PAD.encode(key.public_key());
        let keys = json!({ "keys": [{ "kty": "OKP", "crv": "Ed25519", "kid": "one", "x": x }] });
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let body = keys.to_string();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut lines = BufReader::new(&stream).lines();
                while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
                let (status, length) = ("200 OK", body.len());
                let head = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\n\r\n");
                // Whoever asked may have gone; others will ask.
                let _gone = stream.write_all(format!("{head}{body}").as_bytes());
            }
        });
        Self { key, address }
    }

    fn settings(&self) -> Value {
        json!({
            "name": "Forge", "issuer": format!("{}/", self.address), "audience": "palier",
            "jwks_url": format!("{}/jwks.json", self.address), "algorithms": ["EdDSA"],
        })
    }

    fn token(&self, claims: &Value) -> String {
        let header = json!({ "alg": "EdDSA", "typ": "JWT", "kid": "one" });
        let mut all = json!({
            "iss": format!("{}/", self.address), "aud": "palier", "sub": "7", "exp": 4_000_000_000_u64,
            "email_verified": true,
        });
        for (name, value) in claims.as_object().unwrap() {
            all[name] = value.clone();
        }
        let part = |json: &Value| URL_SAFE_NO_PAD.encode(json.to_string());
        let message = format!("{}.{}", part(&header), part(&all));
        let signature = self.key.sign(message.as_bytes());
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

on_both!(outside_tokens_stand_for_the_user_with_the_verified_address);
fn outside_tokens_stand_for_the_user_with_the_verified_address(server: &Server) {
    let (pole, outside) = (Pole::new(server), Outside::start());
    let person = Person::new(server, &pole, &json!([{ "role": "auditor" }]));
    let me = |claims: Value| {
        let client = server.client().with_token(&outside.token(&claims));
        // A provider that does not answer in time, as on a busy machine, is left alone for a minute.
        let answered = || Some(client.get(&at(&pole, "/me"))).filter(|it| it.status != 503);
        wait_for(Duration::from_mins(3), answered).expect("its keys are known")
    };
    let jeanne = json!({ "email": person.email.to_uppercase() });
    me(jeanne.clone()).expect(401).problem();
    let made = pole.admin.post(&at(&pole, "/identity-providers"), outside.settings()).expect(201);
    assert_eq!(me(jeanne.clone()).expect(200).string("/id"), person.id);
    for wrong in [
        json!({ "email": "nobody@forge.example" }),
        json!({ "email": person.email, "email_verified": false }),
        json!({ "email": person.email, "aud": "another" }),
        json!({ "email": person.email, "exp": 1_000_000_000 }),
        json!({ "email": person.email, "iss": "https://elsewhere.example/" }),
    ] {
        me(wrong.clone()).expect(401).problem();
    }
    // What they may do is what the user may do.
    let client = server.client().with_token(&outside.token(&jeanne));
    client.get(&at(&pole, "/users")).expect(200);
    client.post(&at(&pole, "/users"), json!({})).expect(403);
    client.get(&at(&Pole::new(server), "/me")).expect(401);
    let user = at(&pole, &format!("/users/{}", person.id));
    let any = pole.admin.with_header("if-match", "*");
    any.patch(&user, json!({ "status": "disabled" })).expect(200);
    me(jeanne.clone()).expect(401);
    any.patch(&user, json!({ "status": "active" })).expect(200);
    me(jeanne.clone()).expect(200);

    pole.admin.delete(made.header("location")).expect(204);
    me(jeanne).expect(401);
    pole.admin.get(made.header("location")).expect(404);
}

on_both!(providers_are_for_administrators_to_choose);
fn providers_are_for_administrators_to_choose(server: &Server) {
    let (pole, outside) = (Pole::new(server), Outside::start());
    let providers = at(&pole, "/identity-providers");
    let made = pole.admin.post(&providers, outside.settings()).expect(201);
    let taken = pole.admin.post(&providers, outside.settings()).expect(409);
    assert_eq!(faults(&taken), [("/issuer".to_owned(), "taken".to_owned())]);
    let auditor = Person::new(server, &pole, &json!([{ "role": "auditor" }]));
    let list = auditor.client.get(&providers).expect(200).json();
    assert_eq!(list["data"], json!([made.json()]));
    auditor.client.post(&providers, outside.settings()).expect(403);
    // A key that may change the pole's settings must not become any user there is.
    let key = json!({ "name": "settings", "scopes": ["pole:read", "pole:write"] });
    let key = pole.admin.post(&at(&pole, "/api-keys"), key).expect(201).string("/key");
    let key = server.client().with_token(&key);
    key.get(&providers).expect(200);
    key.post(&providers, outside.settings()).expect(403);
    key.delete(made.header("location")).expect(403);
    let any = key.with_header("if-match", "*");
    any.patch(made.header("location"), json!({ "audience": "mine" })).expect(403);

    let change = json!({ "audience": "other", "algorithms": ["RS256", "ES256"] });
    let etag = pole.admin.with_header("if-match", made.header("etag"));
    let changed = etag.patch(made.header("location"), change).expect(200);
    assert_eq!(changed.json()["algorithms"], json!(["RS256", "ES256"]));
    etag.patch(made.header("location"), json!({ "audience": "x" })).expect(412);
}

on_both!(keys_are_fetched_only_from_where_they_may_be);
fn keys_are_fetched_only_from_where_they_may_be(server: &Server) {
    let (pole, outside) = (Pole::new(server), Outside::start());
    for address in [
        "http://id.forge.example/jwks.json",
        "https://10.0.0.1/jwks.json",
        "https://169.254.169.254/latest/meta-data",
        "https://user:word@id.forge.example/jwks.json",
        "ftp://id.forge.example/jwks.json",
    ] {
        let mut settings = outside.settings();
        settings["jwks_url"] = json!(address);
        let refused = pole.admin.post(&at(&pole, "/identity-providers"), settings).expect(422);
        assert_eq!(faults(&refused), [("/jwks_url".to_owned(), "address".to_owned())], "{address}");
    }
}
