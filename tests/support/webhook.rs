//! A provider that is told by webhooks, and misbehaves when told to.

use std::io::BufReader;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::stripe::http::{Request, Response, outwait};
use crate::wait_for;

/// Listens on a free port of 127.0.0.1 until the test process ends.
#[derive(Debug)]
pub struct Hook {
    address: SocketAddr,
    shared: Arc<Mutex<State>>,
}

/// How it answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Manner {
    /// With 204.
    #[default]
    Takes,
    /// With another status.
    Says(u16),
    /// With 503, and when to come again.
    Asks(String),
    /// With 307 to another address.
    SendsTo(String),
    /// It listens, and never says a word.
    Silent,
}

/// What it was told.
#[derive(Debug, Clone)]
pub struct Told {
    /// The method of the request.
    pub method: String,
    /// `webhook-id`.
    pub id: String,
    /// `webhook-timestamp`.
    pub timestamp: i64,
    /// `webhook-signature`.
    pub signature: String,
    /// As it came.
    pub body: String,
}

#[derive(Debug, Default)]
struct State {
    manner: Manner,
    told: Vec<Told>,
}

impl Hook {
    /// Begins to listen.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port on 127.0.0.1");
        let address = listener.local_addr().expect("a listener has an address");
        let shared = Arc::<Mutex<State>>::default();
        let ours = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&ours);
                std::thread::spawn(move || listen(&shared, &stream));
            }
        });
        Self { address, shared }
    }

    /// What it gives as its address.
    pub fn url(&self) -> String {
        format!("http://{}/palier?from=pole", self.address)
    }

    /// How it answers from the next request on.
    pub fn behave(&self, manner: Manner) {
        lock(&self.shared).manner = manner;
    }

    /// What it was told so far.
    pub fn told(&self) -> Vec<Told> {
        lock(&self.shared).told.clone()
    }

    /// What it was told, once that is so many.
    #[track_caller]
    pub fn told_times(&self, count: usize) -> Vec<Told> {
        let told = || Some(self.told()).filter(|told| told.len() >= count);
        wait_for(Duration::from_mins(2), told)
            .unwrap_or_else(|| panic!("told fewer than {count} times: {:?}", self.told()))
    }
}

impl Told {
    /// What it says.
    pub fn event(&self) -> Value {
        serde_json::from_str(&self.body).expect("a webhook is JSON")
    }

    /// Whether one of its signatures is by this secret.
    pub fn is_by(&self, secret: &str) -> bool {
        let key = secret.strip_prefix("whsec_").and_then(|key| STANDARD.decode(key).ok());
        let key = hmac::Key::new(hmac::HMAC_SHA256, &key.expect("a secret of Standard Webhooks"));
        let signed = format!("{}.{}.{}", self.id, self.timestamp, self.body);
        let tags = self.signature.split(' ').filter_map(|one| one.strip_prefix("v1,"));
        let mut tags = tags.filter_map(|tag| STANDARD.decode(tag).ok());
        tags.any(|tag| hmac::verify(&key, signed.as_bytes(), &tag).is_ok())
    }
}

fn lock(shared: &Mutex<State>) -> MutexGuard<'_, State> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One connection. None is the client's going away, which is its right.
fn listen(shared: &Mutex<State>, stream: &TcpStream) -> Option<()> {
    let mut lines = BufReader::new(stream);
    loop {
        let request = Request::read(&mut lines)?;
        let header = |name: &str| request.header(name).unwrap_or_default().to_owned();
        let told = Told {
            method: request.method.clone(),
            id: header("webhook-id"),
            timestamp: header("webhook-timestamp").parse().unwrap_or_default(),
            signature: header("webhook-signature"),
            body: request.body.clone(),
        };
        let manner = {
            let mut state = lock(shared);
            state.told.push(told);
            state.manner.clone()
        };
        let (status, headers) = match manner {
            Manner::Takes => (204, Vec::new()),
            Manner::Says(status) => (status, Vec::new()),
            Manner::Asks(rest) => (503, vec![("retry-after", rest)]),
            Manner::SendsTo(url) => (307, vec![("location", url)]),
            Manner::Silent => {
                outwait(&mut lines);
                return None;
            }
        };
        Response { status, body: String::new(), headers }.write(stream)?;
    }
}
