//! A file of members, as a pole keeps it: a spreadsheet, read for import.
//!
//! CSV (comma, semicolon or tab; UTF-8, UTF-16 or what French Excel writes) and XLSX are read, with
//! English or French column names. Either every line is a valid member, or all that is wrong is
//! said, each fault with its line and column. Nothing is guessed and nothing left out in silence: a
//! column that is not known is a fault as well.
//!
//! No database is asked here. Who a line is among the members on record is decided by its code.

mod columns;
mod csv;
mod fault;
mod lines;
mod sheet;
mod xlsx;

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use palier_billing::{
    Address, ElectronicAddress, PaymentTerms, Siren, Siret, SizeClass, VatNumber, VatRegime,
};

pub(crate) use fault::RowFault;

use crate::text::Language;
use columns::{Column, Layout};
use lines::Line;
use sheet::Sheet;

/// How large a file may be.
pub(crate) const MAX_BYTES: usize = 8 << 20;
/// How many members a file may hold.
pub(crate) const MAX_ROWS: usize = 20_000;

/// A member as one line of a file gives it.
///
/// Where an optional column is missing or its cell empty, there is `None`: whoever imports decides
/// between what is on record already and the default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ImportedMember {
    /// Line of the file, from 1.
    pub(crate) line: u64,
    /// The pole's own code for it: 1 to 64 letters, digits, `.`, `_` and `-`.
    pub(crate) code: String,
    /// Its registered name.
    pub(crate) name: String,
    /// Its legal form, such as SAS.
    pub(crate) legal_form: Option<String>,
    /// Its SIREN, from its own column or out of the SIRET. There is one wherever the country is
    /// France.
    pub(crate) siren: Option<Siren>,
    /// The SIRET of the establishment that is invoiced.
    pub(crate) siret: Option<Siret>,
    /// Its VAT number.
    pub(crate) vat_number: Option<VatNumber>,
    /// Its VAT regime, which fits the address and the VAT number.
    pub(crate) vat_regime: Option<VatRegime>,
    /// Its size class.
    pub(crate) size_class: Option<SizeClass>,
    /// Its address. An empty country is France.
    pub(crate) address: Address,
    /// Where its invoices go.
    pub(crate) email: Option<String>,
    /// The language it is written to in.
    pub(crate) language: Option<Language>,
    /// Where its electronic invoices go; its own, where there is a SIREN.
    pub(crate) electronic_address: Option<ElectronicAddress>,
    /// The number of its purchase order.
    pub(crate) purchase_order: Option<String>,
    /// How long it may take to pay.
    pub(crate) payment_terms: Option<PaymentTerms>,
}

/// Reads a file of members.
///
/// # Errors
/// All faults, in the order of lines; those of the whole file have no line.
pub(crate) fn read(bytes: &[u8]) -> Result<Vec<ImportedMember>, Vec<RowFault>> {
    if bytes.len() > MAX_BYTES {
        return Err(vec![fault::too_large(MAX_BYTES)]);
    }
    let sheet = Sheet::read(bytes).map_err(|fault| vec![fault])?;
    let layout = Layout::read(&sheet)?;
    let mut faults = Vec::new();
    let mut members = Vec::new();
    let mut seen = Seen::default();
    for row in &sheet.rows {
        let mut line = Line::new(row, &layout);
        members.extend(line.member());
        seen.check(&mut line);
        faults.append(&mut line.faults);
    }
    if faults.is_empty() && members.is_empty() {
        faults.push(fault::no_members());
    }
    if faults.is_empty() { Ok(members) } else { Err(faults) }
}

/// The lines on which codes and SIRENs were seen first.
#[derive(Default)]
struct Seen {
    codes: HashMap<String, u64>,
    sirens: HashMap<Siren, u64>,
}

impl Seen {
    /// Notes what stands on an earlier line already. The code and the SIREN are compared even where
    /// something else is wrong with a line.
    fn check(&mut self, line: &mut Line<'_>) {
        let number = line.number;
        if let Some(code) = line.code.clone() {
            let first = *self.codes.entry(code).or_insert(number);
            if first != number {
                line.faults.push(fault::duplicate(number, Column::Code, first));
            }
        }
        if let Some(siren) = line.siren {
            let first = *self.sirens.entry(siren).or_insert(number);
            if first != number {
                line.faults.push(fault::duplicate(number, Column::Siren, first));
            }
        }
    }
}
