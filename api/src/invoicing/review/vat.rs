//! VAT, as somebody reviews a month: what was changed on record since documents were written.
//!
//! A change in hindsight moves no document that is final. Those whose days it reaches are named here, for
//! as long as they are neither credited nor replaced; drafts that it reaches can be made anew.

use palier_billing::Month;

use super::super::InvoicingError;
use super::super::draft::read_any;
use super::super::vat::OnRecord;
use crate::db::Db;
use crate::db::invoices;
use crate::id::PoleId;

/// How many months a review looks back from the one that it is of.
const MONTHS_BACK: usize = 12;
/// How many documents are held in memory at a time.
const STEP: i64 = 500;

/// A final document whose lines would bear another VAT by what is on record now.
pub(crate) struct OutdatedVat {
    pub(crate) number: String,
    /// The code of its member, as the document says it.
    pub(crate) member: String,
    /// The month it is of.
    pub(crate) period: String,
}

/// Final documents of a month and the year before it that a change on record reaches.
pub(super) fn outdated(
    conn: &mut Db,
    pole: &PoleId,
    month: Month,
) -> Result<Vec<OutdatedVat>, InvoicingError> {
    let record = OnRecord::read(conn, pole)?;
    let Some((first, written)) = record.changed else { return Ok(Vec::new()) };
    let from = Month::of(first).max(earliest(month));
    let periods = (from.to_string(), month.to_string());
    let which = ((periods.0.as_str(), periods.1.as_str()), written);
    let (mut outdated, mut after) = (Vec::new(), None);
    loop {
        let rows = invoices::final_before(conn, pole, which, after.as_ref(), STEP)?;
        let Some(last) = rows.last() else { break };
        after = Some(last.invoice_id.clone());
        for row in rows {
            let document = read_any(&row)?;
            if record.differs(&row.member_id, &document, true)? {
                outdated.push(OutdatedVat {
                    number: row.number.unwrap_or_default(),
                    member: document.content().buyer.code.clone().unwrap_or_default(),
                    period: row.period,
                });
            }
        }
    }
    outdated.sort_by(|one, other| (&one.period, &one.number).cmp(&(&other.period, &other.number)));
    Ok(outdated)
}

fn earliest(month: Month) -> Month {
    let mut earliest = month;
    for _ in 0..MONTHS_BACK {
        let before = earliest.days().and_then(|days| Ok(days.first().yesterday()?));
        let Ok(before) = before else { break };
        earliest = Month::of(before);
    }
    earliest
}
