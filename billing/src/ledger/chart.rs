//! Which account has which part in the books.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ChartAccount, LedgerError};
use crate::{Percent, party::from_names, read::names};

/// The part that an account has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// What customers owe.
    Receivable,
    /// What is owed to providers.
    Payable,
    /// What customers paid for beforehand.
    Prepaid,
    /// Services sold.
    Sales,
    /// Membership fees.
    Membership,
    /// Rebates granted after the fact, such as those of a year.
    Rebates,
    /// Penalties for late payment, received.
    Penalties,
    /// Services bought, to be sold.
    Purchases,
    /// VAT that is due.
    VatCollected,
    /// VAT on invoices that nobody has paid yet, where it is due on receipt.
    VatPending,
    /// VAT to be deducted.
    VatDeductible,
    /// VAT of providers' invoices that are not paid yet, where it can be deducted with their payment.
    VatDeductiblePending,
    /// VAT due on purchases under reverse charge.
    VatSelfAssessed,
    /// The same VAT, to be deducted.
    VatSelfDeducted,
    /// The bank.
    Bank,
    /// The payment provider that collects for the bank.
    PaymentProvider,
    /// What bank and payment provider keep.
    BankFees,
    /// Receivables that were lost.
    BadDebt,
    /// Rounding differences, lost.
    RoundingLoss,
    /// Rounding differences, won.
    RoundingGain,
    /// Money that nobody knows the reason of yet.
    Suspense,
    /// What a year earned.
    Profit,
    /// What a year cost.
    Loss,
}

names!(Role {
    "receivable" => Receivable,
    "payable" => Payable,
    "prepaid" => Prepaid,
    "sales" => Sales,
    "membership" => Membership,
    "rebates" => Rebates,
    "penalties" => Penalties,
    "purchases" => Purchases,
    "vat_collected" => VatCollected,
    "vat_pending" => VatPending,
    "vat_deductible" => VatDeductible,
    "vat_deductible_pending" => VatDeductiblePending,
    "vat_self_assessed" => VatSelfAssessed,
    "vat_self_deducted" => VatSelfDeducted,
    "bank" => Bank,
    "payment_provider" => PaymentProvider,
    "bank_fees" => BankFees,
    "bad_debt" => BadDebt,
    "rounding_loss" => RoundingLoss,
    "rounding_gain" => RoundingGain,
    "suspense" => Suspense,
    "profit" => Profit,
    "loss" => Loss,
});
from_names!(Role or LedgerError {
    Receivable,
    Payable,
    Prepaid,
    Sales,
    Membership,
    Rebates,
    Penalties,
    Purchases,
    VatCollected,
    VatPending,
    VatDeductible,
    VatDeductiblePending,
    VatSelfAssessed,
    VatSelfDeducted,
    Bank,
    PaymentProvider,
    BankFees,
    BadDebt,
    RoundingLoss,
    RoundingGain,
    Suspense,
    Profit,
    Loss,
});

impl Role {
    /// The account it has where the chart names no other (plan comptable général; 756 is the plan
    /// of associations, ANC 2018-06).
    pub fn usual(self) -> ChartAccount {
        let (number, label) = match self {
            Self::Receivable => ("411000", "Clients"),
            Self::Payable => ("401000", "Fournisseurs"),
            Self::Prepaid => ("419100", "Clients - Avances et acomptes reçus"),
            Self::Sales => ("706000", "Prestations de services"),
            Self::Membership => ("756000", "Cotisations"),
            Self::Rebates => ("709000", "Rabais, remises et ristournes accordés"),
            Self::Penalties => ("763100", "Intérêts et pénalités de retard reçus"),
            Self::Purchases => ("611000", "Sous-traitance générale"),
            Self::VatCollected => ("445710", "TVA collectée"),
            Self::VatPending => ("445740", "TVA collectée en attente d'encaissement"),
            Self::VatDeductible => ("445660", "TVA déductible sur autres biens et services"),
            Self::VatDeductiblePending => ("445640", "TVA déductible en attente de paiement"),
            Self::VatSelfAssessed => ("445200", "TVA due intracommunautaire"),
            Self::VatSelfDeducted => ("445664", "TVA déductible intracommunautaire"),
            Self::Bank => ("512000", "Banque"),
            Self::PaymentProvider => ("517000", "Prestataire de services de paiement"),
            Self::BankFees => ("627000", "Services bancaires et assimilés"),
            Self::BadDebt => ("654000", "Pertes sur créances irrécouvrables"),
            Self::RoundingLoss => ("658000", "Différences de règlement défavorables"),
            Self::RoundingGain => ("758000", "Différences de règlement favorables"),
            Self::Suspense => ("471000", "Compte d'attente"),
            Self::Profit => ("120000", "Résultat de l'exercice (bénéfice)"),
            Self::Loss => ("129000", "Résultat de l'exercice (perte)"),
        };
        ChartAccount::known(number, label)
    }
}

/// The accounts that entries are made on: the usual ones, but for those it names.
///
/// ```
/// # use palier_billing::ledger::Chart;
/// let chart: Chart = serde_json::from_str(
///     r#"{
///         "accounts": { "bank": { "number": "512100", "label": "Banque coopérative" } },
///         "vat_collected": { "20": { "number": "445712", "label": "TVA collectée 20 %" } }
///     }"#,
/// )?;
/// let twenty = "20".parse()?;
/// assert_eq!(chart.vat_collected(twenty).number().as_str(), "445712");
/// assert_eq!(chart.vat_collected("5.5".parse()?).number().as_str(), "445710");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Chart {
    /// Accounts other than the usual ones, by their part.
    pub accounts: BTreeMap<Role, ChartAccount>,
    /// Sales of services that have an account of their own, by the service's code.
    pub sales: BTreeMap<String, ChartAccount>,
    /// Purchases for services that have an account of their own, by the service's code.
    pub purchases: BTreeMap<String, ChartAccount>,
    /// VAT of rates that have an account of their own.
    pub vat_collected: BTreeMap<Percent, ChartAccount>,
}

impl Chart {
    /// The account that has the part.
    pub fn account(&self, role: Role) -> ChartAccount {
        self.accounts.get(&role).cloned().unwrap_or_else(|| role.usual())
    }

    /// The account for sales of a service.
    pub fn sales(&self, service: Option<&str>) -> ChartAccount {
        let own = service.and_then(|service| self.sales.get(service));
        own.cloned().unwrap_or_else(|| self.account(Role::Sales))
    }

    /// The account for purchases for a service.
    pub fn purchases(&self, service: Option<&str>) -> ChartAccount {
        let own = service.and_then(|service| self.purchases.get(service));
        own.cloned().unwrap_or_else(|| self.account(Role::Purchases))
    }

    /// The account for VAT of a rate that is due.
    pub fn vat_collected(&self, rate: Percent) -> ChartAccount {
        let own = self.vat_collected.get(&rate);
        own.cloned().unwrap_or_else(|| self.account(Role::VatCollected))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Account;

    #[test]
    fn the_usual_accounts_are_accounts_and_no_two_the_same() {
        let mut seen = std::collections::BTreeSet::new();
        for role in Role::ALL {
            let usual = role.usual();
            assert_eq!(usual.number().as_str().parse::<Account>().as_ref(), Ok(usual.number()));
            assert_eq!(ChartAccount::new(usual.number().clone(), usual.label()), Ok(usual.clone()));
            assert!(seen.insert(usual.number().clone()), "{usual:?}");
            assert_eq!(role.as_str().parse(), Ok(*role));
        }
    }

    #[test]
    fn a_chart_reads_back_what_it_writes() {
        let other = ChartAccount::new("70601".parse().unwrap(), "Calcul").unwrap();
        let mut chart = Chart::default();
        chart.accounts.insert(Role::Bank, other.clone());
        chart.sales.insert("compute".into(), other.clone());
        chart.vat_collected.insert("5.5".parse().unwrap(), other.clone());
        let json = serde_json::to_string(&chart).unwrap();
        assert_eq!(serde_json::from_str::<Chart>(&json).unwrap(), chart);
        assert_eq!(chart.sales(Some("compute")), other);
        assert_eq!(chart.sales(Some("network")), Role::Sales.usual());
        for wrong in [
            r#"{ "account": {} }"#,
            r#"{ "accounts": { "till": { "number": "530000", "label": "Caisse" } } }"#,
            r#"{ "accounts": { "bank": { "number": "5a", "label": "Banque" } } }"#,
            r#"{ "accounts": { "bank": { "number": "512000", "label": " " } } }"#,
        ] {
            assert!(serde_json::from_str::<Chart>(wrong).is_err(), "{wrong}");
        }
    }
}
