//! What stands at the gate of a server: what it remembers of its callers, and how many attempts to
//! sign in it lets through.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::time::Duration;

use actix_web::{HttpRequest, web};
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota};
use secrecy::SecretString;
use tokio::sync::Semaphore;

use super::identify::Known;
use super::outside::Outside;
use super::password::{self, Verdict};
use super::recent::Recent;
use crate::app::App;
use crate::config::Mode;
use crate::outward::Reach;
use crate::problem::{Problem, ProblemType};
use crate::say;

/// How many attempts an address has at once, before it must wait.
const BURST: NonZeroU32 = NonZeroU32::new(100).unwrap();
/// How often it gets another one.
const REFILL: Duration = Duration::from_secs(1);
/// After so many addresses, those that have all their attempts back are forgotten.
const MANY: usize = 10_000;
/// How long a request waits for its turn to hash a password.
const PATIENCE: Duration = Duration::from_secs(5);

/// How many quotes an address has at once, before it must wait.
const QUOTES: NonZeroU32 = NonZeroU32::new(60).unwrap();
/// How often it gets another one.
const QUOTE_REFILL: Duration = Duration::from_millis(500);

/// What a server remembers of its callers.
pub(crate) struct Gate {
    pub(super) sessions: Recent<Option<Known>>,
    pub(super) keys: Recent<Option<Known>>,
    pub(super) outside: Outside,
    /// How far it reaches, to ask identity providers for their keys and to tell providers.
    pub(crate) reach: Reach,
    attempts: DefaultKeyedRateLimiter<IpAddr>,
    quotes: DefaultKeyedRateLimiter<IpAddr>,
    /// Each hash takes 19 MiB and a processor: so many at once, and no more.
    hashing: Semaphore,
}

impl Gate {
    /// With nothing remembered yet.
    ///
    /// # Errors
    /// A mistake in this program.
    pub(crate) fn new(mode: Mode) -> Result<Self, String> {
        let reach = match mode {
            Mode::Production => Reach::Internet,
            Mode::Development => Reach::InternetAndThisMachine,
        };
        let limiter = |refill: Duration, burst: NonZeroU32| {
            let quota = Quota::with_period(refill).ok_or("no quota")?;
            Ok::<_, String>(DefaultKeyedRateLimiter::keyed(quota.allow_burst(burst)))
        };
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Ok(Self {
            sessions: Recent::default(),
            keys: Recent::default(),
            reach,
            outside: Outside::new(reach),
            attempts: limiter(REFILL, BURST)?,
            quotes: limiter(QUOTE_REFILL, QUOTES)?,
            hashing: Semaphore::new(processors),
        })
    }

    /// Forgets who the callers were, after somebody's roles or sessions have changed.
    pub(crate) fn forget(&self) {
        self.sessions.forget();
        self.keys.forget();
    }

    /// Lets an attempt to sign in through, unless its address had too many.
    ///
    /// This machine has none: what comes from it is a proxy that the configuration does not name,
    /// and all the world at once.
    pub(crate) fn admit(&self, request: &HttpRequest) -> Result<(), Problem> {
        pass(&self.attempts, request).map_err(too_many)
    }

    /// Lets a quote through, unless its address had too many.
    pub(crate) fn admit_quote(&self, request: &HttpRequest) -> Result<(), Problem> {
        pass(&self.quotes, request).map_err(|seconds| {
            let detail = say!(
                en "Too many quotes; try again in {seconds} seconds.",
                fr "Trop de demandes de prix ; réessayez dans {seconds} secondes."
            );
            let problem = Problem::new(ProblemType::TooMany, detail);
            Problem { retry_after_seconds: Some(seconds), ..problem }
        })
    }

    /// Whether a password is the one that was hashed.
    pub(crate) async fn verify(
        &self,
        password: SecretString,
        hash: Option<String>,
    ) -> Result<Verdict, Problem> {
        let verdict = self.hash_in_turn(move || password::verify(&password, hash.as_deref()));
        verdict.await?.map_err(|error| Problem::internal(&error))
    }

    /// Hashes a password.
    pub(crate) async fn hash(&self, password: SecretString) -> Result<String, Problem> {
        let hash = self.hash_in_turn(move || password::hash(&password)).await?;
        hash.map_err(|error| Problem::internal(&error))
    }

    async fn hash_in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let turn = tokio::time::timeout(PATIENCE, self.hashing.acquire()).await;
        let Ok(Ok(_turn)) = turn else {
            let detail = say!(
                en "Too many people sign in at this moment; try again shortly.",
                fr "Trop de connexions en ce moment ; réessayez sous peu."
            );
            let problem = Problem::new(ProblemType::Unavailable, detail);
            return Err(Problem { retry_after_seconds: Some(1), ..problem });
        };
        web::block(work).await.map_err(|error| Problem::internal(&error))
    }
}

/// Counts a request of an address; says for how many seconds it must wait, if it has had too many.
fn pass(limiter: &DefaultKeyedRateLimiter<IpAddr>, request: &HttpRequest) -> Result<(), u64> {
    let address = address(request).filter(|address| !address.is_loopback());
    let Some(address) = address else { return Ok(()) };
    if limiter.len() > MANY {
        limiter.retain_recent();
    }
    limiter.check_key(&network(address)).map_err(|early| {
        let wait = early.wait_time_from(DefaultClock::default().now());
        wait.as_secs().saturating_add(1)
    })
}

/// Refuses an attempt for some seconds.
pub(crate) fn too_many(seconds: u64) -> Problem {
    let detail = say!(
        en "Too many attempts; try again in {seconds} seconds.",
        fr "Trop de tentatives ; réessayez dans {seconds} secondes."
    );
    Problem { retry_after_seconds: Some(seconds), ..Problem::new(ProblemType::TooMany, detail) }
}

/// Where a request comes from. Behind a proxy that the configuration trusts it is the last address
/// of `X-Forwarded-For` that is no such proxy; anything before it, the caller could have invented.
fn address(request: &HttpRequest) -> Option<IpAddr> {
    let trusted = &App::of(request).config.trusted_proxies;
    let peer = request.peer_addr()?.ip().to_canonical();
    if !trusted.contains(&peer) {
        return Some(peer);
    }
    let named = request.headers().get_all("x-forwarded-for");
    let named: Vec<&str> = named.filter_map(|value| value.to_str().ok()).collect();
    let named = named.join(",");
    let hops = named.rsplit(',').map(|hop| hop.trim().parse::<IpAddr>());
    let caller = hops.map_while(Result::ok).map(|hop| hop.to_canonical());
    Some(caller.into_iter().find(|hop| !trusted.contains(hop)).unwrap_or(peer))
}

/// Whoever has one address of IPv6 has its whole /64.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}
