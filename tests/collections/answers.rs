//! What the bank answers to a file: what failed and why, what is tried again, and a file that is refused.

use palier_tests::{Engine, on_both};
use serde_json::{Value, json};
use ureq::http::Method;

use super::{Setting, wrong};

/// A pain.002 about a message: where the whole stands, and payments with their state and reason.
pub(crate) fn answer(message: &str, group: &str, payments: &[(&str, &str, &str)]) -> String {
    let batch = |(name, state, code): &(&str, &str, &str)| {
        let reason = if code.is_empty() {
            String::new()
        } else {
            format!("<StsRsnInf><Rsn><Cd>{code}</Cd></Rsn></StsRsnInf>")
        };
        format!(
            "<TxInfAndSts><OrgnlEndToEndId>{name}</OrgnlEndToEndId><TxSts>{state}</TxSts>{reason}\
             </TxInfAndSts>"
        )
    };
    let batches: String = payments.iter().map(batch).collect();
    let batches = if payments.is_empty() {
        String::new()
    } else {
        format!(
            "<OrgnlPmtInfAndSts><OrgnlPmtInfId>{message}-1</OrgnlPmtInfId>{batches}\
             </OrgnlPmtInfAndSts>"
        )
    };
    let group = if group.is_empty() { String::new() } else { format!("<GrpSts>{group}</GrpSts>") };
    format!(
        "<?xml version=\"1.0\"?><Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:pain.002.001.03\">\
         <CstmrPmtStsRpt><GrpHdr><MsgId>B-1</MsgId><CreDtTm>2028-02-01T12:00:00</CreDtTm></GrpHdr>\
         <OrgnlGrpInfAndSts><OrgnlMsgId>{message}</OrgnlMsgId>\
         <OrgnlMsgNmId>pain.008.001.08</OrgnlMsgNmId>{group}</OrgnlGrpInfAndSts>{batches}\
         </CstmrPmtStsRpt></Document>"
    )
}

impl Setting {
    #[track_caller]
    fn answered(&self, status: u16, answer: &str) -> Value {
        let client = self.small.finance.with_header("content-type", "application/xml");
        let at = self.small.at("debit-files/answers");
        client.send(Method::POST, &at, Some(answer.as_bytes())).expect(status).json()
    }
}

fn name(collection: &Value) -> String {
    collection["external_id"].as_str().unwrap().to_owned()
}

on_both!(what_the_bank_rejects_has_failed_and_is_tried_again_if_it_may_pass);
fn what_the_bank_rejects_has_failed_and_is_tried_again_if_it_may_pass(engine: Engine) {
    let setting = Setting::signed(engine);
    setting.plan();
    let file = setting.file();
    let message = file["message"].as_str().unwrap();
    let [forge, usine] = ["forge", "usine"].map(|it| name(&setting.collection(it, "sent")));
    let payments =
        [(&*forge, "RJCT", "AM04"), (&*usine, "ACSP", ""), ("COL-NOBODY", "RJCT", "AC04")];
    let told = setting.answered(200, &answer(message, "PART", &payments));
    assert_eq!((&told["accepted"], &told["refused"]), (&json!(1), &json!(false)));
    assert_eq!(told["passed_over"], json!(["COL-NOBODY"]));
    let failure = &told["failed"][0]["failure"];
    assert_eq!(failure["code"], "AM04");
    assert_eq!(failure["reason"]["fr"], "La provision du compte était insuffisante.");
    assert_eq!(failure["reason"]["en"], "There was not enough money on the account.");
    // The same again changes nothing.
    let again = setting.answered(200, &answer(message, "PART", &payments));
    assert_eq!((&again["failed"], &again["accepted"]), (&json!([]), &json!(1)));
    setting.collection("usine", "processing");
    // Three days after it was to be, and it is the second try.
    let planned = setting.plan();
    assert_eq!(planned["collections"][0]["collect_on"], "2028-02-07");
    assert_eq!(setting.collection("forge", "planned")["attempt"], 2);
    // What is left of the file comes in.
    setting.payments("2028-02-03T09:00:00Z", &["settle", message, "--paid-on", "2028-02-02"]);
    assert_eq!((setting.open("usine"), setting.open("forge")), (vec![], vec!["120.00".to_owned()]));
    assert_eq!(setting.small.faults(), [""; 0]);

    // An account that is closed is not tried again, whatever the days.
    let next = setting.post("debit-files", 201, json!({ "collect_by": "2028-02-07" }));
    let next = next["message"].as_str().unwrap();
    let forge = name(&setting.collection("forge", "sent"));
    setting.answered(200, &answer(next, "", &[(&forge, "RJCT", "AC04")]));
    assert_eq!(setting.plan()["collections"], json!([]));
    let forge = format!("dunning?member={}", setting.small.members["forge"]);
    let late = setting.list(&forge);
    assert_eq!((late.len(), &late[0]["being_collected"]), (1, &json!(false)));
}

on_both!(a_file_that_is_refused_is_planned_again_under_other_names);
fn a_file_that_is_refused_is_planned_again_under_other_names(engine: Engine) {
    let setting = Setting::signed(engine);
    setting.plan();
    let file = setting.file();
    let message = file["message"].as_str().unwrap();
    let before = name(&setting.collection("forge", "sent"));
    let told = setting.answered(200, &answer(message, "RJCT", &[]));
    assert_eq!(told["refused"], true);
    let all = [
        "forge cancelled 120.00 2028-02-02",
        "forge planned 120.00 2028-02-02",
        "usine cancelled 120.00 2028-02-02",
        "usine planned 120.00 2028-02-02",
    ];
    assert_eq!(setting.collections(), all);
    assert_eq!(setting.answered(200, &answer(message, "RJCT", &[]))["refused"], true);
    let next = setting.file();
    assert_ne!(next["message"], file["message"]);
    assert_ne!(name(&setting.collection("forge", "sent")), before);
    assert_eq!(setting.small.faults(), [""; 0]);
}

on_both!(what_is_no_answer_to_a_file_of_the_pole_is_refused);
fn what_is_no_answer_to_a_file_of_the_pole_is_refused(engine: Engine) {
    let setting = Setting::signed(engine);
    let unknown = setting.answered(409, &answer("PAL-NOBODY", "RJCT", &[]));
    assert_eq!(unknown["errors"][0]["code"], "unknown_file");
    let other = setting.answered(422, "<Document><BkToCstmrStmt/></Document>");
    assert_eq!(wrong(&other), [" not_a_report"]);
    let said = setting.small.server.palier([
        "payments",
        "answer",
        "-",
        "--pole",
        &setting.small.pole.code,
    ]);
    assert_eq!(said.status.code(), Some(2), "{said}");
}
