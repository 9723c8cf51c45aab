//! The characters that all banks of the area write.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

use super::SepaError;
use crate::text::one_line;

/// How many characters a reference may have: of a message, of a mandate, from end to end.
pub(super) const MAX_IDENTIFIER: usize = 35;

/// Whether a character is one of those that every bank must take (EPC130-08 and EPC132-08, character set).
const fn is_permitted(found: char) -> bool {
    found.is_ascii_alphanumeric()
        || matches!(found, '/' | '-' | '?' | ':' | '(' | ')' | '.' | ',' | '\'' | '+' | ' ')
}

/// Writes a text with those characters alone, on one line.
///
/// Letters lose their accents and ligatures come apart; other signs become what stands nearest to them,
/// as in the table that the EPC recommends (EPC217-08). Letters of other alphabets cannot be written:
/// which Latin ones are meant is for whoever knows the name to say.
///
/// ```
/// # use palier_billing::sepa::latin;
/// assert_eq!(latin("Œuvres d’Ém\u{ef}le & Cie — n° 3")?, "OEuvres d'Emile + Cie - no 3");
/// assert!(latin("Ελλάς").is_err());
/// # Ok::<_, palier_billing::sepa::SepaError>(())
/// ```
///
/// # Errors
/// [`SepaError::Character`], the first that cannot be written; [`SepaError::Empty`] if nothing is left.
pub fn latin(text: &str) -> Result<String, SepaError> {
    let mut written = String::with_capacity(text.len());
    for (index, found) in text.chars().enumerate() {
        let position = index.saturating_add(1);
        write(found, &mut written).ok_or(SepaError::Character { found, position })?;
    }
    let written = one_line(&written);
    if written.is_empty() { Err(SepaError::Empty) } else { Ok(written) }
}

/// Writes one character, which may be several letters.
fn write(found: char, written: &mut String) -> Option<()> {
    if let Some(known) = replaced(found) {
        written.push_str(known);
        return Some(());
    }
    for part in std::iter::once(found).nfkd() {
        match part {
            part if is_permitted(part) => written.push(part),
            part if part.is_whitespace() || part.is_control() => written.push(' '),
            part if is_combining_mark(part) => {}
            part => written.push_str(replaced(part)?),
        }
    }
    Some(())
}

/// What stands for characters that do not come apart into permitted ones.
const fn replaced(found: char) -> Option<&'static str> {
    let known = match found {
        'œ' => "oe",
        'Œ' => "OE",
        'æ' => "ae",
        'Æ' => "AE",
        'ß' => "ss",
        'ẞ' => "SS",
        'ø' | '°' => "o",
        'Ø' => "O",
        'ł' => "l",
        'Ł' => "L",
        'đ' | 'ð' => "d",
        'Đ' | 'Ð' => "D",
        'ħ' => "h",
        'Ħ' => "H",
        'ŧ' => "t",
        'Ŧ' => "T",
        'ŋ' => "n",
        'Ŋ' => "N",
        'þ' => "th",
        'Þ' => "TH",
        'ı' => "i",
        '€' => "EUR",
        '&' => "+",
        ';' => ",",
        '_' | '~' | '\u{2010}'..='\u{2015}' | '\u{2212}' => "-",
        '"' | '`' | '´' | '«' | '»' | '\u{2018}'..='\u{201f}' | '′' | '″' | '‹' | '›' | 'ʼ' => {
            "'"
        }
        '[' | '{' => "(",
        ']' | '}' => ")",
        '\\' | '|' | '\u{2044}' | '÷' => "/",
        '×' => "x",
        '!' | '#' | '$' | '%' | '*' | '<' | '=' | '>' | '@' | '^' | '·' | '•' => ".",
        '\u{200b}'..='\u{200d}' | '\u{feff}' | '\u{ad}' => "",
        _ => return None,
    };
    Some(known)
}

/// A text of at most so many characters, as [`latin`] writes it.
pub(super) fn limited(text: &str, limit: usize) -> Result<String, SepaError> {
    let written = latin(text)?;
    // Permitted characters have one byte each.
    let found = written.len();
    if found > limit { Err(SepaError::TooLong { limit, found }) } else { Ok(written) }
}

/// Checks a reference: permitted characters without spaces, and slashes only one at a time and inside
/// (EPC130-08). It is never rewritten, since whoever quotes it must quote the same.
pub(super) fn check_identifier(text: &str, limit: usize) -> Result<(), SepaError> {
    if text.is_empty() {
        return Err(SepaError::Empty);
    }
    let odd = text.chars().enumerate().find(|(_, it)| *it == ' ' || !is_permitted(*it));
    if let Some((index, found)) = odd {
        return Err(SepaError::Character { found, position: index.saturating_add(1) });
    }
    if text.len() > limit {
        return Err(SepaError::TooLong { limit, found: text.len() });
    }
    if text.starts_with('/') || text.ends_with('/') || text.contains("//") {
        return Err(SepaError::Slash);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn french_is_written_with_what_every_bank_takes() {
        for (text, written) in [
            ("Société Générale d'Électronique", "Societe Generale d'Electronique"),
            ("L’ATELIER\u{a0}«\u{202f}ÇA TOURNE\u{202f}»", "L'ATELIER ' CA TOURNE '"),
            ("Fonderie\tdu\r\nNord", "Fonderie du Nord"),
            ("e\u{301}te\u{301}", "ete"),
            ("10 % de 1 200 €", "10 . de 1 200 EUR"),
            ("œuvre – Straße, ½ & ﬁn…", "oeuvre - Strasse, 1/2 + fin..."),
            ("[lot_3] a|b\\c", "(lot-3) a/b/c"),
            ("Łódź, Ærø, Şişli", "Lodz, AEro, Sisli"),
        ] {
            assert_eq!(latin(text).as_deref(), Ok(written));
            assert!(written.chars().all(is_permitted));
        }
    }

    #[test]
    fn what_has_no_letters_here_is_said() {
        let odd = |found, position| Err(SepaError::Character { found, position });
        assert_eq!(latin("Кузница"), odd('К', 1));
        assert_eq!(latin("Forge ✂"), odd('✂', 7));
        for nothing in ["", " \t", "\u{301}", "\u{200b}"] {
            assert_eq!(latin(nothing), Err(SepaError::Empty));
        }
    }

    #[test]
    fn references_are_taken_as_they_are_or_not_at_all() {
        for right in ["FA-2026-000123", "a", "RUM/2026/1", "+(x):?.,'"] {
            assert_eq!(check_identifier(right, 35), Ok(()));
        }
        let odd = |found, position| Err(SepaError::Character { found, position });
        assert_eq!(check_identifier("é", 35), odd('é', 1));
        assert_eq!(check_identifier("A B", 35), odd(' ', 2));
        assert_eq!(check_identifier("A&B", 35), odd('&', 2));
        for slashes in ["/A", "A/", "A//B", "/"] {
            assert_eq!(check_identifier(slashes, 35), Err(SepaError::Slash));
        }
        let long = "A".repeat(36);
        let too_long = Err(SepaError::TooLong { limit: 35, found: 36 });
        assert_eq!(check_identifier(&long, 35), too_long);
        assert_eq!(check_identifier("", 35), Err(SepaError::Empty));
    }
}
