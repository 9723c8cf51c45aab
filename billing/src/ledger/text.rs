//! Text that fits the accounting file.

use super::LedgerError;

/// Makes one line of a text: what separates words (line breaks, tabs, no-break spaces, control
/// characters) becomes one space, and there is none around it.
///
/// # Errors
/// [`LedgerError::Blank`] if nothing is left: the accounting file has no empty texts.
pub(super) fn line(field: &'static str, text: &str) -> Result<String, LedgerError> {
    let separates = |found: char| found.is_whitespace() || found.is_control();
    let words = text.split(separates).filter(|word| !word.is_empty());
    let line = words.collect::<Vec<_>>().join(" ");
    if line.is_empty() { Err(LedgerError::Blank { field }) } else { Ok(line) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_becomes_one_line() {
        let made = line("label", " Café\tdu\r\nport\u{2028}n°\u{a0}1\0\u{85}");
        assert_eq!(made.as_deref(), Ok("Café du port n° 1"));
        assert_eq!(line("label", "\t\u{3000}\r\n"), Err(LedgerError::Blank { field: "label" }));
    }
}
