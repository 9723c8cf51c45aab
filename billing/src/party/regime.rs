//! How VAT treats what is sold to a company.

use super::{Address, PartyError, VatNumber, VatTerritory, from_names};
use crate::{VatCategory, read::names};

/// How VAT treats the services that a pole sells to a member: the member's side of it.
///
/// The other side, whether the service is taxable at all and at what rate, belongs to the service.
/// Both together give the category, the rate and the wording of an invoice's line:
/// [`VatRegime::treatment`] says what this side contributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VatRegime {
    /// A customer in mainland France, Corsica or Monaco, whether or not it deducts VAT; also one in
    /// another Member State that has no VAT number, which is no taxable person (CGI, art. 259, 2°).
    Standard,
    /// A French company under the threshold of the *franchise en base* (CGI, art. 293 B). It is
    /// billed VAT like any other and cannot deduct it; what it sells itself, to members through the
    /// pole for instance, bears none.
    Franchise,
    /// A taxable person in another Member State: the customer owes the VAT there (CGI, art. 259-1°
    /// and 283-2; directive 2006/112/CE, art. 44 and 196). Its VAT number must be on the invoice.
    IntraEu,
    /// A customer in Guadeloupe, Martinique or Réunion, where the rates are 8.5 % instead of 20 %
    /// and 2.1 % instead of 10 and 5.5 % (CGI, art. 296).
    Overseas,
    /// A customer in Guyane or Mayotte, where VAT is not applied for the time being (CGI, art.
    /// 294, 1).
    OverseasUntaxed,
    /// A company outside the Union's VAT area, the French collectivities of the Pacific and of the
    /// Americas included: the service is located there (CGI, art. 259-1°).
    OutsideEu,
    /// A member of a cost-sharing group (CGI, art. 261 B) for services at exact cost that serve its
    /// own exempt or non-taxable activity. It is no regime for an ordinary company.
    Exempt,
}

names!(VatRegime {
    "standard" => Standard,
    "franchise" => Franchise,
    "intra_eu" => IntraEu,
    "overseas" => Overseas,
    "overseas_untaxed" => OverseasUntaxed,
    "outside_eu" => OutsideEu,
    "exempt" => Exempt,
});
from_names!(VatRegime {
    Standard,
    Franchise,
    IntraEu,
    Overseas,
    OverseasUntaxed,
    OutsideEu,
    Exempt,
});

/// What a regime contributes to an invoice's line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VatTreatment {
    /// The category (BT-151, BT-118) of a service that is taxable in itself.
    pub category: VatCategory,
    /// Which rates apply.
    pub scale: RateScale,
    /// Why no VAT is charged, which the invoice must say (BT-120, BT-121). None where it is.
    pub wording: Option<VatWording>,
}

/// A table of rates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RateScale {
    /// Those of mainland France: 20, 10, 5.5 and 2.1 % (CGI, art. 278 to 281).
    Mainland,
    /// Those of Guadeloupe, Martinique and Réunion: 8.5, 2.1 and 1.05 % (CGI, art. 296).
    Overseas,
    /// Nothing is charged: the rate is 0.
    Untaxed,
}

/// Why no VAT is charged, in the words and the code that an invoice shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct VatWording {
    /// Code of the reason (CEN list VATEX, BT-121).
    pub vatex: &'static str,
    /// In French, as the law asks for it.
    pub fr: &'static str,
    /// In English, for the customer's understanding.
    pub en: &'static str,
}

const REVERSE_CHARGE: VatWording = VatWording {
    vatex: "VATEX-EU-AE",
    fr: "Autoliquidation, art. 283-2 du CGI et art. 196 de la directive 2006/112/CE",
    en: "Reverse charge, article 283-2 of the CGI and article 196 of directive 2006/112/EC",
};
const UNTAXED_OVERSEAS: VatWording = VatWording {
    vatex: "VATEX-FR-CGI295",
    fr: "TVA non applicable, art. 294 du CGI",
    en: "VAT not applicable, article 294 of the CGI",
};
const OUTSIDE: VatWording = VatWording {
    vatex: "VATEX-EU-G",
    fr: "TVA non applicable, art. 259-1 du CGI",
    en: "VAT not applicable, article 259-1 of the CGI",
};
const COST_SHARING: VatWording = VatWording {
    vatex: "VATEX-FR-CGI261B",
    fr: "Exonération de TVA, art. 261 B du CGI",
    en: "Exempt from VAT, article 261 B of the CGI",
};

impl VatRegime {
    /// The regime that follows from where a company sits and whether it has a VAT number.
    ///
    /// `Franchise` and `Exempt` follow from neither: someone must know.
    pub fn suggested(address: &Address, vat_number: Option<&VatNumber>) -> Self {
        match address.vat_territory() {
            VatTerritory::OverseasTaxed => Self::Overseas,
            VatTerritory::OverseasUntaxed => Self::OverseasUntaxed,
            VatTerritory::MemberState if is_foreign(vat_number) => Self::IntraEu,
            VatTerritory::France | VatTerritory::MemberState => Self::Standard,
            VatTerritory::Outside => Self::OutsideEu,
        }
    }

    /// Whether a company at this address, with this VAT number, can be under the regime.
    ///
    /// # Errors
    /// [`PartyError::RegimeNeedsVatNumber`] for reverse charge without a number of another Member
    /// State, [`PartyError::RegimeElsewhere`] if the address lies where another one applies.
    pub fn check(self, address: &Address, number: Option<&VatNumber>) -> Result<(), PartyError> {
        let territory = address.vat_territory();
        let french = matches!(
            territory,
            VatTerritory::France | VatTerritory::OverseasTaxed | VatTerritory::OverseasUntaxed
        );
        let suggested = Self::suggested(address, number);
        let fits = match self {
            Self::Franchise | Self::Exempt => french,
            Self::IntraEu => territory == VatTerritory::MemberState,
            _ => self == suggested,
        };
        if !fits {
            return Err(PartyError::RegimeElsewhere { suggested });
        }
        if self == Self::IntraEu && !is_foreign(number) {
            return Err(PartyError::RegimeNeedsVatNumber);
        }
        Ok(())
    }

    /// What a line to a customer of this regime in this territory gets, where the service is
    /// taxable in itself.
    ///
    /// For customers outside the Union practice is divided between categories `G` and `O`. It is
    /// `G` here, because `O` may not share an invoice with other categories (BR-O-11) nor show a
    /// VAT number (BR-O-02).
    pub const fn treatment(self, territory: VatTerritory) -> VatTreatment {
        match self {
            Self::Standard => charged(RateScale::Mainland),
            Self::Overseas => charged(RateScale::Overseas),
            Self::Franchise => match territory {
                VatTerritory::OverseasTaxed => charged(RateScale::Overseas),
                VatTerritory::OverseasUntaxed => free(VatCategory::Exempt, UNTAXED_OVERSEAS),
                _ => charged(RateScale::Mainland),
            },
            Self::IntraEu => free(VatCategory::ReverseCharge, REVERSE_CHARGE),
            Self::OverseasUntaxed => free(VatCategory::Exempt, UNTAXED_OVERSEAS),
            Self::OutsideEu => free(VatCategory::Export, OUTSIDE),
            Self::Exempt => free(VatCategory::Exempt, COST_SHARING),
        }
    }
}

fn is_foreign(number: Option<&VatNumber>) -> bool {
    number.is_some_and(VatNumber::is_other_member_state)
}

const fn charged(scale: RateScale) -> VatTreatment {
    VatTreatment { category: VatCategory::Standard, scale, wording: None }
}

const fn free(category: VatCategory, wording: VatWording) -> VatTreatment {
    VatTreatment { category, scale: RateScale::Untaxed, wording: Some(wording) }
}
