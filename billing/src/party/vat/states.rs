//! What the VAT numbers of each State look like (European Commission, VIES, "VAT identification
//! number structure") and how their check digits work.

use super::checks::{self, Check};
use crate::party::PartyError;

/// How one State makes its VAT numbers.
pub(super) struct State {
    prefix: &'static str,
    /// A number that is right by form and check digits.
    example: &'static str,
    /// Forms after the prefix: `9` is a digit, `A` a capital letter, `L` one other than `I` and
    /// `O`; anything else is itself.
    forms: &'static [&'static str],
    check: Check,
}

impl State {
    /// Checks what follows the prefix.
    pub(super) fn check(&self, rest: &str) -> Result<(), PartyError> {
        let wrong = || PartyError::VatForm { country: self.prefix, example: self.example };
        if !self.forms.iter().any(|form| fits(form, rest)) {
            return Err(wrong());
        }
        if self.check.holds(rest) { Ok(()) } else { Err(PartyError::CheckDigit) }
    }
}

/// The State of a prefix.
pub(super) fn find(prefix: &str) -> Option<&'static State> {
    STATES.iter().find(|state| state.prefix == prefix)
}

fn fits(form: &str, rest: &str) -> bool {
    form.len() == rest.len()
        && form.bytes().zip(rest.bytes()).all(|(form, found)| match form {
            b'9' => found.is_ascii_digit(),
            b'A' => found.is_ascii_uppercase(),
            b'L' => found.is_ascii_uppercase() && !b"IO".contains(&found),

            exact => exact == found,
        })
}

const fn state(
    prefix: &'static str,
    example: &'static str,
    forms: &'static [&'static str],
    check: Check,
) -> State {
    State { prefix, example, forms, check }
}

const ROMANIAN: &[&str] =
    &["99", "999", "9999", "99999", "999999", "9999999", "99999999", "999999999", "9999999999"];

/// A check that some numbers of a State do not follow (natural persons, old series) is left out
/// for those: a good customer must not be refused.
static STATES: &[State] = &[
    state("AT", "ATU13585627", &["U99999999"], Check::By(checks::austria)),
    state("BE", "BE0428759497", &["0999999999", "1999999999"], Check::By(checks::belgium)),
    state("BG", "BG175074752", &["999999999", "9999999999"], Check::By(checks::bulgaria)),
    state("CY", "CY10259033P", &["99999999A"], Check::By(checks::cyprus)),
    state("CZ", "CZ25123891", &["99999999", "999999999", "9999999999"], Check::By(checks::czechia)),
    state("DE", "DE136695976", &["999999999"], Check::Mod11And10),
    state("DK", "DK13585628", &["99999999"], Check::Sum(&[2, 7, 6, 5, 4, 3, 2, 1], 11, 0)),
    state("EE", "EE100931558", &["999999999"], Check::Sum(&[3, 7, 1, 3, 7, 1, 3, 7, 1], 10, 0)),
    state("EL", "EL094259216", &["999999999"], Check::By(checks::greece)),
    state("ES", "ESA13585625", &["A99999999", "A9999999A", "99999999A"], Check::By(checks::spain)),
    state("FI", "FI20774740", &["99999999"], Check::Sum(&[7, 9, 10, 5, 8, 4, 2, 1], 11, 0)),
    // Its key and its SIREN are the business of `VatNumber`.
    state("FR", "FR44732829320", FRENCH, Check::None),
    state("HR", "HR33392005961", &["99999999999"], Check::Mod11And10),
    state("HU", "HU12892312", &["99999999"], Check::Sum(&[9, 7, 3, 1, 9, 7, 3, 1], 10, 0)),
    state(
        "IE",
        "IE6433435F",
        &["9999999A", "9999999AA", "9A99999A", "9+99999A", "9*99999A"],
        Check::By(checks::ireland),
    ),
    state("IT", "IT00743110157", &["99999999999"], Check::Luhn(11)),
    state("LT", "LT119511515", &["999999919", "999999999919"], Check::By(checks::lithuania)),
    state("LU", "LU15027442", &["99999999"], Check::By(checks::luxembourg)),
    state("LV", "LV40003521600", &["99999999999"], Check::By(checks::latvia)),
    state("MT", "MT11679112", &["99999999"], Check::Sum(&[3, 4, 6, 7, 8, 9, 10, 1], 37, 0)),
    state("NL", "NL004495445B01", &["999999999B99"], Check::By(checks::netherlands)),
    state("PL", "PL8567346215", &["9999999999"], Check::By(checks::poland)),
    state("PT", "PT501964843", &["999999999"], Check::By(checks::portugal)),
    state("RO", "RO18547290", ROMANIAN, Check::By(checks::romania)),
    state("SE", "SE556188840401", &["999999999999"], Check::Luhn(10)),
    state("SI", "SI50223054", &["99999999"], Check::By(checks::slovenia)),
    // The number as a whole is a multiple of 11.
    state("SK", "SK2022749619", &["9999999999"], Check::Sum(ELEVENS, 11, 0)),
    state(
        "XI",
        "XI980780684",
        &["999999999", "999999999999", "GD999", "HA999"],
        Check::By(checks::northern_ireland),
    ),
];

/// Two digits or letters, of which `O` and `I` are never used, and nine digits.
const FRENCH: &[&str] = &["99999999999", "L9999999999", "9L999999999", "LL999999999"];

/// The powers of ten modulo 11.
const ELEVENS: &[u32] = &[10, 1, 10, 1, 10, 1, 10, 1, 10, 1];

#[cfg(test)]
mod tests {
    use super::STATES;
    use crate::{CountryCode, VatNumber};

    #[test]
    fn every_member_state_and_northern_ireland_is_here_once() {
        let mut prefixes: Vec<_> = STATES.iter().map(|state| state.prefix).collect();
        prefixes.sort_unstable();
        prefixes.dedup();
        assert_eq!((prefixes.len(), STATES.len()), (28, 28));
        for state in STATES {
            let number: VatNumber = state.example.parse().unwrap();
            assert_eq!(number.prefix(), state.prefix);
            assert_eq!(number.country().is_some_and(CountryCode::is_eu), state.prefix != "XI");
        }
    }
}
