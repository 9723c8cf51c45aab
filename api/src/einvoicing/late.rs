//! Documents that became final before their pole exchanged any: given to the platform when somebody asks.

use super::{einvoices, enqueue, is_given};
use crate::app::App;
use crate::day::Day;
use crate::db::DbError;
use crate::db::einvoices::GivenBy;
use crate::db::invoices::InvoiceRow;
use crate::db::poles::PoleRow;
use crate::id::InvoiceId;
use crate::problem::Problem;
use crate::work::{Author, Changes, Tx};

/// How many documents are read at a time.
const STEP: i64 = 200;

/// Puts the documents issued since a day that no platform ever had into the queue; how many there are.
///
/// # Errors
/// The database's. What was put there by then stays there: asked again, the rest follows.
pub(crate) fn take_up(app: &App, pole: &PoleRow, since: &Day) -> Result<u64, Problem> {
    let author = Author::operator(&pole.pole_id, app.now());
    let mut taken: u64 = 0;
    let mut after: Option<InvoiceId> = None;
    loop {
        let read = app.db.read_now(|conn| {
            einvoices::kept_since(conn, &pole.pole_id, since, after.as_ref(), STEP)
        });
        let rows = read?;
        let Some(last) = rows.last() else { return Ok(taken) };
        after = Some(last.invoice_id.clone());
        for row in rows {
            let take = |tx: &mut Tx<'_>| {
                if was_on_its_way(tx, &row)? || !enqueue(tx, &row)? {
                    return Ok(tx.unchanged(false));
                }
                let id = row.invoice_id.as_str();
                Ok::<_, Problem>(tx.done("invoice.taken_up", id, &Changes::none(), true)?)
            };
            taken = taken.saturating_add(u64::from(app.write_now(&author, take)?));
        }
    }
}

/// Whether the platform was given a document, or somebody says that it reached the member's: by another
/// platform before, or by hand.
fn was_on_its_way(tx: &mut Tx<'_>, row: &InvoiceRow) -> Result<bool, DbError> {
    if is_given(tx, &row.invoice_id)? {
        return Ok(true);
    }
    let told = einvoices::of(tx.conn, tx.pole(), &row.invoice_id)?;
    Ok(told.iter().any(|it| it.given_by != GivenBy::Seller))
}
