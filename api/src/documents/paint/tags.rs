//! The structure of a document, for who hears it: titles, paragraphs, tables, pictures.

use std::num::NonZeroU16;

use krilla::surface::Surface;
use krilla::tagging::{
    Artifact, ArtifactType, ContentTag, Identifier, Node, SpanTag, TableHeaderScope, Tag, TagGroup,
    TagTree,
};

use super::super::page::{Area, Cell, Mark, Role};
use super::{draw, is_read};

/// What has been drawn so far, in the order in which it is read.
#[derive(Default)]
pub(super) struct Tags {
    read: Vec<(Role, Vec<Identifier>)>,
}

impl Tags {
    /// Draws the marks of a page; what belongs together is one piece of content. Says which areas lead
    /// where, for the page to have them do so.
    pub(super) fn page(
        &mut self,
        surface: &mut Surface<'_>,
        marks: Vec<(Role, Mark)>,
    ) -> Vec<(String, Area)> {
        let links = marks.iter().filter_map(|(role, mark)| match (role, mark) {
            (Role::Link(address), Mark::Text(at, line)) => Some((address.clone(), line.area(*at))),
            _ => None,
        });
        let links = links.collect();
        let mut marks = marks.into_iter().peekable();
        while let Some((role, mark)) = marks.next() {
            let content = if is_read(&role) {
                ContentTag::Span(SpanTag::empty())
            } else {
                ContentTag::Artifact(Artifact::with_kind(ArtifactType::Other))
            };
            let identifier = surface.start_tagged(content);
            draw(surface, mark);
            while let Some((_, mark)) = marks.next_if(|(next, _)| *next == role) {
                draw(surface, mark);
            }
            surface.end_tagged();
            if is_read(&role) {
                self.add(role, identifier);
            }
        }
        links
    }

    /// Adds a piece of content to what is read.
    pub(super) fn add(&mut self, role: Role, identifier: Identifier) {
        // A cell may be drawn in several pieces; a paragraph may go on behind something else.
        match self.read.iter_mut().rev().find(|(known, _)| *known == role) {
            Some((_, pieces)) if !matches!(role, Role::Title | Role::Heading) => {
                pieces.push(identifier);
            }
            _ => self.read.push((role, vec![identifier])),
        }
    }

    /// The tree of it all.
    pub(super) fn tree(self, language: &str) -> TagTree {
        let mut tree = TagTree::new().with_lang(Some(language.to_owned()));
        let mut tables: Vec<(u32, Table)> = Vec::new();
        let mut order: Vec<Part> = Vec::new();
        for (role, pieces) in self.read {
            let Role::Cell(cell) = role else {
                order.push(Part::Group(group(role, pieces)));
                continue;
            };
            match tables.iter_mut().find(|(table, _)| *table == cell.table) {
                Some((_, table)) => table.cells.push((cell, pieces)),
                None => {
                    order.push(Part::Table(cell.table));
                    tables.push((cell.table, Table { cells: vec![(cell, pieces)] }));
                }
            }
        }
        for part in order {
            match part {
                Part::Group(group) => tree.push(group),
                Part::Table(name) => {
                    if let Some(at) = tables.iter().position(|(table, _)| *table == name) {
                        tree.push(tables.swap_remove(at).1.group());
                    }
                }
            }
        }
        tree
    }
}

enum Part {
    Group(TagGroup),
    Table(u32),
}

struct Table {
    cells: Vec<(Cell, Vec<Identifier>)>,
}

impl Table {
    fn group(mut self) -> TagGroup {
        self.cells.sort_by_key(|(cell, _)| (cell.row, cell.column));
        let mut rows: Vec<(u32, TagGroup)> = Vec::new();
        for (cell, pieces) in self.cells {
            let pieces = pieces.into_iter().map(Node::from).collect();
            let tag = if cell.header {
                TagGroup::with_children(Tag::TH(TableHeaderScope::Column), pieces)
            } else {
                TagGroup::with_children(Tag::TD, pieces)
            };
            match rows.last_mut() {
                Some((row, group)) if *row == cell.row => group.push(tag),
                _ => {
                    let mut group = TagGroup::new(Tag::TR);
                    group.push(tag);
                    rows.push((cell.row, group));
                }
            }
        }
        let rows = rows.into_iter().map(|(_, row)| Node::from(row)).collect();
        TagGroup::with_children(Tag::Table, rows)
    }
}

fn group(role: Role, pieces: Vec<Identifier>) -> TagGroup {
    let pieces = pieces.into_iter().map(Node::from).collect();
    let level = |level| NonZeroU16::new(level).unwrap_or(NonZeroU16::MIN);
    match role {
        Role::Title => TagGroup::with_children(Tag::Hn(level(1), None), pieces),
        Role::Heading => TagGroup::with_children(Tag::Hn(level(2), None), pieces),
        Role::Figure(said) => TagGroup::with_children(Tag::Figure(Some(said)), pieces),
        // It stands in a line of text.
        Role::Link(_) => {
            let link = TagGroup::with_children(Tag::Link, pieces);
            TagGroup::with_children(Tag::P, vec![link.into()])
        }
        Role::Artifact | Role::Paragraph(_) | Role::Cell(_) => {
            TagGroup::with_children(Tag::P, pieces)
        }
    }
}
