//! How mail leaves, and what keeps a login and the mail itself from others on its way to a mail server.

use std::path::PathBuf;

use lettre::transport::smtp::AsyncSmtpTransportBuilder;
use lettre::transport::smtp::client::{Certificate, CertificateStore, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, Tokio1Executor};
use reqwest::Url;

use super::Settings;

/// How mail leaves.
#[derive(Clone)]
pub(crate) enum MailTransport {
    /// To a mail server.
    Smtp(SmtpServer),
    /// Into a folder, one file a message.
    Folder(PathBuf),
    /// Nowhere: it is logged that there was one.
    Nowhere,
}

/// A mail server.
#[derive(Clone)]
pub(crate) struct SmtpServer {
    url: String,
    /// A file with the authorities that vouch for it, if it is not the public ones.
    ca: Option<PathBuf>,
}

/// Since when nobody can read along.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Tight {
    /// From the first byte.
    Always,
    /// From the first command that says anything, or nothing is said.
    Required,
    /// Where the server offers it, or somebody in between lets it.
    Perhaps,
    Never,
}

/// The transport that the settings ask for.
pub(super) fn transport(given: &Settings, production: bool) -> Result<MailTransport, String> {
    let server = match (&given.smtp_url, &given.mail_dir) {
        (Some(_), Some(_)) => {
            return Err("smtp-url and mail-dir: one of them, not both".to_owned());
        }
        (Some(url), None) => SmtpServer { url: url.clone(), ca: given.smtp_ca.clone() },
        (None, _) if given.smtp_ca.is_some() => {
            return Err("smtp-ca: it vouches for a mail server, and smtp-url names none".to_owned());
        }
        (None, Some(folder)) => return Ok(MailTransport::Folder(folder.clone())),
        (None, None) => return Ok(MailTransport::Nowhere),
    };
    server.transport()?;
    let url = server.parsed()?;
    if url.password().is_none() && !url.username().is_empty() {
        return Err("smtp-url: a login has a password: USER:PASSWORD@HOST".to_owned());
    }
    let is_tight = matches!(tight(&url), Tight::Always | Tight::Required);
    if production && url.password().is_some() && !is_tight {
        return Err(
            "smtp-url: production sends no password in clear; use smtps://, or smtp:// with \
                    ?tls=required"
                .to_owned(),
        );
    }
    Ok(MailTransport::Smtp(server))
}

fn tight(url: &Url) -> Tight {
    let asked = url.query_pairs().find(|(name, _)| name == "tls").map(|(_, value)| value);
    match (url.scheme(), asked.as_deref()) {
        ("smtps", _) => Tight::Always,
        (_, Some("required")) => Tight::Required,
        (_, Some("opportunistic")) => Tight::Perhaps,
        _ => Tight::Never,
    }
}

impl SmtpServer {
    /// The way to it.
    ///
    /// # Errors
    /// What is wrong with its settings, in a line.
    pub(crate) fn transport(&self) -> Result<AsyncSmtpTransportBuilder, String> {
        let way = AsyncSmtpTransport::<Tokio1Executor>::from_url(&self.url);
        let way = way.map_err(|error| format!("smtp-url: {error}"))?;
        let Some(file) = &self.ca else { return Ok(way) };
        let url = self.parsed()?;
        let tls = match tight(&url) {
            Tight::Always => Tls::Wrapper,
            Tight::Required => Tls::Required,
            Tight::Perhaps => Tls::Opportunistic,
            Tight::Never => {
                return Err("smtp-ca: the mail server is spoken to without TLS; use smtps://, or \
                            smtp:// with ?tls=required"
                    .to_owned());
            }
        };
        let meant = |what: &dyn std::fmt::Display| format!("smtp-ca: {}: {what}", file.display());
        let pem = std::fs::read(file).map_err(|error| meant(&error))?;
        // A file without any would be read as an authority that vouches for nobody.
        if !String::from_utf8_lossy(&pem).contains("-----BEGIN CERTIFICATE-----") {
            return Err(meant(&"there is no certificate in it, as PEM has them"));
        }
        let unreadable = |_| meant(&"it has a certificate that cannot be read");
        let authority = Certificate::from_pem(&pem).map_err(unreadable)?;
        let parameters = TlsParameters::builder(url.host_str().unwrap_or_default().to_owned())
            .certificate_store(CertificateStore::None)
            .add_root_certificate(authority)
            .build()
            .map_err(unreadable)?;
        Ok(way.tls(tls(parameters)))
    }

    fn parsed(&self) -> Result<Url, String> {
        Url::parse(&self.url).map_err(|error| format!("smtp-url: {error}"))
    }

    /// The settings that name it, as lines of TOML, its login hidden.
    pub(super) fn shown(&self) -> Vec<String> {
        let mut lines = vec![format!("smtp_url = {:?}", without_login(&self.url))];
        if let Some(file) = &self.ca {
            lines.push(format!("smtp_ca = {:?}", file.display().to_string()));
        }
        lines
    }
}

/// The URL of a mail server, its login hidden.
fn without_login(url: &str) -> String {
    let (scheme, rest) = url.split_once("//").unwrap_or(("", url));
    match rest.rsplit_once('@') {
        Some((_, host)) => format!("{scheme}//***@{host}"),
        None => url.to_owned(),
    }
}
