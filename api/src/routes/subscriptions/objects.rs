//! What a subscription looks like, and the row it is.

use palier_billing::{Currency, Money, Quantity};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Time;
use crate::day::Day;
use crate::db::subscriptions::SubscriptionRow;
use crate::db::words;
use crate::http::{Input, List, Patch, Resource};
use crate::id::{MemberId, ServiceId, SubscriptionId, TariffId};
use crate::problem::{Fault, Problem};
use crate::say;
use crate::work::Tx;

words! {
    /// Where a subscription stands.
    pub(crate) enum SubscriptionStatus {
        /// It begins on a later day.
        Scheduled = "scheduled",
        /// The service may be used.
        Active = "active",
        /// The service may be used until its last day.
        Ending = "ending",
        /// It is over.
        Ended = "ended",
    }
}

/// A member's subscription to a service.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Subscription {
    pub(super) id: SubscriptionId,
    pub(super) member: MemberId,
    pub(super) service: ServiceId,
    #[schema(inline)]
    pub(super) status: SubscriptionStatus,
    /// The first day it covers.
    pub(super) first_day: Day,
    /// The last day it covers, the last of a month; absent while it goes on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) last_day: Option<Day>,
    /// The tariff version it stays with; absent if it follows that in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) tariff: Option<TariffId>,
    /// Its share of costs that are shared by weight.
    #[schema(value_type = String, format = "weight", example = "1")]
    pub(super) weight: Quantity,
    /// The least the member pays for the service a month, in the pole's currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "amount", example = "20.00", nullable = false)]
    pub(super) minimum_amount: Option<String>,
    /// Whether the member is told by mail that the pool has reached another tier.
    #[schema(example = true)]
    pub(super) tier_mails: bool,
    pub(super) created_at: Time,
    pub(super) updated_at: Time,
    #[serde(skip)]
    pub(super) version: i64,
}

/// A page of subscriptions.
pub(super) type SubscriptionList = List<Subscription>;

/// A subscription to make.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SubscriptionInput {
    /// A service that is published.
    pub(super) service: ServiceId,
    /// The first day it covers; today, if left out.
    #[serde(default)]
    #[schema(nullable = false)]
    pub(super) first_day: Option<Day>,
    /// The tariff version it stays with, instead of that in force. The pole decides.
    #[serde(default)]
    #[schema(nullable = false)]
    pub(super) tariff: Option<TariffId>,
    /// Its share of costs that are shared by weight. The pole decides.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = "weight", example = "1", nullable = false)]
    pub(super) weight: Option<Quantity>,
    /// The least the member pays for the service a month. The pole decides.
    #[serde(default)]
    #[schema(format = "amount", example = "20.00", nullable = false)]
    pub(super) minimum_amount: Option<String>,
    /// Whether the member is told by mail that the pool has reached another tier; it is, if left out.
    #[serde(default)]
    #[schema(example = true, nullable = false)]
    pub(super) tier_mails: Option<bool>,
}

impl Input for SubscriptionInput {}

/// What the pole agreed with a member about a subscription, and whether it is told of tiers.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SubscriptionTermsInput {
    /// The tariff version it stays with, instead of that in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(super) tariff: Option<TariffId>,
    /// Its share of costs that are shared by weight.
    #[schema(value_type = String, format = "weight", example = "3")]
    pub(super) weight: Quantity,
    /// The least the member pays for the service a month, in the pole's currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "amount", example = "20.00", nullable = false)]
    pub(super) minimum_amount: Option<String>,
    /// Whether the member is told by mail that the pool has reached another tier. It decides itself.
    #[schema(example = false)]
    pub(super) tier_mails: bool,
}

impl Input for SubscriptionTermsInput {}

/// A change to what was agreed.
pub(super) type SubscriptionTermsPatch = Patch<SubscriptionTermsInput>;

/// When a subscription ends.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SubscriptionEndInput {
    /// The last day it covers, the last of a month; that of this month, if left out.
    #[serde(default)]
    #[schema(nullable = false)]
    pub(super) last_day: Option<Day>,
}

impl Input for SubscriptionEndInput {}

/// An amount in the currency's minor unit.
pub(super) fn minor(amount: Option<&str>, currency: &str) -> Result<Option<i64>, Problem> {
    let currency = currency_of(currency);
    let read = amount.map(|amount| Money::parse(amount, currency).map(Money::minor)).transpose();
    read.map_err(|error| {
        let code = currency.code();
        let detail = say!(
            en "Expected an amount in {code}: {error}.",
            fr "Attendu : un montant en {code}, avec les décimales de cette devise."
        );
        Problem::invalid(vec![Fault::body("/minimum_amount", "amount", detail)])
    })
}

/// A pole's currency, which is one: it was checked when the pole was made.
fn currency_of(code: &str) -> Currency {
    Currency::from_code(code).unwrap_or(Currency::EUR)
}

impl SubscriptionInput {
    pub(super) fn row(
        self,
        tx: &Tx<'_>,
        member: MemberId,
        today: &Day,
        currency: &str,
    ) -> Result<SubscriptionRow, Problem> {
        Ok(SubscriptionRow {
            pole_id: tx.pole().clone(),
            subscription_id: SubscriptionId::new(tx.at()),
            member_id: member,
            service_id: self.service,
            tariff_id: self.tariff,
            first_day: self.first_day.unwrap_or_else(|| today.clone()),
            last_day: None,
            weight_micros: self.weight.unwrap_or(Quantity::ONE).units(),
            minimum_amount_minor: minor(self.minimum_amount.as_deref(), currency)?,
            version: 1,
            created_at: tx.at(),
            updated_at: tx.at(),
            tier_mails: self.tier_mails.unwrap_or(true),
        })
    }
}

impl Subscription {
    pub(super) fn read(row: SubscriptionRow, today: &Day, currency: &str) -> Self {
        let status = match &row.last_day {
            _ if row.first_day > *today => SubscriptionStatus::Scheduled,
            None => SubscriptionStatus::Active,
            Some(last) if last < today => SubscriptionStatus::Ended,
            Some(_) => SubscriptionStatus::Ending,
        };
        let amount = |minor| Money::from_minor(minor, currency_of(currency)).to_string();
        Self {
            id: row.subscription_id,
            member: row.member_id,
            service: row.service_id,
            status,
            first_day: row.first_day,
            last_day: row.last_day,
            tariff: row.tariff_id,
            weight: Quantity::from_units(row.weight_micros),
            minimum_amount: row.minimum_amount_minor.map(amount),
            tier_mails: row.tier_mails,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
        }
    }
}

impl Resource for Subscription {
    fn id(&self) -> &str {
        self.id.as_str()
    }

    fn version(&self) -> i64 {
        self.version
    }
}
