//! Mandates: what lets a pole debit a member's account by a file for its bank.

use palier_billing::sepa::{Mandate, MandateForm, MandateKind, MandateUse, Scheme};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::no_default;
use crate::day::Day;
use crate::db::collections;
use crate::db::debit_files::MandateScheme;
use crate::db::means::{self, MeansKind, MeansRow, MeansStatus};
use crate::db::members::{self, MemberRow};
use crate::db::{Db, DbError, poles, words};
use crate::id::{MeansId, MemberId, PoleId};
use crate::party::{self, AddressInput};
use crate::problem::{Fault, Problem};
use crate::say;
use crate::text::sepa;
use crate::work::{Changes, Done, Tx};

words! {
    /// How often a mandate may be used.
    pub(crate) enum MandateUsage {
        /// Until it is revoked, or not used for 36 months.
        Recurrent = "recurrent",
        /// Once.
        OneOff = "one_off",
    }
}

/// What is known of a mandate, but for its reference.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct MandateDetails {
    pub(crate) scheme: MandateScheme,
    pub(crate) usage: MandateUsage,
    pub(crate) signed_on: Day,
    /// Who signed.
    pub(crate) debtor: String,
    pub(crate) iban: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) bic: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) address: Option<AddressInput>,
}

/// A mandate that is to be recorded.
#[derive(Clone, Debug)]
pub(crate) struct Signed {
    pub(crate) member: MemberId,
    /// As it stands on the mandate; one is made, if there is none.
    pub(crate) reference: Option<String>,
    pub(crate) details: MandateDetails,
}

impl From<MandateScheme> for Scheme {
    fn from(scheme: MandateScheme) -> Self {
        match scheme {
            MandateScheme::Core => Self::Core,
            MandateScheme::B2b => Self::B2b,
        }
    }
}

impl From<Scheme> for MandateScheme {
    fn from(scheme: Scheme) -> Self {
        match scheme {
            Scheme::Core => Self::Core,
            Scheme::B2b => Self::B2b,
        }
    }
}

impl MandateDetails {
    /// The mandate, under its reference.
    ///
    /// # Errors
    /// All that is wrong with it, by the fields of the API.
    pub(crate) fn mandate(&self, reference: &str) -> Result<Mandate, Vec<Fault>> {
        let mut faults = Vec::new();
        let address = self.address.as_ref().map(party::address).transpose();
        let address = address.unwrap_or_else(|wrong| {
            faults.extend(wrong.into_iter().map(|it| {
                let at = format!("/address/{}", it.field);
                Fault::body(at, it.error.code(), (&it.error).into())
            }));
            None
        });
        let kind = match self.usage {
            MandateUsage::Recurrent => MandateKind::Recurrent,
            MandateUsage::OneOff => MandateKind::OneOff,
        };
        let read = Mandate::new(MandateForm {
            reference,
            scheme: self.scheme.into(),
            kind,
            signed_on: self.signed_on.date(),
            debtor: &self.debtor,
            iban: &self.iban,
            bic: self.bic.as_deref(),
            address: address.as_ref(),
        });
        let read = read.map_err(|found| faults.extend(sepa::faults(&found, ""))).ok();
        read.filter(|_| faults.is_empty()).ok_or(faults)
    }
}

/// The mandate of a row, with what is known of it.
pub(crate) fn of_row(row: &MeansRow) -> Result<(Mandate, MandateDetails), DbError> {
    let wrong = |what: &dyn std::fmt::Display| DbError::Unreadable {
        table: "payment_means",
        id: row.means_id.to_string(),
        what: what.to_string(),
    };
    let details: MandateDetails =
        serde_json::from_str(&row.details).map_err(|error| wrong(&error))?;
    let reference = row.external_id.as_deref().unwrap_or_default();
    let mandate = details.mandate(reference).map_err(|_| wrong(&"it is no mandate"))?;
    Ok((mandate, details))
}

/// How a mandate was used: what the bank refused with a whole file does not count.
pub(crate) fn used(conn: &mut Db, pole: &PoleId, means: &MeansId) -> Result<MandateUse, DbError> {
    let last = collections::last_sent(conn, pole, means)?;
    Ok(MandateUse { last_collected_on: last.map(|day| day.date()), is_spent: false })
}

/// The last day on which a mandate can be used.
pub(crate) fn expires_on(mandate: &Mandate, used: MandateUse) -> Option<Day> {
    mandate.expires_on(used).ok().map(Day::from)
}

/// An account's number as anybody may see it: its country and check digits, and its last four.
pub(crate) fn masked(iban: &str) -> String {
    let plain: String = iban.chars().filter(|it| !it.is_whitespace()).collect();
    let head: String = plain.chars().take(4).collect();
    let tail: Vec<char> = plain.chars().rev().take(4).collect();
    let tail: String = tail.into_iter().rev().collect();
    format!("{head} •••• {tail}")
}

/// Records a mandate that a member has signed. It is what the member is collected by, unless it is
/// collected by another already.
///
/// # Errors
/// A [`Problem`] where it is no mandate, or its reference is another's; the database's.
pub(crate) fn sign(
    tx: &mut Tx<'_>,
    today: &Day,
    signed: Signed,
) -> Result<Done<MeansRow>, Problem> {
    poles::hold(tx.conn, tx.pole())?;
    let Signed { member, reference, details } = signed;
    let member = members::find(tx.conn, tx.pole(), &member)?;
    let member = member.ok_or_else(|| {
        invalid(
            "/member",
            "unknown_member",
            say!(
                en "There is no such member.", fr "Ce membre n’existe pas."
            ),
        )
    })?;
    let means_id = MeansId::new(tx.at());
    let reference = reference.unwrap_or_else(|| named("RUM", means_id.as_str()));
    let mandate = details.mandate(&reference).map_err(Problem::invalid)?;
    check(&member, &details, today)?;
    if means::is_reference(tx.conn, tx.pole(), &reference)? {
        let detail = say!(
            en "Another mandate has this reference.",
            fr "Un autre mandat porte cette référence."
        );
        return Err(Problem::conflict(Fault::body("/reference", "duplicate", detail)));
    }
    // As banks read it: in capitals, without spaces.
    let details = MandateDetails { iban: mandate.debtor().iban().to_string(), ..details };
    let others = means::default_of(tx.conn, tx.pole(), &member.member_id)?;
    let row = MeansRow {
        pole_id: tx.pole().clone(),
        means_id,
        member_id: member.member_id,
        kind: MeansKind::Mandate,
        status: MeansStatus::Active,
        is_default: others.is_none(),
        label: format!("Prélèvement {}", masked(&details.iban)),
        details: serde_json::to_string(&details).map_err(|error| Problem::internal(&error))?,
        external_id: Some(reference),
        reason: String::new(),
        version: 1,
        created_at: tx.at(),
        updated_at: tx.at(),
    };
    means::insert(tx.conn, &row)?;
    let changes = Changes::made(&told(&row));
    Ok(tx.done("payment_means.recorded", row.means_id.clone().as_str(), &changes, row)?)
}

/// What the rules want besides what a mandate is by itself.
fn check(member: &MemberRow, details: &MandateDetails, today: &Day) -> Result<(), Problem> {
    let mut faults = Vec::new();
    if details.signed_on > *today {
        let detail = say!(en "The day has not come yet.", fr "Ce jour n’est pas encore venu.");
        faults.push(Fault::body("/signed_on", "in_future", detail));
    }
    let is_company = member.siren.is_some() || member.vat_number.is_some();
    if details.scheme == MandateScheme::B2b && !is_company {
        let detail = say!(
            en "Only a company can be debited under B2B; the member has neither SIREN nor VAT number.",
            fr "Le prélèvement B2B est réservé aux entreprises ; le membre n’a ni SIREN ni numéro de TVA."
        );
        faults.push(Fault::body("/scheme", "not_a_company", detail));
    }
    if faults.is_empty() { Ok(()) } else { Err(Problem::invalid(faults)) }
}

/// An id as banks take it.
pub(crate) fn named(prefix: &str, id: &str) -> String {
    let body = id.split_once('_').map_or(id, |(_, body)| body);
    format!("{prefix}-{}", body.to_ascii_uppercase())
}

/// Collects what a member owes by this one from now on.
///
/// # Errors
/// A [`Problem`] where it cannot be used; the database's.
pub(crate) fn make_default(tx: &mut Tx<'_>, row: MeansRow) -> Result<Done<MeansRow>, Problem> {
    if row.status != MeansStatus::Active {
        return Err(Problem::conflict(Fault::body(
            "",
            "not_active",
            say!(
                en "It cannot be used: it has ended, or the member has not agreed yet.",
                fr "Il est inutilisable : il a pris fin, ou le membre n’a pas encore donné son accord."
            ),
        )));
    }
    if row.is_default {
        return Ok(tx.unchanged(row));
    }
    no_default(tx, &row.member_id)?;
    let row = change(tx, MeansRow { is_default: true, ..row })?;
    let changes = Changes::made(&told(&row));
    Ok(tx.done("payment_means.default", row.means_id.clone().as_str(), &changes, row)?)
}

/// Ends one: the member has revoked it, or nobody shall use it any more. What was planned by it is
/// given up; what is on its way goes on.
///
/// # Errors
/// A [`Problem`] where it has ended; the database's.
pub(crate) fn end(
    tx: &mut Tx<'_>,
    row: MeansRow,
    reason: String,
) -> Result<Done<MeansRow>, Problem> {
    if row.status == MeansStatus::Ended {
        let detail = say!(en "It has ended already.", fr "Il a déjà pris fin.");
        return Err(Problem::conflict(Fault::body("", "ended", detail)));
    }
    super::no_more_by(tx, &row, &reason)?;
    let ended = MeansRow { status: MeansStatus::Ended, is_default: false, reason, ..row };
    let row = change(tx, ended)?;
    let changes = Changes::made(&told(&row));
    Ok(tx.done("payment_means.ended", row.means_id.clone().as_str(), &changes, row)?)
}

fn change(tx: &mut Tx<'_>, row: MeansRow) -> Result<MeansRow, Problem> {
    let version = row.version;
    let row = MeansRow { version: version.saturating_add(1), updated_at: tx.at(), ..row };
    if means::update(tx.conn, &row, version)? { Ok(row) } else { Err(Problem::changed()) }
}

/// What the audit log says of one: the account stays out of it.
fn told(row: &MeansRow) -> serde_json::Value {
    json!({
        "member": row.member_id, "kind": row.kind, "status": row.status, "label": row.label,
        "reference": row.external_id, "is_default": row.is_default, "reason": row.reason,
    })
}

fn invalid(pointer: &str, code: &'static str, detail: crate::text::Text) -> Problem {
    Problem::invalid(vec![Fault::body(pointer, code, detail)])
}
