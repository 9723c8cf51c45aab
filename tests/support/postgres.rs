//! A PostgreSQL of the test process's own, from the packages installed on the machine.
//!
//! It is started by the first test that asks for a database, listens on a free port of 127.0.0.1,
//! and is gone when the tests are.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::janitor::{self, Doomed};
use crate::{Finished, wait_for};

/// A running cluster.
#[derive(Debug)]
pub struct Cluster {
    programs: PathBuf,
    port: u16,
    password: String,
    originals: Mutex<BTreeSet<String>>,
    _doomed: Doomed,
}

/// The cluster of this process, or `None` where PostgreSQL is not installed.
///
/// # Panics
///
/// With `CI=true` in the environment, PostgreSQL must be there.
pub fn cluster() -> Option<&'static Cluster> {
    static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
    CLUSTER
        .get_or_init(|| {
            let Some(programs) = programs() else {
                crate::skip_unless_ci("PostgreSQL is not installed: nothing is tested on it");
                return None;
            };
            Some(Cluster::start(programs))
        })
        .as_ref()
}

impl Cluster {
    /// A copy of the database of this name, and its URL.
    ///
    /// Whoever asks first makes the original: `fill` is called with the URL of an empty database,
    /// and nothing may be connected to that any more when it returns.
    pub fn database_like(&self, original: &str, fill: impl FnOnce(&str)) -> String {
        let mut originals = self.originals.lock().unwrap_or_else(PoisonError::into_inner);
        if !originals.contains(original) {
            // Left over where filling it has failed before.
            let drop = format!("DROP DATABASE IF EXISTS \"{original}\" WITH (FORCE)");
            self.sql(&self.url("postgres"), &drop);
            fill(&self.create(original, "template0"));
            originals.insert(original.to_owned());
        }
        drop(originals);
        self.create(&new_name(), original)
    }

    /// A new database without anything in it, and its URL.
    pub fn empty_database(&self) -> String {
        self.create(&new_name(), "template0")
    }

    /// A copy of the database of this URL, to which nobody may be connected, and its URL.
    pub fn copy(&self, url: &str) -> String {
        let original = url.rsplit('/').next().unwrap_or_default();
        self.create(&new_name(), original)
    }

    /// Runs SQL, and returns the rows, without headings and with `|` between columns.
    #[track_caller]
    pub fn sql(&self, url: &str, sql: &str) -> String {
        self.try_sql(url, sql).success().trim_end().to_owned()
    }

    fn try_sql(&self, url: &str, sql: &str) -> Finished {
        let mut psql = Command::new(self.programs.join("psql"));
        psql.args(["--no-psqlrc", "--no-align", "--tuples-only", "--quiet"])
            .args(["--set=ON_ERROR_STOP=1", "--command", sql, url])
            .env_clear();
        Finished::from(&mut psql)
    }

    fn create(&self, name: &str, template: &str) -> String {
        let sql = format!("CREATE DATABASE \"{name}\" TEMPLATE \"{template}\"");
        // The cluster itself waits for five seconds for whoever was connected to the template to be gone.
        let is_made = || {
            let made = self.try_sql(&self.url("postgres"), &sql);
            let in_use = made.stderr.contains("is being accessed by other users");
            (!in_use).then_some(made)
        };
        let made = wait_for(Duration::from_mins(1), is_made);
        made.expect("nobody is connected to a template").success();
        self.url(name)
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://palier:{}@127.0.0.1:{}/{database}", self.password, self.port)
    }

    fn start(programs: PathBuf) -> Self {
        let folder = janitor::scratch("postgres");
        let password = password();
        std::fs::write(folder.join("password"), &password).expect("the scratch folder");
        if is_root() {
            Finished::from(Command::new("chown").args(["-R", UNPRIVILEGED]).arg(&folder)).success();
        }
        let data = folder.join("data");
        Finished::from(
            unprivileged(&programs.join("initdb"))
                .arg("--pgdata")
                .arg(&data)
                .arg("--pwfile")
                .arg(folder.join("password"))
                .args(["--username=palier", "--auth=scram-sha-256", "--no-sync"])
                // A language's own order, as most deployments have it and SQLite has not.
                .args(["--encoding=UTF8", "--locale=C.UTF-8"])
                .args(["--locale-provider=icu", "--icu-locale=fr"]),
        )
        .success();

        let durable = DURABLE.load(Ordering::Relaxed);
        let settings = if durable { DURABLE_SETTINGS } else { SETTINGS };
        // Someone else may take the free port before PostgreSQL does.
        let mut said = String::new();
        for _ in 0..3 {
            let port = free_port();
            let started = Finished::from(
                unprivileged(&programs.join("pg_ctl"))
                    .args(["start", "--wait", "--timeout=60", "--silent", "--pgdata"])
                    .arg(&data)
                    .arg("--log")
                    .arg(folder.join("log"))
                    .arg(format!("--options=-p {port} {settings}")),
            );
            if started.status.success() {
                let pid = std::fs::read_to_string(data.join("postmaster.pid"))
                    .ok()
                    .and_then(|file| file.lines().next()?.parse().ok())
                    .expect("a running PostgreSQL writes its number into postmaster.pid");
                let originals = Mutex::default();
                // QUIT ends it at once, and still clears away its shared memory.
                let doomed = Doomed::new(pid, "QUIT");
                return Self { programs, port, password, originals, _doomed: doomed };
            }
            let log = std::fs::read_to_string(folder.join("log")).unwrap_or_default();
            writeln!(said, "{started}{log}").expect("writing to a string");
        }
        panic!("PostgreSQL does not start:\n{said}");
    }
}

/// Whether what is written must survive the machine.
static DURABLE: AtomicBool = AtomicBool::new(false);

/// Lets the cluster, which must not have been started yet, keep what it says it keeps, as one that is
/// measured must: tests do without, and are faster.
pub fn make_durable() {
    DURABLE.store(true, Ordering::Relaxed);
}

/// As a small server would have it.
const DURABLE_SETTINGS: &str = "-c listen_addresses=127.0.0.1 -c unix_socket_directories='' \
    -c max_connections=100 -c shared_buffers=1GB -c max_wal_size=4GB -c wal_compression=on \
    -c timezone=UTC";

/// What the tests write need not survive the machine.
const SETTINGS: &str = "-c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off \
    -c full_page_writes=off -c synchronous_commit=off -c max_connections=400 \
    -c shared_buffers=64MB -c autovacuum=off -c timezone=America/St_Johns";

/// The user of Debian's package. PostgreSQL refuses to run as root.
const UNPRIVILEGED: &str = "postgres";

fn unprivileged(program: &Path) -> Command {
    let mut command = if is_root() {
        let mut setpriv = Command::new("setpriv");
        setpriv
            .args(["--reuid", UNPRIVILEGED, "--regid", UNPRIVILEGED, "--clear-groups"])
            .arg(program);
        setpriv
    } else {
        Command::new(program)
    };
    // A time zone, a language or a `PGDATA` of whoever runs the tests must change nothing.
    command.current_dir("/").env_clear();
    command
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// The folder with the newest `postgres` and what belongs to it.
fn programs() -> Option<PathBuf> {
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut versions: Vec<_> = debian
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path())))
        .collect();
    versions.sort_unstable_by_key(|(version, _)| std::cmp::Reverse(*version));
    let path = std::env::var_os("PATH").unwrap_or_default();
    versions
        .into_iter()
        .map(|(_, folder)| folder.join("bin"))
        .chain(std::env::split_paths(&path))
        .find(|folder| ["initdb", "pg_ctl", "psql"].iter().all(|it| folder.join(it).exists()))
}

fn new_name() -> String {
    static NUMBER: AtomicUsize = AtomicUsize::new(1);
    format!("palier_{}", NUMBER.fetch_add(1, Ordering::Relaxed))
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a free port on 127.0.0.1")
        .port()
}

/// Nobody should guess it while the tests run; `RandomState` is seeded by the system.
fn password() -> String {
    use std::hash::BuildHasher as _;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let random = || std::hash::RandomState::new().hash_one(now);
    format!("{:016x}{:016x}", random(), random())
}
