//! Whether the particulars of a member go together.

use palier_billing::{Address, Siren, Siret, VatNumber, VatRegime};

use super::MemberInput;
use crate::dated;
use crate::party::{address, check_electronic, check_numbers, note};
use crate::problem::Fault;
use crate::say;
use crate::text::Text;

/// Notes how the particulars of a member do not go together. Each by itself is valid already.
pub(super) fn check(member: &MemberInput, faults: &mut Vec<Fault>) {
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

/// The regime that follows from a member's address and VAT number.
pub(super) fn suggested_regime(member: &MemberInput) -> VatRegime {
    let address = address(&member.address).ok();
    address.map_or(VatRegime::Standard, |address| {
        VatRegime::suggested(&address, vat_number(member).as_ref())
    })
}

fn vat_number(member: &MemberInput) -> Option<VatNumber> {
    member.vat_number.as_deref().and_then(|text| text.parse().ok())
}
