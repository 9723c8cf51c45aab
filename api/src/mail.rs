//! Mail: what it says, as text and as HTML, and three ways out.

use std::path::PathBuf;
use std::time::Duration;

use actix_web::web::Bytes;
use jiff::SignedDuration;
use lettre::message::header::ContentType;
use lettre::message::{Attachment, Mailbox, Message, MultiPart, SinglePart};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use serde::{Deserialize, Serialize};

use crate::config::{Config, MailTransport};
use crate::db::archive::FileForm;
use crate::db::poles::WrittenLanguage;
use crate::fault;
use crate::id::{JobId, PoleId};
use crate::text::{Language, Text};

mod domains;
mod html;

use domains::Domains;

/// A mail to be sent.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Mail {
    /// To whom.
    pub(crate) to: String,
    /// Who writes, as their name is shown; the sender's of the configuration, if empty.
    #[serde(default)]
    from_name: String,
    /// Where answers go, if not to the sender.
    #[serde(default)]
    reply_to: Option<String>,
    /// In one line, what it is about.
    pub(crate) subject: String,
    /// What it says.
    text: String,
    /// ISO 639-1 code of its language.
    #[serde(default)]
    language: String,
    /// A file of the archive that goes with it.
    #[serde(default)]
    pub(crate) attached: Option<Attached>,
}

/// A file of the archive.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Attached {
    pub(crate) pole: PoleId,
    pub(crate) form: FileForm,
    pub(crate) sha256: String,
    /// What it is called.
    pub(crate) name: String,
}

/// Who writes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sender<'s> {
    /// As members know it.
    pub(crate) name: &'s str,
    /// Where answers go, if not to the sender of the configuration.
    pub(crate) reply_to: Option<&'s str>,
}

impl Mail {
    /// A mail in the language its reader is written to in.
    pub(crate) fn new(
        sender: Sender<'_>,
        (to, language): (&str, WrittenLanguage),
        subject: &Text,
        text: &Text,
    ) -> Self {
        let language = language.language();
        Self {
            to: to.to_owned(),
            from_name: sender.name.to_owned(),
            reply_to: sender.reply_to.map(str::to_owned),
            subject: subject.in_language(language).to_owned(),
            text: text.in_language(language).to_owned(),
            language: language.code().to_owned(),
            attached: None,
        }
    }

    /// With a file.
    pub(crate) fn with(self, attached: Attached) -> Self {
        Self { attached: Some(attached), ..self }
    }

    /// As HTML.
    fn html(&self) -> String {
        let language =
            if self.language == Language::En.code() { Language::En } else { Language::Fr };
        html::page(&self.from_name, &self.subject, &self.text, language)
    }
}

/// What became of a mail that could be given away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// Somebody took it, and answers for it from now on.
    Taken,
    /// Nobody did: no mail server is configured.
    Nowhere,
}

/// Why a mail has not left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Undelivered {
    /// Its domain has had enough for now: it was not tried.
    Wait(SignedDuration),
    /// It may go better later.
    Later(String),
    /// It may go better later, and who it is for asks for as much time.
    NotBefore(SignedDuration, String),
    /// It will not go better later (RFC 5321, 4.2.1: a reply that begins with 5).
    Never(String),
}

impl From<String> for Undelivered {
    fn from(error: String) -> Self {
        Self::Later(error)
    }
}

/// How long a mail server may take to let us in.
const TO_CONNECT: Duration = Duration::from_secs(30);
/// How long it may take in all: the library waits for ever for an answer. Less than a job has, so that nobody
/// takes it again meanwhile.
const IN_ALL: Duration = Duration::from_secs(90);

/// How mail leaves.
pub(crate) struct Mailer {
    from: Mailbox,
    way: Way,
    domains: Domains,
}

enum Way {
    Smtp(Box<AsyncSmtpTransport<Tokio1Executor>>),
    Folder(PathBuf),
    Nowhere,
}

impl Mailer {
    /// The mailer of a configuration.
    pub(crate) fn new(config: &Config) -> Result<Self, String> {
        let from = config.mail_from.parse().map_err(|error| format!("mail-from: {error}"))?;
        let way = match &config.mail {
            MailTransport::Smtp(server) => {
                let server = server.transport()?.timeout(Some(TO_CONNECT));
                Way::Smtp(Box::new(server.build()))
            }
            MailTransport::Folder(folder) => {
                let made = std::fs::create_dir_all(folder);
                made.map_err(|error| format!("mail-dir: {}: {error}", folder.display()))?;
                Way::Folder(folder.clone())
            }
            MailTransport::Nowhere => Way::Nowhere,
        };
        Ok(Self { from, way, domains: Domains::default() })
    }

    /// Sends a mail. Its Message-ID is that of its job: if it is sent twice, because the program
    /// ended between sending and remembering it, the reader's mail program shows it once.
    ///
    /// # Errors
    /// [`Undelivered`]; what it says of the reason names nobody's address.
    pub(crate) async fn send(
        &self,
        mail: &Mail,
        file: Option<Bytes>,
        job: &JobId,
    ) -> Result<Delivery, Undelivered> {
        let to: Mailbox = mail.to.parse().map_err(|_| {
            Undelivered::Never(
                "the recipient’s address is none that mail can be sent to".to_owned(),
            )
        })?;
        let domain = to.email.domain().to_owned();
        let message = self
            .message(mail, file, to, job)
            .map_err(|error| Undelivered::Never(error.to_string()))?;
        match &self.way {
            Way::Smtp(server) => {
                self.domains.admit(&domain).map_err(Undelivered::Wait)?;
                let patience = fault::patience(IN_ALL);
                let sent = tokio::time::timeout(patience, server.send(message)).await;
                // It may have the message all the same: it gets it again under the same Message-ID.
                let sent = sent.map_err(|_| {
                    format!("the mail server has not answered within {} s", patience.as_secs())
                })?;
                sent.map_err(|error| refused(&error))?;
                fault::point("mail sent");
                Ok(Delivery::Taken)
            }
            Way::Folder(folder) => {
                // Whoever looks into the folder sees whole messages only.
                let (draft, path) =
                    (folder.join(format!("{job}.new")), folder.join(format!("{job}.eml")));
                std::fs::write(&draft, message.formatted())
                    .and_then(|()| std::fs::rename(&draft, &path))
                    .map_err(|error| format!("{}: {error}", path.display()))?;
                Ok(Delivery::Taken)
            }
            Way::Nowhere => {
                tracing::info!(%job, "mail is not configured: not sent");
                Ok(Delivery::Nowhere)
            }
        }
    }

    fn message(
        &self,
        mail: &Mail,
        file: Option<Bytes>,
        to: Mailbox,
        job: &JobId,
    ) -> Result<Message, Box<dyn std::error::Error>> {
        let email = self.from.email.clone();
        let host = email.domain().to_owned();
        let name = Some(mail.from_name.clone()).filter(|name| !name.is_empty());
        let mut message = Message::builder()
            .from(Mailbox::new(name.or_else(|| self.from.name.clone()), email))
            .to(to)
            .subject(&mail.subject)
            .message_id(Some(format!("<{job}@{host}>")))
            .header(AutoSubmitted);
        if let Some(address) = &mail.reply_to {
            message = message.reply_to(address.parse()?);
        }
        let part = |kind, body: String| SinglePart::builder().header(kind).body(body);
        let text = part(ContentType::TEXT_PLAIN, mail.text.clone());
        let html = part(ContentType::TEXT_HTML, mail.html());
        let both = MultiPart::alternative().singlepart(text).singlepart(html);
        let Some((file, bytes)) = mail.attached.as_ref().zip(file) else {
            return Ok(message.multipart(both)?);
        };
        let kind = ContentType::parse(file.form.media_type())?;
        let file = Attachment::new(file.name.clone()).body(bytes.to_vec(), kind);
        Ok(message.multipart(MultiPart::mixed().multipart(both).singlepart(file))?)
    }
}

/// Why a mail server did not take a message. Most repeat the address they refuse, which belongs in no
/// log.
fn refused(error: &lettre::transport::smtp::Error) -> Undelivered {
    let Some(code) = error.status().map(u16::from) else {
        return Undelivered::Later(error.to_string());
    };
    let what = format!("the mail server says {code}");
    // That it wants another login says nothing of this mail (RFC 4954, 6): somebody mends it.
    let about_login = matches!(code, 530 | 534 | 535 | 538);
    if error.is_permanent() && !about_login {
        Undelivered::Never(what)
    } else {
        Undelivered::Later(what)
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
