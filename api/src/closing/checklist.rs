//! What is to be done before a month or a year is closed, and what of it is.

use jiff::civil::Date;
use palier_billing::ledger::Role;
use palier_billing::{Money, Month, fec};
use serde::Serialize;
use utoipa::ToSchema;

use super::Closable;
use crate::clock::Time;
use crate::day::Day;
use crate::db::closings::{self, ClosingRow};
use crate::db::invoice_runs::{self, RunStatus};
use crate::db::invoices::InvoiceStatus;
use crate::db::poles::PoleRow;
use crate::db::usage::unmatched;
use crate::db::{Db, DbError, einvoices, journal, reports, words};
use crate::invoicing::{InvoicingError, Settings, fec as file};
use crate::metering::Calendar;
use crate::problem::Fault;
use crate::reports::aged::AgedReceivables;
use crate::reports::balance::{BalanceBy, TrialBalance};
use crate::reports::ties;
use crate::reports::vat::VatReturn;
use crate::say;
use crate::text::Text;

words! {
    /// What is to be done.
    pub(crate) enum Check {
        /// The period has ended.
        Over = "over",
        /// What comes before it is closed; of a year, all its months.
        Order = "order",
        /// Documents, payments, VAT and revenue are what stands on the accounts.
        Books = "books",
        /// The month is invoiced: swept for repeats, closed, its drafts made.
        Invoiced = "invoiced",
        /// Usage of the month that matches nothing and waits.
        UnmatchedUsage = "unmatched_usage",
        /// Drafts that are not final, of this month and earlier ones.
        Drafts = "drafts",
        /// Drafts that are held.
        HeldDrafts = "held_drafts",
        /// Documents that a platform rejected or a member refused, and that were not credited since.
        Returned = "returned_documents",
        /// Movements at the bank until then of which nobody has said what they are.
        BankMovements = "bank_movements",
        /// Money on the account of what nobody knows the reason of yet.
        Suspense = "suspense",
        /// The accounting file of the year, checked by the rules R01 to R14.
        Fec = "fec",
        /// Credit notes and payments on account that settle nothing yet.
        Credits = "credits",
        /// The VAT to declare for the period.
        Vat = "vat",
        /// What the year earned, income less expenses.
        Result = "result",
    }
}

words! {
    /// Where something stands.
    pub(crate) enum State {
        /// There is nothing to do.
        Done = "done",
        /// It is to be done, or accepted as it is.
        Missing = "missing",
        /// It is to be done: the period cannot be closed without.
        Blocking = "blocking",
        /// It is only to be known.
        Info = "info",
    }
}

/// What is to be done before a period is closed.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Checklist {
    /// The month or the year.
    #[schema(example = "2026-07")]
    period: String,
    /// Its last day.
    last_day: Day,
    /// When it was closed; nothing is booked on its days any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    closed_at: Option<Time>,
    /// Each thing, and where it stands.
    items: Vec<CheckItem>,
}

/// Something that is to be done, or to be known.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct CheckItem {
    pub(crate) code: Check,
    pub(crate) state: State,
    /// How many there are: drafts, events, faults, months.
    count: u64,
    /// What they come to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false, example = "120.00")]
    amount: Option<Money>,
    /// In words.
    pub(crate) text: Text,
}

impl CheckItem {
    /// What there should be none of.
    fn none_of(code: Check, state: State, count: u64, text: Text) -> Self {
        let state = if count == 0 { State::Done } else { state };
        Self { code, state, count, amount: None, text }
    }

    fn known(code: Check, count: u64, amount: Money, text: Text) -> Self {
        Self { code, state: State::Info, count, amount: Some(amount), text }
    }
}

impl Checklist {
    /// What is to be done before a period is closed.
    pub(crate) fn read(
        conn: &mut Db,
        pole: &PoleRow,
        period: &Closable,
        now: Time,
    ) -> Result<Self, DbError> {
        let last = period.0.last();
        let closed = closings::all(conn, &pole.pole_id)?;
        let closing = closed.iter().find(|row| row.period == period.0.name());
        let not_over = Day::today(pole, now).date() <= last;
        let mut items = vec![CheckItem::none_of(
            Check::Over,
            State::Blocking,
            u64::from(not_over),
            say!(en "The period has ended.", fr "La période est terminée."),
        )];
        items.push(order(conn, pole, period, &closed)?);
        items.push(books(conn, pole)?);
        if let Ok(month) = period.0.name().parse::<Month>() {
            items.push(invoiced(conn, pole, month)?);
            items.push(unmatched(conn, pole, period)?);
        }
        items.extend(drafts(conn, pole, last)?);
        items.push(returned(conn, pole, last)?);
        items.push(movements(conn, pole, last)?);
        items.push(suspense(conn, pole, period)?);
        items.push(fec_of(conn, pole, period)?);
        items.extend(to_be_known(conn, pole, period)?);
        Ok(Self {
            period: period.0.name().to_owned(),
            last_day: last.into(),
            closed_at: closing.map(|row| row.closed_at),
            items,
        })
    }

    /// Each thing.
    pub(crate) fn items(&self) -> &[CheckItem] {
        &self.items
    }

    /// When it was closed.
    pub(crate) const fn closed_at(&self) -> Option<Time> {
        self.closed_at
    }

    /// The things in a state.
    pub(super) fn in_state(&self, state: State) -> impl Iterator<Item = &CheckItem> {
        self.items.iter().filter(move |item| item.state == state)
    }

    /// What keeps the period from being closed, where what can be accepted is, or is not.
    pub(super) fn missing(&self, accept: bool) -> Vec<Fault> {
        let accepted = self.in_state(State::Missing).filter(|_| !accept);
        let keeps = self.in_state(State::Blocking).chain(accepted);
        keeps.map(|item| Fault::body("", item.code.as_str(), item.text.clone())).collect()
    }
}

/// Months are closed one after the other, from that of the first entry, or an earlier one, on; years
/// once their months are.
fn order(
    conn: &mut Db,
    pole: &PoleRow,
    period: &Closable,
    closed: &[ClosingRow],
) -> Result<CheckItem, DbError> {
    let first = journal::first_day(conn, &pole.pole_id)?.map(|day| Month::of(day.date()));
    let months = closed.iter().filter_map(|row| row.period.parse::<Month>().ok());
    let last = months.max();
    let next = last.map_or(first, |last| last.next().ok());
    let wanted = Month::of(period.0.last());
    let count = match next {
        _ if closed.iter().any(|row| row.period == period.0.name()) => 0,
        // Nothing is booked yet, nor closed.
        None => u64::from(period.is_year()),
        // All months until the end of a year, or before a month.
        Some(next) if period.is_year() => {
            between(next, wanted).saturating_add(u64::from(next <= wanted))
        }
        Some(next) if last.is_some() => between(next, wanted).max(between(wanted, next)),
        Some(next) => between(next, wanted),
    };
    let from = next.map_or_else(String::new, |next| next.to_string());
    let text = match count {
        0 => say!(en "What comes before it is closed.", fr "Ce qui précède est clôturé."),
        _ => say!(
            en "Months are closed one after the other: {from} is next.",
            fr "Les mois se clôturent l’un après l’autre : {from} est le prochain."
        ),
    };
    Ok(CheckItem::none_of(Check::Order, State::Blocking, count, text))
}

/// How many months there are from one to a later one; none, if it is not later.
fn between(from: Month, to: Month) -> u64 {
    let (mut month, mut count) = (from, 0_u64);
    while month < to {
        let Ok(next) = month.next() else { break };
        (month, count) = (next, count.saturating_add(1));
    }
    count
}

fn books(conn: &mut Db, pole: &PoleRow) -> Result<CheckItem, DbError> {
    let faults = ties::verify(conn, pole)?;
    let count = u64::try_from(faults.len()).unwrap_or(u64::MAX);
    let told = faults.join("; ");
    let text = match count {
        0 => say!(
            en "Documents and payments are what stands on the accounts.",
            fr "Factures et paiements correspondent aux comptes."
        ),
        _ => say!(
            en "The books do not fit documents and payments: {told}.",
            fr "Les comptes ne correspondent pas aux factures et paiements : {told}."
        ),
    };
    Ok(CheckItem::none_of(Check::Books, State::Blocking, count, text))
}

/// A month is invoiced if its drafts are made, unless it is before the first that was.
fn invoiced(conn: &mut Db, pole: &PoleRow, month: Month) -> Result<CheckItem, DbError> {
    let runs = invoice_runs::all(conn, &pole.pole_id)?;
    let name = month.to_string();
    let run = runs.iter().find(|run| run.period == name);
    let first = runs.last().is_none_or(|run| run.period <= name);
    let is_made = run.is_some_and(|run| run.status == RunStatus::Drafted);
    let count = u64::from(!is_made && first);
    let text = match count {
        0 => {
            say!(en "Its usage is swept and invoiced.", fr "Ses usages sont contrôlés et facturés.")
        }
        _ => say!(
            en "Its usage is not invoiced: run it.",
            fr "Ses usages ne sont pas facturés : lancez sa facturation."
        ),
    };
    Ok(CheckItem::none_of(Check::Invoiced, State::Missing, count, text))
}

fn unmatched(conn: &mut Db, pole: &PoleRow, period: &Closable) -> Result<CheckItem, DbError> {
    let calendar = Calendar::of(pole);
    let days = period.0.days();
    let instants = (calendar.begin(days.first()), calendar.begin(days.end()));
    let waiting = unmatched::waiting(conn, &pole.pole_id, instants)?;
    let count = waiting.iter().map(|(_, count)| *count).fold(0, i64::saturating_add);
    let count = u64::try_from(count).unwrap_or_default();
    let text = say!(
        en "Events that match no member, meter or subscription: {count}.",
        fr "Événements sans membre, compteur ou abonnement : {count}."
    );
    Ok(CheckItem::none_of(Check::UnmatchedUsage, State::Missing, count, text))
}

fn drafts(conn: &mut Db, pole: &PoleRow, last: Date) -> Result<[CheckItem; 2], DbError> {
    let until = Month::of(last).to_string();
    let counts = reports::not_final(conn, &pole.pole_id, &until)?;
    let count = |status| {
        let found = counts.iter().find(|(it, _)| *it == status);
        found.map_or(0, |(_, count)| u64::try_from(*count).unwrap_or_default())
    };
    let (drafts, held) = (count(InvoiceStatus::Draft), count(InvoiceStatus::Held));
    let texts = (
        say!(en "Drafts that are not final: {drafts}.", fr "Brouillons non définitifs : {drafts}."),
        say!(en "Drafts that are held: {held}.", fr "Brouillons retenus : {held}."),
    );
    Ok([
        CheckItem::none_of(Check::Drafts, State::Missing, drafts, texts.0),
        CheckItem::none_of(Check::HeldDrafts, State::Missing, held, texts.1),
    ])
}

fn returned(conn: &mut Db, pole: &PoleRow, last: Date) -> Result<CheckItem, DbError> {
    let found = einvoices::returned(conn, &pole.pole_id, &last.into())?;
    let count = u64::try_from(found.len()).unwrap_or(u64::MAX);
    let named = found.iter().take(10).filter_map(|(number, _)| number.as_deref());
    let named = named.collect::<Vec<_>>().join(", ");
    let text = match count {
        0 => say!(
            en "No document was rejected or refused.",
            fr "Aucun document n’a été rejeté ni refusé."
        ),
        _ => say!(
            en "Documents that were rejected or refused, to be credited and billed anew: {named}.",
            fr "Documents rejetés ou refusés, à créditer et refaire : {named}."
        ),
    };
    Ok(CheckItem::none_of(Check::Returned, State::Missing, count, text))
}

fn movements(conn: &mut Db, pole: &PoleRow, last: Date) -> Result<CheckItem, DbError> {
    let count = reports::open_movements(conn, &pole.pole_id, &last.into())?;
    let count = u64::try_from(count).unwrap_or_default();
    let text = say!(
        en "Movements at the bank that are still open: {count}.",
        fr "Mouvements bancaires encore ouverts : {count}."
    );
    Ok(CheckItem::none_of(Check::BankMovements, State::Missing, count, text))
}

fn suspense(conn: &mut Db, pole: &PoleRow, period: &Closable) -> Result<CheckItem, DbError> {
    let account = Settings::chart_of(conn, &pole.pole_id)?.account(Role::Suspense);
    let number = account.number().as_str().to_owned();
    let balance = TrialBalance::read(conn, pole, &period.0, BalanceBy::Account)?;
    let stands = balance.closing(&number).unwrap_or(Money::zero(pole.currency()));
    let text = say!(
        en "On the suspense account {number} there are {stands}.",
        fr "Le compte d’attente {number} présente {stands}."
    );
    let count = u64::from(!stands.is_zero());
    let item = CheckItem::none_of(Check::Suspense, State::Missing, count, text);
    Ok(CheckItem { amount: Some(stands), ..item })
}

fn fec_of(conn: &mut Db, pole: &PoleRow, period: &Closable) -> Result<CheckItem, DbError> {
    let made = file::export(conn, &pole.pole_id, period.0.year(), fec::Encoding::Utf8);
    let findings = match made {
        Ok(file) => fec::check(&file.name, &file.bytes).iter().map(ToString::to_string).collect(),
        Err(InvoicingError::Database(error)) if !matches!(error, DbError::Unreadable { .. }) => {
            return Err(error);
        }
        Err(error) => vec![error.text().en],
    };
    let count = u64::try_from(findings.len()).unwrap_or(u64::MAX);
    let first = findings.first().cloned().unwrap_or_default();
    let text = match count {
        0 => say!(
            en "The accounting file breaks none of the rules R01 to R14.",
            fr "Le fichier des écritures respecte les règles R01 à R14."
        ),
        _ => say!(
            en "The accounting file cannot be handed in: {first}",
            fr "Le fichier des écritures ne peut être remis : {first}"
        ),
    };
    Ok(CheckItem::none_of(Check::Fec, State::Missing, count, text))
}

fn to_be_known(
    conn: &mut Db,
    pole: &PoleRow,
    period: &Closable,
) -> Result<Vec<CheckItem>, DbError> {
    let aged = AgedReceivables::read(conn, pole, period.0.last())?;
    let (members, credits) = aged.credits();
    let due = VatReturn::read(conn, pole, &period.0)?.due();
    let mut items = vec![
        CheckItem::known(
            Check::Credits,
            members,
            credits,
            say!(
                en "Members with credit notes or payments that settle nothing yet: {members}.",
                fr "Membres avec avoirs ou acomptes non imputés : {members}."
            ),
        ),
        CheckItem::known(
            Check::Vat,
            1,
            due,
            say!(en "VAT to declare: {due}.", fr "TVA à déclarer : {due}."),
        ),
    ];
    if period.is_year() {
        let balance = TrialBalance::read(conn, pole, &period.0, BalanceBy::Account)?;
        let result = balance.result(pole.currency())?;
        let text = say!(
            en "Income less expenses: {result}.", fr "Produits moins charges : {result}."
        );
        items.push(CheckItem::known(Check::Result, 1, result, text));
    }
    Ok(items)
}
