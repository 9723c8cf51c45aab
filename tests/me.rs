//! `/v1/poles/{pole}/me`: who is calling.

use palier_tests::{Pole, Server, on_both};
use serde_json::{Value, json};

use crate::people::{PASSWORD, Person, at, faults, link_in, member, redeem, refresh, sign_in};

on_both!(people_and_machines_learn_who_they_are);
fn people_and_machines_learn_who_they_are(server: &Server) {
    let pole = Pole::new(server);
    let forge = member(&pole, "forge");
    let grants = json!([{ "role": "member_user", "member": forge }]);
    let person = Person::new(server, &pole, &grants);
    let me = person.client.get(&at(&pole, "/me")).expect(200).json();
    assert_eq!((&me["kind"], &me["id"]), (&json!("user"), &json!(person.id)));
    assert_eq!((&me["email"], &me["grants"]), (&json!(person.email), &grants));
    assert_eq!(
        me["scopes"],
        json!([
            "members:read",
            "subscriptions:read",
            "usage:read",
            "invoices:read",
            "payments:read",
        ])
    );
    assert_eq!((&me["pole_id"], &me["has_password"]), (&json!(pole.id), &json!(false)));

    let key = json!({ "name": "meter", "scopes": ["usage:write"], "member": forge });
    let key = pole.admin.post(&at(&pole, "/api-keys"), key).expect(201);
    let me = server.client().with_token(&key.string("/key")).get(&at(&pole, "/me"));
    let me = me.expect(200).json();
    assert_eq!((&me["kind"], &me["id"]), (&json!("api_key"), &json!(key.string("/id"))));
    assert_eq!((&me["name"], &me["member"]), (&json!("meter"), &json!(forge)));
    assert_eq!((&me["scopes"], &me["grants"]), (&json!(["usage:write"]), &json!([])));
}

on_both!(a_password_is_refused_with_everything_weak_about_it);
fn a_password_is_refused_with_everything_weak_about_it(server: &Server) {
    let pole = Pole::new(server);
    let person = Person::new(server, &pole, &json!([{ "role": "auditor" }]));
    let name = person.email.split('@').next().unwrap().to_owned();
    let pole_name = pole.code.replace('-', " ");
    for (password, codes) in [
        ("azerty", vec!["password_too_short", "password_common", "password_repetitive"]),
        ("MotDePasse2026!", vec!["password_common"]),
        (&*format!("le vrai {name} ici"), vec!["password_holds_email"]),
        (&*format!("vive le pôle {pole_name} ici"), vec!["password_holds_pole"]),
        (&*"four calm grey herons ".repeat(6), vec!["password_too_long"]),
    ] {
        let body = json!({ "new_password": password });
        let refused = person.client.post(&at(&pole, "/me/password"), body).expect(422);
        let expected: Vec<_> =
            codes.into_iter().map(|code| ("/new_password".to_owned(), code.to_owned())).collect();
        assert_eq!(faults(&refused), expected, "{password}");
        assert!(!refused.text().contains(password), "{refused}");
    }
}

on_both!(a_password_changes_with_the_one_before);
fn a_password_changes_with_the_one_before(server: &Server) {
    let pole = Pole::new(server);
    let person = Person::with_password(server, &pole, &json!([{ "role": "auditor" }]));
    let other = sign_in(server, &pole, &person.email, PASSWORD).expect(201);
    let client = server.client().with_token(&other.string("/access_token"));
    let change = |current: Value| {
        let mut body = json!({ "new_password": "seven loud blue otters" });
        body["current_password"] = current;
        client.post(&at(&pole, "/me/password"), body)
    };
    let wrong = change(json!("a wrong password")).expect(422);
    assert_eq!(faults(&wrong), [("/current_password".to_owned(), "password".to_owned())]);
    let without = json!({ "new_password": "seven loud blue otters" });
    let missing = client.post(&at(&pole, "/me/password"), without).expect(422);
    assert_eq!(faults(&missing), [("/current_password".to_owned(), "required".to_owned())]);
    change(json!(PASSWORD)).expect(204);

    // This session goes on, every other has ended.
    client.get(&at(&pole, "/me")).expect(200);
    person.client.get(&at(&pole, "/me")).expect(401);
    refresh(server, &pole, &person.refresh_token).expect(401);
    sign_in(server, &pole, &person.email, PASSWORD).expect(401);
    sign_in(server, &pole, &person.email, "seven loud blue otters").expect(201);
}

on_both!(who_forgot_the_password_chooses_another_by_link);
fn who_forgot_the_password_chooses_another_by_link(server: &Server) {
    let pole = Pole::new(server);
    let person = Person::with_password(server, &pole, &json!([{ "role": "auditor" }]));
    let body = json!({ "email": person.email });
    server.client().post(&at(&pole, "/sessions/sign-in-links"), body).expect(202);
    let mails = server.mails_to(&person.email, 2);
    let session = redeem(server, &pole, &link_in(&mails[1])).expect(201);
    let client = server.client().with_token(&session.string("/access_token"));
    let password = json!({ "new_password": "seven loud blue otters" });
    client.post(&at(&pole, "/me/password"), password).expect(204);
    sign_in(server, &pole, &person.email, "seven loud blue otters").expect(201);
}

on_both!(a_machine_has_no_password);
fn a_machine_has_no_password(server: &Server) {
    let pole = Pole::new(server);
    let key = json!({ "name": "meter", "scopes": ["usage:write"] });
    let key = pole.admin.post(&at(&pole, "/api-keys"), key).expect(201).string("/key");
    let client = server.client().with_token(&key);
    client.post(&at(&pole, "/me/password"), json!({ "new_password": PASSWORD })).expect(403);
    client.delete(&at(&pole, "/sessions/current")).expect(409).problem();
}
