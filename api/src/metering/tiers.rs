//! Tiers that pools reach: members are told by mail, as the price of a unit changes for everybody.
//!
//! They are looked at behind the folding, never on the way in, and only of poles whose usage has moved:
//! where nothing did, a round is one statement. What was told is a row for each charge and period, with the
//! highest tier: whoever finds the same, in this process or another, before a crash or after it, adds
//! nothing, and a pool that falls back and rises again is told of once. The row and its mails are one
//! transaction.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::{Duration, Instant};

use actix_web::web::Data;
use jiff::SignedDuration;
use palier_billing::{Basis, ChargeKind, MINIMUM_ACTIVE, Month, Period, Quantity, Scope, Tariff};
use serde_json::json;

use super::Calendar;
use crate::app::App;
use crate::boards::{Board, ChargeBoard, Version};
use crate::clock::Time;
use crate::day::Day;
use crate::db::mails::MailKind;
use crate::db::members::{self, MemberRow};
use crate::db::poles::{self, PoleRow};
use crate::db::services::ServiceRow;
use crate::db::usage::rollups;
use crate::db::usage::tiers::{self, ToldRow};
use crate::db::{Db, DbError, subscriptions, tariffs};
use crate::id::{PoleId, ServiceId, TariffId, new_id};
use crate::jobs::{self, About};
use crate::mail::{Mail, Sender};
use crate::problem::Problem;
use crate::quote::ContractYears;
use crate::work::{Author, Changes, Tx};

mod words;

use words::{Words, words};

/// How long it rests between two rounds at least, and how many times as long as the last one took.
const REST: Duration = Duration::from_secs(2);
const REST_FACTOR: u32 = 19;
/// After how long a pole is looked at though nothing was folded: stocks and maxima, subscriptions and
/// tariffs move pools as well.
const REGARDLESS: Duration = Duration::from_mins(10);
/// For how long a month that is over is looked at still: usage arrives behind its time.
const AFTERWARDS: SignedDuration = SignedDuration::from_hours(72);

/// When a pole was last looked at, and how often its usage was folded by then.
#[derive(Clone, Copy)]
struct Seen {
    folds: i64,
    at: Instant,
}

/// A month of a service whose pool has tiers.
#[derive(Clone, Debug)]
struct Watch {
    service: ServiceId,
    month: Month,
    period: Period,
}

/// A tier that is reached, and was not told of.
struct Reached {
    row: ToldRow,
    service: ServiceRow,
    /// Whether members that stay with no version pay by this one.
    in_force: bool,
    /// The day on which they are subscribed.
    on: Day,
    /// The members that used any, by id.
    active: BTreeSet<String>,
    /// How many they are over the period.
    active_members: usize,
    words: Words,
}

/// Looks at pools, round after round, until it is told to stop.
pub(crate) async fn run(app: Data<App>) {
    let mut seen = HashMap::new();
    while !app.is_stopping() {
        let began = Instant::now();
        if let Err(error) = look(&app, &mut seen).await {
            tracing::warn!(%error, "the tiers of pools could not be looked at");
        }
        let rest = began.elapsed().saturating_mul(REST_FACTOR).max(REST);
        let _either = tokio::time::timeout(rest, app.closed()).await;
    }
}

async fn look(app: &Data<App>, seen: &mut HashMap<PoleId, Seen>) -> Result<(), DbError> {
    let folds = |conn: &mut Db| Ok::<_, DbError>((poles::all(conn)?, rollups::folds(conn)?));
    let (poles, folds) = app.db.read(folds).await?;
    for pole in poles {
        let folds = folds.get(&pole.pole_id).copied().unwrap_or_default();
        let is_fresh = |seen: &Seen| seen.folds == folds && seen.at.elapsed() < REGARDLESS;
        if seen.get(&pole.pole_id).is_some_and(is_fresh) {
            continue;
        }
        for watch in watches(app, &pole).await? {
            // What cannot be priced keeps nobody else from being told.
            if let Err(problem) = tell(app, &pole, watch).await {
                tracing::warn!(?problem, "the tiers of a service could not be looked at");
            }
        }
        seen.insert(pole.pole_id, Seen { folds, at: Instant::now() });
    }
    Ok(())
}

/// What is to be looked at: this month, and the last one a little longer.
async fn watches(app: &App, pole: &PoleRow) -> Result<Vec<Watch>, DbError> {
    let (pole, now) = (pole.clone(), app.now());
    let read = move |conn: &mut Db| {
        let mut services = BTreeSet::new();
        for row in tariffs::of_pole(conn, &pole.pole_id)? {
            if has_tiers(&row.tariff()?) {
                services.insert(row.service_id);
            }
        }
        let calendar = Calendar::of(&pole);
        let months = [now.plus(-AFTERWARDS), now];
        let months = months.map(|at| Month::at(at.timestamp(), calendar.zone()));
        let mut watches = Vec::new();
        for month in BTreeSet::from(months) {
            let period = month.days().and_then(|days| days.period(calendar.zone()));
            let Ok(period) = period else { continue };
            let watch = |service: &ServiceId| Watch { service: service.clone(), month, period };
            watches.extend(services.iter().map(watch));
        }
        Ok(watches)
    };
    app.db.read(read).await
}

/// Whether the price of something falls by what all members use.
fn has_tiers(tariff: &Tariff) -> bool {
    tariff.charges().iter().any(|charge| match &charge.kind {
        ChargeKind::Usage(usage) => {
            usage.scope == Scope::Pool && usage.cost.tiers().is_some_and(|tiers| tiers.len() > 1)
        }
        _ => false,
    })
}

/// Tells of the tiers of a service what there is to tell.
async fn tell(app: &Data<App>, pole: &PoleRow, watch: Watch) -> Result<(), Problem> {
    let (of, now) = (pole.clone(), app.now());
    for reached in app.db.read(move |conn| watch.reached(conn, &of, now)).await? {
        let author = Author::new(pole.pole_id.clone(), "palier".into(), new_id("req", now), now);
        let (queue, of) = (app.clone(), pole.clone());
        let mail = move |tx: &mut Tx<'_>| {
            if !tiers::tell(tx.conn, &reached.row)? {
                return Ok(tx.unchanged(()));
            }
            let mails = reached.mail(&queue, tx, &of)?;
            let ToldRow { tariff_id, charge, period, tier, .. } = &reached.row;
            let what = json!({ "charge": charge, "period": period, "tier": tier, "mails": mails });
            Ok::<_, Problem>(tx.done(
                "tier.reached",
                tariff_id.as_str(),
                &Changes::made(&what),
                (),
            )?)
        };
        app.db.write(move |conn| author.write(conn, mail)).await?;
        app.wake.notify_one();
    }
    Ok(())
}

impl Watch {
    /// The tiers that are reached and were not told of, charge by charge, the highest of each.
    fn reached(self, conn: &mut Db, pole: &PoleRow, now: Time) -> Result<Vec<Reached>, Problem> {
        let month = (self.month, self.period);
        let Some(board) = Board::read(conn, pole, &self.service, month, now)? else {
            return Ok(Vec::new());
        };
        let mut found = Vec::new();
        for (tariff, in_force, version) in board.versions() {
            for charge in &version.charges {
                let of = (tariff, in_force, version);
                found.extend(self.of_charge(conn, pole, &board.service, of, charge, now)?);
            }
        }
        Ok(found)
    }

    fn of_charge(
        &self,
        conn: &mut Db,
        pole: &PoleRow,
        service: &ServiceRow,
        (tariff, in_force, version): (&TariffId, bool, &Version),
        charge: &ChargeBoard,
        now: Time,
    ) -> Result<Option<Reached>, Problem> {
        let Some(tier) = charge.board.tier.filter(|tier| *tier > 1) else { return Ok(None) };
        let Some(said) = version.charge(charge.position) else { return Ok(None) };
        let ChargeKind::Usage(usage) = &said.kind else { return Ok(None) };
        let over_year = usage.basis != Basis::Period;
        let period = self.begins(service, over_year)?;
        let place = i32::try_from(charge.position).unwrap_or(i32::MAX);
        let told = tiers::highest(conn, &pole.pole_id, (tariff, place), &period)?;
        let before = told.and_then(|told| usize::try_from(told).ok()).unwrap_or(1);
        if before >= tier {
            return Ok(None);
        }
        let used = |(member, own): (&String, &palier_billing::OwnStanding)| {
            (own.quantity != Quantity::ZERO).then(|| member.clone())
        };
        let words = words(service, (version, said, usage), charge, (before, tier), &period)
            .map_err(|error| Problem::state((&error).into()))?;
        let Some(words) = words else { return Ok(None) };
        let last = Day::from(self.period.days().first()).end_of_month();
        Ok(Some(Reached {
            row: ToldRow {
                pole_id: pole.pole_id.clone(),
                tariff_id: tariff.clone(),
                charge: place,
                period,
                tier: i32::try_from(tier).unwrap_or(i32::MAX),
                told_at: now,
            },
            service: service.clone(),
            in_force,
            on: Day::today(pole, now).min(last),
            active: charge.own.iter().filter_map(used).collect(),
            active_members: charge.board.pool.as_ref().map_or(0, |pool| pool.active_members),
            words,
        }))
    }

    /// The first day of what volume adds up over.
    fn begins(&self, service: &ServiceRow, over_year: bool) -> Result<Day, Problem> {
        let contract = service.contract_anniversary.as_ref().filter(|_| over_year);
        let Some(contract) = contract else { return Ok(self.period.days().first().into()) };
        let first = ContractYears::since(contract.date()).first_day(self.month);
        Ok(first.map_err(|error| Problem::state((&error).into()))?.into())
    }
}

impl Reached {
    /// Writes to every member that pays by this tariff, is written to and wants to be told; to how many.
    fn mail(&self, app: &App, tx: &mut Tx<'_>, pole: &PoleRow) -> Result<usize, Problem> {
        let addressed = self.addressed(tx.conn)?;
        let mut active: BTreeMap<&str, usize> = BTreeMap::new();
        for (member, address) in &addressed {
            let is_active = self.active.contains(member.member_id.as_str());
            let known = active.entry(address.as_str()).or_default();
            *known = known.saturating_add(usize::from(is_active));
        }
        let minimum = usize::try_from(pole.minimum_active).unwrap_or(usize::MAX);
        for (member, address) in &addressed {
            // Whoever is written to for several members knows the figures of all of them: what is left
            // of the pool must be that of enough others, as on the price board.
            let mine = active.get(address.as_str()).copied().unwrap_or_default();
            let others = self.active_members.saturating_sub(mine.saturating_sub(1));
            let sees_pool = others >= minimum.max(MINIMUM_ACTIVE);
            let text = if sees_pool { &self.words.text } else { &self.words.text_without_pool };
            let from = Sender { name: &pole.name, reply_to: None };
            let mail = Mail::new(from, (address, member.language), &self.words.subject, text);
            let (kind, subject) = (MailKind::TierReached, self.service.code.as_str());
            let about = About { kind, member: &member.member_id, subject };
            jobs::enqueue_mail(app, tx, about, mail)?;
        }
        Ok(addressed.len())
    }

    /// Who is written to, and where.
    fn addressed(&self, conn: &mut Db) -> Result<Vec<(MemberRow, String)>, DbError> {
        let (pole, service) = (&self.row.pole_id, &self.service.service_id);
        let mut addressed = Vec::new();
        for row in subscriptions::of_service(conn, pole, service, (&self.on, &self.on))? {
            let pays_by_it = match &row.tariff_id {
                Some(own) => *own == self.row.tariff_id,
                None => self.in_force,
            };
            if !pays_by_it || !row.tier_mails {
                continue;
            }
            let member = members::find(conn, pole, &row.member_id)?;
            let address = member.as_ref().and_then(|member| member.contact_email.clone());
            addressed.extend(member.zip(address));
        }
        Ok(addressed)
    }
}
