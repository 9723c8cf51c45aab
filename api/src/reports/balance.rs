//! What every account stands at.

use palier_billing::reports::{self, BalanceRow};
use palier_billing::{Currency, Money};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::entries::{Year, year};
use super::{Period, Report, Span, unreadable};
use crate::db::poles::PoleRow;
use crate::db::{Db, DbError};
use crate::invoicing::Settings;
use crate::say;
use crate::sheet::{Cell, Sheet, columns};

/// What rows are sums of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BalanceBy {
    /// Accounts (*balance générale*).
    #[default]
    Account,
    /// Companies' parts of the accounts that have them (*balance auxiliaire*).
    Company,
}

/// What every account stands at, over the days of a period (*balance*).
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct TrialBalance {
    #[serde(flatten)]
    span: Span,
    by: BalanceBy,
    /// Whether what the year began with is still to be booked, since the year before is not closed;
    /// the figures are those that closing will book.
    provisional_opening: bool,
    /// Each account that moved, or stood at anything before, by number.
    accounts: Vec<AccountBalance>,
    /// Debits within the days.
    #[schema(value_type = String, example = "240.00")]
    debits: Money,
    /// Credits within them; of all accounts, as much.
    #[schema(value_type = String, example = "240.00")]
    credits: Money,
}

/// What an account stands at, or one company's part of it.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct AccountBalance {
    /// Its number.
    #[schema(example = "411000")]
    account: String,
    /// What it is called.
    #[schema(example = "Clients")]
    label: String,
    /// Whose part of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    company: Option<BalanceCompany>,
    /// Debits less credits before the days.
    #[schema(value_type = String, example = "0.00")]
    opening: Money,
    /// Debits within them.
    #[schema(value_type = String, example = "240.00")]
    debits: Money,
    /// Credits within them.
    #[schema(value_type = String, example = "120.00")]
    credits: Money,
    /// Debits less credits after them.
    #[schema(value_type = String, example = "120.00")]
    closing: Money,
}

/// A company with an account of its own.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct BalanceCompany {
    /// The code it had when it was booked.
    #[schema(example = "forge")]
    code: String,
    /// Its name.
    name: String,
}

impl From<BalanceRow> for AccountBalance {
    fn from(row: BalanceRow) -> Self {
        let company = row.company.map(|company| BalanceCompany {
            code: company.code().to_owned(),
            name: company.name().to_owned(),
        });
        let BalanceRow { account, label, opening, debits, credits, closing, .. } = row;
        Self { account: account.to_string(), label, company, opening, debits, credits, closing }
    }
}

impl TrialBalance {
    /// The balance of the days of a period.
    pub(crate) fn read(
        conn: &mut Db,
        pole: &PoleRow,
        period: &Period,
        by: BalanceBy,
    ) -> Result<Self, DbError> {
        let currency = pole.currency();
        let chart = Settings::chart_of(conn, &pole.pole_id)?;
        let Year { entries, is_provisional } =
            year(conn, &pole.pole_id, (currency, &chart), period.year())?;
        let made = match by {
            BalanceBy::Account => reports::trial_balance(currency, period.days(), &entries),
            BalanceBy::Company => reports::company_balance(currency, period.days(), &entries),
        };
        let made = made.map_err(|error| unreadable(&error))?;
        Ok(Self {
            span: Span::of(period, currency),
            by,
            provisional_opening: is_provisional,
            accounts: made.rows.into_iter().map(AccountBalance::from).collect(),
            debits: made.debits,
            credits: made.credits,
        })
    }
}

impl TrialBalance {
    /// What an account stands at after the days, if it is there.
    pub(crate) fn closing(&self, account: &str) -> Option<Money> {
        let row = self.accounts.iter().find(|row| row.account == account);
        row.map(|row| row.closing)
    }

    /// Income less expenses (classes 7 and 6).
    pub(crate) fn result(&self, currency: Currency) -> Result<Money, DbError> {
        let earned = |row: &&AccountBalance| row.account.starts_with(['6', '7']);
        let rows = self.accounts.iter().filter(earned).map(|row| row.closing);
        let sum = Money::sum(currency, rows);
        let result = sum.and_then(|sum| Money::zero(currency).checked_sub(sum));
        result.map_err(|error| unreadable(&error))
    }
}

impl Report for TrialBalance {
    fn sheet(&self) -> Sheet {
        let row = |it: &AccountBalance| {
            let company = it.company.as_ref();
            let sums = [it.opening, it.debits, it.credits, it.closing].map(Cell::Money);
            let mut row = vec![
                Cell::text(&it.account),
                Cell::text(&it.label),
                Cell::maybe(company.map(|it| &it.code)),
                Cell::maybe(company.map(|it| &it.name)),
            ];
            row.extend(sums);
            row
        };
        let mut total = vec![Cell::Empty; 5];
        total.extend([Cell::Money(self.debits), Cell::Money(self.credits), Cell::Empty]);
        let (name, title) = match self.by {
            BalanceBy::Account => {
                ("trial-balance", say!(en "Trial balance", fr "Balance générale"))
            }
            BalanceBy::Company => {
                ("company-balance", say!(en "Balance by company", fr "Balance auxiliaire"))
            }
        };
        Sheet {
            name: format!("{name}-{}", self.span.period),
            title,
            columns: columns![
                "account" "Account" "Compte", "label" "Label" "Intitulé",
                "company_code" "Company" "Tiers", "company_name" "Name" "Nom",
                "opening" "Opening" "Solde initial", "debits" "Debits" "Débits",
                "credits" "Credits" "Crédits", "closing" "Closing" "Solde final",
            ],
            rows: self.accounts.iter().map(row).collect(),
            total: Some(total),
        }
    }
}
