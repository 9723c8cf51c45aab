//! Which events are exported.

use clap::Args;
use jiff::civil::Date;

use crate::app::App;
use crate::cli::failure::Failure;
use crate::clock::Time;
use crate::db::poles::PoleRow;
use crate::db::usage::known::{self, Known};
use crate::db::usage::series::Filter;
use crate::id::{MeterId, ServiceId};
use crate::metering::Calendar;
use crate::metering::export::Wanted;

/// Which events.
#[derive(Args)]
pub(super) struct Choice {
    /// From this day of the pole's calendar on, or from an instant such as 2026-07-01T08:30:00Z
    #[arg(long, value_name = "DAY", value_parser = begin)]
    from: Option<Begin>,
    /// Before this day, or before an instant
    #[arg(long, value_name = "DAY", value_parser = begin)]
    to: Option<Begin>,
    /// Of this member, by its code or id
    #[arg(long, value_name = "CODE")]
    member: Option<String>,
    /// Of this service, by its code or id
    #[arg(long, value_name = "CODE")]
    service: Option<String>,
    /// Of this meter, by its code or id
    #[arg(long, value_name = "CODE")]
    meter: Option<String>,
    /// Also those that no longer count, and why
    #[arg(long)]
    voided: bool,
}

/// When something begins.
#[derive(Clone, Debug)]
enum Begin {
    Day(Date),
    Instant(Time),
}

impl Begin {
    fn of(&self, pole: &PoleRow) -> Time {
        match self {
            Self::Day(day) => Calendar::of(pole).begin(*day),
            Self::Instant(at) => *at,
        }
    }
}

fn begin(text: &str) -> Result<Begin, &'static str> {
    // A day is no instant: `Date` would read the day of one, and leave the rest.
    if let Ok(at) = text.parse() {
        return Ok(Begin::Instant(at));
    }
    let day = Date::strptime("%Y-%m-%d", text).map(Begin::Day);
    day.map_err(|_| "expected a day such as 2026-07-01, or an instant such as 2026-07-01T08:30:00Z")
}

impl Choice {
    /// The events that are chosen, in a pole.
    pub(super) fn wanted(&self, app: &App, pole: &PoleRow) -> Result<Wanted, Failure> {
        let known = app.db.read_now(|conn| known::read(conn, &pole.pole_id));
        let known = known.map_err(Failure::database)?;
        let members = known.members.iter().map(|(id, code, _)| (id, code.as_str(), id.as_str()));
        let services = known.services.iter().map(|(id, code, _)| (id, code.as_str(), id.as_str()));
        let member = named("--member", self.member.as_deref(), members)?.cloned();
        let service = named("--service", self.service.as_deref(), services)?.cloned();
        let meter = self.meter(&known, service.as_ref())?;
        let ends = [&self.from, &self.to].map(|end| end.as_ref().map(|begin| begin.of(pole)));
        let [from, to] = ends;
        Ok(Wanted {
            from: from.unwrap_or_else(|| jiff::Timestamp::MIN.into()),
            to: to.unwrap_or_else(|| jiff::Timestamp::MAX.into()),
            series: Filter { among: None, member, meter, service },
            voided: self.voided,
        })
    }

    /// The meter, of the service if one is named.
    fn meter(
        &self,
        known: &Known,
        service: Option<&ServiceId>,
    ) -> Result<Option<MeterId>, Failure> {
        let of = known.meters.iter().filter(|it| service.is_none_or(|id| it.service_id == *id));
        let meters = of.map(|it| (&it.meter_id, it.code.as_str(), it.meter_id.as_str()));
        let found = named("--meter", self.meter.as_deref(), meters.clone())?;
        let same = meters.filter(|(_, code, _)| Some(*code) == self.meter.as_deref());
        if same.count() > 1 {
            let name = self.meter.as_deref().unwrap_or_default();
            let fault =
                format!("--meter: several services have one called {name:?}: add --service");
            return Err(Failure::input(fault));
        }
        Ok(found.cloned())
    }
}

/// What is called by a name: with its code, and its id as a text.
fn named<'k, I>(
    option: &str,
    name: Option<&str>,
    mut all: impl Iterator<Item = (&'k I, &'k str, &'k str)>,
) -> Result<Option<&'k I>, Failure> {
    let Some(name) = name else { return Ok(None) };
    let found = all.find(|(_, code, id)| *code == name || *id == name);
    let found =
        found.ok_or_else(|| Failure::input(format!("{option}: there is none called {name:?}")));
    found.map(|(it, ..)| Some(it))
}
