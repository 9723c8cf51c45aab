//! Formats that JSON Schema does not know: what companies and countries call things.

use jsonschema::ValidationOptions;
use palier_billing::{
    CountryCode, Currency, ElectronicAddress, Month, PaymentTerms, Percent, Price, Quantity, Siren,
    Siret, VatNumber, time_zone,
};

use crate::say;
use crate::text::Text;

/// Declares the formats: name, check, what is expected in both languages.
macro_rules! formats {
    ($($name:literal, $check:expr, $en:literal, $fr:literal;)+) => {
        /// Teaches a validator these formats.
        pub(in crate::http) fn register(options: ValidationOptions<'_>) -> ValidationOptions<'_> {
            options$(.with_format($name, $check))+
        }

        /// What a format expects.
        pub(super) fn detail(format: &str) -> Text {
            match format {
                $($name => say!(en $en, fr $fr),)+
                _ => say!(en "Expected the format {format}.", fr "Attendu : le format {format}."),
            }
        }
    };
}

formats! {
    "email", |text| text.parse::<lettre::Address>().is_ok(),
        "Expected an e-mail address.", "Attendu : une adresse électronique.";
    "date", |text| text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok(),
        "Expected a date such as 2026-11-01.", "Attendu : une date telle que 2026-11-01.";
    "date-time", |text| text.parse::<jiff::Timestamp>().is_ok(),
        "Expected an instant such as 2026-11-01T08:30:00Z.",
        "Attendu : un instant tel que 2026-11-01T08:30:00Z.";
    "time-zone", |text| time_zone(text).is_ok(),
        "Expected a time zone such as Europe/Paris.",
        "Attendu : un fuseau horaire tel que Europe/Paris.";
    "currency", |text| Currency::from_code(text).is_some(),
        "Expected a currency of ISO 4217 such as EUR.",
        "Attendu : une devise ISO 4217 telle que EUR.";
    "uri", |text| reqwest::Url::parse(text).is_ok(),
        "Expected an address such as https://example.fr/.",
        "Attendu : une adresse telle que https://example.fr/.";
    "siren", |text| text.parse::<Siren>().is_ok(),
        "Expected a SIREN: 9 digits, the last a check digit.",
        "Attendu : un SIREN, 9 chiffres dont le dernier est une clé.";
    "siret", |text| text.parse::<Siret>().is_ok(),
        "Expected a SIRET: 14 digits, the last a check digit.",
        "Attendu : un SIRET, 14 chiffres dont le dernier est une clé.";
    "vat-number", |text| text.parse::<VatNumber>().is_ok(),
        "Expected a VAT number of the European Union, such as FR44732829320.",
        "Attendu : un numéro de TVA intracommunautaire, tel que FR44732829320.";
    "electronic-address", |text| text.parse::<ElectronicAddress>().is_ok(),
        "Expected an electronic address of the list EAS, such as 0225:732829320_COMPTA.",
        "Attendu : une adresse électronique de la liste EAS, telle que 0225:732829320_COMPTA.";
    "iban", |text| text.parse::<iban::Iban>().is_ok() && !text.contains(' '),
        "Expected an IBAN without spaces, such as FR1420041010050500013M02606.",
        "Attendu : un IBAN sans espaces, tel que FR1420041010050500013M02606.";
    "country", |text| text.parse::<CountryCode>().is_ok(),
        "Expected a country of ISO 3166-1 such as FR.",
        "Attendu : un pays ISO 3166-1 tel que FR.";
    "payment-terms", |text| text.parse::<PaymentTerms>().is_ok(),
        "Expected 30_days (at most 60), 45_days_end_of_month or end_of_month_45_days (at most 45).",
        "Attendu : 30_days (60 au plus), 45_days_end_of_month ou end_of_month_45_days (45 au plus).";
    "weight", |text| text.parse().is_ok_and(|weight: Quantity| weight >= Quantity::ZERO),
        "Expected a weight of at least 0, such as 1 or 2.5.",
        "Attendu : un poids d’au moins 0, tel que 1 ou 2.5.";
    "amount", |text| text.parse().is_ok_and(|amount: Price| amount >= Price::ZERO),
        "Expected an amount of at least 0, such as 20.00.",
        "Attendu : un montant d’au moins 0, tel que 20.00.";
    "text", |text| !text.trim().is_empty() && text.chars().all(|c| matches!(c, '\n' | '\t') || !c.is_control()),
        "Expected a text; of the control characters, line breaks and tabs only.",
        "Attendu : un texte ; comme caractères de contrôle, seuls sauts de ligne et tabulations.";
    "word", |text| !text.is_empty()
        && !text.chars().any(|c| c.is_whitespace() || c.is_control() || c.is_uppercase() || c == ','),
        "Expected a word in lower case, such as calcul-intensif.",
        "Attendu : un mot en minuscules, tel que calcul-intensif.";
    "price", |text| text.parse().is_ok_and(|price: Price| price >= Price::ZERO),
        "Expected a price of at least 0 with at most 6 decimal places, such as 0.055.",
        "Attendu : un prix d’au moins 0, à 6 décimales au plus, tel que 0.055.";
    "quantity", |text| text.parse::<Quantity>().is_ok(),
        "Expected a quantity with at most 6 decimal places, such as 12.5.",
        "Attendu : une quantité à 6 décimales au plus, telle que 12.5.";
    "percent", |text| text.parse().is_ok_and(|rate: Percent| rate >= Percent::ZERO),
        "Expected a percentage of at least 0 with at most 4 decimal places, such as 2.9.",
        "Attendu : un pourcentage d’au moins 0, à 4 décimales au plus, tel que 2.9.";
    "month", |text| text.parse::<Month>().is_ok(),
        "Expected a month such as 2026-11.", "Attendu : un mois tel que 2026-11.";
    "line", |text| !text.trim().is_empty() && text.trim() == text && !text.contains(char::is_control),
        "Expected a line of text, without blanks around it.",
        "Attendu : une ligne de texte, sans blancs autour.";
}
