//! What members are told before they are debited: how much, on which day, from which account, by which
//! mandate, and by whom.

use palier_billing::Money;
use palier_billing::sepa::earliest_collection;

use super::mandates::{masked, of_row};
use super::planner::later;
use super::settings::Terms;
use crate::app::App;
use crate::day::Day;
use crate::db::collection_settings::{self, NoticeRow};
use crate::db::invoices::InvoiceRow;
use crate::db::mails::MailKind;
use crate::db::means::{self, MeansKind, MeansRow, MeansStatus};
use crate::db::members::MemberRow;
use crate::db::poles::PoleRow;
use crate::db::stripe;
use crate::invoicing::{InvoicingError, Settings};
use crate::jobs::{self, About};
use crate::mail::{Mail, Sender};
use crate::problem::Problem;
use crate::quote::words::day;
use crate::say;
use crate::tariff::words::amount;
use crate::text::Text;
use crate::work::Tx;

/// How many days ahead a member is told of what Stripe debits: the mandates that it has signed agree to two
/// (docs.stripe.com/payments/sepa-debit).
pub(super) const STRIPE_NOTICE: u16 = 2;

/// What a member is told of a document.
pub(super) struct Told<'a> {
    pub(super) means: &'a MeansRow,
    pub(super) document: &'a InvoiceRow,
    pub(super) amount: Money,
    pub(super) collect_on: &'a Day,
    pub(super) today: &'a Day,
}

/// What the mail of a document says of its collection, which is written down as told; nothing where it is
/// not collected by itself.
///
/// # Errors
/// The database's.
pub(crate) fn with_document(
    tx: &mut Tx<'_>,
    pole: &PoleRow,
    document: &InvoiceRow,
) -> Result<Option<Text>, Problem> {
    if document.kind.is_credit() || document.gross_minor <= 0 {
        return Ok(None);
    }
    let means = means::default_of(tx.conn, tx.pole(), &document.member_id)?;
    let Some(means) = means.filter(|it| it.status == MeansStatus::Active) else { return Ok(None) };
    // Where somebody plans by hand, nobody knows the day yet.
    let settings = collection_settings::find(tx.conn, tx.pole())?;
    if !settings.is_some_and(|row| row.automatic) {
        return Ok(None);
    }
    if means.kind != MeansKind::Mandate && stripe::account(tx.conn, tx.pole())?.is_none() {
        return Ok(None);
    }
    let terms = Terms::of(tx.conn, tx.pole())?;
    let told_on = Day::today(pole, tx.at());
    let due_on = document.due_on.clone().unwrap_or_else(|| told_on.clone());
    let notice = terms.debit.as_ref().map_or(14, |it| it.notice_days);
    let collect_on = match means.kind {
        MeansKind::Mandate => {
            if terms.debit.is_none() || document.currency != "EUR" {
                return Ok(None);
            }
            let today = told_on.date();
            earliest_collection(due_on.date(), today, today, notice).ok().map(Day::from)
        }
        MeansKind::StripeSepa => later(&told_on, STRIPE_NOTICE).map(|it| it.max(due_on)),
        MeansKind::StripeCard => Some(due_on.max(told_on.clone())),
    };
    let Some(collect_on) = collect_on else { return Ok(None) };
    let amount = Money::from_minor(document.gross_minor, document.currency());
    let told = Told { means: &means, document, amount, collect_on: &collect_on, today: &told_on };
    write_down(tx, &told)?;
    Ok(Some(said(tx, &terms, &told)?))
}

/// Tells a member by a mail of its own, where it has an address.
pub(super) fn by_mail(
    app: &App,
    tx: &mut Tx<'_>,
    (pole, member): (&PoleRow, &MemberRow),
    told: &Told<'_>,
) -> Result<(), Problem> {
    write_down(tx, told)?;
    let Some(address) = &member.contact_email else { return Ok(()) };
    let terms = Terms::of(tx.conn, tx.pole())?;
    let (name, reply_to) = sender(tx, pole)?;
    let number = told.document.number.as_deref().unwrap_or_default();
    let subject = say!(
        en "{name}: invoice {number} will be collected",
        fr "{name} : la facture {number} va être prélevée",
    );
    let mut text = say!(
        en "Hello,\n\nInvoice {number} will be collected.\n",
        fr "Bonjour,\n\nLa facture {number} va être prélevée.\n",
    );
    text.push(&said(tx, &terms, told)?);
    text.push(&say!(
        en "\nYou have nothing to do.\n\n{name}\n",
        fr "\nVous n’avez rien à faire.\n\n{name}\n",
    ));
    let from = Sender { name: &name, reply_to: reply_to.as_deref() };
    let mail = Mail::new(from, (address.as_str(), member.language), &subject, &text);
    let about =
        About { kind: MailKind::CollectionNotice, member: &member.member_id, subject: number };
    jobs::enqueue_mail(app, tx, about, mail)
}

/// Who writes to members of what is collected, and where answers go.
pub(super) fn sender(tx: &mut Tx<'_>, pole: &PoleRow) -> Result<(String, Option<String>), Problem> {
    match Settings::of(tx.conn, tx.pole()) {
        Ok(settings) => Ok((settings.seller.name, settings.seller.email)),
        Err(InvoicingError::NoSettings) => Ok((pole.name.clone(), None)),
        Err(error) => Err(error.into()),
    }
}

fn write_down(tx: &mut Tx<'_>, told: &Told<'_>) -> Result<(), Problem> {
    let row = NoticeRow {
        pole_id: tx.pole().clone(),
        invoice_id: told.document.invoice_id.clone(),
        means_id: told.means.means_id.clone(),
        amount_minor: told.amount.minor(),
        collect_on: told.collect_on.clone(),
        told_on: told.today.clone(),
    };
    Ok(collection_settings::tell(tx.conn, &row)?)
}

/// How much is taken, when, from where, and by whom.
fn said(tx: &mut Tx<'_>, terms: &Terms, told: &Told<'_>) -> Result<Text, Problem> {
    let (sum, on) = (amount(told.amount), day(told.collect_on.date()));
    let mut text = say!(en "\nWe will collect ", fr "\nNous prélèverons ");
    text.push(&sum);
    text.push(&say!(en " on ", fr " le "));
    text.push(&on);
    if told.means.kind != MeansKind::Mandate {
        let label = &told.means.label;
        text.push(&say!(en ": {label}.\n", fr " : {label}.\n"));
        return Ok(text);
    }
    let (mandate, details) = of_row(told.means)?;
    let (iban, reference) = (masked(&details.iban), mandate.reference().as_str());
    text.push(&say!(
        en " from your account {iban}, by the mandate {reference}",
        fr " sur votre compte {iban}, en vertu du mandat {reference}",
    ));
    if let Some(debit) = &terms.debit {
        let billing = Settings::of(tx.conn, tx.pole())?;
        let (name, id) = (debit.name.as_ref().unwrap_or(&billing.seller.name), &debit.creditor_id);
        text.push(&say!(
            en ". The creditor is {name} ({id})",
            fr ". Le créancier est {name} (ICS {id})",
        ));
    }
    text.push(&say!(en ".\n", fr ".\n"));
    Ok(text)
}
