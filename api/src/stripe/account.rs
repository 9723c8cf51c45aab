//! The account at Stripe by which a pole collects: its keys, which nobody reads again, and what it is
//! used for.

use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::{Stripe, Trouble};
use crate::app::App;
use crate::auth::MasterSecret;
use crate::db::stripe::{self, AccountRow};
use crate::db::{Db, DbError};
use crate::id::PoleId;
use crate::routes::StripeAccountInput;

/// What lets Palier in, and lets it believe what comes.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    pub(crate) secret_key: SecretString,
    /// What webhooks are signed with; two while one is replaced.
    pub(crate) webhook_secrets: Vec<SecretString>,
}

/// As they are kept, encrypted.
#[derive(Serialize, Deserialize)]
struct Plain {
    secret_key: String,
    webhook_secrets: Vec<String>,
}

impl Keys {
    /// As the database keeps them.
    pub(crate) fn wrapped(
        &self,
        secret: &MasterSecret,
        pole: &PoleId,
    ) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
        let plain = Plain {
            secret_key: self.secret_key.expose_secret().to_owned(),
            webhook_secrets: self.webhooks().map(str::to_owned).collect(),
        };
        Ok(secret.wrap(&place(pole), &serde_json::to_vec(&plain)?)?)
    }

    /// What webhooks are signed with.
    pub(super) fn webhooks(&self) -> impl Iterator<Item = &str> {
        self.webhook_secrets.iter().map(ExposeSecret::expose_secret)
    }
}

fn place(pole: &PoleId) -> String {
    format!("stripe_accounts/{pole}")
}

/// The account of a pole, opened.
pub(crate) struct Account {
    pub(crate) row: AccountRow,
    pub(crate) settings: StripeAccountInput,
    pub(crate) keys: Keys,
}

impl Account {
    /// That of a pole, if it has one.
    ///
    /// # Errors
    /// The database's; keys that were wrapped with another secret.
    pub(crate) fn of(app: &App, conn: &mut Db, pole: &PoleId) -> Result<Option<Self>, DbError> {
        stripe::account(conn, pole)?.map(|row| Self::open(app, row)).transpose()
    }

    /// Opens a row.
    ///
    /// # Errors
    /// As [`of`](Self::of).
    pub(crate) fn open(app: &App, row: AccountRow) -> Result<Self, DbError> {
        let unreadable = |what: &dyn std::fmt::Display| DbError::Unreadable {
            table: "stripe_accounts",
            id: row.pole_id.to_string(),
            what: what.to_string(),
        };
        let plain = app.config.secret.unwrap(&place(&row.pole_id), &row.keys);
        let plain = plain.map_err(|error| unreadable(&error))?;
        let plain: Plain =
            serde_json::from_slice(plain.expose_secret()).map_err(|error| unreadable(&error))?;
        let settings = serde_json::from_str(&row.document).map_err(|error| unreadable(&error))?;
        let webhook_secrets = plain.webhook_secrets.into_iter().map(SecretString::from).collect();
        let keys = Keys { secret_key: plain.secret_key.into(), webhook_secrets };
        Ok(Self { row, settings, keys })
    }

    /// The way there.
    pub(crate) fn stripe(&self, app: &App) -> Result<Stripe, Trouble> {
        Stripe::new(&app.config.stripe_url, self.keys.secret_key.expose_secret())
    }
}
