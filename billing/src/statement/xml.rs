//! XML as a tree of elements, without namespaces and without anything that could attack a reader.

use quick_xml::{
    Reader,
    escape::resolve_xml_entity,
    events::{
        BytesRef, BytesStart, Event,
        attributes::{AttrError, Attribute},
    },
};

use super::{
    StatementFaultKind,
    fault::{Notes, Read},
    text::Lines,
};

/// How deep elements may lie inside one another; those of a statement need a dozen.
pub(super) const MAX_DEPTH: usize = 64;

/// How many elements a document may have: some tens for each of thousands of movements.
pub(super) const MAX_ELEMENTS: usize = 500_000;

/// How many attributes an element may have. Each is compared with all before it, and none needs more
/// than a few.
const MAX_ATTRIBUTES: usize = 32;

/// An element, by its name without prefix.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) line: u64,
    attributes: Vec<(String, String)>,
    text: String,
    children: Vec<Element>,
}

impl Element {
    /// The elements of that name within it.
    pub(super) fn all(&self, name: &'static str) -> impl Iterator<Item = &Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The first element within it.
    pub(super) fn first(&self) -> Option<&Self> {
        self.children.first()
    }

    /// The first element at the end of a path of names, such as `Id/IBAN`.
    pub(super) fn at(&self, path: &str) -> Option<&Self> {
        path.split('/').try_fold(self, |element, name| {
            element.children.iter().find(|child| child.name == name)
        })
    }

    /// The text there, without spaces around it; none if it is empty.
    pub(super) fn text_at(&self, path: &str) -> Option<&str> {
        self.at(path).and_then(Self::text)
    }

    /// Its text, without spaces around it; none if it is empty.
    pub(super) fn text(&self) -> Option<&str> {
        Some(self.text.trim()).filter(|text| !text.is_empty())
    }

    /// The value of an attribute.
    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Reads a document: its one root element.
///
/// Document type definitions are refused, and with them the entities that only they could declare:
/// a file of some hundred bytes could otherwise grow to gigabytes, or fetch what it names.
pub(super) fn read(text: &str, notes: &mut Notes) -> Read<Element> {
    let mut reader = Reader::from_str(text);
    let (mut lines, mut open) = (Lines::of(text), vec![Element::default()]);
    let mut elements = 0_usize;
    loop {
        let position = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let line = lines.at(position);
        let event = reader.read_event().map_err(|error| syntax(&error));
        let event = notes.check(line, event)?;
        if matches!(event, Event::Eof) {
            break;
        }
        if matches!(event, Event::Start(_) | Event::Empty(_)) {
            elements = elements.saturating_add(1);
            if elements > MAX_ELEMENTS {
                return Err(notes.note(line, StatementFaultKind::TooManyElements));
            }
        }
        notes.check(line, step(event, line, &mut open))?;
    }
    let ends = |open: &mut Vec<Element>| open.pop().filter(|_| open.is_empty());
    let root = ends(&mut open).and_then(|mut all| match all.children.as_slice() {
        [_] => all.children.pop(),
        _ => None,
    });
    let incomplete = StatementFaultKind::Syntax { why: "the file is not complete".to_owned() };
    root.ok_or_else(|| notes.note(lines.at(text.len()), incomplete))
}

fn syntax(error: &quick_xml::Error) -> StatementFaultKind {
    StatementFaultKind::Syntax { why: error.to_string() }
}

/// Takes one event into the elements that are open.
fn step(event: Event<'_>, line: u64, open: &mut Vec<Element>) -> Result<(), StatementFaultKind> {
    let depth = open.len();
    let text = |open: &mut Vec<Element>, text: &str| {
        if let Some(element) = open.last_mut() {
            element.text.push_str(text);
        }
    };
    match event {
        Event::Start(start) if depth <= MAX_DEPTH => open.push(element(&start, line)?),
        Event::Start(_) => return Err(StatementFaultKind::TooDeep),
        Event::Empty(start) => close(element(&start, line)?, open),
        Event::End(_) => {
            if let Some(element) = open.pop() {
                close(element, open);
            }
        }
        Event::Text(found) => text(open, &found.xml10_content()),
        Event::CData(found) => text(open, &found.xml10_content()),
        Event::GeneralRef(found) => text(open, &referred(&found)?),
        Event::DocType(_) => return Err(StatementFaultKind::Doctype),
        Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::Eof => {}
    }
    Ok(())
}

fn close(element: Element, open: &mut [Element]) {
    if let Some(parent) = open.last_mut() {
        parent.children.push(element);
    }
}

fn element(start: &BytesStart<'_>, line: u64) -> Result<Element, StatementFaultKind> {
    let name = start.local_name().into_inner().to_owned();
    // Names of currencies are all that is read from attributes: nothing in them is escaped.
    let attribute = |found: Result<Attribute<'_>, AttrError>| match found {
        Ok(found) => Ok((found.key.local_name().into_inner().to_owned(), found.value.into_owned())),
        Err(error) => Err(StatementFaultKind::Syntax { why: error.to_string() }),
    };
    let found = start.attributes().take(MAX_ATTRIBUTES.saturating_add(1));
    let attributes = found.map(attribute).collect::<Result<Vec<_>, _>>()?;
    if attributes.len() > MAX_ATTRIBUTES {
        let why = format!("an element has more than {MAX_ATTRIBUTES} attributes");
        return Err(StatementFaultKind::Syntax { why });
    }
    Ok(Element { name, line, attributes, ..Element::default() })
}

/// The character that a reference stands for: `&amp;`, `&#233;`.
fn referred(found: &BytesRef<'_>) -> Result<String, StatementFaultKind> {
    if let Some(character) = found.resolve_char_ref().map_err(|error| syntax(&error))? {
        return Ok(character.to_string());
    }
    let name = found.xml10_content();
    let known = resolve_xml_entity(&name).map(str::to_owned);
    known.ok_or_else(|| StatementFaultKind::Entity { name: name.into_owned() })
}
