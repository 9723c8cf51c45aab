//! Mandates: what lets a creditor collect.

use std::{fmt, str::FromStr};

use jiff::{ToSpan, civil::Date};

use super::fault::Notes;
use super::text::{MAX_IDENTIFIER, check_identifier};
use super::{AccountHolder, SepaError, SepaFaults};
use crate::party::{from_names, text_form};
use crate::read::names;
use crate::{Address, Error};

/// The rules under which a mandate is collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    /// For every debtor. It has eight weeks to ask for its money back without a reason, and thirteen
    /// months where it never signed (EPC016-06).
    Core,
    /// Between companies. The debtor's bank has the mandate confirmed before the first collection, and
    /// gives nothing back that was authorised (EPC222-07).
    B2b,
}

names!(Scheme { "CORE" => Core, "B2B" => B2b });
from_names!(Scheme or SepaError { Core, B2b });

/// How often a mandate may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MandateKind {
    /// Until it is revoked, or not used for 36 months.
    Recurrent,
    /// Once.
    OneOff,
}

names!(MandateKind { "recurrent" => Recurrent, "one_off" => OneOff });
from_names!(MandateKind or SepaError { Recurrent, OneOff });

/// Which of a mandate's collections one is (`SeqTp`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sequence {
    /// The first of several.
    First,
    /// One of several. Since November 2016 the first may be called so as well, and banks recommend it.
    Recurring,
    /// The only one.
    OneOff,
    /// The last: nothing can be collected behind it.
    Final,
}

names!(Sequence { "FRST" => First, "RCUR" => Recurring, "OOFF" => OneOff, "FNAL" => Final });

/// A unique mandate reference (*référence unique de mandat*, RUM): up to 35 characters that every bank
/// takes, without spaces. Within one creditor no two differ in capitals alone (EPC130-08, AT-01).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MandateReference(String);

impl MandateReference {
    /// As it is written on the mandate.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What it is compared by.
    pub(super) fn folded(&self) -> String {
        self.0.to_ascii_uppercase()
    }
}

impl FromStr for MandateReference {
    type Err = SepaError;

    /// Takes it as it is.
    ///
    /// # Errors
    /// [`SepaError::Empty`], [`SepaError::Character`], [`SepaError::TooLong`], [`SepaError::Slash`].
    fn from_str(text: &str) -> Result<Self, SepaError> {
        check_identifier(text, MAX_IDENTIFIER).map(|()| Self(text.to_owned()))
    }
}

impl fmt::Display for MandateReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for MandateReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MandateReference({self})")
    }
}

text_form!(MandateReference);

/// A mandate as it is on record, before it is known to be one.
#[derive(Clone, Copy, Debug)]
pub struct MandateForm<'t> {
    /// Its unique reference.
    pub reference: &'t str,
    /// Under which rules.
    pub scheme: Scheme,
    /// Once, or again and again.
    pub kind: MandateKind,
    /// When the debtor signed.
    pub signed_on: Date,
    /// Who signed.
    pub debtor: &'t str,
    /// The account that is debited.
    pub iban: &'t str,
    /// Its bank.
    pub bic: Option<&'t str>,
    /// Where the debtor sits: needed for accounts outside the European Economic Area.
    pub address: Option<&'t Address>,
}

/// What lets a creditor collect from a debtor's account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mandate {
    reference: MandateReference,
    scheme: Scheme,
    kind: MandateKind,
    signed_on: Date,
    debtor: AccountHolder,
}

/// How a mandate was used so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MandateUse {
    /// The day of the last collection that was sent to the bank, whatever became of it.
    pub last_collected_on: Option<Date>,
    /// Whether that was its only or its last.
    pub is_spent: bool,
}

impl Mandate {
    /// How many months a mandate lasts without being used (EPC016-06 and EPC222-07).
    pub const MONTHS_UNUSED: i64 = 36;

    /// Reads what is on record.
    ///
    /// # Errors
    /// All that is wrong, by `/reference` and, of the debtor, `/debtor`, `/iban`, `/bic` and `/address`.
    pub fn new(form: MandateForm<'_>) -> Result<Self, SepaFaults> {
        let mut notes = Notes::default();
        let reference = notes.keep("/reference", form.reference.parse());
        let debtor = AccountHolder::new(form.debtor, form.iban, form.bic, form.address);
        let debtor = debtor.map_err(|mut faults| {
            for fault in faults.0.iter_mut().filter(|it| it.pointer == "/name") {
                "/debtor".clone_into(&mut fault.pointer);
            }
            faults
        });
        let debtor = notes.keep_all("", debtor);
        let MandateForm { scheme, kind, signed_on, .. } = form;
        let read = reference.zip(debtor);
        notes.finish(read.map(|(reference, debtor)| Self {
            reference,
            scheme,
            kind,
            signed_on,
            debtor,
        }))
    }

    /// Its unique reference.
    pub const fn reference(&self) -> &MandateReference {
        &self.reference
    }

    /// The rules it is under.
    pub const fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// How often it may be used.
    pub const fn kind(&self) -> MandateKind {
        self.kind
    }

    /// When it was signed.
    pub const fn signed_on(&self) -> Date {
        self.signed_on
    }

    /// Who signed it.
    pub const fn debtor(&self) -> &AccountHolder {
        &self.debtor
    }

    /// The last day on which it can be used: 36 months after it last was, or else was signed. What was
    /// rejected or came back counts as used.
    ///
    /// # Errors
    /// [`Error::Calendar`] at the end of the calendar.
    pub fn expires_on(&self, used: MandateUse) -> Result<Date, Error> {
        let from = used.last_collected_on.unwrap_or(self.signed_on);
        Ok(from.checked_add(Self::MONTHS_UNUSED.months())?)
    }

    /// Which collection the next is, `collect_on`. `is_last` if none shall follow; `mark_first` where the
    /// creditor's bank wants the first of several called `FRST`.
    ///
    /// # Errors
    /// [`SepaError::Spent`], [`SepaError::Expired`].
    pub fn sequence(
        &self,
        used: MandateUse,
        collect_on: Date,
        is_last: bool,
        mark_first: bool,
    ) -> Result<Sequence, SepaError> {
        let used_before = used.last_collected_on.is_some();
        if used.is_spent || (self.kind == MandateKind::OneOff && used_before) {
            return Err(SepaError::Spent);
        }
        let on = self.expires_on(used)?;
        if collect_on > on {
            return Err(SepaError::Expired { on });
        }
        Ok(match self.kind {
            MandateKind::OneOff => Sequence::OneOff,
            MandateKind::Recurrent if is_last => Sequence::Final,
            MandateKind::Recurrent if mark_first && !used_before => Sequence::First,
            MandateKind::Recurrent => Sequence::Recurring,
        })
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn mandate(kind: MandateKind) -> Mandate {
        let form = MandateForm {
            reference: "RUM-FORGE-1",
            scheme: Scheme::Core,
            kind,
            signed_on: date(2024, 2, 29),
            debtor: "Forge SA",
            iban: "FR1420041010050500013M02606",
            bic: None,
            address: None,
        };
        Mandate::new(form).unwrap()
    }

    fn used_on(day: Date) -> MandateUse {
        MandateUse { last_collected_on: Some(day), is_spent: false }
    }

    #[test]
    fn what_a_collection_is_called_follows_from_what_came_before() {
        let (new, today) = (MandateUse::default(), date(2026, 7, 1));
        let often = mandate(MandateKind::Recurrent);
        let called = |used, last, mark| often.sequence(used, today, last, mark);
        assert_eq!(called(new, false, false), Ok(Sequence::Recurring));
        assert_eq!(called(new, false, true), Ok(Sequence::First));
        assert_eq!(called(used_on(date(2026, 6, 1)), false, true), Ok(Sequence::Recurring));
        assert_eq!(called(used_on(date(2026, 6, 1)), true, true), Ok(Sequence::Final));
        let spent = MandateUse { is_spent: true, ..used_on(date(2026, 6, 1)) };
        assert_eq!(called(spent, false, false), Err(SepaError::Spent));
        let once = mandate(MandateKind::OneOff);
        assert_eq!(once.sequence(new, today, false, true), Ok(Sequence::OneOff));
        let again = once.sequence(used_on(date(2026, 6, 1)), today, false, true);
        assert_eq!(again, Err(SepaError::Spent));
    }

    #[test]
    fn what_is_not_used_for_36_months_has_expired() {
        let mandate = mandate(MandateKind::Recurrent);
        let next = |used, day| mandate.sequence(used, day, false, false);
        let on = date(2027, 2, 28);
        assert_eq!(next(MandateUse::default(), on), Ok(Sequence::Recurring));
        let late = next(MandateUse::default(), date(2027, 3, 1));
        assert_eq!(late, Err(SepaError::Expired { on }));
        assert_eq!(next(used_on(date(2026, 1, 5)), date(2029, 1, 5)), Ok(Sequence::Recurring));
        let on = date(2029, 1, 5);
        let late = next(used_on(date(2026, 1, 5)), date(2029, 1, 8));
        assert_eq!(late, Err(SepaError::Expired { on }));
    }

    #[test]
    fn all_that_is_wrong_with_a_mandate_is_said_at_once() {
        let form = MandateForm {
            reference: "RUM 1",
            scheme: Scheme::B2b,
            kind: MandateKind::OneOff,
            signed_on: date(2026, 1, 1),
            debtor: "",
            iban: "FR",
            bic: Some("?"),
            address: None,
        };
        let faults = Mandate::new(form).unwrap_err();
        let told = "/reference: has ' ' as character 4, which payments cannot carry; /debtor: is empty; \
                    /iban: is no IBAN: its form or its check digits are wrong; \
                    /bic: is no BIC, such as PSSTFRPPPAR";
        assert_eq!(faults.to_string(), told);
    }

    #[test]
    fn names_are_read_back() {
        for scheme in Scheme::ALL {
            assert_eq!(scheme.as_str().parse(), Ok(*scheme));
        }
        assert!("COR1".parse::<Scheme>().is_err());
        assert_eq!("one_off".parse(), Ok(MandateKind::OneOff));
    }
}
