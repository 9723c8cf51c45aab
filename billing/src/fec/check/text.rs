//! R02: bytes, characters and lines.

use super::finding::{FindingKind, Findings};

/// The lines and their numbers, from 1, whether they end in CR LF, in LF or in CR.
pub(super) fn lines(bytes: &[u8]) -> impl Iterator<Item = (u64, &[u8])> {
    let end = if bytes.contains(&b'\n') { b'\n' } else { b'\r' };
    // What follows the last end is no line.
    let bytes = bytes.strip_suffix(&[end]).unwrap_or(bytes);
    let lines = bytes.split(move |byte| *byte == end);
    (1..).zip(lines.map(|line| line.strip_suffix(b"\r").unwrap_or(line)))
}

/// Finds what is no character, the first one of each line, and gives the bytes without the mark
/// that UTF-8 may begin with.
///
/// What reads as UTF-8 throughout is UTF-8; there is no other way to tell.
pub(super) fn check<'b>(bytes: &'b [u8], findings: &mut Findings) -> &'b [u8] {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = str::from_utf8(bytes).is_ok();
    for (number, line) in lines(bytes) {
        let wrong = match str::from_utf8(line) {
            Ok(line) if text => line.chars().position(|it| it.is_control() && it != '\t'),
            _ => line.iter().position(|byte| matches!(byte, 0..=8 | 10..=31 | 127..=159)),
        };
        if let Some(place) = wrong {
            let position = place.saturating_add(1);
            findings.note(number, None, FindingKind::Character { position });
        }
    }
    bytes
}
