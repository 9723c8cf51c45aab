//! A delta as bytes: numbers of variable length (LEB128), each key told by how far it is from the
//! one before, which makes a few bytes of most.

use super::{Days, Total};

/// The form, should there ever be another.
const FORM: u8 = 1;

/// Days as bytes.
pub(super) fn encode(days: &Days) -> Vec<u8> {
    let mut bytes = vec![FORM];
    let (mut day, mut series) = (0, 0);
    for (key, total) in days {
        put(&mut bytes, i64::from(key.0).wrapping_sub(day));
        put(&mut bytes, key.1.wrapping_sub(series));
        put(&mut bytes, total.quantity_micros);
        put(&mut bytes, total.events);
        (day, series) = (i64::from(key.0), key.1);
    }
    bytes
}

/// The days that stand in bytes; none if they are no delta.
pub(super) fn decode(bytes: &[u8]) -> Option<Days> {
    let (form, mut bytes) = bytes.split_first()?;
    if *form != FORM {
        return None;
    }
    let mut days = Days::new();
    let (mut day, mut series) = (0_i64, 0_i64);
    while !bytes.is_empty() {
        day = day.wrapping_add(take(&mut bytes)?);
        series = series.wrapping_add(take(&mut bytes)?);
        let total = Total { quantity_micros: take(&mut bytes)?, events: take(&mut bytes)? };
        days.entry((i32::try_from(day).ok()?, series)).or_default().add(total);
    }
    Some(days)
}

/// Seven bits a byte, the lowest first; small numbers of either sign are short.
fn put(bytes: &mut Vec<u8>, value: i64) {
    let mut rest = ((value << 1) ^ (value >> 63)).cast_unsigned();
    loop {
        let [low, ..] = rest.to_le_bytes();
        rest >>= 7;
        if rest == 0 {
            return bytes.push(low);
        }
        bytes.push(low | 0x80);
    }
}

fn take(bytes: &mut &[u8]) -> Option<i64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            let sign = (value & 1).cast_signed().wrapping_neg();
            return Some((value >> 1).cast_signed() ^ sign);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let total = |quantity_micros, events| Total { quantity_micros, events };
        let days: Days = [
            ((i32::MIN, 0), total(-Total::LARGEST, -1)),
            ((-1, i64::MAX), total(-1, 0)),
            ((20_636, 1), total(51_591_111, 1)),
            ((20_636, 2), total(Total::TOO_LARGE, i64::MAX)),
            ((i32::MAX, i64::MIN), total(0, 63)),
        ]
        .into();
        let bytes = encode(&days);
        assert_eq!(decode(&bytes), Some(days));
        for end in 0..bytes.len() {
            // Cut anywhere, it is fewer days or none; never a panic.
            let _ = decode(&bytes[..end]);
        }
        assert_eq!(decode(&[FORM, 0xff]), None);
        assert_eq!(decode(&[]), None);
    }
}
