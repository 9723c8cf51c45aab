//! Tokens of outside identity providers: who an employer's or a federation's sign-in says somebody
//! is.
//!
//! A pole names the providers it believes. Each may speak only for its own issuer, to the audience
//! agreed with it, with the algorithms it was registered with; its keys come from an address that
//! the pole's administrator gave and that is looked after as [`outward`] describes. What is learned
//! is an e-mail address, and only one that the provider says it has verified.

use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::Algorithm;
use serde::{Deserialize, Deserializer};

use super::jwt::{self, Rejected};
use crate::db::words;
use crate::outward::{Agent, OutwardAddress, Reach};

mod cache;

use cache::{Cache, Wanted};

/// By how much a provider's clock may differ from ours.
const LEEWAY: SignedDuration = SignedDuration::from_secs(60);

words! {
    /// How a provider may sign. Only algorithms with a public key: who can check a signature must
    /// not be able to make one.
    pub(crate) enum SignatureAlgorithm {
        /// RSA, PKCS#1 v1.5, SHA-256.
        Rs256 = "RS256",
        /// ECDSA on P-256, SHA-256.
        Es256 = "ES256",
        /// Ed25519.
        EdDsa = "EdDSA",
    }
}

impl SignatureAlgorithm {
    const fn algorithm(self) -> Algorithm {
        match self {
            Self::Rs256 => Algorithm::RS256,
            Self::Es256 => Algorithm::ES256,
            Self::EdDsa => Algorithm::EdDSA,
        }
    }
}

/// An identity provider that a pole believes.
#[derive(Clone, Debug)]
pub(crate) struct Provider {
    /// The `iss` of its tokens, compared to the letter.
    pub(crate) issuer: String,
    /// What must be among the `aud` of its tokens.
    pub(crate) audience: String,
    /// Where its keys are.
    pub(crate) jwks: OutwardAddress,
    /// How it signs, and no other way is taken.
    pub(crate) algorithms: Vec<SignatureAlgorithm>,
}

/// Who a provider says somebody is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    /// The provider's own name for them, which never changes.
    pub(crate) subject: String,
    /// Their e-mail address, verified by the provider.
    pub(crate) email: String,
}

/// Why an outside token is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotIdentified {
    /// There is something wrong with the token.
    #[error(transparent)]
    Token(#[from] Rejected),
    /// It is sound, but says of no e-mail address that it is theirs.
    #[error("the token holds no verified e-mail address")]
    NoVerifiedEmail,
    /// The provider's keys cannot be had now, and no copy is young enough.
    #[error("the identity provider's keys cannot be fetched")]
    Unavailable,
}

/// Reads outside tokens. One for the whole server, since it remembers the providers' keys.
#[derive(Debug)]
pub(crate) struct Outside {
    cache: Cache,
}

impl Outside {
    /// With nothing remembered yet.
    pub(crate) fn new(reach: Reach) -> Self {
        Self { cache: Cache::new(Agent::new(reach)) }
    }

    /// Who a provider's token says its bearer is.
    ///
    /// # Errors
    ///
    /// Why that cannot be believed at this time.
    pub(crate) async fn identify(
        &self,
        provider: &Provider,
        token: &str,
        now: Timestamp,
    ) -> Result<Identity, NotIdentified> {
        let header = jsonwebtoken::decode_header(token).map_err(|_| Rejected::Malformed)?;
        if header.crit.is_some() {
            return Err(Rejected::Type.into());
        }
        let algorithm = provider.algorithms.iter().find(|a| a.algorithm() == header.alg);
        let algorithm = *algorithm.ok_or(Rejected::Signature)?;
        let wanted = Wanted { algorithm, kid: header.kid.as_deref() };
        let key = self.cache.key(&provider.jwks, wanted, now).await?;
        let expected = jwt::expected(algorithm.algorithm(), &provider.issuer, &provider.audience);
        let claims = jsonwebtoken::decode::<OutsideClaims>(token, &key, &expected);
        let claims = claims.map_err(|error| jwt::rejection(&error))?.claims;
        let since = claims.nbf.or(claims.iat).unwrap_or(i64::MIN);
        jwt::check_time(claims.exp, since, now, LEEWAY)?;
        match claims.email {
            Some(email) if claims.email_verified => Ok(Identity { subject: claims.sub, email }),
            _ => Err(NotIdentified::NoVerifiedEmail),
        }
    }
}

/// The issuer that a token claims to be from. Nothing of it is verified: it only tells which
/// provider to ask.
pub(crate) fn claimed_issuer(token: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Claimed {
        iss: String,
    }
    jsonwebtoken::dangerous::insecure_decode_claims::<Claimed>(token).ok().map(|claims| claims.iss)
}

#[derive(Deserialize)]
struct OutsideClaims {
    sub: String,
    exp: i64,
    nbf: Option<i64>,
    iat: Option<i64>,
    email: Option<String>,
    #[serde(default, deserialize_with = "yes")]
    email_verified: bool,
}

/// Some providers write their truth values as texts.
fn yes<'de, D: Deserializer<'de>>(deserializer: D) -> Result<bool, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    Ok(value == true || value == "true")
}

#[cfg(test)]
mod tests;
