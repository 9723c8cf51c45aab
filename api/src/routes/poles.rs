//! A pole and its settings.

use actix_web::{get, patch};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use crate::auth::{PoleMay, PoleWrite, Visitor};
use crate::clock::Time;
use crate::db::poles::{self, PoleRow, UnmatchedUsage, WrittenLanguage};
use crate::http::{Answer, IfMatch, Input, Patch, Resource};
use crate::id::PoleId;
use crate::problem::Problem;
use crate::work::Changes;

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(get_pole).service(update_pole);
}

/// Which pole.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "says in the document what addresses have")]
pub(crate) struct PolePath {
    /// The pole's code or id.
    #[param(min_length = 1, max_length = 64, example = "aero")]
    pole: String,
}

/// A pole.
#[derive(Serialize, ToSchema)]
pub(crate) struct Pole {
    id: PoleId,
    /// Its short name, which addresses can use in place of its id.
    #[schema(example = "aero")]
    code: String,
    /// What it is called.
    #[schema(example = "Pôle Aéro")]
    name: String,
    /// The time zone in which its months begin.
    #[schema(example = "Europe/Paris")]
    time_zone: String,
    /// The currency of its prices (ISO 4217).
    #[schema(example = "EUR")]
    currency: String,
    language: WrittenLanguage,
    /// From how many active members on a member may see what the pool uses; never below 3, where
    /// the pool less one's own would be somebody else's figure.
    #[schema(minimum = 3)]
    minimum_active: i32,
    unmatched_usage: UnmatchedUsage,
    /// How many whole months before the current one `palier usage drop` keeps events, once they are
    /// invoiced; for ever, if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    usage_retention_months: Option<i32>,
    created_at: Time,
    updated_at: Time,
    #[serde(skip)]
    version: i64,
}

/// The settings of a pole that can change.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PoleInput {
    /// What it is called.
    #[schema(max_length = 200, format = "line", example = "Pôle Aéro")]
    name: String,
    language: WrittenLanguage,
    /// From how many active members on a member may see what the pool uses.
    #[schema(minimum = 3, maximum = 1000, example = 3)]
    minimum_active: i32,
    unmatched_usage: UnmatchedUsage,
    /// How many whole months before the current one `palier usage drop` keeps events, once they are
    /// invoiced; for ever, if left out. Sums by day stay in any case. Vouchers of French accounts are
    /// kept for ten years (Code de commerce, art. L123-22): export events before they go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 1200, nullable = false, example = 120)]
    usage_retention_months: Option<i32>,
}

impl Input for PoleInput {}

/// A change to the settings of a pole.
type PolePatch = Patch<PoleInput>;

impl Resource for Pole {
    fn id(&self) -> &str {
        self.id.as_str()
    }
    fn version(&self) -> i64 {
        self.version
    }
}

impl From<&PoleRow> for Pole {
    fn from(row: &PoleRow) -> Self {
        Self {
            id: row.pole_id.clone(),
            code: row.code.clone(),
            name: row.name.clone(),
            time_zone: row.time_zone.clone(),
            currency: row.currency.clone(),
            language: row.language,
            minimum_active: row.minimum_active,
            unmatched_usage: row.unmatched_usage,
            usage_retention_months: row.usage_retention_months,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
        }
    }
}

/// A pole, as everybody may see it.
#[utoipa::path(
    tag = "poles",
    operation_id = "getPole",
    params(PolePath),
    responses((status = 200, description = "The pole.", body = Pole)),
)]
#[get("")]
async fn get_pole(visitor: Visitor) -> Result<Answer, Problem> {
    Answer::object(&Pole::from(&*visitor.pole))
}

/// Changes the settings of a pole.
#[utoipa::path(
    tag = "poles",
    operation_id = "updatePole",
    params(PolePath),
    request_body(content = PolePatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The pole as it is now.", body = Pole)),
    security(("token" = ["pole:write"])),
)]
#[patch("")]
async fn update_pole(
    caller: PoleMay<PoleWrite>,
    version: IfMatch,
    patch: PolePatch,
) -> Result<Answer, Problem> {
    let app = caller.app.clone();
    let pole = caller
        .write(move |tx| {
            let row = poles::find(tx.conn, tx.pole().as_str())?.ok_or_else(Problem::not_found)?;
            version.check(row.version)?;
            let input = patch.apply(&app, &Pole::from(&row))?;
            let next = PoleRow {
                name: input.name,
                language: input.language,
                minimum_active: input.minimum_active,
                unmatched_usage: input.unmatched_usage,
                usage_retention_months: input.usage_retention_months,
                updated_at: tx.at(),
                ..row.clone()
            };
            let changed = poles::update(tx.conn, &next)?.ok_or_else(Problem::changed)?;
            let (before, after) = (Pole::from(&row), Pole::from(&changed));
            let changes = Changes::between(&before, &after);
            Ok(tx.done("pole.updated", after.id.clone().as_str(), &changes, after)?)
        })
        .await?;
    caller.app.poles.forget();
    Answer::object(&pole)
}
