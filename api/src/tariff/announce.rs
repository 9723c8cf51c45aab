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
use crate::quote::words::day;
use crate::say;
use crate::text::Text;
use crate::work::Tx;

/// What becomes of a service's prices.
pub(crate) struct PriceChange<'c> {
    /// From when on.
    pub(crate) day: &'c Day,
    pub(crate) price: &'c PriceSummary,
    /// What they are until then, if there is anything.
    pub(crate) before: Option<&'c PriceSummary>,
}

/// Tells the members that follow a service's tariff what becomes of it, each in its language.
pub(crate) fn announce(
    app: &App,
    tx: &mut Tx<'_>,
    (pole, service): (&PoleRow, &ServiceRow),
    change: &PriceChange<'_>,
) -> Result<(), Problem> {
    let (subject, text) = (subject(service, change.day), text(service, change));
    let from = Sender { name: &pole.name, reply_to: None };
    for member in tariffs::followers(tx.conn, &pole.pole_id, &service.service_id, change.day)? {
        let Some(member) = members::find(tx.conn, &pole.pole_id, &member)? else { continue };
        let Some(address) = &member.contact_email else { continue };
        let mail = Mail::new(from, (address, member.language), &subject, &text);
        let (kind, member) = (MailKind::PriceChange, &member.member_id);
        jobs::enqueue_mail(app, tx, About { kind, member, subject: &service.code }, mail)?;
    }
    Ok(())
}

fn subject(service: &ServiceRow, from: &Day) -> Text {
    let (Text { en, fr }, from) = (service.name(), day(from.date()));
    let Text { en: from_en, fr: from_fr } = from;
    say!(
        en "New prices for {en} from {from_en}",
        fr "Nouveaux tarifs pour {fr} à compter du {from_fr}"
    )
}

fn text(service: &ServiceRow, change: &PriceChange<'_>) -> Text {
    let (Text { en, fr }, from) = (service.name(), day(change.day.date()));
    let Text { en: from_en, fr: from_fr } = from;
    let Text { en: price_en, fr: price_fr } = &change.price.text;
    let mut text = say!(
        en "Hello,\n\nThe prices of {en} change on {from_en}.\n\n- From then on: {price_en}\n",
        fr "Bonjour,\n\nLes tarifs de {fr} changent le {from_fr}.\n\n- À compter de ce jour : {price_fr}\n",
    );
    if let Some(before) = change.before {
        let Text { en, fr } = &before.text;
        text.push(&say!(en "- Until then: {en}\n", fr "- Jusque-là : {fr}\n"));
    }
    text.push(&say!(
        en "\nThe catalogue shows the new tariff in full.\n",
        fr "\nLe catalogue présente le nouveau tarif en entier.\n",
    ));
    text
}
