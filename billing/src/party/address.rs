//! Postal addresses, as an invoice shows them.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::{CountryCode, PartyError, VatTerritory, digits};

/// A postal address (EN 16931: BG-5 of the seller, BG-8 of the buyer).
///
/// Text is kept without spaces around it. Empty lines are left out.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Written")]
pub struct Address {
    lines: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    postcode: Option<String>,
    city: String,
    country: CountryCode,
}

/// One thing wrong with an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field} {error}")]
pub struct AddressFault {
    /// The field: `lines`, `postcode` or `city`.
    pub field: &'static str,
    /// What is wrong with it.
    pub error: PartyError,
}

impl Address {
    /// How many lines there may be before postcode and city (BT-50, BT-51, BT-163).
    pub const MAX_LINES: usize = 3;
    /// How many characters a line or a city may have.
    pub const MAX_CHARACTERS: usize = 200;
    /// How many characters a postcode may have; no country uses more than 10.
    pub const MAX_POSTCODE: usize = 16;

    /// An address of one to three lines, a city, a country, and a postcode where there are any.
    ///
    /// A French postcode has five digits, and must be given.
    ///
    /// # Errors
    /// All that is wrong, in the order of the fields.
    pub fn new<'t>(
        lines: impl IntoIterator<Item = &'t str>,
        postcode: Option<&str>,
        city: &str,
        country: CountryCode,
    ) -> Result<Self, Vec<AddressFault>> {
        let mut faults = Vec::new();
        let mut note = |field, error| faults.push(AddressFault { field, error });
        let lines = read_lines(lines).unwrap_or_else(|error| {
            note("lines", error);
            Vec::new()
        });
        let postcode = postcode.map(str::trim).filter(|postcode| !postcode.is_empty());
        if let Err(error) = check_postcode(postcode, country) {
            note("postcode", error);
        }
        let city = city.trim();
        if let Err(error) = check_text(city, Self::MAX_CHARACTERS) {
            note("city", error);
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        Ok(Self { lines, postcode: postcode.map(str::to_owned), city: city.to_owned(), country })
    }

    /// The lines before postcode and city.
    pub fn lines(&self) -> &[String] {
        &self.lines
    }

    /// The postcode.
    pub fn postcode(&self) -> Option<&str> {
        self.postcode.as_deref()
    }

    /// The city.
    pub fn city(&self) -> &str {
        &self.city
    }

    /// The country.
    pub const fn country(&self) -> CountryCode {
        self.country
    }

    /// Where it lies, for VAT.
    pub fn vat_territory(&self) -> VatTerritory {
        VatTerritory::of(self.country, self.postcode())
    }
}

fn read_lines<'t>(lines: impl IntoIterator<Item = &'t str>) -> Result<Vec<String>, PartyError> {
    let given = lines.into_iter().map(str::trim).filter(|line| !line.is_empty());
    let lines: Vec<_> = given.map(str::to_owned).collect();
    match lines.len() {
        0 => return Err(PartyError::Empty),
        1..=Address::MAX_LINES => {}
        found => return Err(PartyError::TooManyLines { limit: Address::MAX_LINES, found }),
    }
    for line in &lines {
        check_text(line, Address::MAX_CHARACTERS)?;
    }
    Ok(lines)
}

/// One line of text: what XML and PDF cannot carry is refused here, not when an invoice is made.
fn check_text(text: &str, limit: usize) -> Result<(), PartyError> {
    let found = text.chars().count();
    if found == 0 {
        return Err(PartyError::Empty);
    }
    if found > limit {
        return Err(PartyError::TooLong { limit, found });
    }
    let odd = text.chars().enumerate().find(|(_, found)| {
        found.is_control() || matches!(found, '\u{2028}' | '\u{2029}' | '\u{fffe}' | '\u{ffff}')
    });
    odd.map_or(Ok(()), |(index, found)| {
        Err(PartyError::WrongCharacter { found, position: index.saturating_add(1) })
    })
}

fn check_postcode(postcode: Option<&str>, country: CountryCode) -> Result<(), PartyError> {
    let french = french_postcode(country);
    match (postcode, french) {
        (None, None) => Ok(()),
        (None, Some(_)) => Err(PartyError::Empty),
        (Some(postcode), None) => check_text(postcode, Address::MAX_POSTCODE),
        (Some(postcode), Some(example)) => digits::exactly::<5>(postcode)
            .map(|_| ())
            .map_err(|_| PartyError::Postcode { country, example }),
    }
}

/// A postcode of a country that uses French ones.
fn french_postcode(country: CountryCode) -> Option<&'static str> {
    let example = match country.as_str() {
        "FR" => "69007",
        "MC" => "98000",
        "GP" => "97100",
        "MQ" => "97200",
        "GF" => "97300",
        "RE" => "97400",
        "PM" => "97500",
        "YT" => "97600",
        "BL" => "97133",
        "MF" => "97150",
        "WF" => "98600",
        "PF" => "98714",
        "NC" => "98800",
        _ => return None,
    };
    Some(example)
}

/// An address as it is written, before it is known to be one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written<'t> {
    #[serde(borrow)]
    lines: Vec<Cow<'t, str>>,
    #[serde(borrow, default)]
    postcode: Option<Cow<'t, str>>,
    #[serde(borrow)]
    city: Cow<'t, str>,
    country: CountryCode,
}

impl TryFrom<Written<'_>> for Address {
    type Error = AddressFault;

    fn try_from(written: Written<'_>) -> Result<Self, AddressFault> {
        let lines = written.lines.iter().map(AsRef::as_ref);
        let postcode = written.postcode.as_deref();
        let address = Self::new(lines, postcode, &written.city, written.country);
        // The first is enough for a value that was written by this type.
        address.map_err(|faults| {
            let empty = AddressFault { field: "lines", error: PartyError::Empty };
            faults.into_iter().next().unwrap_or(empty)
        })
    }
}
