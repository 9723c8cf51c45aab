//! Where the deployment's secret comes from.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use super::{Mode, Settings, needed};
use crate::auth::MasterSecret;
use crate::db::DatabaseUrl;

/// The secret that was given; in development mode, one that is made at the first start and kept
/// beside the database, so that nobody runs with a known one. There is none to be made where it is
/// not known which database.
pub(super) fn find(
    given: &Settings,
    mode: Mode,
    database: Option<&DatabaseUrl>,
) -> Result<Option<MasterSecret>, String> {
    if let Some(secret) = &given.secret {
        return secret.parse().map(Some).map_err(|fault| format!("secret: {fault}"));
    }
    if let Some(path) = &given.secret_file {
        return read(path).map(Some);
    }
    if mode == Mode::Production {
        return Err(needed("secret"));
    }
    let Some(database) = database else { return Ok(None) };
    let path = match database {
        DatabaseUrl::Sqlite(file) => {
            let mut name = file.clone().into_os_string();
            name.push(".secret");
            PathBuf::from(name)
        }
        DatabaseUrl::Postgres(_) => PathBuf::from("palier-development.secret"),
    };
    let secret = if path.exists() { read(&path) } else { make(&path) };
    secret.map(Some)
}

fn read(path: &Path) -> Result<MasterSecret, String> {
    let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    text.trim().parse().map_err(|fault| format!("{}: {fault}", path.display()))
}

fn make(path: &Path) -> Result<MasterSecret, String> {
    let secret = MasterSecret::generate().map_err(|error| error.to_string())?;
    let written = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    match written.and_then(|mut file| writeln!(file, "{}", secret.reveal())) {
        Ok(()) => Ok(secret),
        // Another process was faster.
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => read(path),
        Err(error) => Err(format!("{}: {error}", path.display())),
    }
}
