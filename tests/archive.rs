//! The archive: files of final documents, made once, kept, mailed and proved.

mod bucket;
mod bundle;

use std::path::PathBuf;
use std::time::Duration;

use palier_tests::{Answer, Engine, Finished, Mail, Server, on_both, wait_for};
use serde_json::{Value, json};

use crate::invoices::setting::{Small, fee};
use crate::people::new_email;
use bucket::Bucket;

const MONTH: &str = "2026-01";

/// A pole whose member `forge` has a final invoice, and is written to here.
struct Setting {
    small: Small,
    email: String,
}

impl Setting {
    fn new(engine: Engine) -> Self {
        let small = Small::new(engine, &[fee()]);
        let email = new_email();
        let contact = json!({ "billing_contact": { "email": email } });
        small.patch(&format!("members/{}", small.members["forge"]), contact);
        Self { small, email }
    }

    /// The id of the member's document of the month.
    fn invoice(&self) -> String {
        let documents = self.small.documents(MONTH);
        let mut of = documents.iter().filter(|it| it["document"]["buyer"]["code"] == "forge");
        of.next().unwrap()["id"].as_str().unwrap().to_owned()
    }

    #[track_caller]
    fn file(&self, form: &str) -> Answer {
        self.ask(form, &[]).expect(200)
    }

    fn ask(&self, form: &str, headers: &[(&str, &str)]) -> Answer {
        let at = self.small.at(&format!("invoices/{}/{form}", self.invoice()));
        let client = headers.iter().fold(self.small.finance.clone(), |client, (name, value)| {
            client.with_header(name, value)
        });
        client.get(&at)
    }

    /// What `palier verify` says, and whether it is content.
    fn verify(&self) -> (Value, bool) {
        let told = self.small.server.palier(["verify", "--json", "--pole", &self.small.pole.code]);
        (serde_json::from_str(&told.stdout).unwrap(), told.status.success())
    }

    /// Waits until the service has kept all files.
    #[track_caller]
    fn kept(&self, files: u64) {
        let all = || (self.verify().0["files"] == files).then_some(());
        wait_for(Duration::from_mins(1), all).expect("the files are kept");
    }

    /// Where a file is kept.
    fn place(&self, ending: &str) -> PathBuf {
        let sql = format!(
            "SELECT pole_id || '/' || substr(sha256, 1, 2) || '/' || sha256 AS line \
             FROM archived_files WHERE form = '{ending}' AND invoice_id = '{}'",
            self.invoice()
        );
        let line = self.small.sql().lines(&sql).remove(0);
        let ending = if ending == "cii" { "xml" } else { ending };
        Server::archive().join(format!("{line}.{ending}"))
    }
}

on_both!(a_file_is_made_once_and_stays_what_it_was);
fn a_file_is_made_once_and_stays_what_it_was(engine: Engine) {
    let setting = Setting::new(engine);
    setting.small.close(MONTH);
    setting.kept(4);
    let [pdf, xml] = ["pdf", "cii"].map(|form| setting.file(form));
    assert!(pdf.bytes.starts_with(b"%PDF-1.7"));
    let mut other = crate::invoices::real::settings();
    other["documents"] = json!({ "accent": "#7a1f1f" });
    setting.small.put("billing-settings", other);
    assert_eq!(setting.file("pdf").bytes, pdf.bytes);
    assert_eq!(setting.file("cii").bytes, xml.bytes);
}

on_both!(a_part_of_a_file_can_be_asked_for);
fn a_part_of_a_file_can_be_asked_for(engine: Engine) {
    let setting = Setting::new(engine);
    setting.small.close(MONTH);
    let whole = setting.file("pdf");
    let (length, tag) = (whole.bytes.len(), whole.header("etag").to_owned());
    assert_eq!(whole.header("accept-ranges"), "bytes");
    let part = setting.ask("pdf", &[("range", "bytes=10-19")]).expect(206);
    assert_eq!(part.bytes, whole.bytes[10..20]);
    assert_eq!(part.header("content-range"), format!("bytes 10-19/{length}"));
    let end = setting.ask("pdf", &[("range", "bytes=-5")]).expect(206);
    assert!(end.bytes.len() == 5 && whole.bytes.ends_with(&end.bytes));
    for (name, value, status) in [
        ("if-none-match", tag.as_str(), 304),
        ("if-none-match", "\"another\"", 200),
        ("range", "pages=1-2", 200),
        ("range", "bytes=99999999-", 200),
        ("range", "bytes=0-1,5-6", 200),
    ] {
        setting.ask("pdf", &[(name, value)]).expect(status);
    }
    let since = [("range", "bytes=0-1"), ("if-range", "\"another\"")];
    assert_eq!(setting.ask("pdf", &since).expect(200).bytes, whole.bytes);
    let since = [("range", "bytes=0-1"), ("if-range", tag.as_str())];
    assert_eq!(setting.ask("pdf", &since).expect(206).bytes, whole.bytes[..2]);
}

on_both!(what_is_not_what_was_kept_is_refused_and_found);
fn what_is_not_what_was_kept_is_refused_and_found(engine: Engine) {
    let setting = Setting::new(engine);
    setting.small.close(MONTH);
    setting.kept(4);
    let (place, id) = (setting.place("pdf"), setting.invoice());
    let bytes = std::fs::read(&place).unwrap();
    let mut touched = bytes.clone();
    touched[100] ^= 1;
    std::fs::write(&place, touched).unwrap();
    setting.ask("pdf", &[]).expect(500);
    let (said, content) = setting.verify();
    assert!(!content);
    let fault = said["faults"][0].as_str().unwrap();
    assert!(fault.starts_with(&id) && fault.contains("is not what was kept"), "{fault}");
    std::fs::remove_file(&place).unwrap();
    setting.ask("pdf", &[]).expect(500);
    let (said, _) = setting.verify();
    assert!(said["faults"][0].as_str().unwrap().ends_with("is missing"), "{said}");
    std::fs::write(&place, bytes).unwrap();
    assert!(setting.verify().1);
    let mut sql = setting.small.sql();
    let before = sql.lines("SELECT sha256 AS line FROM archived_files ORDER BY sha256");
    for statement in ["UPDATE archived_files SET sha256 = '00'", "DELETE FROM archived_files"] {
        sql.try_run(statement).unwrap_err();
    }
    assert_eq!(sql.lines("SELECT sha256 AS line FROM archived_files ORDER BY sha256"), before);
}

on_both!(a_document_reaches_who_it_is_for);
fn a_document_reaches_who_it_is_for(engine: Engine) {
    let setting = Setting::new(engine);
    setting.small.close(MONTH);
    let mail = setting.small.server.mail_to(&setting.email);
    let pdf = setting.file("pdf");
    let documents = setting.small.documents(MONTH);
    let of_forge = documents.iter().find(|it| it["document"]["buyer"]["code"] == "forge").unwrap();
    let mine = of_forge["number"].as_str().unwrap();
    assert!(mail.subject.ends_with(&format!(" : facture {mine}")), "{}", mail.subject);
    assert_eq!(attachment(&mail), (format!("{mine}.pdf"), pdf.bytes.clone()));
    let text = mail.text.replace(['\u{a0}', '\u{202f}'], " ");
    assert!(text.contains(&format!("Voici la facture {mine} du ")), "{text}");
    assert!(text.contains("18,00 €, à régler pour le "), "{text}");
    // Who has no address gets none, and nobody two.
    let about = |number: &str| {
        let list = setting.small.at(&format!("mails?about={number}"));
        setting.small.finance.get(&list).expect(200).json()["data"].as_array().unwrap().len()
    };
    assert_eq!(documents.iter().map(|it| about(it["number"].as_str().unwrap())).sum::<usize>(), 1);
    let credit = json!({ "reason": "Geste commercial." });
    let note = setting.small.at(&format!("invoices/{}/credit-notes", setting.invoice()));
    let note = setting.small.finance.post(&note, credit).expect(201).string("/number");
    let mails = setting.small.server.mails_to(&setting.email, 2);
    assert!(mails[1].subject.ends_with(&format!(" : avoir {note}")), "{}", mails[1].subject);
    assert!(mails[1].text.contains("en votre faveur"), "{}", mails[1].text);
}

on_both!(a_pole_can_do_without_mail);
fn a_pole_can_do_without_mail(engine: Engine) {
    let setting = Setting::new(engine);
    let mut silent = crate::invoices::real::settings();
    silent["mail_documents"] = false.into();
    setting.small.put("billing-settings", silent);
    setting.small.close(MONTH);
    setting.kept(4);
    let mails = setting.small.at("mails");
    let mails = setting.small.finance.get(&mails).expect(200);
    assert_eq!(mails.json()["data"], json!([]));
}

/// The name and the bytes of the only file that a mail brings.
#[track_caller]
fn attachment(mail: &Mail) -> (String, Vec<u8>) {
    use mail_parser::{MessageParser, MimeHeaders as _};
    let message = MessageParser::default().parse(&mail.raw).unwrap();
    assert_eq!(message.attachment_count(), 1);
    let file = message.attachment(0).unwrap();
    (file.attachment_name().unwrap().to_owned(), file.contents().to_vec())
}

on_both!(a_bucket_keeps_files_as_a_folder_does);
fn a_bucket_keeps_files_as_a_folder_does(engine: Engine) {
    // Without a service, which would keep the files in its folder.
    let small = Small::new(engine, &[fee()]).stopped();
    let bucket = Bucket::start();
    let archive = |arguments: &[&str]| {
        let mut command = small.server.settled();
        command
            .args(arguments)
            .args(["--pole", &small.pole.code])
            .env("PALIER_ARCHIVE", "s3://invoices/palier")
            .env("AWS_ENDPOINT", bucket.url())
            .env("AWS_ALLOW_HTTP", "true")
            .env("AWS_REGION", "eu-west-3")
            .env("AWS_ACCESS_KEY_ID", "key")
            .env("AWS_SECRET_ACCESS_KEY", "secret");
        Finished::from(&mut command)
    };
    small.close(MONTH);
    assert_eq!(archive(&["invoices", "archive"]).success(), "2 documents kept\n");
    assert_eq!(bucket.names().len(), 4);
    assert!(bucket.names().iter().all(|name| name.starts_with("/invoices/palier/")));
    assert_eq!(archive(&["invoices", "archive"]).success(), "0 documents kept\n");
    archive(&["verify"]).success();
    bucket.touch();
    let told = archive(&["verify"]);
    assert_eq!(told.status.code(), Some(1));
    assert!(told.stdout.contains("is not what was kept"), "{}", told.stdout);
}
