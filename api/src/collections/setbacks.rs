//! Members are told when money did not come in, or went back: why, what happens next, and how it is paid now.
//!
//! That it happened is a row, written in the transaction that learns of it. Behind it the mail is written, in
//! the transaction that notes that the member is told: once, whoever dies in between and however often it is
//! learned.

use std::time::Duration;

use actix_web::web::Data;
use palier_billing::Money;

use super::announce::sender;
use super::mandates::{masked, of_row};
use super::news::BY_HAND;
use super::planner::{kinds, later, tried_again_from};
use super::settings::Terms;
use crate::app::App;
use crate::day::Day;
use crate::db::collections::{self, Channel, CollectionRow, CollectionStatus};
use crate::db::invoices::{self, InvoiceRow};
use crate::db::mails::MailKind;
use crate::db::means::{self, MeansKind, MeansRow, MeansStatus};
use crate::db::poles::{self, PoleRow};
use crate::db::queue::patience;
use crate::db::setbacks::{self, SetbackRow};
use crate::db::{Db, DbError, collection_settings, members, payments};
use crate::documents::iban_written;
use crate::fault;
use crate::id::new_id;
use crate::invoicing::{InvoicingError, Settings};
use crate::jobs::{self, About};
use crate::mail::{Mail, Sender};
use crate::problem::Problem;
use crate::quote::words::day;
use crate::say;
use crate::stripe::{self, link_to_pay};
use crate::tariff::words::amount;
use crate::text::{Text, sepa};
use crate::work::{Author, Tx};

/// How long it rests when there is nobody to tell.
const REST: Duration = Duration::from_secs(2);
/// How many are looked for at a time.
const STEP: i64 = 50;

/// What members are not told of by themselves: what the pole did, and has told or will.
const OUR_DOING: [&str; 3] = ["cancelled", "refunded", BY_HAND];

/// Why money did not come in or went back, by the code and the words of whoever collects.
pub(crate) fn reason(channel: Channel, code: &str, words: &str) -> Text {
    if code == BY_HAND {
        return match words {
            "" => say!(en "Its payment was taken back.", fr "Son paiement a été annulé."),
            words => say!(en "{words}", fr "{words}"),
        };
    }
    match channel {
        Channel::Bank => sepa::reason(code, words),
        Channel::Stripe => stripe::reason(code, Some(words).filter(|words| !words.is_empty())),
    }
}

/// Notes that a collection has just failed or went back, for its member to be told.
pub(super) fn note(tx: &mut Tx<'_>, row: &CollectionRow) -> Result<(), DbError> {
    let code = row.failure_code.as_deref().unwrap_or_default();
    let is_one = matches!(row.status, CollectionStatus::Failed | CollectionStatus::Returned);
    if !is_one || OUR_DOING.contains(&code) {
        return Ok(());
    }
    let row = SetbackRow {
        pole_id: row.pole_id.clone(),
        collection_id: row.collection_id.clone(),
        version: row.version,
        status: row.status,
        run_at: tx.at(),
        attempts: 0,
        last_error: String::new(),
        told_at: None,
    };
    setbacks::insert(tx.conn, &row)
}

/// Tells members, until it is told to stop.
pub(crate) async fn run(app: Data<App>) {
    while !app.is_stopping() {
        match round(&app).await {
            Ok(told) if told > 0 => continue,
            Ok(_) => {}
            Err(error) => tracing::error!(%error, "what came in and what did not cannot be read"),
        }
        let _either = tokio::time::timeout(REST, app.closed()).await;
    }
}

/// Tells some of what waits; of how many. What cannot be told is tried again later, and keeps no other from
/// being told.
async fn round(app: &Data<App>) -> Result<usize, DbError> {
    let now = app.now();
    let waiting = app.db.read(move |conn| setbacks::waiting(conn, now, STEP)).await?;
    let mut told: usize = 0;
    for row in waiting {
        match tell(app, row.clone()).await {
            Ok(()) => told = told.saturating_add(1),
            Err(problem) => {
                let error = problem.to_string();
                tracing::error!(collection = %row.collection_id, %error, "a member is not told");
                let again = app.now().plus(patience(row.attempts));
                app.db.write(move |conn| setbacks::postpone(conn, &row, again, &error)).await?;
            }
        }
    }
    if told > 0 {
        // There may be mail now.
        app.wake.notify_one();
    }
    Ok(told)
}

async fn tell(app: &Data<App>, row: SetbackRow) -> Result<(), Problem> {
    let now = app.now();
    let author = Author::new(row.pole_id.clone(), "palier".into(), new_id("req", now), now);
    let of_work = app.clone();
    let told = app.write(author, move |tx| {
        // Of two that come here, one tells it.
        if setbacks::told(tx.conn, &row, tx.at())? {
            enqueue(&of_work, tx, &row)?;
            fault::point("telling a member");
        }
        Ok::<_, Problem>(tx.unchanged(()))
    });
    told.await?;
    fault::point("member told");
    Ok(())
}

/// What of a collection's documents is open, and so what there is to be told.
struct Owed {
    documents: Vec<InvoiceRow>,
    open: Money,
}

/// Writes the mail, if anything is still owed and somebody is written to.
fn enqueue(app: &App, tx: &mut Tx<'_>, row: &SetbackRow) -> Result<(), Problem> {
    let found = collections::find(tx.conn, tx.pole(), &row.collection_id)?;
    // It may have come in after all.
    let found = found.filter(|it| it.status == row.status);
    let pole = poles::find(tx.conn, row.pole_id.as_str())?;
    let Some((of, pole)) = found.zip(pole) else { return Ok(()) };
    let member = members::find(tx.conn, tx.pole(), &of.member_id)?;
    let Some((member, owed)) = member.zip(owed(tx.conn, &of)?) else { return Ok(()) };
    let Some(address) = &member.contact_email else { return Ok(()) };
    let (name, reply_to) = sender(tx, &pole)?;
    let numbers: Vec<_> = owed.documents.iter().filter_map(|it| it.number.as_deref()).collect();
    let numbers = numbers.join(", ");
    let mut text = happened(tx.conn, &of, &numbers)?;
    text.push(&next(tx.conn, (&pole, &of), Day::today(&pole, tx.at()))?);
    text.push(&ways(app, tx.conn, &pole, (&owed, &numbers))?);
    text.push(&say!(en "\n{name}\n", fr "\n{name}\n"));
    let subject = if of.status == CollectionStatus::Returned {
        say!(
            en "{name}: the payment of invoice {numbers} came back",
            fr "{name} : le paiement de la facture {numbers} a été rejeté"
        )
    } else {
        say!(
            en "{name}: invoice {numbers} could not be collected",
            fr "{name} : la facture {numbers} n’a pas pu être prélevée"
        )
    };
    let from = Sender { name: &name, reply_to: reply_to.as_deref() };
    let mail = Mail::new(from, (address.as_str(), member.language), &subject, &text);
    let kind = MailKind::CollectionFailed;
    let about = About { kind, member: &member.member_id, subject: &numbers };
    jobs::enqueue_mail(app, tx, about, mail)
}

/// None, where all of it is settled otherwise.
fn owed(conn: &mut Db, of: &CollectionRow) -> Result<Option<Owed>, Problem> {
    let parts = collections::parts(conn, &of.pole_id, std::slice::from_ref(&of.collection_id))?;
    let ids: Vec<_> = parts.into_iter().map(|part| part.invoice_id).collect();
    let settled = payments::settled(conn, &of.pole_id, &ids)?;
    let (mut documents, mut minor) = (Vec::new(), 0_i64);
    for id in ids {
        let document = invoices::find(conn, &of.pole_id, &id)?.ok_or_else(Problem::not_found)?;
        let settled = settled.get(&id).copied().unwrap_or_default();
        let open = document.gross_minor.saturating_sub(settled);
        if open > 0 {
            minor = minor.saturating_add(open);
            documents.push(document);
        }
    }
    let open = Money::from_minor(minor, of.amount().currency());
    Ok((minor > 0).then_some(Owed { documents, open }))
}

/// What happened, and why.
fn happened(conn: &mut Db, of: &CollectionRow, numbers: &str) -> Result<Text, Problem> {
    let (Text { en: sum, fr: somme }, Text { en: on, fr: le }) =
        (amount(of.amount()), day(of.collect_on.date()));
    let means = of.means_id.as_ref().map(|id| means::find(conn, &of.pole_id, id)).transpose()?;
    let by = means.flatten().map(|row| label(&row)).transpose()?;
    let by = by.map(|label| format!(" ({label})")).unwrap_or_default();
    let mut text = if of.status == CollectionStatus::Returned {
        say!(
            en "Hello,\n\nThe payment of {sum} for invoice {numbers}, collected on {on}{by}, came back. ",
            fr "Bonjour,\n\nLe paiement de {somme} pour la facture {numbers}, prélevé le {le}{by}, a été rejeté. "
        )
    } else {
        say!(
            en "Hello,\n\nThe collection of {sum} on {on} for invoice {numbers}{by} failed. ",
            fr "Bonjour,\n\nLe prélèvement de {somme} du {le} pour la facture {numbers}{by} a échoué. "
        )
    };
    let code = of.failure_code.as_deref().unwrap_or_default();
    let words = of.failure_reason.as_deref().unwrap_or_default();
    text.push(&reason(of.channel, code, words));
    text.push(&say!(en "\n", fr "\n"));
    Ok(text)
}

/// By what a member knows a means of payment.
fn label(row: &MeansRow) -> Result<String, DbError> {
    if row.kind != MeansKind::Mandate {
        return Ok(row.label.clone());
    }
    let (_, details) = of_row(row)?;
    Ok(masked(&details.iban))
}

/// Whether it is collected again by itself, and when.
fn next(
    conn: &mut Db,
    (pole, of): (&PoleRow, &CollectionRow),
    today: Day,
) -> Result<Text, Problem> {
    let by = means::default_of(conn, &pole.pole_id, &of.member_id)?;
    let by = by.filter(|it| it.status == MeansStatus::Active);
    let by = by.filter(|it| kinds(of.channel).contains(&it.kind));
    let settings = collection_settings::find(conn, &pole.pole_id)?;
    // Where somebody plans by hand, nobody knows the day yet.
    let by_itself = settings.is_some_and(|row| row.automatic);
    let again = tried_again_from(&Terms::of(conn, &pole.pole_id)?, of).filter(|_| by_itself);
    let Some((by, again)) = by.zip(again) else {
        return Ok(Text { en: String::new(), fr: String::new() });
    };
    // What is planned is looked for once a day.
    let earliest = later(&today, 1).unwrap_or(today);
    let Text { en, fr } = day(again.max(earliest).date());
    Ok(if by.kind == MeansKind::StripeCard {
        say!(
            en "\nWe will try again on {en}. You have nothing to do, unless you would rather pay it now.\n",
            fr "\nNous réessaierons le {fr}. Vous n’avez rien à faire, sauf si vous préférez la régler maintenant.\n"
        )
    } else {
        say!(
            en "\nWe will try again on {en} or later, and tell you the day before. You have nothing to do, unless you would rather pay it now.\n",
            fr "\nNous réessaierons le {fr} ou plus tard, et vous annoncerons le jour. Vous n’avez rien à faire, sauf si vous préférez la régler maintenant.\n"
        )
    })
}

/// How it is paid now: online, where the pole collects like that, or by transfer.
fn ways(
    app: &App,
    conn: &mut Db,
    pole: &PoleRow,
    (owed, numbers): (&Owed, &str),
) -> Result<Text, Problem> {
    let Text { en: sum, fr: somme } = amount(owed.open);
    let mut text = say!(en "\nTo be paid: {sum}.\n", fr "\nÀ régler : {somme}.\n");
    for document in &owed.documents {
        let Some(link) = link_to_pay(app, conn, pole, &document.invoice_id)? else { continue };
        let number = document.number.as_deref().unwrap_or_default();
        text.push(&say!(
            en "\nTo pay {number} online:\n\n{link}\n",
            fr "\nPour régler {number} en ligne :\n\n{link}\n"
        ));
    }
    let account = match Settings::of(conn, &pole.pole_id) {
        Err(InvoicingError::NoSettings) => None,
        settings => settings?.account,
    };
    if let Some(account) = account {
        let iban = iban_written(&account.iban);
        text.push(&say!(
            en "\nTo pay by transfer:\n\n- IBAN: {iban}\n- Reference: {numbers}\n",
            fr "\nPour régler par virement :\n\n- IBAN : {iban}\n- Référence : {numbers}\n"
        ));
    }
    Ok(text)
}
