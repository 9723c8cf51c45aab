//! Numbers of documents, as payers write them.

use std::ops::Range;

use super::NumberForm;
use crate::statement::CreditorReference;

/// How many other characters may stand between two of a number.
const MAX_GAP: usize = 2;
/// Fewer digits than these are no number without their letters: they may be anything.
const MIN_BARE_DIGITS: usize = 6;

/// A number, in the forms in which it is looked for.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    /// Runs of letters and runs of digits, in capitals: `FA`, `2026`, `000123`.
    runs: Vec<String>,
    reference: Option<String>,
}

impl Pattern {
    pub(super) fn of(number: &str) -> Self {
        let mut runs: Vec<String> = Vec::new();
        let mut before = ' ';
        for found in number.to_uppercase().chars() {
            let same = found.is_ascii_alphanumeric()
                && found.is_ascii_digit() == before.is_ascii_digit()
                && before.is_ascii_alphanumeric();
            match runs.last_mut().filter(|_| same) {
                Some(run) => run.push(found),
                None if found.is_ascii_alphanumeric() => runs.push(found.to_string()),
                None => {}
            }
            before = found;
        }
        let reference = CreditorReference::of(number).ok().map(|it| it.to_string());
        Self { runs, reference }
    }

    /// The digits it ends with, without zeros before them.
    pub(super) fn last_digits(&self) -> &str {
        let last = self.runs.iter().rfind(|run| run.starts_with(|it: char| it.is_ascii_digit()));
        last.map_or("", |run| run.trim_start_matches('0'))
    }

    /// Where it stands in a text, and in which form; the completest form wins.
    pub(super) fn find(&self, text: &Text) -> Option<(Range<usize>, NumberForm)> {
        let complete = self.runs.concat();
        let reference = self.reference.as_deref().into_iter();
        let whole = reference.chain([complete.as_str()]).find_map(|it| text.spread(it));
        let digits = || self.bare_digits().and_then(|digits| text.bare(&digits));
        whole
            .map(|range| (range, NumberForm::Complete))
            .or_else(|| text.runs(&self.runs).map(|range| (range, NumberForm::ZerosLost)))
            .or_else(|| digits().map(|range| (range, NumberForm::LettersLost)))
    }

    /// What is left without the letters it begins with, if that is enough.
    fn bare_digits(&self) -> Option<String> {
        let (first, others) = self.runs.split_first()?;
        let letters = first.starts_with(|it: char| it.is_ascii_alphabetic());
        let plain = others.iter().all(|run| run.starts_with(|it: char| it.is_ascii_digit()));
        Some(others.concat()).filter(|it| letters && plain && it.len() >= MIN_BARE_DIGITS)
    }
}

/// What a payer wrote, in capitals.
pub(super) struct Text(Vec<char>);

impl Text {
    /// A text of several, too far apart for a number to reach from one into the next.
    pub(super) fn of<'t>(parts: impl IntoIterator<Item = &'t str>) -> Self {
        let parts = parts.into_iter().map(str::to_uppercase).collect::<Vec<_>>();
        Self(parts.join(" - - ").chars().collect())
    }

    /// Its digits, with a space where more stands between two than may stand within a number.
    pub(super) fn digits(&self) -> String {
        let (mut digits, mut gap) = (String::new(), 0_usize);
        for found in &self.0 {
            if found.is_ascii_digit() {
                if gap > MAX_GAP {
                    digits.push(' ');
                }
                digits.push(*found);
                gap = 0;
            } else {
                gap = if found.is_alphanumeric() { usize::MAX } else { gap.saturating_add(1) };
            }
        }
        digits
    }

    fn at(&self, place: usize) -> Option<char> {
        self.0.get(place).copied()
    }

    /// Whether nothing that could belong to it touches a range.
    fn stands_alone(&self, range: &Range<usize>) -> bool {
        let touches = |place: Option<usize>| {
            place.and_then(|it| self.at(it)).is_some_and(char::is_alphanumeric)
        };
        !touches(range.start.checked_sub(1)) && !touches(Some(range.end))
    }

    /// The characters one after another, with up to two others between any of them:
    /// `FA-2026-000 123`.
    fn spread(&self, wanted: &str) -> Option<Range<usize>> {
        self.search(|start| {
            let mut place = start;
            for (nth, character) in wanted.chars().enumerate() {
                let gap = if nth == 0 { 0 } else { MAX_GAP };
                place = self.next(place, character, gap)?;
            }
            Some(place)
        })
    }

    /// Runs that each stand together, digits with any of the zeros they begin with:
    /// `FA 2026/123`.
    fn runs(&self, runs: &[String]) -> Option<Range<usize>> {
        self.search(|start| {
            let mut place = start;
            for (nth, run) in runs.iter().enumerate() {
                let gap = if nth == 0 { 0 } else { MAX_GAP };
                let short = run.trim_start_matches('0');
                let zeros = run.len().saturating_sub(short.len());
                let without = |lost| run.get(lost..).filter(|it| !it.is_empty());
                let mut forms = (0..=zeros).filter_map(without);
                place = forms.find_map(|form| self.together(place, form, gap))?;
            }
            Some(place)
        })
    }

    /// The place behind characters that stand together, a gap at most from here.
    fn together(&self, from: usize, wanted: &str, gap: usize) -> Option<usize> {
        let mut characters = wanted.chars();
        let first = self.next(from, characters.next()?, gap)?;
        characters.try_fold(first, |place, character| self.next(place, character, 0))
    }

    /// Digits whose letters were left out, with nothing before them that could be others:
    /// `2026-000123`, but not that of `AV-2026-000123`.
    fn bare(&self, digits: &str) -> Option<Range<usize>> {
        let range = self.spread(digits)?;
        let before = range.start.checked_sub(1).and_then(|it| self.at(it));
        let joined = before.is_some_and(|it| matches!(it, '-' | '_' | '/' | '.'));
        Some(range).filter(|_| !joined)
    }

    /// The first range that stands alone, of those that begin where `end_from` finds an end.
    fn search(&self, end_from: impl Fn(usize) -> Option<usize>) -> Option<Range<usize>> {
        let ranges = (0..self.0.len()).filter_map(|start| Some(start..end_from(start)?));
        ranges.into_iter().find(|range| self.stands_alone(range))
    }

    /// The place behind a character that stands within a gap from here, with only others in it that
    /// belong to no number.
    fn next(&self, from: usize, wanted: char, gap: usize) -> Option<usize> {
        let last = from.saturating_add(gap);
        for place in from..=last {
            let found = self.at(place)?;
            if found == wanted {
                return place.checked_add(1);
            }
            if found.is_alphanumeric() {
                return None;
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn form(number: &str, text: &str) -> Option<NumberForm> {
        Pattern::of(number).find(&Text::of([text])).map(|(_, form)| form)
    }

    #[test]
    fn numbers_are_found_as_payers_write_them() {
        use NumberForm::{Complete, LettersLost, ZerosLost};
        for (text, expected) in [
            ("FA-2026-000123", Complete),
            ("vir facture fa2026000123.", Complete),
            ("Fa 2026 000123", Complete),
            ("FA-2026- 000 123 merci", Complete),
            ("RF31 FA20 2600 0123", Complete),
            ("n°FA_2026/000123", Complete),
            ("FA-2026-123", ZerosLost),
            ("FA2026123", ZerosLost),
            ("fa 2026/0123", ZerosLost),
            ("facture 2026-000123", LettersLost),
            ("facture 2026000123 du 3/8", LettersLost),
        ] {
            assert_eq!(form("FA-2026-000123", text), Some(expected), "{text}");
        }
    }

    #[test]
    fn other_numbers_are_not() {
        for text in [
            "FA-2026-0001234",
            "FA-2026-000124",
            "FA-2026-1234",
            "FA-2026-12 3",
            "CFA-2026-000123",
            "AV-2026-000123",
            "AV-2026-123",
            "FA-2025-000123",
            "FA-2026-0000123",
            "facture 123",
            "1FA2026000123",
            "FA - 2026 --- 000123",
            "",
        ] {
            assert_eq!(form("FA-2026-000123", text), None, "{text}");
        }
        // Ten and a hundred differ by a zero at the end, not at the beginning.
        assert_eq!(form("FA-10", "FA-100"), None);
        assert_eq!(form("FA-10", "FA-1"), None);
    }

    #[test]
    fn a_number_ends_with_its_digits() {
        assert_eq!(Pattern::of("FA-2026-000120/B").last_digits(), "120");
        assert_eq!(Pattern::of("FA").last_digits(), "");
    }
}
