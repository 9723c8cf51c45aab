//! By what members let themselves be collected.

use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{AddressInput, PolePath};
use crate::auth::{May, PaymentsRead, PaymentsWrite, PoleMay};
use crate::clock::Time;
use crate::collections::mandates::{
    self, MandateDetails, MandateUsage, Signed, expires_on, masked, of_row,
};
use crate::day::Day;
use crate::db::debit_files::MandateScheme;
use crate::db::means::{self, MeansKind, MeansRow, MeansStatus};
use crate::db::payments::Whose;
use crate::db::{Db, DbError, poles};
use crate::http::{Answer, At, Body, Input, List, Once, Page, PageQuery, Query, Resource};
use crate::id::{MeansId, MemberId, PoleId};
use crate::jobs::{self, Job};
use crate::problem::Problem;
use crate::stripe;

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(list_payment_means)
        .service(record_mandate)
        .service(get_payment_means)
        .service(set_default_payment_means)
        .service(end_payment_means);
}

/// A page of means of payment.
type PaymentMeansList = List<PaymentMeans>;

/// Which means of payment.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "says in the document what addresses have")]
struct MeansPath {
    /// The id of the means of payment.
    #[param(value_type = String, pattern = "^pms_[0-7][0-9a-hjkmnp-tv-z]{25}$", example = "pms_01k9gz7v3hf8mv3r0x2p6d9qae")]
    means: MeansId,
}

/// Whose.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct MeansFilter {
    /// Whose.
    #[param(value_type = Option<String>, pattern = "^mbr_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    member: Option<MemberId>,
}

/// A mandate that a member has signed.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "member": "mbr_01k9gz7v3hf8mv3r0x2p6d9qae",
    "scheme": "core",
    "signed_on": "2026-01-12",
    "debtor": "Forge de l’Ouest",
    "iban": "FR7630006000011234567890189",
}))]
struct MandateInput {
    /// Who signed, or for whom.
    member: MemberId,
    scheme: MandateScheme,
    #[serde(default = "usual")]
    #[schema(required = false)]
    usage: MandateUsage,
    /// *Référence unique de mandat* (RUM), if it has one; one is made otherwise.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 35, example = "RUM-FORGE-1", nullable = false)]
    reference: Option<String>,
    /// The day on the mandate.
    signed_on: Day,
    /// Whose account it is.
    #[schema(min_length = 1, max_length = 200, format = "line", example = "Forge de l’Ouest")]
    debtor: String,
    /// The account that is debited.
    #[schema(min_length = 1, max_length = 42, example = "FR7630006000011234567890189")]
    iban: String,
    /// Its bank: needed outside the European Economic Area.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 11, example = "AGRIFRPPXXX", nullable = false)]
    bic: Option<String>,
    /// Where the debtor sits: needed outside the European Economic Area.
    #[serde(default)]
    #[schema(nullable = false)]
    address: Option<AddressInput>,
}

const fn usual() -> MandateUsage {
    MandateUsage::Recurrent
}

impl Input for MandateInput {}

impl MandateInput {
    fn signed(self) -> Signed {
        let Self { member, scheme, usage, reference, signed_on, debtor, iban, bic, address } = self;
        let details = MandateDetails { scheme, usage, signed_on, debtor, iban, bic, address };
        Signed { member, reference, details }
    }
}

/// Why a means of payment ends.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "Révoqué par le membre" }))]
struct MeansEndInput {
    /// The reason.
    #[schema(min_length = 1, max_length = 500, pattern = r"\S", example = "Révoqué par le membre")]
    reason: String,
}

impl Input for MeansEndInput {}

/// By what a member lets itself be collected.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct PaymentMeans {
    id: MeansId,
    /// Whose it is.
    member: MemberId,
    kind: MeansKind,
    status: MeansStatus,
    /// Whether what the member owes is collected by this one.
    is_default: bool,
    /// By what people know it.
    #[schema(example = "Prélèvement FR76 •••• 0189")]
    label: String,
    /// What a mandate says.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    mandate: Option<SignedMandate>,
    /// The page on which a member saves it, while it is pending.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(
        nullable = false,
        format = "uri",
        example = "https://checkout.stripe.com/c/pay/cs_test_a1b2c3"
    )]
    url: Option<String>,
    /// Why it ended; empty before.
    #[schema(example = "")]
    reason: String,
    created_at: Time,
    #[serde(skip)]
    version: i64,
}

/// What a mandate says.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct SignedMandate {
    /// *Référence unique de mandat* (RUM).
    #[schema(example = "RUM-FORGE-1")]
    reference: String,
    scheme: MandateScheme,
    usage: MandateUsage,
    /// The day on the mandate.
    signed_on: Day,
    /// Whose account it is.
    #[schema(example = "Forge de l’Ouest")]
    debtor: String,
    /// The account that is debited; whole for staff only.
    #[schema(example = "FR76 •••• 0189")]
    iban: String,
    /// Its bank.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "AGRIFRPPXXX")]
    bic: Option<String>,
    /// The last day on which it can be used: 36 months after it last was, or was signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    expires_on: Option<Day>,
}

impl Resource for PaymentMeans {
    fn id(&self) -> &str {
        self.id.as_str()
    }

    fn version(&self) -> i64 {
        self.version
    }
}

impl PaymentMeans {
    /// As staff sees it, or the member whose it is.
    fn seen(conn: &mut Db, pole: &PoleId, row: MeansRow, staff: bool) -> Result<Self, DbError> {
        let mandate = if row.kind == MeansKind::Mandate {
            Some(SignedMandate::of(conn, pole, &row, staff)?)
        } else {
            None
        };
        let pending = row.status == MeansStatus::Pending;
        let url = pending.then(|| stripe::Details::of(&row).url).flatten();
        Ok(Self {
            url,
            id: row.means_id,
            member: row.member_id,
            kind: row.kind,
            status: row.status,
            is_default: row.is_default,
            label: row.label,
            mandate,
            reason: row.reason,
            created_at: row.created_at,
            version: row.version,
        })
    }
}

impl SignedMandate {
    fn of(conn: &mut Db, pole: &PoleId, row: &MeansRow, staff: bool) -> Result<Self, DbError> {
        let (mandate, details) = of_row(row)?;
        let used = mandates::used(conn, pole, &row.means_id)?;
        Ok(Self {
            reference: row.external_id.clone().unwrap_or_default(),
            scheme: details.scheme,
            usage: details.usage,
            expires_on: expires_on(&mandate, used),
            signed_on: details.signed_on,
            debtor: details.debtor,
            iban: if staff { details.iban } else { masked(&details.iban) },
            bic: details.bic,
        })
    }
}

/// Lists means of payment, in the order in which they were made.
///
/// Staff see all of them, a member its own. Accounts are whole for staff only.
#[utoipa::path(
    tag = "payments",
    operation_id = "listPaymentMeans",
    params(PolePath, PageQuery, MeansFilter),
    responses((status = 200, description = "A page of means of payment.", body = PaymentMeansList)),
    security(("token" = ["payments:read"])),
)]
#[get("/payment-means")]
async fn list_payment_means(
    caller: May<PaymentsRead>,
    page: Page,
    filter: Query<MeansFilter>,
) -> Result<Answer, Problem> {
    let (after, rows) = (page.after::<String>()?, page.rows());
    let whose = Whose { among: caller.reach.members(), member: filter.0.member };
    let staff = caller.reach.pole;
    let found = caller
        .read(move |conn, pole| {
            let found = means::page(conn, pole, &whose, after.as_deref(), rows)?;
            let seen = found.into_iter().map(|row| PaymentMeans::seen(conn, pole, row, staff));
            Ok(seen.collect::<Result<Vec<_>, _>>()?)
        })
        .await?;
    let page = page.list(found, |it| it.id.to_string());
    Answer::ok(&page.try_map(Ok::<_, Problem>)?)
}

/// Records a mandate that a member has signed.
///
/// It is what the member is collected by from now on, unless it is collected by another already.
#[utoipa::path(
    tag = "payments",
    operation_id = "recordMandate",
    params(PolePath),
    request_body = MandateInput,
    responses(
        (status = 201, description = "The mandate.", body = PaymentMeans),
        (status = 409, description = "Another mandate has its reference.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["payments:write"])),
)]
#[post("/payment-means")]
async fn record_mandate(
    caller: PoleMay<PaymentsWrite>,
    once: Once,
    body: Body<MandateInput>,
) -> Result<Answer, Problem> {
    let (Body(input), pole) = (body, caller.pole.clone());
    caller
        .create(once, move |tx| {
            let today = Day::today(&pole, tx.at());
            let made = mandates::sign(tx, &today, input.signed())?;
            made.and_then(|row| Ok(PaymentMeans::seen(tx.conn, tx.pole(), row, true)?))
        })
        .await
}

/// A means of payment.
#[utoipa::path(
    tag = "payments",
    operation_id = "getPaymentMeans",
    params(PolePath, MeansPath),
    responses((status = 200, description = "The means of payment.", body = PaymentMeans)),
    security(("token" = ["payments:read"])),
)]
#[get("/payment-means/{means}")]
async fn get_payment_means(caller: May<PaymentsRead>, at: At<MeansId>) -> Result<Answer, Problem> {
    let reach = caller.reach.clone();
    let found = caller
        .read(move |conn, pole| {
            let row = means::find(conn, pole, &at.0)?;
            let row = row.filter(|row| reach.has_member(&row.member_id));
            let row = row.ok_or_else(Problem::not_found)?;
            Ok(PaymentMeans::seen(conn, pole, row, reach.pole)?)
        })
        .await?;
    Answer::object(&found)
}

/// Collects what a member owes by this one from now on.
///
/// What is planned or on its way by another goes on.
#[utoipa::path(
    tag = "payments",
    operation_id = "setDefaultPaymentMeans",
    params(PolePath, MeansPath),
    responses(
        (status = 200, description = "The means of payment as it is now.", body = PaymentMeans),
        (status = 409, description = "It cannot be used.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["payments:write"])),
)]
#[post("/payment-means/{means}/default")]
async fn set_default_payment_means(
    caller: PoleMay<PaymentsWrite>,
    at: At<MeansId>,
) -> Result<Answer, Problem> {
    let made = caller
        .write(move |tx| {
            poles::hold(tx.conn, tx.pole())?;
            let row = means::find(tx.conn, tx.pole(), &at.0)?.ok_or_else(Problem::not_found)?;
            let made = mandates::make_default(tx, row)?;
            made.and_then(|row| {
                Ok::<_, Problem>(PaymentMeans::seen(tx.conn, tx.pole(), row, true)?)
            })
        })
        .await?;
    Answer::object(&made)
}

/// Ends a means of payment: the member has revoked it, or it shall not be used any more.
///
/// What was planned by it is given up; what is on its way goes on. Stripe forgets what it kept.
#[utoipa::path(
    tag = "payments",
    operation_id = "endPaymentMeans",
    params(PolePath, MeansPath),
    request_body = MeansEndInput,
    responses(
        (status = 200, description = "The means of payment as it is now.", body = PaymentMeans),
        (status = 409, description = "It has ended already.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["payments:write"])),
)]
#[post("/payment-means/{means}/end")]
async fn end_payment_means(
    caller: PoleMay<PaymentsWrite>,
    at: At<MeansId>,
    body: Body<MeansEndInput>,
) -> Result<Answer, Problem> {
    let (Body(MeansEndInput { reason }), app) = (body, caller.app.clone());
    let made = caller
        .write(move |tx| {
            poles::hold(tx.conn, tx.pole())?;
            let row = means::find(tx.conn, tx.pole(), &at.0)?.ok_or_else(Problem::not_found)?;
            let kept = row.external_id.clone().filter(|_| row.kind != MeansKind::Mandate);
            let made = mandates::end(tx, row, reason)?;
            if let Some(method) = kept {
                let pole = tx.pole().clone();
                jobs::enqueue(&app, tx, &Job::StripeForget { pole, method })?;
            }
            made.and_then(|row| {
                Ok::<_, Problem>(PaymentMeans::seen(tx.conn, tx.pole(), row, true)?)
            })
        })
        .await?;
    Answer::object(&made)
}
