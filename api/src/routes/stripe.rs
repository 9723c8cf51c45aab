//! The pole's account at Stripe: its keys, what it tells, what it paid out, and how members get there.

use actix_web::{delete, get, post, put};
use utoipa_actix_web::service_config::ServiceConfig;

use super::PolePath;
use crate::auth::{PaymentsWrite, PoleMay, PoleRead, PoleWrite};
use crate::db::stripe::{self as rows, AccountRow};
use crate::db::{collections, transfers};
use crate::http::{Answer, Body, IfMatch};
use crate::problem::{Fault, Problem, ProblemType};
use crate::say;
use crate::stripe::{Account, Found, Trouble, look};
use crate::work::Changes;

mod events;
mod means;
mod objects;
mod pay;
mod payouts;

pub(crate) use objects::StripeAccountInput;
use objects::{StripeAccount, StripeKeysInput};

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(get_stripe_account)
        .service(set_stripe_account)
        .service(delete_stripe_account)
        .service(look_at_stripe);
    api.configure(payouts::routes).configure(means::routes).configure(pay::routes);
    api.configure(events::routes);
}

/// The account at Stripe by which the pole collects; its keys are never shown.
#[utoipa::path(
    tag = "payments",
    operation_id = "getStripeAccount",
    params(PolePath),
    responses((status = 200, description = "The account.", body = StripeAccount)),
    security(("token" = ["pole:read"])),
)]
#[get("/stripe-account")]
async fn get_stripe_account(caller: PoleMay<PoleRead>) -> Result<Answer, Problem> {
    let app = caller.app.clone();
    let found = caller.read(move |conn, pole| Ok(Account::of(&app, conn, pole)?)).await?;
    Answer::object(&StripeAccount::of(&found.ok_or_else(Problem::not_found)?))
}

/// Sets the account at Stripe by which the pole collects.
///
/// Keys that are left out stay as they are. The webhook endpoint at Stripe is `stripe-events` below this
/// pole's address. Without an account nothing is collected by Stripe, and nothing else depends on it.
#[utoipa::path(
    tag = "payments",
    operation_id = "setStripeAccount",
    params(PolePath),
    request_body = StripeKeysInput,
    responses((status = 200, description = "The account as it is now.", body = StripeAccount)),
    security(("token" = ["pole:write"])),
)]
#[put("/stripe-account")]
async fn set_stripe_account(
    caller: PoleMay<PoleWrite>,
    version: IfMatch,
    body: Body<StripeKeysInput>,
) -> Result<Answer, Problem> {
    let (Body(input), app) = (body, caller.app.clone());
    let now = caller
        .write(move |tx| {
            let current = Account::of(&app, tx.conn, tx.pole())?;
            version.check(current.as_ref().map_or(0, |account| account.row.version))?;
            let (settings, keys) = input.with(current.as_ref())?;
            let internal = |error: Box<dyn std::error::Error>| Problem::internal(&error);
            let row = AccountRow {
                pole_id: tx.pole().clone(),
                keys: keys.wrapped(&app.config.secret, tx.pole()).map_err(internal)?,
                document: settings.text()?,
                looked_at: current.as_ref().and_then(|account| account.row.looked_at),
                version: current.as_ref().map_or(1, |it| it.row.version.saturating_add(1)),
                created_at: current.as_ref().map_or(tx.at(), |account| account.row.created_at),
                updated_at: tx.at(),
            };
            match &current {
                Some(account) => {
                    let changed = rows::update_account(tx.conn, &row, account.row.version)?;
                    changed.then_some(()).ok_or_else(Problem::changed)?;
                }
                None => rows::insert_account(tx.conn, &row)?,
            }
            let account = Account { row, settings, keys };
            let (before, after) =
                (current.as_ref().map(StripeAccount::of), StripeAccount::of(&account));
            let changes = Changes::between(&before, &after);
            Ok(tx.done("stripe_account.set", tx.pole().as_str(), &changes, after)?)
        })
        .await?;
    Answer::object(&now)
}

/// Forgets the account at Stripe: nothing is collected by it any more.
///
/// What is on its way there is not heard of again, so that nothing may be on its way.
#[utoipa::path(
    tag = "payments",
    operation_id = "deleteStripeAccount",
    params(PolePath),
    responses(
        (status = 204, description = "It is forgotten."),
        (status = 409, description = "Collections or transfers are on their way there.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["pole:write"])),
)]
#[delete("/stripe-account")]
async fn delete_stripe_account(caller: PoleMay<PoleWrite>) -> Result<Answer, Problem> {
    caller
        .write(move |tx| {
            rows::account(tx.conn, tx.pole())?.ok_or_else(Problem::not_found)?;
            if collections::is_any_sent(tx.conn, tx.pole(), collections::Channel::Stripe)?
                || transfers::is_any_at_stripe(tx.conn, tx.pole())?
            {
                let detail = say!(
                    en "Collections or transfers are on their way there: wait until they have ended.",
                    fr "Des encaissements ou des virements y sont en cours : attendez leur fin."
                );
                return Err(Problem::conflict(Fault::body("", "on_the_way", detail)));
            }
            rows::remove_account(tx.conn, tx.pole())?;
            let pole = tx.pole().as_str();
            Ok(tx.done("stripe_account.deleted", pole, &Changes::none(), Answer::nothing())?)
        })
        .await
}

/// Looks at Stripe for what webhooks may have missed, as is done once an hour.
#[utoipa::path(
    tag = "payments",
    operation_id = "lookAtStripe",
    params(PolePath),
    responses(
        (status = 200, description = "What was found.", body = Found),
        (status = 409, description = "Stripe does not take the key.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
        (status = 503, description = "Stripe does not answer.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["payments:write"])),
)]
#[post("/stripe-account/look")]
async fn look_at_stripe(caller: PoleMay<PaymentsWrite>) -> Result<Answer, Problem> {
    let app = caller.app.clone();
    let account = caller.read(move |conn, pole| Ok(Account::of(&app, conn, pole)?)).await?;
    let account = account.ok_or_else(Problem::not_found)?;
    let found = look(&caller.app, &caller.pole, &account).await;
    Answer::ok(&found.map_err(|trouble| away(&trouble))?)
}

/// Stripe cannot be reached now, or does not take the pole's key.
fn away(trouble: &Trouble) -> Problem {
    tracing::warn!(%trouble, "Stripe does not do what it was asked for");
    if !matches!(trouble, Trouble::Away(_) | Trouble::Ours(_)) {
        return Problem::state(say!(
            en "The payment provider does not take the pole’s key, or refuses what it is asked for.",
            fr "Le prestataire de paiement n’accepte pas la clé du pôle, ou refuse ce qui lui est demandé."
        ));
    }
    Problem::new(
        ProblemType::Unavailable,
        say!(
            en "The payment provider does not answer as it should; try again later.",
            fr "Le prestataire de paiement ne répond pas comme il devrait ; réessayez plus tard."
        ),
    )
}
