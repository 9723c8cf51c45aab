//! Mails to members, and what became of each.

use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::PolePath;
use crate::auth::{MailsRead, MailsWrite, PoleMay};
use crate::clock::Time;
use crate::db::mails::{self, Filter, MailKind, MailRow, MailState};
use crate::db::poles;
use crate::http::{Answer, At, Body, Input, List, Page, PageQuery, Query};
use crate::id::{JobId, MemberId};
use crate::jobs;
use crate::problem::{Fault, Problem};
use crate::say;
use crate::work::{Changes, Tx};

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(list_mails).service(get_mail).service(send_mail_again).service(report_bounce);
}

/// A page of mails.
type MailList = List<Mail>;

/// Which mail.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "says in the document what addresses have")]
struct MailPath {
    /// The mail's id, which its Message-ID begins with.
    #[param(value_type = String, pattern = "^job_[0-7][0-9a-hjkmnp-tv-z]{25}$", example = "job_01k9gz7v3hf8mv3r0x2p6d9qae")]
    mail: JobId,
}

/// Which mails.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct MailFilter {
    /// To whom.
    #[param(value_type = Option<String>, pattern = "^mbr_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    member: Option<MemberId>,
    /// Where they stand.
    #[param(inline)]
    state: Option<MailState>,
    /// What they tell.
    #[param(inline)]
    kind: Option<MailKind>,
    /// What they are about: the number of a document, the code of a service.
    #[param(max_length = 100, example = "FA-2026-000123")]
    about: Option<String>,
}

/// A mail to a member, and what became of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct Mail {
    /// Its id, which its Message-ID begins with.
    id: JobId,
    /// To whom.
    member: MemberId,
    kind: MailKind,
    /// What it is about: the number of a document, the code of a service.
    #[schema(example = "FA-2026-000123")]
    about: String,
    /// The address it goes to.
    #[schema(format = "email", example = "compta@forge.example")]
    to: String,
    /// Its subject.
    #[schema(example = "Pôle Calcul : facture FA-2026-000123")]
    subject: String,
    state: MailState,
    /// How often it was tried.
    #[schema(example = 1)]
    attempts: i32,
    /// Why the last attempt failed, or why it came back.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "the mail server says 550")]
    error: Option<String>,
    /// When it was written.
    created_at: Time,
    /// When it came to stand where it stands.
    updated_at: Time,
}

impl From<MailRow> for Mail {
    fn from(row: MailRow) -> Self {
        Self {
            id: row.mail_id,
            member: row.member_id,
            kind: row.kind,
            about: row.about,
            to: row.recipient,
            subject: row.subject,
            state: row.state,
            attempts: row.attempts,
            error: Some(row.last_error).filter(|error| !error.is_empty()),
            created_at: row.created_at,
            updated_at: row.updated_at,
        }
    }
}

/// Where a mail goes this time.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "to": "facturation@forge.example" }))]
struct MailAgainInput {
    /// Another address; the same one, if left out.
    #[serde(default)]
    #[schema(
        max_length = 254,
        format = "email",
        nullable = false,
        example = "facturation@forge.example"
    )]
    to: Option<String>,
}

impl Input for MailAgainInput {}

/// Why a mail came back.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "5.1.1 mailbox does not exist" }))]
struct BounceInput {
    /// What the notification says (RFC 3464, `Diagnostic-Code` or `Status`).
    #[schema(max_length = 500, format = "line", example = "5.1.1 mailbox does not exist")]
    reason: String,
}

impl Input for BounceInput {}

/// Lists mails to members, from the latest on.
///
/// Invoices, what is collected of them and what was not, letters about what is late, changes of prices, alerts.
/// Mails that sign people in are their own affair and stand nowhere. What was written more than 400 days ago is
/// forgotten.
#[utoipa::path(
    tag = "mails",
    operation_id = "listMails",
    params(PolePath, PageQuery, MailFilter),
    responses((status = 200, description = "A page of mails.", body = MailList)),
    security(("token" = ["mails:read"])),
)]
#[get("/mails")]
async fn list_mails(
    caller: PoleMay<MailsRead>,
    page: Page,
    filter: Query<MailFilter>,
) -> Result<Answer, Problem> {
    let Query(MailFilter { member, state, kind, about }) = filter;
    let filter = Filter { member, state, kind, about };
    let (after, rows) = (page.after::<String>()?, page.rows());
    let found = caller
        .read(move |conn, pole| Ok(mails::page(conn, pole, &filter, after.as_deref(), rows)?))
        .await?;
    let page = page.list(found, |row| row.mail_id.to_string());
    Answer::ok(&page.try_map(|row| Ok::<_, Problem>(Mail::from(row)))?)
}

/// Reads a mail.
#[utoipa::path(
    tag = "mails",
    operation_id = "getMail",
    params(PolePath, MailPath),
    responses((status = 200, description = "The mail.", body = Mail)),
    security(("token" = ["mails:read"])),
)]
#[get("/mails/{mail}")]
async fn get_mail(caller: PoleMay<MailsRead>, at: At<JobId>) -> Result<Answer, Problem> {
    let found = caller.read(move |conn, pole| Ok(mails::find(conn, pole, &at.0)?)).await?;
    Answer::ok(&Mail::from(found.ok_or_else(Problem::not_found)?))
}

/// Sends a mail again that could not be delivered, to another address if there is one.
///
/// It keeps its id and its Message-ID. The member's particulars stay as they are.
#[utoipa::path(
    tag = "mails",
    operation_id = "sendMailAgain",
    params(PolePath, MailPath),
    request_body = MailAgainInput,
    responses(
        (status = 200, description = "The mail, on its way again.", body = Mail),
        (status = 409, description = "It is on its way, or was taken by a mail server.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["mails:write"])),
)]
#[post("/mails/{mail}/send-again")]
async fn send_mail_again(
    caller: PoleMay<MailsWrite>,
    at: At<JobId>,
    body: Body<MailAgainInput>,
) -> Result<Answer, Problem> {
    let (to, app) = (body.0.to, caller.app.clone());
    let sent = caller
        .write(move |tx| {
            // Of two that ask at once, the other finds it queued.
            poles::hold(tx.conn, tx.pole())?;
            let row = mail(tx, &at.0)?;
            let stopped =
                matches!(row.state, MailState::Refused | MailState::GivenUp | MailState::NotSent);
            if !stopped || !jobs::again(&app, tx, &row.mail_id, to.as_deref())? {
                return Err(not_stopped());
            }
            let recipient = to.unwrap_or_else(|| row.recipient.clone());
            let next = MailRow {
                recipient,
                state: MailState::Queued,
                last_error: String::new(),
                updated_at: tx.at(),
                ..row.clone()
            };
            mails::replace(tx.conn, &next)?;
            let changes = Changes::between(&told(&row), &told(&next));
            Ok(tx.done("mail.sent_again", at.0.as_str(), &changes, next)?)
        })
        .await?;
    Answer::ok(&Mail::from(sent))
}

/// Notes that a mail came back.
///
/// For whoever reads the mailbox that notifications of failure arrive in (RFC 3464), or gets the events
/// of a mail service: the mail's id is what the Message-ID begins with.
#[utoipa::path(
    tag = "mails",
    operation_id = "reportMailBounce",
    params(PolePath, MailPath),
    request_body = BounceInput,
    responses(
        (status = 200, description = "The mail as it stands now.", body = Mail),
        (status = 409, description = "No mail server has taken it yet.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["mails:write"])),
)]
#[post("/mails/{mail}/bounce")]
async fn report_bounce(
    caller: PoleMay<MailsWrite>,
    at: At<JobId>,
    body: Body<BounceInput>,
) -> Result<Answer, Problem> {
    let reason = body.0.reason;
    let bounced = caller
        .write(move |tx| {
            let row = mail(tx, &at.0)?;
            match row.state {
                MailState::Bounced if row.last_error == reason => return Ok(tx.unchanged(row)),
                MailState::Sent | MailState::Bounced => {}
                _ => return Err(not_sent()),
            }
            let next = MailRow {
                state: MailState::Bounced,
                last_error: reason,
                updated_at: tx.at(),
                ..row.clone()
            };
            mails::replace(tx.conn, &next)?;
            let changes = Changes::between(&told(&row), &told(&next));
            Ok(tx.done("mail.bounced", at.0.as_str(), &changes, next)?)
        })
        .await?;
    Answer::ok(&Mail::from(bounced))
}

fn mail(tx: &mut Tx<'_>, id: &JobId) -> Result<MailRow, Problem> {
    mails::find(tx.conn, tx.pole(), id)?.ok_or_else(Problem::not_found)
}

/// What the audit log keeps of a mail: nobody's address.
fn told(row: &MailRow) -> serde_json::Value {
    serde_json::json!({ "state": row.state, "error": row.last_error })
}

fn not_stopped() -> Problem {
    let detail = say!(
        en "It is on its way, or a mail server has taken it: there is nothing to send again.",
        fr "Il est en cours d’envoi, ou un serveur l’a accepté : rien à renvoyer."
    );
    Problem::conflict(Fault::body("", "not_stopped", detail))
}

fn not_sent() -> Problem {
    let detail = say!(
        en "No mail server has taken it yet: it cannot have come back.",
        fr "Aucun serveur ne l’a encore accepté : il ne peut pas être revenu."
    );
    Problem::conflict(Fault::body("", "not_sent", detail))
}
