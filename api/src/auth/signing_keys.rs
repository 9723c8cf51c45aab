//! The keys that sign access tokens, as the database keeps them.

use diesel::prelude::*;
use jiff::SignedDuration;
use secrecy::ExposeSecret as _;

use super::jwks::{KeyFault, Keys, SigningKey, VerifyingKey};
use super::secret::{CryptoError, MasterSecret};
use crate::app::StartError;
use crate::clock::Time;
use crate::db::schema::signing_keys;
use crate::db::{Database, Db, DbError};

/// How long a retired key is believed: longer than any token it can have signed is valid.
const BELIEVED: SignedDuration = SignedDuration::from_hours(24);

/// A row of `signing_keys`.
#[derive(Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = signing_keys)]
struct KeyRow {
    kid: String,
    wrapped: Option<Vec<u8>>,
    public: Vec<u8>,
    created_at: Time,
    retired_at: Option<Time>,
}

/// What can go wrong with keys.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SigningKeyError {
    /// The database.
    #[error(transparent)]
    Database(#[from] DbError),
    /// A key of no use.
    #[error(transparent)]
    Key(#[from] KeyFault),
    /// The deployment's secret is another than the one the keys were encrypted with.
    #[error("the deployment's secret does not open them: is it the one they were made with?")]
    Secret(#[from] CryptoError),
}

impl From<diesel::result::Error> for SigningKeyError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Database(error.into())
    }
}

impl From<SigningKeyError> for StartError {
    fn from(error: SigningKeyError) -> Self {
        match error {
            SigningKeyError::Database(error) => Self::Database(error),
            other => Self::Keys(other.to_string()),
        }
    }
}

/// The keys there are; at the first start, a new one.
pub(crate) fn load_or_make(
    db: &Database,
    secret: &MasterSecret,
    now: Time,
) -> Result<Keys, SigningKeyError> {
    db.write_now(|conn| match load(conn, secret)? {
        Some(keys) => Ok(keys),
        None => rotate(conn, secret, now),
    })
}

/// Makes a new key; the one before signs no more and is believed until its tokens have expired.
pub(crate) fn rotate(
    conn: &mut Db,
    secret: &MasterSecret,
    now: Time,
) -> Result<Keys, SigningKeyError> {
    let (key, private) = SigningKey::generate()?;
    diesel::update(signing_keys::table.filter(signing_keys::retired_at.is_null()))
        .set((signing_keys::retired_at.eq(Some(now)), signing_keys::wrapped.eq(None::<Vec<u8>>)))
        .execute(conn)?;
    let row = KeyRow {
        kid: key.kid().to_owned(),
        wrapped: Some(secret.wrap(&place(key.kid()), private.expose_secret())?),
        public: key.verifying().public_bytes()?,
        created_at: now,
        retired_at: None,
    };
    diesel::insert_into(signing_keys::table).values(&row).execute(conn)?;
    load(conn, secret)?.ok_or(SigningKeyError::Key(KeyFault::Unusable))
}

/// The keys of the database, if it has one that signs.
pub(crate) fn load(conn: &mut Db, secret: &MasterSecret) -> Result<Option<Keys>, SigningKeyError> {
    let rows: Vec<KeyRow> = signing_keys::table
        .order(signing_keys::created_at.desc())
        .select(KeyRow::as_select())
        .load(conn)?;
    let (mut active, mut retired) = (None, Vec::new());
    for row in rows {
        match (&row.wrapped, row.retired_at) {
            (Some(wrapped), None) if active.is_none() => {
                let private = secret.unwrap(&place(&row.kid), wrapped)?;
                active = Some(SigningKey::from_pkcs8(private.expose_secret())?);
            }
            (_, since) => {
                let until = since.unwrap_or(row.created_at).plus(BELIEVED);
                retired.push(VerifyingKey::new(&row.public)?.until(until.timestamp()));
            }
        }
    }
    Ok(active.map(|active| Keys::new(active, retired)))
}

fn place(kid: &str) -> String {
    format!("signing_keys/{kid}")
}
