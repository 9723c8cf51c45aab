//! XML as a tree of elements, without namespaces and without anything that could attack a reader.

use quick_xml::{
    Reader,
    escape::resolve_xml_entity,
    events::{
        BytesRef, BytesStart, Event,
        attributes::{AttrError, Attribute},
    },
};

use crate::text::{self, Lines, NotText};

/// How deep elements may lie inside one another; what is read here needs a dozen.
pub(crate) const MAX_DEPTH: usize = 64;

/// How many elements a document may have: some tens for each of thousands of a bank's movements.
pub(crate) const MAX_ELEMENTS: usize = 500_000;

/// How many attributes an element may have. Each is compared with all before it, and none needs more
/// than a few.
const MAX_ATTRIBUTES: usize = 32;

/// An element, by its name without prefix.
#[derive(Debug, Default)]
pub(crate) struct Element {
    pub(crate) name: String,
    pub(crate) line: u64,
    attributes: Vec<(String, String)>,
    text: String,
    children: Vec<Element>,
}

impl Element {
    /// The elements of that name within it.
    pub(crate) fn all(&self, name: &'static str) -> impl Iterator<Item = &Self> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The first element within it.
    pub(crate) fn first(&self) -> Option<&Self> {
        self.children.first()
    }

    /// The first element at the end of a path of names, such as `Id/IBAN`.
    pub(crate) fn at(&self, path: &str) -> Option<&Self> {
        path.split('/').try_fold(self, |element, name| {
            element.children.iter().find(|child| child.name == name)
        })
    }

    /// The text there, without spaces around it; none if it is empty.
    pub(crate) fn text_at(&self, path: &str) -> Option<&str> {
        self.at(path).and_then(Self::text)
    }

    /// Its text, without spaces around it; none if it is empty.
    pub(crate) fn text(&self) -> Option<&str> {
        Some(self.text.trim()).filter(|text| !text.is_empty())
    }

    /// The value of an attribute.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// What keeps a file from being read as XML, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct XmlFault {
    /// The line of the file, from 1.
    pub(crate) line: u64,
    pub(crate) kind: XmlFaultKind,
}

/// What keeps a file from being read as XML.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum XmlFaultKind {
    /// The bytes are not what the file says of its encoding.
    #[error("is not text in {name}")]
    Encoding {
        /// Name of the encoding.
        name: String,
    },
    /// No well-formed XML.
    #[error("cannot be read: {why}")]
    Syntax {
        /// What the parser says.
        why: String,
    },
    /// A document type definition, which could make a small file grow without bounds or name files of
    /// this machine.
    #[error("has a document type definition, which nothing read here needs")]
    Doctype,
    /// A reference to an entity that only a document type definition could have declared.
    #[error("refers to the entity {name:?}")]
    Entity {
        /// Its name.
        name: String,
    },
    /// Elements within elements, more than anything that is read here has.
    #[error("has more than {MAX_DEPTH} elements inside one another")]
    TooDeep,
    /// More elements than anything that is read here has.
    #[error("has more than {MAX_ELEMENTS} elements")]
    TooManyElements,
}

impl XmlFaultKind {
    /// A stable name for the kind of fault, for programs and translations.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Encoding { .. } => "encoding",
            Self::Syntax { .. } => "syntax",
            Self::Doctype => "doctype",
            Self::Entity { .. } => "entity",
            Self::TooDeep => "too_deep",
            Self::TooManyElements => "too_many_elements",
        }
    }
}

impl From<NotText> for XmlFaultKind {
    fn from(NotText { name }: NotText) -> Self {
        Self::Encoding { name }
    }
}

/// Reads a document: its one root element.
///
/// Document type definitions are refused, and with them the entities that only they could declare:
/// a file of some hundred bytes could otherwise grow to gigabytes, or fetch what it names.
pub(crate) fn read(bytes: &[u8]) -> Result<Element, XmlFault> {
    let text = text::of_xml(bytes).map_err(|error| XmlFault { line: 1, kind: error.into() })?;
    let mut reader = Reader::from_str(&text);
    let (mut lines, mut open) = (Lines::of(&text), vec![Element::default()]);
    let mut elements = 0_usize;
    loop {
        let position = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let line = lines.at(position);
        let here = |kind| XmlFault { line, kind };
        let event = reader.read_event().map_err(|error| here(syntax(&error)))?;
        if matches!(event, Event::Eof) {
            break;
        }
        if matches!(event, Event::Start(_) | Event::Empty(_)) {
            elements = elements.saturating_add(1);
            if elements > MAX_ELEMENTS {
                return Err(here(XmlFaultKind::TooManyElements));
            }
        }
        step(event, line, &mut open).map_err(here)?;
    }
    let ends = |open: &mut Vec<Element>| open.pop().filter(|_| open.is_empty());
    let root = ends(&mut open).and_then(|mut all| match all.children.as_slice() {
        [_] => all.children.pop(),
        _ => None,
    });
    let incomplete = XmlFaultKind::Syntax { why: "the file is not complete".to_owned() };
    root.ok_or_else(|| XmlFault { line: lines.at(text.len()), kind: incomplete })
}

fn syntax(error: &quick_xml::Error) -> XmlFaultKind {
    XmlFaultKind::Syntax { why: error.to_string() }
}

/// Takes one event into the elements that are open.
fn step(event: Event<'_>, line: u64, open: &mut Vec<Element>) -> Result<(), XmlFaultKind> {
    let depth = open.len();
    let text = |open: &mut Vec<Element>, text: &str| {
        if let Some(element) = open.last_mut() {
            element.text.push_str(text);
        }
    };
    match event {
        Event::Start(start) if depth <= MAX_DEPTH => open.push(element(&start, line)?),
        Event::Start(_) => return Err(XmlFaultKind::TooDeep),
        Event::Empty(start) => close(element(&start, line)?, open),
        Event::End(_) => {
            if let Some(element) = open.pop() {
                close(element, open);
            }
        }
        Event::Text(found) => text(open, &found.xml10_content()),
        Event::CData(found) => text(open, &found.xml10_content()),
        Event::GeneralRef(found) => text(open, &referred(&found)?),
        Event::DocType(_) => return Err(XmlFaultKind::Doctype),
        Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::Eof => {}
    }
    Ok(())
}

fn close(element: Element, open: &mut [Element]) {
    if let Some(parent) = open.last_mut() {
        parent.children.push(element);
    }
}

fn element(start: &BytesStart<'_>, line: u64) -> Result<Element, XmlFaultKind> {
    let name = start.local_name().into_inner().to_owned();
    // Names of currencies and schemes are all that is read from attributes: nothing in them is escaped.
    let attribute = |found: Result<Attribute<'_>, AttrError>| match found {
        Ok(found) => Ok((found.key.local_name().into_inner().to_owned(), found.value.into_owned())),
        Err(error) => Err(XmlFaultKind::Syntax { why: error.to_string() }),
    };
    let found = start.attributes().take(MAX_ATTRIBUTES.saturating_add(1));
    let attributes = found.map(attribute).collect::<Result<Vec<_>, _>>()?;
    if attributes.len() > MAX_ATTRIBUTES {
        let why = format!("an element has more than {MAX_ATTRIBUTES} attributes");
        return Err(XmlFaultKind::Syntax { why });
    }
    Ok(Element { name, line, attributes, ..Element::default() })
}

/// The character that a reference stands for: `&amp;`, `&#233;`.
fn referred(found: &BytesRef<'_>) -> Result<String, XmlFaultKind> {
    if let Some(character) = found.resolve_char_ref().map_err(|error| syntax(&error))? {
        return Ok(character.to_string());
    }
    let name = found.xml10_content();
    let known = resolve_xml_entity(&name).map(str::to_owned);
    known.ok_or_else(|| XmlFaultKind::Entity { name: name.into_owned() })
}
