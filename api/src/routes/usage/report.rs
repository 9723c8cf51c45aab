//! Reporting usage.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, post};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::PolePath;
use super::cloud_events;
use super::lines::CHUNK_BYTES;
use super::objects::{UsageEventsInput, UsageReport};
use super::reading::events;
use super::upload::{self, Form, Upload};
use crate::auth::{May, UsageWrite};
use crate::http::{Answer, Query, language_of};
use crate::metering::Outcome;
use crate::metering::intake::{Explainer, Intake, Told};
use crate::problem::{Fault, FaultPlace, Problem, ProblemType};
use crate::say;
use crate::text::Language;

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
/// as they arrive, of which faults are told by their line; each event of at most 64,000 bytes; or `CloudEvents` 1.0 in any of its modes, with the meter in `type`, the member in
/// `subject`, and `quantity` and properties in `data`; its event is known as `source#id`.
///
/// An answer of 2xx means that what it calls accepted is on disk. Events that cannot be taken do not
/// keep others from being taken, unless `atomic` says so; a lone event that cannot be is answered
/// with the problem itself. An event of an unknown member or meter, or of a member without a
/// subscription, is kept as `unmatched` where the pole's `unmatched_usage` says so, and counts once
/// that is mended; `atomic` refuses it. Members report for themselves, providers for their services, the
/// pole for all. Where a stream of lines cannot go on, the problem says from which line on nothing was
/// taken in. Send it again whenever you are in doubt: an event counts once.
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
        take_lines(&intake, upload, language, &mut report).await?;
    } else {
        let (body, room) = upload.whole(&caller.app.metering.rooms).await?;
        let (alone, events) = events(form, &caller.app.schemas, &request, upload::text(&body)?)?;
        let told = intake.take(&events, room).await?.into_iter();
        let told: Vec<_> = told.map(|told| told.located(|fault| located(form, fault))).collect();
        refuse(&told, alone, atomic)?;
        report.add(0, told, language);
    }
    let status = if report.is_whole() { StatusCode::OK } else { StatusCode::MULTI_STATUS };
    Answer::with(status, &report)
}

/// A fault of an event, where it is in the form that it came in.
fn located(form: Form, fault: Fault) -> Fault {
    match form {
        Form::Json | Form::Lines => fault,
        Form::CloudEvent | Form::CloudEvents => cloud_events::located(fault),
        Form::CloudEventData => cloud_events::located_in_request(cloud_events::located(fault)),
    }
}

/// Takes in lines as they arrive, many at once. All or nothing is not for what has no end.
async fn take_lines(
    intake: &Intake<'_>,
    upload: Upload,
    language: Language,
    report: &mut UsageReport,
) -> Result<(), Problem> {
    if intake.whole {
        let detail = say!(
            en "A stream of lines cannot be taken as a whole.",
            fr "Un flux de lignes ne peut être pris en bloc."
        );
        return Err(Problem::bad_request(Fault::query("atomic", "unsupported", detail)));
    }
    let mut explainer = Explainer::new(&intake.app.schemas, UsageReport::LISTED);
    let rooms = &intake.app.metering.rooms;
    let (mut lines, first) = upload.lines(rooms).await?;
    let (mut first, mut index) = (Some(first), 0_usize);
    loop {
        // Of a stream that cannot go on, what was taken in stays in.
        let from = lines.given().saturating_add(1);
        let stopped = |problem: Problem| if from > 1 { stopped(problem, from) } else { problem };
        // Whoever was let in goes on when it is their turn: not reading on is what slows a sender.
        let mut room = match first.take() {
            Some(room) => room,
            None => rooms.wait(CHUNK_BYTES).await.map_err(stopped)?,
        };
        let Some(chunk) = lines.next().await.map_err(stopped)? else { return Ok(()) };
        room.measured(chunk.bytes());
        let (mut numbers, mut events) = (Vec::new(), Vec::new());
        for (number, line) in chunk.lines() {
            numbers.push(number);
            let read = line.map_err(|fault| vec![fault]);
            events.push(read.and_then(|json| explainer.read(json)));
        }
        let told = intake.take(&events, room).await.map_err(stopped)?;
        report.add_lines(index, &numbers, told, language);
        index = index.saturating_add(events.len());
    }
}

/// The same problem, with the line from which on nothing was taken in.
fn stopped(mut problem: Problem, line: u64) -> Problem {
    let detail = say!(
        en "Lines before this one were taken in; send it again from here, or all of it.",
        fr "Les lignes précédentes ont été prises ; renvoyez la suite à partir d’ici, ou le tout."
    );
    let place = FaultPlace::File { line: Some(line), column: None };
    problem.errors.push(Fault { place, code: "not_taken", detail });
    problem
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
        faults.truncate(UsageReport::LISTED);
        return Err(Problem::invalid(faults));
    }
    let detail = say!(
        en "Another event has this id; nothing was kept.",
        fr "Un autre événement porte cet identifiant ; rien n’a été conservé."
    );
    Err(Problem { errors: conflicts, ..Problem::new(ProblemType::Conflict, detail) })
}
