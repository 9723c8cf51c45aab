//! Splitting amounts so that the parts sum to the whole, to the cent.

use num_bigint::BigUint;

use crate::{Error, Money, decimal::narrow};

/// Splits an amount by weights so that the parts sum to it to the cent (largest remainder).
///
/// Cents left over by rounding down go to the largest remainders; among equal ones to the first,
/// so the caller's order is the tie-break.
///
/// # Errors
/// [`Error::BadWeights`] if a weight is negative or all are zero while there is something to split.
///
/// ```
/// # use palier_billing::{Currency, Money, allocate};
/// let parts = allocate(Money::from_minor(100_00, Currency::EUR), &[1, 1, 1])?;
/// assert_eq!(parts.iter().map(Money::to_string).collect::<Vec<_>>(), ["33.34", "33.33", "33.33"]);
/// # Ok::<_, palier_billing::Error>(())
/// ```
pub fn allocate(amount: Money, weights: &[i64]) -> Result<Vec<Money>, Error> {
    let magnitude = BigUint::from(amount.minor().unsigned_abs());
    let shares = weights
        .iter()
        .map(|&weight| u64::try_from(weight).map(|weight| &magnitude * weight))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| Error::BadWeights { why: "one is negative".into() })?;
    let whole: BigUint = weights.iter().filter_map(|&weight| u64::try_from(weight).ok()).sum();
    let parts = largest_remainder(amount.minor().unsigned_abs(), &shares, &whole)?;
    parts
        .into_iter()
        .map(|part| {
            let part = i128::from(part);
            let signed = if amount.minor() < 0 { part.saturating_neg() } else { part };
            Ok(Money::from_minor(narrow(signed, "amount")?, amount.currency()))
        })
        .collect()
}

/// Rounds exact shares `share / denominator` to whole numbers that sum to `total`.
///
/// The shares must sum to within one of `total`; every one becomes its floor or its floor plus one.
pub(crate) fn largest_remainder(
    total: u64,
    shares: &[BigUint],
    denominator: &BigUint,
) -> Result<Vec<u64>, Error> {
    let overflow = Error::overflow("share");
    if denominator == &BigUint::ZERO {
        if total == 0 {
            return Ok(vec![0; shares.len()]);
        }
        return Err(Error::BadWeights { why: "all are zero".into() });
    }
    let mut parts = Vec::with_capacity(shares.len());
    let mut remainders = Vec::with_capacity(shares.len());
    let mut given: u64 = 0;
    for (position, share) in shares.iter().enumerate() {
        let floor = share / denominator;
        remainders.push((share - &floor * denominator, position));
        let part = u64::try_from(&floor).map_err(|_| overflow())?;
        given = given.checked_add(part).ok_or_else(overflow)?;
        parts.push(part);
    }
    let left =
        usize::try_from(total.checked_sub(given).ok_or_else(overflow)?).map_err(|_| overflow())?;
    remainders.sort_by(|(a, at), (b, bt)| b.cmp(a).then(at.cmp(bt)));
    for &(_, position) in remainders.iter().take(left) {
        if let Some(part) = parts.get_mut(position) {
            *part = part.checked_add(1).ok_or_else(overflow)?;
        }
    }
    Ok(parts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Currency;

    fn eur(text: &str) -> Money {
        Money::parse(text, Currency::EUR).unwrap()
    }

    #[test]
    fn allocation_follows_the_worked_examples() {
        let split = |amount: &str, weights: &[i64]| -> Vec<String> {
            allocate(eur(amount), weights).unwrap().iter().map(Money::to_string).collect()
        };
        assert_eq!(split("99.99", &[10, 30, 60]), ["10.00", "30.00", "59.99"]);
        assert_eq!(split("-100", &[1, 1, 1]), ["-33.34", "-33.33", "-33.33"]);
        assert_eq!(split("0", &[0, 0]), ["0.00", "0.00"]);
        assert!(allocate(eur("1"), &[0, 0]).is_err());
        assert!(allocate(eur("1"), &[2, -1]).is_err());
        assert_eq!(allocate(eur("0"), &[]).unwrap(), []);
    }
}
