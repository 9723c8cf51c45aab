//! Months and years whose books are closed.

use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::PolePath;
use crate::auth::{BooksRead, BooksWrite, PoleMay};
use crate::clock::Time;
use crate::closing::checklist::Checklist;
use crate::closing::{Closable, close};
use crate::day::Day;
use crate::db::closings::{self, ClosingRow};
use crate::http::{Answer, At, Body, Input};
use crate::problem::Problem;

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(get_closings).service(get_closing).service(close_period);
}

/// Which period.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "says in the document what addresses have")]
struct PeriodPath {
    /// A month or a year.
    #[param(pattern = "^2[0-9]{3}(-(0[1-9]|1[0-2]))?$", example = "2026-07")]
    period: String,
}

impl crate::id::InPath for Closable {
    const PLACE: &'static str = "period";
}

/// The months and years whose books are closed, the last days first.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct Closings {
    /// The first day on which anything can still be booked; any day, if it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    first_open_day: Option<Day>,
    /// A period each.
    data: Vec<Closing>,
}

/// A period whose books are closed.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct Closing {
    /// A month or a year.
    #[schema(example = "2026-07")]
    period: String,
    /// Its last day.
    last_day: Day,
    closed_at: Time,
    /// What was still to be done, and accepted, as the checklist calls it.
    #[schema(example = json!(["held_drafts"]))]
    accepted: Vec<String>,
}

impl From<ClosingRow> for Closing {
    fn from(row: ClosingRow) -> Self {
        let accepted = row.accepted.split_whitespace().map(str::to_owned).collect();
        let ClosingRow { period, last_day, closed_at, .. } = row;
        Self { period, last_day, closed_at, accepted }
    }
}

/// How to close a period.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ClosingInput {
    /// Whether to close it with what is `missing`; what is `blocking` keeps it from being closed all
    /// the same.
    #[serde(default)]
    #[schema(required = false)]
    accept_missing: bool,
}

impl Input for ClosingInput {}

/// The months and years whose books are closed, the last days first.
#[utoipa::path(
    tag = "books",
    operation_id = "getClosings",
    params(PolePath),
    responses((status = 200, description = "The periods.", body = Closings)),
    security(("token" = ["books:read"])),
)]
#[get("/closings")]
async fn get_closings(caller: PoleMay<BooksRead>) -> Result<Answer, Problem> {
    let read = caller
        .read(|conn, pole| Ok((closings::first_open_day(conn, pole)?, closings::all(conn, pole)?)));
    let (first_open_day, rows) = read.await?;
    Answer::ok(&Closings { first_open_day, data: rows.into_iter().map(Closing::from).collect() })
}

/// What is to be done before a month or a year is closed, and what of it is.
///
/// Drafts, unmatched usage and the like are as they are now, also of a period that is closed.
#[utoipa::path(
    tag = "books",
    operation_id = "getClosing",
    params(PolePath, PeriodPath),
    responses((status = 200, description = "The checklist.", body = Checklist)),
    security(("token" = ["books:read"])),
)]
#[get("/closings/{period}")]
async fn get_closing(caller: PoleMay<BooksRead>, at: At<Closable>) -> Result<Answer, Problem> {
    let (pole, now) = (caller.pole.clone(), caller.now());
    let read = caller
        .app
        .db
        .read(move |conn| conn.snapshot(|conn| Checklist::read(conn, &pole, &at.0, now)));
    Answer::ok(&read.await.map_err(Problem::from)?)
}

/// Closes the books of a month or a year, for good.
///
/// Nothing is booked on its days any more, nor before. What becomes known of them later is booked on
/// the first day that is still open, and says when it happened. Months are closed one after the other,
/// a year once its months are: what it came to is booked as what the next one begins with. It can be
/// called again: what is closed stays as it is.
#[utoipa::path(
    tag = "books",
    operation_id = "closePeriod",
    params(PolePath, PeriodPath),
    request_body = ClosingInput,
    responses(
        (status = 200, description = "The period as it was closed.", body = Closing),
        (status = 409, description = "Something is still to be done: an error each, by its code in the checklist.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["books:write"])),
)]
#[post("/closings/{period}")]
async fn close_period(
    caller: PoleMay<BooksWrite>,
    at: At<Closable>,
    body: Body<ClosingInput>,
) -> Result<Answer, Problem> {
    let (Body(ClosingInput { accept_missing }), pole) = (body, caller.pole.clone());
    let row = caller.write(move |tx| close(tx, &pole, &at.0, accept_missing)).await?;
    Answer::ok(&Closing::from(row))
}
