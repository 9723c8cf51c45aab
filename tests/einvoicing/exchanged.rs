//! Documents that go out, and what comes back.

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use palier_billing::einvoice::lifecycle::{Reason, Status};
use palier_tests::{Engine, Pole, on_both};
use serde_json::json;

use super::{MONTH, Setting, cdar};
use crate::access::scopes;
use crate::invoices::setting::{Small, fee};

on_both!(a_document_goes_to_the_platform_and_what_is_said_of_it_is_kept);
fn a_document_goes_to_the_platform_and_what_is_said_of_it_is_kept(engine: Engine) {
    let setting = Setting::new(engine);
    let [first, second] = ["FA-2028-000001.xml", "FA-2028-000002.xml"];
    let sent = setting.file("out", first);
    setting.file("out", second);
    // The electronic invoice as it is archived, and nothing else.
    assert_eq!(sent, setting.finance.get(&setting.at("forge", "/cii")).expect(200).bytes);
    assert_eq!(setting.names("out"), [first, second]);
    assert_eq!(setting.statuses("forge"), [""; 0]);
    for (nth, status) in [Status::Deposited, Status::Received, Status::Approved].iter().enumerate()
    {
        let name = format!("{nth}.xml");
        setting.settled(&name, &setting.xml(&name, "forge", *status), "done");
    }
    let expected = ["200 platform", "202 platform", "205 buyer"];
    assert_eq!(setting.statuses("forge"), expected);
    let shown = setting.finance.get(&setting.at("forge", "")).expect(200);
    assert_eq!(shown.string("/lifecycle"), "approved");
    let list = |word: &str| {
        let list = setting.small.at(&format!("invoices?lifecycle={word}"));
        setting.finance.get(&list).expect(200).json()["data"].as_array().unwrap().len()
    };
    assert_eq!((list("approved"), list("deposited"), list("refused")), (1, 0, 0));
    let said = setting.palier(&["invoices", "statuses", "FA-2028-000001"]).success();
    assert_eq!(said.lines().count(), 3, "{said}");
    assert!(said.contains("205 approved"), "{said}");
    assert_eq!(setting.small.faults(), [""; 0]);
}

on_both!(a_message_is_taken_once);
fn a_message_is_taken_once(engine: Engine) {
    let setting = Setting::new(engine);
    let deposited = setting.xml("M-1", "forge", Status::Deposited);
    setting.settled("first.xml", &deposited, "done");
    setting.settled("again.xml", &deposited, "done");
    // Under the same name, both are kept.
    setting.arrives("again.xml", &deposited);
    setting.file("done", "again.xml.2");
    assert_eq!(setting.statuses("forge"), ["200 platform"]);
    let other = setting.xml("M-1", "usine", Status::Deposited);
    let why = setting.refused("other.xml", &other);
    assert!(why.contains("said something else") && why.contains("autre contenu"), "{why}");
    assert_eq!(setting.statuses("usine"), [""; 0]);
    // Another sender may call its own the same.
    let mut message = setting.message("M-1", "usine", Status::Approved);
    message.sender = message.issuer.clone();
    let why = setting.refused("early.xml", &cdar::write(&message).unwrap());
    assert!(why.contains("205 cannot be the first status"), "{why}");
    assert_eq!(setting.names("in"), [""; 0]);
}

on_both!(what_cannot_be_taken_in_is_put_aside_with_the_reason);
fn what_cannot_be_taken_in_is_put_aside_with_the_reason(engine: Engine) {
    let setting = Setting::new(engine);
    let deposited = setting.xml("M-1", "forge", Status::Deposited);
    let torn = setting.refused("torn.xml", &deposited[..deposited.len() / 2]);
    assert!(torn.contains("cannot be read") && torn.contains("illisible"), "{torn}");
    let other = setting.refused("other.pdf", b"%PDF-1.7");
    assert!(other.contains("Line 1"), "{other}");
    let text = String::from_utf8(deposited.clone()).unwrap();
    let unknown = text.replace("FA-2028-000001", "FA-2028-000009");
    let unknown = setting.refused("unknown.xml", unknown.as_bytes());
    assert!(unknown.contains("There is no document FA-2028-000009"), "{unknown}");
    let mut foreign = setting.message("M-2", "forge", Status::Deposited);
    foreign.reports[0].about.seller = Some("404833048".parse().unwrap());
    let foreign = setting.refused("foreign.xml", &cdar::write(&foreign).unwrap());
    assert!(foreign.contains("another day, seller or type"), "{foreign}");
    // Two documents, one of which is wrong: none is told of.
    let mut both = setting.message("M-3", "usine", Status::Deposited);
    both.reports.push(setting.message("M-3", "forge", Status::Deposited).reports.remove(0));
    both.reports[1].about.number = "FA-2028-000009".to_owned();
    setting.refused("both.xml", &cdar::write(&both).unwrap());
    setting.settled("good.xml", &deposited, "done");
    let again = setting.refused("twice.xml", &setting.xml("M-4", "forge", Status::Deposited));
    assert!(again.contains("200 cannot follow 200"), "{again}");
    setting.settled("no.xml", &setting.xml("M-5", "forge", Status::Refused), "done");
    let late = setting.refused("late.xml", &setting.xml("M-6", "forge", Status::Approved));
    assert!(late.contains("205 cannot follow 210"), "{late}");
    assert_eq!(setting.statuses("forge"), ["200 platform", "210 buyer MONTANTTOTAL_ERR"]);
    assert_eq!(setting.statuses("usine"), [""; 0]);
    assert_eq!(setting.names("in"), [""; 0]);
    let reason = Reason::Total.as_str();
    assert!(
        setting
            .finance
            .get(&setting.at("forge", "/statuses"))
            .expect(200)
            .json()
            .to_string()
            .contains(reason)
    );
}

on_both!(what_became_final_before_is_given_when_somebody_asks);
/// Two documents were archived before there was a folder: one went to the member in another way, the other
/// nobody has, though part of it is paid.
fn what_became_final_before_is_given_when_somebody_asks(engine: Engine) {
    let small = Small::new(engine, &[fee()]);
    small.close(MONTH);
    small.server.palier(["invoices", "archive", "--pole", &small.pole.code]).success();
    let mut setting = Setting::start(small);
    setting.say("forge", json!({ "status": "deposited" })).expect(200);
    setting.pay("usine", "10.00", "10.00");
    // A service that exchanges by itself would give what the command takes up, at the same moment.
    setting.server.stop();
    let taken_up = |since: &[&str]| {
        let told = setting.palier(&[&["invoices", "exchange"], since].concat()).success();
        let taken_up = told.lines().find(|line| line.ends_with(" taken up"));
        taken_up.map(str::to_owned)
    };
    assert_eq!(taken_up(&[]), None);
    assert_eq!(taken_up(&["--since", "2028-03"]).as_deref(), Some("0 documents taken up"));
    assert_eq!(setting.names("out"), [""; 0]);
    assert_eq!(taken_up(&["--since", "2028-02"]).as_deref(), Some("1 document taken up"));
    let name = "FA-2028-000002.xml";
    assert_eq!(setting.names("out"), [name]);
    assert_eq!(taken_up(&["--since", "2028-01"]).as_deref(), Some("0 documents taken up"));
    setting.server.restart();
    assert_eq!(
        setting.file("out", name),
        setting.finance.get(&setting.at("usine", "/cii")).expect(200).bytes
    );
    // What was paid before is told, once the platform has the document.
    setting.settled("deposited.xml", &setting.xml("M-1", "usine", Status::Deposited), "done");
    setting.file("out", "FA-2028-000002_001_212.xml");
    assert_eq!(setting.names("out").len(), 2);
    assert_eq!(setting.small.faults(), [""; 0]);
    let wrong = setting.palier(&["invoices", "exchange", "--since", "august"]).failure(2);
    assert_eq!(wrong.lines().count(), 1, "{wrong}");
}

on_both!(of_several_that_give_at_once_each_file_goes_once);
fn of_several_that_give_at_once_each_file_goes_once(engine: Engine) {
    let setting = Setting::idle(engine);
    setting.palier(&["invoices", "archive"]).success();
    let giving = setting.place(".giving");
    fs::create_dir_all(&giving).unwrap();
    let turn = fs::File::create(giving.join("turn")).unwrap();
    turn.lock().unwrap();
    let start = || {
        let mut exchange = setting.server.settled();
        exchange.args(["invoices", "exchange", "--pole", &setting.small.pole.code]);
        exchange.stdout(Stdio::piped()).spawn().unwrap()
    };
    let several = [start(), start(), start()];
    // By now all know of the same files; whoever is later finds them gone.
    std::thread::sleep(Duration::from_secs(2));
    assert_eq!(setting.names("out"), [""; 0]);
    turn.unlock().unwrap();
    let mut said = Vec::new();
    for mut one in several {
        // The carrier is quick.
        while one.try_wait().unwrap().is_none() {
            setting.carry();
        }
        let output = one.wait_with_output().unwrap();
        assert!(output.status.success(), "{output:?}");
        said.push(String::from_utf8(output.stdout).unwrap());
    }
    setting.carry();
    assert_eq!(setting.names("carried").len(), 2);
    let given = |line: &String| line.split(' ').next().unwrap().parse::<u32>().unwrap();
    assert_eq!(said.iter().map(given).sum::<u32>(), 2, "{said:?}");
    assert_eq!(setting.small.faults(), [""; 0]);
}

on_both!(a_pole_without_a_folder_exchanges_nothing);
fn a_pole_without_a_folder_exchanges_nothing(engine: Engine) {
    let setting = Setting::new(engine);
    setting.file("out", "FA-2028-000002.xml");
    let elsewhere = Pole::new(&setting.server);
    let told = setting.server.palier(["invoices", "exchange", "--pole", &elsewhere.code]);
    assert!(told.failure(2).contains("exchanges nothing"));
    let told = setting.small.server.palier(["invoices", "exchange", "--pole", &elsewhere.code]);
    assert!(told.failure(2).contains("einvoicing-folder"));
    let names = fs::read_dir(setting.folder.path()).unwrap();
    assert_eq!(names.count(), 1);
    // Another's statuses are nobody's.
    let path = setting.at("forge", "/statuses");
    elsewhere.admin.get(&path).expect(404);
    elsewhere.admin.post(&path, json!({ "status": "deposited" })).expect(404);
    let key = |member: &str| {
        let key = json!({ "name": "Membre", "scopes": ["invoices:read"],
            "member": setting.small.members[member] });
        let key = setting.finance.post(&setting.small.at("api-keys"), key).expect(201);
        setting.server.client().with_token(&key.string("/key"))
    };
    assert!(scopes().contains(&"invoices:read"));
    key("forge").get(&path).expect(200);
    key("usine").get(&path).expect(404);
    key("forge").post(&path, json!({ "status": "deposited" })).expect(403);
}
