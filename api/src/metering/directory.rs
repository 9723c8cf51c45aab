//! Who and what usage names: looked up in memory, for every event.
//!
//! A directory is read as a whole and believed for half a second. Then the state of the pole is
//! asked for, which its audit log counts; what is not found is looked for at once if the directory
//! is not quite new, so that nobody is refused who has just subscribed.

use std::sync::{Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

use foldhash::{HashMap, HashMapExt as _};

use super::calendar::Calendar;
use super::report::{Refusal, Reported};
use crate::auth::Reach;
use crate::clock::Time;
use crate::db::members::MemberStatus;
use crate::db::meters::MeterRow;
use crate::db::poles::PoleRow;
use crate::db::usage::known::Known;
use crate::db::usage::series::{NewSeries, SeriesRow};
use crate::db::words;
use crate::id::{MemberId, ProviderId, ServiceId, SuspensionId};

/// How long a directory is believed to be the newest.
const TRUSTED: Duration = Duration::from_millis(500);
/// How many combinations of dimensions one member may use of one meter: each is a row a day.
const COMBINATIONS: usize = 1_000;

/// What usage may name in a pole, in one of its states.
pub(crate) struct Directory {
    pub(crate) version: i64,
    calendar: Calendar,
    members: Vec<(MemberId, MemberStatus)>,
    /// Whose services are suspended, and since when.
    suspensions: HashMap<MemberId, (SuspensionId, Time)>,
    /// By id and by code.
    member_places: HashMap<String, usize>,
    /// By id, with their providers.
    services: HashMap<ServiceId, (usize, ProviderId)>,
    meters: Vec<Metered>,
    /// By id; by code, of whichever services; and by service and code.
    meter_places: HashMap<String, Vec<usize>>,
    /// From when to when a member is subscribed to a service, by the places of both.
    subscriptions: HashMap<(usize, usize), Vec<(Time, Time)>>,
    /// The combinations of dimensions a member uses of a meter, with their numbers.
    series: RwLock<HashMap<(usize, usize), HashMap<String, i64>>>,
    /// When it was known to be the newest; not at all, once that is in doubt.
    checked: Mutex<Option<Instant>>,
}

/// A meter, with what is needed of its service.
pub(crate) struct Metered {
    pub(crate) row: MeterRow,
    service: usize,
    provider: ProviderId,
}

words! {
    /// Why a member may not use a service.
    pub(crate) enum Objection {
        /// It may not use services for now.
        MemberSuspended = "member_suspended",
        /// Its services are suspended for what it has not paid.
        ServicesSuspended = "services_suspended",
        /// It has left the pole.
        MemberLeft = "member_left",
        /// It has never subscribed.
        NotSubscribed = "not_subscribed",
        /// Its subscription begins later.
        SubscriptionScheduled = "subscription_scheduled",
        /// Its subscription is over.
        SubscriptionEnded = "subscription_ended",
    }
}

/// Whether a member may use a service.
pub(crate) struct Entitlement {
    pub(crate) member: MemberId,
    /// What speaks against it; it may, if nothing does.
    pub(crate) objections: Vec<Objection>,
    /// The suspension of its services that goes on, and since when it does.
    pub(crate) suspension: Option<(SuspensionId, Time)>,
}

/// Where the event of a report belongs.
pub(crate) struct Place<'d> {
    pub(crate) meter: &'d Metered,
    pub(crate) dimensions: String,
    /// The number of its series, unless it has none yet.
    pub(crate) series: Option<i64>,
    key: (usize, usize),
}

impl Directory {
    /// What is known of a pole.
    pub(crate) fn new(pole: &PoleRow, known: Known) -> Self {
        let calendar = Calendar::of(pole);
        let mut member_places = HashMap::new();
        for (place, (id, code, _)) in known.members.iter().enumerate() {
            member_places.insert(code.clone(), place);
            member_places.insert(id.to_string(), place);
        }
        let service_places: HashMap<_, _> =
            known.services.iter().enumerate().map(|(place, it)| (&it.0, (place, it))).collect();
        let mut meter_places: HashMap<String, Vec<usize>> = HashMap::new();
        let mut meters = Vec::new();
        for row in known.meters {
            let Some((service, (id, code, provider))) = service_places.get(&row.service_id) else {
                continue;
            };
            let names = [
                row.meter_id.to_string(),
                row.code.clone(),
                format!("{id}/{}", row.code),
                format!("{code}/{}", row.code),
            ];
            for name in names {
                meter_places.entry(name).or_default().push(meters.len());
            }
            meters.push(Metered { row, service: *service, provider: provider.clone() });
        }
        let mut subscriptions: HashMap<_, Vec<_>> = HashMap::new();
        for (member, service, first, last) in &known.subscriptions {
            let member = member_places.get(member.as_str());
            let (Some(member), Some((service, _))) = (member, service_places.get(service)) else {
                continue;
            };
            let end = last.as_ref().map(|last| calendar.beginning(&last.next()));
            let end = end.unwrap_or_else(|| jiff::Timestamp::MAX.into());
            let period = (calendar.beginning(first), end);
            subscriptions.entry((*member, *service)).or_default().push(period);
        }
        let services = known.services.iter().enumerate();
        let services = services
            .map(|(place, (id, _, provider))| (id.clone(), (place, provider.clone())))
            .collect();
        let directory = Self {
            version: known.version,
            calendar,
            members: known.members.into_iter().map(|(id, _, status)| (id, status)).collect(),
            suspensions: known.suspensions.into_iter().collect(),
            member_places,
            services,
            meters,
            meter_places,
            subscriptions,
            series: RwLock::default(),
            checked: Mutex::new(Some(Instant::now())),
        };
        directory.add_series(known.series);
        directory
    }

    /// The pole's calendar.
    pub(crate) fn calendar(&self) -> Calendar {
        self.calendar.clone()
    }

    /// Whether it is time to see if there is a newer state. Of those who ask because time went by,
    /// only one is told so.
    pub(crate) fn begin_check(&self) -> bool {
        let mut checked = self.checked();
        let due = checked.is_none_or(|at| at.elapsed() >= TRUSTED);
        if due && checked.is_some() {
            *checked = Some(Instant::now());
        }
        due
    }

    /// Whether it was the newest a moment ago.
    pub(crate) fn is_new(&self, age: Duration) -> bool {
        self.checked().is_some_and(|at| at.elapsed() < age)
    }

    /// Notes that it is the newest still.
    pub(crate) fn is_newest(&self) {
        *self.checked() = Some(Instant::now());
    }

    /// Takes it that there may be a newer one.
    pub(crate) fn doubt(&self) {
        *self.checked() = None;
    }

    fn checked(&self) -> MutexGuard<'_, Option<Instant>> {
        self.checked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of series that were numbered.
    pub(crate) fn add_series(&self, rows: Vec<SeriesRow>) {
        let mut series = self.series.write().unwrap_or_else(PoisonError::into_inner);
        for row in rows {
            let member = self.member_places.get(row.member_id.as_str());
            let meter = self.meter_places.get(row.meter_id.as_str()).and_then(|it| it.first());
            if let (Some(member), Some(meter)) = (member, meter) {
                let numbers = series.entry((*member, *meter)).or_default();
                numbers.insert(row.dimensions, row.series_id);
            }
        }
    }

    /// Where a reported event belongs, as far as who reports it reaches.
    pub(crate) fn place(&self, event: &Reported<'_>, reach: &Reach) -> Result<Place<'_>, Refusal> {
        let member = self.member_places.get(event.member.as_ref()).copied();
        let reaches_member = |member: usize| {
            self.members.get(member).is_some_and(|(member, _)| reach.has_member(member))
        };
        let named = match &event.service {
            Some(service) => self.meter_places.get(format!("{service}/{}", event.meter).as_str()),
            None => self.meter_places.get(event.meter.as_ref()),
        };
        let mine = member.is_some_and(reaches_member);
        let mut meters = named.into_iter().flatten().copied().filter(|meter| {
            let provider = self.meters.get(*meter).map(|meter| &meter.provider);
            mine || provider.is_some_and(|provider| reach.has_provider(provider))
        });
        // Whoever reaches no meter of that name and acts for members may not know of this one.
        let (meter, more) = (meters.next(), meters.next());
        let member = member.filter(|_| mine || !reach.providers.is_empty());
        let Some(member) = member else { return Err(Refusal::UnknownMember) };
        let Some(key) = meter.map(|meter| (member, meter)) else {
            return Err(Refusal::UnknownMeter);
        };
        if more.is_some() {
            return Err(Refusal::AmbiguousMeter);
        }
        let Some(meter) = self.meters.get(key.1) else { return Err(Refusal::UnknownMeter) };
        let periods = self.subscriptions.get(&(member, meter.service));
        let mut periods = periods.into_iter().flatten();
        if !periods.any(|(from, to)| *from <= event.at && event.at < *to) {
            return Err(Refusal::NotSubscribed);
        }
        let dimensions = event.dimensions(&meter.row)?;
        let series = self.series.read().unwrap_or_else(PoisonError::into_inner);
        let numbers = series.get(&key);
        let number = numbers.and_then(|numbers| numbers.get(&dimensions)).copied();
        if number.is_none() && numbers.is_some_and(|numbers| numbers.len() >= COMBINATIONS) {
            return Err(Refusal::TooManyDimensions);
        }
        Ok(Place { meter, dimensions, series: number, key })
    }

    /// Whether a member, by id or code, may use a service at an instant. None, if either is not there
    /// or out of reach.
    pub(crate) fn entitlement(
        &self,
        service: &ServiceId,
        member: &str,
        at: Time,
        reach: &Reach,
    ) -> Option<Entitlement> {
        let (service, provider) = self.services.get(service)?;
        let place = *self.member_places.get(member)?;
        let (member, status) = self.members.get(place)?;
        if !reach.has_provider(provider) && !reach.has_member(member) {
            return None;
        }
        let periods = self.subscriptions.get(&(place, *service)).map_or(&[][..], Vec::as_slice);
        let now = periods.iter().any(|(from, to)| *from <= at && at < *to);
        let later = periods.iter().any(|(from, _)| at < *from);
        let status = match status {
            MemberStatus::Active => None,
            MemberStatus::Suspended => Some(Objection::MemberSuspended),
            MemberStatus::Left => Some(Objection::MemberLeft),
        };
        let subscription = match (now, later, periods.is_empty()) {
            (true, ..) => None,
            (_, true, _) => Some(Objection::SubscriptionScheduled),
            (.., true) => Some(Objection::NotSubscribed),
            _ => Some(Objection::SubscriptionEnded),
        };
        let suspension = self.suspensions.get(member).cloned();
        let suspended = suspension.as_ref().map(|_| Objection::ServicesSuspended);
        let objections = status.into_iter().chain(suspended).chain(subscription).collect();
        Some(Entitlement { member: member.clone(), objections, suspension })
    }

    /// The series of a place, to be numbered.
    pub(crate) fn unnumbered(&self, place: &Place<'_>) -> Option<NewSeries> {
        let (member, _) = self.members.get(place.key.0)?.clone();
        Some((member, place.meter.row.meter_id.clone(), place.dimensions.clone()))
    }
}
