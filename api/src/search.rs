//! Searching as people do: without accents, case and order.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// A text as the search compares it: lower case, without accents, ligatures taken apart.
pub(crate) fn folded(text: &str) -> String {
    let bare = text.nfkd().filter(|found| !is_combining_mark(*found));
    let lower = bare.flat_map(char::to_lowercase);
    lower.collect::<String>().replace('œ', "oe").replace('æ', "ae").replace('ß', "ss")
}

/// What was typed into a search, word by word.
pub(crate) fn words(text: &str) -> Vec<String> {
    folded(text).split_whitespace().map(str::to_owned).collect()
}

/// The pattern of LIKE that finds a word anywhere; `\` escapes.
pub(crate) fn containing(word: &str) -> String {
    let escaped = word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{escaped}%")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_case_and_ligatures_do_not_count() {
        assert_eq!(folded("Cœur d’Étincelle"), "coeur d’etincelle");
        assert_eq!(words("  Forge\tÉLAN "), ["forge", "elan"]);
        assert_eq!(containing("50%_\\"), "%50\\%\\_\\\\%");
    }
}
