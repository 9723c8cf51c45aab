"""Checks files for banks by the schemas of ISO 20022, which PyPI's `sepaxml` brings along, and by `stdnum`.

    validate.py FOLDER

reads every `*.xml` of a folder and prints a line of JSON for each: `{"file": "a.xml", "message":
"pain.008.001.02", "count": 3, "sum": "1188.05", "failed": [["xsd", "…"]]}`. Who complains is one of

- `xsd`: the schema that the file's namespace names;
- `sums`: counts and sums, of the file and of each batch, that are not those of the payments;
- `numbers`: IBANs, BICs, creditor identifiers and references whose form or check digits are wrong.

Nothing of `sepaxml` is run: only its schemas are read.
"""

import json
import sys
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path

from lxml import etree
from stdnum import bic, iban, iso11649
from stdnum.eu import at_02

SCHEMAS = Path(find_spec("sepaxml").origin).parent / "schemas"
NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:"


class Message:
    """A file, by the names of its elements alone."""

    def __init__(self, tree):
        self.root = tree.getroot()
        self.name = etree.QName(self.root).namespace.removeprefix(NAMESPACE)

    def all(self, path, within=None):
        steps = "/".join(f"*[local-name()='{step}']" for step in path.split("/"))
        found = (self.root if within is None else within).xpath(f".//{steps}")
        return [one if len(one) else (one.text or "") for one in found]

    def amounts(self, within=None):
        return [Decimal(text) for text in self.all("InstdAmt", within)]


def against_schema(message, tree):
    path = SCHEMAS / f"{message.name}.xsd"
    if not path.is_file():
        return [["xsd", f"no schema of the name {message.name}"]]
    schema = etree.XMLSchema(etree.parse(path))
    schema.validate(tree)
    return [["xsd", error.message] for error in schema.error_log]


def against_sums(message):
    wrong = []
    for within in [None, *message.all("PmtInf")]:
        where = "file" if within is None else "".join(message.all("PmtInfId", within))
        head = "GrpHdr/" if within is None else ""
        count = message.all(f"{head}NbOfTxs", within)[0]
        total = message.all(f"{head}CtrlSum", within)[0]
        amounts = message.amounts(within)
        if count != str(len(amounts)):
            wrong.append(["sums", f"{where} says {count} payments and has {len(amounts)}"])
        if Decimal(total) != sum(amounts):
            wrong.append(["sums", f"{where} says {total} and comes to {sum(amounts)}"])
    return wrong


def against_numbers(message):
    schemes = [one for one in message.all("Othr") if not isinstance(one, str)]
    creditors = [message.all("Id", one)[0] for one in schemes if message.all("SchmeNm/Prtry", one)]
    checked = [
        (iban, message.all("IBAN")),
        (bic, message.all("BIC") + message.all("BICFI")),
        (at_02, creditors),
        (iso11649, message.all("CdtrRefInf/Ref")),
    ]
    wrong = [(by, text) for by, texts in checked for text in texts if not by.is_valid(text)]
    return [["numbers", f"{text} is no {by.__name__.removeprefix('stdnum.')}"] for by, text in wrong]


def main(folder):
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    for path in sorted(Path(folder).glob("*.xml")):
        tree = etree.parse(path, parser)
        message = Message(tree)
        failed = against_schema(message, tree)
        if not failed:
            failed = against_sums(message) + against_numbers(message)
        amounts = [] if failed else message.amounts()
        told = {"file": path.name, "message": message.name, "failed": failed}
        print(json.dumps(told | {"count": len(amounts), "sum": str(sum(amounts))}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
