//! From the lines of all services to each member's documents.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use palier_billing::{
    Document, DocumentContent, DocumentKind, DocumentLine, DocumentLineKind, LinePeriod,
    VatCategory,
};

use super::InvoicingError;
use super::draw::{Credits, LineDraw, Paper, draw};
use super::price::{Context, ServiceBill};
use crate::db::members::InvoicesBy;
use crate::id::MemberId;
use crate::text::Language;

/// Which of a member's documents of a period a line stands on.
///
/// A member that wants a document for each service has each part once for each.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Part {
    kind: PartKind,
    /// The id of the service; none, if it is for all of them.
    service: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum PartKind {
    /// What it used and subscribed to.
    Services,
    /// What lies outside the scope of VAT: it may not stand beside anything else (BR-O-11).
    Fees,
    /// A contract year at its final price: a document for the year, not for the month.
    YearEnd,
}

impl PartKind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Services => "services",
            Self::Fees => "fees",
            Self::YearEnd => "year_end",
        }
    }
}

impl fmt::Display for Part {
    /// As it stands in the database.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.as_str())?;
        self.service.iter().try_for_each(|service| write!(f, "/{service}"))
    }
}

/// Whether a document of a part, as it stands in the database, draws credits: a contract year at its final
/// price does not, since it is for the year.
pub(super) fn draws(part: &str) -> bool {
    !part.starts_with(PartKind::YearEnd.as_str())
}

impl Part {
    fn of(line: &DocumentLine, by: InvoicesBy) -> Self {
        let kind = match line.kind {
            _ if line.vat.category == VatCategory::OutOfScope => PartKind::Fees,
            DocumentLineKind::YearEndAdjustment => PartKind::YearEnd,
            _ => PartKind::Services,
        };
        Self { kind, service: line.service.clone().filter(|_| by == InvoicesBy::Service) }
    }
}

/// A member's document, before it is a draft.
#[derive(Clone, Debug)]
pub(crate) struct Drafted {
    pub(crate) member: MemberId,
    pub(crate) part: Part,
    pub(crate) document: Document,
    /// Which of its lines draw which credit.
    pub(crate) draws: Vec<LineDraw>,
}

/// The documents of a month, by the code of their member, of the lines of its bills, which are taken out
/// of them: there are too many to hold them twice. They stand in the order of the bills, and what credits take off behind them: first from what was used and subscribed to, then
/// from fees outside the scope of VAT.
///
/// # Errors
/// [`InvoicingError::Document`] if a member's lines break a rule of documents.
pub(crate) fn documents(
    context: &Context,
    bills: &mut [ServiceBill],
    mut credits: Credits,
) -> Result<Vec<Drafted>, InvoicingError> {
    let mut parts: BTreeMap<(&str, &MemberId, Part), Vec<DocumentLine>> = BTreeMap::new();
    for (member, line) in bills.iter_mut().flat_map(|bill| std::mem::take(&mut bill.lines)) {
        let Some((member, billee)) = context.billees.get_key_value(&member) else { continue };
        let code = billee.party.code.as_deref().unwrap_or_default();
        let part = Part::of(&line, billee.invoices_by);
        parts.entry((code, member, part)).or_default().push(line);
    }
    let services: HashMap<_, _> =
        bills.iter().map(|bill| (bill.service.service_id.as_str(), &bill.service)).collect();
    let mut documents = Vec::with_capacity(parts.len());
    for ((code, member, part), lines) in parts {
        let refused = |error| InvoicingError::Document { member: code.to_owned(), error };
        let mut content = content(context, member, lines);
        let credits = credits.get_mut(member).filter(|_| draws(&part.to_string()));
        let draws = credits.map(|credits| {
            let language = context.billees.get(member).map_or(Language::Fr, |it| it.language);
            let (currency, period) = (context.currency, content.period);
            let paper = Paper { currency, language, period, services: &services };
            draw(credits, &mut content.lines, paper).map_err(|error| refused(error.into()))
        });
        let draws = draws.transpose()?.unwrap_or_default();
        let document = Document::settling(content, DocumentKind::Rebate).map_err(refused)?;
        if document.lines().all(|(_, amount)| amount.is_zero()) {
            continue;
        }
        documents.push(Drafted { member: member.clone(), part, document, draws });
    }
    Ok(documents)
}

fn content(context: &Context, member: &MemberId, lines: Vec<DocumentLine>) -> DocumentContent {
    let settings = &context.settings;
    let billee = context.billees.get(member);
    let days = context.period.days();
    let last_day = days.end().yesterday().unwrap_or(days.first());
    let buyer = billee.map_or_else(|| settings.seller.clone(), |billee| billee.party.clone());
    let code = buyer.code.as_deref().unwrap_or_default();
    DocumentContent {
        kind: DocumentKind::Invoice,
        currency: context.currency,
        language: billee.map_or("fr", |billee| billee.language.code()).to_owned(),
        seller: settings.seller.clone(),
        order: billee.and_then(|billee| billee.order.clone()),
        contract: Some(format!("{}/{code}", context.pole.code)),
        buyer,
        account: settings.account.clone(),
        period: Some(LinePeriod { first_day: days.first(), last_day }),
        // The first day on which it can be issued: that of issue counts.
        vat_due: settings.vat.due.on(days.end()).value,
        corrects: Vec::new(),
        lines,
        notes: settings.notes.of_document(),
    }
}
