//! When a job that did not end well is tried again.

use aws_lc_rs::digest::{SHA256, digest};
use jiff::SignedDuration;

use crate::id::JobId;

/// How long a job is tried in all: as mail servers do (RFC 5321, 4.5.4.1: four to five days at least).
pub(crate) const IN_ALL: SignedDuration = SignedDuration::from_hours(5 * 24);

/// How long to wait after so many attempts: 5 seconds, doubled each time, at most 6 hours; a quarter
/// more or less of it, so that those who were turned away together do not come back together.
pub(super) fn after(job: &JobId, attempts: i32) -> SignedDuration {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or_default().min(12);
    let millis = 5_000_i64.saturating_mul(1 << doublings).min(6 * 3_600_000);
    SignedDuration::from_millis(
        millis.saturating_mul(750_i64.saturating_add(spread(job, attempts))) / 1_000,
    )
}

/// 0 to 500, by chance, but the same for the same attempt.
fn spread(job: &JobId, attempts: i32) -> i64 {
    let drawn = digest(&SHA256, format!("{job}/{attempts}").as_bytes());
    let drawn = drawn.as_ref().first().copied().unwrap_or_default();
    i64::from(drawn).saturating_mul(500) / 255
}
