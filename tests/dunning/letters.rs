//! Which letter goes out when, and what it says.

use palier_tests::{Engine, Finished, on_both};
use serde_json::{Value, json};

use super::setting::{Setting, letters};

/// The rates that are not built in.
pub(super) fn rates() -> Value {
    json!([{ "first_day": "2026-07-01", "central_percent": "2.40", "legal_percent": "2.70" }])
}

on_both!(each_letter_goes_out_on_its_day_and_none_is_skipped);
fn each_letter_goes_out_on_its_day_and_none_is_skipped(engine: Engine) {
    let setting = Setting::new(engine);
    // A week after 4 March, where the pole is: in Paris the day begins an hour before UTC’s.
    // A command’s clock goes on from where it begins: ten minutes are time enough for the slowest.
    assert_eq!(setting.run("2026-03-10T22:50:00Z"), [""; 0]);
    let ahead = setting.report("2026-03-10T22:50:00Z", &["--dry-run", "--as-of", "2026-03-11"]);
    let first = ["reminder forge FA-2026-000001", "reminder usine FA-2026-000002"];
    assert_eq!(letters(&ahead), first);
    assert_eq!(setting.sent(), [""; 0]);
    assert_eq!(setting.run("2026-03-10T23:00:00Z"), first);
    assert_eq!(setting.run("2026-03-10T23:00:00Z"), [""; 0]);
    assert_eq!(setting.run("2026-03-24T22:50:00Z"), [""; 0]);
    // Nobody ran it for long: the second letter comes all the same, and leaves as much time to pay
    // before the third as the schedule does.
    let second = ["second_reminder forge FA-2026-000001", "second_reminder usine FA-2026-000002"];
    assert_eq!(setting.run("2026-06-20T10:00:00Z"), second);
    assert_eq!(setting.run("2026-06-20T10:00:00Z"), [""; 0]);
    let late = &setting.late("2026-06-20", "forge")[0];
    assert_eq!(late["last"], json!({ "level": "second_reminder", "on": "2026-06-20" }));
    assert_eq!(late["next"], json!({ "level": "formal_notice", "on": "2026-07-14" }));
    // As it stood before.
    let late = &setting.late("2026-03-20", "forge")[0];
    assert_eq!(late["last"], json!({ "level": "reminder", "on": "2026-03-11" }));
    assert_eq!(late["next"], json!({ "level": "second_reminder", "on": "2026-03-25" }));
    assert_eq!(late["days_late"], 16);
    assert!(setting.late("2026-03-04", "forge").is_empty());
    setting.settings(json!({ "rates": rates() }));
    assert_eq!(setting.run("2026-07-13T21:50:00Z"), [""; 0]);
    assert_eq!(setting.run("2026-07-13T22:00:00Z").len(), 2);
    assert_eq!(setting.run("2027-07-13T22:00:00Z"), [""; 0]);
    assert!(setting.late("2026-07-14", "forge")[0].get("next").is_none());
    assert_eq!(setting.small.faults(), [""; 0]);
}

on_both!(a_letter_says_what_is_owed_in_the_member_s_language);
fn a_letter_says_what_is_owed_in_the_member_s_language(engine: Engine) {
    let setting = Setting::new(engine);
    setting
        .settings(json!({ "rates": rates(), "schedule": { "reminder": 7, "formal_notice": 45 } }));
    setting.pay("usine", "2026-03-20", "20.00");
    setting.run("2026-03-25T10:00:00Z");
    let first = &setting.mails(&setting.forge, 1)[0];
    assert_eq!(first.subject, "Association Pôle Calcul : relance, 120,00\u{a0}€ à régler");
    for part in [
        "Forge du Rhône SAS n’a pas encore réglé ce qui suit",
        "- FA-2026-000001 du 2 février 2026, à régler pour le 4 mars 2026 : 120,00\u{a0}€\r\n",
        "FR1420041010050500013M02606",
        "compta@pole.example",
    ] {
        assert!(
            first.text.replace("\r\n", "\n").contains(&part.replace("\r\n", "\n")),
            "{part}\n{}",
            first.text
        );
    }
    assert!(!first.text.contains("L441-10"), "{}", first.text);
    let english = &setting.mails(&setting.usine, 1)[0];
    assert_eq!(english.subject, "Association Pôle Calcul: reminder, €100.00 to be paid");
    let line = "- FA-2026-000002 of 2 February 2026, due on 4 March 2026: €100.00 (of €120.00)";
    assert!(english.text.contains(line), "{}", english.text);

    // The formal notice claims interest, on both sides of 1 July, and the indemnity.
    setting.run("2026-07-14T10:00:00Z");
    let notice = &setting.mails(&setting.forge, 2)[1];
    let subject = "Association Pôle Calcul : mise en demeure de payer 120,00\u{a0}€";
    assert_eq!(notice.subject, subject);
    for part in [
        "met Forge du Rhône SAS en demeure de payer sans délai",
        "arrêtées au 14 juillet 2026 et qui courent jusqu’au règlement : 5,28\u{a0}€",
        "FA-2026-000001 : 118 jours à 12,15\u{a0}% l’an sur 120,00\u{a0}€ : 4,71\u{a0}€",
        "FA-2026-000001 : 14 jours à 12,4\u{a0}% l’an sur 120,00\u{a0}€ : 0,57\u{a0}€",
        "40,00\u{a0}€ par document : 40,00\u{a0}€",
        "Au total : 165,28\u{a0}€",
    ] {
        assert!(notice.text.contains(part), "{part}\n{}", notice.text);
    }
    let english = &setting.mails(&setting.usine, 2)[1];
    assert_eq!(english.subject, "Association Pôle Calcul: formal notice to pay €100.00");
    for part in [
        "hereby gives Forge du Rhône SAS formal notice to pay without delay",
        "FA-2026-000002: 16 days at 12.15% a year, on €120.00: €0.64",
        "FA-2026-000002: 102 days at 12.15% a year, on €100.00: €3.39",
        "€40.00 for each document: €40.00",
    ] {
        assert!(english.text.contains(part), "{part}\n{}", english.text);
    }
    // The record says the same.
    let member = &setting.small.members["forge"];
    let path = setting.small.at(&format!("dunning/letters?member={member}"));
    let kept = setting.small.finance.get(&path).expect(200).json();
    let kept = &kept["data"][1];
    assert_eq!((&kept["level"], &kept["sent_on"]), (&json!("formal_notice"), &json!("2026-07-14")));
    let notice = &kept["documents"][0];
    assert_eq!((&notice["interest"], &notice["indemnity"]), (&json!("5.28"), &json!("40.00")));
}

on_both!(several_documents_of_a_level_are_one_letter);
fn several_documents_of_a_level_are_one_letter(engine: Engine) {
    let setting = Setting::new(engine);
    for command in ["run", "finalise"] {
        let now = ["--now", "2026-03-02T10:00:00Z"];
        setting.small.try_invoices(&[&[command], &now[..]].concat(), "2026-02").success();
    }
    // The first are at the second letter, the others, due on 1 April, at the first.
    setting.run("2026-03-11T10:00:00Z");
    let both = setting.report("2026-04-08T10:00:00Z", &[]);
    let expected = [
        "reminder forge FA-2026-000003",
        "reminder usine FA-2026-000004",
        "second_reminder forge FA-2026-000001",
        "second_reminder usine FA-2026-000002",
    ];
    assert_eq!(letters(&both), expected);
    let other = Setting::new(engine);
    for command in ["run", "finalise"] {
        let now = ["--now", "2026-03-02T10:00:00Z"];
        other.small.try_invoices(&[&[command], &now[..]].concat(), "2026-02").success();
    }
    let one = other.run("2026-04-08T10:00:00Z");
    assert_eq!(one[0], "reminder forge FA-2026-000001 FA-2026-000003");
    let mail = &other.mails(&other.forge, 1)[0];
    assert!(mail.text.contains("Total : 240,00\u{a0}€"), "{}", mail.text);
}

on_both!(rates_that_nobody_entered_are_named_and_never_guessed);
fn rates_that_nobody_entered_are_named_and_never_guessed(engine: Engine) {
    let setting = Setting::new(engine);
    setting.settings(json!({ "schedule": { "formal_notice": 45 } }));
    let told = Finished::from(&mut setting.command("2026-07-14T10:00:00Z", &[])).failure(2);
    let line = "palier: The rates of the half-year that begins on 2026-07-01 are not known: enter \
                them in the dunning settings.\n";
    assert_eq!(told, line);
    assert_eq!(setting.sent(), [""; 0]);
    // Over HTTP, where it is 2028.
    let run = setting.small.at("dunning/run");
    let refused = setting.small.finance.post(&run, json!({})).expect(409).json();
    assert_eq!(refused["errors"][0]["code"], "rates_unknown");
    assert!(refused["detail"].as_str().unwrap().contains("2026-07-01"), "{refused}");
    let looked = setting.small.finance.post(&run, json!({ "dry_run": true })).expect(200).json();
    assert_eq!(looked["left_out"][0]["reason"]["code"], "rates_unknown");
    let late = &setting.late("2026-07-14", "forge")[0];
    assert!(late.get("penalty").is_none(), "{late}");
    assert_eq!(late["no_penalty"]["code"], "rates_unknown");
    // The indemnity alone depends on no rate.
    let terms = json!({ "schedule": { "formal_notice": 45 }, "claims_interest": false });
    setting.settings(terms);
    let sent = setting.report("2026-07-14T10:00:00Z", &[]);
    let document = &sent["letters"][0]["documents"][0];
    assert_eq!((&document["interest"], &document["indemnity"]), (&json!(null), &json!("40.00")));
}

on_both!(settings_say_what_is_wrong_with_them);
fn settings_say_what_is_wrong_with_them(engine: Engine) {
    let setting = Setting::new(engine);
    let at = setting.small.at("dunning-settings");
    let usual = setting.small.finance.get(&at).expect(200);
    assert_eq!(usual.json()["automatic"], false);
    let schedule = json!({ "reminder": 7, "second_reminder": 21, "formal_notice": 45 });
    assert_eq!(usual.json()["schedule"], schedule);
    assert_eq!(usual.header("etag"), "\"v0\"");
    let half_year = |first: &str| json!({ "first_day": first, "central_percent": "2.4", "legal_percent": "2.7" });
    let any = setting.small.finance.with_header("if-match", "*");
    for (wrong, pointer, code) in [
        (json!({ "schedule": { "reminder": 21, "formal_notice": 7 } }), "/schedule", "steps_cross"),
        (json!({ "schedule": { "reminder": 0 } }), "/schedule/reminder", "minimum"),
        (json!({ "agreed_rate": "fixed" }), "/fixed_rate_percent", "fixed_rate"),
        (json!({ "fixed_rate_percent": "9" }), "/fixed_rate_percent", "fixed_rate"),
        (json!({ "rates": [half_year("2026-08-01")] }), "/rates/0/first_day", "not_a_half_year"),
        (
            json!({ "rates": [half_year("2026-07-01"), half_year("2026-07-01")] }),
            "/rates/1/first_day",
            "duplicate",
        ),
    ] {
        let problem = any.put(&at, wrong.clone()).expect(422).json();
        let fault = &problem["errors"][0];
        assert_eq!([&fault["pointer"], &fault["code"]], [pointer, code], "{wrong}");
    }
    let fixed = json!({ "agreed_rate": "fixed", "fixed_rate_percent": "9", "rates": rates() });
    let set = setting.small.finance.with_header("if-match", usual.header("etag"));
    assert_eq!(set.put(&at, fixed.clone()).expect(200).json()["rates"], rates());
    set.put(&at, fixed).expect(412);
    // 9 % is more than three times the legal rate, before 1 July and after it.
    let late = &setting.late("2026-07-01", "forge")[0];
    assert_eq!(late["penalty"]["periods"][0]["rate_percent"], "9");
    assert_eq!(late["penalty"]["periods"][1]["ground"], "fixed");
    let log = setting.small.finance.get(&setting.small.at("audit-log?action=dunning_settings.set"));
    assert_eq!(log.expect(200).json()["data"][0]["changes"]["agreed_rate"]["to"], "fixed");
}
