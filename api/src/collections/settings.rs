//! How a pole collects what its members owe.

use palier_billing::sepa::{AccountHolder, Creditor, CreditorId, DebitVersion};

use crate::db::collection_settings::{self, CollectionSettingsRow};
use crate::db::{Db, DbError, words};
use crate::http::IfMatch;
use crate::id::PoleId;
use crate::invoicing::Settings;
use crate::problem::Problem;
use crate::routes::CollectionSettingsInput;
use crate::say;
use crate::text::sepa;
use crate::work::{Changes, Done, Tx};

words! {
    /// Which message of ISO 20022 the bank takes.
    pub(crate) enum DebitFormat {
        /// Of 2009, which most banks still take.
        V02 = "pain.008.001.02",
        /// Of 2019, that of the rulebooks since March 2024.
        V08 = "pain.008.001.08",
    }
}

impl From<DebitFormat> for DebitVersion {
    fn from(format: DebitFormat) -> Self {
        match format {
            DebitFormat::V02 => Self::V02,
            DebitFormat::V08 => Self::V08,
        }
    }
}

/// What the API keeps as JSON, read as what it means.
#[derive(Clone, Debug)]
pub(crate) struct Terms {
    /// After how many days what failed is tried again, for each time that it did.
    pub(crate) retry_days: Vec<u16>,
    /// How it debits members' accounts, if it does.
    pub(crate) debit: Option<DebitTerms>,
}

/// How a pole debits accounts by files for its bank.
#[derive(Clone, Debug)]
pub(crate) struct DebitTerms {
    pub(crate) creditor_id: CreditorId,
    /// As the bank knows it; as on its documents, if nothing is said.
    pub(crate) name: Option<String>,
    /// The account that is credited; that of its documents, if nothing is said.
    pub(crate) iban: Option<String>,
    pub(crate) bic: Option<String>,
    pub(crate) format: DebitFormat,
    pub(crate) notice_days: u16,
    pub(crate) days_ahead: u16,
    pub(crate) mark_first: bool,
    pub(crate) batch_booking: bool,
}

impl Terms {
    /// Those of a pole; what is usual, if it has said nothing.
    pub(crate) fn of(conn: &mut Db, pole: &PoleId) -> Result<Self, DbError> {
        let row = collection_settings::find(conn, pole)?;
        let read = read(row.as_ref())?.terms();
        read.map_err(|_| unreadable(pole, &"they are no longer valid"))
    }

    /// How it debits accounts.
    ///
    /// # Errors
    /// A [`Problem`] where it has not said how.
    pub(crate) fn debit(&self) -> Result<&DebitTerms, Problem> {
        self.debit.as_ref().ok_or_else(|| {
            Problem::state(say!(
                en "The collection settings name no creditor: nobody can be debited by a file.",
                fr "Les paramètres d’encaissement n’indiquent aucun créancier : aucun prélèvement par fichier n’est possible."
            ))
        })
    }
}

impl Terms {
    /// The pole's account, from which it pays and to which it collects.
    ///
    /// # Errors
    /// A [`Problem`] where there is none, or the bank would not take it.
    pub(crate) fn account(&self, billing: &Settings) -> Result<AccountHolder, Problem> {
        account(self.debit.as_ref(), billing)
    }
}

impl DebitTerms {
    /// Who collects, by name, account and identifier.
    ///
    /// # Errors
    /// A [`Problem`] where there is no account, or the bank would not take it.
    pub(crate) fn creditor(&self, billing: &Settings) -> Result<Creditor, Problem> {
        Ok(Creditor { holder: account(Some(self), billing)?, id: self.creditor_id.clone() })
    }
}

/// The pole's account at its bank: that of its documents, unless it debits members for another.
fn account(debit: Option<&DebitTerms>, billing: &Settings) -> Result<AccountHolder, Problem> {
    let of_documents = billing.account.as_ref();
    let own_name = debit.and_then(|it| it.name.as_deref());
    let own = debit.and_then(|it| it.iban.as_deref());
    let iban = own.or(of_documents.map(|it| it.iban.as_str()));
    let iban = iban.ok_or_else(|| {
        Problem::state(say!(
            en "Neither the collection settings nor the billing settings name an account of the pole.",
            fr "Ni les paramètres d’encaissement ni ceux de facturation n’indiquent de compte du pôle."
        ))
    })?;
    let bic = match (own, debit.and_then(|it| it.bic.as_deref())) {
        (None, None) => of_documents.and_then(|it| it.bic.as_deref()),
        (_, bic) => bic,
    };
    let name = own_name.unwrap_or(&billing.seller.name);
    let holder = AccountHolder::new(name, iban, bic, Some(&billing.seller.address));
    holder.map_err(|found| Problem::invalid(sepa::faults(&found, "/direct_debit")))
}

/// What a row holds; what is usual, if there is none.
pub(crate) fn read(
    row: Option<&CollectionSettingsRow>,
) -> Result<CollectionSettingsInput, DbError> {
    let Some(row) = row else { return Ok(CollectionSettingsInput::default()) };
    serde_json::from_str(&row.document).map_err(|error| unreadable(&row.pole_id, &error))
}

fn unreadable(pole: &PoleId, what: &dyn std::fmt::Display) -> DbError {
    let what = what.to_string();
    DbError::Unreadable { table: "collection_settings", id: pole.to_string(), what }
}

/// Keeps what was given, in place of what there is.
pub(crate) fn store(
    tx: &mut Tx<'_>,
    input: &CollectionSettingsInput,
    version: IfMatch,
) -> Result<Done<CollectionSettingsRow>, Problem> {
    let document = serde_json::to_string(input).map_err(|error| Problem::internal(&error))?;
    let current = collection_settings::find(tx.conn, tx.pole())?;
    version.check(current.as_ref().map_or(0, |row| row.version))?;
    let before = read(current.as_ref())?;
    let next = CollectionSettingsRow {
        pole_id: tx.pole().clone(),
        document,
        automatic: input.automatic,
        version: current.as_ref().map_or(1, |row| row.version.saturating_add(1)),
        created_at: current.as_ref().map_or(tx.at(), |row| row.created_at),
        updated_at: tx.at(),
    };
    match current {
        Some(row) if row.document == next.document => return Ok(tx.unchanged(row)),
        Some(row) => {
            let changed = collection_settings::update(tx.conn, &next, row.version)?;
            changed.then_some(()).ok_or_else(Problem::changed)?;
        }
        None => collection_settings::insert(tx.conn, &next)?,
    }
    let changes = Changes::between(&before, input);
    Ok(tx.done("collection_settings.set", next.pole_id.clone().as_str(), &changes, next)?)
}
