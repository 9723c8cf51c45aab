//! What a service costs before it is billed: its price board.

use actix_web::get;
use palier_billing::{MINIMUM_ACTIVE, Month, Period};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;

use super::PolePath;
use super::services::ServicePath;
use crate::auth::{May, UsageRead};
use crate::boards::{Board, Held};
use crate::http::{Answer, At, Query};
use crate::id::{MemberId, ServiceId};
use crate::metering::Calendar;
use crate::problem::{Fault, Problem};
use crate::say;

mod curve;
mod objects;
mod stream;

use objects::PriceBoard;

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(get_price_board);
    curve::routes(api);
    stream::routes(api);
}

/// Which board, and for whom.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct BoardQuery {
    /// A month; this one, if left out.
    #[param(pattern = "^[0-9]{4}-(0[1-9]|1[0-2])$", example = "2026-11")]
    month: Option<String>,
    /// The member whose own figures are shown. Whoever acts for just one need not say.
    #[param(value_type = Option<String>, pattern = "^mbr_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    member: Option<MemberId>,
}

/// Who looks at a board.
pub(super) struct Viewer {
    /// The member whose own figures are shown.
    member: Option<MemberId>,
    /// Whether all figures may be seen, whoever they are of.
    sees_all: bool,
    /// The members they act for.
    mine: Vec<MemberId>,
    /// How many members must be active before a member sees the pool's figures.
    minimum_active: usize,
}

/// The price of a service, before it is billed.
///
/// What a unit costs at what the pool has used so far, what is missing to the next tier, where the
/// month will end if it goes on like this, and what the member uses and saves. At most a few seconds
/// old: `as_of` says of when it is. Members see the pool's figures where enough members are active
/// that nobody's own can be read off them (`minimum_active` of the pole), and otherwise the price
/// and the tier alone. The pole's staff, and the provider of the service, see them always; for members
/// that are not subscribed in the month there is no board.
#[utoipa::path(
    tag = "usage",
    operation_id = "getPriceBoard",
    params(PolePath, ServicePath, BoardQuery),
    responses(
        (status = 200, description = "The price board.", body = PriceBoard),
        (status = 400, description = "The month has not begun."),
        (status = 409, description = "What was used cannot be priced.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["usage:read"])),
)]
#[get("/services/{service}/price-board")]
async fn get_price_board(
    caller: May<UsageRead>,
    at: At<ServiceId>,
    query: Query<BoardQuery>,
) -> Result<Answer, Problem> {
    let Query(BoardQuery { month, member }) = query;
    let board = held(&caller, &at.0, month.as_deref()).await?.board();
    let viewer = Viewer::of(&caller, &board, member)?;
    Answer::ok(&PriceBoard::of(&board, &viewer)?)
}

/// The board of a service in a month, by default the current one.
async fn held(
    caller: &May<UsageRead>,
    service: &ServiceId,
    month: Option<&str>,
) -> Result<std::sync::Arc<Held>, Problem> {
    let month = the_month(caller, month)?;
    caller.app.boards.of(&caller.app, &caller.pole, service, month).await
}

/// A month, and when it is in the pole.
fn the_month(caller: &May<UsageRead>, month: Option<&str>) -> Result<(Month, Period), Problem> {
    let wrong = |error: palier_billing::Error| {
        Problem::bad_request(Fault::query("month", "month", (&error).into()))
    };
    let (calendar, now) = (Calendar::of(&caller.pole), caller.now().timestamp());
    let current = Month::at(now, calendar.zone());
    let month = month.map_or(Ok(current), str::parse).map_err(wrong)?;
    if month > current {
        let detail = say!(en "This month has not begun.", fr "Ce mois n’a pas commencé.");
        return Err(Problem::bad_request(Fault::query("month", "future", detail)));
    }
    let period = month.days().and_then(|days| days.period(calendar.zone())).map_err(wrong)?;
    Ok((month, period))
}

impl Viewer {
    /// Who looks at a board: the pole's staff and the service's provider at all of it, members at
    /// what is theirs. Who may not look at it finds nothing.
    fn of(
        caller: &May<UsageRead>,
        board: &Board,
        member: Option<MemberId>,
    ) -> Result<Self, Problem> {
        let reach = &caller.reach;
        let sees_all = reach.has_provider(&board.service.provider_id);
        // Whoever is in no pool of it has nothing to see: not even that it is there.
        if !sees_all && !reach.members.iter().any(|member| board.has(member)) {
            return Err(Problem::not_found());
        }
        if let Some(member) = &member
            && !sees_all
            && !reach.has_member(member)
        {
            return Err(Problem::not_found());
        }
        let only = match reach.members.as_slice() {
            [only] => Some(only.clone()),
            _ => None,
        };
        let minimum_active = usize::try_from(caller.pole.minimum_active).unwrap_or(usize::MAX);
        Ok(Self {
            member: member.or(only),
            sees_all,
            mine: reach.members.clone(),
            minimum_active: minimum_active.max(MINIMUM_ACTIVE),
        })
    }

    /// Whether the pool's figures may be seen, of which so many members are active.
    ///
    /// Whoever acts for several members knows the figures of all of them: what is left of the pool
    /// must still be that of as many others as where somebody acts for one.
    fn sees_pool(&self, active: usize, is_active: impl Fn(&MemberId) -> bool) -> bool {
        let mine = self.mine.iter().filter(|member| is_active(member)).count();
        self.sees_all || active.saturating_sub(mine.saturating_sub(1)) >= self.minimum_active
    }
}
