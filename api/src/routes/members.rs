//! Member companies.

use actix_web::{get, patch, post};
use palier_billing::{CountryCode, PaymentTerms, SizeClass, VatRegime};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{PolePath, WrittenLanguage};
use crate::auth::{May, MembersRead, MembersWrite, PoleMay};
use crate::clock::Time;
use crate::db::members::{self, Filter, MemberRow, MemberStatus};
use crate::db::{DbError, Violation};
use crate::http::{
    Answer, At, Body, IfMatch, Input, List, Once, Page, PageQuery, Patch, Query, Stored,
};
use crate::id::{MemberId, PoleId};
use crate::party;
use crate::problem::{Fault, Problem};
use crate::say;
use crate::search;
use crate::work::Changes;

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(list_members).service(create_member).service(get_member).service(update_member);
}

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
    /// How long it may take to pay (code de commerce, L441-10): `30_days` from the issue date
    /// (at most 60), `45_days_end_of_month` or `end_of_month_45_days` (at most 45).
    #[serde(default = "usual_terms")]
    #[schema(value_type = String, format = "payment-terms", default = "30_days", example = "30_days")]
    pub(crate) payment_terms: PaymentTerms,
    /// Where it stands.
    #[serde(default = "active")]
    #[schema(default = "active", required = false)]
    pub(crate) status: MemberStatus,
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

/// A postal address.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Address)]
pub(crate) struct AddressInput {
    /// One to three lines before postcode and city (BT-50, BT-51, BT-163).
    #[schema(min_items = 1, max_items = 3, example = json!(["36 rue de l’Atelier"]))]
    pub(crate) lines: Vec<Line>,
    /// The postcode; five digits in France.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(
        min_length = 1,
        max_length = 16,
        format = "line",
        example = "69007",
        nullable = false
    )]
    pub(crate) postcode: Option<String>,
    /// The city.
    #[schema(min_length = 1, max_length = 200, format = "line", example = "Lyon")]
    pub(crate) city: String,
    /// The country (ISO 3166-1).
    #[schema(value_type = String, format = "country", example = "FR")]
    pub(crate) country: CountryCode,
}

/// A line of an address.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[schema(min_length = 1, max_length = 200, format = "line")]
pub(crate) struct Line(pub(crate) String);

/// A person or an office.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Contact {
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 200, format = "line", nullable = false)]
    pub(crate) name: Option<String>,
    /// Where invoices go.
    #[schema(max_length = 254, format = "email", example = "compta@forge.example")]
    pub(crate) email: String,
    /// Its telephone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 40, format = "line", nullable = false)]
    pub(crate) phone: Option<String>,
}

/// A member company.
pub(crate) type Member = Stored<MemberId, MemberInput>;

/// A change to a member company.
type MemberPatch = Patch<MemberInput>;

/// A page of member companies.
type MemberList = List<Member>;

/// What only the pole may change, also of a member that changes its own particulars.
const OF_THE_POLE: [&str; 7] =
    ["code", "siren", "vat_number", "vat_regime", "size_class", "payment_terms", "status"];

impl Input for MemberInput {
    const ALWAYS: &[&str] = &["vat_regime", "language", "payment_terms", "status"];

    fn check(&self, faults: &mut Vec<Fault>) {
        party::check(self, faults);
    }
}

/// Which member.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "says in the document what addresses have")]
pub(super) struct MemberPath {
    /// The member's id.
    #[param(value_type = String, pattern = "^mbr_[0-7][0-9a-hjkmnp-tv-z]{25}$", example = "mbr_01k9gz7v3hf8mv3r0x2p6d9qae")]
    member: MemberId,
}

/// Which members.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct MemberFilter {
    /// Words of its name, code or city; accents and case do not count.
    #[param(min_length = 1, max_length = 200)]
    q: Option<String>,
    /// Where it stands.
    #[param(inline)]
    status: Option<MemberStatus>,
    /// Its SIREN.
    #[param(format = "siren")]
    siren: Option<String>,
    /// The pole's own code for it.
    #[param(max_length = 64)]
    code: Option<String>,
}

/// Lists member companies.
///
/// Staff see all, a member sees itself.
#[utoipa::path(
    tag = "members",
    operation_id = "listMembers",
    params(PolePath, PageQuery, MemberFilter),
    responses((status = 200, description = "A page of members.", body = MemberList)),
    security(("token" = ["members:read"])),
)]
#[get("/members")]
async fn list_members(
    caller: May<MembersRead>,
    page: Page,
    filter: Query<MemberFilter>,
) -> Result<Answer, Problem> {
    let Query(MemberFilter { q, status, siren, code }) = filter;
    let filter = Filter {
        among: caller.reach.members(),
        status,
        siren,
        code,
        words: q.as_deref().map(search::words).unwrap_or_default(),
    };
    let (after, rows) = (page.after::<String>()?, page.rows());
    let found = caller
        .read(move |conn, pole| Ok(members::page(conn, pole, &filter, after.as_deref(), rows)?))
        .await?;
    let page = page.list(found, |row| row.member_id.to_string());
    Answer::ok(&page.try_map(Member::try_from)?)
}

/// Adds a member company.
#[utoipa::path(
    tag = "members",
    operation_id = "createMember",
    params(PolePath),
    request_body = MemberInput,
    responses((status = 201, description = "The member.", body = Member)),
    security(("token" = ["members:write"])),
)]
#[post("/members")]
async fn create_member(
    caller: PoleMay<MembersWrite>,
    once: Once,
    body: Body<MemberInput>,
) -> Result<Answer, Problem> {
    let (Body(input), language) = (body, caller.pole.language);
    caller
        .create(once, move |tx| {
            let id = MemberId::new(tx.at());
            let row = input.row(tx.pole().clone(), id, language, tx.at());
            members::insert(tx.conn, &row).map_err(code_is_taken)?;
            let member = Member::try_from(row)?;
            Ok(tx.done(
                "member.created",
                member.id.clone().as_str(),
                &Changes::made(&member),
                member,
            )?)
        })
        .await
}

/// A member company.
#[utoipa::path(
    tag = "members",
    operation_id = "getMember",
    params(PolePath, MemberPath),
    responses((status = 200, description = "The member.", body = Member)),
    security(("token" = ["members:read"])),
)]
#[get("/members/{member}")]
async fn get_member(caller: May<MembersRead>, at: At<MemberId>) -> Result<Answer, Problem> {
    let row = caller.read(move |conn, pole| Ok(members::find(conn, pole, &at.0)?)).await?;
    Answer::object(&Member::try_from(row.ok_or_else(Problem::not_found)?)?)
}

/// Changes a member company.
///
/// A member's administrator may change its name, address, contact and language; its legal identity,
/// VAT regime and terms are the pole's to change.
#[utoipa::path(
    tag = "members",
    operation_id = "updateMember",
    params(PolePath, MemberPath),
    request_body(content = MemberPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The member as it is now.", body = Member)),
    security(("token" = ["members:write"])),
)]
#[patch("/members/{member}")]
async fn update_member(
    caller: May<MembersWrite>,
    at: At<MemberId>,
    version: IfMatch,
    patch: MemberPatch,
) -> Result<Answer, Problem> {
    if !caller.reach.pole && OF_THE_POLE.iter().any(|field| patch.names(field)) {
        return Err(Problem::forbidden());
    }
    let (app, language) = (caller.app.clone(), caller.pole.language);
    let member = caller
        .write(move |tx| {
            let row = members::find(tx.conn, tx.pole(), &at.0)?.ok_or_else(Problem::not_found)?;
            version.check(row.version)?;
            let before = Member::try_from(row.clone())?;
            let input = patch.apply(&app, &before)?;
            let next = MemberRow {
                version: row.version.saturating_add(1),
                created_at: row.created_at,
                ..input.row(row.pole_id, row.member_id, language, tx.at())
            };
            let changed = members::update(tx.conn, &next, row.version).map_err(code_is_taken)?;
            let after = Member::try_from(changed.ok_or_else(Problem::changed)?)?;
            let changes = Changes::between(&before, &after);
            Ok(tx.done("member.updated", after.id.clone().as_str(), &changes, after)?)
        })
        .await?;
    Answer::object(&member)
}

fn code_is_taken(error: DbError) -> Problem {
    if error.violation() != Some(Violation::Unique) {
        return error.into();
    }
    let detail = say!(en "Another member has this code.", fr "Un autre membre porte ce code.");
    Problem::conflict(Fault::body("/code", "taken", detail))
}

impl MemberInput {
    /// The row it becomes.
    fn row(self, pole: PoleId, id: MemberId, language: WrittenLanguage, at: Time) -> MemberRow {
        let regime = self.vat_regime.unwrap_or_else(|| party::suggested_regime(&self));
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
            search,
            version: 1,
            created_at: at,
            updated_at: at,
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
            status: row.status,
        };
        Ok(Self {
            id: row.member_id,
            object,
            created_at: row.created_at,
            updated_at: row.updated_at,
            version: row.version,
        })
    }
}
