//! Values that change on known days, as the API takes them and the database keeps them.
//!
//! What stands in the field itself holds from the beginning; a list beside it says from which day on
//! something else does. Both are given at once or one by one, ahead of time or in hindsight: documents
//! that are final never change, and what is billed later about a day is billed by what holds on it.

use std::fmt::Display;

use palier_billing::{Change, Dated, OutOfOrder, out_of_order};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::db::DbError;
use crate::problem::Fault;
use crate::say;

/// Notes which changes do not come after the one before them.
pub(crate) fn check<T>(pointer: &str, changes: &[Change<T>], faults: &mut Vec<Fault>) {
    for OutOfOrder { place, same_day } in out_of_order(changes) {
        let (code, detail) = if same_day {
            let detail = say!(en "This day is there twice.", fr "Ce jour y figure deux fois.");
            ("duplicate", detail)
        } else {
            let detail = say!(
                en "Changes are in the order of their days.",
                fr "Les changements se suivent dans l’ordre des jours."
            );
            ("order", detail)
        };
        faults.push(Fault::body(format!("{pointer}/{place}/effective_from"), code, detail));
    }
}

/// Changes as they stand in a column.
pub(crate) fn column<T: Display>(changes: &[Change<T>]) -> String {
    let changes = changes.iter().map(|Change { effective_from, value }| {
        json!({ "effective_from": effective_from, "value": value.to_string() })
    });
    Value::Array(changes.collect()).to_string()
}

/// Changes from their column, of a row of a table.
pub(crate) fn read<T: DeserializeOwned>(
    column: &str,
    (table, id): (&'static str, &dyn Display),
) -> Result<Vec<Change<T>>, DbError> {
    serde_json::from_str(column).map_err(|error| unreadable((table, id), &error))
}

/// A value with its changes, as they stand in a row of a table.
pub(crate) fn dated<T: Copy + PartialEq>(
    first: T,
    changes: Vec<Change<T>>,
    row: (&'static str, &dyn Display),
) -> Result<Dated<T>, DbError> {
    Dated::new(first, changes).map_err(|error| unreadable(row, &error))
}

fn unreadable((table, id): (&'static str, &dyn Display), what: &dyn Display) -> DbError {
    DbError::Unreadable { table, id: id.to_string(), what: what.to_string() }
}
