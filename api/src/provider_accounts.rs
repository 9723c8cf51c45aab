//! Accounts to which providers are paid.
//!
//! An account that a letter or a mail gives in a provider's name may be anybody's: the commonest fraud there
//! is. So one that was given is paid to once somebody else has confirmed it, with its number from another
//! source; until then the provider is paid to the one before. It is at a bank, to which transfers go in files,
//! or at Stripe, to which what the pole collected there is passed on.

use palier_billing::sepa::AccountHolder;
use serde_json::json;

use crate::collections::mandates;
use crate::db::collections::Channel;
use crate::db::provider_accounts::{self, AccountRow, AccountStatus};
use crate::db::{DbError, api_keys, poles, providers};
use crate::id::{ApiKeyId, ProviderAccountId, ProviderId, UserId};
use crate::party::{self, AddressInput};
use crate::problem::{Fault, Problem};
use crate::say;
use crate::text::sepa;
use crate::work::{Changes, Done, Tx};

/// An account that a provider is to be paid to, as it is given.
#[derive(Clone, Debug)]
pub(crate) enum Payee {
    AtBank(Given),
    /// Whose account it is, and what Stripe calls it.
    AtStripe {
        name: String,
        account: String,
    },
}

/// An account at a bank, as it is given.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    /// Whose account it is.
    pub(crate) name: String,
    pub(crate) iban: String,
    pub(crate) bic: Option<String>,
    pub(crate) address: Option<AddressInput>,
}

impl Given {
    /// The account, as banks take it.
    ///
    /// # Errors
    /// All that is wrong with it, by the fields of the API.
    pub(crate) fn account(&self) -> Result<AccountHolder, Vec<Fault>> {
        let mut faults = Vec::new();
        let address = self.address.as_ref().map(party::address).transpose();
        let address = address.unwrap_or_else(|wrong| {
            faults.extend(wrong.into_iter().map(|it| {
                let at = format!("/address/{}", it.field);
                Fault::body(at, it.error.code(), (&it.error).into())
            }));
            None
        });
        let bic = self.bic.as_deref();
        let read = AccountHolder::new(&self.name, &self.iban, bic, address.as_ref());
        let read = read.map_err(|found| faults.extend(sepa::faults(&found, ""))).ok();
        read.filter(|_| faults.is_empty()).ok_or(faults)
    }

    /// Where the holder sits, as it is kept.
    pub(crate) fn kept_address(&self) -> Result<Option<String>, Problem> {
        let kept = self.address.as_ref().map(serde_json::to_string).transpose();
        kept.map_err(|error| Problem::internal(&error))
    }
}

/// Whether Stripe could call an account so.
fn is_at_stripe(account: &str) -> bool {
    let name = account.strip_prefix("acct_").unwrap_or_default();
    (1..=64).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Gives an account of a provider, which takes the place of one that nobody has confirmed.
///
/// # Errors
/// A [`Problem`] where banks would not take it; the database's.
pub(crate) fn give(
    tx: &mut Tx<'_>,
    provider: ProviderId,
    payee: Payee,
) -> Result<Done<AccountRow>, Problem> {
    poles::hold(tx.conn, tx.pole())?;
    providers::find(tx.conn, tx.pole(), &provider)?.ok_or_else(Problem::not_found)?;
    let row = fresh(tx, provider, payee)?;
    let pending = (&row.provider_id, AccountStatus::Pending);
    if let Some(before) = provider_accounts::of_provider(tx.conn, tx.pole(), pending)? {
        change(tx, AccountRow { status: AccountStatus::Ended, ..before })?;
    }
    provider_accounts::insert(tx.conn, &row)?;
    let changes = Changes::made(&told(&row));
    Ok(tx.done("provider_account.given", row.account_id.clone().as_str(), &changes, row)?)
}

/// An account that nobody has confirmed yet.
fn fresh(tx: &Tx<'_>, provider: ProviderId, payee: Payee) -> Result<AccountRow, Problem> {
    let (holder, channel, number, bic, address) = match payee {
        Payee::AtBank(given) => {
            let account = given.account().map_err(Problem::invalid)?;
            let bic = account.bic().map(ToString::to_string);
            // As banks read it: in capitals, without spaces.
            let number = account.iban().to_string();
            let address = given.kept_address()?;
            (given.name, Channel::Bank, number, bic, address)
        }
        Payee::AtStripe { name, account } if is_at_stripe(&account) => {
            (name, Channel::Stripe, account, None, None)
        }
        Payee::AtStripe { .. } => {
            let detail = say!(
                en "Expected what Stripe calls it: acct_…",
                fr "Attendu : le nom que Stripe lui donne, acct_…"
            );
            return Err(Problem::invalid(vec![Fault::body("/stripe_account", "account", detail)]));
        }
    };
    Ok(AccountRow {
        pole_id: tx.pole().clone(),
        account_id: ProviderAccountId::new(tx.at()),
        provider_id: provider,
        holder,
        channel,
        number,
        bic,
        address,
        status: AccountStatus::Pending,
        given_by: tx.author.actor.clone(),
        confirmed_by: None,
        version: 1,
        created_at: tx.at(),
        updated_at: tx.at(),
    })
}

/// Confirms an account: the provider is paid to it from now on, and no more to the one before.
///
/// # Errors
/// A [`Problem`] where whoever gave it confirms it, or a machine does, or its number is another; the
/// database's.
pub(crate) fn confirm(
    tx: &mut Tx<'_>,
    row: AccountRow,
    (channel, number): (Channel, &str),
) -> Result<Done<AccountRow>, Problem> {
    poles::hold(tx.conn, tx.pole())?;
    let actor = tx.author.actor.clone();
    refuse_unless_pending(&row)?;
    if actor.parse::<UserId>().is_err() && actor != "operator" {
        return Err(Problem::forbidden());
    }
    // Whoever made a key gave what was given by it.
    let given_by = match row.given_by.parse::<ApiKeyId>() {
        Ok(key) => api_keys::find(tx.conn, tx.pole(), &key)?.map(|key| key.created_by),
        Err(_) => None,
    };
    if actor == row.given_by || given_by.is_some_and(|maker| maker == actor) {
        let detail = say!(
            en "Somebody else than who gave it confirms it.",
            fr "Une autre personne que celle qui l’a donné le confirme."
        );
        return Err(Problem::conflict(Fault::body("", "same_person", detail)));
    }
    let plain: String = number.chars().filter(|it| !it.is_whitespace()).collect();
    let (field, plain) = match channel {
        Channel::Bank => ("/iban", plain.to_ascii_uppercase()),
        Channel::Stripe => ("/stripe_account", plain),
    };
    if (row.channel, &row.number) != (channel, &plain) {
        let detail = say!(
            en "It is not the number that was given.",
            fr "Ce n’est pas le numéro qui a été donné."
        );
        return Err(Problem::conflict(Fault::body(field, "other_account", detail)));
    }
    let before = (&row.provider_id, AccountStatus::Confirmed);
    if let Some(row) = provider_accounts::of_provider(tx.conn, tx.pole(), before)? {
        change(tx, AccountRow { status: AccountStatus::Ended, ..row })?;
    }
    let status = AccountStatus::Confirmed;
    let row = change(tx, AccountRow { status, confirmed_by: Some(actor), ..row })?;
    let changes = Changes::made(&told(&row));
    Ok(tx.done("provider_account.confirmed", row.account_id.clone().as_str(), &changes, row)?)
}

/// Ends an account: nothing is paid to it any more.
///
/// # Errors
/// A [`Problem`] where it has ended; the database's.
pub(crate) fn end(tx: &mut Tx<'_>, row: AccountRow) -> Result<Done<AccountRow>, Problem> {
    if row.status == AccountStatus::Ended {
        let detail = say!(en "It has ended already.", fr "Il n’est déjà plus utilisé.");
        return Err(Problem::conflict(Fault::body("", "ended", detail)));
    }
    let row = change(tx, AccountRow { status: AccountStatus::Ended, ..row })?;
    let changes = Changes::made(&told(&row));
    Ok(tx.done("provider_account.ended", row.account_id.clone().as_str(), &changes, row)?)
}

fn refuse_unless_pending(row: &AccountRow) -> Result<(), Problem> {
    let (code, detail) = match row.status {
        AccountStatus::Pending => return Ok(()),
        AccountStatus::Confirmed => {
            ("confirmed", say!(en "It is confirmed already.", fr "Il est déjà confirmé."))
        }
        AccountStatus::Ended => {
            ("ended", say!(en "It has ended already.", fr "Il n’est déjà plus utilisé."))
        }
    };
    Err(Problem::conflict(Fault::body("", code, detail)))
}

fn change(tx: &mut Tx<'_>, row: AccountRow) -> Result<AccountRow, Problem> {
    let version = row.version;
    let row = AccountRow { version: version.saturating_add(1), updated_at: tx.at(), ..row };
    if provider_accounts::update(tx.conn, &row, version)? {
        Ok(row)
    } else {
        Err(Problem::changed())
    }
}

/// An account that was kept, as banks take it.
pub(crate) fn holder(
    (name, iban): (&str, &str),
    (bic, address): (Option<&str>, Option<&str>),
) -> Result<AccountHolder, DbError> {
    let unreadable = |what: String| DbError::Unreadable {
        table: "provider_accounts",
        id: mandates::masked(iban),
        what,
    };
    let address = address.map(serde_json::from_str).transpose();
    let given = Given {
        name: name.to_owned(),
        iban: iban.to_owned(),
        bic: bic.map(str::to_owned),
        address: address.map_err(|error| unreadable(error.to_string()))?,
    };
    given.account().map_err(|_| unreadable("banks do not take it".to_owned()))
}

/// The number of an account, for who may see that there is one.
pub(crate) fn masked(channel: Option<Channel>, number: &str) -> String {
    if channel != Some(Channel::Stripe) {
        return mandates::masked(number);
    }
    let last = number.len().saturating_sub(4).max("acct_".len());
    format!("acct_ •••• {}", number.get(last..).unwrap_or_default())
}

/// What the audit log says of one: its number stays out of it.
fn told(row: &AccountRow) -> serde_json::Value {
    json!({
        "provider": row.provider_id, "holder": row.holder, "channel": row.channel,
        "number": masked(Some(row.channel), &row.number), "status": row.status, "given_by": row.given_by,
        "confirmed_by": row.confirmed_by,
    })
}
