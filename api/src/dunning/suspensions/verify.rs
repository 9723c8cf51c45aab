//! Whether suspensions are for what formal notices were about.

use std::collections::BTreeMap;

use crate::db::dunning::{self, LetterLevel};
use crate::db::suspensions::{self, SuspensionRow, Wanted};
use crate::db::webhooks::{self, WebhookKind};
use crate::db::{Db, DbError};
use crate::id::{MemberId, PoleId, ProviderId};

/// How many suspensions are in memory at once.
const STEP: i64 = 500;

/// Verifies the suspensions of a pole: each is for documents of its member that a formal notice went out about
/// before, and suspends a service; those of a member come one after the other; providers are told of their own
/// services, and of an end only if there was one. Gives what is wrong.
pub(in crate::dunning) fn verify(conn: &mut Db, pole: &PoleId) -> Result<Vec<String>, DbError> {
    let mut faults = Vec::new();
    let mut before: BTreeMap<MemberId, SuspensionRow> = BTreeMap::new();
    let mut after = None::<String>;
    loop {
        let rows = suspensions::page(conn, pole, &Wanted::default(), after.as_deref(), STEP)?;
        let Some(last) = rows.last() else { break };
        after = Some(last.suspension_id.to_string());
        for row in rows {
            let id = &row.suspension_id;
            let wrong = wrong(conn, pole, &row)?;
            let earlier = before.insert(row.member_id.clone(), row.clone());
            let follows = earlier.map_or(row.seq == 1, |it| {
                let ended = it.lifted_at.is_some_and(|at| at <= row.began_at);
                ended && it.seq.saturating_add(1) == row.seq
            });
            let order = (!follows).then_some("it does not follow the one before");
            faults.extend(wrong.into_iter().chain(order).map(|what| format!("{id}: {what}")));
        }
    }
    Ok(faults)
}

fn wrong(conn: &mut Db, pole: &PoleId, row: &SuspensionRow) -> Result<Vec<&'static str>, DbError> {
    let of = std::slice::from_ref(&row.suspension_id);
    let causes = suspensions::causes(conn, pole, of)?;
    let letters: Vec<_> = causes.iter().map(|(cause, _)| cause.letter_id.clone()).collect();
    let notices = dunning::notices(conn, pole, &letters)?;
    let services = suspensions::services(conn, pole, of)?;
    let told = webhooks::of_suspension(conn, pole, &row.suspension_id)?;
    let noticed = causes.iter().all(|(cause, _)| {
        notices.iter().any(|(notice, _)| {
            notice.level == LetterLevel::FormalNotice
                && notice.invoice_id == cause.invoice_id
                && notice.letter_id == cause.letter_id
        })
    });
    let sent_after = dunning::letters_of(conn, pole, &letters)?
        .iter()
        .any(|letter| letter.sent_on > row.began_on || letter.sent_at > row.began_at);
    let strange =
        |provider: &ProviderId| services.iter().all(|(_, it)| it.provider_id != *provider);
    let ended = told.iter().any(|it| it.kind == WebhookKind::MemberReinstated);
    let rules = [
        (causes.is_empty(), "it is for no document"),
        (services.is_empty(), "it suspends no service"),
        (
            causes.iter().any(|(_, it)| it.member_id != row.member_id),
            "it is for another member’s document",
        ),
        (
            causes.iter().any(|(cause, it)| cause.open_minor > it.gross_minor),
            "it is for more than a document came to",
        ),
        (!noticed, "no formal notice went out about a document that it is for"),
        (sent_after, "its formal notice came after it"),
        (
            told.iter().any(|it| strange(&it.provider_id)),
            "a provider was told of it whose services it does not suspend",
        ),
        (ended && row.lifted.is_none(), "a provider was told of its end, and it goes on"),
    ];
    Ok(rules.into_iter().filter(|(broken, _)| *broken).map(|(_, what)| what).collect())
}
