//! What VAT makes of one supply: who sells, what is sold, who buys, and when.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::party::VatWording;
use crate::{Error, Percent, VatCategory, VatClass, VatRegime, VatTerritory, read::names};

/// What is sold, in the eyes of VAT: the service's side of it. The customer's is its
/// [`VatRegime`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum VatSupply {
    /// Taxable at the standard rate: the rule for what an association sells to companies, at cost
    /// price too.
    #[default]
    Standard,
    /// Taxable at the intermediate rate.
    Intermediate,
    /// Taxable at the reduced rate.
    Reduced,
    /// Taxable at the special rate.
    Special,
    /// Social, educational, cultural or sporting services of an association to its members (CGI,
    /// art. 261, 7, 1°, a).
    MembersExempt,
    /// Collective defence of its members by an association, paid for by the statutory fee (CGI,
    /// art. 261, 4, 9°).
    CollectiveExempt,
    /// Outside the scope of VAT: a membership fee that buys nothing individual. It stands on a
    /// document of its own (EN 16931, BR-O-11).
    OutOfScope,
}

names!(VatSupply {
    "standard" => Standard,
    "intermediate" => Intermediate,
    "reduced" => Reduced,
    "special" => Special,
    "members_exempt" => MembersExempt,
    "collective_exempt" => CollectiveExempt,
    "out_of_scope" => OutOfScope,
});

/// How VAT treats the seller.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum SellerVat {
    /// It charges VAT.
    #[default]
    Taxable,
    /// *Franchise en base*: it charges none (CGI, art. 293 B).
    Franchise,
}

names!(SellerVat { "taxable" => Taxable, "franchise" => Franchise });

/// Category, rate and reason, as an invoice's line shows them (BT-151, BT-152, BT-120, BT-121).
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct LineVat {
    /// The category.
    pub category: VatCategory,
    /// The rate; 0 where no VAT is charged.
    pub rate_percent: Percent,
    /// Why no VAT is charged; none where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exemption: Option<VatExemption>,
}

/// Why no VAT is charged.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct VatExemption {
    /// Code of the reason (CEN list VATEX, BT-121).
    pub code: String,
    /// The words of the law (BT-120).
    pub reason: String,
}

impl From<VatWording> for VatExemption {
    /// French, as the law asks for it, whatever the customer reads.
    fn from(wording: VatWording) -> Self {
        Self { code: wording.vatex.to_owned(), reason: wording.fr.to_owned() }
    }
}

const FRANCHISE: VatWording = VatWording {
    vatex: "VATEX-FR-FRANCHISE",
    fr: "TVA non applicable, art. 293 B du CGI",
    en: "VAT not applicable, article 293 B of the CGI",
};
const MEMBERS: VatWording = VatWording {
    vatex: "VATEX-FR-CGI261-7",
    fr: "Exonération de TVA, art. 261-7-1° du CGI",
    en: "Exempt from VAT, article 261-7-1° of the CGI",
};
const COLLECTIVE: VatWording = VatWording {
    vatex: "VATEX-FR-CGI261-4",
    fr: "Exonération de TVA, art. 261-4-9° du CGI",
    en: "Exempt from VAT, article 261-4-9° of the CGI",
};
const OUT_OF_SCOPE: VatWording = VatWording {
    vatex: "VATEX-EU-O",
    fr: "Opération hors du champ d’application de la TVA",
    en: "Outside the scope of VAT",
};

impl VatSupply {
    /// Whether it bears VAT by itself, so that the customer's regime matters.
    pub(super) const fn is_taxable(self) -> bool {
        matches!(self, Self::Standard | Self::Intermediate | Self::Reduced | Self::Special)
    }

    /// What a line shows for this supply, from a seller to a customer of a regime and territory, on
    /// the day it was made.
    ///
    /// What lies outside the scope stays there whoever buys; then the seller's franchise decides,
    /// then the exemption of the supply itself, then where the customer is.
    ///
    /// # Errors
    /// [`Error::Calendar`] for a day before the rates that are known.
    pub fn vat(
        self,
        seller: SellerVat,
        (regime, territory): (VatRegime, VatTerritory),
        day: Date,
    ) -> Result<LineVat, Error> {
        let class = match (self, seller) {
            (Self::OutOfScope, _) => {
                return Ok(LineVat::free(VatCategory::OutOfScope, OUT_OF_SCOPE));
            }
            (_, SellerVat::Franchise) => return Ok(LineVat::free(VatCategory::Exempt, FRANCHISE)),
            (Self::MembersExempt, _) => return Ok(LineVat::free(VatCategory::Exempt, MEMBERS)),
            (Self::CollectiveExempt, _) => {
                return Ok(LineVat::free(VatCategory::Exempt, COLLECTIVE));
            }
            (Self::Standard, _) => VatClass::Standard,
            (Self::Intermediate, _) => VatClass::Intermediate,
            (Self::Reduced, _) => VatClass::Reduced,
            (Self::Special, _) => VatClass::Special,
        };
        let treatment = regime.treatment(territory);
        Ok(match (treatment.wording, treatment.scale) {
            (Some(wording), _) => LineVat::free(treatment.category, wording),
            (None, scale) => LineVat {
                category: treatment.category,
                rate_percent: class.rate(scale, day)?,
                exemption: None,
            },
        })
    }
}

impl LineVat {
    fn free(category: VatCategory, wording: VatWording) -> Self {
        Self { category, rate_percent: Percent::default(), exemption: Some(wording.into()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn vat(
        supply: VatSupply,
        seller: SellerVat,
        regime: VatRegime,
    ) -> (VatCategory, String, String) {
        let buyer = (regime, VatTerritory::France);
        let vat = supply.vat(seller, buyer, date(2026, 7, 1)).unwrap();
        let code = vat.exemption.map_or_else(String::new, |exemption| exemption.code);
        (vat.category, vat.rate_percent.to_string(), code)
    }

    #[test]
    fn seller_supply_and_customer_decide_in_this_order() {
        let free = |category, code: &str| (category, "0".to_owned(), code.to_owned());
        let taxable = SellerVat::Taxable;
        let charged = (VatCategory::Standard, "20".to_owned(), String::new());
        assert_eq!(vat(VatSupply::Standard, taxable, VatRegime::Standard), charged);
        assert_eq!(vat(VatSupply::Standard, taxable, VatRegime::Franchise), charged);
        let overseas = vat(VatSupply::Standard, taxable, VatRegime::Overseas);
        assert_eq!(overseas, (VatCategory::Standard, "8.5".to_owned(), String::new()));
        let reversed = vat(VatSupply::Reduced, taxable, VatRegime::IntraEu);
        assert_eq!(reversed, free(VatCategory::ReverseCharge, "VATEX-EU-AE"));
        let franchise = vat(VatSupply::Standard, SellerVat::Franchise, VatRegime::IntraEu);
        assert_eq!(franchise, free(VatCategory::Exempt, "VATEX-FR-FRANCHISE"));
        let members = vat(VatSupply::MembersExempt, taxable, VatRegime::Standard);
        assert_eq!(members, free(VatCategory::Exempt, "VATEX-FR-CGI261-7"));
        let fee = vat(VatSupply::OutOfScope, SellerVat::Franchise, VatRegime::IntraEu);
        assert_eq!(fee, free(VatCategory::OutOfScope, "VATEX-EU-O"));
    }
}
