//! The way to a page on which a member saves a card or an account.

use actix_web::{post, web};
use utoipa_actix_web::service_config::ServiceConfig;

use super::objects::{SaveMeansInput, SavedMeans};
use crate::app::App;
use crate::auth::{May, MembersWrite};
use crate::db::means::{self, MeansRow, MeansStatus};
use crate::db::members;
use crate::http::{Answer, At, Body, Once};
use crate::id::{MeansId, MemberId, PoleId};
use crate::jobs::{self, Job};
use crate::problem::{Fault, Problem};
use crate::routes::{MemberPath, PolePath};
use crate::say;
use crate::stripe::{Account, Details};
use crate::work::Changes;

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(save_means);
}

/// Opens a page of Stripe's on which the member saves a card, or signs a mandate for direct debits.
///
/// The page's address, `url`, comes with the answer or, where Stripe takes its time, with the means of
/// payment when it is read again. Once saved, it is the one by which the member is collected.
#[utoipa::path(
    tag = "payments",
    operation_id = "saveMeansOfPayment",
    params(PolePath, MemberPath),
    request_body = SaveMeansInput,
    responses(
        (status = 201, description = "The means of payment, pending.", body = SavedMeans),
        (status = 409, description = "The pole does not collect like that.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["members:write"])),
)]
#[post("/members/{member}/payment-means")]
async fn save_means(
    caller: May<MembersWrite>,
    at: At<MemberId>,
    once: Once,
    body: Body<SaveMeansInput>,
) -> Result<Answer, Problem> {
    let (Body(input), app, pole) = (body, caller.app.clone(), caller.pole.clone());
    let collection = format!("/v1/poles/{}/payment-means", pole.code);
    let of_work = app.clone();
    let mut answer = caller
        .answer(once, move |tx| {
            members::find(tx.conn, tx.pole(), &at.0)?.ok_or_else(Problem::not_found)?;
            let account = Account::of(&of_work, tx.conn, tx.pole())?;
            let used =
                account.is_some_and(|account| account.settings.methods.contains(&input.method));
            if !used {
                let detail = say!(
                    en "The pole does not collect like that.",
                    fr "Le pôle n’encaisse pas de cette façon."
                );
                return Err(Problem::conflict(Fault::body("/method", "not_used", detail)));
            }
            let details = Details { return_url: input.return_url.clone(), ..Details::default() };
            let row = MeansRow {
                pole_id: tx.pole().clone(),
                means_id: MeansId::new(tx.at()),
                member_id: at.0.clone(),
                kind: input.method.kind(),
                status: MeansStatus::Pending,
                is_default: false,
                label: String::new(),
                details: details.text()?,
                external_id: None,
                reason: String::new(),
                version: 1,
                created_at: tx.at(),
                updated_at: tx.at(),
            };
            means::insert(tx.conn, &row)?;
            let (pole, means) = (row.pole_id.clone(), row.means_id.clone());
            jobs::enqueue(&of_work, tx, &Job::StripeMeans { pole, means })?;
            let made = SavedMeans::from(row);
            let (id, changes) = (made.id.clone(), Changes::made(&made));
            tx.done("payment_means.opened", id.as_str(), &changes, made)?
                .and_then(|made| Answer::created(&collection, &made))
        })
        .await?;
    // Mostly the page is there in a moment; whoever waits in front of a screen is spared a second question.
    let made: Option<MeansId> = serde_json::from_slice(&answer.body)
        .ok()
        .and_then(|body: serde_json::Value| body.get("id")?.as_str()?.parse().ok());
    if let Some(id) = made {
        answer.body = with_page(&app, &pole.pole_id, id).await?.unwrap_or(answer.body);
    }
    Ok(answer)
}

/// A means of payment as it is once its page is there, if that is soon.
async fn with_page(
    app: &web::Data<App>,
    pole: &PoleId,
    id: MeansId,
) -> Result<Option<Vec<u8>>, Problem> {
    /// How often it is looked for, and how long between.
    const LOOKS: usize = 50;
    const BETWEEN: std::time::Duration = std::time::Duration::from_millis(60);
    for _ in 0..LOOKS {
        let (pole, id) = (pole.clone(), id.clone());
        let found = app.db.read(move |conn| means::find(conn, &pole, &id)).await?;
        let Some(row) = found else { return Ok(None) };
        if Details::of(&row).url.is_some() || row.status != MeansStatus::Pending {
            let body = serde_json::to_vec(&SavedMeans::from(row));
            return body.map(Some).map_err(|error| Problem::internal(&error));
        }
        tokio::time::sleep(BETWEEN).await;
    }
    Ok(None)
}
