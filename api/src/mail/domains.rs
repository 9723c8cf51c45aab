//! So many messages a minute to one domain, and no more: mail servers turn away who floods them, and
//! remember it.

use std::num::NonZeroU32;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota};
use jiff::SignedDuration;

/// How many messages a minute may go to one domain: below what the large providers bear of a sender
/// they do not know.
const A_MINUTE: NonZeroU32 = NonZeroU32::new(120).unwrap();

/// The domains that mail goes to, and how much of it went there lately.
pub(super) struct Domains {
    rate: DefaultKeyedRateLimiter<String>,
}

impl Default for Domains {
    fn default() -> Self {
        Self { rate: DefaultKeyedRateLimiter::keyed(Quota::per_minute(A_MINUTE)) }
    }
}

impl Domains {
    /// Takes the right to send a domain a message now.
    ///
    /// # Errors
    /// How long to wait, if it has had enough for now.
    pub(super) fn admit(&self, domain: &str) -> Result<(), SignedDuration> {
        self.rate.retain_recent();
        self.rate.check_key(&domain.to_ascii_lowercase()).map_err(|until| {
            let wait = until.wait_time_from(DefaultClock::default().now());
            SignedDuration::try_from(wait).unwrap_or(SignedDuration::from_mins(1))
        })
    }
}
