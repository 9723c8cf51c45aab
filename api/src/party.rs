//! A company's particulars, as the API checks them: `billing` knows the rules, this says them.

use palier_billing::{Address, ElectronicAddress, PartyError, Siren, Siret, VatNumber, VatRegime};

use crate::dated;
use crate::problem::Fault;
use crate::routes::{AddressInput, Line, MemberInput};
use crate::say;
use crate::text::Text;

/// Notes how the particulars of a member do not go together. Each by itself is valid already.
pub(crate) fn check(member: &MemberInput, faults: &mut Vec<Fault>) {
    let siren = member.siren.as_deref().and_then(|text| text.parse::<Siren>().ok());
    let number = vat_number(member);
    if member.siren.is_none() && member.address.country.to_string() == "FR" {
        let detail = say!(
            en "A company in France has a SIREN.",
            fr "Une entreprise établie en France a un SIREN."
        );
        faults.push(Fault::body("/siren", "required", detail));
    }
    let siret = member.siret.as_deref().and_then(|text| text.parse::<Siret>().ok());
    if let (Some(siren), Some(siret)) = (siren, siret) {
        note("/siret", siret.check_siren(siren), faults);
    }
    check_numbers(member.siren.as_deref(), member.vat_number.as_deref(), faults);
    check_electronic(member.siren.as_deref(), member.electronic_address.as_deref(), faults);
    dated::check("/vat_regime_changes", &member.vat_regime_changes, faults);
    match address(&member.address) {
        Ok(address) => check_regimes(member, &address, number.as_ref(), faults),
        Err(wrong) => faults.extend(wrong.into_iter().map(|fault| {
            Fault::body(
                format!("/address/{}", fault.field),
                fault.error.code(),
                Text::from(&fault.error),
            )
        })),
    }
}

/// Notes that no regime fits the address and the VAT number on record. These are of today, whenever that
/// is: of a regime that changes, one fits, and the others belong to an address that was or will be.
fn check_regimes(
    member: &MemberInput,
    address: &Address,
    number: Option<&VatNumber>,
    faults: &mut Vec<Fault>,
) {
    let mut changed = member.vat_regime_changes.iter().map(|change| change.value);
    let first = member.vat_regime.unwrap_or_else(|| VatRegime::suggested(address, number));
    if !changed.any(|regime| regime.check(address, number).is_ok()) {
        note("/vat_regime", first.check(address, number), faults);
    }
}

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

/// The regime that follows from a member's address and VAT number.
pub(crate) fn suggested_regime(member: &MemberInput) -> VatRegime {
    let address = address(&member.address).ok();
    address.map_or(VatRegime::Standard, |address| {
        VatRegime::suggested(&address, vat_number(member).as_ref())
    })
}

fn vat_number(member: &MemberInput) -> Option<VatNumber> {
    member.vat_number.as_deref().and_then(|text| text.parse().ok())
}

pub(crate) fn address(input: &AddressInput) -> Result<Address, Vec<palier_billing::AddressFault>> {
    let lines = input.lines.iter().map(|Line(line)| line.as_str());
    Address::new(lines, input.postcode.as_deref(), &input.city, input.country)
}

fn note(pointer: &str, checked: Result<(), PartyError>, faults: &mut Vec<Fault>) {
    if let Err(error) = checked {
        faults.push(Fault::body(pointer, error.code(), Text::from(&error)));
    }
}
