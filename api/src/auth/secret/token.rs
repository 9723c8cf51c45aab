//! Tokens that stand for somebody: API keys, refresh tokens, links by mail.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use flate2::Crc;
use secrecy::{ExposeSecret as _, SecretString};

use super::{CryptoError, random};

/// Random bytes of a token.
const RANDOM_BYTES: usize = 32;

/// What a token is for, which is how it begins: whoever finds one knows what it opens, and secret
/// scanners know one when they see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// A machine's key.
    ApiKey,
    /// Renews a session, once.
    Refresh,
    /// Opens a session from a mail, once.
    SignInLink,
}

impl TokenKind {
    const fn prefix(self) -> &'static str {
        match self {
            Self::ApiKey => "plr_key_",
            Self::Refresh => "plr_refresh_",
            Self::SignInLink => "plr_link_",
        }
    }
}

/// A bearer token: its kind, 256 random bits and a checksum, as `plr_key_…`. It never prints.
#[derive(Clone)]
pub(crate) struct Token(SecretString);

impl Token {
    /// A new one.
    ///
    /// # Errors
    ///
    /// If the system has no random numbers.
    pub(crate) fn generate(kind: TokenKind) -> Result<Self, CryptoError> {
        let random: [u8; RANDOM_BYTES] = random()?;
        let body = format!("{}{}", kind.prefix(), URL_SAFE_NO_PAD.encode(random));
        Ok(Self(format!("{body}{}", checksum(&body)).into()))
    }

    /// Reads a token of one kind. Whatever is mistyped or cut off is none, without a look into the
    /// database.
    pub(crate) fn parse(kind: TokenKind, text: &str) -> Option<Self> {
        let (body, sum) = text.split_at_checked(text.len().checked_sub(SUM_CHARACTERS)?)?;
        let random = URL_SAFE_NO_PAD.decode(body.strip_prefix(kind.prefix())?).ok()?;
        let is_whole = random.len() == RANDOM_BYTES && sum == checksum(body);
        is_whole.then(|| Self(text.to_owned().into()))
    }

    /// The text itself, for the one time it is handed to its owner.
    pub(crate) fn reveal(&self) -> &str {
        self.0.expose_secret()
    }

    /// Its kind and its first four random characters: enough to recognise it in a list by.
    pub(crate) fn hint(&self) -> String {
        let text = self.reveal();
        let kind = text.splitn(3, '_').map(|part| part.len().saturating_add(1)).take(2);
        let shown = kind.sum::<usize>().saturating_add(4);
        text.get(..shown).unwrap_or_default().to_owned()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({}…)", self.hint())
    }
}

/// Characters of a checksum.
const SUM_CHARACTERS: usize = 6;

/// CRC-32 in base64url. It is no secret: it only tells a token from a typo.
fn checksum(body: &str) -> String {
    let mut crc = Crc::new();
    crc.update(body.as_bytes());
    URL_SAFE_NO_PAD.encode(crc.sum().to_be_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_say_what_they_are_for() {
        let token = Token::generate(TokenKind::ApiKey).unwrap();
        assert!(token.reveal().starts_with("plr_key_"), "{}", token.reveal());
        assert_eq!(token.reveal().len(), 8 + 43 + 6);
        assert_eq!(token.hint(), token.reveal()[..12]);
        assert_eq!(format!("{token:?}"), format!("Token({}…)", &token.reveal()[..12]));
        let link = Token::generate(TokenKind::SignInLink).unwrap();
        assert_eq!(link.hint(), link.reveal()[..13]);
    }

    #[test]
    fn no_two_tokens_are_alike() {
        let token = |_| Token::generate(TokenKind::Refresh).unwrap().reveal().to_owned();
        let tokens: std::collections::HashSet<String> = (0..100).map(token).collect();
        assert_eq!(tokens.len(), 100);
    }

    #[test]
    fn reads_back_what_it_made_and_nothing_else() {
        let token = Token::generate(TokenKind::ApiKey).unwrap();
        let text = token.reveal();
        assert_eq!(Token::parse(TokenKind::ApiKey, text).unwrap().reveal(), text);
        assert!(Token::parse(TokenKind::Refresh, text).is_none());
        for at in 0..text.len() {
            let mut typo = text.to_owned();
            let other = if text[at..].starts_with('x') { "y" } else { "x" };
            typo.replace_range(at..=at, other);
            assert!(Token::parse(TokenKind::ApiKey, &typo).is_none(), "{typo}");
            assert!(Token::parse(TokenKind::ApiKey, &text[..at]).is_none(), "{at} characters");
        }
        assert!(Token::parse(TokenKind::ApiKey, &format!("{text}A")).is_none());
        assert!(Token::parse(TokenKind::ApiKey, "plr_key_é").is_none());
    }
}
