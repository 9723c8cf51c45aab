//! `palier usage verify`: whether what was added up is what the events say.

use clap::Args;
use palier_billing::Quantity;
use serde_json::{Value, json};

use crate::app::App;
use crate::cli::failure::Failure;
use crate::cli::print;
use crate::config::Settings;
use crate::db::usage::LevelRow;
use crate::db::usage::rollups::Total;
use crate::metering::calendar::date;
use crate::metering::verify::{Difference, Names, SeriesName, Verification, verify};
use crate::quote::words::{counted, grouped};

/// How many differences are told.
const TOLD: usize = 1_000;

/// Prove that what was added up is what the events say
///
/// Every event is read, in one state of the database; a server may run meanwhile. Each sum of a day
/// is compared with its events, and so is what is kept of meters whose days cannot be added up. It
/// ends with 0 if all of it agrees, and with 1 if anything differs, which is told.
#[derive(Args)]
pub(super) struct Verify {
    /// The pole, by its code or id
    #[arg(long, value_name = "CODE")]
    pole: String,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: Settings,
}

impl Verify {
    pub(super) fn run(self) -> Result<(), Failure> {
        let app = App::for_command(self.settings)?;
        let pole = app.pole(&self.pole)?;
        let (mut lines, mut list) = (String::new(), Vec::new());
        let mut told = 0_usize;
        let tell = |names: &Names, difference: Difference| {
            told = told.saturating_add(1);
            let name = difference.series().and_then(|series| names.get(series));
            match (told > TOLD, self.json) {
                (true, _) => {}
                (false, true) => list.push(difference.json(name)),
                (false, false) => lines.push_str(&difference.line(name)),
            }
        };
        let found = app.db.read_now(|conn| verify(conn, &pole, tell)).map_err(Failure::database)?;
        if self.json {
            let Verification { events, voided, sums, levels, since, .. } = found;
            let mut report = json!({
                "events": events, "voided": voided, "sums": sums, "levels": levels,
                "differences": list,
            });
            if let (Some(report), Some(since)) = (report.as_object_mut(), since) {
                report.insert("since".to_owned(), json!(since));
            }
            print(&format!("{report}\n"))?;
        } else {
            print(&format!("{lines}usage: {}\n", found.summary()))?;
        }
        found.passed("palier usage rebuild adds it up again")
    }
}

impl Verification {
    /// For people.
    pub(super) fn summary(&self) -> String {
        let events = counted(self.events, "event counts", "events count");
        let voided = grouped(self.voided);
        let sums = counted(self.sums, "sum", "sums");
        let levels = counted(self.levels, "level", "levels");
        let since = self.since.map(|since| format!(", since {since}")).unwrap_or_default();
        format!("{events}, {voided} voided; {sums} and {levels} compared{since}")
    }

    /// Fails where anything differs, and says what to do.
    pub(super) fn passed(&self, advice: &str) -> Result<(), Failure> {
        match self.differences {
            0 => Ok(()),
            count => {
                let count = counted(count, "difference", "differences");
                Err(Failure::Output(format!("{count}: {advice}")))
            }
        }
    }
}

impl Difference {
    fn line(&self, name: Option<&SeriesName>) -> String {
        let what = match self {
            Self::Sum { of: (day, _), .. } => date(*day).to_string(),
            Self::Level { .. } => {
                self.event().map(|(at, id)| format!("{at} {id:?}")).unwrap_or_default()
            }
            Self::Unreadable(id) => return format!("delta {id}: it cannot be read\n"),
        };
        let series = match (name, self.series()) {
            (Some(SeriesName { member, service, meter, dimensions, .. }), _) => {
                format!("{member} {service}/{meter} {dimensions}").trim_end().to_owned()
            }
            (None, series) => format!("series {}", series.unwrap_or_default()),
        };
        let [there, counted] = match self {
            Self::Sum { there, counted, .. } => [there, counted].map(|total| {
                let events = if total.events == 1 { "event" } else { "events" };
                format!("{} in {} {events}", quantity(total.quantity_micros), total.events)
            }),
            Self::Level { there, counted } => [there, counted].map(|level| match level {
                Some(level) => format!("{} {:?}", quantity(level.quantity_micros), level.value),
                None => "nothing".to_owned(),
            }),
            Self::Unreadable(_) => Default::default(),
        };
        format!("{what} {series}: there is {there}, the events say {counted}\n")
    }

    fn json(&self, name: Option<&SeriesName>) -> Value {
        let series = name.map(|SeriesName { member, service, meter, dimensions, .. }| {
            let dimensions: Value = serde_json::from_str(dimensions).unwrap_or_else(|_| json!({}));
            json!({
                "member": member, "service": service, "meter": meter, "dimensions": dimensions,
            })
        });
        match self {
            Self::Sum { of: (day, _), there, counted, .. } => json!({
                "kind": "sum", "day": date(*day), "series": series,
                "there": sum(there), "counted": sum(counted),
            }),
            Self::Level { there, counted } => json!({
                "kind": "level", "series": series,
                "event": self.event().map(|(time, id)| json!({ "id": id, "time": time })),
                "there": there.as_ref().map(level), "counted": counted.as_ref().map(level),
            }),
            Self::Unreadable(id) => json!({ "kind": "delta", "delta": id }),
        }
    }
}

fn quantity(micros: i64) -> String {
    if micros == Total::TOO_LARGE {
        return "too much to be added up".to_owned();
    }
    Quantity::from_units(micros).to_string()
}

fn sum(total: &Total) -> Value {
    json!({ "quantity": quantity(total.quantity_micros), "events": total.events })
}

fn level(row: &LevelRow) -> Value {
    json!({ "quantity": quantity(row.quantity_micros), "value": row.value })
}
