//! What can be set, and where settings come from: flags, then `PALIER_*` variables, then a file.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, ValueEnum};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::archive::ArchivePlace;
use crate::auth::MasterSecret;
use crate::db::DatabaseUrl;

mod mail;
mod secret;

pub(crate) use mail::MailTransport;

/// The settings as they are given. Each can be a flag, an environment variable or a line of the
/// TOML file, where it has the same name with underscores; the first of these that has it wins.
#[derive(Args, Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[command(next_help_heading = "Settings")]
pub(crate) struct Settings {
    /// TOML file with settings
    #[arg(long, env = "PALIER_CONFIG", value_name = "FILE", global = true)]
    #[serde(skip)]
    config: Option<PathBuf>,

    /// sqlite:FILE or `postgres://USER:PASSWORD@HOST/NAME` [default: sqlite:palier.db]
    #[arg(long, env = "PALIER_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    database_url: Option<String>,

    /// Connections to the database, at most [default: 8]
    #[arg(long, env = "PALIER_DATABASE_CONNECTIONS", value_name = "N")]
    database_connections: Option<u32>,

    /// Address to listen at; port 0 takes a free one [default: 127.0.0.1:8080]
    #[arg(long, env = "PALIER_LISTEN", value_name = "ADDRESS")]
    listen: Option<SocketAddr>,

    /// development is lenient and listens on this machine only; production wants every secret
    /// [default: development]
    #[arg(long, env = "PALIER_MODE", value_name = "MODE")]
    mode: Option<Mode>,

    /// Address under which the outside reaches the service, for links and tokens
    /// [default: that of --listen]
    #[arg(long, env = "PALIER_PUBLIC_URL", value_name = "URL")]
    public_url: Option<String>,

    /// The deployment's secret: 32 random bytes in base64 or hex, the same on all its servers
    #[arg(long, env = "PALIER_SECRET", value_name = "SECRET", hide_env_values = true)]
    secret: Option<String>,

    /// File that holds the deployment's secret
    #[arg(long, env = "PALIER_SECRET_FILE", value_name = "FILE")]
    secret_file: Option<PathBuf>,

    /// Mail server: `smtps://USER:PASSWORD@HOST`, or smtp:// with `?tls=required`
    #[arg(long, env = "PALIER_SMTP_URL", value_name = "URL", hide_env_values = true)]
    smtp_url: Option<String>,

    /// File with the certificates (PEM) of the authority that vouches for the mail server
    /// [default: the public ones]
    #[arg(long, env = "PALIER_SMTP_CA", value_name = "FILE")]
    smtp_ca: Option<PathBuf>,

    /// Folder that mail is written to instead of being sent (development only)
    #[arg(long, env = "PALIER_MAIL_DIR", value_name = "DIR")]
    mail_dir: Option<PathBuf>,

    /// Sender of mail; palier@localhost, if left out
    #[arg(long, env = "PALIER_MAIL_FROM", value_name = "ADDRESS")]
    mail_from: Option<String>,

    /// Folder, or `s3://BUCKET/PREFIX`, that the files of final documents are kept in
    /// [default: beside the SQLite database; palier.archive with PostgreSQL, in development]
    #[arg(long, env = "PALIER_ARCHIVE", value_name = "PLACE")]
    archive: Option<String>,

    /// Folder by which electronic invoices and their statuses go to and from approved platforms, with a
    /// folder in it for each pole that exchanges, named by its code [default: none are exchanged]
    #[arg(long, env = "PALIER_EINVOICING_FOLDER", value_name = "DIR")]
    einvoicing_folder: Option<PathBuf>,

    /// Page of your front end that mailed sign-in links lead to; `#pole=…&token=…` is added
    /// [default: mails hold the token only]
    #[arg(long, env = "PALIER_SIGN_IN_URL", value_name = "URL")]
    sign_in_url: Option<String>,

    /// Origins whose pages may call the API, or * for all; separated by commas
    #[arg(long, env = "PALIER_CORS_ORIGINS", value_name = "ORIGINS", value_delimiter = ',')]
    cors_origins: Option<Vec<String>>,

    /// Proxies in front whose X-Forwarded-For is believed, separated by commas
    #[arg(long, env = "PALIER_TRUSTED_PROXIES", value_name = "ADDRESSES", value_delimiter = ',')]
    trusted_proxies: Option<Vec<std::net::IpAddr>>,

    /// Threads that answer requests [default: one a processor]
    #[arg(long, env = "PALIER_WORKERS", value_name = "N")]
    workers: Option<usize>,

    /// Usage events that wait to be written, at most; beyond, reports are answered with 429
    /// [default: 200000]
    #[arg(long, env = "PALIER_USAGE_QUEUE", value_name = "N")]
    usage_queue: Option<u32>,

    /// Where Stripe is asked, for tests [default: <https://api.stripe.com/>]
    #[arg(long, env = "PALIER_STRIPE_URL", value_name = "URL")]
    stripe_url: Option<String>,

    /// Minutes that an access token is valid, at most 1440 [default: 15]
    #[arg(long, env = "PALIER_ACCESS_TOKEN_MINUTES", value_name = "N")]
    access_token_minutes: Option<u16>,

    /// Seconds that requests under way may take to finish at shutdown [default: 30]
    #[arg(long, env = "PALIER_SHUTDOWN_SECONDS", value_name = "N")]
    shutdown_seconds: Option<u64>,

    /// What to log: error, warn, info, debug or trace, also by module [default: info]
    #[arg(long, env = "PALIER_LOG", value_name = "FILTER")]
    log: Option<String>,

    /// How to log [default: text in development, json in production]
    #[arg(long, env = "PALIER_LOG_FORMAT", value_name = "FORMAT")]
    log_format: Option<LogFormat>,

    /// Start the clock at this instant (development only)
    #[arg(long, env = "PALIER_NOW", value_name = "RFC3339")]
    now: Option<Timestamp>,
}

/// Where Stripe is.
const STRIPE: &str = "https://api.stripe.com/";

/// How careful the service is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Mode {
    /// On one's own machine, for trying things out.
    #[default]
    Development,
    /// For others, with every secret set.
    Production,
}

/// How logs are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}

/// The effective configuration.
pub(crate) struct Config {
    pub(crate) database_url: DatabaseUrl,
    pub(crate) database_connections: u32,
    pub(crate) listen: SocketAddr,
    pub(crate) mode: Mode,
    /// Without a slash at its end; none means that of `listen`, once it is bound.
    pub(crate) public_url: Option<String>,
    pub(crate) secret: Arc<MasterSecret>,
    pub(crate) mail: MailTransport,
    pub(crate) mail_from: String,
    /// Where the files of final documents are kept.
    pub(crate) archive: ArchivePlace,
    /// By which folder documents go to and from approved platforms.
    pub(crate) einvoicing_folder: Option<PathBuf>,
    pub(crate) stripe_url: String,
    /// Without a fragment.
    pub(crate) sign_in_url: Option<String>,
    pub(crate) cors_origins: Vec<String>,
    pub(crate) trusted_proxies: Vec<std::net::IpAddr>,
    pub(crate) workers: Option<usize>,
    /// How many usage events wait to be written, at most.
    pub(crate) usage_queue: u32,
    /// How long an access token is valid.
    pub(crate) access: SignedDuration,
    pub(crate) shutdown_seconds: u64,
    pub(crate) log: String,
    pub(crate) log_format: LogFormat,
    pub(crate) now: Option<Timestamp>,
}

impl Settings {
    /// Puts flags, environment and file together, and says all that is wrong or missing.
    pub(crate) fn resolve(self) -> Result<Config, Vec<String>> {
        let given = match self.config.clone() {
            None => self,
            Some(path) => self.over(Self::from_file(&path).map_err(|fault| vec![fault])?),
        };
        let mut faults = Vec::new();
        let mode = given.mode.unwrap_or_default();
        let production = mode == Mode::Production;
        let url = given.database_url.as_deref().unwrap_or("sqlite:palier.db");
        let database_url =
            url.parse::<DatabaseUrl>().map_err(|fault| format!("database-url: {fault}"));
        let database_url = note(database_url, &mut faults);
        let secret = note(secret::find(&given, mode, database_url.as_ref()), &mut faults).flatten();
        let listen = given.listen.unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080)));
        if production {
            given.check_production(&mut faults);
        } else if !listen.ip().is_loopback() {
            faults.push(format!(
                "listen: development mode listens on this machine only, found {listen}; use --mode production"
            ));
        }
        let mail = mail::transport(&given, production);
        let mail = note(mail, &mut faults).unwrap_or(MailTransport::Nowhere);
        let mail_from = given.mail_from.unwrap_or_else(|| "palier@localhost".to_owned());
        if mail_from.parse::<lettre::message::Mailbox>().is_err() {
            faults.push(format!("mail-from: expected an e-mail address, found {mail_from:?}"));
        }
        let archive = given.archive.as_deref().map(str::parse::<ArchivePlace>).transpose();
        let archive = note(archive.map_err(|error| format!("archive: {error}")), &mut faults);
        let beside = || ArchivePlace::beside(database_url.as_ref());
        let archive = archive.flatten().unwrap_or_else(beside);
        let minutes = given.access_token_minutes.unwrap_or(15);
        if !(1..=1440).contains(&minutes) {
            faults.push(format!("access-token-minutes: expected 1 to 1440, found {minutes}"));
        }
        let text = if production { LogFormat::Json } else { LogFormat::Text };
        let page = given.sign_in_url.as_deref();
        if page.is_some_and(|page| !page.starts_with("http") || page.contains('#')) {
            faults.push("sign-in-url: expected an http(s) address without #".to_owned());
        }
        match (database_url, secret) {
            (Some(database_url), Some(secret)) if faults.is_empty() => Ok(Config {
                database_url,
                database_connections: given.database_connections.unwrap_or(8).max(1),
                listen,
                mode,
                public_url: given.public_url.map(|url| url.trim_end_matches('/').to_owned()),
                secret: Arc::new(secret),
                mail,
                mail_from,
                archive,
                einvoicing_folder: given.einvoicing_folder,
                stripe_url: given.stripe_url.unwrap_or_else(|| STRIPE.to_owned()),
                sign_in_url: given.sign_in_url,
                cors_origins: given.cors_origins.unwrap_or_default(),
                trusted_proxies: given.trusted_proxies.unwrap_or_default(),
                workers: given.workers,
                usage_queue: given.usage_queue.unwrap_or(200_000).max(1),
                access: SignedDuration::from_mins(minutes.into()),
                shutdown_seconds: given.shutdown_seconds.unwrap_or(30),
                log: given.log.unwrap_or_else(|| "info".to_owned()),
                log_format: given.log_format.unwrap_or(text),
                now: given.now,
            }),
            _ => Err(faults),
        }
    }

    /// The same for the demo, whose database is this file unless another is said.
    pub(crate) fn for_demo(mut self, file: &Path) -> Self {
        self.database_url.get_or_insert_with(|| format!("sqlite:{}", file.display()));
        // Whoever tries things out should not have to sign in again.
        self.access_token_minutes.get_or_insert(720);
        self
    }

    fn from_file(path: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| format!("{}: {error}", path.display()))?;
        toml::from_str(&text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            let line = before.matches('\n').count().saturating_add(1);
            format!("{}: line {line}: {}", path.display(), error.message())
        })
    }

    /// These settings, and where they say nothing, those of the file.
    fn over(self, file: Self) -> Self {
        Self {
            config: self.config,
            database_url: self.database_url.or(file.database_url),
            database_connections: self.database_connections.or(file.database_connections),
            listen: self.listen.or(file.listen),
            mode: self.mode.or(file.mode),
            public_url: self.public_url.or(file.public_url),
            secret: self.secret.or(file.secret),
            secret_file: self.secret_file.or(file.secret_file),
            smtp_url: self.smtp_url.or(file.smtp_url),
            smtp_ca: self.smtp_ca.or(file.smtp_ca),
            mail_dir: self.mail_dir.or(file.mail_dir),
            mail_from: self.mail_from.or(file.mail_from),
            archive: self.archive.or(file.archive),
            einvoicing_folder: self.einvoicing_folder.or(file.einvoicing_folder),
            stripe_url: self.stripe_url.or(file.stripe_url),
            sign_in_url: self.sign_in_url.or(file.sign_in_url),
            cors_origins: self.cors_origins.or(file.cors_origins),
            trusted_proxies: self.trusted_proxies.or(file.trusted_proxies),
            workers: self.workers.or(file.workers),
            usage_queue: self.usage_queue.or(file.usage_queue),
            access_token_minutes: self.access_token_minutes.or(file.access_token_minutes),
            shutdown_seconds: self.shutdown_seconds.or(file.shutdown_seconds),
            log: self.log.or(file.log),
            log_format: self.log_format.or(file.log_format),
            now: self.now.or(file.now),
        }
    }

    /// What others rely on must be said and not guessed.
    fn check_production(&self, faults: &mut Vec<String>) {
        let missing = [
            ("public-url", self.public_url.is_none()),
            ("smtp-url", self.smtp_url.is_none()),
            ("mail-from", self.mail_from.is_none()),
            ("archive", self.archive.is_none() && self.is_on_postgres()),
        ];
        for (name, _) in missing.iter().filter(|(_, missing)| *missing) {
            faults.push(needed(name));
        }
        if self.public_url.as_ref().is_some_and(|url| !url.starts_with("https://")) {
            faults.push("public-url: production wants https://".to_owned());
        }
        if self.mail_dir.is_some() {
            faults.push("mail-dir: production sends its mail".to_owned());
        }
        if self.now.is_some() {
            faults.push("now: production goes by the machine's clock".to_owned());
        }
    }

    /// Whether the database is on another machine, or may be: files then have no place beside it.
    fn is_on_postgres(&self) -> bool {
        self.database_url.as_deref().is_some_and(|url| url.starts_with("postgres"))
    }
}

fn needed(name: &str) -> String {
    let variable = name.to_uppercase().replace('-', "_");
    format!("{name}: production mode needs it; set --{name} or PALIER_{variable}")
}

fn note<T>(read: Result<T, String>, faults: &mut Vec<String>) -> Option<T> {
    read.map_err(|fault| faults.push(fault)).ok()
}

impl Config {
    /// The effective configuration, secrets hidden, as the TOML that would set it.
    pub(crate) fn shown(&self) -> String {
        let mut lines = vec![
            format!("database_url = {:?}", self.database_url.to_string()),
            format!("database_connections = {}", self.database_connections),
            format!("listen = {:?}", self.listen.to_string()),
            format!("mode = {:?}", format!("{:?}", self.mode).to_lowercase()),
        ];
        if let Some(url) = &self.public_url {
            lines.push(format!("public_url = {url:?}"));
        }
        lines.push("secret = \"***\"".to_owned());
        match &self.mail {
            MailTransport::Smtp(server) => lines.extend(server.shown()),
            MailTransport::Folder(folder) => {
                lines.push(format!("mail_dir = {:?}", folder.display().to_string()));
            }
            MailTransport::Nowhere => {}
        }
        lines.push(format!("mail_from = {:?}", self.mail_from));
        lines.push(format!("archive = {:?}", self.archive.to_string()));
        if self.stripe_url != STRIPE {
            lines.push(format!("stripe_url = {:?}", self.stripe_url));
        }
        if let Some(folder) = &self.einvoicing_folder {
            lines.push(format!("einvoicing_folder = {:?}", folder.display().to_string()));
        }
        if let Some(url) = &self.sign_in_url {
            lines.push(format!("sign_in_url = {url:?}"));
        }
        lines.push(format!("cors_origins = {:?}", self.cors_origins));
        let proxies: Vec<_> = self.trusted_proxies.iter().map(ToString::to_string).collect();
        lines.push(format!("trusted_proxies = {proxies:?}"));
        if let Some(workers) = self.workers {
            lines.push(format!("workers = {workers}"));
        }
        lines.push(format!("usage_queue = {}", self.usage_queue));
        lines.push(format!("access_token_minutes = {}", self.access.as_mins()));
        lines.push(format!("shutdown_seconds = {}", self.shutdown_seconds));
        lines.push(format!("log = {:?}", self.log));
        lines.push(format!("log_format = {:?}", format!("{:?}", self.log_format).to_lowercase()));
        if let Some(now) = self.now {
            lines.push(format!("now = {:?}", now.to_string()));
        }
        lines.join("\n") + "\n"
    }
}
