//! Messages as a mail program shows them.

use std::path::Path;

use mail_parser::{Address, MessageParser};

/// What the person who gets a message sees of it.
#[derive(Debug, Clone)]
pub struct Mail {
    /// Addresses of the `From` header.
    pub from: Vec<String>,
    /// Addresses of the `To` header.
    pub to: Vec<String>,
    /// Decoded subject.
    pub subject: String,
    /// Decoded plain text.
    pub text: String,
    /// What programs show that know HTML.
    pub html: String,
    /// Its `Message-ID`, without brackets.
    pub id: String,
    /// Every byte of it.
    pub raw: Vec<u8>,
}

impl Mail {
    /// Reads a message.
    pub fn read(raw: &[u8]) -> Self {
        let message = MessageParser::default().parse(raw).expect("a message has headers");
        let addresses = |list: Option<&Address<'_>>| {
            let addresses = list.into_iter().flat_map(Address::iter);
            addresses.filter_map(|it| it.address().map(str::to_owned)).collect()
        };
        Self {
            from: addresses(message.from()),
            to: addresses(message.to()),
            subject: message.subject().unwrap_or_default().to_owned(),
            text: message.body_text(0).unwrap_or_default().into_owned(),
            html: message.body_html(0).unwrap_or_default().into_owned(),
            id: message.message_id().unwrap_or_default().to_owned(),
            raw: raw.to_owned(),
        }
    }

    /// All messages in a folder, oldest name first.
    pub fn in_folder(folder: &Path) -> Vec<Self> {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        let mut paths: Vec<_> = entries
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|it| it == "eml"))
            .collect();
        paths.sort_unstable();
        let read = |path| std::fs::read(path).expect("a message can be read");
        paths.iter().map(read).map(|raw| Self::read(&raw)).collect()
    }

    /// The first word of the text that begins like this: a link, mostly.
    #[track_caller]
    pub fn word(&self, prefix: &str) -> &str {
        let mut words = self.text.split_whitespace();
        words.find(|it| it.starts_with(prefix)).unwrap_or_else(|| {
            panic!("no word of this mail begins with {prefix:?}:\n{}\n{}", self.subject, self.text)
        })
    }
}
