//! What the books know that a movement could be: documents, members and their accounts.

use std::collections::{BTreeMap, HashMap};

use palier_billing::matching::{OpenItem, Payer, Verdict, match_lines};
use palier_billing::statement::StatementLine;
use palier_billing::{Currency, Money};

use super::report::{BankMovement, Proposal, Sums};
use super::{debits, fees, payouts, transfers};
use crate::db::bank::{self, MovementRow, MovementStatus};
use crate::db::invoices::short::{self, Standing};
use crate::db::members::{self, Filter, MemberRow};
use crate::db::{Db, DbError, payments};
use crate::id::{InvoiceId, PoleId};
use crate::problem::Problem;

/// The documents of a pole, open and settled, and by what its members are known at the bank.
pub(crate) struct Known {
    items: Vec<OpenItem>,
    payers: Vec<Payer>,
    documents: HashMap<String, InvoiceId>,
}

impl Known {
    /// As things stand.
    pub(crate) fn of(conn: &mut Db, pole: &PoleId) -> Result<Self, DbError> {
        let settled = payments::all_settled(conn, pole)?;
        let mut known = Self { items: Vec::new(), payers: Vec::new(), documents: HashMap::new() };
        for row in short::standings(conn, pole, None)? {
            let Some(number) = row.number.clone() else { continue };
            let paid = settled.get(&row.invoice_id).copied().unwrap_or_default();
            known.items.push(item(&row, &number, paid));
            known.documents.insert(number, row.invoice_id);
        }
        let mut ibans: HashMap<_, Vec<_>> = HashMap::new();
        for (member, iban) in bank::payers(conn, pole)? {
            ibans.entry(member).or_default().extend(iban.parse().ok());
        }
        let payer = |row: MemberRow| Payer {
            ibans: ibans.remove(&row.member_id).unwrap_or_default(),
            member: row.member_id.to_string(),
            names: vec![row.name],
        };
        let rows = members::page(conn, pole, &Filter::default(), None, i64::MAX)?;
        known.payers = rows.into_iter().map(payer).collect();
        Ok(known)
    }

    /// What lines pay, in their order.
    ///
    /// # Errors
    /// Figures that cannot be computed, which nothing in the database comes to.
    pub(super) fn verdicts(&self, lines: &[StatementLine]) -> Result<Vec<Verdict>, Problem> {
        let verdicts = match_lines(lines, &self.items, &self.payers);
        verdicts.map_err(|error| Problem::internal(&error))
    }

    /// The document of a number.
    pub(super) fn document(&self, number: &str) -> Option<&InvoiceId> {
        self.documents.get(number)
    }
}

fn item(row: &Standing, number: &str, paid: i64) -> OpenItem {
    let currency = Currency::from_code(&row.currency).unwrap_or(Currency::EUR);
    let total = row.total();
    OpenItem {
        document: number.to_owned(),
        member: row.member_id.to_string(),
        due_on: row.due_on.as_ref().map_or(jiff::civil::Date::ZERO, crate::day::Day::date),
        total: Money::from_minor(total, currency),
        open: Money::from_minor(total.saturating_sub(paid), currency),
    }
}

/// Movements as they are shown, those that are open with what they may be, as things stand.
pub(crate) fn suggested(
    conn: &mut Db,
    pole: &PoleId,
    rows: Vec<MovementRow>,
) -> Result<Vec<BankMovement>, Problem> {
    let is_open = |row: &&MovementRow| row.status == MovementStatus::Open;
    let lines: Vec<_> = rows.iter().filter(is_open).map(MovementRow::told).collect();
    let mut proposals = Vec::new();
    if !lines.is_empty() {
        let known = Known::of(conn, pole)?;
        for verdict in known.verdicts(&lines)? {
            let found = match verdict {
                Verdict::Certain(only) => vec![only],
                Verdict::Suggested(found) => found,
                Verdict::Unknown => Vec::new(),
            };
            proposals.push(found.into_iter().map(|it| Proposal::of(it, &known)).collect());
        }
    }
    let (mut incoming, mut outgoing) = (Vec::new(), BTreeMap::new());
    if !lines.is_empty() {
        incoming = debits::awaited(conn, pole)?;
        outgoing = transfers::awaited(conn, pole)?;
    }
    let mut proposals = proposals.into_iter();
    let mut sums = Vec::new();
    for row in &rows {
        let mut of_row = Sums::default();
        if row.status == MovementStatus::Open {
            of_row.batches = debits::may_be(conn, pole, row, &incoming)?;
            of_row.batches.extend(transfers::may_be(row, &outgoing));
            of_row.less_fees = fees::may_be_less_fees(row, &incoming);
            of_row.payouts = payouts::may_be(conn, pole, row)?;
        }
        sums.push(of_row);
    }
    let shown = rows.into_iter().zip(sums).map(|(row, sums)| {
        let open = row.status == MovementStatus::Open;
        let proposals = if open { proposals.next().unwrap_or_default() } else { Vec::new() };
        BankMovement::of(row, proposals, sums)
    });
    Ok(shown.collect())
}
