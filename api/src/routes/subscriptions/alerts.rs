//! From how much usage of a subscription on somebody wants to be told.

use actix_web::{delete, get, patch, post};
use palier_billing::{Money, Quantity};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{MemberPath, PolePath, SubscriptionPath, found};
use crate::auth::{May, SubscriptionsRead, SubscriptionsWrite};
use crate::clock::Time;
use crate::db::poles::PoleRow;
use crate::db::usage::alerts::{self, AlertRow};
use crate::db::{Db, meters};
use crate::http::{Answer, At, Body, IfMatch, Input, List, Once, Page, PageQuery, Patch, Stored};
use crate::id::{MemberId, MeterId, PoleId, SubscriptionId, UsageAlertId};
use crate::problem::{Fault, Problem};
use crate::say;
use crate::tariff::QuantityText;
use crate::work::{Changes, Tx};

/// How many alerts a subscription has at most: they are all looked at, again and again.
const MOST: i64 = 20;

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(list_usage_alerts)
        .service(create_usage_alert)
        .service(get_usage_alert)
        .service(update_usage_alert)
        .service(delete_usage_alert);
}

/// From how much usage on somebody is told, once a month.
///
/// Either a `quantity` of a `meter`, or an `amount`: what the member owes for the service so far.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(
    as = UsageAlertInput,
    example = json!({ "amount": "500.00", "email": "jeanne@forge.example" })
)]
pub(crate) struct AlertInput {
    /// The meter whose quantity is watched: one of the service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    meter: Option<MeterId>,
    /// How much of it, in its unit; more than nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<QuantityText>, nullable = false)]
    quantity: Option<Quantity>,
    /// How much money, in the pole's currency; more than nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "amount", example = "500.00", nullable = false)]
    amount: Option<String>,
    /// Who is told.
    #[schema(max_length = 254, format = "email", example = "jeanne@forge.example")]
    email: String,
}

/// When an alert told.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct AlertState {
    /// When it last told.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    raised_at: Option<Time>,
}

/// An alert.
type UsageAlert = Stored<UsageAlertId, AlertInput, AlertState>;

/// A change to an alert.
type UsageAlertPatch = Patch<AlertInput>;

/// A page of alerts.
type UsageAlertList = List<UsageAlert>;

impl Input for AlertInput {
    fn check(&self, faults: &mut Vec<Fault>) {
        let detail = match (self.amount.is_some(), self.meter.is_some(), self.quantity.is_some()) {
            (true, false, false) | (false, true, true) => return,
            _ => say!(
                en "Expected either an amount, or a meter and a quantity.",
                fr "Attendu : soit un montant, soit un compteur et une quantité."
            ),
        };
        faults.push(Fault::body("", "one_of", detail));
    }
}

/// Which alert.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "says in the document what addresses have")]
struct AlertPath {
    /// The alert's id.
    #[param(
        value_type = String,
        pattern = "^alr_[0-7][0-9a-hjkmnp-tv-z]{25}$",
        example = "alr_01k9gz7v3hf8mv3r0x2p6d9qae"
    )]
    alert: UsageAlertId,
}

/// Lists the usage alerts of a subscription.
#[utoipa::path(
    tag = "subscriptions",
    operation_id = "listUsageAlerts",
    params(PolePath, MemberPath, SubscriptionPath, PageQuery),
    responses((status = 200, description = "A page of alerts.", body = UsageAlertList)),
    security(("token" = ["subscriptions:read"])),
)]
#[get("/members/{member}/subscriptions/{subscription}/alerts")]
async fn list_usage_alerts(
    caller: May<SubscriptionsRead>,
    member: At<MemberId>,
    at: At<SubscriptionId>,
    page: Page,
) -> Result<Answer, Problem> {
    let (after, rows) = (page.after::<String>()?, page.rows());
    let listed = caller
        .read(move |conn, pole| {
            let subscription = found(conn, pole, &member.0, &at.0)?.subscription_id;
            Ok(alerts::page(conn, pole, &subscription, after.as_deref(), rows)?)
        })
        .await?;
    let page = page.list(listed, |row| row.alert_id.to_string());
    let pole = &caller.pole;
    Answer::ok(&page.try_map(|row| Ok::<_, Problem>(read(row, pole)))?)
}

/// Asks to be told of usage.
///
/// By mail, once a month and threshold, a moment after it is reached. At most 20 alerts a
/// subscription.
#[utoipa::path(
    tag = "subscriptions",
    operation_id = "createUsageAlert",
    params(PolePath, MemberPath, SubscriptionPath),
    request_body = AlertInput,
    responses(
        (status = 201, description = "The alert.", body = UsageAlert),
        (status = 409, description = "There are too many already.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["subscriptions:write"])),
)]
#[post("/members/{member}/subscriptions/{subscription}/alerts")]
async fn create_usage_alert(
    caller: May<SubscriptionsWrite>,
    member: At<MemberId>,
    at: At<SubscriptionId>,
    once: Once,
    body: Body<AlertInput>,
) -> Result<Answer, Problem> {
    let (Body(input), pole) = (body, caller.pole.clone());
    caller
        .create(once, move |tx| {
            let (meter, threshold) = input.threshold(tx, &pole, (&member.0, &at.0))?;
            if alerts::count(tx.conn, tx.pole(), &at.0)? >= MOST {
                return Err(Problem::state(say!(
                    en "A subscription has at most {MOST} alerts.",
                    fr "Un abonnement a au plus {MOST} alertes."
                )));
            }
            let row = AlertRow {
                pole_id: tx.pole().clone(),
                alert_id: UsageAlertId::new(tx.at()),
                subscription_id: at.0,
                meter_id: meter,
                threshold,
                email: input.email,
                raised_at: None,
                version: 1,
                created_at: tx.at(),
                updated_at: tx.at(),
            };
            alerts::insert(tx.conn, &row)?;
            let made = read(row, &pole);
            let (id, changes) = (made.id.clone(), Changes::made(&made));
            Ok(tx.done("usage_alert.created", id.as_str(), &changes, made)?)
        })
        .await
}

/// A usage alert.
#[utoipa::path(
    tag = "subscriptions",
    operation_id = "getUsageAlert",
    params(PolePath, MemberPath, SubscriptionPath, AlertPath),
    responses((status = 200, description = "The alert.", body = UsageAlert)),
    security(("token" = ["subscriptions:read"])),
)]
#[get("/members/{member}/subscriptions/{subscription}/alerts/{alert}")]
async fn get_usage_alert(
    caller: May<SubscriptionsRead>,
    member: At<MemberId>,
    subscription: At<SubscriptionId>,
    at: At<UsageAlertId>,
) -> Result<Answer, Problem> {
    let of = (member.0, subscription.0);
    let row = caller.read(move |conn, pole| alert(conn, pole, &of, &at.0)).await?;
    Answer::object(&read(row, &caller.pole))
}

/// Changes a usage alert. A threshold that is new is told of in this month as well.
#[utoipa::path(
    tag = "subscriptions",
    operation_id = "updateUsageAlert",
    params(PolePath, MemberPath, SubscriptionPath, AlertPath),
    request_body(content = UsageAlertPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The alert as it is now.", body = UsageAlert)),
    security(("token" = ["subscriptions:write"])),
)]
#[patch("/members/{member}/subscriptions/{subscription}/alerts/{alert}")]
async fn update_usage_alert(
    caller: May<SubscriptionsWrite>,
    member: At<MemberId>,
    subscription: At<SubscriptionId>,
    at: At<UsageAlertId>,
    version: IfMatch,
    patch: UsageAlertPatch,
) -> Result<Answer, Problem> {
    let (app, pole) = (caller.app.clone(), caller.pole.clone());
    let of = (member.0, subscription.0);
    let changed = caller
        .write(move |tx| {
            let row = alert(tx.conn, tx.pole(), &of, &at.0)?;
            version.check(row.version)?;
            let before = read(row.clone(), &pole);
            let input: AlertInput = patch.apply(&app, &before)?;
            let (meter_id, threshold) = input.threshold(tx, &pole, (&of.0, &of.1))?;
            let current = row.version;
            let next = AlertRow {
                meter_id,
                threshold,
                email: input.email,
                version: current.saturating_add(1),
                updated_at: tx.at(),
                ..row
            };
            let changed = alerts::update(tx.conn, &next, current)?.ok_or_else(Problem::changed)?;
            let after = read(changed, &pole);
            let (id, changes) = (after.id.clone(), Changes::between(&before, &after));
            Ok(tx.done("usage_alert.updated", id.as_str(), &changes, after)?)
        })
        .await?;
    Answer::object(&changed)
}

/// Takes a usage alert away.
#[utoipa::path(
    tag = "subscriptions",
    operation_id = "deleteUsageAlert",
    params(PolePath, MemberPath, SubscriptionPath, AlertPath),
    responses((status = 204, description = "It is gone.")),
    security(("token" = ["subscriptions:write"])),
)]
#[delete("/members/{member}/subscriptions/{subscription}/alerts/{alert}")]
async fn delete_usage_alert(
    caller: May<SubscriptionsWrite>,
    member: At<MemberId>,
    subscription: At<SubscriptionId>,
    at: At<UsageAlertId>,
) -> Result<Answer, Problem> {
    let (pole, of) = (caller.pole.clone(), (member.0, subscription.0));
    caller
        .write(move |tx| {
            let row = alert(tx.conn, tx.pole(), &of, &at.0)?;
            alerts::delete(tx.conn, &row)?;
            let changes = Changes::between(&read(row, &pole), &());
            Ok(tx.done("usage_alert.deleted", at.0.as_str(), &changes, ())?)
        })
        .await?;
    Ok(Answer::nothing())
}

/// An alert of a subscription of a member.
fn alert(
    conn: &mut Db,
    pole: &PoleId,
    (member, subscription): &(MemberId, SubscriptionId),
    id: &UsageAlertId,
) -> Result<AlertRow, Problem> {
    found(conn, pole, member, subscription)?;
    alerts::find(conn, pole, subscription, id)?.ok_or_else(Problem::not_found)
}

impl AlertInput {
    /// What is watched, and from where on it tells.
    fn threshold(
        &self,
        tx: &mut Tx<'_>,
        pole: &PoleRow,
        (member, subscription): (&MemberId, &SubscriptionId),
    ) -> Result<(Option<MeterId>, i64), Problem> {
        let service = found(tx.conn, tx.pole(), member, subscription)?.service_id;
        if let Some(meter) = &self.meter {
            let there = meters::find(tx.conn, tx.pole(), &service, meter)?;
            there.ok_or_else(|| {
                let detail = say!(
                    en "The service has no such meter.",
                    fr "Le service n’a pas ce compteur."
                );
                Problem::invalid(vec![Fault::body("/meter", "unknown_meter", detail)])
            })?;
            let quantity = self.quantity.unwrap_or(Quantity::ZERO).units();
            return Ok((Some(meter.clone()), positive(quantity, "/quantity")?));
        }
        let amount = self.amount.as_deref().unwrap_or_default();
        let amount = Money::parse(amount, pole.currency()).map_err(|error| {
            let code = &pole.currency;
            let detail = say!(
                en "Expected an amount in {code}: {error}.",
                fr "Attendu : un montant en {code}, avec les décimales de cette devise."
            );
            Problem::invalid(vec![Fault::body("/amount", "amount", detail)])
        })?;
        Ok((None, positive(amount.minor(), "/amount")?))
    }
}

fn positive(threshold: i64, pointer: &str) -> Result<i64, Problem> {
    if threshold > 0 {
        return Ok(threshold);
    }
    let detail = say!(en "Expected more than nothing.", fr "Attendu : plus que rien.");
    Err(Problem::invalid(vec![Fault::body(pointer, "minimum", detail)]))
}

fn read(row: AlertRow, pole: &PoleRow) -> UsageAlert {
    let is_quantity = row.meter_id.is_some();
    let amount = || Money::from_minor(row.threshold, pole.currency()).to_string();
    UsageAlert {
        object: AlertInput {
            quantity: is_quantity.then(|| Quantity::from_units(row.threshold)),
            amount: (!is_quantity).then(amount),
            meter: row.meter_id,
            email: row.email,
        },
        id: row.alert_id,
        state: AlertState { raised_at: row.raised_at },
        created_at: row.created_at,
        updated_at: row.updated_at,
        version: row.version,
    }
}
