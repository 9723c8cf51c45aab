//! Fixed-point decimals: reading, printing, and the one place where anything is rounded.
//!
//! Every number in this crate is an integer count of some power of ten. Nothing here, or anywhere
//! above it, goes through binary floating point.

use std::fmt;

use num_bigint::BigUint;

use crate::error::{DecimalError, Error};

/// Divides, rounding half away from zero: 2.5 → 3, −2.5 → −3.
///
/// This is the only rounding in the crate. Amounts, unit prices, billable quantities and VAT all
/// end here, so that a cent cannot depend on which road a figure took.
///
/// # Errors
/// [`Error::DivisionByZero`] if `divisor` is zero, [`Error::Overflow`] at the edge of `i128`.
pub(crate) fn div_round(dividend: i128, divisor: i128) -> Result<i128, Error> {
    let overflow = Error::overflow("rounding");
    if divisor == 0 {
        return Err(Error::DivisionByZero);
    }
    // Most figures fit the 64-bit division, which is several times as fast.
    let narrow = match (i64::try_from(dividend), i64::try_from(divisor)) {
        (Ok(dividend), Ok(divisor)) => dividend.checked_div(divisor),
        _ => None,
    };
    let quotient =
        narrow.map(i128::from).or_else(|| dividend.checked_div(divisor)).ok_or_else(overflow)?;
    // Cheaper than a second wide division, and exact whenever the first one was.
    let remainder = dividend.wrapping_sub(quotient.wrapping_mul(divisor)).unsigned_abs();
    // Twice the remainder against the divisor, written so that nothing can overflow.
    if remainder < divisor.unsigned_abs().abs_diff(remainder) {
        return Ok(quotient);
    }
    let away = if (dividend < 0) == (divisor < 0) { 1 } else { -1 };
    quotient.checked_add(away).ok_or_else(overflow)
}

/// `a × b / divisor`, rounded half away from zero, however large the product is.
///
/// # Errors
/// [`Error::DivisionByZero`], [`Error::Overflow`] if the result does not fit.
pub(crate) fn mul_div_round(a: i128, b: i128, divisor: i128) -> Result<i128, Error> {
    if let Some(product) = a.checked_mul(b) {
        return div_round(product, divisor);
    }
    if divisor == 0 {
        return Err(Error::DivisionByZero);
    }
    let magnitude = |number: i128| BigUint::from(number.unsigned_abs());
    let divisor_magnitude = magnitude(divisor);
    let doubled = magnitude(a) * magnitude(b) * 2_u32 + &divisor_magnitude;
    let quotient = i128::try_from(doubled / (divisor_magnitude * 2_u32));
    let quotient = quotient.map_err(|_| Error::Overflow { what: "rounding" })?;
    let negative = [a, b, divisor].iter().filter(|number| **number < 0).count() % 2 == 1;
    Ok(if negative { quotient.wrapping_neg() } else { quotient })
}

/// Divides two numbers that are not negative, up to the next whole number: a count, not an amount.
pub(crate) fn div_ceil(dividend: i128, divisor: i128) -> Result<i128, Error> {
    let quotient = dividend.checked_div(divisor).ok_or(Error::DivisionByZero)?;
    let begun = i128::from(quotient.saturating_mul(divisor) < dividend);
    Ok(quotient.saturating_add(begun))
}

/// Ten to the power of `places`, for the scales in use.
///
/// # Errors
/// [`Error::Overflow`] above twelve places.
pub(crate) fn pow10(places: u32) -> Result<i128, Error> {
    const POWERS: [i128; 13] = [
        1,
        10,
        100,
        1_000,
        10_000,
        100_000,
        1_000_000,
        10_000_000,
        100_000_000,
        1_000_000_000,
        10_000_000_000,
        100_000_000_000,
        1_000_000_000_000,
    ];
    let power = usize::try_from(places).ok().and_then(|places| POWERS.get(places));
    power.copied().ok_or_else(Error::overflow("power of ten"))
}

/// Narrows to the 64 bits in which figures are stored.
pub(crate) fn narrow(value: i128, what: &'static str) -> Result<i64, Error> {
    i64::try_from(value).map_err(|_| Error::Overflow { what })
}

/// Reads a decimal such as `-12.5`, `.5` or `1e-6` as a count of `10^-places`, exactly.
///
/// The exponent form is accepted because JSON encoders write small numbers that way; trailing
/// zeros beyond `places` are no information and pass.
///
/// # Errors
/// [`DecimalError`]: not a number, more places than allowed (never silently rounded), out of range.
pub(crate) fn parse(text: &str, places: u8) -> Result<i64, DecimalError> {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => {
            (mantissa, exponent.parse::<i32>().map_err(|_| DecimalError::NotANumber)?)
        }
        None => (text, 0),
    };
    let unsigned = mantissa.strip_prefix(['-', '+']).unwrap_or(mantissa);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let digits = || whole.bytes().chain(fraction.bytes());
    if whole.is_empty() && fraction.is_empty() || !digits().all(|byte| byte.is_ascii_digit()) {
        return Err(DecimalError::NotANumber);
    }
    // The value is 0.DIGITS × 10^magnitude; it is cut after `places` decimals.
    let magnitude =
        i64::try_from(whole.len()).ok().and_then(|len| len.checked_add(exponent.into()));
    let kept = magnitude
        .and_then(|magnitude| magnitude.checked_add(places.into()))
        .ok_or(DecimalError::OutOfRange)?;
    let mut value: i64 = 0;
    let mut taken: i64 = 0;
    for digit in digits().map(|byte| i64::from(byte.wrapping_sub(b'0'))) {
        if taken < kept {
            value = shift(value, digit)?;
        } else if digit != 0 {
            return Err(DecimalError::TooManyPlaces { places });
        }
        taken = taken.saturating_add(1);
    }
    while value != 0 && taken < kept {
        value = shift(value, 0)?;
        taken = taken.saturating_add(1);
    }
    Ok(if mantissa.starts_with('-') { value.wrapping_neg() } else { value })
}

/// Appends a decimal digit.
fn shift(value: i64, digit: i64) -> Result<i64, DecimalError> {
    value.checked_mul(10).and_then(|value| value.checked_add(digit)).ok_or(DecimalError::OutOfRange)
}

/// Writes a count of `10^-places` with at least `shown` decimals and no needless zero beyond them.
pub(crate) fn write(f: &mut fmt::Formatter<'_>, value: i128, places: u8, shown: u8) -> fmt::Result {
    let width = usize::from(places).saturating_add(1);
    let digits = format!("{:0width$}", value.unsigned_abs());
    let (whole, fraction) = digits.split_at(digits.len().saturating_sub(usize::from(places)));
    let least = fraction.get(..usize::from(shown)).unwrap_or(fraction);
    let needed = fraction.trim_end_matches('0');
    let fraction = if needed.len() > least.len() { needed } else { least };
    let text = if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") };
    f.pad_integral(value >= 0, "", &text)
}

/// Defines a signed fixed-point number in 64 bits: reading, printing, ordering, checked sums.
macro_rules! fixed_point {
    ($(#[$doc:meta])* $name:ident, $places:literal, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(i64);

        impl $name {
            /// Nothing.
            pub const ZERO: Self = Self(0);
            /// How many decimal places are kept.
            pub const PLACES: u8 = $places;

            /// From a count of the smallest step, ten to the power of minus [`Self::PLACES`].
            pub const fn from_units(units: i64) -> Self {
                Self(units)
            }

            /// As a count of the smallest step, ten to the power of minus [`Self::PLACES`].
            pub const fn units(self) -> i64 {
                self.0
            }

            /// As a wide count of the smallest step, for exact products.
            pub(crate) fn wide(self) -> i128 {
                i128::from(self.0)
            }

            /// From a wide count of the smallest step.
            pub(crate) fn from_wide(units: i128) -> Result<Self, $crate::Error> {
                $crate::decimal::narrow(units, $what).map(Self)
            }

            /// The sum.
            ///
            /// # Errors
            /// [`Error::Overflow`](crate::Error::Overflow) if it does not fit.
            pub fn checked_add(self, other: Self) -> Result<Self, $crate::Error> {
                Self::from_wide(self.wide().saturating_add(other.wide()))
            }

            /// The difference.
            ///
            /// # Errors
            /// [`Error::Overflow`](crate::Error::Overflow) if it does not fit.
            pub fn checked_sub(self, other: Self) -> Result<Self, $crate::Error> {
                Self::from_wide(self.wide().saturating_sub(other.wide()))
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::error::DecimalError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                $crate::decimal::parse(text, $places).map(Self)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                $crate::decimal::write(f, self.wide(), $places, 0)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(crate) use fixed_point;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_half_away_from_zero() {
        for (dividend, divisor, expected) in [
            (5, 10, 1),
            (4, 10, 0),
            (-5, 10, -1),
            (-4, 10, 0),
            (5, -10, -1),
            (15, 10, 2),
            (25, 10, 3),
            (7, 3, 2),
            (-7, 3, -2),
            (i128::MAX, 1, i128::MAX),
            (i128::MIN, 1, i128::MIN),
            (i128::MAX, i128::MAX, 1),
            (i64::MAX.into(), 2, 4_611_686_018_427_387_904),
            (i64::MIN.into(), -1, 9_223_372_036_854_775_808),
        ] {
            assert_eq!(div_round(dividend, divisor).unwrap(), expected, "{dividend}/{divisor}");
        }
        assert!(matches!(div_round(1, 0), Err(Error::DivisionByZero)));
        assert!(div_round(i128::MIN, -1).is_err());
    }

    #[test]
    fn products_may_be_wider_than_their_factors() {
        let wide = 10_i128.pow(30);
        for (a, b, divisor, expected) in [
            (7, 1, 2, 4),
            (wide, wide, wide, wide),
            (-wide, wide, wide, -wide),
            (wide, -wide, -wide, wide),
            (-wide, -wide, -wide, -wide),
            // 10^60 / (2 × 10^60) and one more or less than that half.
            (wide + 1, wide, 2 * wide, wide / 2 + 1),
            (wide - 1, wide, 2 * wide, wide / 2),
            (-wide - 1, wide, 2 * wide, -wide / 2 - 1),
        ] {
            assert_eq!(mul_div_round(a, b, divisor).unwrap(), expected, "{a} × {b} / {divisor}");
        }
        assert_eq!(mul_div_round(wide, wide, 0), Err(Error::DivisionByZero));
        assert_eq!(mul_div_round(1, 1, 0), Err(Error::DivisionByZero));
        assert!(mul_div_round(wide, wide, 1).is_err());
    }

    #[test]
    fn reads_exactly_or_says_why_not() {
        for (text, expected) in [
            ("1200", 1_200_000_000),
            ("0.000001", 1),
            ("-2.5", -2_500_000),
            ("+.5", 500_000),
            ("7.", 7_000_000),
            ("1e-6", 1),
            ("1.5E3", 1_500_000_000),
            ("0e999999999", 0),
            ("1.2500000000", 1_250_000),
            ("9223372036854.775807", i64::MAX),
        ] {
            assert_eq!(parse(text, 6), Ok(expected), "{text}");
        }
        for text in
            ["", "-", ".", "1,5", "0x10", "1e", "e5", "NaN", "inf", " 1", "1 ", "--1", "1.2.3"]
        {
            assert_eq!(parse(text, 6), Err(DecimalError::NotANumber), "{text}");
        }
        for text in ["0.0000001", "1e-7", "1.0000001"] {
            assert_eq!(parse(text, 6), Err(DecimalError::TooManyPlaces { places: 6 }), "{text}");
        }
        for text in ["9223372036854.775808", "1e400", "99999999999999999999"] {
            assert_eq!(parse(text, 6), Err(DecimalError::OutOfRange), "{text}");
        }
    }

    #[test]
    fn prints_no_more_than_needed() {
        struct Shown(i128, u8, u8);
        impl fmt::Display for Shown {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write(f, self.0, self.1, self.2)
            }
        }
        for (value, places, shown, expected) in [
            (55_000, 6, 0, "0.055"),
            (55_000, 6, 6, "0.055000"),
            (-100, 2, 2, "-1.00"),
            (0, 2, 2, "0.00"),
            (7, 0, 0, "7"),
            (1_000_000, 6, 0, "1"),
            (123_456, 6, 2, "0.123456"),
        ] {
            assert_eq!(Shown(value, places, shown).to_string(), expected);
        }
        assert_eq!(format!("{:>8}", Shown(-150, 2, 2)), "   -1.50");
    }
}
