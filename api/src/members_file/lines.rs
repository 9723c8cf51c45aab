//! From a line to a member.

use palier_billing::{
    Address, CountryCode, ElectronicAddress, PartyError, PaymentTerms, Siren, Siret, SizeClass,
    VatNumber, VatRegime,
};

use super::ImportedMember;
use super::columns::{Column, Layout};
use super::fault::{self, RowFault};
use super::sheet::{Cell, Row};
use crate::text::{Language, Text};

/// A line being read: what is wrong with it, and what it can be recognised by.
pub(super) struct Line<'s> {
    pub(super) number: u64,
    cells: &'s [Cell],
    layout: &'s Layout,
    pub(super) faults: Vec<RowFault>,
    /// The code, if it is one.
    pub(super) code: Option<String>,
    /// The SIREN, if it is one.
    pub(super) siren: Option<Siren>,
}

impl<'s> Line<'s> {
    pub(super) fn new(row: &'s Row, layout: &'s Layout) -> Self {
        let (number, cells) = (row.line, row.cells.as_slice());
        Self { number, cells, layout, faults: Vec::new(), code: None, siren: None }
    }

    /// The member, unless something is wrong with the line.
    pub(super) fn member(&mut self) -> Option<ImportedMember> {
        self.check_width();
        self.code = self.read_code();
        let name = self.required(Column::Name, |text| one_line(text, 200));
        let legal_form = self.optional(Column::LegalForm, |text| one_line(text, 100));
        let establishment = self.number(Column::Siret, 14, Siret::parse_lenient);
        let siren = self.number(Column::Siren, 9, Siren::parse_lenient);
        let country = self.country();
        let address = country.and_then(|country| self.address(country));
        self.siren = siren.or(establishment.map(Siret::siren));
        let vat_number = self.optional(Column::VatNumber, VatNumber::parse_lenient);
        self.check_numbers(establishment, vat_number.as_ref(), country);
        let vat_regime = self.optional(Column::VatRegime, |text| text.to_lowercase().parse());
        if let (Some(regime), Some(address)) = (vat_regime, &address) {
            self.check_regime(regime, address, vat_number.as_ref());
        }
        let size_class = self.optional(Column::Size, SizeClass::parse_lenient);
        let email = self.email();
        let language = self.language();
        let electronic_address = self.electronic_address();
        let purchase_order = self.optional(Column::PurchaseOrder, |text| one_line(text, 100));
        let payment_terms = self.optional(Column::PaymentTerms, PaymentTerms::parse_lenient);
        if !self.faults.is_empty() {
            return None;
        }
        Some(ImportedMember {
            line: self.number,
            code: self.code.clone()?,
            name: name?,
            legal_form,
            siren: self.siren,
            siret: establishment,
            vat_number,
            vat_regime,
            size_class,
            address: address?,
            email,
            language,
            electronic_address,
            purchase_order,
            payment_terms,
        })
    }

    fn cell(&self, column: Column) -> Option<&'s Cell> {
        let cell = self.cells.get(self.layout.place(column)?)?;
        Some(cell).filter(|cell| !cell.text().is_empty())
    }

    fn text(&self, column: Column) -> &'s str {
        self.cell(column).map(Cell::text).unwrap_or_default()
    }

    fn note(&mut self, column: Column, error: &PartyError) {
        let fault = RowFault::at(self.number, column, error.code(), Text::from(error));
        self.faults.push(fault);
    }

    /// Reads a cell that may be empty.
    fn optional<T>(
        &mut self,
        column: Column,
        read: impl FnOnce(&str) -> Result<T, PartyError>,
    ) -> Option<T> {
        let cell = self.cell(column)?;
        read(cell.text()).map_err(|error| self.note(column, &error)).ok()
    }

    /// Reads a cell that must not be empty.
    fn required<T>(
        &mut self,
        column: Column,
        read: impl FnOnce(&str) -> Result<T, PartyError>,
    ) -> Option<T> {
        if self.cell(column).is_none() {
            self.note(column, &PartyError::Empty);
        }
        self.optional(column, read)
    }

    /// Reads an official number. Where the spreadsheet took it for a quantity, it gets back the
    /// zeros it began with.
    fn number<T>(
        &mut self,
        column: Column,
        digits: usize,
        read: impl FnOnce(&str) -> Result<T, PartyError>,
    ) -> Option<T> {
        let padded = match self.cell(column)? {
            Cell::Number(text) => format!("{text:0>digits$}"),
            Cell::Text(text) => text.clone(),
        };
        self.optional(column, |_| read(&padded))
    }

    fn check_width(&mut self) {
        let is_stray =
            |(place, cell): (usize, &Cell)| !cell.text().is_empty() && !self.layout.has(place);
        if self.cells.iter().enumerate().any(is_stray) {
            self.faults.push(fault::beyond_the_header(self.number, self.layout.width()));
        }
    }

    fn read_code(&mut self) -> Option<String> {
        let code = self.required(Column::Code, |text| Ok(text.to_owned()))?;
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
        if code.len() <= 64 && code.bytes().all(allowed) {
            return Some(code);
        }
        self.faults.push(fault::code(self.number));
        None
    }

    /// The country, by code or, for France, by name; France where nothing is said.
    fn country(&mut self) -> Option<CountryCode> {
        match self.text(Column::Country) {
            "" => Some(CountryCode::FR),
            name if name.eq_ignore_ascii_case("france") => Some(CountryCode::FR),
            _ => self.optional(Column::Country, CountryCode::parse_lenient),
        }
    }

    fn address(&mut self, country: CountryCode) -> Option<Address> {
        let lines =
            self.text(Column::Address).split(['\r', '\n']).chain([self.text(Column::AddressLine2)]);
        let mut postcode = self.text(Column::Postcode).to_owned();
        let digits = postcode.len() == 4 && postcode.bytes().all(|byte| byte.is_ascii_digit());
        if country == CountryCode::FR && digits {
            // Spreadsheets take 01000 for a quantity, and French postcodes have no other length.
            postcode.insert(0, '0');
        }
        let address = Address::new(lines, Some(&postcode), self.text(Column::City), country);
        let faults = address.map_err(|faults| {
            for fault in faults {
                let column = match fault.field {
                    "postcode" => Column::Postcode,
                    "city" => Column::City,
                    _ => Column::Address,
                };
                self.note(column, &fault.error);
            }
        });
        faults.ok()
    }

    /// Checks that the numbers are those of one company, and that there is one in France.
    fn check_numbers(
        &mut self,
        establishment: Option<Siret>,
        vat_number: Option<&VatNumber>,
        country: Option<CountryCode>,
    ) {
        let is_absent = self.cell(Column::Siren).is_none() && self.cell(Column::Siret).is_none();
        if is_absent && country == Some(CountryCode::FR) {
            self.faults.push(fault::siren_required(self.number));
        }
        let Some(siren) = self.siren else {
            return;
        };
        if let Err(error) = establishment.map_or(Ok(()), |number| number.check_siren(siren)) {
            self.note(Column::Siret, &error);
        }
        if let Err(error) = vat_number.map_or(Ok(()), |number| number.check_siren(siren)) {
            self.note(Column::VatNumber, &error);
        }
    }

    fn check_regime(
        &mut self,
        regime: VatRegime,
        address: &Address,
        vat_number: Option<&VatNumber>,
    ) {
        // Where the VAT number is wrong, that is said; what does not follow from it is not.
        if vat_number.is_none() && self.cell(Column::VatNumber).is_some() {
            return;
        }
        if let Err(error) = regime.check(address, vat_number) {
            self.note(Column::VatRegime, &error);
        }
    }

    fn email(&mut self) -> Option<String> {
        let email = self.cell(Column::Email)?.text();
        // No longer one can be written to (RFC 5321).
        if email.len() <= 254 && email.parse::<lettre::Address>().is_ok() {
            return Some(email.to_owned());
        }
        self.faults.push(fault::email(self.number));
        None
    }

    /// Where electronic invoices go: for a company with a SIREN, to an address of its own.
    fn electronic_address(&mut self) -> Option<ElectronicAddress> {
        let address: ElectronicAddress = self.optional(Column::ElectronicAddress, str::parse)?;
        if let Some(Err(error)) = self.siren.map(|siren| address.check_siren(siren)) {
            self.note(Column::ElectronicAddress, &error);
        }
        Some(address)
    }

    fn language(&mut self) -> Option<Language> {
        match self.cell(Column::Language)?.text().to_lowercase().as_str() {
            "fr" | "français" | "francais" | "french" => return Some(Language::Fr),
            "en" | "anglais" | "english" => return Some(Language::En),
            _ => {}
        }
        self.faults.push(fault::language(self.number));
        None
    }
}

/// One line of text, as invoices can carry it.
fn one_line(text: &str, limit: usize) -> Result<String, PartyError> {
    let found = text.chars().count();
    if found > limit {
        return Err(PartyError::TooLong { limit, found });
    }
    let odd = text.chars().enumerate().find(|(_, found)| found.is_control());
    odd.map_or_else(
        || Ok(text.to_owned()),
        |(index, found)| {
            Err(PartyError::WrongCharacter { found, position: index.saturating_add(1) })
        },
    )
}
