//! Planning: which bills are paid, on which day, and what goes back to members.

use palier_billing::Money;
use palier_billing::sepa::{is_business_day, next_business_day};

use super::told;
use crate::collections::mandates::of_row;
use crate::day::Day;
use crate::db::bills::{self, BillRow, BillStatus};
use crate::db::collections::Channel;
use crate::db::means::{self, MeansKind};
use crate::db::provider_accounts::{self, AccountStatus};
use crate::db::transfers::{self, TransferKind, TransferRow, TransferStatus};
use crate::db::{Db, DbError, members, payments, poles, stripe};
use crate::id::{MemberId, PoleId, TransferId};
use crate::problem::{Fault, Problem};
use crate::provider_accounts::Given;
use crate::say;
use crate::text::Text;
use crate::work::{Changes, Tx};

/// How many bills are planned at once, or a few more: they are written in one transaction.
const MOST: usize = 2_000;
/// How many are read at once.
const STEP: i64 = 500;

/// What is to be planned, or was.
#[derive(Clone, Debug)]
pub(crate) struct Planned {
    pub(crate) due_by: Day,
    pub(crate) dry_run: bool,
    pub(crate) transfers: Vec<Chosen>,
    pub(crate) left_out: Vec<LeftOut>,
}

/// A bill that is paid.
#[derive(Clone, Debug)]
pub(crate) struct Chosen {
    pub(crate) bill: BillRow,
    pub(crate) execute_on: Day,
    /// By whom, as things stand.
    pub(crate) channel: Channel,
    /// Once it is planned.
    pub(crate) made: Option<TransferRow>,
}

/// A bill that is not paid though it is due.
#[derive(Clone, Debug)]
pub(crate) struct LeftOut {
    pub(crate) bill: BillRow,
    pub(crate) why: Why,
}

/// Why a bill is not paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// Nobody has confirmed an account of its provider.
    NoAccount,
    /// Its provider is paid at Stripe, where the pole has no account.
    NotAtStripe,
    /// Transfers are in euros.
    OtherCurrency,
}

impl Why {
    /// The word for it.
    pub(crate) const fn code(self) -> &'static str {
        match self {
            Self::NoAccount => "no_account",
            Self::NotAtStripe => "not_at_stripe",
            Self::OtherCurrency => "other_currency",
        }
    }

    /// In words.
    pub(crate) fn text(self) -> Text {
        match self {
            Self::NoAccount => say!(
                en "No account of the provider is confirmed.",
                fr "Aucun compte du fournisseur n’est confirmé."
            ),
            Self::NotAtStripe => say!(
                en "The provider is paid at Stripe, where the pole has no account.",
                fr "Le fournisseur est payé chez Stripe, où le pôle n’a pas de compte."
            ),
            Self::OtherCurrency => {
                say!(en "Transfers are in euros.", fr "Les virements sont en euros.")
            }
        }
    }
}

/// What is due by a day and is paid by nothing yet, and how it would be.
pub(crate) fn choose(
    conn: &mut Db,
    pole: &PoleId,
    (today, due_by): (&Day, &Day),
) -> Result<Planned, Problem> {
    let wanted = bills::Wanted {
        provider: None,
        status: Some(BillStatus::Open),
        due_by: Some(due_by.clone()),
        unplanned: true,
    };
    let mut planned = Planned {
        due_by: due_by.clone(),
        dry_run: true,
        transfers: Vec::new(),
        left_out: Vec::new(),
    };
    let mut after: Option<String> = None;
    // What has to be left out keeps nothing behind it from being paid.
    while planned.transfers.len() < MOST {
        let bills = bills::page(conn, pole, &wanted, after.as_deref(), STEP)?;
        let Some(last) = bills.last() else { break };
        after = Some(last.bill_id.to_string());
        for bill in bills {
            match channel(conn, pole, &bill)? {
                Err(why) => planned.left_out.push(LeftOut { bill, why }),
                Ok(channel) => {
                    let execute_on = execution(today, &bill.due_on)?;
                    planned.transfers.push(Chosen { bill, execute_on, channel, made: None });
                }
            }
        }
    }
    Ok(planned)
}

/// By whom a bill can be paid, or why it cannot be.
fn channel(conn: &mut Db, pole: &PoleId, bill: &BillRow) -> Result<Result<Channel, Why>, DbError> {
    if bill.currency != "EUR" {
        return Ok(Err(Why::OtherCurrency));
    }
    let confirmed = (&bill.provider_id, AccountStatus::Confirmed);
    let account = provider_accounts::of_provider(conn, pole, confirmed)?;
    Ok(match account.map(|it| it.channel) {
        None => Err(Why::NoAccount),
        Some(Channel::Stripe) if stripe::account(conn, pole)?.is_none() => Err(Why::NotAtStripe),
        Some(channel) => Ok(channel),
    })
}

/// The last business day by which something is due, or the next there is.
fn execution(today: &Day, due_on: &Day) -> Result<Day, Problem> {
    let ended = |error: palier_billing::Error| Problem::internal(&error);
    let earliest = next_business_day(today.date()).map_err(ended)?;
    let mut day = due_on.date();
    while day > earliest && !is_business_day(day) {
        day = day.yesterday().unwrap_or(earliest);
    }
    Ok(day.max(earliest).into())
}

/// Plans what is due by a day and is paid by nothing yet. It can be called again: nothing is planned twice.
///
/// # Errors
/// The database's.
pub(crate) fn plan(tx: &mut Tx<'_>, (today, due_by): (&Day, &Day)) -> Result<Planned, Problem> {
    // What is on its way is read before it is written.
    poles::hold(tx.conn, tx.pole())?;
    let mut planned = choose(tx.conn, tx.pole(), (today, due_by))?;
    planned.dry_run = false;
    for it in &mut planned.transfers {
        let bill = it.bill.clone();
        let reference = bill.reference.clone().unwrap_or_else(|| bill.number.clone());
        let row = TransferRow {
            provider_id: Some(bill.provider_id.clone()),
            bill_id: Some(bill.bill_id.clone()),
            ..blank(tx, TransferKind::Bill, (bill.total(), it.execute_on.clone()), reference)
        };
        it.made = Some(add(tx, row)?);
    }
    Ok(planned)
}

/// A member's credit that is to be paid back.
#[derive(Clone, Debug)]
pub(crate) struct PayBack {
    pub(crate) member: MemberId,
    pub(crate) amount: Money,
    pub(crate) reference: String,
    /// The account; that of the mandate by which the member is collected, if none is given.
    pub(crate) account: Option<Given>,
}

/// Plans to pay a member's credit back.
///
/// # Errors
/// A [`Problem`] where there is not so much, or no account; the database's.
pub(crate) fn pay_back(
    tx: &mut Tx<'_>,
    today: &Day,
    wanted: PayBack,
) -> Result<TransferRow, Problem> {
    poles::hold(tx.conn, tx.pole())?;
    let PayBack { member, amount, reference, account } = wanted;
    let fault = |at: &str, code, detail| Problem::invalid(vec![Fault::body(at, code, detail)]);
    if members::find(tx.conn, tx.pole(), &member)?.is_none() {
        let detail = say!(en "There is no such member.", fr "Ce membre n’existe pas.");
        return Err(fault("/member", "unknown_member", detail));
    }
    if amount.currency().code() != "EUR" {
        return Err(fault("/amount", "other_currency", Why::OtherCurrency.text()));
    }
    let left = covered(tx.conn, tx.pole(), (&member, None))?;
    if amount.minor() > left {
        let left = Money::from_minor(left, amount.currency());
        let detail = say!(
            en "It takes more than the member’s credit, {left}.",
            fr "Cela dépasse le crédit du membre, {left}."
        );
        return Err(Problem::conflict(Fault::body("/amount", "no_credit", detail)));
    }
    let account = match account {
        Some(account) => account,
        None => of_mandate(tx, &member)?,
    };
    let known = account.account().map_err(Problem::invalid)?;
    let execute_on = execution(today, today)?;
    let row = TransferRow {
        member_id: Some(member),
        holder: Some(account.name.clone()),
        number: Some(known.iban().to_string()),
        bic: known.bic().map(ToString::to_string),
        address: account.kept_address()?,
        ..blank(tx, TransferKind::Credit, (amount, execute_on), reference)
    };
    add(tx, row)
}

/// What of a member's credit is not going back to it already, but by this one.
pub(super) fn covered(
    conn: &mut Db,
    pole: &PoleId,
    (member, but): (&MemberId, Option<&TransferId>),
) -> Result<i64, Problem> {
    let credit = payments::credit(conn, pole, member, "EUR")?;
    let going = transfers::going_back(conn, pole, member)?;
    let going = going.iter().filter(|it| but != Some(&it.transfer_id)).map(|it| it.amount_minor);
    Ok(credit.saturating_sub(going.fold(0, i64::saturating_add)))
}

/// The account that a member lets be debited.
fn of_mandate(tx: &mut Tx<'_>, member: &MemberId) -> Result<Given, Problem> {
    let means = means::default_of(tx.conn, tx.pole(), member)?;
    let Some(means) = means.filter(|it| it.kind == MeansKind::Mandate) else {
        let detail = say!(
            en "The member has signed no mandate: give its account.",
            fr "Le membre n’a signé aucun mandat : indiquez son compte."
        );
        return Err(Problem::invalid(vec![Fault::body("/account", "required", detail)]));
    };
    let (_, details) = of_row(&means)?;
    Ok(Given {
        name: details.debtor,
        iban: details.iban,
        bic: details.bic,
        address: details.address,
    })
}

/// A transfer that is planned, but for whom.
fn blank(
    tx: &Tx<'_>,
    kind: TransferKind,
    (amount, execute_on): (Money, Day),
    reference: String,
) -> TransferRow {
    TransferRow {
        pole_id: tx.pole().clone(),
        transfer_id: TransferId::new(tx.at()),
        kind,
        provider_id: None,
        bill_id: None,
        member_id: None,
        status: TransferStatus::Planned,
        currency: amount.currency().code().to_owned(),
        amount_minor: amount.minor(),
        execute_on,
        channel: None,
        reference,
        holder: None,
        number: None,
        bic: None,
        address: None,
        external_id: None,
        file_id: None,
        batch_id: None,
        failure_code: None,
        failure_reason: None,
        executed_on: None,
        movement_id: None,
        payment_id: None,
        journal: None,
        year: None,
        seq: None,
        back_year: None,
        back_seq: None,
        version: 1,
        created_at: tx.at(),
        updated_at: tx.at(),
    }
}

fn add(tx: &mut Tx<'_>, row: TransferRow) -> Result<TransferRow, Problem> {
    transfers::insert(tx.conn, &row)?;
    tx.note("transfer.planned", row.transfer_id.as_str(), &Changes::made(&told(&row)))?;
    Ok(row)
}

/// Plans what was in a file once more that the bank did not carry out.
pub(super) fn again(tx: &mut Tx<'_>, of: TransferRow, today: &Day) -> Result<(), Problem> {
    let execute_on = execution(today, &of.execute_on)?;
    let fresh = blank(tx, of.kind, (of.amount(), execute_on), of.reference.clone());
    let row = match of.kind {
        // Its account is looked up when the file is made.
        TransferKind::Bill => {
            TransferRow { provider_id: of.provider_id, bill_id: of.bill_id, ..fresh }
        }
        TransferKind::Credit => TransferRow {
            member_id: of.member_id,
            holder: of.holder,
            number: of.number,
            bic: of.bic,
            address: of.address,
            ..fresh
        },
    };
    add(tx, row).map(drop)
}
