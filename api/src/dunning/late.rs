//! A document that is not paid, as it stands on a day.

use jiff::civil::Date;
use palier_billing::dunning::{DunningError, DunningStep, INDEMNITY, LateInvoice, Penalty};
use palier_billing::{Days, Money};

use super::settings::Terms;
use crate::day::Day;
use crate::db::dunning::{self, LetterLevel, PauseRow};
use crate::db::invoices::InvoiceRow;
use crate::db::penalties::{self, PenaltyRow};
use crate::db::{Db, DbError, collections, suspensions};
use crate::id::{LetterId, MemberId, PoleId};
use crate::invoicing::settings::PENALTIES;

/// A document that asks for money, with what became of it until the end of a day.
#[derive(Clone, Debug)]
pub(crate) struct Late {
    pub(crate) row: InvoiceRow,
    /// What of it is not settled.
    pub(crate) open: Money,
    /// The gravest letter that went out about it, and when.
    pub(crate) last: Option<(LetterLevel, Day)>,
    pub(crate) pause: Option<PauseRow>,
    /// Whether it is being collected: nobody is written to meanwhile.
    pub(crate) being_collected: bool,
    /// What of its delay was charged, in the order of its days.
    pub(crate) charged: Vec<PenaltyRow>,
    /// The formal notice about it, and from which day on that announced that services are suspended.
    pub(crate) notice: Option<(LetterId, Option<Day>)>,
    /// Whether somebody lifted a suspension that was for it: none begins by itself again.
    let_off: bool,
    settled: Vec<(Date, Money)>,
}

/// Documents that are late on a day, in the order in which they were made, those behind a place.
pub(crate) fn late(
    conn: &mut Db,
    pole: &PoleId,
    member: Option<&MemberId>,
    as_of: &Day,
    page: (Option<&str>, i64),
) -> Result<Vec<Late>, DbError> {
    let rows = dunning::late(conn, pole, member, as_of, page)?;
    read(conn, pole, rows, as_of)
}

/// A document as it stands on a day, late or not.
pub(crate) fn of_document(
    conn: &mut Db,
    pole: &PoleId,
    row: InvoiceRow,
    as_of: &Day,
) -> Result<Option<Late>, DbError> {
    Ok(read(conn, pole, vec![row], as_of)?.pop())
}

/// Documents as they stand on a day, late or not.
pub(super) fn read(
    conn: &mut Db,
    pole: &PoleId,
    rows: Vec<InvoiceRow>,
    as_of: &Day,
) -> Result<Vec<Late>, DbError> {
    let ids: Vec<_> = rows.iter().map(|row| row.invoice_id.clone()).collect();
    let mut settled = dunning::settled(conn, pole, &ids, as_of)?;
    let mut sent = dunning::sent(conn, pole, &ids, as_of)?;
    let mut pauses = dunning::pauses(conn, pole, &ids)?;
    let moving = collections::on_the_way(conn, pole, &ids)?;
    let mut charged = penalties::of_documents(conn, pole, &ids)?;
    let mut noticed = suspensions::announced(conn, pole, &ids, as_of)?;
    let let_off = suspensions::let_off(conn, pole, &ids)?;
    let late = rows.into_iter().map(|row| {
        let (id, currency) = (&row.invoice_id, row.currency());
        let settled = settled.remove(id).unwrap_or_default();
        let sum = settled.iter().fold(0_i64, |sum, (_, minor)| sum.saturating_add(*minor));
        let money = |(day, minor): (Day, i64)| (day.date(), Money::from_minor(minor, currency));
        Late {
            open: Money::from_minor(row.gross_minor.saturating_sub(sum), currency),
            last: sent.remove(id).unwrap_or_default().into_iter().max(),
            pause: pauses.remove(id),
            being_collected: moving.contains(id),
            charged: charged.remove(id).unwrap_or_default(),
            notice: noticed.remove(id),
            let_off: let_off.contains(id),
            settled: settled.into_iter().map(money).collect(),
            row,
        }
    });
    Ok(late.collect())
}

impl Late {
    /// The number on it.
    pub(crate) fn number(&self) -> &str {
        self.row.number.as_deref().unwrap_or_default()
    }

    /// The day by which it was to be paid.
    pub(crate) fn due_on(&self) -> Date {
        self.row.due_on.as_ref().map_or(Date::MAX, Day::date)
    }

    /// What it came to.
    pub(crate) fn total(&self) -> Money {
        Money::from_minor(self.row.gross_minor, self.row.currency())
    }

    /// How many days after its due date a day is; none before.
    pub(crate) fn days_late(&self, as_of: &Day) -> i64 {
        Days::new(self.due_on(), as_of.date()).map_or(0, Days::count)
    }

    /// The letter that comes next, and from which day on.
    pub(crate) fn next(&self, terms: &Terms) -> Option<DunningStep> {
        let last = self.last.as_ref().map(|(level, day)| ((*level).into(), day.date()));
        terms.schedule.next(self.due_on(), last)
    }

    /// The letter that is due on a day: not while it is left alone, nor while it is being collected.
    pub(crate) fn due(&self, terms: &Terms, day: &Day) -> Option<LetterLevel> {
        if self.is_paused(day) || self.being_collected {
            return None;
        }
        self.next(terms).filter(|step| step.on <= day.date()).map(|step| step.level.into())
    }

    /// Whether it is left alone on a day.
    pub(crate) fn is_paused(&self, day: &Day) -> bool {
        let paused = self.pause.as_ref();
        paused.is_some_and(|pause| pause.last_day.as_ref().is_none_or(|last| day <= last))
    }

    /// From which day on it suspends services by itself: the one that its formal notice announced. Where
    /// money for it went back since, there are as many days again from then on.
    pub(crate) fn suspends_on(&self, terms: &Terms) -> Option<Day> {
        let rule = terms.suspension.as_ref()?;
        let (_, announced) = self.notice.as_ref()?;
        let announced = announced.clone().filter(|_| !self.let_off)?;
        let went_back = self.settled.iter().filter(|(_, amount)| amount.minor() < 0);
        let again = went_back.map(|(day, _)| rule.day_after(&Day::from(*day))).max();
        again.into_iter().chain([announced]).max()
    }

    /// Whether it charges for the delay of another, and so bears no penalty itself.
    pub(crate) fn is_penalty(&self) -> bool {
        self.row.series.as_deref() == Some(PENALTIES)
    }

    /// What is due for the delay up to and with a day.
    pub(crate) fn penalty(&self, terms: &Terms, until: &Day) -> Result<Penalty, DunningError> {
        self.penalty_from(self.due_on(), terms, until)
    }

    /// What of that the pole claims by its settings, and has not charged by a document of its own.
    pub(crate) fn unclaimed(&self, terms: &Terms, until: &Day) -> Result<Penalty, DunningError> {
        let from = self.charged.last().map_or_else(|| self.due_on(), |row| row.last_day.date());
        // Who claims no interest needs no rates.
        let (interest, periods) = if terms.interest {
            let due = self.penalty_from(from, terms, until)?;
            (due.interest, due.periods)
        } else {
            (Money::zero(self.row.currency()), Vec::new())
        };
        let before = self.charged.iter().any(|row| row.indemnity_minor > 0);
        let claimed = terms.indemnity && !before && self.was_late(until);
        Ok(Penalty { interest, indemnity: Some(INDEMNITY).filter(|_| claimed), periods })
    }

    /// Whether it was open on any day behind its due date, up to and with a day.
    fn was_late(&self, until: &Day) -> bool {
        let due_on = self.due_on();
        let in_time = self.settled.iter().filter(|(day, _)| *day <= due_on);
        let paid = in_time.map(|(_, amount)| amount.minor()).fold(0_i64, i64::saturating_add);
        until.date() > due_on && paid < self.row.gross_minor && !self.is_penalty()
    }

    /// What is due for the days behind one on which nothing was late yet, or all is charged.
    fn penalty_from(
        &self,
        due_on: Date,
        terms: &Terms,
        until: &Day,
    ) -> Result<Penalty, DunningError> {
        let invoice = LateInvoice {
            total: self.total(),
            due_on,
            settled: self.settled.clone(),
            // Members are companies and associations, which the pole bills as such. No interest runs
            // on interest (code civil, 1343-2).
            between_professionals: !self.is_penalty(),
        };
        invoice.penalty(terms.rate, &terms.rates, until.date())
    }
}
