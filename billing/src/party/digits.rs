//! Digits, read from text and checked against each other.

use super::PartyError;

/// Reads exactly `N` decimal digits.
pub(super) fn exactly<const N: usize>(text: &str) -> Result<[u8; N], PartyError> {
    let digits = all(text)?;
    let found = digits.len();
    digits.try_into().map_err(|_| PartyError::WrongLength { expected: N, found })
}

/// Reads a text that is nothing but decimal digits.
pub(super) fn all(text: &str) -> Result<Vec<u8>, PartyError> {
    if text.is_empty() {
        return Err(PartyError::Empty);
    }
    let digit = |(index, found): (usize, char)| {
        let digit = found.to_digit(10).and_then(|digit| u8::try_from(digit).ok());
        let position = index.saturating_add(1);
        digit.ok_or(PartyError::WrongCharacter { found, position })
    };
    text.chars().enumerate().map(digit).collect()
}

/// Without what people put between digits so that they can be read: spaces of any width, dots,
/// hyphens, and the marks that word processors leave behind.
pub(super) fn without_spacing(text: &str) -> String {
    let spacing = |found: char| {
        found.is_whitespace()
            || matches!(found, '.' | '-' | '\u{2010}'..='\u{2013}' | '\u{200b}' | '\u{feff}')
    };
    text.chars().filter(|found| !spacing(*found)).collect()
}

/// The number that the digits write.
pub(super) fn number(digits: &[u8]) -> u64 {
    let step = |number: u64, digit: &u8| number.saturating_mul(10).saturating_add((*digit).into());
    digits.iter().fold(0, step)
}

/// Sum of each digit times its weight; what has no weight does not count.
pub(super) fn weighted(digits: &[u8], weights: &[u32]) -> u32 {
    let products =
        digits.iter().zip(weights).map(|(digit, weight)| weight.saturating_mul((*digit).into()));
    products.fold(0, u32::saturating_add)
}

/// Luhn's sum (ISO/IEC 7812-1, annex B): from the right, every second digit counts double, and a
/// double of two digits counts as their sum. Check digits make it a multiple of 10.
pub(super) fn luhn(digits: &[u8]) -> u32 {
    const DOUBLED: [u32; 10] = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9];
    let counted = digits.iter().rev().enumerate().map(|(place, digit)| {
        let double = DOUBLED.get(usize::from(*digit)).copied().unwrap_or_default();
        if place % 2 == 1 { double } else { (*digit).into() }
    });
    counted.sum()
}

/// Whether the last digit is Luhn's check digit.
pub(super) fn luhn_holds(digits: &[u8]) -> bool {
    luhn(digits).is_multiple_of(10)
}
