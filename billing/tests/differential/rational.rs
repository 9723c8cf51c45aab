//! Exact fractions, read from decimals and rounded to them.

use num_bigint::BigInt;
use num_rational::Ratio;
use serde_json::Value;

pub(crate) type Rational = Ratio<BigInt>;

pub(crate) fn whole(number: i64) -> Rational {
    Rational::from_integer(number.into())
}

pub(crate) fn ten_to(places: u32) -> Rational {
    Rational::from_integer(BigInt::from(10).pow(places))
}

/// A decimal such as `-12.5`.
pub(crate) fn decimal(text: &str) -> Rational {
    let places = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let digits: BigInt = text.replace('.', "").parse().unwrap();
    Rational::from_integer(digits) / ten_to(u32::try_from(places).unwrap())
}

/// A field that holds a decimal.
pub(crate) fn field(json: &Value, name: &str) -> Option<Rational> {
    json.get(name).and_then(Value::as_str).map(decimal)
}

/// To the nearest multiple of ten to the power of minus `places`; a half goes away from zero.
pub(crate) fn round(exact: &Rational, places: u32) -> Rational {
    Rational::from_integer(minor(exact, places)) / ten_to(places)
}

/// The same as a count of that power: cents, with two places.
pub(crate) fn minor(exact: &Rational, places: u32) -> BigInt {
    let half = Rational::new(1.into(), 2.into());
    let scaled = exact * ten_to(places);
    if scaled < whole(0) {
        -(half - scaled).floor().to_integer()
    } else {
        (half + scaled).floor().to_integer()
    }
}

#[test]
fn a_half_goes_away_from_zero() {
    for (exact, cents) in [("0.005", 1), ("0.0049", 0), ("-0.005", -1), ("-0.0149", -1), ("1", 100)]
    {
        assert_eq!(minor(&decimal(exact), 2), cents.into(), "{exact}");
    }
}
