//! SIREN and SIRET.

use palier_billing::{PartyError, Siren, Siret};
use proptest::prelude::*;

use crate::{mistyped, refused, round_trips, spaced};

/// Appends the digit that makes Luhn's sum right, found by trying.
fn completed(head: &str, right: impl Fn(&str) -> bool) -> String {
    (0..10).map(|digit| format!("{head}{digit}")).find(|text| right(text)).unwrap()
}

fn luhn(text: &str) -> bool {
    let digits = text.bytes().rev().map(|byte| u32::from(byte - b'0')).enumerate();
    let counted = digits.map(|(place, digit)| match (place % 2, digit * 2) {
        (0, _) => digit,
        (_, double) => double / 10 + double % 10,
    });
    counted.sum::<u32>() % 10 == 0
}

fn sirens() -> impl Strategy<Value = String> {
    (1..100_000_000_u32).prop_map(|head| completed(&format!("{head:08}"), luhn))
}

/// All but those of La Poste, which have a rule of their own.
fn sirets() -> impl Strategy<Value = String> {
    let common = |siren: &String| siren != "356000000";
    (sirens().prop_filter("La Poste", common), 0..10_000_u32)
        .prop_map(|(siren, head)| completed(&format!("{siren}{head:04}"), luhn))
}

#[test]
fn known_numbers_are_taken() {
    for siren in ["100000009", "200000008", "300000007", "732829320", "404833048", "356000000"] {
        round_trips::<Siren>(siren);
    }
    for siret in ["73282932000074", "40483304800022", "35600000000048"] {
        round_trips::<Siret>(siret);
    }
}

#[test]
fn post_offices_follow_their_own_rule() {
    // The digits sum to 15 and 20; Luhn's sum would be wrong for both.
    round_trips::<Siret>("35600000000001");
    round_trips::<Siret>("35600000000015");
    assert_eq!(refused::<Siret>("35600000000002"), PartyError::CheckDigit);
    // Luhn's sum is right, which is not what is asked for here.
    assert!(luhn("35600000000055"));
    assert_eq!(refused::<Siret>("35600000000055"), PartyError::CheckDigit);
}

#[test]
fn what_is_wrong_is_said_with_its_figures() {
    assert_eq!(refused::<Siren>(""), PartyError::Empty);
    assert_eq!(refused::<Siren>("73282932"), PartyError::WrongLength { expected: 9, found: 8 });
    assert_eq!(refused::<Siret>("732829320"), PartyError::WrongLength { expected: 14, found: 9 });
    let letter = PartyError::WrongCharacter { found: 'O', position: 9 };
    assert_eq!(refused::<Siren>("73282932O"), letter);
    let space = PartyError::WrongCharacter { found: ' ', position: 4 };
    assert_eq!(refused::<Siren>("732 829 320"), space);
    let arabic = PartyError::WrongCharacter { found: '٣', position: 1 };
    assert_eq!(refused::<Siren>("٣82829320"), arabic);
    assert_eq!(refused::<Siren>("000000000"), PartyError::Placeholder);
    // The SIREN inside a SIRET has a check digit of its own.
    assert!(luhn("73282932100007"));
    assert_eq!(refused::<Siret>("73282932100007"), PartyError::CheckDigit);
    assert_eq!(refused::<Siren>("732829321").code(), "check_digit");
    let said = refused::<Siren>("73282932O").to_string();
    assert_eq!(said, "has 'O' as character 9");
}

#[test]
fn an_establishment_belongs_to_one_company() {
    let siret: Siret = "73282932000074".parse().unwrap();
    let (own, other) = (siret.siren(), "404833048".parse().unwrap());
    assert_eq!(siret.check_siren(own), Ok(()));
    let fault = PartyError::OtherSiren { expected: other, found: own };
    assert_eq!(siret.check_siren(other), Err(fault));
}

proptest! {
    #[test]
    fn one_wrong_digit_is_always_refused(
        siren in sirens(),
        siret in sirets(),
        place in 0..14_usize,
        by in 1..10_u8,
    ) {
        round_trips::<Siren>(&siren);
        round_trips::<Siret>(&siret);
        if let Some(wrong) = mistyped(&siren, place, by) {
            let fault = refused::<Siren>(&wrong);
            prop_assert!(matches!(fault, PartyError::CheckDigit | PartyError::Placeholder));
        }
        let wrong = mistyped(&siret, place, by).unwrap();
        prop_assert_eq!(refused::<Siret>(&wrong), PartyError::CheckDigit);
    }

    #[test]
    fn spaces_are_read_leniently_and_never_printed(
        siren in sirens(),
        siret in sirets(),
        with in prop::sample::select(vec![" ", "\u{a0}", "\u{202f}", ".", "-", " \t"]),
    ) {
        let lenient = Siren::parse_lenient(&spaced(&siren, with)).unwrap();
        prop_assert_eq!(lenient.to_string(), siren.as_str());
        let lenient = Siret::parse_lenient(&format!(" {}\n", spaced(&siret, with))).unwrap();
        prop_assert_eq!(lenient.to_string(), siret);
        prop_assert!(spaced(&siren, with).parse::<Siren>().is_err());
    }
}
