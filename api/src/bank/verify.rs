//! Whether movements at the bank and payments hold together.

use std::collections::{HashMap, HashSet};

use crate::db::bank::{self, MovementRow, MovementStatus};
use crate::db::payments::{self, PaymentRow, Whose};
use crate::db::{Db, DbError};
use crate::id::{PaymentId, PoleId};

/// How many rows are in memory at once.
const STEP: i64 = 500;

/// What payments say of the movements they were made of.
#[derive(Default)]
struct Claims {
    by_key: HashMap<String, Vec<PaymentRow>>,
    reversed: HashSet<PaymentId>,
}

/// Verifies the movements of a pole: one that is booked is a payment of the same amount, which says
/// so; no other payment is made of it but mistakes that were taken back; and no payment is made of a
/// movement that is not there. Gives how many there are, and what is wrong.
pub(crate) fn verify(conn: &mut Db, pole: &PoleId) -> Result<(u64, Vec<String>), DbError> {
    let mut claims = claims(conn, pole)?;
    let (mut faults, mut count, mut after) = (Vec::new(), 0_u64, None::<String>);
    loop {
        let rows = bank::page(conn, pole, None, after.as_deref(), STEP)?;
        let Some(last) = rows.last() else { break };
        after = Some(last.movement_id.to_string());
        for row in rows {
            count = count.saturating_add(1);
            let made = claims.by_key.remove(&row.statement_key).unwrap_or_default();
            let fault = differs(&row, &made, &claims.reversed);
            faults.extend(fault.map(|what| format!("{}: {what}", row.movement_id)));
        }
    }
    let mut strays: Vec<_> = claims.by_key.into_values().flatten().collect();
    strays.sort_by(|one, other| one.payment_id.cmp(&other.payment_id));
    let stray = |row: PaymentRow| {
        format!("{}: the movement that it was made of is missing", row.payment_id)
    };
    faults.extend(strays.into_iter().map(stray));
    Ok((count, faults))
}

fn claims(conn: &mut Db, pole: &PoleId) -> Result<Claims, DbError> {
    let (mut claims, mut after) = (Claims::default(), None::<String>);
    loop {
        let rows = payments::page(conn, pole, &Whose::default(), after.as_deref(), STEP)?;
        let Some(last) = rows.last() else { return Ok(claims) };
        after = Some(last.payment_id.to_string());
        for row in rows {
            claims.reversed.extend(row.reverses.clone());
            if let Some(key) = row.movement_key() {
                claims.by_key.entry(key.to_owned()).or_default().push(row);
            }
        }
    }
}

/// What is wrong with a movement, given all payments that say they are made of it.
fn differs(
    row: &MovementRow,
    made: &[PaymentRow],
    reversed: &HashSet<PaymentId>,
) -> Option<&'static str> {
    if i64::try_from(made.len()).ok() != Some(row.bookings) {
        return Some("other payments are made of it than it says");
    }
    if made.iter().any(|it| it.amount_minor != row.amount_minor) {
        return Some("its payment has another amount");
    }
    if (row.status == MovementStatus::Booked) != row.payment_id.is_some() {
        return Some("it is booked without a payment, or has one and is not");
    }
    if let Some(payment) = &row.payment_id
        && !made.iter().any(|it| it.payment_id == *payment)
    {
        return Some("its payment does not say that it is made of it");
    }
    let stands = |it: &&PaymentRow| {
        Some(&it.payment_id) != row.payment_id.as_ref() && !reversed.contains(&it.payment_id)
    };
    made.iter().find(stands).map(|_| "it is booked twice")
}
