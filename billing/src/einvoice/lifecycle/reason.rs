//! The reasons.

use super::Status;
use crate::read::names;

/// Why a document has a status (MDT-113), by the code that messages give it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// A wrong rate of VAT.
    VatRate,
    /// A wrong total.
    Total,
    /// A figure that does not follow from the others.
    Calculation,
    /// A mention that the law wants is missing.
    NonCompliant,
    /// The same document, twice.
    Duplicate,
    /// A buyer that is not known.
    UnknownRecipient,
    /// Another buyer than the one meant.
    WrongRecipient,
    /// A supply that the buyer knows nothing of.
    UnknownSupply,
    /// A seller that the buyer does not know.
    UnknownSeller,
    /// A contract that has ended.
    ContractEnded,
    /// The same supply, billed twice.
    BilledTwice,
    /// A wrong order, or none.
    Order,
    /// A wrong electronic address.
    Address,
    /// A wrong SIRET, or none.
    Siret,
    /// A wrong routing code, or none.
    RoutingCode,
    /// A reference that the contract asks for is missing.
    MissingReference,
    /// A wrong reference.
    Reference,
    /// A wrong unit price.
    UnitPrice,
    /// A wrong reduction.
    Reduction,
    /// A wrong quantity.
    Quantity,
    /// A wrong article.
    Article,
    /// A wrong way of paying.
    PaymentMeans,
    /// What was supplied is not good enough.
    Quality,
    /// Not all was supplied.
    PartialDelivery,
    /// A supporting document is missing.
    MissingEvidence,
    /// Wrong bank details.
    BankDetails,
    /// An address that leads nowhere.
    Routing,
    /// The buyer is on no platform yet.
    NotForwarded,
    /// Withdrawn by the department, by hand.
    WithdrawnByHand,
    /// A subcontractor that was not declared.
    UndeclaredSubcontractor,
    /// Removed, or set off by a credit note.
    RemovedOrCredited,
    /// Handed to a local treasurer who pays it.
    PaidLocally,
    /// The buyer wants to be called.
    ContactBuyer,
    /// Something else, in words.
    Other,
    /// A rule on what the document says.
    Semantics,
    /// A number that was used before.
    Uniqueness,
    /// What the document says does not agree with itself.
    Coherence,
    /// A rule on addresses.
    AddressRule,
    /// A rule of public buyers.
    PublicRule,
    /// An attachment that is referred to and not there.
    AttachmentReference,
    /// An attachment that belongs to nothing.
    AttachmentLink,
    /// An empty file.
    EmptyFile,
    /// A file of a kind that is not taken.
    FileType,
    /// A file that cannot be parsed.
    FileSyntax,
    /// An attachment that is too large.
    AttachmentSize,
    /// A name of an attachment that is not allowed.
    AttachmentName,
    /// An empty attachment.
    EmptyAttachment,
    /// A document of an extension that is not taken.
    Extension,
    /// A file that is too large.
    FileSize,
    /// A virus.
    Virus,
    /// A name of the file that is not allowed.
    FileName,
}

names!(Reason {
    "TX_TVA_ERR" => VatRate,
    "MONTANTTOTAL_ERR" => Total,
    "CALCUL_ERR" => Calculation,
    "NON_CONFORME" => NonCompliant,
    "DOUBLON" => Duplicate,
    "DEST_INC" => UnknownRecipient,
    "DEST_ERR" => WrongRecipient,
    "TRANSAC_INC" => UnknownSupply,
    "EMMET_INC" => UnknownSeller,
    "CONTRAT_TERM" => ContractEnded,
    "DOUBLE_FACT" => BilledTwice,
    "CMD_ERR" => Order,
    "ADR_ERR" => Address,
    "SIRET_ERR" => Siret,
    "CODE_ROUTAGE_ERR" => RoutingCode,
    "REF_CT_ABSENT" => MissingReference,
    "REF_ERR" => Reference,
    "PU_ERR" => UnitPrice,
    "REM_ERR" => Reduction,
    "QTE_ERR" => Quantity,
    "ART_ERR" => Article,
    "MODPAI_ERR" => PaymentMeans,
    "QUALITE_ERR" => Quality,
    "LIVR_INCOMP" => PartialDelivery,
    "JUSTIF_ABS" => MissingEvidence,
    "COORD_BANC_ERR" => BankDetails,
    "ROUTAGE_ERR" => Routing,
    "NON_TRANSMISE" => NotForwarded,
    "RETRAIT_MAN_SERV" => WithdrawnByHand,
    "ST_CT_NON_DECLAR" => UndeclaredSubcontractor,
    "SUPPR_COMP_AVOIR" => RemovedOrCredited,
    "TRANSF_PMNT_REGIE" => PaidLocally,
    "CONTACT_ACHTR" => ContactBuyer,
    "AUTRE" => Other,
    "REJ_SEMAN" => Semantics,
    "REJ_UNI" => Uniqueness,
    "REJ_COH" => Coherence,
    "REJ_ADR" => AddressRule,
    "REJ_CONT_B2G" => PublicRule,
    "REJ_REF_PJ" => AttachmentReference,
    "REJ_ASS_PJ" => AttachmentLink,
    "IRR_VIDE_F" => EmptyFile,
    "IRR_TYPE_F" => FileType,
    "IRR_SYNTAX" => FileSyntax,
    "IRR_TAILLE_PJ" => AttachmentSize,
    "IRR_NOM_PJ" => AttachmentName,
    "IRR_VID_PJ" => EmptyAttachment,
    "IRR_EXT_DOC" => Extension,
    "IRR_TAILLE_F" => FileSize,
    "IRR_ANTIVIRUS" => Virus,
    "IRR_NOM_F" => FileName,
});

impl Reason {
    /// Those for which a public body may refuse.
    pub(super) const OF_PUBLIC_BODIES: &'static [Self] = &[
        Self::WithdrawnByHand,
        Self::UndeclaredSubcontractor,
        Self::RemovedOrCredited,
        Self::PaidLocally,
        Self::Other,
        Self::BankDetails,
        Self::VatRate,
        Self::Total,
        Self::Calculation,
        Self::NonCompliant,
        Self::Duplicate,
        Self::WrongRecipient,
        Self::UnknownSupply,
        Self::UnknownSeller,
        Self::ContractEnded,
        Self::BilledTwice,
        Self::Order,
        Self::Address,
        Self::MissingReference,
        Self::PartialDelivery,
    ];

    /// Those that a status can have; none where the reform lists none.
    pub(super) const fn of(status: Status) -> Option<&'static [Self]> {
        match status {
            Status::Deposited => Some(&[Self::NotForwarded]),
            Status::PartlyApproved => Some(OF_PARTIAL_APPROVAL),
            Status::Disputed => Some(OF_DISPUTE),
            Status::Suspended => Some(OF_SUSPENSION),
            Status::Refused => Some(OF_REFUSAL),
            Status::Rejected => Some(OF_REJECTION),
            Status::RoutingError => Some(&[Self::Routing]),
            Status::Inadmissible => Some(OF_INADMISSIBILITY),
            _ => None,
        }
    }
}

const OF_PARTIAL_APPROVAL: &[Reason] = &[
    Reason::Other,
    Reason::Order,
    Reason::Siret,
    Reason::RoutingCode,
    Reason::MissingReference,
    Reason::Reference,
    Reason::UnitPrice,
    Reason::Reduction,
    Reason::Quantity,
    Reason::Article,
    Reason::PaymentMeans,
    Reason::Quality,
    Reason::PartialDelivery,
];

const OF_DISPUTE: &[Reason] = &[
    Reason::Other,
    Reason::BankDetails,
    Reason::VatRate,
    Reason::Total,
    Reason::Calculation,
    Reason::NonCompliant,
    Reason::Duplicate,
    Reason::UnknownRecipient,
    Reason::WrongRecipient,
    Reason::UnknownSupply,
    Reason::UnknownSeller,
    Reason::ContractEnded,
    Reason::BilledTwice,
    Reason::Order,
    Reason::Address,
    Reason::Siret,
    Reason::RoutingCode,
    Reason::MissingReference,
    Reason::Reference,
    Reason::UnitPrice,
    Reason::Reduction,
    Reason::Quantity,
    Reason::Article,
    Reason::PaymentMeans,
    Reason::Quality,
    Reason::PartialDelivery,
];

const OF_SUSPENSION: &[Reason] = &[
    Reason::MissingEvidence,
    Reason::BankDetails,
    Reason::Order,
    Reason::Siret,
    Reason::RoutingCode,
    Reason::MissingReference,
    Reason::Reference,
];

const OF_REFUSAL: &[Reason] = &[
    Reason::VatRate,
    Reason::Total,
    Reason::Calculation,
    Reason::NonCompliant,
    Reason::Duplicate,
    Reason::WrongRecipient,
    Reason::UnknownSupply,
    Reason::UnknownSeller,
    Reason::ContractEnded,
    Reason::BilledTwice,
    Reason::Order,
    Reason::Address,
    Reason::MissingReference,
];

const OF_REJECTION: &[Reason] = &[
    Reason::Total,
    Reason::Calculation,
    Reason::Duplicate,
    Reason::UnknownRecipient,
    Reason::Address,
    Reason::Semantics,
    Reason::Uniqueness,
    Reason::Coherence,
    Reason::AddressRule,
    Reason::PublicRule,
    Reason::AttachmentReference,
    Reason::AttachmentLink,
];

const OF_INADMISSIBILITY: &[Reason] = &[
    Reason::EmptyFile,
    Reason::FileType,
    Reason::FileSyntax,
    Reason::AttachmentSize,
    Reason::AttachmentName,
    Reason::EmptyAttachment,
    Reason::Extension,
    Reason::FileSize,
    Reason::Virus,
    Reason::FileName,
];
