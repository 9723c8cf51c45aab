//! Whether what came was sent by Stripe: `Stripe-Signature`, HMAC-SHA256 over the moment and the bytes as
//! they came.

use aws_lc_rs::hmac;

use crate::clock::Time;

/// How old a signature may be, in seconds, either way: as Stripe’s own libraries have it.
const TOLERANCE: i64 = 300;

/// Why a signature does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unsigned {
    /// There is none that can be read.
    Unreadable,
    /// It is of another secret, or of other bytes.
    Wrong,
    /// It is too old, or of a time to come.
    Stale,
}

/// Checks a signature: one of its `v1` must be that of one of the secrets.
pub(super) fn check(
    header: &str,
    body: &[u8],
    secrets: &[&str],
    now: Time,
) -> Result<(), Unsigned> {
    let parts = header.split(',').filter_map(|part| part.trim().split_once('='));
    let (mut signed_at, mut given) = (None, Vec::new());
    for (name, value) in parts {
        match name {
            "t" => signed_at = Some(value),
            "v1" => given.extend(bytes(value)),
            _ => {}
        }
    }
    let moment = signed_at.ok_or(Unsigned::Unreadable)?;
    let seconds: i64 = moment.parse().map_err(|_| Unsigned::Unreadable)?;
    if given.is_empty() {
        return Err(Unsigned::Unreadable);
    }
    let payload = [moment.as_bytes(), b".", body].concat();
    let holds = |secret: &&str| {
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
        given.iter().any(|tag| hmac::verify(&key, &payload, tag).is_ok())
    };
    if !secrets.iter().any(holds) {
        return Err(Unsigned::Wrong);
    }
    let age = now.timestamp().as_second().saturating_sub(seconds);
    if age.saturating_abs() > TOLERANCE { Err(Unsigned::Stale) } else { Ok(()) }
}

/// Bytes written in hexadecimal, if they are.
fn bytes(hex: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|it| u8::try_from(it).ok());
    let pairs = hex.as_bytes().chunks(2).map(|pair| match pair {
        [high, low] => Some(digit(*high)?.checked_shl(4)? | digit(*low)?),
        _ => None,
    });
    pairs.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made with Python’s `hmac` for the secret below.
    const BODY: &[u8] = br#"{"id":"evt_1"}"#;
    const HEADER: &str = "t=1700000000,v1=1a6284f4310928ad9c08c96e6cfff4de52171f3b6b5eaa224804fa1db2a4d6d9,v0=6ffbb59b2300aae63f272406069a9788598b792a944a07aba816edb039989a39";

    fn at(seconds: i64) -> Time {
        jiff::Timestamp::from_second(seconds).unwrap().into()
    }

    #[test]
    fn only_what_stripe_signed_lately_holds() {
        let secrets = ["whsec_old", "whsec_palier"];
        let check = |header: &str, body, now| check(header, body, &secrets, at(now));
        assert_eq!(check(HEADER, BODY, 1_700_000_299), Ok(()));
        assert_eq!(check(HEADER, BODY, 1_700_000_301), Err(Unsigned::Stale));
        assert_eq!(check(HEADER, BODY, 1_699_999_699), Err(Unsigned::Stale));
        assert_eq!(check(HEADER, b"{\"id\":\"evt_2\"}", 1_700_000_000), Err(Unsigned::Wrong));
        let moved = HEADER.replace("t=1700000000", "t=1700000001");
        assert_eq!(check(&moved, BODY, 1_700_000_001), Err(Unsigned::Wrong));
        for none in ["", "t=1700000000", "v1=00", "t=x,v1=00", "t=1700000000,v1=0"] {
            assert_eq!(check(none, BODY, 1_700_000_000), Err(Unsigned::Unreadable), "{none}");
        }
        // Two signatures, while a secret is replaced: one is enough.
        let two = HEADER.replace(",v1=", ",v1=00,v1=");
        assert_eq!(check(&two, BODY, 1_700_000_000), Ok(()));
    }
}
