//! Mails that tell members of a tier that their pool has reached.

use std::time::Duration;

use palier_tests::{Engine, Server, on_both, wait_for};
use serde_json::{Value, json};

use crate::people::{at, new_email};
use crate::price_board::setting::{MEMBERS, NOW, Setting, tiers};
use crate::sql::Sql;

/// More than two rounds.
const ROUNDS: Duration = Duration::from_secs(6);

/// Within which a tier is told of. Between two rounds it rests many times as long as a round took, and
/// that is long where others keep the processors busy.
const PATIENCE: Duration = Duration::from_mins(5);

/// Everybody is written to, `forge` in English.
struct Mails {
    setting: Setting,
    /// Of the members, in their order.
    emails: Vec<String>,
}

impl Mails {
    #[track_caller]
    fn new(engine: Engine, charges: &Value) -> Self {
        let setting = Setting::new(engine, charges);
        let any = setting.staff.with_header("if-match", "*");
        let emails = setting.members.iter().zip(MEMBERS).map(|(member, code)| {
            let email = new_email();
            let language = if code == "forge" { "en" } else { "fr" };
            let contact = json!({ "billing_contact": { "email": email }, "language": language });
            any.patch(&at(&setting.pole, &format!("/members/{member}")), contact).expect(200);
            email
        });
        let emails = emails.collect();
        Self { setting, emails }
    }

    /// What became of all mails about tiers.
    fn listed(&self) -> Vec<Value> {
        let list = at(&self.setting.pole, "/mails?kind=tier_reached");
        let list = self.setting.staff.get(&list).expect(200);
        list.json()["data"].as_array().unwrap().clone()
    }

    /// Subject and text of the nth mail to a member.
    #[track_caller]
    fn mail(&self, member: usize, nth: usize) -> (String, String) {
        let is_told = || {
            let listed = self.listed();
            let theirs = listed.iter().filter(|it| it["member"] == *self.setting.members[member]);
            (theirs.count() >= nth).then_some(())
        };
        wait_for(PATIENCE, is_told).expect("the tier is told of");
        let mails = self.setting.server.mails_to(&self.emails[member], nth);
        let spaced = |text: &str| text.replace(['\u{a0}', '\u{202f}'], " ").replace("\r\n", "\n");
        let mail = mails[..nth].last().unwrap();
        (spaced(&mail.subject), spaced(&mail.text))
    }

    fn spare(&self, member: usize) {
        let of = format!("/members/{}/subscriptions", self.setting.members[member]);
        let staff = &self.setting.staff;
        let listed = staff.get(&at(&self.setting.pole, &of)).expect(200);
        assert_eq!(listed.json()["data"][0]["tier_mails"], true);
        let one = at(&self.setting.pole, &format!("{of}/{}", listed.string("/data/0/id")));
        let key = json!({
            "name": "Its own", "scopes": ["subscriptions:read", "subscriptions:write"],
            "member": self.setting.members[member],
        });
        let key = staff.post(&at(&self.setting.pole, "/api-keys"), key);
        let own = self.setting.server.client().with_token(&key.expect(201).string("/key"));
        let own = own.with_header("if-match", "*");
        // What the pole agreed with it, it cannot change.
        own.patch(&one, json!({ "weight": "2", "tier_mails": false })).expect(403);
        own.patch(&one, json!({ "minimum_amount": "1.00" })).expect(403);
        let spared = own.patch(&one, json!({ "tier_mails": false })).expect(200);
        assert_eq!(spared.json()["tier_mails"], false);
    }
}

on_both!(everybody_is_told_of_a_tier_once);
fn everybody_is_told_of_a_tier_once(engine: Engine) {
    let mails = Mails::new(engine, &tiers());
    let setting = &mails.setting;
    mails.spare(3);
    // Two that use it: nobody learns what the other used.
    setting.hours(&[("forge", "40"), ("atelier", "120")]);
    let (subject, text) = mails.mail(0, 1);
    assert_eq!(subject, "Calcul (Hours): 100 passed together, €0.80 per unit beyond");
    assert_eq!(
        text,
        "Hello,\n\nTogether, the members have passed 100 for Calcul (Hours) in October 2026: tier 2 is \
         reached. What is used beyond costs €0.80 per unit instead of €1.00. Everybody pays the same average \
         of it all, €0.925 per unit so far.\n\n\
         - It holds for what is used since 1 October 2026\n\
         - Next tier: beyond 300, at €0.50\n\n\
         This is told once for each tier. Whoever manages your subscription can switch these messages off \
         (tier_mails).\n"
    );
    let (subject, text) = mails.mail(1, 1);
    assert_eq!(subject, "Calcul (Hours) : le cap des 100 est franchi, 0,80 € par unité au-delà");
    assert_eq!(
        text,
        "Bonjour,\n\nEnsemble, les membres ont dépassé 100 pour Calcul (Hours) en octobre 2026 : la tranche 2 \
         est atteinte. Ce qui est utilisé au-delà coûte 0,80 € par unité au lieu de 1,00 €. Chacun paie la \
         même moyenne de l’ensemble, 0,925 € par unité à ce jour.\n\n\
         - Valable pour tout ce qui est utilisé depuis le 1er octobre 2026\n\
         - Tranche suivante : au-delà de 300, à 0,50 €\n\n\
         Ce message est envoyé une fois par tranche. Qui gère votre abonnement peut ne plus recevoir ces \
         messages (tier_mails).\n"
    );
    let html = &setting.server.mail_to(&mails.emails[1]).html;
    assert!(html.contains("<li>Tranche suivante : au-delà de 300, à 0,50\u{a0}€</li>"), "{html}");
    // It falls below and rises again: that is known already.
    let void = json!({
        "events": [{ "id": "hours-of-atelier", "time": "2026-10-02T08:00:00Z" }], "reason": "A test.",
    });
    setting.staff.post(&at(&setting.pole, "/usage/voids"), void).expect(200);
    std::thread::sleep(ROUNDS);
    let day = "2026-10-03T08:00:00Z";
    setting.report(&[("again", "atelier", "hours", day, "110", json!({}))]);
    std::thread::sleep(ROUNDS);
    assert_eq!(mails.listed().len(), 3, "{:?}", mails.listed());
    // Three are enough to see the pool.
    setting.report(&[("more", "usine", "hours", day, "200", json!({}))]);
    let (subject, text) = mails.mail(0, 2);
    assert_eq!(subject, "Calcul (Hours): 300 passed together, €0.50 per unit beyond");
    for part in
        ["instead of €0.80", "\n- Used together: 350\n", "\n- Next tier: none, this is the last\n"]
    {
        assert!(text.contains(part), "{part}\n{text}");
    }
    let (_, text) = mails.mail(2, 2);
    assert!(text.contains("\n- Utilisé ensemble : 350\n"), "{text}");
    let listed = mails.listed();
    assert_eq!(listed.len(), 6, "{listed:?}");
    let spared = &setting.members[3];
    assert!(listed.iter().all(|mail| mail["about"] == "compute" && mail["member"] != **spared));
}

on_both!(of_several_tiers_at_once_the_last_is_told);
fn of_several_tiers_at_once_the_last_is_told(engine: Engine) {
    let mails = Mails::new(engine, &tiers());
    // In one report: a round that came between two would find the second tier, and tell of it.
    let used = [("forge", "100"), ("atelier", "150"), ("usine", "70")];
    let used = used.map(|(member, quantity)| {
        (member, member, "hours", "2026-10-02T08:00:00Z", quantity, json!({}))
    });
    mails.setting.report(&used);
    let (_, text) = mails.mail(1, 1);
    for part in ["la tranche 3 est atteinte", "0,50 € par unité au lieu de 1,00 €"] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    std::thread::sleep(ROUNDS);
    assert_eq!(mails.listed().len(), 4);
}

/// All units at one price, by what the pool used since its contract began.
fn by_year() -> Value {
    json!([{
        "kind": "usage", "meter": "hours", "model": "volume", "basis": "contract_year",
        "tiers": [
            { "up_to": "100", "unit_amount": "1" },
            { "up_to": "200", "unit_amount": "0.8", "flat_amount": "12" }, { "unit_amount": "0.5" },
        ],
    }])
}

on_both!(a_contract_year_counts_as_a_whole_and_two_servers_tell_once);
fn a_contract_year_counts_as_a_whole_and_two_servers_tell_once(engine: Engine) {
    let mut mails = Mails::new(engine, &by_year());
    let url = mails.setting.server.database_url().to_owned();
    let second = Server::builder(engine).database(&url).now(NOW).start();
    let setting = &mails.setting;
    setting.report(&[("s", "forge", "hours", "2026-09-15T08:00:00Z", "60", json!({}))]);
    setting.hours(&[("forge", "5"), ("atelier", "30"), ("usine", "25")]);
    // In the middle of it, mostly.
    std::thread::sleep(Duration::from_millis(2_200));
    mails.setting.server.kill();
    mails.setting.server.restart();
    let mut sql = Sql::open(&url);
    let told = wait_for(PATIENCE, || {
        let rows = sql.lines("SELECT period || ' ' || tier AS line FROM tiers_told");
        (!rows.is_empty()).then_some(rows)
    });
    assert_eq!(told, Some(vec!["2026-09-01 2".to_owned()]));
    // What a killed server had begun is taken up again once its time is over; none is written anew.
    assert_eq!(mails.listed().len(), 4);
    let reached = "SELECT object AS line FROM audit_log WHERE action = 'tier.reached'";
    assert_eq!(sql.lines(reached).len(), 1);
    drop(second);
    let mails = mails.listed();
    let subjects: Vec<_> = mails.iter().map(|mail| mail["subject"].as_str().unwrap()).collect();
    let french = "Calcul : le cap des 100 est franchi, chacun paie désormais 0,80\u{a0}€ par unité";
    assert_eq!(subjects.iter().filter(|it| **it == french).count(), 3, "{subjects:?}");
}
