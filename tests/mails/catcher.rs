//! A mail server of somebody else's making, in a process of its own: see `catcher.py`.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use palier_tests::{Mail, scratch, skip_unless_ci, wait_for, workspace};
use serde_json::Value;

use super::PATIENCE;

/// Listens on a free port of 127.0.0.1 until it is dropped.
pub(super) struct Catcher {
    child: Child,
    port: u64,
    ca: PathBuf,
    said: Arc<Mutex<Vec<Value>>>,
}

impl Catcher {
    /// With these arguments of the script, between single spaces; none where its packages are missing.
    #[track_caller]
    pub(super) fn start(arguments: &str) -> Option<Self> {
        let python = workspace().join("target/ci-tools/bin/python");
        let packages = Command::new(&python).args(["-c", "import aiosmtpd, trustme"]).output();
        if !packages.is_ok_and(|it| it.status.success()) {
            skip_unless_ci("aiosmtpd and trustme are not there: `tests/prepare` installs them");
            return None;
        }
        let ca = scratch("catcher").join("authority.pem");
        let mut child = Command::new(python)
            .arg(workspace().join("tests/mails/catcher.py"))
            .arg("--ca")
            .arg(&ca)
            .args(arguments.split(' ').filter(|it| !it.is_empty()))
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.next().expect("it says where it listens").unwrap();
        let first: Value = serde_json::from_str(&first).unwrap();
        let said = Arc::new(Mutex::new(Vec::new()));
        let ours = Arc::clone(&said);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let line = serde_json::from_str(&line).unwrap();
                ours.lock().unwrap_or_else(PoisonError::into_inner).push(line);
            }
        });
        Some(Self { child, port: first["listening"].as_u64().unwrap(), ca, said })
    }

    /// What `--smtp-url` takes; what goes around the host and the port is said by who calls.
    pub(super) fn url(&self, before: &str, behind: &str) -> String {
        format!("{before}localhost:{}{behind}", self.port)
    }

    /// The certificate of its authority.
    pub(super) fn ca(&self) -> &PathBuf {
        &self.ca
    }

    fn said(&self) -> MutexGuard<'_, Vec<Value>> {
        self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What has happened that has a name for this.
    pub(super) fn told(&self, name: &str) -> Vec<Value> {
        self.said().iter().filter(|it| it.get(name).is_some()).cloned().collect()
    }

    /// The same, once it has happened so many times: who is answered may know of it before it is read here.
    #[track_caller]
    pub(super) fn told_times(&self, name: &str, times: usize) -> Vec<Value> {
        let told = || Some(self.told(name)).filter(|told| told.len() >= times);
        wait_for(PATIENCE, told)
            .unwrap_or_else(|| panic!("{name:?} not {times} times: {:?}", self.said()))
    }

    /// What it took for an address, once it took something so many times.
    #[track_caller]
    pub(super) fn took(&self, address: &str, times: usize) -> Vec<Taken> {
        let taken = || {
            let taken = self.told("took").into_iter().filter(|it| it["took"] == address);
            let taken: Vec<_> = taken.map(|it| Taken::of(&it)).collect();
            (taken.len() >= times).then_some(taken)
        };
        wait_for(PATIENCE, taken)
            .unwrap_or_else(|| panic!("not {times} times for {address}: {:?}", self.said()))
    }
}

impl Drop for Catcher {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A message that it took.
pub(super) struct Taken {
    pub(super) from: String,
    pub(super) tls: bool,
    /// Who had said who they are.
    pub(super) login: Value,
    pub(super) mail: Mail,
}

impl Taken {
    fn of(line: &Value) -> Self {
        Self {
            from: line["from"].as_str().unwrap().to_owned(),
            tls: line["tls"] == true,
            login: line["login"].clone(),
            mail: Mail::read(&STANDARD.decode(line["message"].as_str().unwrap()).unwrap()),
        }
    }
}
