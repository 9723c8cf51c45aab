//! Signing in: sessions, the tokens that open and renew them, and the links that are mailed.

use jiff::SignedDuration;
use secrecy::SecretString;

use super::gate::too_many;
use super::jwks::Keys;
use super::secret::{CryptoError, MasterSecret, Token, TokenKind};
use super::{jwt, password};
use crate::app::App;
use crate::clock::Time;
use crate::db::sessions::{self, LinkRow, RefreshRow, SessionRow, SignInMethod};
use crate::db::users::{self, UserRow, UserStatus};
use crate::db::{Db, DbError, attempts};
use crate::id::{PoleId, SessionId, UserId, new_id};
use crate::problem::{Problem, ProblemType};
use crate::say;

/// How long a session may rest before it must be renewed.
const REFRESH: SignedDuration = SignedDuration::from_hours(24 * 30);
/// How long a session lasts, however often it is renewed.
const SESSION: SignedDuration = SignedDuration::from_hours(24 * 90);
/// How long a link is good that somebody asked for.
pub(crate) const LINK: SignedDuration = SignedDuration::from_mins(15);
/// How long a link is good that came unasked, with an invitation.
pub(crate) const INVITATION: SignedDuration = SignedDuration::from_hours(24 * 7);

/// How many attempts an account has before it must wait.
const FREE: i32 = 5;
/// How long it waits then; twice as long each time.
const FIRST_WAIT: SignedDuration = SignedDuration::from_secs(30);
/// How long it waits at most.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_mins(15);
/// After so long without an attempt, what was before is forgotten.
const FORGIVEN: SignedDuration = SignedDuration::from_hours(-24);

/// What is tried with an account: each has its own count, so that guessing a password keeps nobody
/// from signing in by link.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Attempt {
    /// A password.
    Password,
    /// Asking for a link.
    Link,
}

/// A session that was opened or renewed, with its new tokens.
pub(crate) struct Opened {
    pub(crate) access: String,
    /// How long the access token is valid.
    pub(crate) access_seconds: i64,
    pub(crate) refresh: Token,
    pub(crate) refresh_until: Time,
    pub(crate) session: SessionRow,
    pub(crate) user: UserRow,
}

impl App {
    /// Counts an attempt on an account, which need not exist, and refuses it if there were too
    /// many: before the password is looked at, so that many attempts at once gain nothing.
    pub(crate) fn count_attempt(
        &self,
        conn: &mut Db,
        pole: &PoleId,
        (attempt, email): (Attempt, &str),
        now: Time,
    ) -> Result<(), Problem> {
        let account = self.account(attempt, email)?;
        let tried = attempts::count(conn, pole, &account, now, now.plus(FORGIVEN))?;
        if now < tried.blocked_until {
            let seconds = tried.blocked_until.since(now).as_secs();
            return Err(too_many(u64::try_from(seconds).unwrap_or_default().saturating_add(1)));
        }
        if tried.count >= FREE {
            attempts::block(conn, pole, &account, now.plus(wait(tried.count)))?;
        }
        Ok(())
    }

    /// Forgets the attempts on an account, after one that succeeded.
    pub(crate) fn forget_attempts(
        &self,
        conn: &mut Db,
        pole: &PoleId,
        (attempt, email): (Attempt, &str),
    ) -> Result<(), Problem> {
        Ok(attempts::forget(conn, pole, &self.account(attempt, email)?)?)
    }

    /// The name under which attempts are counted: addresses that people mistype are none of ours
    /// to keep.
    fn account(&self, attempt: Attempt, email: &str) -> Result<String, Problem> {
        let text = format!("{attempt:?} {}", users::email_key(email));
        let hash = self.config.secret.hash_text(&text);
        hash.map_err(|error| Problem::internal(&error))
    }

    /// Opens a session.
    pub(crate) fn open_session(
        &self,
        conn: &mut Db,
        keys: &Keys,
        user: UserRow,
        method: SignInMethod,
        now: Time,
    ) -> Result<Opened, Problem> {
        let session = SessionRow {
            pole_id: user.pole_id.clone(),
            session_id: SessionId::new(now),
            user_id: user.user_id.clone(),
            method,
            created_at: now,
            expires_at: now.plus(SESSION),
            revoked_at: None,
        };
        sessions::insert(conn, &session)?;
        self.tokens(conn, keys, session, user, now)
    }

    /// Makes the next tokens of a session.
    pub(crate) fn tokens(
        &self,
        conn: &mut Db,
        keys: &Keys,
        session: SessionRow,
        user: UserRow,
        now: Time,
    ) -> Result<Opened, Problem> {
        let internal = |error: &dyn std::fmt::Display| Problem::internal(error);
        let refresh = Token::generate(TokenKind::Refresh).map_err(|error| internal(&error))?;
        let hash = self.config.secret.hash_token(&refresh).map_err(|error| internal(&error))?;
        let refresh_until = now.plus(REFRESH).min(session.expires_at);
        let row = RefreshRow {
            pole_id: session.pole_id.clone(),
            hash: hash.as_str().to_owned(),
            session_id: session.session_id.clone(),
            created_at: now,
            expires_at: refresh_until,
            used_at: None,
        };
        sessions::insert_refresh(conn, &row)?;
        let grants = users::grants(conn, &user.pole_id, &user.user_id)?;
        let claims = jwt::Claims {
            iss: self.public_url.clone(),
            aud: self.public_url.clone(),
            sub: user.user_id.to_string(),
            iat: now.timestamp().as_second(),
            exp: now.plus(self.config.access).timestamp().as_second(),
            jti: new_id("jti", now),
            sid: session.session_id.to_string(),
            pole: user.pole_id.to_string(),
            grants: grants.iter().map(jwt::Grant::from).collect(),
        };
        let access = jwt::sign(keys, &claims).map_err(|error| internal(&error))?;
        let access_seconds = self.config.access.as_secs();
        Ok(Opened { access, access_seconds, refresh, refresh_until, session, user })
    }
}

/// A new one-time link of a user.
pub(crate) fn new_link(
    conn: &mut Db,
    secret: &MasterSecret,
    user: &UserRow,
    good_for: SignedDuration,
    now: Time,
) -> Result<Token, Problem> {
    let internal = |error: CryptoError| Problem::internal(&error);
    let token = Token::generate(TokenKind::SignInLink).map_err(internal)?;
    let row = LinkRow {
        pole_id: user.pole_id.clone(),
        hash: secret.hash_token(&token).map_err(internal)?.as_str().to_owned(),
        user_id: user.user_id.clone(),
        created_at: now,
        expires_at: now.plus(good_for),
        used_at: None,
    };
    sessions::insert_link(conn, &row)?;
    Ok(token)
}

/// A user who may sign in.
pub(crate) fn active(
    conn: &mut Db,
    pole: &PoleId,
    user: &UserId,
) -> Result<Option<UserRow>, DbError> {
    let user = users::find(conn, pole, user)?;
    Ok(user.filter(|user| user.status == UserStatus::Active))
}

/// What is wrong with a password that somebody wants to have.
pub(crate) fn refuse_weak(
    password: &SecretString,
    user: &UserRow,
    pole: &str,
    pointer: &str,
) -> Result<(), Problem> {
    let text = secrecy::ExposeSecret::expose_secret(password);
    let weak = password::weaknesses(text, &user.email, pole);
    if weak.is_empty() {
        return Ok(());
    }
    let fault = |weakness: password::Weakness| {
        crate::problem::Fault::body(pointer, weakness.code(), weakness.text())
    };
    Err(Problem::invalid(weak.into_iter().map(fault).collect()))
}

/// Whoever cannot sign in learns no more: not whether there is such an account.
pub(crate) fn not_you() -> Problem {
    let detail = say!(
        en "The address or the password is wrong, or the token is no longer good.",
        fr "L’adresse ou le mot de passe est erroné, ou le jeton n’est plus valable."
    );
    Problem::new(ProblemType::Unauthenticated, detail)
}

fn wait(attempts: i32) -> SignedDuration {
    let doublings = u32::try_from(attempts.saturating_sub(FREE)).unwrap_or_default().min(10);
    FIRST_WAIT.checked_mul(1 << doublings).unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_a_quarter_of_an_hour() {
        let waits = [5, 6, 7, 8, 9, 10, 11, 1_000_000].map(|attempts| wait(attempts).as_secs());
        assert_eq!(waits, [30, 60, 120, 240, 480, 900, 900, 900]);
    }
}
