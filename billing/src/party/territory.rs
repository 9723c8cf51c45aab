//! Where a customer is, for VAT.

use super::CountryCode;

/// What a place is for French VAT: services to companies are taxed where the customer sits (CGI,
/// art. 259-1°), and the overseas parts of France each have rules of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VatTerritory {
    /// Mainland France, Corsica, and Monaco, which is France for VAT (convention of 18 May 1963).
    France,
    /// Guadeloupe, Martinique, Réunion: VAT at lower rates (CGI, art. 296).
    OverseasTaxed,
    /// Guyane and Mayotte: no VAT for the time being (CGI, art. 294, 1).
    OverseasUntaxed,
    /// Another Member State of the Union.
    MemberState,
    /// Everywhere else, and the French collectivities outside the Union's VAT area:
    /// Saint-Barthélemy, Saint-Martin, Saint-Pierre-et-Miquelon, Polynesia, New Caledonia,
    /// Wallis-et-Futuna (CGI, art. 294, 2).
    Outside,
}

impl VatTerritory {
    /// The territory of an address. Overseas France has country codes of its own, and is as often
    /// written as France with its postcode; both are understood.
    ///
    /// The corners of other Member States where VAT does not apply (the Canary Islands, Åland,
    /// Livigno and others) count as their States: for services to companies no French VAT is due
    /// either way.
    pub fn of(country: CountryCode, postcode: Option<&str>) -> Self {
        match country.as_str() {
            "FR" => Self::of_french(postcode.unwrap_or_default()),
            "MC" => Self::France,
            "GP" | "MQ" | "RE" => Self::OverseasTaxed,
            "GF" | "YT" => Self::OverseasUntaxed,
            _ if country.is_eu() => Self::MemberState,
            _ => Self::Outside,
        }
    }

    fn of_french(postcode: &str) -> Self {
        // Saint-Barthélemy and Saint-Martin kept the postcodes they had as parts of Guadeloupe.
        if matches!(postcode, "97133" | "97150") {
            return Self::Outside;
        }
        match postcode.get(..3) {
            Some("971" | "972" | "974") => Self::OverseasTaxed,
            Some("973" | "976") => Self::OverseasUntaxed,
            Some("975" | "977" | "978" | "984" | "986" | "987" | "988") => Self::Outside,
            _ => Self::France,
        }
    }
}
