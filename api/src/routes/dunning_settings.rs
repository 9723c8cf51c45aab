//! How a pole writes to members that are late.

use actix_web::{get, put};
use palier_billing::dunning::{AgreedRate, DunningSchedule, PenaltyRates, SemesterRates};
use palier_billing::{Currency, Money, Percent};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::PolePath;
use crate::auth::{DunningRead, DunningWrite, PoleMay};
use crate::day::Day;
use crate::db::dunning;
use crate::dunning::settings::{SuspensionTerms, Terms, read, store};
use crate::http::{Answer, Body, IfMatch, Input, Resource};
use crate::problem::{Fault, Problem};
use crate::say;

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(get_dunning_settings).service(set_dunning_settings);
}

/// How a pole writes to members that are late, and what it claims for the delay.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(example = json!({
    "automatic": false,
    "schedule": { "reminder": 7, "second_reminder": 21, "formal_notice": 45 },
    "agreed_rate": "central",
    "claims_interest": true,
    "claims_indemnity": true,
    "suspension": { "after_days": 15, "minimum": "100.00" },
    "rates": [{ "first_day": "2026-07-01", "central_percent": "2.15", "legal_percent": "2.62" }],
}))]
pub(crate) struct DunningSettingsInput {
    /// Whether letters go out by themselves, each day from 8 o'clock on in the pole; otherwise
    /// somebody asks for them.
    #[schema(required = false)]
    pub(crate) automatic: bool,
    #[schema(required = false)]
    schedule: ScheduleInput,
    #[schema(required = false)]
    agreed_rate: AgreedRateWord,
    /// The yearly rate, if one was agreed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "percent", example = "12", nullable = false)]
    fixed_rate_percent: Option<String>,
    /// Whether the formal notice claims interest for the delay (code de commerce, L441-10).
    #[schema(required = false)]
    claims_interest: bool,
    /// Whether the formal notice claims the indemnity for recovery costs, 40 € for each invoice
    /// (code de commerce, D441-5).
    #[schema(required = false)]
    claims_indemnity: bool,
    /// Whether services are suspended after a formal notice; if left out, only by hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    suspension: Option<SuspensionRuleInput>,
    /// Rates of half-years that Palier does not know, or knows otherwise.
    #[schema(required = false, max_items = 100)]
    rates: Vec<HalfYearRatesInput>,
}

/// After how many days past the due date each letter goes out; one that is left out does not. If
/// nothing is said, that is 7, 21 and 45.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[schema(as = DunningSchedule)]
#[serde(deny_unknown_fields)]
struct ScheduleInput {
    /// *Relance*.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 365, example = 7, nullable = false)]
    reminder: Option<u16>,
    /// *Seconde relance*.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 365, example = 21, nullable = false)]
    second_reminder: Option<u16>,
    /// *Mise en demeure*.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 365, example = 45, nullable = false)]
    formal_notice: Option<u16>,
}

impl Default for ScheduleInput {
    fn default() -> Self {
        Self { reminder: Some(7), second_reminder: Some(21), formal_notice: Some(45) }
    }
}

/// When the services of a member that has not paid are suspended by themselves, each day from 8 o'clock on in
/// the pole. It holds for formal notices that go out from then on, which announce the day.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[schema(as = SuspensionRule)]
#[serde(deny_unknown_fields)]
struct SuspensionRuleInput {
    /// After how many days behind the formal notice.
    #[schema(minimum = 1, maximum = 365, example = 15)]
    after_days: u16,
    /// How much must be open at least of what formal notices announced it for; anything, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "amount", example = "100.00", nullable = false)]
    minimum: Option<String>,
}

/// The rate of penalties that documents state: the central bank's and ten points, which holds where
/// nothing was agreed; three times the legal rate, the least there is; or a fixed one. None counts for
/// less than three times the legal rate (code de commerce, L441-10).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[schema(as = AgreedRate)]
#[serde(rename_all = "snake_case")]
enum AgreedRateWord {
    #[default]
    Central,
    ThreeTimesLegal,
    Fixed,
}

/// The rates of a half-year.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct HalfYearRatesInput {
    /// 1 January or 1 July.
    first_day: Day,
    /// Rate of the European Central Bank's main refinancing operations on that day.
    #[schema(format = "percent", example = "2.15")]
    central_percent: String,
    /// *Taux de l'intérêt légal* for creditors that are no private persons, as the decree has it.
    #[schema(format = "percent", example = "2.62")]
    legal_percent: String,
}

impl Default for DunningSettingsInput {
    fn default() -> Self {
        Self {
            automatic: false,
            schedule: ScheduleInput::default(),
            agreed_rate: AgreedRateWord::default(),
            fixed_rate_percent: None,
            claims_interest: true,
            claims_indemnity: true,
            suspension: None,
            rates: Vec::new(),
        }
    }
}

impl Input for DunningSettingsInput {
    fn check(&self, faults: &mut Vec<Fault>) {
        if let Err(wrong) = self.terms() {
            faults.extend(wrong);
        }
    }
}

impl DunningSettingsInput {
    /// What it means.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn terms(&self) -> Result<Terms, Vec<Fault>> {
        let mut faults = Vec::new();
        let schedule = self.schedule().map_err(|fault| faults.push(fault)).unwrap_or_default();
        let rate = self.rate().map_err(|fault| faults.push(fault)).unwrap_or_default();
        let mut rates = PenaltyRates::published();
        for (place, entered) in self.rates.iter().enumerate() {
            let twice = self.rates.iter().take(place).any(|it| it.first_day == entered.first_day);
            if let Err(fault) = entered.enter(&mut rates, twice) {
                faults.push(fault.within(&format!("/rates/{place}")));
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let (interest, indemnity) = (self.claims_interest, self.claims_indemnity);
        let suspension = self.suspension.clone();
        let suspension = suspension.map(|SuspensionRuleInput { after_days, minimum }| {
            SuspensionTerms { after_days, minimum }
        });
        Ok(Terms { schedule, rate, interest, indemnity, rates, suspension })
    }

    /// After how many days behind a formal notice services are suspended.
    pub(crate) fn suspends_after(&self) -> Option<i32> {
        self.suspension.as_ref().map(|rule| rule.after_days.into())
    }

    /// Refuses a least sum that is none in the pole's currency.
    fn check_minimum(&self, currency: Currency) -> Result<(), Problem> {
        let minimum = self.suspension.as_ref().and_then(|rule| rule.minimum.as_deref());
        let Some(Err(error)) = minimum.map(|minimum| Money::parse(minimum, currency)) else {
            return Ok(());
        };
        let code = currency.code();
        let detail = say!(
            en "Expected an amount in {code}: {error}.",
            fr "Attendu : un montant en {code}, avec les décimales de cette devise."
        );
        Err(Problem::invalid(vec![Fault::body("/suspension/minimum", "amount", detail)]))
    }

    fn schedule(&self) -> Result<DunningSchedule, Fault> {
        let ScheduleInput { reminder, second_reminder, formal_notice } = self.schedule;
        DunningSchedule::new(reminder, second_reminder, formal_notice).map_err(|_| {
            let detail = say!(
                en "Each letter comes more days after the due date than the one before.",
                fr "Chaque lettre part plus de jours après l’échéance que la précédente."
            );
            Fault::body("/schedule", "steps_cross", detail)
        })
    }

    fn rate(&self) -> Result<AgreedRate, Fault> {
        match (self.agreed_rate, percent(self.fixed_rate_percent.as_deref())) {
            (AgreedRateWord::Central, None) => Ok(AgreedRate::Central),
            (AgreedRateWord::ThreeTimesLegal, None) => Ok(AgreedRate::ThreeTimesLegal),
            (AgreedRateWord::Fixed, Some(rate)) => Ok(AgreedRate::Fixed(rate)),
            _ => {
                let detail = say!(
                    en "Expected with the agreed rate `fixed`, and only with it.",
                    fr "Attendu avec le taux convenu `fixed`, et seulement avec lui."
                );
                Err(Fault::body("/fixed_rate_percent", "fixed_rate", detail))
            }
        }
    }
}

impl HalfYearRatesInput {
    fn enter(&self, rates: &mut PenaltyRates, twice: bool) -> Result<(), Fault> {
        if twice {
            let detail = say!(en "It is there twice.", fr "Il y figure deux fois.");
            return Err(Fault::body("/first_day", "duplicate", detail));
        }
        // Their format is that of the schema.
        let central = percent(Some(&self.central_percent)).unwrap_or(Percent::ZERO);
        let legal = percent(Some(&self.legal_percent)).unwrap_or(Percent::ZERO);
        rates.enter(self.first_day.date(), SemesterRates { central, legal }).map_err(|_| {
            let detail = say!(
                en "A half-year begins on 1 January or 1 July.",
                fr "Un semestre commence le 1er janvier ou le 1er juillet."
            );
            Fault::body("/first_day", "not_a_half_year", detail)
        })
    }
}

fn percent(text: Option<&str>) -> Option<Percent> {
    text?.parse().ok()
}

/// Settings at a version.
#[derive(Clone, Debug, Serialize)]
struct DunningSettings {
    #[serde(flatten)]
    settings: DunningSettingsInput,
    #[serde(skip)]
    version: i64,
}

impl Resource for DunningSettings {
    fn id(&self) -> &'static str {
        ""
    }

    fn version(&self) -> i64 {
        self.version
    }
}

/// How the pole writes to members that are late.
///
/// What is usual, as long as nobody has said otherwise.
#[utoipa::path(
    tag = "dunning",
    operation_id = "getDunningSettings",
    params(PolePath),
    responses((status = 200, description = "The settings.", body = DunningSettingsInput)),
    security(("token" = ["dunning:read"])),
)]
#[get("/dunning-settings")]
async fn get_dunning_settings(caller: PoleMay<DunningRead>) -> Result<Answer, Problem> {
    let row = caller.read(|conn, pole| Ok(dunning::settings(conn, pole)?)).await?;
    let version = row.as_ref().map_or(0, |row| row.version);
    Answer::object(&DunningSettings { settings: read(row.as_ref())?, version })
}

/// Sets how the pole writes to members that are late.
///
/// All of it at once; what is left out is as usual. Letters that went out stay as they are.
#[utoipa::path(
    tag = "dunning",
    operation_id = "setDunningSettings",
    params(PolePath),
    request_body = DunningSettingsInput,
    responses((status = 200, description = "The settings as they are now.", body = DunningSettingsInput)),
    security(("token" = ["dunning:write"])),
)]
#[put("/dunning-settings")]
async fn set_dunning_settings(
    caller: PoleMay<DunningWrite>,
    version: IfMatch,
    body: Body<DunningSettingsInput>,
) -> Result<Answer, Problem> {
    let Body(input) = body;
    input.check_minimum(caller.pole.currency())?;
    let row = caller.write(move |tx| store(tx, &input, version)).await?;
    Answer::object(&DunningSettings { settings: read(Some(&row))?, version: row.version })
}
