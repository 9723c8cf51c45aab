//! Mails that tell members what a service will cost.

use super::PriceSummary;
use crate::app::App;
use crate::day::Day;
use crate::db::mails::MailKind;
use crate::db::poles::PoleRow;
use crate::db::services::ServiceRow;
use crate::db::{members, tariffs};
use crate::jobs::{self, About};
use crate::mail::{Mail, Sender};
use crate::problem::Problem;
use crate::say;
use crate::text::Text;
use crate::work::Tx;

/// Tells the members that follow a service's tariff what it will be from a day on, each in its language.
pub(crate) fn announce(
    app: &App,
    tx: &mut Tx<'_>,
    (pole, service): (&PoleRow, &ServiceRow),
    (day, price): (&Day, &PriceSummary),
) -> Result<(), Problem> {
    let (subject, text) = (subject(service, day), text(service, day, price));
    let from = Sender { name: &pole.name, reply_to: None };
    for member in tariffs::followers(tx.conn, &pole.pole_id, &service.service_id, day)? {
        let Some(member) = members::find(tx.conn, &pole.pole_id, &member)? else { continue };
        let Some(address) = &member.contact_email else { continue };
        let mail = Mail::new(from, (address, member.language), &subject, &text);
        let (kind, member) = (MailKind::PriceChange, &member.member_id);
        jobs::enqueue_mail(app, tx, About { kind, member, subject: &service.code }, mail)?;
    }
    Ok(())
}

fn subject(service: &ServiceRow, day: &Day) -> Text {
    let Text { en, fr } = service.name();
    say!(en "New prices for {en} from {day}", fr "Nouveaux tarifs pour {fr} à compter du {day}")
}

fn text(service: &ServiceRow, day: &Day, price: &PriceSummary) -> Text {
    let Text { en, fr } = service.name();
    let Text { en: price_en, fr: price_fr } = &price.text;
    say!(
        en "Hello,\n\nThe prices of {en} change on {day}:\n\n{price_en}\n\nThe catalogue shows the \
            new tariff in full.\n",
        fr "Bonjour,\n\nLes tarifs de {fr} changent le {day} :\n\n{price_fr}\n\nLe catalogue présente le \
            nouveau tarif en entier.\n",
    )
}
