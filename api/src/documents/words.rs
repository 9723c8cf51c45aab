//! What pages say, in the document's language.

use jiff::civil::Date;
use palier_billing::{
    Currency, DocumentKind, DocumentLineKind, LinePeriod, LineVat, Money, Price, VatCategory,
};

use super::Sheet;
use crate::quote::words::day as in_words;
use crate::say;
use crate::tariff::words;
use crate::text::{Language, Text};

/// The words of a language.
#[derive(Clone, Copy, Debug)]
pub(super) struct Words(pub(super) Language);

/// A blank that ends no line.
const NO_BREAK: char = '\u{a0}';

impl Words {
    /// A text in the language.
    pub(super) fn of(self, text: &Text) -> String {
        text.in_language(self.0).to_owned()
    }

    /// A decimal.
    pub(super) fn number(self, number: impl std::fmt::Display) -> String {
        minus(&self.of(&words::number(&number.to_string())))
    }

    /// Decimals with as many places as the longest of them has.
    pub(super) fn numbers(self, numbers: &[Price]) -> Vec<String> {
        let numbers: Vec<_> = numbers.iter().map(ToString::to_string).collect();
        let places = |text: &str| text.split_once('.').map_or(0, |(_, rest)| rest.len());
        let most = numbers.iter().map(|text| places(text)).max().unwrap_or_default();
        let written = numbers.into_iter().map(|mut text| {
            if most > 0 && !text.contains('.') {
                text.push('.');
            }
            let missing = most.saturating_sub(places(&text));
            text.push_str(&"0".repeat(missing));
            self.number(text)
        });
        written.collect()
    }

    /// An amount.
    pub(super) fn amount(self, amount: Money) -> String {
        minus(&self.of(&words::amount(amount)))
    }

    /// A price.
    pub(super) fn price(self, price: Price, currency: Currency) -> String {
        self.of(&words::price(price, currency))
    }

    /// A percentage.
    pub(super) fn percent(self, rate: impl std::fmt::Display) -> String {
        self.of(&words::percent(rate))
    }

    /// How a unit is written whose code is this; not at all what is counted one by one.
    pub(super) fn unit(self, code: &str) -> Option<String> {
        match code {
            "C62" | "EA" | "H87" => None,
            "SEC" => Some("s".to_owned()),
            "MIN" => Some("min".to_owned()),
            "HUR" => Some("h".to_owned()),
            code => Some(words::unit(code).map_or_else(|| code.to_owned(), |text| self.of(&text))),
        }
    }

    /// `3 August 2026`, `3 août 2026`, `1er août 2026`.
    pub(super) fn day(self, day: Date) -> String {
        self.of(&in_words(day)).replace(' ', NO_BREAK.encode_utf8(&mut [0; 2]))
    }

    /// `1 to 31 July 2026`, `du 1er au 31 juillet 2026`.
    pub(super) fn days(self, period: LinePeriod) -> String {
        let LinePeriod { first_day, last_day } = period;
        if first_day == last_day {
            return self.day(first_day);
        }
        let same = (first_day.year(), first_day.month()) == (last_day.year(), last_day.month());
        let last = self.day(last_day);
        let first = match (same, self.0) {
            (true, Language::Fr) if first_day.day() == 1 => "1er".to_owned(),
            (true, _) => first_day.day().to_string(),
            (false, _) => self.day(first_day),
        };
        self.of(&say!(en "{first} to {last}", fr "du {first} au {last}"))
    }

    /// What a document is.
    pub(super) fn kind(self, kind: DocumentKind) -> String {
        self.of(&match kind {
            DocumentKind::Invoice => say!(en "Invoice", fr "Facture"),
            DocumentKind::CreditNote => say!(en "Credit note", fr "Avoir"),
            DocumentKind::Rebate => say!(en "Rebate", fr "Avoir de ristourne"),
            DocumentKind::SelfBilled => {
                say!(en "Self-billed invoice", fr "Facture en autofacturation")
            }
            DocumentKind::Corrective => say!(en "Corrected invoice", fr "Facture rectificative"),
        })
    }

    /// What a document is, and its number.
    pub(super) fn title(self, sheet: &Sheet<'_>) -> String {
        let kind = self.kind(sheet.document.content().kind);
        let draft = self.draft();
        format!("{kind} {}", sheet.number().unwrap_or(&draft))
    }

    /// What stands across a document that is none yet.
    pub(super) fn draft(self) -> String {
        self.of(&say!(en "DRAFT", fr "PROJET"))
    }

    /// `Page 1 of 2`.
    pub(super) fn page(self, nth: usize, count: usize) -> String {
        self.of(&say!(en "Page {nth} of {count}", fr "Page {nth} sur {count}"))
    }

    /// What a line is for, where its service says no more.
    pub(super) fn line(self, kind: DocumentLineKind) -> String {
        self.of(&match kind {
            DocumentLineKind::Usage => say!(en "Usage", fr "Consommation"),
            DocumentLineKind::Share => say!(en "Share of cost", fr "Part de coût"),
            DocumentLineKind::PriceAdjustment => {
                say!(en "Price adjustment", fr "Ajustement de prix")
            }
            DocumentLineKind::YearEndAdjustment => {
                say!(en "Year-end adjustment", fr "Régularisation annuelle")
            }
            DocumentLineKind::Minimum => say!(en "Minimum", fr "Minimum"),
            DocumentLineKind::Maximum => say!(en "Maximum", fr "Plafond"),
            DocumentLineKind::Recurring => say!(en "Subscription", fr "Abonnement"),
            DocumentLineKind::OneTime => say!(en "Set-up", fr "Mise en service"),
            DocumentLineKind::Correction => say!(en "Correction", fr "Correction"),
            DocumentLineKind::Manual => say!(en "Supplement", fr "Complément"),
            DocumentLineKind::Discount => say!(en "Discount", fr "Remise"),
            DocumentLineKind::Credit => say!(en "Credit", fr "Crédit"),
            DocumentLineKind::LateInterest => {
                say!(en "Interest for late payment", fr "Pénalités de retard")
            }
            DocumentLineKind::RecoveryIndemnity => {
                say!(en "Recovery costs", fr "Frais de recouvrement")
            }
        })
    }

    /// The rate of a line, or why it has none.
    pub(super) fn vat(self, vat: &LineVat) -> String {
        self.of(&match vat.category {
            VatCategory::Standard | VatCategory::ZeroRated => words::percent(vat.rate_percent),
            VatCategory::Exempt => say!(en "exempt", fr "exonéré"),
            VatCategory::ReverseCharge => say!(en "reverse", fr "autoliq."),
            VatCategory::IntraCommunity => say!(en "intra-EU", fr "intracom."),
            VatCategory::Export => say!(en "export", fr "export"),
            VatCategory::OutOfScope => say!(en "no VAT", fr "hors TVA"),
        })
    }

    /// The same at length.
    pub(super) fn vat_of(self, category: VatCategory, rate: impl std::fmt::Display) -> String {
        self.of(&match category {
            VatCategory::Standard | VatCategory::ZeroRated => {
                let Text { en, fr } = words::percent(rate);
                say!(en "VAT {en}", fr "TVA {fr}")
            }
            VatCategory::Exempt => say!(en "Exempt from VAT", fr "Exonéré de TVA"),
            VatCategory::ReverseCharge => say!(en "Reverse charge", fr "Autoliquidation"),
            VatCategory::IntraCommunity => say!(en "Intra-EU supply", fr "Livraison intracom."),
            VatCategory::Export => say!(en "Outside the Union", fr "Hors Union"),
            VatCategory::OutOfScope => say!(en "Outside VAT", fr "Hors champ de la TVA"),
        })
    }
}

/// With the sign that is as wide as a figure, in place of the hyphen.
fn minus(text: &str) -> String {
    text.replace('-', "−")
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn days_are_written_as_each_language_does() {
        let days = |first_day, last_day| {
            let period = LinePeriod { first_day, last_day };
            [Words(Language::En).days(period), Words(Language::Fr).days(period)]
                .map(|text| text.replace(NO_BREAK, " "))
        };
        assert_eq!(
            days(date(2026, 8, 1), date(2026, 8, 31)),
            ["1 to 31 August 2026", "du 1er au 31 août 2026"]
        );
        assert_eq!(
            days(date(2026, 12, 15), date(2027, 1, 14)),
            ["15 December 2026 to 14 January 2027", "du 15 décembre 2026 au 14 janvier 2027"]
        );
        assert_eq!(days(date(2026, 2, 3), date(2026, 2, 3)), ["3 February 2026", "3 février 2026"]);
    }
}
