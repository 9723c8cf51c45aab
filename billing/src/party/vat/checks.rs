//! How each State checks the digits of its VAT numbers.
//!
//! The States publish these rules, some only through their software; those here were compared with
//! a second implementation (see `tests/party`). What they are given has the form already.

#![expect(clippy::arithmetic_side_effects, reason = "sums of at most 12 digits times weights")]

use crate::party::digits::{all, luhn, luhn_holds, number, weighted};

/// A rule for check digits.
pub(super) enum Check {
    /// There is none here.
    None,
    /// The digits times the weights, modulo the second, leave the third.
    Sum(&'static [u32], u32, u32),
    /// Luhn, over as many digits.
    Luhn(usize),
    /// ISO/IEC 7064, MOD 11,10.
    Mod11And10,
    /// As only this State does.
    By(fn(&str) -> bool),
}

impl Check {
    /// Whether what follows the prefix obeys it.
    pub(super) fn holds(&self, rest: &str) -> bool {
        match self {
            Self::None => true,
            Self::By(rule) => rule(rest),
            Self::Sum(weights, modulus, remainder) => {
                digits_of(rest, |digits| weighted(digits, weights) % modulus == *remainder)
            }
            Self::Luhn(count) => {
                digits_of(rest, |digits| digits.get(..*count).is_some_and(luhn_holds))
            }
            Self::Mod11And10 => digits_of(rest, mod_11_10),
        }
    }
}

fn digits_of(text: &str, rule: impl FnOnce(&[u8]) -> bool) -> bool {
    all(text).is_ok_and(|digits| rule(&digits))
}

/// Whether the last digit is the one computed from those before it.
fn last_is(text: &str, compute: impl FnOnce(&[u8]) -> u32) -> bool {
    digits_of(text, |digits| {
        digits.split_last().is_some_and(|(last, rest)| u32::from(*last) == compute(rest))
    })
}

/// Whether the number that the first digits write, modulo 97 or so, agrees with the last two.
fn last_two(text: &str, agree: impl FnOnce(u64, u64) -> bool) -> bool {
    digits_of(text, |digits| {
        let (head, tail) = digits.split_at(digits.len().saturating_sub(2));
        agree(number(head), number(tail))
    })
}

fn mod_11_10(digits: &[u8]) -> bool {
    let Some((last, rest)) = digits.split_last() else {
        return false;
    };
    let product = rest.iter().fold(10, |product, digit| {
        let sum = (u32::from(*digit) + product) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    (product + u32::from(*last)) % 10 == 1
}

pub(super) fn austria(rest: &str) -> bool {
    // With 4 added, Luhn's sum and the check digit make a multiple of 10.
    last_is(rest.trim_start_matches('U'), |digits| (96 - luhn(digits)) % 10)
}

pub(super) fn belgium(rest: &str) -> bool {
    last_two(rest, |head, tail| 97 - head % 97 == tail)
}

/// Companies have nine digits; ten are a person's.
pub(super) fn bulgaria(rest: &str) -> bool {
    let company = |digits: &[u8]| match weighted(digits, &[1, 2, 3, 4, 5, 6, 7, 8]) % 11 {
        10 => weighted(digits, &[3, 4, 5, 6, 7, 8, 9, 10]) % 11 % 10,
        check => check,
    };
    rest.len() == 10 || last_is(rest, company)
}

pub(super) fn cyprus(rest: &str) -> bool {
    const ODD: [u32; 10] = [1, 0, 5, 7, 9, 13, 15, 17, 19, 21];
    let (head, letter) = rest.split_at(8);
    digits_of(head, |digits| {
        let counted = digits.iter().enumerate().map(|(place, digit)| {
            let translated = ODD.get(usize::from(*digit)).copied().unwrap_or_default();
            if place % 2 == 0 { translated } else { u32::from(*digit) }
        });
        letter_is(letter, "ABCDEFGHIJKLMNOPQRSTUVWXYZ", counted.sum::<u32>() % 26)
    })
}

/// Whether `letter` is the one at that place of the alphabet.
fn letter_is(letter: &str, alphabet: &str, place: u32) -> bool {
    let expected = usize::try_from(place).ok().and_then(|place| alphabet.get(place..=place));
    expected == Some(letter)
}

/// Companies have eight digits; nine and ten are a person's.
pub(super) fn czechia(rest: &str) -> bool {
    let company = |digits: &[u8]| match weighted(digits, &[8, 7, 6, 5, 4, 3, 2]) % 11 {
        0 => 1,
        1 => 0,
        sum => 11 - sum,
    };
    rest.len() != 8 || last_is(rest, company)
}

pub(super) fn greece(rest: &str) -> bool {
    last_is(rest, |digits| weighted(digits, &[256, 128, 64, 32, 16, 8, 4, 2]) % 11 % 10)
}

/// Companies (CIF): a letter, seven digits, and a check that is a digit or, for some kinds of
/// company, its letter; sources differ on which kinds. Persons (DNI, NIE): a number and a letter.
pub(super) fn spain(rest: &str) -> bool {
    const COMPANIES: &str = "ABCDEFGHJNPQRSUVW";
    const CIF: &str = "JABCDEFGHI";
    const DNI: &str = "TRWAGMYFPDXBNJZSQVHLCKE";
    let (head, check) = rest.split_at(8);
    let (kind, digits) = head.split_at(1);
    if COMPANIES.contains(kind) {
        return digits_of(digits, |digits| {
            // Seven digits, of which the first is doubled, as with the check digit behind them.
            let shifted = [digits, &[0]].concat();
            let computed = (10 - luhn(&shifted) % 10) % 10;
            check == computed.to_string() || letter_is(check, CIF, computed)
        });
    }
    let person = match kind {
        "K" | "L" | "M" | "X" => digits.to_owned(),
        "Y" => format!("1{digits}"),
        "Z" => format!("2{digits}"),
        _ => head.to_owned(),
    };
    let place = person.parse::<u32>().map(|person| person % 23);
    place.is_ok_and(|place| letter_is(check, DNI, place))
}

/// Seven digits, a letter that checks them, and since 2013 perhaps one more letter, which counts.
/// The old form, with a letter in second place, has five digits and the first.
pub(super) fn ireland(rest: &str) -> bool {
    const ALPHABET: &str = "WABCDEFGHIJKLMNOPQRSTUV";
    let (number, tail) = rest.split_at(7);
    let (check, extra) = tail.split_at(1);
    let extra = match extra {
        "" => Some(0),
        letter => ALPHABET.find(letter),
    };
    let Some(extra) = extra.and_then(|extra| u32::try_from(extra).ok()) else {
        return false;
    };
    let number = match number.split_at(2) {
        (head, five) if !head.ends_with(|second: char| second.is_ascii_digit()) => {
            format!("0{five}{}", head.get(..1).unwrap_or_default())
        }
        _ => number.to_owned(),
    };
    digits_of(&number, |digits| {
        let sum = weighted(digits, &[8, 7, 6, 5, 4, 3, 2]) + 9 * extra;
        letter_is(check, ALPHABET, sum % 23)
    })
}

pub(super) fn lithuania(rest: &str) -> bool {
    last_is(rest, |digits| match weighted(digits, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 1, 2]) % 11 {
        10 => weighted(digits, &[3, 4, 5, 6, 7, 8, 9, 1, 2, 3, 4]) % 11 % 10,
        check => check,
    })
}

pub(super) fn luxembourg(rest: &str) -> bool {
    last_two(rest, |head, tail| head % 89 == tail)
}

/// Companies begin above 3; what begins below is a person's.
pub(super) fn latvia(rest: &str) -> bool {
    let company = |digits: &[u8]| weighted(digits, &[9, 1, 4, 8, 3, 10, 2, 5, 7, 6, 1]) % 11 == 3;
    rest.starts_with(['0', '1', '2', '3']) || digits_of(rest, company)
}

/// Companies and, before 2020, everyone: the "eleven test" on nine digits. Sole traders since: the
/// whole number with its letters as numbers, modulo 97.
pub(super) fn netherlands(rest: &str) -> bool {
    let (nine, tail) = rest.split_at(9);
    let eleven = |digits: &[u8]| weighted(digits, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11;
    // `NL` is 2321, `B` is 11.
    let whole = format!("2321{nine}{}", tail.replace('B', "11"));
    last_is(nine, eleven) || digits_of(&whole, |digits| number(digits) % 97 == 1)
}

pub(super) fn poland(rest: &str) -> bool {
    last_is(rest, |digits| weighted(digits, &[6, 5, 7, 2, 3, 4, 5, 6, 7]) % 11)
}

pub(super) fn portugal(rest: &str) -> bool {
    last_is(rest, |digits| match weighted(digits, &[9, 8, 7, 6, 5, 4, 3, 2]) % 11 {
        0 | 1 => 0,
        sum => 11 - sum,
    })
}

/// Two to ten digits, aligned on the right.
pub(super) fn romania(rest: &str) -> bool {
    last_is(&format!("{rest:0>10}"), |digits| {
        weighted(digits, &[7, 5, 3, 2, 1, 7, 5, 3, 2]) * 10 % 11 % 10
    })
}

pub(super) fn slovenia(rest: &str) -> bool {
    last_is(rest, |digits| match weighted(digits, &[8, 7, 6, 5, 4, 3, 2]) % 11 {
        1 => 0,
        sum => 11 - sum,
    })
}

/// As in Great Britain: seven digits and two that check them, then perhaps three of a branch;
/// government departments and health authorities have three digits and no check.
pub(super) fn northern_ireland(rest: &str) -> bool {
    let number =
        |digits: &[u8]| matches!(weighted(digits, &[8, 7, 6, 5, 4, 3, 2, 10, 1]) % 97, 0 | 42 | 55);
    rest.starts_with(['G', 'H']) || digits_of(rest, number)
}
