//! Usage alerts: looked at behind the folding, never on the way in.
//!
//! Round after round, whatever has not told yet in this month is compared with what was used, a
//! service at a time. Between two rounds there is a rest that is many times as long as the round was,
//! so that alerts cost a small share of one processor however many there are. A notice is a row under
//! a unique key, written in one transaction with the mail it causes: whoever finds the same, in this
//! process or another, before a crash or after it, adds nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use actix_web::web::Data;
use jiff::SignedDuration;
use palier_billing::{Money, Month, Period, Quantity};

use super::Calendar;
use super::history::{self, Group, HistoryError, Part};
use crate::app::App;
use crate::boards::Board;
use crate::clock::Time;
use crate::day::Day;
use crate::db::mails::MailKind;
use crate::db::members::{self, MemberRow};
use crate::db::poles::{self, PoleRow};
use crate::db::services::ServiceRow;
use crate::db::subscriptions::SubscriptionRow;
use crate::db::usage::alerts::{self, AlertRow, NoticeRow};
use crate::db::usage::series;
use crate::db::{Db, DbError, meters, services};
use crate::id::{MeterId, ServiceId, new_id};
use crate::jobs::{self, About};
use crate::problem::Problem;
use crate::work::{Author, Changes, Tx};

mod mail;

/// How long it rests between two rounds at least, and how many times as long as the last one took.
const REST: Duration = Duration::from_secs(2);
const REST_FACTOR: u32 = 9;
/// For how long a month that is over is looked at still: usage arrives behind its time.
const AFTERWARDS: SignedDuration = SignedDuration::from_hours(72);

/// An alert that has something to tell.
struct Reached {
    alert: AlertRow,
    /// What is reached, in the threshold's unit.
    so_far: i64,
    member: MemberRow,
    /// What its meter is called, if it has one.
    meter: Option<String>,
}

/// A service whose alerts are looked at, in a month.
struct Watch {
    service: ServiceId,
    month: Month,
    period: Period,
    alerts: Vec<(AlertRow, SubscriptionRow)>,
}

/// Looks at alerts, round after round, until it is told to stop.
pub(crate) async fn run(app: Data<App>) {
    while !app.is_stopping() {
        let began = Instant::now();
        if let Err(problem) = look(&app).await {
            tracing::warn!(?problem, "usage alerts could not be looked at");
        }
        let rest = began.elapsed().saturating_mul(REST_FACTOR).max(REST);
        let _either = tokio::time::timeout(rest, app.closed()).await;
    }
}

async fn look(app: &Data<App>) -> Result<(), Problem> {
    for id in app.db.read(alerts::poles).await? {
        let pole = app.db.read(move |conn| poles::find(conn, id.as_str())).await?;
        let Some(pole) = pole else { continue };
        for watch in watches(app, &pole).await? {
            // What cannot be priced keeps nobody else from being told.
            if let Err(problem) = tell(app, &pole, watch).await {
                tracing::warn!(?problem, "a service’s usage alerts could not be looked at");
            }
        }
    }
    Ok(())
}

/// What is to be looked at: this month, and the last one a little longer.
async fn watches(app: &App, pole: &PoleRow) -> Result<Vec<Watch>, Problem> {
    let (pole, now) = (pole.clone(), app.now());
    let read = move |conn: &mut Db| {
        let months = [now.plus(-AFTERWARDS), now].map(|at| Day::today(&pole, at));
        let months: BTreeSet<Day> = months.iter().map(Day::start_of_month).collect();
        let calendar = Calendar::of(&pole);
        let mut watches = Vec::new();
        for first in months {
            let month = Month::of(first.date());
            let period = month.days().and_then(|days| days.period(calendar.zone()));
            let Ok(period) = period else { continue };
            let mut open = alerts::open(conn, &pole.pole_id, (&first, &first.end_of_month()))?;
            // Nobody is told of a month that was over when they asked.
            open.retain(|(alert, _)| alert.created_at < Time::from(period.end()));
            let mut services: BTreeMap<ServiceId, Vec<_>> = BTreeMap::new();
            for (alert, subscription) in open {
                let service = subscription.service_id.clone();
                services.entry(service).or_default().push((alert, subscription));
            }
            let watch = |(service, alerts)| Watch { service, month, period, alerts };
            watches.extend(services.into_iter().map(watch));
        }
        Ok::<_, DbError>(watches)
    };
    Ok(app.db.read(read).await?)
}

/// Tells of the alerts of a service what there is to tell.
async fn tell(app: &Data<App>, pole: &PoleRow, watch: Watch) -> Result<(), Problem> {
    let (of, now) = (pole.clone(), app.now());
    let month = Day::from(watch.period.days().first());
    let read = app.db.read(move |conn| watch.reached(conn, &of, now)).await?;
    let Some((service, reached)) = read else { return Ok(()) };
    for one in reached {
        let author = Author::new(pole.pole_id.clone(), "palier".into(), new_id("req", now), now);
        let mail = mail::of(pole, &service, &month, &one);
        let (code, member) = (service.code.clone(), one.member.member_id.clone());
        let Reached { alert, so_far, .. } = one;
        let notice = NoticeRow {
            pole_id: alert.pole_id,
            alert_id: alert.alert_id,
            month: month.clone(),
            threshold: alert.threshold,
            reached: so_far,
            raised_at: now,
        };
        let queue = app.clone();
        let raise = move |tx: &mut Tx<'_>| {
            if !alerts::raise(tx.conn, &notice)? {
                return Ok(tx.unchanged(()));
            }
            let about = About { kind: MailKind::UsageAlert, member: &member, subject: &code };
            jobs::enqueue_mail(&queue, tx, about, mail)?;
            let alert = notice.alert_id.as_str();
            Ok::<_, Problem>(tx.done("usage_alert.raised", alert, &Changes::none(), ())?)
        };
        app.db.write(move |conn| author.write(conn, raise)).await?;
        app.wake.notify_one();
    }
    Ok(())
}

impl Watch {
    /// Those whose threshold is reached. None if the service is gone.
    fn reached(
        self,
        conn: &mut Db,
        pole: &PoleRow,
        now: Time,
    ) -> Result<Option<(ServiceRow, Vec<Reached>)>, Problem> {
        let Some(service) = services::find(conn, &pole.pole_id, &self.service, None)? else {
            return Ok(None);
        };
        let amounts = self.alerts.iter().any(|(alert, _)| alert.meter_id.is_none());
        let month = (self.month, self.period);
        let board =
            if amounts { Board::read(conn, pole, &self.service, month, now)? } else { None };
        let used = self.used(conn, pole)?;
        let names: BTreeMap<MeterId, String> =
            meters::of_service(conn, &pole.pole_id, &self.service)?
                .into_iter()
                .map(|meter| (meter.meter_id, meter.code))
                .collect();
        let mut reached = Vec::new();
        for (alert, subscription) in self.alerts {
            let so_far = match &alert.meter_id {
                Some(meter) => {
                    let member = Some(subscription.member_id.clone());
                    let group = Group { meter: meter.clone(), member, value: None };
                    used.get(&group).map(|quantity| quantity.units())
                }
                None => board.as_ref().and_then(|board| owed(board, &subscription, pole)),
            };
            let Some(so_far) = so_far.filter(|so_far| *so_far >= alert.threshold) else { continue };
            let member = members::find(conn, &pole.pole_id, &subscription.member_id)?;
            let meter = alert.meter_id.as_ref().and_then(|id| names.get(id).cloned());
            let one = |member| Reached { alert, so_far, member, meter };
            reached.extend(member.map(one));
        }
        Ok(Some((service, reached)))
    }

    /// What each member has used of the meters that are watched.
    fn used(&self, conn: &mut Db, pole: &PoleRow) -> Result<BTreeMap<Group, Quantity>, Problem> {
        let watched: BTreeSet<_> = self
            .alerts
            .iter()
            .filter_map(|(alert, row)| Some((alert.meter_id.clone()?, row.member_id.clone())))
            .collect();
        if watched.is_empty() {
            return Ok(BTreeMap::new());
        }
        conn.snapshot(|conn| {
            let service = Some(self.service.clone());
            let filter = series::Filter { service, ..series::Filter::default() };
            let mut parts = Vec::new();
            for (series, meter) in series::with_meters(conn, &pole.pole_id, &filter)? {
                if watched.contains(&(series.meter_id.clone(), series.member_id.clone())) {
                    let member = Some(series.member_id.clone());
                    let group = Group { meter: series.meter_id.clone(), member, value: None };
                    let values = series.values()?;
                    parts.push(Part { series, values, meter, group });
                }
            }
            let history = history::read(conn, &pole.pole_id, &parts, &[self.period]);
            let history = history.map_err(|error| match error {
                HistoryError::Db(error) => error.into(),
                HistoryError::Usage(error) => Problem::internal(&error),
            })?;
            let only = |(group, points): (Group, BTreeMap<_, Quantity>)| {
                Some((group, points.into_values().next()?))
            };
            Ok(history.into_iter().filter_map(only).collect())
        })
    }
}

/// What a member owes for a service so far, in minor units. None, if that cannot be said.
fn owed(board: &Board, subscription: &SubscriptionRow, pole: &PoleRow) -> Option<i64> {
    let (_, version) = board.version(Some(&subscription.member_id))?;
    let rating = version.as_ref().ok()?.rate().ok()?;
    let lines = rating.charges().iter().flat_map(|charge| &charge.lines);
    let mine = lines.filter(|line| line.member == subscription.member_id.as_str());
    let sum = Money::sum(pole.currency(), mine.map(|line| line.amount)).ok()?;
    Some(sum.minor())
}
