//! The legal identity of companies: worked numbers, numbers made at random and judged by a second
//! implementation, and the laws that hold for all of them.

#![cfg(test)]
#![expect(clippy::arithmetic_side_effects, reason = "an overflow fails the test, as it should")]

mod numbers;
mod places;
mod terms;
mod vat;

use std::fmt::{Debug, Display};
use std::str::FromStr;

use palier_billing::{Address, PartyError};

/// Reads it, prints it, and finds the same text again, in JSON too.
#[track_caller]
fn round_trips<T>(text: &str)
where
    T: FromStr<Err = PartyError> + Display + Debug + PartialEq,
    T: serde::Serialize + serde::de::DeserializeOwned,
{
    let value: T = text.parse().unwrap_or_else(|error| panic!("{text} {error}"));
    assert_eq!(value.to_string(), text);
    let json = serde_json::to_string(&value).unwrap();
    assert_eq!(json, format!("{text:?}"));
    assert_eq!(serde_json::from_str::<T>(&json).unwrap(), value);
}

/// Reads what is wrong with a text.
#[track_caller]
fn refused<T: FromStr<Err = PartyError> + Debug>(text: &str) -> PartyError {
    text.parse::<T>().expect_err(text)
}

fn address(postcode: &str, country: &str) -> Address {
    let country = country.parse().unwrap();
    Address::new(["36 rue de l’Atelier"], Some(postcode), "Lyon", country).unwrap()
}

/// The same digits in groups of three, as people write them.
fn spaced(text: &str, with: &str) -> String {
    let characters: Vec<_> = text.chars().collect();
    let groups: Vec<String> = characters.chunks(3).map(|group| group.iter().collect()).collect();
    groups.join(with)
}

/// The same text with one digit changed to another; `None` if there is no digit at that place.
fn mistyped(text: &str, place: usize, by: u8) -> Option<String> {
    let mut bytes = text.as_bytes().to_vec();
    let digit = bytes.get(place).filter(|byte| byte.is_ascii_digit())? - b'0';
    bytes[place] = b'0' + (digit + by) % 10;
    Some(String::from_utf8(bytes).unwrap())
}
