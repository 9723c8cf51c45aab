//! Tables as spreadsheets (OOXML), with numbers and dates that can be reckoned with.

use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError,
};

use super::{Cell, Sheet};
use crate::text::Language;

/// How wide a column may be, in characters.
const WIDEST: usize = 60;

/// How cells look.
struct Looks {
    title: Format,
    text: Format,
    day: Format,
    count: Format,
    money: Format,
    percent: Format,
}

impl Looks {
    fn new(bold: bool) -> Self {
        let base = if bold { Format::new().set_bold() } else { Format::new() };
        Self {
            title: Format::new().set_bold().set_align(FormatAlign::Left),
            day: base.clone().set_num_format("yyyy-mm-dd"),
            count: base.clone().set_num_format("#,##0"),
            money: base.clone().set_num_format("#,##0.00"),
            percent: base.clone().set_num_format("0.0#"),
            text: base,
        }
    }
}

pub(super) fn write(sheet: &Sheet, language: Language) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    // The same table gives the same bytes, whenever it is written.
    let made = ExcelDateTime::from_ymd(2000, 1, 1)?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&made));
    let page = book.add_worksheet();
    // A tab holds 31 characters, and none of these.
    let title =
        sheet.title.in_language(language).replace(['[', ']', ':', '*', '?', '/', '\\'], " ");
    page.set_name(title.chars().take(31).collect::<String>())?;
    page.set_freeze_panes(1, 0)?;
    let (rows, bold) = (Looks::new(false), Looks::new(true));
    for (at, column) in (0..).zip(&sheet.columns) {
        let title = column.title.in_language(language);
        page.write_string_with_format(0, at, title, &rows.title)?;
        page.set_column_width(at, width(sheet, usize::from(at), title))?;
    }
    for (line, row) in (1..).zip(&sheet.rows) {
        put(page, line, row, &rows)?;
    }
    if let Some(total) = &sheet.total {
        let line = u32::try_from(sheet.rows.len()).unwrap_or(u32::MAX).saturating_add(1);
        put(page, line, total, &bold)?;
    }
    book.save_to_buffer()
}

fn put(page: &mut Worksheet, line: u32, row: &[Cell], looks: &Looks) -> Result<(), XlsxError> {
    for (at, cell) in (0..).zip(row) {
        match cell {
            Cell::Empty => {}
            // As a text, which is never run as a formula.
            Cell::Text(text) => drop(page.write_string_with_format(line, at, text, &looks.text)?),
            Cell::Day(day) => {
                let part = |part: i8| u8::try_from(part).unwrap_or_default();
                let year = u16::try_from(day.year()).unwrap_or_default();
                let day = ExcelDateTime::from_ymd(year, part(day.month()), part(day.day()))?;
                page.write_datetime_with_format(line, at, day, &looks.day)?;
            }
            Cell::Money(money) => number(page, (line, at), &money.to_string(), &looks.money)?,
            Cell::Count(count) => number(page, (line, at), &count.to_string(), &looks.count)?,
            Cell::Percent(rate) => number(page, (line, at), &rate.to_string(), &looks.percent)?,
        }
    }
    Ok(())
}

/// A number of a spreadsheet is a double, whoever writes it. One of up to 15 digits is written with
/// the digits it was read from; more than that nobody owes.
fn number(
    page: &mut Worksheet,
    (line, at): (u32, u16),
    digits: &str,
    look: &Format,
) -> Result<(), XlsxError> {
    match digits.parse::<f64>() {
        Ok(number) => page.write_number_with_format(line, at, number, look)?,
        Err(_) => page.write_string_with_format(line, at, digits, look)?,
    };
    Ok(())
}

/// Wide enough for what stands in it.
fn width(sheet: &Sheet, at: usize, title: &str) -> u16 {
    let cells = sheet.rows.iter().chain(&sheet.total).filter_map(|row| row.get(at));
    let longest = cells.map(|cell| cell.to_string().chars().count()).max().unwrap_or_default();
    let chars = longest.max(title.chars().count()).min(WIDEST).saturating_add(3);
    u16::try_from(chars).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::super::columns;
    use super::*;
    use crate::say;
    use calamine::{Data, Reader as _, Xlsx};
    use palier_billing::{Currency, Money};

    #[test]
    fn numbers_and_dates_are_what_they_say_and_texts_no_formulas() {
        let money = |minor| Cell::Money(Money::from_minor(minor, Currency::EUR));
        let day = jiff::civil::date(2026, 7, 31);
        let sheet = Sheet {
            name: "x".to_owned(),
            title: say!(en "A/B: C", fr "Créances"),
            columns: columns![
                "name" "Name" "Nom", "day" "Day" "Jour", "amount" "Amount" "Montant",
            ],
            rows: vec![
                vec![Cell::text("=1+1"), Cell::Day(day), money(1_234_567_890_123)],
                vec![Cell::text("007"), Cell::Empty, money(-1)],
            ],
            total: Some(vec![Cell::Empty, Cell::Empty, money(1_234_567_890_122)]),
        };
        let bytes = write(&sheet, Language::Fr).unwrap();
        assert_eq!(write(&sheet, Language::Fr).unwrap(), bytes);
        let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
        assert_eq!(book.sheet_names(), ["Créances"]);
        let range = book.worksheet_range("Créances").unwrap();
        let at = |line, column| range.get_value((line, column)).cloned().unwrap_or_default();
        assert_eq!(at(0, 1), Data::String("Jour".to_owned()));
        assert_eq!(at(1, 0), Data::String("=1+1".to_owned()));
        assert_eq!(at(2, 0), Data::String("007".to_owned()));
        assert!(
            matches!(&at(1, 1), Data::DateTime(it) if it.to_ymd_hms_milli().2 == 31),
            "{:?}",
            at(1, 1)
        );
        assert_eq!(at(1, 2), Data::Float(12_345_678_901.23));
        assert_eq!(at(2, 2), Data::Float(-0.01));
        assert_eq!(at(3, 2), Data::Float(12_345_678_901.22));
        assert!(book.worksheet_formula("Créances").unwrap().is_empty());
    }
}
