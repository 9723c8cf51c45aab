//! Numbers and lists as people read and write them.

use std::fmt::Display;

use palier_billing::{Charge, Currency, Month, Price, Tariff, minor_digits};

use crate::say;
use crate::text::Text;

/// No-break: as wide as a digit in a terminal, and never the end of a line.
const GROUP: char = '\u{a0}';

/// A decimal in groups of three digits, the way French and English readers both understand:
/// `36 000.5`.
pub(crate) fn grouped(number: impl Display) -> String {
    let text = number.to_string();
    let (whole, fraction) =
        text.split_once('.').map_or((text.as_str(), None), |(whole, rest)| (whole, Some(rest)));
    let mut out = String::with_capacity(text.len().saturating_mul(2));
    let digits = whole.len();
    for (at, digit) in whole.char_indices() {
        let behind = digits.saturating_sub(at);
        let follows_digit = out.ends_with(|it: char| it.is_ascii_digit());
        if follows_digit && behind.is_multiple_of(3) {
            out.push(GROUP);
        }
        out.push(digit);
    }
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// Decimals with as many places as the longest of them needs, so that their points stand in line.
pub(crate) fn in_line(numbers: Vec<Option<String>>, least: usize) -> Vec<String> {
    let places = |number: &String| number.split_once('.').map_or(0, |(_, rest)| rest.len());
    let most = numbers.iter().flatten().map(places).fold(least, usize::max);
    let aligned = numbers.into_iter().map(|number| {
        let Some(number) = number else {
            return String::new();
        };
        let zeros = "0".repeat(most.saturating_sub(places(&number)));
        let point = if most > 0 && !number.contains('.') { "." } else { "" };
        grouped(format_args!("{number}{point}{zeros}"))
    });
    aligned.collect()
}

/// A price with no fewer places than the currency's amounts have.
pub(crate) fn priced(price: Price, currency: Currency) -> String {
    in_line(vec![Some(price.to_string())], least_places(currency)).concat()
}

/// How many decimal places the currency's amounts have.
pub(crate) fn least_places(currency: Currency) -> usize {
    minor_digits(currency).map_or(0, usize::from)
}

/// `a`, `a and b`, `a, b and c`; of very many, only the first few.
pub(crate) fn listed<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    const MOST: usize = 12;
    let mut items: Vec<_> = items.into_iter().map(|item| item.to_string()).collect();
    if items.len() > MOST {
        let others = items.len().saturating_sub(MOST);
        items.truncate(MOST);
        items.push(format!("{others} more"));
    }
    match items.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}

/// `1 row repeats`, `12 rows repeat`.
pub(crate) fn counted(count: u64, one: &str, many: &str) -> String {
    let what = if count == 1 { one } else { many };
    format!("{} {what}", grouped(count))
}

/// `July 2026`, `juillet 2026`.
pub(crate) fn month(month: Month) -> Text {
    const FRENCH: [&str; 12] = [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ];
    let en = month_name(month);
    let french = month.days().ok().and_then(|days| {
        let day = days.first();
        let nth = usize::try_from(day.month().saturating_sub(1)).ok()?;
        Some(format!("{} {}", FRENCH.get(nth)?, day.year()))
    });
    Text { fr: french.unwrap_or_else(|| en.clone()), en }
}

/// `July 2026`.
pub(crate) fn month_name(month: Month) -> String {
    month
        .days()
        .map_or_else(|_| month.to_string(), |days| days.first().strftime("%B %Y").to_string())
}

/// What a charge counts: its meter by name, if it has one.
pub(crate) fn unit<'t>(tariff: &'t Tariff, charge: &'t Charge) -> Option<&'t str> {
    let source = charge.source();
    let declared = source.and_then(|source| tariff.meter_of(source));
    let named = || source.and_then(|source| source.meter.as_deref());
    declared.map(|meter| meter.code.as_str()).or_else(named)
}

/// A number as French spreadsheets write it, `1 200,5`, the way it is read here.
pub(crate) fn french(number: &str) -> String {
    let mut groups = number.split(',').next().unwrap_or_default().split(char::is_whitespace);
    let first = groups.next().unwrap_or_default().trim_start_matches('-').len();
    let in_groups = (1..=3).contains(&first) && groups.all(|group| group.len() == 3);
    let digits = number.chars().filter(|it| !(in_groups && it.is_whitespace()));
    digits.map(|it| if it == ',' { '.' } else { it }).collect()
}

/// `31 August 2026`, `1er août 2026`.
pub(crate) fn day(date: jiff::civil::Date) -> Text {
    let (nth, month) = (date.day(), month(Month::of(date)));
    let first = if nth == 1 { "er" } else { "" };
    let Text { en, fr } = month;
    say!(en "{nth} {en}", fr "{nth}{first} {fr}")
}
