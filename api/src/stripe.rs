//! Stripe collects: members save a card or sign a mandate on its pages, what they owe is charged on its
//! day, what providers are owed is passed on to their accounts there, and its payouts are booked to the cent.
//!
//! Palier’s documents say what is owed; Stripe only moves money. Three rules keep the two together:
//!
//! - **Every call is a job**, outside of any transaction, and can be made again: it bears a key that is made
//!   of our object, and whoever is not sure that it was made looks at Stripe first.
//! - **An event is a hint.** It is kept as it came, and what is done about it follows from what Stripe says of
//!   the object now: so events may come twice, late, in any order, or not at all ([`look`] finds those).
//! - **Money is booked where it is.** What Stripe holds stands on an account of its own until it is paid out.

mod account;
mod charge;
mod client;
mod dispute;
mod event;
mod intent;
mod look;
mod means;
mod page;
mod payout;
mod refund;
mod signature;
mod transfer;
pub(crate) mod verify;
mod words;

use actix_web::web::Data;

use crate::app::App;
use crate::jobs::Job;
use crate::mail::{Delivery, Undelivered};

pub(crate) use account::{Account, Keys};
pub(crate) use client::{Stripe, Trouble};
pub(crate) use event::{believed, keep};
pub(crate) use look::{Found, look, run as collect};
pub(crate) use means::Details;
pub(crate) use page::{Way, lead, link, link_to_pay, read_link};
pub(crate) use words::{may_be_tried_again, not_transferred, reason};

/// Does a job of Stripe's.
///
/// # Errors
/// [`Undelivered`], after which it is tried again.
pub(crate) async fn run(app: &Data<App>, job: Job) -> Result<Delivery, Undelivered> {
    let done = match job {
        Job::StripeMeans { pole, means } => means::run(app, pole, means).await,
        Job::StripeForget { pole, method } => means::forget(app, pole, method).await,
        Job::StripeCharge { pole, collection } => charge::run(app, pole, collection).await,
        Job::StripeRefund { pole, collection, amount_minor, key } => {
            refund::run(app, pole, collection, (amount_minor, &key)).await
        }
        Job::StripeTransfer { pole, transfer } => transfer::run(app, pole, transfer).await,
        Job::StripeEvent { pole, event } => event::run(app, pole, event).await,
        Job::Mail(_) | Job::SignInLink { .. } | Job::Invitation { .. } | Job::Webhook { .. } => {
            Ok(())
        }
    };
    match done {
        Ok(()) => Ok(Delivery::Taken),
        Err(trouble) => Err(Undelivered::Later(trouble.to_string())),
    }
}
