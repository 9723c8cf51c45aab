//! What members are told of what is collected, to the letter and in both languages.

use std::time::Duration;

use palier_tests::stripe::{Means, Trouble};
use palier_tests::{Engine, Mail, Server, on_both, wait_for};
use serde_json::json;

use super::snapshots::{Said, named};
use crate::collecting::setting::{Collecting, until};
use crate::collections::Setting;

/// Who is written to, and in which language.
const READERS: [(&str, &str); 2] = [("forge", "fr"), ("usine", "en")];

/// The mail to somebody that says all of this.
#[track_caller]
fn saying(server: &Server, to: &str, parts: &[&str]) -> Mail {
    let found = || {
        let all = server.mails_to(to, 0).into_iter();
        all.into_iter().find(|mail| parts.iter().all(|part| mail.text.contains(part)))
    };
    wait_for(Duration::from_mins(2), found).unwrap_or_else(|| {
        let all: Vec<_> = server.mails_to(to, 0).into_iter().map(|mail| mail.text).collect();
        panic!("no mail to {to} says {parts:?}: {all:?}")
    })
}

on_both!(who_pays_online);
fn who_pays_online(engine: Engine) {
    let mut it = Collecting::new(engine);
    named(&it.small.pole);
    let to = |code: &str| format!("compta@{code}.example");
    for (code, language) in READERS {
        let change = json!({ "billing_contact": { "email": to(code) }, "language": language });
        it.small.patch(&format!("members/{}", it.small.members[code]), change);
    }
    it.small.close("2026-09");
    let number = |period: &str, code: &str| {
        let all = it.small.documents(period).into_iter();
        let of = all.into_iter().find(|it| it["document"]["buyer"]["code"] == code).unwrap();
        let link = it.small.at(&format!("invoices/{}/payment-link", of["id"].as_str().unwrap()));
        let link = it.small.finance.get(&link).expect(200).string("/url");
        (of["number"].as_str().unwrap().to_owned(), link)
    };
    let of = |period| READERS.map(|(code, _)| number(period, code));
    let (first, last) = (of("2026-07"), of("2026-09"));
    let mut said = Said::default();
    let told = |it: &Collecting, said: &mut Said, name: &str, words: [&str; 2], of: &[_; 2]| {
        for ((code, language), (words, (number, link))) in READERS.iter().zip(words.iter().zip(of))
        {
            let (number, link): (&String, &String) = (number, link);
            let mail = saying(&it.small.server, &to(code), &[words, number, link]);
            said.of(
                name,
                language,
                &mail,
                &[(link, "https://palier.example/v1/poles/CODE/pay/LINK")],
            );
        }
    };
    told(&it, &mut said, "invoice-online", ["en ligne", "online"], &last);
    // It is settled otherwise, so that only what is due is charged.
    for (code, _) in READERS {
        let document = it.owed(code).pop().unwrap();
        let paid = json!({
            "kind": "payment", "member": it.small.members[code], "method": "transfer",
            "paid_on": "2028-03-15", "amount": "120.00", "reference": "VIR-1",
            "allocations": [{ "invoice": document, "amount": "120.00" }],
        });
        it.small.finance.post(&it.small.at("payments"), paid).expect(201);
    }
    for (code, _) in READERS {
        it.save(code, Means::GUARDED_CARD);
    }
    let words = ["demande une confirmation", "wants the holder to confirm"];
    told(&it, &mut said, "collection-failed", words, &first);
    for (code, _) in READERS {
        until(|| it.collections(code), &["failed authentication_required 120.00"; 2]);
        it.save(code, Means::CARD);
    }
    let paid = || it.stripe.all("charge").into_iter().filter(|charge| charge["paid"] == true);
    // In the books as well, and not at Stripe alone: what is still on its way cannot be planned again.
    let (failed, came) = ("failed authentication_required 120.00", "succeeded 120.00");
    for (code, _) in READERS {
        until(|| it.collections(code), &[failed, failed, came, came]);
    }
    assert_eq!(paid().count(), 4);
    it.stripe.delivered();
    for (number, _) in &first {
        let charge = paid().find(|charge| charge["description"] == **number).unwrap();
        it.stripe.dispute(charge["id"].as_str().unwrap(), "fraudulent");
    }
    told(&it, &mut said, "collection-returned", ["a été rejeté", "came back"], &first);
    // Stripe has no time until the pole has said that it tries again: before, no card is charged.
    it.stripe.trouble_with("POST", "/v1/payment_intents", usize::MAX, Trouble::TooMany);
    for (code, _) in READERS {
        it.save(code, Means::POOR_CARD);
    }
    it.small.put("collection-settings", json!({ "automatic": true, "retry_days": [3, 7, 10] }));
    it.stripe.no_more_trouble();
    let words = ["suffisamment approvisionné", "does not cover it"];
    told(&it, &mut said, "collection-failed-again", words, &first);
    said.agrees();
}

on_both!(who_is_debited_by_the_bank);
fn who_is_debited_by_the_bank(engine: Engine) {
    let setting = Setting::signed(engine);
    named(&setting.small.pole);
    setting.plan();
    let mut said = Said::default();
    let mut mandates = setting.list("payment-means").into_iter();
    let made = mandates.find(|it| it["mandate"]["scheme"] == "b2b").unwrap();
    let made = made["mandate"]["reference"].as_str().unwrap().to_owned();
    for (to, language) in [(&setting.forge, "fr"), (&setting.usine, "en")] {
        let mail = setting.small.server.mail_to(to);
        let changing = [(to.as_str(), "compta@forge.example"), (made.as_str(), "RUM-USINE")];
        said.of("collection-notice", language, &mail, &changing);
    }
    said.agrees();
}
