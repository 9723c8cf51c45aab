//! Making drafts final: their numbers, their seals and their entries in the books, in one
//! transaction.

use aws_lc_rs::digest::{SHA256, digest};
use palier_billing::ledger::Chart;
use palier_billing::{Document, Issued, Month};

use super::billee::Billee;
use super::draft::{draft, read, unreadable};
use super::draw::LineDraw;
use super::{InvoicingError, Settings, journal};
use crate::app::App;
use crate::day::Day;
use crate::db::invoice_runs::{self, RunStatus};
use crate::db::invoices::{self, InvoiceRow, InvoiceStatus, SeriesRow};
use crate::db::poles::{self, PoleRow};
use crate::db::{DbError, closings, grants, services};
use crate::id::{InvoiceId, MemberId};
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
    let (settings, chart, mut drafts, billees) = app.db.read_now(|conn| {
        let run = invoice_runs::find(conn, &pole.pole_id, &month.to_string())?;
        if run.is_none_or(|run| run.status != RunStatus::Drafted) {
            return Err(InvoicingError::NotDrafted { month });
        }
        let settings = Settings::of(conn, &pole.pole_id)?;
        let services = services::all(conn, &pole.pole_id)?;
        let chart = journal::chart(&settings.chart, &services);
        let rows = invoices::of_period(conn, &pole.pole_id, &month.to_string())?;
        let billees = Billee::all(conn, &pole.pole_id)?;
        Ok::<_, InvoicingError>((settings, chart, rows, billees))
    })?;
    drafts.retain(|row| {
        row.status == InvoiceStatus::Draft && only.is_none_or(|only| only.contains(&row.invoice_id))
    });
    // Numbers follow the codes of members, so that another run gives the same.
    let code = |row: &InvoiceRow| billees.get(&row.member_id).and_then(|it| it.party.code.clone());
    drafts.sort_by_cached_key(|row| (code(row), row.part.clone()));
    let (mut done, mut finalised) = (0_usize, Finalised::default());
    for batch in drafts.chunks(BATCH) {
        let given = app.write_now(author, |tx| {
            // Numbers of a pole are given by one at a time.
            poles::hold(tx.conn, tx.pole())?;
            let today = Final::day(tx, pole)?;
            let how = Final { settings: &settings, chart: &chart, today: &today };
            let mut given = Vec::with_capacity(batch.len());
            for row in batch {
                let terms = billees.get(&row.member_id).map(|it| it.terms).unwrap_or_default();
                let due = |issued: &Day| terms.due_date(issued.date()).into();
                given.extend(make_final(tx, &how, &row.invoice_id, due)?);
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
        done = done.saturating_add(batch.len());
        tell(done, drafts.len());
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
        let last = invoices::last_day(tx.conn, tx.pole())?;
        let today = Day::today(pole, tx.at());
        let open = closings::first_open_day(tx.conn, tx.pole())?;
        Ok([last, open].into_iter().flatten().fold(today, Day::max))
    }
}

/// Makes one draft final, unless somebody else has meanwhile.
pub(super) fn make_final(
    tx: &mut Tx<'_>,
    &Final { settings, chart, today }: &Final<'_>,
    id: &InvoiceId,
    due: impl FnOnce(&Day) -> Day,
) -> Result<Option<InvoiceRow>, InvoicingError> {
    let found = invoices::find(tx.conn, tx.pole(), id)?;
    let Some(row) = found.filter(|row| row.status == InvoiceStatus::Draft) else {
        return Ok(None);
    };
    let document = read(&row)?;
    let (name, format) = settings.numbering.of(document.content().kind);
    let year = if format.is_yearly() { i32::from(today.date().year()) } else { 0 };
    let mut series = invoices::hold_series(tx.conn, tx.pole(), (name, year), today)?;
    let issued_on = today.clone();
    series.last_seq = series.last_seq.saturating_add(1);
    let number = format.write(issued_on.date().year(), series.last_seq);
    let due_on = due(&issued_on);
    let issued = Issued {
        number: number.clone(),
        issued_on: issued_on.date(),
        due_on: due_on.date(),
        document,
    };
    let canonical = issued.canonical().map_err(|error| unreadable(&row, &error))?;
    series.seal = seal(&canonical, &series.seal);
    series.last_day = issued_on.clone();
    let next = InvoiceRow {
        status: InvoiceStatus::Final,
        document: String::from_utf8(canonical).map_err(|error| unreadable(&row, &error))?,
        series: Some(name.to_owned()),
        year: Some(series.year),
        seq: Some(series.last_seq),
        number: Some(number),
        issued_on: Some(issued_on),
        due_on: Some(due_on),
        seal: Some(series.seal.clone()),
        version: row.version.saturating_add(1),
        updated_at: tx.at(),
        ..row
    };
    let version = next.version.saturating_sub(1);
    let changed = invoices::update(tx.conn, &next, version)?.ok_or(DbError::Interrupted)?;
    invoices::keep_series(tx.conn, &series)?;
    if let Some(entry) = journal::entry(chart, &issued)? {
        crate::db::journal::add(tx.conn, tx.pole(), &entry, Some(id), tx.at())?;
    }
    Ok(Some(changed))
}

/// Makes a document final at once that no run drafts, with what it draws of credits: of a member and
/// the month it is about.
pub(super) fn issue(
    tx: &mut Tx<'_>,
    pole: &PoleRow,
    (member, period): (&MemberId, &str),
    (document, draws): (&Document, Vec<LineDraw>),
    due: impl FnOnce(&Day) -> Day,
) -> Result<InvoiceRow, InvoicingError> {
    let settings = Settings::of(tx.conn, tx.pole())?;
    let chart = journal::chart(&settings.chart, &services::all(tx.conn, tx.pole())?);
    let id = InvoiceId::new(tx.at());
    let draft = draft(tx.author, id.clone(), (member, period, id.as_str()), document)?;
    invoices::add_drafts(tx.conn, &[draft])?;
    let draws = draws.into_iter().map(|draw| draw.row(tx.pole(), &id));
    grants::add_draws(tx.conn, &draws.collect::<Vec<_>>())?;
    let today = Final::day(tx, pole)?;
    let how = Final { settings: &settings, chart: &chart, today: &today };
    Ok(make_final(tx, &how, &id, due)?.ok_or(DbError::Interrupted)?)
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
