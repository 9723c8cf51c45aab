//! What members owe on a day: by how long it has been due, document by document, and on the whole.

use jiff::civil::Date;
use palier_billing::matching::OpenItem;
use palier_billing::reports::{AgedRow, aged_receivables};
use palier_billing::{Currency, Money};
use serde::Serialize;
use utoipa::ToSchema;

use super::facts::{Document, Facts};
use super::{Report, unreadable};
use crate::day::Day;
use crate::db::invoices::InvoiceKind;
use crate::db::poles::PoleRow;
use crate::db::{Db, DbError};
use crate::id::{InvoiceId, MemberId};
use crate::say;
use crate::sheet::{Cell, Sheet, columns};

/// What members owe on a day, by how long it has been due (*balance âgée*).
///
/// What settles a document counts from the day on which it was booked.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct AgedReceivables {
    /// The day, at its end.
    as_of: Day,
    /// ISO 4217 code of all amounts.
    #[schema(example = "EUR")]
    currency: &'static str,
    /// Each member that owes anything or has anything to its credit, by code.
    members: Vec<AgedMember>,
    /// All of them together: what the accounts of customers stand at.
    total: AgedSums,
}

/// What a member owes.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct AgedMember {
    member: MemberId,
    /// The member's code.
    #[schema(example = "forge")]
    code: String,
    /// Its name.
    name: String,
    #[serde(flatten)]
    sums: AgedSums,
}

/// Amounts by how long they have been due.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub(crate) struct AgedSums {
    /// Not due yet: its due date is the day itself, or later.
    #[schema(value_type = String, example = "120.00")]
    pub(crate) not_due: Money,
    /// 1 to 30 days late.
    #[schema(value_type = String, example = "0.00")]
    pub(crate) days_1_to_30: Money,
    /// 31 to 60 days late.
    #[schema(value_type = String, example = "0.00")]
    pub(crate) days_31_to_60: Money,
    /// 61 to 90 days late.
    #[schema(value_type = String, example = "0.00")]
    pub(crate) days_61_to_90: Money,
    /// More than 90 days late.
    #[schema(value_type = String, example = "0.00")]
    pub(crate) over_90_days: Money,
    /// In the member's favour, below zero: credit notes that settle nothing yet, payments on account.
    #[schema(value_type = String, example = "-20.00")]
    pub(crate) credits: Money,
    /// All of it together.
    #[schema(value_type = String, example = "100.00")]
    pub(crate) total: Money,
}

impl From<&AgedRow> for AgedSums {
    fn from(row: &AgedRow) -> Self {
        Self {
            not_due: row.not_due,
            days_1_to_30: row.days_1_to_30,
            days_31_to_60: row.days_31_to_60,
            days_61_to_90: row.days_61_to_90,
            over_90_days: row.over_90_days,
            credits: row.credits,
            total: row.total,
        }
    }
}

impl AgedSums {
    fn cells(&self) -> [Cell; 7] {
        let Self { not_due, days_1_to_30, days_31_to_60, days_61_to_90, over_90_days, .. } = *self;
        let late = [days_1_to_30, days_31_to_60, days_61_to_90, over_90_days];
        let [first, second, third, fourth] = late.map(Cell::Money);
        let ends = (Cell::Money(self.credits), Cell::Money(self.total));
        [Cell::Money(not_due), first, second, third, fourth, ends.0, ends.1]
    }
}

impl AgedReceivables {
    /// What members owe at the end of a day.
    pub(crate) fn read(conn: &mut Db, pole: &PoleRow, as_of: Date) -> Result<Self, DbError> {
        let facts = Facts::until(conn, &pole.pole_id, pole.currency(), as_of)?;
        Self::of(&facts, pole.currency(), as_of)
    }

    pub(super) fn of(facts: &Facts, currency: Currency, as_of: Date) -> Result<Self, DbError> {
        let mut items = Vec::new();
        for (id, open) in facts.open()? {
            let Some(document) = facts.documents.get(id) else { continue };
            items.push(item(document, open));
        }
        // Money that settles nothing has no age: nobody is late with it.
        items.extend(facts.credits().into_iter().map(|(member, credit)| OpenItem {
            document: String::new(),
            member: member.to_string(),
            due_on: as_of,
            total: Money::from_minor(credit.saturating_neg(), currency),
            open: Money::from_minor(credit.saturating_neg(), currency),
        }));
        let aged = aged_receivables(currency, as_of, &items);
        let aged = aged.map_err(|error| unreadable(&error))?;
        let members = aged.rows.iter().map(|row| {
            let member: MemberId = row.member.parse().map_err(|error| unreadable(&error))?;
            let (code, name) = facts.named(&member);
            Ok::<_, DbError>(AgedMember { member, code, name, sums: row.into() })
        });
        let mut members = members.collect::<Result<Vec<_>, _>>()?;
        members.sort_by(|one, other| one.code.cmp(&other.code));
        let total = AgedSums::from(&aged.total);
        Ok(Self { as_of: as_of.into(), currency: currency.code(), members, total })
    }

    /// How many members have something in their favour, and what it comes to.
    pub(crate) fn credits(&self) -> (u64, Money) {
        let members = self.members.iter().filter(|it| !it.sums.credits.is_zero()).count();
        (u64::try_from(members).unwrap_or(u64::MAX), self.total.credits)
    }

    /// All of it together.
    pub(crate) const fn total(&self) -> Money {
        self.total.total
    }
}

fn item(document: &Document, open: Money) -> OpenItem {
    OpenItem {
        document: document.number.clone(),
        member: document.member.to_string(),
        due_on: document.due_on,
        total: document.total,
        open,
    }
}

impl Report for AgedReceivables {
    fn sheet(&self) -> Sheet {
        let row = |it: &AgedMember| {
            let who = [Cell::text(&it.code), Cell::text(&it.name)];
            who.into_iter().chain(it.sums.cells()).collect()
        };
        let total = [Cell::Empty, Cell::Empty].into_iter().chain(self.total.cells());
        Sheet {
            name: format!("aged-receivables-{}", self.as_of),
            title: say!(en "Aged receivables", fr "Balance âgée"),
            columns: columns![
                "code" "Code" "Code", "name" "Member" "Membre", "not_due" "Not due" "Non échu",
                "days_1_to_30" "1–30 days" "1–30 jours",
                "days_31_to_60" "31–60 days" "31–60 jours",
                "days_61_to_90" "61–90 days" "61–90 jours",
                "over_90_days" "Over 90 days" "Plus de 90 jours",
                "credits" "Credits" "Avoirs et acomptes", "total" "Total" "Total",
            ],
            rows: self.members.iter().map(row).collect(),
            total: Some(total.collect()),
        }
    }
}

/// Final documents that were not settled at the end of a day, the oldest due first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct OpenDocuments {
    /// The day, at its end.
    as_of: Day,
    /// ISO 4217 code of all amounts.
    #[schema(example = "EUR")]
    currency: &'static str,
    /// A document each.
    documents: Vec<OpenDocument>,
    /// What is open of all of them.
    #[schema(value_type = String, example = "120.00")]
    open: Money,
}

/// A document that was not settled.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct OpenDocument {
    invoice: InvoiceId,
    /// Its number.
    #[schema(example = "FA-2026-000123")]
    number: String,
    kind: InvoiceKind,
    member: MemberId,
    /// The member's code.
    #[schema(example = "forge")]
    code: String,
    /// Its name.
    name: String,
    issued_on: Day,
    /// The day by which it is to be paid.
    due_on: Day,
    /// For how many days it has been due; 0 until then.
    days_late: u64,
    /// What it came to with VAT; below zero for a credit note.
    #[schema(value_type = String, example = "120.00")]
    total: Money,
    /// What of it is not settled, with the same sign.
    #[schema(value_type = String, example = "120.00")]
    open: Money,
}

impl OpenDocuments {
    /// What is open at the end of a day.
    pub(crate) fn read(conn: &mut Db, pole: &PoleRow, as_of: Date) -> Result<Self, DbError> {
        let currency = pole.currency();
        let facts = Facts::until(conn, &pole.pole_id, currency, as_of)?;
        let mut documents = Vec::new();
        for (id, open) in facts.open()? {
            let Some(document) = facts.documents.get(id) else { continue };
            let (code, name) = facts.named(&document.member);
            let late = document.due_on.duration_until(as_of).as_hours() / 24;
            documents.push(OpenDocument {
                invoice: id.clone(),
                number: document.number.clone(),
                kind: document.kind,
                member: document.member.clone(),
                code,
                name,
                issued_on: document.issued_on.into(),
                due_on: document.due_on.into(),
                days_late: u64::try_from(late).unwrap_or_default(),
                total: document.total,
                open,
            });
        }
        documents
            .sort_by(|one, other| (&one.due_on, &one.number).cmp(&(&other.due_on, &other.number)));
        let open = Money::sum(currency, documents.iter().map(|it| it.open));
        let open = open.map_err(|error| unreadable(&error))?;
        Ok(Self { as_of: as_of.into(), currency: currency.code(), documents, open })
    }
}

impl Report for OpenDocuments {
    fn sheet(&self) -> Sheet {
        let row = |it: &OpenDocument| {
            vec![
                Cell::text(&it.number),
                Cell::text(it.kind.as_str()),
                Cell::text(&it.code),
                Cell::text(&it.name),
                Cell::Day(it.issued_on.date()),
                Cell::Day(it.due_on.date()),
                Cell::Count(it.days_late),
                Cell::Money(it.total),
                Cell::Money(it.open),
            ]
        };
        let mut total = vec![Cell::Empty; 8];
        total.push(Cell::Money(self.open));
        Sheet {
            name: format!("open-items-{}", self.as_of),
            title: say!(en "Open items", fr "Postes ouverts"),
            columns: columns![
                "number" "Number" "Numéro", "kind" "Kind" "Nature", "code" "Code" "Code",
                "name" "Member" "Membre", "issued_on" "Issued" "Émis le",
                "due_on" "Due" "Échéance", "days_late" "Days late" "Jours de retard",
                "total" "Total" "Total", "open" "Open" "Reste dû",
            ],
            rows: self.documents.iter().map(row).collect(),
            total: Some(total),
        }
    }
}

/// What each member's account stood at, at the end of a day.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct MemberBalances {
    /// The day, at its end.
    as_of: Day,
    /// ISO 4217 code of all amounts.
    #[schema(example = "EUR")]
    currency: &'static str,
    /// Each member whose account does not stand at nothing, by code.
    members: Vec<MemberBalance>,
    /// All of them together: what the accounts of customers stand at.
    #[schema(value_type = String, example = "100.00")]
    balance: Money,
}

/// What a member's account stood at.
#[derive(Clone, Debug, Serialize, ToSchema)]
struct MemberBalance {
    member: MemberId,
    /// The member's code.
    #[schema(example = "forge")]
    code: String,
    /// Its name.
    name: String,
    /// What it owed that was not late.
    #[schema(value_type = String, example = "120.00")]
    not_due: Money,
    /// What it owed that was late.
    #[schema(value_type = String, example = "0.00")]
    overdue: Money,
    /// What was in its favour, below zero.
    #[schema(value_type = String, example = "-20.00")]
    credits: Money,
    /// All of it together; below zero if the pole owes it.
    #[schema(value_type = String, example = "100.00")]
    balance: Money,
}

impl MemberBalances {
    /// What members' accounts stand at, at the end of a day.
    pub(crate) fn read(conn: &mut Db, pole: &PoleRow, as_of: Date) -> Result<Self, DbError> {
        let aged = AgedReceivables::read(conn, pole, as_of)?;
        let members = aged.members.into_iter().map(|AgedMember { member, code, name, sums }| {
            let late =
                [sums.days_1_to_30, sums.days_31_to_60, sums.days_61_to_90, sums.over_90_days];
            let overdue = Money::sum(pole.currency(), late).map_err(|it| unreadable(&it))?;
            let AgedSums { not_due, credits, total: balance, .. } = sums;
            Ok::<_, DbError>(MemberBalance {
                member,
                code,
                name,
                not_due,
                overdue,
                credits,
                balance,
            })
        });
        let members = members.collect::<Result<_, _>>()?;
        Ok(Self { as_of: aged.as_of, currency: aged.currency, members, balance: aged.total.total })
    }
}

impl Report for MemberBalances {
    fn sheet(&self) -> Sheet {
        let row = |it: &MemberBalance| {
            let who = [Cell::text(&it.code), Cell::text(&it.name)];
            let sums = [it.not_due, it.overdue, it.credits, it.balance].map(Cell::Money);
            who.into_iter().chain(sums).collect()
        };
        let mut total = vec![Cell::Empty; 5];
        total.push(Cell::Money(self.balance));
        Sheet {
            name: format!("member-balances-{}", self.as_of),
            title: say!(en "Members' balances", fr "Soldes des membres"),
            columns: columns![
                "code" "Code" "Code", "name" "Member" "Membre", "not_due" "Not due" "Non échu",
                "overdue" "Overdue" "En retard", "credits" "Credits" "Avoirs et acomptes",
                "balance" "Balance" "Solde",
            ],
            rows: self.members.iter().map(row).collect(),
            total: Some(total),
        }
    }
}
