//! Planning: which documents are collected, by what, and on which day.
//!
//! What is due is collected by what the member is collected by, once. What failed is planned again where
//! it may pass later, as the settings say. Nobody is debited without having been told when and how
//! much, and what the mail of a document has not said is told by one of its own.

use palier_billing::Money;
use palier_billing::sepa::{Remedy, ReturnReason, earliest_collection};

use super::announce::{self, Told};
use super::left_out::{LeftOut, Why};
use super::mandates;
use super::settings::Terms;
use super::{Plan, plan};
use crate::app::App;
use crate::day::Day;
use crate::db::collection_settings;
use crate::db::collections::{self, Channel, CollectionRow, CollectionStatus, Wanted};
use crate::db::invoices::{self, InvoiceRow, InvoiceStatus};
use crate::db::means::{self, MeansKind, MeansRow, MeansStatus};
use crate::db::members::{self, MemberRow};
use crate::db::poles::PoleRow;
use crate::db::{Db, payments};
use crate::id::{InvoiceId, PoleId};
use crate::payments::credit::free;
use crate::problem::{Fault, Problem};
use crate::say;
use crate::stripe;
use crate::work::{Author, Tx};

/// How many rows are in memory at once.
const STEP: i64 = 500;

/// What is to be planned.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) channel: Channel,
    /// Documents that are due by this day; as far ahead as whoever collects takes them, if none.
    pub(crate) until: Option<Day>,
    /// These only, whatever was tried with them before.
    pub(crate) documents: Vec<InvoiceId>,
    pub(crate) dry_run: bool,
}

/// What was planned, or would be.
#[derive(Clone, Debug)]
pub(crate) struct Planned {
    pub(crate) until: Day,
    pub(crate) dry_run: bool,
    pub(crate) collections: Vec<Chosen>,
    pub(crate) left_out: Vec<LeftOut>,
}

/// A document that is collected.
#[derive(Clone, Debug)]
pub(crate) struct Chosen {
    pub(crate) document: InvoiceRow,
    pub(crate) means: MeansRow,
    pub(crate) open: Money,
    pub(crate) collect_on: Day,
    /// Once it is planned.
    pub(crate) made: Option<CollectionRow>,
}

/// The kinds of means by which somebody collects.
pub(crate) const fn kinds(channel: Channel) -> &'static [MeansKind] {
    match channel {
        Channel::Bank => &[MeansKind::Mandate],
        Channel::Stripe => &[MeansKind::StripeCard, MeansKind::StripeSepa],
    }
}

/// Whether the same may pass later, by the code for which it failed.
pub(crate) fn may_pass_later(channel: Channel, code: &str) -> bool {
    match channel {
        Channel::Bank => {
            code.parse::<ReturnReason>().is_ok_and(|reason| reason.remedy() == Remedy::Again)
        }
        Channel::Stripe => stripe::may_be_tried_again(code),
    }
}

/// The day from which what failed is collected again; none where it is not, since the same would fail once
/// more or it was tried often enough.
pub(super) fn tried_again_from(terms: &Terms, row: &CollectionRow) -> Option<Day> {
    let code = row.failure_code.as_deref().unwrap_or_default();
    let tried = usize::try_from(row.attempt).unwrap_or(usize::MAX);
    let days = terms.retry_days.get(tried.saturating_sub(1))?;
    if row.means_id.is_none() || !may_pass_later(row.channel, code) {
        return None;
    }
    later(&row.collect_on, *days)
}

/// Plans what is due and what is to be tried again, each document in a transaction of its own. It can be
/// called again, and by several at once: nothing is planned twice.
///
/// # Errors
/// A [`Problem`] where the settings do not say how to collect; the database's.
pub(crate) fn run(
    app: &App,
    author: &Author,
    pole: &PoleRow,
    asked: &Asked,
) -> Result<Planned, Problem> {
    let today = Day::today(pole, author.at);
    let (terms, until, mut candidates) = app.db.read_now(|conn| {
        conn.snapshot(|conn| {
            let terms = Terms::of(conn, &pole.pole_id)?;
            let until = until(asked, &terms, &today)?;
            let found = candidates(conn, &pole.pole_id, &terms, asked, &until, &today)?;
            Ok::<_, Problem>((terms, until, found))
        })
    })?;
    candidates.sort_by(|one, other| {
        let place = |it: &Candidate| (it.document.due_on.clone(), it.document.number.clone());
        place(one).cmp(&place(other))
    });
    let by_hand = !asked.documents.is_empty();
    let mut planned =
        Planned { until, dry_run: asked.dry_run, collections: Vec::new(), left_out: Vec::new() };
    for candidate in candidates {
        let document = candidate.document.clone();
        let look = Look { terms: &terms, today: &today, pole, by_hand, channel: asked.channel };
        let done = if asked.dry_run {
            app.db.read_now(|conn| look.choose(conn, &candidate))?
        } else {
            app.write_now(author, |tx| {
                let chosen = look.write(app, tx, &candidate)?;
                // What is planned is in the log already.
                Ok::<_, Problem>(tx.unchanged(chosen))
            })?
        };
        match done {
            Ok(chosen) => planned.collections.push(chosen),
            Err(why) => planned.left_out.push(LeftOut { document, why }),
        }
    }
    app.wake.notify_one();
    Ok(planned)
}

/// The last due date of what is planned.
fn until(asked: &Asked, terms: &Terms, today: &Day) -> Result<Day, Problem> {
    let ahead = match asked.channel {
        Channel::Bank => terms.debit()?.days_ahead,
        Channel::Stripe => 0,
    };
    let usual = later(today, ahead).ok_or_else(|| Problem::internal(&"the calendar has ended"))?;
    Ok(asked.until.clone().unwrap_or(usual))
}

/// A document that may be collected.
struct Candidate {
    document: InvoiceRow,
    /// Not before this day, where it was tried before.
    after: Option<Day>,
}

fn candidates(
    conn: &mut Db,
    pole: &PoleId,
    terms: &Terms,
    asked: &Asked,
    until: &Day,
    today: &Day,
) -> Result<Vec<Candidate>, Problem> {
    if !asked.documents.is_empty() {
        let named = asked.documents.iter().enumerate().map(|(place, id)| {
            let found = invoices::find(conn, pole, id)?.ok_or_else(|| {
                let detail = say!(en "There is no such document.", fr "Ce document n’existe pas.");
                let at = format!("/documents/{place}");
                Problem::invalid(vec![Fault::body(at, "unknown_invoice", detail)])
            })?;
            Ok(Candidate { document: found, after: None })
        });
        return named.collect();
    }
    let due = collections::to_collect(conn, pole, kinds(asked.channel), until)?;
    let due = due.into_iter().map(|(document, _)| Candidate { document, after: None });
    let mut found: Vec<_> = due.collect();
    found.extend(again(conn, pole, terms, asked.channel, today)?);
    Ok(found)
}

/// What failed and is to be tried again: not before so many days after it did.
fn again(
    conn: &mut Db,
    pole: &PoleId,
    terms: &Terms,
    channel: Channel,
    today: &Day,
) -> Result<Vec<Candidate>, Problem> {
    let mut found = Vec::new();
    if terms.retry_days.is_empty() {
        return Ok(found);
    }
    for status in [CollectionStatus::Failed, CollectionStatus::Returned] {
        let wanted = Wanted { status: Some(status), channel: Some(channel), ..Wanted::default() };
        let mut after = None::<String>;
        loop {
            let rows = collections::page(conn, pole, &wanted, after.as_deref(), STEP)?;
            let Some(last) = rows.last() else { break };
            after = Some(last.collection_id.to_string());
            for row in rows {
                let Some(not_before) = tried_again_from(terms, &row) else { continue };
                // Older than a year, it is for people to decide.
                let since = later(&row.collect_on, 365);
                if since.is_none_or(|last| last < *today) {
                    continue;
                }
                for part in
                    collections::parts(conn, pole, std::slice::from_ref(&row.collection_id))?
                {
                    if collections::attempts(conn, pole, &part.invoice_id)? != row.attempt {
                        continue;
                    }
                    let document = invoices::find(conn, pole, &part.invoice_id)?;
                    let document = document.ok_or_else(Problem::not_found)?;
                    if open(conn, pole, &document)?.is_some() {
                        found.push(Candidate { document, after: Some(not_before.clone()) });
                    }
                }
            }
        }
    }
    Ok(found)
}

/// What of a document is open, if it asks for money.
fn open(conn: &mut Db, pole: &PoleId, row: &InvoiceRow) -> Result<Option<Money>, Problem> {
    if row.status != InvoiceStatus::Final || row.kind.is_credit() {
        return Ok(None);
    }
    let settled = payments::settled(conn, pole, std::slice::from_ref(&row.invoice_id))?;
    let settled = settled.get(&row.invoice_id).copied().unwrap_or_default();
    let open = row.gross_minor.saturating_sub(settled);
    Ok((open > 0).then(|| Money::from_minor(open, row.currency())))
}

/// By what a document is looked at.
struct Look<'a> {
    terms: &'a Terms,
    today: &'a Day,
    pole: &'a PoleRow,
    /// Whether somebody asks for this document, and so has told the member.
    by_hand: bool,
    channel: Channel,
}

/// What is known of a document that is collected.
struct Found {
    chosen: Chosen,
    member: MemberRow,
    /// When the member was told, if it was of this.
    told_on: Option<Day>,
}

impl Look<'_> {
    /// How a document would be collected, or why it would not.
    fn choose(&self, conn: &mut Db, of: &Candidate) -> Result<Result<Chosen, Why>, Problem> {
        Ok(self.find(conn, of)?.map(|found| found.chosen))
    }

    fn find(&self, conn: &mut Db, of: &Candidate) -> Result<Result<Found, Why>, Problem> {
        let pole = &self.pole.pole_id;
        let document = &of.document;
        let Some(open) = open(conn, pole, document)? else { return Ok(Err(Why::NotOpen)) };
        let moving =
            collections::on_the_way(conn, pole, std::slice::from_ref(&document.invoice_id))?;
        if !moving.is_empty() {
            return Ok(Err(Why::BeingCollected));
        }
        let means = means::default_of(conn, pole, &document.member_id)?;
        let means = means.filter(|it| it.status == MeansStatus::Active);
        let Some(means) = means.filter(|it| kinds(self.channel).contains(&it.kind)) else {
            return Ok(Err(Why::NoMeans));
        };
        let member = members::find(conn, pole, &document.member_id)?;
        let member = member.ok_or_else(Problem::not_found)?;
        let currency = open.currency();
        let credit = free(conn, pole, (&member.member_id, currency.code()))?;
        if credit >= open.minor() {
            return Ok(Err(Why::InCredit));
        }
        let notice = collection_settings::notice(conn, pole, &document.invoice_id)?;
        // Less than was told may be taken, and later; nothing else.
        let notice = notice.filter(|it| it.means_id == means.means_id);
        let notice = notice.filter(|it| it.amount_minor >= open.minor() && of.after.is_none());
        let told_on = notice.as_ref().map(|it| it.told_on.clone());
        let needs_notice = means.kind != MeansKind::StripeCard;
        let is_reached = member.contact_email.is_some() || self.by_hand;
        if needs_notice && told_on.is_none() && !is_reached {
            return Ok(Err(Why::NoEmail));
        }
        let days = [&document.due_on, &of.after, &notice.map(|it| it.collect_on)];
        let not_before = days.into_iter().flatten().max().cloned();
        let not_before = not_before.unwrap_or_else(|| self.today.clone());
        let told = told_on.as_ref().unwrap_or(self.today);
        let Some(collect_on) = self.day(means.kind, &not_before, told) else {
            return Ok(Err(Why::NoDay));
        };
        if means.kind == MeansKind::Mandate {
            if currency.code() != "EUR" {
                return Ok(Err(Why::OtherCurrency));
            }
            let (mandate, _) = mandates::of_row(&means)?;
            let used = mandates::used(conn, pole, &means.means_id)?;
            if mandate.sequence(used, collect_on.date(), false, false).is_err() {
                return Ok(Err(Why::MandateOver));
            }
        }
        let document = document.clone();
        let chosen = Chosen { document, means, open, collect_on, made: None };
        Ok(Ok(Found { chosen, member, told_on }))
    }

    /// The day on which something is collected that was told on another.
    fn day(&self, kind: MeansKind, not_before: &Day, told: &Day) -> Option<Day> {
        let notice = self.terms.debit.as_ref().map_or(14, |it| it.notice_days);
        match kind {
            MeansKind::Mandate => {
                let dates = (not_before.date(), self.today.date(), told.date());
                earliest_collection(dates.0, dates.1, dates.2, notice).ok().map(Day::from)
            }
            MeansKind::StripeSepa => {
                let noticed = later(told, announce::STRIPE_NOTICE)?;
                Some(noticed.max(not_before.clone()).max(self.today.clone()))
            }
            MeansKind::StripeCard => Some(not_before.clone().max(self.today.clone())),
        }
    }

    /// Plans a document, and tells the member where nobody has yet.
    fn write(
        &self,
        app: &App,
        tx: &mut Tx<'_>,
        of: &Candidate,
    ) -> Result<Result<Chosen, Why>, Problem> {
        // What is open, and on its way, is read before it is written.
        crate::db::poles::hold(tx.conn, tx.pole())?;
        let Found { chosen, member, told_on } = match self.find(tx.conn, of)? {
            Ok(found) => found,
            Err(why) => return Ok(Err(why)),
        };
        if told_on.is_none() && chosen.means.kind != MeansKind::StripeCard {
            let told = Told {
                means: &chosen.means,
                document: &chosen.document,
                amount: chosen.open,
                collect_on: &chosen.collect_on,
                today: self.today,
            };
            announce::by_mail(app, tx, (self.pole, &member), &told)?;
        }
        let announced_on = match chosen.means.kind {
            MeansKind::StripeCard => told_on,
            _ => Some(told_on.unwrap_or_else(|| self.today.clone())),
        };
        let made = plan(
            tx,
            Plan {
                member: member.member_id,
                means: Some(chosen.means.means_id.clone()),
                channel: self.channel,
                collect_on: chosen.collect_on.clone(),
                announced_on,
                documents: vec![chosen.document.invoice_id.clone()],
            },
        )?;
        Ok(Ok(Chosen { made: Some(made), ..chosen }))
    }
}

/// So many days after a day.
pub(super) fn later(day: &Day, days: u16) -> Option<Day> {
    use jiff::ToSpan as _;
    day.date().checked_add(i64::from(days).days()).ok().map(Day::from)
}
