//! Whether letters are about what was late.

use std::collections::{BTreeMap, BTreeSet};

use crate::day::Day;
use crate::db::dunning::{self, LetterLevel, LetterRow, NoticeRow};
use crate::db::invoices::{InvoiceRow, InvoiceStatus};
use crate::db::{Db, DbError};
use crate::id::{InvoiceId, LetterId, PoleId};

/// How many letters are in memory at once.
const STEP: i64 = 500;

/// Verifies the letters of a pole: each is about final documents of its member that were due before
/// it and came to no less than it asks; levels rise from day to day; only a formal notice claims
/// anything for the delay. Gives how many there are, and what is wrong.
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
