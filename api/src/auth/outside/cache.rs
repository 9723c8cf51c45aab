//! The keys of identity providers, kept for a while.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{
    DecodingKey,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse},
};
use serde::Deserialize;

use super::{NotIdentified, SignatureAlgorithm};
use crate::auth::jwt::Rejected;
use crate::outward::{Agent, FetchFault, OutwardAddress};

/// How long a copy is used without asking again.
const FRESH: SignedDuration = SignedDuration::from_mins(10);
/// How long a copy is used while the provider does not answer.
const USABLE: SignedDuration = SignedDuration::from_hours(24);
/// How long the provider is left alone after it was asked, whatever tokens come in: a token with an
/// invented key id must not make this server ask at every request.
const PAUSE: SignedDuration = SignedDuration::from_mins(1);
/// Most keys of a set that are looked at.
const MOST_KEYS: usize = 100;

/// The key that a token asks for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Wanted<'t> {
    pub(super) algorithm: SignatureAlgorithm,
    /// Without one, the provider must have a single key for the algorithm.
    pub(super) kid: Option<&'t str>,
}

/// All providers' keys, by where they come from.
#[derive(Debug)]
pub(super) struct Cache {
    agent: Agent,
    places: Mutex<HashMap<OutwardAddress, Arc<Place>>>,
}

/// What is known of one provider.
#[derive(Debug, Default)]
struct Place {
    copy: Mutex<Option<Copy>>,
    /// When the provider was asked last; locked while it is being asked, so that one request does
    /// and the others wait for what it gets.
    asked: tokio::sync::Mutex<Option<Timestamp>>,
}

#[derive(Clone, Debug)]
struct Copy {
    keys: Arc<[Jwk]>,
    fetched: Timestamp,
}

impl Cache {
    pub(super) fn new(agent: Agent) -> Self {
        Self { agent, places: Mutex::default() }
    }

    /// The key a token asks for, from the copy or from the provider.
    ///
    /// # Errors
    ///
    /// If the provider has no such key, or no copy is young enough and it does not answer.
    pub(super) async fn key(
        &self,
        address: &OutwardAddress,
        wanted: Wanted<'_>,
        now: Timestamp,
    ) -> Result<DecodingKey, NotIdentified> {
        let place = self.place(address);
        let at_hand = || place.copy().filter(|copy| copy.is_younger(FRESH, now))?.find(wanted);
        if let Some(key) = at_hand() {
            return Ok(key);
        }
        let mut asked = place.asked.lock().await;
        if let Some(key) = at_hand() {
            return Ok(key);
        }
        if asked.is_none_or(|then| now.duration_since(then) >= PAUSE) {
            *asked = Some(now);
            match fetch(&self.agent, address).await {
                Ok(keys) => place.put(Copy { keys, fetched: now }),
                Err(fault) => {
                    tracing::warn!(address = address.as_str(), %fault, "no keys from provider");
                }
            }
        }
        match place.copy().filter(|copy| copy.is_younger(USABLE, now)) {
            Some(copy) => copy.find(wanted).ok_or(Rejected::UnknownKey.into()),
            None => Err(NotIdentified::Unavailable),
        }
    }

    fn place(&self, address: &OutwardAddress) -> Arc<Place> {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(places.entry(address.clone()).or_default())
    }
}

impl Place {
    fn copy(&self) -> Option<Copy> {
        self.copy.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn put(&self, copy: Copy) {
        *self.copy.lock().unwrap_or_else(PoisonError::into_inner) = Some(copy);
    }
}

impl Copy {
    fn is_younger(&self, age: SignedDuration, now: Timestamp) -> bool {
        now.duration_since(self.fetched) < age
    }

    fn find(&self, wanted: Wanted<'_>) -> Option<DecodingKey> {
        let mut fitting = self.keys.iter().filter(|key| fits(key, wanted.algorithm));
        let key = match wanted.kid {
            Some(kid) => fitting.find(|key| key.common.key_id.as_deref() == Some(kid)),
            None => fitting.next().filter(|_| fitting.next().is_none()),
        };
        DecodingKey::from_jwk(key?).ok()
    }
}

/// Whether a key is one of this algorithm, for signatures.
fn fits(key: &Jwk, algorithm: SignatureAlgorithm) -> bool {
    let (named, is_kind) = match (algorithm, &key.algorithm) {
        (SignatureAlgorithm::Rs256, AlgorithmParameters::RSA(_)) => (KeyAlgorithm::RS256, true),
        (SignatureAlgorithm::Es256, AlgorithmParameters::EllipticCurve(key)) => {
            (KeyAlgorithm::ES256, key.curve == EllipticCurve::P256)
        }
        (SignatureAlgorithm::EdDsa, AlgorithmParameters::OctetKeyPair(key)) => {
            (KeyAlgorithm::EdDSA, key.curve == EllipticCurve::Ed25519)
        }
        _ => return false,
    };
    let common = &key.common;
    is_kind
        && common.key_algorithm.is_none_or(|algorithm| algorithm == named)
        && common.public_key_use.as_ref().is_none_or(|usage| *usage == PublicKeyUse::Signature)
        && common.key_operations.as_ref().is_none_or(|ops| ops.contains(&KeyOperations::Verify))
}

/// Keys of kinds nobody here knows are left out; they do not spoil the set (RFC 7517, section 5).
async fn fetch(agent: &Agent, address: &OutwardAddress) -> Result<Arc<[Jwk]>, FetchFault> {
    #[derive(Deserialize)]
    struct KeySet {
        keys: Vec<serde_json::Value>,
    }
    let body = agent.fetch(address).await?;
    let set: KeySet = serde_json::from_slice(&body).map_err(|_| FetchFault::NoKeySet)?;
    let keys = set.keys.into_iter().take(MOST_KEYS);
    Ok(keys.filter_map(|key| serde_json::from_value(key).ok()).collect())
}
