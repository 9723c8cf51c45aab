//! Sums over charges and periods.

use std::collections::BTreeMap;

use palier_billing::{Currency, Error, Money, Rating};

/// An amount for each member.
pub(crate) type Amounts<'a> = BTreeMap<&'a str, Money>;

/// What every member owes over all periods.
pub(crate) fn by_member<'a>(ratings: &[Rating<'a>]) -> Result<Amounts<'a>, Error> {
    let mut sums = Amounts::new();
    for rating in ratings {
        for (member, amount) in rating.amounts()? {
            add(&mut sums, member, amount)?;
        }
    }
    Ok(sums)
}

/// What every member saves by not being alone, where that can be told.
pub(crate) fn savings<'a>(rating: &Rating<'a>) -> Result<Amounts<'a>, Error> {
    let mut sums = Amounts::new();
    for line in rating.charges().iter().flat_map(|charge| &charge.lines) {
        if let Some(saving) = line.saving() {
            add(&mut sums, line.member, saving)?;
        }
    }
    Ok(sums)
}

/// What every member saves over all periods.
pub(crate) fn savings_by_member<'a>(ratings: &[Rating<'a>]) -> Result<Amounts<'a>, Error> {
    let mut sums = Amounts::new();
    for rating in ratings {
        for (member, saving) in savings(rating)? {
            add(&mut sums, member, saving)?;
        }
    }
    Ok(sums)
}

/// What all members owe over all periods.
pub(crate) fn total(currency: Currency, ratings: &[Rating<'_>]) -> Result<Money, Error> {
    let totals = ratings.iter().map(Rating::total).collect::<Result<Vec<_>, _>>()?;
    Money::sum(currency, totals)
}

fn add<'a>(sums: &mut Amounts<'a>, member: &'a str, amount: Money) -> Result<(), Error> {
    let nothing = Money::zero(amount.currency());
    let sum = sums.entry(member).or_insert(nothing);
    *sum = sum.checked_add(amount)?;
    Ok(())
}
