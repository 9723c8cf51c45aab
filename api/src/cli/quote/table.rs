//! The quote as a person reads it: what the pool reached, then who owes what.

use std::{env, io, io::IsTerminal as _};

use palier_billing::{Charge, Error, Money, RatedCharge, Rating, Tariff};

use crate::cli::failure::Failure;
use crate::quote;
use crate::quote::words::{self, month_name};

mod grid;
mod members;
mod reached;

use grid::Grid;

/// What the output may look like.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    /// How many characters fit on a line; none if there is no telling.
    width: Option<u16>,
    bold: bool,
}

impl Style {
    /// That of standard output.
    pub(super) fn detect() -> Self {
        let terminal = io::stdout().is_terminal();
        let set = |name| env::var(name).ok().filter(|value| !value.is_empty());
        let size = terminal_size::terminal_size().filter(|_| terminal);
        let columns = || set("COLUMNS").and_then(|columns| columns.parse().ok());
        Self {
            width: size.map(|(width, _)| width.0).or_else(columns),
            bold: terminal && set("NO_COLOR").is_none() && set("TERM").as_deref() != Some("dumb"),
        }
    }

    fn heading(self, text: &str) -> String {
        if self.bold {
            return format!("\x1b[1m{text}\x1b[0m\n\n");
        }
        format!("{text}\n\n")
    }
}

/// Writes every period, and what they come to.
pub(super) fn write(
    tariff: &Tariff,
    ratings: &[Rating<'_>],
    style: Style,
) -> Result<String, Failure> {
    let mut sections = Vec::new();
    for rating in ratings {
        let period = period(tariff, rating, style);
        sections.extend(period.map_err(Failure::input)?);
    }
    if ratings.len() > 1 {
        let all = all_periods(ratings, style);
        sections.push(all.map_err(Failure::input)?);
    }
    Ok(sections.join("\n\n"))
}

fn period(tariff: &Tariff, rating: &Rating<'_>, style: Style) -> Result<Vec<String>, Error> {
    let month = rating.pool().month().map(month_name);
    let heading = |title: Option<String>| {
        let parts: Vec<_> = month.clone().into_iter().chain(title).collect();
        style.heading(&parts.join(" · "))
    };
    let mut sections = Vec::new();
    for charge in rating.charges() {
        let several = rating.charges().len() > 1;
        let named = several || charge.charge.name.is_some() || month.is_none();
        let mut section = heading(named.then(|| title(charge)));
        let lines = reached::lines(tariff, rating, charge)?;
        section.push_str(&grid::pairs(&lines, style));
        if !several || charge.charge.source().is_some() {
            section.push('\n');
            section.push_str(&members::grid(rating, charge)?.render(style));
        }
        sections.push(section);
    }
    if rating.charges().len() > 1 {
        let title = format!("total, {}", rating.currency().code());
        sections.push(heading(Some(title)) + &total(rating)?.render(style));
    }
    Ok(sections)
}

/// What a charge is called: by its name, or by its place.
pub(super) fn title(charge: &RatedCharge<'_>) -> String {
    let number = charge.position.saturating_add(1);
    charge.charge.name.clone().unwrap_or_else(|| format!("charge {number}"))
}

/// What a charge counts: its meter by name, or just units.
pub(super) fn unit<'t>(tariff: &'t Tariff, charge: &'t Charge) -> &'t str {
    words::unit(tariff, charge).unwrap_or("units")
}

/// All charges of a period side by side.
fn total(rating: &Rating<'_>) -> Result<Grid, Error> {
    let amounts = rating.amounts()?;
    let members: Vec<_> = amounts.keys().copied().collect();
    let mut grid = Grid::new("member", members.iter().copied(), "total");
    for charge in rating.charges() {
        let of_charge = charge.amounts()?;
        let column = members.iter().map(|member| of_charge.get(member).copied());
        grid.amounts(&title(charge), column.collect(), rating.currency())?;
    }
    grid.amounts("total", amounts.into_values().map(Some).collect(), rating.currency())?;
    let savings = quote::savings(rating)?;
    if !savings.is_empty() {
        let column = members.iter().map(|member| savings.get(member).copied());
        grid.amounts("saving", column.collect(), rating.currency())?;
    }
    Ok(grid)
}

/// All periods side by side, as long as there are not too many to compare.
fn all_periods(ratings: &[Rating<'_>], style: Style) -> Result<String, Error> {
    const MOST: usize = 6;
    let sums = quote::by_member(ratings)?;
    let members: Vec<_> = sums.keys().copied().collect();
    let mut grid = Grid::new("member", members.iter().copied(), "total");
    let Some(currency) = ratings.first().map(Rating::currency) else {
        return Ok(String::new());
    };
    for rating in ratings.iter().filter(|_| ratings.len() <= MOST) {
        let month = rating.pool().month().map(|month| month.to_string()).unwrap_or_default();
        let amounts = rating.amounts()?;
        let column = members.iter().map(|member| amounts.get(member).copied());
        grid.amounts(&month, column.collect(), currency)?;
    }
    let column: Vec<Option<Money>> = sums.into_values().map(Some).collect();
    grid.amounts("total", column, currency)?;
    let (months, code) = (ratings.len(), currency.code());
    let heading = style.heading(&format!("{months} months · total, {code}"));
    Ok(heading + &grid.render(style))
}
