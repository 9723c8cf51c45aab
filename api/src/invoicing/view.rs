//! A month as it stands: its drafts as they are written, or what it would come to.
//!
//! What is on the drafts is read from them. How they came about (the price a pool reached, what that
//! saved, who used without a subscription) is on none of them, and is kept with the run.

use std::collections::{BTreeSet, HashMap};

use jiff::civil::Date;
use palier_billing::{Currency, Document, DocumentLineKind, Error, Money, Month, PriceBase};
use serde::{Deserialize, Serialize};

use super::InvoicingError;
use super::assemble::Drafted;
use super::draft::read_any;
use super::draw::{self, GrantUse};
use super::price::{Reached, ServiceBill};
use super::run::{PricedMonth, Progress, price};
use super::vat::{self, OnRecord};
use crate::app::App;
use crate::db::invoice_runs::{self, RunRow, RunStatus};
use crate::db::invoices::{self, Filter, InvoiceRow, InvoiceStatus};
use crate::db::poles::PoleRow;
use crate::db::{Db, DbError};
use crate::id::{InvoiceId, MemberId, ServiceId};

/// How many documents are held in memory at a time.
const STEP: i64 = 500;

/// A month: what is billed, and how it came about.
pub(crate) struct MonthView {
    pub(crate) month: Month,
    /// None while its books are open.
    pub(crate) run: Option<RunRow>,
    /// By the code of their member.
    pub(crate) documents: Vec<ViewedDocument>,
    /// What the lines of documents bill, by the id of the service they are about; what credits take off
    /// them is left out.
    pub(crate) billed: HashMap<String, Money>,
    /// A service each, by code.
    pub(crate) services: Vec<ServiceFacts>,
    /// What it does with credits that are valid in it, in the order in which they are drawn.
    pub(crate) credits: Vec<GrantUse>,
    pub(crate) currency: Currency,
}

/// A document of a month, in short: a month has thousands, which are read one after the other and not
/// held.
pub(crate) struct ViewedDocument {
    pub(crate) member: MemberId,
    /// The code of its member, as the document says it.
    pub(crate) code: String,
    pub(crate) name: String,
    /// What it comes to, below zero for what is given back.
    pub(crate) net: Money,
    pub(crate) vat: Money,
    pub(crate) gross: Money,
    /// What its lines are for, each once.
    pub(crate) kinds: Vec<DocumentLineKind>,
    pub(crate) email: Option<String>,
    /// Whether it goes to another Member State, and names no VAT number there.
    pub(crate) lacks_vat_number: bool,
    /// The day, among those that its lines are for, from which one bears another VAT than before.
    pub(crate) vat_changed: Option<Date>,
    /// Whether it is a draft that would bear another VAT if it were made anew.
    pub(crate) vat_outdated: bool,
    /// Whether somebody holds it.
    pub(crate) held: bool,
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
        None => priced(app, pole, month, tell),
    }
}

/// What a month comes to, priced anew, whether its drafts are written or not. It writes nothing.
///
/// # Errors
/// [`InvoicingError`].
pub(crate) fn priced(
    app: &App,
    pole: &PoleRow,
    month: Month,
    tell: &(dyn Fn(Progress) + Sync),
) -> Result<MonthView, InvoicingError> {
    let PricedMonth { run, bills, documents, credits, .. } = price(app, pole, month, tell)?;
    let credits = draw::as_priced(credits, documents.iter().flat_map(|it| &it.draws));
    let services = bills.iter().map(ServiceFacts::from).collect();
    let mut view = MonthView::new(pole, month, run, services, credits);
    for Drafted { member, document, .. } in &documents {
        view.add(pole, member, document)?;
    }
    Ok(view)
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
    let credits = draw::as_written(conn, &pole.pole_id, month)?;
    let record = OnRecord::read(conn, &pole.pole_id)?;
    let mut view = MonthView::new(pole, month, Some(run), services, credits);
    let (of_period, mut after) = (Filter { period: Some(period), ..Filter::default() }, None);
    loop {
        let place = after.as_ref().map(InvoiceId::as_str);
        let rows = invoices::page(conn, &pole.pole_id, &of_period, place, STEP)?;
        let Some(last) = rows.last() else { break };
        after = Some(last.invoice_id.clone());
        for row in rows.iter().filter(|row| is_of_run(row)) {
            let document = read_any(row)?;
            let is_draft = row.status != InvoiceStatus::Final;
            let outdated = is_draft && record.differs(&row.member_id, &document, false)?;
            let viewed = view.add(pole, &row.member_id, &document)?;
            viewed.held = row.status == InvoiceStatus::Held;
            viewed.vat_outdated = outdated;
        }
    }
    view.documents.sort_by(|one, other| one.code.cmp(&other.code));
    Ok(Some(view))
}

/// Whether a run wrote a document: credit notes and what replaces an invoice have a part of their own.
fn is_of_run(row: &InvoiceRow) -> bool {
    row.part != row.invoice_id.as_str()
}

impl MonthView {
    /// Without documents.
    fn new(
        pole: &PoleRow,
        month: Month,
        run: Option<RunRow>,
        services: Vec<ServiceFacts>,
        credits: Vec<GrantUse>,
    ) -> Self {
        let (documents, billed, currency) = (Vec::new(), HashMap::new(), pole.currency());
        Self { month, run, documents, billed, services, credits, currency }
    }

    /// Takes a document in.
    fn add(
        &mut self,
        pole: &PoleRow,
        member: &MemberId,
        document: &Document,
    ) -> Result<&mut ViewedDocument, InvoicingError> {
        let out_of_range = |error| InvoicingError::Service { code: pole.code.clone(), error };
        self.bill(document).map_err(out_of_range)?;
        let viewed = ViewedDocument::of(member, document).map_err(out_of_range)?;
        Ok(self.documents.push_mut(viewed))
    }

    /// Adds what the lines of a document bill for each service.
    fn bill(&mut self, document: &Document) -> Result<(), Error> {
        let credit = document.content().kind.is_credit();
        let rated = document.lines().filter(|(line, _)| line.kind != DocumentLineKind::Credit);
        for (line, amount) in rated {
            let Some(service) = line.service.as_deref() else { continue };
            if !self.billed.contains_key(service) {
                self.billed.insert(service.to_owned(), Money::zero(self.currency));
            }
            if let Some(net) = self.billed.get_mut(service) {
                *net = if credit { net.checked_sub(amount) } else { net.checked_add(amount) }?;
            }
        }
        Ok(())
    }
}

impl ViewedDocument {
    fn of(member: &MemberId, document: &Document) -> Result<Self, Error> {
        let (content, totals) = (document.content(), document.totals());
        let zero = Money::zero(content.currency);
        let credit = content.kind.is_credit();
        let signed = |amount| if credit { zero.checked_sub(amount) } else { Ok(amount) };
        let buyer = &content.buyer;
        let mut kinds = Vec::new();
        for (line, _) in document.lines() {
            if !kinds.contains(&line.kind) {
                kinds.push(line.kind);
            }
        }
        Ok(Self {
            member: member.clone(),
            code: buyer.code.clone().unwrap_or_default(),
            name: buyer.name.clone(),
            net: signed(totals.net)?,
            vat: signed(totals.vat_total)?,
            gross: signed(totals.gross)?,
            kinds,
            email: buyer.email.clone(),
            lacks_vat_number: buyer.address.country().is_eu() && buyer.vat_number.is_none(),
            vat_changed: vat::changed_on(document),
            vat_outdated: false,
            held: false,
        })
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
