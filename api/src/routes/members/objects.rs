//! What a member company is: in requests and answers, and as a row.

use palier_billing::{Change, PaymentTerms, SizeClass, VatRegime};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::check;
use crate::clock::Time;
use crate::dated;
use crate::day::Day;
use crate::db::DbError;
use crate::db::members::{InvoicesBy, MemberRow, MemberStatus};
use crate::db::poles::WrittenLanguage;
use crate::http::{Input, Stateless, Stored};
use crate::id::{MemberId, PoleId};
use crate::party::{AddressInput, Line};
use crate::problem::Fault;
use crate::search;

/// A member company, as invoices name it.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MemberInput {
    /// The pole's own code for it, which usage and imports may name it by.
    #[schema(min_length = 1, max_length = 64, pattern = "^[A-Za-z0-9._-]+$", example = "forge")]
    pub(crate) code: String,
    /// Its registered name (BT-44).
    #[schema(min_length = 1, max_length = 200, format = "line", example = "Forge du Rhône SAS")]
    pub(crate) name: String,
    /// Its legal form, such as SAS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 100, format = "line", example = "SAS", nullable = false)]
    pub(crate) legal_form: Option<String>,
    /// Its SIREN; a company in France must have one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "siren", example = "732829320", nullable = false)]
    pub(crate) siren: Option<String>,
    /// The SIRET of the establishment that is invoiced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "siret", example = "73282932000074", nullable = false)]
    pub(crate) siret: Option<String>,
    /// Its VAT number (BT-48).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(format = "vat-number", example = "FR44732829320", nullable = false)]
    pub(crate) vat_number: Option<String>,
    /// How VAT treats what is sold to it; what follows from its address and VAT number, if left
    /// out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<VatRegimeWord>, nullable = false)]
    pub(crate) vat_regime: Option<VatRegime>,
    /// What its regime becomes, and on which day: by day, ahead of time or in hindsight. What is billed
    /// bears the VAT of the day on which it was supplied; final documents stay as they are.
    /// `vat_regime` is what holds before the first of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<VatRegimeChange>, max_items = 100, required = false)]
    pub(crate) vat_regime_changes: Vec<Change<VatRegime>>,
    /// Its size class (décret 2008-1354, art. 3).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<SizeClassWord>, nullable = false)]
    pub(crate) size_class: Option<SizeClass>,
    pub(crate) address: AddressInput,
    /// Who gets its invoices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) billing_contact: Option<Contact>,
    /// The language it is written to in; the pole's, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) language: Option<WrittenLanguage>,
    /// Where its electronic invoices go, as `SCHEME:ADDRESS` of the list EAS (BT-49): to its SIREN,
    /// `0225:732829320`, if left out. A company with a SIREN may add its SIRET, a routing code or a
    /// suffix to it (`0225:732829320_COMPTA`); one abroad may have an address of another scheme.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(
        max_length = 130,
        format = "electronic-address",
        example = "0225:732829320_COMPTA",
        nullable = false
    )]
    pub(crate) electronic_address: Option<String>,
    /// The number of its purchase order, which its invoices must show if there is one (BT-13).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(
        min_length = 1,
        max_length = 100,
        format = "line",
        example = "BC-2026/17",
        nullable = false
    )]
    pub(crate) purchase_order: Option<String>,
    /// How long it may take to pay (code de commerce, L441-10): `30_days` from the issue date
    /// (at most 60), `45_days_end_of_month` or `end_of_month_45_days` (at most 45).
    #[serde(default = "usual_terms")]
    #[schema(value_type = String, format = "payment-terms", default = "30_days", example = "30_days")]
    pub(crate) payment_terms: PaymentTerms,
    /// Where it stands.
    #[serde(default = "active")]
    #[schema(default = "active", required = false)]
    pub(crate) status: MemberStatus,
    /// How many invoices it gets for a month: one for all its services, or one for each.
    #[serde(default = "by_period")]
    #[schema(default = "period", required = false)]
    pub(crate) invoices_by: InvoicesBy,
}

const fn by_period() -> InvoicesBy {
    InvoicesBy::Period
}

const fn active() -> MemberStatus {
    MemberStatus::Active
}

fn usual_terms() -> PaymentTerms {
    PaymentTerms::default()
}

/// How VAT treats what is sold to a company, from the customer's side.
#[derive(ToSchema)]
#[schema(as = VatRegime)]
#[serde(rename_all = "snake_case")]
#[expect(dead_code, reason = "says in the document what `VatRegime` is")]
enum VatRegimeWord {
    Standard,
    Franchise,
    IntraEu,
    Overseas,
    OverseasUntaxed,
    OutsideEu,
    Exempt,
}

/// What the VAT regime of a company becomes.
#[derive(ToSchema)]
#[schema(example = json!({ "effective_from": "2027-03-01", "value": "franchise" }))]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "says in the document what a change of a regime is")]
struct VatRegimeChange {
    /// The first day on which it is that.
    effective_from: Day,
    value: VatRegimeWord,
}

/// The size class of a company.
#[derive(ToSchema)]
#[schema(as = SizeClass)]
#[serde(rename_all = "snake_case")]
#[expect(dead_code, reason = "says in the document what `SizeClass` is")]
enum SizeClassWord {
    Micro,
    Pme,
    Eti,
    Ge,
}

/// A person or an office.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Contact {
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 200, format = "line", nullable = false)]
    pub(crate) name: Option<String>,
    /// Its e-mail address; where invoices go, for a member.
    #[schema(max_length = 254, format = "email", example = "compta@forge.example")]
    pub(crate) email: String,
    /// Its telephone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 40, format = "line", nullable = false)]
    pub(crate) phone: Option<String>,
}

/// A member company.
pub(crate) type Member = Stored<MemberId, MemberInput>;

impl Input for MemberInput {
    const ALWAYS: &[&str] = &["vat_regime", "language", "payment_terms", "status", "invoices_by"];

    fn check(&self, faults: &mut Vec<Fault>) {
        check::check(self, faults);
    }
}

impl MemberInput {
    /// The row it becomes.
    pub(crate) fn row(
        self,
        pole: PoleId,
        id: MemberId,
        language: WrittenLanguage,
        at: Time,
    ) -> MemberRow {
        let regime = self.vat_regime.unwrap_or_else(|| check::suggested_regime(&self));
        let contact = self.billing_contact;
        let lines: Vec<_> = self.address.lines.into_iter().map(|Line(line)| line).collect();
        let search = search::folded(&format!("{} {} {}", self.name, self.code, self.address.city));
        MemberRow {
            pole_id: pole,
            member_id: id,
            code: self.code,
            name: self.name,
            legal_form: self.legal_form,
            siren: self.siren,
            siret: self.siret,
            vat_number: self.vat_number,
            vat_regime: regime.as_str().to_owned(),
            size_class: self.size_class.map(|class| class.as_str().to_owned()),
            address_lines: lines.join("\n"),
            postcode: self.address.postcode,
            city: self.address.city,
            country: self.address.country.to_string(),
            contact_name: contact.as_ref().and_then(|contact| contact.name.clone()),
            contact_email: contact.as_ref().map(|contact| contact.email.clone()),
            contact_phone: contact.and_then(|contact| contact.phone),
            language: self.language.unwrap_or(language),
            payment_terms: self.payment_terms.to_string(),
            status: self.status,
            invoices_by: self.invoices_by,
            search,
            version: 1,
            created_at: at,
            updated_at: at,
            electronic_address: self.electronic_address,
            purchase_order: self.purchase_order,
            vat_regime_changes: dated::column(&self.vat_regime_changes),
        }
    }
}

impl TryFrom<MemberRow> for Member {
    type Error = DbError;

    fn try_from(row: MemberRow) -> Result<Self, DbError> {
        let unreadable = |what: &dyn std::fmt::Display| DbError::Unreadable {
            table: "members",
            id: row.member_id.to_string(),
            what: what.to_string(),
        };
        let size_class = row.size_class.as_deref().map(str::parse).transpose();
        let contact = row.contact_email.clone().map(|email| Contact {
            name: row.contact_name.clone(),
            email,
            phone: row.contact_phone.clone(),
        });
        let object = MemberInput {
            vat_regime: Some(row.vat_regime.parse().map_err(|error| unreadable(&error))?),
            vat_regime_changes: row.regime_changes()?,
            size_class: size_class.map_err(|error| unreadable(&error))?,
            address: AddressInput {
                lines: row.address_lines.lines().map(|line| Line(line.to_owned())).collect(),
                postcode: row.postcode.clone(),
                city: row.city.clone(),
                country: row.country.parse().map_err(|error| unreadable(&error))?,
            },
            payment_terms: row.payment_terms.parse().map_err(|error| unreadable(&error))?,
            code: row.code,
            name: row.name,
            legal_form: row.legal_form,
            siren: row.siren,
            siret: row.siret,
            vat_number: row.vat_number,
            billing_contact: contact,
            language: Some(row.language),
            electronic_address: row.electronic_address,
            purchase_order: row.purchase_order,
            status: row.status,
            invoices_by: row.invoices_by,
        };
        Ok(Self {
            id: row.member_id,
            object,
            state: Stateless {},
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
        })
    }
}
