//! Where electronic invoices are delivered to.

use std::{fmt, str::FromStr};

use super::{PartyError, Siren, text_form};

/// An electronic address (BT-34, BT-49): a scheme of the list EAS, a colon, and what the scheme calls
/// the recipient.
///
/// French companies are in the directory of the reform under scheme `0225`: by their SIREN, by
/// `SIREN_SIRET`, `SIREN_SIRET_ROUTE`, or `SIREN_SUFFIX` of their own choice. `EM` is an e-mail address.
///
/// ```
/// # use palier_billing::ElectronicAddress;
/// let address: ElectronicAddress = "0225:732829320_COMPTA".parse()?;
/// assert_eq!((address.scheme(), address.value()), ("0225", "732829320_COMPTA"));
/// assert!("0225:COMPTA".parse::<ElectronicAddress>().is_err());
/// # Ok::<_, palier_billing::PartyError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ElectronicAddress {
    scheme: String,
    value: String,
}

impl ElectronicAddress {
    /// The scheme of the French directory.
    pub const FRENCH: &'static str = "0225";
    /// The scheme of e-mail addresses.
    pub const EMAIL: &'static str = "EM";
    /// How many characters the part behind the colon may have (BR-FR-25).
    pub const MAX_CHARACTERS: usize = 125;

    /// The address that every French company has: its SIREN.
    pub fn of_siren(siren: Siren) -> Self {
        Self { scheme: Self::FRENCH.to_owned(), value: siren.to_string() }
    }

    /// An e-mail address, for companies that no directory knows.
    ///
    /// # Errors
    /// As [`FromStr`].
    pub fn of_email(email: &str) -> Result<Self, PartyError> {
        Self::new(Self::EMAIL, email)
    }

    fn new(scheme: &str, value: &str) -> Result<Self, PartyError> {
        if !SCHEMES.contains(&scheme) {
            return Err(PartyError::NotOneOf { allowed: SCHEMES });
        }
        let found = value.chars().count();
        match found {
            0 => return Err(PartyError::Empty),
            1..=Self::MAX_CHARACTERS => {}
            _ => return Err(PartyError::TooLong { limit: Self::MAX_CHARACTERS, found }),
        }
        // BR-FR-23 for the directory's own; no scheme has blanks in what it gives out.
        let allowed = |it: char| match scheme {
            Self::FRENCH => it.is_ascii_alphanumeric() || matches!(it, '-' | '_' | '.'),
            _ => it.is_ascii_graphic(),
        };
        let odd = value.chars().enumerate().find(|(_, it)| !allowed(*it));
        if let Some((index, found)) = odd {
            let position = index.saturating_add(1);
            return Err(PartyError::WrongCharacter { found, position });
        }
        if scheme == Self::FRENCH {
            french_siren(value)?;
        }
        Ok(Self { scheme: scheme.to_owned(), value: value.to_owned() })
    }

    /// Its scheme, of the list EAS (BT-34-1, BT-49-1).
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// What the scheme calls the recipient.
    pub fn value(&self) -> &str {
        &self.value
    }

    /// Whether invoices to, or from, a company with this SIREN may go there (BR-FR-21, BR-FR-22).
    ///
    /// # Errors
    /// [`PartyError::NotOneOf`] for another scheme than the directory's, [`PartyError::OtherSiren`] for
    /// another company's address.
    pub fn check_siren(&self, expected: Siren) -> Result<(), PartyError> {
        if self.scheme != Self::FRENCH {
            return Err(PartyError::NotOneOf { allowed: &[Self::FRENCH] });
        }
        let found = french_siren(&self.value)?;
        if found == expected { Ok(()) } else { Err(PartyError::OtherSiren { expected, found }) }
    }
}

/// The company of an address in the French directory.
fn french_siren(value: &str) -> Result<Siren, PartyError> {
    let (siren, rest) = value.split_at_checked(9).unwrap_or((value, ""));
    if !rest.is_empty() && !rest.starts_with('_') {
        let found = value.chars().take_while(char::is_ascii_digit).count();
        return Err(PartyError::WrongLength { expected: 9, found });
    }
    siren.parse()
}

impl FromStr for ElectronicAddress {
    type Err = PartyError;

    /// Reads `SCHEME:VALUE`.
    ///
    /// # Errors
    /// [`PartyError::NotOneOf`] for a scheme that is not in the list EAS; [`PartyError::Empty`],
    /// [`PartyError::TooLong`], [`PartyError::WrongCharacter`] for what is behind the colon, and as for
    /// [`Siren`] under scheme `0225`.
    fn from_str(text: &str) -> Result<Self, PartyError> {
        let (scheme, value) = text.split_once(':').unwrap_or((text, ""));
        Self::new(scheme, value)
    }
}

impl fmt::Display for ElectronicAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.scheme, self.value)
    }
}

text_form!(ElectronicAddress);

/// The list EAS (electronic address schemes), as the reform takes it.
const SCHEMES: &[&str] = &[
    "0002", "0007", "0009", "0037", "0060", "0088", "0096", "0097", "0106", "0130", "0135", "0142",
    "0147", "0151", "0154", "0158", "0170", "0177", "0183", "0184", "0188", "0190", "0191", "0192",
    "0193", "0194", "0195", "0196", "0198", "0199", "0200", "0201", "0202", "0203", "0204", "0205",
    "0208", "0209", "0210", "0211", "0212", "0213", "0215", "0216", "0217", "0218", "0221", "0225",
    "0230", "0235", "0240", "9910", "9913", "9914", "9915", "9918", "9919", "9920", "9922", "9923",
    "9924", "9925", "9926", "9927", "9928", "9929", "9930", "9931", "9932", "9933", "9934", "9935",
    "9936", "9937", "9938", "9939", "9940", "9941", "9942", "9943", "9944", "9945", "9946", "9947",
    "9948", "9949", "9950", "9951", "9952", "9953", "9957", "9959", "AN", "AQ", "AS", "AU", "EM",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<ElectronicAddress, PartyError> {
        text.parse()
    }

    #[test]
    fn addresses_of_the_directory_begin_with_a_siren() {
        for text in
            ["0225:732829320", "0225:732829320_73282932000074_ACHATS", "0225:732829320_a.b-c"]
        {
            assert_eq!(read(text).unwrap().to_string(), text);
        }
        assert_eq!(read("0225:732829321"), Err(PartyError::CheckDigit));
        let length = Err(PartyError::WrongLength { expected: 9, found: 10 });
        assert_eq!(read("0225:7328293200"), length);
        let blank = PartyError::WrongCharacter { found: ' ', position: 11 };
        assert_eq!(read("0225:732829320_ X"), Err(blank));
        let plus = PartyError::WrongCharacter { found: '+', position: 11 };
        assert_eq!(read("0225:732829320_+"), Err(plus));
        assert_eq!(read("0225:"), Err(PartyError::Empty));
        let long = format!("0225:732829320_{}", "A".repeat(116));
        assert_eq!(read(&long), Err(PartyError::TooLong { limit: 125, found: 126 }));
    }

    #[test]
    fn other_schemes_are_those_of_the_list() {
        assert_eq!(read("0208:0403019261").unwrap().scheme(), "0208");
        let mail = ElectronicAddress::of_email("compta@forge.example").unwrap();
        assert_eq!(mail.to_string(), "EM:compta@forge.example");
        for text in ["", "732829320", "FR:1", "225:732829320"] {
            assert!(matches!(read(text), Err(PartyError::NotOneOf { .. })), "{text}");
        }
    }

    #[test]
    fn a_company_has_its_own_address() {
        let siren = |text: &str| text.parse::<Siren>().unwrap();
        let address = ElectronicAddress::of_siren(siren("732829320"));
        assert_eq!(address.check_siren(siren("732829320")), Ok(()));
        let other = address.check_siren(siren("404833048"));
        assert!(matches!(other, Err(PartyError::OtherSiren { .. })), "{other:?}");
        let mail = ElectronicAddress::of_email("a@b.example").unwrap();
        let outside = mail.check_siren(siren("732829320"));
        assert_eq!(outside, Err(PartyError::NotOneOf { allowed: &["0225"] }));
    }
}
