//! The deployment's one secret, and what is made with it: keys for other secrets, and tokens.

use std::{fmt, str::FromStr};

use aws_lc_rs::{
    aead::{self, Aad, Nonce, RandomizedNonceKey},
    constant_time, hkdf, hmac, rand,
};
use base64::{
    Engine as _,
    engine::{
        DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig,
        general_purpose::{NO_PAD, STANDARD, URL_SAFE_NO_PAD},
    },
};
use secrecy::{ExposeSecret as _, SecretBox};

mod token;

pub(crate) use token::{Token, TokenKind};

/// Bytes of the master secret, and of every key derived from it.
const KEY_BYTES: usize = 32;

/// The secret of a deployment, from which every key that is kept nowhere is derived. All servers
/// of one deployment have the same; whoever loses it must make new API keys and signing keys.
pub(crate) struct MasterSecret(SecretBox<[u8; KEY_BYTES]>);

/// What a derived key is for. Keys of different purposes tell nothing about each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Encrypting secrets in the database.
    Wrapping,
    /// Hashing tokens, so that the database alone lets nobody in.
    TokenHashes,
    /// Hashing what the database should recognise and not know.
    Texts,
    /// Signing the links by which documents are paid.
    PaymentLinks,
}

impl Purpose {
    /// Part of the derivation: changing one makes everything of that purpose unreadable.
    const fn label(self) -> &'static [u8] {
        match self {
            Self::Wrapping => b"palier/1/wrapping",
            Self::TokenHashes => b"palier/1/token-hashes",
            Self::Texts => b"palier/1/texts",
            Self::PaymentLinks => b"palier/1/payment-links",
        }
    }
}

impl MasterSecret {
    /// A new one, of random bytes.
    ///
    /// # Errors
    ///
    /// If the system has no random numbers.
    pub(crate) fn generate() -> Result<Self, CryptoError> {
        Ok(Self(SecretBox::new(Box::new(random()?))))
    }

    /// As text that [`FromStr`] reads back; for the one time it is shown to whoever keeps it.
    pub(crate) fn reveal(&self) -> String {
        STANDARD.encode(self.0.expose_secret())
    }

    /// The key for a purpose: HKDF-SHA-256 (RFC 5869), without salt, since the secret is uniform.
    ///
    /// # Errors
    ///
    /// Never for these lengths.
    pub(crate) fn key(&self, purpose: Purpose) -> Result<SecretBox<[u8; KEY_BYTES]>, CryptoError> {
        let info = [purpose.label()];
        let extracted = hkdf::Salt::none(hkdf::HKDF_SHA256).extract(self.0.expose_secret());
        let expanded = extracted.expand(&info, hkdf::HKDF_SHA256).map_err(|_| CryptoError)?;
        let mut key = SecretBox::new(Box::new([0; KEY_BYTES]));
        expanded.fill(secrecy::ExposeSecretMut::expose_secret_mut(&mut key).as_mut_slice())?;
        Ok(key)
    }

    /// Encrypts a small secret for the database: AES-256-GCM, a random nonce, then the text with
    /// its tag. `place` says where it is kept (`signing_keys/<kid>`), and must be said again to
    /// open it, so that nobody can move a secret from one row to another.
    ///
    /// # Errors
    ///
    /// If the system has no random numbers.
    pub(crate) fn wrap(&self, place: &str, plain: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let mut sealed = plain.to_vec();
        let nonce =
            self.cipher()?.seal_in_place_append_tag(Aad::from(place.as_bytes()), &mut sealed)?;
        Ok([nonce.as_ref().as_slice(), &sealed].concat())
    }

    /// Decrypts what [`wrap`](Self::wrap) made for the same place.
    ///
    /// # Errors
    ///
    /// If it was made with another secret, for another place, or changed since.
    pub(crate) fn unwrap(
        &self,
        place: &str,
        sealed: &[u8],
    ) -> Result<SecretBox<Vec<u8>>, CryptoError> {
        let (nonce, sealed) = sealed.split_at_checked(aead::NONCE_LEN).ok_or(CryptoError)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce)?;
        let mut text = sealed.to_vec();
        let aad = Aad::from(place.as_bytes());
        let plain = self.cipher()?.open_in_place(nonce, aad, &mut text)?.len();
        text.truncate(plain);
        Ok(SecretBox::new(Box::new(text)))
    }

    /// What the database keeps of a token: HMAC-SHA-256, so that the database alone neither shows
    /// tokens nor lets anybody make one. A token has 256 random bits, so it needs no slow hash.
    ///
    /// # Errors
    ///
    /// Never for these lengths.
    pub(crate) fn hash_token(&self, token: &Token) -> Result<TokenHash, CryptoError> {
        let key = self.key(Purpose::TokenHashes)?;
        let key = hmac::Key::new(hmac::HMAC_SHA256, key.expose_secret());
        let tag = hmac::sign(&key, token.reveal().as_bytes());
        Ok(TokenHash(URL_SAFE_NO_PAD.encode(tag)))
    }

    /// A keyed hash of something that the database need not know, only recognise.
    ///
    /// # Errors
    ///
    /// Never for these lengths.
    pub(crate) fn hash_text(&self, text: &str) -> Result<String, CryptoError> {
        let key = self.key(Purpose::Texts)?;
        let key = hmac::Key::new(hmac::HMAC_SHA256, key.expose_secret());
        Ok(URL_SAFE_NO_PAD.encode(hmac::sign(&key, text.as_bytes())))
    }

    fn cipher(&self) -> Result<RandomizedNonceKey, CryptoError> {
        let key = self.key(Purpose::Wrapping)?;
        Ok(RandomizedNonceKey::new(&aead::AES_256_GCM, key.expose_secret())?)
    }
}

/// Reads 32 bytes in base64 (either alphabet) or in hexadecimal digits.
impl FromStr for MasterSecret {
    type Err = NoSecret;

    fn from_str(text: &str) -> Result<Self, NoSecret> {
        let text = text.trim();
        let bytes = if text.len() == 2 * KEY_BYTES { from_hex(text) } else { from_base64(text) };
        let bytes: [u8; KEY_BYTES] = bytes.and_then(|b| b.try_into().ok()).ok_or(NoSecret)?;
        // An all-zero or all-alike secret is a placeholder that somebody forgot to replace.
        if bytes.iter().all(|byte| Some(byte) == bytes.first()) {
            return Err(NoSecret);
        }
        Ok(Self(SecretBox::new(Box::new(bytes))))
    }
}

impl fmt::Debug for MasterSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MasterSecret(hidden)")
    }
}

/// What the database keeps of a token.
#[derive(Clone, Debug)]
pub(crate) struct TokenHash(String);

impl TokenHash {
    /// As it is stored and looked up: 43 characters.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The time it takes tells nothing about how much of two hashes is equal.
impl PartialEq for TokenHash {
    fn eq(&self, other: &Self) -> bool {
        same(self.0.as_bytes(), other.0.as_bytes())
    }
}

/// Whether two secrets of equal length are the same, in a time that does not depend on where they
/// differ.
pub(crate) fn same(a: &[u8], b: &[u8]) -> bool {
    constant_time::verify_slices_are_equal(a, b).is_ok()
}

/// Random bytes for keys and tokens.
///
/// # Errors
///
/// If the system has no random numbers.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], CryptoError> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes)?;
    Ok(bytes)
}

/// A cryptographic operation that failed. It cannot say why: whoever asks might be an attacker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a cryptographic operation failed: a wrong key, changed data, or no random numbers")]
pub(crate) struct CryptoError;

impl From<aws_lc_rs::error::Unspecified> for CryptoError {
    fn from(_: aws_lc_rs::error::Unspecified) -> Self {
        Self
    }
}

/// A text that is no master secret. It says nothing of the text, which may be most of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected 32 random bytes in base64 or hexadecimal, as from `openssl rand -base64 32`")]
pub(crate) struct NoSecret;

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|digit| digit.to_digit(16)).collect();
    let pairs = digits?;
    let byte = |pair: &[u32]| match pair {
        [high, low] => u8::try_from(high.checked_mul(16)?.checked_add(*low)?).ok(),
        _ => None,
    };
    pairs.chunks(2).map(byte).collect()
}

fn from_base64(text: &str) -> Option<Vec<u8>> {
    const LENIENT: GeneralPurposeConfig =
        NO_PAD.with_decode_padding_mode(DecodePaddingMode::Indifferent);
    let standard = GeneralPurpose::new(&base64::alphabet::STANDARD, LENIENT);
    let url_safe = GeneralPurpose::new(&base64::alphabet::URL_SAFE, LENIENT);
    standard.decode(text).or_else(|_| url_safe.decode(text)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

    fn master() -> MasterSecret {
        HEX.parse().unwrap()
    }

    #[test]
    fn reads_hexadecimal_and_both_kinds_of_base64() {
        for text in [
            HEX,
            &HEX.to_uppercase(),
            "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
            " AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8\n",
        ] {
            let read: MasterSecret = text.parse().unwrap();
            assert_eq!(read.0.expose_secret(), master().0.expose_secret(), "{text}");
        }
        let odd = [251; 31].into_iter().chain([255]).collect::<Vec<u8>>();
        assert!(URL_SAFE_NO_PAD.encode(&odd).parse::<MasterSecret>().is_ok());
    }

    #[test]
    fn refuses_what_is_too_short_and_what_is_no_secret() {
        for text in ["", "secret", &HEX[2..], &"0".repeat(64), &"00".repeat(33), "AAECAwQFBgc="] {
            let error = text.parse::<MasterSecret>().unwrap_err();
            assert!(error.to_string().contains("32 random bytes"), "{text}");
        }
    }

    #[test]
    fn never_prints_and_reads_back_what_it_reveals() {
        let made = MasterSecret::generate().unwrap();
        assert_eq!(format!("{made:?}"), "MasterSecret(hidden)");
        let again: MasterSecret = made.reveal().parse().unwrap();
        assert_eq!(again.0.expose_secret(), made.0.expose_secret());
    }

    /// HKDF-SHA-256 of these bytes as another implementation (Python's `hmac`) computes it.
    #[test]
    fn derives_a_key_for_each_purpose() {
        let key = |purpose| master().key(purpose).unwrap().expose_secret().to_owned();
        assert_ne!(key(Purpose::Wrapping), key(Purpose::TokenHashes));
        let expected = from_hex("204452f3e544908a5c5700a3bddac500358f84ac86c821ecb8e1c19626c82260");
        assert_eq!(Some(key(Purpose::Wrapping).to_vec()), expected);
    }

    #[test]
    fn wrapped_secrets_open_only_unchanged_in_their_place() {
        let sealed = master().wrap("rows/1", b"a private key").unwrap();
        assert_ne!(sealed, master().wrap("rows/1", b"a private key").unwrap());
        let opened = master().unwrap("rows/1", &sealed).unwrap();
        assert_eq!(opened.expose_secret(), b"a private key");

        assert_eq!(master().unwrap("rows/2", &sealed).unwrap_err(), CryptoError);
        let other = MasterSecret::generate().unwrap();
        assert_eq!(other.unwrap("rows/1", &sealed).unwrap_err(), CryptoError);
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(master().unwrap("rows/1", &changed).is_err(), "byte {at}");
        }
        for length in 0..sealed.len() {
            assert!(master().unwrap("rows/1", &sealed[..length]).is_err(), "{length} bytes");
        }
    }

    #[test]
    fn token_hashes_need_the_secret() {
        let token = Token::generate(TokenKind::ApiKey).unwrap();
        let hash = master().hash_token(&token).unwrap();
        assert_eq!(hash.as_str().len(), 43);
        assert!(hash == master().hash_token(&token).unwrap());
        let other = MasterSecret::generate().unwrap().hash_token(&token).unwrap();
        assert!(hash != other);
    }
}
