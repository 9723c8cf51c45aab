//! What lines say, in the language of who pays them.

use palier_billing::{Charge, FeeInterval, Line, LineKind, Money, Month, Quantity};

use crate::db::grants::GrantRow;
use crate::db::services::ServiceRow;
use crate::quote::words;
use crate::say;
use crate::text::{Language, Text};

/// What a line sells: the service, and its charge where it is about one that has a name.
pub(super) fn name(service: &ServiceRow, charge: Option<&Charge>, language: Language) -> String {
    let name = service.name();
    let service = name.in_language(language);
    match charge.and_then(|charge| charge.name.as_ref()) {
        Some(charge) => format!("{service} – {charge}"),
        None => service.to_owned(),
    }
}

/// What a line is for, where its name and its figures do not say it.
pub(super) fn detail(line: &Line<'_>, pool: Option<Quantity>, unit: &str) -> Option<Text> {
    match line.kind {
        LineKind::Usage => {
            pool.map(|quantity| pooled(line, quantity, unit)).or_else(|| scaled(line, unit))
        }
        LineKind::Share => Some(say!(
            en "Your share of the cost of the service",
            fr "Votre part du coût du service"
        )),
        LineKind::PriceAdjustment => Some(say!(
            en "Price adjustment on earlier months of the contract year",
            fr "Ajustement de prix sur les mois précédents de l’année contractuelle"
        )),
        LineKind::YearEndAdjustment => Some(say!(
            en "The contract year at its final price, less what its months were billed",
            fr "Année contractuelle à son prix définitif, moins les mois facturés"
        )),
        LineKind::Minimum => Some(say!(
            en "Up to the agreed minimum",
            fr "Complément jusqu’au minimum convenu"
        )),
        LineKind::Maximum => Some(say!(
            en "Beyond the agreed maximum",
            fr "Au-delà du maximum convenu"
        )),
        LineKind::Recurring(Some(fee)) => partial(fee),
        LineKind::Recurring(None) => None,
        LineKind::OneTime => Some(say!(
            en "At the start of the subscription",
            fr "À l’ouverture de l’abonnement"
        )),
    }
}

/// How the volume of all made the price.
fn pooled(line: &Line<'_>, quantity: Quantity, unit: &str) -> Text {
    let (en, fr) = (number(quantity, Language::En), number(quantity, Language::Fr));
    let mut text = say!(
        en "Price for {en} {unit} used together",
        fr "Prix pour {fr} {unit} utilisés ensemble"
    );
    if let Some(alone) = line.alone.filter(|alone| *alone > line.amount) {
        let (en, fr) = (money(alone, Language::En), money(alone, Language::Fr));
        text.push(&say!(en "; alone: {en}", fr " ; seul : {fr}"));
    }
    text
}

/// A quantity that a schedule priced as a whole.
fn scaled(line: &Line<'_>, unit: &str) -> Option<Text> {
    if line.unit_price.is_some() {
        return None;
    }
    let (en, fr) = (number(line.quantity, Language::En), number(line.quantity, Language::Fr));
    Some(say!(en "{en} {unit} by the tariff's schedule", fr "{fr} {unit} selon le barème"))
}

/// An interval of which only some days are charged.
fn partial(fee: FeeInterval) -> Option<Text> {
    let (days, all) = (fee.charged.count(), fee.interval.count());
    (days != all).then(|| say!(en "{days} of {all} days", fr "{days} jours sur {all}"))
}

/// What a correction of a closed month says.
pub(super) fn correction(month: Month) -> Text {
    let Text { en, fr } = words::month(month);
    say!(
        en "Correction of {en}: usage that came in late",
        fr "Correction de {fr} : usage reçu tardivement"
    )
}

/// The same of a contract year that has ended.
pub(super) fn year_again(first: Month, last: Month) -> Text {
    let Text { en: first_en, fr: first_fr } = words::month(first);
    let Text { en, fr } = words::month(last);
    say!(
        en "Correction of the contract year from {first_en} to {en}: usage that came in late",
        fr "Correction de l’année de contrat de {first_fr} à {fr} : usage reçu tardivement"
    )
}

/// What says that a closed month needs less, or more, to come up to the minimum of the subscription.
pub(super) fn minimum_again(month: Month) -> Text {
    let Text { en, fr } = words::month(month);
    say!(
        en "Correction of {en}: up to the minimum of the subscription",
        fr "Correction de {fr} : complément jusqu’au minimum de l’abonnement"
    )
}

/// What tops a subscription up to its minimum says.
pub(super) fn minimum() -> Text {
    say!(
        en "Up to the minimum of the subscription",
        fr "Complément jusqu’au minimum de l’abonnement"
    )
}

/// What a line that draws a credit is called: why the credit was granted.
pub(super) fn credit(reason: &str) -> Text {
    say!(en "Credit: {reason}", fr "Crédit : {reason}")
}

/// What it says: for which service it is drawn, and what is left then.
pub(super) fn drawn(grant: &GrantRow, service: Option<&str>, left: i64) -> Text {
    let standing = standing(grant, left);
    let Some(service) = service else { return standing };
    let mut text = say!(en "For {service}; ", fr "Pour {service} ; ");
    text.push(&standing);
    text
}

/// What a line of a credit note says that gives back to a credit.
pub(super) fn given_back(grant: &GrantRow, left: i64) -> Text {
    let mut text = say!(en "Given back to the credit; ", fr "Rendu au crédit ; ");
    text.push(&standing(grant, left));
    text
}

/// What is left of a credit, and until when it may be used.
fn standing(grant: &GrantRow, left: i64) -> Text {
    let of = |minor| Money::from_minor(minor, grant.currency());
    let in_both = |minor| (money(of(minor), Language::En), money(of(minor), Language::Fr));
    let ((en, fr), (all_en, all_fr)) = (in_both(left), in_both(grant.amount_minor));
    let mut text = say!(en "{en} of {all_en} is left", fr "reste {fr} sur {all_fr}");
    let last = grant.valid_until.as_ref().and_then(|day| day.date().yesterday().ok());
    if let Some(last) = last.filter(|_| left > 0) {
        let fr = last.strftime("%d/%m/%Y");
        text.push(&say!(en ", until {last}", fr ", jusqu’au {fr}"));
    }
    text
}

fn number(quantity: Quantity, language: Language) -> String {
    decimal(words::grouped(quantity), language)
}

/// An amount as it stands in a sentence.
fn money(amount: Money, language: Language) -> String {
    format!("{}\u{a0}{}", decimal(words::grouped(amount), language), amount.currency().symbol())
}

/// The decimal sign of a language.
fn decimal(text: String, language: Language) -> String {
    match language {
        Language::En => text,
        Language::Fr => text.replace('.', ","),
    }
}

/// Interest for the late payment of a document.
pub(super) fn late_interest(number: &str) -> Text {
    say!(
        en "Interest for late payment of {number}",
        fr "Intérêts de retard sur {number}"
    )
}

/// The indemnity for the recovery costs of a document (code de commerce, D441-5).
pub(super) fn indemnity(number: &str) -> Text {
    say!(
        en "Lump-sum indemnity for recovery costs, {number}",
        fr "Indemnité forfaitaire pour frais de recouvrement, {number}"
    )
}
