//! A company's particulars, as the API checks them: `billing` knows the rules, this says them.

use palier_billing::{Address, CountryCode, ElectronicAddress, PartyError, Siren, VatNumber};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::problem::Fault;
use crate::text::Text;

/// A postal address.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Address)]
pub(crate) struct AddressInput {
    /// One to three lines before postcode and city (BT-50, BT-51, BT-163).
    #[schema(min_items = 1, max_items = 3, example = json!(["36 rue de l’Atelier"]))]
    pub(crate) lines: Vec<Line>,
    /// The postcode; five digits in France.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(
        min_length = 1,
        max_length = 16,
        format = "line",
        example = "69007",
        nullable = false
    )]
    pub(crate) postcode: Option<String>,
    /// The city.
    #[schema(min_length = 1, max_length = 200, format = "line", example = "Lyon")]
    pub(crate) city: String,
    /// The country (ISO 3166-1).
    #[schema(value_type = String, format = "country", example = "FR")]
    pub(crate) country: CountryCode,
}

/// A line of an address.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[schema(min_length = 1, max_length = 200, format = "line")]
pub(crate) struct Line(pub(crate) String);

/// Notes how a SIREN and a VAT number do not go together.
pub(crate) fn check_numbers(siren: Option<&str>, number: Option<&str>, faults: &mut Vec<Fault>) {
    let siren = siren.and_then(|text| text.parse::<Siren>().ok());
    let number = number.and_then(|text| text.parse::<VatNumber>().ok());
    if let (Some(siren), Some(number)) = (siren, number) {
        note("/vat_number", number.check_siren(siren), faults);
    }
}

/// Notes how a SIREN and an electronic address do not go together.
pub(crate) fn check_electronic(
    siren: Option<&str>,
    address: Option<&str>,
    faults: &mut Vec<Fault>,
) {
    let siren = siren.and_then(|text| text.parse::<Siren>().ok());
    let address = address.and_then(|text| text.parse::<ElectronicAddress>().ok());
    if let (Some(siren), Some(address)) = (siren, address) {
        note("/electronic_address", address.check_siren(siren), faults);
    }
}

/// An address as it is given, read as what it means.
pub(crate) fn address(input: &AddressInput) -> Result<Address, Vec<palier_billing::AddressFault>> {
    let lines = input.lines.iter().map(|Line(line)| line.as_str());
    Address::new(lines, input.postcode.as_deref(), &input.city, input.country)
}

/// Notes how two things do not go together, at one of them.
pub(crate) fn note(pointer: &str, checked: Result<(), PartyError>, faults: &mut Vec<Fault>) {
    if let Err(error) = checked {
        faults.push(Fault::body(pointer, error.code(), Text::from(&error)));
    }
}
