//! Signing in and out.

use actix_web::{HttpRequest, delete, post};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::PolePath;
use crate::auth::sign_in::{Attempt, Opened, active, not_you};
use crate::auth::{Caller, Token, TokenKind, Visitor, keyring};
use crate::clock::Time;
use crate::db::sessions::{self, SignInMethod};
use crate::db::users;
use crate::db::{Db, DbError};
use crate::http::{Answer, Body, Input};
use crate::id::{SessionId, UserId};
use crate::jobs::{self, Job};
use crate::problem::Problem;
use crate::say;
use crate::work::{Author, Changes};

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(create_session)
        .service(redeem_sign_in_link)
        .service(refresh_session)
        .service(end_session)
        .service(request_sign_in_link);
}

/// Whoever signs in with a password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordSignInInput {
    #[schema(max_length = 254, format = "email", example = "jeanne@forge.example")]
    email: String,
    #[schema(value_type = String, min_length = 1, max_length = 1024, format = "password", example = "four calm grey herons")]
    password: SecretString,
}

impl Input for PasswordSignInInput {}

/// A one-time token from a mail.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct LinkSignInInput {
    #[schema(value_type = String, min_length = 1, max_length = 200, example = "plr_link_…")]
    token: SecretString,
}

impl Input for LinkSignInInput {}

/// A token that renews a session.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct RefreshInput {
    #[schema(value_type = String, min_length = 1, max_length = 200, example = "plr_refresh_…")]
    refresh_token: SecretString,
}

impl Input for RefreshInput {}

/// Who wants a link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignInLinkInput {
    #[schema(max_length = 254, format = "email", example = "jeanne@forge.example")]
    email: String,
}

impl Input for SignInLinkInput {}

/// An open session and its tokens.
#[derive(Serialize, ToSchema)]
pub(crate) struct Session {
    id: SessionId,
    user_id: UserId,
    /// Goes with each request: `Authorization: Bearer …`.
    access_token: String,
    #[schema(example = "Bearer")]
    token_type: &'static str,
    /// For how many seconds the access token is good.
    #[schema(minimum = 1, example = 900)]
    expires_in: i64,
    /// Renews the session, once: each renewal gives another.
    refresh_token: String,
    /// Until when it must have been renewed.
    refresh_expires_at: Time,
    /// When it ends, however often it is renewed.
    expires_at: Time,
}

impl From<Opened> for Session {
    fn from(opened: Opened) -> Self {
        Self {
            id: opened.session.session_id,
            user_id: opened.user.user_id,
            access_token: opened.access,
            token_type: "Bearer",
            expires_in: opened.access_seconds,
            refresh_token: opened.refresh.reveal().to_owned(),
            refresh_expires_at: opened.refresh_until,
            expires_at: opened.session.expires_at,
        }
    }
}

/// Signs in with a password.
///
/// After five attempts an account must wait before each further one: half a minute, then twice as
/// long each time, up to a quarter of an hour. Meanwhile a link by mail still works.
#[utoipa::path(
    tag = "sessions",
    operation_id = "createSession",
    params(PolePath),
    request_body = PasswordSignInInput,
    responses(
        (status = 201, description = "The session.", body = Session),
        (status = 401, description = "The address or the password is wrong."),
        (status = 429, description = "Too many attempts; `Retry-After` says when to try again."),
    ),
)]
#[post("/sessions")]
async fn create_session(
    visitor: Visitor,
    request: HttpRequest,
    body: Body<PasswordSignInInput>,
) -> Result<Answer, Problem> {
    let (app, Body(input)) = (visitor.app.clone(), body);
    app.gate.admit(&request)?;
    let now = app.now();
    let pole = visitor.pole.pole_id.clone();
    let (tried, email) = (app.clone(), input.email.clone());
    let found = app
        .db
        .write(move |conn| {
            tried.count_attempt(conn, &pole, (Attempt::Password, &email), now)?;
            Ok::<_, Problem>(users::find_by_email(conn, &pole, &email)?)
        })
        .await?;
    let hash = found.as_ref().and_then(|user| user.password_hash.clone());
    let verdict = app.gate.verify(input.password.clone(), hash).await?;
    let found = found.filter(|_| verdict.is_right());
    let user = found.ok_or_else(not_you)?.user_id;
    let fresh_hash =
        if verdict.is_outdated() { Some(app.gate.hash(input.password).await?) } else { None };
    let (db, pole) = (app.db.clone(), visitor.pole.clone());
    let keys = app.keyring.refreshed(&app, keyring::USUAL).await;
    let author = visitor.author(user.as_str());
    let opened = db.write(move |conn| {
        let user = active(conn, &pole.pole_id, &user)?.ok_or_else(not_you)?;
        app.forget_attempts(conn, &pole.pole_id, (Attempt::Password, &input.email))?;
        if let Some(hash) = fresh_hash {
            users::set_password(conn, &pole.pole_id, &user.user_id, &hash)?;
        }
        author.write(conn, |tx| {
            let opened = app.open_session(tx.conn, &keys, user, SignInMethod::Password, tx.at())?;
            let id = opened.session.session_id.to_string();
            Ok::<_, Problem>(tx.done("session.opened", &id, &by("password"), opened)?)
        })
    });
    Answer::with(actix_web::http::StatusCode::CREATED, &Session::from(opened.await?))
}

/// Signs in with a one-time token from a mail.
#[utoipa::path(
    tag = "sessions",
    operation_id = "redeemSignInLink",
    params(PolePath),
    request_body = LinkSignInInput,
    responses(
        (status = 201, description = "The session.", body = Session),
        (status = 401, description = "The token was used, is too old, or is none."),
        (status = 429, description = "Too many attempts; `Retry-After` says when to try again."),
    ),
)]
#[post("/sessions/link")]
async fn redeem_sign_in_link(
    visitor: Visitor,
    request: HttpRequest,
    body: Body<LinkSignInInput>,
) -> Result<Answer, Problem> {
    let (app, Body(input)) = (visitor.app.clone(), body);
    app.gate.admit(&request)?;
    let now = app.now();
    let hash = app.hash_of(TokenKind::SignInLink, &input.token)?;
    let (db, pole) = (app.db.clone(), visitor.pole.clone());
    let keys = app.keyring.refreshed(&app, keyring::USUAL).await;
    let opened = db.write(move |conn| {
        let pole = &pole.pole_id;
        let user = sessions::use_link(conn, pole, &hash, now)?.ok_or_else(not_you)?;
        let user = active(conn, pole, &user)?.ok_or_else(not_you)?;
        // Whoever has the mailbox has the account: earlier links in it need not work any more.
        sessions::use_links_of(conn, pole, &user.user_id, now)?;
        app.forget_attempts(conn, pole, (Attempt::Link, &user.email))?;
        visitor.author(user.user_id.as_str()).write(conn, |tx| {
            let opened = app.open_session(tx.conn, &keys, user, SignInMethod::Link, tx.at())?;
            let id = opened.session.session_id.to_string();
            Ok::<_, Problem>(tx.done("session.opened", &id, &by("link"), opened)?)
        })
    });
    Answer::with(actix_web::http::StatusCode::CREATED, &Session::from(opened.await?))
}

/// Renews a session.
///
/// A refresh token works once. If it comes a second time, it was stolen, or whoever stole it was
/// faster: the whole session ends.
#[utoipa::path(
    tag = "sessions",
    operation_id = "refreshSession",
    params(PolePath),
    request_body = RefreshInput,
    responses(
        (status = 200, description = "The session, with new tokens.", body = Session),
        (status = 401, description = "The token was used, is too old, or is none."),
        (status = 429, description = "Too many attempts; `Retry-After` says when to try again."),
    ),
)]
#[post("/sessions/refresh")]
async fn refresh_session(
    visitor: Visitor,
    request: HttpRequest,
    body: Body<RefreshInput>,
) -> Result<Answer, Problem> {
    let (app, Body(input)) = (visitor.app.clone(), body);
    app.gate.admit(&request)?;
    let now = app.now();
    let hash = app.hash_of(TokenKind::Refresh, &input.refresh_token)?;
    let keys = app.keyring.refreshed(&app, keyring::USUAL).await;
    let server = app.clone();
    let renewed = app.db.write(move |conn| -> Result<Option<Opened>, Problem> {
        let pole = &visitor.pole.pole_id;
        let Some(token) = sessions::find_refresh(conn, pole, &hash)? else { return Ok(None) };
        let Some(session) = sessions::find(conn, pole, &token.session_id)? else { return Ok(None) };
        if !sessions::use_refresh(conn, pole, &hash, now)? {
            // Nothing is renewed, and that the session has ended must stay written.
            let author = visitor.author(session.user_id.as_str());
            revoke(conn, &author, &session.session_id, &by("reuse"))?;
            return Ok(None);
        }
        let user = active(conn, pole, &session.user_id)?;
        let Some(user) = user.filter(|_| now < token.expires_at && session.is_open(now)) else {
            return Ok(None);
        };
        Ok(Some(server.tokens(conn, &keys, session, user, now)?))
    });
    let renewed = renewed.await?;
    if renewed.is_none() {
        app.gate.forget();
    }
    Answer::ok(&Session::from(renewed.ok_or_else(not_you)?))
}

/// Signs out: the session ends, and its tokens are no longer good.
#[utoipa::path(
    tag = "sessions",
    operation_id = "endSession",
    params(PolePath),
    responses(
        (status = 204, description = "It has ended."),
        (status = 409, description = "The token belongs to no session: an API key.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = [])),
)]
#[delete("/sessions/current")]
async fn end_session(caller: Caller) -> Result<Answer, Problem> {
    let session = caller.session.clone().ok_or_else(no_session)?;
    caller
        .write(move |tx| {
            let at = tx.at();
            if sessions::revoke(tx.conn, tx.pole(), &session, at)? {
                return Ok(tx.done("session.ended", session.as_str(), &Changes::none(), ())?);
            }
            Ok(tx.unchanged(()))
        })
        .await?;
    caller.app.gate.forget();
    Ok(Answer::nothing())
}

/// Mails a one-time sign-in link.
///
/// The answer is the same whether anybody has the address or not.
#[utoipa::path(
    tag = "sessions",
    operation_id = "requestSignInLink",
    params(PolePath),
    request_body = SignInLinkInput,
    responses(
        (status = 202, description = "If somebody has the address, a mail is on its way."),
        (status = 429, description = "Too many attempts; `Retry-After` says when to try again."),
    ),
)]
#[post("/sessions/sign-in-links")]
async fn request_sign_in_link(
    visitor: Visitor,
    request: HttpRequest,
    body: Body<SignInLinkInput>,
) -> Result<Answer, Problem> {
    let (app, Body(SignInLinkInput { email })) = (visitor.app.clone(), body);
    app.gate.admit(&request)?;
    let (server, author) = (app.clone(), visitor.author("visitor"));
    let ask = move |conn: &mut Db| {
        let pole = author.pole.clone();
        server.count_attempt(conn, &pole, (Attempt::Link, &email), author.at)?;
        author.write(conn, |tx| {
            jobs::enqueue(&server, tx, &Job::SignInLink { pole, email })?;
            Ok::<_, Problem>(tx.unchanged(()))
        })
    };
    app.db.write(ask).await?;
    app.wake.notify_one();
    Ok(Answer { status: actix_web::http::StatusCode::ACCEPTED, ..Answer::nothing() })
}

/// Ends a session, if it has not ended yet.
fn revoke(
    conn: &mut Db,
    author: &Author,
    session: &SessionId,
    why: &Changes,
) -> Result<(), DbError> {
    author.write(conn, |tx| {
        if sessions::revoke(tx.conn, &author.pole, session, author.at)? {
            return tx.done("session.revoked", session.as_str(), why, ());
        }
        Ok(tx.unchanged(()))
    })
}

/// How a session began or ended, for the audit log.
fn by(how: &str) -> Changes {
    Changes::made(&serde_json::json!({ "by": how }))
}

fn no_session() -> Problem {
    Problem::state(say!(
        en "This token belongs to no session of ours; there is nothing to sign out of.",
        fr "Ce jeton n’appartient à aucune de nos sessions ; il n’y a pas de quoi se déconnecter."
    ))
}

impl Visitor {
    /// The visitor, who has turned out to be somebody.
    fn author(&self, actor: &str) -> Author {
        let (pole, request) = (self.pole.pole_id.clone(), self.request.clone());
        Author::new(pole, actor.to_owned(), request, self.app.now())
    }
}

impl crate::app::App {
    /// What the database has of a token; one that is none could not sign anybody in.
    fn hash_of(&self, kind: TokenKind, text: &SecretString) -> Result<String, Problem> {
        let text = secrecy::ExposeSecret::expose_secret(text);
        let token = Token::parse(kind, text).ok_or_else(not_you)?;
        let hash = self.config.secret.hash_token(&token);
        Ok(hash.map_err(|error| Problem::internal(&error))?.as_str().to_owned())
    }
}
