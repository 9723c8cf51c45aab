//! A price board as it changes: server-sent events
//! (<https://html.spec.whatwg.org/multipage/server-sent-events.html>).

use std::convert::Infallible;
use std::pin::pin;
use std::time::{Duration, Instant};

use actix_web::http::header::{CACHE_CONTROL, CONTENT_ENCODING};
use actix_web::rt::time::sleep;
use actix_web::web::Bytes;
use actix_web::{HttpResponse, get};
use futures_util::future::{Either, select};
use futures_util::stream::unfold;
use serde::Deserialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::objects::PriceBoard;
use super::{PolePath, ServicePath, Viewer, held};
use crate::auth::{May, UsageRead};
use crate::http::{At, Query};
use crate::id::{MemberId, ServiceId};
use crate::problem::Problem;

/// How often is looked whether the board has changed.
const EVERY: Duration = Duration::from_secs(1);
/// How long nothing is said before it is said that nothing has changed: what lies between would
/// otherwise take the connection for dead.
const QUIET: Duration = Duration::from_secs(15);
/// How long a stream lasts at most, in seconds. Whoever goes on watching shows a token that is
/// still good.
const SECONDS: u64 = 900;

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    api.service(stream_price_board);
}

/// For whom, and for how long.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct StreamQuery {
    /// The member whose own figures are shown. Whoever acts for just one need not say.
    #[param(value_type = Option<String>, pattern = "^mbr_[0-7][0-9a-hjkmnp-tv-z]{25}$")]
    member: Option<MemberId>,
    /// After how many seconds it ends.
    #[param(minimum = 1, maximum = 900, default = 900)]
    seconds: Option<u64>,
}

/// An event of the stream: each has these fields, as lines.
#[derive(ToSchema)]
#[expect(dead_code, reason = "says in the document what an event is")]
struct PriceBoardEvent {
    /// Its name, `price-board`.
    #[schema(example = "price-board")]
    event: String,
    /// A price board, as JSON.
    #[schema(example = "{}")]
    data: String,
}

/// The price of a service, live.
///
/// Server-sent events, each a price board of the current month as JSON, with the same figures for the
/// same eyes: one at once, and another one whenever it has changed, at most each second. It ends after
/// a quarter of an hour; ask again then.
#[utoipa::path(
    tag = "usage",
    operation_id = "streamPriceBoard",
    params(PolePath, ServicePath, StreamQuery),
    responses(
        (status = 200, description = "Events named `price-board`.", body = PriceBoardEvent,
            content_type = "text/event-stream"),
        (status = 409, description = "What was used cannot be priced.",
            body = crate::problem::ProblemBody, content_type = "application/problem+json"),
    ),
    security(("token" = ["usage:read"])),
)]
#[get("/services/{service}/price-board/stream")]
async fn stream_price_board(
    caller: May<UsageRead>,
    at: At<ServiceId>,
    query: Query<StreamQuery>,
) -> Result<HttpResponse, Problem> {
    let Query(StreamQuery { member, seconds }) = query;
    let lasts = Duration::from_secs(seconds.unwrap_or(SECONDS));
    let mut watch =
        Watch { caller, service: at.0, member, last: None, began: Instant::now(), lasts };
    // What is wrong is told as elsewhere, before anything is streamed.
    let first = watch.look().await?;
    let events = unfold((watch, first), |(mut watch, next)| async move {
        let event = match next {
            Some(event) => event,
            None => watch.wait().await?,
        };
        Some((Ok::<_, Infallible>(Bytes::from(event)), (watch, None)))
    });
    Ok(HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((CACHE_CONTROL, "no-store"))
        // Compressed, events would wait for one another.
        .insert_header((CONTENT_ENCODING, "identity"))
        .streaming(events))
}

/// Somebody who watches.
struct Watch {
    caller: May<UsageRead>,
    service: ServiceId,
    member: Option<MemberId>,
    /// What was said last, but for its time.
    last: Option<Value>,
    began: Instant,
    lasts: Duration,
}

impl Watch {
    /// The next event, once there is something to say; none, when it ends.
    async fn wait(&mut self) -> Option<String> {
        let since = Instant::now();
        loop {
            let left = self.lasts.checked_sub(self.began.elapsed())?;
            self.pause(EVERY.min(left)).await?;
            if let Some(event) = self.look().await.ok()? {
                return Some(event);
            }
            if since.elapsed() >= QUIET {
                return Some(": nothing new\n\n".to_owned());
            }
        }
    }

    /// Lets some time pass; none, if the service ends meanwhile.
    async fn pause(&self, time: Duration) -> Option<()> {
        let (closed, passed) = (pin!(self.caller.app.closed()), pin!(sleep(time)));
        match select(closed, passed).await {
            Either::Left(_) => None,
            Either::Right(_) => Some(()),
        }
    }

    /// The board as an event, if it has changed.
    async fn look(&mut self) -> Result<Option<String>, Problem> {
        let board = held(&self.caller, &self.service, None).await?.board();
        let viewer = Viewer::of(&self.caller, &board, self.member.clone())?;
        let seen = PriceBoard::of(&board, &viewer)?;
        let json = serde_json::to_string(&seen).map_err(|error| Problem::internal(&error))?;
        let said = seen.but_for_its_time()?;
        if self.last.as_ref() == Some(&said) {
            return Ok(None);
        }
        self.last = Some(said);
        Ok(Some(format!("event: price-board\ndata: {json}\n\n")))
    }
}
