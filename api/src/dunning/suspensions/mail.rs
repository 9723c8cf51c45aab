//! The mails that tell a member that its services are suspended, and that they are so no longer.

use crate::app::App;
use crate::db::mails::MailKind;
use crate::db::members::MemberRow;
use crate::db::poles::PoleRow;
use crate::dunning::late::Late;
use crate::dunning::mail::{self, Sender};
use crate::jobs::{self, About};
use crate::mail::Mail;
use crate::problem::Problem;
use crate::say;
use crate::tariff::words::amount;
use crate::text::Text;
use crate::work::Tx;

/// Tells a member that its services are suspended, for what, and what ends it.
pub(super) fn began(
    app: &App,
    tx: &mut Tx<'_>,
    pole: &PoleRow,
    member: &MemberRow,
    documents: &[Late],
) -> Result<(), Problem> {
    let (sender, name) = (Sender::of(tx.conn, pole)?, &member.name);
    let by = sender.name();
    let subject = say!(
        en "{by}: your services are suspended",
        fr "{by} : vos services sont suspendus",
    );
    let mut text = say!(
        en "Hello,\n\nThe services that {name} uses are suspended from now on. In spite of our formal \
            notice, what follows is not paid:\n\n",
        fr "Bonjour,\n\nLes services qu’utilise {name} sont suspendus à compter de ce jour. Malgré notre mise \
            en demeure, ce qui suit reste impayé :\n\n",
    );
    for one in documents {
        let (number, Text { en, fr }) = (one.number(), amount(one.open));
        text.push(&say!(en "- {number}: {en}\n", fr "- {number} : {fr}\n"));
    }
    text.push(&say!(
        en "\nThey are open again as soon as your payment is recorded. What you have used until now, and what \
            your contract bills meanwhile, stays due.\n",
        fr "\nIls seront rétablis dès l’enregistrement de votre règlement. Ce que vous avez utilisé jusqu’ici et \
            ce que votre contrat prévoit entre-temps restent dus.\n",
    ));
    text.push(&mail::closing(&sender));
    send(app, tx, member, ("suspended", &sender), (&subject, &text))
}

/// Tells a member that its services are open again.
pub(super) fn lifted(
    app: &App,
    tx: &mut Tx<'_>,
    pole: &PoleRow,
    member: &MemberRow,
) -> Result<(), Problem> {
    let (sender, name) = (Sender::of(tx.conn, pole)?, &member.name);
    let by = sender.name();
    let subject = say!(
        en "{by}: your services are open again",
        fr "{by} : vos services sont rétablis",
    );
    let mut text = say!(
        en "Hello,\n\nThe suspension of the services that {name} uses is lifted: you can use them again.\n",
        fr "Bonjour,\n\nLa suspension des services qu’utilise {name} est levée : vous pouvez les utiliser à \
            nouveau.\n",
    );
    text.push(&mail::signed(&sender));
    send(app, tx, member, ("reinstated", &sender), (&subject, &text))
}

/// Queues a mail to a member that has an address.
fn send(
    app: &App,
    tx: &mut Tx<'_>,
    member: &MemberRow,
    (about, sender): (&str, &Sender),
    (subject, text): (&Text, &Text),
) -> Result<(), Problem> {
    let Some(email) = &member.contact_email else { return Ok(()) };
    let mail = Mail::new(sender.from(), (email, member.language), subject, text);
    let (kind, member) = (MailKind::Suspension, &member.member_id);
    jobs::enqueue_mail(app, tx, About { kind, member, subject: about }, mail)
}
