//! Rows, read by the columns that a header names.

use jiff::civil::Date;

use super::{AmountColumns, CsvMapping, DateOrder, DecimalMark};
use crate::{
    Currency, DecimalError, Money,
    statement::{
        StatementFaultKind, StatementLine,
        fault::{Notes, Read},
    },
    text::one_line,
};

/// Where the columns of a mapping stand.
pub(super) struct Columns<'m> {
    mapping: &'m CsvMapping,
    places: Vec<(&'m str, usize)>,
}

impl<'m> Columns<'m> {
    /// Takes a row for the header, if it has all columns.
    pub(super) fn find(mapping: &'m CsvMapping, fields: &[&str]) -> Option<Self> {
        let place = |name: &'m str| {
            let folded = name.to_lowercase();
            let at = fields.iter().position(|field| one_line(field).to_lowercase() == folded)?;
            Some((name, at))
        };
        let places = mapping.names().into_iter().map(place).collect::<Option<_>>()?;
        Some(Self { mapping, places })
    }

    /// A field by its column's name; empty where the row is too short.
    fn field<'r>(&self, fields: &[&'r str], name: &str) -> &'r str {
        let place = self.places.iter().find(|(known, _)| *known == name);
        place.and_then(|(_, at)| fields.get(*at)).copied().unwrap_or_default()
    }

    fn optional(&self, fields: &[&str], name: Option<&String>) -> Option<String> {
        let field = one_line(self.field(fields, name?));
        Some(field).filter(|field| !field.is_empty())
    }

    /// The movement on a row; none if there is none.
    pub(super) fn row(
        &self,
        line: u64,
        fields: &[&str],
        notes: &mut Notes,
    ) -> Read<Option<StatementLine>> {
        let mapping = self.mapping;
        let booked = self.field(fields, &mapping.booked_on);
        if booked.is_empty() && self.amount_fields(fields) == ("", "") {
            return Ok(None);
        }
        let booked_on = self.date(line, booked, notes);
        let value_on = match self.optional(fields, mapping.value_on.as_ref()) {
            Some(written) => self.date(line, &written, notes),
            None => booked_on,
        };
        let amount = self.currency(fields).and_then(|currency| self.amount(fields, currency));
        let amount = notes.check(line, amount);
        let iban = self.optional(fields, mapping.counterparty_iban.as_ref());
        let text = mapping.text.iter().map(|name| self.field(fields, name)).collect::<Vec<_>>();
        let end_to_end = self.optional(fields, mapping.end_to_end.as_ref());
        Ok(Some(StatementLine {
            key: String::new(),
            line,
            booked_on: booked_on?,
            value_on: value_on?,
            amount: amount?,
            reversal: false,
            return_reason: None,
            bank_reference: self.optional(fields, mapping.bank_reference.as_ref()),
            counterparty: self.optional(fields, mapping.counterparty.as_ref()),
            on_behalf_of: None,
            counterparty_iban: iban.and_then(|iban| iban.parse().ok()),
            remittance: one_line(&text.join(" ")),
            structured_reference: None,
            end_to_end: end_to_end.filter(|it| it != "NOTPROVIDED"),
        }))
    }

    fn currency(&self, fields: &[&str]) -> Result<Currency, StatementFaultKind> {
        let written = self.optional(fields, self.mapping.currency_column.as_ref());
        let code = written.unwrap_or_else(|| self.mapping.currency.clone());
        let known = Currency::from_code(&code).filter(|it| crate::minor_digits(*it).is_ok());
        known.ok_or(StatementFaultKind::NotACurrency { found: code })
    }

    fn date(&self, line: u64, written: &str, notes: &mut Notes) -> Read<Date> {
        let not = || StatementFaultKind::NotADate { found: written.to_owned() };
        notes.check(line, date(written, self.mapping.dates).ok_or_else(not))
    }

    /// What stands on the debit and the credit side; a signed amount counts as credit.
    fn amount_fields<'r>(&self, fields: &[&'r str]) -> (&'r str, &'r str) {
        match &self.mapping.amount {
            AmountColumns::Signed(column) => ("", self.field(fields, column)),
            AmountColumns::Sides { debit, credit } => {
                (self.field(fields, debit), self.field(fields, credit))
            }
        }
    }

    fn amount(&self, fields: &[&str], currency: Currency) -> Result<Money, StatementFaultKind> {
        let zero = Money::zero(currency);
        let read = |written: &str| match written {
            "" => Ok(zero),
            written => money(written, self.mapping.decimal, currency).map_err(|error| {
                StatementFaultKind::NotAnAmount { found: written.to_owned(), error }
            }),
        };
        let (debit, credit) = self.amount_fields(fields);
        if debit.is_empty() && credit.is_empty() {
            return Err(StatementFaultKind::Missing { what: "the amount".to_owned() });
        }
        let (out, into) = (read(debit)?, read(credit)?);
        if !out.is_zero() && !into.is_zero() {
            let (debit, credit) = (debit.to_owned(), credit.to_owned());
            return Err(StatementFaultKind::BothSides { debit, credit });
        }
        match &self.mapping.amount {
            AmountColumns::Signed(_) => Ok(into),
            AmountColumns::Sides { .. } if into.minor() < 0 => {
                Err(StatementFaultKind::NegativeCredit { found: credit.to_owned() })
            }
            AmountColumns::Sides { .. } if out.minor() < 0 => Ok(into.checked_add(out)?),
            AmountColumns::Sides { .. } => Ok(into.checked_sub(out)?),
        }
    }
}

/// Reads a date: three numbers with one mark between them.
fn date(written: &str, order: DateOrder) -> Option<Date> {
    let mark = written.chars().find(|it| matches!(it, '/' | '-' | '.'))?;
    let parts: Vec<_> = written.split(mark).collect();
    let [first, second, third] = parts.as_slice() else { return None };
    let (year, month, day) = match (first.len(), order) {
        (4, _) => (first, second, third),
        (_, DateOrder::DayFirst) => (third, second, first),
        (_, DateOrder::MonthFirst) => (third, first, second),
    };
    let number = |digits: &str| -> Option<i16> {
        let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
        digits.parse().ok().filter(|_| plain && matches!(digits.len(), 1 | 2 | 4))
    };
    let small = |digits: &str| number(digits).and_then(|it| i8::try_from(it).ok());
    let year = match year.len() {
        4 => number(year)?,
        // No bank exports what another century booked.
        2 => number(year)?.checked_add(2000)?,
        _ => return None,
    };
    Date::new(year, small(month)?, small(day)?).ok()
}

/// Reads an amount as people and banks write it: `-1 234,50`, `1.234,50`, `+12,00 €`.
///
/// Marks between thousands must stand between thousands: `12.50` where cents come behind a comma
/// is a fault, not 1250.
fn money(written: &str, decimal: DecimalMark, currency: Currency) -> Result<Money, DecimalError> {
    let (mark, grouping) = match decimal {
        DecimalMark::Comma => (',', '.'),
        DecimalMark::Point => ('.', ','),
    };
    let unit = ["€", "EUR"].iter().find_map(|unit| written.strip_suffix(unit));
    let written = unit.unwrap_or(written).trim().replace('\u{2212}', "-");
    let unsigned = written.trim_start_matches(['-', '+']).trim_start();
    let sign = written.strip_suffix(unsigned).unwrap_or_default().trim();
    let sign = match sign {
        "" | "+" => "",
        "-" => "-",
        _ => return Err(DecimalError::NotANumber),
    };
    let (whole, fraction) = match unsigned.split_once(mark) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (unsigned, None),
    };
    let groups: Vec<_> = whole.split(|it: char| it == grouping || it.is_whitespace()).collect();
    let digits = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    let (first, others) = groups.split_first().ok_or(DecimalError::NotANumber)?;
    let grouped = others.iter().all(|group| group.len() == 3) && (1..=3).contains(&first.len());
    let whole_ok = groups.iter().all(|it| digits(it)) && (others.is_empty() || grouped);
    if !whole_ok || !fraction.is_none_or(digits) {
        return Err(DecimalError::NotANumber);
    }
    Money::parse(&format!("{sign}{}.{}", groups.concat(), fraction.unwrap_or_default()), currency)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date as day;

    use super::*;

    #[test]
    fn amounts_are_read_as_banks_write_them() {
        let comma = |written| money(written, DecimalMark::Comma, Currency::EUR);
        for (written, cents) in [
            ("1 234,50", 123_450),
            ("1\u{202f}234\u{a0}567,8", 123_456_780),
            ("1.234,50", 123_450),
            ("- 1234,5 €", -123_450),
            ("\u{2212}0,05 EUR", -5),
            ("+12", 12_00),
            (",50", 50),
        ] {
            assert_eq!(comma(written).map(Money::minor), Ok(cents), "{written}");
        }
        for wrong in ["12.50", "1.23,00", "1 2345,00", "--1", "1,2,3", "1e3", "(12,00)", "€", "-"]
        {
            assert_eq!(comma(wrong), Err(DecimalError::NotANumber), "{wrong}");
        }
        assert_eq!(comma("0,005"), Err(DecimalError::TooManyPlaces { places: 2 }));
        let point = |written| money(written, DecimalMark::Point, Currency::EUR);
        assert_eq!(point("-1,234.50").map(Money::minor), Ok(-123_450));
        assert_eq!(point("1234,50"), Err(DecimalError::NotANumber));
    }

    #[test]
    fn dates_are_read_in_the_order_that_was_said() {
        let first = |written| date(written, DateOrder::DayFirst);
        for written in ["03/08/2026", "3.8.26", "03-08-2026", "2026-08-03"] {
            assert_eq!(first(written), Some(day(2026, 8, 3)), "{written}");
        }
        assert_eq!(date("08/03/2026", DateOrder::MonthFirst), Some(day(2026, 8, 3)));
        for wrong in ["31/02/2026", "08/31/2026", "3/8", "3/8/202", "+3/08/2026", "03/08-2026", ""]
        {
            assert_eq!(first(wrong), None, "{wrong}");
        }
    }
}
