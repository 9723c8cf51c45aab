//! Where the database is.

use std::path::PathBuf;
use std::str::FromStr;

/// The address of a database. Printing it hides the password.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum DatabaseUrl {
    /// A file of the embedded SQLite.
    Sqlite(PathBuf),
    /// A PostgreSQL connection URI, as libpq reads it.
    Postgres(String),
}

impl FromStr for DatabaseUrl {
    type Err = String;

    /// The scheme decides. A mistyped one is refused: taken for a file name, it would quietly
    /// begin an empty database.
    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("postgres" | "postgresql", rest)) if rest.starts_with("//") => {
                Ok(Self::Postgres(text.to_owned()))
            }
            Some(("sqlite", "")) => Err("sqlite: needs a file name behind it".to_owned()),
            Some(("sqlite", path)) => Ok(Self::Sqlite(PathBuf::from(path))),
            Some((scheme, _)) if !scheme.contains(['/', '.', '\\']) => Err(format!(
                "unknown kind of database {scheme:?}: expected sqlite:FILE or postgres://…"
            )),
            _ if text.is_empty() => Err("expected sqlite:FILE or postgres://…".to_owned()),
            _ => Ok(Self::Sqlite(PathBuf::from(text))),
        }
    }
}

impl std::fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let url = match self {
            Self::Sqlite(path) => return write!(f, "sqlite:{}", path.display()),
            Self::Postgres(url) => url,
        };
        let (scheme, rest) = url.split_once("//").unwrap_or(("postgres:", url));
        let (authority, query) = rest.split_once('?').map_or((rest, None), |(a, q)| (a, Some(q)));
        match authority.rsplit_once('@') {
            Some((login, place)) => {
                let user = login.split(':').next().unwrap_or_default();
                write!(f, "{scheme}//{user}:***@{place}")?;
            }
            None => write!(f, "{scheme}//{authority}")?,
        }
        // The query may hold a password as well.
        if query.is_some() { f.write_str("?***") } else { Ok(()) }
    }
}

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scheme_decides() {
        let sqlite = |path: &str| Ok(DatabaseUrl::Sqlite(path.into()));
        assert_eq!("sqlite:palier.db".parse(), sqlite("palier.db"));
        assert_eq!("data/palier.db".parse(), sqlite("data/palier.db"));
        let url = "postgresql://palier@db/palier";
        assert_eq!(url.parse(), Ok(DatabaseUrl::Postgres(url.to_owned())));
        for wrong in ["postgress://db/palier", "mysql:x", "postgres:palier", "sqlite:", ""] {
            assert!(wrong.parse::<DatabaseUrl>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_password_is_not_printed() {
        let url: DatabaseUrl =
            "postgres://palier:s3cret@db:5432/p?password=s3cret".parse().unwrap();
        assert_eq!(url.to_string(), "postgres://palier:***@db:5432/p?***");
    }
}
