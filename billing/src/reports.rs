//! What finance asks of the books: who owes what for how long, the balance of every account, the
//! VAT to declare, what each service earned.
//!
//! Each report is made in one pass over what it is about, in any order, and keeps its rows only.
//!
//! | report | made of | adds up to |
//! |---|---|---|
//! | [`aged_receivables`] | open documents | the receivables (411) |
//! | [`trial_balance`], [`company_balance`] | the year's entries | nothing: debits equal credits |
//! | [`vat_return`] | documents and what settled them | the movement of VAT collected (44571), the balance of VAT pending (44574) |
//! | [`revenue`] | the year's entries | income (class 7) |

mod aged;
mod balance;
mod revenue;
mod vat;

pub use aged::{AgedReceivables, AgedRow, aged_receivables};
pub use balance::{BalanceRow, TrialBalance, company_balance, trial_balance};
pub use revenue::{RevenueRow, revenue};
pub use vat::{Taxed, VatFact, VatReturn, VatReturnRow, vat_return};
