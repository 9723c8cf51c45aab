//! Stripe, as far as Palier speaks to it: an account in test mode that remembers what it is told, charges
//! what it is given, sends events, and misbehaves when told to.
//!
//! Objects have every field of Stripe's published examples. What a person or a bank does has a lever
//! here; what the merchant does goes through the API. It is stricter than Stripe in one thing: a
//! parameter that it would only ignore is refused. `tests/stripe.rs` drives it with Stripe's own package.
#![expect(clippy::indexing_slicing, reason = "a field that JSON has not is null, and no panic")]

mod accounts;
mod balance;
mod calls;
mod charges;
mod customers;
mod disputes;
mod door;
mod fault;
mod form;
pub(crate) mod http;
mod intents;
mod levers;
mod lists;
mod means;
mod payment_methods;
mod payouts;
mod refunds;
mod routes;
mod sessions;
mod setups;
mod shapes;
mod state;
mod transfers;
mod webhooks;

use std::io::BufReader;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

pub use calls::{Call, Trouble};
pub use means::{Means, Outcome};
pub use webhooks::{Delivered, Envelope};

use door::Reply;
use http::Request;
use state::State;

/// A key that is accepted, like any other that begins with `sk_test_`.
pub const KEY: &str = "sk_test_palier";

/// The version of its objects and events.
pub const API_VERSION: &str = "2026-06-24.dahlia";

/// Listens on a free port of 127.0.0.1 until the test process ends.
#[derive(Debug)]
pub struct FakeStripe {
    address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    /// There may be something to deliver.
    changed: Condvar,
}

impl FakeStripe {
    /// An account to which nothing has happened.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port on 127.0.0.1");
        let address = listener.local_addr().expect("a listener has an address");
        let shared = Arc::new(Shared::default());
        let ours = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&ours);
                std::thread::spawn(move || shared.converse(&stream));
            }
        });
        let ours = Arc::clone(&shared);
        std::thread::spawn(move || ours.post());
        Self { address, shared }
    }

    /// What stands in place of `https://api.stripe.com`, without a slash at its end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Its host and port.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Does something to the account, and sends the events of it.
    #[track_caller]
    fn lever<T>(&self, pull: impl FnOnce(&mut State) -> T) -> T {
        let mut state = self.shared.lock();
        state.tick();
        let done = pull(&mut state);
        drop(state);
        self.shared.changed.notify_all();
        done
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }

    /// One connection. None is the client's going away, which is its right.
    fn converse(&self, stream: &TcpStream) -> Option<()> {
        let mut reader = BufReader::new(stream);
        loop {
            let request = Request::read(&mut reader)?;
            match door::answer(self, &request) {
                Reply::Answer(answer) => answer.write(stream)?,
                Reply::End => return None,
                Reply::Silence => {
                    http::outwait(&mut reader);
                    return None;
                }
            }
        }
    }
}
