//! What stands on pages, before it is a PDF.

use krilla::image::Image;

use super::look::Colour;
use super::text::{Line, Style};

/// A4, in points.
pub(super) const WIDTH: f32 = 595.276;
/// A4, in points.
pub(super) const HEIGHT: f32 = 841.89;
/// The margin left and right.
pub(super) const MARGIN: f32 = 51.0;
/// From the left margin to the right one.
pub(super) const COLUMN: f32 = WIDTH - 2.0 * MARGIN;
/// The right margin.
pub(super) const RIGHT: f32 = WIDTH - MARGIN;

/// Millimetres, in points.
pub(super) const fn mm(millimetres: f32) -> f32 {
    millimetres * 72.0 / 25.4
}

/// What something is, for who hears the page instead of seeing it (PDF 32000-1, 14.8.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Not read out: lines, grounds, what every page repeats.
    Artifact,
    /// The title of the document.
    Title,
    /// A title inside it.
    Heading,
    /// A paragraph, told apart from the one before by its number.
    Paragraph(u32),
    /// A cell of a table.
    Cell(Cell),
    /// A picture, and what it shows.
    Figure(String),
    /// A text that leads somewhere: to this address.
    Link(String),
}

/// A cell of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) table: u32,
    pub(super) row: u32,
    pub(super) column: u32,
    /// Whether it says what stands below it.
    pub(super) header: bool,
}

/// A point on a page, from its upper left corner.
#[derive(Clone, Copy, Debug)]
pub(super) struct At {
    pub(super) x: f32,
    pub(super) y: f32,
}

/// A rectangle on a page.
#[derive(Clone, Copy, Debug)]
pub(super) struct Area {
    pub(super) x: f32,
    pub(super) y: f32,
    pub(super) width: f32,
    pub(super) height: f32,
}

impl Area {
    pub(super) const fn right(self) -> f32 {
        self.x + self.width
    }

    pub(super) const fn bottom(self) -> f32 {
        self.y + self.height
    }
}

/// One thing on a page.
#[derive(Clone, Debug)]
pub(super) enum Mark {
    Text(At, Line),
    Ground(Area, Colour),
    /// A ground with round corners.
    Card(Area, Colour),
    Rule {
        from: At,
        to: At,
        width: f32,
        colour: Colour,
        dashed: bool,
    },
    Disc {
        at: At,
        radius: f32,
        colour: Colour,
    },
    Picture(Area, Image),
    /// Squares of one size, black on white.
    Code {
        area: Area,
        side: usize,
        dark: Vec<bool>,
    },
    /// Across the page, over everything, hardly seen.
    Watermark(Line),
}

/// A page.
#[derive(Clone, Debug, Default)]
pub(super) struct Page {
    pub(super) marks: Vec<(Role, Mark)>,
}

/// Where a text stands of a point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Right,
    Centre,
}

impl Page {
    pub(super) fn push(&mut self, role: Role, mark: Mark) {
        self.marks.push((role, mark));
    }

    /// A text with its baseline at a point.
    pub(super) fn text(&mut self, role: Role, at: At, side: Side, line: Line) {
        let x = match side {
            Side::Left => at.x,
            Side::Right => at.x - line.width(),
            Side::Centre => at.x - line.width() / 2.0,
        };
        self.push(role, Mark::Text(At { x, y: at.y }, line));
    }

    /// A short text with its baseline at a point.
    pub(super) fn say(&mut self, role: Role, at: At, side: Side, (style, text): (Style, &str)) {
        self.text(role, at, side, style.line(text));
    }

    /// A thin line from left to right.
    pub(super) fn rule(&mut self, at: At, width: f32, (thickness, colour): (f32, Colour)) {
        let to = At { x: at.x + width, y: at.y };
        let rule = Mark::Rule { from: at, to, width: thickness, colour, dashed: false };
        self.push(Role::Artifact, rule);
    }
}
