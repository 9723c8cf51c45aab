//! Who is calling, and what they may do.
//!
//! A person signs in and gets a short-lived access token; a machine has an API key; a pole may
//! accept the tokens of an outside identity provider. Each becomes a [`Caller`] with grants, and
//! a handler asks for what it needs by the type of its first argument: `May<MembersRead>`.

mod caller;
mod jwks;
mod jwt;
mod outside;
mod password;
mod permission;
mod secret;

pub(crate) mod signing_keys;

pub(crate) use caller::{Caller, May, PoleMay, Visitor};
pub(crate) use jwks::Keys;
pub(crate) use permission::*;
pub(crate) use secret::MasterSecret;

use jiff::SignedDuration;

use crate::app::App;
use crate::db::poles::PoleRow;
use crate::id::{SessionId, UserId, new_id};

/// How long an access token is valid.
pub(crate) const ACCESS: SignedDuration = SignedDuration::from_mins(15);

/// An access token of a pole's administrator, for the command that made the pole.
pub(crate) fn first_token(app: &App, pole: &PoleRow) -> Result<String, String> {
    let now = app.now();
    let claims = jwt::Claims {
        iss: app.public_url.clone(),
        aud: app.public_url.clone(),
        sub: UserId::new(now).to_string(),
        iat: now.timestamp().as_second(),
        exp: now.plus(ACCESS).timestamp().as_second(),
        jti: new_id("jti", now),
        sid: SessionId::new(now).to_string(),
        pole: pole.pole_id.to_string(),
        grants: vec![jwt::Grant {
            role: Role::PoleAdmin.as_str().to_owned(),
            member: None,
            provider: None,
        }],
    };
    jwt::sign(&app.keys(), &claims).map_err(|error| error.to_string())
}
