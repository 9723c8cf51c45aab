//! What every test of a public door needs: where the workspace is, the real `palier` in it, and what
//! that talks to: databases, clients, a mail server.
#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::panic,
    reason = "a harness fails its test by panicking, with what the reader needs to mend it"
)]

mod both;
mod client;
mod janitor;
mod mail;
mod pole;
pub mod postgres;
mod server;
pub mod smtp;
pub mod stripe;
pub mod webhook;

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

pub use both::{Body, run_on};
pub use client::{Answer, Client};
pub use janitor::{root as scratch_root, scratch};
pub use mail::Mail;
pub use pole::Pole;
pub use server::{Builder, Engine, PUBLIC_URL, Server};

/// The root of the workspace.
pub fn workspace() -> &'static Path {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap_or(tests)
}

/// The Cargo that runs these tests, to be called again from inside one, at the workspace root,
/// with these arguments between single spaces.
///
/// No deadlock: the outer `cargo test` gives up its build lock before it runs a test.
pub fn cargo(arguments: &str) -> Command {
    let mut cargo = escargot::Cargo::new().into_command();
    cargo.args(arguments.split(' ')).current_dir(workspace());
    for name in foreign_variables() {
        cargo.env_remove(name);
    }
    cargo
}

/// The path of the `palier` binary, built on the first call with the profile of the tests.
///
/// Cargo offers `CARGO_BIN_EXE_palier` only to the tests of the package that owns the binary. Another
/// build can be named by the variable `PALIER_TEST_BINARY`, to measure one against the other.
pub fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        if let Some(other) = std::env::var_os("PALIER_TEST_BINARY") {
            return other.into();
        }
        let build = escargot::CargoBuild::new()
            .manifest_path(workspace().join("Cargo.toml"))
            // With the features `cargo test` has just built with; those of `palier` alone may be
            // fewer, and the whole tree would be compiled a second time.
            .arg("--workspace")
            .arg("--locked")
            .bin("palier")
            .current_release();
        let build = foreign_variables().fold(build, escargot::CargoBuild::env_remove);
        match build.run() {
            Ok(palier) => palier.path().to_owned(),
            Err(error) => panic!("`palier` does not build: {error}"),
        }
    })
}

/// A command still to be given its arguments, at the workspace root unless the caller sets
/// another `current_dir`.
///
/// It finds `palier` on its path, prints plain text a hundred columns wide, and sees none of the
/// `PALIER_*` settings of whoever runs the tests.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = binary().parent().map(Path::to_owned).into_iter();
    match std::env::join_paths(folders.chain(std::env::split_paths(&path))) {
        Ok(path) => command.env("PATH", path),
        Err(error) => panic!("`palier` cannot be put on the path: {error}"),
    };
    command.current_dir(workspace()).env("COLUMNS", "100").env("NO_COLOR", "1");
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("PALIER_") {
            command.env_remove(name);
        }
    }
    command
}

/// A `palier` [`command`].
pub fn palier() -> Command {
    command(binary())
}

/// Runs `palier` with these arguments at the workspace root, to its end.
pub fn run<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Finished {
    Finished::from(palier().args(arguments))
}

/// A command that has run, and what it said.
#[derive(Debug)]
pub struct Finished {
    /// How it ended.
    pub status: ExitStatus,
    /// All it wrote to standard output.
    pub stdout: String,
    /// All it wrote to standard error.
    pub stderr: String,
}

impl Finished {
    /// Standard output, of a command that must have succeeded.
    #[track_caller]
    pub fn success(self) -> String {
        assert!(self.status.success(), "{self}");
        self.stdout
    }

    /// Standard error, of a command that must have ended with this exit code.
    #[track_caller]
    pub fn failure(self, code: i32) -> String {
        assert_eq!(self.status.code(), Some(code), "{self}");
        self.stderr
    }
}

impl From<&mut Command> for Finished {
    fn from(command: &mut Command) -> Self {
        match command.output() {
            Ok(output) => Self {
                status: output.status,
                stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
                stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            },
            Err(error) => panic!("{command:?} does not start: {error}"),
        }
    }
}

impl std::fmt::Display for Finished {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}\n{}{}", self.status, self.stdout, self.stderr)
    }
}

/// Says what was left out. Straight to standard error, since `eprintln!` is swallowed when a test
/// passes.
pub fn skip(what: &str) {
    writeln!(std::io::stderr(), "skipped: {what}").expect("standard error");
}

/// The same, of what must not be left out on a build machine: with `CI=true` it panics.
#[track_caller]
pub fn skip_unless_ci(what: &str) {
    let on_ci = std::env::var_os("CI").is_some_and(|ci| ci == "true");
    assert!(!on_ci, "{what}");
    skip(what);
}

/// Looks again and again until there is something, or patience has run out.
pub fn wait_for<T>(patience: Duration, mut look: impl FnMut() -> Option<T>) -> Option<T> {
    let start = Instant::now();
    let mut rest = Duration::from_millis(5);
    loop {
        // Patience first: the last look comes after all of it has passed.
        let last = start.elapsed() >= patience;
        let found = look();
        if found.is_some() || last {
            return found;
        }
        std::thread::sleep(rest);
        // Looking takes processor time from what is waited for.
        rest = rest.saturating_mul(2).min(Duration::from_millis(50));
    }
}

/// Runs a command and kills it as soon as something has happened; whether it had ended well by then.
#[track_caller]
pub fn ends_before(mut command: Command, mut happened: impl FnMut() -> bool) -> bool {
    let silent = command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = silent.spawn().expect("a command that can be run");
    while child.try_wait().expect("it is our child").is_none() && !happened() {
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().expect("it is our child");
    child.wait().expect("it is our child").success()
}

/// What Cargo tells a test about the test's own package.
///
/// A nested Cargo would pass it on to build scripts, which then see a change and run again.
fn foreign_variables() -> impl Iterator<Item = String> {
    const PREFIXES: [&str; 5] =
        ["CARGO_BIN_", "CARGO_CRATE_", "CARGO_MANIFEST_", "CARGO_PKG_", "CARGO_PRIMARY_"];
    std::env::vars_os()
        .filter_map(|(name, _)| name.into_string().ok())
        .filter(|name| PREFIXES.iter().any(|prefix| name.starts_with(prefix)))
}
