"""The figures of an electronic invoice, read back from its XML and added up anew.

The official rules take a VAT amount that is wrong by up to 0.99 EUR, and never multiply a line's quantity by
its price. Here every figure must follow from the lines to the cent, in exact decimals rounded half away
from zero. Nothing is shared with what wrote the XML.
"""

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
RAM = "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
RSM = "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100"
UBL = "urn:oasis:names:specification:ubl:schema:xsd:Common{}Components-2"
NAMES = {
    "ram": RAM,
    "rsm": RSM,
    "cac": UBL.format("Aggregate"),
    "cbc": UBL.format("Basic"),
}
SUMS = "//ram:SpecifiedTradeSettlementHeaderMonetarySummation/ram:"
TRADE = "ram:SpecifiedLineTradeSettlement"

# Where each syntax has what: from the root, and from a line or a breakdown.
PATHS = {
    "cii": {
        "number": "/*/rsm:ExchangedDocument/ram:ID",
        "type": "/*/rsm:ExchangedDocument/ram:TypeCode",
        "net": SUMS + "LineTotalAmount",
        "taxable": SUMS + "TaxBasisTotalAmount",
        "vat": SUMS + "TaxTotalAmount",
        "gross": SUMS + "GrandTotalAmount",
        "due": SUMS + "DuePayableAmount",
        "lines": "//ram:IncludedSupplyChainTradeLineItem",
        "line.quantity": ".//ram:BilledQuantity",
        "line.price": ".//ram:NetPriceProductTradePrice/ram:ChargeAmount",
        "line.base": ".//ram:NetPriceProductTradePrice/ram:BasisQuantity",
        "line.amount": f"{TRADE}//ram:LineTotalAmount",
        "line.category": f"{TRADE}/ram:ApplicableTradeTax/ram:CategoryCode",
        "line.rate": f"{TRADE}/ram:ApplicableTradeTax/ram:RateApplicablePercent",
        "breakdowns": "//ram:ApplicableHeaderTradeSettlement/ram:ApplicableTradeTax",
        "of.category": "ram:CategoryCode",
        "of.rate": "ram:RateApplicablePercent",
        "of.base": "ram:BasisAmount",
        "of.vat": "ram:CalculatedAmount",
        "terms": "//ram:SpecifiedTradePaymentTerms/ram:Description",
        "vat numbers": "//ram:SpecifiedTaxRegistration/ram:ID[@schemeID='VA']",
    },
    "ubl": {
        "number": "/*/cbc:ID",
        "type": "/*/cbc:InvoiceTypeCode | /*/cbc:CreditNoteTypeCode",
        "net": "//cac:LegalMonetaryTotal/cbc:LineExtensionAmount",
        "taxable": "//cac:LegalMonetaryTotal/cbc:TaxExclusiveAmount",
        "vat": "/*/cac:TaxTotal/cbc:TaxAmount",
        "gross": "//cac:LegalMonetaryTotal/cbc:TaxInclusiveAmount",
        "due": "//cac:LegalMonetaryTotal/cbc:PayableAmount",
        "lines": "//cac:InvoiceLine | //cac:CreditNoteLine",
        "line.quantity": "cbc:InvoicedQuantity | cbc:CreditedQuantity",
        "line.price": "cac:Price/cbc:PriceAmount",
        "line.base": "cac:Price/cbc:BaseQuantity",
        "line.amount": "cbc:LineExtensionAmount",
        "line.category": ".//cac:ClassifiedTaxCategory/cbc:ID",
        "line.rate": ".//cac:ClassifiedTaxCategory/cbc:Percent",
        "breakdowns": "//cac:TaxSubtotal",
        "of.category": "cac:TaxCategory/cbc:ID",
        "of.rate": "cac:TaxCategory/cbc:Percent",
        "of.base": "cbc:TaxableAmount",
        "of.vat": "cbc:TaxAmount",
        "terms": "//cac:PaymentTerms/cbc:Note",
        "vat numbers": "//cac:PartyTaxScheme[cac:TaxScheme/cbc:ID='VAT']/cbc:CompanyID",
    },
}


class Figures:
    """An invoice as figures, and how they contradict each other."""

    def __init__(self, tree, syntax):
        self.paths = PATHS[syntax]
        self.tree = tree
        self.wrong = []
        self.said = {name: self.text(tree, name) for name in ("number", "type")}
        for name in ("net", "vat", "gross"):
            self.said[name] = str(self.amount(tree, name))
        self.sums = self.lines()
        self.breakdowns()
        self.totals()

    def texts(self, node, name):
        found = node.xpath(self.paths[name], namespaces=NAMES)
        return ["".join(one.itertext()) for one in found]

    def text(self, node, name):
        """The one text there must be."""
        found = self.texts(node, name)
        if len(found) != 1:
            self.fault(name, f"is there {len(found)} times")
        return found[0] if found else "0"

    def decimal(self, node, name, places):
        value = Decimal(self.text(node, name))
        if -value.as_tuple().exponent > places:
            self.fault(name, f"{value} has more than {places} places")
        return value

    def amount(self, node, name):
        text = self.text(node, name)
        if Decimal(text).as_tuple().exponent != -2:
            self.fault(name, f"{text} is not written with two places")
        return Decimal(text)

    def lines(self):
        """What the lines come to, by category and rate."""
        sums = defaultdict(Decimal)
        nodes = self.tree.xpath(self.paths["lines"], namespaces=NAMES)
        if not nodes:
            self.fault("lines", "there are none")
        for node in nodes:
            quantity = self.decimal(node, "line.quantity", 4)
            price = self.decimal(node, "line.price", 6)
            if price < 0:
                self.fault("line.price", f"{price} is below nothing")
            has_base = self.texts(node, "line.base")
            base = self.decimal(node, "line.base", 4) if has_base else Decimal(1)
            amount = self.amount(node, "line.amount")
            self.same("line.amount", amount, rounded(quantity * price / base))
            sums[self.category(node, "line")] += amount
        return sums

    def category(self, node, where):
        """Category and rate, which is left out with `O` alone."""
        category = self.text(node, f"{where}.category")
        if category == "O":
            if self.texts(node, f"{where}.rate"):
                self.fault(f"{where}.rate", "O has none")
            return category, Decimal(0)
        rate = self.decimal(node, f"{where}.rate", 2)
        if (rate > 0) != (category == "S"):
            self.fault(f"{where}.rate", f"{category} has {rate}")
        return category, rate

    def breakdowns(self):
        """VAT is rounded once per category and rate, each of which stands there once."""
        left = dict(self.sums)
        for node in self.tree.xpath(self.paths["breakdowns"], namespaces=NAMES):
            key = self.category(node, "of")
            base = self.amount(node, "of.base")
            self.same("of.base", base, left.pop(key, None))
            self.same("of.vat", self.amount(node, "of.vat"), rounded(base * key[1] / 100))
        for key in left:
            self.fault("breakdowns", f"{key} is missing")

    def totals(self):
        net, vat = self.amount(self.tree, "net"), self.amount(self.tree, "vat")
        self.same("net", net, sum(self.sums.values(), Decimal(0)))
        self.same("taxable", self.amount(self.tree, "taxable"), net)
        nodes = self.tree.xpath(self.paths["breakdowns"], namespaces=NAMES)
        self.same("vat", vat, sum((self.amount(node, "of.vat") for node in nodes), Decimal(0)))
        gross = self.amount(self.tree, "gross")
        self.same("gross", gross, net + vat)
        self.same("due", self.amount(self.tree, "due"), gross)
        if gross < 0:
            self.fault("gross", f"{gross} is below nothing")
        # BR-CO-25, which the official rules of CII have lost.
        if not self.text(self.tree, "terms").strip():
            self.fault("terms", "there are none")
        outside = any(category == "O" for category, _ in self.sums)
        if outside and self.texts(self.tree, "vat numbers"):
            self.fault("vat numbers", "none stands on what is outside the scope of VAT")

    def same(self, name, found, expected):
        if found != expected:
            self.fault(name, f"{found} instead of {expected}")

    def fault(self, name, what):
        self.wrong.append(["arithmetic", name, what])


def rounded(exact):
    """To the cent, half away from zero."""
    return exact.quantize(CENT, rounding=ROUND_HALF_UP)
