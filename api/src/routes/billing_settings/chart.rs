//! The chart of accounts of a pole: which account has which part in its books.

use std::collections::BTreeSet;

use actix_web::get;
use palier_billing::Percent;
use palier_billing::ledger::{Account, Chart, ChartAccount, Role};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::{BooksRead, PoleMay};
use crate::db::{services, words};
use crate::http::Answer;
use crate::invoicing::Settings;
use crate::problem::{Fault, Problem};
use crate::routes::PolePath;
use crate::say;

words! {
    /// The part that an account has in the books.
    pub(crate) enum AccountPart {
        /// What customers owe.
        Receivable = "receivable",
        /// What is owed to providers.
        Payable = "payable",
        /// What customers paid for beforehand.
        Prepaid = "prepaid",
        /// Services sold that have no account of their own.
        Sales = "sales",
        /// Membership fees.
        Membership = "membership",
        /// Rebates granted after the fact.
        Rebates = "rebates",
        /// Penalties for late payment, received.
        Penalties = "penalties",
        /// Services bought, to be sold.
        Purchases = "purchases",
        /// VAT that is due, of rates that have no account of their own.
        VatCollected = "vat_collected",
        /// VAT that waits for its payment.
        VatPending = "vat_pending",
        /// VAT to be deducted.
        VatDeductible = "vat_deductible",
        /// VAT of providers that is deducted when they are paid.
        VatDeductiblePending = "vat_deductible_pending",
        /// VAT due on purchases under reverse charge.
        VatSelfAssessed = "vat_self_assessed",
        /// The same VAT, to be deducted.
        VatSelfDeducted = "vat_self_deducted",
        /// The bank.
        Bank = "bank",
        /// The payment provider that collects for the bank.
        PaymentProvider = "payment_provider",
        /// What bank and payment provider keep.
        BankFees = "bank_fees",
        /// Receivables that were lost.
        BadDebt = "bad_debt",
        /// Rounding differences, lost.
        RoundingLoss = "rounding_loss",
        /// Rounding differences, won.
        RoundingGain = "rounding_gain",
        /// Money that nobody knows the reason of yet.
        Suspense = "suspense",
        /// What a year earned.
        Profit = "profit",
        /// What a year cost.
        Loss = "loss",
    }
}

impl AccountPart {
    /// How its account must begin, so that the accounting file and the reports find it (plan comptable
    /// général).
    const fn class(self) -> &'static str {
        match self {
            Self::Receivable => "41",
            Self::Payable => "40",
            Self::Prepaid => "4",
            Self::Sales => "70",
            Self::Membership | Self::Rebates | Self::Penalties | Self::RoundingGain => "7",
            Self::Purchases | Self::BankFees | Self::BadDebt | Self::RoundingLoss => "6",
            Self::VatCollected
            | Self::VatPending
            | Self::VatDeductible
            | Self::VatDeductiblePending
            | Self::VatSelfAssessed
            | Self::VatSelfDeducted => "445",
            Self::Bank | Self::PaymentProvider => "5",
            Self::Suspense => "47",
            Self::Profit | Self::Loss => "12",
        }
    }
}

/// The accounts of the books that are not the usual ones of the plan comptable général.
///
/// Entries to come are made on them; those there are stay as they are. Services have an account of
/// their own by their `revenue_account`.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ChartInput {
    /// By the part they have.
    #[schema(max_items = 23)]
    accounts: Vec<AccountOfPart>,
    /// Of VAT that is due, by rate.
    #[schema(max_items = 20)]
    vat_collected: Vec<AccountOfRate>,
}

/// The account that has a part.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AccountOfPart {
    part: AccountPart,
    /// Its number: three digits that say what it is, then up to 17 digits or letters.
    #[schema(pattern = "^[0-9]{3}[0-9A-Za-z]{0,17}$", example = "512100")]
    number: String,
    /// What it is called.
    #[schema(min_length = 1, max_length = 100, format = "line", example = "Banque coopérative")]
    label: String,
}

/// The account of VAT of a rate.
#[derive(Clone, Debug, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AccountOfRate {
    /// The rate, in per cent.
    #[schema(pattern = r"^[0-9]{1,2}(\.[0-9]{1,2})?$", example = "20")]
    rate_percent: String,
    /// Its number: three digits that say what it is, then up to 17 digits or letters.
    #[schema(pattern = "^[0-9]{3}[0-9A-Za-z]{0,17}$", example = "445712")]
    number: String,
    /// What it is called.
    #[schema(min_length = 1, max_length = 100, format = "line", example = "TVA collectée 20 %")]
    label: String,
}

impl ChartInput {
    /// What is wrong with it: accounts of the wrong class, and accounts that have two parts.
    pub(super) fn check(&self, faults: &mut Vec<Fault>) {
        let (mut parts, mut rates) = (BTreeSet::new(), BTreeSet::new());
        for (at, it) in self.accounts.iter().enumerate() {
            let pointer = |field: &str| format!("/chart/accounts/{at}/{field}");
            if !parts.insert(it.part) {
                faults.push(twice(pointer("part")));
            }
            faults.extend(of_class(&it.number, it.part.class(), pointer("number")));
        }
        for (at, it) in self.vat_collected.iter().enumerate() {
            let pointer = |field: &str| format!("/chart/vat_collected/{at}/{field}");
            match it.rate_percent.parse::<Percent>() {
                Ok(rate) if rates.insert(rate) => {}
                _ => faults.push(twice(pointer("rate_percent"))),
            }
            let class = AccountPart::VatCollected.class();
            faults.extend(of_class(&it.number, class, pointer("number")));
        }
        self.check_collisions(faults);
    }

    /// No account has two parts, the usual ones counted.
    fn check_collisions(&self, faults: &mut Vec<Fault>) {
        let own: BTreeSet<_> = self.accounts.iter().map(|it| it.part.as_str()).collect();
        let usual = Role::ALL.iter().filter(|role| !own.contains(role.as_str()));
        let mut taken: BTreeSet<String> =
            usual.map(|role| role.usual().number().to_string()).collect();
        let own = self.accounts.iter().enumerate();
        let own = own.map(|(at, it)| (&it.number, format!("/chart/accounts/{at}/number")));
        let rates = self.vat_collected.iter().enumerate();
        let rates = rates.map(|(at, it)| (&it.number, format!("/chart/vat_collected/{at}/number")));
        for (number, pointer) in own.chain(rates) {
            if !taken.insert(number.clone()) {
                let detail = say!(
                    en "The account {number} has another part already.",
                    fr "Le compte {number} a déjà un autre rôle."
                );
                faults.push(Fault::body(pointer, "duplicate", detail));
            }
        }
    }
}

fn twice(pointer: String) -> Fault {
    let detail = say!(en "It is there twice.", fr "Il y figure deux fois.");
    Fault::body(pointer, "duplicate", detail)
}

fn of_class(number: &str, class: &str, pointer: String) -> Option<Fault> {
    (!number.starts_with(class)).then(|| {
        let detail = say!(
            en "An account of this part begins with {class}.",
            fr "Un compte de ce rôle commence par {class}."
        );
        Fault::body(pointer, "account_class", detail)
    })
}

/// The accounts of a pole's books, as entries to come are made on them.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct ChartOfAccounts {
    /// Of each part.
    accounts: Vec<PartAccount>,
    /// Of VAT that is due, of rates that have an account of their own.
    vat_collected: Vec<RateAccount>,
    /// Of services that have an account of their own.
    services: Vec<ServiceAccount>,
}

/// The account that has a part.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct PartAccount {
    part: AccountPart,
    /// Its number.
    #[schema(example = "512000")]
    number: String,
    /// What it is called.
    #[schema(example = "Banque")]
    label: String,
    /// Whether it is the usual one.
    usual: bool,
}

/// The account of a rate of VAT.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct RateAccount {
    /// The rate, in per cent.
    #[schema(value_type = String, example = "20")]
    rate_percent: Percent,
    /// Its number.
    #[schema(example = "445712")]
    number: String,
    /// What it is called.
    #[schema(example = "TVA collectée 20 %")]
    label: String,
}

/// The account of a service.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct ServiceAccount {
    /// The service's code.
    #[schema(example = "compute")]
    service: String,
    /// Its number.
    #[schema(example = "706100")]
    number: String,
    /// What it is called: as the service is.
    #[schema(example = "Calcul")]
    label: String,
}

fn of_part(chart: &Chart, role: Role) -> Option<PartAccount> {
    let account = chart.account(role);
    Some(PartAccount {
        part: role.as_str().parse().ok()?,
        number: account.number().to_string(),
        label: account.label().to_owned(),
        usual: account == role.usual(),
    })
}

/// The accounts that entries to come are made on.
///
/// Other ones than the usual are set with the billing settings (`chart`), and with the services.
#[utoipa::path(
    tag = "books",
    operation_id = "getChartOfAccounts",
    params(PolePath),
    responses((status = 200, description = "The accounts.", body = ChartOfAccounts)),
    security(("token" = ["books:read"])),
)]
#[get("/chart-of-accounts")]
pub(super) async fn get_chart_of_accounts(caller: PoleMay<BooksRead>) -> Result<Answer, Problem> {
    let read =
        caller.read(|conn, pole| Ok((Settings::chart_of(conn, pole)?, services::all(conn, pole)?)));
    let (chart, services) = read.await?;
    let rate = |(rate, account): (&Percent, &ChartAccount)| RateAccount {
        rate_percent: *rate,
        number: account.number().to_string(),
        label: account.label().to_owned(),
    };
    let service = |row: services::ServiceRow| {
        let number: Account = row.revenue_account?.parse().ok()?;
        Some(ServiceAccount { service: row.code, number: number.to_string(), label: row.name_fr })
    };
    Answer::ok(&ChartOfAccounts {
        accounts: Role::ALL.iter().filter_map(|role| of_part(&chart, *role)).collect(),
        vat_collected: chart.vat_collected.iter().map(rate).collect(),
        services: services.into_iter().filter_map(service).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_of_the_ledger_can_be_named_and_its_usual_account_is_of_its_class() {
        for role in Role::ALL {
            let part: AccountPart = role.as_str().parse().unwrap();
            assert!(role.usual().number().as_str().starts_with(part.class()), "{role:?}");
        }
    }
}
