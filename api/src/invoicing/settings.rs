//! How a pole bills, as documents and books need it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use palier_billing::ledger::{Account, Chart, ChartAccount, Role};
use palier_billing::{
    BankAccount, Change, Dated, DocumentContent, Note, NumberFormat, OutOfOrder, Party, Percent,
    SellerVat, VatDue,
};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::InvoicingError;
use crate::db::billing_settings::{self, AccountPartRow, BillingSettingsRow};
use crate::db::{Db, DbError, journal, services};
use crate::documents::{Colour, Look};
use crate::http::IfMatch;
use crate::id::PoleId;
use crate::problem::{Fault, Problem, ProblemType};
use crate::routes::BillingSettingsInput;
use crate::say;
use crate::work::{Changes, Done, Tx};

/// What the API keeps as JSON, read as what it means.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Settings {
    /// Who the pole is on its documents.
    pub(crate) seller: Party,
    /// How VAT treats it, and when its VAT falls due.
    #[serde(flatten)]
    pub(crate) vat: SellersVat,
    #[serde(default)]
    pub(crate) account: Option<BankAccount>,
    #[serde(default)]
    pub(crate) numbering: Numbering,
    #[serde(default)]
    pub(crate) notes: Notes,
    #[serde(default, deserialize_with = "chart")]
    pub(crate) chart: Chart,
    #[serde(default)]
    documents: WrittenLook,
    /// Whether documents are mailed to members as they become final.
    #[serde(default = "yes")]
    pub(crate) mail_documents: bool,
    /// When what stands to a member's credit pays its documents.
    #[serde(default)]
    pub(crate) credit_use: CreditUse,
}

const fn yes() -> bool {
    true
}

/// When what stands to a member's credit pays its documents: when somebody asks
/// (`POST …/members/{member}/credit/use`), or as soon as a document of a month becomes final, what is due
/// first being paid first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CreditUse {
    #[default]
    OnRequest,
    Automatic,
}

/// What VAT makes of a pole, over time.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "WrittenVat")]
pub(crate) struct SellersVat {
    /// By the day on which something is supplied.
    pub(crate) seller: Dated<SellerVat>,
    /// By the day on which a document is issued: the option is for what is debited from a day on, and the
    /// customer is debited with the document (CGI, art. 269, 2, c). What was issued before stays due as it
    /// was, whenever it is paid.
    pub(crate) due: Dated<VatDue>,
}

/// The same, as the API keeps it.
#[derive(Deserialize)]
struct WrittenVat {
    #[serde(default)]
    seller_vat: SellerVat,
    #[serde(default)]
    seller_vat_changes: Vec<Change<SellerVat>>,
    #[serde(default)]
    vat_due: VatDue,
    #[serde(default)]
    vat_due_changes: Vec<Change<VatDue>>,
}

impl TryFrom<WrittenVat> for SellersVat {
    type Error = OutOfOrder;

    fn try_from(written: WrittenVat) -> Result<Self, OutOfOrder> {
        Ok(Self {
            seller: Dated::new(written.seller_vat, written.seller_vat_changes)?,
            due: Dated::new(written.vat_due, written.vat_due_changes)?,
        })
    }
}

/// How documents look, as the API keeps it.
#[derive(Clone, Debug, Default, Deserialize)]
struct WrittenLook {
    #[serde(default)]
    accent: Option<String>,
    #[serde(default)]
    logo: Option<String>,
}

/// The chart as the API keeps it.
#[derive(Deserialize)]
struct WrittenChart {
    #[serde(default)]
    accounts: Vec<OfPart>,
    #[serde(default)]
    vat_collected: Vec<OfRate>,
}

#[derive(Deserialize)]
struct OfPart {
    part: Role,
    number: Account,
    label: String,
}

#[derive(Deserialize)]
struct OfRate {
    rate_percent: Percent,
    number: Account,
    label: String,
}

/// The usual chart, but for what the pole has said.
fn chart<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Chart, D::Error> {
    let WrittenChart { accounts, vat_collected } = WrittenChart::deserialize(deserializer)?;
    let mut chart = Chart::default();
    for OfPart { part, number, label } in accounts {
        chart.accounts.insert(part, ChartAccount::new(number, &label).map_err(D::Error::custom)?);
    }
    for OfRate { rate_percent, number, label } in vat_collected {
        let account = ChartAccount::new(number, &label).map_err(D::Error::custom)?;
        chart.vat_collected.insert(rate_percent, account);
    }
    Ok(chart)
}

/// The series of documents that charge for late payment.
pub(crate) const PENALTIES: &str = "penalty";

/// How the numbers of each series are written.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Numbering {
    pub(crate) invoice: NumberFormat,
    pub(crate) credit_note: NumberFormat,
    pub(crate) penalty: NumberFormat,
}

impl Default for Numbering {
    #[expect(clippy::expect_used, reason = "constants that a test reads")]
    fn default() -> Self {
        let format = |text: &str| text.parse().expect("a format");
        Self {
            invoice: format("FA-{year}-{number:6}"),
            credit_note: format("AV-{year}-{number:6}"),
            penalty: format("PE-{year}-{number:6}"),
        }
    }
}

impl Numbering {
    /// The series of a document, and how its numbers are written: a distinct prefix per series is
    /// what practice asks for.
    pub(crate) fn of(&self, document: &DocumentContent) -> (&'static str, &NumberFormat) {
        if document.kind.is_credit() {
            ("credit_note", &self.credit_note)
        } else if document.lines.iter().any(|line| line.kind.is_penalty()) {
            (PENALTIES, &self.penalty)
        } else {
            ("invoice", &self.invoice)
        }
    }
}

/// What French invoices between companies must say of late and early payment (code de commerce,
/// L441-9 and L441-10).
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(default)]
pub(crate) struct Notes {
    /// Penalties for late payment.
    pub(crate) late_payment: String,
    /// The indemnity for recovery costs.
    pub(crate) recovery_costs: String,
    /// The discount for early payment.
    pub(crate) early_payment: String,
}

impl Default for Notes {
    fn default() -> Self {
        // Without a rate in the contract, the law's own applies (L441-10 II).
        Self {
            late_payment: "Tout retard de paiement entraîne de plein droit des pénalités au taux \
                           de refinancement de la BCE majoré de 10 points, exigibles le lendemain \
                           de l’échéance."
                .to_owned(),
            recovery_costs: "Indemnité forfaitaire pour frais de recouvrement en cas de retard de \
                             paiement : 40 €."
                .to_owned(),
            early_payment: "Pas d’escompte pour paiement anticipé.".to_owned(),
        }
    }
}

impl Notes {
    /// As a document carries them, under the codes of UNTDID 4451 that the reform asks for.
    pub(crate) fn of_document(&self) -> Vec<Note> {
        let notes = [
            ("PMD", &self.late_payment),
            ("PMT", &self.recovery_costs),
            ("AAB", &self.early_payment),
        ];
        let note = |(subject, text): (&str, &String)| Note {
            subject: subject.to_owned(),
            text: text.clone(),
        };
        notes.map(note).into()
    }
}

impl Settings {
    /// How documents look. Both were read before they were kept.
    pub(crate) fn look(&self) -> Look {
        let WrittenLook { accent, logo } = &self.documents;
        let logo = logo.as_deref().and_then(|logo| STANDARD.decode(logo).ok());
        Look {
            accent: accent.as_deref().and_then(Colour::parse).unwrap_or(Look::default().accent),
            logo: logo.and_then(|logo| Look::read_logo(logo).ok()),
        }
    }

    /// Those of a pole.
    pub(crate) fn of(conn: &mut Db, pole: &PoleId) -> Result<Self, InvoicingError> {
        let row = billing_settings::find(conn, pole)?.ok_or(InvoicingError::NoSettings)?;
        Ok(read(pole, &row.document)?)
    }
}

fn read(pole: &PoleId, document: &str) -> Result<Settings, DbError> {
    serde_json::from_str(document).map_err(|error| DbError::Unreadable {
        table: "billing_settings",
        id: pole.to_string(),
        what: error.to_string(),
    })
}

impl Settings {
    /// The chart of accounts of a pole: the usual one, if it has not said how it bills.
    pub(crate) fn chart_of(conn: &mut Db, pole: &PoleId) -> Result<Chart, DbError> {
        match Self::of(conn, pole) {
            Ok(settings) => Ok(settings.chart),
            Err(InvoicingError::Database(error)) => Err(error),
            Err(_) => Ok(Chart::default()),
        }
    }

    /// By how much an entry moves the account that has a part, or had it when the entry was made; none, if it is
    /// no entry or moves nothing there.
    pub(crate) fn moved(
        conn: &mut Db,
        pole: &PoleId,
        (journal, year, seq): (Option<&str>, Option<i32>, Option<i64>),
        role: Role,
    ) -> Result<Option<i64>, DbError> {
        let Some(((journal, year), seq)) = journal.zip(year).zip(seq) else { return Ok(None) };
        let chart = Self::chart_of(conn, pole)?;
        let number = |role: Role| chart.account(role).number().to_string();
        let mut accounts = billing_settings::accounts_of(conn, pole, role.as_str())?;
        accounts.extend([role.usual().number().to_string(), number(role)]);
        // One that has another part now had that one long ago, if ever.
        accounts.retain(|account| {
            Role::ALL.iter().all(|other| *other == role || number(*other) != *account)
        });
        journal::moved(conn, pole, (journal, year, seq), &accounts)
    }
}

/// Parts whose accounts later entries take back from what earlier ones put there.
const SETTLED: [Role; 6] = [
    Role::Receivable,
    Role::VatPending,
    Role::Prepaid,
    Role::Payable,
    Role::VatDeductiblePending,
    Role::Suspense,
];

/// An account keeps its part while anything stands on it: what is settled later would be taken from an
/// account on which nothing stands. A service's account has no other part.
fn refuse_lost_parts(tx: &mut Tx<'_>, next: &Chart) -> Result<(), Problem> {
    let current = Settings::chart_of(tx.conn, tx.pole())?;
    let mut faults = Vec::new();
    for role in SETTLED {
        let (from, to) = (current.account(role), next.account(role));
        let number = from.number().as_str();
        if from.number() != to.number() && journal::stands_at(tx.conn, tx.pole(), number)? != 0 {
            let part = role.as_str();
            let detail = say!(
                en "{number} stays the account of {part} until it stands at nothing.",
                fr "{number} reste le compte de {part} tant qu’il n’est pas soldé."
            );
            faults.push(Fault::body("/chart/accounts", "in_use", detail));
        }
    }
    let sales = next.account(Role::Sales).number().clone();
    let mut parts: Vec<_> = Role::ALL.iter().map(|role| next.account(*role)).collect();
    parts.extend(next.vat_collected.values().cloned());
    for service in services::all(tx.conn, tx.pole())? {
        let number = service.revenue_account.unwrap_or_default();
        let taken = parts.iter().any(|it| it.number().as_str() == number);
        if taken && sales.as_str() != number {
            let code = service.code;
            let detail = say!(
                en "{number} is the account of the service {code}.",
                fr "{number} est le compte du service {code}."
            );
            faults.push(Fault::body("/chart", "of_service", detail));
        }
    }
    match faults.first() {
        Some(first) => {
            let detail = first.detail.clone();
            Err(Problem { errors: faults, ..Problem::new(ProblemType::Conflict, detail) })
        }
        None => Ok(()),
    }
}

/// Notes the accounts that entries were made on and will be: they are found there when the chart has others.
fn note_parts(tx: &mut Tx<'_>, next: &Chart) -> Result<(), DbError> {
    let current = Settings::chart_of(tx.conn, tx.pole())?;
    let accounts = [&current, next].into_iter().flat_map(|chart| &chart.accounts);
    let rows: Vec<_> = accounts
        .map(|(role, account)| AccountPartRow {
            pole_id: tx.pole().clone(),
            part: role.as_str(),
            account: account.number().to_string(),
        })
        .collect();
    billing_settings::note_parts(tx.conn, &rows)
}

/// Keeps what was given, in place of what there is.
pub(crate) fn store(
    tx: &mut Tx<'_>,
    input: &BillingSettingsInput,
    version: IfMatch,
) -> Result<Done<BillingSettingsRow>, Problem> {
    let document = serde_json::to_string(input).map_err(|error| Problem::internal(&error))?;
    let current = billing_settings::find(tx.conn, tx.pole())?;
    version.check(current.as_ref().map_or(0, |row| row.version))?;
    let before = current.as_ref().map(|row| serde_json::from_str(&row.document));
    let before: Value = before.and_then(Result::ok).unwrap_or_default();
    let next: Settings = read(tx.pole(), &document)?;
    refuse_lost_parts(tx, &next.chart)?;
    note_parts(tx, &next.chart)?;
    let next = BillingSettingsRow {
        pole_id: tx.pole().clone(),
        document,
        version: current.as_ref().map_or(1, |row| row.version.saturating_add(1)),
        created_at: current.as_ref().map_or(tx.at(), |row| row.created_at),
        updated_at: tx.at(),
    };
    match current {
        Some(row) if row.document == next.document => return Ok(tx.unchanged(row)),
        Some(row) => {
            let changed = billing_settings::update(tx.conn, &next, row.version)?;
            changed.then_some(()).ok_or_else(Problem::changed)?;
        }
        None => billing_settings::insert(tx.conn, &next)?,
    }
    let changes = Changes::between(&before, input);
    Ok(tx.done("billing_settings.set", next.pole_id.clone().as_str(), &changes, next)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pole_that_says_no_more_has_what_french_practice_asks_for() {
        let numbering = Numbering::default();
        let formats = [numbering.invoice, numbering.credit_note, numbering.penalty];
        let numbers = formats.map(|format| format.write(2026, 1));
        assert_eq!(numbers, ["FA-2026-000001", "AV-2026-000001", "PE-2026-000001"]);
        let subjects: Vec<_> =
            Notes::default().of_document().into_iter().map(|note| note.subject).collect();
        assert_eq!(subjects, ["PMD", "PMT", "AAB"]);
    }
}
