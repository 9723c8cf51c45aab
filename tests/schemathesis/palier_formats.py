"""Strings of the formats that are Palier's own, so that made-up requests get past their checks."""

from hypothesis import strategies as st
from schemathesis import openapi, serializer


@serializer("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
def as_it_is(_context, value):
    """What is made up for a spreadsheet is none, and must be refused as such."""
    return value if isinstance(value, bytes) else str(value).encode(errors="replace")


@serializer("application/x-ndjson")
def as_lines(_context, value):
    """What is made up for lines of events is mostly no event, and is told so line by line."""
    return value if isinstance(value, bytes) else str(value).encode(errors="replace")


def with_luhn_digit(digits: str) -> str:
    doubled = (int(digit) * (2 - at % 2) for at, digit in enumerate(reversed(digits)))
    return digits + str(-sum(sum(divmod(number, 10)) for number in doubled) % 10)


def french_vat_number(siren: str) -> str:
    return f"FR{(12 + 3 * (int(siren) % 97)) % 97:02}{siren}"


digits = st.text("123456789", min_size=8, max_size=8)
siren = digits.map(with_luhn_digit)
siret = st.builds(lambda siren, office: with_luhn_digit(f"{siren}{office:04}"), siren, st.integers(1, 9999))
line = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=40)

openapi.format("siren", siren)
openapi.format("siret", siret)
openapi.format("vat-number", siren.map(french_vat_number))
openapi.format("line", line)
openapi.format("country", st.sampled_from(["FR", "DE", "BE", "CH", "GP"]))
openapi.format("currency", st.sampled_from(["EUR", "JPY", "CHF"]))
openapi.format("time-zone", st.sampled_from(["Europe/Paris", "UTC", "Indian/Reunion"]))
openapi.format("payment-terms", st.sampled_from(["30_days", "60_days", "45_days_end_of_month"]))
