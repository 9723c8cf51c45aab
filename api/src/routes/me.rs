//! Who is calling.

use actix_web::{get, post};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::PolePath;
use super::users::GrantInput;
use crate::auth::sign_in::{self, Attempt};
use crate::auth::{Caller, Scope};
use crate::db::poles::WrittenLanguage;
use crate::db::sessions::SignInMethod;
use crate::db::users::{self, UserRow};
use crate::db::{Db, api_keys, sessions};
use crate::http::{Answer, Body, Input};
use crate::id::{MemberId, PoleId, ProviderId, UserId};
use crate::problem::{Fault, Problem};
use crate::say;
use crate::work::Changes;

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(get_me).service(change_password);
}

/// Who a token stands for.
#[derive(Serialize, ToSchema)]
struct Me {
    /// The id of a user or of an API key.
    #[schema(example = "usr_01k9gz7v3hf8mv3r0x2p6d9qae")]
    id: String,
    kind: MeKind,
    pole_id: PoleId,
    /// What they are called.
    #[schema(example = "Jeanne Martin")]
    name: String,
    /// Of a user.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, format = "email", example = "jeanne@forge.example")]
    email: Option<String>,
    /// Of a user.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    language: Option<WrittenLanguage>,
    /// Whether a user has a password.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    has_password: Option<bool>,
    /// What a user is.
    grants: Vec<GrantInput>,
    /// The member that a key belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    member: Option<MemberId>,
    /// The provider that a key belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    provider: Option<ProviderId>,
    /// What they may do, for what is theirs.
    scopes: Vec<Scope>,
}

/// A person or a machine.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum MeKind {
    User,
    ApiKey,
}

/// A new password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordInput {
    /// The password so far. It may be left out within a quarter of an hour of signing in by link,
    /// which is also how a first password is chosen.
    #[serde(default)]
    #[schema(value_type = Option<String>, nullable = false, min_length = 1, max_length = 1024, format = "password")]
    current_password: Option<SecretString>,
    /// At least 12 characters, none of the usual ones, without one's own name.
    #[schema(value_type = String, min_length = 1, max_length = 1024, format = "password", example = "four calm grey herons")]
    new_password: SecretString,
}

impl Input for PasswordInput {}

/// Who the token stands for, and what it may do.
#[utoipa::path(
    tag = "users",
    operation_id = "getMe",
    params(PolePath),
    responses((status = 200, description = "Who is calling.", body = Me)),
    security(("token" = [])),
)]
#[get("/me")]
async fn get_me(caller: Caller) -> Result<Answer, Problem> {
    let who = caller.clone();
    Answer::ok(&caller.read(move |conn, pole| me(conn, pole, &who)).await?)
}

fn me(conn: &mut Db, pole: &PoleId, caller: &Caller) -> Result<Me, Problem> {
    let scopes = Scope::ALL.iter().copied().filter(|scope| caller.reach(*scope).is_some());
    let nobody = Me {
        id: caller.actor.clone(),
        kind: MeKind::ApiKey,
        pole_id: pole.clone(),
        name: String::new(),
        email: None,
        language: None,
        has_password: None,
        grants: Vec::new(),
        member: None,
        provider: None,
        scopes: scopes.collect(),
    };
    if let Ok(user) = caller.actor.parse() {
        let user = users::find(conn, pole, &user)?.ok_or_else(Problem::not_found)?;
        return Ok(Me {
            kind: MeKind::User,
            name: user.name,
            email: Some(user.email),
            language: Some(user.language),
            has_password: Some(user.password_hash.is_some()),
            grants: caller.grants.iter().map(GrantInput::from).collect(),
            ..nobody
        });
    }
    let key = caller.actor.parse().map_err(|_| Problem::not_found())?;
    let key = api_keys::find(conn, pole, &key)?.ok_or_else(Problem::not_found)?;
    Ok(Me { name: key.name, member: key.member_id, provider: key.provider_id, ..nobody })
}

/// Chooses a password. Every other session ends.
#[utoipa::path(
    tag = "users",
    operation_id = "changePassword",
    params(PolePath),
    request_body = PasswordInput,
    responses(
        (status = 204, description = "It is the password from now on."),
        (status = 429, description = "Too many attempts; `Retry-After` says when to try again."),
    ),
    security(("token" = [])),
)]
#[post("/me/password")]
async fn change_password(caller: Caller, body: Body<PasswordInput>) -> Result<Answer, Problem> {
    let Body(input) = body;
    let user = own(&caller).await?;
    sign_in::refuse_weak(&input.new_password, &user, &caller.pole.name, "/new_password")?;
    prove(&caller, &user, input.current_password).await?;
    let hash = caller.app.gate.hash(input.new_password).await?;
    let session = caller.session.clone();
    caller
        .write(move |tx| {
            let (pole, at) = (tx.pole(), tx.at());
            users::set_password(tx.conn, pole, &user.user_id, &hash)?;
            sessions::revoke_all(tx.conn, pole, &user.user_id, session.as_ref(), at)?;
            sessions::use_links_of(tx.conn, pole, &user.user_id, at)?;
            let id = user.user_id.as_str();
            Ok(tx.done("user.password_changed", id, &Changes::none(), ())?)
        })
        .await?;
    caller.app.gate.forget();
    Ok(Answer::nothing())
}

/// The user who calls.
async fn own(caller: &Caller) -> Result<UserRow, Problem> {
    let user: UserId = caller.actor.parse().map_err(|_| Problem::forbidden())?;
    let found = caller.read(move |conn, pole| Ok(users::find(conn, pole, &user)?)).await?;
    found.ok_or_else(Problem::not_found)
}

/// Whoever finds a screen unlocked must not be able to take the account with it.
async fn prove(
    caller: &Caller,
    user: &UserRow,
    current: Option<SecretString>,
) -> Result<(), Problem> {
    let (Some(hash), Some(current)) = (user.password_hash.clone(), current) else {
        return if came_by_link(caller).await? { Ok(()) } else { Err(prove_first()) };
    };
    let (app, email, now) = (caller.app.clone(), user.email.clone(), caller.now());
    let (server, pole, tried) = (app.clone(), caller.pole_id(), email.clone());
    app.db
        .write(move |conn| server.count_attempt(conn, &pole, (Attempt::Password, &tried), now))
        .await?;
    if !app.gate.verify(current, Some(hash)).await?.is_right() {
        return Err(wrong());
    }
    let (server, pole) = (app.clone(), caller.pole_id());
    app.db.write(move |conn| server.forget_attempts(conn, &pole, (Attempt::Password, &email))).await
}

/// Whether the session was opened by link a moment ago: who forgot the password does that.
async fn came_by_link(caller: &Caller) -> Result<bool, Problem> {
    let (Some(session), now) = (caller.session.clone(), caller.now()) else { return Ok(false) };
    let row = caller.read(move |conn, pole| Ok(sessions::find(conn, pole, &session)?)).await?;
    Ok(row.is_some_and(|row| {
        row.method == SignInMethod::Link && now.since(row.created_at) < sign_in::LINK
    }))
}

fn wrong() -> Problem {
    let detail = say!(
        en "This is not your password.", fr "Ce n’est pas votre mot de passe."
    );
    Problem::invalid(vec![Fault::body("/current_password", "password", detail)])
}

fn prove_first() -> Problem {
    let detail = say!(
        en "Give your password, or sign in by link and try again within a quarter of an hour.",
        fr "Indiquez votre mot de passe, ou connectez-vous par lien et réessayez dans le quart d’heure."
    );
    Problem::invalid(vec![Fault::body("/current_password", "required", detail)])
}
