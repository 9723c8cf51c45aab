//! Pages of what there is, newest first.

use serde_json::{Value, json};

use super::fault::Fault;
use super::form::Params;
use super::state::{State, int};

/// What a list is asked for: those whose fields are so, and a page of them.
#[derive(Debug, Default)]
pub(super) struct Asked {
    fields: Vec<(&'static str, String)>,
    times: Vec<(&'static str, [Option<i64>; 4])>,
    limit: Option<i64>,
    after: Option<String>,
    before: Option<String>,
}

impl Asked {
    /// Reads filters by the text of fields, by times, and the page.
    pub(super) fn read(
        p: &mut Params,
        fields: &[&'static str],
        times: &[&'static str],
    ) -> Result<Self, Fault> {
        let mut asked = Self::default();
        for &name in fields {
            if let Some(value) = p.text(name)? {
                asked.fields.push((name, value));
            }
        }
        for &name in times {
            if p.is_text(name) {
                let at = p.integer(name)?;
                asked.times.push((name, [None, at, None, at]));
            } else if let Some(range) = p.group(name, range)? {
                asked.times.push((name, range));
            }
        }
        asked.limit = p.integer("limit")?;
        asked.after = p.text("starting_after")?;
        asked.before = p.text("ending_before")?;
        let limit = asked.limit.unwrap_or(10);
        if !(1..=100).contains(&limit) {
            let what = if limit < 1 { "must be at least 1" } else { "must be at most 100" };
            let message = format!("This value {what}.");
            return Err(Fault::invalid(message).code("parameter_invalid_integer").param("limit"));
        }
        if asked.after.is_some() && asked.before.is_some() {
            let message = "Received both starting_after and ending_before. Please pass in only one";
            return Err(Fault::invalid(message));
        }
        p.end()?;
        Ok(asked)
    }

    /// The page, of those of a kind that also pass this.
    pub(super) fn page(
        &self,
        state: &State,
        kind: &str,
        url: &str,
        also: impl Fn(&Value) -> bool,
    ) -> Result<Value, Fault> {
        let all = state.all(kind);
        let place = |cursor: &Option<String>, param: &str| match cursor {
            None => Ok(None),
            Some(id) => match all.iter().position(|object| object["id"] == *id) {
                Some(place) => Ok(Some(place)),
                None => Err(Fault::no_such(kind, id, param)),
            },
        };
        let after = place(&self.after, "starting_after")?;
        let before = place(&self.before, "ending_before")?;
        let within = |place: usize| {
            after.is_none_or(|after| place < after) && before.is_none_or(|before| place > before)
        };
        let wanted = all
            .iter()
            .enumerate()
            .filter(|(place, object)| within(*place) && self.fits(object) && also(object));
        let mut wanted: Vec<_> = wanted.map(|(_, object)| state.shown(object.clone())).collect();
        // Those next to the cursor: the oldest of what is newer than it, or the newest of all else.
        if before.is_none() {
            wanted.reverse();
        }
        let limit = usize::try_from(self.limit.unwrap_or(10)).unwrap_or_default();
        let more = wanted.len() > limit;
        wanted.truncate(limit);
        if before.is_some() {
            wanted.reverse();
        }
        Ok(json!({ "object": "list", "data": wanted, "has_more": more, "url": url }))
    }

    fn fits(&self, object: &Value) -> bool {
        let fields = self.fields.iter().all(|(name, value)| object[name] == value.as_str());
        fields
            && self.times.iter().all(|(name, [gt, gte, lt, lte])| {
                let time = int(object, name);
                gt.is_none_or(|gt| time > gt)
                    && gte.is_none_or(|gte| time >= gte)
                    && lt.is_none_or(|lt| time < lt)
                    && lte.is_none_or(|lte| time <= lte)
            })
    }
}

fn range(p: &mut Params) -> Result<[Option<i64>; 4], Fault> {
    Ok([p.integer("gt")?, p.integer("gte")?, p.integer("lt")?, p.integer("lte")?])
}
