//! Pricing what nobody is billed for: what `palier quote` and the quotes of the API share.

mod course;
mod months;
mod report;
mod standing;
mod sums;
pub(crate) mod words;

pub(crate) use course::Course;
pub(crate) use months::{ContractYears, Months};
pub(crate) use report::PeriodReport;
pub(crate) use standing::Standing;
pub(crate) use sums::{by_member, savings, savings_by_member, total};
