//! VAT, as somebody reviews a month: what was changed on record since documents were written.
//!
//! A change in hindsight moves no document that is final. Those whose days it reaches are named here, for
//! as long as they are neither credited nor replaced; drafts that it reaches can be made anew.

use jiff::civil::Date;
use palier_billing::{Document, LinePeriod, Month};

use super::super::InvoicingError;
use super::super::vat::OnRecord;
use super::super::view::{MonthView, ViewedDocument};
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
    record: &OnRecord,
    month: Month,
) -> Result<Vec<OutdatedVat>, InvoicingError> {
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
            let viewed = ViewedDocument::try_from(&row)?;
            if record.differs(&row.member_id, &viewed.document, true)? {
                outdated.push(OutdatedVat {
                    number: row.number.unwrap_or_default(),
                    member: viewed.code().to_owned(),
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

/// Whether a draft would bear another VAT if it were made anew.
pub(super) fn is_outdated(
    record: &OnRecord,
    view: &MonthView,
    viewed: &ViewedDocument,
) -> Result<bool, InvoicingError> {
    // What was priced just now says what is on record.
    let is_draft = view.run.is_some() && !viewed.is_final;
    Ok(is_draft && record.differs(&viewed.member, &viewed.document, false)?)
}

/// The day, among those that a line of a document is for, from which it bears another VAT than before.
pub(super) fn changed_on(document: &Document) -> Option<Date> {
    let whole = document.content().period;
    let days = document.lines().filter_map(|(line, _)| {
        let LinePeriod { first_day, .. } = line.period.or(whole)?;
        line.vat_basis.as_ref()?.since().filter(|since| *since >= first_day)
    });
    days.max()
}
