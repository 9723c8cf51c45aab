//! Subscriptions: which member uses which service.

use actix_web::{get, patch, post};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::{MemberPath, PolePath};
use crate::auth::{May, SubscriptionsRead, SubscriptionsWrite};
use crate::day::Day;
use crate::db::members::{self, MemberStatus};
use crate::db::services::{self, ServiceStatus};
use crate::db::subscriptions::{self, Filter, SubscriptionRow};
use crate::db::{Db, DbError, Violation, tariffs};
use crate::http::{Answer, At, Body, IfMatch, Once, Page, PageQuery, Query};
use crate::id::{MemberId, PoleId, ServiceId, SubscriptionId};
use crate::problem::Problem;
use crate::work::{Changes, Tx};

mod alerts;
mod objects;
mod rules;

use objects::{
    Subscription, SubscriptionEndInput, SubscriptionInput, SubscriptionList,
    SubscriptionTermsInput, SubscriptionTermsPatch, minor,
};

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(list_subscriptions)
        .service(list_member_subscriptions)
        .service(create_subscription)
        .service(get_subscription)
        .service(update_subscription)
        .service(end_subscription)
        .service(resume_subscription);
    alerts::routes(api);
}

/// Which subscription.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "says in the document what addresses have")]
struct SubscriptionPath {
    /// The subscription's id.
    #[param(
        value_type = String,
        pattern = "^sub_[0-7][0-9a-hjkmnp-tv-z]{25}$",
        example = "sub_01k9gz7v3hf8mv3r0x2p6d9qae"
    )]
    subscription: SubscriptionId,
}

/// Which subscriptions.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SubscriptionFilter {
    /// Of this member.
    #[param(value_type = Option<String>, pattern = "^mbr_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    member: Option<MemberId>,
    /// To this service.
    #[param(value_type = Option<String>, pattern = "^svc_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    service: Option<ServiceId>,
    /// Those that cover this day.
    #[param(value_type = Option<String>, format = Date)]
    on: Option<Day>,
}

/// Lists subscriptions.
///
/// Staff see all, a member its own, a provider those to its services.
#[utoipa::path(
    tag = "subscriptions",
    operation_id = "listSubscriptions",
    params(PolePath, PageQuery, SubscriptionFilter),
    responses((status = 200, description = "A page of subscriptions.", body = SubscriptionList)),
    security(("token" = ["subscriptions:read"])),
)]
#[get("/subscriptions")]
async fn list_subscriptions(
    caller: May<SubscriptionsRead>,
    page: Page,
    filter: Query<SubscriptionFilter>,
) -> Result<Answer, Problem> {
    let Query(SubscriptionFilter { member, service, on }) = filter;
    let filter = Filter { among: None, member, service, on };
    list(caller, page, filter).await
}

/// Lists the subscriptions of a member.
#[utoipa::path(
    tag = "subscriptions",
    operation_id = "listMemberSubscriptions",
    params(PolePath, MemberPath, PageQuery),
    responses((status = 200, description = "A page of subscriptions.", body = SubscriptionList)),
    security(("token" = ["subscriptions:read"])),
)]
#[get("/members/{member}/subscriptions")]
async fn list_member_subscriptions(
    caller: May<SubscriptionsRead>,
    at: At<MemberId>,
    page: Page,
) -> Result<Answer, Problem> {
    let member = at.0.clone();
    let there = caller.read(move |conn, pole| Ok(members::find(conn, pole, &member)?)).await?;
    there.ok_or_else(Problem::not_found)?;
    list(caller, page, Filter { member: Some(at.0), ..Filter::default() }).await
}

async fn list(
    caller: May<SubscriptionsRead>,
    page: Page,
    mut filter: Filter,
) -> Result<Answer, Problem> {
    let (after, rows) = (page.after::<String>()?, page.rows());
    let (reach, pole) = (caller.reach.clone(), caller.pole.clone());
    let found = caller
        .read(move |conn, id| {
            if !reach.pole {
                let services = services::ids_of_providers(conn, id, &reach.providers)?;
                filter.among = Some((reach.members, services));
            }
            Ok(subscriptions::page(conn, id, &filter, after.as_deref(), rows)?)
        })
        .await?;
    let today = Day::today(&pole, caller.now());
    let page = page.list(found, |row| row.subscription_id.to_string());
    Answer::ok(
        &page.try_map(|row| Ok::<_, Problem>(Subscription::read(row, &today, &pole.currency)))?,
    )
}

/// Subscribes a member to a service.
///
/// A member's administrator subscribes from today or a later day on; the pole may begin on any day
/// of this month. Nobody subscribes a member whose services are suspended for what it has not paid.
#[utoipa::path(
    tag = "subscriptions",
    operation_id = "createSubscription",
    params(PolePath, MemberPath),
    request_body = SubscriptionInput,
    responses((status = 201, description = "The subscription.", body = Subscription)),
    security(("token" = ["subscriptions:write"])),
)]
#[post("/members/{member}/subscriptions")]
async fn create_subscription(
    caller: May<SubscriptionsWrite>,
    at: At<MemberId>,
    once: Once,
    body: Body<SubscriptionInput>,
) -> Result<Answer, Problem> {
    let (Body(input), staff) = (body, caller.reach.pole);
    let terms = [input.tariff.is_some(), input.weight.is_some(), input.minimum_amount.is_some()];
    if !staff && terms.contains(&true) {
        return Err(Problem::forbidden());
    }
    let (pole, today) = (caller.pole.clone(), Day::today(&caller.pole, caller.now()));
    caller
        .create(once, move |tx| {
            let row = input.row(tx, at.0, &today, &pole.currency)?;
            rules::may_begin(tx, &row, &today, staff)?;
            subscriptions::insert(tx.conn, &row).map_err(goes_on_already)?;
            let made = Subscription::read(row, &today, &pole.currency);
            let id = made.id.clone();
            Ok(tx.done("subscription.created", id.as_str(), &Changes::made(&made), made)?)
        })
        .await
}

/// A subscription.
#[utoipa::path(
    tag = "subscriptions",
    operation_id = "getSubscription",
    params(PolePath, MemberPath, SubscriptionPath),
    responses((status = 200, description = "The subscription.", body = Subscription)),
    security(("token" = ["subscriptions:read"])),
)]
#[get("/members/{member}/subscriptions/{subscription}")]
async fn get_subscription(
    caller: May<SubscriptionsRead>,
    member: At<MemberId>,
    at: At<SubscriptionId>,
) -> Result<Answer, Problem> {
    let row = caller.read(move |conn, pole| found(conn, pole, &member.0, &at.0)).await?;
    let today = Day::today(&caller.pole, caller.now());
    Answer::object(&Subscription::read(row, &today, &caller.pole.currency))
}

/// Changes what was agreed about a subscription: tariff version, weight, minimum.
///
/// The pole does. A member's administrator changes whether it is told of tiers (`tier_mails`), and
/// nothing else.
#[utoipa::path(
    tag = "subscriptions",
    operation_id = "updateSubscription",
    params(PolePath, MemberPath, SubscriptionPath),
    request_body(content = SubscriptionTermsPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The subscription as it is now.", body = Subscription)),
    security(("token" = ["subscriptions:write"])),
)]
#[patch("/members/{member}/subscriptions/{subscription}")]
async fn update_subscription(
    caller: May<SubscriptionsWrite>,
    member: At<MemberId>,
    at: At<SubscriptionId>,
    version: IfMatch,
    patch: SubscriptionTermsPatch,
) -> Result<Answer, Problem> {
    let (app, staff) = (caller.app.clone(), caller.reach.pole);
    change(
        caller,
        (member.0, at.0),
        Some(version),
        "subscription.updated",
        move |tx, row, change| {
            let terms: SubscriptionTermsInput = patch.apply(&app, &change.before)?;
            let next = SubscriptionRow {
                tariff_id: terms.tariff,
                weight_micros: terms.weight.units(),
                minimum_amount_minor: minor(terms.minimum_amount.as_deref(), &change.currency)?,
                tier_mails: terms.tier_mails,
                ..row.clone()
            };
            if !staff && (SubscriptionRow { tier_mails: row.tier_mails, ..next.clone() }) != row {
                return Err(Problem::forbidden());
            }
            rules::tariff_is_of_service(tx, &next)?;
            Ok(next)
        },
    )
    .await
}

/// Ends a subscription at the end of a month.
#[utoipa::path(
    tag = "subscriptions",
    operation_id = "endSubscription",
    params(PolePath, MemberPath, SubscriptionPath),
    request_body = SubscriptionEndInput,
    responses(
        (status = 200, description = "The subscription as it is now.", body = Subscription),
        (status = 409, description = "It has ended already.", body = crate::problem::ProblemBody,
            content_type = "application/problem+json"),
    ),
    security(("token" = ["subscriptions:write"])),
)]
#[post("/members/{member}/subscriptions/{subscription}/end")]
async fn end_subscription(
    caller: May<SubscriptionsWrite>,
    member: At<MemberId>,
    at: At<SubscriptionId>,
    body: Body<SubscriptionEndInput>,
) -> Result<Answer, Problem> {
    let Body(SubscriptionEndInput { last_day }) = body;
    change(caller, (member.0, at.0), None, "subscription.ended", move |_, row, change| {
        let last_day = last_day
            .unwrap_or_else(|| change.today.clone().max(row.first_day.clone()).end_of_month());
        rules::may_end(&row, &last_day, &change.today)?;
        Ok(SubscriptionRow { last_day: Some(last_day), ..row })
    })
    .await
}

/// Lets a subscription go on that was to end.
#[utoipa::path(
    tag = "subscriptions",
    operation_id = "resumeSubscription",
    params(PolePath, MemberPath, SubscriptionPath),
    responses(
        (status = 200, description = "The subscription as it is now.", body = Subscription),
        (status = 409, description = "It has ended, or another has begun.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["subscriptions:write"])),
)]
#[post("/members/{member}/subscriptions/{subscription}/resume")]
async fn resume_subscription(
    caller: May<SubscriptionsWrite>,
    member: At<MemberId>,
    at: At<SubscriptionId>,
) -> Result<Answer, Problem> {
    change(caller, (member.0, at.0), None, "subscription.resumed", move |tx, row, change| {
        rules::has_not_ended(&row, &change.today)?;
        let next = SubscriptionRow { last_day: None, ..row };
        rules::does_not_overlap(tx, &next)?;
        Ok(next)
    })
    .await
}

/// What a change to a subscription may look at.
struct Change {
    before: Subscription,
    today: Day,
    currency: String,
}

/// Changes a subscription: how is the last argument.
async fn change(
    caller: May<SubscriptionsWrite>,
    (member, id): (MemberId, SubscriptionId),
    version: Option<IfMatch>,
    action: &'static str,
    next: impl FnOnce(&mut Tx<'_>, SubscriptionRow, &Change) -> Result<SubscriptionRow, Problem>
    + Send
    + 'static,
) -> Result<Answer, Problem> {
    let (pole, today) = (caller.pole.clone(), Day::today(&caller.pole, caller.now()));
    let after = caller
        .write(move |tx| {
            let row = found(tx.conn, tx.pole(), &member, &id)?;
            if let Some(version) = version {
                version.check(row.version)?;
            }
            let before = Subscription::read(row.clone(), &today, &pole.currency);
            let change = Change { before, today, currency: pole.currency.clone() };
            let next = next(tx, row.clone(), &change)?;
            if next == row {
                return Ok(tx.unchanged(change.before));
            }
            let current = row.version;
            let next =
                SubscriptionRow { version: current.saturating_add(1), updated_at: tx.at(), ..next };
            let changed =
                subscriptions::update(tx.conn, &next, current).map_err(goes_on_already)?;
            let changed = changed.ok_or_else(Problem::changed)?;
            let after = Subscription::read(changed, &change.today, &pole.currency);
            let changes = Changes::between(&change.before, &after);
            Ok(tx.done(action, after.id.clone().as_str(), &changes, after)?)
        })
        .await?;
    Answer::object(&after)
}

fn found(
    conn: &mut Db,
    pole: &PoleId,
    member: &MemberId,
    id: &SubscriptionId,
) -> Result<SubscriptionRow, Problem> {
    subscriptions::find(conn, pole, member, id)?.ok_or_else(Problem::not_found)
}

/// The index that keeps a member from subscribing twice has spoken.
fn goes_on_already(error: DbError) -> Problem {
    match error.violation() {
        Some(Violation::Unique) => rules::subscribed_already(),
        _ => error.into(),
    }
}
