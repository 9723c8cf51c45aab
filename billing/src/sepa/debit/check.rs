//! Whether a bank would take the collections of a file, and into which batches they go.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{ToSpan, civil::Date};

use super::{Amendment, Collection, DebitBatch, DirectDebits};
use crate::sepa::account::written_name;
use crate::sepa::calendar::{business_day_after, is_business_day, next_business_day, notice_ends};
use crate::sepa::fault::Notes;
use crate::sepa::remittance::check_amount;
use crate::sepa::text::{MAX_IDENTIFIER, check_identifier};
use crate::sepa::{
    MAX_MESSAGE_ID, Mandate, MandateUse, Remittance, Scheme, SepaError, SepaFaults, Sequence,
};
use crate::{Currency, Error, Money};

/// A file that can be written.
pub(super) struct Checked<'f> {
    pub(super) file: &'f DirectDebits,
    pub(super) debits: Vec<Debit<'f>>,
    pub(super) batches: Vec<DebitBatch>,
    pub(super) sum: Money,
}

/// A collection that can be written.
pub(super) struct Debit<'f> {
    pub(super) of: &'f Collection,
    pub(super) sequence: Sequence,
    pub(super) remittance: Remittance,
    pub(super) amendment: Option<Amendment>,
}

pub(super) fn check(file: &DirectDebits) -> Result<Checked<'_>, SepaFaults> {
    let mut notes = Notes::default();
    notes.keep("/message_id", check_identifier(&file.message_id, MAX_MESSAGE_ID));
    if file.collections.is_empty() {
        notes.note("/collections", SepaError::Empty);
    }
    let sequences = sequences(file, &mut notes);
    let mut names = BTreeSet::new();
    let debits: Vec<_> = file
        .collections
        .iter()
        .zip(sequences)
        .enumerate()
        .map(|(position, (of, sequence))| {
            let within = format!("/collections/{position}");
            if !names.insert(of.end_to_end.as_str()) {
                notes.note(format_args!("{within}/end_to_end"), SepaError::Duplicate);
            }
            days(file, of, &within, &mut notes);
            debit(file, of, sequence, &within, &mut notes)
        })
        .collect();
    let debits: Option<Vec<_>> = debits.into_iter().collect();
    let summed = debits.map(|debits| {
        let batches = batches(file, &debits)?;
        let sum = Money::sum(Currency::EUR, batches.iter().map(|batch| batch.sum))?;
        Ok(Checked { file, debits, batches, sum })
    });
    let summed = summed.transpose().map_err(|error: Error| error.into());
    let checked = notes.keep("/collections", summed).flatten();
    notes.finish(checked)
}

/// What each collection is for its mandate: in the order of their days, since one mandate may be
/// collected several times by one file.
fn sequences(file: &DirectDebits, notes: &mut Notes) -> Vec<Option<Sequence>> {
    let mut order: Vec<_> = file.collections.iter().enumerate().collect();
    order.sort_by_key(|(position, of)| (of.collect_on, *position));
    let mut known: BTreeMap<String, (&Mandate, MandateUse)> = BTreeMap::new();
    let mut found = vec![None; file.collections.len()];
    for (position, of) in order {
        let within = format!("/collections/{position}/mandate");
        let (mandate, used) =
            known.entry(of.mandate.reference().folded()).or_insert((&of.mandate, of.used));
        if **mandate != of.mandate {
            notes.note(format_args!("{within}/reference"), SepaError::OtherMandate);
            continue;
        }
        let next = of.mandate.sequence(*used, of.collect_on, of.is_last, file.mark_first);
        let Some(sequence) = notes.keep(within, next) else { continue };
        used.last_collected_on = Some(of.collect_on);
        used.is_spent = matches!(sequence, Sequence::OneOff | Sequence::Final);
        if let Some(slot) = found.get_mut(position) {
            *slot = Some(sequence);
        }
    }
    found
}

/// Whether bank and debtor are told in time, and the bank not too early.
fn days(file: &DirectDebits, of: &Collection, within: &str, notes: &mut Notes) {
    let (sent_on, day) = (file.created_at.date(), of.collect_on);
    let checks = [open(day), in_time(file, day), noticed(file, of)];
    // One of them is enough to find another day by.
    for check in checks {
        if notes.keep(format_args!("{within}/collect_on"), check).is_none() {
            break;
        }
    }
    let signed_on = of.mandate.signed_on();
    if signed_on > sent_on {
        notes
            .note(format_args!("{within}/mandate/signed_on"), SepaError::SignedLater { signed_on });
    }
}

fn open(day: Date) -> Result<(), SepaError> {
    if is_business_day(day) {
        return Ok(());
    }
    Err(SepaError::NotABusinessDay { next: next_business_day(day)? })
}

fn in_time(file: &DirectDebits, day: Date) -> Result<(), SepaError> {
    let sent_on = file.created_at.date();
    let earliest = business_day_after(sent_on)?;
    if day < earliest {
        return Err(SepaError::TooSoon { earliest });
    }
    let latest = sent_on.checked_add(i64::from(file.days_ahead).days()).map_err(Error::from)?;
    if day > latest { Err(SepaError::TooFar { latest }) } else { Ok(()) }
}

fn noticed(file: &DirectDebits, of: &Collection) -> Result<(), SepaError> {
    let earliest = next_business_day(notice_ends(of.notified_on, file.notice_days)?)?;
    if of.collect_on < earliest { Err(SepaError::Notice { earliest }) } else { Ok(()) }
}

fn debit<'f>(
    file: &DirectDebits,
    of: &'f Collection,
    sequence: Option<Sequence>,
    within: &str,
    notes: &mut Notes,
) -> Option<Debit<'f>> {
    let name = check_identifier(&of.end_to_end, MAX_IDENTIFIER);
    let name = notes.keep(format_args!("{within}/end_to_end"), name);
    let amount = notes.keep(format_args!("{within}/amount"), check_amount(of.amount));
    let remittance = notes.keep(format_args!("{within}/remittance"), of.remittance.written());
    let amendment = of.amendment.as_ref().map(|it| amendment(file, of, it)).transpose();
    let amendment = notes.keep(format_args!("{within}/amendment"), amendment);
    name.and(amount)?;
    Some(Debit { of, sequence: sequence?, remittance: remittance?, amendment: amendment? })
}

/// What the mandate said before, which must be something else.
fn amendment(
    file: &DirectDebits,
    of: &Collection,
    before: &Amendment,
) -> Result<Amendment, SepaError> {
    let Amendment { reference, creditor_id, creditor_name, account } = before;
    let creditor_name = creditor_name.as_deref().map(written_name).transpose()?;
    let says_nothing =
        reference.is_none() && creditor_id.is_none() && creditor_name.is_none() && !account;
    let same = reference.as_ref() == Some(of.mandate.reference())
        || creditor_id.as_ref() == Some(&file.creditor.id)
        || creditor_name.as_deref() == Some(file.creditor.holder.name());
    if says_nothing || same {
        return Err(SepaError::NoChange);
    }
    Ok(Amendment { creditor_name, ..before.clone() })
}

fn batches(file: &DirectDebits, debits: &[Debit<'_>]) -> Result<Vec<DebitBatch>, Error> {
    let mut groups: BTreeMap<(Date, Scheme, Sequence), Vec<usize>> = BTreeMap::new();
    for (position, Debit { of, sequence, .. }) in debits.iter().enumerate() {
        let key = (of.collect_on, of.mandate.scheme(), *sequence);
        groups.entry(key).or_default().push(position);
    }
    let numbered = groups.into_iter().zip(1_usize..);
    numbered
        .map(|(((collect_on, scheme, sequence), positions), number)| {
            let amounts = positions.iter().filter_map(|at| debits.get(*at)).map(|it| it.of.amount);
            let sum = Money::sum(Currency::EUR, amounts)?;
            let id = format!("{}-{number}", file.message_id);
            Ok(DebitBatch { id, collect_on, scheme, sequence, positions, sum })
        })
        .collect()
}
