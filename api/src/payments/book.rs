//! The entry of a payment.

use palier_billing::Money;
use palier_billing::ledger::{
    Auxiliary, Entry, Heading, Payment, Refund, Settlement, Treasury, WriteOff, payment, refund,
    write_off,
};

use super::{Plan, refuse};
use crate::db::members::MemberRow;
use crate::db::payments::{Holder, PaymentKind};
use crate::invoicing::Settings;
use crate::problem::Problem;
use crate::work::Tx;

/// What a plan is in the books; none if nothing moves.
pub(super) fn entry(
    tx: &mut Tx<'_>,
    member: &MemberRow,
    plan: &Plan,
) -> Result<Option<Entry>, Problem> {
    let chart = Settings::of(tx.conn, tx.pole())?.chart;
    let failed = |error| refuse::ledger(&error);
    let label = format!("{} {}", plan.reference, member.name);
    let heading = Heading::new(plan.paid_on.date(), &plan.reference, &label).map_err(failed)?;
    let customer = Auxiliary::new(&member.code, &member.name).map_err(failed)?;
    let settles: Vec<Settlement> = plan.parts.iter().map(|(_, part)| part.clone()).collect();
    let treasury = match plan.holder.unwrap_or_else(|| plan.method.usual_holder()) {
        Holder::Provider => Treasury::PaymentProvider,
        Holder::Bank => Treasury::Bank,
    };
    let undone = plan.reverses.as_ref().map_or(plan.kind, |row| row.kind);
    let entry = match (undone, settles.as_slice()) {
        (PaymentKind::WriteOff, [lost]) => {
            write_off(&chart, &WriteOff { heading, customer, lost: lost.clone() })
        }
        _ if plan.amount.minor() < 0 => {
            let zero = Money::zero(plan.amount.currency());
            let paid = zero.checked_sub(plan.amount).map_err(|error| refuse::figures(&error))?;
            refund(&chart, &Refund { heading, customer, paid, from: treasury, settles })
        }
        _ => payment(
            &chart,
            &Payment {
                heading,
                customer,
                received: plan.amount,
                into: treasury,
                fees: None,
                settles,
            },
        ),
    };
    entry.map_err(failed)
}
