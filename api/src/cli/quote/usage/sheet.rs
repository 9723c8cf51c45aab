//! A sheet: the quantities of one period, already added up.

use std::collections::{BTreeMap, BTreeSet};

use palier_billing::Quantity;

use super::{
    super::rows::Rows,
    record::{Header, Record},
};
use crate::cli::failure::{Failure, quoted};

/// What each member used in a period, by meter and properties if the sheet has such columns.
pub(in super::super) struct Sheet {
    pub(in super::super) rows: Vec<SheetRow>,
}

/// One row of it.
pub(in super::super) struct SheetRow {
    pub(in super::super) member: String,
    /// None if the sheet has no such column: then every charge looks at the same quantity.
    pub(in super::super) meter: Option<String>,
    pub(in super::super) properties: BTreeMap<String, String>,
    pub(in super::super) quantity: Quantity,
}

impl Sheet {
    /// Reads the rows below a header.
    pub(super) fn read(
        rows: &mut Rows,
        header: &Header,
        members: &mut BTreeSet<String>,
    ) -> Result<Self, Failure> {
        let mut seen = BTreeMap::new();
        let mut sheet = Vec::new();
        while let Some(row) = rows.next_row()? {
            let record = Record::new(rows, header, &row)?;
            let member = record.text("member")?.to_owned();
            let meter =
                if header.has("meter") { Some(record.text("meter")?.to_owned()) } else { None };
            let properties = record.properties();
            let key = (member.clone(), meter.clone(), properties.clone());
            if let Some(first) = seen.insert(key, record.line()) {
                let found = format!("{} again: it stands in line {first} too", quoted(&member));
                return Err(record.place("member").fault("each member once", found));
            }
            let quantity = record.quantity("quantity")?;
            members.insert(member.clone());
            sheet.push(SheetRow { member, meter, properties, quantity });
        }
        Ok(Self { rows: sheet })
    }
}
