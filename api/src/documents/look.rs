//! How a pole looks on paper: its colour and its logo.

use krilla::Data;
use krilla::image::Image;

/// A colour of the sRGB space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Colour(pub(crate) [u8; 3]);

/// Text.
pub(super) const INK: Colour = Colour([0x1b, 0x1f, 0x27]);
/// What is said beside.
pub(super) const QUIET: Colour = Colour([0x5a, 0x62, 0x70]);
/// Lines.
pub(super) const HAIR: Colour = Colour([0xd3, 0xd8, 0xdf]);
/// Paper.
pub(super) const PAPER: Colour = Colour([0xff, 0xff, 0xff]);

impl Colour {
    /// Reads `#1f5f8b`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
        let part = |at: usize| u8::from_str_radix(digits.get(at..at.saturating_add(2))?, 16).ok();
        Some(Self([part(0)?, part(2)?, part(4)?]))
    }

    /// The colour on paper, thinned to so many per cent.
    pub(super) fn tint(self, percent: u8) -> Self {
        let part = |part: u8| {
            let missing = u32::from(255_u8.saturating_sub(part)).saturating_mul(percent.into());
            let missing = u8::try_from(missing.div_euclid(100)).unwrap_or(255);
            255_u8.saturating_sub(missing)
        };
        Self(self.0.map(part))
    }

    /// Contrast against white paper, times 100 (WCAG 2.2, relative luminance).
    ///
    /// Text is drawn in the colour, which must stay readable: 4.5, hence 450, is what level AA asks for.
    pub(crate) fn contrast_percent(self) -> u32 {
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        let [red, green, blue] = self.0.map(linear);
        let luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
        let contrast = 1.05 / (luminance + 0.05);
        format!("{:.0}", contrast * 100.0).parse().unwrap_or_default()
    }
}

/// How a pole looks.
#[derive(Clone, Debug)]
pub(crate) struct Look {
    /// Of what stands out.
    pub(crate) accent: Colour,
    /// A picture; the pole's name stands in its place where there is none.
    pub(crate) logo: Option<Image>,
}

impl Default for Look {
    fn default() -> Self {
        Self { accent: Colour([0x1d, 0x4e, 0x6f]), logo: None }
    }
}

/// Why a logo cannot be drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LookError {
    /// It is no PNG.
    #[error("not a PNG")]
    NotPng,
    /// More pixels than a page can show.
    #[error("more than {} pixels wide or high", Look::MAX_PIXELS)]
    TooLarge,
}

impl Look {
    /// How many bytes a logo may have.
    pub(crate) const MAX_BYTES: usize = 48 * 1024;
    /// How many pixels a logo may be wide or high: 600 dots an inch over five centimetres. It keeps
    /// a small file from unfolding into a very large picture.
    pub(crate) const MAX_PIXELS: u32 = 1200;

    /// Reads a logo.
    ///
    /// # Errors
    /// [`LookError`].
    pub(crate) fn read_logo(png: Vec<u8>) -> Result<Image, LookError> {
        // Not smoothed by the viewer: PDF/A asks for it (ISO 19005-3, 6.2.8).
        let picture = Image::from_png(Data::from(png), false).map_err(|_| LookError::NotPng)?;
        let (width, height) = picture.size();
        if width.max(height) > Self::MAX_PIXELS { Err(LookError::TooLarge) } else { Ok(picture) }
    }

    /// Reads a logo to the last pixel, which drawing it needs, and reading it alone does not do.
    ///
    /// # Errors
    /// [`LookError`].
    pub(crate) fn check_logo(png: Vec<u8>) -> Result<(), LookError> {
        let picture = Self::read_logo(png)?;
        if super::paint::can_draw(picture) { Ok(()) } else { Err(LookError::NotPng) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_read_thinned_and_weighed_against_paper() {
        assert_eq!(Colour::parse("#1D4e6f"), Some(Colour([0x1d, 0x4e, 0x6f])));
        for odd in ["1d4e6f", "#1d4e6", "#1d4e6g", "#1d4é6", ""] {
            assert_eq!(Colour::parse(odd), None, "{odd}");
        }
        assert_eq!(Colour([0, 128, 255]).tint(10), Colour([230, 243, 255]));
        // Black and white are the ends of the scale; #767676 is the lightest grey of level AA.
        let contrast = |text| Colour::parse(text).unwrap().contrast_percent();
        assert_eq!(
            [contrast("#000000"), contrast("#ffffff"), contrast("#767676")],
            [2100, 100, 454]
        );
    }
}
