//! How the documents of a pole look.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::documents::{Colour, Look, LookError};
use crate::problem::Fault;
use crate::say;

/// The least contrast against white paper, times 100: what WCAG 2.2 asks for at level AA.
const CONTRAST: u32 = 450;

/// How documents look on paper.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LookInput {
    /// The colour of titles and grounds, dark enough to be read on white and to carry white text: a
    /// contrast of 4.5 and more (WCAG 2.2).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^#[0-9A-Fa-f]{6}$", example = "#1d4e6f", nullable = false)]
    accent: Option<String>,
    /// The logo: a PNG in Base64 (RFC 4648) of at most 48 KiB, and at most 1200 pixels wide and high.
    /// It is drawn up to 58 mm wide and 20 mm high.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(
        pattern = "^[A-Za-z0-9+/]+={0,2}$",
        min_length = 4,
        max_length = 65536,
        example = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGOQ9csHAAFmANvKwbWXAAAAAElFTkSuQmCC",
        nullable = false
    )]
    logo: Option<String>,
}

impl LookInput {
    pub(super) fn check(&self, faults: &mut Vec<Fault>) {
        let accent = self.accent.as_deref().and_then(Colour::parse);
        if accent.is_some_and(|accent| accent.contrast_percent() < CONTRAST) {
            let detail = say!(
                en "This colour is too light to be read on white paper: its contrast is below 4.5.",
                fr "Cette couleur est trop claire pour être lue sur papier blanc : son contraste est inférieur à 4,5."
            );
            faults.push(Fault::body("/documents/accent", "contrast", detail));
        }
        let Some(logo) = &self.logo else { return };
        if let Err((code, detail)) = check_logo(logo) {
            faults.push(Fault::body("/documents/logo", code, detail));
        }
    }
}

fn check_logo(logo: &str) -> Result<(), (&'static str, crate::text::Text)> {
    let most = Look::MAX_BYTES;
    let png = STANDARD.decode(logo).map_err(|_| {
        ("base64", say!(en "Expected a file in Base64.", fr "Attendu : un fichier en Base64."))
    })?;
    if png.len() > most {
        let detail = say!(
            en "A logo has at most {most} bytes.",
            fr "Un logo compte au plus {most} octets."
        );
        return Err(("too_long", detail));
    }
    Look::check_logo(png).map_err(|error| {
        let most = Look::MAX_PIXELS;
        match error {
            LookError::NotPng => ("png", say!(en "Expected a PNG.", fr "Attendu : une image PNG.")),
            LookError::TooLarge => (
                "too_large",
                say!(
                    en "A logo is at most {most} pixels wide and high.",
                    fr "Un logo fait au plus {most} pixels de large et de haut."
                ),
            ),
        }
    })
}
