//! What was earned: by month and service, or by month and member.

use std::collections::{BTreeMap, HashMap};

use palier_billing::ledger::{Auxiliary, Entry, Side};
use palier_billing::reports::revenue;
use palier_billing::{Currency, Money, Month};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::entries::of_year;
use super::{Period, Report, Span, unreadable};
use crate::db::poles::PoleRow;
use crate::db::services::{self, ServiceRow};
use crate::db::{Db, DbError};
use crate::say;
use crate::sheet::{Cell, Sheet, columns};

/// What rows are sums of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RevenueBy {
    /// Services, and accounts of income that are no service's.
    #[default]
    Service,
    /// Members.
    Member,
}

/// What was earned in the days of a period, without VAT, by the month in which it was booked: the
/// accounts of income (class 7).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct Revenue {
    #[serde(flatten)]
    span: Span,
    by: RevenueBy,
    /// A row for each month and service and account, or month and member, in this order.
    rows: Vec<RevenueLine>,
    /// All of it together.
    #[schema(value_type = String, example = "3300.00")]
    total: Money,
}

/// What was earned in a month.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct RevenueLine {
    /// The month in which it was booked.
    #[schema(value_type = String, example = "2026-08")]
    month: Month,
    /// The code of the service, or of the member; left out for what is neither's.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "compute")]
    code: Option<String>,
    /// What it is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    name: Option<String>,
    /// The account; left out by member.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = "706000")]
    account: Option<String>,
    /// Credits less debits.
    #[schema(value_type = String, example = "3300.00")]
    amount: Money,
}

impl Revenue {
    /// What the days of a period earned.
    pub(crate) fn read(
        conn: &mut Db,
        pole: &PoleRow,
        period: &Period,
        by: RevenueBy,
    ) -> Result<Self, DbError> {
        let currency = pole.currency();
        let mut entries = of_year(conn, &pole.pole_id, currency, period.year().into())?;
        entries.retain(|entry| period.days().contains(entry.heading().date()));
        let rows = match by {
            RevenueBy::Service => {
                by_service(&services::all(conn, &pole.pole_id)?, currency, &entries)?
            }
            RevenueBy::Member => by_member(currency, &entries)?,
        };
        let total = Money::sum(currency, rows.iter().map(|row| row.amount));
        let total = total.map_err(|error| unreadable(&error))?;
        Ok(Self { span: Span::of(period, currency), by, rows, total })
    }
}

fn by_service(
    services: &[ServiceRow],
    currency: Currency,
    entries: &[Entry],
) -> Result<Vec<RevenueLine>, DbError> {
    let named: HashMap<_, _> = services.iter().map(|it| (it.service_id.as_str(), it)).collect();
    let rows = revenue(currency, entries).map_err(|error| unreadable(&error))?;
    let line = |row: palier_billing::reports::RevenueRow| {
        let service = row.service.as_deref().and_then(|id| named.get(id));
        RevenueLine {
            month: row.month,
            code: service.map(|it| it.code.clone()).or(row.service.clone()),
            name: service.map(|it| it.name_fr.clone()),
            account: Some(row.account.to_string()),
            amount: row.amount,
        }
    };
    Ok(rows.into_iter().map(line).collect())
}

/// Whose an entry is: the company on whose account its other side stands.
fn by_member(currency: Currency, entries: &[Entry]) -> Result<Vec<RevenueLine>, DbError> {
    let mut sums: BTreeMap<_, (Option<&Auxiliary>, Money)> = BTreeMap::new();
    for entry in entries {
        let company = entry.postings().iter().find_map(|it| it.auxiliary());
        let key = (Month::of(entry.heading().date()), company.map(Auxiliary::code));
        for posting in entry.postings().iter().filter(|it| it.account().is_of_income()) {
            let (named, sum) = sums.entry(key).or_insert((company, Money::zero(currency)));
            *named = company;
            let more = posting.on(Side::Credit).checked_sub(posting.on(Side::Debit));
            let more = more.and_then(|more| sum.checked_add(more));
            *sum = more.map_err(|error| unreadable(&error))?;
        }
    }
    let rows = sums.into_iter().filter(|(_, (_, amount))| !amount.is_zero());
    let line =
        |((month, code), (company, amount)): ((Month, Option<&str>), (Option<&Auxiliary>, _))| {
            RevenueLine {
                month,
                code: code.map(str::to_owned),
                name: company.map(|it| it.name().to_owned()),
                account: None,
                amount,
            }
        };
    Ok(rows.map(line).collect())
}

impl Report for Revenue {
    fn sheet(&self) -> Sheet {
        let row = |it: &RevenueLine| {
            vec![
                Cell::text(it.month.to_string()),
                Cell::maybe(it.code.as_ref()),
                Cell::maybe(it.name.as_ref()),
                Cell::maybe(it.account.as_ref()),
                Cell::Money(it.amount),
            ]
        };
        let mut total = vec![Cell::Empty; 4];
        total.push(Cell::Money(self.total));
        let (name, title) = match self.by {
            RevenueBy::Service => {
                ("service", say!(en "Revenue by service", fr "Revenus par service"))
            }
            RevenueBy::Member => ("member", say!(en "Revenue by member", fr "Revenus par membre")),
        };
        Sheet {
            name: format!("revenue-by-{name}-{}", self.span.period),
            title,
            columns: columns![
                "month" "Month" "Mois", "code" "Code" "Code", "name" "Name" "Nom",
                "account" "Account" "Compte", "amount" "Amount" "Montant",
            ],
            rows: self.rows.iter().map(row).collect(),
            total: Some(total),
        }
    }
}
