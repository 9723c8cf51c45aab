//! Accounts to which providers are paid.

use actix_web::{get, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::PolePath;
use super::providers::ProviderPath;
use crate::auth::{PaymentsRead, PaymentsWrite, PoleMay};
use crate::clock::Time;
use crate::db::collections::Channel;
use crate::db::provider_accounts::{self, AccountRow, AccountStatus};
use crate::db::{Db, providers};
use crate::http::{Answer, At, Body, Input, List, Once, Page, PageQuery, Resource};
use crate::id::{PoleId, ProviderAccountId, ProviderId};
use crate::party::AddressInput;
use crate::problem::{Fault, Problem};
use crate::provider_accounts::{Given, Payee, confirm, end, give, masked};
use crate::say;

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(list_accounts)
        .service(give_account)
        .service(get_account)
        .service(confirm_account)
        .service(end_account);
}

/// A page of accounts.
type ProviderAccountList = List<ProviderAccount>;

/// Which account.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "says in the document what addresses have")]
struct AccountPath {
    /// The account's id.
    #[param(value_type = String, pattern = "^pac_[0-7][0-9a-hjkmnp-tv-z]{25}$", example = "pac_01k9gz7v3hf8mv3r0x2p6d9qae")]
    account: ProviderAccountId,
}

/// An account to which a provider is to be paid.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "name": "Centre de calcul du Rhône", "iban": "FR7630006000011234567890189",
}))]
struct ProviderAccountInput {
    /// Whose account it is.
    #[schema(max_length = 200, format = "line", example = "Centre de calcul du Rhône")]
    name: String,
    /// The account, if it is at a bank.
    #[serde(default)]
    #[schema(
        min_length = 1,
        max_length = 42,
        example = "FR7630006000011234567890189",
        nullable = false
    )]
    iban: Option<String>,
    /// Its bank: needed outside the European Economic Area.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 11, example = "AGRIFRPPXXX", nullable = false)]
    bic: Option<String>,
    /// Where the holder sits: needed outside the European Economic Area.
    #[serde(default)]
    #[schema(nullable = false)]
    address: Option<AddressInput>,
    /// The account, if it is one that is connected to the pole's at Stripe.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 69, example = "acct_1PgafTB7WZ01zgkW", nullable = false)]
    stripe_account: Option<String>,
}

impl Input for ProviderAccountInput {}

impl ProviderAccountInput {
    fn payee(self) -> Result<Payee, Problem> {
        let Self { name, iban, bic, address, stripe_account } = self;
        let is_of_bank = bic.is_some() || address.is_some();
        match one_of(iban, stripe_account)? {
            (Channel::Bank, iban) => Ok(Payee::AtBank(Given { name, iban, bic, address })),
            (Channel::Stripe, account) if !is_of_bank => Ok(Payee::AtStripe { name, account }),
            (Channel::Stripe, _) => {
                let field = if bic.is_some() { "/bic" } else { "/address" };
                let detail = say!(
                    en "An account at Stripe has none.",
                    fr "Un compte chez Stripe n’en a pas."
                );
                Err(Problem::invalid(vec![Fault::body(field, "at_stripe", detail)]))
            }
        }
    }
}

/// Where an account is, with its number.
fn one_of(iban: Option<String>, account: Option<String>) -> Result<(Channel, String), Problem> {
    let (field, code, detail) = match (iban, account) {
        (Some(iban), None) => return Ok((Channel::Bank, iban)),
        (None, Some(account)) => return Ok((Channel::Stripe, account)),
        (None, None) => (
            "/iban",
            "required",
            say!(
                en "Expected the number of an account, at a bank or at Stripe.",
                fr "Attendu : un numéro de compte, en banque ou chez Stripe."
            ),
        ),
        (Some(_), Some(_)) => (
            "/stripe_account",
            "either",
            say!(
                en "An account is at a bank or at Stripe, not both.",
                fr "Un compte est en banque ou chez Stripe, pas les deux."
            ),
        ),
    };
    Err(Problem::invalid(vec![Fault::body(field, code, detail)]))
}

/// The number of an account, from another source than whoever gave it had.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "iban": "FR7630006000011234567890189" }))]
struct ConfirmationInput {
    /// The account, as the provider says it when asked.
    #[serde(default)]
    #[schema(
        min_length = 1,
        max_length = 42,
        example = "FR7630006000011234567890189",
        nullable = false
    )]
    iban: Option<String>,
    /// The same of one at Stripe.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 69, example = "acct_1PgafTB7WZ01zgkW", nullable = false)]
    stripe_account: Option<String>,
}

impl Input for ConfirmationInput {}

/// An account to which a provider is paid.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct ProviderAccount {
    id: ProviderAccountId,
    provider: ProviderId,
    status: AccountStatus,
    /// Whose account it is.
    #[schema(example = "Centre de calcul du Rhône")]
    name: String,
    /// Where it is.
    channel: Channel,
    /// The account at a bank: its country and check digits, and its last four.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "FR76 •••• 0189")]
    iban: Option<String>,
    /// The account at Stripe: its last four.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "acct_ •••• zgkW")]
    stripe_account: Option<String>,
    /// Its bank.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "AGRIFRPPXXX")]
    bic: Option<String>,
    /// Who gave it: an id of a user or a key, or `operator`.
    #[schema(example = "usr_01k9gz7v3hf8mv3r0x2p6d9qae")]
    given_by: String,
    /// Who confirmed it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "usr_01k9gz7v3hf8mv3r0x2p6d9qae")]
    confirmed_by: Option<String>,
    created_at: Time,
    #[serde(skip)]
    version: i64,
}

impl Resource for ProviderAccount {
    fn id(&self) -> &str {
        self.id.as_str()
    }

    fn version(&self) -> i64 {
        self.version
    }
}

impl From<AccountRow> for ProviderAccount {
    fn from(row: AccountRow) -> Self {
        let number = masked(Some(row.channel), &row.number);
        let (iban, stripe_account) = match row.channel {
            Channel::Bank => (Some(number), None),
            Channel::Stripe => (None, Some(number)),
        };
        Self {
            channel: row.channel,
            iban,
            stripe_account,
            id: row.account_id,
            provider: row.provider_id,
            status: row.status,
            name: row.holder,
            bic: row.bic,
            given_by: row.given_by,
            confirmed_by: row.confirmed_by,
            created_at: row.created_at,
            version: row.version,
        }
    }
}

/// Lists the accounts to which a provider is paid, or was, oldest first.
#[utoipa::path(
    tag = "payments",
    operation_id = "listProviderAccounts",
    params(PolePath, ProviderPath, PageQuery),
    responses((status = 200, description = "A page of accounts.", body = ProviderAccountList)),
    security(("token" = ["payments:read"])),
)]
#[get("/providers/{provider}/accounts")]
async fn list_accounts(
    caller: PoleMay<PaymentsRead>,
    at: At<ProviderId>,
    page: Page,
) -> Result<Answer, Problem> {
    let (after, rows) = (page.after::<String>()?, page.rows());
    let found = caller
        .read(move |conn, pole| {
            providers::find(conn, pole, &at.0)?.ok_or_else(Problem::not_found)?;
            Ok(provider_accounts::page(conn, pole, &at.0, after.as_deref(), rows)?)
        })
        .await?;
    let page = page.list(found, |row| row.account_id.to_string());
    Answer::ok(&page.try_map(|row| Ok::<_, Problem>(ProviderAccount::from(row)))?)
}

/// Gives an account to which a provider is to be paid.
///
/// It is at a bank, or connected to the pole's account at Stripe. Nothing is paid to it until somebody else has
/// confirmed it; until then the provider is paid to the one before.
#[utoipa::path(
    tag = "payments",
    operation_id = "giveProviderAccount",
    params(PolePath, ProviderPath),
    request_body = ProviderAccountInput,
    responses((status = 201, description = "The account.", body = ProviderAccount)),
    security(("token" = ["payments:write"])),
)]
#[post("/providers/{provider}/accounts")]
async fn give_account(
    caller: PoleMay<PaymentsWrite>,
    at: At<ProviderId>,
    once: Once,
    body: Body<ProviderAccountInput>,
) -> Result<Answer, Problem> {
    let payee = body.0.payee()?;
    caller
        .create(once, move |tx| {
            give(tx, at.0, payee)?.and_then(|row| Ok(ProviderAccount::from(row)))
        })
        .await
}

/// An account to which a provider is paid, or was.
#[utoipa::path(
    tag = "payments",
    operation_id = "getProviderAccount",
    params(PolePath, ProviderPath, AccountPath),
    responses((status = 200, description = "The account.", body = ProviderAccount)),
    security(("token" = ["payments:read"])),
)]
#[get("/providers/{provider}/accounts/{account}")]
async fn get_account(
    caller: PoleMay<PaymentsRead>,
    provider: At<ProviderId>,
    at: At<ProviderAccountId>,
) -> Result<Answer, Problem> {
    let row = caller.read(move |conn, pole| found(conn, pole, &provider.0, &at.0)).await?;
    Answer::object(&ProviderAccount::from(row))
}

/// Confirms an account that somebody else gave: the provider is paid to it from now on.
///
/// A person does, who has asked the provider for its number: not whoever gave it, and no key.
#[utoipa::path(
    tag = "payments",
    operation_id = "confirmProviderAccount",
    params(PolePath, ProviderPath, AccountPath),
    request_body = ConfirmationInput,
    responses(
        (status = 200, description = "The account as it is now.", body = ProviderAccount),
        (status = 409, description = "Its number is another, it was given by the same person, or is not to be confirmed.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["payments:write"])),
)]
#[post("/providers/{provider}/accounts/{account}/confirm")]
async fn confirm_account(
    caller: PoleMay<PaymentsWrite>,
    provider: At<ProviderId>,
    at: At<ProviderAccountId>,
    body: Body<ConfirmationInput>,
) -> Result<Answer, Problem> {
    let ConfirmationInput { iban, stripe_account } = body.0;
    let (channel, number) = one_of(iban, stripe_account)?;
    let row = caller
        .write(move |tx| {
            let row = found(tx.conn, tx.pole(), &provider.0, &at.0)?;
            confirm(tx, row, (channel, &number))
        })
        .await?;
    Answer::object(&ProviderAccount::from(row))
}

/// Ends an account: nothing is paid to it any more.
#[utoipa::path(
    tag = "payments",
    operation_id = "endProviderAccount",
    params(PolePath, ProviderPath, AccountPath),
    responses(
        (status = 200, description = "The account as it is now.", body = ProviderAccount),
        (status = 409, description = "It has ended already.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["payments:write"])),
)]
#[post("/providers/{provider}/accounts/{account}/end")]
async fn end_account(
    caller: PoleMay<PaymentsWrite>,
    provider: At<ProviderId>,
    at: At<ProviderAccountId>,
) -> Result<Answer, Problem> {
    let row = caller
        .write(move |tx| {
            let row = found(tx.conn, tx.pole(), &provider.0, &at.0)?;
            end(tx, row)
        })
        .await?;
    Answer::object(&ProviderAccount::from(row))
}

/// The account of a provider.
fn found(
    conn: &mut Db,
    pole: &PoleId,
    provider: &ProviderId,
    account: &ProviderAccountId,
) -> Result<AccountRow, Problem> {
    let row = provider_accounts::find(conn, pole, account)?;
    row.filter(|row| row.provider_id == *provider).ok_or_else(Problem::not_found)
}
