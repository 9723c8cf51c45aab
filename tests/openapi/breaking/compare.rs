//! Two documents side by side: operations, parameters, bodies, headers.

use serde_json::Value;

use super::schema::{Direction, Schemas};
use crate::openapi::document::{Operation, operations, resolve};

/// All by which `now` breaks a caller that was written for `released`.
pub(super) fn breaks(released: &Value, now: &Value) -> Vec<String> {
    let mut comparison = Comparison { released, now, breaks: Vec::new() };
    let present = operations(now);
    for before in operations(released) {
        let same = |it: &&Operation<'_>| it.method == before.method && it.path == before.path;
        match present.iter().find(same) {
            Some(after) => comparison.operation(&before, after),
            // It was announced: callers had a release's time to leave it.
            None if before.said["deprecated"] == true => {}
            None => comparison.note(&before, "removed"),
        }
    }
    comparison.breaks
}

struct Comparison<'d> {
    released: &'d Value,
    now: &'d Value,
    breaks: Vec<String>,
}

impl<'d> Comparison<'d> {
    fn operation(&mut self, before: &Operation<'d>, after: &Operation<'d>) {
        if before.id() != after.id() {
            self.note(before, &format!("operationId {} → {}", before.id(), after.id()));
        }
        let scopes = before.scopes().unwrap_or_default();
        let wanted = after.scopes();
        if wanted.is_some() && before.scopes().is_none() {
            self.note(before, "asks for a token now");
        }
        for scope in wanted.into_iter().flatten().filter(|scope| !scopes.contains(scope)) {
            self.note(before, &format!("asks for the scope {scope} now"));
        }
        self.parameters(before, after);
        self.request(before, after);
        self.responses(before, after);
    }

    fn parameters(&mut self, before: &Operation<'d>, after: &Operation<'d>) {
        let (old, new) = (before.parameters(self.released), after.parameters(self.now));
        let find = |all: &[&'d Value], like: &Value| {
            all.iter().copied().find(|it| it["name"] == like["name"] && it["in"] == like["in"])
        };
        for parameter in &old {
            let name = format!("parameter {}", parameter["name"].as_str().unwrap());
            match find(&new, parameter) {
                Some(now) => {
                    let pair = (&parameter["schema"], &now["schema"]);
                    self.schemas(before, &name, Direction::Request, pair);
                }
                None if parameter["deprecated"] == true => {}
                None => self.note(before, &format!("{name}: removed")),
            }
        }
        for parameter in new.iter().filter(|it| it["required"] == true) {
            if find(&old, parameter).is_none_or(|it| it["required"] != true) {
                let name = parameter["name"].as_str().unwrap();
                self.note(before, &format!("parameter {name}: required now"));
            }
        }
    }

    fn request(&mut self, before: &Operation<'d>, after: &Operation<'d>) {
        let old = resolve(self.released, &before.said["requestBody"]);
        let new = resolve(self.now, &after.said["requestBody"]);
        if new["required"] == true && old["required"] != true {
            self.note(before, "wants a body now");
        }
        self.contents(before, "request", Direction::Request, (old, new));
    }

    fn responses(&mut self, before: &Operation<'d>, after: &Operation<'d>) {
        for (status, old) in before.responses(self.released) {
            let name = format!("answer {status}");
            let new = after.responses(self.now).find(|(it, _)| *it == status);
            let Some((_, new)) = new else {
                // An error that cannot happen any more hurts nobody.
                if status < "400" {
                    self.note(before, &format!("{name}: removed"));
                }
                continue;
            };
            for (header, _) in old["headers"].as_object().into_iter().flatten() {
                if new["headers"].get(header).is_none() {
                    self.note(before, &format!("{name}: header {header} removed"));
                }
            }
            self.contents(before, &name, Direction::Response, (old, new));
        }
    }

    fn contents(
        &mut self,
        at: &Operation<'_>,
        name: &str,
        direction: Direction,
        (old, new): (&'d Value, &'d Value),
    ) {
        for (kind, content) in old["content"].as_object().into_iter().flatten() {
            match new["content"].get(kind) {
                Some(now) => {
                    self.schemas(at, name, direction, (&content["schema"], &now["schema"]));
                }
                None => self.note(at, &format!("{name}: {kind} removed")),
            }
        }
    }

    fn schemas(
        &mut self,
        at: &Operation<'_>,
        name: &str,
        direction: Direction,
        (old, new): (&'d Value, &'d Value),
    ) {
        let schemas = Schemas { released: self.released, now: self.now, direction };
        for found in schemas.breaks(old, new) {
            self.note(at, &format!("{name}{found}"));
        }
    }

    fn note(&mut self, at: &Operation<'_>, what: &str) {
        self.breaks.push(format!("{at}: {what}"));
    }
}
