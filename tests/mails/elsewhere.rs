//! Mail servers of other people: under a private authority, with a login, and with moods of their own.

use palier_tests::{Builder, Engine, Server, on_both, wait_for};
use serde_json::json;

use super::catcher::Catcher;
use super::{PATIENCE, Setting};

const FORGE: &str = "compta@forge.example";

/// A pole whose mail goes to a catcher by this address, under the catcher's authority.
fn setting(engine: Engine, catcher: Catcher, url: &str) -> Setting<Catcher> {
    let server = mailing(engine, url).env("PALIER_SMTP_CA", catcher.ca()).start();
    Setting::of(catcher, server)
}

fn mailing(engine: Engine, url: &str) -> Builder {
    Server::builder(engine)
        .without_env("PALIER_MAIL_DIR")
        .env("PALIER_SMTP_URL", url)
        .env("PALIER_MAIL_FROM", "palier@pole.example")
}

/// Starts a server again, some minutes later, with other settings of the mail server.
fn changed(setting: &mut Setting<Catcher>, settings: &[(&str, &str)]) {
    setting.server.stop();
    for (name, value) in settings {
        setting.server.set(name, value);
    }
    setting.server.restart_at(&later());
}

/// When what was begun before is taken again.
fn later() -> String {
    let later = jiff::Timestamp::now().saturating_add(jiff::SignedDuration::from_mins(5)).unwrap();
    later.to_string()
}

on_both!(a_login_travels_by_starttls_and_by_tls_from_the_first_byte);
fn a_login_travels_by_starttls_and_by_tls_from_the_first_byte(engine: Engine) {
    for (tls, scheme, behind) in [("starttls", "smtp", "?tls=required"), ("implicit", "smtps", "")]
    {
        let Some(catcher) = Catcher::start(&format!("--tls {tls} --login pole:p@ss")) else {
            return;
        };
        // The password is written as an address has it.
        let url = catcher.url(&format!("{scheme}://pole:p%40ss@"), behind);
        let setting = setting(engine, catcher, &url);
        let forge = setting.join("forge", "732829320", FORGE);
        setting.price("2028-02-01", "18");
        let sent = setting.mail(&forge, "sent");
        let [taken] = &setting.smtp.took(FORGE, 1)[..] else { panic!("it came twice") };
        assert!(taken.tls, "{tls}");
        assert_eq!((&taken.login, taken.from.as_str()), (&json!("pole"), "palier@pole.example"));
        assert!(taken.mail.id.starts_with(sent["id"].as_str().unwrap()), "{}", taken.mail.id);
        assert!(taken.mail.text.contains("18,00\u{a0}€ par mois"), "{}", taken.mail.text);
    }
}

on_both!(nothing_is_said_to_whom_nobody_vouches_for);
/// Neither a login nor a mail goes to a server that another authority vouches for, that has another name, or
/// that does not offer to be spoken to in private.
fn nothing_is_said_to_whom_nobody_vouches_for(engine: Engine) {
    let login = "--login pole:secret";
    let named = format!("--tls implicit --name mail.pole.example {login}");
    let tls = format!("--tls implicit {login}");
    for (catcher, scheme, behind, has_ca, why) in [
        (&tls, "smtps", "", false, "UnknownIssuer"),
        (&named, "smtps", "", true, "not valid for name \"localhost\""),
        (&login.to_owned(), "smtp", "?tls=required", true, "STARTTLS"),
    ] {
        let Some(catcher) = Catcher::start(catcher) else { return };
        let url = catcher.url(&format!("{scheme}://pole:secret@"), behind);
        let server = mailing(engine, &url);
        let ca = catcher.ca().clone();
        let server = if has_ca { server.env("PALIER_SMTP_CA", ca) } else { server };
        let mut setting = Setting::of(catcher, server.start());
        let forge = setting.join("forge", "732829320", FORGE);
        setting.price("2028-02-01", "18");
        let waiting = setting.waiting(&forge);
        assert!(waiting["error"].as_str().unwrap().contains(why), "{waiting}");
        assert_eq!(setting.smtp.told("login"), [json!(null); 0]);
        if !has_ca {
            // Once somebody said which authority it is, the same mail leaves.
            let ca = setting.smtp.ca().to_str().unwrap().to_owned();
            changed(&mut setting, &[("PALIER_SMTP_CA", &ca)]);
            setting.mail(&forge, "sent");
            assert_eq!(setting.smtp.took(FORGE, 1).len(), 1);
        }
        assert_eq!(setting.smtp.told("took").len(), usize::from(!has_ca));
    }
}

on_both!(a_login_that_is_refused_is_mended_and_not_the_mail);
fn a_login_that_is_refused_is_mended_and_not_the_mail(engine: Engine) {
    let Some(catcher) = Catcher::start("--tls starttls --login pole:right") else { return };
    let right = catcher.url("smtp://pole:right@", "?tls=required");
    let wrong = right.replace("right", "wrong");
    let mut setting = setting(engine, catcher, &wrong);
    let forge = setting.join("forge", "732829320", FORGE);
    setting.price("2028-02-01", "18");
    let waiting = setting.waiting(&forge);
    assert_eq!(waiting["error"], "the mail server says 535");
    // Who tries is named in no log, and neither is what they tried.
    assert!(!setting.server.log().contains("wrong"), "{}", setting.server.log());
    changed(&mut setting, &[("PALIER_SMTP_URL", &right)]);
    setting.mail(&forge, "sent");
    assert_eq!(setting.smtp.took(FORGE, 1).len(), 1);
}

on_both!(each_recipient_is_one_of_its_own);
/// One is refused for good, one only for now, and one is taken: each is told apart, and nobody is written to
/// twice.
fn each_recipient_is_one_of_its_own(engine: Engine) {
    let Some(catcher) = Catcher::start("") else { return };
    let url = catcher.url("smtp://", "");
    let setting = Setting::of(catcher, mailing(engine, &url).start());
    let [refused, grey, taken] = [
        ("forge", "732829320", "refused@forge.example"),
        ("usine", "404833048", "grey@usine.example"),
        ("atelier", "552100554", "compta@atelier.example"),
    ]
    .map(|(code, siren, email)| setting.join(code, siren, email));
    setting.price("2028-02-01", "18");
    let told = setting.mail(&refused, "refused");
    assert_eq!(
        (&told["error"], &told["attempts"]),
        (&json!("the mail server says 550"), &json!(1))
    );
    assert_eq!(setting.mail(&taken, "sent")["attempts"], 1);
    let told = setting.mail(&grey, "sent");
    assert!(told["attempts"].as_i64().unwrap() >= 2, "{told}");
    assert_eq!(told["error"], json!(null));
    assert_eq!(setting.smtp.told_times("took", 2).len(), 2, "each once");
    let turned_away = setting.smtp.told_times("says", 2);
    let turned_away: Vec<_> = turned_away.iter().map(|it| (&it["to"], &it["says"])).collect();
    assert!(turned_away.contains(&(&json!("grey@usine.example"), &json!(451))), "{turned_away:?}");
    assert_eq!(turned_away.len(), 2, "who is refused for good is not asked again: {turned_away:?}");
}

on_both!(who_never_answers_keeps_nobody_else_waiting);
/// A server that has a message and says nothing more is given up after a while: more of them than there are
/// workers, and all others get theirs.
fn who_never_answers_keeps_nobody_else_waiting(engine: Engine) {
    let Some(catcher) = Catcher::start("") else { return };
    let url = catcher.url("smtp://", "");
    let server = mailing(engine, &url).env("PALIER_TEST_PATIENCE", "3000").start();
    let setting = Setting::of(catcher, server);
    let sirens = ["732829320", "404833048", "552100554", "542065479", "552032534", "552081317"];
    let stalled: Vec<_> = sirens[..5]
        .iter()
        .enumerate()
        .map(|(nth, siren)| {
            let email = format!("stalled-{nth}@forge.example");
            (setting.join(&format!("forge-{nth}"), siren, &email), email)
        })
        .collect();
    let other = setting.join("usine", sirens[5], FORGE);
    setting.price("2028-02-01", "18");
    setting.mail(&other, "sent");
    let why = "the mail server has not answered within 3 s";
    let given_up = || setting.server.log().contains(why).then_some(());
    wait_for(PATIENCE, given_up).expect("it says why");
    for (member, email) in &stalled {
        let attempts = setting.mail(member, "sent")["attempts"].as_u64().unwrap();
        // It had the message the first time: the reader's program tells by its id. On a busy machine the
        // second time may take too long as well.
        let taken = setting.smtp.took(email, 2);
        assert!(taken.len() <= usize::try_from(attempts).unwrap(), "{email}: {attempts}");
        assert!(taken.iter().all(|it| it.mail.id == taken[0].mail.id), "{email}");
    }
}

on_both!(an_end_between_sending_and_remembering_shows_in_no_mailbox);
/// The server has the message and said so, and the program ends before it can write that down.
fn an_end_between_sending_and_remembering_shows_in_no_mailbox(engine: Engine) {
    let Some(catcher) = Catcher::start("") else { return };
    let url = catcher.url("smtp://", "");
    let server = mailing(engine, &url).env("PALIER_TEST_ABORT_AT", "mail sent").start();
    let mut setting = Setting::of(catcher, server);
    let forge = setting.join("forge", "732829320", FORGE);
    setting.price("2028-02-01", "18");
    setting.smtp.took(FORGE, 1);
    let ended = || setting.server.log().contains("aborted at mail sent").then_some(());
    wait_for(PATIENCE, ended).expect("it ends there");
    setting.server.kill();
    setting.server.set("PALIER_TEST_ABORT_AT", "0");
    setting.server.restart_at(&later());
    let sent = setting.mail(&forge, "sent");
    let [first, second] = &setting.smtp.took(FORGE, 2)[..] else { panic!("more than twice") };
    assert_eq!(first.mail.id, second.mail.id);
    assert!(first.mail.id.starts_with(sent["id"].as_str().unwrap()), "{}", first.mail.id);
    assert_eq!(first.mail.text, second.mail.text);
}
