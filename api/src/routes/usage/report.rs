//! Reporting usage.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, post};
use serde::Deserialize;
use serde_json::value::RawValue;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::PolePath;
use super::cloud_events;
use super::objects::{UsageEventsInput, UsageReport};
use super::upload::{Form, Upload};
use crate::auth::{May, UsageWrite};
use crate::http::{Answer, Query, language_of};
use crate::metering::intake::{Intake, Told, read};
use crate::metering::{Outcome, Reported};
use crate::problem::{Fault, Problem, ProblemType};
use crate::say;

/// How many events one body has at most.
const EVENTS: usize = 10_000;
/// How much of a stream of lines is taken in at once.
const CHUNK_BYTES: usize = 256_000;

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(report_usage);
}

/// How to take it in.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ReportQuery {
    /// All or nothing: if one event cannot be taken, none is.
    #[serde(default)]
    #[param(required = false, default = false)]
    atomic: bool,
}

/// Reports usage.
///
/// One event, or a list of at most 10,000 (8 MB); as lines of JSON, as many as you like, taken in
/// as they arrive; or `CloudEvents` 1.0 in any of its modes, with the meter in `type`, the member in
/// `subject`, and `quantity` and properties in `data`; its event is known as `source#id`.
///
/// An answer of 2xx means that what it calls accepted is on disk. Events that cannot be taken do not
/// keep others from being taken, unless `atomic` says so; a lone event that cannot be is answered
/// with the problem itself. An event of an unknown member or meter, or of a member without a
/// subscription, is kept as `unmatched` where the pole's `unmatched_usage` says so, and counts once
/// that is mended; `atomic` refuses it. Members report for themselves, providers for their services, the
/// pole for all. Send it again whenever you are in doubt: an event counts once.
#[utoipa::path(
    tag = "usage",
    operation_id = "reportUsage",
    params(PolePath, ReportQuery),
    request_body(content(
        (UsageEventsInput = "application/json"),
        (String = "application/x-ndjson", example = "{\"id\":\"job-1\",\"member\":\"forge\",\"meter\":\"core-hours\",\"time\":\"2026-11-25T08:30:00Z\",\"quantity\":\"1.5\"}\n"),
        (cloud_events::CloudEvent = "application/cloudevents+json"),
        (Vec<cloud_events::CloudEvent> = "application/cloudevents-batch+json"),
    )),
    responses(
        (status = 200, description = "All of it is on disk.", body = UsageReport),
        (status = 207, description = "What is accepted is on disk; some was not taken.", body = UsageReport),
        (status = 409, description = "Another event has this id."),
        (status = 429, description = "More usage comes in than can be written."),
    ),
    security(("token" = ["usage:write"])),
)]
#[post("/usage")]
async fn report_usage(
    caller: May<UsageWrite>,
    query: Query<ReportQuery>,
    request: HttpRequest,
    upload: Upload,
) -> Result<Answer, Problem> {
    let Query(ReportQuery { atomic }) = query;
    let intake = Intake {
        app: &caller.app,
        pole: &caller.pole,
        actor: &caller.actor,
        reach: &caller.reach,
        whole: atomic,
        keeps: caller.pole.keeps_unmatched() && !atomic,
    };
    let language = language_of(&request);
    let mut report = UsageReport::new();
    let form = upload.form;
    if form == Form::Lines {
        take_lines(&intake, upload, &request, &mut report).await?;
    } else {
        let body = upload.whole().await?;
        let text = std::str::from_utf8(&body).map_err(|error| not_json(&error))?;
        let (alone, events) = match form {
            Form::CloudEvent => (true, vec![cloud_events::read(text)]),
            Form::CloudEventData => (true, vec![cloud_events::read_data(&request, text)]),
            Form::CloudEvents => (false, list(text)?.into_iter().map(cloud_events::read).collect()),
            Form::Json | Form::Lines if text.trim_start().starts_with('[') => {
                let schemas = &caller.app.schemas;
                (false, list(text)?.into_iter().map(|json| read(schemas, json)).collect())
            }
            Form::Json | Form::Lines => {
                serde_json::from_str::<&RawValue>(text).map_err(|error| not_json(&error))?;
                (true, vec![read(&caller.app.schemas, text)])
            }
        };
        let told = intake.take(&events).await?;
        refuse(&told, alone, atomic)?;
        report.add(0, told, language);
    }
    let status = if report.is_whole() { StatusCode::OK } else { StatusCode::MULTI_STATUS };
    Answer::with(status, &report)
}

/// The events of a JSON list, not read yet.
fn list(text: &str) -> Result<Vec<&str>, Problem> {
    let list: Vec<&RawValue> = serde_json::from_str(text).map_err(|error| not_json(&error))?;
    if list.len() > EVENTS {
        let detail = say!(
            en "At most {EVENTS} events at once.",
            fr "Au plus {EVENTS} événements à la fois."
        );
        return Err(Problem::invalid(vec![Fault::body("", "max_items", detail)]));
    }
    Ok(list.into_iter().map(RawValue::get).collect())
}

/// Takes in lines as they arrive, many at once. All or nothing is not for what has no end.
async fn take_lines(
    intake: &Intake<'_>,
    upload: Upload,
    request: &HttpRequest,
    report: &mut UsageReport,
) -> Result<(), Problem> {
    if intake.whole {
        let detail = say!(
            en "A stream of lines cannot be taken as a whole.",
            fr "Un flux de lignes ne peut être pris en bloc."
        );
        return Err(Problem::bad_request(Fault::query("atomic", "unsupported", detail)));
    }
    let (mut lines, mut index) = (upload.lines(), 0_usize);
    while let Some(chunk) = lines.next(CHUNK_BYTES).await? {
        let text = String::from_utf8_lossy(&chunk);
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let events: Vec<Result<Reported<'_>, Vec<Fault>>> =
            lines.map(|json| read(&intake.app.schemas, json)).collect();
        let told = intake.take(&events).await?;
        report.add(index, told, language_of(request));
        index = index.saturating_add(events.len());
    }
    Ok(())
}

/// A lone event that is not taken is a problem, and so is a batch that wanted all or nothing.
fn refuse(told: &[Told], alone: bool, atomic: bool) -> Result<(), Problem> {
    if !(alone || atomic) || told.iter().all(Told::is_stored) {
        return Ok(());
    }
    let (mut faults, mut conflicts) = (Vec::new(), Vec::new());
    for (index, told) in told.iter().enumerate() {
        let at = if alone { String::new() } else { format!("/{index}") };
        match told {
            Told::Refused(found) => {
                faults.extend(found.iter().cloned().map(|fault| fault.within(&at)));
            }
            Told::Outcome(Outcome::Conflict) => {
                conflicts.extend(told.faults().into_iter().map(|fault| fault.within(&at)));
            }
            Told::Outcome(_) | Told::Unmatched(_) => {}
        }
    }
    if !faults.is_empty() {
        return Err(Problem::invalid(faults));
    }
    let detail = say!(
        en "Another event has this id; nothing was kept.",
        fr "Un autre événement porte cet identifiant ; rien n’a été conservé."
    );
    Err(Problem { errors: conflicts, ..Problem::new(ProblemType::Conflict, detail) })
}

fn not_json(error: &dyn std::fmt::Display) -> Problem {
    let detail = say!(en "This is not JSON: {error}.", fr "Ceci n’est pas du JSON : {error}.");
    Problem::new(ProblemType::MalformedBody, detail)
}
