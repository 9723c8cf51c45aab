//! How a pole writes to members that are late, and what it claims for the delay.

use palier_billing::Money;
use palier_billing::dunning::{AgreedRate, DunningSchedule, PenaltyRates};

use crate::day::Day;
use crate::db::dunning::{self, DunningSettingsRow};
use crate::db::{Db, DbError};
use crate::http::IfMatch;
use crate::id::PoleId;
use crate::problem::Problem;
use crate::routes::DunningSettingsInput;
use crate::work::{Changes, Done, Tx};

/// What the API keeps as JSON, read as what it means.
#[derive(Clone, Debug)]
pub(crate) struct Terms {
    pub(crate) schedule: DunningSchedule,
    pub(crate) rate: AgreedRate,
    /// Whether the formal notice claims interest, and the indemnity for recovery costs.
    pub(crate) interest: bool,
    pub(crate) indemnity: bool,
    /// Those that are built in, and those that the pole entered.
    pub(crate) rates: PenaltyRates,
    /// When services are suspended, if they are by themselves.
    pub(crate) suspension: Option<SuspensionTerms>,
}

/// When the services of a member that has not paid are suspended.
#[derive(Clone, Debug)]
pub(crate) struct SuspensionTerms {
    /// After how many days behind a formal notice.
    pub(crate) after_days: u16,
    /// How much must be open at least.
    pub(crate) minimum: Option<String>,
}

impl SuspensionTerms {
    /// The day from which on services are suspended, so long after another.
    pub(crate) fn day_after(&self, day: &Day) -> Day {
        day.plus(self.after_days)
    }

    /// Whether so much is enough. In a currency in which the least sum is none, nothing is.
    pub(crate) fn is_enough(&self, open: Money) -> bool {
        let least = self.minimum.as_deref().map(|text| Money::parse(text, open.currency()));
        least.transpose().is_ok_and(|least| least.is_none_or(|least| open >= least))
    }
}

impl Terms {
    /// Those of a pole; what is usual, if it has said nothing.
    pub(crate) fn of(conn: &mut Db, pole: &PoleId) -> Result<Self, DbError> {
        let row = dunning::settings(conn, pole)?;
        let read = read(row.as_ref())?.terms();
        read.map_err(|_| unreadable(pole, &"they are no longer valid"))
    }
}

/// What a row holds; what is usual, if there is none.
pub(crate) fn read(row: Option<&DunningSettingsRow>) -> Result<DunningSettingsInput, DbError> {
    let Some(row) = row else { return Ok(DunningSettingsInput::default()) };
    serde_json::from_str(&row.document).map_err(|error| unreadable(&row.pole_id, &error))
}

fn unreadable(pole: &PoleId, what: &dyn std::fmt::Display) -> DbError {
    DbError::Unreadable { table: "dunning_settings", id: pole.to_string(), what: what.to_string() }
}

/// Keeps what was given, in place of what there is.
pub(crate) fn store(
    tx: &mut Tx<'_>,
    input: &DunningSettingsInput,
    version: IfMatch,
) -> Result<Done<DunningSettingsRow>, Problem> {
    let document = serde_json::to_string(input).map_err(|error| Problem::internal(&error))?;
    let current = dunning::settings(tx.conn, tx.pole())?;
    version.check(current.as_ref().map_or(0, |row| row.version))?;
    let before = read(current.as_ref())?;
    let next = DunningSettingsRow {
        pole_id: tx.pole().clone(),
        document,
        automatic: input.automatic,
        version: current.as_ref().map_or(1, |row| row.version.saturating_add(1)),
        created_at: current.as_ref().map_or(tx.at(), |row| row.created_at),
        updated_at: tx.at(),
        suspends_after: input.suspends_after(),
    };
    match current {
        Some(row) if row.document == next.document => return Ok(tx.unchanged(row)),
        Some(row) => {
            let changed = dunning::update_settings(tx.conn, &next, row.version)?;
            changed.then_some(()).ok_or_else(Problem::changed)?;
        }
        None => dunning::insert_settings(tx.conn, &next)?,
    }
    let changes = Changes::between(&before, input);
    Ok(tx.done("dunning_settings.set", next.pole_id.clone().as_str(), &changes, next)?)
}
