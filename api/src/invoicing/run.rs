//! The run of a month: closed, priced, and written as drafts.

use std::collections::{HashMap, HashSet};
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use palier_billing::Month;

use super::assemble::{Drafted, documents};
use super::billee::Billee;
use super::draft::draft;
use super::draw::{self, Credits};
use super::price::{Context, ServiceBill, price_service};
use super::view::{MonthView, ServiceFacts, look};
use super::{InvoicingError, Settings, freeze};
use crate::app::App;
use crate::db::invoice_runs::{self, RunRow, RunStatus};
use crate::db::invoices::drafts::{self, Keeping};
use crate::db::invoices::{self, InvoiceRow, short};
use crate::db::poles::{self, PoleRow};
use crate::db::services::{self, ServiceRow};
use crate::db::usage::late;
use crate::db::{Db, DbError, billed, grants, statistics};
use crate::fault;
use crate::id::{InvoiceId, MemberId, PoleId};
use crate::metering::Calendar;
use crate::metering::sweep::sweep;
use crate::problem::Problem;
use crate::work::{Author, Changes, Done, Tx};

/// How many drafts one transaction writes: whoever else writes waits no longer than for these.
const BATCH: usize = 200;

/// What a run has done so far, for whoever watches it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Progress {
    /// Its books are closed.
    Frozen,
    /// So many of so many services are priced.
    Priced(usize, usize),
    /// So many of so many documents are written.
    Drafted(usize, usize),
}

/// A month, priced: what is billed, and how it came about.
pub(crate) struct PricedMonth {
    pub(crate) month: Month,
    /// None while its books are open.
    pub(crate) run: Option<RunRow>,
    pub(crate) bills: Vec<ServiceBill>,
    pub(crate) documents: Vec<Drafted>,
    /// What they could draw, before they did.
    pub(crate) credits: Credits,
}

/// Closes a month and writes its drafts; what of that is done already is not done again. Gives the
/// month as its drafts stand, with all that was done to them since they were written.
///
/// # Errors
/// [`InvoicingError`]. What was written stays, and the next run goes on from there.
pub(crate) fn run(
    app: &App,
    author: &Author,
    pole: &PoleRow,
    month: Month,
    tell: &(dyn Fn(Progress) + Sync),
) -> Result<MonthView, InvoicingError> {
    // Whoever has no settings learns it before a month is closed.
    app.db.read_now(|conn| Settings::of(conn, &pole.pole_id))?;
    statistics::refresh(&app.db, statistics::OF_RUN);
    sweep(app, author, pole)?;
    fault::point("swept");
    let (run, _) = app.write_now(author, |tx| freeze::freeze(tx, pole, month))?;
    tell(Progress::Frozen);
    if run.status == RunStatus::Drafted {
        return look(app, pole, month, tell);
    }
    loop {
        let priced = price(app, pole, month, tell)?;
        fault::point("priced");
        let Some(added) = write(app, author, &priced, tell)? else { break };
        // Where a credit was granted or taken back meanwhile, the month comes to something else.
        if app.write_now(author, |tx| finished(tx, &priced, &added))? {
            break;
        }
    }
    look(app, pole, month, tell)
}

/// Writes the drafts of a month that are not there, and gives the ids that it wrote them under. Nothing, if
/// they are not wanted any more: another run may have come to its end meanwhile, and then all is there.
fn write(
    app: &App,
    author: &Author,
    priced: &PricedMonth,
    tell: &(dyn Fn(Progress) + Sync),
) -> Result<Option<HashSet<InvoiceId>>, InvoicingError> {
    let period = priced.month.to_string();
    let (mut written, all) = (0_usize, priced.documents.len());
    let mut added = HashSet::with_capacity(all);
    for documents in priced.documents.chunks(fault::batch(BATCH)) {
        let rows = rows(author, priced, documents)?;
        let going = app.db.write_now(|conn| {
            let going = invoice_runs::is_frozen(conn, &author.pole, &period)?;
            if going {
                drafts::add(conn, &rows)?;
                fault::point("drafts added");
            }
            Ok::<_, DbError>(going)
        })?;
        if !going {
            return Ok(None);
        }
        added.extend(rows.into_iter().map(|row| row.invoice_id));
        written = written.saturating_add(documents.len());
        tell(Progress::Drafted(written, all));
    }
    Ok(Some(added))
}

/// Takes back the drafts of a month, so that the next run makes them anew: something was mended
/// meanwhile. Its books stay closed. Drafts that are held are taken back as well.
///
/// # Errors
/// [`InvoicingError::Final`] if a document of the month is final: what others were billed would
/// move, and they with it. [`InvoicingError::Later`] if a later month is closed: it was priced by
/// what this one billed.
pub(crate) fn take_back(app: &App, author: &Author, month: Month) -> Result<(), InvoicingError> {
    let period = month.to_string();
    app.write_now(author, |tx| {
        poles::hold(tx.conn, tx.pole())?;
        if invoices::any_final(tx.conn, tx.pole(), &period)? {
            return Err(InvoicingError::Final { month });
        }
        let runs = invoice_runs::all(tx.conn, tx.pole())?;
        let later = runs.first().and_then(|run| run.period.parse().ok());
        if let Some(later) = later.filter(|later| *later > month) {
            return Err(InvoicingError::Later { month, later });
        }
        if !invoice_runs::reopen(tx.conn, tx.pole(), &period)? {
            return Ok(tx.unchanged(()));
        }
        grants::forget_drafts(tx.conn, tx.pole(), &period)?;
        let deleted = drafts::delete(tx.conn, tx.pole(), &period)?;
        billed::delete(tx.conn, tx.pole(), &period)?;
        let changes = Changes::made(&serde_json::json!({ "drafts": deleted }));
        Ok(tx.done("invoice_run.taken_back", &period, &changes, ())?)
    })
}

/// Notes that all drafts of a run are written, what they billed and which credits they draw. Of two
/// that come here, one does it. Not done, if there are other credits than were priced with.
///
/// A run that was killed may have left drafts of what a tariff or a member was then: in the end all
/// say what this one priced.
fn finished(
    tx: &mut Tx<'_>,
    priced: &PricedMonth,
    added: &HashSet<InvoiceId>,
) -> Result<Done<bool>, InvoicingError> {
    // Credits are granted and taken back while the pole is held.
    poles::hold(tx.conn, tx.pole())?;
    let period = priced.month.to_string();
    if !invoice_runs::is_frozen(tx.conn, tx.pole(), &period)? {
        return Ok(tx.unchanged(true));
    }
    if draw::of_month(tx.conn, tx.pole(), priced.month)? != priced.credits {
        return Ok(tx.unchanged(false));
    }
    let facts: Vec<_> = priced.bills.iter().map(ServiceFacts::from).collect();
    let facts = serde_json::to_string(&facts)
        .map_err(|error| InvoicingError::Payment(Box::new(Problem::internal(&error))))?;
    invoice_runs::drafted(tx.conn, tx.pole(), &period, (tx.at(), &facts))?;
    fault::point("said to be drafted");
    // Of drafts that were changed by hand before they were all there.
    grants::forget_drafts(tx.conn, tx.pole(), &period)?;
    keep(tx, priced, added)?;
    fault::point("drafts kept");
    keep_draws(tx, priced)?;
    for bill in &priced.bills {
        billed::add(tx.conn, &bill.billed)?;
    }
    let documents = Changes::made(&serde_json::json!({ "documents": priced.documents.len() }));
    Ok(tx.done("invoice_run.drafted", &period, &documents, true)?)
}

/// Brings drafts to what the month comes to; of those that were just added, only what somebody changed.
fn keep(tx: &mut Tx<'_>, priced: &PricedMonth, added: &HashSet<InvoiceId>) -> Result<(), DbError> {
    let mut keeping = Keeping::begin(tx.conn, tx.pole(), &priced.month.to_string())?;
    let mut others: Vec<_> = priced.documents.iter().collect();
    others.retain(|it| !keeping.is_as_added(&it.member, it.part.to_string(), added));
    for documents in others.chunks(BATCH) {
        let wanted = rows(tx.author, priced, documents.iter().copied())?;
        keeping.keep(tx.conn, wanted)?;
    }
    keeping.end(tx.conn)
}

/// Notes which credits the drafts of a month draw.
fn keep_draws(tx: &mut Tx<'_>, priced: &PricedMonth) -> Result<(), DbError> {
    if priced.documents.iter().all(|it| it.draws.is_empty()) {
        return Ok(());
    }
    let there = short::places(tx.conn, tx.pole(), &priced.month.to_string())?;
    let ids: HashMap<_, _> =
        there.iter().map(|it| ((&it.member_id, it.part.as_str()), &it.invoice_id)).collect();
    let mut rows = Vec::new();
    for Drafted { member, part, draws, .. } in &priced.documents {
        let part = part.to_string();
        let Some(id) = ids.get(&(member, part.as_str())) else { continue };
        rows.extend(draws.iter().cloned().map(|draw| draw.row(tx.pole(), id)));
    }
    grants::add_draws(tx.conn, &rows)
}

/// What a month comes to, priced anew: as it was closed, or as of now while it is open. It writes
/// nothing.
///
/// # Errors
/// [`InvoicingError`].
pub(crate) fn price(
    app: &App,
    pole: &PoleRow,
    month: Month,
    tell: &(dyn Fn(Progress) + Sync),
) -> Result<PricedMonth, InvoicingError> {
    price_for(app, pole, month, None, tell)
}

/// What a month comes to for a member: what all used together makes its prices, and only its own lines
/// are written. It writes nothing.
///
/// # Errors
/// [`InvoicingError`].
pub(crate) fn price_of(
    app: &App,
    pole: &PoleRow,
    month: Month,
    member: &MemberId,
) -> Result<PricedMonth, InvoicingError> {
    price_for(app, pole, month, Some(member), &|_| {})
}

fn price_for(
    app: &App,
    pole: &PoleRow,
    month: Month,
    only: Option<&MemberId>,
    tell: &(dyn Fn(Progress) + Sync),
) -> Result<PricedMonth, InvoicingError> {
    let (mut context, run, services, credits) = app.db.read_now(|conn| {
        conn.snapshot(|conn| {
            let run = invoice_runs::find(conn, &pole.pole_id, &month.to_string())?;
            let context = Context::read(conn, pole, month, run.is_some())?;
            let services = services::all(conn, &pole.pole_id)?;
            let credits = draw::of_month(conn, &pole.pole_id, month)?;
            Ok::<_, InvoicingError>((context, run, services, credits))
        })
    })?;
    if let Some(member) = only {
        // Who is not known here has no lines.
        context.billees.retain(|id, _| id == member);
    }
    let mut bills = price_all(app, &context, &services, tell)?;
    let documents = documents(&context, &mut bills, credits.clone())?;
    Ok(PricedMonth { month, run, bills, documents, credits })
}

/// Prices all services, as many at a time as there are processors. A closed month says the same in
/// every snapshot.
fn price_all(
    app: &App,
    context: &Context,
    services: &[ServiceRow],
    tell: &(dyn Fn(Progress) + Sync),
) -> Result<Vec<ServiceBill>, InvoicingError> {
    let (next, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let priced: Mutex<Vec<(usize, ServiceBill)>> = Mutex::new(Vec::new());
    let work = || -> Result<(), InvoicingError> {
        loop {
            let nth = next.fetch_add(1, Ordering::Relaxed);
            let Some(service) = services.get(nth) else { return Ok(()) };
            let bill =
                app.db.read_now(|conn| conn.snapshot(|conn| price_service(conn, context, service)));
            let bill = bill.inspect_err(|_| next.store(services.len(), Ordering::Relaxed))?;
            priced.lock().unwrap_or_else(PoisonError::into_inner).push((nth, bill));
            let done = done.fetch_add(1, Ordering::Relaxed).saturating_add(1);
            tell(Progress::Priced(done, services.len()));
        }
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mine = work();
        let theirs = others
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|cause| resume_unwind(cause)));
        theirs.fold(mine, Result::and)
    })?;
    let mut priced = priced.into_inner().unwrap_or_else(PoisonError::into_inner);
    priced.sort_by_key(|(nth, _)| *nth);
    Ok(priced.into_iter().map(|(_, bill)| bill).collect())
}

impl Context {
    /// What pricing a month needs to know of its pole.
    pub(super) fn read(
        conn: &mut Db,
        pole: &PoleRow,
        month: Month,
        closed: bool,
    ) -> Result<Self, InvoicingError> {
        let of_pole = |error| InvoicingError::Service { code: pole.code.clone(), error };
        let zone = Calendar::of(pole).zone().clone();
        let period = month.days().and_then(|days| days.period(&zone)).map_err(of_pole)?;
        let id: &PoleId = &pole.pole_id;
        let late = if closed {
            late::billed_with(conn, id, &month.to_string())?
        } else {
            late::open(conn, id)?
        };
        let runs = invoice_runs::all(conn, id)?;
        let first = runs.last().and_then(|run| run.period.parse().ok());
        Ok(Self {
            first: first.unwrap_or(month),
            settings: Settings::of(conn, id)?,
            currency: pole.currency(),
            billees: Billee::all(conn, id)?,
            pole: pole.clone(),
            month,
            period,
            zone,
            late,
        })
    }
}

/// The rows of a month's drafts.
fn rows<'d>(
    author: &Author,
    priced: &PricedMonth,
    documents: impl IntoIterator<Item = &'d Drafted>,
) -> Result<Vec<InvoiceRow>, DbError> {
    let period = priced.month.to_string();
    let row = |Drafted { member, part, document, .. }: &Drafted| {
        let part = part.to_string();
        let place = (member, period.as_str(), part.as_str());
        draft(author, InvoiceId::new(author.at), place, document)
    };
    documents.into_iter().map(row).collect()
}
