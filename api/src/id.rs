//! Identifiers: what they look like outside and how they are made.
//!
//! An id is a type prefix and a UUID version 7 (RFC 9562) in Crockford's base 32, as the `TypeID`
//! convention has it: `mbr_01k9gz7v3hf8mv3r0x2p6d9qae`. Ids made later sort later, so that lists
//! have a stable order and indexes grow at one end; the prefix tells a person what an id names and
//! keeps a member's id from being taken for a service's.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex, PoisonError};

use aws_lc_rs::digest::{SHA256, digest};
use uuid::{ContextV7, Timestamp, Uuid};

use crate::clock::Time;

/// Crockford's alphabet: digits and letters without i, l, o and u.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// How many characters 128 bits take.
const LENGTH: usize = 26;

/// Makes a new identifier of a kind; later ones sort later, also within a millisecond.
pub(crate) fn new_id(prefix: &str, now: Time) -> String {
    static CONTEXT: Mutex<Option<ContextV7>> = Mutex::new(None);
    let micros = u64::try_from(now.micros()).unwrap_or_default();
    let (seconds, rest) = (micros / 1_000_000, micros % 1_000_000);
    let nanos = u32::try_from(rest.saturating_mul(1_000)).unwrap_or_default();
    if REPEATABLE.load(Ordering::Relaxed) {
        let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
        return format!("{prefix}_{}", encode(repeatable(&mut made, prefix, micros / 1_000)));
    }
    let mut context = CONTEXT.lock().unwrap_or_else(PoisonError::into_inner);
    let context = context.get_or_insert_with(ContextV7::new);
    let uuid = Uuid::new_v7(Timestamp::from_unix(&*context, seconds, nanos));
    format!("{prefix}_{}", encode(uuid.as_u128()))
}

/// Makes the id of a request. There are many of them, and nothing is kept under one: it counts on
/// from a random beginning, where other ids ask the system for randomness each time.
pub(crate) fn new_request_id(now: Time) -> String {
    static BEGINNING: LazyLock<u64> = LazyLock::new(|| Uuid::now_v7().as_u64_pair().1);
    static COUNT: AtomicU64 = AtomicU64::new(0);
    if REPEATABLE.load(Ordering::Relaxed) {
        return new_id("req", now);
    }
    let millis = u64::try_from(now.micros()).unwrap_or_default() / 1_000;
    let nth = BEGINNING.wrapping_add(COUNT.fetch_add(1, Ordering::Relaxed));
    let mut bytes = [0; 10];
    if let Some(low) = bytes.last_chunk_mut() {
        *low = nth.to_be_bytes();
    }
    let uuid = uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid();
    format!("req_{}", encode(uuid.as_u128()))
}

/// Whether identifiers are the same in every run.
static REPEATABLE: AtomicBool = AtomicBool::new(false);

/// How many of each kind were made since they are. They are counted apart: what looks after itself in
/// the background makes some too, and not always at the same moment.
static MADE: Mutex<BTreeMap<String, u64>> = Mutex::new(BTreeMap::new());

/// From now on, the same program at the same time makes the same identifiers: for demonstrations,
/// whose addresses stand in the documentation.
pub(crate) fn make_repeatable(yes: bool) {
    MADE.lock().unwrap_or_else(PoisonError::into_inner).clear();
    REPEATABLE.store(yes, Ordering::Relaxed);
}

/// A UUID version 7 of an instant, with a counter and a digest of it in place of random bits.
fn repeatable(made: &mut BTreeMap<String, u64>, prefix: &str, millis: u64) -> u128 {
    let nth = made.entry(prefix.to_owned()).or_default();
    *nth = nth.saturating_add(1);
    let counter = u16::try_from(*nth & 0x0fff).unwrap_or_default();
    let sum = digest(&SHA256, format!("{prefix} {nth}").as_bytes());
    let mut bytes = [0; 10];
    for (place, byte) in bytes.iter_mut().zip(sum.as_ref()) {
        *place = *byte;
    }
    let builder = uuid::Builder::from_unix_timestamp_millis(millis, &bytes);
    let low = builder.into_uuid().as_u128();
    // The counter in the twelve bits behind the time and the version, so that later ones sort later.
    (low & !(0x0fff << 64)) | (u128::from(counter) << 64)
}

fn encode(bits: u128) -> String {
    let digit = |place: usize| {
        let shift = u32::try_from(place.saturating_mul(5)).unwrap_or(u32::MAX);
        let index = usize::try_from(bits.checked_shr(shift).unwrap_or_default() & 31);
        let byte = ALPHABET.get(index.unwrap_or_default()).copied();
        char::from(byte.unwrap_or(b'0'))
    };
    (0..LENGTH).rev().map(digit).collect()
}

/// Whether a text has the form of an identifier of this kind.
pub(crate) fn is_id(prefix: &str, text: &str) -> bool {
    let body = text.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('_'));
    body.is_some_and(|body| {
        // The first character carries three bits only: 26 × 5 is two more than 128.
        body.len() == LENGTH
            && body.starts_with(|first| ('0'..='7').contains(&first))
            && body.bytes().all(|byte| ALPHABET.contains(&byte))
    })
}

/// An identifier that addresses have a place for.
pub(crate) trait InPath: std::str::FromStr {
    /// The name of the place.
    const PLACE: &'static str;
}

/// Declares the identifier of a kind of object: a text in JSON and in the database.
macro_rules! id {
    ($(#[$about:meta])* $name:ident, $prefix:literal, $place:literal) => {
        $(#[$about])*
        #[derive(
            Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash,
            diesel::expression::AsExpression, diesel::deserialize::FromSqlRow,
        )]
        #[diesel(sql_type = diesel::sql_types::Text)]
        // Shared, since ids are copied far more often than they are made.
        pub(crate) struct $name(std::sync::Arc<str>);

        #[expect(clippy::allow_attributes, reason = "not every kind of id needs all of these")]
        #[allow(dead_code, reason = "not every kind of id needs all of these")]
        impl $name {
            /// What every id of this kind begins with.
            pub(crate) const PREFIX: &str = $prefix;

            /// A new one.
            pub(crate) fn new(now: $crate::clock::Time) -> Self {
                Self($crate::id::new_id($prefix, now).into())
            }

            /// As text.
            pub(crate) fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl $crate::id::InPath for $name {
            const PLACE: &'static str = $place;
        }

        impl std::str::FromStr for $name {
            type Err = $crate::id::NotAnId;

            fn from_str(text: &str) -> Result<Self, $crate::id::NotAnId> {
                if $crate::id::is_id($prefix, text) {
                    return Ok(Self(text.into()));
                }
                Err($crate::id::NotAnId { prefix: $prefix })
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }

        // Hashed and ordered as its text is, so that it is found by a text.
        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::Type::String)
                    .description(Some(concat!(
                        "An id: `", $prefix, "_` and 26 characters; later ones sort later."
                    )))
                    .pattern(Some(concat!("^", $prefix, "_[0-7][0-9a-hjkmnp-tv-z]{25}$")))
                    .examples([concat!($prefix, "_01k9gz7v3hf8mv3r0x2p6d9qae")])
                    .into()
            }
        }

        impl utoipa::ToSchema for $name {}

        $crate::db::text_column!($name, Self::as_str);
    };
}

/// A text that is no identifier of the kind asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id: expected {prefix}_ and 26 characters")]
pub(crate) struct NotAnId {
    /// What ids of this kind begin with.
    pub(crate) prefix: &'static str,
}

id!(/** A pole: a tenant. */ PoleId, "pol", "pole");
id!(/** A person who signs in. */ UserId, "usr", "user");
id!(/** A machine's key. */ ApiKeyId, "key", "key");
id!(/** A sign-in, over all its refreshed tokens. */ SessionId, "ses", "session");
id!(/** An outside identity provider. */ IdentityProviderId, "idp", "identity_provider");
id!(/** A member company. */ MemberId, "mbr", "member");
id!(/** Who provides a service. */ ProviderId, "prv", "provider");
id!(/** A service of the catalogue. */ ServiceId, "svc", "service");
id!(/** A meter of a service. */ MeterId, "mtr", "meter");
id!(/** A version of a service's tariff. */ TariffId, "trf", "tariff");
id!(/** A member's subscription to a service. */ SubscriptionId, "sub", "subscription");
id!(/** An invoice or a credit note. */ InvoiceId, "inv", "invoice");
id!(/** Money that came in, went out or was lost. */ PaymentId, "pay", "payment");
id!(/** What a bank told of an account over some days. */ BankStatementId, "bst", "statement");
id!(/** What moved on an account. */ BankMovementId, "bmv", "movement");
id!(/** A card, an account or a mandate by which a member lets itself be collected. */ MeansId, "pms", "means");
id!(/** A file of direct debits for the bank. */ DebitFileId, "dbf", "file");
id!(/** Money that is asked for by a member's means of payment. */ CollectionId, "col", "collection");
id!(/** What a provider bills to the pole. */ BillId, "bil", "bill");
id!(/** An account to which a provider is paid. */ ProviderAccountId, "pac", "account");
id!(/** Money that goes out. */ TransferId, "tfr", "transfer");
id!(/** A file of transfers for the bank. */ TransferFileId, "tff", "transfer_file");
id!(/** A credit that a member was granted. */ GrantId, "grt", "grant");
id!(/** A letter to a member that is late. */ LetterId, "ltr", "letter");
id!(/** The time in which a member's services are suspended. */ SuspensionId, "sus", "suspension");
id!(/** What a provider is told by a webhook. */ DeliveryId, "whd", "delivery");
id!(/** A file exchanged with an approved platform. */ MessageId, "msg", "message");
id!(/** From how much usage on somebody wants to be told. */ UsageAlertId, "alr", "alert");
id!(/** Work to be done later; in an address, a mail to a member. */ JobId, "job", "mail");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_ids_sort_later() {
        let now: Time = "2026-11-01T08:30:00Z".parse().unwrap();
        let ids: Vec<_> = (0..1000).map(|_| MemberId::new(now)).collect();
        assert!(ids.is_sorted());
        assert!(ids.iter().all(|id| id.as_str().parse() == Ok(id.clone())));
        let later = MemberId::new("2026-11-01T08:30:01Z".parse().unwrap());
        assert!(ids.iter().all(|id| *id < later));
    }

    #[test]
    fn repeatable_ids_of_a_kind_are_the_same_whatever_else_is_made() {
        let (mut one, mut other) = (BTreeMap::new(), BTreeMap::new());
        let members = |made: &mut BTreeMap<_, _>, between: &[&str]| {
            let ids = (0..1000).map(|_| {
                for kind in between {
                    repeatable(made, kind, 1);
                }
                repeatable(made, "mbr", 1)
            });
            ids.collect::<Vec<_>>()
        };
        let alone = members(&mut one, &[]);
        assert!(alone.is_sorted_by(|earlier, later| earlier < later));
        assert_eq!(alone, members(&mut other, &["evt", "job"]));
        let other_kind = repeatable(&mut BTreeMap::new(), "svc", 1);
        assert_ne!(Some(&other_kind), alone.first());
    }

    #[test]
    fn encodes_as_the_convention_does() {
        // A test vector of the TypeID specification.
        let uuid: Uuid = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
        assert_eq!(encode(uuid.as_u128()), "01h455vb4pex5vsknk084sn02q");
    }

    #[test]
    fn other_texts_are_no_ids() {
        let id = "mbr_01h455vb4pex5vsknk084sn02q";
        assert!(id.parse::<MemberId>().is_ok());
        for wrong in [
            "",
            "mbr_",
            "svc_01h455vb4pex5vsknk084sn02q",
            "mbr_81h455vb4pex5vsknk084sn02q",
            "mbr_01h455vb4pex5vsknk084sn02",
        ] {
            assert_eq!(wrong.parse::<MemberId>(), Err(NotAnId { prefix: "mbr" }), "{wrong}");
        }
    }
}
