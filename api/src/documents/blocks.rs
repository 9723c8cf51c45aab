//! Small pieces that several parts of a page are made of.

use super::flow::Flow;
use super::page::{At, Role, Side};
use super::text::Style;

/// A figure and what it is of.
#[derive(Clone, Debug)]
pub(super) struct Fact {
    label: String,
    value: String,
}

impl Fact {
    pub(super) const fn new(label: String, value: String) -> Self {
        Self { label, value }
    }
}

/// Between one row of facts and the next.
const GAP: f32 = 7.0;

/// Facts in two columns, each below its label. Says where they end.
pub(super) fn facts_below(
    flow: &mut Flow<'_>,
    (x, y): (f32, f32),
    width: f32,
    facts: &[Fact],
) -> f32 {
    let column = width / 2.0;
    let mut y = y;
    for pair in facts.chunks(2) {
        let mut end = y;
        for (fact, x) in pair.iter().zip([x, x + column]) {
            let role = Role::Paragraph(flow.name());
            let at = At { x, y: y + Style::LABEL.size };
            flow.page.say(role.clone(), at, Side::Left, (Style::LABEL, &fact.label));
            let mut below = at.y + 1.0;
            for line in Style::BODY.wrap(&fact.value, column - 12.0) {
                below += line.style.leading();
                flow.page.text(role.clone(), At { x, y: below }, Side::Left, line);
            }
            end = end.max(below);
        }
        y = end + GAP;
    }
    y
}

/// An IBAN in groups of four, as people read it (ISO 13616).
pub(crate) fn iban_written(iban: &str) -> String {
    let letters: Vec<_> = iban.chars().collect();
    let groups: Vec<String> = letters.chunks(4).map(|group| group.iter().collect()).collect();
    groups.join("\u{a0}")
}

/// A SIREN or SIRET in groups, `732 829 320 00074`.
pub(super) fn grouped(digits: &str) -> String {
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if matches!(at, 3 | 6 | 9) {
            text.push('\u{a0}');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_in_the_groups_that_people_read() {
        let plain = |text: String| text.replace('\u{a0}', " ");
        let iban = iban_written("FR1420041010050500013M02606");
        assert_eq!(plain(iban), "FR14 2004 1010 0505 0001 3M02 606");
        assert_eq!(plain(grouped("73282932000074")), "732 829 320 00074");
        assert_eq!(plain(grouped("732829320")), "732 829 320");
    }
}
