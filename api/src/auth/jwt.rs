//! Access tokens: JWTs that this deployment signs and reads (RFC 9068).
//!
//! The time is always an argument, so that a test can be at any time and a request is at one.

use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, Header, Validation};
use serde::{Deserialize, Serialize};

use super::jwks::{KeyFault, Keys};

/// What an access token says it is, so that no other JWT passes for one.
const TYPE: &str = "at+jwt";
/// By how much the clocks of two servers of one deployment may differ.
const LEEWAY: SignedDuration = SignedDuration::from_secs(5);

/// What an access token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Claims {
    /// Who made it: this deployment's address.
    pub(crate) iss: String,
    /// Whose it is: a user's id.
    pub(crate) sub: String,
    /// Whom it is for: this deployment's address again.
    pub(crate) aud: String,
    /// From when on it is no good any more, in seconds since 1970.
    pub(crate) exp: i64,
    /// When it was made, in seconds since 1970.
    pub(crate) iat: i64,
    /// Its own id.
    pub(crate) jti: String,
    /// The session that it belongs to.
    pub(crate) sid: String,
    /// The pole it is for, and no other.
    pub(crate) pole: String,
    /// What its owner is there.
    pub(crate) grants: Vec<Grant>,
}

/// A role, and for whom.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Grant {
    /// `pole_admin`, `finance`, ….
    pub(crate) role: String,
    /// The member it is limited to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) member: Option<String>,
    /// The provider it is limited to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) provider: Option<String>,
}

impl From<&super::Grant> for Grant {
    fn from(grant: &super::Grant) -> Self {
        let (member, provider) = grant.owner();
        Self {
            role: grant.role().as_str().to_owned(),
            member: member.map(ToString::to_string),
            provider: provider.map(ToString::to_string),
        }
    }
}

/// Why a token is not accepted. The caller learns no more than whether it expired.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Rejected {
    /// It is no JWT, or says less than it must.
    #[error("the token is malformed")]
    Malformed,
    /// It is a JWT, but no access token.
    #[error("the token is of another type")]
    Type,
    /// It names a key that is not, or no longer, one of ours.
    #[error("the token is signed with an unknown key")]
    UnknownKey,
    /// It was changed, or somebody else signed it.
    #[error("the token's signature is wrong")]
    Signature,
    /// It is from or for another place.
    #[error("the token is from or for another service")]
    Elsewhere,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
    /// Its time has not come.
    #[error("the token is not valid yet")]
    NotYet,
}

/// Signs an access token with the active key.
///
/// # Errors
///
/// A key that cannot sign, which was none when it was loaded.
pub(crate) fn sign(keys: &Keys, claims: &Claims) -> Result<String, KeyFault> {
    let key = keys.active();
    let mut header = Header::new(Algorithm::EdDSA);
    header.typ = Some(TYPE.to_owned());
    header.kid = Some(key.kid().to_owned());
    jsonwebtoken::encode(&header, claims, key.private()).map_err(|_| KeyFault::Unusable)
}

/// Reads an access token that one of our keys signed.
///
/// The algorithm is the key's, whatever the token's header says: a token can neither ask to be
/// believed unsigned nor have a public key taken for a shared secret.
///
/// # Errors
///
/// Why it is not accepted at this time by this `audience`, which is also its issuer.
pub(crate) fn verify(
    keys: &Keys,
    audience: &str,
    token: &str,
    now: Timestamp,
) -> Result<Claims, Rejected> {
    let header = jsonwebtoken::decode_header(token).map_err(|_| Rejected::Malformed)?;
    if header.typ.as_deref() != Some(TYPE) || header.crit.is_some() {
        return Err(Rejected::Type);
    }
    let key = header.kid.and_then(|kid| keys.verifying(&kid, now)).ok_or(Rejected::UnknownKey)?;
    let expected = expected(Algorithm::EdDSA, audience, audience);
    let claims = jsonwebtoken::decode::<Claims>(token, key.public(), &expected);
    let claims = claims.map_err(|error| rejection(&error))?.claims;
    check_time(claims.exp, claims.iat, now, LEEWAY)?;
    Ok(claims)
}

/// Everything jsonwebtoken checks for us; the times are checked against the caller's clock.
pub(super) fn expected(algorithm: Algorithm, issuer: &str, audience: &str) -> Validation {
    let mut expected = Validation::new(algorithm);
    expected.validate_exp = false;
    expected.validate_nbf = false;
    expected.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    expected.set_issuer(&[issuer]);
    expected.set_audience(&[audience]);
    expected
}

/// What jsonwebtoken found.
pub(super) fn rejection(error: &jsonwebtoken::errors::Error) -> Rejected {
    use jsonwebtoken::errors::ErrorKind;
    match error.kind() {
        ErrorKind::InvalidSignature
        | ErrorKind::InvalidAlgorithm
        | ErrorKind::MissingAlgorithm
        | ErrorKind::InvalidKeyFormat => Rejected::Signature,
        ErrorKind::InvalidIssuer | ErrorKind::InvalidAudience => Rejected::Elsewhere,
        _ => Rejected::Malformed,
    }
}

/// Whether `now` lies in `[since - leeway, until + leeway)`, both in seconds since 1970.
pub(super) fn check_time(
    until: i64,
    since: i64,
    now: Timestamp,
    leeway: SignedDuration,
) -> Result<(), Rejected> {
    let now = now.as_second();
    if now >= until.saturating_add(leeway.as_secs()) {
        return Err(Rejected::Expired);
    }
    if now < since.saturating_sub(leeway.as_secs()) {
        return Err(Rejected::NotYet);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    use jiff::{Span, ToSpan as _};
    use jsonwebtoken::EncodingKey;
    use serde_json::json;

    use super::*;
    use crate::auth::jwks::SigningKey;

    const HERE: &str = "https://palier.example";

    fn noon() -> Timestamp {
        "2026-09-01T12:00:00Z".parse().unwrap()
    }

    fn after(span: Span) -> Timestamp {
        noon().checked_add(span).unwrap()
    }

    fn claims() -> Claims {
        let grant =
            Grant { role: "member_admin".into(), member: Some("mbr_1".into()), provider: None };
        Claims {
            iss: HERE.into(),
            sub: "usr_1".into(),
            aud: HERE.into(),
            exp: after(15.minutes()).as_second(),
            iat: noon().as_second(),
            jti: "one".into(),
            sid: "ses_1".into(),
            pole: "pol_1".into(),
            grants: vec![grant],
        }
    }

    fn keys() -> Keys {
        Keys::new(SigningKey::generate().unwrap().0, Vec::new())
    }

    /// A token made of anything, signed with our key as if it were an access token.
    fn forged(keys: &Keys, header: &serde_json::Value, claims: &serde_json::Value) -> String {
        let part = |json: &serde_json::Value| URL_SAFE_NO_PAD.encode(json.to_string());
        let message = format!("{}.{}", part(header), part(claims));
        let key = keys.active().private();
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), key, Algorithm::EdDSA);
        format!("{message}.{}", signature.unwrap())
    }

    fn header(keys: &Keys) -> serde_json::Value {
        json!({ "typ": "at+jwt", "alg": "EdDSA", "kid": keys.active().kid() })
    }

    fn read(keys: &Keys, token: &str) -> Result<Claims, Rejected> {
        verify(keys, HERE, token, noon())
    }

    #[test]
    fn reads_what_it_signed() {
        let keys = keys();
        let token = sign(&keys, &claims()).unwrap();
        assert_eq!(read(&keys, &token), Ok(claims()));
        assert_eq!(jsonwebtoken::decode_header(&token).unwrap().typ.as_deref(), Some("at+jwt"));
        let value = serde_json::to_value(claims()).unwrap();
        assert_eq!(read(&keys, &forged(&keys, &header(&keys), &value)), Ok(claims()));
    }

    #[test]
    fn a_token_lives_from_when_it_is_made_until_it_expires() {
        let keys = keys();
        let token = sign(&keys, &claims()).unwrap();
        let at = |span: Span| verify(&keys, HERE, &token, after(span)).err();
        assert_eq!(at((-6).seconds()), Some(Rejected::NotYet));
        assert_eq!(at((-5).seconds()), None);
        assert_eq!(at(15.minutes().seconds(4)), None);
        assert_eq!(at(15.minutes().seconds(5)), Some(Rejected::Expired));
    }

    #[test]
    fn tokens_of_and_for_others_are_refused() {
        let keys = keys();
        for (name, value) in [("iss", "https://evil.example"), ("aud", "https://evil.example")] {
            let mut claims = serde_json::to_value(claims()).unwrap();
            claims[name] = json!(value);
            let token = forged(&keys, &header(&keys), &claims);
            assert_eq!(read(&keys, &token), Err(Rejected::Elsewhere), "{name}");
        }
        let other = sign(&self::keys(), &claims()).unwrap();
        assert_eq!(read(&keys, &other), Err(Rejected::UnknownKey));
    }

    #[test]
    fn every_claim_is_needed() {
        let keys = keys();
        for name in ["iss", "sub", "aud", "exp", "iat", "jti", "sid", "pole", "grants"] {
            let mut claims = serde_json::to_value(claims()).unwrap();
            claims.as_object_mut().unwrap().remove(name);
            let token = forged(&keys, &header(&keys), &claims);
            assert_eq!(read(&keys, &token), Err(Rejected::Malformed), "{name}");
        }
    }

    #[test]
    fn other_jwts_of_ours_are_no_access_tokens() {
        let keys = keys();
        let value = serde_json::to_value(claims()).unwrap();
        for typ in [json!("JWT"), json!(null)] {
            let mut header = header(&keys);
            header["typ"] = typ;
            assert_eq!(read(&keys, &forged(&keys, &header, &value)), Err(Rejected::Type));
        }
        let mut critical = header(&keys);
        critical["crit"] = json!(["b64"]);
        assert_eq!(read(&keys, &forged(&keys, &critical, &value)), Err(Rejected::Type));
    }

    #[test]
    fn a_token_cannot_choose_how_it_is_checked() {
        let keys = keys();
        let value = serde_json::to_value(claims()).unwrap();
        let mut unsigned = header(&keys);
        unsigned["alg"] = json!("none");
        let token = forged(&keys, &unsigned, &value);
        assert_eq!(read(&keys, &token), Err(Rejected::Malformed));
        let bare = token.rsplit_once('.').unwrap().0;
        assert_eq!(read(&keys, &format!("{bare}.")), Err(Rejected::Malformed));

        // The public key, which everybody has, as the secret of an HMAC.
        let public = keys.active().verifying().public_bytes().unwrap();
        let mut header = Header::new(Algorithm::HS256);
        header.typ = Some(TYPE.into());
        header.kid = Some(keys.active().kid().into());
        let secret = EncodingKey::from_secret(&public);
        let token = jsonwebtoken::encode(&header, &value, &secret).unwrap();
        assert_eq!(read(&keys, &token), Err(Rejected::Signature));
    }

    #[test]
    fn a_changed_token_is_refused() {
        let keys = keys();
        let token = sign(&keys, &claims()).unwrap();
        let mut more = claims();
        more.grants[0].role = "pole_admin".into();
        let payload = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&more).unwrap());
        let parts: Vec<&str> = token.split('.').collect();
        let changed = format!("{}.{payload}.{}", parts[0], parts[2]);
        assert_eq!(read(&keys, &changed), Err(Rejected::Signature));
        for junk in ["", ".", "..", "a.b.c", "plr_key_x"] {
            assert_eq!(read(&keys, junk), Err(Rejected::Malformed), "{junk}");
        }
    }

    #[test]
    fn tokens_of_a_retired_key_live_out_their_time() {
        let (old, _) = SigningKey::generate().unwrap();
        let then = Keys::new(old, Vec::new());
        let token = sign(&then, &claims()).unwrap();
        let retired = then.active().verifying().clone().until(after(20.minutes()));
        let today = Keys::new(SigningKey::generate().unwrap().0, vec![retired]);
        assert_eq!(read(&today, &token), Ok(claims()));
        let later = verify(&today, HERE, &token, after(20.minutes()));
        assert_eq!(later, Err(Rejected::UnknownKey));
        assert_eq!(read(&today, &sign(&today, &claims()).unwrap()), Ok(claims()));
    }
}
