//! Stripe's own package for Node.js, in a process that is told what to call.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use palier_tests::stripe::{FakeStripe, KEY};
use palier_tests::{skip_unless_ci, workspace};
use serde_json::{Value, json};

/// The package, as a merchant would use it.
pub(super) struct Package {
    child: Child,
    ask: ChildStdin,
    said: BufReader<ChildStdout>,
}

impl Package {
    /// None where it is not installed.
    pub(super) fn of(stripe: &FakeStripe) -> Option<Self> {
        Self::with_key(stripe, KEY)
    }

    pub(super) fn with_key(stripe: &FakeStripe, key: &str) -> Option<Self> {
        let mut child = Command::new("node")
            .arg("driver.js")
            .current_dir(project()?)
            .env("STRIPE_URL", stripe.url())
            .env("STRIPE_KEY", key)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let ask = child.stdin.take().unwrap();
        let said = BufReader::new(child.stdout.take().unwrap());
        Some(Self { child, ask, said })
    }

    /// Calls `path` of the package; what it returns must be good.
    #[track_caller]
    pub(super) fn call(&mut self, path: &str, args: &Value) -> Value {
        self.said(path, args)["object"].take()
    }

    /// The same, with the headers of the answer.
    #[track_caller]
    pub(super) fn said(&mut self, path: &str, args: &Value) -> Value {
        let said = self.ask(path, args, false);
        assert!(said["error"].is_null(), "{path} {args}: {said:#}");
        said
    }

    /// The error that is thrown.
    #[track_caller]
    pub(super) fn error(&mut self, path: &str, args: &Value) -> Value {
        let mut said = self.ask(path, args, false);
        assert!(said["object"].is_null(), "{path} {args}: {said:#}");
        said["error"].take()
    }

    /// All that the package finds when it goes through the pages of a list by itself.
    #[track_caller]
    pub(super) fn all(&mut self, path: &str, args: &Value) -> Vec<Value> {
        let said = self.ask(path, args, true);
        let found = said["object"].as_array();
        found.unwrap_or_else(|| panic!("{path} {args}: {said:#}")).clone()
    }

    #[track_caller]
    fn ask(&mut self, path: &str, args: &Value, pages: bool) -> Value {
        self.begin(path, args, pages);
        self.end()
    }

    /// Tells it to call, and does not wait.
    #[track_caller]
    pub(super) fn begin(&mut self, path: &str, args: &Value, pages: bool) {
        let line = json!({ "path": path, "args": args, "pages": pages });
        writeln!(self.ask, "{line}").unwrap();
    }

    /// What came of what was begun.
    #[track_caller]
    pub(super) fn end(&mut self) -> Value {
        let mut line = String::new();
        self.said.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }
}

impl Drop for Package {
    fn drop(&mut self) {
        // It may have ended by itself.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The folder in which `tests/prepare` has installed the package, with the driver of now.
fn project() -> Option<PathBuf> {
    let (from, to) = (workspace().join("tests/stripe"), workspace().join("target/stripe"));
    let lock = |folder: &Path| fs::read(folder.join("package-lock.json")).ok();
    let installed = to.join("node_modules/stripe").exists() && lock(&from) == lock(&to);
    if !installed {
        skip_unless_ci("Stripe's own package is not there: `tests/prepare` installs it");
        return None;
    }
    let driver = fs::read(from.join("driver.js")).unwrap();
    // Tests run beside each other: nobody may read half a file.
    let (process, thread) = (std::process::id(), std::thread::current().id());
    let part = to.join(format!("driver-{process}-{thread:?}.part"));
    fs::write(&part, driver).unwrap();
    fs::rename(part, to.join("driver.js")).unwrap();
    Some(to)
}
