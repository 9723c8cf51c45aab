//! The metadata by which a PDF is known as Factur-X (Factur-X 1.0, 6.3; ISO 19005-3, 6.6.2.3).
//!
//! What writes the PDF has no way to add properties of other schemas, so they are put into what it
//! wrote: a stream that is longer by so much, and offsets behind it that are greater by as much. Its
//! files have one table of offsets and streams of metadata that are not compressed; any other layout
//! is refused, never guessed at.

use super::PdfError;

/// What the attached invoice is called.
pub(super) const FILE: &str = "factur-x.xml";

/// The properties, in the order of the specification: name, value, meaning.
const PROPERTIES: [(&str, &str, &str); 4] = [
    ("DocumentType", "INVOICE", "INVOICE"),
    ("DocumentFileName", FILE, "Name of the embedded XML invoice file"),
    ("Version", "1.0", "The actual version of the Factur-X XML schema"),
    ("ConformanceLevel", "EN 16931", "The conformance level of the embedded Factur-X data"),
];
/// Their schema.
const NAMESPACE: &str = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#";
/// The end of the schemas that metadata describes.
const SCHEMAS_END: &str = "</rdf:Bag></pdfaExtension:schemas>";
/// The end of all metadata.
const END: &str = "</rdf:RDF>";
/// An entry of the table of offsets: ten digits, generation, kind, end of line (ISO 32000-1, 7.5.4).
const ENTRY: usize = 20;

/// Declares that the file carries an invoice.
///
/// # Errors
/// [`PdfError::Metadata`] if the file is not laid out as described above.
pub(super) fn declare(pdf: &[u8]) -> Result<Vec<u8>, PdfError> {
    let Parts { head, length, dictionary, xmp, between, table, trailer } = Parts::of(pdf)?;
    let declared = with_properties(xmp)?;
    let written = declared.len().to_string();
    let more = written.len().saturating_add(declared.len());
    let grown = more.saturating_sub(length.len().saturating_add(xmp.len()));
    let behind = head.len();
    let mut out = Vec::with_capacity(pdf.len().saturating_add(grown));
    for part in [head, written.as_bytes(), dictionary, declared.as_bytes(), between] {
        out.extend_from_slice(part);
    }
    let start = out.len();
    let (first, entries) = table;
    out.extend_from_slice(first);
    for entry in entries.chunks(ENTRY) {
        out.extend_from_slice(&moved(entry, behind, grown)?);
    }
    out.extend_from_slice(trailer);
    out.extend_from_slice(format!("startxref\n{start}\n%%EOF").as_bytes());
    Ok(out)
}

/// A file, cut where it changes.
struct Parts<'p> {
    head: &'p [u8],
    /// The length of the metadata, in digits.
    length: &'p str,
    dictionary: &'p [u8],
    xmp: &'p str,
    between: &'p [u8],
    /// The first two lines of the table of offsets, and its entries.
    table: (&'p [u8], &'p [u8]),
    trailer: &'p [u8],
}

impl<'p> Parts<'p> {
    fn of(pdf: &'p [u8]) -> Result<Self, PdfError> {
        let odd = |what| move || PdfError::Metadata(what);
        let at = find(pdf, b"/Type/Metadata").ok_or_else(odd("no metadata"))?;
        let (before, _) = pdf.split_at(at);
        let key = b"/Length ";
        let length = rfind(before, key).ok_or_else(odd("no length"))?.saturating_add(key.len());
        let (head, rest) = pdf.split_at(length);
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (length, rest) = rest.split_at(digits);
        let length = str::from_utf8(length).map_err(|_| PdfError::Metadata("length"))?;
        let bytes: usize = length.parse().map_err(|_| PdfError::Metadata("length"))?;
        let stream = b"stream\n";
        let start = find(rest, stream).ok_or_else(odd("no stream"))?.saturating_add(stream.len());
        let (dictionary, rest) = rest.split_at(start);
        if find(dictionary, b"/Filter").is_some() {
            return Err(PdfError::Metadata("compressed"));
        }
        let (xmp, rest) = rest.split_at_checked(bytes).ok_or_else(odd("length"))?;
        let xmp = str::from_utf8(xmp).map_err(|_| PdfError::Metadata("no text"))?;
        let table = b"\nxref\n";
        let table = rfind(rest, table).ok_or_else(odd("no table"))?.saturating_add(1);
        let (between, table) = rest.split_at(table);
        let trailer = rfind(table, b"trailer\n").ok_or_else(odd("no trailer"))?;
        let (table, trailer) = table.split_at(trailer);
        let last = rfind(trailer, b"startxref\n").ok_or_else(odd("no start"))?;
        let (trailer, _) = trailer.split_at(last);
        // Two lines, `xref` and how many entries; then the entries.
        let lines = table.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
        let first = lines.map(|(at, _)| at).nth(1).ok_or_else(odd("no entries"))?;
        let table = table.split_at(first.saturating_add(1));
        if !table.1.len().is_multiple_of(ENTRY) {
            return Err(PdfError::Metadata("entries"));
        }
        Ok(Self { head, length, dictionary, xmp, between, table, trailer })
    }
}

/// An entry of the table; what stands behind the metadata has moved.
fn moved(entry: &[u8], behind: usize, by: usize) -> Result<Vec<u8>, PdfError> {
    let odd = || PdfError::Metadata("entry");
    let (offset, rest) = entry.split_at_checked(10).ok_or_else(odd)?;
    let offset: usize =
        str::from_utf8(offset).ok().and_then(|digits| digits.parse().ok()).ok_or_else(odd)?;
    let used = rest.get(7).copied().ok_or_else(odd)? == b'n';
    let offset = if used && offset > behind { offset.saturating_add(by) } else { offset };
    Ok([format!("{offset:010}").as_bytes(), rest].concat())
}

/// The metadata with the properties, and with their schema beside those that are described already.
fn with_properties(xmp: &str) -> Result<String, PdfError> {
    let property = |(name, _, meaning)| {
        format!(
            "<rdf:li rdf:parseType=\"Resource\"><pdfaProperty:name>{name}</pdfaProperty:name>\
             <pdfaProperty:valueType>Text</pdfaProperty:valueType>\
             <pdfaProperty:category>external</pdfaProperty:category>\
             <pdfaProperty:description>{meaning}</pdfaProperty:description></rdf:li>"
        )
    };
    let described = PROPERTIES.map(property).concat();
    let schema = format!(
        "<rdf:li rdf:parseType=\"Resource\">\
         <pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>\
         <pdfaSchema:namespaceURI>{NAMESPACE}</pdfaSchema:namespaceURI>\
         <pdfaSchema:prefix>fx</pdfaSchema:prefix>\
         <pdfaSchema:property><rdf:Seq>{described}</rdf:Seq></pdfaSchema:property></rdf:li>"
    );
    let value = |(name, value, _)| format!("<fx:{name}>{value}</fx:{name}>");
    let values = PROPERTIES.map(value).concat();
    let values = format!(
        "<rdf:Description rdf:about=\"\" xmlns:fx=\"{NAMESPACE}\">{values}</rdf:Description>"
    );
    // Two lists of schemas would be wrong, and so would be none: PDF/A-3 has one with ours in it.
    for needed in [SCHEMAS_END, END] {
        if xmp.matches(needed).count() != 1 {
            return Err(PdfError::Metadata("schemas"));
        }
    }
    let xmp = xmp.replacen(SCHEMAS_END, &format!("{schema}{SCHEMAS_END}"), 1);
    Ok(xmp.replacen(END, &format!("{values}{END}"), 1))
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

fn rfind(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).rposition(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    const XMP: &str = "<rdf:RDF><rdf:Description><pdfaExtension:schemas><rdf:Bag><rdf:li/></rdf:Bag>\
                       </pdfaExtension:schemas></rdf:Description></rdf:RDF>";

    /// A file of three objects, the second of which is metadata.
    fn file(xmp: &str) -> Vec<u8> {
        let length = xmp.len();
        let objects = [
            "1 0 obj\n<</Kind/First>>\nendobj\n".to_owned(),
            format!(
                "2 0 obj\n<</Length {length}/Type/Metadata>>\nstream\n{xmp}\nendstream\nendobj\n"
            ),
            "3 0 obj\n<</Kind/Last>>\nendobj\n\n".to_owned(),
        ];
        let mut text = "%PDF-1.7\n".to_owned();
        let mut table = "xref\n0 4\n0000000000 65535 f\r\n".to_owned();
        for object in objects {
            table = [table, format!("{:010} 00000 n\r\n", text.len())].concat();
            text.push_str(&object);
        }
        let start = text.len();
        let trailer = format!("trailer\n<</Size 4>>\nstartxref\n{start}\n%%EOF");
        [text, table, trailer].concat().into_bytes()
    }

    #[test]
    fn properties_are_added_and_every_offset_still_finds_its_object() {
        let pdf = String::from_utf8(declare(&file(XMP)).unwrap()).unwrap();
        assert!(pdf.contains("<fx:ConformanceLevel>EN 16931</fx:ConformanceLevel>"), "{pdf}");
        assert_eq!(pdf.matches("<pdfaExtension:schemas>").count(), 1);
        let start: usize = pdf.lines().rev().nth(1).unwrap().parse().unwrap();
        let table: Vec<_> = pdf[start..].lines().collect();
        assert_eq!(table[..3], ["xref", "0 4", "0000000000 65535 f"]);
        for (object, entry) in ["1 0 obj", "2 0 obj", "3 0 obj"].iter().zip(&table[3..6]) {
            let offset: usize = entry[..10].parse().unwrap();
            assert!(pdf[offset..].starts_with(object), "{entry}");
        }
        let (_, rest) = pdf.split_once("/Length ").unwrap();
        let length: usize = rest.split_once("/Type").unwrap().0.parse().unwrap();
        let (_, stream) = pdf.split_once("stream\n").unwrap();
        assert!(stream[length..].starts_with("\nendstream"));
    }

    #[test]
    fn another_layout_is_refused() {
        for odd in [b"%PDF-1.7".to_vec(), file("<rdf:RDF></rdf:RDF>"), file("plain")] {
            assert!(matches!(declare(&odd), Err(PdfError::Metadata(_))));
        }
        let compressed = String::from_utf8(file(XMP)).unwrap();
        let compressed = compressed.replace("/Type/Metadata", "/Type/Metadata/Filter/A");
        assert!(matches!(declare(compressed.as_bytes()), Err(PdfError::Metadata("compressed"))));
    }
}
