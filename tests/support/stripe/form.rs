//! Parameters as Stripe takes them: form-encoded, with brackets for what is inside something else.

use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::fault::Fault;

/// Parameters still to be read. What nobody has read in the end is one that the operation does not know.
///
/// The fake knows fewer than Stripe: one that it would only ignore is refused, so that no test passes
/// by something that did not happen.
#[derive(Debug, Default)]
pub(super) struct Params {
    /// What all of them stand in: `created` for `created[gte]`.
    within: String,
    fields: Map<String, Value>,
}

impl Params {
    pub(super) fn read(encoded: &str) -> Self {
        let mut fields = Map::new();
        for pair in encoded.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            put(&mut fields, &decode(name), decode(value));
        }
        Self { within: String::new(), fields }
    }

    pub(super) fn shown(&self) -> Value {
        Value::Object(self.fields.clone())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// All must have been read before anything happens.
    pub(super) fn end(&self) -> Result<(), Fault> {
        let Some(name) = self.fields.keys().next() else { return Ok(()) };
        let param = self.name(name);
        Err(Fault::invalid(format!("Received unknown parameter: {param}"))
            .code("parameter_unknown")
            .param(&param))
    }

    /// Text, which is none where it is empty: so is a field unset.
    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, Fault> {
        Ok(self.given(name)?.filter(|text| !text.is_empty()))
    }

    /// The same of a field that is changed: inside, none if it is to be unset.
    pub(super) fn change(&mut self, name: &str) -> Result<Option<Value>, Fault> {
        let given = self.given(name)?;
        let value = |text: String| if text.is_empty() { Value::Null } else { Value::String(text) };
        Ok(given.map(value))
    }

    pub(super) fn required(&mut self, name: &str) -> Result<String, Fault> {
        self.text(name)?.ok_or_else(|| self.missing(name))
    }

    pub(super) fn integer(&mut self, name: &str) -> Result<Option<i64>, Fault> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let param = self.name(name);
        text.parse().map(Some).map_err(|_| {
            Fault::invalid(format!("Invalid integer: {text}"))
                .code("parameter_invalid_integer")
                .param(&param)
        })
    }

    pub(super) fn required_integer(&mut self, name: &str) -> Result<i64, Fault> {
        self.integer(name)?.ok_or_else(|| self.missing(name))
    }

    pub(super) fn flag(&mut self, name: &str) -> Result<bool, Fault> {
        match self.text(name)?.as_deref() {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(other) => {
                let param = self.name(name);
                Err(Fault::invalid(format!("Invalid boolean: {other}")).param(&param))
            }
        }
    }

    /// One of a few words.
    pub(super) fn word(&mut self, name: &str, words: &[&str]) -> Result<Option<String>, Fault> {
        let text = self.text(name)?;
        if text.as_ref().is_some_and(|text| !words.contains(&text.as_str())) {
            let (param, words) = (self.name(name), words.join(", "));
            return Err(
                Fault::invalid(format!("Invalid {param}: must be one of {words}")).param(&param)
            );
        }
        Ok(text)
    }

    pub(super) fn list(&mut self, name: &str) -> Result<Vec<String>, Fault> {
        let Some(value) = self.fields.shift_remove(name) else { return Ok(Vec::new()) };
        let param = self.name(name);
        let wrong = || Fault::invalid("Invalid array").param(&param);
        let Value::Object(items) = value else { return Err(wrong()) };
        let text = |item: Value| item.as_str().map(str::to_owned).ok_or_else(wrong);
        items.into_iter().map(|(_, item)| text(item)).collect()
    }

    /// `metadata`, whose keys are anything; a value that is empty takes its key away.
    pub(super) fn metadata(&mut self) -> Result<Map<String, Value>, Fault> {
        match self.fields.shift_remove("metadata") {
            None => Ok(Map::new()),
            Some(Value::Object(pairs)) if pairs.values().all(Value::is_string) => Ok(pairs),
            Some(_) => {
                let param = self.name("metadata");
                Err(Fault::invalid("Metadata is a hash of text").param(&param))
            }
        }
    }

    /// What stands inside of something, read to its end.
    pub(super) fn group<T>(
        &mut self,
        name: &str,
        read: impl FnOnce(&mut Self) -> Result<T, Fault>,
    ) -> Result<Option<T>, Fault> {
        let within = self.name(name);
        match self.fields.shift_remove(name) {
            None => Ok(None),
            Some(Value::Object(fields)) => {
                let mut inner = Self { within, fields };
                let read = read(&mut inner)?;
                inner.end().map(|()| Some(read))
            }
            Some(_) => Err(Fault::invalid("Invalid object").param(&within)),
        }
    }

    /// What stands inside of each thing of a list.
    pub(super) fn groups<T>(
        &mut self,
        name: &str,
        mut read: impl FnMut(&mut Self) -> Result<T, Fault>,
    ) -> Result<Vec<T>, Fault> {
        let all = self.group(name, |list| {
            let keys: Vec<_> = list.fields.keys().cloned().collect();
            let each = keys.iter().map(|key| list.group(key, &mut read));
            each.collect::<Result<Vec<_>, _>>()
        })?;
        Ok(all.into_iter().flatten().flatten().collect())
    }

    /// Whether it was given as one value, not as what stands inside of it.
    pub(super) fn is_text(&self, name: &str) -> bool {
        self.fields.get(name).is_some_and(Value::is_string)
    }

    pub(super) fn missing(&self, name: &str) -> Fault {
        let param = self.name(name);
        Fault::invalid(format!("Missing required param: {param}."))
            .code("parameter_missing")
            .param(&param)
    }

    fn given(&mut self, name: &str) -> Result<Option<String>, Fault> {
        match self.fields.shift_remove(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => {
                let param = self.name(name);
                Err(Fault::invalid("Invalid string").param(&param))
            }
        }
    }

    fn name(&self, name: &str) -> String {
        if self.within.is_empty() { name.to_owned() } else { format!("{}[{name}]", self.within) }
    }
}

/// `a[b][]=c` is a field `b` of `a`, with one thing more in its list.
fn put(into: &mut Map<String, Value>, name: &str, value: String) {
    let (first, rest) = name.split_once('[').unwrap_or((name, ""));
    let mut steps = vec![first];
    if name.contains('[') {
        steps.extend(rest.trim_end_matches(']').split("]["));
    }
    let last = steps.pop().unwrap_or_default();
    let mut at = into;
    for step in steps {
        let step = named(at, step);
        let inner = at.entry(step).or_insert_with(|| Value::Object(Map::new()));
        if !inner.is_object() {
            *inner = Value::Object(Map::new());
        }
        at = inner.as_object_mut().expect("it was made one");
    }
    let last = named(at, last);
    at.insert(last, Value::String(value));
}

fn named(list: &Map<String, Value>, step: &str) -> String {
    if step.is_empty() { list.len().to_string() } else { step.to_owned() }
}

fn decode(text: &str) -> String {
    percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned()
}
