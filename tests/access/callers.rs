//! Everybody who may call.

use std::collections::BTreeMap;

use palier_tests::{Client, Pole};
use serde_json::{Value, json};

use super::setting::{House, Setting};
use super::table::{NOTHING, Row, TOKEN};
use crate::openapi::document::{Operation, document, entries};
use crate::people::{Person, at};

/// Somebody who calls, or something.
pub(super) struct Caller {
    pub(super) name: &'static str,
    /// What they are answered wherever a token is asked for; if it depends, the table says.
    always: Option<u16>,
    tokens: Tokens,
}

enum Tokens {
    One(Client),
    /// For each thing that is asked for, another one.
    For(BTreeMap<&'static str, Client>),
}

impl Caller {
    /// How they call an operation; none, if they have nothing to call it with.
    pub(super) fn client(&self, row: &Row) -> Option<&Client> {
        match &self.tokens {
            Tokens::One(client) => Some(client),
            Tokens::For(clients) => clients.get(row.asks_for),
        }
    }

    /// The status they are answered with.
    pub(super) fn expects(&self, row: &Row, operation: &Operation<'_>) -> u16 {
        let always = self.always.filter(|_| row.asks_for != NOTHING);
        always.unwrap_or_else(|| row.expects(self.name, operation))
    }

    /// Whether they are about a provider’s keys rather than a member’s.
    pub(super) fn is_provider(&self) -> bool {
        matches!(self.name, "prov" | "p-oth")
    }

    /// Whether they act for somebody whom nothing of all this belongs to.
    pub(super) fn is_stranger(&self) -> bool {
        matches!(self.name, "m-oth" | "p-oth")
    }

    /// Whether they act in another pole.
    pub(super) fn is_elsewhere(&self) -> bool {
        self.name.starts_with("elsewhere")
    }
}

/// All of them.
pub(super) fn callers(house: &House, setting: &Setting<'_>) -> Vec<Caller> {
    let mut all = nobodies(house);
    all.extend(people(setting));
    all.extend(keys(setting));
    all.extend(from_elsewhere(setting));
    all
}

/// Whose token is no good.
fn nobodies(house: &House) -> Vec<Caller> {
    let client = house.server.client();
    let forged = {
        let (signed, signature) = house.pole.token.rsplit_once('.').unwrap();
        format!("{signed}.{}", signature.chars().rev().collect::<String>())
    };
    let revoked = Key::new(&house.pole, &scopes());
    house.pole.admin.delete(&revoked.address).expect(204);
    let clients = [
        ("nobody", client.clone()),
        ("garbage", client.with_token("garbage")),
        ("forged", client.with_token(&forged)),
        ("expired", client.with_token(&house.expired_token)),
        ("revoked-key", client.with_token(&revoked.key)),
    ];
    let nobody = |(name, client)| Caller { name, always: Some(401), tokens: Tokens::One(client) };
    clients.into_iter().map(nobody).collect()
}

/// People of this pole, by what they are.
fn people(setting: &Setting<'_>) -> Vec<Caller> {
    let ([member, other_member], [provider, other_provider]) =
        (&setting.members, &setting.providers);
    let roles = [
        ("admin", json!({ "role": "pole_admin" })),
        ("fin", json!({ "role": "finance" })),
        ("audit", json!({ "role": "auditor" })),
        ("m-adm", json!({ "role": "member_admin", "member": member })),
        ("m-usr", json!({ "role": "member_user", "member": member })),
        ("prov", json!({ "role": "provider", "provider": provider })),
        ("m-oth", json!({ "role": "member_admin", "member": other_member })),
        ("p-oth", json!({ "role": "provider", "provider": other_provider })),
    ];
    let person = |(name, grant): (&'static str, Value)| {
        let client = Person::new(setting.server, setting.pole, &json!([grant])).client;
        Caller { name, always: None, tokens: Tokens::One(client) }
    };
    roles.into_iter().map(person).collect()
}

/// Keys of this pole: with the one scope that is asked for, with all others, and with every scope.
fn keys(setting: &Setting<'_>) -> Vec<Caller> {
    let client =
        |scopes: &[&str]| setting.server.client().with_token(&Key::new(setting.pole, scopes).key);
    let alone = |scope: &'static str| (scope, client(&[scope]));
    let mut only: BTreeMap<_, _> = scopes().into_iter().map(alone).collect();
    for any in [TOKEN, NOTHING] {
        only.insert(any, client(&["usage:read"]));
    }
    let without = |scope: &'static str| {
        let others: Vec<_> = scopes().into_iter().filter(|other| *other != scope).collect();
        (scope, client(&others))
    };
    let without = scopes().into_iter().map(without).collect();
    vec![
        Caller { name: "key", always: None, tokens: Tokens::For(only) },
        Caller { name: "key-without-it", always: Some(403), tokens: Tokens::For(without) },
        Caller { name: "keys", always: None, tokens: Tokens::One(client(&scopes())) },
    ]
}

/// Who may do everything, in another pole.
fn from_elsewhere(setting: &Setting<'_>) -> Vec<Caller> {
    let pole = Pole::new(setting.server);
    let key = setting.server.client().with_token(&Key::new(&pole, &scopes()).key);
    let caller = |name, client| Caller { name, always: Some(404), tokens: Tokens::One(client) };
    vec![caller("elsewhere-admin", pole.admin), caller("elsewhere-key", key)]
}

struct Key {
    key: String,
    address: String,
}

impl Key {
    #[track_caller]
    fn new(pole: &Pole, scopes: &[&str]) -> Self {
        let key = json!({ "name": "Machine", "scopes": scopes });
        let made = pole.admin.post(&at(pole, "/api-keys"), key).expect(201);
        Self { key: made.string("/key"), address: made.header("location").to_owned() }
    }
}

/// Every scope there is.
pub(crate) fn scopes() -> Vec<&'static str> {
    let scopes = &document()["components"]["schemas"]["Scope"]["enum"];
    entries(scopes).map(|scope| scope.as_str().unwrap()).collect()
}
