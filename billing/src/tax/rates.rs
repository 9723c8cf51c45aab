//! Rates of French VAT, with the days from which they apply.

use jiff::civil::{Date, date};

use crate::{Error, Percent, RateScale, read::names};

/// The rates that French law has for taxable supplies (CGI, art. 278 to 281 and 296).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum VatClass {
    /// *Taux normal*: whatever no other article names, services to companies above all.
    #[default]
    Standard,
    /// *Taux intermédiaire* (CGI, art. 278 bis, 278 quater, 279).
    Intermediate,
    /// *Taux réduit* (CGI, art. 278-0 bis): books, for one.
    Reduced,
    /// *Taux particulier* (CGI, art. 281 quater to 281 octies): the press, for one.
    Special,
}

names!(VatClass {
    "standard" => Standard,
    "intermediate" => Intermediate,
    "reduced" => Reduced,
    "special" => Special,
});

/// A rate, in ten-thousandths of a per cent, and the day from which it applies.
type Dated = (Date, i64);

/// The newest first. Before 1 April 2000 there is none: no pole was billing then.
const fn dated(scale: RateScale, class: VatClass) -> &'static [Dated] {
    // Law 2000-656, art. 1.
    const SINCE_2000: Date = date(2000, 4, 1);
    // Laws 2011-1978, art. 13, and 2012-1510, art. 68.
    const SINCE_2012: Date = date(2012, 1, 1);
    const SINCE_2014: Date = date(2014, 1, 1);
    match (scale, class) {
        (RateScale::Untaxed, _) => &[(SINCE_2000, 0)],
        (RateScale::Mainland, VatClass::Standard) => {
            &[(SINCE_2014, 200_000), (SINCE_2000, 196_000)]
        }
        (RateScale::Mainland, VatClass::Intermediate) => {
            &[(SINCE_2014, 100_000), (SINCE_2012, 70_000), (SINCE_2000, 55_000)]
        }
        (RateScale::Mainland, VatClass::Reduced) => &[(SINCE_2000, 55_000)],
        (RateScale::Mainland, VatClass::Special) => &[(SINCE_2000, 21_000)],
        (RateScale::Overseas, VatClass::Standard) => &[(SINCE_2000, 85_000)],
        (RateScale::Overseas, VatClass::Intermediate | VatClass::Reduced) => {
            &[(SINCE_2000, 21_000)]
        }
        (RateScale::Overseas, VatClass::Special) => &[(SINCE_2000, 10_500)],
    }
}

impl VatClass {
    /// The rate that applies to what is supplied on a day.
    ///
    /// ```
    /// # use jiff::civil::date;
    /// # use palier_billing::{RateScale, VatClass};
    /// let rate = |day| VatClass::Standard.rate(RateScale::Mainland, day).unwrap().to_string();
    /// assert_eq!(rate(date(2013, 12, 31)), "19.6");
    /// assert_eq!(rate(date(2014, 1, 1)), "20");
    /// ```
    ///
    /// # Errors
    /// [`Error::Calendar`] before 1 April 2000, from when on the rates are known here.
    pub fn rate(self, scale: RateScale, day: Date) -> Result<Percent, Error> {
        let rate = dated(scale, self).iter().find(|(from, _)| *from <= day);
        let rate = rate.map(|(_, units)| Percent::from_units(*units));
        rate.ok_or_else(|| Error::Calendar(format!("no rate of VAT is known for {day}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_follow_place_class_and_day() {
        let rate =
            |scale, class: VatClass| class.rate(scale, date(2026, 7, 1)).unwrap().to_string();
        let rates = |scale| {
            [VatClass::Standard, VatClass::Intermediate, VatClass::Reduced, VatClass::Special]
                .map(|class| rate(scale, class))
        };
        assert_eq!(rates(RateScale::Mainland), ["20", "10", "5.5", "2.1"]);
        assert_eq!(rates(RateScale::Overseas), ["8.5", "2.1", "2.1", "1.05"]);
        assert_eq!(rates(RateScale::Untaxed), ["0", "0", "0", "0"]);
        assert!(VatClass::Standard.rate(RateScale::Mainland, date(1999, 12, 31)).is_err());
    }
}
