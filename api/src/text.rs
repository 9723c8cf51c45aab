//! What is said to people, in both languages at once.
//!
//! A sentence is written in one place, in English and in French side by side, so that neither can
//! be forgotten and a reader of the code sees both. Which one is sent is decided last, by the
//! caller's `Accept-Language`.

mod party;
mod pricing;
pub(crate) mod sepa;
mod tariff;
mod xml;

/// The languages Palier speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Language {
    /// English.
    #[default]
    En,
    /// French.
    Fr,
}

impl Language {
    /// Its ISO 639-1 code.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Fr => "fr",
        }
    }
}

/// A sentence in both languages. [`say!`](crate::say) makes one.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[schema(as = Sentence)]
pub(crate) struct Text {
    /// In English.
    pub(crate) en: String,
    /// In French.
    pub(crate) fr: String,
}

impl Text {
    /// The sentence in one language.
    pub(crate) fn in_language(&self, language: Language) -> &str {
        match language {
            Language::En => &self.en,
            Language::Fr => &self.fr,
        }
    }

    /// Goes on in both languages.
    pub(crate) fn push(&mut self, more: &Self) {
        self.en.push_str(&more.en);
        self.fr.push_str(&more.fr);
    }
}

/// Makes a `Text`: `say!(en "{n} members", fr "{n} membres")`.
#[macro_export]
macro_rules! say {
    (en $en:literal, fr $fr:literal $(,)?) => {
        $crate::text::Text { en: format!($en), fr: format!($fr) }
    };
}
