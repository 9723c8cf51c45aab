//! A made-up pole, to see everything on: the same every time.
//!
//! It is told as a story, through the service's own API and at the times at which it happens: the
//! clock stands at each, and runs on from the present of the story once it is told. What the demo
//! shows is therefore what the API does, and nothing else.
#![expect(
    clippy::indexing_slicing,
    reason = "reading a `Value` by name gives null, and writing makes the field"
)]

use std::collections::HashMap;

use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};

use crate::app::App;
use crate::auth::{Grant, Role};
use crate::clock::Time;
use crate::db::poles::{self, PoleRow, UnmatchedUsage, WrittenLanguage};
use crate::db::sessions::SignInMethod;
use crate::db::users::{self, UserRow};
use crate::id::{self, PoleId, UserId};
use crate::problem::Problem;
use crate::work::{Author, Changes};

mod companies;
pub(crate) mod files;
mod tour;

pub(crate) use tour::Tour;

/// The code of the demo's pole.
pub(crate) const POLE: &str = "demo";
/// When the pole opens.
const OPENS: &str = "2026-09-01T06:00:00Z";
/// When more members join.
const JOIN: &str = "2026-10-01T06:00:00Z";
/// When the new year's tariff is announced.
const ANNOUNCES: &str = "2026-11-03T08:00:00Z";
/// The present of the story.
pub(crate) const PRESENT: &str = "2026-11-18T09:00:00Z";
/// Why the story could not be told.
pub(crate) type Untold = String;

/// Tells the story to a service that listens at an address and knows nothing yet.
pub(crate) async fn tell(app: &App, address: &str) -> Result<Tour, Untold> {
    id::make_repeatable(true);
    let told = story(app, address).await;
    id::make_repeatable(false);
    app.clock.run_from(instant(PRESENT)?);
    told
}

async fn story(app: &App, address: &str) -> Result<Tour, Untold> {
    app.clock.stop_at(instant(OPENS)?);
    let pole = open_pole(app, POLE, "Pôle Démonstration")?;
    let mut teller = Teller::new(app, address, &pole)?;
    let providers = teller.providers().await?;
    let services = teller.services(&providers).await?;
    let members = teller.members(0..36).await?;
    teller.subscriptions(&members, &services).await?;

    teller.goes_on_at(JOIN)?;
    teller.usage(&members, "2026-09").await?;
    let late = teller.members(36..40).await?;
    teller.subscriptions(&late, &services).await?;
    let everybody = || members.iter().chain(&late);

    teller.goes_on_at(ANNOUNCES)?;
    teller.usage(everybody(), "2026-10").await?;
    teller.announcement(&services).await?;
    teller.suspension(&members).await?;

    teller.goes_on_at(PRESENT)?;
    teller.usage(everybody(), "2026-11").await?;
    let first = members.first().map(|member| member.id.as_str()).unwrap_or_default();
    let provider = providers.get("mesocentre").map(String::as_str).unwrap_or_default();
    teller.people(first, provider).await?;
    let tokens = PEOPLE.iter().map(|(role, _)| Ok((*role, token(app, &pole.pole_id, *role)?)));
    let compute = services.get("compute").cloned().unwrap_or_default();
    Ok(Tour {
        address: address.to_owned(),
        compute,
        tokens: tokens.collect::<Result<_, Untold>>()?,
    })
}

/// Who can sign in, one for each role.
const PEOPLE: [(Role, &str); 6] = [
    (Role::PoleAdmin, "Claire Fontaine"),
    (Role::Finance, "Marc Tessier"),
    (Role::Auditor, "Inès Caron"),
    (Role::MemberAdmin, "Jeanne Martin"),
    (Role::MemberUser, "Paul Girard"),
    (Role::Provider, "Nadia Benali"),
];

fn email(role: Role) -> String {
    format!("{}@demo.example", role.as_str().replace('_', "."))
}

/// Signs the person with a role in.
fn token(app: &App, pole: &PoleId, role: Role) -> Result<String, Untold> {
    let (keys, now) = (app.keyring.now(), app.now());
    let opened = app.db.write_now(|conn| {
        let user =
            users::find_by_email(conn, pole, &email(role))?.ok_or_else(Problem::not_found)?;
        app.open_session(conn, &keys, user, SignInMethod::Link, now)
    });
    Ok(opened.map_err(|problem: Problem| problem.to_string())?.access)
}

fn instant(text: &str) -> Result<Time, Untold> {
    text.parse().map_err(|error| format!("{text}: {error}"))
}

fn open_pole(app: &App, code: &str, name: &str) -> Result<PoleRow, Untold> {
    let at = app.now();
    let pole = PoleRow {
        pole_id: PoleId::new(at),
        code: code.to_owned(),
        name: name.to_owned(),
        time_zone: "Europe/Paris".to_owned(),
        currency: "EUR".to_owned(),
        language: WrittenLanguage::French,
        minimum_active: 3,
        unmatched_usage: UnmatchedUsage::Refuse,
        usage_retention_months: None,
        version: 1,
        created_at: at,
        updated_at: at,
    };
    let author = Author::operator(&pole.pole_id, at);
    let (role, name) = (Role::PoleAdmin, "Claire Fontaine");
    let admin = UserRow::new(&pole, UserId::new(at), email(role), name.to_owned(), at);
    let opened = app.write_now(&author, |tx| {
        poles::insert(tx.conn, &pole)?;
        users::insert(tx.conn, &admin)?;
        users::set_grants(tx.conn, &pole.pole_id, &admin.user_id, &[Grant::Pole(role)])?;
        tx.done("pole.created", pole.pole_id.as_str(), &Changes::none(), ())
    });
    opened.map_err(|error: crate::db::DbError| error.to_string())?;
    Ok(pole)
}

/// A member of the story.
struct Member {
    id: String,
    /// Its place among the companies.
    nth: usize,
}

/// Who tells the story: the pole's administrator, by HTTP.
struct Teller<'s> {
    app: &'s App,
    pole: &'s PoleRow,
    client: Client,
    base: String,
    token: String,
}

impl<'s> Teller<'s> {
    fn new(app: &'s App, address: &str, pole: &'s PoleRow) -> Result<Self, Untold> {
        let client = Client::builder().no_proxy().build().map_err(|error| error.to_string())?;
        let base = format!("{address}/v1/poles/{}", pole.code);
        let token = token(app, &pole.pole_id, Role::PoleAdmin)?;
        Ok(Self { app, pole, client, base, token })
    }

    /// Goes on at another time.
    fn goes_on_at(&mut self, time: &str) -> Result<(), Untold> {
        self.app.clock.stop_at(instant(time)?);
        self.token = token(self.app, &self.pole.pole_id, Role::PoleAdmin)?;
        Ok(())
    }

    async fn send(&self, method: Method, path: &str, body: &Value) -> Result<Value, Untold> {
        let request = self.client.request(method, format!("{}/{path}", self.base));
        self.answered(path, request.header("If-Match", "*").json(body)).await
    }

    /// Posts a text of another type.
    async fn send_as(&self, path: &str, kind: &str, text: String) -> Result<Value, Untold> {
        let request = self.client.post(format!("{}/{path}", self.base));
        self.answered(path, request.header("Content-Type", kind).body(text)).await
    }

    async fn answered(&self, path: &str, request: RequestBuilder) -> Result<Value, Untold> {
        let answer = request.bearer_auth(&self.token).send().await;
        let answer = answer.map_err(|error| format!("{path}: {error}"))?;
        let status = answer.status();
        let text = answer.text().await.map_err(|error| format!("{path}: {error}"))?;
        if !status.is_success() {
            return Err(format!("{path}: {status}: {text}"));
        }
        serde_json::from_str(&text).map_err(|error| format!("{path}: {error}"))
    }

    async fn post(&self, path: &str, body: &Value) -> Result<String, Untold> {
        let made = self.send(Method::POST, path, body).await?;
        Ok(made["id"].as_str().unwrap_or_default().to_owned())
    }

    /// By their keys in the story.
    async fn providers(&self) -> Result<HashMap<String, String>, Untold> {
        let mut ids = HashMap::new();
        for mut provider in list(include_str!("demo/providers.json"))? {
            let key = taken(&mut provider, "key");
            ids.insert(
                key.as_str().unwrap_or_default().to_owned(),
                self.post("providers", &provider).await?,
            );
        }
        Ok(ids)
    }

    /// With their meters and tariffs, published; the ids by code.
    async fn services(
        &self,
        providers: &HashMap<String, String>,
    ) -> Result<HashMap<String, String>, Untold> {
        let mut ids = HashMap::new();
        for mut entry in list(include_str!("demo/services.json"))? {
            let mut service = taken(&mut entry, "service");
            let provider = service["provider"].as_str().and_then(|key| providers.get(key));
            service["provider"] = json!(provider);
            let id = self.post("services", &service).await?;
            for meter in taken(&mut entry, "meters").as_array().into_iter().flatten() {
                self.post(&format!("services/{id}/meters"), meter).await?;
            }
            let mut tariff = taken(&mut entry, "tariff");
            tariff["effective_from"] = json!("2026-09-01");
            self.post(&format!("services/{id}/tariffs"), &tariff).await?;
            self.post(&format!("services/{id}/publish"), &json!({})).await?;
            ids.insert(service["code"].as_str().unwrap_or_default().to_owned(), id);
        }
        Ok(ids)
    }

    async fn members(&self, range: std::ops::Range<usize>) -> Result<Vec<Member>, Untold> {
        let mut members = Vec::new();
        for nth in range {
            let id = self.post("members", &companies::company(nth)).await?;
            members.push(Member { id, nth });
        }
        Ok(members)
    }

    /// Each member takes some of the services, and always the same ones.
    async fn subscriptions(
        &self,
        members: &[Member],
        services: &HashMap<String, String>,
    ) -> Result<(), Untold> {
        for member in members {
            for code in companies::services_of(member.nth) {
                let Some(service) = services.get(*code) else { continue };
                let path = format!("members/{}/subscriptions", member.id);
                self.post(&path, &json!({ "service": service })).await?;
            }
        }
        Ok(())
    }

    /// What was used in a month, as far as it has gone: each member what its size asks for, a little
    /// more each month.
    async fn usage(
        &self,
        members: impl IntoIterator<Item = &Member>,
        month: &str,
    ) -> Result<(), Untold> {
        let mut events = Vec::new();
        for member in members {
            let code = companies::company(member.nth)["code"].clone();
            for (meter, quantity) in companies::usage_of(member.nth, month) {
                for day in [3, 10, 17, 24] {
                    let time = format!("{month}-{day:02}T09:00:00Z");
                    if instant(&time)? < self.app.now() {
                        let id = format!("{month}-{day:02}-{meter}-{}", member.nth);
                        events.push(json!({
                            "id": id, "member": code, "meter": meter, "time": time,
                            "quantity": quantity,
                        }));
                    }
                }
            }
        }
        self.send(Method::POST, "usage?atomic=true", &json!(events)).await.map(|_| ())
    }

    /// Computing becomes cheaper with the new year.
    async fn announcement(&self, services: &HashMap<String, String>) -> Result<(), Untold> {
        let Some(compute) = services.get("compute") else { return Ok(()) };
        let all = list(include_str!("demo/services.json"))?;
        let mut tariff = all.first().map(|entry| entry["tariff"].clone()).unwrap_or_default();
        tariff["name"] = json!("2027");
        tariff["effective_from"] = json!("2027-01-01");
        for (tier, price) in ["0.078", "0.052", "0.028"].iter().enumerate() {
            if let Some(tier) =
                tariff.pointer_mut(&format!("/document/charges/1/tiers/{tier}/unit_amount"))
            {
                *tier = json!(price);
            }
        }
        self.post(&format!("services/{compute}/tariffs"), &tariff).await.map(|_| ())
    }

    /// One member may not use services for now.
    async fn suspension(&self, members: &[Member]) -> Result<(), Untold> {
        let Some(member) = members.last() else { return Ok(()) };
        let path = format!("members/{}", member.id);
        self.send(Method::PATCH, &path, &json!({ "status": "suspended" })).await.map(|_| ())
    }

    /// The other people; the administrator was there from the beginning.
    async fn people(&self, member: &str, provider: &str) -> Result<(), Untold> {
        for (role, name) in PEOPLE.iter().skip(1) {
            let mut grant = json!({ "role": role });
            match role {
                Role::MemberAdmin | Role::MemberUser => grant["member"] = json!(member),
                Role::Provider => grant["provider"] = json!(provider),
                Role::PoleAdmin | Role::Finance | Role::Auditor => {}
            }
            let user = json!({ "email": email(*role), "name": name, "grants": [grant] });
            self.post("users", &user).await?;
        }
        Ok(())
    }
}

/// The entries of a JSON list that is compiled in.
fn list(text: &str) -> Result<Vec<Value>, Untold> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

/// A field, taken out of an object.
fn taken(object: &mut Value, field: &str) -> Value {
    object.as_object_mut().and_then(|object| object.remove(field)).unwrap_or_default()
}
