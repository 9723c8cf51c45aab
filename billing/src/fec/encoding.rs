//! How text becomes bytes.

use unicode_normalization::UnicodeNormalization as _;

use crate::{ledger::LedgerError, party::from_names, read::names};

/// A character encoding that the tax administration takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// The one its rules name, and what old tools read. What it has no character for is written
    /// with those it has: `’` as `'`, `ř` as `r`; and what comes close to none, as `?`.
    #[default]
    Iso8859_15,
    /// Without a mark. Its checker takes it, and nothing is lost.
    Utf8,
}

names!(Encoding {
    "iso-8859-15" => Iso8859_15,
    "utf-8" => Utf8,
});
from_names!(Encoding or LedgerError { Iso8859_15, Utf8 });

impl Encoding {
    /// Appends a text, its accents joined to their letters first.
    pub(super) fn append(self, out: &mut Vec<u8>, text: &str) {
        if text.is_ascii() {
            out.extend_from_slice(text.as_bytes());
            return;
        }
        for found in text.nfc() {
            match self {
                Self::Utf8 => out.extend_from_slice(found.encode_utf8(&mut [0; 4]).as_bytes()),
                Self::Iso8859_15 => append_latin(out, found),
            }
        }
    }
}

fn append_latin(out: &mut Vec<u8>, found: char) {
    if let Some(byte) = latin(found).or_else(|| similar(found)) {
        out.push(byte);
        return;
    }
    // Letters without the marks that make them foreign; ligatures, as the letters in them.
    let before = out.len();
    let parts = std::iter::once(found).nfkd().filter(|part| *part != ' ');
    out.extend(parts.filter_map(|part| latin(part).or_else(|| similar(part))));
    if out.len() == before {
        out.push(b'?');
    }
}

/// A character of ISO 8859-15, which differs from Unicode's first 256 in eight places.
fn latin(found: char) -> Option<u8> {
    match found {
        '€' => Some(0xa4),
        'Š' => Some(0xa6),
        'š' => Some(0xa8),
        'Ž' => Some(0xb4),
        'ž' => Some(0xb8),
        'Œ' => Some(0xbc),
        'œ' => Some(0xbd),
        'Ÿ' => Some(0xbe),
        '¤' | '¦' | '¨' | '´' | '¸' | '¼' | '½' | '¾' => None,
        ' '..='~' | '\u{a0}'..='ÿ' => u8::try_from(u32::from(found)).ok(),
        _ => None,
    }
}

/// What looks the same, where Unicode does not say so.
const fn similar(found: char) -> Option<u8> {
    match found {
        '‘' | '’' | '‚' | '‛' | '′' | '´' => Some(b'\''),
        '“' | '”' | '„' | '″' => Some(b'"'),
        '‐'..='―' | '−' => Some(b'-'),
        '⁄' => Some(b'/'),
        'Ł' => Some(b'L'),
        'ł' => Some(b'l'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn latin_bytes(text: &str) -> Vec<u8> {
        let mut out = Vec::new();
        Encoding::Iso8859_15.append(&mut out, text);
        out
    }

    #[test]
    fn text_is_written_with_the_characters_there_are() {
        for (text, bytes) in [
            ("Été à l'œuvre", &b"\xc9t\xe9 \xe0 l'\xbduvre"[..]),
            ("20 € ¤ ½ ±", b"20 \xa4 ? 1/2 \xb1"),
            // An accent that stands by itself.
            ("e\u{301}te\u{301}", b"\xe9t\xe9"),
            ("L’atelier – «n°\u{a0}1» … №", b"L'atelier - \xabn\xb0\xa01\xbb ... No"),
            ("Dvořák Łódź ﬁn", b"Dvor\xe1k L\xf3dz fin"),
            ("東京 ¨ \u{200b}", b"?? ? ?"),
        ] {
            assert_eq!(latin_bytes(text), bytes, "{text}");
        }
    }

    #[test]
    fn nothing_is_lost_in_unicode() {
        let mut out = Vec::new();
        Encoding::Utf8.append(&mut out, "Dvořa\u{301}k 東京 €");
        assert_eq!(out, "Dvořák 東京 €".as_bytes());
    }

    /// No two characters share a byte, and none is a control character.
    #[test]
    fn each_byte_has_one_character() {
        let all = (0..=0x17e_u32).chain([0x20ac]).filter_map(char::from_u32);
        let mut bytes: Vec<_> = all.filter_map(latin).collect();
        bytes.sort_unstable();
        assert_eq!(bytes, (0x20..=0x7e).chain(0xa0..=0xff).collect::<Vec<_>>());
    }
}
