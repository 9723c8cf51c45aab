//! What a movement is known by.

use std::collections::BTreeMap;

use super::{Iban, StatementLine};

/// Gives every line its key.
///
/// The bank's own reference is not enough: some banks give none, some give all transactions of a
/// batch the same. So account, day and amount are part of the key, with the reference or, without
/// one, with all that the line says. Lines that are the same in all of this are counted: two equal
/// transfers of one day are two, and stay the same two in any file that has the whole day.
#[derive(Debug, Default)]
pub(super) struct Keys(BTreeMap<String, u32>);

impl Keys {
    pub(super) fn give(&mut self, account: &str, lines: &mut [StatementLine]) {
        for line in lines {
            let base = base(account, line);
            let count = self.0.entry(base.clone()).or_default();
            *count = count.saturating_add(1);
            line.key = format!("{base}|{count}");
        }
    }
}

fn base(account: &str, line: &StatementLine) -> String {
    let StatementLine { booked_on, amount, .. } = line;
    let currency = amount.currency().code();
    let said = match &line.bank_reference {
        Some(reference) => format!("ref {reference}"),
        None => {
            let iban = line.counterparty_iban.as_ref().map(Iban::as_str);
            let parts = [line.counterparty.as_deref(), iban, line.end_to_end.as_deref()];
            let parts = parts.into_iter().flatten().chain([line.remittance.as_str()]);
            format!("text {}", parts.collect::<Vec<_>>().join(" ").to_uppercase())
        }
    };
    format!("{account}|{booked_on}|{amount} {currency}|{said}")
}
