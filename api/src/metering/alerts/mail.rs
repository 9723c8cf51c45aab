//! The mail that tells of an alert.

use palier_billing::{Money, Month, Quantity};

use super::Reached;
use crate::day::Day;
use crate::db::poles::PoleRow;
use crate::db::services::ServiceRow;
use crate::mail::{Mail, Sender};
use crate::quote::words;
use crate::say;
use crate::tariff::words::{amount, number};
use crate::text::Text;

/// The mail, in the language in which the member is written to.
pub(super) fn of(pole: &PoleRow, service: &ServiceRow, month: &Day, reached: &Reached) -> Mail {
    let Reached { alert, meter, .. } = reached;
    let [so_far, threshold] = [reached.so_far, alert.threshold].map(|figure| match meter {
        Some(_) => number(&Quantity::from_units(figure).to_string()),
        None => amount(Money::from_minor(figure, pole.currency())),
    });
    let month = words::month(Month::of(month.date()));
    let subject = subject(service, meter.as_deref(), &threshold, &month);
    let text = text(service, reached, &month, [&so_far, &threshold]);
    let from = Sender { name: &pole.name, reply_to: None };
    Mail::new(from, (&alert.email, reached.member.language), &subject, &text)
}

/// The service, and what of it is counted: people know meters by their codes.
fn what(service: &ServiceRow, meter: Option<&str>) -> Text {
    let Text { en, fr } = service.name();
    match meter {
        Some(meter) => say!(en "{en} ({meter})", fr "{fr} ({meter})"),
        None => Text { en, fr },
    }
}

fn subject(service: &ServiceRow, meter: Option<&str>, threshold: &Text, month: &Text) -> Text {
    let Text { en: what_en, fr: what_fr } = what(service, meter);
    let Text { en: threshold_en, fr: threshold_fr } = threshold;
    let Text { en, fr } = month;
    say!(
        en "{what_en}: {threshold_en} reached in {en}",
        fr "{what_fr} : seuil de {threshold_fr} atteint en {fr}",
    )
}

fn text(service: &ServiceRow, reached: &Reached, month: &Text, figures: [&Text; 2]) -> Text {
    let member = &reached.member.name;
    let Text { en: what_en, fr: what_fr } = what(service, reached.meter.as_deref());
    let Text { en, fr } = month;
    let mut text = say!(
        en "Hello,\n\n{member} has reached the threshold that you set for {what_en} in {en}:\n\n",
        fr "Bonjour,\n\n{member} a atteint en {fr} le seuil que vous avez fixé pour {what_fr} :\n\n",
    );
    let [so_far, threshold] = figures;
    let Text { en, fr } = threshold;
    text.push(&say!(en "- Threshold: {en}\n", fr "- Seuil : {fr}\n"));
    let Text { en, fr } = so_far;
    text.push(&say!(en "- So far: {en}\n", fr "- À ce jour : {fr}\n"));
    text.push(&say!(
        en "\nThis is told once a month.\n",
        fr "\nCe message est envoyé une fois par mois.\n",
    ));
    text
}
