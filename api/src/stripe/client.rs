//! Calls to Stripe, and what can go wrong with them.

use std::collections::HashMap;
use std::time::Duration;

use futures_util::TryStreamExt as _;
use stripe::{Client, ClientBuilder, IdempotencyKey, RequestStrategy, StripeError, StripeRequest};
use stripe_checkout::checkout_session::{CreateCheckoutSession, RetrieveCheckoutSession};
use stripe_connect::transfer::{CreateTransfer, ListTransfer, RetrieveTransfer};
use stripe_core::balance::RetrieveForMyAccountBalance;
use stripe_core::balance_transaction::ListBalanceTransaction;
use stripe_core::customer::CreateCustomer;
use stripe_core::dispute::RetrieveDispute;
use stripe_core::event::ListEvent;
use stripe_core::payment_intent::{
    CancelPaymentIntent, CreatePaymentIntent, ListPaymentIntent, RetrievePaymentIntent,
};
use stripe_core::payout::{ListPayout, RetrievePayout};
use stripe_core::refund::{CreateRefund, ListRefund, RetrieveRefund};
use stripe_core::setup_intent::RetrieveSetupIntent;
use stripe_payment::payment_method::DetachPaymentMethod;
use stripe_shared::{
    ApiErrors, BalanceTransaction, BalanceTransactionSource, CheckoutSession, Customer, Dispute,
    Event, PaymentIntent, Payout, Refund, SetupIntent, Transfer,
};
use stripe_types::{Currency, RangeBoundsTs, RangeQueryTs};

use crate::db::DbError;
use crate::problem::Problem;

/// How long an answer is waited for: Stripe asks banks while it answers.
const PATIENCE: Duration = Duration::from_secs(30);
/// How many of a list are asked for at once: the most there may be.
const PAGE: i64 = 100;

/// Why a call came to nothing.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Trouble {
    /// What is kept here could not be read or written, which says nothing of Stripe.
    #[error("{0}")]
    Ours(String),
    /// Nobody knows whether it was made: it is made again, with the same key.
    #[error("Stripe does not answer: {0}")]
    Away(String),
    /// The key is none, or may not do that.
    #[error("Stripe does not take the key: {0}")]
    Key(String),
    /// There is no such object.
    #[error("Stripe knows no such object: {0}")]
    Unknown(String),
    /// The member’s bank said no.
    #[error("declined: {}", .0.message.as_deref().unwrap_or("for no reason given"))]
    Declined(Box<ApiErrors>),
    /// It was not to be asked like that, or cannot be done.
    #[error("Stripe refuses: {said}")]
    Refused { code: String, said: String },
}

impl Trouble {
    /// The database's.
    #[expect(clippy::needless_pass_by_value, reason = "for `map_err`")]
    pub(super) fn ours(error: DbError) -> Self {
        Self::Ours(error.to_string())
    }

    /// What could not even be asked.
    pub(super) fn refused(why: &dyn std::fmt::Display) -> Self {
        Self::Refused { code: "refused".to_owned(), said: why.to_string() }
    }
}

impl From<Problem> for Trouble {
    fn from(problem: Problem) -> Self {
        Self::Ours(problem.to_string())
    }
}

impl From<StripeError> for Trouble {
    fn from(error: StripeError) -> Self {
        let StripeError::Stripe(said, status) = error else {
            return Self::Away(error.to_string());
        };
        let message = said.message.clone().unwrap_or_else(|| format!("status {status}"));
        match status {
            401 | 403 => Self::Key(message),
            402 => Self::Declined(said),
            404 => Self::Unknown(message),
            // 409: the same key is being worked on.
            409 | 429 => Self::Away(message),
            400..500 => {
                let code = said.code.as_ref().map_or("refused", |code| code.as_str());
                Self::Refused { code: code.to_owned(), said: message }
            }
            _ => Self::Away(message),
        }
    }
}

/// An account at Stripe.
#[derive(Clone)]
pub(crate) struct Stripe {
    client: Client,
}

impl Stripe {
    /// The account whose secret key this is.
    ///
    /// # Errors
    /// A key that no header can bear.
    pub(crate) fn new(url: &str, key: &str) -> Result<Self, Trouble> {
        let client = ClientBuilder::new(key).url(url).timeout(PATIENCE).build();
        Ok(Self { client: client? })
    }

    /// Makes something under a key of ours: asked twice, it is made once.
    async fn make<R>(&self, request: &R, key: &str) -> Result<R::Output, Trouble>
    where
        R: StripeRequest,
        R::Output: miniserde::Deserialize,
    {
        let key = IdempotencyKey::new(key).map_err(|error| Trouble::refused(&error))?;
        let request = request.customize().request_strategy(RequestStrategy::Idempotent(key));
        Ok(Box::pin(request.send(&self.client)).await?)
    }

    pub(super) async fn customer(
        &self,
        new: &CreateCustomer,
        key: &str,
    ) -> Result<Customer, Trouble> {
        self.make(new, key).await
    }

    pub(super) async fn session(
        &self,
        new: &CreateCheckoutSession,
        key: &str,
    ) -> Result<Box<CheckoutSession>, Trouble> {
        self.make(new, key).await.map(Box::new)
    }

    pub(super) async fn session_now(&self, id: &str) -> Result<Box<CheckoutSession>, Trouble> {
        Ok(Box::new(RetrieveCheckoutSession::new(id).send(&self.client).await?))
    }

    pub(super) async fn setup_now(&self, id: &str) -> Result<Box<SetupIntent>, Trouble> {
        let expand = ["payment_method", "mandate"].map(str::to_owned);
        Ok(Box::new(RetrieveSetupIntent::new(id).expand(expand).send(&self.client).await?))
    }

    pub(super) async fn charge(
        &self,
        new: &CreatePaymentIntent,
        key: &str,
    ) -> Result<Box<PaymentIntent>, Trouble> {
        self.make(new, key).await.map(Box::new)
    }

    pub(super) async fn intent_now(&self, id: &str) -> Result<Box<PaymentIntent>, Trouble> {
        let expand = ["latest_charge".to_owned()];
        Ok(Box::new(RetrievePaymentIntent::new(id).expand(expand).send(&self.client).await?))
    }

    /// The intents of a customer since a moment, the latest first.
    pub(super) async fn intents_since(
        &self,
        customer: &str,
        since: i64,
    ) -> Result<Vec<PaymentIntent>, Trouble> {
        let list = ListPaymentIntent::new().customer(customer).created(at_least(since)).limit(PAGE);
        Ok(list.paginate().stream(&self.client).try_collect().await?)
    }

    pub(super) async fn cancel(&self, id: &str, key: &str) -> Result<(), Trouble> {
        self.make(&CancelPaymentIntent::new(id), key).await.map(|_| ())
    }

    pub(super) async fn detach(&self, payment_method: &str, key: &str) -> Result<(), Trouble> {
        self.make(&DetachPaymentMethod::new(payment_method), key).await.map(|_| ())
    }

    pub(super) async fn refund(&self, new: &CreateRefund, key: &str) -> Result<(), Trouble> {
        self.make(new, key).await.map(|_| ())
    }

    pub(super) async fn refunds_of(&self, intent: &str) -> Result<Vec<Refund>, Trouble> {
        let list = ListRefund::new().payment_intent(intent).limit(PAGE);
        Ok(list.paginate().stream(&self.client).try_collect().await?)
    }

    pub(super) async fn dispute_now(&self, id: &str) -> Result<Box<Dispute>, Trouble> {
        Ok(Box::new(RetrieveDispute::new(id).send(&self.client).await?))
    }

    pub(super) async fn payout_now(&self, id: &str) -> Result<Box<Payout>, Trouble> {
        Ok(Box::new(RetrievePayout::new(id).send(&self.client).await?))
    }

    pub(super) async fn payouts_since(&self, since: i64) -> Result<Vec<Payout>, Trouble> {
        let list = ListPayout::new().created(at_least(since)).limit(PAGE);
        Ok(list.paginate().stream(&self.client).try_collect().await?)
    }

    /// What a payout consists of.
    pub(super) async fn paid_out(&self, payout: &str) -> Result<Vec<BalanceTransaction>, Trouble> {
        let list = ListBalanceTransaction::new().payout(payout).limit(PAGE);
        Ok(list.paginate().stream(&self.client).try_collect().await?)
    }

    /// The intents of the charges that a payout consists of, by these.
    pub(super) async fn charges_in(
        &self,
        payout: &str,
    ) -> Result<HashMap<String, String>, Trouble> {
        let mut found = HashMap::new();
        // Of these alone the source is a charge.
        for kind in ["charge", "payment"] {
            let list = ListBalanceTransaction::new().payout(payout).type_(kind);
            let list = list.expand(["data.source".to_owned()]).limit(PAGE);
            let rows: Vec<_> = list.paginate().stream(&self.client).try_collect().await?;
            for row in rows {
                let source = row.source.as_ref().and_then(|it| it.as_object());
                let Some(BalanceTransactionSource::Charge(charge)) = source else { continue };
                if let Some(intent) = &charge.payment_intent {
                    found.insert(charge.id.to_string(), intent.id().to_string());
                }
            }
        }
        Ok(found)
    }

    pub(super) async fn transfer(
        &self,
        new: &CreateTransfer,
        key: &str,
    ) -> Result<Transfer, Trouble> {
        self.make(new, key).await
    }

    pub(super) async fn transfer_now(&self, id: &str) -> Result<Transfer, Trouble> {
        Ok(RetrieveTransfer::new(id).send(&self.client).await?)
    }

    /// What of a currency can be passed on now, in its minor unit.
    pub(super) async fn available(&self, currency: &Currency) -> Result<i64, Trouble> {
        let balance = RetrieveForMyAccountBalance::new().send(&self.client).await?;
        let parts = balance.available.iter().filter(|it| it.currency == *currency);
        Ok(parts.map(|it| it.amount).fold(0, i64::saturating_add))
    }

    /// The transfers of a group.
    pub(super) async fn transfers_of(&self, group: &str) -> Result<Vec<Transfer>, Trouble> {
        let list = ListTransfer::new().transfer_group(group).limit(PAGE);
        Ok(list.paginate().stream(&self.client).try_collect().await?)
    }

    /// The transfers that were taken back of which a payout has something, by what moved.
    pub(super) async fn taken_back_in(
        &self,
        payout: &str,
    ) -> Result<HashMap<String, String>, Trouble> {
        let list = ListBalanceTransaction::new().payout(payout).type_("transfer_refund");
        let list = list.expand(["data.source".to_owned()]).limit(PAGE);
        let rows: Vec<_> = list.paginate().stream(&self.client).try_collect().await?;
        let of = |row: &BalanceTransaction| match row.source.as_ref()?.as_object()? {
            BalanceTransactionSource::TransferReversal(back) => {
                Some((row.id.to_string(), back.transfer.id().to_string()))
            }
            _ => None,
        };
        Ok(rows.iter().filter_map(of).collect())
    }

    pub(super) async fn refund_now(&self, id: &str) -> Result<Box<Refund>, Trouble> {
        Ok(Box::new(RetrieveRefund::new(id).send(&self.client).await?))
    }

    /// The events since a moment, the oldest first.
    pub(super) async fn events_since(&self, since: i64) -> Result<Vec<Event>, Trouble> {
        let list = ListEvent::new().created(at_least(since)).limit(PAGE);
        let mut found: Vec<_> = list.paginate().stream(&self.client).try_collect().await?;
        found.reverse();
        Ok(found)
    }
}

fn at_least(since: i64) -> RangeQueryTs {
    RangeQueryTs::Bounds(RangeBoundsTs { gte: Some(since), ..RangeBoundsTs::default() })
}
