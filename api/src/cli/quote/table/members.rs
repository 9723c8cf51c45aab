//! One charge, member by member. Columns that would say nothing are left out.

use std::collections::BTreeMap;

use palier_billing::{Currency, Error, Line, LineKind, Quantity, RatedCharge, Rating};

use super::{grid::Grid, reached::price_base};
use crate::quote::words::{grouped, least_places};

/// Who owes what for a charge.
pub(super) fn grid(rating: &Rating<'_>, charge: &RatedCharge<'_>) -> Result<Grid, Error> {
    let mut rows: BTreeMap<&str, Row<'_, '_>> = BTreeMap::new();
    for subscriber in rating.pool().subscribers() {
        rows.entry(&subscriber.member).or_default();
    }
    for line in &charge.lines {
        let row = rows.entry(line.member).or_default();
        if line.metered.is_some() {
            row.usage = Some(line);
        }
        row.lines.push(line);
    }
    let (members, rows): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
    let mut grid = Grid::new("member", members.iter().copied(), "total");
    if charge.charge.source().is_some() {
        quantities(&mut grid, &rows)?;
        prices(&mut grid, &rows, price_base(charge.charge), rating.currency());
        adjustments(&mut grid, &rows, charge)?;
    }
    let currency = rating.currency();
    let amounts = charge.amounts()?;
    let column = members.iter().map(|member| amounts.get(member).copied());
    grid.amounts("amount", column.collect(), currency)?;
    let savings: Vec<_> = rows.iter().map(|row| row.usage?.saving()).collect();
    if savings.iter().any(Option::is_some) {
        grid.amounts("saving", savings, currency)?;
    }
    Ok(grid)
}

/// What one member is billed for a charge.
#[derive(Default)]
struct Row<'r, 'a> {
    /// The line of this period's usage, or share.
    usage: Option<&'r Line<'a>>,
    /// All of them.
    lines: Vec<&'r Line<'a>>,
}

/// What is billed, and what was used where free units make that more.
fn quantities(grid: &mut Grid, rows: &[Row<'_, '_>]) -> Result<(), Error> {
    let lines = || rows.iter().map(|row| row.usage);
    let used =
        |line: &Line<'_>| line.metered.map(|metered| metered.quantity.billable()).transpose();
    let used: Vec<Option<Quantity>> =
        lines().map(|line| line.map_or(Ok(None), used)).collect::<Result<_, _>>()?;
    let billed: Vec<_> = lines().map(|line| Some(line?.quantity)).collect();
    let title = if used == billed {
        "quantity"
    } else {
        let total = sum(&used)?;
        grid.numbers("used", used.into_iter(), Some(total), 0);
        "billed"
    };
    let total = sum(&billed)?;
    grid.numbers(title, billed.into_iter(), Some(total), 0);
    Ok(())
}

fn sum(quantities: &[Option<Quantity>]) -> Result<Quantity, Error> {
    quantities.iter().flatten().copied().try_fold(Quantity::ZERO, Quantity::checked_add)
}

fn prices(grid: &mut Grid, rows: &[Row<'_, '_>], base: u32, currency: Currency) {
    let prices: Vec<_> = rows.iter().map(|row| row.usage?.unit_price).collect();
    if prices.iter().all(Option::is_none) {
        return;
    }
    let title = match base {
        1 => "unit price".to_owned(),
        base => format!("per {}", grouped(base)),
    };
    grid.numbers(&title, prices.into_iter(), None, least_places(currency));
}

/// Whatever stands beside usage, and then usage alone too.
fn adjustments(
    grid: &mut Grid,
    rows: &[Row<'_, '_>],
    charge: &RatedCharge<'_>,
) -> Result<(), Error> {
    const KINDS: [(LineKind, &str); 4] = [
        (LineKind::PriceAdjustment, "adjustment"),
        (LineKind::YearEndAdjustment, "year end"),
        (LineKind::Minimum, "minimum"),
        (LineKind::Maximum, "maximum"),
    ];
    let stands = |(kind, _): &(LineKind, &str)| charge.lines.iter().any(|line| line.kind == *kind);
    let mut beside = KINDS.into_iter().filter(stands).peekable();
    if beside.peek().is_some() {
        let usage = rows.iter().map(|row| Some(row.usage?.amount));
        grid.amounts("usage", usage.collect(), charge.total.currency())?;
    }
    for (kind, title) in beside {
        let amount = |row: &Row<'_, '_>| {
            row.lines.iter().find(|line| line.kind == kind).map(|line| line.amount)
        };
        grid.amounts(title, rows.iter().map(amount).collect(), charge.total.currency())?;
    }
    Ok(())
}
