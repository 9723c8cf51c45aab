//! OASIS UBL 2.1: `Invoice` and `CreditNote`, in the mapping of CEN/TS 16931-3-2.
//!
//! Elements stand in the order of its schemas, which admit no other.

use jiff::civil::Date;

use super::EinvoiceError;
use super::model::Invoice;
use super::trader::Trader;
use super::vat::Breakdown;
use super::xml::Xml;
use crate::{Address, DocumentLine, LinePeriod, Money, Percent, PriceBase, VatCategory, VatDue};

type Written = Result<(), EinvoiceError>;

/// What the two documents call differently.
struct Names {
    root: &'static str,
    namespace: &'static str,
    kind: &'static str,
    line: &'static str,
    quantity: &'static str,
}

const INVOICE: Names = Names {
    root: "Invoice",
    namespace: "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2",
    kind: "cbc:InvoiceTypeCode",
    line: "cac:InvoiceLine",
    quantity: "cbc:InvoicedQuantity",
};
const CREDIT_NOTE: Names = Names {
    root: "CreditNote",
    namespace: "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2",
    kind: "cbc:CreditNoteTypeCode",
    line: "cac:CreditNoteLine",
    quantity: "cbc:CreditedQuantity",
};

pub(super) fn write(invoice: &Invoice<'_>) -> Result<Vec<u8>, EinvoiceError> {
    let names = if invoice.is_credit() { CREDIT_NOTE } else { INVOICE };
    let namespaces = [
        ("xmlns", names.namespace),
        ("xmlns:cac", "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"),
        ("xmlns:cbc", "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2"),
    ];
    Xml::document(names.root, &namespaces, |xml| {
        head(xml, invoice, &names)?;
        references(xml, invoice)?;
        let (seller, buyer) = (&invoice.seller, &invoice.buyer);
        xml.group("cac:AccountingSupplierParty", |xml| {
            trader(xml, seller, seller.party.legal_form.as_deref())
        })?;
        xml.group("cac:AccountingCustomerParty", |xml| trader(xml, buyer, None))?;
        delivery(xml, invoice)?;
        payment(xml, invoice)?;
        vat(xml, invoice)?;
        totals(xml, invoice)?;
        for ((line, amount), nth) in invoice.issued.document.lines().zip(1..) {
            one_line(xml, &names, (line, nth), amount)?;
        }
        Ok(())
    })
}

fn head(xml: &mut Xml, invoice: &Invoice<'_>, names: &Names) -> Written {
    let (issued, content) = (invoice.issued, invoice.content);
    xml.text("cbc:CustomizationID", Invoice::PROFILE)?;
    xml.text("cbc:ProfileID", Invoice::FRAME)?;
    xml.text("cbc:ID", &issued.number)?;
    day(xml, "cbc:IssueDate", issued.issued_on)?;
    if !invoice.is_credit() {
        day(xml, "cbc:DueDate", issued.due_on)?;
    }
    xml.text(names.kind, content.kind.code())?;
    for (subject, text) in &invoice.notes {
        // The syntax has no place for the subject but the text.
        xml.value("cbc:Note", format_args!("#{subject}#{text}"))?;
    }
    xml.text("cbc:DocumentCurrencyCode", content.currency.code())?;
    let due = invoice.vat_due();
    if content.period.is_none() && due.is_none() {
        return Ok(());
    }
    xml.group("cac:InvoicePeriod", |xml| {
        days(xml, content.period)?;
        // UNTDID 2005: of the invoice, or of the payment.
        let code = due.map(|due| match due {
            VatDue::OnDebits => "3",
            VatDue::OnReceipt => "432",
        });
        xml.optional("cbc:DescriptionCode", code)
    })
}

fn references(xml: &mut Xml, invoice: &Invoice<'_>) -> Written {
    let content = invoice.content;
    if let Some(order) = &content.order {
        xml.group("cac:OrderReference", |xml| xml.text("cbc:ID", order))?;
    }
    for cited in &content.corrects {
        xml.group("cac:BillingReference", |xml| {
            xml.group("cac:InvoiceDocumentReference", |xml| {
                xml.text("cbc:ID", &cited.number)?;
                day(xml, "cbc:IssueDate", cited.issued_on)
            })
        })?;
    }
    content.contract.as_deref().map_or(Ok(()), |contract| {
        xml.group("cac:ContractDocumentReference", |xml| xml.text("cbc:ID", contract))
    })
}

/// A party. What the seller calls the buyer is left out: the reform wants every identifier in this
/// syntax to be one of a register's (BR-FR-CO-10).
fn trader(xml: &mut Xml, trader: &Trader<'_>, legal_text: Option<&str>) -> Written {
    let party = trader.party;
    xml.group("cac:Party", |xml| {
        let scheme = ("schemeID", trader.address.scheme());
        xml.marked("cbc:EndpointID", scheme, trader.address.value())?;
        if let Some(siret) = party.siret {
            xml.group("cac:PartyIdentification", |xml| {
                xml.marked("cbc:ID", ("schemeID", "0009"), siret)
            })?;
        }
        xml.group("cac:PostalAddress", |xml| address(xml, &party.address))?;
        if let Some(number) = trader.vat_number {
            registered(xml, number, "VAT")?;
        }
        if let Some(siren) = trader.tax_registration {
            registered(xml, siren, "FC")?;
        }
        xml.group("cac:PartyLegalEntity", |xml| {
            xml.text("cbc:RegistrationName", &party.name)?;
            if let Some(siren) = party.siren {
                xml.marked("cbc:CompanyID", ("schemeID", "0002"), siren)?;
            }
            xml.optional("cbc:CompanyLegalForm", legal_text)
        })?;
        party.email.as_deref().map_or(Ok(()), |email| {
            xml.group("cac:Contact", |xml| xml.text("cbc:ElectronicMail", email))
        })
    })
}

fn registered(xml: &mut Xml, number: impl std::fmt::Display, scheme: &'static str) -> Written {
    xml.group("cac:PartyTaxScheme", |xml| {
        xml.value("cbc:CompanyID", number)?;
        xml.group("cac:TaxScheme", |xml| xml.text("cbc:ID", scheme))
    })
}

fn address(xml: &mut Xml, address: &Address) -> Written {
    let mut lines = address.lines().iter().map(String::as_str);
    xml.optional("cbc:StreetName", lines.next())?;
    xml.optional("cbc:AdditionalStreetName", lines.next())?;
    xml.text("cbc:CityName", address.city())?;
    xml.optional("cbc:PostalZone", address.postcode())?;
    if let Some(third) = lines.next() {
        xml.group("cac:AddressLine", |xml| xml.text("cbc:Line", third))?;
    }
    xml.group("cac:Country", |xml| xml.value("cbc:IdentificationCode", address.country()))
}

/// When it was delivered: what has no period is, the day it is invoiced.
fn delivery(xml: &mut Xml, invoice: &Invoice<'_>) -> Written {
    let last_day = invoice.content.period.map(|period| period.last_day);
    xml.group("cac:Delivery", |xml| {
        day(xml, "cbc:ActualDeliveryDate", last_day.unwrap_or(invoice.issued.issued_on))
    })
}

/// A SEPA transfer (UNTDID 4461), and the terms.
fn payment(xml: &mut Xml, invoice: &Invoice<'_>) -> Written {
    if let Some(account) = invoice.account() {
        xml.group("cac:PaymentMeans", |xml| {
            xml.text("cbc:PaymentMeansCode", "58")?;
            xml.text("cbc:PaymentID", &invoice.issued.number)?;
            xml.group("cac:PayeeFinancialAccount", |xml| {
                xml.text("cbc:ID", &account.iban)?;
                account.bic.as_deref().map_or(Ok(()), |bic| {
                    xml.group("cac:FinancialInstitutionBranch", |xml| xml.text("cbc:ID", bic))
                })
            })
        })?;
    }
    xml.group("cac:PaymentTerms", |xml| xml.text("cbc:Note", &invoice.terms))
}

fn vat(xml: &mut Xml, invoice: &Invoice<'_>) -> Written {
    xml.group("cac:TaxTotal", |xml| {
        amount(xml, "cbc:TaxAmount", invoice.totals.vat_total)?;
        for breakdown in &invoice.vat {
            subtotal(xml, breakdown)?;
        }
        Ok(())
    })
}

fn subtotal(xml: &mut Xml, breakdown: &Breakdown<'_>) -> Written {
    let total = breakdown.total;
    xml.group("cac:TaxSubtotal", |xml| {
        amount(xml, "cbc:TaxableAmount", total.base)?;
        amount(xml, "cbc:TaxAmount", total.vat)?;
        xml.group("cac:TaxCategory", |xml| {
            category(xml, total.category, total.rate_percent, |xml| {
                xml.optional("cbc:TaxExemptionReasonCode", breakdown.code)?;
                xml.optional("cbc:TaxExemptionReason", breakdown.reason.as_deref())
            })
        })
    })
}

/// A category with its rate; what is outside the scope of VAT has none, not even 0 (BR-O-05).
fn category(
    xml: &mut Xml,
    category: VatCategory,
    rate: Percent,
    reasons: impl FnOnce(&mut Xml) -> Written,
) -> Written {
    xml.text("cbc:ID", category.as_str())?;
    if category != VatCategory::OutOfScope {
        xml.value("cbc:Percent", rate)?;
    }
    reasons(xml)?;
    xml.group("cac:TaxScheme", |xml| xml.text("cbc:ID", "VAT"))
}

fn totals(xml: &mut Xml, invoice: &Invoice<'_>) -> Written {
    let totals = invoice.totals;
    xml.group("cac:LegalMonetaryTotal", |xml| {
        amount(xml, "cbc:LineExtensionAmount", totals.net)?;
        amount(xml, "cbc:TaxExclusiveAmount", totals.net)?;
        amount(xml, "cbc:TaxInclusiveAmount", totals.gross)?;
        amount(xml, "cbc:PayableAmount", totals.gross)
    })
}

fn one_line(
    xml: &mut Xml,
    names: &Names,
    (line, nth): (&DocumentLine, usize),
    net: Money,
) -> Written {
    let unit = ("unitCode", line.unit.as_str());
    xml.group(names.line, |xml| {
        xml.value("cbc:ID", nth)?;
        xml.marked(names.quantity, unit, line.quantity)?;
        amount(xml, "cbc:LineExtensionAmount", net)?;
        if line.period.is_some() {
            xml.group("cac:InvoicePeriod", |xml| days(xml, line.period))?;
        }
        xml.group("cac:Item", |xml| {
            xml.optional("cbc:Description", line.detail.as_deref())?;
            xml.text("cbc:Name", &line.name)?;
            if let Some(service) = &line.service {
                xml.group("cac:SellersItemIdentification", |xml| xml.text("cbc:ID", service))?;
            }
            xml.group("cac:ClassifiedTaxCategory", |xml| {
                category(xml, line.vat.category, line.vat.rate_percent, |_| Ok(()))
            })
        })?;
        xml.group("cac:Price", |xml| {
            let currency = ("currencyID", net.currency().code());
            xml.marked("cbc:PriceAmount", currency, line.unit_price)?;
            if line.price_base == PriceBase::One {
                return Ok(());
            }
            xml.marked("cbc:BaseQuantity", unit, line.price_base.units())
        })
    })
}

fn amount(xml: &mut Xml, name: &'static str, amount: Money) -> Written {
    xml.marked(name, ("currencyID", amount.currency().code()), amount)
}

fn days(xml: &mut Xml, period: Option<LinePeriod>) -> Written {
    let Some(LinePeriod { first_day, last_day }) = period else { return Ok(()) };
    day(xml, "cbc:StartDate", first_day)?;
    day(xml, "cbc:EndDate", last_day)
}

fn day(xml: &mut Xml, name: &'static str, day: Date) -> Written {
    xml.day(name, None, day, "%Y-%m-%d")
}
