//! The letters, as they are mailed.

use jiff::civil::Date;
use palier_billing::dunning::INDEMNITY;
use palier_billing::{BankAccount, Error, Money};

use super::letters::{Claimed, Letter};
use crate::day::Day;
use crate::db::Db;
use crate::db::dunning::LetterLevel;
use crate::db::poles::PoleRow;
use crate::invoicing::{InvoicingError, Settings};
use crate::mail::{self, Mail};
use crate::problem::Problem;
use crate::quote::words::day;
use crate::say;
use crate::tariff::words::{amount, percent};
use crate::text::Text;

/// Who writes, as documents name it.
pub(super) struct Sender {
    name: String,
    account: Option<BankAccount>,
    /// Whom to ask.
    email: Option<String>,
}

impl Sender {
    /// That of a pole.
    pub(super) fn of(conn: &mut Db, pole: &PoleRow) -> Result<Self, Problem> {
        match Settings::of(conn, &pole.pole_id) {
            Ok(Settings { seller, account, .. }) => {
                Ok(Self { name: seller.name, account, email: seller.email })
            }
            Err(InvoicingError::NoSettings) => {
                Ok(Self { name: pole.name.clone(), account: None, email: None })
            }
            Err(error) => Err(error.into()),
        }
    }

    /// As members know it.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// As a mail names it.
    pub(super) fn from(&self) -> mail::Sender<'_> {
        mail::Sender { name: &self.name, reply_to: self.email.as_deref() }
    }
}

/// A letter, in the language in which the member is written to.
pub(super) fn of(sender: &Sender, letter: &Letter, today: &Day) -> Result<Mail, Problem> {
    let text = text(sender, letter, today).map_err(|error| Problem::internal(&error))?;
    let to = (letter.email.as_str(), letter.member.language);
    Ok(Mail::new(sender.from(), to, &subject(sender, letter), &text))
}

fn subject(Sender { name, .. }: &Sender, letter: &Letter) -> Text {
    let Text { en, fr } = amount(letter.open);
    match letter.level {
        LetterLevel::Reminder => say!(
            en "{name}: reminder, {en} to be paid",
            fr "{name} : relance, {fr} à régler",
        ),
        LetterLevel::SecondReminder => say!(
            en "{name}: second reminder, {en} to be paid",
            fr "{name} : seconde relance, {fr} à régler",
        ),
        LetterLevel::FormalNotice => say!(
            en "{name}: formal notice to pay {en}",
            fr "{name} : mise en demeure de payer {fr}",
        ),
    }
}

fn text(sender: &Sender, letter: &Letter, today: &Day) -> Result<Text, Error> {
    let mut text = opening(sender, letter);
    for one in &letter.documents {
        text.push(&document(one));
    }
    if letter.documents.len() > 1 {
        let Text { en, fr } = amount(letter.open);
        text.push(&say!(en "\nTotal: {en}\n", fr "\nTotal : {fr}\n"));
    }
    if letter.credit.minor() > 0 {
        let Text { en, fr } = amount(letter.credit);
        text.push(&say!(
            en "\nOf this, {en} can be settled by what stands to your credit.\n",
            fr "\nVotre crédit permet d’en régler {fr}.\n",
        ));
    }
    text.push(&claims(letter, today)?);
    if let Some(from) = &letter.suspends_on {
        let (member, Text { en, fr }) = (&letter.member.name, day(from.date()));
        text.push(&say!(
            en "\nUnless it is paid by then, the services that {member} uses will be suspended from {en} \
                on.\n",
            fr "\nÀ défaut de règlement d’ici là, les services qu’utilise {member} seront suspendus à \
                compter du {fr}.\n",
        ));
    }
    text.push(&closing(sender));
    Ok(text)
}

fn opening(Sender { name, .. }: &Sender, letter: &Letter) -> Text {
    let member = &letter.member.name;
    match letter.level {
        LetterLevel::Reminder => say!(
            en "Hello,\n\nUnless we are mistaken, {member} has not paid yet what follows, which is \
                past its due date:\n\n",
            fr "Bonjour,\n\nSauf erreur de notre part, {member} n’a pas encore réglé ce qui suit, \
                arrivé à échéance :\n\n",
        ),
        LetterLevel::SecondReminder => say!(
            en "Hello,\n\n{member} still owes us what follows, which is past its due date. Please \
                pay it without delay:\n\n",
            fr "Bonjour,\n\n{member} nous doit toujours ce qui suit, arrivé à échéance. Merci de le \
                régler sans tarder :\n\n",
        ),
        LetterLevel::FormalNotice => say!(
            en "Hello,\n\n{name} hereby gives {member} formal notice to pay without delay what \
                follows, which is past its due date (code civil, art. 1344):\n\n",
            fr "Bonjour,\n\nPar la présente, {name} met {member} en demeure de payer sans délai ce \
                qui suit, arrivé à échéance (code civil, art. 1344) :\n\n",
        ),
    }
}

fn document(Claimed { late, .. }: &Claimed) -> Text {
    let number = late.number();
    let issued_on = late.row.issued_on.as_ref().map_or(Date::MIN, Day::date);
    let [issued, due] = [issued_on, late.due_on()].map(day);
    let mut text = say!(en "- {number} of ", fr "- {number} du ");
    text.push(&issued);
    text.push(&say!(en ", due on ", fr ", à régler pour le "));
    text.push(&due);
    let Text { en, fr } = amount(late.open);
    text.push(&say!(en ": {en}", fr " : {fr}"));
    if late.open != late.total() {
        let Text { en, fr } = amount(late.total());
        text.push(&say!(en " (of {en})", fr " (sur {fr})"));
    }
    text.push(&say!(en "\n", fr "\n"));
    text
}

/// What a letter claims for the delay, and what that is made of.
fn claims(letter: &Letter, today: &Day) -> Result<Text, Error> {
    let mut text = Text { en: String::new(), fr: String::new() };
    let mut all = letter.open;
    // Penalties bear none, and of a document the indemnity may be charged already.
    let interest: Vec<Money> = letter.documents.iter().filter_map(|it| it.interest).collect();
    let indemnity: Vec<Money> = letter.documents.iter().filter_map(|it| it.indemnity).collect();
    if interest.is_empty() && indemnity.is_empty() {
        return Ok(text);
    }
    text.push(&say!(
        en "\nFor the delay the law adds, without VAT (code de commerce, L441-10 and D441-5):\n\n",
        fr "\nS’y ajoutent de plein droit, sans TVA (code de commerce, L441-10 et D441-5) :\n\n",
    ));
    if !interest.is_empty() {
        let sum = Money::sum(letter.open.currency(), interest)?;
        let Text { en, fr } = day(today.date());
        text.push(&say!(
            en "- interest up to {en}, which goes on until you pay: ",
            fr "- des pénalités de retard, arrêtées au {fr} et qui courent jusqu’au règlement : ",
        ));
        let Text { en, fr } = amount(sum);
        text.push(&say!(en "{en}\n", fr "{fr}\n"));
        letter.documents.iter().flat_map(periods).for_each(|period| text.push(&period));
        all = all.checked_add(sum)?;
    }
    if !indemnity.is_empty() {
        let Text { en, fr } = amount(INDEMNITY);
        text.push(&say!(
            en "- the indemnity for recovery costs, {en} for each document: ",
            fr "- l’indemnité forfaitaire pour frais de recouvrement, {fr} par document : ",
        ));
        let sum = Money::sum(INDEMNITY.currency(), indemnity)?;
        let Text { en, fr } = amount(sum);
        text.push(&say!(en "{en}\n", fr "{fr}\n"));
        // In another currency it has no sum with the rest.
        if sum.currency() == all.currency() {
            all = all.checked_add(sum)?;
        } else {
            return Ok(text);
        }
    }
    let Text { en, fr } = amount(all);
    text.push(&say!(en "\nIn all: {en}\n", fr "\nAu total : {fr}\n"));
    Ok(text)
}

/// What the interest of a document is made of, a line each.
fn periods(Claimed { late, periods, .. }: &Claimed) -> impl Iterator<Item = Text> {
    let number = late.number();
    periods.iter().map(move |period| {
        let days = period.days.count();
        let mut text =
            say!(en "    {number}: {days} days at ", fr "    {number} : {days} jours à ");
        let [open, sum] = [period.open, period.amount].map(amount);
        let parts = [
            percent(period.rate_percent),
            say!(en " a year, on ", fr " l’an sur "),
            open,
            say!(en ": ", fr " : "),
            sum,
            say!(en "\n", fr "\n"),
        ];
        for part in &parts {
            text.push(part);
        }
        text
    })
}

/// Where to pay, and whom to ask.
pub(super) fn closing(sender: &Sender) -> Text {
    let Sender { account, email, .. } = sender;
    let mut text = say!(en "\n", fr "\n");
    if let Some(BankAccount { iban, .. }) = account {
        text.push(&say!(
            en "Please pay to the account {iban}, and name the numbers above.\n\n",
            fr "Merci de régler sur le compte {iban}, en rappelant les numéros ci-dessus.\n\n",
        ));
    }
    text.push(&say!(
        en "If your payment has crossed this message, ignore it.",
        fr "Si votre règlement a croisé ce message, n’en tenez pas compte.",
    ));
    if let Some(email) = email {
        text.push(&say!(en " Questions: {email}.", fr " Une question : {email}."));
    }
    text.push(&say!(en "\n", fr "\n"));
    text.push(&signed(sender));
    text
}

/// Who writes, in the last line.
pub(super) fn signed(Sender { name, .. }: &Sender) -> Text {
    say!(en "\n{name}\n", fr "\n{name}\n")
}
