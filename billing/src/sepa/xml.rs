//! What messages are written with.

use std::fmt::Display;
use std::io;

use jiff::civil::DateTime;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::account::PostalLines;
use super::remittance::Remittance;
use super::{AccountHolder, Bic};
use crate::Money;
use crate::statement::Iban;

/// What writing in memory gives.
pub(super) type Written = io::Result<()>;

/// Of which year the schema of a message is: elements got other names and more parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edition {
    Of2009,
    Of2019,
}

/// What stands where a bank is not named, since its account says which it is (EPC130-08, AT-13).
const NOT_PROVIDED: &str = "NOTPROVIDED";

/// A message in the making. Texts that go into it were made of permitted characters before.
pub(super) struct Xml {
    writer: Writer<Vec<u8>>,
    edition: Edition,
}

impl Xml {
    /// A message by its ISO 20022 name and its root element, with what is inside.
    pub(super) fn message(
        (name, edition): (&str, Edition),
        root: &'static str,
        inside: impl FnOnce(&mut Self) -> Written,
    ) -> io::Result<Vec<u8>> {
        let mut xml = Self { writer: Writer::new_with_indent(Vec::new(), b' ', 2), edition };
        xml.writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
        let namespace = format!("urn:iso:std:iso:20022:tech:xsd:{name}");
        let start = BytesStart::new("Document").with_attributes([("xmlns", namespace.as_str())]);
        xml.writer.write_event(Event::Start(start))?;
        xml.group(root, inside)?;
        xml.writer.write_event(Event::End(BytesEnd::new("Document")))?;
        let mut bytes = xml.writer.into_inner();
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Whether it is of the later schemas.
    pub(super) fn is_of_2019(&self) -> bool {
        self.edition == Edition::Of2019
    }

    /// An element with others inside.
    pub(super) fn group(
        &mut self,
        name: &'static str,
        inside: impl FnOnce(&mut Self) -> Written,
    ) -> Written {
        self.writer.write_event(Event::Start(BytesStart::new(name)))?;
        inside(self)?;
        self.writer.write_event(Event::End(BytesEnd::new(name)))
    }

    /// A value at the end of a path of elements, such as `Id/IBAN`.
    pub(super) fn put(&mut self, path: &'static str, value: impl Display) -> Written {
        match path.split_once('/') {
            Some((name, rest)) => self.group(name, |xml| xml.put(rest, value)),
            None => self.leaf(BytesStart::new(path), &value.to_string()),
        }
    }

    /// An amount, with its currency.
    pub(super) fn amount(&mut self, name: &'static str, amount: Money) -> Written {
        let mut start = BytesStart::new(name);
        start.push_attribute(("Ccy", amount.currency().code()));
        self.leaf(start, &amount.to_string())
    }

    fn leaf(&mut self, start: BytesStart<'static>, text: &str) -> Written {
        let end = start.to_end().into_owned();
        self.writer.write_event(Event::Start(start))?;
        self.writer.write_event(Event::Text(BytesText::new(text)))?;
        self.writer.write_event(Event::End(end))
    }

    /// What identifies the message, and what all of it comes to.
    pub(super) fn header(
        &mut self,
        (id, created_at): (&str, DateTime),
        (count, sum): (usize, Money),
        initiator: &AccountHolder,
    ) -> Written {
        self.group("GrpHdr", |xml| {
            xml.put("MsgId", id)?;
            xml.put("CreDtTm", created_at.strftime("%Y-%m-%dT%H:%M:%S"))?;
            xml.put("NbOfTxs", count)?;
            xml.put("CtrlSum", sum)?;
            xml.put("InitgPty/Nm", initiator.name())
        })
    }

    /// A bank, or that it is not named.
    pub(super) fn agent(&mut self, name: &'static str, bic: Option<&Bic>) -> Written {
        let code = if self.is_of_2019() { "FinInstnId/BICFI" } else { "FinInstnId/BIC" };
        self.group(name, |xml| match bic {
            Some(bic) => xml.put(code, bic),
            None => xml.put("FinInstnId/Othr/Id", NOT_PROVIDED),
        })
    }

    /// An account.
    pub(super) fn account(&mut self, name: &'static str, iban: &Iban) -> Written {
        self.group(name, |xml| xml.put("Id/IBAN", iban))
    }

    /// Somebody by name, and by address where banks must be told.
    pub(super) fn holder(&mut self, name: &'static str, of: &AccountHolder) -> Written {
        self.group(name, |xml| {
            xml.put("Nm", of.name())?;
            of.address().map_or(Ok(()), |it| xml.address(it))
        })
    }

    /// An address: with town and country by themselves (hybrid, as the rulebooks of 2025 have it), since from
    /// November 2026 a mere text is not taken any more; in the older schema, whose guidelines know nothing
    /// else, as two lines and the country.
    fn address(&mut self, of: &PostalLines) -> Written {
        let PostalLines { street, postcode, town, country } = of;
        let parted = self.is_of_2019();
        self.group("PstlAdr", |xml| {
            if parted {
                postcode.as_ref().map_or(Ok(()), |it| xml.put("PstCd", it))?;
                xml.put("TwnNm", town)?;
            }
            xml.put("Ctry", country)?;
            xml.put("AdrLine", street)?;
            match postcode {
                _ if parted => Ok(()),
                Some(postcode) => xml.put("AdrLine", format_args!("{postcode} {town}")),
                None => xml.put("AdrLine", town),
            }
        })
    }

    /// What the payment is for.
    pub(super) fn remittance(&mut self, of: &Remittance) -> Written {
        self.group("RmtInf", |xml| match of {
            Remittance::Text(text) => xml.put("Ustrd", text),
            Remittance::Reference(reference) => xml.group("Strd", |xml| {
                xml.group("CdtrRefInf", |xml| {
                    xml.group("Tp", |xml| {
                        xml.put("CdOrPrtry/Cd", "SCOR")?;
                        xml.put("Issr", "ISO")
                    })?;
                    xml.put("Ref", reference)
                })
            }),
        })
    }
}
