//! What VAT makes of a service: the pole says so.

use palier_billing::{Change, VatSupply};
use utoipa::ToSchema;

use super::ServiceInput;
use crate::day::Day;
use crate::problem::{Fault, Problem};
use crate::say;

/// What is sold, in the eyes of VAT.
///
/// - `standard`, `intermediate`, `reduced`, `special`: taxable, at one of the four French rates.
/// - `members_exempt`: social, educational, cultural or sporting services of an association to its
///   members (CGI, art. 261, 7, 1°, a).
/// - `collective_exempt`: collective defence of its members, paid for by the statutory fee (CGI,
///   art. 261, 4, 9°).
/// - `out_of_scope`: outside the scope of VAT; it is billed on a document of its own.
#[derive(ToSchema)]
#[schema(as = VatSupply)]
#[serde(rename_all = "snake_case")]
#[expect(dead_code, reason = "says in the document what `VatSupply` is")]
pub(crate) enum VatSupplyWord {
    Standard,
    Intermediate,
    Reduced,
    Special,
    MembersExempt,
    CollectiveExempt,
    OutOfScope,
}

/// What VAT makes of a service from a day on.
#[derive(ToSchema)]
#[schema(example = json!({ "effective_from": "2027-03-01", "value": "members_exempt" }))]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "says in the document what a change of `VatSupply` is")]
pub(super) struct VatSupplyChange {
    /// The first day on which it holds.
    effective_from: Day,
    value: VatSupplyWord,
}

impl ServiceInput {
    /// Refuses to change what the pole answers for on its invoices and in its books: a provider may
    /// not.
    pub(super) fn leaves(
        &self,
        (vat, changes): (VatSupply, &[Change<VatSupply>]),
        revenue_account: Option<&str>,
    ) -> Result<(), Problem> {
        let mut errors = Vec::new();
        let moved = [("/vat", self.vat != vat), ("/vat_changes", self.vat_changes != changes)];
        for (pointer, _) in moved.into_iter().filter(|(_, moved)| *moved) {
            let detail = say!(
                en "The pole says what VAT makes of a service.",
                fr "C’est le pôle qui dit le régime de TVA d’un service."
            );
            errors.push(Fault::body(pointer, "pole_only", detail));
        }
        if self.revenue_account.as_deref() != revenue_account {
            let detail = say!(
                en "The pole says on which account revenue stands.",
                fr "C’est le pôle qui dit sur quel compte figurent les produits."
            );
            errors.push(Fault::body("/revenue_account", "pole_only", detail));
        }
        if errors.is_empty() { Ok(()) } else { Err(Problem { errors, ..Problem::forbidden() }) }
    }
}
