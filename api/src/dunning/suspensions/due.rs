//! For which documents services are to be suspended, and when what they are suspended for is over.

use std::collections::{BTreeMap, HashMap};

use palier_billing::Money;

use crate::day::Day;
use crate::db::dunning;
use crate::db::invoices::InvoiceRow;
use crate::db::suspensions::{self, CauseRow, LiftedWhy, SuspensionRow};
use crate::db::{Db, DbError};
use crate::dunning::late::{self, Late, late};
use crate::dunning::settings::Terms;
use crate::id::{MemberId, PoleId, SuspensionId};
use crate::payments::credit;

/// How many documents are read at once.
const STEP: i64 = 500;

/// The documents for which the services of members are to be suspended on a day, as formal notices announced.
pub(super) fn by_itself(
    conn: &mut Db,
    pole: &PoleId,
    terms: &Terms,
    member: Option<&MemberId>,
    today: &Day,
) -> Result<BTreeMap<MemberId, Vec<Late>>, DbError> {
    let is_due = |it: &Late| it.suspends_on(terms).is_some_and(|from| from <= *today);
    let mut due = after_notice(conn, pole, member, today, is_due)?;
    let rule = terms.suspension.as_ref();
    due.retain(|(_, open, _)| rule.is_some_and(|rule| rule.is_enough(*open)));
    Ok(of_members(due))
}

/// Those for which somebody may suspend a member's services.
pub(super) fn by_hand(
    conn: &mut Db,
    pole: &PoleId,
    member: &MemberId,
    today: &Day,
) -> Result<Vec<Late>, DbError> {
    let due = after_notice(conn, pole, Some(member), today, |_| true)?;
    Ok(of_members(due).remove(member).unwrap_or_default())
}

/// Documents by whose they are, with what is open of them together: a currency each.
type Due = Vec<(MemberId, Money, Vec<Late>)>;

fn of_members(due: Due) -> BTreeMap<MemberId, Vec<Late>> {
    let mut members: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (member, _, documents) in due {
        members.entry(member).or_default().extend(documents);
    }
    members
}

/// Documents that a formal notice went out about and that nothing speaks for: neither a pause, nor money on
/// its way, nor credit that covers them.
fn after_notice(
    conn: &mut Db,
    pole: &PoleId,
    member: Option<&MemberId>,
    today: &Day,
    is_due: impl Fn(&Late) -> bool,
) -> Result<Due, DbError> {
    let mut found: BTreeMap<(MemberId, String), Vec<Late>> = BTreeMap::new();
    let mut after = None::<String>;
    loop {
        let documents = late(conn, pole, member, today, (after.as_deref(), STEP))?;
        let Some(last) = documents.last() else { break };
        after = Some(last.row.invoice_id.to_string());
        for one in documents {
            let kept = one.is_paused(today) || one.being_collected;
            if one.notice.is_some() && !kept && is_due(&one) {
                let whose = (one.row.member_id.clone(), one.row.currency.clone());
                found.entry(whose).or_default().push(one);
            }
        }
    }
    let mut due = Due::new();
    for ((member, code), documents) in found {
        let Some(open) = sum(&documents) else { continue };
        if !is_covered(conn, pole, (&member, &code), open)? {
            due.push((member, open, documents));
        }
    }
    Ok(due)
}

/// Why a suspension is over on a day, if it is: nothing that it is for is open any more, or nothing but what
/// is left alone or covered by credit. Money that is on its way ends it when it is there.
pub(super) fn over(
    conn: &mut Db,
    pole: &PoleId,
    rows: &[SuspensionRow],
    today: &Day,
) -> Result<Vec<(SuspensionRow, LiftedWhy)>, DbError> {
    let ids: Vec<_> = rows.iter().map(|row| row.suspension_id.clone()).collect();
    let (causes, documents): (Vec<CauseRow>, Vec<InvoiceRow>) =
        suspensions::causes(conn, pole, &ids)?.into_iter().unzip();
    let documents = late::read(conn, pole, documents, today)?;
    let mut of: HashMap<SuspensionId, Vec<Late>> = HashMap::new();
    for (cause, document) in causes.into_iter().zip(documents) {
        of.entry(cause.suspension_id).or_default().push(document);
    }
    let mut over = Vec::new();
    for row in rows {
        let documents = of.remove(&row.suspension_id).unwrap_or_default();
        if let Some(why) = why_over(conn, pole, &row.member_id, documents, today)? {
            over.push((row.clone(), why));
        }
    }
    Ok(over)
}

fn why_over(
    conn: &mut Db,
    pole: &PoleId,
    member: &MemberId,
    mut documents: Vec<Late>,
    today: &Day,
) -> Result<Option<LiftedWhy>, DbError> {
    documents.retain(|it| it.open.minor() > 0);
    let left_alone = documents.iter().filter(|it| it.is_paused(today)).count();
    documents.retain(|it| !it.is_paused(today));
    let mut currencies: BTreeMap<String, Vec<Late>> = BTreeMap::new();
    for one in documents {
        currencies.entry(one.row.currency.clone()).or_default().push(one);
    }
    for (code, documents) in currencies {
        let Some(open) = sum(&documents) else { return Ok(None) };
        if !is_covered(conn, pole, (member, &code), open)? {
            return Ok(None);
        }
    }
    Ok(Some(if left_alone > 0 { LiftedWhy::Paused } else { LiftedWhy::Paid }))
}

/// What is open of documents in one currency; none, if nobody can say.
fn sum(documents: &[Late]) -> Option<Money> {
    let currency = documents.first()?.open.currency();
    Money::sum(currency, documents.iter().map(|it| it.open)).ok()
}

/// Whether what stands to a member's credit is enough: somebody has yet to say what it settles.
fn is_covered(
    conn: &mut Db,
    pole: &PoleId,
    (member, code): (&MemberId, &str),
    open: Money,
) -> Result<bool, DbError> {
    let credit = credit::free(conn, pole, (member, code))?;
    Ok(credit.saturating_add(dunning::credited(conn, pole, member, code)?) >= open.minor())
}
