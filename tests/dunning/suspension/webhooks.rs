//! What providers are told: once, again and again until they take it, and to nobody else.

use std::time::Duration;

use palier_tests::webhook::{Hook, Manner};
use palier_tests::{Engine, on_both, wait_for};
use serde_json::{Value, json};

use super::house::{House, rest};

on_both!(a_provider_that_does_not_take_it_is_told_the_same_again);
fn a_provider_that_does_not_take_it_is_told_the_same_again(engine: Engine) {
    let house = House::new(engine);
    house.hook.behave(Manner::Says(500));
    house.suspend("forge");
    let waiting = house.delivery(|it| it["attempts"] != json!(0));
    assert_eq!((&waiting["state"], &waiting["error"]), (&json!("queued"), &json!("status")));
    assert_eq!(waiting["status"], 500);
    house.hook.behave(Manner::Takes);
    let delivered = house.delivery(|it| it["state"] == "delivered");
    assert_eq!((&delivered["status"], delivered.get("error")), (&json!(204), None));
    let told = house.hook.told();
    assert!(told.len() >= 2, "{told:?}");
    assert!(told.iter().all(|it| it.id == told[0].id && it.body == told[0].body), "{told:?}");
    assert!(told.iter().all(|it| it.is_by(&house.secret)));
    assert_eq!((&delivered["id"], &delivered["event"]), (&json!(told[0].id), &told[0].event()));

    // Whoever has lost it asks for it again.
    let again = house
        .at(&format!("providers/{}/webhook-deliveries/{}/send-again", house.provider, told[0].id));
    house.setting.small.finance.post(&again, json!({})).expect(200);
    let more = house.hook.told_times(told.len().saturating_add(1));
    assert_eq!(more.last().unwrap().id, told[0].id);
    house.delivery(|it| it["state"] == "delivered" && it["attempts"] == json!(more.len()));
    // And whoever has mended what was broken does not wait.
    house.hook.behave(Manner::Says(503));
    house.setting.small.finance.post(&again, json!({})).expect(200);
    house.delivery(|it| it["status"] == 503);
    house.hook.behave(Manner::Takes);
    house.setting.small.finance.post(&again, json!({})).expect(200);
    house.delivery(|it| it["state"] == "delivered");
}

on_both!(what_comes_late_shows_that_it_does);
fn what_comes_late_shows_that_it_does(engine: Engine) {
    let house = House::new(engine);
    house.hook.behave(Manner::Says(500));
    house.suspend("forge");
    house.hook.told_times(1);
    house.setting.pay("forge", "2026-04-03", "120.00");
    assert_eq!(house.lifted("forge")["why"], "paid");
    house.delivery(|it| it["kind"] == "member.reinstated" && it["attempts"] != json!(0));
    house.hook.behave(Manner::Takes);
    let all = || house.deliveries().iter().all(|it| it["state"] == "delivered").then_some(());
    wait_for(Duration::from_mins(5), all).expect("both are delivered");
    for delivery in house.deliveries() {
        let suspended = delivery["kind"] == "member.suspended";
        let sequence = delivery["event"]["data"]["sequence"].as_i64().unwrap();
        assert_eq!(sequence, if suspended { 1 } else { 2 }, "{delivery}");
    }
    assert_eq!(house.entitlement("forge")["entitled"], true);
}

on_both!(who_asks_for_time_is_left_alone_for_as_long);
fn who_asks_for_time_is_left_alone_for_as_long(engine: Engine) {
    let house = House::new(engine);
    for (member, rest, at) in [
        ("forge", "Fri, 03 Apr 2026 14:30:00 GMT", "2026-04-03T14:30"),
        ("usine", "1200", "2026-04-03T11:2"),
    ] {
        house.hook.behave(Manner::Asks(rest.to_owned()));
        house.suspend(member);
        house.delivery(|it| it["attempts"] == 1 && it["status"] == 503);
        let last = "SELECT run_at || '' AS line FROM jobs ORDER BY job_id DESC LIMIT 1";
        let due = || {
            let due = house.setting.small.sql().lines(last)[0].parse().unwrap();
            jiff::Timestamp::from_microsecond(due).unwrap().to_string()
        };
        let waits = wait_for(Duration::from_mins(1), || due().starts_with(at).then_some(()));
        assert_eq!(waits, Some(()), "{}", due());
    }
}

on_both!(an_endpoint_can_be_tried_out);
fn an_endpoint_can_be_tried_out(engine: Engine) {
    let house = House::new(engine);
    let small = &house.setting.small;
    let test = small.at(&format!("providers/{}/webhook-endpoint/test", house.provider));
    let taken = small.finance.post(&test, json!({})).expect(200).json();
    let told = house.hook.told();
    assert_eq!(taken, json!({ "id": told[0].id, "delivered": true, "status": 204 }));
    assert!(told[0].is_by(&house.secret));
    assert_eq!(told[0].event()["type"], "endpoint.test");
    assert_eq!(told[0].event()["data"]["provider"], house.provider.as_str());
    house.hook.behave(Manner::Says(401));
    let refused = small.finance.post(&test, json!({})).expect(200).json();
    assert_eq!(
        (&refused["delivered"], &refused["status"], &refused["error"]),
        (&json!(false), &json!(401), &json!("status"))
    );
    // It is not tried again, and no delivery.
    assert_eq!(house.hook.told().len(), 2);
    let deliveries = format!("providers/{}/webhook-deliveries", house.provider);
    assert_eq!(house.get(&deliveries)["data"], json!([]));
    let endpoint = small.at(&format!("providers/{}/webhook-endpoint", house.provider));
    small.finance.delete(&endpoint).expect(204);
    small.finance.post(&test, json!({})).expect(404);
}

on_both!(what_is_wrong_at_the_other_end_is_said_and_nothing_is_followed);
fn what_is_wrong_at_the_other_end_is_said_and_nothing_is_followed(engine: Engine) {
    let mut house = House::new(engine);
    let elsewhere = Hook::start();
    house.hook.behave(Manner::SendsTo(elsewhere.url()));
    house.suspend("forge");
    let redirected = house.delivery(|it| it["attempts"] != json!(0));
    assert_eq!((&redirected["status"], &redirected["error"]), (&json!(307), &json!("redirect")));
    // Who never says a word is not waited for as long as who may be slow.
    house.setting.small.server.set("PALIER_TEST_PATIENCE", "2000");
    house.serve("2026-04-03T11:30:00Z");
    house.hook.behave(Manner::Silent);
    house.suspend("usine");
    let late = house.delivery(|it| it["attempts"] != json!(0));
    assert_eq!((late.get("status"), &late["error"]), (None, &json!("timeout")));
    let endpoint = format!("providers/{}/webhook-endpoint", house.provider);
    house.setting.small.put(&endpoint, json!({ "url": "http://127.0.0.1:1/" }));
    let nobody = house.delivery(|it| it["error"] == "no_connection");
    assert_eq!(nobody["state"], "queued");
    // Told nothing any more, it is not tried either.
    let small = &house.setting.small;
    small.finance.delete(&small.at(&endpoint)).expect(204);
    small.finance.delete(&small.at(&endpoint)).expect(404);
    let given_up = house.delivery(|it| it["state"] == "given_up");
    assert_eq!(given_up["error"], "no_endpoint");
    let again = format!(
        "providers/{}/webhook-deliveries/{}/send-again",
        house.provider,
        given_up["id"].as_str().unwrap()
    );
    small.finance.post(&small.at(&again), json!({})).expect(409);
    assert_eq!(elsewhere.told().len(), 0);
}

on_both!(who_is_killed_before_it_noted_tells_the_same_again);
fn who_is_killed_before_it_noted_tells_the_same_again(engine: Engine) {
    let mut house = House::new(engine);
    house.setting.small.server.set("PALIER_TEST_ABORT_AT", "webhook sent");
    house.serve("2026-04-03T12:00:00Z");
    house.command(&["suspend", "--member", "forge", "--reason", "Un essai"]).success();
    let first = house.hook.told_times(1);
    let died =
        || house.setting.small.server.log().contains("aborted at webhook sent").then_some(());
    wait_for(Duration::from_mins(1), died).expect("it ends there");
    house.setting.small.server.kill();
    house.setting.small.server.set("PALIER_TEST_ABORT_AT", "");
    // Once whoever had taken the job has had their time.
    house.serve("2026-04-03T12:10:00Z");
    let told = house.hook.told_times(2);
    assert_eq!((&told[1].id, &told[1].body), (&first[0].id, &first[0].body));
    house.delivery(|it| it["state"] == "delivered");
    rest();
    assert_eq!(house.hook.told().len(), 2);
    assert_eq!(house.setting.small.faults(), [""; 0]);
}

on_both!(an_endpoint_has_a_secret_that_is_shown_once_and_replaced);
fn an_endpoint_has_a_secret_that_is_shown_once_and_replaced(engine: Engine) {
    let house = House::new(engine);
    let small = &house.setting.small;
    let path = small.at(&format!("providers/{}/webhook-endpoint", house.provider));
    let any = small.finance.with_header("if-match", "*");
    let shown = |answer: Value| answer.get("secret").map(|it| it.as_str().unwrap().to_owned());
    assert_eq!(shown(small.finance.get(&path).expect(200).json()), None);
    let same = any.put(&path, json!({ "url": house.hook.url() })).expect(200);
    assert_eq!(shown(same.json()), None);
    small
        .finance
        .with_header("if-match", "\"7\"")
        .put(&path, json!({ "url": house.hook.url() }))
        .expect(412);
    let newer = shown(small.finance.post(&format!("{path}/rotate"), json!({})).expect(200).json());
    let newer = newer.expect("it is shown once");
    assert_ne!(newer, house.secret);
    house.suspend("forge");
    let told = &house.hook.told_times(1)[0];
    assert!(told.is_by(&newer) && told.is_by(&house.secret), "{told:?}");
    for wrong in [
        "http://calcul.example/",
        "https://10.0.0.1/",
        "https://[fe80::1]/",
        "https://169.254.169.254/",
        "ftp://calcul.example/",
        "https://user:word@calcul.example/",
        "calcul.example",
        "",
    ] {
        let refused = any.put(&path, json!({ "url": wrong })).expect(422).json();
        assert_eq!(refused["errors"][0]["pointer"], "/url", "{wrong}");
    }
    // The database knows neither address's secret.
    let kept = "SELECT CAST(count(*) AS TEXT) AS line FROM audit_log WHERE changes LIKE '%whsec_%'";
    assert_eq!(small.sql().lines(kept), ["0"]);

    // A day later, the new one is left.
    let mut house = house;
    house.serve("2026-04-04T12:00:00Z");
    house.suspend("usine");
    let told = &house.hook.told_times(2)[1];
    assert!(told.is_by(&newer) && !told.is_by(&house.secret), "{told:?}");
}
