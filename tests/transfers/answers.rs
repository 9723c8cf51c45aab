//! `/v1/poles/{pole}/transfer-files/answers`: what the bank does not execute, and a file that it refuses.

use std::fs;

use palier_tests::{Engine, on_both, scratch};
use serde_json::{Value, json};
use ureq::http::Method;

use super::Setting;
use crate::collections::answers::answer;

impl Setting {
    #[track_caller]
    fn answered(&self, status: u16, answer: &str) -> Value {
        let client = self.small.finance.with_header("content-type", "application/xml");
        let at = self.small.at("transfer-files/answers");
        client.send(Method::POST, &at, Some(answer.as_bytes())).expect(status).json()
    }
}

on_both!(what_the_bank_rejects_is_open_and_can_be_planned_again);
fn what_the_bank_rejects_is_open_and_can_be_planned_again(engine: Engine) {
    let setting = Setting::billed(engine);
    setting.plan("2028-02-06");
    let file = setting.file();
    let message = file["message"].as_str().unwrap();
    let name = |reference: &str| {
        setting.transfer(reference, "sent")["end_to_end"].as_str().unwrap().to_owned()
    };
    let [first, second] = ["2028-0118", "2028-0119"].map(name);
    let payments =
        [(&*first, "RJCT", "AC01"), (&*second, "ACSP", ""), ("TRF-NOBODY", "RJCT", "AC04")];
    let told = setting.answered(200, &answer(message, "PART", &payments));
    assert_eq!((&told["accepted"], &told["refused"]), (&json!(1), &json!(false)));
    assert_eq!(told["passed_over"], json!(["TRF-NOBODY"]));
    let rejected = &told["rejected"][0];
    assert_eq!(
        (&rejected["end_to_end"], &rejected["failure"]["code"]),
        (&json!(first), &json!("AC01"))
    );
    // The same again changes nothing.
    let again = setting.answered(200, &answer(message, "PART", &payments));
    assert_eq!((&again["rejected"], &again["accepted"]), (&json!([]), &json!(1)));
    assert_eq!(setting.plan("2028-02-06")["transfers"][0]["number"], "2028-0118");
    let day = ["--paid-on", "2028-02-04"];
    setting.payments("2028-02-05T09:00:00Z", &[&["settle", message], &day[..]].concat());
    assert_eq!(setting.statuses(), ["2028-0118 open", "2028-0119 paid"]);
    let all = [
        "2028-0118 planned 2028-02-04",
        "2028-0118 rejected 2028-02-04",
        "2028-0119 executed 2028-02-04",
    ];
    assert_eq!(setting.transfers(), all);
    assert_eq!(setting.small.faults(), [""; 0]);
}

on_both!(a_file_that_is_refused_is_planned_again_under_other_names);
fn a_file_that_is_refused_is_planned_again_under_other_names(engine: Engine) {
    let setting = Setting::billed(engine);
    setting.plan("2028-02-06");
    let message = setting.file()["message"].as_str().unwrap().to_owned();
    // By command, which knows whose file it is.
    let to = scratch("transfers-answer").join("pain.002.xml");
    fs::write(&to, answer(&message, "RJCT", &[])).unwrap();
    let told = setting.payments("2028-02-01T09:00:00Z", &["answer", to.to_str().unwrap()]);
    assert_eq!(told["refused"], true);
    assert_eq!(setting.answered(200, &answer(&message, "RJCT", &[]))["refused"], true);
    let all = [
        "2028-0118 cancelled 2028-02-04",
        "2028-0118 planned 2028-02-04",
        "2028-0119 cancelled 2028-02-04",
        "2028-0119 planned 2028-02-04",
    ];
    assert_eq!(setting.transfers(), all);
    assert_ne!(setting.file()["message"], json!(message));
    assert_eq!(setting.small.faults(), [""; 0]);
    let unknown = setting.answered(409, &answer("VIR-NOBODY", "RJCT", &[]));
    assert_eq!(unknown["errors"][0]["code"], "unknown_file");
    setting.answered(422, "<Document><BkToCstmrStmt/></Document>");
}
