//! Services of a member that has not paid, suspended after formal notice, and open again.

mod house;
mod rules;
mod webhooks;

use palier_tests::webhook::Hook;
use palier_tests::{Engine, Pole, on_both};
use serde_json::json;

use house::{ANNOUNCED, House, NOTICE, rest};

on_both!(services_are_suspended_on_the_announced_day_until_it_is_paid);
fn services_are_suspended_on_the_announced_day_until_it_is_paid(engine: Engine) {
    let mut house = House::new(engine);
    let document = house.setting.late(NOTICE, "forge")[0].clone();
    assert_eq!(document["suspends_on"], ANNOUNCED);
    let letters = house.get("dunning/letters");
    let notice = &letters["data"].as_array().unwrap()[2];
    assert_eq!(
        (&notice["level"], &notice["suspends_on"]),
        (&json!("formal_notice"), &json!(ANNOUNCED))
    );
    // The usine disputes what it owes.
    house.pause("usine");

    // The day before, and before eight in the morning.
    house.serve("2026-04-17T10:00:00Z");
    rest();
    house.serve("2026-04-18T05:30:00Z");
    rest();
    assert_eq!(house.hook.told().len(), 0);
    // Before there is another server, which writes what it mails elsewhere.
    let noticed = house.setting.mails(&house.setting.forge, 2).remove(1);
    let announced =
        "les services qu’utilise Forge du Rhône SAS seront suspendus à compter du 18 avril 2026";
    assert!(noticed.text.contains(announced), "{}", noticed.text);
    // Several look at once.
    house.serve("2026-04-18T06:00:00Z");
    let _other = house.another("2026-04-18T06:00:00Z");
    let suspension = house.suspended("forge");
    assert_eq!(suspension["began_by"], "palier");
    assert_eq!(suspension["services"], json!([house.setting.small.service]));
    let cause = &suspension["documents"][0];
    assert_eq!((&cause["number"], &cause["open"]), (&json!("FA-2026-000001"), &json!("120.00")));
    assert_eq!(cause["letter"], notice["id"]);

    // Its provider is told, and whoever asks.
    let told = &house.hook.told_times(1)[0];
    let event = told.event();
    assert_eq!(told.method, "POST");
    assert!(told.is_by(&house.secret), "{told:?}");
    assert_eq!(event["type"], "member.suspended");
    assert_eq!(event["timestamp"], suspension["began_at"]);
    let data = &event["data"];
    assert_eq!(data["suspension"], suspension["id"]);
    assert_eq!((&data["sequence"], &data["since"]), (&json!(1), &suspension["began_at"]));
    assert_eq!(data["member"]["id"], house.setting.small.members["forge"]);
    assert_eq!(data["member"]["code"], "forge");
    assert_eq!(data["services"], json!([{ "id": house.setting.small.service, "code": "compute" }]));
    assert_eq!(data["provider"], house.provider);
    assert!(data.get("until").is_none(), "{data}");
    let entitlement = house.entitlement("forge");
    assert_eq!(entitlement["objections"], json!(["services_suspended"]));
    assert_eq!(entitlement["suspension"]["id"], suspension["id"]);
    assert_eq!(house.entitlement("usine")["entitled"], true);
    assert!(house.entitlement("usine").get("suspension").is_none());

    // What is used all the same is billed; nothing new is subscribed to.
    house.setting.small.used("late", "forge", "2026-04-17", "1");
    let subscription = json!({ "service": house.setting.small.service });
    let of = house.at(&format!("members/{}/subscriptions", house.setting.small.members["forge"]));
    let refused = house.setting.small.finance.post(&of, subscription).expect(409).problem();
    assert!(refused["detail"].as_str().unwrap().contains("suspended"), "{refused}");

    house.setting.pay("forge", "2026-04-18", "100.00");
    rest();
    assert_eq!(house.entitlement("forge")["entitled"], false);
    house.setting.pay("forge", "2026-04-18", "20.00");
    let lifted = house.lifted("forge");
    assert_eq!((&lifted["why"], &lifted["by"]), (&json!("paid"), &json!("palier")));
    let [first, last] = &house.hook.told_times(2)[..] else { panic!("it is told once") };
    let event = last.event();
    assert_ne!(first.id, last.id);
    assert_eq!(
        (&event["type"], &event["data"]["sequence"]),
        (&json!("member.reinstated"), &json!(2))
    );
    assert_eq!(event["data"]["until"], lifted["at"]);
    assert_eq!(event["data"]["services"], data["services"]);
    assert_eq!(house.entitlement("forge")["entitled"], true);
    rest();
    assert_eq!((house.list("").len(), house.hook.told().len()), (1, 2));
    assert_eq!(house.setting.small.faults(), [""; 0]);
}

on_both!(somebody_suspends_and_lifts_by_hand);
fn somebody_suspends_and_lifts_by_hand(engine: Engine) {
    let house = House::new(engine);
    let forge = json!({ "member": house.setting.small.members["forge"], "reason": "Sans réponse" });
    let suspensions = house.at("dunning/suspensions");
    let once = house.setting.small.finance.with_header("idempotency-key", "suspend-forge");
    let suspension = once.post(&suspensions, &forge).expect(201).json();
    assert_eq!(once.post(&suspensions, &forge).expect(201).json(), suspension);
    assert_eq!(suspension["reason"], "Sans réponse");
    let refused = house.setting.small.finance.post(&suspensions, &forge).expect(409).json();
    assert_eq!(refused["errors"][0]["code"], "suspended_already");
    assert_eq!(house.entitlement("forge")["entitled"], false);
    let said = house.command(&["suspensions"]).success();
    assert!(said.starts_with("forge ") && said.contains("compute"), "{said}");
    assert!(said.trim_end().ends_with("FA-2026-000001"), "{said}");

    let mail = &house.setting.mails(&house.setting.forge, 3)[2];
    assert_eq!(mail.subject, "Association Pôle Calcul : vos services sont suspendus");
    assert!(mail.text.contains("- FA-2026-000001 : 120,00\u{a0}€\r\n"), "{}", mail.text);

    // What is another pole's is not there.
    let elsewhere = Pole::new(&house.setting.small.server);
    let at = |what: &str| format!("/v1/poles/{}/dunning/suspensions{what}", elsewhere.code);
    let one = format!("/{}", suspension["id"].as_str().unwrap());
    elsewhere.admin.get(&at(&one)).expect(404);
    elsewhere.admin.post(&at(&format!("{one}/lift")), json!({ "reason": "Non" })).expect(404);
    assert_eq!(elsewhere.admin.get(&at("")).expect(200).json()["data"], json!([]));
    let refused = elsewhere.admin.post(&at(""), &forge).expect(422).json();
    assert_eq!(refused["errors"][0]["pointer"], "/member");

    let lift = house.at(&format!("dunning/suspensions{one}/lift"));
    let reason = json!({ "reason": "Échéancier" });
    let lifted = house.setting.small.finance.post(&lift, &reason).expect(200).json();
    assert_eq!(
        (&lifted["lifted"]["why"], &lifted["lifted"]["reason"]),
        (&json!("by_hand"), &json!("Échéancier"))
    );
    let mail = &house.setting.mails(&house.setting.forge, 4)[3];
    assert_eq!(mail.subject, "Association Pôle Calcul : vos services sont rétablis");
    house.setting.small.finance.post(&lift, &reason).expect(409);
    house.setting.small.finance.post(&lift, json!({ "reason": " " })).expect(422);
    assert_eq!(house.entitlement("forge")["entitled"], true);

    // Not by itself again; by hand as often as somebody likes.
    let mut house = house;
    house.pause("usine");
    assert!(house.setting.late(ANNOUNCED, "forge")[0].get("suspends_on").is_none());
    house.serve("2026-04-18T06:00:00Z");
    rest();
    assert_eq!(house.list("?open=true").len(), 0);
    house.command(&["suspend", "--member", "forge", "--reason", "Promesse non tenue"]).success();
    let again = house.command(&["suspend", "--member", "forge", "--reason", "Encore"]).failure(2);
    assert_eq!(again, "palier: The member’s services are suspended already.\n");
    let said = house.command(&["lift", "--member", "forge", "--reason", "Payé"]).success();
    assert!(said.contains("2026-04-18  2026-04-18"), "{said}");
    let none = house.command(&["lift", "--member", "forge", "--reason", "Payé"]).failure(2);
    assert_eq!(none, "palier: --member forge: its services are not suspended\n");
    let mut sequences: Vec<_> = house
        .hook
        .told_times(4)
        .iter()
        .map(|told| told.event()["data"]["sequence"].as_i64().unwrap())
        .collect();
    sequences.sort_unstable();
    assert_eq!(sequences, [1, 2, 3, 4]);
    assert_eq!(house.command(&["suspensions", "--all", "--json"]).success().lines().count(), 2);
    assert_eq!(house.setting.small.faults(), [""; 0]);
}

on_both!(only_providers_of_what_is_suspended_are_told);
fn only_providers_of_what_is_suspended_are_told(engine: Engine) {
    let house = House::new(engine);
    let small = &house.setting.small;
    let contact = json!({ "email": "essais@meso.example" });
    let other = small.made("providers", json!({ "name": "Essais", "contact": contact }));
    let their = Hook::start();
    small.put(&format!("providers/{other}/webhook-endpoint"), json!({ "url": their.url() }));
    house.suspend("forge");
    house.hook.told_times(1);
    rest();
    assert_eq!((their.told().len(), house.hook.told().len()), (0, 1));
    let list = house.get(&format!("providers/{other}/webhook-deliveries"));
    assert_eq!(list["data"], json!([]));
}
