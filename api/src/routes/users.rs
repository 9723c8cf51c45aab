//! People, and what they may do.

use actix_web::{get, patch, post};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::PolePath;
use crate::auth::{Caller, Grant, May, Reach, Role, UsersRead, UsersWrite};
use crate::clock::Time;
use crate::db::poles::WrittenLanguage;
use crate::db::users::{self, Filter, UserRow, UserStatus};
use crate::db::{Db, DbError, Violation, members, providers, sessions};
use crate::http::{
    Answer, At, Body, IfMatch, Input, List, Once, Page, PageQuery, Patch, Query, Stateless, Stored,
};
use crate::id::{MemberId, PoleId, ProviderId, UserId};
use crate::jobs::{self, Job};
use crate::problem::{Fault, Problem};
use crate::say;
use crate::search;
use crate::work::{Changes, Tx};

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(list_users).service(create_user).service(get_user).service(update_user);
}

/// A person who signs in.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserInput {
    /// The address they sign in with, and get mail at.
    #[schema(max_length = 254, format = "email", example = "jeanne@forge.example")]
    pub(crate) email: String,
    #[schema(min_length = 1, max_length = 200, format = "line", example = "Jeanne Martin")]
    pub(crate) name: String,
    /// The language they are written to in; the pole's, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) language: Option<WrittenLanguage>,
    /// What they are.
    #[schema(min_items = 1, max_items = 50, example = json!([{ "role": "finance" }]))]
    pub(crate) grants: Vec<GrantInput>,
    #[serde(default = "active")]
    #[schema(default = "active", required = false)]
    pub(crate) status: UserStatus,
}

/// A role, and for whom: `member_admin` and `member_user` for a member, `provider` for a provider,
/// the others for the whole pole.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Grant)]
pub(crate) struct GrantInput {
    pub(crate) role: Role,
    /// The member it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) member: Option<MemberId>,
    /// The provider it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub(crate) provider: Option<ProviderId>,
}

const fn active() -> UserStatus {
    UserStatus::Active
}

/// A person who signs in.
pub(crate) type User = Stored<UserId, UserInput>;

/// A change to a user.
type UserPatch = Patch<UserInput>;

/// A page of users.
type UserList = List<User>;

impl Input for UserInput {
    const ALWAYS: &[&str] = &["language", "status"];

    fn check(&self, faults: &mut Vec<Fault>) {
        for (index, grant) in self.grants.iter().enumerate() {
            if grant.read().is_none() {
                faults.push(Fault::body(
                    format!("/grants/{index}"),
                    "grant",
                    say!(
                        en "member_admin and member_user need a member, provider a provider, the other roles neither.",
                        fr "member_admin et member_user demandent un membre, provider un fournisseur, les autres rôles ni l’un ni l’autre."
                    ),
                ));
            }
        }
    }
}

impl GrantInput {
    fn read(&self) -> Option<Grant> {
        Grant::new(self.role, self.member.clone(), self.provider.clone())
    }
}

impl From<&Grant> for GrantInput {
    fn from(grant: &Grant) -> Self {
        let (member, provider) = grant.owner();
        Self { role: grant.role(), member: member.cloned(), provider: provider.cloned() }
    }
}

/// Which user.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "says in the document what addresses have")]
struct UserPath {
    /// The user's id.
    #[param(value_type = String, pattern = "^usr_[0-7][0-9a-hjkmnp-tv-z]{25}$", example = "usr_01k9gz7v3hf8mv3r0x2p6d9qae")]
    user: UserId,
}

/// Which users.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct UserFilter {
    /// Words of the name or the address; accents and case do not count.
    #[param(min_length = 1, max_length = 200)]
    q: Option<String>,
    /// Those who act for this member.
    #[param(value_type = Option<String>, pattern = "^mbr_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    member: Option<MemberId>,
    /// Whether they may sign in.
    #[param(inline)]
    status: Option<UserStatus>,
}

/// Lists users.
///
/// Staff see all, a member's administrator those who act for the member, with what they are there.
#[utoipa::path(
    tag = "users",
    operation_id = "listUsers",
    params(PolePath, PageQuery, UserFilter),
    responses((status = 200, description = "A page of users.", body = UserList)),
    security(("token" = ["users:read"])),
)]
#[get("/users")]
async fn list_users(
    caller: May<UsersRead>,
    page: Page,
    filter: Query<UserFilter>,
) -> Result<Answer, Problem> {
    let Query(UserFilter { q, member, status }) = filter;
    let words = q.as_deref().map(search::words).unwrap_or_default();
    let filter = Filter { among: caller.reach.members(), member, status, words };
    let (after, rows) = (page.after::<String>()?, page.rows());
    let found = caller
        .read(move |conn, pole| {
            let rows = users::page(conn, pole, &filter, after.as_deref(), rows)?;
            let ids: Vec<_> = rows.iter().map(|row| row.user_id.clone()).collect();
            Ok((rows, users::grants_of(conn, pole, &ids)?))
        })
        .await?;
    let (found, grants) = found;
    let page = page.list(found, |row| row.user_id.to_string());
    let page = page.try_map(|row| {
        let theirs = grants.iter().filter(|(user, _)| *user == row.user_id);
        let theirs: Vec<_> = theirs.map(|(_, grant)| grant.clone()).collect();
        Ok::<_, Problem>(shown(row, &theirs, &caller.reach))
    });
    Answer::ok(&page?)
}

/// Adds a user, who gets a mail with a first sign-in link.
///
/// Nobody can give away more than they may do themselves.
#[utoipa::path(
    tag = "users",
    operation_id = "createUser",
    params(PolePath),
    request_body = UserInput,
    responses((status = 201, description = "The user.", body = User)),
    security(("token" = ["users:write"])),
)]
#[post("/users")]
async fn create_user(
    caller: May<UsersWrite>,
    once: Once,
    body: Body<UserInput>,
) -> Result<Answer, Problem> {
    let (Body(input), language) = (body, caller.pole.language);
    let (grants, app) = (given(&caller, &input)?, caller.app.clone());
    caller
        .create(once, move |tx| {
            let id = UserId::new(tx.at());
            let row = input.row(tx.pole().clone(), id.clone(), language, tx.at());
            users::insert(tx.conn, &row).map_err(email_is_taken)?;
            grant(tx, &id, &grants)?;
            if row.status == UserStatus::Active {
                let job = Job::Invitation { pole: tx.pole().clone(), user: id.clone() };
                jobs::enqueue(&app, tx, &job)?;
            }
            let user = user(row, &grants);
            Ok(tx.done("user.created", id.as_str(), &Changes::made(&user), user)?)
        })
        .await
}

/// A user.
#[utoipa::path(
    tag = "users",
    operation_id = "getUser",
    params(PolePath, UserPath),
    responses((status = 200, description = "The user.", body = User)),
    security(("token" = ["users:read"])),
)]
#[get("/users/{user}")]
async fn get_user(caller: May<UsersRead>, at: At<UserId>) -> Result<Answer, Problem> {
    let reach = caller.reach.clone();
    let (row, grants) = caller.read(move |conn, pole| found(conn, pole, &at.0, &reach)).await?;
    Answer::object(&shown(row, &grants, &caller.reach))
}

/// Changes a user. Disabling one ends all their sessions.
///
/// Only somebody who may do all that the user may, before and after, can change them. A pole keeps
/// at least one administrator who may sign in.
#[utoipa::path(
    tag = "users",
    operation_id = "updateUser",
    params(PolePath, UserPath),
    request_body(content = UserPatch, content_type = "application/merge-patch+json"),
    responses((status = 200, description = "The user as they are now.", body = User)),
    security(("token" = ["users:write"])),
)]
#[patch("/users/{user}")]
async fn update_user(
    caller: May<UsersWrite>,
    at: At<UserId>,
    version: IfMatch,
    patch: UserPatch,
) -> Result<Answer, Problem> {
    let (who, reach) = (Caller::clone(&caller), caller.reach.clone());
    let user = caller
        .write(move |tx| {
            let (row, had) = found(tx.conn, tx.pole(), &at.0, &reach)?;
            if !had.iter().all(|grant| who.covers(grant)) {
                return Err(Problem::forbidden());
            }
            version.check(row.version)?;
            let before = user(row.clone(), &had);
            let input = patch.apply(&who.app, &before)?;
            let grants = given(&who, &input)?;
            let next = UserRow {
                version: row.version.saturating_add(1),
                created_at: row.created_at,
                password_hash: row.password_hash.clone(),
                ..input.row(row.pole_id, row.user_id, row.language, tx.at())
            };
            let changed = users::update(tx.conn, &next, row.version).map_err(email_is_taken)?;
            let changed = changed.ok_or_else(Problem::changed)?;
            let id = changed.user_id.clone();
            grant(tx, &id, &grants)?;
            let (at, pole) = (tx.at(), tx.pole());
            if changed.status == UserStatus::Disabled || changed.email_key != row.email_key {
                // A link in the mailbox of an address that is theirs no more must open nothing.
                sessions::use_links_of(tx.conn, pole, &id, at)?;
            }
            if changed.status == UserStatus::Disabled {
                sessions::revoke_all(tx.conn, pole, &id, None, at)?;
            }
            let after = user(changed, &grants);
            let changes = Changes::between(&before, &after);
            let done = tx.done("user.updated", id.as_str(), &changes, after)?;
            // Counted behind the entry in the log, which writers of a pole wait for: two
            // administrators cannot take each other's role at once.
            if !users::has_admin(tx.conn, pole)? {
                return Err(last_admin());
            }
            Ok(done)
        })
        .await?;
    caller.app.gate.forget();
    Answer::object(&visible(user, &caller.reach))
}

/// The grants of a body, if the caller may give them all.
fn given(caller: &Caller, input: &UserInput) -> Result<Vec<Grant>, Problem> {
    let grants: Vec<_> = input.grants.iter().filter_map(GrantInput::read).collect();
    if grants.iter().all(|grant| caller.covers(grant)) {
        Ok(grants)
    } else {
        Err(Problem::forbidden())
    }
}

/// A user within a reach, with all they are.
fn found(
    conn: &mut Db,
    pole: &PoleId,
    user: &UserId,
    reach: &Reach,
) -> Result<(UserRow, Vec<Grant>), Problem> {
    let row = users::find(conn, pole, user)?.ok_or_else(Problem::not_found)?;
    let grants = users::grants(conn, pole, user)?;
    if reach.pole || grants.iter().any(|grant| is_within(grant, reach)) {
        return Ok((row, grants));
    }
    Err(Problem::not_found())
}

fn is_within(grant: &Grant, reach: &Reach) -> bool {
    match grant.owner() {
        (Some(member), _) => reach.has_member(member),
        (_, Some(provider)) => reach.has_provider(provider),
        (None, None) => reach.pole,
    }
}

/// A user as somebody with this reach sees them: what they are for others stays hidden.
fn shown(row: UserRow, grants: &[Grant], reach: &Reach) -> User {
    visible(user(row, grants), reach)
}

fn visible(mut user: User, reach: &Reach) -> User {
    let is_within = |grant: &GrantInput| grant.read().is_some_and(|grant| is_within(&grant, reach));
    user.object.grants.retain(is_within);
    user
}

/// A user as the API has it.
fn user(row: UserRow, grants: &[Grant]) -> User {
    User {
        id: row.user_id,
        object: UserInput {
            email: row.email,
            name: row.name,
            language: Some(row.language),
            grants: grants.iter().map(GrantInput::from).collect(),
            status: row.status,
        },
        state: Stateless {},
        created_at: row.created_at,
        updated_at: row.updated_at,
        version: row.version,
    }
}

impl UserInput {
    /// The row it becomes.
    fn row(&self, pole: PoleId, id: UserId, language: WrittenLanguage, at: Time) -> UserRow {
        UserRow {
            pole_id: pole,
            user_id: id,
            email: self.email.clone(),
            email_key: users::email_key(&self.email),
            name: self.name.clone(),
            language: self.language.unwrap_or(language),
            status: self.status,
            password_hash: None,
            search: search::folded(&format!("{} {}", self.name, self.email)),
            version: 1,
            created_at: at,
            updated_at: at,
        }
    }
}

fn email_is_taken(error: DbError) -> Problem {
    if error.violation() != Some(Violation::Unique) {
        return error.into();
    }
    let detail =
        say!(en "Another user has this address.", fr "Cette adresse est celle d’un autre.");
    Problem::conflict(Fault::body("/email", "taken", detail))
}

/// Says what a user is, for members and providers that there are.
fn grant(tx: &mut Tx<'_>, user: &UserId, grants: &[Grant]) -> Result<(), Problem> {
    let mut faults = Vec::new();
    for (index, grant) in grants.iter().enumerate() {
        let place = format!("/grants/{index}");
        faults.extend(owner_fault(tx.conn, tx.pole(), grant.owner(), &place)?);
    }
    if !faults.is_empty() {
        return Err(Problem::invalid(faults));
    }
    Ok(users::set_grants(tx.conn, tx.pole(), user, grants)?)
}

/// What is wrong with naming a member or a provider that is not there.
pub(super) fn owner_fault(
    conn: &mut Db,
    pole: &PoleId,
    owner: (Option<&MemberId>, Option<&ProviderId>),
    place: &str,
) -> Result<Option<Fault>, DbError> {
    if let (Some(member), _) = owner
        && members::find(conn, pole, member)?.is_none()
    {
        let detail = say!(en "There is no such member.", fr "Ce membre n’existe pas.");
        return Ok(Some(Fault::body(format!("{place}/member"), "unknown_member", detail)));
    }
    if let (_, Some(provider)) = owner
        && providers::find(conn, pole, provider)?.is_none()
    {
        let detail = say!(en "There is no such provider.", fr "Ce fournisseur n’existe pas.");
        return Ok(Some(Fault::body(format!("{place}/provider"), "unknown_provider", detail)));
    }
    Ok(None)
}

fn last_admin() -> Problem {
    Problem::state(say!(
        en "A pole needs an administrator who may sign in; make another one first.",
        fr "Un pôle a besoin d’un administrateur qui puisse se connecter ; nommez-en d’abord un autre."
    ))
}
