//! What is said of Stripe.

use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Time;
use crate::day::Day;
use crate::db::collections::{Channel, CollectionRow, CollectionStatus};
use crate::db::means::{MeansKind, MeansRow, MeansStatus};
use crate::db::stripe::{BalanceRow, EventRow, PayoutRow};
use crate::db::words;
use crate::http::{Input, Resource};
use crate::id::{MeansId, MemberId};
use crate::problem::{Fault, Problem};
use crate::say;
use crate::stripe::{Account, Details, Keys};
use palier_billing::{Currency, Money};

words! {
    /// How members pay by way of Stripe.
    pub(crate) enum StripeMethod {
        /// By card.
        Card = "card",
        /// By SEPA direct debit, under CORE.
        SepaDebit = "sepa_debit",
    }
}

impl StripeMethod {
    /// The means of payment that it saves.
    pub(super) const fn kind(self) -> MeansKind {
        match self {
            Self::Card => MeansKind::StripeCard,
            Self::SepaDebit => MeansKind::StripeSepa,
        }
    }
}

/// How an account at Stripe is used.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(crate) struct StripeAccountInput {
    /// How members may pay.
    pub(crate) methods: Vec<StripeMethod>,
}

impl StripeAccountInput {
    /// As the database keeps it.
    pub(super) fn text(&self) -> Result<String, Problem> {
        serde_json::to_string(self).map_err(|error| Problem::internal(&error))
    }
}

/// An account at Stripe, with its keys.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "secret_key": "sk_test_0123456789abcdef", "webhook_secrets": ["whsec_0123456789abcdef"], "methods": ["card", "sepa_debit"],
}))]
pub(super) struct StripeKeysInput {
    /// The secret key, or a restricted one, of the account. If left out, the one before stays.
    #[serde(default)]
    #[schema(value_type = String, required = false, min_length = 8, max_length = 255, format = "password",
        pattern = "^[!-~]+$", example = "sk_test_0123456789abcdef", nullable = false)]
    secret_key: Option<SecretString>,
    /// What Stripe signs webhooks with: one for each endpoint, two while one is replaced. If left out,
    /// those before stay.
    #[serde(default)]
    #[schema(value_type = Vec<String>, required = false, min_items = 1, max_items = 4, nullable = false)]
    webhook_secrets: Option<Vec<SecretString>>,
    /// How members may pay.
    #[schema(min_items = 1, max_items = 2)]
    methods: Vec<StripeMethod>,
}

impl Input for StripeKeysInput {}

impl StripeKeysInput {
    /// The settings and keys, those that are left out as they are.
    pub(super) fn with(
        self,
        current: Option<&Account>,
    ) -> Result<(StripeAccountInput, Keys), Problem> {
        let missing = |pointer: &str| {
            let detail = say!(en "It is needed once.", fr "Il est nécessaire une première fois.");
            Problem::invalid(vec![Fault::body(pointer, "required", detail)])
        };
        let before = current.map(|account| &account.keys);
        let secret_key = self.secret_key.or_else(|| before.map(|keys| keys.secret_key.clone()));
        let webhook_secrets =
            self.webhook_secrets.or_else(|| before.map(|keys| keys.webhook_secrets.clone()));
        let keys = Keys {
            secret_key: secret_key.ok_or_else(|| missing("/secret_key"))?,
            webhook_secrets: webhook_secrets.ok_or_else(|| missing("/webhook_secrets"))?,
        };
        let mut methods = self.methods;
        methods.sort();
        methods.dedup();
        Ok((StripeAccountInput { methods }, keys))
    }
}

/// The account at Stripe by which a pole collects.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct StripeAccount {
    /// Whether real money moves.
    #[schema(example = false)]
    live: bool,
    /// The end of the secret key, by which people know it.
    #[schema(example = "…4eC3")]
    secret_key: String,
    /// How many secrets webhooks may be signed with.
    #[schema(example = 1)]
    webhook_secrets: usize,
    /// How members may pay.
    methods: Vec<StripeMethod>,
    /// When Stripe was last looked at for what webhooks may have missed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    looked_at: Option<Time>,
    #[serde(skip)]
    version: i64,
}

impl StripeAccount {
    pub(super) fn of(account: &Account) -> Self {
        let key = account.keys.secret_key.expose_secret();
        let ends = key.char_indices().nth_back(3).and_then(|(at, _)| key.get(at..));
        Self {
            live: key.contains("_live_"),
            secret_key: format!("…{}", ends.unwrap_or_default()),
            webhook_secrets: account.keys.webhook_secrets.len(),
            methods: account.settings.methods.clone(),
            looked_at: account.row.looked_at,
            version: account.row.version,
        }
    }
}

impl Resource for StripeAccount {
    fn id(&self) -> &'static str {
        ""
    }

    fn version(&self) -> i64 {
        self.version
    }
}

/// What Stripe told.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct StripeEvent {
    /// What Stripe calls it.
    #[schema(example = "evt_1NG8Du2eZvKYlo2CUI79vXWy")]
    id: String,
    /// What happened.
    #[schema(example = "payment_intent.succeeded")]
    r#type: String,
    /// What it is about.
    #[schema(example = "pi_3MtwBwLkdIwHu7ix28a3tqPa")]
    object: String,
    happened_at: Time,
    received_at: Time,
    /// Whether it was found by looking, since its webhook never came.
    listed: bool,
    /// When something was done about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    handled_at: Option<Time>,
    /// What was done about it, or why nothing could be yet.
    #[schema(example = "collection col_01k9gz7v3hf8mv3r0x2p6d9qae")]
    outcome: String,
}

impl From<EventRow> for StripeEvent {
    fn from(row: EventRow) -> Self {
        Self {
            id: row.event_id,
            r#type: row.kind,
            object: row.object_id,
            happened_at: row.happened_at,
            received_at: row.received_at,
            listed: row.listed,
            handled_at: row.handled_at,
            outcome: row.outcome,
        }
    }
}

/// What Stripe paid out to the bank.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Payout {
    /// What Stripe calls it.
    #[schema(example = "po_1NcXBsLkdIwHu7ixvXVQ5mzI")]
    id: String,
    /// `paid`; `failed` or `canceled`, if the bank did not take it.
    #[schema(example = "paid")]
    status: String,
    /// ISO 4217 code of its amounts.
    #[schema(example = "EUR")]
    currency: String,
    /// What reached the bank.
    #[schema(example = "174.42")]
    amount: String,
    /// What Stripe kept for itself.
    #[schema(example = "2.73")]
    fees: String,
    /// What of its parts Palier knows nothing of, such as charges that somebody made at Stripe: it waits on the
    /// suspense account. Told with the parts.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "0.00")]
    unknown: Option<String>,
    arrives_on: Day,
    /// What stands on the bank statement.
    #[schema(example = "STRIPE")]
    descriptor: String,
    /// What it consists of.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    parts: Option<Vec<PayoutPart>>,
}

/// Something that moved on the balance at Stripe.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct PayoutPart {
    /// What Stripe calls it.
    #[schema(example = "txn_3MtwBwLkdIwHu7ix0rOmKoX2")]
    id: String,
    /// What it is, as Stripe says: `charge`, `payment`, `refund`, `adjustment`, `stripe_fee` and others. Of a payout
    /// that somebody made by hand Stripe does not say: its one part is `payout_by_hand`.
    #[schema(example = "charge")]
    r#type: String,
    /// The charge, refund or dispute that it is of.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "ch_3MtwBwLkdIwHu7ix0mGtBy3X")]
    source: Option<String>,
    /// How much moved, above zero what came in.
    #[schema(example = "177.15")]
    amount: String,
    /// What Stripe kept of it.
    #[schema(example = "2.73")]
    fee: String,
    /// The one less the other.
    #[schema(example = "174.42")]
    net: String,
    /// Whether the books know what it is of; what they do not waits on the suspense account.
    known: bool,
    happened_at: Time,
}

fn money(minor: i64, currency: &str) -> String {
    let currency = Currency::from_code(currency).unwrap_or(Currency::EUR);
    Money::from_minor(minor, currency).to_string()
}

impl Payout {
    pub(super) fn of(row: PayoutRow, parts: Option<Vec<BalanceRow>>) -> Self {
        let strange = parts.as_ref().map(|parts| {
            let unknown = parts.iter().filter(|it| !it.known).map(|it| it.amount_minor);
            money(unknown.fold(0, i64::saturating_add), &row.currency)
        });
        let parts = parts.map(|parts| parts.into_iter().map(PayoutPart::from).collect());
        Self {
            unknown: strange,
            amount: money(row.amount_minor, &row.currency),
            fees: money(row.fees_minor, &row.currency),
            id: row.payout_id,
            status: row.status,
            currency: row.currency,
            arrives_on: row.arrives_on,
            descriptor: row.descriptor,
            parts,
        }
    }
}

impl From<BalanceRow> for PayoutPart {
    fn from(row: BalanceRow) -> Self {
        Self {
            amount: money(row.amount_minor, &row.currency),
            fee: money(row.fee_minor, &row.currency),
            net: money(row.net_minor, &row.currency),
            id: row.transaction_id,
            r#type: row.kind,
            source: row.source_id,
            known: row.known,
            happened_at: row.happened_at,
        }
    }
}

/// What a member wants to save.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "method": "sepa_debit", "return_url": "https://front.example/billing" }))]
pub(super) struct SaveMeansInput {
    pub(super) method: StripeMethod,
    /// Where the member goes from the page, whether it has saved something or not.
    #[schema(min_length = 8, max_length = 500, format = "uri", pattern = "^https?://")]
    pub(super) return_url: String,
}

impl Input for SaveMeansInput {}

/// A means of payment that a member saves at Stripe.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct SavedMeans {
    pub(super) id: MeansId,
    member: MemberId,
    kind: MeansKind,
    status: MeansStatus,
    /// The page on which it is saved, while it is pending.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(
        nullable = false,
        format = "uri",
        example = "https://checkout.stripe.com/c/pay/cs_test_a1b2c3"
    )]
    url: Option<String>,
    #[serde(skip)]
    version: i64,
}

impl From<MeansRow> for SavedMeans {
    fn from(row: MeansRow) -> Self {
        Self {
            url: Details::of(&row).url,
            id: row.means_id,
            member: row.member_id,
            kind: row.kind,
            status: row.status,
            version: row.version,
        }
    }
}

impl Resource for SavedMeans {
    fn id(&self) -> &str {
        self.id.as_str()
    }

    fn version(&self) -> i64 {
        self.version
    }
}

/// What is given back.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "amount": "20.00" }))]
pub(super) struct RefundInput {
    /// How much; all of it, if left out.
    #[serde(default)]
    #[schema(required = false, format = "money", nullable = false, example = "20.00")]
    pub(super) amount: Option<String>,
}

impl Input for RefundInput {}

impl RefundInput {
    /// In minor units.
    pub(super) fn amount_of(&self, row: &CollectionRow) -> Result<i64, Problem> {
        if row.channel != Channel::Stripe || row.status != CollectionStatus::Succeeded {
            let detail = say!(
                en "Stripe holds nothing of it that could be given back.",
                fr "Stripe n’en détient rien qui puisse être rendu."
            );
            return Err(Problem::conflict(Fault::body("", "not_collected", detail)));
        }
        let Some(text) = &self.amount else { return Ok(row.amount_minor) };
        let read = Money::parse(text, row.amount().currency());
        let amount = read.map_err(|error| {
            let detail = say!(en "{error}.", fr "Ce n’est pas un montant : {error}.");
            Problem::invalid(vec![Fault::body("/amount", "not_money", detail)])
        })?;
        if amount.minor() <= 0 || amount.minor() > row.amount_minor {
            let most = row.amount();
            let detail = say!(
                en "More than nothing and at most {most} can be given back.",
                fr "On peut rendre plus de zéro et au plus {most}."
            );
            return Err(Problem::conflict(Fault::body("/amount", "too_much", detail)));
        }
        Ok(amount.minor())
    }
}
