//! The paper: a few kinds of strokes in pixels of the finished picture.

use std::io;

use plotters::{
    coord::Shift,
    drawing::DrawingAreaErrorKind,
    prelude::{
        Circle, DrawingArea, IntoDrawingArea as _, PathElement, RGBColor, Rectangle, SVGBackend,
        Text,
    },
    style::{
        Color as _, FontDesc, FontFamily, FontStyle, ShapeStyle, TextStyle,
        text_anchor::{HPos, Pos, VPos},
    },
};

use super::Theme;

/// The size of a picture.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub(super) width: f64,
    pub(super) height: f64,
}

impl Frame {
    /// For a page.
    pub(super) const WIDE: Self = Self { width: 680.0, height: 510.0 };
    /// For a phone held upright, where the same letters take more of the picture.
    pub(super) const NARROW: Self = Self { width: 390.0, height: 480.0 };
}

/// The library knows only whole pixels; many small ones make smooth curves.
const FINE: f64 = 8.0;

/// What is written and drawn in: a colour on white paper, and one on black.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ink {
    light: RGBColor,
    dark: RGBColor,
}

impl Ink {
    const fn new(light: [u8; 3], dark: [u8; 3]) -> Self {
        let ([r, g, b], [dark_r, dark_g, dark_b]) = (light, dark);
        Self { light: RGBColor(r, g, b), dark: RGBColor(dark_r, dark_g, dark_b) }
    }
}

/// A place on the paper.
pub(super) type Spot = (f64, f64);
/// What goes wrong when drawing.
pub(super) type Error = DrawingAreaErrorKind<io::Error>;

pub(super) const PAPER: Ink = Ink::new([0xff, 0xff, 0xff], [0x11, 0x17, 0x1e]);
pub(super) const BAND: Ink = Ink::new([0xf1, 0xf5, 0xfa], [0x19, 0x21, 0x2b]);
pub(super) const GRID: Ink = Ink::new([0xdd, 0xe3, 0xea], [0x2c, 0x37, 0x44]);
pub(super) const GHOST: Ink = Ink::new([0x9a, 0xa6, 0xb4], [0x66, 0x73, 0x82]);
pub(super) const QUIET: Ink = Ink::new([0x5b, 0x67, 0x76], [0xa3, 0xb0, 0xbe]);
pub(super) const TEXT: Ink = Ink::new([0x1b, 0x24, 0x30], [0xe9, 0xee, 0xf3]);
pub(super) const CURVE: Ink = Ink::new([0x1d, 0x5f, 0xbf], [0x74, 0xac, 0xff]);
pub(super) const HERE: Ink = Ink::new([0xc2, 0x41, 0x0c], [0xff, 0x93, 0x5c]);

/// Where a text lies from its spot.
#[derive(Clone, Copy, Debug)]
pub(super) enum Side {
    Right,
    Left,
    Middle,
}

/// How a text looks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Type {
    pub(super) size: f64,
    pub(super) bold: bool,
    pub(super) ink: Ink,
    pub(super) side: Side,
}

impl Type {
    /// About how wide a text becomes: the reader's fonts are not known here.
    pub(super) fn width(self, text: &str) -> f64 {
        let weight = if self.bold { 1.06 } else { 1.0 };
        let em = |it: char| match it {
            ' ' | '\u{a0}' | '.' | ',' | ':' | '\'' | 'i' | 'l' | 't' => 0.3,
            _ if it.is_uppercase() => 0.7,
            _ => 0.57,
        };
        text.chars().map(em).sum::<f64>() * self.size * weight
    }

    /// As much of a text as fits.
    pub(super) fn fit(self, text: &str, width: f64) -> String {
        let mut fitting = text.to_owned();
        let mut cut = false;
        while self.width(&fitting) > width && fitting.pop().is_some() {
            cut = true;
        }
        if cut { fitting.trim_end().to_owned() + "…" } else { fitting }
    }
}

/// The paper.
pub(super) struct Canvas<'s> {
    area: DrawingArea<SVGBackend<'s>, Shift>,
    theme: Theme,
}

impl<'s> Canvas<'s> {
    pub(super) fn new(svg: &'s mut String, frame: Frame, theme: Theme) -> Self {
        let size = (fine(frame.width).unsigned_abs(), fine(frame.height).unsigned_abs());
        Self { area: SVGBackend::with_string(svg, size).into_drawing_area(), theme }
    }

    const fn colour(&self, ink: Ink) -> RGBColor {
        match self.theme {
            Theme::Light => ink.light,
            Theme::Dark => ink.dark,
        }
    }

    fn stroke(&self, ink: Ink, width: f64) -> ShapeStyle {
        self.colour(ink).stroke_width(fine(width).unsigned_abs())
    }

    pub(super) fn finish(self) -> Result<(), Error> {
        self.area.present()
    }

    pub(super) fn rectangle(&self, from: Spot, to: Spot, ink: Ink) -> Result<(), Error> {
        self.area.draw(&Rectangle::new([spot(from), spot(to)], self.colour(ink).filled()))
    }

    pub(super) fn line(&self, spots: &[Spot], ink: Ink, width: f64) -> Result<(), Error> {
        let spots: Vec<_> = spots.iter().copied().map(spot).collect();
        if spots.len() < 2 {
            return Ok(());
        }
        self.area.draw(&PathElement::new(spots, self.stroke(ink, width)))
    }

    /// A straight line in dashes.
    pub(super) fn dashes(&self, from: Spot, to: Spot, ink: Ink, width: f64) -> Result<(), Error> {
        const DASH: f64 = 4.0;
        let (across, down) = (to.0 - from.0, to.1 - from.1);
        let length = across.hypot(down).max(1.0);
        let along = |done: f64| {
            let part = (done / length).min(1.0);
            (from.0 + across * part, from.1 + down * part)
        };
        let mut done = 0.0;
        while done < length {
            self.line(&[along(done), along(done + DASH)], ink, width)?;
            done += 2.0 * DASH;
        }
        Ok(())
    }

    /// A filled dot on a rim of paper, so that it stands out from what it lies on.
    pub(super) fn dot(&self, at: Spot, radius: f64, ink: Ink) -> Result<(), Error> {
        self.area.draw(&Circle::new(spot(at), fine(radius + 2.0), self.colour(PAPER).filled()))?;
        self.area.draw(&Circle::new(spot(at), fine(radius), self.colour(ink).filled()))
    }

    /// An open dot: the curve does not reach it.
    pub(super) fn ring(&self, at: Spot, radius: f64, ink: Ink) -> Result<(), Error> {
        self.area.draw(&Circle::new(spot(at), fine(radius), self.colour(PAPER).filled()))?;
        self.area.draw(&Circle::new(spot(at), fine(radius), self.stroke(ink, 2.0)))
    }

    /// A text whose middle line is at its spot.
    pub(super) fn text(&self, text: &str, at: Spot, look: Type) -> Result<(), Error> {
        const FAMILY: &str = "Helvetica, Arial, 'Liberation Sans', sans-serif";
        // The library makes fonts smaller by this much.
        const SHRINK: f64 = 1.24;
        let side = match look.side {
            Side::Right => HPos::Left,
            Side::Left => HPos::Right,
            Side::Middle => HPos::Center,
        };
        let weight = if look.bold { FontStyle::Bold } else { FontStyle::Normal };
        let font = FontDesc::new(FontFamily::Name(FAMILY), look.size * FINE * SHRINK, weight);
        let colour = self.colour(look.ink);
        let style = TextStyle::from(font).color(&colour).pos(Pos::new(side, VPos::Center));
        self.area.draw(&Text::new(printable(text), spot(at), style))
    }
}

/// Gives the picture its size back, and a name for those who hear it read out.
pub(super) fn scaled(svg: &str, title: &str, frame: Frame) -> String {
    let escaped = printable(title).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let Frame { width, height } = frame;
    let (fine_width, fine_height) = (fine(width), fine(height));
    let drawn = format!(r#"<svg width="{fine_width}" height="{fine_height}""#);
    let shown = format!(r#"<svg role="img" width="{width}" height="{height}""#);
    let head = "xmlns=\"http://www.w3.org/2000/svg\">\n";
    svg.replacen(&drawn, &shown, 1).replacen(head, &format!("{head}<title>{escaped}</title>\n"), 1)
}

/// XML has no way to write control characters.
fn printable(text: &str) -> String {
    text.chars().filter(|it| !it.is_control()).collect()
}

fn spot((x, y): Spot) -> (i32, i32) {
    (fine(x), fine(y))
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "pixels: `as` saturates, and nothing else rounds a float to an integer"
)]
fn fine(pixels: f64) -> i32 {
    (pixels * FINE).round() as i32
}
