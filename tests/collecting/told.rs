//! What members are told when money does not come in, or goes back: once, whatever happens meanwhile.

use palier_tests::stripe::{Envelope, Means, Trouble};
use palier_tests::{Engine, Mail, on_both};
use serde_json::json;

use super::setting::{Collecting, until};

/// Where the forge is written to.
const FORGE: &str = "compta@forge.example";

#[track_caller]
fn written_to(engine: Engine) -> Collecting {
    let it = Collecting::new(engine);
    let change = json!({ "billing_contact": { "email": FORGE }, "language": "fr" });
    it.small.patch(&format!("members/{}", it.small.members["forge"]), change);
    it
}

/// The mails about what did not come in, once there are so many.
#[track_caller]
fn told(it: &Collecting, count: usize) -> Vec<Mail> {
    let listed = || {
        let mails = it.small.finance.get(&it.small.at("mails?kind=collection_failed&limit=200"));
        let mails = mails.expect(200).json()["data"].as_array().unwrap().clone();
        mails.iter().map(|mail| mail["state"].as_str().unwrap().to_owned()).collect()
    };
    until(listed, &vec!["sent"; count]);
    it.small.server.mails_to(FORGE, count)
}

/// How many setbacks there are of which nobody was told.
fn untold(it: &Collecting) -> Vec<String> {
    it.small
        .sql()
        .lines("SELECT last_error || '.' AS line FROM collection_setbacks WHERE told_at IS NULL")
}

on_both!(whoever_is_told_that_it_failed_is_told_once);
fn whoever_is_told_that_it_failed_is_told_once(engine: Engine) {
    let mut it = written_to(engine);
    it.save("forge", Means::POOR_CARD);
    for mail in told(&it, 2) {
        assert!(mail.subject.contains("n’a pas pu être prélevée"), "{}", mail.subject);
        let text = mail.text.replace('\u{a0}', " ");
        for part in ["120,00 €", "approvisionné", "/pay/inv_", "FR14 2004", "FA-2028-00000"] {
            assert!(text.contains(part), "{part}\n{text}");
        }
        // Nobody tries again by itself here.
        assert!(!text.contains("réessaierons"), "{text}");
    }
    // It is heard of again: by events, by looking, and by another process.
    it.stripe.delivered();
    it.stripe.hold();
    for event in it.stripe.all("event") {
        it.stripe.deliver(event["id"].as_str().unwrap(), Envelope::Right);
    }
    it.look();
    let other = it.another();
    it.look();
    until(|| untold(&it), &[]);
    assert_eq!(told(&it, 2).len(), 2);
    drop(other);
    // The usine has no address.
    it.stripe.release();
    it.save("usine", Means::POOR_CARD);
    let refused = "failed insufficient_funds 120.00";
    until(|| it.collections("usine"), &[refused, refused]);
    until(|| untold(&it), &[]);
    assert_eq!(told(&it, 2).len(), 2);
    assert_eq!(it.faults(), [""; 0]);
}

on_both!(whoever_dies_while_telling_tells_it_once);
fn whoever_dies_while_telling_tells_it_once(engine: Engine) {
    for place in ["telling a member", "member told"] {
        let mut it = written_to(engine);
        it.small.server.set("PALIER_TEST_ABORT_AT", place);
        it.later(0);
        let setbacks = |it: &Collecting| {
            it.small.sql().lines("SELECT status AS line FROM collection_setbacks")
        };
        // Nobody dies of it before whoever plans it has an answer.
        it.stripe.trouble_with("POST", "/v1/payment_intents", 1_000, Trouble::TooMany);
        it.save("forge", Means::POOR_CARD);
        it.stripe.no_more_trouble();
        let end = || it.small.server.log().contains(&format!("aborted at {place}")).to_string();
        until(|| vec![end()], &["true"]);
        it.small.server.kill();
        assert!(!setbacks(&it).is_empty(), "{place}");
        it.small.server.set("PALIER_TEST_ABORT_AT", "0");
        // When whoever had taken something has had their time.
        it.later(1);
        assert_eq!(told(&it, 2).len(), 2, "{place}");
        until(|| untold(&it), &[]);
    }
}

on_both!(what_is_paid_or_given_back_by_the_pole_is_not_told);
fn what_is_paid_or_given_back_by_the_pole_is_not_told(engine: Engine) {
    let mut it = written_to(engine);
    it.save("forge", Means::CARD);
    until(|| it.collections("forge"), &["succeeded 120.00", "succeeded 120.00"]);
    let ids = it.small.sql().lines("SELECT collection_id AS line FROM collections ORDER BY 1");
    let refund = it.small.at(&format!("collections/{}/refund", ids[0]));
    it.small.finance.post(&refund, json!({})).expect(202);
    until(|| it.collections("forge"), &["returned refunded 120.00", "succeeded 120.00"]);
    it.heard();
    assert_eq!(told(&it, 0).len(), 0);
    // A dispute is told, and that it was won changes nothing of that.
    let charge = {
        let disputable = it.stripe.all("charge").into_iter().find(|it| it["refunded"] == false);
        disputable.unwrap()["id"].as_str().unwrap().to_owned()
    };
    let dispute = it.stripe.dispute(&charge, "fraudulent");
    let [mail] = &told(&it, 1)[..] else { panic!() };
    assert!(mail.subject.contains("a été rejeté"), "{}", mail.subject);
    assert!(mail.text.contains("dit ne pas l’avoir ordonné"), "{}", mail.text);
    it.stripe.win(&dispute);
    until(|| it.collections("forge"), &["returned refunded 120.00", "succeeded 120.00"]);
    assert_eq!(told(&it, 1).len(), 1);
    assert_eq!(it.faults(), [""; 0]);
}

on_both!(nobody_is_promised_a_charge_that_nobody_will_make);
fn nobody_is_promised_a_charge_that_nobody_will_make(engine: Engine) {
    let mut it = written_to(engine);
    it.save("forge", Means::CARD);
    let mail = |it: &Collecting, month: &str| {
        let number = it.small.close(month)[0].clone();
        let about = |mail: &Mail| mail.subject.contains(&number);
        let found = || it.small.server.mails_to(FORGE, 1).into_iter().find(about);
        palier_tests::wait_for(std::time::Duration::from_mins(2), found).expect("its mail").text
    };
    // Somebody plans by hand here, or does not: it says how to pay.
    let text = mail(&it, "2026-09");
    assert!(!text.contains("Nous prélèverons") && text.contains("/pay/inv_"), "{text}");
    it.small.put("collection-settings", json!({ "automatic": true }));
    let text = mail(&it, "2026-10");
    assert!(text.contains("Nous prélèverons") && !text.contains("/pay/inv_"), "{text}");
    // Without an account nobody charges anything.
    it.small.pole.admin.delete(&it.small.at("stripe-account")).expect(204);
    let text = mail(&it, "2026-11");
    assert!(!text.contains("Nous prélèverons"), "{text}");
    assert_eq!(it.faults(), [""; 0]);
}
