//! What the queues of files have in common: those that are archived, and those that a platform is given.

use jiff::SignedDuration;

use crate::clock::Time;
use crate::id::PoleId;

/// Which of what waits is looked for.
#[derive(Clone, Debug)]
pub(crate) enum Waiting {
    /// What is due by now, of all poles.
    Due(Time),
    /// What a pole has, though some may be due later: somebody asked.
    Of(PoleId),
}

/// How long what failed so often rests: a minute, doubled each time, at most about an hour.
pub(crate) fn patience(attempts: i32) -> SignedDuration {
    let doublings = u32::try_from(attempts).unwrap_or_default().min(6);
    SignedDuration::from_mins(1 << doublings)
}
