//! The caller of a request, as handlers get it.

use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::Arc;

use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest, dev::Payload, web};

use super::identify::{Bearer, not_here, unknown};
use super::permission::{Grant, Permission, Reach, Scope};
use crate::app::App;
use crate::clock::Time;
use crate::db::poles::PoleRow;
use crate::http::observe::Observed;
use crate::http::permitted::{self, Reading};
use crate::id::{MemberId, PoleId, ProviderId, SessionId};
use crate::problem::{Problem, ProblemType};
use crate::say;

/// Who calls, in which pole.
#[derive(Clone)]
pub(crate) struct Caller {
    pub(crate) app: web::Data<App>,
    pub(crate) pole: Arc<PoleRow>,
    /// The id of a user or of a key.
    pub(crate) actor: String,
    /// The session of a signed-in person.
    pub(crate) session: Option<SessionId>,
    pub(crate) grants: Vec<Grant>,
    /// What a key is limited to; nothing more than its grants, if absent.
    pub(crate) scopes: Option<Vec<Scope>>,
    /// Of this request, for the audit log.
    pub(crate) request: String,
    pub(crate) path: String,
}

impl Caller {
    /// What the caller reaches with a scope; none if it does not have it.
    pub(crate) fn reach(&self, scope: Scope) -> Option<Reach> {
        let limited = self.scopes.as_ref().is_some_and(|scopes| !scopes.contains(&scope));
        if limited { None } else { Reach::of(&self.grants, scope) }
    }

    /// Whether the caller may do everything that a role allows, and so may hand it out: whoever
    /// could give more than they have would have it.
    pub(crate) fn covers(&self, grant: &Grant) -> bool {
        let mut scopes = Scope::ALL.iter().filter(|scope| grant.role().allows(**scope));
        scopes.all(|scope| {
            self.reach(*scope).is_some_and(|reach| match grant.owner() {
                (Some(member), _) => reach.has_member(member),
                (_, Some(provider)) => reach.has_provider(provider),
                (None, None) => reach.pole,
            })
        })
    }

    /// The pole's id.
    pub(crate) fn pole_id(&self) -> PoleId {
        self.pole.pole_id.clone()
    }

    /// The present.
    pub(crate) fn now(&self) -> Time {
        self.app.now()
    }
}

/// A caller with a permission, for as much as its grants reach. Where the address names a member
/// or a provider, it is one that the caller reaches.
pub(crate) struct May<P> {
    caller: Caller,
    /// What the permission reaches.
    pub(crate) reach: Reach,
    permission: PhantomData<P>,
}

impl<P> Deref for May<P> {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.caller
    }
}

impl<P: Permission> FromRequest for May<P> {
    type Error = Problem;
    type Future = Reading<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let asked = request.clone();
        permitted::first(request, async move {
            let caller = caller(&asked).await?;
            let reach = caller.reach(P::SCOPE).ok_or_else(Problem::forbidden)?;
            if let Some(member) = asked.match_info().get("member") {
                let member: MemberId = member.parse().map_err(|_| Problem::not_found())?;
                if !reach.has_member(&member) {
                    return Err(Problem::not_found());
                }
            }
            if let Some(provider) = asked.match_info().get("provider") {
                let provider: ProviderId = provider.parse().map_err(|_| Problem::not_found())?;
                if !reach.has_provider(&provider) {
                    return Err(Problem::not_found());
                }
            }
            Ok(Self { caller, reach, permission: PhantomData })
        })
    }
}

/// A caller with a permission for the whole pole.
pub(crate) struct PoleMay<P>(May<P>);

impl<P> Deref for PoleMay<P> {
    type Target = Caller;

    fn deref(&self) -> &Caller {
        &self.0.caller
    }
}

impl<P: Permission> FromRequest for PoleMay<P> {
    type Error = Problem;
    type Future = Reading<Self>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let may = May::<P>::from_request(request, payload);
        Box::pin(async move {
            let may = may.await?;
            if may.reach.pole { Ok(Self(may)) } else { Err(Problem::forbidden()) }
        })
    }
}

/// Anybody, in a pole.
pub(crate) struct Visitor {
    pub(crate) app: web::Data<App>,
    pub(crate) pole: Arc<PoleRow>,
    /// Of this request, for the audit log.
    pub(crate) request: String,
}

impl FromRequest for Visitor {
    type Error = Problem;
    type Future = Reading<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let asked = request.clone();
        permitted::first(request, async move {
            let (app, pole) = place(&asked).await?;
            Ok(Self { app, pole, request: Observed::id(&asked) })
        })
    }
}

impl FromRequest for Caller {
    type Error = Problem;
    type Future = Reading<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let asked = request.clone();
        permitted::first(request, async move { caller(&asked).await })
    }
}

/// The pole of the address.
async fn place(request: &HttpRequest) -> Result<(web::Data<App>, Arc<PoleRow>), Problem> {
    let app = request.app_data::<web::Data<App>>().cloned().ok_or_else(Problem::not_found)?;
    let name = request.match_info().get("pole").unwrap_or_default();
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    if name.len() > 64 || !name.bytes().all(plain) {
        return Err(Problem::not_found());
    }
    let pole = app.poles.get(&app, name).await?;
    Ok((app, pole))
}

/// Who calls, by the bearer token (RFC 6750).
async fn caller(request: &HttpRequest) -> Result<Caller, Problem> {
    if let Some(known) = request.extensions().get::<Caller>() {
        return Ok(known.clone());
    }
    let header = request.headers().get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = header
        .and_then(|header| header.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let (_, token) = token.ok_or_else(nobody)?;
    let bearer = Bearer::read(App::of(request), token.trim()).await?;
    // Only a caller who is somebody learns whether a pole is there; somebody of another pole
    // learns as little as of one that is not.
    let (app, pole) = match (place(request).await, &bearer) {
        (Ok((_, pole)), Bearer::Ours(claims)) if claims.pole != pole.pole_id.as_str() => {
            return Err(Problem::not_found());
        }
        (Err(problem), Bearer::Key(key)) if problem.kind == ProblemType::NotFound => {
            return Err(not_here(App::of(request), key).await?);
        }
        // Whose people they are, only the pole itself could ask of its identity provider.
        (Err(problem), Bearer::Outside { .. }) if problem.kind == ProblemType::NotFound => {
            return Err(unknown(false));
        }
        (found, _) => found?,
    };
    let known = bearer.identify(&app, &pole.pole_id).await?;
    let caller = Caller {
        app,
        pole,
        actor: known.actor,
        session: known.session,
        grants: known.grants,
        scopes: known.scopes,
        request: Observed::id(request),
        path: request.path().to_owned(),
    };
    request.extensions_mut().insert(caller.clone());
    Ok(caller)
}

fn nobody() -> Problem {
    let detail = say!(
        en "Send an access token or an API key: Authorization: Bearer …",
        fr "Envoyez un jeton d’accès ou une clé d’API : Authorization: Bearer …"
    );
    Problem::new(ProblemType::Unauthenticated, detail)
}
