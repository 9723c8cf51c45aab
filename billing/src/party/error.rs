//! What is wrong with a company's particulars, as a code and its figures.

use super::{CountryCode, Siren, VatNumber};

/// One thing wrong with a number, a name or a date term of a company.
///
/// `Display` says it in English. Who speaks other languages goes by the variant, or by its
/// [`code`](PartyError::code), which never changes.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PartyError {
    /// Nothing was given.
    #[error("is empty")]
    Empty,
    /// A character that has no business there.
    #[error("has {found:?} as character {position}")]
    WrongCharacter {
        /// The first such character.
        found: char,
        /// Where it stands, from 1.
        position: usize,
    },
    /// Too few or too many digits.
    #[error("has {found} digits instead of {expected}")]
    WrongLength {
        /// How many there should be.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// The text is longer than an invoice or a database should carry.
    #[error("has {found} characters, at most {limit} are kept")]
    TooLong {
        /// How many are kept.
        limit: usize,
        /// How many there are.
        found: usize,
    },
    /// Too many lines.
    #[error("has {found} lines, an invoice has room for {limit}")]
    TooManyLines {
        /// How many there may be.
        limit: usize,
        /// How many there are.
        found: usize,
    },
    /// The digits contradict each other: at least one is mistyped.
    #[error("has a check digit that does not match: one of its digits is mistyped")]
    CheckDigit,
    /// Nothing but zeros, as stands in forms until someone knows better.
    #[error("holds nothing but zeros")]
    Placeholder,
    /// A VAT number that does not begin with a Member State of the Union or with `XI`.
    #[error("does not begin with the two letters of a Member State, such as FR, or with XI")]
    VatCountry {
        /// Its first two characters.
        prefix: String,
    },
    /// A VAT number that is not made as its State makes them.
    #[error("does not have the form of a {country} VAT number, such as {example}")]
    VatForm {
        /// The State, as VAT numbers name it (`EL` for Greece).
        country: &'static str,
        /// A number that has the form.
        example: &'static str,
    },
    /// The key of a French VAT number does not follow from its SIREN.
    #[error("has a key that does not match its SIREN, for which {expected} would be right")]
    VatKey {
        /// The number that belongs to the SIREN.
        expected: VatNumber,
    },
    /// A French VAT number of another company.
    #[error("belongs to SIREN {found}, not to {expected}")]
    OtherSiren {
        /// The SIREN it should belong to.
        expected: Siren,
        /// The SIREN inside it.
        found: Siren,
    },
    /// No country has this code.
    #[error("is not a country code of ISO 3166-1, such as FR")]
    Country,
    /// Not a postcode of that country.
    #[error("is not a postcode of {country}, such as {example}")]
    Postcode {
        /// The country.
        country: CountryCode,
        /// A postcode of it.
        example: &'static str,
    },
    /// The value is none of those allowed.
    #[error("is none of {}", allowed.join(", "))]
    NotOneOf {
        /// Those allowed.
        allowed: &'static [&'static str],
    },
    /// Terms of payment that are not written as such.
    #[error("is no term of payment, such as {}", examples.join(", "))]
    TermForm {
        /// One of each kind.
        examples: &'static [&'static str],
    },
    /// A longer term than the law lets companies agree on.
    #[error("is {found} days, the law allows {limit} (code de commerce, L441-10 I)")]
    TermTooLong {
        /// How many days the law allows.
        limit: u16,
        /// How many were given.
        found: u16,
    },
    /// Reverse charge needs a VAT number of another Member State.
    #[error("needs a VAT number of another Member State")]
    RegimeNeedsVatNumber,
    /// The VAT regime is not that of where the company sits.
    #[error("does not fit its address, where {suggested} applies")]
    RegimeElsewhere {
        /// What applies there.
        suggested: super::VatRegime,
    },
}

impl PartyError {
    /// A stable name for the kind of fault, for programs and translations.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::WrongCharacter { .. } => "wrong_character",
            Self::WrongLength { .. } => "wrong_length",
            Self::TooLong { .. } => "too_long",
            Self::TooManyLines { .. } => "too_many_lines",
            Self::CheckDigit => "check_digit",
            Self::Placeholder => "placeholder",
            Self::VatCountry { .. } => "vat_country",
            Self::VatForm { .. } => "vat_form",
            Self::VatKey { .. } => "vat_key",
            Self::OtherSiren { .. } => "other_siren",
            Self::Country => "country",
            Self::Postcode { .. } => "postcode",
            Self::NotOneOf { .. } => "not_one_of",
            Self::TermForm { .. } => "term_form",
            Self::TermTooLong { .. } => "term_too_long",
            Self::RegimeNeedsVatNumber => "regime_needs_vat_number",
            Self::RegimeElsewhere { .. } => "regime_elsewhere",
        }
    }
}
