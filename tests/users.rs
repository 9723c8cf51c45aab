//! `/v1/poles/{pole}/users`: people, and what they may do.

use palier_tests::{Client, Pole, Server, on_both};
use serde_json::{Value, json};

use crate::people::{Person, at, faults, member, new_email, refresh, sign_in};

fn any(client: &Client) -> Client {
    client.with_header("if-match", "*")
}

fn of(member: &str, role: &str) -> Value {
    json!([{ "role": role, "member": member }])
}

on_both!(a_user_is_invited_and_listed);
fn a_user_is_invited_and_listed(server: &Server) {
    let pole = Pole::new(server);
    let (forge, users) = (member(&pole, "forge"), at(&pole, "/users"));
    let email = new_email();
    let user =
        json!({ "email": email, "name": "Élodie Cœur", "grants": of(&forge, "member_admin") });
    let made = pole.admin.post(&users, &user).expect(201);
    let user = made.json();
    assert_eq!(user["language"], "fr");
    assert_eq!(user["status"], "active");
    assert_eq!(user["grants"], of(&forge, "member_admin"));
    assert_eq!(made.header("location"), format!("{users}/{}", made.string("/id")));
    assert_eq!(pole.admin.get(made.header("location")).expect(200).json(), user);

    let mail = server.mail_to(&email);
    assert!(mail.subject.starts_with("Votre compte"), "{}", mail.subject);

    let ids = |query: &str| {
        let list = pole.admin.get(&format!("{users}?{query}")).expect(200).json();
        let ids = list["data"].as_array().unwrap().iter().map(|user| user["id"].clone());
        ids.collect::<Vec<_>>()
    };
    assert_eq!(ids("q=elodie%20COEUR"), [user["id"].clone()]);
    assert_eq!(ids(&format!("member={forge}")), [user["id"].clone()]);
    assert!(ids("status=disabled").is_empty());
    assert_eq!(ids("").len(), 2);
    let first = pole.admin.get(&format!("{users}?limit=1")).expect(200);
    let rest = format!("limit=1&cursor={}", first.string("/next_cursor"));
    assert_eq!(ids(&rest), [user["id"].clone()]);
}

on_both!(a_user_that_makes_no_sense_is_refused);
fn a_user_that_makes_no_sense_is_refused(server: &Server) {
    let pole = Pole::new(server);
    let (forge, users) = (member(&pole, "forge"), at(&pole, "/users"));
    let user =
        |email: &str, grants: Value| json!({ "email": email, "name": "J", "grants": grants });
    let nobody = forge.replace("mbr_0", "mbr_1");
    let refused = |body: Value| faults(&pole.admin.post(&users, body).expect(422));
    let fault = |pointer: &str, code: &str| vec![(pointer.to_owned(), code.to_owned())];
    let mail = new_email();
    assert_eq!(refused(user(&mail, json!([]))), fault("/grants", "min_items"));
    assert_eq!(refused(user("jeanne", json!([{ "role": "auditor" }]))), fault("/email", "format"));
    for grant in [
        json!({ "role": "member_admin" }),
        json!({ "role": "auditor", "member": forge }),
        json!({ "role": "provider", "member": forge }),
    ] {
        assert_eq!(refused(user(&mail, json!([grant]))), fault("/grants/0", "grant"), "{grant}");
    }
    assert_eq!(
        refused(user(&mail, of(&nobody, "member_user"))),
        fault("/grants/0/member", "unknown_member")
    );

    let admin = pole.admin_email.to_uppercase();
    let taken = pole.admin.post(&users, user(&admin, json!([{ "role": "auditor" }]))).expect(409);
    assert_eq!(faults(&taken), fault("/email", "taken"));
}

on_both!(a_user_is_changed_in_the_version_that_was_read);
fn a_user_is_changed_in_the_version_that_was_read(server: &Server) {
    let pole = Pole::new(server);
    let person = Person::new(server, &pole, &json!([{ "role": "auditor" }]));
    let user = at(&pole, &format!("/users/{}", person.id));
    let read = pole.admin.get(&user).expect(200);
    let change = json!({ "name": "Jeanne Dupont", "language": "en" });
    pole.admin.patch(&user, &change).expect(428);
    let client = pole.admin.with_header("if-match", read.header("etag"));
    let changed = client.patch(&user, &change).expect(200);
    assert_eq!(
        (changed.string("/name"), changed.string("/language")),
        ("Jeanne Dupont".into(), "en".into())
    );
    client.patch(&user, &change).expect(412);
    let log = pole.admin.get(&at(&pole, &format!("/audit-log?object={}", person.id)));
    let entry = log.expect(200).json()["data"][0].clone();
    assert_eq!(entry["action"], "user.updated");
    assert_eq!(entry["changes"]["language"], json!({ "from": "fr", "to": "en" }));
}

on_both!(roles_change_at_once);
fn roles_change_at_once(server: &Server) {
    let pole = Pole::new(server);
    let person = Person::new(server, &pole, &json!([{ "role": "auditor" }]));
    let (user, users) = (at(&pole, &format!("/users/{}", person.id)), at(&pole, "/users"));
    person.client.get(&users).expect(200);
    any(&pole.admin).patch(&user, of(&member(&pole, "forge"), "member_user")).expect(422);
    let grants = json!({ "grants": of(&member(&pole, "usine"), "member_user") });
    any(&pole.admin).patch(&user, grants).expect(200);
    person.client.get(&users).expect(403);
}

on_both!(who_is_disabled_is_out_at_once);
fn who_is_disabled_is_out_at_once(server: &Server) {
    let pole = Pole::new(server);
    let person = Person::with_password(server, &pole, &json!([{ "role": "auditor" }]));
    let user = at(&pole, &format!("/users/{}", person.id));
    person.client.get(&at(&pole, "/me")).expect(200);
    any(&pole.admin).patch(&user, json!({ "status": "disabled" })).expect(200);
    person.client.get(&at(&pole, "/me")).expect(401);
    refresh(server, &pole, &person.refresh_token).expect(401);
    sign_in(server, &pole, &person.email, crate::people::PASSWORD).expect(401);
    // Enabled again, they sign in anew: what was open before stays closed.
    any(&pole.admin).patch(&user, json!({ "status": "active" })).expect(200);
    person.client.get(&at(&pole, "/me")).expect(401);
    sign_in(server, &pole, &person.email, crate::people::PASSWORD).expect(201);
}

on_both!(a_pole_keeps_an_administrator);
fn a_pole_keeps_an_administrator(server: &Server) {
    let pole = Pole::new(server);
    let me = pole.admin.get(&at(&pole, "/me")).expect(200).string("/id");
    let own = at(&pole, &format!("/users/{me}"));
    let auditor = json!({ "grants": [{ "role": "auditor" }] });
    any(&pole.admin).patch(&own, json!({ "status": "disabled" })).expect(409);
    any(&pole.admin).patch(&own, &auditor).expect(409);
    let second = Person::new(server, &pole, &json!([{ "role": "pole_admin" }]));
    any(&second.client).patch(&own, &auditor).expect(200);
    let own = at(&pole, &format!("/users/{}", second.id));
    any(&second.client).patch(&own, &auditor).expect(409);
}

on_both!(a_members_administrator_manages_the_members_own_users);
fn a_members_administrator_manages_the_members_own_users(server: &Server) {
    let pole = Pole::new(server);
    let (forge, usine) = (member(&pole, "forge"), member(&pole, "usine"));
    let admin = Person::new(server, &pole, &of(&forge, "member_admin"));
    let users = at(&pole, "/users");
    let user = |grants: Value| json!({ "email": new_email(), "name": "J", "grants": grants });

    let colleague = admin.client.post(&users, user(of(&forge, "member_user"))).expect(201);
    let colleague = at(&pole, &format!("/users/{}", colleague.string("/id")));
    any(&admin.client).patch(&colleague, json!({ "name": "Jeanne" })).expect(200);
    for grants in [of(&usine, "member_user"), json!([{ "role": "auditor" }])] {
        admin.client.post(&users, user(grants.clone())).expect(403);
        any(&admin.client).patch(&colleague, json!({ "grants": grants })).expect(403);
    }

    // Others do not exist for them; of who is both, they see their part and change nothing.
    let other = pole.admin.post(&users, user(of(&usine, "member_user"))).expect(201);
    let other = at(&pole, &format!("/users/{}", other.string("/id")));
    admin.client.get(&other).expect(404);
    any(&admin.client).patch(&other, json!({ "name": "J" })).expect(404);
    let both = json!([of(&forge, "member_user")[0], of(&usine, "member_user")[0]]);
    let both = pole.admin.post(&users, user(both)).expect(201);
    let both = at(&pole, &format!("/users/{}", both.string("/id")));
    let seen = admin.client.get(&both).expect(200);
    assert_eq!(seen.json()["grants"], of(&forge, "member_user"));
    any(&admin.client).patch(&both, json!({ "name": "J" })).expect(403);
    let list = admin.client.get(&users).expect(200).json();
    assert_eq!(list["data"].as_array().unwrap().len(), 3, "{list}");
    assert!(!list.to_string().contains(&usine), "{list}");
}

on_both!(a_key_cannot_make_an_administrator_of_its_owner);
fn a_key_cannot_make_an_administrator_of_its_owner(server: &Server) {
    let pole = Pole::new(server);
    let key = json!({ "name": "directory", "scopes": ["users:read", "users:write"] });
    let key = pole.admin.post(&at(&pole, "/api-keys"), key).expect(201).string("/key");
    let client = server.client().with_token(&key);
    client.get(&at(&pole, "/users")).expect(200);
    for role in ["pole_admin", "finance", "auditor"] {
        let user = json!({ "email": new_email(), "name": "J", "grants": [{ "role": role }] });
        client.post(&at(&pole, "/users"), user).expect(403);
    }
    let me = pole.admin.get(&at(&pole, "/me")).expect(200).string("/id");
    let own = at(&pole, &format!("/users/{me}"));
    any(&client).patch(&own, json!({ "email": new_email() })).expect(403);
}

on_both!(a_user_sent_twice_is_made_once);
fn a_user_sent_twice_is_made_once(server: &Server) {
    let pole = Pole::new(server);
    let user = json!({ "email": new_email(), "name": "J", "grants": [{ "role": "auditor" }] });
    let client = pole.admin.with_header("idempotency-key", "one");
    let (first, second) =
        (client.post(&at(&pole, "/users"), &user), client.post(&at(&pole, "/users"), &user));
    assert_eq!(first.expect(201).json(), second.expect(201).json());
    server.mails_to(user["email"].as_str().unwrap(), 1);
}
