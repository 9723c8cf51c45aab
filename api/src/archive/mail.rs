//! The mail by which a final document reaches who it is for.

use palier_billing::{BankAccount, Document, DocumentKind, Error, Issued, Money};

use crate::app::App;
use crate::collections::announce::with_document;
use crate::db::archive::{ArchivedRow, FileForm};
use crate::db::invoices::InvoiceRow;
use crate::db::mails::MailKind;
use crate::db::poles::PoleRow;
use crate::db::{DbError, members, payments};
use crate::documents::iban_written;
use crate::invoicing::{InvoicingError, Settings, paper};
use crate::jobs::{self, About};
use crate::mail::{Attached, Mail, Sender};
use crate::problem::Problem;
use crate::quote::words::day;
use crate::say;
use crate::stripe::link_to_pay;
use crate::tariff::words::amount;
use crate::text::Text;
use crate::work::Tx;

/// Mails a document, whose files are kept, unless the pole does not want that or nobody is written to.
pub(super) fn enqueue(
    app: &App,
    tx: &mut Tx<'_>,
    (pole, invoice): (&PoleRow, &InvoiceRow),
    kept: &[ArchivedRow],
) -> Result<(), Problem> {
    let settings = match Settings::of(tx.conn, tx.pole()) {
        Err(InvoicingError::NoSettings) => return Ok(()),
        settings => settings?,
    };
    let member = members::find(tx.conn, tx.pole(), &invoice.member_id)?;
    let file = kept.iter().find(|row| row.form == FileForm::Pdf);
    let Some((member, file)) = member.zip(file).filter(|_| settings.mail_documents) else {
        return Ok(());
    };
    let Some(address) = &member.contact_email else { return Ok(()) };
    let issued: Issued =
        serde_json::from_str(&invoice.document).map_err(|error| DbError::Unreadable {
            table: "invoices",
            id: invoice.invoice_id.to_string(),
            what: error.to_string(),
        })?;
    let collected = with_document(tx, pole, invoice)?;
    let from = Sender { name: &pole.name, reply_to: settings.seller.email.as_deref() };
    let to = (address.as_str(), member.language);
    let settled = payments::settled(tx.conn, tx.pole(), std::slice::from_ref(&invoice.invoice_id))?;
    let settled = settled.get(&invoice.invoice_id).copied().unwrap_or_default();
    let gross = issued.document.totals().gross;
    let said = text(&issued, Money::from_minor(settled, gross.currency()), collected.as_ref());
    let mut said = said.map_err(|error| Problem::internal(&error))?;
    // Of what is settled already nothing is to be paid, and who is debited need not pay.
    let pays = !issued.document.content().kind.is_credit() && settled < gross.minor();
    if pays && collected.is_none() {
        said.push(&online(app, tx, pole, invoice)?);
    }
    let mail = Mail::new(from, to, &subject(pole, &issued), &said).with(Attached {
        pole: file.pole_id.clone(),
        form: file.form,
        sha256: file.sha256.clone(),
        name: paper::name(invoice, file.form.ending()),
    });
    let about =
        About { kind: MailKind::Invoice, member: &member.member_id, subject: &issued.number };
    jobs::enqueue_mail(app, tx, about, mail)
}

/// Where it is paid at once, if the pole collects like that.
fn online(
    app: &App,
    tx: &mut Tx<'_>,
    pole: &PoleRow,
    invoice: &InvoiceRow,
) -> Result<Text, Problem> {
    let Some(link) = link_to_pay(app, tx.conn, pole, &invoice.invoice_id)? else {
        return Ok(Text { en: String::new(), fr: String::new() });
    };
    Ok(say!(
        en "\nTo pay it online at once:\n\n{link}\n",
        fr "\nPour la régler en ligne tout de suite :\n\n{link}\n",
    ))
}

fn kind(document: &Document) -> Text {
    match document.content().kind {
        DocumentKind::CreditNote | DocumentKind::Rebate => say!(en "credit note", fr "avoir"),
        DocumentKind::Invoice | DocumentKind::Corrective | DocumentKind::SelfBilled => {
            say!(en "invoice", fr "facture")
        }
    }
}

fn subject(pole: &PoleRow, issued: &Issued) -> Text {
    let (name, number) = (&pole.name, &issued.number);
    let Text { en, fr } = kind(&issued.document);
    say!(en "{name}: {en} {number}", fr "{name} : {fr} {number}")
}

/// What it says of a document of which so much is settled already; how it is collected, if it is, stands in
/// place of an account to pay to.
fn text(issued: &Issued, settled: Money, collected: Option<&Text>) -> Result<Text, Error> {
    let (content, gross) = (issued.document.content(), issued.document.totals().gross);
    let open = gross.checked_sub(settled)?;
    let mut text = if content.kind.is_credit() {
        credit(issued, gross)
    } else {
        owed(issued, (gross, settled, open))
    };
    let asks = !content.kind.is_credit() && open.minor() > 0;
    if let Some(collected) = collected {
        text.push(collected);
    } else if let Some(account) = content.account.as_ref().filter(|_| asks) {
        text.push(&transfer(account, &issued.number));
    }
    text.push(&say!(
        en "\nThe document is attached. The electronic invoice is in it (Factur-X): accounting programs read it \
            from there.\n",
        fr "\nLe document est joint. La facture électronique s’y trouve (Factur-X) : les logiciels de \
            comptabilité la lisent directement.\n",
    ));
    Ok(text)
}

/// What is to be paid, if anything is: money that was paid in advance may have paid it as it became final.
fn owed(issued: &Issued, (gross, settled, open): (Money, Money, Money)) -> Text {
    let number = &issued.number;
    let mut text = say!(
        en "Hello,\n\nHere is invoice {number} of ",
        fr "Bonjour,\n\nVoici la facture {number} du ",
    );
    let mut parts = vec![day(issued.issued_on), say!(en ": ", fr " : "), amount(gross)];
    if open.minor() > 0 {
        if settled.minor() > 0 {
            let [Text { en, fr }, Text { en: left_en, fr: left_fr }] = [settled, open].map(amount);
            parts.push(say!(
                en ". Of this, {en} is settled already: {left_en} is left to be paid",
                fr ", dont {fr} sont déjà réglés : il reste {left_fr} à régler",
            ));
        } else {
            parts.push(say!(en ", to be paid", fr ", à régler"));
        }
        if issued.due_on > issued.issued_on {
            parts.extend([say!(en " by ", fr " pour le "), day(issued.due_on)]);
        } else {
            parts.push(say!(en " at once", fr " dès réception"));
        }
    } else if settled.minor() > 0 {
        parts.push(say!(
            en ". It is settled already: there is nothing to be paid",
            fr ". Elle est déjà réglée : vous n’avez rien à payer",
        ));
    } else {
        parts.push(say!(en ". There is nothing to be paid", fr ". Vous n’avez rien à payer"));
    }
    parts.push(say!(en ".\n", fr ".\n"));
    for part in &parts {
        text.push(part);
    }
    text
}

fn credit(issued: &Issued, gross: Money) -> Text {
    let number = &issued.number;
    let mut text = say!(
        en "Hello,\n\nHere is credit note {number} of ",
        fr "Bonjour,\n\nVoici l’avoir {number} du ",
    );
    let parts = [
        day(issued.issued_on),
        say!(en ": ", fr " : "),
        amount(gross),
        say!(en " to your credit.\n", fr " en votre faveur.\n"),
    ];
    for part in &parts {
        text.push(part);
    }
    text
}

fn transfer(account: &BankAccount, number: &str) -> Text {
    let iban = iban_written(&account.iban);
    say!(
        en "\n- IBAN: {iban}\n- Reference: {number}\n",
        fr "\n- IBAN : {iban}\n- Référence : {number}\n",
    )
}
