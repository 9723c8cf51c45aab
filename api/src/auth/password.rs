//! Passwords: how they are kept, and which ones are good enough to keep.

use std::fmt;

use argon2::{
    Argon2, PasswordHash, PasswordHasher as _, PasswordVerifier as _,
    password_hash::Error as HashError,
};
use secrecy::{ExposeSecret as _, SecretString};
use unicode_normalization::UnicodeNormalization as _;

mod weakness;

pub(crate) use weakness::{Weakness, weaknesses};

/// Hashes a password for keeping, as a PHC string (`$argon2id$v=19$m=…`) with a salt of its own.
///
/// The costs are the crate's, which are those OWASP recommends: 19 MiB of memory, two passes. That
/// takes tens of milliseconds, so it belongs on a thread that may block.
///
/// # Errors
///
/// Without random numbers there is no salt.
pub(crate) fn hash(password: &SecretString) -> Result<String, NoHash> {
    let hash = Argon2::default().hash_password(&normal(password)).map_err(NoHash)?;
    Ok(hash.to_string())
}

/// Whether a password is the one that was hashed.
///
/// Without a hash (nobody has that e-mail address, or no password) it is wrong, but only after the
/// same work: the time of an answer must not tell who has an account.
///
/// # Errors
///
/// A hash that is no PHC string of argon2, which nobody but [`hash`] should have written.
pub(crate) fn verify(password: &SecretString, hash: Option<&str>) -> Result<Verdict, NoHash> {
    let password = normal(password);
    let argon2 = Argon2::default();
    let Some(hash) = hash else {
        let mut unused = [0; argon2::Params::DEFAULT_OUTPUT_LEN];
        let costs = argon2.hash_password_into(&password, b"nobody's salt...", &mut unused);
        return costs.map(|()| Verdict::Wrong).map_err(|error| NoHash(error.into()));
    };
    let hash = PasswordHash::new(hash).map_err(|_| NoHash(HashError::EncodingInvalid))?;
    if hash.salt.is_none() || hash.hash.is_none() {
        return Err(NoHash(HashError::EncodingInvalid));
    }
    match argon2.verify_password(&password, &hash) {
        Ok(()) if is_outdated(&hash, argon2.params()) => Ok(Verdict::RightButOutdated),
        Ok(()) => Ok(Verdict::Right),
        Err(HashError::PasswordInvalid) => Ok(Verdict::Wrong),
        Err(error) => Err(NoHash(error)),
    }
}

/// What came of comparing a password with its hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is another one.
    Wrong,
    /// It is the one.
    Right,
    /// It is the one, and should be hashed again while it is known: its hash costs an attacker
    /// less than today's would.
    RightButOutdated,
}

impl Verdict {
    /// Whether the password is the one that was hashed.
    pub(crate) fn is_right(self) -> bool {
        self != Self::Wrong
    }

    /// Whether it should be hashed again.
    pub(crate) fn is_outdated(self) -> bool {
        self == Self::RightButOutdated
    }
}

/// Why there is no hash to keep or to compare with. It says nothing about the password.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NoHash(HashError);

impl fmt::Display for NoHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "password hash: {}", self.0)
    }
}

impl std::error::Error for NoHash {}

fn is_outdated(hash: &PasswordHash, today: &argon2::Params) -> bool {
    let cheaper = argon2::Params::try_from(hash).is_ok_and(|then| {
        then.m_cost() < today.m_cost()
            || then.t_cost() < today.t_cost()
            || then.p_cost() < today.p_cost()
    });
    cheaper || hash.algorithm != argon2::ARGON2ID_IDENT
}

/// One spelling of a password, whatever keyboard it is typed on: NIST SP 800-63B, 3.1.1.2, asks
/// for NFKC or NFKD before hashing.
fn normal(password: &SecretString) -> Vec<u8> {
    password.expose_secret().nfkc().collect::<String>().into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> SecretString {
        text.to_owned().into()
    }

    #[test]
    fn the_right_password_and_no_other_is_right() {
        let kept = hash(&secret("four calm grey herons")).unwrap();
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{kept}");
        let verdict = |typed| verify(&secret(typed), Some(&kept)).unwrap();
        assert_eq!(verdict("four calm grey herons"), Verdict::Right);
        assert_eq!(verdict("Four calm grey herons"), Verdict::Wrong);
        assert_eq!(verdict(""), Verdict::Wrong);
    }

    #[test]
    fn equal_passwords_have_unequal_hashes() {
        let password = secret("four calm grey herons");
        assert_ne!(hash(&password).unwrap(), hash(&password).unwrap());
    }

    #[test]
    fn a_password_is_the_same_however_its_accents_are_typed() {
        let composed = hash(&secret("quatre h\u{e9}rons gris")).unwrap();
        let decomposed = secret("quatre he\u{301}rons gris");
        assert_eq!(verify(&decomposed, Some(&composed)).unwrap(), Verdict::Right);
    }

    #[test]
    fn nobody_has_a_password_that_is_right() {
        assert_eq!(verify(&secret("four calm grey herons"), None).unwrap(), Verdict::Wrong);
    }

    #[test]
    fn cheaper_hashes_ask_to_be_made_again() {
        let password = secret("four calm grey herons");
        let cheap = argon2::Params::new(8 * 1024, 2, 1, None).unwrap();
        let cheap = Argon2::from(cheap).hash_password(&normal(&password)).unwrap().to_string();
        assert_eq!(verify(&password, Some(&cheap)).unwrap(), Verdict::RightButOutdated);
        assert_eq!(verify(&secret("another"), Some(&cheap)).unwrap(), Verdict::Wrong);
    }

    #[test]
    fn a_damaged_hash_is_an_error_and_no_verdict() {
        let error = verify(&secret("any"), Some("$argon2id$v=19$m=1")).unwrap_err();
        assert!(error.to_string().starts_with("password hash: "), "{error}");
        assert!(verify(&secret("any"), Some("plain text")).is_err());
    }
}
