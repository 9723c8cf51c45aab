//! A month as it stands: its drafts as they are written, or what it would come to.
//!
//! What is on the drafts is read from them. How they came about (the price a pool reached, what that
//! saved, who used without a subscription) is on none of them, and is kept with the run.

use std::collections::BTreeSet;

use palier_billing::{Currency, Document, Month, PriceBase};
use serde::{Deserialize, Serialize};

use super::InvoicingError;
use super::draft::{read, unreadable};
use super::draw::{self, CreditUse};
use super::price::{Reached, ServiceBill};
use super::run::{PricedMonth, Progress, price};
use crate::app::App;
use crate::db::invoice_runs::{self, RunRow, RunStatus};
use crate::db::invoices::{self, InvoiceRow, InvoiceStatus};
use crate::db::poles::PoleRow;
use crate::db::{Db, DbError};
use crate::id::{MemberId, ServiceId};

/// A month: what is billed, and how it came about.
pub(crate) struct MonthView {
    pub(crate) month: Month,
    /// None while its books are open.
    pub(crate) run: Option<RunRow>,
    pub(crate) documents: Vec<ViewedDocument>,
    /// A service each, by code.
    pub(crate) services: Vec<ServiceFacts>,
    /// What it does with credits that are valid in it, in the order in which they are drawn.
    pub(crate) credits: Vec<CreditUse>,
    pub(crate) currency: Currency,
}

/// A document of a month.
pub(crate) struct ViewedDocument {
    pub(crate) member: MemberId,
    pub(crate) document: Document,
    /// Whether somebody holds it.
    pub(crate) held: bool,
    pub(crate) is_final: bool,
}

/// How what a service bills came about.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ServiceFacts {
    pub(crate) service: ServiceId,
    pub(crate) code: String,
    pub(crate) name: String,
    /// The prices that the pool reached.
    pub(crate) pools: Vec<PoolFacts>,
    /// Members that used it without a subscription, by id: nobody pays for that.
    pub(crate) strangers: BTreeSet<String>,
    /// Meters of whose usage some has no price.
    pub(crate) unpriced: BTreeSet<String>,
    /// Members whose usage of months before is billed with this one, by id.
    pub(crate) late: BTreeSet<String>,
    /// Whether it was used before the first month that was invoiced: nobody is billed for that.
    pub(crate) used_before: bool,
}

/// The price that a pool reached.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct PoolFacts {
    /// What the charge is called.
    pub(crate) charge: Option<String>,
    pub(crate) quantity: String,
    pub(crate) unit_price: String,
    /// For how many units that price is.
    pub(crate) price_base: u32,
    pub(crate) active_members: usize,
    /// What all members save together by not being alone.
    pub(crate) saved_minor: i64,
    /// What the pole forgoes because of a cap.
    pub(crate) forgone_minor: i64,
}

/// A month as it stands: its drafts as they are written, once they are; what it comes to as it was
/// closed, or as of now while it is open. It writes nothing.
///
/// # Errors
/// [`InvoicingError`].
pub(crate) fn look(
    app: &App,
    pole: &PoleRow,
    month: Month,
    tell: &(dyn Fn(Progress) + Sync),
) -> Result<MonthView, InvoicingError> {
    match app.db.read_now(|conn| conn.snapshot(|conn| written(conn, pole, month)))? {
        Some(view) => Ok(view),
        None => Ok(MonthView::from(price(app, pole, month, tell)?)),
    }
}

/// The documents of a run as they are written; none, unless all are. It asks for a
/// [`snapshot`](Db::snapshot).
fn written(
    conn: &mut Db,
    pole: &PoleRow,
    month: Month,
) -> Result<Option<MonthView>, InvoicingError> {
    let period = month.to_string();
    let run = invoice_runs::find(conn, &pole.pole_id, &period)?;
    let Some(run) = run.filter(|run| run.status == RunStatus::Drafted) else { return Ok(None) };
    let facts = invoice_runs::facts(conn, &pole.pole_id, &period)?;
    let services = serde_json::from_str(&facts).map_err(|error| DbError::Unreadable {
        table: "invoice_runs",
        id: period.clone(),
        what: error.to_string(),
    })?;
    let rows = invoices::of_period(conn, &pole.pole_id, &period)?;
    let documents = rows.into_iter().filter(is_of_run).map(|row| ViewedDocument::try_from(&row));
    let mut documents = documents.collect::<Result<Vec<_>, _>>()?;
    documents.sort_by(|one, other| one.code().cmp(other.code()));
    let credits = draw::as_written(conn, &pole.pole_id, month)?;
    let (run, currency) = (Some(run), pole.currency());
    Ok(Some(MonthView { month, run, documents, services, credits, currency }))
}

/// Whether a run wrote a document: credit notes and what replaces an invoice have a part of their own.
fn is_of_run(row: &InvoiceRow) -> bool {
    row.part != row.invoice_id.as_str()
}

impl ViewedDocument {
    /// The code of its member, as the document says it.
    pub(crate) fn code(&self) -> &str {
        self.document.content().buyer.code.as_deref().unwrap_or_default()
    }
}

impl TryFrom<&InvoiceRow> for ViewedDocument {
    type Error = DbError;

    fn try_from(row: &InvoiceRow) -> Result<Self, DbError> {
        let document = match row.status {
            InvoiceStatus::Final => serde_json::from_str::<palier_billing::Issued>(&row.document)
                .map(|issued| issued.document)
                .map_err(|error| unreadable(row, &error))?,
            InvoiceStatus::Draft | InvoiceStatus::Held => read(row)?,
        };
        let (held, is_final) =
            (row.status == InvoiceStatus::Held, row.status == InvoiceStatus::Final);
        Ok(Self { member: row.member_id.clone(), document, held, is_final })
    }
}

impl From<PricedMonth> for MonthView {
    fn from(priced: PricedMonth) -> Self {
        let PricedMonth { month, run, bills, documents, credits, currency } = priced;
        let credits = draw::as_priced(credits, documents.iter().flat_map(|it| &it.draws));
        let documents = documents.into_iter().map(|it| ViewedDocument {
            member: it.member,
            document: it.document,
            held: false,
            is_final: false,
        });
        let services = bills.iter().map(ServiceFacts::from).collect();
        Self { month, run, documents: documents.collect(), services, credits, currency }
    }
}

impl From<&ServiceBill> for ServiceFacts {
    fn from(bill: &ServiceBill) -> Self {
        Self {
            service: bill.service.service_id.clone(),
            code: bill.service.code.clone(),
            name: bill.service.name_fr.clone(),
            pools: bill.pools.iter().map(PoolFacts::from).collect(),
            strangers: bill.strangers.clone(),
            unpriced: bill.unpriced.clone(),
            late: bill.late.clone(),
            used_before: bill.used_before,
        }
    }
}

impl From<&Reached> for PoolFacts {
    fn from(pool: &Reached) -> Self {
        Self {
            charge: pool.charge.clone(),
            quantity: pool.quantity.to_string(),
            unit_price: pool.unit_price.exact().to_string(),
            price_base: PriceBase::units(pool.price_base),
            active_members: pool.active_members,
            saved_minor: pool.saved.minor(),
            forgone_minor: pool.forgone.minor(),
        }
    }
}
