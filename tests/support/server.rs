//! The real server, on a database of its own.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::{File, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::janitor::{Doomed, scratch};
use crate::smtp::Smtp;
use crate::{Client, Finished, Mail, palier, postgres, wait_for};

/// How long a server may take to listen, to end when asked to, or to write a mail: on a machine that does
/// other things beside it, too.
const PATIENCE: Duration = Duration::from_mins(1);

/// What servers here believe to be their address: links and tokens begin with it.
///
/// The real one is known only when a server listens, and a command on the same database, whose
/// tokens it must accept, would not know it at all.
pub const PUBLIC_URL: &str = "http://palier.test";

/// The databases that Palier runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// The embedded one, in one file.
    Sqlite,
    /// A database of the cluster in [`postgres`].
    Postgres,
}

impl Engine {
    /// Whether tests can run on it here; says so where they cannot, and panics with `CI=true`.
    pub fn is_here(self) -> bool {
        self == Self::Sqlite || postgres::cluster().is_some()
    }

    /// The URL of a database that is empty, for a server of this folder.
    fn empty_database(self, folder: &Path) -> String {
        match self {
            Self::Sqlite => format!("sqlite:{}", folder.join("palier.db").display()),
            Self::Postgres => cluster().empty_database(),
        }
    }

    /// The same, but with the schema in it, which a test process makes once.
    fn database(self, folder: &Path) -> String {
        let migrate = |url: &str| {
            let mut migrated = Server::builder(self).database(url).start();
            migrated.stop();
        };
        match self {
            Self::Sqlite => {
                static MIGRATED: OnceLock<String> = OnceLock::new();
                let original = MIGRATED.get_or_init(|| {
                    let url = self.empty_database(&scratch("migrated"));
                    migrate(&url);
                    url
                });
                self.copy(original, folder)
            }
            Self::Postgres => cluster().database_like("migrated", migrate),
        }
    }

    /// The URL of a copy of a database, to which nobody may be connected.
    #[track_caller]
    fn copy(self, url: &str, folder: &Path) -> String {
        match self {
            Self::Sqlite => {
                let copy = self.empty_database(folder);
                let file = |url: &str| url.trim_start_matches("sqlite:").to_owned();
                for part in ["", "-wal"] {
                    let [from, to] = [url, &copy].map(|url| format!("{}{part}", file(url)));
                    // What was committed may stand in the log alone.
                    if part.is_empty() || Path::new(&from).exists() {
                        std::fs::copy(from, to).expect("a database and a scratch folder");
                    }
                }
                copy
            }
            Self::Postgres => cluster().copy(url),
        }
    }
}

fn cluster() -> &'static postgres::Cluster {
    postgres::cluster().expect("Engine::is_here is asked first")
}

/// A `palier serve`. Killed when dropped, with its log printed if a test is failing.
#[derive(Debug)]
pub struct Server {
    builder: Builder,
    folder: PathBuf,
    address: String,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    child: Child,
    _doomed: Doomed,
}

/// How a [`Server`] is to be started.
#[derive(Debug, Clone)]
pub struct Builder {
    engine: Engine,
    arguments: Vec<OsString>,
    settings: BTreeMap<String, OsString>,
}

impl Builder {
    fn new(engine: Engine) -> Self {
        let builder = Self { engine, arguments: Vec::new(), settings: BTreeMap::new() };
        // Said here and not left to the server, since other commands on its database share it.
        builder
            .env("PALIER_PUBLIC_URL", PUBLIC_URL)
            .env("PALIER_SECRET", "5ec4e75a".repeat(8))
            .env("PALIER_MAIL_DIR", "mail")
            // One for all: servers on one database share it, and files are told apart by their poles.
            .env("PALIER_ARCHIVE", Server::archive())
            // Nobody there: no test asks the real one.
            .env("PALIER_STRIPE_URL", "http://127.0.0.1:9/")
    }

    /// One more argument of `palier serve`.
    #[must_use]
    pub fn arg(mut self, argument: impl Into<OsString>) -> Self {
        self.arguments.push(argument.into());
        self
    }

    /// More arguments, between single spaces.
    #[must_use]
    pub fn args(mut self, arguments: &str) -> Self {
        self.arguments.extend(arguments.split(' ').map(OsString::from));
        self
    }

    /// A variable of its environment, and of that of [`Server::palier`].
    #[must_use]
    pub fn env(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.settings.insert(name.to_owned(), value.into());
        self
    }

    /// Without a variable that it would have.
    #[must_use]
    pub fn without_env(mut self, name: &str) -> Self {
        self.settings.remove(name);
        self
    }

    /// On this database instead of a new one.
    #[must_use]
    pub fn database(self, url: &str) -> Self {
        self.env("PALIER_DATABASE_URL", url)
    }

    /// Sends its mail to a mail server, not into a folder.
    #[must_use]
    pub fn smtp(self, smtp: &Smtp) -> Self {
        self.without_env("PALIER_MAIL_DIR").env("PALIER_SMTP_URL", smtp.url())
    }

    /// With its clock at this instant (RFC 3339) when it starts.
    #[must_use]
    pub fn now(self, instant: &str) -> Self {
        self.env("PALIER_NOW", instant)
    }

    /// Starts it, and waits until it listens.
    #[track_caller]
    pub fn start(self) -> Server {
        let mut server = self.ready(Engine::database);
        server.begin();
        server
    }

    /// Lets it run to its end, which must come by itself: a start that is refused.
    #[track_caller]
    pub fn run(self) -> Finished {
        Finished::from(&mut self.ready(Engine::empty_database).command())
    }

    fn ready(mut self, database: impl FnOnce(Engine, &Path) -> String) -> Server {
        let folder = scratch("server");
        let engine = self.engine;
        let url = self.settings.entry("PALIER_DATABASE_URL".to_owned());
        url.or_insert_with(|| database(engine, &folder).into());
        let address = "127.0.0.1:0".to_owned();
        Server { builder: self, folder, address, running: None }
    }
}

impl Server {
    /// A server with a new database of its own.
    #[track_caller]
    pub fn start(engine: Engine) -> Self {
        Self::builder(engine).start()
    }

    /// The same, with more to say about it.
    pub fn builder(engine: Engine) -> Builder {
        Builder::new(engine)
    }

    /// The one server on this engine that tests share; each makes a [`Pole`](crate::Pole) of its
    /// own on it.
    pub fn shared(engine: Engine) -> &'static Self {
        static SHARED: [OnceLock<Server>; 2] = [OnceLock::new(), OnceLock::new()];
        let [sqlite, postgres] = &SHARED;
        match engine {
            Engine::Sqlite => sqlite,
            Engine::Postgres => postgres,
        }
        .get_or_init(|| Self::start(engine))
    }

    /// The database it runs on.
    pub fn engine(&self) -> Engine {
        self.builder.engine
    }

    /// The URL of its database.
    pub fn database_url(&self) -> &str {
        let url = self.builder.settings.get("PALIER_DATABASE_URL");
        url.and_then(|url| url.to_str()).unwrap_or_default()
    }

    /// `http://127.0.0.1:…`, without a slash at the end. A restart keeps it.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A server that does not run, on a copy of the database of this one, which must not run either.
    #[must_use]
    #[track_caller]
    pub fn copied(&self) -> Self {
        let folder = scratch("server");
        let url = self.engine().copy(self.database_url(), &folder);
        let builder = self.builder.clone().database(&url);
        Self { builder, folder, address: self.address.clone(), running: None }
    }

    /// The number of its process, as long as it runs.
    ///
    /// # Panics
    ///
    /// It must run.
    pub fn process_id(&self) -> u32 {
        self.running.as_ref().expect("the server runs").child.id()
    }

    /// A client without a token.
    pub fn client(&self) -> Client {
        Client::new(&self.url())
    }

    /// Runs another `palier` command with the settings of this server, its database among them.
    pub fn palier<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Finished {
        Finished::from(self.settled().args(arguments))
    }

    /// The first mail to this address, once it is written.
    #[track_caller]
    pub fn mail_to(&self, address: &str) -> Mail {
        let folder = self.mail_folder();
        let arrived = || {
            let mails = Mail::in_folder(&folder);
            mails.into_iter().find(|it| it.to.iter().any(|to| to == address))
        };
        wait_for(PATIENCE, arrived)
            .unwrap_or_else(|| panic!("no mail to {address}, only {:?}", Mail::in_folder(&folder)))
    }

    /// All mail to this address, oldest first, once there are so many.
    #[track_caller]
    pub fn mails_to(&self, address: &str, count: usize) -> Vec<Mail> {
        let arrived = || {
            let mut mails = Mail::in_folder(&self.mail_folder());
            mails.retain(|it| it.to.iter().any(|to| to == address));
            (mails.len() >= count).then_some(mails)
        };
        wait_for(PATIENCE, arrived)
            .unwrap_or_else(|| panic!("fewer than {count} mails to {address}"))
    }

    /// Everything it has logged.
    pub fn log(&self) -> String {
        let read = |name| std::fs::read(self.folder.join(name)).unwrap_or_default();
        String::from_utf8_lossy(&read("log")).into_owned()
    }

    /// Asks it to end, as a service manager does, and waits for it to do so without a complaint.
    #[track_caller]
    pub fn stop(&mut self) {
        self.terminate();
        self.ends();
    }

    /// Asks it to end, and does not wait.
    #[track_caller]
    pub fn terminate(&self) {
        let running = self.running.as_ref().expect("the server runs");
        kill_process(Pid::from_child(&running.child), Signal::TERM).expect("it is our child");
    }

    /// Waits for a server that was asked to end to do so without a complaint.
    #[track_caller]
    pub fn ends(&mut self) {
        let mut running = self.running.take().expect("the server runs");
        let ended = wait_for(PATIENCE, || running.child.try_wait().expect("it is our child"));
        let Some(status) = ended else {
            end_now(running);
            panic!("the server did not end {PATIENCE:?} after SIGTERM:\n{}", self.log());
        };
        assert!(status.success(), "the server ended with {status}:\n{}", self.log());
    }

    /// Ends it as a power cut would.
    pub fn kill(&mut self) {
        if let Some(running) = self.running.take() {
            end_now(running);
        }
    }

    /// Changes a variable of its environment, from its next start on.
    pub fn set(&mut self, name: &str, value: impl Into<OsString>) {
        self.builder.settings.insert(name.to_owned(), value.into());
    }

    /// Starts it again at another instant, on the same database and at the same address.
    #[track_caller]
    pub fn restart_at(&mut self, now: &str) {
        let told = self.builder.arguments.iter().position(|it| it == "--now");
        if let Some(at) = told {
            self.builder.arguments.drain(at..at.saturating_add(2));
        }
        self.builder.arguments.extend(["--now", now].map(OsString::from));
        self.restart();
    }

    /// Stops it if it runs, and starts it again on the same database and at the same address.
    #[track_caller]
    pub fn restart(&mut self) {
        if self.running.is_some() {
            self.stop();
        }
        self.begin();
    }

    /// The folder in which servers keep the files of final documents.
    pub fn archive() -> PathBuf {
        crate::scratch_root().join("archive")
    }

    fn mail_folder(&self) -> PathBuf {
        self.folder.join("mail")
    }

    fn command(&self) -> Command {
        let mut command = self.settled();
        command.args(["serve", "--listen", &self.address]).args(&self.builder.arguments);
        command
    }

    /// A `palier` command with the settings of this server, still to be given its arguments.
    pub fn settled(&self) -> Command {
        let mut palier = palier();
        palier.envs(&self.builder.settings).current_dir(&self.folder).stdin(Stdio::null());
        palier
    }

    #[track_caller]
    fn begin(&mut self) {
        let begun = wait_for(PATIENCE, || match self.try_begin() {
            // Somebody may have its port that took it while it was down, and will give it back.
            Err(said) if said.contains("Address already in use") => None,
            begun => Some(begun),
        });
        if let Err(said) = begun.unwrap_or_else(|| Err("its port stays in use".to_owned())) {
            panic!("the server does not listen ({said}):\n{}", self.log());
        }
    }

    /// Starts it, and waits until it listens; what it said and logged if it does not.
    fn try_begin(&mut self) -> Result<(), String> {
        let stdout = self.folder.join("stdout");
        let before = self.log().len();
        let log = OpenOptions::new().create(true).append(true).open(self.folder.join("log"));
        let mut child = self
            .command()
            .stdout(File::create(&stdout).expect("the scratch folder"))
            .stderr(log.expect("the scratch folder"))
            .spawn()
            .expect("`palier` has been built");
        let doomed = Doomed::child(&child);
        let said = || std::fs::read_to_string(&stdout).unwrap_or_default();
        let first_line = wait_for(PATIENCE, || match said().split_once('\n') {
            Some((line, _)) => Some(line.to_owned()),
            None => child.try_wait().expect("it is our child").map(|status| status.to_string()),
        });
        let running = Running { child, _doomed: doomed };
        let line = first_line.unwrap_or_else(|| "nothing yet".to_owned());
        let Some(address) = line.strip_prefix("listening on http://") else {
            end_now(running);
            let logged = self.log().get(before..).unwrap_or_default().to_owned();
            return Err(format!("{line}: {}{logged}", said()));
        };
        address.clone_into(&mut self.address);
        self.running = Some(running);
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!("--- log of the server on {:?}\n{}---", self.engine(), self.log());
        }
        // What cannot be removed now is removed with the scratch folder.
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// An error only says that it has ended by itself.
fn end_now(mut running: Running) {
    let _ = running.child.kill();
    let _ = running.child.wait();
}
