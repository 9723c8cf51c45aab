//! Tables as CSV (RFC 4180): UTF-8, commas, a line of field names, lines that end in CR LF.

use csv::{Terminator, WriterBuilder};

use super::{Cell, Sheet};

/// What makes a spreadsheet take a text for a formula, or skip to the next character and then do so.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

pub(super) fn write(sheet: &Sheet) -> Result<Vec<u8>, csv::Error> {
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(sheet.columns.iter().map(|column| column.field))?;
    for row in &sheet.rows {
        writer.write_record(row.iter().map(written))?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

/// A text that a spreadsheet would run gets an apostrophe in front (OWASP, CSV injection): names
/// and references come from outside. Numbers are ours, and stay numbers below zero as well.
fn written(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) if text.starts_with(FORMULA) => format!("'{text}"),
        cell => cell.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::columns;
    use super::*;
    use crate::say;
    use palier_billing::{Currency, Money};

    #[test]
    fn texts_that_would_be_formulas_are_quoted_and_numbers_are_not() {
        let cell = |text: &str| Cell::text(text);
        let money = |minor| Cell::Money(Money::from_minor(minor, Currency::EUR));
        let sheet = Sheet {
            name: "x".to_owned(),
            title: say!(en "X", fr "X"),
            columns: columns!["name" "Name" "Nom", "amount" "Amount" "Montant"],
            rows: vec![
                vec![cell("=HYPERLINK(\"http://x\")"), money(-120)],
                vec![cell("@SUM(A1)"), Cell::Empty],
                vec![cell("\t=1"), money(0)],
                vec![cell("-1, or \"so\""), money(10_000)],
                vec![cell("Forge\nSA"), Cell::Count(3)],
            ],
            total: Some(vec![Cell::Empty, money(1)]),
        };
        let text = String::from_utf8(write(&sheet).unwrap()).unwrap();
        let expected = "name,amount\r\n\"'=HYPERLINK(\"\"http://x\"\")\",-1.20\r\n'@SUM(A1),\r\n\
                        '\t=1,0.00\r\n\"'-1, or \"\"so\"\"\",100.00\r\n\"Forge\nSA\",3\r\n";
        assert_eq!(text, expected);
    }
}
