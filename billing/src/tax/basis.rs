//! The one door to the VAT of a line: what seller, service and member are in its eyes on the day that
//! counts, and by which of their changes.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Dated, Held, LineVat, SellerVat, VatSupply};
use crate::{Error, VatRegime, VatTerritory};

/// Who sells, what is sold and who buys, over time.
#[derive(Clone, Copy, Debug)]
pub struct VatFacts<'f> {
    /// How VAT treats the seller.
    pub seller: &'f Dated<SellerVat>,
    /// What is sold.
    pub supply: &'f Dated<VatSupply>,
    /// How VAT treats the customer.
    pub regime: &'f Dated<VatRegime>,
    /// Where the customer is.
    pub territory: VatTerritory,
}

/// Why VAT is what it is on a line, where it is not the same on all days: the day that counts, and each
/// value that decided and is dated, with the days between which it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct VatBasis {
    /// The day on which the supply was made (BT-7): whatever holds on it counts.
    pub tax_point: Date,
    /// How VAT treats the seller.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seller: Option<Held<SellerVat>>,
    /// What is sold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supply: Option<Held<VatSupply>>,
    /// How VAT treats the customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub regime: Option<Held<VatRegime>>,
}

impl VatFacts<'_> {
    /// What a line shows for what was supplied on a day, and why, if that is not the same on all days.
    ///
    /// # Errors
    /// [`Error::Calendar`] for a day before the rates that are known.
    pub fn on(&self, tax_point: Date) -> Result<(LineVat, Option<VatBasis>), Error> {
        let (seller, supply) = (self.seller.on(tax_point), self.supply.on(tax_point));
        let regime = self.regime.on(tax_point);
        let vat = supply.value.vat(seller.value, (regime.value, self.territory), tax_point)?;
        // What lies outside the scope does so whoever sells, what is free by its seller or by itself is
        // so whoever buys.
        let by_seller = supply.value != VatSupply::OutOfScope;
        let by_regime =
            by_seller && seller.value == SellerVat::Taxable && supply.value.is_taxable();
        let basis = VatBasis {
            tax_point,
            seller: seller.dated().filter(|_| by_seller),
            supply: supply.dated(),
            regime: regime.dated().filter(|_| by_regime),
        };
        Ok((vat, Some(basis).filter(VatBasis::names_days)))
    }
}

impl VatBasis {
    /// The last day on which something began to hold that decided.
    pub fn since(&self) -> Option<Date> {
        let Self { seller, supply, regime, .. } = self;
        let days = [
            seller.and_then(|held| held.since),
            supply.and_then(|held| held.since),
            regime.and_then(|held| held.since),
        ];
        days.into_iter().flatten().max()
    }

    const fn names_days(&self) -> bool {
        self.seller.is_some() || self.supply.is_some() || self.regime.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Change, VatCategory};
    use jiff::civil::date;

    fn from<T: Copy + PartialEq>(first: T, effective_from: Date, value: T) -> Dated<T> {
        Dated::new(first, vec![Change { effective_from, value }]).unwrap()
    }

    #[test]
    fn what_decided_is_named_with_its_days_and_nothing_else_is() {
        let [march, april, may] = [3, 4, 5].map(|month| date(2027, month, 1));
        let seller = from(SellerVat::Franchise, march, SellerVat::Taxable);
        let supply = from(VatSupply::Standard, april, VatSupply::MembersExempt);
        let regime = from(VatRegime::Standard, may, VatRegime::IntraEu);
        let (territory, taxable) = (VatTerritory::MemberState, Dated::from(SellerVat::Taxable));
        let facts = VatFacts { seller: &seller, supply: &supply, regime: &regime, territory };
        let on = |day| facts.on(day).unwrap();
        let code = |vat: &LineVat| vat.exemption.as_ref().map(|it| it.code.clone());

        // In February the franchise decides, and the customer's regime does not.
        let (vat, basis) = on(date(2027, 2, 28));
        let franchise = "VATEX-FR-FRANCHISE".to_owned();
        assert_eq!((vat.category, code(&vat)), (VatCategory::Exempt, Some(franchise)));
        let basis = basis.unwrap();
        let until = |until| (None, Some(until));
        assert_eq!(basis.seller.map(|held| (held.since, held.until)), Some(until(march)));
        assert_eq!((basis.regime, basis.since()), (None, None));

        // In March all three do.
        let (vat, basis) = on(date(2027, 3, 31));
        assert_eq!(
            (vat.category, vat.rate_percent.to_string()),
            (VatCategory::Standard, "20".into())
        );
        let basis = basis.unwrap();
        assert_eq!(basis.regime.map(|held| (held.since, held.until)), Some(until(may)));
        assert_eq!((basis.tax_point, basis.since()), (date(2027, 3, 31), Some(march)));

        // From April on the service is exempt, whoever buys.
        let (vat, basis) = on(date(2027, 5, 31));
        assert_eq!(code(&vat).as_deref(), Some("VATEX-FR-CGI261-7"));
        assert_eq!((basis.unwrap().regime, basis.unwrap().since()), (None, Some(april)));

        // What never changes is not explained, nor is the seller of what lies outside the scope.
        let [standard, fee] = [VatSupply::Standard, VatSupply::OutOfScope].map(Dated::from);
        let never = Dated::from(VatRegime::Standard);
        let facts = VatFacts { seller: &taxable, supply: &standard, regime: &never, territory };
        assert_eq!(facts.on(april).unwrap().1, None);
        let facts = VatFacts { seller: &seller, supply: &fee, regime: &regime, territory };
        assert_eq!(facts.on(april).unwrap().1, None);
    }
}
