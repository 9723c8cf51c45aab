//! Events on their way, read by the package as a merchant would.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use palier_tests::stripe::{Envelope, FakeStripe, Means};
use serde_json::{Value, json};

use super::customer;
use super::package::Package;

const SECRET: &str = "whsec_of_the_pole";

/// What came: a body and its signature.
type Came = (String, String);

/// Listens, and answers with what it is told, the last of it for ever.
fn listen(statuses: &'static [u16]) -> (String, Receiver<Came>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hooks/stripe", listener.local_addr().unwrap());
    let (tell, came) = channel();
    std::thread::spawn(move || {
        for (nth, stream) in listener.incoming().flatten().enumerate() {
            let mut lines = BufReader::new(&stream);
            let (mut length, mut signature) = (0, String::new());
            loop {
                let mut line = String::new();
                lines.read_line(&mut line).unwrap();
                let Some((name, value)) = line.trim_end().split_once(": ") else {
                    if line.trim_end().is_empty() {
                        break;
                    }
                    continue;
                };
                match name.to_ascii_lowercase().as_str() {
                    "content-length" => length = value.parse().unwrap(),
                    "stripe-signature" => value.clone_into(&mut signature),
                    _ => {}
                }
            }
            let mut body = vec![0; length];
            lines.read_exact(&mut body).unwrap();
            tell.send((String::from_utf8(body).unwrap(), signature)).unwrap();
            let status = statuses.get(nth).or(statuses.last()).unwrap();
            let head =
                format!("HTTP/1.1 {status} .\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            (&stream).write_all(head.as_bytes()).unwrap();
        }
    });
    (url, came)
}

fn next(came: &Receiver<Came>) -> Came {
    came.recv_timeout(Duration::from_mins(1)).unwrap()
}

#[test]
fn the_package_believes_what_is_signed_and_nothing_else() {
    let stripe = FakeStripe::start();
    let Some(mut package) = Package::of(&stripe) else { return };
    let (url, came) = listen(&[200]);
    stripe.deliver_to(&url, SECRET);
    package.call("customers.create", &json!([{ "name": "Forge" }]));
    let (body, signature) = next(&came);
    let sent: Value = serde_json::from_str(&body).unwrap();
    let event = package.call("webhooks.constructEvent", &json!([body, signature, SECRET]));
    assert_eq!(event, sent);
    assert_eq!(
        (&event["type"], &event["pending_webhooks"]),
        (&json!("customer.created"), &json!(1))
    );
    stripe.delivered();

    let id = event["id"].as_str().unwrap();
    let (same, fresh) = stripe.signed(id, SECRET);
    assert_eq!(same, body);
    package.call("webhooks.constructEvent", &json!([same, fresh, SECRET]));
    for envelope in [Envelope::Altered, Envelope::Forged, Envelope::Old(301), Envelope::Unsigned] {
        assert_eq!(stripe.deliver(id, envelope), Some(200));
        let (body, signature) = next(&came);
        let error = package.error("webhooks.constructEvent", &json!([body, signature, SECRET]));
        assert_eq!(error["name"], "StripeSignatureVerificationError", "{envelope:?}");
    }
    // It may take a while until the package sees it.
    assert_eq!(stripe.deliver(id, Envelope::Old(240)), Some(200));
    let (body, signature) = next(&came);
    package.call("webhooks.constructEvent", &json!([body, signature, SECRET]));
    assert_eq!(stripe.deliveries().len(), 6);
}

#[test]
fn events_come_late_twice_in_another_order_or_never() {
    let stripe = FakeStripe::start();
    let Some(mut package) = Package::of(&stripe) else { return };
    let (url, came) = listen(&[500, 200]);
    stripe.deliver_to(&url, SECRET);
    stripe.hold();
    customer(&stripe, &mut package, Means::CARD);
    let kinds = |events: &[Value]| -> Vec<String> {
        events.iter().map(|event| event["type"].as_str().unwrap().to_owned()).collect()
    };
    let kind = |came: &Came| serde_json::from_str::<Value>(&came.0).unwrap()["type"].clone();
    let waiting = stripe.waiting();
    assert_eq!(kinds(&waiting), ["customer.created", "payment_method.attached"]);

    // Not taken at first, and then by hand: the last of them first, and twice.
    let last = waiting[1]["id"].as_str().unwrap();
    assert_eq!(stripe.deliver(last, Envelope::Right), Some(500));
    assert_eq!(stripe.waiting().len(), 2);
    assert_eq!(stripe.deliver(last, Envelope::Right), Some(200));
    assert_eq!(stripe.waiting().len(), 1);
    stripe.release();
    stripe.delivered();
    let came: Vec<_> = (0..3).map(|_| kind(&next(&came))).collect();
    assert_eq!(came, ["payment_method.attached", "payment_method.attached", "customer.created"]);

    stripe.hold();
    package.call("customers.create", &json!([{}]));
    stripe.forget_waiting();
    stripe.release();
    stripe.delivered();
    assert_eq!(stripe.deliveries().len(), 3);
    assert_eq!(package.all("events.list", &json!([{ "type": "customer.created" }])).len(), 2);
}

#[test]
fn what_was_not_taken_comes_again() {
    let stripe = FakeStripe::start();
    let Some(mut package) = Package::of(&stripe) else { return };
    let (url, came) = listen(&[503, 200]);
    stripe.deliver_to(&url, SECRET);
    package.call("customers.create", &json!([{}]));
    let first = next(&came);
    stripe.delivered();
    stripe.retry();
    let again = next(&came);
    stripe.delivered();
    assert_eq!(first.0, again.0);
    let statuses: Vec<_> = stripe.deliveries().iter().map(|it| it.status).collect();
    assert_eq!(statuses, [Some(503), Some(200)]);
}
