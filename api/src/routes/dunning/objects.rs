//! What is late, and letters, as the API takes and shows them.

use palier_billing::dunning::{Penalty as Due, PenaltyPeriod as DuePeriod};
use palier_billing::{Currency, Money};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::day::Day;
use crate::db::dunning::{LetterLevel, LetterRow, NoticeRow, PauseRow};
use crate::db::invoices::InvoiceRow;
use crate::db::penalties::PenaltyRow;
use crate::dunning::settings::Terms;
use crate::dunning::{Claimed, Late, LeftOut, Letter, Outcome, Why};
use crate::http::Input;
use crate::id::{InvoiceId, LetterId, MemberId};
use crate::text::Text;

/// A document that is not paid, as it stands on a day.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct LateInvoice {
    /// The document.
    invoice: InvoiceId,
    /// Its number.
    #[schema(example = "FA-2026-000123")]
    number: String,
    /// Whose it is.
    member: MemberId,
    /// The day by which it was to be paid.
    due_on: Day,
    /// How many days ago that was.
    #[schema(example = 17)]
    days_late: i64,
    /// ISO 4217 code of its amounts.
    #[schema(example = "EUR")]
    currency: String,
    /// What it came to with VAT.
    #[schema(example = "1200.00")]
    total: String,
    /// What of it is not settled.
    #[schema(example = "1200.00")]
    open: String,
    /// The gravest letter that went out about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    last: Option<DunningStep>,
    /// The letter that comes next, and from which day on.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    next: Option<DunningStep>,
    /// From which day on it suspends the member's services by itself, if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    suspends_on: Option<Day>,
    /// Why it is left alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pause: Option<DunningPause>,
    /// Whether it is being collected: no letter goes out meanwhile.
    being_collected: bool,
    /// What of the delay was charged, by documents of their own.
    charged: Vec<ChargedPenalty>,
    /// What the law gives for the delay; absent where it cannot be said.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    penalty: Option<Penalty>,
    /// Why it cannot be said what is due for the delay, such as rates that are missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    no_penalty: Option<DunningReason>,
}

/// A letter, and its day.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct DunningStep {
    level: LetterLevel,
    on: Day,
}

/// Why a document is left alone.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct DunningPause {
    /// The reason.
    #[schema(example = "Litige sur la ligne 2")]
    reason: String,
    /// The last day of it; until somebody ends it, if absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    last_day: Option<Day>,
}

/// What of a delay was charged.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct ChargedPenalty {
    /// The document that charges it.
    invoice: InvoiceId,
    /// The last day whose interest it charges.
    until: Day,
    /// The interest.
    #[schema(example = "6.79")]
    interest: String,
    /// The indemnity for recovery costs; nothing, where it was charged before or is not claimed.
    #[schema(example = "40.00")]
    indemnity: String,
}

impl ChargedPenalty {
    fn of(row: &PenaltyRow, currency: Currency) -> Self {
        let money = |minor| Money::from_minor(minor, currency).to_string();
        Self {
            invoice: row.penalty_id.clone(),
            until: row.last_day.clone(),
            interest: money(row.interest_minor),
            indemnity: money(row.indemnity_minor),
        }
    }
}

/// Until when to charge for a delay.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PenaltyInput {
    /// The last day whose interest is charged; today, if left out.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = "date", example = "2026-11-01", nullable = false)]
    pub(super) until: Option<Day>,
}

impl Input for PenaltyInput {}

/// What is due for a delay, without VAT (code de commerce, L441-10 and D441-5).
#[derive(Clone, Debug, Serialize, ToSchema)]
struct Penalty {
    /// The interest, in the document's currency, rounded once.
    #[schema(example = "6.79")]
    interest: String,
    /// The indemnity for recovery costs, in euros; none before the day after the due date.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "40.00", nullable = false)]
    indemnity: Option<String>,
    /// What the interest is made of; the amounts sum to it.
    periods: Vec<PenaltyPeriod>,
}

/// Days on which the same was open at the same rate.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct PenaltyPeriod {
    first_day: Day,
    last_day: Day,
    /// How many they are.
    #[schema(example = 17)]
    days: i64,
    /// What was open on each of them.
    #[schema(example = "1200.00")]
    open: String,
    /// The yearly rate; a year has 365 days.
    #[schema(example = "12.15")]
    rate_percent: String,
    /// What the rate rests on: `central`, the central bank's rate and ten points;
    /// `three_times_legal`, three times the legal rate; `fixed`, as agreed.
    #[schema(example = "central")]
    ground: String,
    /// The part of the interest that they make.
    #[schema(example = "6.79")]
    amount: String,
}

/// A reason, for programs and for people.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct DunningReason {
    /// `rates_unknown`, `no_penalty`, `no_email` or `in_credit`.
    #[schema(example = "rates_unknown")]
    code: String,
    /// In words.
    detail: Text,
}

impl From<&Why> for DunningReason {
    fn from(why: &Why) -> Self {
        Self { code: why.code().to_owned(), detail: why.text() }
    }
}

impl LateInvoice {
    /// A document as it stands on a day.
    pub(super) fn of(late: &Late, terms: &Terms, as_of: &Day) -> Self {
        let (penalty, no_penalty) = match late.penalty(terms, as_of) {
            Ok(due) => (Some(Penalty::from(due)), None),
            Err(error) => (None, Some(DunningReason::from(&Why::from(error)))),
        };
        let step = |level, on| DunningStep { level, on };
        Self {
            invoice: late.row.invoice_id.clone(),
            number: late.number().to_owned(),
            member: late.row.member_id.clone(),
            due_on: late.due_on().into(),
            days_late: late.days_late(as_of),
            currency: late.row.currency.clone(),
            total: late.total().to_string(),
            open: late.open.to_string(),
            last: late.last.clone().map(|(level, on)| step(level, on)),
            next: late.next(terms).map(|next| step(next.level.into(), next.on.into())),
            suspends_on: late.suspends_on(terms),
            pause: late
                .pause
                .clone()
                .map(|PauseRow { reason, last_day, .. }| DunningPause { reason, last_day }),
            being_collected: late.being_collected,
            penalty,
            no_penalty,
            charged: late
                .charged
                .iter()
                .map(|row| ChargedPenalty::of(row, late.row.currency()))
                .collect(),
        }
    }
}

impl From<Due> for Penalty {
    fn from(due: Due) -> Self {
        Self {
            interest: due.interest.to_string(),
            indemnity: due.indemnity.map(|it| it.to_string()),
            periods: due.periods.iter().map(PenaltyPeriod::from).collect(),
        }
    }
}

impl From<&DuePeriod> for PenaltyPeriod {
    fn from(period: &DuePeriod) -> Self {
        let days = period.days;
        Self {
            first_day: days.first().into(),
            last_day: days.end().yesterday().unwrap_or(days.first()).into(),
            days: days.count(),
            open: period.open.to_string(),
            rate_percent: period.rate_percent.to_string(),
            ground: period.ground.as_str().to_owned(),
            amount: period.amount.to_string(),
        }
    }
}

/// Why a document is to be left alone, and for how long.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "Règlement promis", "last_day": "2026-11-15" }))]
pub(super) struct PauseInput {
    /// Why.
    #[schema(max_length = 500, format = "line", example = "Règlement promis")]
    pub(super) reason: String,
    /// The last day of it; until somebody ends it, if left out.
    #[serde(default)]
    #[schema(nullable = false)]
    pub(super) last_day: Option<Day>,
}

impl Input for PauseInput {}

/// Which letters to write.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "dry_run": true }))]
pub(super) struct DunningRunInput {
    /// Those that are due by this day; today, if left out. Only a dry run may look ahead.
    #[serde(default)]
    #[schema(nullable = false)]
    pub(super) as_of: Option<Day>,
    /// Whether only to say what would go out.
    #[serde(default)]
    #[schema(required = false)]
    pub(super) dry_run: bool,
}

impl Input for DunningRunInput {}

/// What went out, or would.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct DunningRun {
    /// The day by which the letters are due.
    as_of: Day,
    /// Whether nothing went out.
    dry_run: bool,
    /// A letter to each member and level.
    letters: Vec<DunningLetter>,
    /// Letters that are due and do not go out.
    left_out: Vec<LetterLeftOut>,
}

/// A letter that is due and does not go out.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct LetterLeftOut {
    /// To whom it would go.
    member: MemberId,
    level: LetterLevel,
    /// The numbers of the documents that it would be about.
    #[schema(example = json!(["FA-2026-000123"]))]
    documents: Vec<String>,
    /// Why.
    reason: DunningReason,
}

/// A letter to a member that is late.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct DunningLetter {
    /// Its id, once it went out.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    id: Option<LetterId>,
    /// To whom.
    member: MemberId,
    level: LetterLevel,
    /// The day on which it went out, or would.
    sent_on: Day,
    /// Where to.
    #[schema(example = "compta@forge.example")]
    email: String,
    /// ISO 4217 code of what is open, and of the interest.
    #[schema(example = "EUR")]
    currency: String,
    /// What was open of its documents together.
    #[schema(example = "1200.00")]
    open: String,
    /// From which day on it announced that services are suspended, if it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    suspends_on: Option<Day>,
    /// What it is about.
    documents: Vec<DunningNotice>,
}

/// A document that a letter is about.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct DunningNotice {
    /// The document.
    invoice: InvoiceId,
    /// Its number.
    #[schema(example = "FA-2026-000123")]
    number: String,
    /// What was open of it.
    #[schema(example = "1200.00")]
    open: String,
    /// The interest that the letter claims.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "6.79", nullable = false)]
    interest: Option<String>,
    /// The indemnity for recovery costs that it claims, in euros.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "40.00", nullable = false)]
    indemnity: Option<String>,
}

impl DunningRun {
    /// A run of today.
    pub(super) fn of(run: &Outcome, today: &Day) -> Self {
        let letters = run.letters.iter();
        let left_out = run.left_out.iter().map(LetterLeftOut::from);
        Self {
            as_of: run.as_of.clone(),
            dry_run: run.dry_run,
            letters: letters.map(|(id, it)| DunningLetter::new(id.as_ref(), it, today)).collect(),
            left_out: left_out.collect(),
        }
    }
}

impl From<&LeftOut> for LetterLeftOut {
    fn from(it: &LeftOut) -> Self {
        Self {
            member: it.member.member_id.clone(),
            level: it.level,
            documents: it.documents.iter().map(|it| it.number().to_owned()).collect(),
            reason: DunningReason::from(&it.why),
        }
    }
}

impl DunningLetter {
    /// One that has just gone out, or would.
    fn new(id: Option<&LetterId>, letter: &Letter, sent_on: &Day) -> Self {
        Self {
            id: id.cloned(),
            member: letter.member.member_id.clone(),
            level: letter.level,
            sent_on: sent_on.clone(),
            email: letter.email.clone(),
            currency: letter.open.currency().code().to_owned(),
            open: letter.open.to_string(),
            suspends_on: letter.suspends_on.clone(),
            documents: letter.documents.iter().map(DunningNotice::from).collect(),
        }
    }

    /// One that went out, of those that these notices belong to.
    pub(super) fn of(row: &LetterRow, notices: &[(NoticeRow, InvoiceRow)]) -> Self {
        let currency = row.currency();
        let own: Vec<_> = notices.iter().filter(|(it, _)| it.letter_id == row.letter_id).collect();
        let open = own.iter().fold(0_i64, |sum, (it, _)| sum.saturating_add(it.open_minor));
        Self {
            id: Some(row.letter_id.clone()),
            member: row.member_id.clone(),
            level: row.level,
            sent_on: row.sent_on.clone(),
            email: row.email.clone(),
            currency: row.currency.clone(),
            open: Money::from_minor(open, currency).to_string(),
            suspends_on: row.suspends_on.clone(),
            documents: own.iter().map(|it| DunningNotice::of(it, currency)).collect(),
        }
    }
}

impl DunningNotice {
    fn of((notice, document): &(NoticeRow, InvoiceRow), currency: Currency) -> Self {
        let money = |minor, currency| Money::from_minor(minor, currency).to_string();
        Self {
            invoice: notice.invoice_id.clone(),
            number: document.number.clone().unwrap_or_default(),
            open: money(notice.open_minor, currency),
            interest: notice.interest_minor.map(|minor| money(minor, currency)),
            indemnity: notice.indemnity_minor.map(|minor| money(minor, Currency::EUR)),
        }
    }
}

impl From<&Claimed> for DunningNotice {
    fn from(claimed: &Claimed) -> Self {
        Self {
            invoice: claimed.late.row.invoice_id.clone(),
            number: claimed.late.number().to_owned(),
            open: claimed.late.open.to_string(),
            interest: claimed.interest.map(|it| it.to_string()),
            indemnity: claimed.indemnity.map(|it| it.to_string()),
        }
    }
}
