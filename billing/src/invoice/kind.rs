//! What a document is.

use crate::read::names;

/// The kinds of documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DocumentKind {
    /// Asks for money.
    Invoice,
    /// Gives back what one or several invoices asked for, and names them.
    CreditNote,
    /// Gives back for a whole period, by a rule agreed on before: an annual rebate, or a month whose
    /// corrections come to more than it bills.
    Rebate,
    /// Takes the place of one invoice, and names it.
    Corrective,
    /// Asks for money in the seller's name, written by the buyer, whom the seller has charged with it
    /// in writing (CGI, art. 289, I, 2): what providers are owed.
    SelfBilled,
}

names!(DocumentKind {
    "invoice" => Invoice,
    "credit_note" => CreditNote,
    "rebate" => Rebate,
    "corrective" => Corrective,
    "self_billed" => SelfBilled,
});

impl DocumentKind {
    /// Code of the document type (UNTDID 1001, BT-3).
    pub const fn code(self) -> &'static str {
        match self {
            Self::Invoice => "380",
            Self::CreditNote => "381",
            Self::Rebate => "262",
            Self::Corrective => "384",
            Self::SelfBilled => "389",
        }
    }

    /// Whether it gives back what it states.
    pub const fn is_credit(self) -> bool {
        matches!(self, Self::CreditNote | Self::Rebate)
    }
}

/// When the VAT of services falls due (CGI, art. 269, 2, c).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum VatDue {
    /// With the money: the rule for services (code 72 in BT-8).
    #[default]
    OnReceipt,
    /// With the invoice, which must say that the seller opted for it (code 5).
    OnDebits,
}

names!(VatDue { "on_receipt" => OnReceipt, "on_debits" => OnDebits });
