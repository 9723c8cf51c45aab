//! Schemathesis makes up requests from the OpenAPI document, good and bad ones, and looks for
//! answers that the document does not announce.
//!
//! The few that a test run has time for are always the same ones. For more of them:
//! `SCHEMATHESIS="--max-examples 300 --phases examples,coverage,fuzzing,stateful" cargo test
//! schemathesis`.

use std::path::PathBuf;
use std::process::Command;

use palier_tests::stripe::FakeStripe;
use palier_tests::{Engine, Finished, Pole, Server, on_both, scratch, skip_unless_ci, workspace};
use serde_json::Value;

use crate::seed::{invoice, seed};

/// What an answer is held against.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,\
    response_schema_conformance,response_headers_conformance,unsupported_method";

/// Without the one that would end the session all the others need.
const USUAL: &str =
    "--max-examples 8 --phases examples,fuzzing,stateful --exclude-operation-id endSession";

on_both!(every_answer_is_one_the_document_announces);
fn every_answer_is_one_the_document_announces(engine: Engine) {
    let Some(schemathesis) = schemathesis() else { return };
    // Its own server, since an admin's made-up requests may well change what others see of one.
    let stripe = FakeStripe::start();
    let url = format!("--stripe-url={}", stripe.url());
    // For as long as all its requests take, on a busy machine too.
    let server = Server::builder(engine).arg(url).env("PALIER_ACCESS_TOKEN_MINUTES", "720").start();
    let pole = Pole::new(&server);
    seed(&pole);
    invoice(&server, &pole);
    let first = |list: &str| {
        let list = pole.admin.get(&format!("/v1/poles/{}/{list}", pole.code));
        list.expect(200).string("/data/0/id")
    };
    let there = [
        ("PALIER_INVOICE", first("invoices?status=final")),
        ("PALIER_PAYMENT", first("payments")),
        ("PALIER_MOVEMENT", first("bank-movements")),
        ("PALIER_MAIL", first("mails")),
    ];
    let folder = scratch("schemathesis");
    let settings = workspace().join("tests/schemathesis");
    let more = std::env::var("SCHEMATHESIS").unwrap_or_default();
    let mut command = Command::new(schemathesis);
    command
        .arg("--config-file")
        .arg(settings.join("schemathesis.toml"))
        .args(["run", &format!("{}/openapi.json", server.url()), "--checks", CHECKS])
        .args(["--generation-deterministic", "--no-color"])
        .args(["--report", "json", "--report-json-path", "report.json"])
        .args(USUAL.split(' ').chain(more.split_whitespace()))
        .envs([("PALIER_TOKEN", &pole.token), ("PALIER_POLE", &pole.code)])
        .envs(there)
        .env("PYTHONPATH", settings)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .current_dir(&folder);
    let ran = Finished::from(&mut command);
    assert!(ran.status.success(), "{ran}\n{}", server.log());

    let report = std::fs::read(folder.join("report.json")).unwrap();
    let report: Value = serde_json::from_slice(&report).unwrap();
    let operations = &report["operations"];
    assert_eq!(operations["tested"], operations["selected"], "{ran}");
    assert!(
        operations["total"].as_u64()
            <= operations["selected"].as_u64().map(|n| n.saturating_add(1)),
        "{ran}"
    );
    // Requests that are all refused would prove little.
    let rates = report["valid_rates"].as_object().unwrap();
    let refused: Vec<_> = rates.iter().filter(|(_, rate)| !accepted(rate)).collect();
    assert!(refused.len().saturating_mul(3) < rates.len(), "never accepted: {refused:#?}");
}

/// Whether any phase has got a request through to this operation.
fn accepted(rate: &Value) -> bool {
    let phases = rate.as_object().unwrap();
    phases.values().any(|phase| phase["accepted"].as_u64() > Some(0))
}

fn schemathesis() -> Option<PathBuf> {
    let path = workspace().join("target/ci-tools/bin/schemathesis");
    if !path.exists() {
        skip_unless_ci("Schemathesis is not there: `tests/prepare` installs it");
        return None;
    }
    Some(path)
}
