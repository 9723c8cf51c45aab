//! What an intent to pay says: the state of a collection.

use palier_billing::Currency;
use stripe_shared::payment_intent::PaymentIntentStatus;
use stripe_shared::{ApiErrors, Charge, PaymentIntent};

use crate::collections::{News, Receipt};
use crate::day::Day;
use crate::db::payments::{Holder, PaymentMethod};
use crate::db::poles::PoleRow;

/// Under which name an intent says which collection it is.
pub(super) const COLLECTION: &str = "palier_collection";
/// Under which names an intent of the payment page says whose documents it pays.
pub(super) const MEMBER: &str = "palier_member";
/// See [`MEMBER`].
pub(super) const INVOICE: &str = "palier_invoice";

/// What an intent means for its collection; none while nothing was decided.
pub(super) fn news(pole: &PoleRow, intent: &PaymentIntent) -> Option<News> {
    match intent.status {
        PaymentIntentStatus::Processing => Some(News::Processing),
        PaymentIntentStatus::Succeeded => Some(News::Succeeded(receipt(pole, intent))),
        PaymentIntentStatus::RequiresPaymentMethod => {
            intent.last_payment_error.as_deref().map(failed)
        }
        // Off the page, nobody is there to confirm it.
        PaymentIntentStatus::RequiresAction => Some(failure("authentication_required", None)),
        PaymentIntentStatus::Canceled => {
            let code = intent.last_payment_error.as_deref().map_or("canceled", code);
            Some(failure(code, Some("It was cancelled.")))
        }
        _ => None,
    }
}

/// Why it did not come in.
pub(super) fn failed(error: &ApiErrors) -> News {
    failure(code(error), error.message.as_deref())
}

fn failure(code: &str, said: Option<&str>) -> News {
    News::Failed { code: code.to_owned(), reason: said.unwrap_or_default().to_owned() }
}

/// The most that is known of why: what the bank said, or else Stripe.
pub(super) fn code(error: &ApiErrors) -> &str {
    let code = error.code.as_ref().map(stripe_shared::ApiErrorsCode::as_str);
    match (error.decline_code.as_deref(), code) {
        // Says no more than that it was declined.
        (Some("generic_decline") | None, Some(code)) => code,
        (Some(decline), _) => decline,
        (None, None) => "unknown",
    }
}

/// How the money of an intent came in.
fn receipt(pole: &PoleRow, intent: &PaymentIntent) -> Receipt {
    let charge = intent.latest_charge.as_ref().and_then(|it| it.as_object());
    Receipt {
        method: charge.map_or(PaymentMethod::Card, method),
        holder: Holder::Provider,
        paid_on: day(pole, charge.map_or(intent.created, |charge| charge.created)),
        reference: intent.id.to_string(),
        movement: None,
    }
}

fn method(charge: &Charge) -> PaymentMethod {
    let details = charge.payment_method_details.as_ref();
    match details.map(|details| details.type_.as_str()) {
        Some("sepa_debit") => PaymentMethod::DirectDebit,
        _ => PaymentMethod::Card,
    }
}

/// A moment of Stripe’s as a day of the pole’s.
pub(super) fn day(pole: &PoleRow, seconds: i64) -> Day {
    let moment = jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    Day::today(pole, moment.into())
}

/// A currency of ours as Stripe’s.
pub(super) fn currency(currency: Currency) -> stripe_types::Currency {
    let code = currency.code().to_ascii_lowercase();
    code.parse().unwrap_or(stripe_types::Currency::EUR)
}
