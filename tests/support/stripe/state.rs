//! What the account holds: objects by their kind, in the order they were made, and events of all that
//! happened to them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};

use super::calls::{Call, Kept, Planned};
use super::fault::Fault;
use super::means::Outcome;
use super::shapes;
use super::webhooks::Endpoint;
use super::{balance, charges};

/// A day, in seconds.
pub(super) const DAY: i64 = 86_400;

/// How long events can still be asked for.
const EVENTS_KEPT: i64 = 30 * DAY;

#[derive(Debug, Default)]
pub(super) struct State {
    /// Where the clock was set; that of the machine if it was not.
    pub(super) clock: Option<i64>,
    tables: BTreeMap<&'static str, Vec<Value>>,
    /// How payment methods behave, by their ids.
    pub(super) outcomes: BTreeMap<String, Outcome>,
    /// Charges that came, and whose cost is not known yet.
    pub(super) unbooked: Vec<String>,
    /// In which payout a balance transaction went to the bank.
    pub(super) paid_out: BTreeMap<String, String>,
    /// Payment methods that were taken away from their customer, and can never be used again.
    pub(super) detached: BTreeSet<String>,
    /// What the payment of a session will be, by the session.
    pub(super) later: BTreeMap<String, Value>,
    pub(super) kept: BTreeMap<String, Kept>,
    pub(super) planned: Vec<Planned>,
    pub(super) calls: Vec<Call>,
    /// The only key that is accepted; any of test mode, if none.
    pub(super) key: Option<String>,
    pub(super) endpoint: Option<Endpoint>,
    /// Events that were not delivered yet.
    pub(super) waiting: VecDeque<String>,
    /// What events say of the call that caused them.
    pub(super) cause: Value,
}

impl State {
    pub(super) fn now(&self) -> i64 {
        self.clock.unwrap_or_else(|| {
            let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
            i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
        })
    }

    /// What time alone changes.
    pub(super) fn tick(&mut self) {
        charges::book_later(self);
        let now = self.now();
        let mut more = false;
        for transaction in self.tables.entry("balance_transaction").or_default() {
            if transaction["status"] == "pending" && int(transaction, "available_on") <= now {
                transaction["status"] = "available".into();
                more = true;
            }
        }
        if more {
            let balance = balance::now(self);
            self.emit_of("balance.available", &balance);
        }
        let late =
            |session: &Value| session["status"] == "open" && int(session, "expires_at") <= now;
        let sessions = self.all("checkout.session").iter().filter(|session| late(session));
        let expired: Vec<_> = sessions.map(|session| text(session, "id").to_owned()).collect();
        for id in expired {
            self.set("checkout.session", &id, json!({ "status": "expired", "url": null }));
            self.emit("checkout.session.expired", "checkout.session", &id);
        }
        // An event is never older than the one before it.
        self.tables
            .entry("event")
            .or_default()
            .retain(|event| int(event, "created") > now.saturating_sub(EVENTS_KEPT));
    }

    /// All of a kind, oldest first.
    pub(super) fn all(&self, kind: &str) -> &[Value] {
        self.tables.get(kind).map_or(&[], Vec::as_slice)
    }

    pub(super) fn find(&self, kind: &str, id: &str) -> Option<&Value> {
        self.all(kind).iter().find(|object| object["id"] == id)
    }

    /// Whatever has this id.
    pub(super) fn any(&self, id: &str) -> Option<&Value> {
        self.tables.values().flatten().find(|object| object["id"] == id)
    }

    /// One that a parameter names.
    pub(super) fn named(&self, kind: &str, id: &str, param: &str) -> Result<Value, Fault> {
        let called = kind.rsplit('.').next().unwrap_or(kind);
        self.find(kind, id).cloned().ok_or_else(|| Fault::no_such(called, id, param))
    }

    /// One that the path names.
    pub(super) fn asked(&self, kind: &str, id: &str) -> Result<Value, Fault> {
        let param = if kind.ends_with("_intent") { "intent" } else { "id" };
        self.named(kind, id, param).map_err(|fault| fault.status(404))
    }

    /// One that a lever names, which must be there.
    #[track_caller]
    pub(super) fn get(&self, kind: &str, id: &str) -> Value {
        self.find(kind, id).cloned().unwrap_or_else(|| panic!("there is no {kind} {id:?}"))
    }

    /// Makes an object of its kind's shape, with an id that begins like this.
    #[track_caller]
    pub(super) fn make(&mut self, kind: &'static str, prefix: &str, fields: Value) -> String {
        let id = new_id(prefix);
        let mut object = shapes::empty(kind);
        shapes::put(&mut object, fields);
        shapes::put(&mut object, json!({ "id": id }));
        if object.get("created").is_some() {
            object["created"] = self.now().into();
        }
        self.tables.entry(kind).or_default().push(object);
        id
    }

    /// Changes fields of an object.
    #[track_caller]
    pub(super) fn set(&mut self, kind: &str, id: &str, fields: Value) {
        let objects = self.tables.get_mut(kind).into_iter().flatten();
        let object = objects.into_iter().find(|object| object["id"] == id);
        shapes::put(object.unwrap_or_else(|| panic!("there is no {kind} {id:?}")), fields);
    }

    /// Takes a field away that only others of its kind have.
    pub(super) fn drop_field(&mut self, kind: &str, id: &str, name: &str) {
        let mut objects = self.tables.get_mut(kind).into_iter().flatten();
        let object = objects.find(|object| object["id"] == id).and_then(Value::as_object_mut);
        object.map(|fields| fields.shift_remove(name));
    }

    /// Changes whatever has this id, in whatever way.
    #[track_caller]
    pub(super) fn corrupt(&mut self, id: &str, fields: &Value) {
        let mut objects = self.tables.values_mut().flatten();
        let object = objects.find(|object| object["id"] == id);
        let object = object.unwrap_or_else(|| panic!("there is no {id:?}"));
        for (name, value) in fields.as_object().into_iter().flatten() {
            object[name] = value.clone();
        }
    }

    pub(super) fn remove(&mut self, kind: &str, id: &str) {
        if let Some(objects) = self.tables.get_mut(kind) {
            objects.retain(|object| object["id"] != id);
        }
    }

    /// An event about an object as it is now.
    pub(super) fn emit(&mut self, name: &str, kind: &str, id: &str) {
        let object = self.shown(self.get(kind, id));
        self.emit_of(name, &object);
    }

    fn emit_of(&mut self, name: &str, object: &Value) {
        let before = self.all("event").last().map_or(0, |event| int(event, "created"));
        let created = self.now().max(before);
        let heard = i64::from(self.endpoint.is_some());
        let request = if self.cause.is_null() {
            json!({ "id": null, "idempotency_key": null })
        } else {
            self.cause.clone()
        };
        let id = self.make(
            "event",
            "evt",
            json!({
                "api_version": super::API_VERSION,
                "data": { "object": object },
                "pending_webhooks": heard,
                "request": request,
                "type": name,
            }),
        );
        self.set("event", &id, json!({ "created": created }));
        if self.endpoint.is_some() {
            self.waiting.push_back(id);
        }
    }

    /// An object as it is answered: some hold others, which have changed meanwhile.
    pub(super) fn shown(&self, mut object: Value) -> Value {
        if let Some(held) = object.get_mut("balance_transactions").and_then(Value::as_array_mut) {
            for transaction in held {
                let id = text(transaction, "id").to_owned();
                if let Some(now) = self.find("balance_transaction", &id) {
                    *transaction = now.clone();
                }
            }
        }
        object
    }

    /// Puts what has an id where only the id stands: `data.latest_charge.balance_transaction`.
    pub(super) fn expand(&self, object: &mut Value, path: &str) -> Result<(), Fault> {
        let (name, rest) = path.split_once('.').unwrap_or((path, ""));
        let cannot = || Fault::invalid(format!("This property cannot be expanded ({path})."));
        let field = object.get_mut(name).ok_or_else(cannot)?;
        match field {
            Value::Null => Ok(()),
            Value::Array(all) if name == "data" && !rest.is_empty() => {
                all.iter_mut().try_for_each(|one| self.expand(one, rest))
            }
            Value::String(id) => {
                let found = self.any(id).cloned().ok_or_else(cannot)?;
                *field = self.shown(found);
                if rest.is_empty() { Ok(()) } else { self.expand(field, rest) }
            }
            Value::Object(_) if !rest.is_empty() => self.expand(field, rest),
            Value::Object(inside) if inside.contains_key("id") => Ok(()),
            _ => Err(cannot()),
        }
    }
}

pub(super) fn text<'a>(object: &'a Value, name: &str) -> &'a str {
    object[name].as_str().unwrap_or_default()
}

pub(super) fn int(object: &Value, name: &str) -> i64 {
    object[name].as_i64().unwrap_or_default()
}

/// Takes pairs over; one with an empty value takes its key away.
pub(super) fn merged(object: &Value, pairs: Map<String, Value>) -> Value {
    let mut all = object["metadata"].as_object().cloned().unwrap_or_default();
    for (name, value) in pairs {
        if value == "" {
            all.shift_remove(&name);
        } else {
            all.insert(name, value);
        }
    }
    Value::Object(all)
}

/// An id that no other fake of this process has, and none of another process.
pub(super) fn new_id(prefix: &str) -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    static SEED: std::sync::OnceLock<u64> = std::sync::OnceLock::new();
    let seed = *SEED.get_or_init(|| {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_micros()).unwrap_or_default()
    });
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    format!("{prefix}_{}{next:06}", base36(seed))
}

fn base36(mut number: u64) -> String {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut digits = Vec::new();
    while number > 0 {
        let digit = usize::try_from(number % 36).unwrap_or_default();
        digits.extend(DIGITS.get(digit).map(|digit| char::from(*digit)));
        number /= 36;
    }
    digits.into_iter().rev().collect()
}
