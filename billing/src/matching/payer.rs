//! Who paid.

use std::collections::{BTreeMap, BTreeSet};

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::{Payer, Reason};
use crate::statement::{Iban, StatementLine};

/// Words that say what a company is, not which one.
const LEGAL_FORMS: [&str; 31] = [
    "SA",
    "SAS",
    "SASU",
    "SARL",
    "EURL",
    "SNC",
    "SCI",
    "SCA",
    "SCOP",
    "SCIC",
    "SE",
    "GIE",
    "SCS",
    "ASSOCIATION",
    "ASSO",
    "STE",
    "SOCIETE",
    "ETS",
    "ETABLISSEMENTS",
    "CIE",
    "ET",
    "GMBH",
    "AG",
    "LTD",
    "LLC",
    "INC",
    "BV",
    "NV",
    "SPA",
    "SRL",
    "SL",
];

/// Members by what the bank says of them.
pub(super) struct Payers<'p> {
    by_iban: BTreeMap<&'p Iban, BTreeSet<&'p str>>,
    by_name: BTreeMap<Vec<String>, BTreeSet<&'p str>>,
}

/// The members a line may come from, and what says so.
pub(super) struct Evidence<'p> {
    pub(super) members: BTreeSet<&'p str>,
    pub(super) reason: Reason,
}

impl<'p> Payers<'p> {
    pub(super) fn new(payers: &'p [Payer]) -> Self {
        let mut known = Self { by_iban: BTreeMap::new(), by_name: BTreeMap::new() };
        for Payer { member, names, ibans } in payers {
            for iban in ibans {
                known.by_iban.entry(iban).or_default().insert(member);
            }
            for name in names.iter().map(|name| distinctive(name)).filter(|it| !it.is_empty()) {
                known.by_name.entry(name).or_default().insert(member);
            }
        }
        known
    }

    /// Everything that says whose line it is, the surest first.
    pub(super) fn of(&self, line: &StatementLine) -> Vec<Evidence<'p>> {
        let mut found = Vec::new();
        let mut note = |members: BTreeSet<&'p str>, reason| {
            if !members.is_empty() {
                found.push(Evidence { members, reason });
            }
        };
        let iban = line.counterparty_iban.as_ref().and_then(|iban| self.by_iban.get(iban));
        note(iban.cloned().unwrap_or_default(), Reason::Iban);
        // Whoever pays for another says for whom.
        let mut named = [&line.on_behalf_of, &line.counterparty].into_iter().flatten();
        let named = named.find_map(|name| self.by_name.get(&distinctive(name)));
        note(named.cloned().unwrap_or_default(), Reason::Name);
        if found.is_empty() {
            found.extend(self.in_text(&line.remittance));
        }
        found
    }

    /// Members all of whose name stands in a text.
    fn in_text(&self, text: &str) -> Option<Evidence<'p>> {
        let words: BTreeSet<_> = words(text).into_iter().collect();
        let stands = |name: &&Vec<String>| name.iter().all(|word| words.contains(word));
        let names = self.by_name.iter().filter(|(name, _)| stands(name));
        let members: BTreeSet<_> = names.flat_map(|(_, members)| members.iter().copied()).collect();
        let reason = Reason::NameInText;
        if members.is_empty() { None } else { Some(Evidence { members, reason }) }
    }
}

/// The words of a name that tell it from others, in one order: without accents, capitals and legal
/// forms. A name that is nothing but legal forms keeps them.
fn distinctive(name: &str) -> Vec<String> {
    let all = words(name);
    let (forms, mut own): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|word| LEGAL_FORMS.contains(&word.as_str()));
    if own.is_empty() {
        own = forms;
    }
    own.sort();
    own.dedup();
    own
}

/// The words of a text in capitals without accents; single letters in a row are one word (`S.A.S.`).
fn words(text: &str) -> Vec<String> {
    let plain: String =
        text.nfkd().flat_map(char::to_uppercase).filter(|it| !is_combining_mark(*it)).collect();
    // Ligatures that are letters of their own to Unicode, and two to banks.
    let plain = plain.replace('Œ', "OE").replace('Æ', "AE");
    let mut words: Vec<String> = Vec::new();
    let mut initials = false;
    for word in plain.split(|it: char| !it.is_alphanumeric()).filter(|it| !it.is_empty()) {
        let single = word.chars().count() == 1;
        match words.last_mut().filter(|_| single && initials) {
            Some(last) => last.push_str(word),
            None => words.push(word.to_owned()),
        }
        initials = single;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_same_however_they_are_written() {
        let expected = distinctive("Mécanique Générale du Forez");
        for same in [
            "MECANIQUE GENERALE DU FOREZ SAS",
            "S.A.S. Mécanique générale du Forez",
            "Ste Me\u{301}canique Ge\u{301}nérale du Forez",
            "SARL GENERALE MECANIQUE DU FOREZ",
        ] {
            assert_eq!(distinctive(same), expected, "{same}");
        }
        assert_ne!(distinctive("Mécanique du Forez"), expected);
        assert_eq!(distinctive("S.A.S."), ["SAS"]);
        assert_eq!(distinctive("Œuvre & Cie"), ["OEUVRE"]);
        assert!(distinctive(" - ").is_empty());
    }
}
