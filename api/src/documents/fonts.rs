//! The typeface, and glyphs of texts.
//!
//! It is Source Sans 3 under another name, as its licence asks of what was changed: cut down to
//! Latin, Greek and Cyrillic letters and the signs of a document. Its figures are all of one width.

use std::borrow::Cow;
use std::sync::LazyLock;

use krilla::text::{Font, GlyphId, KrillaGlyph};
use rustybuzz::{Face, UnicodeBuffer};
use unicode_normalization::UnicodeNormalization as _;

/// How heavy letters are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    Regular,
    Semibold,
}

/// A cut of the typeface, for who embeds it and for who measures with it.
pub(super) struct Cut {
    pub(super) font: Font,
    face: Face<'static>,
}

static REGULAR: LazyLock<Cut> =
    LazyLock::new(|| cut(include_bytes!("fonts/PalierText-Regular.ttf")));
static SEMIBOLD: LazyLock<Cut> =
    LazyLock::new(|| cut(include_bytes!("fonts/PalierText-Semibold.ttf")));

#[expect(clippy::expect_used, reason = "constants that a test reads")]
fn cut(data: &'static [u8]) -> Cut {
    let font = Font::new(data.into(), 0).expect("a font");
    Cut { font, face: Face::from_slice(data, 0).expect("a font") }
}

/// What stands for a letter that the typeface does not have.
const MISSING: char = '□';

/// A text as glyphs, on one line.
#[derive(Clone, Debug)]
pub(super) struct Shaped {
    pub(super) text: String,
    pub(super) glyphs: Vec<KrillaGlyph>,
    /// In ems.
    pub(super) width: f32,
}

impl Weight {
    pub(super) fn cut(self) -> &'static Cut {
        match self {
            Self::Regular => &REGULAR,
            Self::Semibold => &SEMIBOLD,
        }
    }

    /// Glyphs of a text, with kerning.
    pub(super) fn shape(self, text: &str) -> Shaped {
        let face = &self.cut().face;
        let text = legible(face, text).into_owned();
        let mut buffer = UnicodeBuffer::new();
        buffer.push_str(&text);
        buffer.set_direction(rustybuzz::Direction::LeftToRight);
        buffer.guess_segment_properties();
        let shaped = rustybuzz::shape(face, &[], buffer);
        let (infos, positions) = (shaped.glyph_infos(), shaped.glyph_positions());
        let em = self.cut().font.units_per_em();
        let ends = infos.iter().map(|info| info.cluster).skip(1).map(Some).chain([None]);
        let mut width = 0.0;
        let mut glyphs = Vec::with_capacity(infos.len());
        for ((info, position), end) in infos.iter().zip(positions).zip(ends) {
            let place = |cluster: u32| usize::try_from(cluster).unwrap_or(text.len());
            let advance = units(position.x_advance) / em;
            width += advance;
            glyphs.push(KrillaGlyph::new(
                GlyphId::new(info.glyph_id),
                advance,
                units(position.x_offset) / em,
                units(position.y_offset) / em,
                0.0,
                place(info.cluster)..end.map_or(text.len(), place),
                None,
            ));
        }
        Shaped { text, glyphs, width }
    }
}

/// Units of a font, of which there are a thousand or two in an em.
fn units(count: i32) -> f32 {
    i16::try_from(count).map_or(0.0, f32::from)
}

/// The text in letters that the typeface has: without an accent that it lacks, or with a box in the
/// letter's place, so that nobody takes what is left for the whole.
fn legible<'t>(face: &Face<'_>, text: &'t str) -> Cow<'t, str> {
    let has = |it: char| face.glyph_index(it).is_some();
    if text.chars().all(has) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for letter in text.nfc() {
        if has(letter) {
            out.push(letter);
            continue;
        }
        let plain: String = letter.nfkd().filter(|it| has(*it)).collect();
        if plain.is_empty() { out.push(MISSING) } else { out.push_str(&plain) }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_union_are_written_and_nothing_vanishes() {
        let text = |text: &str| Weight::Regular.shape(text).text;
        let names =
            "Œuvre d’Ariège – Çağlar, Łódź, Žďár, Őrség, Þór, Ελλάδα, Пловдив, Șțefan 1 200,00 €";
        assert_eq!(text(names), names);
        // An accent put onto its letter, two that the typeface has not, a ligature, what no Latin one has.
        assert_eq!(text("e\u{301}té Ǟ ﬁn 東京 🙂"), "été A fin □□ □");
        let glyphs = Weight::Semibold.shape("AVATAR été").glyphs;
        assert!(glyphs.iter().all(|glyph| glyph.glyph_id.to_u32() != 0));
        assert_eq!(glyphs.last().map(|glyph| glyph.text_range.clone()), Some(10..12));
    }

    #[test]
    fn figures_are_of_one_width_and_letters_are_kerned() {
        for weight in [Weight::Regular, Weight::Semibold] {
            let widths = ('0'..='9').map(|digit| weight.shape(&digit.to_string()).width);
            let widths: Vec<_> = widths.map(|width| format!("{width:.4}")).collect();
            assert!(widths.windows(2).all(|pair| pair[0] == pair[1]), "{widths:?}");
            let apart = weight.shape("A").width + weight.shape("V").width;
            assert!(weight.shape("AV").width < apart);
        }
    }
}
