//! Credits that members were granted, drawn for the lines of their documents.
//!
//! What a credit takes off stands on the document as lines of their own, behind the others, and in
//! `credit_draws`, a row a line. Both are written in one transaction: with the drafts of a month as the
//! run ends, with a draft that is changed by hand, with a document that is final at once. The rows are
//! what is used up; those of a draft go with it, and come with the next.
//!
//! A month draws what is valid on any of its days, whenever it is run: it is the month of the usage
//! that counts. What ends first is drawn first, and of that, what was granted first. Lines that correct
//! closed months are lines like others of the month they are billed with. A contract year at its final
//! price is a document of its own, and draws nothing.

use std::collections::{BTreeMap, HashMap};

use palier_billing::drawing::{self, Credit};
use palier_billing::{
    Currency, DocumentContent, DocumentLine, DocumentLineKind, Error, Figures, LinePeriod, Money,
    Month, PriceBase,
};

use super::assemble;
use super::draft::unreadable;
use super::{InvoicingError, words};
use crate::day::Day;
use crate::db::grants::{self, DrawRow, Drawn, GrantRow};
use crate::db::invoices::InvoiceRow;
use crate::db::services::ServiceRow;
use crate::db::{Db, DbError};
use crate::id::{GrantId, InvoiceId, MemberId, PoleId};
use crate::text::Language;

/// A credit that may be drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Drawable {
    pub(crate) grant: GrantRow,
    /// How much of it.
    pub(crate) available: i64,
    /// What is left of it in all; no less than may be drawn.
    pub(crate) left: i64,
}

/// The credits of each member, in the order in which they are drawn.
pub(crate) type Credits = BTreeMap<MemberId, Vec<Drawable>>;

/// A line that draws a credit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LineDraw {
    /// Of the document, from 1.
    pub(crate) line: i32,
    pub(crate) grant: GrantId,
    /// Below zero for what is given back.
    pub(crate) amount_minor: i64,
    /// What is left of the credit then.
    pub(crate) left_minor: i64,
}

impl LineDraw {
    /// As a row, of a document.
    pub(super) fn row(self, pole: &PoleId, invoice: &InvoiceId) -> DrawRow {
        let Self { line, grant, amount_minor, left_minor } = self;
        DrawRow {
            pole_id: pole.clone(),
            invoice_id: invoice.clone(),
            line,
            grant_id: grant,
            amount_minor,
            left_minor,
        }
    }
}

/// What a month may draw, as of now: what its own drafts draw is not used up, since they are made anew.
pub(super) fn of_month(conn: &mut Db, pole: &PoleId, month: Month) -> Result<Credits, DbError> {
    let period = month.to_string();
    let mut credits = Credits::new();
    for credit in drawable(conn, pole, month, Drawn::ByDrafts(&period))? {
        credits.entry(credit.grant.member_id.clone()).or_default().push(credit);
    }
    Ok(credits)
}

/// What a member may draw with a document that is there: what is left, and what the document itself
/// draws so far.
pub(super) fn of_draft(
    conn: &mut Db,
    pole: &PoleId,
    draft: &InvoiceRow,
) -> Result<Vec<Drawable>, DbError> {
    if !assemble::draws(&draft.part) {
        return Ok(Vec::new());
    }
    let month = draft.period.parse().map_err(|error| unreadable(draft, &error))?;
    let mut credits = drawable(conn, pole, month, Drawn::By(&draft.invoice_id))?;
    credits.retain(|credit| credit.grant.member_id == draft.member_id);
    Ok(credits)
}

/// What may be drawn with the document that takes the place of an invoice, which was given back: what
/// the invoice drew, though a credit may have ended meanwhile, since the month is the same.
pub(super) fn of_replaced(
    conn: &mut Db,
    pole: &PoleId,
    replaced: &InvoiceRow,
) -> Result<Vec<Drawable>, DbError> {
    let mut credits: Vec<Drawable> = Vec::new();
    for row in grants::of_document(conn, pole, &replaced.invoice_id)? {
        match credits.iter_mut().find(|credit| credit.grant.grant_id == row.grant_id) {
            Some(credit) => credit.available = credit.available.saturating_add(row.amount_minor),
            None => {
                let (grant, left) = with_left(conn, pole, replaced, &row.grant_id)?;
                credits.push(Drawable { grant, available: row.amount_minor, left });
            }
        }
    }
    Ok(credits)
}

/// A credit that a document draws, and what is left of it.
fn with_left(
    conn: &mut Db,
    pole: &PoleId,
    document: &InvoiceRow,
    grant: &GrantId,
) -> Result<(GrantRow, i64), DbError> {
    let grant = grants::find(conn, pole, &document.member_id, grant)?;
    let grant = grant.ok_or(DbError::Interrupted)?;
    let id = std::slice::from_ref(&grant.grant_id);
    let standing = grants::standings(conn, pole, id)?.remove(&grant.grant_id).unwrap_or_default();
    let left = grant.amount_minor.saturating_sub(standing.used());
    Ok((grant, left))
}

/// Lines of a credit note, each with the number of the line of the invoice that it gives back: those
/// that give back to a credit say so. What becomes of credits by it.
///
/// A credit keeps its days: what is given back once they are over is not drawn again, unless the invoice
/// is replaced.
///
/// # Errors
/// [`DbError`]; what a line comes to was added up before.
pub(super) fn give_back(
    conn: &mut Db,
    pole: &PoleId,
    (invoice, paper): (&InvoiceRow, Paper<'_>),
    back: &mut [(i32, DocumentLine)],
) -> Result<Vec<LineDraw>, InvoicingError> {
    let drawn = grants::of_document(conn, pole, &invoice.invoice_id)?;
    let mut left: BTreeMap<GrantId, i64> = BTreeMap::new();
    let mut given = Vec::new();
    for (place, (nth, line)) in (1..).zip(back) {
        let Some(row) = drawn.iter().find(|row| row.line == *nth) else { continue };
        let (grant, left_before) = with_left(conn, pole, invoice, &row.grant_id)?;
        let amount = line.amount(paper.currency).map_err(|error| InvoicingError::Document {
            member: invoice.member_id.to_string(),
            error: error.into(),
        })?;
        let left = left.entry(row.grant_id.clone()).or_insert(left_before);
        *left = left.saturating_sub(amount.minor());
        let detail = words::given_back(&grant, *left);
        line.detail = Some(detail.in_language(paper.language).to_owned());
        given.push(LineDraw {
            line: place,
            grant: grant.grant_id,
            amount_minor: amount.minor(),
            left_minor: *left,
        });
    }
    Ok(given)
}

/// Credits that a month may draw, of which so much is not used up.
fn drawable(
    conn: &mut Db,
    pole: &PoleId,
    month: Month,
    not_used: Drawn<'_>,
) -> Result<Vec<Drawable>, DbError> {
    let (first, end) = days(month)?;
    let used = grants::drawn(conn, pole, Drawn::Ever)?;
    let not_used = grants::drawn(conn, pole, not_used)?;
    let sum = |of: &HashMap<GrantId, i64>, id: &GrantId| of.get(id).copied().unwrap_or_default();
    let drawable = grants::valid(conn, pole, (&first, &end))?.into_iter().map(|grant| {
        let used = sum(&used, &grant.grant_id).saturating_sub(sum(&not_used, &grant.grant_id));
        let left = grant.amount_minor.saturating_sub(used);
        Drawable { grant, available: left, left }
    });
    Ok(drawable.collect())
}

/// The first day of a month, and that of the next.
fn days(month: Month) -> Result<(Day, Day), DbError> {
    let days = month.days().map_err(|error| DbError::Unreadable {
        table: "invoice_runs",
        id: month.to_string(),
        what: error.to_string(),
    })?;
    Ok((days.first().into(), days.end().into()))
}

/// What a month does with a credit.
#[derive(Clone, Debug)]
pub(crate) struct GrantUse {
    pub(crate) grant: GrantRow,
    /// What the month draws of it.
    pub(crate) drawn_minor: i64,
    /// What is left of it then.
    pub(crate) left_minor: i64,
}

/// What the documents of a month draw as they are written, and what is left of each credit that was valid
/// in it.
pub(super) fn as_written(
    conn: &mut Db,
    pole: &PoleId,
    month: Month,
) -> Result<Vec<GrantUse>, DbError> {
    let (first, end) = days(month)?;
    let by_run = grants::drawn(conn, pole, Drawn::ByRun(&month.to_string()))?;
    let ever = grants::drawn(conn, pole, Drawn::Ever)?;
    let uses = grants::valid_once(conn, pole, (&first, &end))?.into_iter().map(|grant| {
        let sum = |of: &HashMap<GrantId, i64>| of.get(&grant.grant_id).copied().unwrap_or_default();
        let drawn_minor = sum(&by_run);
        // Nobody draws any more what was taken back.
        let all = if grant.revoked_at.is_some() { 0 } else { grant.amount_minor };
        let left_minor = all.saturating_sub(sum(&ever)).max(0);
        GrantUse { grant, drawn_minor, left_minor }
    });
    Ok(uses.collect())
}

/// What documents draw that are not written yet, of what they may draw.
pub(super) fn as_priced<'d>(
    credits: Credits,
    draws: impl Iterator<Item = &'d LineDraw>,
) -> Vec<GrantUse> {
    let mut drawn: HashMap<&GrantId, i64> = HashMap::new();
    for draw in draws {
        let sum = drawn.entry(&draw.grant).or_default();
        *sum = sum.saturating_add(draw.amount_minor);
    }
    let uses = credits.into_values().flatten().map(|Drawable { grant, left, .. }| {
        let drawn_minor = drawn.get(&grant.grant_id).copied().unwrap_or_default();
        GrantUse { grant, drawn_minor, left_minor: left.saturating_sub(drawn_minor) }
    });
    uses.collect()
}

/// How lines are written.
#[derive(Clone, Copy)]
pub(super) struct Paper<'p> {
    pub(super) currency: Currency,
    pub(super) language: Language,
    pub(super) period: Option<LinePeriod>,
    /// Services by their ids.
    pub(super) services: &'p HashMap<&'p str, &'p ServiceRow>,
}

/// Draws credits for the lines of a document, behind which it puts its own. What may be drawn, and what
/// is left, goes down with it.
///
/// # Errors
/// [`Error::Overflow`].
pub(super) fn draw(
    credits: &mut [Drawable],
    lines: &mut Vec<DocumentLine>,
    paper: Paper<'_>,
) -> Result<Vec<LineDraw>, Error> {
    let wanted: Vec<_> = credits
        .iter()
        .map(|credit| Credit {
            service: credit.grant.service_id.as_ref().map(ToString::to_string),
            available: credit.available,
        })
        .collect();
    let mut made = Vec::new();
    for of in drawing::draw(paper.currency, lines, &wanted)? {
        let Some(credit) = credits.get_mut(of.credit) else { continue };
        let minor = of.amount.minor();
        credit.available = credit.available.saturating_sub(minor);
        credit.left = credit.left.saturating_sub(minor);
        lines.push(paper.line(credit, of)?);
        made.push(LineDraw {
            line: i32::try_from(lines.len()).unwrap_or(i32::MAX),
            grant: credit.grant.grant_id.clone(),
            amount_minor: minor,
            left_minor: credit.left,
        });
    }
    Ok(made)
}

impl<'p> Paper<'p> {
    /// As a document is written that is there.
    pub(super) fn of(
        content: &DocumentContent,
        services: &'p HashMap<&'p str, &'p ServiceRow>,
    ) -> Self {
        let language =
            if content.language == Language::En.code() { Language::En } else { Language::Fr };
        Self { currency: content.currency, language, period: content.period, services }
    }

    fn line(&self, credit: &Drawable, of: drawing::Draw) -> Result<DocumentLine, Error> {
        let taken_off = Money::zero(self.currency).checked_sub(of.amount)?;
        let figures = Figures::lump(taken_off)?;
        let service = of.service.as_deref().and_then(|id| self.services.get(id)).copied();
        let service = service.map(|service| words::name(service, None, self.language));
        let detail = words::drawn(&credit.grant, service.as_deref(), credit.left);
        Ok(DocumentLine {
            kind: DocumentLineKind::Credit,
            service: of.service,
            name: words::credit(&credit.grant.reason).in_language(self.language).to_owned(),
            detail: Some(detail.in_language(self.language).to_owned()),
            quantity: figures.quantity,
            unit: "C62".to_owned(),
            unit_price: figures.unit_price,
            price_base: PriceBase::One,
            period: self.period,
            vat: of.vat,
            vat_basis: None,
            pool: None,
        })
    }
}
