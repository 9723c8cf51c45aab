//! What came in for a document, by rate of VAT.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::{Currency, Error, Issued, Money, Percent, VatCategory, VatDue, allocate};

/// Money collected of what bears one rate of VAT, tax included (a block `MEN`: MDT-215, MDT-224).
///
/// Below zero is what is taken back: a direct debit that the customer's bank returned, a refund. So is
/// the part of a rate whose lines come to less than nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Collected {
    /// The rate.
    pub rate_percent: Percent,
    /// The amount.
    pub amount: Money,
}

impl Collected {
    /// What a document comes to by rate, tax included: all that can be collected of an invoice, all that
    /// a credit note gives back.
    ///
    /// # Errors
    /// [`Error::Overflow`].
    pub fn whole(issued: &Issued) -> Result<Vec<Self>, Error> {
        let nothing = Money::zero(issued.document.content().currency);
        let mut rates = BTreeMap::new();
        for of in &issued.document.totals().vat {
            let amount = rates.entry(of.rate_percent).or_insert(nothing);
            *amount = amount.checked_add(of.base)?.checked_add(of.vat)?;
        }
        Ok(rates.into_iter().map(|(rate_percent, amount)| Self { rate_percent, amount }).collect())
    }

    /// What a part of a document comes to by rate, in proportion to [the whole](Self::whole).
    ///
    /// # Errors
    /// [`CollectedError::Figure`].
    pub fn part(issued: &Issued, amount: Money) -> Result<Vec<Self>, CollectedError> {
        let whole = Self::whole(issued)?;
        let amounts = spread(amount, whole.iter().map(|it| Ok(it.amount)))?;
        let rates = whole.iter().map(|it| it.rate_percent);
        Ok(rates.zip(amounts).map(|(rate_percent, amount)| Self { rate_percent, amount }).collect())
    }
}

/// What was collected of one document so far, and how much of each rate is still to come.
///
/// A payment is spread over what each rate still lacks, and what is given back over what each rate has,
/// by [`allocate`]. So no rate ever has more than its lines come to, nor less than nothing, and a document
/// that is paid, in whatever parts, comes to each of its rates to the cent.
///
/// ```
/// # use palier_billing::einvoice::lifecycle::Collection;
/// # use palier_billing::{Currency, Issued, Money};
/// # let issued: Issued = serde_json::from_str(include_str!("../example.json"))?;
/// let mut collection = Collection::of(&issued)?;
/// let paid = collection.collect(Money::from_minor(50_00, Currency::EUR))?;
/// assert_eq!((paid[0].rate_percent.to_string(), paid[0].amount.to_string()), ("20".into(), "50.00".into()));
/// // The bank takes it back.
/// let back = collection.take_back(&paid)?;
/// assert_eq!(back[0].amount.to_string(), "-50.00");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collection {
    currency: Currency,
    due: bool,
    rates: BTreeMap<Percent, Rate>,
}

/// One rate of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Rate {
    /// What its lines come to, tax included.
    total: Money,
    collected: Money,
}

/// Why an amount was not collected of a document.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CollectedError {
    /// Nobody pays what gives back.
    #[error("nothing is collected of a credit note")]
    Credit,
    /// More than the document, or one of its rates, comes to, or less than nothing.
    #[error("{collected} of what comes to {total}")]
    OutOfRange {
        /// What it comes to.
        total: Money,
        /// What would have been collected, or credited.
        collected: Money,
    },
    /// A rate that no line of the document has.
    #[error("the document has no rate of {rate} %")]
    Rate {
        /// The rate.
        rate: Percent,
    },
    /// A figure out of range, or in another currency.
    #[error(transparent)]
    Figure(#[from] Error),
}

impl Collection {
    /// Of a document of which nothing was collected yet.
    ///
    /// # Errors
    /// [`CollectedError::Credit`]; [`CollectedError::Figure`].
    pub fn of(issued: &Issued) -> Result<Self, CollectedError> {
        let content = issued.document.content();
        if content.kind.is_credit() {
            return Err(CollectedError::Credit);
        }
        let (currency, vat) = (content.currency, &issued.document.totals().vat);
        let rate = |Collected { rate_percent, amount }| {
            (rate_percent, Rate { total: amount, collected: Money::zero(currency) })
        };
        let rates = Collected::whole(issued)?.into_iter().map(rate).collect();
        let charged = vat.iter().any(|of| of.category == VatCategory::Standard);
        Ok(Self { currency, due: charged && content.vat_due == VatDue::OnReceipt, rates })
    }

    /// Whether the State must be told what comes in: VAT is charged, and falls due with the money (CGI,
    /// art. 269, 2, c; art. 290 A).
    pub const fn is_due(&self) -> bool {
        self.due
    }

    /// Takes over what was told before, as it was told.
    ///
    /// # Errors
    /// [`CollectedError`]; nothing changes then.
    pub fn told(&mut self, parts: &[Collected]) -> Result<(), CollectedError> {
        let mut next = self.clone();
        next.add(parts)?;
        // Only whole messages have to make sense, not each of their blocks.
        for Rate { total, collected } in next.rates.values().copied() {
            check(total, collected)?;
        }
        *self = next;
        Ok(())
    }

    /// A credit note gives back some of it, rate by rate: so much less is still to come.
    ///
    /// What it gives back of money that is already here goes back first
    /// ([`Self::take_back`] of [`Collected::whole`] of the credit note).
    ///
    /// # Errors
    /// [`CollectedError::OutOfRange`] if it gives back more than a rate still comes to, or leaves a rate
    /// with less than was collected; [`CollectedError::Rate`]; nothing changes then.
    pub fn credited(&mut self, credit: &Issued) -> Result<(), CollectedError> {
        let mut next = self.clone();
        for Collected { rate_percent: rate, amount } in Collected::whole(credit)? {
            let known = next.rates.get_mut(&rate).ok_or(CollectedError::Rate { rate })?;
            let left = known.total.checked_sub(amount)?;
            check(known.total, left)?;
            check(left, known.collected)?;
            known.total = left;
        }
        *self = next;
        Ok(())
    }

    /// An amount that came in; below zero, one that is given back. What each rate has of it, those that
    /// have nothing of it left out.
    ///
    /// # Errors
    /// [`CollectedError::OutOfRange`] if it is more than is still to come, or more is given back than
    /// came in; [`CollectedError::Figure`].
    pub fn collect(&mut self, amount: Money) -> Result<Vec<Collected>, CollectedError> {
        let rates = self.rates.values();
        let (total, before) = (self.sum(|it| it.total)?, self.sum(|it| it.collected)?);
        check(total, before.checked_add(amount)?)?;
        let shares = if amount.minor() < 0 {
            spread(amount, rates.map(|it| Ok(it.collected)))?
        } else {
            spread(amount, rates.map(|it| it.total.checked_sub(it.collected)))?
        };
        let parts = self.rates.keys().zip(shares).filter(|(_, amount)| !amount.is_zero());
        let parts = parts.map(|(&rate_percent, amount)| Collected { rate_percent, amount });
        let parts: Vec<_> = parts.collect();
        self.told(&parts)?;
        Ok(parts)
    }

    /// Takes over what was settled before, as it was told, with what credit notes gave back by then.
    ///
    /// # Errors
    /// [`CollectedError::Rate`], [`CollectedError::Figure`]; nothing changes then.
    pub fn resume(
        &mut self,
        told: &[Collected],
        credited: &[Collected],
    ) -> Result<(), CollectedError> {
        let mut next = self.clone();
        next.lower(credited)?;
        next.add(told)?;
        *self = next;
        Ok(())
    }

    /// What a settlement brings by rate: so much money, below zero if it goes back, and so much of the
    /// document that credit notes settle by giving it back.
    ///
    /// They lower what their rates still come to; what a rate has beyond that moves to the others. A credit
    /// note that pays another document of a document that is not paid takes back what has not come: its
    /// rates stand below nothing until it does.
    ///
    /// # Errors
    /// [`CollectedError`] as of [`Self::collect`]; nothing changes then.
    pub fn settle(
        &mut self,
        money: Money,
        credited: &[Collected],
    ) -> Result<Vec<Collected>, CollectedError> {
        let mut next = self.clone();
        next.lower(credited)?;
        let mut rest = money;
        for Rate { total, collected } in next.rates.values_mut() {
            let is_beyond = if *total < Money::zero(self.currency) {
                *collected < *total
            } else {
                *collected > *total
            };
            if is_beyond {
                rest = rest.checked_add(*collected)?.checked_sub(*total)?;
                *collected = *total;
            }
        }
        let parts = next.spread_rest(rest, credited)?;
        next.add(&parts)?;
        let moved = self.rates.iter().zip(next.rates.values()).map(|((&rate_percent, was), is)| {
            let amount = is.collected.checked_sub(was.collected)?;
            Ok(Collected { rate_percent, amount })
        });
        let moved = moved.collect::<Result<Vec<_>, Error>>()?;
        *self = next;
        Ok(moved.into_iter().filter(|it| !it.amount.is_zero()).collect())
    }

    /// Where money goes, or where it comes from.
    fn spread_rest(
        &self,
        rest: Money,
        credited: &[Collected],
    ) -> Result<Vec<Collected>, CollectedError> {
        let nothing = Money::zero(self.currency);
        let (total, before) = (self.sum(|it| it.total)?, self.sum(|it| it.collected)?);
        let after = before.checked_add(rest)?;
        let rates = self.rates.keys().copied();
        let named = |amounts: Vec<Money>| {
            let parts = rates.clone().zip(amounts);
            parts
                .map(|(rate_percent, amount)| Collected { rate_percent, amount })
                .collect::<Vec<_>>()
        };
        if rest >= nothing {
            if after > total {
                return Err(CollectedError::OutOfRange { total, collected: after });
            }
            let left = self.rates.values().map(|it| it.total.checked_sub(it.collected));
            return Ok(named(spread(rest, left)?));
        }
        if after >= nothing {
            return Ok(named(spread(rest, self.rates.values().map(|it| Ok(it.collected)))?));
        }
        if credited.is_empty() {
            return Err(CollectedError::OutOfRange { total, collected: after });
        }
        // All that came goes back, and what has not come is owed at the rates of what is given back.
        let mut parts = Vec::new();
        for (&rate_percent, it) in &self.rates {
            parts.push(Collected { rate_percent, amount: nothing.checked_sub(it.collected)? });
        }
        let owed = spread(after, credited.iter().map(|it| Ok(it.amount)))?;
        let owed = credited.iter().zip(owed);
        parts.extend(owed.map(|(of, amount)| Collected { amount, ..*of }));
        Ok(parts)
    }

    fn lower(&mut self, credited: &[Collected]) -> Result<(), CollectedError> {
        for part in credited {
            let rate = part.rate_percent;
            let known = self.rates.get_mut(&rate).ok_or(CollectedError::Rate { rate })?;
            known.total = known.total.checked_sub(part.amount)?;
        }
        Ok(())
    }

    fn add(&mut self, parts: &[Collected]) -> Result<(), CollectedError> {
        for part in parts {
            let rate = part.rate_percent;
            let known = self.rates.get_mut(&rate).ok_or(CollectedError::Rate { rate })?;
            known.collected = known.collected.checked_add(part.amount)?;
        }
        Ok(())
    }

    /// Takes back what was told, rate by rate: the payment itself came back.
    ///
    /// # Errors
    /// As [`Self::told`].
    pub fn take_back(&mut self, parts: &[Collected]) -> Result<Vec<Collected>, CollectedError> {
        let turned = |part: &Collected| {
            let amount = Money::zero(part.amount.currency()).checked_sub(part.amount)?;
            Ok(Collected { amount, ..*part })
        };
        let parts = parts.iter().map(turned).collect::<Result<Vec<_>, Error>>()?;
        self.told(&parts)?;
        Ok(parts)
    }

    fn sum(&self, of: impl Fn(&Rate) -> Money) -> Result<Money, Error> {
        Money::sum(self.currency, self.rates.values().map(of))
    }
}

/// Whether so much can have been collected: between nothing and all of it.
fn check(total: Money, collected: Money) -> Result<(), CollectedError> {
    let nothing = Money::zero(total.currency());
    let ends = if total < nothing { total..=nothing } else { nothing..=total };
    if ends.contains(&collected) {
        return Ok(());
    }
    Err(CollectedError::OutOfRange { total, collected })
}

/// Spreads an amount over rates in proportion to what each has left.
///
/// Rates of a negative sum (a discount has a rate of its own) first: they bring more money to spread over
/// the others.
fn spread(
    amount: Money,
    left: impl Iterator<Item = Result<Money, Error>>,
) -> Result<Vec<Money>, CollectedError> {
    let left = left.collect::<Result<Vec<_>, _>>()?;
    let nothing = Money::zero(amount.currency());
    if amount.is_zero() {
        return Ok(vec![nothing; left.len()]);
    }
    let only = |above: bool| {
        left.iter()
            .map(move |it| if (it.minor() > 0) == above { it.minor().saturating_abs() } else { 0 })
    };
    let (others, discounts): (Vec<_>, Vec<_>) = (only(true).collect(), only(false).collect());
    let whole = Money::sum(amount.currency(), left.iter().copied())?;
    let discount = Money::sum(
        amount.currency(),
        discounts.iter().map(|&it| Money::from_minor(it, amount.currency())),
    )?;
    let taken = if whole.is_zero() {
        nothing
    } else {
        discount.fraction(amount.minor(), whole.minor().saturating_abs())?
    };
    let given = allocate(amount.checked_add(taken)?, &others)?;
    let taken = allocate(taken, &discounts)?;
    given.into_iter().zip(taken).map(|(given, taken)| Ok(given.checked_sub(taken)?)).collect()
}
