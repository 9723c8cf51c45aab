//! Which letters are due on a day, what they ask for, and which are left out.

use std::collections::BTreeMap;

use jiff::civil::Date;
use palier_billing::dunning::{DunningError, PenaltyPeriod};
use palier_billing::{Currency, Money};

use super::late::{Late, late};
use super::settings::Terms;
use crate::day::Day;
use crate::db::Db;
use crate::db::dunning::{self, LetterLevel};
use crate::db::members::{self, MemberRow};
use crate::id::{MemberId, PoleId};
use crate::payments::credit;
use crate::problem::Problem;
use crate::say;
use crate::text::Text;

/// How many documents are read at once.
const STEP: i64 = 500;

/// A letter to a member: all its documents that have come to a level.
#[derive(Clone, Debug)]
pub(crate) struct Letter {
    pub(crate) member: MemberRow,
    /// Where it goes.
    pub(crate) email: String,
    pub(crate) level: LetterLevel,
    pub(crate) documents: Vec<Claimed>,
    /// What of them is open, together.
    pub(crate) open: Money,
    /// What stands to the member's credit, which is less than that.
    pub(crate) credit: Money,
    /// From which day on services are suspended, if it announces that.
    pub(crate) suspends_on: Option<Day>,
}

/// A document that a letter is about, with what the letter claims for the delay.
#[derive(Clone, Debug)]
pub(crate) struct Claimed {
    pub(crate) late: Late,
    pub(crate) interest: Option<Money>,
    /// In euros, whatever the document is in.
    pub(crate) indemnity: Option<Money>,
    /// What the interest is made of.
    pub(crate) periods: Vec<PenaltyPeriod>,
}

/// A letter that would be due and does not go out.
#[derive(Clone, Debug)]
pub(crate) struct LeftOut {
    pub(crate) member: MemberRow,
    pub(crate) level: LetterLevel,
    pub(crate) documents: Vec<Late>,
    pub(crate) why: Why,
}

/// Why a letter does not go out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// Nobody knows where to.
    NoEmail,
    /// The member's credit covers all of it: somebody has yet to say what it settles.
    InCredit,
    /// What it claims depends on rates that nobody has entered.
    RatesUnknown {
        /// The first day of the half-year.
        first: Date,
    },
    /// What it claims cannot be computed.
    Penalty(DunningError),
}

impl Why {
    /// The word for it.
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::NoEmail => "no_email",
            Self::InCredit => "in_credit",
            Self::RatesUnknown { .. } => "rates_unknown",
            Self::Penalty(_) => "no_penalty",
        }
    }

    /// In words.
    pub(crate) fn text(&self) -> Text {
        match self {
            Self::NoEmail => say!(
                en "The member has no e-mail address to write to.",
                fr "Le membre n’a pas d’adresse électronique où lui écrire."
            ),
            Self::InCredit => say!(
                en "The member’s credit covers it: say first what that settles.",
                fr "Le crédit du membre suffit à le régler : dites d’abord ce qu’il règle."
            ),
            Self::RatesUnknown { first } => say!(
                en "The rates of the half-year that begins on {first} are not known: enter them in the \
                    dunning settings.",
                fr "Les taux du semestre qui commence le {first} ne sont pas connus : saisissez-les \
                    dans les paramètres de relance."
            ),
            Self::Penalty(error) => say!(
                en "What is due for the delay cannot be computed: {error}.",
                fr "Les pénalités ne peuvent être calculées ({error})."
            ),
        }
    }
}

impl From<DunningError> for Why {
    fn from(error: DunningError) -> Self {
        match error {
            DunningError::RatesUnknown { first } => Self::RatesUnknown { first },
            other => Self::Penalty(other),
        }
    }
}

/// What is to be written, and what is not.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    pub(super) letters: Vec<Letter>,
    pub(super) left_out: Vec<LeftOut>,
}

/// A member's documents that a letter is due about, by level.
type Levels = BTreeMap<LetterLevel, Vec<Late>>;

/// Says which letters are due on a day, by what is known on another that is not before it.
pub(super) fn plan(
    conn: &mut Db,
    pole: &PoleId,
    terms: &Terms,
    (due_on, known_on): (&Day, &Day),
    member: Option<&MemberId>,
) -> Result<Plan, Problem> {
    let mut due: BTreeMap<(MemberId, String), Levels> = BTreeMap::new();
    let mut after = None::<String>;
    loop {
        let documents = late(conn, pole, member, known_on, (after.as_deref(), STEP))?;
        let Some(last) = documents.last() else { break };
        after = Some(last.row.invoice_id.to_string());
        for one in documents {
            let Some(level) = one.due(terms, due_on) else { continue };
            let whose = (one.row.member_id.clone(), one.row.currency.clone());
            due.entry(whose).or_default().entry(level).or_default().push(one);
        }
    }
    let mut plan = Plan::default();
    for ((member, code), levels) in due {
        let credit = credit::free(conn, pole, (&member, &code))?;
        let credit = credit.saturating_add(dunning::credited(conn, pole, &member, &code)?);
        let found = members::find(conn, pole, &member)?;
        let member = found.ok_or_else(Problem::not_found)?;
        plan.add(terms, &member, (levels, credit), known_on)?;
    }
    Ok(plan)
}

impl Plan {
    /// Adds the letters to a member.
    fn add(
        &mut self,
        terms: &Terms,
        member: &MemberRow,
        (levels, credit): (Levels, i64),
        day: &Day,
    ) -> Result<(), Problem> {
        let currency =
            levels.values().flatten().next().map_or(Currency::EUR, |it| it.row.currency());
        let sum = |documents: &[Late]| {
            let sum = Money::sum(currency, documents.iter().map(|it| it.open));
            sum.map_err(|error| Problem::internal(&error))
        };
        let credit = Money::from_minor(credit, currency);
        let all: Vec<Late> = levels.values().flatten().cloned().collect();
        let covered = credit >= sum(&all)?;
        for (level, documents) in levels {
            let open = sum(&documents)?;
            let left_out =
                |documents, why| LeftOut { member: member.clone(), level, documents, why };
            let email = member.contact_email.clone().filter(|_| !covered);
            let Some(email) = email else {
                let why = if covered { Why::InCredit } else { Why::NoEmail };
                self.left_out.push(left_out(documents, why));
                continue;
            };
            match documents.iter().map(|it| claim(terms, level, it, day)).collect() {
                Ok(documents) => {
                    self.letters.push(Letter {
                        member: member.clone(),
                        email,
                        level,
                        documents,
                        open,
                        credit,
                        suspends_on: suspends_on(terms, level, open, day),
                    });
                }
                Err(why) => self.left_out.push(left_out(documents, why)),
            }
        }
        Ok(())
    }
}

/// From which day on services are suspended, if a letter of a day announces that.
fn suspends_on(terms: &Terms, level: LetterLevel, open: Money, day: &Day) -> Option<Day> {
    let rule = terms.suspension.as_ref().filter(|rule| rule.is_enough(open));
    rule.filter(|_| level == LetterLevel::FormalNotice).map(|rule| rule.day_after(day))
}

/// What a letter claims for a document.
fn claim(terms: &Terms, level: LetterLevel, late: &Late, day: &Day) -> Result<Claimed, Why> {
    let claims = level == LetterLevel::FormalNotice && !late.is_penalty();
    // What was charged by a document of its own is asked for as any other is.
    let penalty = if claims { Some(late.unclaimed(terms, day)?) } else { None };
    Ok(Claimed {
        late: late.clone(),
        interest: penalty.as_ref().map(|it| it.interest).filter(|_| terms.interest),
        indemnity: penalty.as_ref().and_then(|it| it.indemnity),
        periods: penalty.map(|it| it.periods).unwrap_or_default(),
    })
}
