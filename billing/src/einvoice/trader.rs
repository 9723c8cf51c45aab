//! Seller and buyer.

use super::EinvoiceError;
use crate::{ElectronicAddress, Party, Siren, VatNumber};

/// A party of a document, with what only electronic invoices ask of it.
pub(super) struct Trader<'d> {
    pub(super) party: &'d Party,
    /// BT-34, BT-49.
    pub(super) address: ElectronicAddress,
    /// BT-31, BT-48.
    pub(super) vat_number: Option<&'d VatNumber>,
    /// What a seller without VAT number is registered under (BT-32).
    pub(super) tax_registration: Option<Siren>,
}

impl<'d> Trader<'d> {
    /// The seller, whose SIREN the reform wants (BR-FR-10).
    pub(super) fn seller(party: &'d Party, outside_vat: bool) -> Result<Self, EinvoiceError> {
        let siren = party.siren.ok_or(EinvoiceError::SellerSiren)?;
        let seller = Self::of(party, outside_vat)?;
        // Even who charges no VAT is registered (BR-E-02), but not for what is outside it.
        let unnumbered = !outside_vat && seller.vat_number.is_none();
        Ok(Self { tax_registration: unnumbered.then_some(siren), ..seller })
    }

    pub(super) fn buyer(party: &'d Party, outside_vat: bool) -> Result<Self, EinvoiceError> {
        Self::of(party, outside_vat)
    }

    /// VAT numbers stay away where nothing is within the scope of VAT (BR-O-02).
    fn of(party: &'d Party, outside_vat: bool) -> Result<Self, EinvoiceError> {
        let vat_number = party.vat_number.as_ref().filter(|_| !outside_vat);
        Ok(Self { party, address: electronic_address(party)?, vat_number, tax_registration: None })
    }
}

/// Where invoices to or from a company go.
pub(super) fn electronic_address(party: &Party) -> Result<ElectronicAddress, EinvoiceError> {
    let wrong = |error| EinvoiceError::Address { party: party.name.clone(), error };
    if let Some(address) = &party.electronic_address {
        if let Some(siren) = party.siren {
            address.check_siren(siren).map_err(wrong)?;
        }
        return Ok(address.clone());
    }
    if let Some(siren) = party.siren {
        return Ok(ElectronicAddress::of_siren(siren));
    }
    let nowhere = || EinvoiceError::NoAddress { party: party.name.clone() };
    let email = party.email.as_deref().ok_or_else(nowhere)?;
    ElectronicAddress::of_email(email).map_err(wrong)
}
