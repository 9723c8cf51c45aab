//! Who a company is, in the eyes of the law: its numbers, where it sits, how VAT treats it, how
//! large it is and how long it may take to pay.
//!
//! Every type here is valid by construction. [`FromStr`](std::str::FromStr) takes the canonical
//! form alone, which is what is printed and kept; `parse_lenient` also takes what people write in
//! spreadsheets, `732 829 320` or `fr 44.732.829.320`, and means the same.
//!
//! Check digits catch what was mistyped. That a number was given to someone, and to whom, only a
//! register knows: INSEE's for a SIREN, VIES for a VAT number.

mod address;
mod country;
mod digits;
mod electronic;
mod error;
mod regime;
mod siren;
mod size;
mod terms;
mod territory;
mod vat;

pub use address::{Address, AddressFault};
pub use country::CountryCode;
pub use electronic::ElectronicAddress;
pub use error::PartyError;
pub use regime::{RateScale, VatRegime, VatTreatment, VatWording};
pub use siren::{Siren, Siret};
pub use size::SizeClass;
pub use terms::PaymentTerms;
pub use territory::VatTerritory;
pub use vat::VatNumber;

/// A type that has one text form: that of documents, of the database and of the API.
macro_rules! text_form {
    ($name:ident) => {
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

/// A field-less enum read back from the names that `read::names!` prints; what is none of them is
/// the error's `NotOneOf`.
macro_rules! from_names {
    ($name:ident { $($variant:ident),+ $(,)? }) => {
        from_names!($name or PartyError { $($variant),+ });
    };
    ($name:ident or $error:ident { $($variant:ident),+ $(,)? }) => {
        impl $name {
            /// All of them, in the order in which they are explained.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            const NAMES: &'static [&'static str] = &[$(Self::$variant.as_str()),+];
        }

        impl std::str::FromStr for $name {
            type Err = $error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let named = Self::ALL.iter().find(|one| one.as_str() == text);
                named.copied().ok_or($error::NotOneOf { allowed: Self::NAMES })
            }
        }
    };
}

pub(crate) use {from_names, text_form};
