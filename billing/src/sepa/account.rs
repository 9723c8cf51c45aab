//! Accounts that the area reaches, and who holds them.

use super::text::{latin, limited};
use super::{Bic, SepaError, SepaFaults, fault::Notes};
use crate::Address;
use crate::statement::Iban;

/// A country of the area: its letters in IBANs, how long these are, and whether it belongs to the
/// European Economic Area.
#[derive(Clone, Copy, Debug)]
pub(super) struct SepaCountry {
    code: &'static str,
    iban_length: usize,
    in_eea: bool,
}

const fn eea(code: &'static str, iban_length: usize) -> SepaCountry {
    SepaCountry { code, iban_length, in_eea: true }
}

const fn beyond(code: &'static str, iban_length: usize) -> SepaCountry {
    SepaCountry { code, iban_length, in_eea: false }
}

/// The countries of the schemes (EPC409-09), with the lengths of the IBAN registry (ISO 13616).
///
/// Overseas France and Saint-Martin have French IBANs, Jersey, Guernsey and Man British ones. So have
/// New Caledonia, Polynesia and Wallis-et-Futuna French ones, which are not of the area: their banks
/// refuse.
const COUNTRIES: [SepaCountry; 42] = [
    eea("AT", 20),
    eea("BE", 16),
    eea("BG", 22),
    eea("CY", 28),
    eea("CZ", 24),
    eea("DE", 22),
    eea("DK", 18),
    eea("EE", 20),
    eea("ES", 24),
    eea("FI", 18),
    eea("FR", 27),
    eea("GR", 27),
    eea("HR", 21),
    eea("HU", 28),
    eea("IE", 22),
    eea("IS", 26),
    eea("IT", 27),
    eea("LI", 21),
    eea("LT", 20),
    eea("LU", 20),
    eea("LV", 21),
    eea("MT", 31),
    eea("NL", 18),
    eea("NO", 15),
    eea("PL", 28),
    eea("PT", 25),
    eea("RO", 24),
    eea("SE", 24),
    eea("SI", 19),
    eea("SK", 24),
    beyond("AD", 24),
    beyond("AL", 28),
    beyond("CH", 21),
    beyond("GB", 22),
    beyond("GI", 23),
    beyond("MC", 27),
    beyond("MD", 24),
    beyond("ME", 22),
    beyond("MK", 19),
    beyond("RS", 22),
    beyond("SM", 27),
    beyond("VA", 22),
];

/// The country of those letters, if the area reaches it.
pub(super) fn country(code: &str) -> Option<SepaCountry> {
    COUNTRIES.into_iter().find(|it| it.code == code)
}

/// Who holds an account in the area: whoever collects, pays or is paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountHolder {
    name: String,
    iban: Iban,
    bic: Option<Bic>,
    address: Option<PostalLines>,
}

/// An address as messages have room for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PostalLines {
    pub(super) street: String,
    pub(super) postcode: Option<String>,
    pub(super) town: String,
    pub(super) country: &'static str,
}

/// How many characters a line of an address may have.
const MAX_LINE: usize = 70;
/// How many a town may have.
const MAX_TOWN: usize = 35;

impl AccountHolder {
    /// How many characters of a name messages have room for (EPC130-08, AT-14).
    pub const MAX_NAME: usize = 70;

    /// The holder of an account by its name, its IBAN, and where the account lies outside the European
    /// Economic Area (Switzerland, Monaco, the United Kingdom…) its bank and its address, which banks
    /// there must be told; elsewhere the IBAN says all, and no address is written.
    ///
    /// A longer name is cut behind its last word that fits: nobody's account depends on it.
    ///
    /// # Errors
    /// All that is wrong, by `/name`, `/iban`, `/bic` and `/address`.
    pub fn new(
        name: &str,
        iban: &str,
        bic: Option<&str>,
        address: Option<&Address>,
    ) -> Result<Self, SepaFaults> {
        let mut notes = Notes::default();
        let name = notes.keep("/name", written_name(name));
        let iban = notes.keep("/iban", reached(iban));
        let bic = bic.map(str::parse::<Bic>).transpose();
        let bic = notes.keep("/bic", bic).flatten();
        let far = iban.as_ref().map(|(_, country)| *country).filter(|it| !it.in_eea);
        let mut lines = None;
        if let Some(SepaCountry { code: country, .. }) = far {
            if bic.is_none() && notes.is_free("/bic") {
                notes.note("/bic", SepaError::BicNeeded { country });
            }
            let needed = SepaError::AddressNeeded { country };
            let address = notes.keep("/address", address.ok_or(needed));
            lines = address.and_then(|it| postal(it, &mut notes));
        }
        let read = name.zip(iban);
        notes.finish(read.map(|(name, (iban, _))| Self { name, iban, bic, address: lines }))
    }

    /// Its name, in the characters that banks take.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its account.
    pub const fn iban(&self) -> &Iban {
        &self.iban
    }

    /// Its bank, if it was given.
    pub const fn bic(&self) -> Option<&Bic> {
        self.bic.as_ref()
    }

    /// Its address, where banks must be told.
    pub(super) const fn address(&self) -> Option<&PostalLines> {
        self.address.as_ref()
    }
}

/// An account that the area reaches, and in which country.
fn reached(text: &str) -> Result<(Iban, SepaCountry), SepaError> {
    let iban: Iban = text.parse().map_err(|_| SepaError::Iban)?;
    let (code, _) = iban.as_str().split_at_checked(2).unwrap_or_default();
    let known = country(code).ok_or_else(|| SepaError::NotReached { country: code.to_owned() })?;
    let found = iban.as_str().len();
    if found != known.iban_length {
        let expected = known.iban_length;
        return Err(SepaError::IbanLength { country: known.code, expected, found });
    }
    Ok((iban, known))
}

/// As much of a name as there is room for, to the last whole word.
pub(super) fn written_name(name: &str) -> Result<String, SepaError> {
    let name = latin(name)?;
    let cut = name.split_at_checked(AccountHolder::MAX_NAME).filter(|(_, tail)| !tail.is_empty());
    let Some((head, tail)) = cut else { return Ok(name) };
    let words = if tail.starts_with(' ') { None } else { head.rsplit_once(' ') };
    Ok(words.map_or(head, |(words, _)| words).trim_end().to_owned())
}

fn postal(address: &Address, notes: &mut Notes) -> Option<PostalLines> {
    let street = notes.keep("/address/lines", limited(&address.lines().join(", "), MAX_LINE));
    let town = notes.keep("/address/city", limited(address.city(), MAX_TOWN));
    let postcode = address.postcode().map(|it| limited(it, Address::MAX_POSTCODE)).transpose();
    let postcode = notes.keep("/address/postcode", postcode);
    let country = address.country().as_str();
    Some(PostalLines { street: street?, postcode: postcode?, town: town?, country })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRENCH: &str = "FR1420041010050500013M02606";
    const SWISS: &str = "CH9300762011623852957";

    fn wrong(held: Result<AccountHolder, SepaFaults>) -> Vec<(String, &'static str)> {
        let faults = held.unwrap_err().0;
        faults.into_iter().map(|it| (it.pointer, it.kind.code())).collect()
    }

    fn named(found: &[(&str, &'static str)]) -> Vec<(String, &'static str)> {
        found.iter().map(|(pointer, code)| ((*pointer).to_owned(), *code)).collect()
    }

    #[test]
    fn an_account_in_the_area_needs_no_more_than_its_iban() {
        let held = AccountHolder::new("Fonderie de l’Ouest", FRENCH, None, None).unwrap();
        assert_eq!((held.name(), held.iban().as_str()), ("Fonderie de l'Ouest", FRENCH));
        assert_eq!((held.bic(), held.address()), (None, None));
    }

    #[test]
    fn all_that_is_wrong_is_said_at_once() {
        let found = AccountHolder::new("Кузница", "FR15", Some("NOT"), None);
        let all = [("/name", "character"), ("/iban", "iban"), ("/bic", "bic")];
        assert_eq!(wrong(found), named(&all));
        let swiss = AccountHolder::new("Forge", SWISS, None, None);
        let needed = [("/bic", "bic_needed"), ("/address", "address_needed")];
        assert_eq!(wrong(swiss), named(&needed));
        // Not asked for again where one was given that is none.
        let swiss = AccountHolder::new("Forge", SWISS, Some("NOT"), None);
        assert_eq!(wrong(swiss), named(&[("/bic", "bic"), ("/address", "address_needed")]));
        let turkish = AccountHolder::new("Forge", "TR330006100519786457841326", None, None);
        assert_eq!(wrong(turkish), named(&[("/iban", "not_reached")]));
        // Its check digits hold, and no French account is as short.
        let short = AccountHolder::new("Forge", "FR4730006000011234", None, None);
        assert_eq!(wrong(short), named(&[("/iban", "iban_length")]));
    }

    #[test]
    fn an_address_is_written_where_banks_must_be_told() {
        let lines = ["Rue du Rhône 12"];
        let address = Address::new(lines, Some("1204"), "Genève", "CH".parse().unwrap()).unwrap();
        let held = AccountHolder::new("Forge", SWISS, Some("UBSWCHZH80A"), Some(&address)).unwrap();
        let written = held.address().unwrap();
        assert_eq!((written.street.as_str(), written.town.as_str()), ("Rue du Rhone 12", "Geneve"));
        let long = ["x".repeat(71)];
        let lines = long.iter().map(String::as_str);
        let address = Address::new(lines, None, &"y".repeat(36), "CH".parse().unwrap()).unwrap();
        let held = AccountHolder::new("Forge", SWISS, Some("UBSWCHZH80A"), Some(&address));
        let faults = [("/address/lines", "too_long"), ("/address/city", "too_long")];
        assert_eq!(wrong(held), named(&faults));
    }

    #[test]
    fn a_long_name_ends_with_a_whole_word() {
        let name =
            |text: &str| AccountHolder::new(text, FRENCH, None, None).unwrap().name().to_owned();
        let full = format!("{} b", "a".repeat(68));
        assert_eq!(name(&full), full);
        assert_eq!(name(&format!("{full} c")), full);
        assert_eq!(name(&format!("{full}c")), "a".repeat(68));
        assert_eq!(name(&"a".repeat(71)), "a".repeat(70));
    }
}
