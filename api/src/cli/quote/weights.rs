//! The weights by which a cost may be shared.

use std::{collections::BTreeMap, path::Path};

use palier_billing::{Allocation, ChargeKind, Quantity, Tariff};

use super::records::Records;
use crate::cli::failure::{Failure, quoted};
use crate::quote::words::listed;

/// A weight for each member that has one.
pub(super) type Weights = BTreeMap<String, Quantity>;

/// Reads weights as they are given: `tpe=1,pme=3`, or the name of a file.
pub(super) fn read(given: &str) -> Result<Weights, Failure> {
    if given.contains('=') { inline(given) } else { from_file(Path::new(given)) }
}

fn inline(given: &str) -> Result<Weights, Failure> {
    let mut weights = Weights::new();
    for pair in given.split(',') {
        let fault = |expected: &str, found: &str| {
            Failure::input(format!("--weights: expected {expected}, found {found}"))
        };
        let (member, weight) =
            pair.split_once('=').ok_or_else(|| fault("member=weight", &quoted(pair)))?;
        let (member, weight) = (member.trim(), weight.trim());
        if member.is_empty() {
            return Err(fault("member=weight", &quoted(pair)));
        }
        let expected = format!("a weight of at least 0 for {member}");
        let weight = weight
            .parse()
            .ok()
            .filter(|&weight| weight >= Quantity::ZERO)
            .ok_or_else(|| fault(&expected, &quoted(weight)))?;
        if weights.insert(member.to_owned(), weight).is_some() {
            return Err(fault("each member once", &format!("{} twice", quoted(member))));
        }
    }
    Ok(weights)
}

fn from_file(path: &Path) -> Result<Weights, Failure> {
    let mut records = Records::open(path, &["member", "weight"])?;
    records.require(&["member", "weight"])?;
    let mut weights = Weights::new();
    while let Some(record) = records.read()? {
        let member = record.text("member")?;
        let weight = record.quantity("weight")?;
        if weights.insert(member.to_owned(), weight).is_some() {
            let found = format!("{} again", quoted(member));
            return Err(record.place("member").fault("each member once", found));
        }
    }
    Ok(weights)
}

/// Insists on a weight for every member, if any cost is shared by weight: to assume one would be
/// to set a price.
pub(super) fn check<'m>(
    weights: &Weights,
    tariff: &Tariff,
    members: impl Iterator<Item = &'m String>,
) -> Result<(), Failure> {
    let weighted = tariff.charges().iter().any(|charge| {
        matches!(&charge.kind, ChargeKind::SharedCost(cost) if cost.allocation == Allocation::Weighted)
    });
    let without: Vec<_> = members.filter(|member| !weights.contains_key(*member)).collect();
    if !weighted || without.is_empty() {
        return Ok(());
    }
    let members = listed(without);
    Err(Failure::input(format!(
        "--weights: expected a weight for {members}, found none: a cost is shared by weight"
    )))
}
