//! Which postings of a year settle each other: *lettrage*.
//!
//! A document and what settles it share a letter once they come to nothing; and so do what stood to a
//! member's credit and what used it up. Only postings of one year are lettered with each other, so that
//! the file of a year that is over says the same for ever, and each letter in it adds up.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use palier_billing::ledger::{Entry, Letter, Lettering, Posting, Side};

use crate::clock::Time;
use crate::db::invoices::short;
use crate::db::payments::{self, Settled};
use crate::db::{Db, DbError, journal::EntryRow};
use crate::id::{InvoiceId, PoleId};

/// An entry with the row it was read from.
pub(super) type Booked = (EntryRow, Entry);

/// The letters of each entry's postings, by its place.
pub(super) type Letters = HashMap<usize, Vec<Option<Lettering>>>;

/// A posting: the place of its entry, and its own within that.
type Place = (usize, usize);

/// Postings that come to nothing together.
struct Group {
    places: Vec<Place>,
    /// When the last of them was recorded; letters are given in this order, so that those given stay
    /// as they are when others follow.
    recorded_at: Time,
    /// The day of the latest of them.
    on: Date,
}

/// Letters the entries of a year.
pub(super) fn letters(
    conn: &mut Db,
    pole: &PoleId,
    year: i32,
    entries: &[Booked],
) -> Result<Letters, DbError> {
    let numbers = short::standings(conn, pole, None)?.into_iter();
    let numbers: HashMap<_, _> =
        numbers.filter_map(|row| Some((row.invoice_id, row.number?))).collect();
    let mut settled: HashMap<(String, i64), Vec<Settled>> = HashMap::new();
    for it in payments::settling(conn, pole, year)? {
        settled.entry((it.journal.clone(), it.seq)).or_default().push(it);
    }
    let mut documents: BTreeMap<InvoiceId, Vec<Place>> = BTreeMap::new();
    let mut credits: BTreeMap<String, Vec<Place>> = BTreeMap::new();
    for (at, (row, entry)) in entries.iter().enumerate() {
        let parts = settled.remove(&(row.journal.clone(), row.seq)).unwrap_or_default();
        for (nth, posting) in entry.postings().iter().enumerate() {
            let Some(company) = posting.auxiliary() else { continue };
            let settles = parts.iter().find(|part| settles(part, &numbers, entry, posting));
            let document = row.invoice_id.as_ref().or(settles.map(|part| &part.invoice_id));
            match document {
                Some(document) => documents.entry(document.clone()).or_default().push((at, nth)),
                None => credits.entry(company.code().to_owned()).or_default().push((at, nth)),
            }
        }
    }
    let whole = documents.into_values().filter(|places| balance(entries, places) == 0);
    let used = credits.into_values().flat_map(|places| used_up(entries, places));
    let mut groups: Vec<_> = whole.chain(used).filter_map(|it| group(entries, it)).collect();
    groups.sort_by(|one, other| {
        (one.recorded_at, &one.places).cmp(&(other.recorded_at, &other.places))
    });
    Ok(give(entries, &groups))
}

/// Whether a posting is the one by which an entry settles a part of a document: it says which.
fn settles(
    part: &Settled,
    numbers: &HashMap<InvoiceId, String>,
    entry: &Entry,
    posting: &Posting,
) -> bool {
    let Some(number) = numbers.get(&part.invoice_id) else { return false };
    let credited = signed(posting).checked_neg() == Some(part.amount_minor.into());
    let said = posting.label().strip_prefix(entry.heading().label());
    credited && said.is_some_and(|rest| rest.trim() == number)
}

/// Above zero on the debit side.
fn signed(posting: &Posting) -> i128 {
    let minor = i128::from(posting.amount().minor());
    if posting.side() == Side::Debit { minor } else { minor.saturating_neg() }
}

fn posting(entries: &[Booked], (at, nth): Place) -> Option<&Posting> {
    entries.get(at)?.1.postings().get(nth)
}

fn balance(entries: &[Booked], places: &[Place]) -> i128 {
    let postings = places.iter().filter_map(|place| posting(entries, *place));
    postings.map(signed).fold(0, i128::saturating_add)
}

/// What stood to a member's credit, cut wherever all of it was used up; what is left has no letter.
fn used_up(entries: &[Booked], mut places: Vec<Place>) -> Vec<Vec<Place>> {
    places.sort_by_key(|place| (entries.get(place.0).map(|(row, _)| row.recorded_at), *place));
    let (mut groups, mut open, mut standing) = (Vec::new(), Vec::new(), 0_i128);
    for place in places {
        standing = standing.saturating_add(balance(entries, &[place]));
        open.push(place);
        if standing == 0 {
            groups.push(std::mem::take(&mut open));
        }
    }
    groups
}

fn group(entries: &[Booked], mut places: Vec<Place>) -> Option<Group> {
    places.sort_unstable();
    let rows = places.iter().filter_map(|(at, _)| entries.get(*at)).map(|(row, _)| row);
    let recorded_at = rows.clone().map(|row| row.recorded_at).max()?;
    let on = rows.map(|row| row.entry_on.date()).max()?;
    Some(Group { places, recorded_at, on })
}

/// Gives each group its letter, but those that cannot have one: of several accounts, since the chart
/// was changed within the year.
fn give(entries: &[Booked], groups: &[Group]) -> Letters {
    let (mut letters, mut letter) = (Letters::new(), Letter::FIRST);
    for group in groups {
        let postings = group.places.iter().filter_map(|place| posting(entries, *place));
        let Ok(lettering) = Lettering::of(letter, group.on, postings) else { continue };
        letter = letter.next();
        for (at, nth) in &group.places {
            let of_entry = letters.entry(*at).or_default();
            if of_entry.len() <= *nth {
                of_entry.resize(nth.saturating_add(1), None);
            }
            if let Some(slot) = of_entry.get_mut(*nth) {
                *slot = Some(lettering);
            }
        }
    }
    letters
}
