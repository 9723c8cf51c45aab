//! From marks on pages to a PDF/A-3 that says what is what.

use krilla::action::LinkAction;
use krilla::annotation::{Annotation, LinkAnnotation, Target};
use krilla::configure::{Archival, ConfigurationBuilder};
use krilla::embed::{AssociationKind, EmbeddedFile, MimeType};
use krilla::error::KrillaError;
use krilla::geom::{Path, PathBuilder, Point, Rect, Size, Transform};
use krilla::metadata::{DateTime, Metadata};
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule, Stroke, StrokeDash};
use krilla::surface::Surface;
use krilla::{Document, SerializeSettings};

use super::look::{Colour, INK, PAPER};
use super::page::{Area, At, HEIGHT, Mark, Page, Role, WIDTH};
use super::text::Line;
use super::{PdfError, Sheet, Stage, factur_x};

mod tags;

use tags::Tags;

/// How much of a watermark is seen.
const THIN: f32 = 0.125;

/// Draws all pages.
pub(super) fn paint(sheet: &Sheet<'_>, pages: Vec<Page>) -> Result<Vec<u8>, PdfError> {
    let configuration = ConfigurationBuilder::new().with_archival_validator(Archival::A3_B);
    let configuration = configuration.finish().map_err(|error| invalid(&error))?;
    let settings = SerializeSettings { configuration, ..SerializeSettings::default() };
    let mut document = Document::new_with(settings);
    let mut tags = Tags::default();
    for page in pages {
        let size = PageSettings::from_wh(WIDTH, HEIGHT).ok_or(PdfError::Metadata("page"))?;
        let mut sheet = document.start_page_with(size);
        let mut surface = sheet.surface();
        let links = tags.page(&mut surface, page.marks);
        surface.finish();
        for (address, area) in links {
            if let Some(link) = link(&address, area) {
                let identifier = sheet.add_tagged_annotation(link);
                tags.add(Role::Link(address), identifier);
            }
        }
        sheet.finish();
    }
    document.set_tag_tree(tags.tree(sheet.language().code()));
    document.set_metadata(metadata(sheet));
    if let Stage::Issued { xml: Some(xml), .. } = sheet.stage {
        attach(&mut document, sheet, xml)?;
    }
    document.finish().map_err(|error: KrillaError| invalid(&error))
}

/// Whether a picture can be drawn to its last pixel.
pub(super) fn can_draw(picture: krilla::image::Image) -> bool {
    let mut document = Document::new();
    let mut page = document.start_page();
    let mut surface = page.surface();
    let area = Area { x: 0.0, y: 0.0, width: 1.0, height: 1.0 };
    draw(&mut surface, Mark::Picture(area, picture));
    surface.finish();
    page.finish();
    document.finish().is_ok()
}

fn invalid(error: &dyn std::fmt::Debug) -> PdfError {
    PdfError::Invalid(format!("{error:?}"))
}

fn metadata(sheet: &Sheet<'_>) -> Metadata {
    let content = sheet.document.content();
    let title = super::words::Words(sheet.language()).title(sheet);
    let seller = &content.seller.name;
    Metadata::new()
        .title(format!("{title} – {seller}"))
        .authors(vec![seller.clone()])
        .creator("Palier".to_owned())
        .producer("Palier".to_owned())
        .language(sheet.language().code().to_owned())
        .creation_date(dated(sheet))
        .document_id(format!("{seller}/{title}"))
}

/// The day of the document, and no other: the same document is the same file on every day.
fn dated(sheet: &Sheet<'_>) -> DateTime {
    let day = match sheet.stage {
        Stage::Draft { as_of } => as_of,
        Stage::Issued { issued_on, .. } => issued_on,
    };
    let part = |part: i8| u8::try_from(part).unwrap_or_default();
    DateTime::new(u16::try_from(day.year()).unwrap_or_default())
        .month(part(day.month()))
        .day(part(day.day()))
        .hour(0)
        .minute(0)
        .second(0)
        .utc_offset_hour(0)
}

/// Attaches the electronic invoice, which says the same as the pages (Factur-X 1.0, 6.2.2).
fn attach(document: &mut Document, sheet: &Sheet<'_>, xml: &[u8]) -> Result<(), PdfError> {
    let mime_type = MimeType::new("text/xml").ok_or(PdfError::Metadata("media type"))?;
    let file = EmbeddedFile {
        path: factur_x::FILE.to_owned(),
        mime_type: Some(mime_type),
        description: Some("Factur-X: EN 16931, CII D22B".to_owned()),
        association_kind: AssociationKind::Alternative,
        data: xml.to_vec().into(),
        modification_date: Some(dated(sheet)),
        compress: None,
        location: None,
    };
    document.embed_file(file).ok_or(PdfError::Metadata("attachment"))
}

/// What makes an area lead to an address; read out where it cannot be seen.
fn link(address: &str, area: Area) -> Option<Annotation> {
    let area = Rect::from_xywh(area.x, area.y, area.width, area.height)?;
    let target = Target::Action(LinkAction::new(address.to_owned()).into());
    Some(Annotation::new_link(LinkAnnotation::new(area, target), Some(address.to_owned())))
}

fn fill(colour: Colour) -> Fill {
    let Colour([red, green, blue]) = colour;
    let paint = krilla::color::rgb::Color::new(red, green, blue).into();
    Fill { paint, opacity: NormalizedF32::ONE, rule: FillRule::default() }
}

fn stroke(colour: Colour, width: f32, dashed: bool) -> Stroke {
    let dash = dashed.then(|| StrokeDash { array: vec![2.0, 1.6], offset: 0.0 });
    Stroke { paint: fill(colour).paint, width, dash, ..Stroke::default() }
}

/// Draws one thing.
fn draw(surface: &mut Surface<'_>, mark: Mark) {
    match mark {
        Mark::Text(at, line) => text(surface, at, line),
        Mark::Ground(area, colour) => shape(surface, rectangle(area), colour),
        Mark::Card(area, colour) => shape(surface, rounded(area, 4.0), colour),
        Mark::Disc { at, radius, colour } => {
            let side = radius + radius;
            let area = Area { x: at.x - radius, y: at.y - radius, width: side, height: side };
            shape(surface, rounded(area, radius), colour);
        }
        Mark::Rule { from, to, width, colour, dashed } => {
            let mut path = PathBuilder::new();
            path.move_to(from.x, from.y);
            path.line_to(to.x, to.y);
            if let Some(path) = path.finish() {
                surface.set_fill(None);
                surface.set_stroke(Some(stroke(colour, width, dashed)));
                surface.draw_path(&path);
                surface.set_stroke(None);
            }
        }
        Mark::Picture(area, image) => {
            if let Some(size) = Size::from_wh(area.width, area.height) {
                surface.push_transform(&Transform::from_translate(area.x, area.y));
                surface.draw_image(image, size);
                surface.pop();
            }
        }
        Mark::Code { area, side, dark } => code(surface, area, side, &dark),
        Mark::Watermark(line) => {
            surface.push_transform(&Transform::from_rotate_at(-52.0, WIDTH / 2.0, HEIGHT / 2.0));
            let x = (WIDTH - line.width()) / 2.0;
            surface.push_opacity(NormalizedF32::new(THIN).unwrap_or(NormalizedF32::ONE));
            text(surface, At { x, y: HEIGHT / 2.0 + line.style.size / 3.0 }, line);
            surface.pop();
            surface.pop();
        }
    }
}

fn text(surface: &mut Surface<'_>, at: At, Line { style, shaped }: Line) {
    if shaped.glyphs.is_empty() {
        return;
    }
    surface.set_fill(Some(fill(style.colour)));
    let font = style.weight.cut().font.clone();
    let start = Point::from_xy(at.x, at.y);
    surface.draw_glyphs(start, &shaped.glyphs, font, &shaped.text, style.size, false);
}

fn shape(surface: &mut Surface<'_>, path: Option<Path>, colour: Colour) {
    if let Some(path) = path {
        surface.set_fill(Some(fill(colour)));
        surface.draw_path(&path);
    }
}

fn rectangle(area: Area) -> Option<Path> {
    let mut path = PathBuilder::new();
    path.push_rect(Rect::from_xywh(area.x, area.y, area.width, area.height)?);
    path.finish()
}

/// A rectangle with round corners: quarters of a circle as Bézier curves.
fn rounded(area: Area, radius: f32) -> Option<Path> {
    // 4/3 × (√2 − 1): how far control points lie from the ends of a quarter, of its radius.
    let k = radius * (1.0 - 0.552_284_8);
    let (left, top, right, bottom) = (area.x, area.y, area.right(), area.bottom());
    let mut path = PathBuilder::new();
    path.move_to(left + radius, top);
    path.line_to(right - radius, top);
    path.cubic_to(right - k, top, right, top + k, right, top + radius);
    path.line_to(right, bottom - radius);
    path.cubic_to(right, bottom - k, right - k, bottom, right - radius, bottom);
    path.line_to(left + radius, bottom);
    path.cubic_to(left + k, bottom, left, bottom - k, left, bottom - radius);
    path.line_to(left, top + radius);
    path.cubic_to(left, top + k, left + k, top, left + radius, top);
    path.close();
    path.finish()
}

/// The squares of a code as one path, on white with the four squares of quiet around it that readers
/// need (ISO/IEC 18004).
fn code(surface: &mut Surface<'_>, area: Area, side: usize, dark: &[bool]) {
    shape(surface, rounded(area, 2.0), PAPER);
    let count = u16::try_from(side).map_or(1.0, f32::from);
    let unit = area.width / (count + 8.0);
    let mut path = PathBuilder::new();
    let place = |nth: usize| u16::try_from(nth).map_or(0.0, f32::from);
    for (y, row) in dark.chunks(side.max(1)).enumerate() {
        let mut x = 0;
        // Squares beside each other are one rectangle: no hairlines between them.
        for run in row.chunk_by(|one, next| one == next) {
            let (left, top) = (place(x) + 4.0, place(y) + 4.0);
            x = x.saturating_add(run.len());
            let (left, top) = (area.x + unit * left, area.y + unit * top);
            let rect = Rect::from_xywh(left, top, unit * place(run.len()), unit);
            if let Some(rect) = rect.filter(|_| run.first() == Some(&true)) {
                path.push_rect(rect);
            }
        }
    }
    shape(surface, path.finish(), INK);
}

/// Whether something is read out.
const fn is_read(role: &Role) -> bool {
    !matches!(role, Role::Artifact)
}
