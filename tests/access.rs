//! Who may what: every operation of the document, called by everybody, compared with one table.

mod answers;
mod callers;
mod setting;
mod table;

use std::collections::{BTreeMap, BTreeSet};

use palier_tests::{Client, Engine, on_both};

use crate::openapi::document::{Operation, document, operations};
use crate::sql::Sql;
use answers::{difference, flaws};
pub(crate) use callers::scopes;
use callers::{Caller, callers};
use setting::{House, Setting};
use table::{NOTHING, Row, TOKEN, rows};

#[test]
fn the_table_has_every_operation_and_asks_for_what_the_document_says() {
    let said: BTreeMap<_, _> = operations(document()).into_iter().map(|it| (it.id(), it)).collect();
    let listed: BTreeSet<_> = rows().iter().map(|row| row.operation).collect();
    let mut faults = Vec::new();
    for operation in said.keys().filter(|operation| !listed.contains(*operation)) {
        faults.push(format!("{operation} has no line: who may call it?"));
    }
    for row in rows() {
        let Some(operation) = said.get(row.operation) else {
            faults.push(format!("{} has a line, and is no operation", row.operation));
            continue;
        };
        let asked = match operation.scopes().as_deref() {
            None => NOTHING.to_owned(),
            Some([]) => TOKEN.to_owned(),
            Some(scopes) => scopes.join(" "),
        };
        if asked != row.asks_for {
            faults.push(format!("{} asks for {asked}, not {}", row.operation, row.asks_for));
        }
        let announced = |status: &u16| operation.said["responses"][status.to_string()].is_object();
        let statuses: BTreeSet<_> = row.statuses(operation).into_iter().collect();
        for status in statuses.iter().filter(|status| !announced(status)) {
            faults.push(format!("{} does not announce {status}", row.operation));
        }
    }
    assert!(faults.is_empty(), "tests/access/table.rs says otherwise:\n{}", faults.join("\n"));
}

on_both!(everybody_may_what_the_table_says_and_nothing_else);
fn everybody_may_what_the_table_says_and_nothing_else(engine: Engine) {
    // The server has ended by then: its log would bury what is told here.
    let (calls, faults) = walk(engine);
    assert!(faults.is_empty(), "{} faults in {calls} calls:\n{}", faults.len(), faults.join("\n"));
}

/// How many calls were made, and what is wrong with their answers.
fn walk(engine: Engine) -> (usize, Vec<String>) {
    let house = House::open(engine);
    let setting = Setting::new(&house);
    let callers = callers(&house, &setting);
    let mut walk = Walk { setting: &setting, calls: 0, faults: Vec::new() };
    // Who may not call comes first: what they would do, nobody else has done yet.
    walk.everything(&callers, |status| status >= 400);
    walk.faults.extend(walk.written());
    walk.everything(&callers, |status| status < 400);
    assert!(!walk.written().is_empty(), "what is written is not found");
    (walk.calls, walk.faults)
}

/// A walk over everything that can be called.
struct Walk<'s> {
    setting: &'s Setting<'s>,
    calls: usize,
    faults: Vec<String>,
}

impl Walk<'_> {
    /// Calls every operation by everybody who should be answered with such a status.
    fn everything(&mut self, callers: &[Caller], is_meant: fn(u16) -> bool) {
        let mut operations = operations(document());
        // Whoever has ended their session is nobody.
        operations.sort_by_key(|operation| operation.id() == "endSession");
        let rows: BTreeMap<_, _> = rows().into_iter().map(|row| (row.operation, row)).collect();
        for operation in operations {
            let Some(row) = rows.get(operation.id()) else { continue };
            for caller in callers {
                let Some(client) = caller.client(row) else { continue };
                let expected = caller.expects(row, &operation);
                if is_meant(expected) {
                    self.call(&operation, row, (caller, client), expected);
                }
            }
        }
    }

    fn call(
        &mut self,
        operation: &Operation<'_>,
        row: &Row,
        (caller, client): (&Caller, &Client),
        expected: u16,
    ) {
        let name = format!("{}-by-{}", operation.id(), caller.name);
        let client = client.with_header("x-request-id", &name);
        let request = self.setting.request(operation, caller.is_provider());
        let answer = request.send(&client);
        self.calls = self.calls.saturating_add(1);
        let mut faults = flaws(operation, expected, &answer);
        if expected == 404 && answer.status == 404 {
            let (pole, path) = (&self.setting.pole.code, request.path.clone());
            let nowhere = if caller.is_elsewhere() {
                path.replace(&format!("/{pole}"), "/no-such-pole")
            } else {
                path.replace("_0", "_1")
            };
            assert_ne!(path, nowhere);
            faults.extend(difference(&answer, &request.at(nowhere).send(&client)));
        }
        if caller.is_stranger() && row.asks_for != NOTHING {
            let said = String::from_utf8_lossy(&answer.bytes);
            let leaked = self.setting.hidden().filter(|id| said.contains(id));
            faults.extend(leaked.map(|id| format!("tells of {id}")));
        }
        self.faults.extend(faults.into_iter().map(|fault| format!("{name}: {fault}")));
    }

    /// What the calls so far have written into the audit log, where every change stands.
    fn written(&self) -> Vec<String> {
        let mut sql = Sql::open(self.setting.server.database_url());
        sql.lines(
            "SELECT request || ': wrote ' || action || ' of ' || object AS line FROM audit_log \
             WHERE request LIKE '%-by-%' ORDER BY pole_id, seq",
        )
    }
}
