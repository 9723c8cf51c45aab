//! Where a provider is told, and the secrets by which it knows that it is us.

use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::SignedDuration;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

use super::signature::{PREFIX, sign};
use crate::app::App;
use crate::clock::Time;
use crate::db::webhooks::{self, EndpointRow};
use crate::db::{Db, DbError};
use crate::id::{PoleId, ProviderId};
use crate::problem::Problem;
use crate::work::Tx;

/// How long the secret before goes on signing, beside the new one.
const OVERLAP: SignedDuration = SignedDuration::from_hours(24);

/// The endpoint of a provider, opened.
pub(crate) struct Endpoint {
    pub(crate) row: EndpointRow,
    /// The newest first.
    secrets: Vec<Secret>,
}

/// A secret, and until when it signs, once there is a newer one.
struct Secret {
    secret: SecretString,
    until: Option<Time>,
}

/// As it is kept, encrypted.
#[derive(Serialize, Deserialize)]
struct Plain {
    secret: String,
    until: Option<Time>,
}

impl Endpoint {
    /// That of a provider, if it has one.
    ///
    /// # Errors
    /// The database's; secrets that were wrapped with another one.
    pub(crate) fn of(
        app: &App,
        conn: &mut Db,
        pole: &PoleId,
        provider: &ProviderId,
    ) -> Result<Option<Self>, DbError> {
        let Some(row) = webhooks::endpoint(conn, pole, provider)? else { return Ok(None) };
        let unreadable = |what: &dyn std::fmt::Display| DbError::Unreadable {
            table: "webhook_endpoints",
            id: provider.to_string(),
            what: what.to_string(),
        };
        let plain = app.config.secret.unwrap(&place(pole, provider), &row.secrets);
        let plain = plain.map_err(|error| unreadable(&error))?;
        let plain: Vec<Plain> =
            serde_json::from_slice(plain.expose_secret()).map_err(|error| unreadable(&error))?;
        let secrets = plain
            .into_iter()
            .map(|Plain { secret, until }| Secret { secret: secret.into(), until })
            .collect();
        Ok(Some(Self { row, secrets }))
    }

    /// Where a provider that has no endpoint is told from now on, with the first secret.
    ///
    /// # Errors
    /// The database's; a system without random numbers.
    pub(crate) fn add(
        app: &App,
        tx: &mut Tx<'_>,
        provider: ProviderId,
        url: String,
    ) -> Result<Self, Problem> {
        let secrets = vec![Secret::new()?];
        let row = EndpointRow {
            pole_id: tx.pole().clone(),
            secrets: wrapped(app, (tx.pole(), &provider), &secrets)?,
            provider_id: provider,
            url,
            version: 1,
            created_at: tx.at(),
            updated_at: tx.at(),
        };
        webhooks::insert_endpoint(tx.conn, &row)?;
        Ok(Self { row, secrets })
    }

    /// The same provider, told elsewhere from now on.
    ///
    /// # Errors
    /// If somebody changed it meanwhile; the database's.
    pub(crate) fn moved(self, tx: &mut Tx<'_>, url: String) -> Result<Self, Problem> {
        self.replace(tx, |row| EndpointRow { url, ..row })
    }

    /// With a new secret; the one before signs as well for a day.
    ///
    /// # Errors
    /// If somebody changed it meanwhile; the database's; a system without random numbers.
    pub(crate) fn rotate(mut self, app: &App, tx: &mut Tx<'_>) -> Result<Self, Problem> {
        let now = tx.at();
        self.secrets.retain(|secret| secret.signs_at(now));
        if let Some(secret) = self.secrets.first_mut() {
            secret.until = Some(now.plus(OVERLAP));
        }
        self.secrets.insert(0, Secret::new()?);
        let secrets = wrapped(app, (&self.row.pole_id, &self.row.provider_id), &self.secrets)?;
        self.replace(tx, |row| EndpointRow { secrets, ..row })
    }

    fn replace(
        self,
        tx: &mut Tx<'_>,
        change: impl FnOnce(EndpointRow) -> EndpointRow,
    ) -> Result<Self, Problem> {
        let (version, updated_at) = (self.row.version, tx.at());
        let next =
            EndpointRow { version: version.saturating_add(1), updated_at, ..change(self.row) };
        let changed = webhooks::update_endpoint(tx.conn, &next, version)?;
        changed.then_some(Self { row: next, ..self }).ok_or_else(Problem::changed)
    }

    /// The newest secret, for the one time that it is shown.
    pub(crate) fn reveal(&self) -> Option<&str> {
        self.secrets.first().map(|it| it.secret.expose_secret())
    }

    /// What goes into `webhook-signature`: one for each secret that signs now.
    pub(super) fn signatures(&self, id: &str, now: Time, body: &str) -> String {
        let seconds = now.timestamp().as_second();
        let secrets = self.secrets.iter().filter(|secret| secret.signs_at(now));
        let signed = secrets.filter_map(|it| sign(it.secret.expose_secret(), id, seconds, body));
        signed.collect::<Vec<_>>().join(" ")
    }
}

impl Secret {
    /// 32 random bytes, as Standard Webhooks writes them.
    fn new() -> Result<Self, Problem> {
        let mut bytes = [0; 32];
        rand::fill(&mut bytes).map_err(|error| Problem::internal(&error))?;
        Ok(Self { secret: format!("{PREFIX}{}", STANDARD.encode(bytes)).into(), until: None })
    }

    fn signs_at(&self, now: Time) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

/// As the database keeps them.
fn wrapped(
    app: &App,
    (pole, provider): (&PoleId, &ProviderId),
    secrets: &[Secret],
) -> Result<Vec<u8>, Problem> {
    let plain = secrets.iter().map(|Secret { secret, until }| Plain {
        secret: secret.expose_secret().to_owned(),
        until: *until,
    });
    let plain = serde_json::to_vec(&plain.collect::<Vec<_>>());
    let plain = plain.map_err(|error| Problem::internal(&error))?;
    let wrapped = app.config.secret.wrap(&place(pole, provider), &plain);
    wrapped.map_err(|error| Problem::internal(&error))
}

fn place(pole: &PoleId, provider: &ProviderId) -> String {
    format!("webhook_endpoints/{pole}/{provider}")
}
