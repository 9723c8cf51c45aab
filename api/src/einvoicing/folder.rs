//! An approved platform behind folders: `out` and `in`, `done` and `refused`, in a folder for each pole.
//!
//! A pole exchanges if its folder is there. A file is written under a name that nobody takes for a message,
//! is on disk before it gets its own, and is renamed in one step, so that whoever carries files away sees
//! whole ones only. Before that step, a note in `.giving` says that it is about to be taken; where the note is
//! there and the file is not, it was, and whoever ended in between does not give it again, though the carrier
//! has it by now. Of several processes one gives at a time: `.giving/turn` is locked. What arrives is taken
//! once it has rested for a moment: not everybody renames.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use actix_web::web::{self, Bytes};

use super::platform::{Outcome, PlatformError};
use crate::say;
use crate::text::Text;

/// How long a file must have rested.
const REST: Duration = Duration::from_secs(2);

/// How many bytes a message has at most: it tells of documents, and carries none.
const MOST: u64 = 8 << 20;

/// How many messages are taken at a time.
const STEP: usize = 200;

/// Where notes stand of files that are about to be taken.
const GIVING: &str = ".giving";

/// What names of files end with that are not whole yet, wherever they come from.
const UNFINISHED: [&str; 4] = [".tmp", ".part", ".partial", ".filepart"];

/// What is locked there by who gives.
const TURN: &str = "turn";

/// A file that nobody else can lock meanwhile; let go when dropped, and when its process ends.
#[derive(Debug)]
pub(super) struct Turn(#[expect(dead_code, reason = "it is held")] File);

/// Folders of poles, by their codes.
#[derive(Clone, Debug)]
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// In a folder that is there.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn open(folder: &Path) -> Result<Self, String> {
        let meant = |error: &dyn std::fmt::Display| {
            format!("einvoicing-folder: {}: {error}", folder.display())
        };
        match fs::metadata(folder) {
            Ok(found) if found.is_dir() => Ok(Self(folder.to_owned())),
            Ok(_) => Err(meant(&"expected a folder, found a file")),
            Err(error) => Err(meant(&error)),
        }
    }

    pub(super) fn serves(&self, pole: &str) -> bool {
        self.0.join(pole).is_dir()
    }

    pub(super) async fn turn(&self, pole: &str) -> Result<Turn, PlatformError> {
        let folder = self.0.join(pole);
        in_thread(move || {
            // Not made here: a pole whose folder is gone does not exchange any more.
            fs::metadata(&folder)?;
            let giving = folder.join(GIVING);
            fs::create_dir_all(&giving)?;
            let turn = File::create(giving.join(TURN))?;
            match turn.lock() {
                // Some file systems have no locks: there, one process exchanges.
                Err(error) if error.kind() != io::ErrorKind::Unsupported => Err(error),
                _ => Ok(Turn(turn)),
            }
        })
        .await
    }

    pub(super) async fn give(
        &self,
        pole: &str,
        name: &str,
        bytes: Bytes,
    ) -> Result<(), PlatformError> {
        let (folder, name) = (self.0.join(pole), name.to_owned());
        in_thread(move || drop_once(&folder, &name, &bytes)).await
    }

    /// It is known that a file was given: its note goes.
    pub(super) async fn given(&self, pole: &str, name: &str) -> Result<(), PlatformError> {
        let note = self.0.join(pole).join(GIVING).join(name);
        in_thread(move || match fs::remove_file(note) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        })
        .await
    }

    pub(super) async fn arrived(&self, pole: &str) -> Result<Vec<String>, PlatformError> {
        let folder = self.0.join(pole).join("in");
        in_thread(move || {
            fs::create_dir_all(&folder)?;
            let mut names = Vec::new();
            for entry in fs::read_dir(&folder)? {
                let entry = entry?;
                let found = match entry.metadata() {
                    // Another process put it away.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                    found => found?,
                };
                // A clock that went back keeps nothing waiting.
                let rested = found.modified()?.elapsed().map_or(true, |since| since >= REST);
                let name = entry.file_name().into_string().unwrap_or_default();
                let whole = !name.is_empty() && !name.starts_with('.');
                let whole = whole && !UNFINISHED.iter().any(|ending| name.ends_with(ending));
                if whole && rested && found.is_file() {
                    names.push(name);
                }
            }
            names.sort();
            names.truncate(STEP);
            Ok(names)
        })
        .await
    }

    pub(super) async fn fetch(
        &self,
        pole: &str,
        name: &str,
    ) -> Result<Option<Result<Bytes, Text>>, PlatformError> {
        let file = self.0.join(pole).join("in").join(name);
        in_thread(move || match fs::metadata(&file) {
            Ok(found) if found.len() > MOST => Ok(Some(Err(say!(
                en "The file is larger than any status message.\n",
                fr "Le fichier est plus grand qu’aucun message de statut.\n"
            )))),
            Ok(_) => Ok(Some(Ok(fs::read(&file)?.into()))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        })
        .await
    }

    pub(super) async fn settle(
        &self,
        pole: &str,
        name: &str,
        outcome: Outcome,
    ) -> Result<(), PlatformError> {
        let (folder, name) = (self.0.join(pole), name.to_owned());
        in_thread(move || {
            let (to, why) = match outcome {
                Outcome::Taken => (folder.join("done"), None),
                Outcome::Refused(why) => (folder.join("refused"), Some(why)),
            };
            fs::create_dir_all(&to)?;
            let free = free(&to, &name);
            if let Some(Text { en, fr }) = why {
                // Before the file: whoever finds one finds the other.
                put(&to, &format!("{free}.reason.txt"), format!("{fr}\n{en}").as_bytes())?;
            }
            match fs::rename(folder.join("in").join(&name), to.join(free)) {
                // Of two that take it, the other was faster.
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
                moved => moved,
            }
        })
        .await
    }
}

/// Puts a file into `out`, unless it was put there and its note is still there.
fn drop_once(pole: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let (out, giving) = (pole.join("out"), pole.join(GIVING));
    let (unfinished, note) = (unfinished(&out, name), giving.join(name));
    match (note.exists(), unfinished.exists()) {
        (true, false) => return Ok(()),
        (true, true) => {}
        (false, _) => {
            write(&out, name, bytes)?;
            File::open(&out)?.sync_all()?;
            File::create(&note)?.sync_all()?;
            File::open(&giving)?.sync_all()?;
        }
    }
    publish(&out, name)
}

/// Puts a file into a folder, whole or not at all.
fn put(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    write(folder, name, bytes)?;
    publish(folder, name)
}

/// A file that is not whole yet.
fn unfinished(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!(".{name}.tmp"))
}

/// Writes a file under a name that nobody looks at.
fn write(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut file = File::create(unfinished(folder, name))?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Gives a file that is whole its name.
fn publish(folder: &Path, name: &str) -> io::Result<()> {
    fs::rename(unfinished(folder, name), folder.join(name))?;
    // So is its name.
    File::open(folder)?.sync_all()
}

/// A name that no file in a folder has: the same, or with a number behind.
fn free(folder: &Path, name: &str) -> String {
    let mut nth = 1_u32;
    let mut free = name.to_owned();
    while folder.join(&free).exists() {
        nth = nth.saturating_add(1);
        free = format!("{name}.{nth}");
    }
    free
}

async fn in_thread<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, PlatformError> {
    let done = web::block(work).await.map_err(|gone| PlatformError(gone.to_string()))?;
    done.map_err(|error| PlatformError(error.to_string()))
}
