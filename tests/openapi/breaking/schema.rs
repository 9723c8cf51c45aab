//! Two schemas side by side.

use serde_json::Value;

use crate::openapi::document::{entries, resolve};

/// Which way a value goes. What callers send may be taken more leniently than before; what they
/// get may be said more exactly.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    /// From the caller.
    Request,
    /// To the caller.
    Response,
}

/// The schemas of two documents.
#[derive(Clone, Copy)]
pub(super) struct Schemas<'d> {
    pub(super) released: &'d Value,
    pub(super) now: &'d Value,
    pub(super) direction: Direction,
}

/// An old schema and the new one in its place.
type Pair<'d> = (&'d Value, &'d Value);

/// Limits, and whether a greater one lets less pass.
const LIMITS: [(&str, bool); 10] = [
    ("minLength", true),
    ("maxLength", false),
    ("minItems", true),
    ("maxItems", false),
    ("minimum", true),
    ("maximum", false),
    ("exclusiveMinimum", true),
    ("exclusiveMaximum", false),
    ("minProperties", true),
    ("maxProperties", false),
];

/// What was found on the way, and which named schemas it led through.
#[derive(Clone, Default)]
struct Walk {
    found: Vec<String>,
    seen: Vec<(String, String)>,
}

impl<'d> Schemas<'d> {
    /// All by which a schema breaks a caller that knows the old one, each with its place.
    pub(super) fn breaks(&self, old: &'d Value, new: &'d Value) -> Vec<String> {
        let mut walk = Walk::default();
        self.compare("", (old, new), &mut walk);
        walk.found
    }

    fn compare(&self, at: &str, (old, new): Pair<'d>, walk: &mut Walk) {
        let name = |schema: &Value| schema["$ref"].as_str().unwrap_or_default().to_owned();
        let pair = (name(old), name(new));
        if !pair.0.is_empty() {
            // A schema may contain itself; once is enough.
            if walk.seen.contains(&pair) {
                return;
            }
            walk.seen.push(pair);
        }
        let (old, new) = (resolve(self.released, old), resolve(self.now, new));
        let mut note = |what: String| walk.found.push(format!("{at}: {what}"));
        self.types(old, new).into_iter().for_each(&mut note);
        words(old, new).into_iter().for_each(&mut note);
        if self.direction == Direction::Request {
            limits(old, new).into_iter().for_each(&mut note);
        }
        if old["format"] != new["format"] {
            note(format!("format {} → {}", old["format"], new["format"]));
        }
        self.fields(at, (old, new), walk);
        for (inner, place) in [("items", "*"), ("additionalProperties", "{name}")] {
            if old[inner].is_object() && new[inner].is_object() {
                self.compare(&format!("{at}/{place}"), (&old[inner], &new[inner]), walk);
            }
        }
        self.variants(at, (old, new), walk);
    }

    fn types(&self, old: &Value, new: &Value) -> Option<String> {
        let kinds = |schema: &Value| match &schema["type"] {
            Value::String(one) => vec![one.clone()],
            several => entries(several).map(|one| one.as_str().unwrap().to_owned()).collect(),
        };
        let (old, new) = (kinds(old), kinds(new));
        let (given, taken) = match self.direction {
            Direction::Request => (&old, &new),
            Direction::Response => (&new, &old),
        };
        let fits = |kind: &String| {
            taken.contains(kind) || (kind == "integer" && taken.iter().any(|it| it == "number"))
        };
        let broken = old.is_empty() != new.is_empty() || !given.iter().all(fits);
        broken.then(|| format!("type {} → {}", old.join("|"), new.join("|")))
    }

    fn fields(&self, at: &str, (old, new): Pair<'d>, walk: &mut Walk) {
        for (name, field) in old["properties"].as_object().into_iter().flatten() {
            match new["properties"].get(name) {
                Some(now) => self.compare(&format!("{at}/{name}"), (field, now), walk),
                None if field["deprecated"] == true => {}
                None => walk.found.push(format!("{at}/{name}: removed")),
            }
        }
        let (old_required, new_required) = (&old["required"], &new["required"]);
        if self.direction == Direction::Response {
            let less =
                entries(old_required).filter(|name| !entries(new_required).any(|it| it == *name));
            let less = less.map(|name| name.as_str().unwrap());
            let less = less.filter(|name| new["properties"].get(name).is_some());
            walk.found.extend(less.map(|name| format!("{at}/{name}: may be absent now")));
            return;
        }
        let more =
            entries(new_required).filter(|name| !entries(old_required).any(|it| it == *name));
        let more = more.map(|name| name.as_str().unwrap());
        walk.found.extend(more.map(|name| format!("{at}/{name}: required now")));
        if new["additionalProperties"] == false && old["additionalProperties"] != false {
            walk.found.push(format!("{at}: other fields are refused now"));
        }
    }

    /// Each variant that was there must be there still; others may join.
    fn variants(&self, at: &str, (old, new): Pair<'d>, walk: &mut Walk) {
        for kind in ["oneOf", "anyOf", "allOf"] {
            for (place, variant) in entries(&old[kind]).enumerate() {
                let attempts = entries(&new[kind]).map(|one| {
                    let mut attempt = Walk { found: Vec::new(), seen: walk.seen.clone() };
                    self.compare(&format!("{at}/({place})"), (variant, one), &mut attempt);
                    attempt.found
                });
                match attempts.min_by_key(Vec::len) {
                    Some(best) => walk.found.extend(best),
                    None => walk.found.push(format!("{at}: {kind} removed")),
                }
            }
        }
    }
}

/// A word that is gone is missed by whoever sends it, and by whoever waits for it.
fn words(old: &Value, new: &Value) -> Vec<String> {
    let all = |schema: &Value| {
        let one = schema.get("const").into_iter();
        let all: Vec<Value> = entries(&schema["enum"]).chain(one).cloned().collect();
        (!all.is_empty()).then_some(all)
    };
    match (all(old), all(new)) {
        (Some(old), Some(new)) => {
            let gone = old.iter().filter(|word| !new.contains(word));
            gone.map(|word| format!("{word} removed")).collect()
        }
        (None, Some(_)) => vec!["takes only certain words now".to_owned()],
        _ => Vec::new(),
    }
}

/// What was taken must still be taken.
fn limits(old: &Value, new: &Value) -> Vec<String> {
    let stricter = |greater: bool, old: &Value, new: &Value| match (old.as_f64(), new.as_f64()) {
        (_, None) => false,
        (None, Some(_)) => true,
        (Some(old), Some(new)) => {
            if greater {
                new > old
            } else {
                new < old
            }
        }
    };
    let limits = LIMITS
        .into_iter()
        .filter(|(limit, greater)| stricter(*greater, &old[*limit], &new[*limit]));
    let pattern = !new["pattern"].is_null() && new["pattern"] != old["pattern"];
    let names = limits.map(|(limit, _)| limit).chain(pattern.then_some("pattern"));
    names.map(|name| format!("{name} {} → {}", old[name], new[name])).collect()
}
