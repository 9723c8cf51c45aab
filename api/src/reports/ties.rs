//! Whether the reports fit one another: what documents and payments come to is what stands on the
//! accounts.

use std::collections::BTreeMap;

use jiff::civil::Date;
use palier_billing::ledger::{Account, Entry, Journal, Role, Side};
use palier_billing::reports::vat_return;
use palier_billing::{Currency, Days, Error, Money};

use super::aged::AgedReceivables;
use super::entries::of_year;
use super::facts::Facts;
use super::unreadable;
use crate::db::poles::PoleRow;
use crate::db::{Db, DbError, bills, journal};
use crate::invoicing::Settings;

/// What does not fit, in words. It asks for a [`snapshot`](Db::snapshot).
///
/// - What members owe, document by document and less their credit, is what stands on the accounts of
///   customers.
/// - VAT that is due and that waits, document by document and part by part, is what moved on the
///   accounts of VAT; what waits is what stands on its account.
/// - What documents bill for each service is what stands on the accounts of income with its tag.
/// - What bills of providers that are open come to is what stands on the accounts of these.
pub(crate) fn verify(conn: &mut Db, pole: &PoleRow) -> Result<Vec<String>, DbError> {
    let currency = pole.currency();
    let chart = Settings::chart_of(conn, &pole.pole_id)?;
    let facts = Facts::until(conn, &pole.pole_id, currency, Date::MAX)?;
    let mut entries = Vec::new();
    for year in journal::years(conn, &pole.pole_id)? {
        entries.extend(of_year(conn, &pole.pole_id, currency, year)?);
    }
    // What a year began with is what the years before came to.
    entries.retain(|entry| entry.journal() != Journal::Opening);
    let pending = chart.account(Role::VatPending).number().clone();
    let owed = Money::from_minor(bills::owed(conn, &pole.pole_id)?, currency);
    let found = differences((&facts, owed), &entries, currency, &pending);
    found.map_err(|error| unreadable(&error))
}

fn differences(
    (facts, bills): (&Facts, Money),
    entries: &[Entry],
    currency: Currency,
    pending: &Account,
) -> Result<Vec<String>, Box<dyn std::error::Error>> {
    let mut faults = Vec::new();
    let mut compare = |what: &str, reported: Money, booked: Money| {
        if reported != booked {
            faults.push(format!(
                "{what}: {reported} by documents and payments, {booked} in the books"
            ));
        }
    };
    compare("what is owed to providers", bills, owed_to_providers(entries, currency)?);
    let books = Books::of(entries, currency)?;
    let owed = AgedReceivables::of(facts, currency, Date::MAX)?.total();
    compare("what members owe", owed, books.customers);
    // Its days are all there are.
    let ever = Days::new(Date::MIN, Date::MAX)?;
    let vat = vat_return(currency, ever, facts.vat())?;
    let zero = Money::zero(currency);
    compare("VAT", vat.due.checked_add(vat.pending)?, zero.checked_sub(books.vat)?);
    let waiting = books.accounts.get(pending).copied().unwrap_or(zero);
    compare("VAT that waits", vat.pending, zero.checked_sub(waiting)?);
    for (service, (billed, earned)) in services(facts, &books, zero)? {
        compare(&format!("revenue of {service}"), billed, earned);
    }
    Ok(faults)
}

/// Debits less credits, in several ways.
struct Books<'e> {
    accounts: BTreeMap<&'e Account, Money>,
    /// Of all accounts that are customers'.
    customers: Money,
    /// Of all accounts of VAT on sales.
    vat: Money,
    /// Of accounts of income, by service.
    income: BTreeMap<&'e str, Money>,
}

impl<'e> Books<'e> {
    fn of(entries: &'e [Entry], currency: Currency) -> Result<Self, Error> {
        let zero = Money::zero(currency);
        let (accounts, income) = (BTreeMap::new(), BTreeMap::new());
        let mut books = Self { accounts, customers: zero, vat: zero, income };
        for entry in entries.iter().filter(|entry| entry.journal() != Journal::Purchases) {
            for posting in entry.postings() {
                let moved = posting.on(Side::Debit).checked_sub(posting.on(Side::Credit))?;
                let add = |sum: &mut Money| sum.checked_add(moved).map(|added| *sum = added);
                add(books.accounts.entry(posting.account()).or_insert(zero))?;
                let company = posting.auxiliary();
                if company.is_some_and(|company| !journal::is_provider(company.code())) {
                    add(&mut books.customers)?;
                }
                if posting.account().as_str().starts_with("445") {
                    add(&mut books.vat)?;
                }
                if let Some(service) = posting.tag() {
                    add(books.income.entry(service).or_insert(zero))?;
                }
            }
        }
        Ok(books)
    }
}

/// What stands on the accounts of providers: credits less debits.
fn owed_to_providers(entries: &[Entry], currency: Currency) -> Result<Money, Error> {
    let mut owed = Money::zero(currency);
    for posting in entries.iter().flat_map(Entry::postings) {
        let company = posting.auxiliary();
        if company.is_some_and(|company| journal::is_provider(company.code())) {
            owed = owed.checked_add(posting.on(Side::Credit))?;
            owed = owed.checked_sub(posting.on(Side::Debit))?;
        }
    }
    Ok(owed)
}

/// What each service was billed for by documents, and what it earned by the books.
fn services<'f>(
    facts: &'f Facts,
    books: &Books<'f>,
    zero: Money,
) -> Result<BTreeMap<&'f str, (Money, Money)>, Error> {
    let mut sums: BTreeMap<&str, (Money, Money)> = BTreeMap::new();
    for (service, net) in facts.documents.values().flat_map(|it| &it.services) {
        let (billed, _) = sums.entry(service).or_insert((zero, zero));
        *billed = billed.checked_add(*net)?;
    }
    for (service, booked) in &books.income {
        sums.entry(service).or_insert((zero, zero)).1 = zero.checked_sub(*booked)?;
    }
    Ok(sums)
}
