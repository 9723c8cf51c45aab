//! Which documents a line names.

use super::{
    NumberForm,
    books::{Books, Item},
    number::Text,
};
use crate::statement::StatementLine;

/// More digits than any number ends with.
const MAX_DIGITS: usize = 18;

/// The documents that a line names, oldest first.
pub(super) struct Named<'b, 'i> {
    pub(super) items: Vec<(&'b Item<'i>, NumberForm)>,
    /// Whether two of them were read from the same characters.
    pub(super) overlap: bool,
}

/// Looks for the numbers of documents in all that the payer could write.
pub(super) fn named<'b, 'i>(books: &'b Books<'i>, line: &StatementLine) -> Named<'b, 'i> {
    let optional = [&line.structured_reference, &line.end_to_end];
    let parts = optional.into_iter().flatten().map(String::as_str);
    let text = Text::of([line.remittance.as_str()].into_iter().chain(parts));
    let mut found = Vec::new();
    for item in candidates(books, &text) {
        found.extend(item.pattern.find(&text).map(|(range, form)| (item, range, form)));
    }
    // A number without its letters counts only where none has them: it may be a part of one.
    if found.iter().any(|(.., form)| *form != NumberForm::LettersLost) {
        found.retain(|(.., form)| *form != NumberForm::LettersLost);
    }
    found.sort_by_key(|(item, ..)| (item.facts.due_on, &item.facts.document));
    let mut ranges: Vec<_> = found.iter().map(|(_, range, _)| range.clone()).collect();
    ranges.sort_by_key(|range| range.start);
    let overlap = ranges.iter().zip(ranges.iter().skip(1)).any(|(one, next)| next.start < one.end);
    Named { items: found.into_iter().map(|(item, _, form)| (item, form)).collect(), overlap }
}

/// The documents whose last digits stand in the text: no others can be named in it.
fn candidates<'b, 'i>(books: &'b Books<'i>, text: &Text) -> Vec<&'b Item<'i>> {
    let digits = text.digits();
    let mut found: Vec<&Item<'_>> = Vec::new();
    for run in digits.split(' ') {
        for start in 0..run.len() {
            let behind = run.get(start..).unwrap_or_default();
            // Numbers are kept without the zeros before them.
            if behind.starts_with('0') {
                continue;
            }
            for length in 1..=behind.len().min(MAX_DIGITS) {
                found.extend(books.ending_with(behind.get(..length).unwrap_or_default()));
            }
        }
    }
    found.sort_by_key(|item| &item.facts.document);
    found.dedup_by_key(|item| &item.facts.document);
    found
}
