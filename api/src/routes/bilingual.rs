//! Texts in the pole's two languages, as those write them who offer something.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A line in French and in English.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BilingualLine {
    /// In French.
    #[schema(max_length = 200, format = "line", example = "Calcul intensif")]
    pub(crate) fr: String,
    /// In English; the French stands in for it where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(
        max_length = 200,
        format = "line",
        example = "High-performance computing",
        nullable = false
    )]
    pub(crate) en: Option<String>,
}

/// A text in French and in English. It is plain text: line breaks count, markup does not.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct BilingualText {
    /// In French.
    #[schema(max_length = 10000, format = "text", example = "Des cœurs de calcul à l’heure.")]
    pub(crate) fr: String,
    /// In English; the French stands in for it where it is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(
        max_length = 10000,
        format = "text",
        example = "Computing cores by the hour.",
        nullable = false
    )]
    pub(crate) en: Option<String>,
}

/// The two columns of a text, if there is one.
macro_rules! columns {
    ($name:ident) => {
        impl $name {
            /// From its columns.
            pub(crate) fn from_columns(fr: Option<String>, en: Option<String>) -> Option<Self> {
                fr.map(|fr| Self { fr, en })
            }

            /// Its columns.
            pub(crate) fn columns(text: Option<Self>) -> (Option<String>, Option<String>) {
                text.map_or((None, None), |text| (Some(text.fr), text.en))
            }
        }
    };
}

columns!(BilingualLine);
columns!(BilingualText);
