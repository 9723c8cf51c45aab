//! How the numbers of a series are written.

use std::{fmt, str::FromStr};

/// The format of a series' numbers: `FA-{year}-{number:6}` gives `FA-2026-000123`.
///
/// Numbers begin anew each year if the year is in them, as French practice allows (CGI, ann. II,
/// art. 242 nonies A, I, 7°; BOI 3 CA n° 136 of 2003, § 119 to 124); otherwise they go on for ever.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NumberFormat {
    pattern: String,
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Part {
    Text(String),
    Year,
    Number { digits: usize },
}

/// Why a text is no format of numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NumberFormatError {
    /// Braces that hold neither `year` nor `number`, or do not close.
    #[error("expected {{year}} or {{number:6}} in braces")]
    Braces,
    /// No number, or more than one.
    #[error("the number stands in it once, as {{number:6}}")]
    Number,
    /// A character that the reform does not allow (BR-FR-01, BR-FR-02).
    #[error("expected letters, digits and + - _ /, found {found:?}")]
    Character {
        /// It.
        found: char,
    },
    /// Numbers with more than 35 characters.
    #[error("numbers would have more than {} characters", NumberFormat::MAX_CHARACTERS)]
    TooLong,
}

impl NumberFormat {
    /// How many characters a number may have (BR-FR-01).
    pub const MAX_CHARACTERS: usize = 35;
    /// How many digits are always written at most.
    const MAX_DIGITS: usize = 12;

    /// The number at a place of the series, counted from 1.
    pub fn write(&self, year: i16, number: i64) -> String {
        let part = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Year => format!("{year:04}"),
            Part::Number { digits } => format!("{number:0digits$}"),
        };
        self.parts.iter().map(part).collect()
    }

    /// Whether numbers begin anew each year.
    pub fn is_yearly(&self) -> bool {
        self.parts.contains(&Part::Year)
    }
}

impl FromStr for NumberFormat {
    type Err = NumberFormatError;

    fn from_str(pattern: &str) -> Result<Self, NumberFormatError> {
        let (mut parts, mut rest) = (Vec::new(), pattern);
        while !rest.is_empty() {
            let (text, place) = rest.split_once('{').map_or((rest, None), |(t, p)| (t, Some(p)));
            if !text.is_empty() {
                let allowed = |it: char| it.is_ascii_alphanumeric() || "+-_/".contains(it);
                if let Some(found) = text.chars().find(|it| !allowed(*it)) {
                    return Err(NumberFormatError::Character { found });
                }
                parts.push(Part::Text(text.to_owned()));
            }
            let Some(place) = place else { break };
            let (place, after) = place.split_once('}').ok_or(NumberFormatError::Braces)?;
            parts.push(read_part(place)?);
            rest = after;
        }
        let numbers = parts.iter().filter(|part| matches!(part, Part::Number { .. })).count();
        if numbers != 1 {
            return Err(NumberFormatError::Number);
        }
        let format = Self { pattern: pattern.to_owned(), parts };
        // A series of a billion documents still fits.
        if format.write(9999, 999_999_999).len() > Self::MAX_CHARACTERS {
            return Err(NumberFormatError::TooLong);
        }
        Ok(format)
    }
}

fn read_part(place: &str) -> Result<Part, NumberFormatError> {
    match place.split_once(':') {
        None if place == "year" => Ok(Part::Year),
        None if place == "number" => Ok(Part::Number { digits: 1 }),
        Some(("number", digits)) => {
            let digits =
                digits.parse().ok().filter(|it| (1..=NumberFormat::MAX_DIGITS).contains(it));
            Ok(Part::Number { digits: digits.ok_or(NumberFormatError::Braces)? })
        }
        _ => Err(NumberFormatError::Braces),
    }
}

impl fmt::Display for NumberFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.pattern)
    }
}

impl serde::Serialize for NumberFormat {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.pattern)
    }
}

impl<'de> serde::Deserialize<'de> for NumberFormat {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_by_their_format() {
        let write = |format: &str| format.parse::<NumberFormat>().unwrap().write(2026, 123);
        assert_eq!(write("FA-{year}-{number:6}"), "FA-2026-000123");
        assert_eq!(write("{number}"), "123");
        assert!("FA{year}/{number:4}".parse::<NumberFormat>().unwrap().is_yearly());
        assert!(!"FA{number:4}".parse::<NumberFormat>().unwrap().is_yearly());
    }

    #[test]
    fn formats_that_give_no_numbers_are_refused() {
        let refused = |format: &str| format.parse::<NumberFormat>().unwrap_err();
        assert_eq!(refused("FA-{year}"), NumberFormatError::Number);
        assert_eq!(refused("{number}{number}"), NumberFormatError::Number);
        assert_eq!(refused("FA {number}"), NumberFormatError::Character { found: ' ' });
        assert_eq!(refused("{month}-{number}"), NumberFormatError::Braces);
        assert_eq!(refused("{number:0}"), NumberFormatError::Braces);
        assert_eq!(refused("{number"), NumberFormatError::Braces);
        let long = format!("{}{{number:9}}", "A".repeat(27));
        assert_eq!(refused(&long), NumberFormatError::TooLong);
    }
}
