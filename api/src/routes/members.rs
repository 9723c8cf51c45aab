//! Member companies.

use actix_web::{get, patch, post};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::PolePath;
use crate::auth::{May, MembersRead, MembersWrite, PoleMay};
use crate::db::members::{self, Filter, MemberRow, MemberStatus};
use crate::db::{DbError, Violation};
use crate::http::{Answer, At, Body, IfMatch, List, Once, Page, PageQuery, Patch, Query};
use crate::id::MemberId;
use crate::problem::{Fault, Problem};
use crate::say;
use crate::search;
use crate::work::Changes;

mod check;
mod import;
mod objects;

pub(crate) use objects::{Contact, Member, MemberInput};

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    // Before those with an id: `import` is none.
    api.configure(import::routes);
    api.service(list_members).service(create_member).service(get_member).service(update_member);
}

/// A change to a member company.
type MemberPatch = Patch<MemberInput>;

/// A page of member companies.
type MemberList = List<Member>;

/// What only the pole may change, also of a member that changes its own particulars.
const OF_THE_POLE: [&str; 8] = [
    "code",
    "siren",
    "vat_number",
    "vat_regime",
    "vat_regime_changes",
    "size_class",
    "payment_terms",
    "status",
];

/// Which member.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "says in the document what addresses have")]
pub(crate) struct MemberPath {
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
