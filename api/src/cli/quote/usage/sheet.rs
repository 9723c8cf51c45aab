//! A sheet: the quantities of one period, already added up.

use std::collections::{BTreeMap, BTreeSet};

use palier_billing::UsageRecord;

use super::super::records::Records;
use crate::cli::failure::{Failure, quoted};

/// Reads what each member used, by meter and properties if the sheet has such columns.
pub(super) fn read(
    records: &mut Records,
    members: &mut BTreeSet<String>,
) -> Result<Vec<UsageRecord>, Failure> {
    let has_meters = records.has("meter");
    let mut seen = BTreeMap::new();
    let mut rows = Vec::new();
    while let Some(record) = records.read()? {
        let row = UsageRecord {
            member: record.text("member")?.to_owned(),
            meter: if has_meters { Some(record.text("meter")?.to_owned()) } else { None },
            quantity: record.quantity("quantity")?,
            events: Vec::new(),
            properties: record.properties(),
        };
        let key = (row.member.clone(), row.meter.clone(), row.properties.clone());
        if let Some(first) = seen.insert(key, record.line()) {
            let found = format!("{} again: it stands in line {first} too", quoted(&row.member));
            return Err(record.place("member").fault("each member once", found));
        }
        members.insert(row.member.clone());
        rows.push(row);
    }
    Ok(rows)
}
