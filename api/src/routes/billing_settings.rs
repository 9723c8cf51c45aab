//! How a pole bills.

use actix_web::{get, put};
use palier_billing::{Address, Change, NumberFormat};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::PolePath;
use crate::auth::{InvoicesRead, InvoicesWrite, PoleMay};
use crate::dated;
use crate::day::Day;
use crate::db::DbError;
use crate::db::billing_settings::{self, BillingSettingsRow};
use crate::http::{Answer, Body, IfMatch, Input, Resource};
use crate::invoicing::settings::{CreditUse, store};
use crate::party::{self, AddressInput, Line};
use crate::problem::{Fault, Problem};
use crate::say;
use crate::text::Text;

mod chart;
mod look;

use chart::ChartInput;
use look::LookInput;

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(get_billing_settings).service(set_billing_settings);
    api.service(chart::get_chart_of_accounts);
}

/// How a pole bills: what its documents and its books need to know of it.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BillingSettingsInput {
    seller: SellerInput,
    #[serde(default)]
    #[schema(required = false)]
    seller_vat: SellerVatWord,
    /// What it becomes, and on which day: by day, ahead of time or in hindsight. What is billed bears the
    /// VAT of the day on which it was supplied, so that a document issued after a change is without VAT
    /// for what was supplied before; final documents stay as they are. `seller_vat` is what holds before
    /// the first of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<SellerVatChange>, max_items = 100, required = false)]
    seller_vat_changes: Vec<Change<SellerVatWord>>,
    #[serde(default)]
    #[schema(required = false)]
    vat_due: VatDueWord,
    /// What it becomes, and on which day. The day on which a document is issued counts, since it is then
    /// that the customer is debited; `vat_due` is what holds before the first of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<VatDueChange>, max_items = 100, required = false)]
    vat_due_changes: Vec<Change<VatDueWord>>,
    /// Where members pay to by transfer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    account: Option<AccountInput>,
    #[serde(default)]
    #[schema(required = false)]
    numbering: NumberingInput,
    /// What documents say of late and early payment; what the law says, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    notes: Option<NotesInput>,
    /// The accounts of the books that are not the usual ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    chart: Option<ChartInput>,
    /// How documents look on paper; in dark blue and with the pole's name, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    documents: Option<LookInput>,
    /// Whether documents are mailed to members as they become final, with the file attached, to who is
    /// written to about bills.
    #[serde(default = "yes")]
    #[schema(required = false, default = true)]
    mail_documents: bool,
    /// When what stands to a member's credit (paid in advance, paid too much) pays its documents.
    #[serde(default)]
    #[schema(required = false)]
    credit_use: CreditUse,
}

const fn yes() -> bool {
    true
}

/// Who the pole is on its documents.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SellerInput {
    /// Its legal name.
    #[schema(min_length = 1, max_length = 200, format = "line", example = "Association Pôle Aéro")]
    name: String,
    /// Legal form, share capital, register.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(
        max_length = 200,
        format = "line",
        example = "association loi 1901",
        nullable = false
    )]
    legal_form: Option<String>,
    /// Its number among French companies.
    #[schema(format = "siren", example = "732829320")]
    siren: String,
    /// That of its establishment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "siret", example = "73282932000074", nullable = false)]
    siret: Option<String>,
    /// Its VAT number; none if it charges no VAT.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "vat-number", example = "FR44732829320", nullable = false)]
    vat_number: Option<String>,
    address: AddressInput,
    /// Whom members write to about a document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(
        max_length = 254,
        format = "email",
        example = "compta@pole.example",
        nullable = false
    )]
    email: Option<String>,
    /// Where its electronic invoices come from, as `SCHEME:ADDRESS` (BT-34): from its SIREN,
    /// `0225:732829320`, if left out. Its SIRET, a routing code or a suffix may follow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(
        max_length = 130,
        format = "electronic-address",
        example = "0225:732829320_COMPTA",
        nullable = false
    )]
    electronic_address: Option<String>,
}

/// How VAT treats the pole: it charges it, or is under the threshold of the *franchise en base*
/// (CGI, art. 293 B).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[schema(as = SellerVat)]
#[serde(rename_all = "snake_case")]
enum SellerVatWord {
    #[default]
    Taxable,
    Franchise,
}

/// When VAT falls due: when an invoice is paid, the rule for services; or when it is issued, if the
/// pole opted for it (*option pour les débits*, CGI, art. 269, 2, c).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[schema(as = VatDue)]
#[serde(rename_all = "snake_case")]
enum VatDueWord {
    #[default]
    OnReceipt,
    OnDebits,
}

/// How VAT treats the pole from a day on.
#[derive(ToSchema)]
#[schema(example = json!({ "effective_from": "2027-03-01", "value": "taxable" }))]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "says in the document what a change of `SellerVat` is")]
struct SellerVatChange {
    /// The first day on which it does.
    effective_from: Day,
    value: SellerVatWord,
}

/// When VAT falls due of what is issued from a day on.
#[derive(ToSchema)]
#[schema(example = json!({ "effective_from": "2027-03-01", "value": "on_debits" }))]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "says in the document what a change of `VatDue` is")]
struct VatDueChange {
    /// The first day of issue of which it holds.
    effective_from: Day,
    value: VatDueWord,
}

/// A bank account.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AccountInput {
    /// Its IBAN, without spaces.
    #[schema(format = "iban", example = "FR1420041010050500013M02606")]
    iban: String,
    /// The BIC of its bank.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(
        pattern = "^[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?$",
        example = "PSSTFRPPPAR",
        nullable = false
    )]
    bic: Option<String>,
}

/// How the numbers of each series are written: `{year}` stands for the year of issue, `{number:6}`
/// for the place in the series with six digits. With the year in it, numbers begin anew each year.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct NumberingInput {
    /// Of invoices.
    #[schema(max_length = 60, default = "FA-{year}-{number:6}", example = "FA-{year}-{number:6}")]
    invoice: String,
    /// Of credit notes and rebates.
    #[schema(max_length = 60, default = "AV-{year}-{number:6}", example = "AV-{year}-{number:6}")]
    credit_note: String,
    /// Of documents that charge for late payment.
    #[schema(max_length = 60, default = "PE-{year}-{number:6}", example = "PE-{year}-{number:6}")]
    penalty: String,
}

impl Default for NumberingInput {
    fn default() -> Self {
        Self {
            invoice: "FA-{year}-{number:6}".to_owned(),
            credit_note: "AV-{year}-{number:6}".to_owned(),
            penalty: "PE-{year}-{number:6}".to_owned(),
        }
    }
}

/// What documents say of late and early payment (code de commerce, L441-9 and L441-10).
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NotesInput {
    /// Penalties for late payment.
    #[schema(min_length = 1, max_length = 500, format = "line")]
    late_payment: String,
    /// The indemnity for recovery costs, 40 € by law.
    #[schema(min_length = 1, max_length = 500, format = "line")]
    recovery_costs: String,
    /// The discount for early payment, or that there is none.
    #[schema(min_length = 1, max_length = 500, format = "line")]
    early_payment: String,
}

impl Input for BillingSettingsInput {
    fn check(&self, faults: &mut Vec<Fault>) {
        let SellerInput { siren, siret, vat_number, address, electronic_address, .. } =
            &self.seller;
        let siret = siret.as_deref().and_then(|text| text.parse::<palier_billing::Siret>().ok());
        if let (Some(siret), Ok(siren)) = (siret, siren.parse())
            && let Err(error) = siret.check_siren(siren)
        {
            faults.push(Fault::body("/seller/siret", error.code(), Text::from(&error)));
        }
        let mut numbers = Vec::new();
        party::check_numbers(Some(siren), vat_number.as_deref(), &mut numbers);
        party::check_electronic(Some(siren), electronic_address.as_deref(), &mut numbers);
        faults.extend(numbers.into_iter().map(|fault| fault.within("/seller")));
        let lines = address.lines.iter().map(|Line(line)| line.as_str());
        let read = Address::new(lines, address.postcode.as_deref(), &address.city, address.country);
        for fault in read.err().into_iter().flatten() {
            let pointer = format!("/seller/address/{}", fault.field);
            faults.push(Fault::body(pointer, fault.error.code(), Text::from(&fault.error)));
        }
        dated::check("/seller_vat_changes", &self.seller_vat_changes, faults);
        dated::check("/vat_due_changes", &self.vat_due_changes, faults);
        let changed = self.seller_vat_changes.iter().map(|change| change.value);
        let mut ever = std::iter::once(self.seller_vat).chain(changed);
        if ever.any(|vat| vat == SellerVatWord::Taxable) && vat_number.is_none() {
            let detail = say!(
                en "Who charges VAT has a VAT number.",
                fr "Qui facture la TVA a un numéro de TVA."
            );
            faults.push(Fault::body("/seller/vat_number", "required", detail));
        }
        let numbering = &self.numbering;
        let series = [
            ("invoice", &numbering.invoice),
            ("credit_note", &numbering.credit_note),
            ("penalty", &numbering.penalty),
        ];
        for (nth, (name, format)) in series.into_iter().enumerate() {
            if let Err(error) = format.parse::<NumberFormat>() {
                let detail = say!(
                    en "This is no format of numbers: {error}.",
                    fr "Ceci n’est pas un format de numéros, tel que FA-{{year}}-{{number:6}}."
                );
                faults.push(Fault::body(format!("/numbering/{name}"), "number_format", detail));
            }
            if series.iter().take(nth).any(|(_, earlier)| *earlier == format) {
                let detail = say!(
                    en "Each series has a prefix of its own.",
                    fr "Chaque série a son propre préfixe."
                );
                faults.push(Fault::body(format!("/numbering/{name}"), "duplicate", detail));
            }
        }
        if let Some(chart) = &self.chart {
            chart.check(faults);
        }
        if let Some(look) = &self.documents {
            look.check(faults);
        }
    }
}

/// How a pole bills, at a version.
#[derive(Clone, Debug, Serialize)]
struct BillingSettings {
    #[serde(flatten)]
    settings: BillingSettingsInput,
    #[serde(skip)]
    version: i64,
}

impl Resource for BillingSettings {
    fn id(&self) -> &'static str {
        ""
    }
    fn version(&self) -> i64 {
        self.version
    }
}

impl TryFrom<BillingSettingsRow> for BillingSettings {
    type Error = DbError;

    fn try_from(row: BillingSettingsRow) -> Result<Self, DbError> {
        let settings = serde_json::from_str(&row.document);
        Ok(Self {
            settings: settings.map_err(|error| DbError::Unreadable {
                table: "billing_settings",
                id: row.pole_id.to_string(),
                what: error.to_string(),
            })?,
            version: row.version,
        })
    }
}

/// How the pole bills.
#[utoipa::path(
    tag = "invoices",
    operation_id = "getBillingSettings",
    params(PolePath),
    responses((status = 200, description = "The settings.", body = BillingSettingsInput)),
    security(("token" = ["invoices:read"])),
)]
#[get("/billing-settings")]
async fn get_billing_settings(caller: PoleMay<InvoicesRead>) -> Result<Answer, Problem> {
    let row = caller.read(|conn, pole| Ok(billing_settings::find(conn, pole)?)).await?;
    Answer::object(&BillingSettings::try_from(row.ok_or_else(Problem::not_found)?)?)
}

/// Sets how the pole bills.
///
/// All of it at once; `If-Match: *` where there is nothing yet. Documents that are made from now on
/// have it; those that are final stay as they are.
#[utoipa::path(
    tag = "invoices",
    operation_id = "setBillingSettings",
    params(PolePath),
    request_body = BillingSettingsInput,
    responses(
        (status = 200, description = "The settings as they are now.", body = BillingSettingsInput),
        (status = 409, description = "An account would lose its part while something stands on it.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["invoices:write"])),
)]
#[put("/billing-settings")]
async fn set_billing_settings(
    caller: PoleMay<InvoicesWrite>,
    version: IfMatch,
    body: Body<BillingSettingsInput>,
) -> Result<Answer, Problem> {
    let Body(input) = body;
    let row = caller.write(move |tx| store(tx, &input, version)).await?;
    Answer::object(&BillingSettings::try_from(row)?)
}
