//! From bytes to text.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, WINDOWS_1252};

/// Bytes that are not what the file says of its encoding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NotText {
    /// Name of the encoding.
    pub(crate) name: String,
}

/// How far into a file its XML declaration reaches at most.
const DECLARATION: usize = 200;

/// Text of an XML file: in the encoding of its byte order mark, else of its declaration, else in
/// UTF-8 (XML 1.0, appendix F).
pub(crate) fn of_xml(bytes: &[u8]) -> Result<Cow<'_, str>, NotText> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return decoded(encoding, bytes.get(mark..).unwrap_or_default());
    }
    let head = String::from_utf8_lossy(bytes.get(..DECLARATION).unwrap_or(bytes));
    let Some(label) = declared(&head) else { return decoded(UTF_8, bytes) };
    let unknown = || NotText { name: label.to_owned() };
    decoded(Encoding::for_label(label.as_bytes()).ok_or_else(unknown)?, bytes)
}

/// What the XML declaration names as its encoding.
fn declared(head: &str) -> Option<&str> {
    let (declaration, _) = head.strip_prefix("<?xml")?.split_once("?>")?;
    let (_, value) = declaration.split_once("encoding")?;
    let value = value.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|it| matches!(it, '"' | '\''))?;
    value.split(quote).nth(1)
}

/// Text of a CSV file: in Unicode if it says so or can be nothing else, otherwise in the code page
/// of Excel in western Europe.
pub(crate) fn of_csv(bytes: &[u8]) -> Result<Cow<'_, str>, NotText> {
    if let Some((encoding, mark)) = Encoding::for_bom(bytes) {
        return decoded(encoding, bytes.get(mark..).unwrap_or_default());
    }
    str::from_utf8(bytes).map_or_else(|_| decoded(WINDOWS_1252, bytes), |it| Ok(Cow::Borrowed(it)))
}

fn decoded<'b>(encoding: &'static Encoding, bytes: &'b [u8]) -> Result<Cow<'b, str>, NotText> {
    let text = encoding.decode_without_bom_handling_and_without_replacement(bytes);
    text.ok_or_else(|| NotText { name: encoding.name().to_owned() })
}

/// Makes one line of a text, with one space between words and none around them.
pub(crate) fn one_line(text: &str) -> String {
    let separates = |found: char| found.is_whitespace() || found.is_control();
    let words: Vec<_> = text.split(separates).filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

/// Counts the lines of a text, from its beginning to its end.
#[derive(Debug)]
pub(crate) struct Lines<'t> {
    text: &'t str,
    at: usize,
    line: u64,
}

impl<'t> Lines<'t> {
    pub(crate) const fn of(text: &'t str) -> Self {
        Self { text, at: 0, line: 1 }
    }

    /// The line, from 1, on which a byte stands that is not before the last one asked for.
    pub(crate) fn at(&mut self, byte: usize) -> u64 {
        let passed = self.text.get(self.at..byte).unwrap_or_default().matches('\n').count();
        self.at = self.at.max(byte);
        self.line = self.line.saturating_add(u64::try_from(passed).unwrap_or(u64::MAX));
        self.line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xml_is_read_in_the_encoding_it_declares() {
        let read = |bytes: &[u8]| of_xml(bytes).map(Cow::into_owned);
        let latin = b"<?xml version='1.0' encoding = 'ISO-8859-15'?><a>\xe9\xa4</a>";
        assert!(read(latin).unwrap().ends_with("<a>é€</a>"));
        assert_eq!(read(b"\xef\xbb\xbf<a/>").unwrap(), "<a/>");
        assert_eq!(read(b"\xff\xfe<\0a\0/\0>\0").unwrap(), "<a/>");
        let name = |name: &str| NotText { name: name.to_owned() };
        assert_eq!(read(b"<a>\xe9</a>"), Err(name("UTF-8")));
        assert_eq!(read(b"<?xml encoding=\"EBCDIC\"?><a/>"), Err(name("EBCDIC")));
    }
}
