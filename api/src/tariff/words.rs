//! Prices and units as people read them.

use palier_billing::{Currency, Money, Price, minor_digits};

use crate::say;
use crate::text::Text;

/// No line break between a number and what it counts.
const NO_BREAK: char = '\u{a0}';
/// Parts groups of three digits in French.
const THIN: char = '\u{202f}';

/// A decimal, its digits in groups: `1 200,5` and `1,200.5`.
pub(crate) fn number(decimal: &str) -> Text {
    let (whole, fraction) = decimal.split_once('.').unwrap_or((decimal, ""));
    let write = |group: char, point: char| {
        let mut text = String::new();
        for (at, digit) in whole.char_indices() {
            let behind = whole.len().saturating_sub(at);
            if behind.is_multiple_of(3) && text.ends_with(|it: char| it.is_ascii_digit()) {
                text.push(group);
            }
            text.push(digit);
        }
        if !fraction.is_empty() {
            text.push(point);
            text.push_str(fraction);
        }
        text
    };
    Text { en: write(',', '.'), fr: write(THIN, ',') }
}

/// Prices with as many decimals as the longest of them needs, and no fewer than amounts have.
pub(crate) fn prices<const N: usize>(prices: [Price; N], currency: Currency) -> [Text; N] {
    let least = minor_digits(currency).map_or(0, usize::from);
    let places = |text: &str| text.split_once('.').map_or(0, |(_, rest)| rest.len());
    let texts = prices.map(|price| price.to_string());
    let most = texts.iter().map(|text| places(text)).fold(least, usize::max);
    texts.map(|mut text| {
        if most > 0 && !text.contains('.') {
            text.push('.');
        }
        let missing = most.saturating_sub(places(&text));
        text.push_str(&"0".repeat(missing));
        money(number(&text), currency)
    })
}

/// A price with its currency: `15,00 €` and `€15.00`.
pub(crate) fn price(price: Price, currency: Currency) -> Text {
    let [text] = prices([price], currency);
    text
}

/// An amount with its currency: `1 200,00 €` and `€1,200.00`.
pub(crate) fn amount(amount: Money) -> Text {
    money(number(&amount.to_string()), amount.currency())
}

fn money(number: Text, currency: Currency) -> Text {
    let Text { en, fr } = number;
    match currency.code() {
        "EUR" => say!(en "€{en}", fr "{fr}{NO_BREAK}€"),
        "GBP" => say!(en "£{en}", fr "{fr}{NO_BREAK}£"),
        code => say!(en "{code}{NO_BREAK}{en}", fr "{fr}{NO_BREAK}{code}"),
    }
}

/// A percentage: `2,9 %` and `2.9%`.
pub(crate) fn percent(rate: impl std::fmt::Display) -> Text {
    let Text { en, fr } = number(&rate.to_string());
    say!(en "{en}%", fr "{fr}{NO_BREAK}%")
}

/// What one unit is called whose code in UN/ECE recommendation 20 is this.
pub(crate) fn unit(code: &str) -> Option<Text> {
    let (en, fr) = match code {
        "C62" | "EA" | "H87" => ("unit", "unité"),
        "SEC" => ("second", "seconde"),
        "MIN" => ("minute", "minute"),
        "HUR" => ("hour", "heure"),
        "DAY" => ("day", "jour"),
        "WEE" => ("week", "semaine"),
        "MON" => ("month", "mois"),
        "ANN" => ("year", "an"),
        "IE" => ("person", "personne"),
        "E34" => ("gigabyte", "gigaoctet"),
        "E35" => ("terabyte", "téraoctet"),
        "4L" => ("megabyte", "mégaoctet"),
        "KWH" => ("kWh", "kWh"),
        "MWH" => ("MWh", "MWh"),
        "GRM" => ("gram", "gramme"),
        "KGM" => ("kilogram", "kilogramme"),
        "TNE" => ("tonne", "tonne"),
        "MTR" => ("metre", "mètre"),
        "KMT" => ("kilometre", "kilomètre"),
        "MTK" => ("square metre", "mètre carré"),
        "MTQ" => ("cubic metre", "mètre cube"),
        "LTR" => ("litre", "litre"),
        _ => return None,
    };
    Some(say!(en "{en}", fr "{fr}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_each_language_does() {
        let both = |Text { en, fr }: Text| (en, fr);
        assert_eq!(
            both(number("1234567.055")),
            ("1,234,567.055".into(), "1\u{202f}234\u{202f}567,055".into())
        );
        assert_eq!(both(number("-120")), ("-120".into(), "-120".into()));
        let [from, to] = prices(["0.08".parse().unwrap(), "0.055".parse().unwrap()], Currency::EUR);
        assert_eq!(both(from), ("€0.080".into(), "0,080\u{a0}€".into()));
        assert_eq!(both(to), ("€0.055".into(), "0,055\u{a0}€".into()));
        let yen = price("1500".parse().unwrap(), Currency::JPY);
        assert_eq!(both(yen), ("JPY\u{a0}1,500".into(), "1\u{202f}500\u{a0}JPY".into()));
    }
}
