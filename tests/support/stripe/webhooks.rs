//! Events on their way to whoever listens, signed as Stripe signs them.

use std::fmt::Write as _;
use std::time::Duration;

use aws_lc_rs::hmac;
use serde_json::Value;
use ureq::http::Method;

use super::{FakeStripe, Shared};
use crate::{Client, wait_for};

/// Who listens.
#[derive(Debug, Clone)]
pub(super) struct Endpoint {
    base: String,
    path: String,
    secret: String,
    /// Whether events go there by themselves.
    pub(super) automatic: bool,
    /// Whether one is on its way.
    busy: bool,
    /// What was sent by itself, and not taken.
    refused: Vec<String>,
    deliveries: Vec<Delivered>,
}

/// An event that was sent, and what the one who listens said.
#[derive(Debug, Clone)]
pub struct Delivered {
    /// The id of the event.
    pub event: String,
    /// `payment_intent.succeeded`, …
    pub kind: String,
    /// None if there was no answer.
    pub status: Option<u16>,
}

/// How an event is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Envelope {
    /// As Stripe does.
    Right,
    /// With a byte changed after it was signed.
    Altered,
    /// Signed by somebody who does not know the secret.
    Forged,
    /// Signed, but so many seconds ago.
    Old(i64),
    /// Not signed at all.
    Unsigned,
}

impl FakeStripe {
    /// Sends every event from now on to this URL, one after the other as they happen, signed by this
    /// secret.
    pub fn deliver_to(&self, url: &str, secret: &str) {
        let slash = url.find("://").map_or(0, |scheme| scheme.saturating_add(3));
        let host = url.get(slash..).and_then(|rest| rest.find('/'));
        let end = host.map_or(url.len(), |host| host.saturating_add(slash));
        let (base, path) = url.split_at(end);
        let mut state = self.shared.lock();
        // One may still be on its way to where they went before.
        let busy = state.endpoint.as_ref().is_some_and(|it| it.busy);
        state.endpoint = Some(Endpoint {
            base: base.to_owned(),
            path: if path.is_empty() { "/".to_owned() } else { path.to_owned() },
            secret: secret.to_owned(),
            automatic: true,
            busy,
            refused: Vec::new(),
            deliveries: Vec::new(),
        });
    }

    /// Keeps events back from now on: they are late, or come in another order, or never.
    pub fn hold(&self) {
        self.automatic(false);
    }

    /// Sends those kept back, in order, and all later ones as they happen.
    pub fn release(&self) {
        self.automatic(true);
    }

    /// Sends once more what was sent and not taken, as Stripe does for three days.
    pub fn retry(&self) {
        let mut state = self.shared.lock();
        let refused = state.endpoint.as_mut().map(|it| std::mem::take(&mut it.refused));
        for event in refused.into_iter().flatten().rev() {
            state.waiting.push_front(event);
        }
        self.shared.changed.notify_all();
    }

    /// Events that were not sent yet, oldest first.
    pub fn waiting(&self) -> Vec<Value> {
        let state = self.shared.lock();
        state.waiting.iter().filter_map(|id| state.find("event", id)).cloned().collect()
    }

    /// Those are never sent.
    pub fn forget_waiting(&self) {
        self.shared.lock().waiting.clear();
    }

    /// Sends an event now, whether it was sent before or not, and returns what was answered.
    #[track_caller]
    pub fn deliver(&self, event: &str, envelope: Envelope) -> Option<u16> {
        let status = self.shared.send(event, envelope);
        if status.is_some_and(|status| status < 300) {
            self.shared.lock().waiting.retain(|id| id != event);
        }
        status
    }

    /// Everything that was sent so far.
    pub fn deliveries(&self) -> Vec<Delivered> {
        let state = self.shared.lock();
        state.endpoint.as_ref().map(|it| it.deliveries.clone()).unwrap_or_default()
    }

    /// Waits until nothing more is on its way, for a minute at most.
    #[track_caller]
    pub fn delivered(&self) {
        let quiet = || {
            let state = self.shared.lock();
            let busy = state.endpoint.as_ref().is_some_and(|it| it.busy);
            (state.waiting.is_empty() && !busy).then_some(())
        };
        let quiet = wait_for(Duration::from_mins(1), quiet);
        assert!(quiet.is_some(), "still not delivered: {:?}", self.waiting());
    }

    /// The body that is sent for an event and its `Stripe-Signature`, for who brings it himself.
    #[track_caller]
    pub fn signed(&self, event: &str, secret: &str) -> (String, String) {
        let state = self.shared.lock();
        let body = state.get("event", event).to_string();
        let signature = signature(&body, secret, state.now());
        (body, signature)
    }

    fn automatic(&self, automatic: bool) {
        if let Some(endpoint) = &mut self.shared.lock().endpoint {
            endpoint.automatic = automatic;
        }
        self.shared.changed.notify_all();
    }
}

impl Shared {
    /// Delivers what waits, for as long as there is a process.
    pub(super) fn post(&self) {
        loop {
            let mut state = self.lock();
            let due = loop {
                let automatic = state.endpoint.as_ref().is_some_and(|it| it.automatic);
                let due = if automatic { state.waiting.pop_front() } else { None };
                match due {
                    Some(due) => break due,
                    None => state = self.wait(state),
                }
            };
            if let Some(endpoint) = &mut state.endpoint {
                endpoint.busy = true;
            }
            drop(state);
            let status = self.send(&due, Envelope::Right);
            if let Some(endpoint) = &mut self.lock().endpoint {
                endpoint.busy = false;
                if status.is_none_or(|status| status >= 300) {
                    endpoint.refused.push(due);
                }
            }
        }
    }

    fn send(&self, event: &str, envelope: Envelope) -> Option<u16> {
        let (endpoint, body, kind, now) = {
            let state = self.lock();
            let object = state.find("event", event)?;
            let kind = object["type"].as_str().unwrap_or_default().to_owned();
            (state.endpoint.clone()?, object.to_string(), kind, state.now())
        };
        let signed = match envelope {
            Envelope::Forged => signature(&body, "whsec_of_somebody_else", now),
            Envelope::Old(ago) => signature(&body, &endpoint.secret, now.saturating_sub(ago)),
            _ => signature(&body, &endpoint.secret, now),
        };
        let body = match envelope {
            Envelope::Altered => body.replacen("evt_", "evT_", 1),
            _ => body,
        };
        let client = Client::new(&endpoint.base)
            .with_header("content-type", "application/json; charset=utf-8");
        let client = match envelope {
            Envelope::Unsigned => client,
            _ => client.with_header("stripe-signature", &signed),
        };
        let answer = client.try_send(Method::POST, &endpoint.path, Some(body.as_bytes()));
        let status = answer.ok().map(|answer| answer.status);
        if let Some(endpoint) = &mut self.lock().endpoint {
            let event = event.to_owned();
            endpoint.deliveries.push(Delivered { event, kind, status });
        }
        status
    }
}

/// `t=…,v1=…`, over the time, a dot and the body.
fn signature(body: &str, secret: &str, time: i64) -> String {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let tag = hmac::sign(&key, format!("{time}.{body}").as_bytes());
    let mut signature = format!("t={time},v1=");
    for byte in tag.as_ref() {
        write!(signature, "{byte:02x}").expect("a text takes everything");
    }
    signature
}
