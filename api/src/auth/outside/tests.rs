//! A provider of their own, on this machine, that tests can break.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use actix_web::{App, HttpResponse, HttpServer, dev::ServerHandle, web};
use aws_lc_rs::{
    encoding::AsDer as _,
    rand::SystemRandom,
    rsa::KeySize,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, RsaKeyPair},
};
use jiff::{Span, Timestamp, ToSpan as _};
use jsonwebtoken::{Algorithm, EncodingKey, Header, jwk::Jwk};
use serde_json::{Value, json};

use super::*;

const ISSUER: &str = "https://id.example";
const HERE: &str = "https://palier.example";

fn noon() -> Timestamp {
    "2026-09-01T12:00:00Z".parse().unwrap()
}

fn after(span: Span) -> Timestamp {
    noon().checked_add(span).unwrap()
}

/// What the provider answers, and how often it was asked.
struct Answer {
    status: u16,
    body: String,
    asked: AtomicUsize,
}

type Shared = Arc<Mutex<Answer>>;

/// A provider's web server.
struct Server {
    answer: Shared,
    address: String,
    handle: ServerHandle,
}

impl Server {
    fn start(keys: &[&Key]) -> Self {
        let answer = Answer { status: 200, body: key_set(keys), asked: AtomicUsize::new(0) };
        let answer = Arc::new(Mutex::new(answer));
        let shared = web::Data::new(Arc::clone(&answer));
        let server = HttpServer::new(move || {
            let keys = |shared: web::Data<Shared>| async move {
                let answer = shared.lock().unwrap();
                answer.asked.fetch_add(1, Ordering::Relaxed);
                let status = actix_web::http::StatusCode::from_u16(answer.status).unwrap();
                let mut response = HttpResponse::build(status);
                response.insert_header(("location", "/keys")).body(answer.body.clone())
            };
            App::new().app_data(shared.clone()).default_service(web::to(keys))
        });
        let server = server.workers(1).bind(("127.0.0.1", 0)).unwrap();
        let address = format!("http://{}/keys", server.addrs()[0]);
        let server = server.disable_signals().run();
        let handle = server.handle();
        actix_web::rt::spawn(server);
        Self { answer, address, handle }
    }

    fn answers(&self, status: u16, body: &str) {
        let mut answer = self.answer.lock().unwrap();
        answer.status = status;
        body.clone_into(&mut answer.body);
    }

    fn times_asked(&self) -> usize {
        self.answer.lock().unwrap().asked.load(Ordering::Relaxed)
    }

    fn provider(&self) -> Provider {
        Provider {
            issuer: ISSUER.into(),
            audience: HERE.into(),
            jwks: OutwardAddress::parse(&self.address, Reach::InternetAndThisMachine).unwrap(),
            algorithms: vec![
                SignatureAlgorithm::Rs256,
                SignatureAlgorithm::Es256,
                SignatureAlgorithm::EdDsa,
            ],
        }
    }
}

/// One of the provider's keys.
struct Key {
    private: EncodingKey,
    algorithm: Algorithm,
    jwk: Jwk,
}

impl Key {
    fn new(kid: &str, algorithm: Algorithm) -> Self {
        let random = SystemRandom::new();
        let private = match algorithm {
            Algorithm::RS256 => {
                let pkcs8 = RsaKeyPair::generate(KeySize::Rsa2048).unwrap().as_der().unwrap();
                // What PKCS#8 puts before the PKCS#1 key that jsonwebtoken wants.
                EncodingKey::from_rsa_der(&pkcs8.as_ref()[26..])
            }
            Algorithm::ES256 => {
                let curve = &ECDSA_P256_SHA256_FIXED_SIGNING;
                let pkcs8 = EcdsaKeyPair::generate_pkcs8(curve, &random).unwrap();
                EncodingKey::from_ec_der(pkcs8.as_ref())
            }
            _ => {
                let pkcs8 = Ed25519KeyPair::generate_pkcs8v1(&random).unwrap();
                EncodingKey::from_ed_der(pkcs8.as_ref())
            }
        };
        let mut jwk = Jwk::from_encoding_key(&private, algorithm).unwrap();
        jwk.common.key_id = Some(kid.to_owned());
        Self { private, algorithm, jwk }
    }

    fn sign(&self, claims: &Value) -> String {
        let mut header = Header::new(self.algorithm);
        header.kid.clone_from(&self.jwk.common.key_id);
        jsonwebtoken::encode(&header, claims, &self.private).unwrap()
    }
}

fn key_set(keys: &[&Key]) -> String {
    let keys: Vec<&Jwk> = keys.iter().map(|key| &key.jwk).collect();
    json!({ "keys": keys }).to_string()
}

fn claims() -> Value {
    json!({
        "iss": ISSUER, "aud": ["other", HERE], "sub": "employee-7",
        "iat": noon().as_second(), "exp": after(5.minutes()).as_second(),
        "email": "jeanne@forge.example", "email_verified": true,
    })
}

fn outside() -> Outside {
    Outside::new(Reach::InternetAndThisMachine)
}

fn jeanne() -> Identity {
    Identity { subject: "employee-7".into(), email: "jeanne@forge.example".into() }
}

#[actix_web::test]
async fn every_algorithm_identifies_and_one_fetch_is_enough() {
    let keys = [
        Key::new("r", Algorithm::RS256),
        Key::new("e", Algorithm::ES256),
        Key::new("d", Algorithm::EdDSA),
    ];
    let server = Server::start(&keys.iter().collect::<Vec<_>>());
    let (outside, provider) = (outside(), server.provider());
    for key in &keys {
        let token = key.sign(&claims());
        let identity = outside.identify(&provider, &token, noon()).await;
        assert_eq!(identity, Ok(jeanne()), "{:?}", key.algorithm);
        assert_eq!(claimed_issuer(&token).as_deref(), Some(ISSUER));
    }
    assert_eq!(server.times_asked(), 1);
}

#[actix_web::test]
async fn only_the_algorithms_agreed_on_are_taken() {
    let (ed, ec) = (Key::new("d", Algorithm::EdDSA), Key::new("e", Algorithm::ES256));
    let server = Server::start(&[&ed, &ec]);
    let mut provider = server.provider();
    provider.algorithms = vec![SignatureAlgorithm::EdDsa];
    let outside = outside();
    let with = async |token: String| outside.identify(&provider, &token, noon()).await;
    assert_eq!(with(ed.sign(&claims())).await, Ok(jeanne()));
    assert_eq!(with(ec.sign(&claims())).await, Err(Rejected::Signature.into()));

    // A shared secret that is no secret: the public key as everybody can read it.
    let mut header = Header::new(Algorithm::HS256);
    header.kid = Some("d".into());
    let secret = EncodingKey::from_secret(server.answer.lock().unwrap().body.as_bytes());
    let token = jsonwebtoken::encode(&header, &claims(), &secret).unwrap();
    assert_eq!(with(token).await, Err(Rejected::Signature.into()));
    // One key's id on a token signed by the other.
    let mut header = Header::new(Algorithm::EdDSA);
    header.kid = Some("e".into());
    let token = jsonwebtoken::encode(&header, &claims(), &ed.private).unwrap();
    assert_eq!(with(token).await, Err(Rejected::UnknownKey.into()));
}

#[actix_web::test]
async fn what_a_token_says_is_checked() {
    let key = Key::new("d", Algorithm::EdDSA);
    let server = Server::start(&[&key]);
    let (outside, provider) = (outside(), server.provider());
    let second = |span: Span| json!(after(span).as_second());
    for (name, value, expected) in [
        ("iss", json!("https://id.example/"), Err(Rejected::Elsewhere.into())),
        ("aud", json!("other"), Err(Rejected::Elsewhere.into())),
        ("aud", json!(HERE), Ok(jeanne())),
        ("exp", second((-59).seconds()), Ok(jeanne())),
        ("exp", second((-60).seconds()), Err(Rejected::Expired.into())),
        ("iat", second(60.seconds()), Ok(jeanne())),
        ("iat", second(61.seconds()), Err(Rejected::NotYet.into())),
        ("nbf", second(61.seconds()), Err(Rejected::NotYet.into())),
        ("exp", json!(null), Err(Rejected::Malformed.into())),
        ("sub", json!(null), Err(Rejected::Malformed.into())),
        ("aud", json!(null), Err(Rejected::Malformed.into())),
        ("iss", json!(null), Err(Rejected::Malformed.into())),
        ("email_verified", json!("true"), Ok(jeanne())),
        ("email_verified", json!(false), Err(NotIdentified::NoVerifiedEmail)),
        ("email_verified", json!("false"), Err(NotIdentified::NoVerifiedEmail)),
        ("email_verified", json!(null), Err(NotIdentified::NoVerifiedEmail)),
        ("email", json!(null), Err(NotIdentified::NoVerifiedEmail)),
    ] {
        let mut claims = claims();
        claims[name] = value.clone();
        let identity = outside.identify(&provider, &key.sign(&claims), noon()).await;
        assert_eq!(identity, expected, "{name}: {value}");
    }
    let forged = Key::new("d", Algorithm::EdDSA).sign(&claims());
    let identity = outside.identify(&provider, &forged, noon()).await;
    assert_eq!(identity, Err(Rejected::Signature.into()));
}

#[actix_web::test]
async fn a_new_key_is_found_but_the_provider_is_not_pestered() {
    let (old, new) = (Key::new("old", Algorithm::EdDSA), Key::new("new", Algorithm::EdDSA));
    let server = Server::start(&[&old]);
    let (outside, provider) = (outside(), server.provider());
    let at = async |key: &Key, span: Span| {
        outside.identify(&provider, &key.sign(&claims()), after(span)).await
    };
    assert_eq!(at(&old, 0.seconds()).await, Ok(jeanne()));
    server.answers(200, &key_set(&[&old, &new]));
    for _ in 0..3 {
        assert_eq!(at(&new, 59.seconds()).await, Err(Rejected::UnknownKey.into()));
    }
    assert_eq!(server.times_asked(), 1);
    assert_eq!(at(&new, 60.seconds()).await, Ok(jeanne()));
    assert_eq!(server.times_asked(), 2);
}

#[actix_web::test]
async fn a_copy_outlives_the_provider_for_a_day() {
    let key = Key::new("d", Algorithm::EdDSA);
    let server = Server::start(&[&key]);
    let (outside, provider) = (outside(), server.provider());
    let at = async |span: Span| {
        let now = after(span);
        let mut claims = claims();
        claims["exp"] = json!(now.checked_add(1.minute()).unwrap().as_second());
        outside.identify(&provider, &key.sign(&claims), now).await
    };
    assert_eq!(at(0.seconds()).await, Ok(jeanne()));
    server.handle.stop(false).await;
    assert_eq!(at(11.minutes()).await, Ok(jeanne()));
    assert_eq!(at(1439.minutes()).await, Ok(jeanne()));
    assert_eq!(at(24.hours()).await, Err(NotIdentified::Unavailable));
}

#[actix_web::test]
async fn answers_that_are_no_key_set_are_none() {
    let key = Key::new("d", Algorithm::EdDSA);
    let server = Server::start(&[&key]);
    let keys = key_set(&[&key]);
    let padded = format!("{keys}{}", " ".repeat(256 * 1024));
    for (status, body) in [
        (302, keys.as_str()),
        (404, keys.as_str()),
        (500, keys.as_str()),
        (200, "<html>"),
        (200, padded.as_str()),
    ] {
        server.answers(status, body);
        let identity = outside().identify(&server.provider(), &key.sign(&claims()), noon()).await;
        assert_eq!(identity, Err(NotIdentified::Unavailable), "{status} {} bytes", body.len());
    }
    assert_eq!(server.times_asked(), 5);
}

#[actix_web::test]
async fn keys_for_something_else_are_passed_over() {
    let key = Key::new("d", Algorithm::EdDSA);
    let server = Server::start(&[&key]);
    let jwk = serde_json::to_value(&key.jwk).unwrap();
    let with = |name: &str, value: Value| {
        let mut jwk = jwk.clone();
        jwk[name] = value;
        jwk
    };
    let unknown = json!({ "kty": "AKP", "alg": "ML-DSA-44", "kid": "q", "pub": "AA" });
    for (set, expected) in [
        (json!([unknown, 7, jwk]), Ok(jeanne())),
        (json!([with("key_ops", json!(["verify"]))]), Ok(jeanne())),
        (json!([with("use", json!("enc"))]), Err(Rejected::UnknownKey.into())),
        (json!([with("key_ops", json!(["encrypt"]))]), Err(Rejected::UnknownKey.into())),
        (json!([with("alg", json!("RS256"))]), Err(Rejected::UnknownKey.into())),
        (json!([]), Err(Rejected::UnknownKey.into())),
    ] {
        server.answers(200, &json!({ "keys": set }).to_string());
        let identity = outside().identify(&server.provider(), &key.sign(&claims()), noon()).await;
        assert_eq!(identity, expected, "{set}");
    }
}

#[actix_web::test]
async fn a_token_without_a_key_id_needs_a_single_key() {
    let (one, two) = (Key::new("1", Algorithm::EdDSA), Key::new("2", Algorithm::EdDSA));
    let header = Header::new(Algorithm::EdDSA);
    let token = jsonwebtoken::encode(&header, &claims(), &one.private).unwrap();
    let server = Server::start(&[&one]);
    let identity = outside().identify(&server.provider(), &token, noon()).await;
    assert_eq!(identity, Ok(jeanne()));
    server.answers(200, &key_set(&[&one, &two]));
    let identity = outside().identify(&server.provider(), &token, noon()).await;
    assert_eq!(identity, Err(Rejected::UnknownKey.into()));
}
