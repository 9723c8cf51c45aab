//! The mail that tells of an alert.

use palier_billing::{Money, Quantity};

use super::Reached;
use crate::day::Day;
use crate::db::poles::PoleRow;
use crate::db::services::ServiceRow;
use crate::mail::{Mail, Sender};
use crate::say;
use crate::text::Text;

/// The mail, in the language in which the member is written to.
pub(super) fn of(pole: &PoleRow, service: &ServiceRow, month: &Day, reached: &Reached) -> Mail {
    let Reached { alert, member, .. } = reached;
    let [so_far, threshold] =
        [reached.so_far, alert.threshold].map(|figure| match &reached.meter {
            Some(meter) => format!("{} {meter}", Quantity::from_units(figure)),
            None => {
                let money = Money::from_minor(figure, pole.currency());
                format!("{money} {}", money.currency().code())
            }
        });
    let month = month.date().strftime("%Y-%m").to_string();
    let subject = subject(service, &threshold, &month);
    let text = text(&member.name, service, &month, [&so_far, &threshold]);
    let from = Sender { name: &pole.name, reply_to: None };
    Mail::new(from, (&alert.email, member.language), &subject, &text)
}

fn subject(service: &ServiceRow, threshold: &str, month: &str) -> Text {
    let Text { en, fr } = service.name();
    say!(
        en "{en}: {threshold} reached in {month}",
        fr "{fr} : {threshold} atteint en {month}",
    )
}

fn text(member: &str, service: &ServiceRow, month: &str, [so_far, threshold]: [&str; 2]) -> Text {
    let Text { en, fr } = service.name();
    say!(
        en "Hello,\n\n{member} stands at {so_far} for {en} in {month}: the threshold of \
            {threshold} is reached, from which on you asked to be told.\n\nThis is told once a \
            month.\n",
        fr "Bonjour,\n\n{member} en est à {so_far} pour {fr} en {month} : le seuil de {threshold}, \
            à partir duquel vous vouliez être prévenu, est atteint.\n\nCe message est envoyé une \
            fois par mois.\n",
    )
}
