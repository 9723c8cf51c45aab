//! What a delay came to, charged: a document of its own for each that was late.

use std::fmt::Write as _;

use palier_billing::dunning::{DunningError, PenaltyPeriod};
use palier_billing::{Currency, Money};
use serde_json::json;

use super::late::{Late, of_document};
use super::letters::Why;
use super::settings::Terms;
use crate::day::Day;
use crate::db::invoices::{InvoiceRow, InvoiceStatus};
use crate::db::penalties::{self, PenaltyRow};
use crate::db::poles::{self, PoleRow};
use crate::invoicing::penalty::{Penalty, issue_penalty};
use crate::problem::{Fault, Problem};
use crate::say;
use crate::text::Text;
use crate::work::{Changes, Done, Tx};

/// Charges what the delay of a document came to until a day, less what was charged before: interest, and
/// once the indemnity for recovery costs, as far as the pole's dunning settings claim them. It may be paid
/// by now. The document that charges it is final.
///
/// # Errors
/// A [`Problem`]: it is no final invoice, or itself such a document, which bears no interest (code civil,
/// 1343-2); the day has not come, or is charged already; nothing is due; rates are missing.
pub(crate) fn charge(
    tx: &mut Tx<'_>,
    pole: &PoleRow,
    row: InvoiceRow,
    until: Option<Day>,
) -> Result<Done<InvoiceRow>, Problem> {
    // Payments are recorded under the same lock, and of two that charge the second sees the first.
    poles::hold(tx.conn, tx.pole())?;
    let today = Day::today(pole, tx.at());
    let until = until.unwrap_or_else(|| today.clone());
    if until > today {
        let detail = say!(en "The day has not come yet.", fr "Ce jour n’est pas encore venu.");
        return Err(Problem::invalid(vec![Fault::body("/until", "in_future", detail)]));
    }
    if row.status != InvoiceStatus::Final || row.kind.is_credit() {
        let detail = say!(
            en "It bears no penalty: it is no final invoice.",
            fr "Elle ne donne lieu à aucune pénalité : ce n’est pas une facture définitive."
        );
        return Err(refused("not_an_invoice", detail));
    }
    let late = of_document(tx.conn, tx.pole(), row, &until)?.ok_or_else(Problem::not_found)?;
    let penalty = due(tx, &late, &until)?;
    let made = issue_penalty(tx, pole, &late.row, &penalty)?;
    let charged = PenaltyRow {
        pole_id: tx.pole().clone(),
        invoice_id: late.row.invoice_id.clone(),
        last_day: until.clone(),
        penalty_id: made.invoice_id.clone(),
        interest_minor: penalty.interest.minor(),
        indemnity_minor: penalty.indemnity.map_or(0, Money::minor),
        charged_at: tx.at(),
    };
    penalties::insert(tx.conn, &charged)?;
    let changes = Changes::made(&json!({
        "number": made.number, "of": late.number(), "until": until,
        "interest_minor": charged.interest_minor, "indemnity_minor": charged.indemnity_minor,
    }));
    Ok(tx.done("dunning.charged", late.row.invoice_id.as_str(), &changes, made)?)
}

/// What is due until a day and was not charged.
fn due(tx: &mut Tx<'_>, late: &Late, until: &Day) -> Result<Penalty, Problem> {
    if late.is_penalty() {
        let detail = say!(
            en "Penalties bear no interest.",
            fr "Les pénalités ne portent pas intérêt."
        );
        return Err(refused("penalty", detail));
    }
    let last = late.charged.last().map(|row| row.last_day.clone());
    if let Some(last) = last.as_ref().filter(|last| *last >= until) {
        let detail = say!(
            en "Its delay is charged up to {last} already.",
            fr "Son retard est déjà facturé jusqu’au {last}."
        );
        return Err(refused("charged", detail));
    }
    let terms = Terms::of(tx.conn, tx.pole())?;
    let due = late.unclaimed(&terms, until).map_err(unknown)?;
    // It is a sum in euros; a document has one currency.
    let indemnity = due.indemnity.filter(|_| late.row.currency() == Currency::EUR);
    if due.interest.is_zero() && indemnity.is_none() {
        let detail = say!(
            en "Nothing is due for its delay until {until}.",
            fr "Rien n’est dû pour son retard jusqu’au {until}."
        );
        return Err(refused("nothing_due", detail));
    }
    let begins = last.as_ref().map_or_else(|| late.due_on(), Day::date);
    let first = begins.tomorrow().unwrap_or(begins);
    Ok(Penalty {
        days: (first, until.date()),
        interest: due.interest,
        how: how(&due.periods),
        indemnity,
    })
}

/// How the interest came about.
fn how(periods: &[PenaltyPeriod]) -> Text {
    let mut text = Text { en: String::new(), fr: String::new() };
    for period in periods {
        let between = if text.en.is_empty() { "" } else { "; " };
        let (open, days, rate) = (period.open, period.days.count(), period.rate_percent);
        // Writing into a string cannot fail.
        write!(text.en, "{between}{open} open for {days} days at {rate} %").unwrap_or_default();
        write!(text.fr, "{between}{open} dus pendant {days} jours à {rate} %").unwrap_or_default();
    }
    text
}

fn unknown(error: DunningError) -> Problem {
    let why = Why::from(error);
    refused(why.code(), why.text())
}

fn refused(code: &'static str, detail: Text) -> Problem {
    Problem::conflict(Fault::body("", code, detail))
}
