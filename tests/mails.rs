//! Mails: what they say and how they look, what becomes of them, and what mail servers do to them.

mod catcher;
mod collected;
mod elsewhere;
mod snapshots;

use std::time::Duration;

use palier_tests::smtp::{Manner, Smtp};
use palier_tests::{Answer, Engine, Pole, Server, on_both, wait_for};
use serde_json::{Value, json};

use crate::seed::member;

/// How long a mail may take that is tried again after five seconds, or so, and then ever more rarely.
const PATIENCE: Duration = Duration::from_mins(2);

/// A pole with a service, whose members are told that its tariff changes.
struct Setting<S = Smtp> {
    smtp: S,
    server: Server,
    pole: Pole,
    service: String,
}

impl Setting {
    fn new(engine: Engine) -> Self {
        let smtp = Smtp::start();
        let server = Server::builder(engine).smtp(&smtp).start();
        Self::of(smtp, server)
    }
}

impl<S> Setting<S> {
    /// On a server that mails by this mail server.
    #[track_caller]
    fn of(smtp: S, server: Server) -> Self {
        let pole = Pole::new(&server);
        let at = |what: &str| format!("/v1/poles/{}/{what}", pole.code);
        let provider = json!({ "name": "Mésocentre", "contact": { "email": "hpc@meso.example" } });
        let provider = pole.admin.post(&at("providers"), provider).expect(201).string("/id");
        let service = json!({
            "code": "compute", "provider": provider, "category": "calcul",
            "name": { "fr": "Calcul & <stockage>", "en": "Computing" },
            "description": { "fr": "Des heures de calcul." },
        });
        let service = pole.admin.post(&at("services"), service).expect(201).string("/id");
        let setting = Self { smtp, server, pole, service };
        setting.price("2026-01-01", "15");
        setting.pole.publish(&setting.at(&format!("services/{}", setting.service)));
        setting
    }

    fn at(&self, what: &str) -> String {
        format!("/v1/poles/{}/{what}", self.pole.code)
    }

    /// A member that uses the service, and is written to here.
    #[track_caller]
    fn join(&self, code: &str, siren: &str, email: &str) -> String {
        let mut one = member(code, siren);
        one["billing_contact"] = json!({ "email": email });
        let one = self.pole.admin.post(&self.at("members"), one).expect(201).string("/id");
        let subscriptions = self.at(&format!("members/{one}/subscriptions"));
        self.pole.admin.post(&subscriptions, json!({ "service": self.service })).expect(201);
        one
    }

    /// What the service costs from a day on.
    #[track_caller]
    fn price(&self, from: &str, fee: &str) {
        let charges = json!([{ "kind": "recurring", "amount": fee }]);
        let tariff =
            json!({ "name": from, "effective_from": from, "document": { "charges": charges } });
        let tariffs = self.at(&format!("services/{}/tariffs", self.service));
        self.pole.admin.post(&tariffs, tariff).expect(201);
    }

    #[track_caller]
    fn mails(&self, query: &str) -> Vec<Value> {
        let list = self.pole.admin.get(&self.at(&format!("mails?{query}"))).expect(200);
        list.json()["data"].as_array().unwrap().clone()
    }

    /// The only mail of a member, once it stands somewhere.
    #[track_caller]
    fn mail(&self, member: &str, state: &str) -> Value {
        let there = || {
            let [mail] = &self.mails(&format!("member={member}"))[..] else { return None };
            (mail["state"] == state).then(|| mail.clone())
        };
        wait_for(PATIENCE, there)
            .unwrap_or_else(|| panic!("not {state}: {:?}", self.mails("limit=9")))
    }

    /// The only mail of a member, once it could not leave for now.
    #[track_caller]
    fn waiting(&self, member: &str) -> Value {
        let tried = || {
            let mail = self.mail(member, "queued");
            mail["error"].is_string().then_some(mail)
        };
        wait_for(PATIENCE, tried).expect("it was tried")
    }

    #[track_caller]
    fn again(&self, mail: &Value, body: Value) -> Answer {
        let mail = mail["id"].as_str().unwrap();
        self.pole.admin.post(&self.at(&format!("mails/{mail}/send-again")), body)
    }

    #[track_caller]
    fn bounce(&self, mail: &Value, reason: &str) -> Answer {
        let mail = mail["id"].as_str().unwrap();
        let reason = json!({ "reason": reason });
        self.pole.admin.post(&self.at(&format!("mails/{mail}/bounce")), reason)
    }
}

on_both!(a_mail_says_the_same_as_text_and_as_html);
fn a_mail_says_the_same_as_text_and_as_html(engine: Engine) {
    let setting = Setting::new(engine);
    let forge = setting.join("forge", "732829320", "compta@forge.example");
    setting.price("2028-02-01", "18");
    let delivery = setting.smtp.delivery_to("compta@forge.example");
    assert_eq!(
        delivery.mail.subject,
        "Nouveaux tarifs pour Calcul & <stockage> à compter du 1er février 2028"
    );
    assert_eq!(
        delivery.mail.text.replace("\r\n", "\n"),
        "Bonjour,\n\nLes tarifs de Calcul & <stockage> changent le 1er février 2028.\n\n\
         - À compter de ce jour : 18,00\u{a0}€ par mois\n- Jusque-là : 15,00\u{a0}€ par mois\n\n\
         Le catalogue présente le nouveau tarif en entier.\n"
    );
    let html = &delivery.mail.html;
    for part in [
        "<html lang=\"fr\">",
        "<p>Bonjour,</p>",
        "<p>Les tarifs de Calcul &amp; &lt;stockage&gt; changent le 1er février 2028.</p>",
        "<li>À compter de ce jour : 18,00\u{a0}€ par mois</li>",
        "<li>Jusque-là : 15,00\u{a0}€ par mois</li>",
    ] {
        assert!(html.contains(part), "{part}\n{html}");
    }
    let raw = String::from_utf8_lossy(&delivery.mail.raw).into_owned();
    assert!(raw.contains("Content-Type: multipart/alternative"), "{raw}");
    assert!(raw.contains("Auto-Submitted: auto-generated"), "{raw}");
    let mail = setting.mail(&forge, "sent");
    assert!(delivery.mail.id.starts_with(mail["id"].as_str().unwrap()), "{}", delivery.mail.id);
    let said = json!({
        "kind": mail["kind"], "about": mail["about"], "to": mail["to"], "attempts": mail["attempts"],
        "error": mail["error"],
    });
    assert_eq!(
        said,
        json!({
            "kind": "price_change", "about": "compute", "to": "compta@forge.example",
            "attempts": 1, "error": null,
        })
    );
}

on_both!(what_is_refused_for_good_waits_for_another_address);
fn what_is_refused_for_good_waits_for_another_address(engine: Engine) {
    let setting = Setting::new(engine);
    let forge = setting.join("forge", "732829320", "partie@forge.example");
    setting.smtp.behave(Manner::Refuses);
    setting.price("2028-02-01", "18");
    let refused = setting.mail(&forge, "refused");
    assert_eq!(refused["error"], "the mail server says 550");
    assert_eq!(setting.smtp.attempts(), 1, "it is not tried again");
    setting.bounce(&refused, "5.1.1").expect(409);
    setting.smtp.behave(Manner::Takes);
    let wrong = setting.again(&refused, json!({ "to": "nobody" })).expect(422);
    assert_eq!(wrong.string("/errors/0/pointer"), "/to");
    let again = setting.again(&refused, json!({ "to": "compta@forge.example" })).expect(200);
    assert_eq!(again.string("/state"), "queued");
    let first = setting.smtp.delivery_to("compta@forge.example");
    let sent = setting.mail(&forge, "sent");
    assert_eq!((&sent["id"], &sent["to"]), (&refused["id"], &json!("compta@forge.example")));
    assert!(first.mail.id.starts_with(refused["id"].as_str().unwrap()), "{}", first.mail.id);
    setting.again(&sent, json!({})).expect(409);
    assert_eq!(setting.smtp.deliveries().len(), 1);
}

on_both!(who_asks_to_wait_is_asked_again);
fn who_asks_to_wait_is_asked_again(engine: Engine) {
    let setting = Setting::new(engine);
    let forge = setting.join("forge", "732829320", "compta@forge.example");
    setting.smtp.behave(Manner::Defers);
    setting.price("2028-02-01", "18");
    let waiting = setting.waiting(&forge);
    assert_eq!(waiting["error"], "the mail server says 451");
    setting.again(&waiting, json!({})).expect(409);
    setting.smtp.behave(Manner::Takes);
    let sent = setting.mail(&forge, "sent");
    assert!(sent["attempts"].as_i64().unwrap() >= 2, "{sent}");
    assert_eq!(sent["error"], json!(null));
}

on_both!(a_mail_that_came_back_is_seen);
fn a_mail_that_came_back_is_seen(engine: Engine) {
    let setting = Setting::new(engine);
    let forge = setting.join("forge", "732829320", "compta@forge.example");
    setting.price("2028-02-01", "18");
    let sent = setting.mail(&forge, "sent");
    let reason = "5.1.1 mailbox does not exist";
    for _ in 0..2 {
        let bounced = setting.bounce(&sent, reason).expect(200);
        assert_eq!(
            (bounced.string("/state"), bounced.string("/error")),
            ("bounced".into(), reason.into())
        );
    }
    assert_eq!(setting.mails("state=bounced").len(), 1);
    assert_eq!(setting.mails("state=sent").len(), 0);
}

on_both!(a_message_sent_twice_is_recognised);
/// The mail server has the message, and its word that it has it is lost: it gets it once more, and the
/// reader's program shows it once, since its id is the same.
fn a_message_sent_twice_is_recognised(engine: Engine) {
    let mut setting = Setting::new(engine);
    let forge = setting.join("forge", "732829320", "compta@forge.example");
    setting.smtp.behave(Manner::KeepsQuiet);
    setting.price("2028-02-01", "18");
    setting.smtp.delivery_to("compta@forge.example");
    setting.server.kill();
    setting.smtp.behave(Manner::Takes);
    // A job that was begun is taken again once its time is over.
    let later = jiff::Timestamp::now().saturating_add(jiff::SignedDuration::from_mins(5)).unwrap();
    setting.server.restart_at(&later.to_string());
    let sent = setting.mail(&forge, "sent");
    let ids: Vec<_> = setting.smtp.deliveries().into_iter().map(|it| it.mail.id).collect();
    assert_eq!(ids.len(), 2);
    assert_eq!(ids[0], ids[1]);
    assert!(ids[0].starts_with(sent["id"].as_str().unwrap()), "{ids:?}");
}
