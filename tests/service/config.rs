//! Where settings come from, and what is shown of them.

use std::path::{Path, PathBuf};
use std::process::Command;

use palier_tests::{Finished, palier, scratch};

const SECRET: &str = "5ec4e75a5ec4e75a5ec4e75a5ec4e75a5ec4e75a5ec4e75a5ec4e75a5ec4e75a";

/// `palier config`, in a folder of its own where it can leave nothing behind.
fn config(folder: &Path) -> Command {
    let mut command = palier();
    command.arg("config").current_dir(folder).env("PALIER_SECRET", SECRET);
    command
}

fn written(text: &str) -> (PathBuf, PathBuf) {
    let folder = scratch("config");
    let file = folder.join("palier.toml");
    std::fs::write(&file, text).unwrap();
    (folder, file)
}

#[track_caller]
fn shown(command: &mut Command) -> String {
    Finished::from(command).success()
}

#[test]
fn flags_go_before_the_environment_and_that_goes_before_the_file() {
    let (folder, file) = written("log = \"error\"\nworkers = 1\nshutdown_seconds = 1\n");
    let text = shown(
        config(&folder)
            .arg("--config")
            .arg(&file)
            .args(["--log", "debug"])
            .env("PALIER_LOG", "warn")
            .env("PALIER_WORKERS", "2"),
    );
    let lines: Vec<_> = text.lines().collect();
    for expected in [
        "log = \"debug\"",           // the flag
        "workers = 2",               // the environment
        "shutdown_seconds = 1",      // the file
        "access_token_minutes = 15", // nobody said
    ] {
        assert!(lines.contains(&expected), "{expected}: {text}");
    }
    // The file itself can be named by the environment.
    let text = shown(config(&folder).env("PALIER_CONFIG", &file));
    assert!(text.contains("workers = 1\n"), "{text}");
}

#[test]
fn what_is_shown_is_a_file_that_sets_the_same() {
    let folder = scratch("config");
    let mut set = config(&folder);
    for (name, value) in [
        ("DATABASE_URL", "sqlite:elsewhere.db"),
        ("DATABASE_CONNECTIONS", "3"),
        ("LISTEN", "127.0.0.1:8081"),
        ("MODE", "development"),
        ("PUBLIC_URL", "https://palier.example/"),
        ("MAIL_DIR", "outbox"),
        ("MAIL_FROM", "Palier <palier@pole.example>"),
        ("ARCHIVE", "s3://invoices/palier"),
        ("SIGN_IN_URL", "https://shop.example/sign-in"),
        ("CORS_ORIGINS", "https://shop.example,https://admin.example"),
        ("TRUSTED_PROXIES", "10.0.0.1,::1"),
        ("WORKERS", "2"),
        ("USAGE_QUEUE", "50000"),
        ("ACCESS_TOKEN_MINUTES", "30"),
        ("SHUTDOWN_SECONDS", "7"),
        ("LOG", "palier=debug"),
        ("LOG_FORMAT", "json"),
        ("NOW", "2026-11-01T08:30:00Z"),
    ] {
        set.env(format!("PALIER_{name}"), value);
    }
    let first = shown(&mut set);
    assert_eq!(first.lines().count(), 19, "every setting: {first}");
    let (folder, file) = written(&first.replace("***", SECRET));
    let mut read = palier();
    read.arg("config").arg("--config").arg(&file).current_dir(&folder);
    assert_eq!(shown(&mut read), first);
}

#[test]
fn no_secret_is_shown() {
    let folder = scratch("config");
    let set = |command: &mut Command| {
        command
            .current_dir(&folder)
            .env("PALIER_SECRET", SECRET)
            .env("PALIER_DATABASE_URL", "postgres://palier:hunter2@db.example/p?password=hunter3")
            .env("PALIER_SMTP_URL", "smtps://pole:hunter4@mail.example:465");
    };
    for arguments in ["config", "config --help", "serve --help"] {
        let mut command = palier();
        command.args(arguments.split(' '));
        set(&mut command);
        let text = shown(&mut command);
        for secret in [SECRET, "hunter"] {
            assert!(!text.contains(secret), "{arguments}: {text}");
        }
    }
    let mut command = config(&folder);
    set(&mut command);
    let text = shown(&mut command);
    for line in [
        "database_url = \"postgres://palier:***@db.example/p?***\"",
        "smtp_url = \"smtps://***@mail.example:465\"",
        "secret = \"***\"",
    ] {
        assert!(text.lines().any(|it| it == line), "{line}: {text}");
    }
}

#[test]
fn what_cannot_be_read_is_one_line_that_says_where() {
    for (text, expected) in [
        ("log = \"info\"\nwrkers = 2\n", "line 2: unknown field `wrkers`"),
        ("workers = \"many\"\n", "line 1: invalid type: string \"many\""),
        ("workers = 1\nlog = \n", "line 2: "),
        ("mode = \"staging\"\n", "line 1: unknown variant `staging`"),
    ] {
        let (folder, file) = written(text);
        let said = Finished::from(config(&folder).arg("--config").arg(&file)).failure(2);
        assert_eq!(said.lines().count(), 1, "{said}");
        let place = format!("palier: {}: {expected}", file.display());
        assert!(said.starts_with(&place), "{said:?} does not begin with {place:?}");
    }
    let folder = scratch("config");
    let said = Finished::from(config(&folder).args(["--config", "none.toml"])).failure(2);
    assert!(said.starts_with("palier: none.toml: "), "{said}");
    let said = Finished::from(config(&folder).args(["--workers", "many"])).failure(2);
    assert_eq!(said, "palier: --workers: invalid digit found in string, found \"many\"\n");
    // Everything that does not go is said at once.
    let said = Finished::from(
        config(&folder)
            .args(["--access-token-minutes", "1441", "--mail-from", "nobody"])
            .args(["--listen", "0.0.0.0:8080"]),
    );
    let said = said.failure(2);
    for (line, name) in said.lines().zip(["listen", "mail-from", "access-token-minutes"]) {
        assert!(line.starts_with(&format!("palier: {name}: ")), "{said}");
    }
    assert_eq!(said.lines().count(), 3, "{said}");
}
