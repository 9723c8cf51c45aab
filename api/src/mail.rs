//! Mail: one mailer, three ways out.

use std::path::PathBuf;

use lettre::message::{Mailbox, Message, SinglePart, header::ContentType};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use serde::{Deserialize, Serialize};

use crate::config::{Config, MailTransport};
use crate::id::JobId;
use crate::routes::WrittenLanguage;
use crate::text::Text;

/// A mail to be sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Mail {
    /// To whom.
    pub(crate) to: String,
    /// In one line, what it is about.
    pub(crate) subject: String,
    /// What it says.
    pub(crate) text: String,
}

impl Mail {
    /// A mail in the language its reader is written to in.
    pub(crate) fn new(to: &str, language: WrittenLanguage, subject: &Text, text: &Text) -> Self {
        let language = language.language();
        Self {
            to: to.to_owned(),
            subject: subject.in_language(language).to_owned(),
            text: text.in_language(language).to_owned(),
        }
    }
}

/// How mail leaves.
pub(crate) struct Mailer {
    from: String,
    way: Way,
}

enum Way {
    Smtp(Box<AsyncSmtpTransport<Tokio1Executor>>),
    Folder(PathBuf),
    Nowhere,
}

impl Mailer {
    /// The mailer of a configuration.
    pub(crate) fn new(config: &Config) -> Result<Self, String> {
        let way = match &config.mail {
            MailTransport::Smtp(url) => {
                let server = AsyncSmtpTransport::<Tokio1Executor>::from_url(url);
                let server = server.map_err(|error| format!("smtp-url: {error}"))?;
                let patience = std::time::Duration::from_secs(30);
                Way::Smtp(Box::new(server.timeout(Some(patience)).build()))
            }
            MailTransport::Folder(folder) => {
                let made = std::fs::create_dir_all(folder);
                made.map_err(|error| format!("mail-dir: {}: {error}", folder.display()))?;
                Way::Folder(folder.clone())
            }
            MailTransport::Nowhere => Way::Nowhere,
        };
        Ok(Self { from: config.mail_from.clone(), way })
    }

    /// Sends a mail. Its Message-ID is that of its job: if it is sent twice, because the program
    /// ended between sending and remembering it, the reader's mail program shows it once.
    pub(crate) async fn send(&self, mail: &Mail, job: &JobId) -> Result<(), String> {
        let from: Mailbox = self.from.parse().map_err(|error| format!("sender: {error}"))?;
        let to: Mailbox = mail.to.parse().map_err(|error| format!("recipient: {error}"))?;
        let host = from.email.domain().to_owned();
        let message = Message::builder()
            .from(from)
            .to(to)
            .subject(&mail.subject)
            .message_id(Some(format!("<{job}@{host}>")))
            .header(AutoSubmitted)
            .singlepart(
                SinglePart::builder().header(ContentType::TEXT_PLAIN).body(mail.text.clone()),
            )
            .map_err(|error| error.to_string())?;
        match &self.way {
            Way::Smtp(server) => match server.send(message).await {
                Ok(_taken) => Ok(()),
                // Most mail servers repeat the address they refuse, which belongs in no log.
                Err(error) => Err(match error.status() {
                    Some(code) => format!("the mail server says {code}"),
                    None => error.to_string(),
                }),
            },
            Way::Folder(folder) => {
                // Whoever looks into the folder sees whole messages only.
                let (draft, path) =
                    (folder.join(format!("{job}.new")), folder.join(format!("{job}.eml")));
                std::fs::write(&draft, message.formatted())
                    .and_then(|()| std::fs::rename(&draft, &path))
                    .map_err(|error| format!("{}: {error}", path.display()))
            }
            Way::Nowhere => {
                tracing::info!(%job, "mail is not configured: not sent");
                Ok(())
            }
        }
    }
}

/// `Auto-Submitted: auto-generated` (RFC 3834), so that nobody's absence is answered to us.
#[derive(Clone)]
struct AutoSubmitted;

impl lettre::message::header::Header for AutoSubmitted {
    fn name() -> lettre::message::header::HeaderName {
        lettre::message::header::HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> lettre::message::header::HeaderValue {
        let value = "auto-generated".to_owned();
        lettre::message::header::HeaderValue::new(Self::name(), value)
    }
}
