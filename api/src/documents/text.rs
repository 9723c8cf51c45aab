//! Text on lines.

use unicode_linebreak::{BreakOpportunity, linebreaks};

use super::fonts::{Shaped, Weight};
use super::look::{Colour, INK, QUIET};
use super::page::{Area, At};

/// How a text looks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    pub(super) weight: Weight,
    /// In points.
    pub(super) size: f32,
    pub(super) colour: Colour,
}

impl Style {
    /// Text that is read.
    pub(super) const BODY: Self = Self { weight: Weight::Regular, size: 9.5, colour: INK };
    /// What stands out of it.
    pub(super) const STRONG: Self = Self { weight: Weight::Semibold, ..Self::BODY };
    /// What is said beside.
    pub(super) const SMALL: Self = Self { weight: Weight::Regular, size: 8.25, colour: QUIET };
    /// What a figure is of.
    pub(super) const LABEL: Self = Self { weight: Weight::Semibold, size: 7.5, colour: QUIET };

    pub(super) const fn sized(self, size: f32) -> Self {
        Self { size, ..self }
    }

    pub(super) const fn coloured(self, colour: Colour) -> Self {
        Self { colour, ..self }
    }

    /// From one baseline to the next.
    pub(super) fn leading(self) -> f32 {
        self.size * 1.32
    }

    /// How wide a text is.
    pub(super) fn width(self, text: &str) -> f32 {
        self.line(text).width()
    }

    /// A text that is known to be short.
    pub(super) fn line(self, text: &str) -> Line {
        Line { style: self, shaped: self.weight.shape(text) }
    }

    /// A text on one line, in smaller letters where it would be wider than there is room.
    pub(super) fn within(self, text: &str, room: f32) -> Line {
        let line = self.line(text);
        let part = if line.width() > room { room / line.width() } else { 1.0 };
        Line { style: self.sized(self.size * part), ..line }
    }

    /// As much of a text as one line holds, and an ellipsis where that is not all.
    pub(super) fn cut(self, text: &str, room: f32) -> Line {
        let mut lines = self.wrap(text, room).into_iter();
        match (lines.next(), lines.next()) {
            (Some(all), None) => all,
            (Some(first), Some(_)) => self.within(&format!("{}…", first.shaped.text), room),
            (None, _) => self.line(""),
        }
    }

    /// A text on as many lines as it needs.
    pub(super) fn wrap(self, text: &str, width: f32) -> Vec<Line> {
        let mut lines = Vec::new();
        let mut current = String::new();
        let mut from = 0;
        for (to, opportunity) in linebreaks(text) {
            let word = text.get(from..to).unwrap_or_default();
            from = to;
            self.add(word, width, &mut current, &mut lines);
            if opportunity == BreakOpportunity::Mandatory {
                lines.push(self.line(std::mem::take(&mut current).trim_end()));
            }
        }
        lines
    }

    /// Puts a word on the line, or on the next; one that is wider than a line is broken.
    fn add(self, word: &str, width: f32, current: &mut String, lines: &mut Vec<Line>) {
        let fits = |text: &str| self.width(text.trim_end()) <= width;
        if !current.is_empty() && !fits(&format!("{current}{word}")) {
            lines.push(self.line(std::mem::take(current).trim_end()));
        }
        if fits(word) {
            current.push_str(word);
            return;
        }
        for letter in word.chars() {
            if !current.is_empty() && !fits(&format!("{current}{letter}")) {
                lines.push(self.line(std::mem::take(current).trim_end()));
            }
            current.push(letter);
        }
    }
}

/// A line of text.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) style: Style,
    pub(super) shaped: Shaped,
}

impl Line {
    /// In points.
    pub(super) fn width(&self) -> f32 {
        self.shaped.width * self.style.size
    }

    /// What it covers, with its baseline at a point.
    pub(super) fn area(&self, At { x, y }: At) -> Area {
        let height = self.style.leading();
        Area { x, y: y - self.style.size, width: self.width(), height }
    }
}

/// How high lines are together.
pub(super) fn height(lines: &[Line]) -> f32 {
    lines.iter().map(|line| line.style.leading()).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrapped(text: &str, width: f32) -> Vec<String> {
        let lines = Style::BODY.wrap(text, width);
        assert!(lines.iter().all(|line| line.width() <= width), "{text}");
        lines.into_iter().map(|line| line.shaped.text).collect()
    }

    #[test]
    fn lines_end_where_words_do_and_lose_nothing() {
        let text = "Mutualisation du calcul intensif et du stockage pour les membres du pôle";
        let lines = wrapped(text, 120.0);
        assert!(lines.len() > 2);
        assert_eq!(lines.join(" "), text);
        assert_eq!(wrapped("à\nb", 100.0), ["à", "b"]);
        assert!(wrapped("", 100.0).len() <= 1);
        // No break between a number and its unit, nor after a hyphen that joins.
        assert!(
            wrapped("Total de 60\u{202f}000\u{a0}h", 45.0)
                .concat()
                .ends_with("60\u{202f}000\u{a0}h")
        );
    }

    #[test]
    fn a_word_wider_than_a_line_is_broken() {
        let word = "x".repeat(200);
        let lines = wrapped(&word, 100.0);
        assert_eq!(lines.concat(), word);
        let lines = wrapped(&format!("de {word} à"), 100.0);
        assert_eq!(lines.join(" ").replace(' ', ""), format!("de{word}à"));
    }
}
