//! Whether letters are about what was late.

use std::collections::{BTreeMap, BTreeSet};

use palier_billing::Issued;

use super::suspensions;
use crate::day::Day;
use crate::db::dunning::{self, LetterLevel, LetterRow, NoticeRow};
use crate::db::invoices::{self, InvoiceRow, InvoiceStatus, series};
use crate::db::{Db, DbError, penalties};
use crate::id::{InvoiceId, LetterId, PoleId};
use crate::invoicing::settings::PENALTIES;

/// How many letters are in memory at once.
const STEP: i64 = 500;

/// Verifies the letters of a pole: each is about final documents of its member that were due before
/// it and came to no less than it asks; levels rise from day to day; only a formal notice claims
/// anything for the delay. What was charged for it stands on documents that cite those, and suspensions follow
/// formal notices. Gives how many letters there are, and what is wrong.
pub(crate) fn verify(conn: &mut Db, pole: &PoleId) -> Result<(u64, Vec<String>), DbError> {
    let mut faults = Vec::new();
    let mut sent: BTreeMap<InvoiceId, (String, BTreeSet<(LetterLevel, Day)>)> = BTreeMap::new();
    let (mut count, mut after) = (0_u64, None::<String>);
    loop {
        let letters = dunning::letters(conn, pole, None, after.as_deref(), STEP)?;
        let Some(last) = letters.last() else { break };
        after = Some(last.letter_id.to_string());
        let ids: Vec<_> = letters.iter().map(|it| it.letter_id.clone()).collect();
        let mut about: BTreeMap<LetterId, Vec<_>> = BTreeMap::new();
        for (notice, document) in dunning::notices(conn, pole, &ids)? {
            about.entry(notice.letter_id.clone()).or_default().push((notice, document));
        }
        for letter in letters {
            count = count.saturating_add(1);
            let about = about.remove(&letter.letter_id).unwrap_or_default();
            if about.is_empty() {
                faults.push(format!("{}: it is about no document", letter.letter_id));
            }
            for (notice, document) in about {
                faults.extend(differs(&letter, &notice, &document));
                let number = document.number.unwrap_or_default();
                let of = sent.entry(document.invoice_id).or_insert((number, BTreeSet::new()));
                of.1.insert((notice.level, letter.sent_on.clone()));
            }
        }
    }
    faults.extend(penalties(conn, pole)?);
    faults.extend(suspensions::verify(conn, pole)?);
    for (number, steps) in sent.into_values() {
        let days: Vec<_> = steps.into_iter().map(|(_, day)| day).collect();
        if !days.is_sorted() {
            faults.push(format!("{number}: its letters are not in their order"));
        }
    }
    Ok((count, faults))
}

/// What of a notice does not fit its document.
fn differs(letter: &LetterRow, notice: &NoticeRow, document: &InvoiceRow) -> Vec<String> {
    let id = &letter.letter_id;
    let number = document.number.as_deref().unwrap_or("a draft");
    let claims = notice.interest_minor.is_some() || notice.indemnity_minor.is_some();
    let rules = [
        (
            document.status != InvoiceStatus::Final || document.kind.is_credit(),
            "which asks for nothing",
        ),
        (document.member_id != letter.member_id, "which is another member's"),
        (document.due_on.as_ref().is_none_or(|due| *due >= letter.sent_on), "which was not late"),
        (notice.open_minor > document.gross_minor, "which came to less"),
        (notice.level != letter.level, "which is at another level"),
        (claims && letter.level != LetterLevel::FormalNotice, "and claims what only a notice does"),
    ];
    let broken = rules.into_iter().filter(|(broken, _)| *broken);
    broken.map(|(_, what)| format!("{id}: it is about {number}, {what}")).collect()
}

/// What is wrong with documents that charge for a delay: each is about one that was late, says what is
/// noted of it, and charges the indemnity once.
fn penalties(conn: &mut Db, pole: &PoleId) -> Result<Vec<String>, DbError> {
    let mut faults = Vec::new();
    let (mut noted, mut indemnified) = (BTreeSet::new(), BTreeSet::new());
    for row in penalties::all(conn, pole)? {
        let found = |conn: &mut Db, id| invoices::find(conn, pole, id)?.ok_or(DbError::Interrupted);
        let (late, made) = (found(conn, &row.invoice_id)?, found(conn, &row.penalty_id)?);
        let number = made.number.clone().unwrap_or_default();
        let cited = serde_json::from_str::<Issued>(&made.document).ok().and_then(|issued| {
            issued.document.content().corrects.first().map(|it| it.number.clone())
        });
        let again = row.indemnity_minor > 0 && !indemnified.insert(row.invoice_id.clone());
        let rules = [
            (late.due_on.as_ref().is_none_or(|due| *due >= row.last_day), "what was not late"),
            (late.kind.is_credit() || is_penalty(&late), "what bears no interest"),
            (late.member_id != made.member_id, "another member's document"),
            (cited.is_none() || cited != late.number, "a document that it does not cite"),
            (
                made.net_minor != row.interest_minor.saturating_add(row.indemnity_minor),
                "another sum",
            ),
            (!is_penalty(&made), "it in another series"),
            (again, "the indemnity once more"),
        ];
        let broken = rules.into_iter().filter(|(broken, _)| *broken);
        faults.extend(broken.map(|(_, what)| format!("{number}: it charges {what}")));
        noted.insert(row.penalty_id);
    }
    for series in series::all(conn, pole)?.iter().filter(|it| it.series == PENALTIES) {
        let rows = invoices::of_series(conn, pole, (PENALTIES, series.year), 0, i64::MAX)?;
        let strange = rows.into_iter().filter(|row| !noted.contains(&row.invoice_id));
        let strange = strange.filter_map(|row| row.number);
        faults
            .extend(strange.map(|number| format!("{number}: nothing is noted of what it charges")));
    }
    Ok(faults)
}

fn is_penalty(row: &InvoiceRow) -> bool {
    row.series.as_deref() == Some(PENALTIES)
}
