//! Events that were exported: what became of them there, becomes of them here.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::Taking;
use super::form::Form;
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

/// A line with its event as it was reported, and where it comes from.
///
/// What became of an event is not for who reports it to say, so that only an import takes it out of
/// a line.
pub(super) fn reported<'l>(form: &Form, line: &'l str) -> Result<(Cow<'l, str>, Origin), String> {
    if !matches!(form, Form::Json) || !line.contains("\"record\"") {
        return Ok((Cow::Borrowed(line), Origin::Reported));
    }
    let fields: Result<BTreeMap<Cow<'_, str>, &RawValue>, _> = serde_json::from_str(line);
    // Whatever is wrong with a line is told by who reads the event.
    let Ok(mut fields) = fields else { return Ok((Cow::Borrowed(line), Origin::Reported)) };
    let Some(record) = fields.remove("record") else {
        return Ok((Cow::Borrowed(line), Origin::Reported));
    };
    let strange = |error| format!("record: expected what an export says of an event: {error}");
    let record: Record = serde_json::from_str(record.get()).map_err(strange)?;
    let origin = if record.voided.is_some() { Origin::Voided } else { Origin::Exported };
    // What was read is written: there is nothing that could not be.
    Ok((Cow::Owned(serde_json::to_string(&fields).unwrap_or_default()), origin))
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
