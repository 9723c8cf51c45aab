//! How a pole collects what its members owe.

use actix_web::{get, put};
use palier_billing::sepa::{Bic, CreditorId, DirectDebits, SepaError};
use palier_billing::statement::Iban;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::PolePath;
use crate::auth::{PaymentsRead, PaymentsWrite, PoleMay};
use crate::collections::settings::{DebitFormat, DebitTerms, Terms, read, store};
use crate::db::collection_settings;
use crate::http::{Answer, Body, IfMatch, Input, Resource};
use crate::problem::{Fault, Problem};
use crate::say;
use crate::text::sepa;

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(get_collection_settings).service(set_collection_settings);
}

/// How many times what failed may be tried again: more is harassment.
const MAX_RETRIES: usize = 5;

/// How a pole collects what its members owe.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({
    "automatic": true,
    "retry_days": [3, 7],
    "direct_debit": { "creditor_id": "FR72ZZZ123456", "format": "pain.008.001.08" },
}))]
pub(crate) struct CollectionSettingsInput {
    /// Whether collections are planned by themselves, each day from 8 o'clock on in the pole;
    /// otherwise somebody asks for them.
    #[schema(required = false)]
    pub(crate) automatic: bool,
    /// After how many days what failed is planned again: the first time, the second, and so on.
    /// Only what may pass later is: an account without money, not one that is closed.
    #[schema(required = false, max_items = 5, example = json!([3, 7]))]
    retry_days: Vec<u16>,
    /// How it debits members' accounts by files for its bank, if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    direct_debit: Option<DirectDebitInput>,
}

/// How a pole debits accounts by files for its bank (SEPA).
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[schema(as = DirectDebitSettings)]
#[serde(deny_unknown_fields)]
struct DirectDebitInput {
    /// *Identifiant créancier SEPA* (ICS), which the bank gives.
    #[schema(min_length = 8, max_length = 35, example = "FR72ZZZ123456")]
    creditor_id: String,
    /// The creditor's name as its bank knows it; the seller's of the billing settings, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 200, format = "line", nullable = false)]
    name: Option<String>,
    /// The account that is credited; that of the billing settings, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 42, example = "FR1420041010050500013M02606", nullable = false)]
    iban: Option<String>,
    /// Its bank.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 11, example = "PSSTFRPPPAR", nullable = false)]
    bic: Option<String>,
    #[serde(default = "usual_format")]
    #[schema(required = false)]
    format: DebitFormat,
    /// How many days ahead members are told, unless they agreed to less: 14.
    #[serde(default = "usual_notice")]
    #[schema(required = false, minimum = 1, maximum = 60, example = 14)]
    notice_days: u16,
    /// How many days ahead the bank takes files: 14, unless it agreed to more.
    #[serde(default = "usual_days_ahead")]
    #[schema(required = false, minimum = 1, maximum = 365, example = 14)]
    days_ahead: u16,
    /// Whether the bank still wants the first collection of a mandate called `FRST`.
    #[serde(default)]
    #[schema(required = false)]
    mark_first: bool,
    /// Whether the bank credits each batch as one sum, or every collection by itself.
    #[serde(default = "yes")]
    #[schema(required = false)]
    batch_booking: bool,
}

const fn usual_format() -> DebitFormat {
    DebitFormat::V08
}

const fn usual_notice() -> u16 {
    DirectDebits::NOTICE_DAYS
}

const fn usual_days_ahead() -> u16 {
    DirectDebits::DAYS_AHEAD
}

const fn yes() -> bool {
    true
}

impl Input for CollectionSettingsInput {
    fn check(&self, faults: &mut Vec<Fault>) {
        if let Err(wrong) = self.terms() {
            faults.extend(wrong);
        }
    }
}

impl CollectionSettingsInput {
    /// What it means.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn terms(&self) -> Result<Terms, Vec<Fault>> {
        let mut faults = Vec::new();
        let days = self.retry_days.iter();
        if self.retry_days.len() > MAX_RETRIES || days.clone().any(|it| !(1..=60).contains(it)) {
            let detail = say!(
                en "Expected up to {MAX_RETRIES} numbers of days, from 1 to 60.",
                fr "Attendu : {MAX_RETRIES} nombres de jours au plus, de 1 à 60."
            );
            faults.push(Fault::body("/retry_days", "retry_days", detail));
        }
        let debit = self.direct_debit.as_ref().map(|it| it.terms(&mut faults));
        if faults.is_empty() {
            Ok(Terms { retry_days: self.retry_days.clone(), debit: debit.flatten() })
        } else {
            Err(faults)
        }
    }
}

impl DirectDebitInput {
    fn terms(&self, faults: &mut Vec<Fault>) -> Option<DebitTerms> {
        let mut note = |field: &str, error: &SepaError| {
            faults.push(sepa::fault(&format!("/direct_debit/{field}"), error));
        };
        let id = self.creditor_id.parse::<CreditorId>();
        let id = id.map_err(|error| note("creditor_id", &error)).ok();
        if self.iban.as_ref().is_some_and(|it| it.parse::<Iban>().is_err()) {
            note("iban", &SepaError::Iban);
        }
        if let Some(Err(error)) = self.bic.as_ref().map(|it| it.parse::<Bic>()) {
            note("bic", &error);
        }
        Some(DebitTerms {
            creditor_id: id?,
            name: self.name.clone(),
            iban: self.iban.clone(),
            bic: self.bic.clone(),
            format: self.format,
            notice_days: self.notice_days,
            days_ahead: self.days_ahead,
            mark_first: self.mark_first,
            batch_booking: self.batch_booking,
        })
    }
}

/// Settings at a version.
#[derive(Clone, Debug, Serialize)]
struct CollectionSettings {
    #[serde(flatten)]
    settings: CollectionSettingsInput,
    #[serde(skip)]
    version: i64,
}

impl Resource for CollectionSettings {
    fn id(&self) -> &'static str {
        ""
    }

    fn version(&self) -> i64 {
        self.version
    }
}

/// How the pole collects what its members owe.
///
/// Nothing is collected as long as nobody has said how.
#[utoipa::path(
    tag = "payments",
    operation_id = "getCollectionSettings",
    params(PolePath),
    responses((status = 200, description = "The settings.", body = CollectionSettingsInput)),
    security(("token" = ["payments:read"])),
)]
#[get("/collection-settings")]
async fn get_collection_settings(caller: PoleMay<PaymentsRead>) -> Result<Answer, Problem> {
    let row = caller.read(|conn, pole| Ok(collection_settings::find(conn, pole)?)).await?;
    let version = row.as_ref().map_or(0, |row| row.version);
    Answer::object(&CollectionSettings { settings: read(row.as_ref())?, version })
}

/// Sets how the pole collects what its members owe.
///
/// All of it at once; what is left out is as usual. What is planned or on its way stays as it is.
#[utoipa::path(
    tag = "payments",
    operation_id = "setCollectionSettings",
    params(PolePath),
    request_body = CollectionSettingsInput,
    responses((status = 200, description = "The settings as they are now.", body = CollectionSettingsInput)),
    security(("token" = ["payments:write"])),
)]
#[put("/collection-settings")]
async fn set_collection_settings(
    caller: PoleMay<PaymentsWrite>,
    version: IfMatch,
    body: Body<CollectionSettingsInput>,
) -> Result<Answer, Problem> {
    let Body(input) = body;
    let row = caller.write(move |tx| store(tx, &input, version)).await?;
    Answer::object(&CollectionSettings { settings: read(Some(&row))?, version: row.version })
}
