//! `palier poles`: the tenants of a deployment.

use clap::{Args, Subcommand};
use palier_billing::{Currency, time_zone};
use serde_json::json;

use super::failure::Failure;
use crate::app::App;
use crate::auth::sign_in::{self, INVITATION};
use crate::auth::{Grant, Role};
use crate::config::Settings;
use crate::db::poles::{self, PoleRow, UnmatchedUsage, WrittenLanguage};
use crate::db::users::{self, UserRow};
use crate::db::{Db, DbError, Violation};
use crate::id::{PoleId, UserId};
use crate::routes;
use crate::work::{Author, Changes};

/// Make and list poles
#[derive(Args)]
pub(super) struct Poles {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Create(Box<Create>),
    List(Box<List>),
}

/// Make a pole and its first administrator
///
/// It prints a token that signs the administrator in, once, within a week: POST it to
/// /v1/poles/CODE/sessions/link. No mail is sent.
#[derive(Args)]
struct Create {
    /// Short name in addresses: lower case letters, digits and hyphens
    #[arg(long)]
    code: String,
    /// What it is called
    #[arg(long)]
    name: String,
    /// E-mail address of its first administrator
    #[arg(long, value_name = "ADDRESS")]
    admin_email: String,
    /// Time zone in which its months begin
    #[arg(long, default_value = "Europe/Paris")]
    time_zone: String,
    /// Currency of its prices (ISO 4217)
    #[arg(long, default_value = "EUR")]
    currency: String,
    /// Language it writes in: fr or en
    #[arg(long, default_value = "fr")]
    language: WrittenLanguage,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    settings: Settings,
}

/// List the poles there are
#[derive(Args)]
struct List {
    #[command(flatten)]
    settings: Settings,
}

impl Poles {
    pub(super) fn run(self) -> Result<(), Failure> {
        match self.command {
            Command::Create(create) => create.run(),
            Command::List(list) => list.run(),
        }
    }
}

impl Create {
    fn run(self) -> Result<(), Failure> {
        self.check()?;
        let app = App::for_command(self.settings)?;
        let at = app.now();
        let pole = PoleRow {
            pole_id: PoleId::new(at),
            code: self.code,
            name: self.name,
            time_zone: self.time_zone,
            currency: self.currency,
            language: self.language,
            minimum_active: 3,
            unmatched_usage: UnmatchedUsage::Refuse,
            usage_retention_months: None,
            version: 1,
            created_at: at,
            updated_at: at,
        };
        let author = Author::operator(&pole.pole_id, at);
        let email = self.admin_email;
        let admin = UserRow::new(&pole, UserId::new(at), email.clone(), email, at);
        app.write_now(&author, |tx| {
            poles::insert(tx.conn, &pole)?;
            users::insert(tx.conn, &admin)?;
            let grants = [Grant::Pole(Role::PoleAdmin)];
            users::set_grants(tx.conn, &pole.pole_id, &admin.user_id, &grants)?;
            tx.note("user.created", admin.user_id.as_str(), &Changes::none())?;
            tx.done("pole.created", pole.pole_id.as_str(), &Changes::none(), ())
        })
        .map_err(|error: DbError| taken(&pole, &error))?;
        let secret = &app.config.secret;
        let link = |conn: &mut Db| sign_in::new_link(conn, secret, &admin, INVITATION, at);
        let token = app.db.write_now(link).map_err(|error| Failure::Output(error.to_string()))?;
        let token = token.reveal();
        let (id, code) = (&pole.pole_id, &pole.code);
        if self.json {
            let (user, email) = (&admin.user_id, &admin.email);
            let text = json!({
                "pole": { "id": id, "code": code },
                "admin": { "id": user, "email": email },
                "token": token,
            });
            return super::print(&format!("{text}\n"));
        }
        super::print(&format!(
            "pole {code} ({id})\nsign-in token of its administrator, good once within a week:\n{token}\n"
        ))
    }

    fn check(&self) -> Result<(), Failure> {
        let mut faults = Vec::new();
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if !(2..=40).contains(&self.code.len()) || !self.code.chars().all(plain) {
            faults.push(format!(
                "code: expected 2 to 40 lower case letters, digits and hyphens, found {:?}",
                self.code
            ));
        }
        if self.name.trim().is_empty() || self.name.chars().count() > 200 {
            faults.push("name: expected 1 to 200 characters".to_owned());
        }
        if self.admin_email.parse::<lettre::Address>().is_err() {
            faults.push(format!(
                "admin-email: expected an e-mail address, found {:?}",
                self.admin_email
            ));
        }
        if time_zone(&self.time_zone).is_err() {
            faults.push(format!("time-zone: there is none called {:?}", self.time_zone));
        }
        if Currency::from_code(&self.currency).is_none() {
            faults.push(format!("currency: there is none called {:?}", self.currency));
        }
        if faults.is_empty() { Ok(()) } else { Err(Failure::Input(faults)) }
    }
}

/// The first administrator of a pole.
fn taken(pole: &PoleRow, error: &DbError) -> Failure {
    match error.violation() {
        Some(Violation::Unique) => {
            Failure::input(format!("code: there is a pole called {:?} already", pole.code))
        }
        _ => Failure::Output(error.to_string()),
    }
}

impl List {
    fn run(self) -> Result<(), Failure> {
        let app = App::for_command(self.settings)?;
        let all = app.db.read_now(poles::all).map_err(Failure::database)?;
        let lines =
            all.iter().map(|pole| format!("{}  {}  {}\n", pole.pole_id, pole.code, pole.name));
        super::print(&lines.collect::<String>())
    }
}

impl App {
    /// The service, for a command that works on its database.
    pub(super) fn for_command(settings: Settings) -> Result<Self, Failure> {
        let config = settings.resolve().map_err(Failure::Input)?;
        let public_url = config.public_url.clone();
        let public_url = public_url.unwrap_or_else(|| format!("http://{}", config.listen));
        Self::start(config, public_url, routes::API).map_err(Failure::start)
    }

    /// The pole that a command is told of, by its code or id.
    pub(super) fn pole(&self, name: &str) -> Result<PoleRow, Failure> {
        let found = self.db.read_now(|conn| poles::find(conn, name)).map_err(Failure::database)?;
        found.ok_or_else(|| Failure::input(format!("pole: there is none called {name:?}")))
    }
}
