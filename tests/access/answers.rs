//! What is wrong with an answer.

use palier_tests::Answer;
use serde_json::Value;

use crate::openapi::document::Operation;

/// All of it, where this status was expected.
pub(super) fn flaws(operation: &Operation<'_>, expected: u16, answer: &Answer) -> Vec<String> {
    let got = answer.status;
    if got != expected {
        let said = String::from_utf8_lossy(&answer.bytes);
        let said: String = said.chars().take(300).collect();
        return vec![format!("expected {expected}, got {got} {said}")];
    }
    let mut flaws = Vec::new();
    if !operation.said["responses"][got.to_string()].is_object() {
        flaws.push(format!("the document does not announce {got}"));
    }
    if got == 401 && !answer.header("www-authenticate").starts_with("Bearer") {
        flaws.push("401 without `WWW-Authenticate: Bearer`".to_owned());
    }
    if got >= 400 && !is_problem(answer) {
        flaws
            .push(format!("{got} is no whole problem: {}", String::from_utf8_lossy(&answer.bytes)));
    }
    flaws
}

/// Whether it is an error as RFC 9457 has it.
fn is_problem(answer: &Answer) -> bool {
    let problem: Value = serde_json::from_slice(&answer.bytes).unwrap_or_default();
    let says = |name: &str| problem[name].as_str().is_some_and(|text| !text.is_empty());
    answer.header("content-type") == "application/problem+json"
        && problem["status"] == answer.status
        && ["type", "title", "detail"].into_iter().all(says)
}

/// Headers that come with an exchange and not with an answer; `connection` says whether the body had
/// been read by then.
const OF_THE_EXCHANGE: [&str; 3] = ["connection", "date", "x-request-id"];

/// How two answers can be told apart.
pub(super) fn difference(one: &Answer, other: &Answer) -> Option<String> {
    let told = |answer: &Answer| {
        let headers = answer.headers.iter();
        let headers = headers.filter(|(name, _)| !OF_THE_EXCHANGE.contains(&name.as_str()));
        let mut headers: Vec<_> =
            headers.map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
        headers.sort_unstable();
        let body = String::from_utf8_lossy(&answer.bytes).into_owned();
        format!("{} {} {body}", answer.status, headers.join(", "))
    };
    let (one, other) = (told(one), told(other));
    (one != other).then(|| format!("{one}\n    and where there is nothing {other}"))
}
