//! Elements written one inside the other.

use std::fmt::{Display, Write as _};

use jiff::civil::{Date, DateTime};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::EinvoiceError;

type Written = Result<(), EinvoiceError>;

/// An XML document in the making.
pub(super) struct Xml {
    writer: Writer<Vec<u8>>,
    /// What a value is printed into, kept for the next.
    shown: String,
}

impl Xml {
    /// A document: its root with what is inside it.
    pub(super) fn document(
        root: &'static str,
        namespaces: &[(&'static str, &'static str)],
        inside: impl FnOnce(&mut Self) -> Written,
    ) -> Result<Vec<u8>, EinvoiceError> {
        // Most documents are smaller, so that memory is asked for once.
        let writer = Writer::new_with_indent(Vec::with_capacity(16 << 10), b' ', 2);
        let mut xml = Self { writer, shown: String::new() };
        xml.writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        let start = BytesStart::new(root).with_attributes(namespaces.iter().copied());
        xml.writer.write_event(Event::Start(start))?;
        inside(&mut xml)?;
        xml.writer.write_event(Event::End(BytesEnd::new(root)))?;
        let mut bytes = xml.writer.into_inner();
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// An element with others inside.
    pub(super) fn group(
        &mut self,
        name: &'static str,
        inside: impl FnOnce(&mut Self) -> Written,
    ) -> Written {
        self.writer.write_event(Event::Start(BytesStart::new(name)))?;
        inside(self)?;
        Ok(self.writer.write_event(Event::End(BytesEnd::new(name)))?)
    }

    /// An element with a text.
    pub(super) fn text(&mut self, name: &'static str, text: &str) -> Written {
        self.leaf(name, None, text)
    }

    /// The same, if there is one.
    pub(super) fn optional(&mut self, name: &'static str, text: Option<&str>) -> Written {
        text.map_or(Ok(()), |text| self.text(name, text))
    }

    /// An element with a value as it prints.
    pub(super) fn value(&mut self, name: &'static str, value: impl Display) -> Written {
        self.printed(name, None, value)
    }

    /// An element with an attribute, and a value as it prints.
    pub(super) fn marked(
        &mut self,
        name: &'static str,
        (attribute, mark): (&'static str, &str),
        value: impl Display,
    ) -> Written {
        self.printed(name, Some((attribute, mark)), value)
    }

    /// A day, in the format that the syntax writes days in.
    pub(super) fn day(
        &mut self,
        name: &'static str,
        mark: Option<(&'static str, &str)>,
        day: Date,
        format: &str,
    ) -> Written {
        check_year(day)?;
        self.printed(name, mark, day.strftime(format))
    }

    /// A moment, the same way.
    pub(super) fn moment(
        &mut self,
        name: &'static str,
        mark: (&'static str, &str),
        moment: DateTime,
        format: &str,
    ) -> Written {
        check_year(moment.date())?;
        self.printed(name, Some(mark), moment.strftime(format))
    }

    fn printed(
        &mut self,
        name: &'static str,
        mark: Option<(&'static str, &str)>,
        value: impl Display,
    ) -> Written {
        let mut shown = std::mem::take(&mut self.shown);
        shown.clear();
        // Only a value that does not print could fail, and none here does.
        write!(shown, "{value}").map_err(|error| EinvoiceError::Write(error.to_string()))?;
        let written = self.leaf(name, mark, &shown);
        self.shown = shown;
        written
    }

    fn leaf(
        &mut self,
        name: &'static str,
        mark: Option<(&'static str, &str)>,
        text: &str,
    ) -> Written {
        let mut start = BytesStart::new(name);
        if let Some((attribute, mark)) = mark {
            carried(mark)?;
            start.push_attribute((attribute, mark));
        }
        carried(text)?;
        self.writer.write_event(Event::Start(start))?;
        self.writer.write_event(Event::Text(BytesText::new(text)))?;
        Ok(self.writer.write_event(Event::End(BytesEnd::new(name)))?)
    }
}

/// The years in which the reform lets documents be (BR-FR-03).
fn check_year(date: Date) -> Written {
    if (2000..=2099).contains(&date.year()) { Ok(()) } else { Err(EinvoiceError::Date { date }) }
}

/// Control characters have no place in XML 1.0, not even as references (section 2.2).
fn carried(text: &str) -> Written {
    let odd = |it: &char| match it {
        '\t' | '\n' | '\r' => false,
        '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => true,
        _ => false,
    };
    text.chars().find(odd).map_or(Ok(()), |found| Err(EinvoiceError::Character { found }))
}
