//! `palier openapi`: the OpenAPI document.

use clap::Args;

use super::failure::Failure;
use crate::routes;

/// Print the OpenAPI document of the HTTP API
#[derive(Args)]
pub(super) struct OpenApi {}

impl OpenApi {
    #[expect(clippy::unused_self, reason = "as every command")]
    pub(super) fn run(self) -> Result<(), Failure> {
        let document = routes::document().map_err(|error| Failure::Output(error.to_owned()))?;
        let text = serde_json::to_string_pretty(document);
        let text = text.map_err(|error| Failure::Output(error.to_string()))?;
        super::print(&format!("{text}\n"))
    }
}
