//! Events that were exported: what became of them there, becomes of them here.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::Taking;
use crate::metering::Reported;
use crate::metering::intake::Told;
use crate::problem::{Fault, Problem};

/// Where an event comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// From who measured it.
    Reported,
    /// From an export, where it counted.
    Exported,
    /// From an export, where it did not.
    Voided,
}

/// What an export says became of an event, as far as it matters here.
#[derive(Deserialize)]
struct Record {
    #[serde(default)]
    voided: Option<IgnoredAny>,
}

impl Origin {
    /// By what a line says became of its event, if it says anything.
    pub(super) fn of(record: Option<&RawValue>) -> Result<Self, String> {
        let Some(record) = record else { return Ok(Self::Reported) };
        let read: Result<Record, _> = serde_json::from_str(record.get());
        match read {
            Ok(Record { voided: None }) => Ok(Self::Exported),
            Ok(Record { voided: Some(_) }) => Ok(Self::Voided),
            Err(error) => Err(format!("record: expected what an export says of an event: {error}")),
        }
    }
}

impl Taking<'_> {
    /// Takes in events, and tells of each what became of it.
    ///
    /// An event that was exported and takes the place of another is taken first as it is: the other
    /// may be here, and count. If it is not here, which is as it was where it was exported, the event
    /// is taken by itself. It is so each time the same file comes.
    pub(super) async fn told_at_last(
        &self,
        events: &[Result<Reported<'_>, Vec<Fault>>],
        origins: &[Origin],
    ) -> Result<Vec<Told>, Problem> {
        let mut told = self.told(events).await?;
        let (mut places, mut again) = (Vec::new(), Vec::new());
        for (nth, (event, (origin, told))) in
            events.iter().zip(origins.iter().zip(&told)).enumerate()
        {
            if let Ok(event) = event
                && event.amends.is_some()
                && *origin == Origin::Exported
                && !told.is_stored()
            {
                places.push(nth);
                again.push(Ok(Reported { amends: None, ..event.clone() }));
            }
        }
        if again.is_empty() {
            return Ok(told);
        }
        for (nth, outcome) in places.into_iter().zip(self.told(&again).await?) {
            if let Some(told) = told.get_mut(nth) {
                *told = outcome;
            }
        }
        Ok(told)
    }
}
