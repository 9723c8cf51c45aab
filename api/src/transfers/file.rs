//! Files of transfers for a pole's bank: what is planned becomes one file, is kept as it was written, and is
//! sent, all in one transaction.
//!
//! Nothing that is in a file is put into another: who asks twice gets the same file. What the bank refused
//! as a whole is called off, and planned again under other names. A provider is paid to the account that is
//! confirmed when the file is made, whatever was on record when the transfer was planned.

use std::collections::{BTreeMap, BTreeSet};

use aws_lc_rs::digest::{SHA256, digest};
use palier_billing::sepa::{
    AccountHolder, CreditTransfers, Remittance, Transfer, TransferVersion, next_business_day,
};
use palier_billing::{Currency, Money, time_zone};
use serde_json::json;

use super::planner::{again, covered};
use super::{Proof, call_off, change, execute, kept};
use crate::collections::debits::{count, in_seconds};
use crate::collections::mandates::named;
use crate::collections::settings::Terms;
use crate::day::Day;
use crate::db::collections::Channel;
use crate::db::poles::{self, PoleRow};
use crate::db::provider_accounts::{self, AccountStatus};
use crate::db::transfer_files::{self, TransferFileRow, TransferFileStatus};
use crate::db::transfers::{self, TransferRow, TransferStatus, Wanted};
use crate::db::{Db, DbError};
use crate::id::TransferFileId;
use crate::invoicing::Settings;
use crate::problem::{Fault, Problem};
use crate::provider_accounts::holder;
use crate::say;
use crate::text::sepa;
use crate::work::{Changes, Tx};

/// How many transfers one file may hold: they are written in one transaction.
const MOST: i64 = 2_000;

/// What file is asked for.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// The last day on which the pole's account is debited by it.
    pub(crate) execute_by: Day,
    pub(crate) version: TransferVersion,
    /// Whether the bank debits a day's transfers as one sum, or each by itself.
    pub(crate) batch_booking: bool,
}

/// A file with what is in it.
#[derive(Clone, Debug)]
pub(crate) struct TransferFile {
    pub(crate) row: TransferFileRow,
    pub(crate) transfers: Vec<TransferRow>,
}

/// What of a file the bank may debit as one sum.
#[derive(Clone, Debug)]
pub(crate) struct Batch<'f> {
    /// What the bank knows it by.
    pub(crate) id: String,
    pub(crate) transfers: Vec<&'f TransferRow>,
}

impl TransferFile {
    /// A file with what is in it.
    pub(crate) fn of(conn: &mut Db, row: TransferFileRow) -> Result<Self, DbError> {
        let wanted = Wanted { file: Some(row.file_id.clone()), ..Wanted::default() };
        let transfers = transfers::page(conn, &row.pole_id, &wanted, None, MOST)?;
        Ok(Self { row, transfers })
    }

    /// Its batches, in their order.
    pub(crate) fn batches(&self) -> Vec<Batch<'_>> {
        let mut batches: BTreeMap<(&Day, &str), Vec<_>> = BTreeMap::new();
        for it in &self.transfers {
            let name = it.batch_id.as_deref().unwrap_or_default();
            batches.entry((&it.execute_on, name)).or_default().push(it);
        }
        let batch = |((_, id), transfers): ((_, &str), _)| Batch { id: id.to_owned(), transfers };
        batches.into_iter().map(batch).collect()
    }
}

/// A transfer that goes into a file.
struct Outgoing {
    row: TransferRow,
    payee: AccountHolder,
    /// As it is kept with the transfer.
    account: Account,
    execute_on: Day,
}

/// An account, as it is kept.
struct Account {
    name: String,
    iban: String,
    bic: Option<String>,
    address: Option<String>,
}

impl Account {
    fn holder(&self) -> Result<AccountHolder, DbError> {
        let more = (self.bic.as_deref(), self.address.as_deref());
        holder((&self.name, &self.iban), more)
    }
}

/// Writes a file of the transfers that are planned up to a day, or gives back the one that was made of them.
///
/// # Errors
/// A [`Problem`] where nothing is planned up to that day, or no account of the pole's is named; the
/// database's.
pub(crate) fn make(
    tx: &mut Tx<'_>,
    pole: &PoleRow,
    asked: &Asked,
) -> Result<TransferFile, Problem> {
    poles::hold(tx.conn, tx.pole())?;
    let today = Day::today(pole, tx.at());
    let outgoing = outgoing(tx, &today, &asked.execute_by)?;
    if outgoing.is_empty() {
        let last = transfer_files::last_of(tx.conn, tx.pole(), &asked.execute_by)?;
        return Ok(TransferFile::of(tx.conn, last.ok_or_else(nothing)?)?);
    }
    let file_id = TransferFileId::new(tx.at());
    let message_id = named("VIR", file_id.as_str());
    let debtor = Terms::of(tx.conn, tx.pole())?.account(&Settings::of(tx.conn, tx.pole())?)?;
    let zone = time_zone(&pole.time_zone).unwrap_or(jiff::tz::TimeZone::UTC);
    let message = CreditTransfers {
        message_id: message_id.clone(),
        created_at: in_seconds(zone.to_datetime(tx.at().timestamp())),
        debtor,
        batch_booking: asked.batch_booking,
        transfers: outgoing.iter().map(Outgoing::written).collect(),
    };
    let body = message.write(asked.version);
    let body = body.map_err(|found| Problem::invalid(sepa::faults(&found, "")))?;
    let sum = Money::sum(Currency::EUR, outgoing.iter().map(|it| it.row.amount()));
    let row = TransferFileRow {
        pole_id: tx.pole().clone(),
        file_id,
        message_id,
        format: asked.version.as_str().to_owned(),
        execute_by: asked.execute_by.clone(),
        status: TransferFileStatus::Sent,
        reason: String::new(),
        payments: count(outgoing.len()),
        amount_minor: sum.map_err(|error| Problem::internal(&error))?.minor(),
        sha256: crate::hex(digest(&SHA256, &body).as_ref()),
        version: 1,
        created_at: tx.at(),
        updated_at: tx.at(),
    };
    transfer_files::insert(tx.conn, &row, &body)?;
    // As the message numbers them: by day.
    let days: BTreeSet<_> = outgoing.iter().map(|it| it.execute_on.clone()).collect();
    let numbers: BTreeMap<_, _> = days.into_iter().zip(1_usize..).collect();
    let mut made = Vec::new();
    for it in outgoing {
        let number = numbers.get(&it.execute_on).copied().unwrap_or_default();
        let next = TransferRow {
            status: TransferStatus::Sent,
            channel: Some(Channel::Bank),
            execute_on: it.execute_on,
            holder: Some(it.account.name),
            number: Some(it.account.iban),
            bic: it.account.bic,
            address: it.account.address,
            external_id: Some(named("TRF", it.row.transfer_id.as_str())),
            file_id: Some(row.file_id.clone()),
            batch_id: Some(format!("{}-{number}", row.message_id)),
            failure_code: None,
            failure_reason: None,
            ..it.row.clone()
        };
        made.push(change(tx, &it.row, next)?);
    }
    tx.note("transfer_file.made", row.file_id.as_str(), &Changes::made(&told(&row)))?;
    Ok(TransferFile { row, transfers: made })
}

impl Outgoing {
    fn written(&self) -> Transfer {
        let reference = &self.row.reference;
        let remittance = reference.parse().map(Remittance::Reference);
        Transfer {
            end_to_end: named("TRF", self.row.transfer_id.as_str()),
            amount: self.row.amount(),
            creditor: self.payee.clone(),
            execute_on: self.execute_on.date(),
            remittance: remittance.unwrap_or_else(|_| Remittance::Text(reference.clone())),
        }
    }
}

/// What is planned up to a day and can be paid, as things stand. What a member's credit does not cover any
/// more is given up; a provider that has no account stays planned, as does one whose account is at Stripe.
fn outgoing(tx: &mut Tx<'_>, today: &Day, execute_by: &Day) -> Result<Vec<Outgoing>, Problem> {
    let earliest = next_business_day(today.date()).map_err(|error| Problem::internal(&error))?;
    let wanted = Wanted {
        status: Some(TransferStatus::Planned),
        // What is late is paid on the next day on which the banks work.
        until: Some(execute_by.clone().max(earliest.into())),
        ..Wanted::default()
    };
    let mut outgoing = Vec::new();
    for row in transfers::page(tx.conn, tx.pole(), &wanted, None, MOST)? {
        let Some(account) = account(tx, &row)? else { continue };
        if let Some(member) = &row.member_id {
            let but = Some(&row.transfer_id);
            if covered(tx.conn, tx.pole(), (member, but))? < row.amount_minor {
                let why = say!(
                    en "The member’s credit does not cover it any more.",
                    fr "Le crédit du membre n’y suffit plus."
                );
                call_off(tx, &row, kept(&why))?;
                continue;
            }
        }
        let execute_on = row.execute_on.clone().max(earliest.into());
        outgoing.push(Outgoing { payee: account.holder()?, account, execute_on, row });
    }
    Ok(outgoing)
}

/// To which account at a bank a transfer goes.
fn account(tx: &mut Tx<'_>, row: &TransferRow) -> Result<Option<Account>, DbError> {
    let Some(provider) = &row.provider_id else {
        let kept = row.holder.clone().zip(row.number.clone());
        return Ok(kept.map(|(name, iban)| Account {
            name,
            iban,
            bic: row.bic.clone(),
            address: row.address.clone(),
        }));
    };
    let confirmed = (provider, AccountStatus::Confirmed);
    let found = provider_accounts::of_provider(tx.conn, tx.pole(), confirmed)?;
    let found = found.filter(|it| it.channel == Channel::Bank);
    Ok(found.map(|it| Account {
        name: it.holder,
        iban: it.number,
        bic: it.bic,
        address: it.address,
    }))
}

/// Says that the bank executed a file on a day, as far as it is on its way.
///
/// # Errors
/// A [`Problem`] where nothing of it is any more; the database's.
pub(crate) fn settle(
    tx: &mut Tx<'_>,
    file: TransferFileRow,
    on: &Day,
) -> Result<TransferFile, Problem> {
    poles::hold(tx.conn, tx.pole())?;
    let whole = TransferFile::of(tx.conn, file)?;
    let sent = whole.transfers.into_iter().filter(|it| it.status == TransferStatus::Sent);
    let sent: Vec<_> = sent.collect();
    if sent.is_empty() {
        let detail = say!(en "Nothing of it is on its way any more.",
            fr "Plus rien n’en est en cours.");
        return Err(Problem::conflict(Fault::body("", "settled", detail)));
    }
    for row in sent {
        by_hand(tx, &row, on)?;
    }
    Ok(TransferFile::of(tx.conn, whole.row)?)
}

/// Says that a transfer was executed on a day, by its file or otherwise.
///
/// # Errors
/// A [`Problem`] where it is over, or its day had not come then; the database's.
pub(crate) fn by_hand(
    tx: &mut Tx<'_>,
    row: &TransferRow,
    on: &Day,
) -> Result<TransferRow, Problem> {
    if row.status == TransferStatus::Sent && *on < row.execute_on {
        let day = &row.execute_on;
        let detail = say!(
            en "The bank executes it on {day}: it cannot have done so before.",
            fr "La banque l’exécute le {day} : elle n’a pu le faire avant."
        );
        return Err(Problem::invalid(vec![Fault::body("/paid_on", "before_execution", detail)]));
    }
    if row.status == TransferStatus::Sent {
        unless_at_stripe(row)?;
    }
    execute(tx, row, on, Proof::Said)
}

/// What Stripe does is not for people to say.
///
/// # Errors
/// A [`Problem`] where Stripe has it.
pub(crate) fn unless_at_stripe(row: &TransferRow) -> Result<(), Problem> {
    if row.channel != Some(Channel::Stripe) {
        return Ok(());
    }
    let detail = say!(
        en "Stripe was asked for it, and says itself what becomes of it.",
        fr "Stripe en est chargé, et dit lui-même ce qu’il en advient."
    );
    Err(Problem::conflict(Fault::body("", "at_stripe", detail)))
}

/// Calls a file off that the bank refused as a whole, or never got: what was in it is planned again, under
/// other names.
///
/// # Errors
/// A [`Problem`] where it was called off already, or any of it was carried out; the database's.
pub(crate) fn recall(
    tx: &mut Tx<'_>,
    pole: &PoleRow,
    file: &TransferFileRow,
    reason: &str,
) -> Result<TransferFile, Problem> {
    poles::hold(tx.conn, tx.pole())?;
    if file.status == TransferFileStatus::Cancelled {
        let detail = say!(en "It was called off already.", fr "Il est déjà annulé.");
        return Err(Problem::conflict(Fault::body("", "cancelled", detail)));
    }
    let whole = TransferFile::of(tx.conn, file.clone())?;
    if whole.transfers.iter().any(|it| it.executed_on.is_some()) {
        let detail = say!(
            en "The bank has carried some of it out.",
            fr "La banque en a exécuté une partie."
        );
        return Err(Problem::conflict(Fault::body("", "carried_out", detail)));
    }
    let version = file.version;
    let next = TransferFileRow {
        status: TransferFileStatus::Cancelled,
        reason: reason.to_owned(),
        version: version.saturating_add(1),
        updated_at: tx.at(),
        ..file.clone()
    };
    if !transfer_files::update(tx.conn, &next, version)? {
        return Err(Problem::changed());
    }
    let today = Day::today(pole, tx.at());
    // What was rejected by itself is not planned again with the rest.
    for row in whole.transfers.into_iter().filter(|it| it.status == TransferStatus::Sent) {
        call_off(tx, &row, reason.to_owned())?;
        again(tx, row, &today)?;
    }
    let changes = Changes::between(&told(file), &told(&next));
    tx.note("transfer_file.cancelled", next.file_id.as_str(), &changes)?;
    Ok(TransferFile::of(tx.conn, next)?)
}

/// What the audit log says of one.
fn told(row: &TransferFileRow) -> serde_json::Value {
    let amount = Money::from_minor(row.amount_minor, Currency::EUR).to_string();
    json!({
        "message": row.message_id, "format": row.format, "execute_by": row.execute_by,
        "status": row.status, "reason": row.reason, "payments": row.payments, "amount": amount,
        "sha256": row.sha256,
    })
}

fn nothing() -> Problem {
    let detail = say!(
        en "Nothing is planned up to that day whose payee has an account.",
        fr "Rien n’est prévu jusqu’à ce jour dont le bénéficiaire ait un compte."
    );
    Problem::conflict(Fault::body("/execute_by", "nothing", detail))
}
