//! What every kind of mail says, to the letter and in both languages: a file of its text, and one of its HTML
//! to be opened in a browser.
//!
//! `BLESS=1 cargo test mails::` writes the files of `snapshots/` anew. Read the difference as whoever
//! gets the mail would.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use mail_parser::{Address, MessageParser, MimeHeaders as _};
use palier_tests::{Engine, Mail, Pole, Server, on_both, wait_for, workspace};
use serde_json::{Value, json};

use crate::invoices::real::settings;
use crate::invoices::setting::Small;
use crate::people::at;
use crate::price_board::setting::{Setting as Board, tiers};
use crate::seed::member;

/// Every mail there is, with the word that `GET …/mails` has for its kind, if it goes to a member.
const MAILS: [(&str, Option<&str>); 24] = [
    ("charge", Some("invoice")),
    ("collection-failed", Some("collection_failed")),
    ("collection-failed-again", Some("collection_failed")),
    ("collection-notice", Some("collection_notice")),
    ("collection-returned", Some("collection_failed")),
    ("credit-note", Some("invoice")),
    ("dunning-1-reminder", Some("dunning")),
    ("dunning-2-second-reminder", Some("dunning")),
    ("dunning-3-formal-notice", Some("dunning")),
    ("invitation", None),
    ("invoice", Some("invoice")),
    ("invoice-online", Some("invoice")),
    ("invoice-settled", Some("invoice")),
    ("invoice-settled-in-part", Some("invoice")),
    ("price-change", Some("price_change")),
    ("services-reinstated", Some("suspension")),
    ("services-suspended", Some("suspension")),
    ("sign-in-link", None),
    ("sign-in-token", None),
    ("tier-beyond", Some("tier_reached")),
    ("tier-for-all", Some("tier_reached")),
    ("tier-with-pool", Some("tier_reached")),
    ("usage-alert-amount", Some("usage_alert")),
    ("usage-alert-quantity", Some("usage_alert")),
];

const LANGUAGES: [&str; 2] = ["en", "fr"];

/// How long a mail may take: who looks for tiers and alerts rests many times as long as a look took.
const PATIENCE: Duration = Duration::from_mins(3);

fn folder() -> PathBuf {
    workspace().join("tests/mails/snapshots")
}

/// Mails of one test, and what does not agree with their files.
#[derive(Default)]
pub(super) struct Said {
    differences: Vec<String>,
}

impl Said {
    /// Compares a mail with its files. What is another in every run is given with what stands for it.
    pub(super) fn of(
        &mut self,
        name: &str,
        language: &str,
        mail: &Mail,
        changing: &[(&str, &str)],
    ) {
        assert!(MAILS.iter().any(|(known, _)| *known == name), "{name} is not in the list");
        for (ending, text) in [("txt", text(mail)), ("html", mail.html.replace("\r\n", "\n"))] {
            let text = changing.iter().fold(text, |text, (from, to)| text.replace(from, to));
            let file = folder().join(format!("{name}.{language}.{ending}"));
            if std::env::var_os("BLESS").is_some() {
                fs::write(&file, &text).unwrap();
            }
            let kept = fs::read_to_string(&file).unwrap_or_default();
            if kept != text {
                let differs =
                    format!("--- {} says\n{kept}\n+++ the mail says\n{text}\n", file.display());
                self.differences.push(differs);
            }
        }
    }

    #[track_caller]
    pub(super) fn agrees(self) {
        let mend = "To mend: BLESS=1 cargo test mails::, then read the difference";
        assert!(self.differences.is_empty(), "{}{mend}", self.differences.concat());
    }
}

/// A mail as its reader sees it, in a program that knows no HTML.
fn text(mail: &Mail) -> String {
    let message = MessageParser::default().parse(&mail.raw).unwrap();
    let people = |list: Option<&Address<'_>>| {
        let people = list.into_iter().flat_map(Address::iter).map(|it| {
            let address = it.address().unwrap();
            it.name().map_or_else(|| address.to_owned(), |name| format!("{name} <{address}>"))
        });
        people.collect::<Vec<_>>().join(", ")
    };
    let mut text = format!("From: {}\n", people(message.from()));
    if message.reply_to().is_some() {
        writeln!(text, "Reply-To: {}", people(message.reply_to())).unwrap();
    }
    writeln!(text, "To: {}\nSubject: {}", people(message.to()), mail.subject).unwrap();
    for file in message.attachments() {
        let kind = file.content_type().unwrap();
        let kind = format!("{}/{}", kind.ctype(), kind.subtype().unwrap());
        writeln!(text, "Attached: {}, {kind}", file.attachment_name().unwrap()).unwrap();
    }
    text + "\n" + &mail.text.replace("\r\n", "\n")
}

/// Gives a pole a name that is the same in every run.
pub(super) fn named(pole: &Pole) {
    let any = pole.admin.with_header("if-match", "*");
    any.patch(&at(pole, ""), json!({ "name": "Pôle Aéro" })).expect(200);
}

/// The mail to a member that is of this kind and about this.
#[track_caller]
fn find(server: &Server, pole: &Pole, kind: &str, member: &str, about: &str) -> Mail {
    let list = at(pole, &format!("/mails?kind={kind}&member={member}&limit=200"));
    let found = || {
        let listed = pole.admin.get(&list).expect(200).json();
        let listed = listed["data"].as_array().unwrap().iter();
        let one =
            listed.filter(|it| it["state"] == "sent").find(|it| it["about"] == about)?.clone();
        let mails = server.mails_to(one["to"].as_str().unwrap(), 0).into_iter();
        mails.into_iter().find(|mail| mail.id.starts_with(one["id"].as_str().unwrap()))
    };
    wait_for(PATIENCE, found)
        .unwrap_or_else(|| panic!("no {kind} about {about}: {}", pole.admin.get(&list).text()))
}

/// All mail to an address, oldest first, once there are so many.
#[track_caller]
fn arrived(server: &Server, to: &str, count: usize) -> Vec<Mail> {
    let found = || Some(server.mails_to(to, 0)).filter(|mails| mails.len() >= count);
    wait_for(PATIENCE, found).unwrap_or_else(|| panic!("fewer than {count} mails to {to}"))
}

#[test]
fn every_kind_of_mail_is_kept() {
    let files =
        fs::read_dir(folder()).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap());
    let expected = MAILS.iter().flat_map(|(name, _)| {
        let of =
            move |language| ["html", "txt"].map(|ending| format!("{name}.{language}.{ending}"));
        LANGUAGES.into_iter().flat_map(of)
    });
    assert_eq!(files.collect::<BTreeSet<_>>(), expected.collect());
    let document = fs::read_to_string(workspace().join("openapi/openapi.json")).unwrap();
    let document: Value = serde_json::from_str(&document).unwrap();
    let kinds = document.pointer("/components/schemas/MailKind/enum").unwrap().as_array().unwrap();
    for kind in kinds {
        assert!(MAILS.iter().any(|(_, known)| known.is_some_and(|it| *kind == it)), "{kind}");
    }
}

on_both!(who_has_an_account);
fn who_has_an_account(engine: Engine) {
    let mut said = Said::default();
    let page = "https://services.pole.example/sign-in";
    for (link, page) in [("sign-in-link", Some(page)), ("sign-in-token", None)] {
        let builder = Server::builder(engine);
        let builder = page.map_or(builder.clone(), |page| builder.env("PALIER_SIGN_IN_URL", page));
        let server = builder.start();
        let pole = Pole::new(&server);
        named(&pole);
        for language in LANGUAGES {
            let email = format!("jeanne.martin-{language}@forge.example");
            let user = json!({
                "email": email, "name": "Jeanne Martin", "language": language,
                "grants": [{ "role": "auditor" }],
            });
            pole.admin.post(&at(&pole, "/users"), user).expect(201);
            let invitation = server.mail_to(&email);
            let compare = |said: &mut Said, name: &str, mail: &Mail| {
                let token = mail.text.find("plr_link_").map(|at| &mail.text[at..]).unwrap();
                let token = token.split_whitespace().next().unwrap().to_owned();
                let code = format!("#pole={}&", pole.code);
                let in_html = format!("#pole={}&amp;", pole.code);
                let changing = [
                    (token.as_str(), "plr_link_TOKEN"),
                    (&code, "#pole=CODE&"),
                    (&in_html, "#pole=CODE&amp;"),
                ];
                said.of(name, language, mail, &changing);
            };
            if page.is_some() {
                compare(&mut said, "invitation", &invitation);
            }
            let asked = json!({ "email": email });
            server.client().post(&at(&pole, "/sessions/sign-in-links"), asked).expect(202);
            let mails = server.mails_to(&email, 2);
            let asked = mails.iter().find(|mail| mail.id != invitation.id).unwrap();
            compare(&mut said, link, asked);
        }
    }
    said.agrees();
}

on_both!(who_is_billed);
fn who_is_billed(engine: Engine) {
    let mut small = Small::new(engine, &[json!({ "kind": "recurring", "amount": "100" })]);
    named(&small.pole);
    // Those who pay in advance come later, so that the others' documents bear the same numbers.
    let late = [("forge", "fr"), ("usine", "en")];
    let ahead = [
        ("halle", "fr", "500.00"),
        ("pont", "en", "500.00"),
        ("quai", "fr", "290.00"),
        ("roue", "en", "290.00"),
    ];
    for (code, _, _) in ahead {
        small.join(member(code, "552100554"));
    }
    let mut how = settings();
    how["credit_use"] = "automatic".into();
    small.put("billing-settings", how);
    let people = late.into_iter().chain(ahead.map(|(code, language, _)| (code, language)));
    for (code, language) in people {
        let contact = json!({ "email": format!("compta@{code}.example") });
        let change = json!({ "billing_contact": contact, "language": language });
        small.patch(&format!("members/{}", small.members[code]), change);
    }
    // Due on days of their own, so that letters name them in an order.
    for (period, now) in [("2026-01", "2026-03-02T10:00:00Z"), ("2026-02", "2026-03-03T10:00:00Z")]
    {
        for command in ["run", "finalise"] {
            let now = ["--now", now];
            small.try_invoices(&[&[command], &now[..]].concat(), period).success();
        }
    }
    let document = |period: &str, code: &str| {
        let documents = small.documents(period).into_iter();
        documents.into_iter().find(|it| it["document"]["buyer"]["code"] == code).unwrap()
    };
    let number = |of: &Value| of["number"].as_str().unwrap().to_owned();
    let found = |kind: &str, code: &str, about: &str| {
        find(&small.server, &small.pole, kind, &small.members[code], about)
    };
    let mut said = Said::default();
    for (code, language) in late {
        let first = number(&document("2026-01", code));
        said.of("invoice", language, &found("invoice", code, &first), &[]);
    }
    // They pay some of one of their two documents, and no more.
    for (code, _) in late {
        let of = json!([{ "invoice": document("2026-02", code)["id"], "amount": "50.00" }]);
        let payment = json!({
            "kind": "payment", "member": small.members[code], "method": "transfer",
            "paid_on": "2026-03-20", "amount": "50.00", "reference": "VIR", "allocations": of,
        });
        small.finance.post(&small.at("payments"), payment).expect(201);
    }
    for (day, name, level) in [
        ("2026-04-10", "dunning-1-reminder", "reminder"),
        ("2026-04-24", "dunning-2-second-reminder", "second_reminder"),
        ("2026-05-18", "dunning-3-formal-notice", "formal_notice"),
    ] {
        let now = format!("{day}T10:00:00Z");
        small
            .server
            .palier(["dunning", "run", "--pole", &small.pole.code, "--now", &now])
            .success();
        for (code, language) in late {
            said.of(name, language, &found("dunning", code, level), &[]);
        }
    }
    for (code, language) in late {
        let first = number(&document("2026-01", code));
        let told = ["--json", "--pole", &small.pole.code, &first, "--now", "2026-06-01T10:00:00Z"];
        let charged = small.server.palier(["dunning", "charge"].iter().chain(&told)).success();
        let charged: Value = serde_json::from_str(&charged).unwrap();
        said.of("charge", language, &found("invoice", code, &number(&charged)), &[]);
    }
    for one in late {
        suspend_and_lift(&small, &mut said, one);
    }
    for (code, _, amount) in ahead {
        let payment = json!({
            "kind": "payment", "member": small.members[code], "method": "transfer",
            "paid_on": "2028-01-15", "amount": amount, "reference": "AVANCE",
        });
        small.finance.post(&small.at("payments"), payment).expect(201);
    }
    small.close("2026-03");
    for (code, language, amount) in ahead {
        let third = number(&document("2026-03", code));
        let name = if amount == "500.00" { "invoice-settled" } else { "invoice-settled-in-part" };
        said.of(name, language, &found("invoice", code, &third), &[]);
    }
    for (code, language) in late {
        let third = document("2026-03", code)["id"].as_str().unwrap().to_owned();
        let path = small.at(&format!("invoices/{third}/credit-notes"));
        let note = small.finance.post(&path, json!({ "reason": "Facturée deux fois" })).expect(201);
        said.of("credit-note", language, &found("invoice", code, &number(&note.json())), &[]);
    }
    said.agrees();
}

/// A member's services are suspended, and open again.
#[track_caller]
fn suspend_and_lift(small: &Small, said: &mut Said, (code, language): (&str, &str)) {
    for (command, name, about) in [
        ("suspend", "services-suspended", "suspended"),
        ("lift", "services-reinstated", "reinstated"),
    ] {
        let of = ["--pole", &small.pole.code, "--member", code, "--reason", "Un essai"];
        let told = ["dunning", command, "--now", "2026-06-02T10:00:00Z"];
        small.server.palier([told.as_slice(), &of].concat()).success();
        let member = &small.members[code];
        let mail = find(&small.server, &small.pole, "suspension", member, about);
        said.of(name, language, &mail, &[]);
    }
}

on_both!(who_follows_a_tariff);
fn who_follows_a_tariff(engine: Engine) {
    let mut said = Said::default();
    let server = Server::start(engine);
    let pole = Pole::new(&server);
    named(&pole);
    let provider = json!({ "name": "Mésocentre", "contact": { "email": "hpc@meso.example" } });
    let provider = pole.admin.post(&at(&pole, "/providers"), provider).expect(201).string("/id");
    let service = json!({
        "code": "compute", "provider": provider, "category": "calcul",
        "name": { "fr": "Calcul intensif", "en": "High-performance computing" },
        "unit": { "fr": "heure-cœur", "en": "core-hour" },
    });
    let service = pole.admin.post(&at(&pole, "/services"), service).expect(201).string("/id");
    let of_service = |what: &str| at(&pole, &format!("/services/{service}{what}"));
    let meter = json!({ "code": "core-hours" });
    pole.admin.post(&of_service("/meters"), meter).expect(201);
    let price = |from: &str, fee: &str, last: &str| {
        let charges = json!([
            { "kind": "recurring", "amount": fee },
            {
                "kind": "usage", "meter": "core-hours", "scope": "pool", "model": "graduated",
                "tiers": [
                    { "up_to": "10000", "unit_amount": "0.08" },
                    { "up_to": "50000", "unit_amount": "0.055" }, { "unit_amount": last },
                ],
            },
        ]);
        let document = json!({ "charges": charges });
        let tariff = json!({ "name": from, "effective_from": from, "document": document });
        pole.admin.post(&of_service("/tariffs"), tariff).expect(201);
    };
    price("2026-01-01", "15", "0.03");
    pole.publish(&of_service(""));
    let members = LANGUAGES.map(|language| {
        let mut one = member(language, "732829320");
        one["billing_contact"] = json!({ "email": format!("compta-{language}@forge.example") });
        one["language"] = language.into();
        let one = pole.admin.post(&at(&pole, "/members"), one).expect(201).string("/id");
        let subscriptions = at(&pole, &format!("/members/{one}/subscriptions"));
        pole.admin.post(&subscriptions, json!({ "service": service })).expect(201);
        (language, one)
    });
    price("2040-01-01", "18", "0.025");
    for (language, member) in &members {
        let mail = find(&server, &pole, "price_change", member, "compute");
        said.of("price-change", language, &mail, &[]);
    }
    said.agrees();
}

on_both!(who_uses_much);
fn who_uses_much(engine: Engine) {
    let mut said = Said::default();
    for (name, charges) in [("tier-beyond", tiers()), ("tier-for-all", by_year())] {
        let board = Board::new(engine, &charges);
        let pole = &board.pole;
        named(pole);
        let any = board.staff.with_header("if-match", "*");
        // Two that read, in a language each, and one more that is in the pool.
        let readers = [(&board.members[0], "en", "forge"), (&board.members[1], "fr", "atelier")];
        for (member, language, code) in readers {
            let contact = json!({ "email": format!("compta@{code}.example") });
            let change = json!({ "billing_contact": contact, "language": language });
            any.patch(&at(pole, &format!("/members/{member}")), change).expect(200);
        }
        if name == "tier-beyond" {
            alerts(&board, &readers);
        }
        // At once, so that nobody looks in between.
        let day = "2026-10-02T08:00:00Z";
        let used = |code: &'static str, hours| (code, code, "hours", day, hours, json!({}));
        board.report(&[used("forge", "40"), used("atelier", "120")]);
        for (member, language, _) in readers {
            let mail = find(&board.server, pole, "tier_reached", member, "compute");
            said.of(name, language, &mail, &[]);
            if name == "tier-beyond" {
                for kind in ["quantity", "amount"] {
                    let email = format!("{kind}-{language}@forge.example");
                    let mails = arrived(&board.server, &email, 1);
                    said.of(&format!("usage-alert-{kind}"), language, &mails[0], &[]);
                }
            }
        }
        if name == "tier-beyond" {
            // Three are enough to see the pool.
            board.report(&[used("usine", "200.5")]);
            for (_, language, code) in readers {
                let email = format!("compta@{code}.example");
                let mails = arrived(&board.server, &email, 2);
                said.of("tier-with-pool", language, &mails[1], &[]);
            }
        }
    }
    said.agrees();
}

/// Alerts of what `forge` and `atelier` use and owe.
fn alerts(board: &Board, readers: &[(&String, &str, &str)]) {
    let meters = board.staff.get(&board.at("meters")).expect(200).json();
    let meters = meters["data"].as_array().unwrap();
    let hours = meters.iter().find(|it| it["code"] == "hours").unwrap()["id"].clone();
    for (member, language, _) in readers {
        let of = at(&board.pole, &format!("/members/{member}/subscriptions"));
        let one = board.staff.get(&of).expect(200).string("/data/0/id");
        for (kind, mut alert) in [
            ("quantity", json!({ "meter": hours, "quantity": "37.5" })),
            ("amount", json!({ "amount": "30.00" })),
        ] {
            alert["email"] = json!(format!("{kind}-{language}@forge.example"));
            board.staff.post(&format!("{of}/{one}/alerts"), alert).expect(201);
        }
    }
}

/// Every hour of a contract year at the price of the tier that all reach together.
fn by_year() -> Value {
    json!([{
        "kind": "usage", "meter": "hours", "model": "volume", "basis": "contract_year",
        "tiers": [
            { "up_to": "100", "unit_amount": "1" },
            { "up_to": "2000", "unit_amount": "0.8", "flat_amount": "12" },
            { "unit_amount": "0.5" },
        ],
    }])
}
