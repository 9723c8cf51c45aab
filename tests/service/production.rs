//! What must be said before the service is for others: a start that lacks it is refused.

use std::fs;

use palier_tests::smtp::Smtp;
use palier_tests::{Builder, Engine, Pole, Server, scratch};
use serde_json::Value;

/// In production, with nothing else said.
fn bare() -> Builder {
    ["PALIER_SECRET", "PALIER_PUBLIC_URL", "PALIER_MAIL_DIR"]
        .into_iter()
        .fold(Server::builder(Engine::Sqlite), Builder::without_env)
        .env("PALIER_MODE", "production")
}

/// The settings that a refused start complains of, in their order.
#[track_caller]
fn complaints(builder: Builder) -> Vec<String> {
    let said = builder.run().failure(2);
    let name = |line: &str| {
        let fault = line.strip_prefix("palier: ").unwrap_or_else(|| panic!("{said}"));
        fault.split(':').next().unwrap_or_default().to_owned()
    };
    said.lines().map(name).collect()
}

#[test]
fn every_setting_that_is_missing_is_named_at_once() {
    let said = bare().run().failure(2);
    let needed = |name: &str, variable: &str| {
        format!("palier: {name}: production mode needs it; set --{name} or PALIER_{variable}\n")
    };
    let expected = [
        needed("secret", "SECRET"),
        needed("public-url", "PUBLIC_URL"),
        needed("smtp-url", "SMTP_URL"),
        needed("mail-from", "MAIL_FROM"),
    ];
    assert_eq!(said, expected.concat());
    // Also where the first thing that is looked at is wrong.
    let all = ["database-url", "secret", "public-url", "smtp-url", "mail-from"];
    assert_eq!(complaints(bare().database("postgress://db/palier")), all);
    // Files have no place beside a database that may be anywhere.
    let all = ["secret", "public-url", "smtp-url", "mail-from", "archive"];
    let bare = bare().without_env("PALIER_ARCHIVE");
    assert_eq!(complaints(bare.database("postgres://db/palier")), all);
}

#[test]
fn what_is_for_trying_things_out_is_refused() {
    let wrong = bare()
        .env("PALIER_SECRET", "too short")
        .env("PALIER_PUBLIC_URL", "http://palier.example")
        .env("PALIER_MAIL_DIR", "mail")
        .env("PALIER_MAIL_FROM", "palier@pole.example")
        .now("2026-11-01T08:30:00Z");
    let names = ["secret", "smtp-url", "public-url", "mail-dir", "now"];
    assert_eq!(complaints(wrong), names);
}

/// In production, with everything said but the mail server.
fn without_mail_server() -> Builder {
    bare()
        .env("PALIER_SECRET", "5ec4e75a".repeat(8))
        .env("PALIER_PUBLIC_URL", "https://palier.example")
        .env("PALIER_MAIL_FROM", "palier@pole.example")
}

/// Where TLS is only taken if it is offered, whoever stands in between need not offer it.
#[test]
fn no_password_is_sent_in_clear() {
    for url in
        ["smtp://pole:hunter2@127.0.0.1:1", "smtp://pole:hunter2@127.0.0.1:1?tls=opportunistic"]
    {
        let said = without_mail_server().env("PALIER_SMTP_URL", url).run().failure(2);
        let expected = "palier: smtp-url: production sends no password in clear; use smtps://, or smtp:// \
                        with ?tls=required\n";
        assert_eq!(said, expected);
    }
    for url in ["smtps://pole:hunter2@127.0.0.1:1", "smtp://pole:hunter2@127.0.0.1:1?tls=required"]
    {
        without_mail_server().env("PALIER_SMTP_URL", url).start().stop();
    }
    // On one's own machine anything goes.
    let url = "smtp://pole:hunter2@127.0.0.1:1";
    let lenient = Server::builder(Engine::Sqlite).without_env("PALIER_MAIL_DIR");
    lenient.env("PALIER_SMTP_URL", url).start().stop();
    // Without its password a login would not be told of at all.
    let said =
        without_mail_server().env("PALIER_SMTP_URL", "smtps://pole@127.0.0.1:1").run().failure(2);
    assert_eq!(said, "palier: smtp-url: a login has a password: USER:PASSWORD@HOST\n");
}

#[test]
fn an_authority_is_a_file_with_certificates() {
    let folder = scratch("authority");
    let path = |name: &str| folder.join(name).display().to_string();
    let (none, key, torn) = (path("none.pem"), path("key.pem"), path("torn.pem"));
    fs::write(&key, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n").unwrap();
    fs::write(&torn, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n").unwrap();
    let tight = "smtps://127.0.0.1:1";
    for (url, ca, why) in [
        (tight, &none, format!("{none}: No such file or directory (os error 2)")),
        (tight, &key, format!("{key}: there is no certificate in it, as PEM has them")),
        (tight, &torn, format!("{torn}: it has a certificate that cannot be read")),
        ("", &key, "it vouches for a mail server, and smtp-url names none".to_owned()),
        (
            "smtp://127.0.0.1:1",
            &key,
            "the mail server is spoken to without TLS; use smtps://, or smtp:// with ?tls=required"
                .to_owned(),
        ),
    ] {
        let mut server = Server::builder(Engine::Sqlite).without_env("PALIER_MAIL_DIR");
        if !url.is_empty() {
            server = server.env("PALIER_SMTP_URL", url);
        }
        let said = server.env("PALIER_SMTP_CA", ca).run().failure(2);
        assert_eq!(said, format!("palier: smtp-ca: {why}\n"));
    }
}

#[test]
fn with_everything_said_it_serves_and_logs_json() {
    let smtp = Smtp::start();
    let mut server = without_mail_server().smtp(&smtp).start();
    Pole::new(&server).admin.get("/readyz").expect(200);
    server.stop();
    let log = server.log();
    assert!(log.contains("\"message\":\"starting\""), "{log}");
    for line in log.lines() {
        let line: Result<Value, _> = serde_json::from_str(line);
        assert!(line.is_ok_and(|line| line.is_object()), "{log}");
    }
}

#[test]
fn a_database_of_an_unknown_kind_is_refused_without_its_password() {
    for url in ["postgress://palier:hunter2@db/palier", "mysql://root:hunter2@db/palier"] {
        let said = Server::builder(Engine::Sqlite).database(url).run().failure(2);
        let kind = url.split(':').next().unwrap();
        let expected = format!(
            "palier: database-url: unknown kind of database {kind:?}: \
             expected sqlite:FILE or postgres://…\n"
        );
        assert_eq!(said, expected);
    }
}

#[test]
fn a_database_that_does_not_answer_is_named_without_its_password() {
    // Port 1 is nobody's.
    let url = "postgres://palier:hunter2@127.0.0.1:1/palier";
    let said = Server::builder(Engine::Sqlite).database(url).run().failure(2);
    let place = "palier: postgres://palier:***@127.0.0.1:1/palier: ";
    assert!(said.starts_with(place) && !said.contains("hunter2"), "{said}");
    let nowhere = "sqlite:/no/such/folder/palier.db";
    let said = Server::builder(Engine::Sqlite).database(nowhere).run().failure(2);
    assert!(said.starts_with("palier: sqlite:/no/such/folder/palier.db: "), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
}
