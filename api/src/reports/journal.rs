//! The entries of a period, line by line.

use palier_billing::{Currency, Money};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Period, Report, Span};
use crate::clock::Time;
use crate::day::Day;
use crate::db::journal::{self, EntryRow, LineRow};
use crate::db::poles::PoleRow;
use crate::db::{Db, DbError};
use crate::say;
use crate::sheet::{Cell, Sheet, columns};

/// The entries that were booked in the days of a period, by day and number.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct JournalReport {
    #[serde(flatten)]
    span: Span,
    /// The entries.
    entries: Vec<JournalEntry>,
    /// The debits of all of them, and their credits.
    #[schema(value_type = String, example = "240.00")]
    total: Money,
}

/// An entry: postings whose debits equal their credits.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct JournalEntry {
    /// Its number, unique in its year.
    #[schema(example = "VE000123")]
    number: String,
    /// The journal: `VE` sales, `AC` purchases, `BQ` bank, `OD` the rest, `AN` what a year began with.
    #[schema(example = "VE")]
    journal: String,
    /// The day it is booked on.
    date: Day,
    /// The document that proves it.
    #[schema(example = "FA-2026-000123")]
    piece: String,
    /// The date of that document.
    piece_date: Day,
    /// What it says.
    label: String,
    recorded_at: Time,
    /// Its postings.
    lines: Vec<JournalLine>,
}

/// A posting: an amount on one side of an account.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct JournalLine {
    /// The account.
    #[schema(example = "411000")]
    account: String,
    /// What it is called.
    #[schema(example = "Clients")]
    account_label: String,
    /// The code of the company whose part of the account it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "forge")]
    company: Option<String>,
    /// Its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    company_name: Option<String>,
    /// What it says.
    label: String,
    /// Nothing, if it is a credit.
    #[schema(value_type = String, example = "120.00")]
    debit: Money,
    /// Nothing, if it is a debit.
    #[schema(value_type = String, example = "0.00")]
    credit: Money,
}

impl JournalEntry {
    fn of((row, lines): (EntryRow, Vec<LineRow>), currency: Currency) -> Self {
        let line = |line: LineRow| JournalLine {
            account: line.account,
            account_label: line.account_label,
            company: line.auxiliary,
            company_name: line.auxiliary_label,
            label: line.label,
            debit: Money::from_minor(line.debit_minor, currency),
            credit: Money::from_minor(line.credit_minor, currency),
        };
        Self {
            number: format!("{}{:06}", row.journal, row.seq),
            journal: row.journal,
            date: row.entry_on,
            piece: row.piece,
            piece_date: row.piece_on,
            label: row.label,
            recorded_at: row.recorded_at,
            lines: lines.into_iter().map(line).collect(),
        }
    }
}

impl JournalReport {
    /// What was booked in the days of a period.
    pub(crate) fn read(conn: &mut Db, pole: &PoleRow, period: &Period) -> Result<Self, DbError> {
        let currency = pole.currency();
        let mut rows = journal::of_year(conn, &pole.pole_id, period.year().into())?;
        rows.retain(|(row, _)| period.days().contains(row.entry_on.date()));
        rows.sort_by(|(one, _), (other, _)| {
            let place = |row: &EntryRow| (row.entry_on.clone(), row.journal.clone(), row.seq);
            place(one).cmp(&place(other))
        });
        let minor = rows.iter().map(|(row, _)| row.total_minor).fold(0, i64::saturating_add);
        let entries = rows.into_iter().map(|row| JournalEntry::of(row, currency)).collect();
        let total = Money::from_minor(minor, currency);
        Ok(Self { span: Span::of(period, currency), entries, total })
    }
}

impl Report for JournalReport {
    fn sheet(&self) -> Sheet {
        let row = |(entry, line): (&JournalEntry, &JournalLine)| {
            vec![
                Cell::text(&entry.number),
                Cell::text(&entry.journal),
                Cell::Day(entry.date.date()),
                Cell::text(&entry.piece),
                Cell::Day(entry.piece_date.date()),
                Cell::text(&line.account),
                Cell::text(&line.account_label),
                Cell::maybe(line.company.as_ref()),
                Cell::maybe(line.company_name.as_ref()),
                Cell::text(&line.label),
                Cell::Money(line.debit),
                Cell::Money(line.credit),
            ]
        };
        let lines =
            self.entries.iter().flat_map(|entry| entry.lines.iter().map(move |it| (entry, it)));
        let mut total = vec![Cell::Empty; 10];
        total.extend([Cell::Money(self.total), Cell::Money(self.total)]);
        Sheet {
            name: format!("journal-{}", self.span.period),
            title: say!(en "Journal", fr "Journal"),
            columns: columns![
                "number" "Number" "Numéro", "journal" "Journal" "Journal", "date" "Date" "Date",
                "piece" "Document" "Pièce", "piece_date" "Dated" "Date de pièce",
                "account" "Account" "Compte", "account_label" "Account label" "Intitulé",
                "company" "Company" "Tiers", "company_name" "Name" "Nom",
                "label" "Label" "Libellé", "debit" "Debit" "Débit", "credit" "Credit" "Crédit",
            ],
            rows: lines.map(row).collect(),
            total: Some(total),
        }
    }
}
