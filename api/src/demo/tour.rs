//! What the demo prints once it is ready.

use super::POLE;
use crate::auth::Role;

/// Where to go first.
pub(crate) struct Tour {
    pub(super) address: String,
    /// The id of the computing service.
    pub(super) compute: String,
    pub(super) tokens: Vec<(Role, String)>,
}

impl std::fmt::Display for Tour {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { address, compute, .. } = self;
        writeln!(f, "A made-up pole of 40 companies and 6 services, on 18 November 2026.\n")?;
        writeln!(f, "Tokens, good for 12 hours:")?;
        for (role, token) in &self.tokens {
            writeln!(f, "  {:<13} {token}", role.as_str())?;
        }
        writeln!(f, "\nWorth opening:")?;
        writeln!(f, "  {address}/docs/  the API's reference")?;
        writeln!(f, "  {address}/v1/poles/{POLE}/catalogue  what everybody sees")?;
        writeln!(f, "\nWorth trying:")?;
        writeln!(f, "  curl {address}/v1/poles/{POLE}/catalogue/compute")?;
        let quote = r#"{"pool":{"members":[{"member":"forge","quantity":"36000"},{"member":"usine","quantity":"24000"}]}}"#;
        writeln!(f, "  curl {address}/v1/poles/{POLE}/services/{compute}/quotes --json '{quote}'")?;
        writeln!(
            f,
            "  curl {address}/v1/poles/{POLE}/members?limit=2 -H \"Authorization: Bearer $TOKEN\"\n"
        )
    }
}
