//! What makes a password too weak to accept, after NIST SP 800-63B, section 3.1.1: its length and
//! how likely it is to be guessed, and never which kinds of characters it mixes.

use std::{collections::HashSet, sync::LazyLock};

use unicode_normalization::UnicodeNormalization as _;

use crate::{say, search::folded, text::Text};

/// Fewest characters of a password.
const SHORTEST: usize = 12;
/// Most characters of a password: room for any sentence, and no work for whoever sends megabytes.
const LONGEST: usize = 128;
/// A name of fewer letters than this is in too many honest passwords by chance.
const SHORTEST_NAME: usize = 4;
/// Fewest different characters of a password.
const FEWEST_DIFFERENT: usize = 5;

/// The most common passwords, one a line: small letters and digits only, without the digits at
/// their ends. Drawn from the list of leaked passwords that Django ships (Royce Williams, from Have
/// I Been Pwned), and French ones added.
static COMMON: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("common.txt").lines().collect());

/// What lies next to each other on a keyboard or in the alphabet.
const RUNS: [&str; 6] = [
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "qwertyuiopasdfghjklzxcvbnm",
    "azertyuiopqsdfghjklmwxcvbn",
    "qwertzuiopasdfghjklyxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
];

/// Why a password is too weak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weakness {
    /// Fewer characters than it needs.
    TooShort,
    /// More characters than are taken.
    TooLong,
    /// Among the first that anybody would try, whatever digits it ends in.
    Common,
    /// A few characters over and over, or neighbours on the keyboard.
    Repetitive,
    /// It holds the name before the `@` of its owner's address.
    HoldsEmail,
    /// It holds the pole's name.
    HoldsPole,
}

impl Weakness {
    /// What programs call it.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::TooShort => "password_too_short",
            Self::TooLong => "password_too_long",
            Self::Common => "password_common",
            Self::Repetitive => "password_repetitive",
            Self::HoldsEmail => "password_holds_email",
            Self::HoldsPole => "password_holds_pole",
        }
    }

    /// What people read.
    pub(crate) fn text(self) -> Text {
        match self {
            Self::TooShort => say!(
                en "A password needs at least {SHORTEST} characters; a few unrelated words are easy to keep in mind.",
                fr "Un mot de passe compte au moins {SHORTEST} caractères ; quelques mots sans rapport se retiennent bien.",
            ),
            Self::TooLong => say!(
                en "A password has at most {LONGEST} characters.",
                fr "Un mot de passe compte au plus {LONGEST} caractères.",
            ),
            Self::Common => say!(
                en "This is one of the first passwords anybody would try; choose another.",
                fr "C'est l'un des premiers mots de passe que l'on essaierait ; choisissez-en un autre.",
            ),
            Self::Repetitive => say!(
                en "Characters that repeat or follow each other are easily guessed; choose another password.",
                fr "Des caractères répétés ou qui se suivent se devinent vite ; choisissez un autre mot de passe.",
            ),
            Self::HoldsEmail => say!(
                en "A password must not contain the name in your e-mail address.",
                fr "Un mot de passe ne doit pas contenir le nom de votre adresse électronique.",
            ),
            Self::HoldsPole => say!(
                en "A password must not contain the name of the pole.",
                fr "Un mot de passe ne doit pas contenir le nom du pôle.",
            ),
        }
    }
}

/// All that is weak about a password which a user of this e-mail address at a pole of this name
/// would have.
pub(crate) fn weaknesses(password: &str, email: &str, pole: &str) -> Vec<Weakness> {
    let length = password.nfkc().count();
    if length > LONGEST {
        return vec![Weakness::TooLong];
    }
    let plain = folded(password);
    let holds = |name: &str| {
        let name = squeezed(&folded(name));
        name.chars().count() >= SHORTEST_NAME && squeezed(&plain).contains(&name)
    };
    let local_part = email.rsplit_once('@').map_or(email, |(name, _)| name);
    let found = [
        (length < SHORTEST, Weakness::TooShort),
        (is_common(&plain), Weakness::Common),
        (is_repetitive(&plain), Weakness::Repetitive),
        (holds(local_part), Weakness::HoldsEmail),
        (holds(pole), Weakness::HoldsPole),
    ];
    found.into_iter().filter_map(|(is_so, weakness)| is_so.then_some(weakness)).collect()
}

/// The whole, what is left without digits and signs at its ends, and that once more with the signs
/// that stand for letters read as letters.
fn is_common(plain: &str) -> bool {
    let core = plain.trim_matches(|c: char| !c.is_alphabetic());
    let spelled: String = core.chars().map(meant).collect();
    [plain, core, &spelled].into_iter().any(|form| {
        let form = squeezed(form);
        COMMON.contains(form.as_str()) || COMMON.contains(block(&form))
    })
}

fn is_repetitive(plain: &str) -> bool {
    let different: HashSet<char> = plain.chars().collect();
    let squeezed = squeezed(plain);
    let unit = block(&squeezed);
    let backwards: String = unit.chars().rev().collect();
    let is_run = |form: &str| RUNS.iter().any(|run| run.contains(form));
    different.len() < FEWEST_DIFFERENT || (!unit.is_empty() && (is_run(unit) || is_run(&backwards)))
}

/// The shortest beginning that, written again and again, gives the whole.
fn block(text: &str) -> &str {
    let longest = text.len().checked_div(2).unwrap_or_default();
    (1..=longest)
        .filter_map(|length| text.split_at_checked(length))
        .find(|(start, rest)| rest.replace(start, "").is_empty())
        .map_or(text, |(start, _)| start)
}

/// Without what separates words.
fn squeezed(plain: &str) -> String {
    plain.chars().filter(|c| c.is_alphanumeric()).collect()
}

/// The letter that a sign is written for.
fn meant(sign: char) -> char {
    match sign {
        '@' | '4' => 'a',
        '3' | '€' => 'e',
        '1' | '!' => 'i',
        '0' => 'o',
        '5' | '$' => 's',
        '7' => 't',
        letter => letter,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(password: &str) -> Vec<Weakness> {
        weaknesses(password, "jeanne.martin@forge.example", "Pôle Hydrogène")
    }

    #[test]
    fn good_passwords_pass() {
        for good in [
            "four calm grey herons",
            "hérons gris et calmes",
            "Zk7-rQ2p-Vm9x",
            "+%*=:/?;.,-_",
            "日本語の長い合言葉は強いです",
            "jean aime les poires",
        ] {
            assert_eq!(found(good), [], "{good}");
        }
    }

    #[test]
    fn length_counts_characters_and_not_bytes() {
        assert_eq!(found("zkrqpvmxblt"), [Weakness::TooShort]);
        assert_eq!(found("zkrqpvmxbltw"), []);
        assert_eq!(found("éàùçêôîûëïü"), [Weakness::TooShort]);
        assert_eq!(found("e\u{301}àùçêôîûëïü"), [Weakness::TooShort]);
        let long = |words| found(&"heron grey calm four ".repeat(words));
        assert_eq!(long(6), []);
        assert_eq!(long(7), [Weakness::TooLong]);
    }

    #[test]
    fn common_passwords_are_known_in_disguise() {
        for common in [
            "password1234",
            "PassWord2024!!!",
            "p@ssw0rd-2024",
            "motdepasse12",
            "Mot de passe 2026 !",
            "MOTDEPASSEMOTDEPASSE",
            "administrateur",
            "1qaz2wsx3edc",
            "2024Doudoune!",
            "Bienvenue2026",
            "Sébastien1984",
        ] {
            assert!(found(common).contains(&Weakness::Common), "{common}: {:?}", found(common));
        }
    }

    #[test]
    fn repetition_and_runs_are_known() {
        for repetitive in [
            "aaaaaaaaaaaa",
            "ababababababab",
            "123456789012",
            "987654321098",
            "abcdefghijkl",
            "qsdfghjklmwx",
            "azertyazertyazerty",
            "............",
        ] {
            let found = found(repetitive);
            assert!(found.contains(&Weakness::Repetitive), "{repetitive}: {found:?}");
        }
    }

    #[test]
    fn names_that_anybody_knows_are_refused() {
        assert_eq!(found("Jeanne-Martin et ses poires"), [Weakness::HoldsEmail]);
        assert_eq!(found("vive le pole hydrogene ici"), [Weakness::HoldsPole]);
        assert_eq!(weaknesses("joli coin vert", "jo@forge.example", "Pôle"), []);
    }

    #[test]
    fn everything_weak_is_said_at_once() {
        assert_eq!(found("azerty"), [Weakness::TooShort, Weakness::Common, Weakness::Repetitive]);
    }

    #[test]
    fn the_list_is_as_it_is_searched() {
        assert!(COMMON.len() > 4_000, "{}", COMMON.len());
        let odd = COMMON.iter().find(|word| squeezed(&folded(word)) != **word);
        assert_eq!(odd, None);
    }

    #[test]
    fn every_weakness_can_be_said() {
        let text = Weakness::TooShort.text();
        assert!(text.en.contains("12 characters"), "{}", text.en);
        assert!(text.fr.contains("12 caractères"), "{}", text.fr);
        assert_eq!(Weakness::Common.code(), "password_common");
    }
}
