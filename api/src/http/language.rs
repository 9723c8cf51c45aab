//! Which language a caller reads.

use actix_web::HttpRequest;
use actix_web::http::header::{ACCEPT_LANGUAGE, HeaderMap};

use crate::text::Language;

/// The best of `Accept-Language` (RFC 9110) that Palier speaks; English if it asks for neither.
pub(crate) fn language_of(request: &HttpRequest) -> Language {
    of_headers(request.headers())
}

fn of_headers(headers: &HeaderMap) -> Language {
    let asked = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let mut best = (0, Language::En);
    for range in asked.unwrap_or_default().split(',') {
        let (tag, weight) = range.split_once(';').unwrap_or((range, ""));
        let language = match tag.trim().split('-').next().map(str::to_ascii_lowercase).as_deref() {
            Some("fr") => Language::Fr,
            Some("en") => Language::En,
            _ => continue,
        };
        let weight = thousandths(weight.trim());
        if weight > best.0 {
            best = (weight, language);
        }
    }
    best.1
}

/// The weight of a language range, `q=0.8`, in thousandths; without one it is whole.
fn thousandths(weight: &str) -> u32 {
    let Some(digits) = weight.strip_prefix("q=") else { return 1000 };
    let (whole, rest) = digits.split_once('.').unwrap_or((digits, ""));
    if whole == "1" {
        return 1000;
    }
    let rest: String = rest.chars().chain("000".chars()).take(3).collect();
    rest.parse().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::HeaderValue;

    #[test]
    fn the_heaviest_language_we_speak_wins() {
        for (asked, expected) in [
            ("fr", Language::Fr),
            ("fr-CA, en;q=0.9", Language::Fr),
            ("en;q=0.5, fr;q=0.8", Language::Fr),
            ("de, en;q=0.7, fr;q=0.3", Language::En),
            ("fr;q=0", Language::En),
            ("de", Language::En),
            ("", Language::En),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static(asked));
            assert_eq!(of_headers(&headers), expected, "{asked}");
        }
    }
}
