//! Who a bearer token stands for: a person of ours, a machine, or a person of an outside identity
//! provider.

use jiff::SignedDuration;

use super::jwks::Keys;
use super::outside::{self, NotIdentified, Provider};
use super::permission::{Grant, Role, Scope};
use super::secret::{Token, TokenKind};
use super::{jwt, keyring};
use crate::app::App;
use crate::clock::Time;
use crate::db::api_keys::{self, ApiKeyRow};
use crate::db::identity_providers::{self, IdentityProviderRow};
use crate::db::users::{self, UserRow, UserStatus};
use crate::db::{Db, DbError, sessions};
use crate::id::{PoleId, SessionId};
use crate::outward::{OutwardAddress, Reach};
use crate::problem::{Problem, ProblemType};
use crate::say;

/// How often it is noted that a key was used.
const NOTED: SignedDuration = SignedDuration::from_mins(1);

/// Somebody who is known.
#[derive(Clone, Debug)]
pub(super) struct Known {
    /// The id of a user or of a key.
    pub(super) actor: String,
    pub(super) session: Option<SessionId>,
    pub(super) grants: Vec<Grant>,
    /// What a key is limited to.
    pub(super) scopes: Option<Vec<Scope>>,
    /// From when on it is nobody any more.
    until: Option<Time>,
}

/// A token that was read, as far as that goes without knowing the pole.
pub(super) enum Bearer {
    /// Of a person of ours: it is sound, and of this pole.
    Ours(Box<jwt::Claims>),
    /// Of a machine.
    Key(Token),
    /// Of somebody who claims to be known to this issuer.
    Outside { issuer: String, token: String },
}

impl Bearer {
    /// Reads a token.
    pub(super) async fn read(app: &App, token: &str) -> Result<Self, Problem> {
        if let Some(key) = Token::parse(TokenKind::ApiKey, token) {
            return Ok(Self::Key(key));
        }
        let issuer = outside::claimed_issuer(token).ok_or_else(|| unknown(false))?;
        if issuer != app.public_url {
            return Ok(Self::Outside { issuer, token: token.to_owned() });
        }
        let now = app.now().timestamp();
        let verify = |keys: &Keys| jwt::verify(keys, &app.public_url, token, now);
        let mut verified = verify(&app.keyring.now());
        if verified == Err(jwt::Rejected::UnknownKey) {
            // Another server, or a command, may have made the key.
            verified = verify(&*app.keyring.refreshed(app, keyring::UNKNOWN).await);
        }
        match verified {
            Ok(claims) => Ok(Self::Ours(Box::new(claims))),
            Err(rejected) => Err(unknown(rejected == jwt::Rejected::Expired)),
        }
    }

    /// Who it stands for in a pole.
    pub(super) async fn identify(self, app: &App, pole: &PoleId) -> Result<Known, Problem> {
        let known = match self {
            Self::Ours(claims) => of_session(app, pole, *claims).await?,
            Self::Key(key) => match of_key(app, pole, &key).await? {
                None => return Err(not_here(app, &key).await?),
                known => known,
            },
            Self::Outside { issuer, token } => outsider(app, pole, issuer, &token).await?,
        };
        let now = app.now();
        let known = known.filter(|known| known.until.is_none_or(|until| now < until));
        known.ok_or_else(|| unknown(false))
    }
}

/// The token is sound; but its session may have ended since, and its owner be somebody else now.
async fn of_session(
    app: &App,
    pole: &PoleId,
    claims: jwt::Claims,
) -> Result<Option<Known>, Problem> {
    let name = format!("{pole}/{}", claims.sid);
    if let Some(known) = app.gate.sessions.get(&name) {
        return Ok(known);
    }
    let Ok(session) = claims.sid.parse::<SessionId>() else { return Ok(None) };
    let (pole, now) = (pole.clone(), app.now());
    let find = move |conn: &mut Db| -> Result<Option<Known>, DbError> {
        let row = sessions::find(conn, &pole, &session)?;
        let Some(row) = row.filter(|row| row.is_open(now)) else { return Ok(None) };
        let user = users::find(conn, &pole, &row.user_id)?;
        let known = match user {
            Some(user) if user.user_id.as_str() == claims.sub => person(conn, &user)?,
            _ => None,
        };
        let until = Some(row.expires_at);
        Ok(known.map(|known| Known { session: Some(row.session_id), until, ..known }))
    };
    let known = app.db.read(find).await?;
    app.gate.sessions.put(name, known.clone());
    Ok(known)
}

fn person(conn: &mut Db, user: &UserRow) -> Result<Option<Known>, DbError> {
    if user.status != UserStatus::Active {
        return Ok(None);
    }
    let grants = users::grants(conn, &user.pole_id, &user.user_id)?;
    let actor = user.user_id.to_string();
    Ok(Some(Known { actor, session: None, grants, scopes: None, until: None }))
}

async fn of_key(app: &App, pole: &PoleId, key: &Token) -> Result<Option<Known>, Problem> {
    let hash = app.config.secret.hash_token(key).map_err(|error| Problem::internal(&error))?;
    let name = format!("{pole}/{}", hash.as_str());
    if let Some(known) = app.gate.keys.get(&name) {
        return Ok(known);
    }
    let (asked, now) = (pole.clone(), app.now());
    let find = move |conn: &mut Db| api_keys::find_by_hash(conn, &asked, hash.as_str());
    let row: Option<ApiKeyRow> = app.db.read(find).await?;
    let row = row.filter(|row| row.is_good(now));
    if let Some(row) = &row
        && row.last_used_at.is_none_or(|then| now.since(then) >= NOTED)
    {
        let (pole, key) = (pole.clone(), row.api_key_id.clone());
        app.db.write(move |conn| api_keys::used(conn, &pole, &key, now)).await?;
    }
    let known = row.map(machine);
    app.gate.keys.put(name, known.clone());
    Ok(known)
}

/// What is told of a key that opens nothing in the pole of the address, if that is there at all. One
/// that opens another pole is somebody's, who learns as little as of what does not exist.
pub(super) async fn not_here(app: &App, key: &Token) -> Result<Problem, Problem> {
    let hash = app.config.secret.hash_token(key).map_err(|error| Problem::internal(&error))?;
    let now = app.now();
    let opens = move |conn: &mut Db| api_keys::opens_some_pole(conn, hash.as_str(), now);
    let opens_another = app.db.read(opens).await?;
    Ok(if opens_another { Problem::not_found() } else { unknown(false) })
}

/// A key has the widest role there is for its owner, and is limited to its scopes.
fn machine(row: ApiKeyRow) -> Known {
    let grant = match (row.member_id, row.provider_id) {
        (Some(member), _) => Grant::Member(Role::MemberAdmin, member),
        (None, Some(provider)) => Grant::Provider(provider),
        (None, None) => Grant::Pole(Role::PoleAdmin),
    };
    let scopes = row.scopes.split(' ').filter_map(|scope| scope.parse().ok()).collect();
    Known {
        actor: row.api_key_id.to_string(),
        session: None,
        grants: vec![grant],
        scopes: Some(scopes),
        until: row.expires_at,
    }
}

async fn outsider(
    app: &App,
    pole: &PoleId,
    issuer: String,
    token: &str,
) -> Result<Option<Known>, Problem> {
    let asked = pole.clone();
    let find = move |conn: &mut Db| identity_providers::find_by_issuer(conn, &asked, &issuer);
    let row: Option<IdentityProviderRow> = app.db.read(find).await?;
    let provider = row.and_then(|row| provider(row, app.gate.reach));
    let Some(provider) = provider else { return Ok(None) };
    let identity = app.gate.outside.identify(&provider, token, app.now().timestamp()).await;
    let identity = match identity {
        Ok(identity) => identity,
        Err(NotIdentified::Token(rejected)) => {
            return Err(unknown(rejected == jwt::Rejected::Expired));
        }
        Err(NotIdentified::NoVerifiedEmail) => return Ok(None),
        Err(NotIdentified::Unavailable) => return Err(unavailable()),
    };
    let pole = pole.clone();
    let find = move |conn: &mut Db| -> Result<Option<Known>, DbError> {
        match users::find_by_email(conn, &pole, &identity.email)? {
            Some(user) => person(conn, &user),
            None => Ok(None),
        }
    };
    Ok(app.db.read(find).await?)
}

fn provider(row: IdentityProviderRow, reach: Reach) -> Option<Provider> {
    Some(Provider {
        jwks: OutwardAddress::parse(&row.jwks_url, reach).ok()?,
        algorithms: row.algorithms.split(' ').filter_map(|name| name.parse().ok()).collect(),
        issuer: row.issuer,
        audience: row.audience,
    })
}

/// A token that stands for nobody, here and now.
pub(super) fn unknown(expired: bool) -> Problem {
    let detail = if expired {
        say!(
            en "The access token has expired; refresh it.",
            fr "Le jeton d’accès a expiré ; renouvelez-le."
        )
    } else {
        say!(en "The token is not valid.", fr "Le jeton n’est pas valide.")
    };
    Problem::new(ProblemType::Unauthenticated, detail)
}

fn unavailable() -> Problem {
    let detail = say!(
        en "The identity provider does not answer; try again shortly.",
        fr "Le fournisseur d’identité ne répond pas ; réessayez sous peu."
    );
    let problem = Problem::new(ProblemType::Unavailable, detail);
    Problem { retry_after_seconds: Some(10), ..problem }
}
