//! What a message says.

use jiff::civil::{Date, DateTime};

use crate::einvoice::lifecycle::{Addressee, Collected, Reason, Status};
use crate::einvoice::{EinvoiceError, trader};
use crate::read::names;
use crate::{ElectronicAddress, Issued, Party, Siren};

/// Who someone is to a document (UNTDID 3035).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// Who sells.
    Seller,
    /// Who acts for the seller.
    SellerAgent,
    /// Who buys.
    Buyer,
    /// Who acts for the buyer.
    BuyerAgent,
    /// Who bought the debt.
    Factor,
    /// Who is paid.
    Payee,
    /// Who pays.
    Payer,
    /// Who writes invoices for another.
    Invoicer,
    /// Who receives invoices for another.
    Invoicee,
    /// A platform.
    Platform,
    /// The State's portal.
    State,
}

names!(Role {
    "SE" => Seller,
    "SR" => SellerAgent,
    "BY" => Buyer,
    "AB" => BuyerAgent,
    "DL" => Factor,
    "PE" => Payee,
    "PR" => Payer,
    "II" => Invoicer,
    "IV" => Invoicee,
    "WK" => Platform,
    "DFH" => State,
});

/// What someone is known by, in a list of ISO 6523.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct GlobalId {
    /// The list.
    pub scheme: String,
    /// What it calls them.
    pub value: String,
}

impl GlobalId {
    /// The list of French companies.
    pub const SIREN: &'static str = "0002";
    /// The list of platforms.
    pub const PLATFORM: &'static str = "0238";
    /// The State's portal, among platforms (BR-FR-CDV-02).
    const STATE: &'static str = "0000";
    /// The State's platform for public bodies, among platforms (BR-FR-CDV-CL-09).
    const PUBLIC_BODIES: &'static str = "9999";

    /// A company.
    pub fn of_siren(siren: Siren) -> Self {
        Self { scheme: Self::SIREN.to_owned(), value: siren.to_string() }
    }

    /// A platform, by its registration number.
    pub fn of_platform(number: &str) -> Self {
        Self { scheme: Self::PLATFORM.to_owned(), value: number.to_owned() }
    }

    fn is_platform(&self, number: &str) -> bool {
        self.scheme == Self::PLATFORM && self.value == number
    }
}

/// Someone who sends, gives or receives a status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Participant {
    /// Who they are to the document (MDT-21, MDT-40, MDT-59).
    pub role: Role,
    /// What they are known by (MDT-19, MDT-38, MDT-57).
    pub id: Option<GlobalId>,
    /// Their name (MDT-20, MDT-39, MDT-58).
    pub name: Option<String>,
    /// Where their messages go (MDT-49, MDT-73).
    pub address: Option<ElectronicAddress>,
}

impl Participant {
    /// A company, reached where its electronic invoices go.
    ///
    /// # Errors
    /// [`EinvoiceError::NoAddress`], [`EinvoiceError::Address`].
    pub fn company(role: Role, party: &Party) -> Result<Self, EinvoiceError> {
        let address = Some(trader::electronic_address(party)?);
        let id = party.siren.map(GlobalId::of_siren);
        Ok(Self { role, id, name: Some(party.name.clone()), address })
    }

    /// The State's portal.
    pub fn state() -> Self {
        let id = Some(GlobalId::of_platform(GlobalId::STATE));
        Self { role: Role::State, id, name: Some("PPF".to_owned()), address: None }
    }

    pub(super) fn is_state(&self) -> bool {
        let known = self.id.as_ref().is_some_and(|id| id.is_platform(GlobalId::STATE));
        self.role == Role::State && known
    }

    /// Whom the documents are for of which it tells: public bodies answer through the State's platform.
    pub(super) fn addressee(&self) -> Addressee {
        match &self.id {
            Some(id) if id.is_platform(GlobalId::PUBLIC_BODIES) => Addressee::PublicBody,
            _ => Addressee::Company,
        }
    }
}

/// The document that a status is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// Its number (MDT-87, BT-1).
    pub number: String,
    /// What it is, in UNTDID 1001 (MDT-91, BT-3).
    pub type_code: Option<String>,
    /// Its day of issue (MDT-100, BT-2); what is inadmissible may have none.
    pub issued_on: Option<Date>,
    /// When a platform took it in (MDT-95).
    pub received_at: Option<DateTime>,
    /// Its seller (MDT-129, BT-30); what is inadmissible may have none.
    pub seller: Option<Siren>,
}

impl About {
    /// A document of ours.
    pub fn of(issued: &Issued) -> Self {
        let content = issued.document.content();
        Self {
            number: issued.number.clone(),
            type_code: Some(content.kind.code().to_owned()),
            issued_on: Some(issued.issued_on),
            received_at: None,
            seller: content.seller.siren,
        }
    }
}

/// What the other should do about it (MDT-121).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// Nothing.
    Nothing,
    /// Tell what is missing.
    Inform,
    /// Invoice anew.
    InvoiceAnew,
    /// Credit all of it.
    CreditAll,
    /// Credit a part.
    CreditPart,
    /// Credit the amount stated.
    CreditAmount,
    /// Something else, in words.
    Other,
}

names!(Action {
    "NOA" => Nothing,
    "PIN" => Inform,
    "NIN" => InvoiceAnew,
    "CNF" => CreditAll,
    "CNP" => CreditPart,
    "CNA" => CreditAmount,
    "OTH" => Other,
});

/// Why a document has its status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// Why (MDT-113).
    pub reason: Reason,
    /// The same in words (MDT-114).
    pub text: Option<String>,
    /// What should be done.
    pub action: Option<Action>,
}

/// The status of one document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The document.
    pub about: About,
    /// Its status (MDT-105).
    pub status: Status,
    /// Why, in the order in which the message says so.
    pub explanations: Vec<Explanation>,
    /// What was collected, by rate: of a 212, and of nothing else (BR-FR-CDV-14).
    pub collected: Vec<Collected>,
}

/// A message: who tells whom what became of which documents.
///
/// Times are local ones: the format has no offset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusMessage {
    /// What the message is known by (MDT-4).
    pub id: String,
    /// When it was written (MDT-8).
    pub written_at: DateTime,
    /// Who sends it: a platform, or who gives the status (MDG-9).
    pub sender: Participant,
    /// Who gives the status.
    pub issuer: Participant,
    /// Who is told.
    pub recipients: Vec<Participant>,
    /// When the status was given (MDT-78).
    pub happened_at: DateTime,
    /// The documents: one, or several with statuses of one phase.
    pub reports: Vec<Report>,
}

impl StatusMessage {
    /// Whether it goes to the State and nobody else, in its own profile (BR-FR-CDV-02).
    pub fn is_for_the_state(&self) -> bool {
        matches!(self.recipients.as_slice(), [only] if only.is_state())
    }

    /// What it is called (MDT-5), where it must have a name: before the State.
    pub(super) fn name(&self) -> Option<&'static str> {
        let first = self.reports.first().filter(|_| self.is_for_the_state());
        first.map(|report| report.status.label())
    }
}
