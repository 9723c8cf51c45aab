//! Going down the page, and on to the next.

use super::look::{HAIR, QUIET};
use super::page::{At, COLUMN, HEIGHT, MARGIN, Mark, Page, RIGHT, Role, Side, mm};
use super::text::{Line, Style};
use super::words::Words;
use super::{Sheet, foot};

/// Where pages other than the first begin.
const TOP: f32 = mm(30.0);

/// The pages so far, and how far down the last one is filled.
pub(super) struct Flow<'s> {
    pub(super) sheet: &'s Sheet<'s>,
    pub(super) words: Words,
    done: Vec<Page>,
    pub(super) page: Page,
    /// Where the next thing begins.
    pub(super) y: f32,
    /// What the law wants at the foot of every page.
    legal: Vec<Line>,
    named: u32,
}

impl<'s> Flow<'s> {
    pub(super) fn new(sheet: &'s Sheet<'s>) -> Self {
        let words = Words(sheet.language());
        let legal = foot::legal(sheet, words);
        let (done, page) = (Vec::new(), Page::default());
        Self { sheet, words, done, page, y: 0.0, legal, named: 0 }
    }

    /// A number for a paragraph or a table, not given before.
    pub(super) const fn name(&mut self) -> u32 {
        self.named = self.named.saturating_add(1);
        self.named
    }

    /// Where the page ends for what flows.
    pub(super) fn bottom(&self) -> f32 {
        HEIGHT - mm(4.0) - foot::height(&self.legal)
    }

    /// Whether so much still fits.
    pub(super) fn fits(&self, height: f32) -> bool {
        self.y + height <= self.bottom()
    }

    /// Whether nothing stands on the page yet.
    pub(super) fn is_fresh(&self) -> bool {
        self.y <= TOP
    }

    /// Goes on to the next page unless so much still fits; what is higher than a page goes anyway.
    pub(super) fn room(&mut self, height: f32) {
        if !self.fits(height) && !self.is_fresh() {
            self.turn();
        }
    }

    /// Goes on to the next page.
    pub(super) fn turn(&mut self) {
        self.done.push(std::mem::take(&mut self.page));
        let (words, sheet) = (self.words, self.sheet);
        let seller = &sheet.document.content().seller.name;
        let title = words.title(sheet);
        let baseline = mm(18.0);
        let left = At { x: MARGIN, y: baseline };
        let right = At { x: RIGHT, y: baseline };
        let seller = Style::STRONG.cut(seller, COLUMN * 0.55);
        self.page.text(Role::Artifact, left, Side::Left, seller);
        let style = Style::BODY.coloured(QUIET);
        self.page.say(Role::Artifact, right, Side::Right, (style, &title));
        self.page.rule(At { x: MARGIN, y: baseline + 8.0 }, COLUMN, (0.6, HAIR));
        self.y = TOP;
    }

    /// Lines of text below each other; the number of the paragraph keeps them together.
    pub(super) fn lines(&mut self, (x, side): (f32, Side), lines: Vec<Line>) {
        let role = Role::Paragraph(self.name());
        for line in lines {
            self.y += line.style.leading();
            self.page.text(role.clone(), At { x, y: self.y }, side, line);
        }
    }

    /// All pages, each with its foot.
    pub(super) fn finish(mut self) -> Vec<Page> {
        self.done.push(self.page);
        let count = self.done.len();
        let draft = self.sheet.number().is_none().then(|| self.words.draft());
        let style = Style::STRONG.sized(104.0);
        for (nth, page) in (1..).zip(&mut self.done) {
            foot::draw(page, &self.legal, &self.words.page(nth, count));
            let draft = draft.as_deref().map(|draft| style.line(draft));
            page.marks.extend(draft.map(|line| (Role::Artifact, Mark::Watermark(line))));
        }
        self.done
    }
}
