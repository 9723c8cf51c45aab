//! JSON as it comes from outside: every field of an object is named once.

use std::collections::HashSet;
use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value};

/// A JSON value in which no object names a field twice.
///
/// [`Value`] keeps the last of several fields of one name without a word. In a document that sets
/// prices that is a second price nobody chose, so it is refused here, with the place in the text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Document(pub(crate) Value);

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Anything).map(Self)
    }
}

struct Anything;

impl<'de> Visitor<'de> for Anything {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(Document(entry)) = entries.next_element()? {
            list.push(entry);
        }
        Ok(list.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = fields.next_key::<String>()? {
            if object.contains_key(&name) {
                return Err(A::Error::custom(format_args!("field {name:?} is named twice")));
            }
            let Document(value) = fields.next_value()?;
            object.insert(name, value);
        }
        Ok(object.into())
    }
}

/// Where a JSON text names a field of an object twice, as JSON pointers (RFC 6901); nowhere, in most.
///
/// # Errors
/// What is no JSON.
pub(crate) fn twice(json: &str) -> serde_json::Result<Vec<String>> {
    let mut found = Vec::new();
    let mut reader = serde_json::Deserializer::from_str(json);
    Twice { at: String::new(), found: &mut found }.deserialize(&mut reader)?;
    reader.end()?;
    Ok(found)
}

/// Looks for them in the value that stands at a pointer.
struct Twice<'f> {
    at: String,
    found: &'f mut Vec<String>,
}

impl<'de> DeserializeSeed<'de> for Twice<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Twice<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        for position in 0_usize.. {
            let at = format!("{}/{position}", self.at);
            if entries.next_element_seed(Twice { at, found: &mut *self.found })?.is_none() {
                break;
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<(), A::Error> {
        let mut names = HashSet::new();
        while let Some(name) = fields.next_key::<String>()? {
            let at = format!("{}/{}", self.at, name.replace('~', "~0").replace('/', "~1"));
            if names.insert(name) {
                fields.next_value_seed(Twice { at, found: &mut *self.found })?;
            } else {
                self.found.push(at);
                fields.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_is_named_twice_is_found_wherever_it_stands() {
        for (json, found) in [
            (r#"{"a":1,"b":[{"a":1,"a":{"c":1,"c":2}}],"a/~":1,"a\/~":2}"#, ["/b/0/a", "/a~1~0"]),
            (r#"[{"a":null,"a":true,"\u0061":1.5}]"#, ["/0/a", "/0/a"]),
        ] {
            assert_eq!(twice(json).unwrap(), found, "{json}");
        }
        assert_eq!(twice(r#"{"a":{"a":1},"b":"a"}"#).unwrap(), [""; 0]);
        for json in ["", "1 2", r#"{"a":1,"a":}"#, r#"{"a":"\ud800"}"#, "1e999"] {
            assert!(twice(json).is_err(), "{json}");
        }
    }
}
