//! Writing the letters that are due.

use std::collections::BTreeSet;

use serde_json::json;

use super::letters::{LeftOut, Letter, Why, plan};
use super::mail::{self, Sender};
use super::settings::Terms;
use crate::app::App;
use crate::day::Day;
use crate::db::dunning::{self, LetterRow, NoticeRow};
use crate::db::mails::MailKind;
use crate::db::poles::{self, PoleRow};
use crate::id::{LetterId, MemberId};
use crate::jobs::{self, About};
use crate::problem::{Fault, Problem};
use crate::say;
use crate::work::{Author, Changes, Done, Tx};

/// How letters are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Only to see which there would be.
    DryRun,
    /// By somebody, who is told if rates are missing, before anything goes out.
    ByHand,
    /// By nobody: what cannot be written waits, and the rest goes out.
    ByItself,
}

/// Letters, and what was left out.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    /// The day by which they are due.
    pub(crate) as_of: Day,
    pub(crate) dry_run: bool,
    /// Each with its id, once it went out.
    pub(crate) letters: Vec<(Option<LetterId>, Letter)>,
    pub(crate) left_out: Vec<LeftOut>,
}

/// Writes the letters that are due by a day, today if none is given. What they say is as it is known
/// today. It can be called again, by several at once, and goes on from where it was.
///
/// # Errors
/// A [`Problem`] if the day has not come (a [dry run](Mode::DryRun) may look ahead), or if somebody
/// asks and rates are missing; the database's.
pub(crate) fn run(
    app: &App,
    author: &Author,
    pole: &PoleRow,
    as_of: Option<Day>,
    mode: Mode,
) -> Result<Outcome, Problem> {
    let today = Day::today(pole, author.at);
    let as_of = as_of.unwrap_or_else(|| today.clone());
    let dry_run = mode == Mode::DryRun;
    if as_of > today && !dry_run {
        let detail = say!(en "The day has not come yet.", fr "Ce jour n’est pas encore venu.");
        return Err(Problem::invalid(vec![Fault::body("/as_of", "in_future", detail)]));
    }
    let known_on = today.max(as_of.clone());
    let planned = app.db.read_now(|conn| {
        conn.snapshot(|conn| {
            let terms = Terms::of(conn, &pole.pole_id)?;
            plan(conn, &pole.pole_id, &terms, (&as_of, &known_on), None)
        })
    })?;
    let unknown = |it: &&LeftOut| matches!(it.why, Why::RatesUnknown { .. });
    if let Some(LeftOut { why, .. }) = planned.left_out.iter().find(unknown)
        && mode == Mode::ByHand
    {
        return Err(Problem::conflict(Fault::body("", why.code(), why.text())));
    }
    let left_out = planned.left_out;
    if dry_run {
        let letters = planned.letters.into_iter().map(|letter| (None, letter)).collect();
        return Ok(Outcome { as_of, dry_run, letters, left_out });
    }
    let members: BTreeSet<_> =
        planned.letters.into_iter().map(|letter| letter.member.member_id).collect();
    let mut letters = Vec::new();
    for member in members {
        let sent =
            app.write_now(author, |tx| write(app, tx, pole, (&as_of, &known_on), &member))?;
        letters.extend(sent.into_iter().map(|(id, letter)| (Some(id), letter)));
    }
    app.wake.notify_one();
    Ok(Outcome { as_of, dry_run, letters, left_out })
}

/// Writes the letters to a member, as far as they are due still.
fn write(
    app: &App,
    tx: &mut Tx<'_>,
    pole: &PoleRow,
    days: (&Day, &Day),
    member: &MemberId,
) -> Result<Done<Vec<(LetterId, Letter)>>, Problem> {
    // Payments are recorded under the same lock, and others who write letters wait for it.
    poles::hold(tx.conn, tx.pole())?;
    let terms = Terms::of(tx.conn, tx.pole())?;
    let letters = plan(tx.conn, tx.pole(), &terms, days, Some(member))?.letters;
    if letters.is_empty() {
        return Ok(tx.unchanged(Vec::new()));
    }
    let sender = Sender::of(tx.conn, pole)?;
    let (_, sent_on) = days;
    let mut sent = Vec::new();
    for letter in letters {
        let (row, notices) = rows(tx, &letter, sent_on);
        dunning::insert(tx.conn, &row, &notices)?;
        let about = About { kind: MailKind::Dunning, member, subject: letter.level.as_str() };
        jobs::enqueue_mail(app, tx, about, mail::of(&sender, &letter, sent_on)?)?;
        sent.push((row.letter_id, letter));
    }
    let told = sent.iter().map(|(id, letter)| {
        let numbers: Vec<_> = letter.documents.iter().map(|it| it.late.number()).collect();
        json!({ "id": id, "level": letter.level, "documents": numbers })
    });
    let changes = Changes::made(&json!({ "letters": told.collect::<Vec<_>>() }));
    Ok(tx.done("dunning.sent", member.as_str(), &changes, sent)?)
}

/// A letter as it is kept.
fn rows(tx: &Tx<'_>, letter: &Letter, sent_on: &Day) -> (LetterRow, Vec<NoticeRow>) {
    let row = LetterRow {
        pole_id: tx.pole().clone(),
        letter_id: LetterId::new(tx.at()),
        member_id: letter.member.member_id.clone(),
        level: letter.level,
        currency: letter.open.currency().code().to_owned(),
        sent_on: sent_on.clone(),
        email: letter.email.clone(),
        actor: tx.author.actor.clone(),
        sent_at: tx.at(),
        suspends_on: letter.suspends_on.clone(),
    };
    let notices = letter.documents.iter().map(|it| NoticeRow {
        pole_id: row.pole_id.clone(),
        invoice_id: it.late.row.invoice_id.clone(),
        level: row.level,
        letter_id: row.letter_id.clone(),
        open_minor: it.late.open.minor(),
        interest_minor: it.interest.map(palier_billing::Money::minor),
        indemnity_minor: it.indemnity.map(palier_billing::Money::minor),
    });
    let notices = notices.collect();
    (row, notices)
}
