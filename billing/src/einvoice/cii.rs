//! UN/CEFACT Cross Industry Invoice, D22B.
//!
//! Elements stand in the order of its schema, which admits no other.

use jiff::civil::Date;

use super::EinvoiceError;
use super::model::Invoice;
use super::trader::Trader;
use super::vat::Breakdown;
use super::xml::Xml;
use crate::{Address, DocumentLine, LinePeriod, LineVat, Money, PriceBase, VatCategory, VatDue};

type Written = Result<(), EinvoiceError>;

const NAMESPACES: [(&str, &str); 4] = [
    ("xmlns:rsm", "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"),
    ("xmlns:qdt", "urn:un:unece:uncefact:data:standard:QualifiedDataType:100"),
    (
        "xmlns:ram",
        "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
    ),
    ("xmlns:udt", "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100"),
];

pub(super) fn write(invoice: &Invoice<'_>) -> Result<Vec<u8>, EinvoiceError> {
    Xml::document("rsm:CrossIndustryInvoice", &NAMESPACES, |xml| {
        xml.group("rsm:ExchangedDocumentContext", |xml| {
            xml.group("ram:BusinessProcessSpecifiedDocumentContextParameter", |xml| {
                xml.text("ram:ID", Invoice::FRAME)
            })?;
            xml.group("ram:GuidelineSpecifiedDocumentContextParameter", |xml| {
                xml.text("ram:ID", Invoice::PROFILE)
            })
        })?;
        head(xml, invoice)?;
        xml.group("rsm:SupplyChainTradeTransaction", |xml| {
            for ((line, amount), nth) in invoice.issued.document.lines().zip(1..) {
                one_line(xml, (line, nth), amount)?;
            }
            agreement(xml, invoice)?;
            delivery(xml, invoice)?;
            settlement(xml, invoice)
        })
    })
}

fn head(xml: &mut Xml, invoice: &Invoice<'_>) -> Written {
    xml.group("rsm:ExchangedDocument", |xml| {
        xml.text("ram:ID", &invoice.issued.number)?;
        xml.text("ram:TypeCode", invoice.content.kind.code())?;
        date(xml, "ram:IssueDateTime", invoice.issued.issued_on)?;
        for (subject, text) in &invoice.notes {
            xml.group("ram:IncludedNote", |xml| {
                xml.text("ram:Content", text)?;
                xml.text("ram:SubjectCode", subject)
            })?;
        }
        Ok(())
    })
}

fn one_line(xml: &mut Xml, (line, nth): (&DocumentLine, usize), amount: Money) -> Written {
    xml.group("ram:IncludedSupplyChainTradeLineItem", |xml| {
        xml.group("ram:AssociatedDocumentLineDocument", |xml| xml.value("ram:LineID", nth))?;
        xml.group("ram:SpecifiedTradeProduct", |xml| {
            xml.optional("ram:SellerAssignedID", line.service.as_deref())?;
            xml.text("ram:Name", &line.name)?;
            xml.optional("ram:Description", line.detail.as_deref())
        })?;
        xml.group("ram:SpecifiedLineTradeAgreement", |xml| {
            xml.group("ram:NetPriceProductTradePrice", |xml| {
                xml.value("ram:ChargeAmount", line.unit_price)?;
                if line.price_base == PriceBase::One {
                    return Ok(());
                }
                let unit = ("unitCode", line.unit.as_str());
                xml.marked("ram:BasisQuantity", unit, line.price_base.units())
            })
        })?;
        xml.group("ram:SpecifiedLineTradeDelivery", |xml| {
            xml.marked("ram:BilledQuantity", ("unitCode", line.unit.as_str()), line.quantity)
        })?;
        xml.group("ram:SpecifiedLineTradeSettlement", |xml| {
            xml.group("ram:ApplicableTradeTax", |xml| line_vat(xml, &line.vat))?;
            period(xml, line.period)?;
            xml.group("ram:SpecifiedTradeSettlementLineMonetarySummation", |xml| {
                xml.value("ram:LineTotalAmount", amount)
            })
        })
    })
}

fn line_vat(xml: &mut Xml, vat: &LineVat) -> Written {
    xml.text("ram:TypeCode", "VAT")?;
    xml.text("ram:CategoryCode", vat.category.as_str())?;
    rate(xml, vat.category, vat.rate_percent)
}

/// What is outside the scope of VAT has no rate, not even 0 (BR-O-05).
fn rate(xml: &mut Xml, category: VatCategory, rate: crate::Percent) -> Written {
    if category == VatCategory::OutOfScope {
        return Ok(());
    }
    xml.value("ram:RateApplicablePercent", rate)
}

fn agreement(xml: &mut Xml, invoice: &Invoice<'_>) -> Written {
    xml.group("ram:ApplicableHeaderTradeAgreement", |xml| {
        xml.group("ram:SellerTradeParty", |xml| {
            let seller = &invoice.seller;
            if let Some(siret) = seller.party.siret {
                xml.marked("ram:GlobalID", ("schemeID", "0009"), siret)?;
            }
            trader(xml, seller, seller.party.legal_form.as_deref())
        })?;
        xml.group("ram:BuyerTradeParty", |xml| {
            let buyer = &invoice.buyer;
            // One identifier at most (BT-46): that of the establishment, or what the seller calls it.
            match buyer.party.siret {
                Some(siret) => xml.marked("ram:GlobalID", ("schemeID", "0009"), siret)?,
                None => xml.optional("ram:ID", buyer.party.code.as_deref())?,
            }
            trader(xml, buyer, None)
        })?;
        reference(xml, "ram:BuyerOrderReferencedDocument", invoice.content.order.as_deref())?;
        reference(xml, "ram:ContractReferencedDocument", invoice.content.contract.as_deref())
    })
}

fn reference(xml: &mut Xml, name: &'static str, number: Option<&str>) -> Written {
    number.map_or(Ok(()), |number| xml.group(name, |xml| xml.text("ram:IssuerAssignedID", number)))
}

/// Who someone is, but for how the other calls it.
fn trader(xml: &mut Xml, trader: &Trader<'_>, legal_text: Option<&str>) -> Written {
    let party = trader.party;
    xml.text("ram:Name", &party.name)?;
    xml.optional("ram:Description", legal_text)?;
    if let Some(siren) = party.siren {
        xml.group("ram:SpecifiedLegalOrganization", |xml| {
            xml.marked("ram:ID", ("schemeID", "0002"), siren)
        })?;
    }
    if let Some(email) = &party.email {
        xml.group("ram:DefinedTradeContact", |xml| {
            xml.group("ram:EmailURIUniversalCommunication", |xml| xml.text("ram:URIID", email))
        })?;
    }
    xml.group("ram:PostalTradeAddress", |xml| address(xml, &party.address))?;
    xml.group("ram:URIUniversalCommunication", |xml| {
        xml.marked("ram:URIID", ("schemeID", trader.address.scheme()), trader.address.value())
    })?;
    let registered = |xml: &mut Xml, scheme, number: &dyn std::fmt::Display| {
        xml.group("ram:SpecifiedTaxRegistration", |xml| {
            xml.marked("ram:ID", ("schemeID", scheme), number)
        })
    };
    if let Some(siren) = trader.tax_registration {
        registered(xml, "FC", &siren)?;
    }
    trader.vat_number.map_or(Ok(()), |number| registered(xml, "VA", number))
}

fn address(xml: &mut Xml, address: &Address) -> Written {
    xml.optional("ram:PostcodeCode", address.postcode())?;
    for (name, line) in ["ram:LineOne", "ram:LineTwo", "ram:LineThree"].iter().zip(address.lines())
    {
        xml.text(name, line)?;
    }
    xml.text("ram:CityName", address.city())?;
    xml.value("ram:CountryID", address.country())
}

/// When it was delivered: what has no period is, the day it is invoiced.
fn delivery(xml: &mut Xml, invoice: &Invoice<'_>) -> Written {
    let last_day = invoice.content.period.map(|period| period.last_day);
    xml.group("ram:ApplicableHeaderTradeDelivery", |xml| {
        xml.group("ram:ActualDeliverySupplyChainEvent", |xml| {
            let day = last_day.unwrap_or(invoice.issued.issued_on);
            date(xml, "ram:OccurrenceDateTime", day)
        })
    })
}

fn settlement(xml: &mut Xml, invoice: &Invoice<'_>) -> Written {
    let content = invoice.content;
    xml.group("ram:ApplicableHeaderTradeSettlement", |xml| {
        xml.text("ram:PaymentReference", &invoice.issued.number)?;
        xml.text("ram:InvoiceCurrencyCode", content.currency.code())?;
        payment_means(xml, invoice)?;
        for breakdown in &invoice.vat {
            vat(xml, invoice, breakdown)?;
        }
        period(xml, content.period)?;
        xml.group("ram:SpecifiedTradePaymentTerms", |xml| {
            xml.text("ram:Description", &invoice.terms)?;
            if invoice.is_credit() {
                return Ok(());
            }
            date(xml, "ram:DueDateDateTime", invoice.issued.due_on)
        })?;
        totals(xml, invoice)?;
        for cited in &content.corrects {
            xml.group("ram:InvoiceReferencedDocument", |xml| {
                xml.text("ram:IssuerAssignedID", &cited.number)?;
                xml.group("ram:FormattedIssueDateTime", |xml| {
                    day(xml, "qdt:DateTimeString", cited.issued_on)
                })
            })?;
        }
        Ok(())
    })
}

/// A SEPA transfer (UNTDID 4461).
fn payment_means(xml: &mut Xml, invoice: &Invoice<'_>) -> Written {
    let Some(account) = invoice.account() else { return Ok(()) };
    xml.group("ram:SpecifiedTradeSettlementPaymentMeans", |xml| {
        xml.text("ram:TypeCode", "58")?;
        xml.group("ram:PayeePartyCreditorFinancialAccount", |xml| {
            xml.text("ram:IBANID", &account.iban)
        })?;
        account.bic.as_deref().map_or(Ok(()), |bic| {
            xml.group("ram:PayeeSpecifiedCreditorFinancialInstitution", |xml| {
                xml.text("ram:BICID", bic)
            })
        })
    })
}

fn vat(xml: &mut Xml, invoice: &Invoice<'_>, breakdown: &Breakdown<'_>) -> Written {
    let total = breakdown.total;
    xml.group("ram:ApplicableTradeTax", |xml| {
        xml.value("ram:CalculatedAmount", total.vat)?;
        xml.text("ram:TypeCode", "VAT")?;
        xml.optional("ram:ExemptionReason", breakdown.reason.as_deref())?;
        xml.value("ram:BasisAmount", total.base)?;
        xml.text("ram:CategoryCode", total.category.as_str())?;
        xml.optional("ram:ExemptionReasonCode", breakdown.code)?;
        if breakdown.is_charged() {
            // UNTDID 2475: of the invoice, or of the payment.
            let code = match invoice.content.vat_due {
                VatDue::OnDebits => "5",
                VatDue::OnReceipt => "72",
            };
            xml.text("ram:DueDateTypeCode", code)?;
        }
        rate(xml, total.category, total.rate_percent)
    })
}

fn totals(xml: &mut Xml, invoice: &Invoice<'_>) -> Written {
    let totals = invoice.totals;
    xml.group("ram:SpecifiedTradeSettlementHeaderMonetarySummation", |xml| {
        xml.value("ram:LineTotalAmount", totals.net)?;
        xml.value("ram:TaxBasisTotalAmount", totals.net)?;
        let currency = ("currencyID", invoice.content.currency.code());
        xml.marked("ram:TaxTotalAmount", currency, totals.vat_total)?;
        xml.value("ram:GrandTotalAmount", totals.gross)?;
        xml.value("ram:DuePayableAmount", totals.gross)
    })
}

fn period(xml: &mut Xml, period: Option<LinePeriod>) -> Written {
    let Some(LinePeriod { first_day, last_day }) = period else { return Ok(()) };
    xml.group("ram:BillingSpecifiedPeriod", |xml| {
        date(xml, "ram:StartDateTime", first_day)?;
        date(xml, "ram:EndDateTime", last_day)
    })
}

fn date(xml: &mut Xml, name: &'static str, of: Date) -> Written {
    xml.group(name, |xml| day(xml, "udt:DateTimeString", of))
}

/// A day as UNTDID 2379 writes it under code 102.
fn day(xml: &mut Xml, name: &'static str, day: Date) -> Written {
    xml.day(name, Some(("format", "102")), day, "%Y%m%d")
}
