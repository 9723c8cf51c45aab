//! What outlives a test process is cleared away by a shell that waits for it to end.
//!
//! Destructors do not run for what is shared by all tests, nor after a SIGKILL. The shell reads a
//! pipe that only this process holds: however it ends, the pipe is closed, and the shell ends what
//! it was told of and removes the scratch folder.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

const SCRIPT: &str = r#"
trap '' HUP INT QUIT TERM
doomed=' '
while read -r verb signal pid; do
    case $verb in
        doom) doomed="$doomed$signal:$pid " ;;
        spare) doomed="${doomed%%" $signal:$pid "*} ${doomed#*" $signal:$pid "}" ;;
    esac
done
for each in $doomed; do kill -"${each%:*}" "${each#*:}"; done
# A database that is still going down may write where it is being removed.
tries=0
while ! rm -rf "$1" && [ $tries -lt 100 ]; do tries=$((tries + 1)); sleep 0.2; done
"#;

struct Janitor {
    shell: Mutex<Child>,
    scratch: PathBuf,
}

/// A new, empty folder, removed some time after the test process has ended.
pub fn scratch(name: &str) -> PathBuf {
    static NUMBER: AtomicUsize = AtomicUsize::new(1);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let folder = janitor().scratch.join(format!("{name}-{number}"));
    std::fs::create_dir(&folder).expect("the scratch folder can be written to");
    folder
}

/// The folder that holds every [`scratch`] folder of this process.
pub fn root() -> &'static Path {
    &janitor().scratch
}

/// A process that is killed at the latest when the test process ends, by this signal.
#[derive(Debug)]
pub(crate) struct Doomed {
    pid: u32,
    signal: &'static str,
}

impl Doomed {
    pub(crate) fn child(child: &Child) -> Self {
        Self::new(child.id(), "KILL")
    }

    pub(crate) fn new(pid: u32, signal: &'static str) -> Self {
        order(&format!("doom {signal} {pid}"));
        Self { pid, signal }
    }
}

/// Dropped when the process has ended and its number may soon be another's.
impl Drop for Doomed {
    fn drop(&mut self) {
        order(&format!("spare {} {}", self.signal, self.pid));
    }
}

fn order(line: &str) {
    let mut shell = janitor().shell.lock().unwrap_or_else(PoisonError::into_inner);
    let orders = shell.stdin.as_mut().expect("its input is piped");
    writeln!(orders, "{line}").expect("the janitor takes orders");
}

fn janitor() -> &'static Janitor {
    static JANITOR: OnceLock<Janitor> = OnceLock::new();
    JANITOR.get_or_init(|| {
        let scratch = tempfile::Builder::new()
            .prefix("palier-tests-")
            // PostgreSQL runs as another user, and has to get at its own folder in here.
            .permissions(std::os::unix::fs::PermissionsExt::from_mode(0o755))
            .tempdir()
            .expect("a folder for temporary files")
            .keep();
        let shell = Command::new("/bin/sh")
            .args(["-c", SCRIPT, "janitor"])
            .arg(&scratch)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("/bin/sh");
        Janitor { shell: Mutex::new(shell), scratch }
    })
}
