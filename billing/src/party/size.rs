//! How large a company is.

use super::{PartyError, from_names};
use crate::read::names;

/// Size class of a company (loi 2008-776, art. 51, and décret 2008-1354, art. 3).
///
/// Both criteria, staff and money, count; the figures are those of the whole company, with those
/// it controls.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SizeClass {
    /// Microenterprise, which everyone calls *TPE*: under 10 people, and at most 2 million euros of
    /// turnover or of balance sheet total.
    Micro,
    /// *Petite ou moyenne entreprise*: under 250 people, and at most 50 million of turnover or 43
    /// million of balance sheet total.
    Pme,
    /// *Entreprise de taille intermédiaire*: under 5,000 people, and at most 1.5 billion of
    /// turnover or 2 billion of balance sheet total.
    Eti,
    /// *Grande entreprise*: all others.
    Ge,
}

names!(SizeClass {
    "micro" => Micro,
    "pme" => Pme,
    "eti" => Eti,
    "ge" => Ge,
});
from_names!(SizeClass { Micro, Pme, Eti, Ge });

impl SizeClass {
    /// Reads what spreadsheets say as well: `PME`, `TPE`, `grande entreprise`.
    ///
    /// # Errors
    /// [`PartyError::Empty`], [`PartyError::NotOneOf`].
    pub fn parse_lenient(text: &str) -> Result<Self, PartyError> {
        match text.trim().to_lowercase().as_str() {
            "" => Err(PartyError::Empty),
            "tpe" | "microentreprise" | "micro-entreprise" => Ok(Self::Micro),
            "pme" | "petite ou moyenne entreprise" | "sme" => Ok(Self::Pme),
            "entreprise de taille intermédiaire" => Ok(Self::Eti),
            "grande entreprise" | "grand groupe" => Ok(Self::Ge),
            other => other.parse(),
        }
    }
}
