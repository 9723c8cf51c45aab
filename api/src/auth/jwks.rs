//! The keys that sign access tokens, and how others learn the public half (RFC 7517).
//!
//! One key is active. After a rotation the one before it signs no more, but is still published and
//! believed until the last token it signed has expired.

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{Ed25519KeyPair, KeyPair as _},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use jsonwebtoken::{
    DecodingKey, EncodingKey,
    jwk::{
        AlgorithmParameters, CommonParameters, EllipticCurve, Jwk, JwkSet, KeyAlgorithm,
        OctetKeyPairParameters, OctetKeyPairType, PublicKeyUse, ThumbprintHash,
    },
};
use secrecy::SecretBox;

/// An Ed25519 key that signs.
#[derive(Clone)]
pub(crate) struct SigningKey {
    private: EncodingKey,
    verifying: VerifyingKey,
}

impl SigningKey {
    /// A new key, and what to keep of it (PKCS#8), encrypted.
    ///
    /// # Errors
    ///
    /// If the system has no random numbers.
    pub(crate) fn generate() -> Result<(Self, SecretBox<Vec<u8>>), KeyFault> {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new());
        let pkcs8 = pkcs8.map_err(|_| KeyFault::NoRandomNumbers)?;
        let kept = SecretBox::new(Box::new(pkcs8.as_ref().to_vec()));
        Ok((Self::from_pkcs8(pkcs8.as_ref())?, kept))
    }

    /// A key that was kept.
    ///
    /// # Errors
    ///
    /// If it is no Ed25519 key in PKCS#8.
    pub(crate) fn from_pkcs8(pkcs8: &[u8]) -> Result<Self, KeyFault> {
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8).map_err(|_| KeyFault::Unusable)?;
        let verifying = VerifyingKey::new(pair.public_key().as_ref())?;
        Ok(Self { private: EncodingKey::from_ed_der(pkcs8), verifying })
    }

    /// What tokens name it by.
    pub(crate) fn kid(&self) -> &str {
        self.verifying.kid()
    }

    /// Its public half.
    pub(crate) fn verifying(&self) -> &VerifyingKey {
        &self.verifying
    }

    pub(super) fn private(&self) -> &EncodingKey {
        &self.private
    }
}

/// The public half of a key.
#[derive(Clone, Debug)]
pub(crate) struct VerifyingKey {
    kid: String,
    public: DecodingKey,
    x: String,
    until: Option<Timestamp>,
}

impl VerifyingKey {
    /// From the 32 bytes of an Ed25519 public key. It is named by its thumbprint (RFC 7638).
    ///
    /// # Errors
    ///
    /// If there are not 32 bytes.
    pub(crate) fn new(public: &[u8]) -> Result<Self, KeyFault> {
        if public.len() != 32 {
            return Err(KeyFault::Unusable);
        }
        let x = URL_SAFE_NO_PAD.encode(public);
        let jwk = jwk(&x, None);
        let kid = jwk.thumbprint(ThumbprintHash::SHA256).map_err(|_| KeyFault::Unusable)?;
        Ok(Self { kid, public: DecodingKey::from_ed_der(public), x, until: None })
    }

    /// A key that signs no more, and is believed until a time: when the last token that it can
    /// have signed has expired.
    pub(crate) fn until(self, until: Timestamp) -> Self {
        Self { until: Some(until), ..self }
    }

    /// What tokens name it by.
    pub(crate) fn kid(&self) -> &str {
        &self.kid
    }

    /// The 32 bytes to keep.
    ///
    /// # Errors
    ///
    /// Never for a key made by [`new`](Self::new).
    pub(crate) fn public_bytes(&self) -> Result<Vec<u8>, KeyFault> {
        Ok(self.public.try_get_as_bytes().map_err(|_| KeyFault::Unusable)?.to_vec())
    }

    pub(super) fn public(&self) -> &DecodingKey {
        &self.public
    }

    fn is_believed(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }
}

/// All keys of a deployment.
#[derive(Clone)]
pub(crate) struct Keys {
    active: SigningKey,
    retired: Vec<VerifyingKey>,
}

impl Keys {
    /// The key that signs, and those that did.
    pub(crate) fn new(active: SigningKey, retired: Vec<VerifyingKey>) -> Self {
        Self { active, retired }
    }

    /// The key that signs.
    pub(crate) fn active(&self) -> &SigningKey {
        &self.active
    }

    /// What is served at `/.well-known/jwks.json`: the keys believed now.
    pub(crate) fn jwks(&self, now: Timestamp) -> JwkSet {
        let keys = self.believed(now).map(|key| jwk(&key.x, Some(&key.kid)));
        JwkSet { keys: keys.collect() }
    }

    pub(super) fn verifying(&self, kid: &str, now: Timestamp) -> Option<&VerifyingKey> {
        self.believed(now).find(|key| key.kid == kid)
    }

    fn believed(&self, now: Timestamp) -> impl Iterator<Item = &VerifyingKey> {
        let active = std::iter::once(&self.active.verifying);
        active.chain(self.retired.iter().filter(move |key| key.is_believed(now)))
    }
}

/// Why a key is of no use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum KeyFault {
    /// There is no making one without.
    #[error("the system has no random numbers")]
    NoRandomNumbers,
    /// It is not the kind of key it should be.
    #[error("the key is no Ed25519 key")]
    Unusable,
}

fn jwk(x: &str, kid: Option<&str>) -> Jwk {
    Jwk {
        common: CommonParameters {
            public_key_use: Some(PublicKeyUse::Signature),
            key_algorithm: Some(KeyAlgorithm::EdDSA),
            key_id: kid.map(str::to_owned),
            ..CommonParameters::default()
        },
        algorithm: AlgorithmParameters::OctetKeyPair(OctetKeyPairParameters {
            key_type: OctetKeyPairType::OctetKeyPair,
            curve: EllipticCurve::Ed25519,
            x: x.to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan as _;
    use secrecy::ExposeSecret as _;
    use serde_json::json;

    use super::*;

    /// The example of RFC 8037, appendix A.2 and A.3.
    #[test]
    fn a_key_is_published_and_named_as_the_standards_say() {
        let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
        let key = VerifyingKey::new(&URL_SAFE_NO_PAD.decode(x).unwrap()).unwrap();
        assert_eq!(key.kid(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
        assert_eq!(
            serde_json::to_value(jwk(&key.x, Some(key.kid()))).unwrap(),
            json!({
                "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA",
                "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", "x": x,
            })
        );
    }

    #[test]
    fn a_kept_key_is_the_same_key() {
        let (key, kept) = SigningKey::generate().unwrap();
        let again = SigningKey::from_pkcs8(kept.expose_secret()).unwrap();
        assert_eq!(again.kid(), key.kid());
        let public = key.verifying().public_bytes().unwrap();
        assert_eq!(VerifyingKey::new(&public).unwrap().kid(), key.kid());
        assert_eq!(SigningKey::from_pkcs8(b"none").err(), Some(KeyFault::Unusable));
        assert_eq!(VerifyingKey::new(b"short").err(), Some(KeyFault::Unusable));
    }

    #[test]
    fn retired_keys_are_published_until_their_tokens_have_expired() {
        let noon: Timestamp = "2026-09-01T12:00:00Z".parse().unwrap();
        let key = || SigningKey::generate().unwrap().0;
        let retired = key().verifying().clone().until(noon);
        let keys = Keys::new(key(), vec![retired.clone()]);
        let published = |now| {
            let kid = |jwk: Jwk| jwk.common.key_id.unwrap();
            keys.jwks(now).keys.into_iter().map(kid).collect::<Vec<_>>()
        };
        let active = keys.active().kid();
        assert_eq!(published(noon.checked_sub(1.second()).unwrap()), [active, retired.kid()]);
        assert_eq!(published(noon), [active]);
    }
}
