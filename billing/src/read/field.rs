//! The values that fields hold.

use jiff::civil::Date;
use serde_json::Value;

use super::Field;
use crate::{DecimalError, Expected, FaultKind, Percent, Price, PriceBase, Quantity};

impl Field for String {
    fn read(value: &Value) -> Result<Self, FaultKind> {
        let text = value.as_str().ok_or(FaultKind::WrongType { expected: Expected::Text })?;
        if text.trim().is_empty() { Err(FaultKind::Empty) } else { Ok(text.to_owned()) }
    }
}

impl Field for bool {
    fn read(value: &Value) -> Result<Self, FaultKind> {
        value.as_bool().ok_or(FaultKind::WrongType { expected: Expected::Flag })
    }
}

impl Field for u16 {
    fn read(value: &Value) -> Result<Self, FaultKind> {
        let number = value.as_u64().and_then(|number| Self::try_from(number).ok());
        number.ok_or(FaultKind::WrongType { expected: Expected::WholeNumber })
    }
}

impl Field for Date {
    fn read(value: &Value) -> Result<Self, FaultKind> {
        let date = value.as_str().and_then(|text| text.parse().ok());
        date.ok_or(FaultKind::WrongType { expected: Expected::Date })
    }
}

/// A JSON number may have passed through binary floating point on its way; a string has not.
fn decimal<T: std::str::FromStr<Err = DecimalError>>(value: &Value) -> Result<T, FaultKind> {
    let expected = Expected::Decimal;
    Ok(value.as_str().ok_or(FaultKind::WrongType { expected })?.parse()?)
}

impl Field for Quantity {
    fn read(value: &Value) -> Result<Self, FaultKind> {
        decimal(value)
    }
}

impl Field for Price {
    fn read(value: &Value) -> Result<Self, FaultKind> {
        decimal(value)
    }
}

impl Field for Percent {
    fn read(value: &Value) -> Result<Self, FaultKind> {
        decimal(value)
    }
}

impl Field for PriceBase {
    fn read(value: &Value) -> Result<Self, FaultKind> {
        let number = value.as_u64().map(|number| number.to_string());
        match value.as_str().or(number.as_deref()) {
            Some("1") => Ok(Self::One),
            Some("1000") => Ok(Self::Thousand),
            Some("1000000") => Ok(Self::Million),
            _ => Err(FaultKind::NotOneOf { allowed: Self::ALLOWED }),
        }
    }
}

/// Gives a field-less enum the names it has in documents.
macro_rules! names {
    ($name:ident { $($text:literal => $variant:ident),+ $(,)? }) => {
        impl $name {
            /// As it is written in documents.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }

        impl $crate::read::Field for $name {
            fn read(value: &serde_json::Value) -> Result<Self, $crate::FaultKind> {
                match value.as_str() {
                    $(Some($text) => Ok(Self::$variant),)+
                    _ => Err($crate::FaultKind::NotOneOf { allowed: &[$($text),+] }),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                match text.as_ref() {
                    $($text => Ok(Self::$variant),)+
                    other => Err(serde::de::Error::unknown_variant(other, &[$($text),+])),
                }
            }
        }
    };
}
pub(crate) use names;
