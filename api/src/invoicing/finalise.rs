//! Making drafts final: their numbers, their seals and their entries in the books, in one
//! transaction.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use aws_lc_rs::digest::{SHA256, digest};
use palier_billing::ledger::Chart;
use palier_billing::{Document, Issued, Month};

use super::billee::Billee;
use super::draft::{draft, read, unreadable};
use super::draw::LineDraw;
use super::settings::CreditUse;
use super::{InvoicingError, Settings, journal};
use crate::app::App;
use crate::day::Day;
use crate::db::archive::{self, WaitingRow};
use crate::db::invoice_runs::{self, RunStatus};
use crate::db::invoices::series::{self, SeriesRow};
use crate::db::invoices::short::{self, Place};
use crate::db::invoices::{InvoiceRow, InvoiceStatus, drafts};
use crate::db::poles::{self, PoleRow};
use crate::db::{self, DbError, closings, grants, services, statistics};
use crate::fault;
use crate::id::{InvoiceId, MemberId};
use crate::payments::credit;
use crate::work::{Author, Changes, Done, Tx};

/// How many documents one transaction makes final.
const BATCH: usize = 100;

/// What was made final.
#[derive(Clone, Debug, Default)]
pub(crate) struct Finalised {
    /// The first and the last number of each series, in the order in which they were given.
    pub(crate) numbers: Vec<String>,
    /// All of them together, with VAT; what is given back is taken off.
    pub(crate) gross_minor: i64,
}

/// Makes the drafts of a month final: all that are not held, or those that are named. What is final
/// stays as it is, so that this can be done again.
///
/// # Errors
/// [`InvoicingError::NotDrafted`] while some of the month's drafts are still to be made. Otherwise
/// [`InvoicingError`]: what was made final stays so, and the next call goes on from there.
pub(crate) fn finalise(
    app: &App,
    author: &Author,
    pole: &PoleRow,
    month: Month,
    only: Option<&[InvoiceId]>,
    tell: &dyn Fn(usize, usize),
) -> Result<Finalised, InvoicingError> {
    let (settings, chart, mut places, billees) = app.db.read_now(|conn| {
        let run = invoice_runs::find(conn, &pole.pole_id, &month.to_string())?;
        if run.is_none_or(|run| run.status != RunStatus::Drafted) {
            return Err(InvoicingError::NotDrafted { month });
        }
        let settings = Settings::of(conn, &pole.pole_id)?;
        let services = services::all(conn, &pole.pole_id)?;
        let chart = journal::chart(&settings.chart, &services);
        let places = short::places(conn, &pole.pole_id, &month.to_string())?;
        let billees = Billee::all(conn, &pole.pole_id)?;
        Ok::<_, InvoicingError>((settings, chart, places, billees))
    })?;
    places.retain(|place| {
        place.status == InvoiceStatus::Draft
            && only.is_none_or(|only| only.contains(&place.invoice_id))
    });
    // Numbers follow the codes of members, so that another run gives the same.
    let code = |place: &Place| billees.get(&place.member_id).and_then(|it| it.party.code.clone());
    places.sort_by_cached_key(|place| (code(place), place.part.clone()));
    let (mut done, mut finalised) = (0_usize, Finalised::default());
    for batch in places.chunks(fault::batch(BATCH)) {
        let given = app.write_now(author, |tx| {
            // Numbers of a pole are given by one at a time.
            poles::hold(tx.conn, tx.pole())?;
            let today = Final::day(tx, pole)?;
            let how = Final { settings: &settings, chart: &chart, today: &today };
            let named: Vec<_> = batch.iter().map(|place| place.invoice_id.clone()).collect();
            let due = |member: &MemberId, issued: &Day| {
                let terms = billees.get(member).map(|it| it.terms).unwrap_or_default();
                terms.due_date(issued.date()).into()
            };
            let given = make_final(tx, &how, &named, due)?;
            if settings.credit_use == CreditUse::Automatic {
                credit::pay_new(tx, &given, &today)?;
            }
            let changes = Changes::made(&serde_json::json!({
                "numbers": given.iter().map(|row| &row.number).collect::<Vec<_>>(),
            }));
            if given.is_empty() {
                return Ok::<Done<_>, InvoicingError>(tx.unchanged(given));
            }
            Ok(tx.done("invoices.finalised", &month.to_string(), &changes, given)?)
        })?;
        for row in given {
            let gross = row.signed(row.gross_minor);
            finalised.gross_minor = finalised.gross_minor.saturating_add(gross);
            finalised.numbers.extend(row.number);
        }
        statistics::refresh(&app.db, statistics::OF_FINAL);
        done = done.saturating_add(batch.len());
        tell(done, places.len());
    }
    Ok(finalised)
}

/// What documents need that become final together.
pub(super) struct Final<'f> {
    pub(super) settings: &'f Settings,
    /// With the accounts of all services.
    pub(super) chart: &'f Chart,
    pub(super) today: &'f Day,
}

impl Final<'_> {
    /// The day on which documents are issued now: it never goes back, whatever the clock does, and is
    /// never one whose books are closed. It asks for the pole to be [held](poles::hold).
    pub(super) fn day(tx: &mut Tx<'_>, pole: &PoleRow) -> Result<Day, DbError> {
        let last = series::last_day(tx.conn, tx.pole())?;
        let today = Day::today(pole, tx.at());
        let open = closings::first_open_day(tx.conn, tx.pole())?;
        Ok([last, open].into_iter().flatten().fold(today, Day::max))
    }
}

/// Makes drafts final, in the order in which they are named, except for those that are not drafts any
/// more. A document is due on the day that `due` says for its member and day of issue.
fn make_final(
    tx: &mut Tx<'_>,
    &Final { settings, chart, today }: &Final<'_>,
    named: &[InvoiceId],
    due: impl Fn(&MemberId, &Day) -> Day,
) -> Result<Vec<InvoiceRow>, InvoicingError> {
    let taken = drafts::take(tx.conn, tx.pole(), named)?;
    let mut held: BTreeMap<&str, SeriesRow> = BTreeMap::new();
    let (mut rows, mut entries) = (Vec::new(), Vec::new());
    for row in taken {
        let document = settings.vat.as_issued(read(&row)?, today.date());
        let (name, format) = settings.numbering.of(document.content());
        let series = match held.entry(name) {
            Entry::Occupied(series) => series.into_mut(),
            Entry::Vacant(place) => {
                let year = if format.is_yearly() { i32::from(today.date().year()) } else { 0 };
                place.insert(series::hold(tx.conn, tx.pole(), (name, year), today)?)
            }
        };
        series.last_seq = series.last_seq.saturating_add(1);
        let issued = Issued {
            number: format.write(today.date().year(), series.last_seq),
            issued_on: today.date(),
            due_on: due(&row.member_id, today).date(),
            document,
        };
        let canonical = issued.canonical().map_err(|error| unreadable(&row, &error))?;
        series.seal = seal(&canonical, &series.seal);
        series.last_day = today.clone();
        let document = String::from_utf8(canonical).map_err(|error| unreadable(&row, &error))?;
        entries.extend(journal::entry(chart, &issued)?.map(|it| (it, row.invoice_id.clone())));
        rows.push(InvoiceRow {
            status: InvoiceStatus::Final,
            document,
            series: Some(name.to_owned()),
            year: Some(series.year),
            seq: Some(series.last_seq),
            number: Some(issued.number),
            issued_on: Some(today.clone()),
            due_on: Some(issued.due_on.into()),
            seal: Some(series.seal.clone()),
            version: row.version.saturating_add(1),
            updated_at: tx.at(),
            ..row
        });
    }
    drafts::make_final(tx.conn, &rows)?;
    let kept = rows.iter().map(|row| WaitingRow {
        pole_id: row.pole_id.clone(),
        invoice_id: row.invoice_id.clone(),
        run_at: tx.at(),
        attempts: 0,
        last_error: String::new(),
    });
    archive::enqueue(tx.conn, &kept.collect::<Vec<_>>())?;
    for series in held.values() {
        series::keep(tx.conn, series)?;
    }
    let entries: Vec<_> = entries.iter().map(|(entry, id)| (entry, Some(id))).collect();
    db::journal::add_all(tx.conn, tx.pole(), &entries, tx.at())?;
    Ok(rows)
}

/// Makes a document final at once that no run drafts, with what it draws of credits: of a member and
/// the month it is about.
pub(super) fn issue(
    tx: &mut Tx<'_>,
    pole: &PoleRow,
    (member, period): (&MemberId, &str),
    (document, draws): (&Document, Vec<LineDraw>),
    due: impl Fn(&Day) -> Day,
) -> Result<InvoiceRow, InvoicingError> {
    let settings = Settings::of(tx.conn, tx.pole())?;
    let chart = journal::chart(&settings.chart, &services::all(tx.conn, tx.pole())?);
    let id = InvoiceId::new(tx.at());
    let draft = draft(tx.author, id.clone(), (member, period, id.as_str()), document)?;
    drafts::add(tx.conn, &[draft])?;
    let draws = draws.into_iter().map(|draw| draw.row(tx.pole(), &id));
    grants::add_draws(tx.conn, &draws.collect::<Vec<_>>())?;
    let today = Final::day(tx, pole)?;
    let how = Final { settings: &settings, chart: &chart, today: &today };
    let made = make_final(tx, &how, &[id], |_, issued| due(issued))?;
    Ok(made.into_iter().next().ok_or(DbError::Interrupted)?)
}

/// The seal of a document: of its canonical form, and of the seal before it in its series.
pub(super) fn seal(canonical: &[u8], previous: &str) -> String {
    let mut bytes = Vec::with_capacity(canonical.len().saturating_add(previous.len()));
    bytes.extend_from_slice(previous.as_bytes());
    bytes.extend_from_slice(canonical);
    crate::hex(digest(&SHA256, &bytes).as_ref())
}

/// The row of a series, by which a chain ends.
pub(super) fn ends(series: &SeriesRow, last: i64, seal: &str) -> bool {
    series.last_seq == last && series.seal == seal
}
