//! What becomes of an electronic invoice, as the French reform tells it (AFNOR XP Z12-012, statuses).
//!
//! A [`Status`] is one step of it, by its three digits; a [`Reason`] says why; a [`Lifecycle`] holds the
//! steps of one document in their order and takes the next. [`Collected`] is the money of a 212, by rate
//! of VAT.

mod collected;
mod reason;
mod status;

pub use collected::{Collected, CollectedError, Collection};
pub use reason::Reason;
pub use status::{Addressee, Phase, Status};

/// The steps of one document, in the order in which they came.
///
/// Only what cannot be true is refused: platforms need not relay the statuses that the law leaves to
/// choice (all but [`Status::for_the_state`]), so that none of them is waited for.
///
/// ```
/// # use palier_billing::einvoice::lifecycle::{Lifecycle, Status};
/// let mut document = Lifecycle::default();
/// for status in [Status::Deposited, Status::Approved, Status::Collected, Status::Collected] {
///     document.step(status)?;
/// }
/// // What was approved and paid is not refused any more.
/// assert!(document.step(Status::Refused).is_err());
/// # Ok::<_, palier_billing::einvoice::lifecycle::OutOfOrder>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lifecycle(Vec<Status>);

/// A status that cannot follow what a document went through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutOfOrder {
    /// It begins with a platform that takes the document in, or does not.
    #[error("{status} cannot be the first status of a document")]
    First {
        /// The status.
        status: Status,
    },
    /// Another status rules it out.
    #[error("{status} cannot follow {earlier}")]
    After {
        /// The status.
        status: Status,
        /// The one that rules it out.
        earlier: Status,
    },
    /// Nothing was asked for that it could complete.
    #[error("209 completes what was suspended by 208, and nothing was")]
    NotSuspended,
}

impl Lifecycle {
    /// The steps so far.
    pub fn steps(&self) -> &[Status] {
        &self.0
    }

    /// Where the document is: its last step.
    pub fn last(&self) -> Option<Status> {
        self.0.last().copied()
    }

    /// Whether the document can go on.
    pub fn is_over(&self) -> bool {
        self.0.iter().any(|status| status.is_terminal())
    }

    /// Takes the next step.
    ///
    /// # Errors
    /// [`OutOfOrder`]: why it cannot be the next; nothing changes then.
    pub fn step(&mut self, status: Status) -> Result<(), OutOfOrder> {
        self.check(status)?;
        self.0.push(status);
        Ok(())
    }

    fn check(&self, status: Status) -> Result<(), OutOfOrder> {
        if self.0.is_empty() {
            return if status.begins() { Ok(()) } else { Err(OutOfOrder::First { status }) };
        }
        if let Some(&earlier) = self.0.iter().find(|earlier| earlier.rules_out(status)) {
            return Err(OutOfOrder::After { status, earlier });
        }
        if status == Status::Completed && !self.is_suspended() {
            return Err(OutOfOrder::NotSuspended);
        }
        Ok(())
    }

    /// Whether the buyer waits for what it asked for.
    fn is_suspended(&self) -> bool {
        let asked = |it: &&Status| matches!(it, Status::Suspended | Status::Completed);
        self.0.iter().rev().find(asked) == Some(&Status::Suspended)
    }
}
