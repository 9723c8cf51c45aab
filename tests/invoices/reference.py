"""What the real months come to, worked out anew with nothing but decimals.

Prints a line of JSON for each member and month. It shares nothing with Palier: what both say is
right, or wrong in two places at once.
"""

import csv
import datetime
import gzip
import json
import sys
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

TIERS = [(Decimal(10_000), Decimal("0.080")), (Decimal(50_000), Decimal("0.055")), (None, Decimal("0.030"))]
FEE = Decimal("15.00")
VAT = Decimal("0.20")
PARIS = ZoneInfo("Europe/Paris")


def rounded(number, places):
    return number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def graduated(quantity):
    cost, below = Decimal(0), Decimal(0)
    for up_to, price in TIERS:
        above = quantity if up_to is None else min(quantity, up_to)
        cost += max(above - below, Decimal(0)) * price
        below = above
    return cost


def main(folder):
    used = defaultdict(Decimal)
    with gzip.open(f"{folder}/usage_2026-07_2026-09.csv.gz", "rt", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            at = datetime.datetime.fromisoformat(row["time"].replace("Z", "+00:00")).astimezone(PARIS)
            used[f"{at:%Y-%m}", row["member"]] += Decimal(row["quantity"])
    with open(f"{folder}/members.csv", encoding="utf-8") as lines:
        members = [row["code"] for row in csv.DictReader(lines)]
    for month in ["2026-07", "2026-08", "2026-09"]:
        quantities = {member: rounded(used[month, member], 4) for member in members}
        pool = sum(quantities.values())
        price = rounded(graduated(pool) / pool, 6)
        for member in members:
            usage = rounded(quantities[member] * price, 2)
            net = usage + FEE
            vat = rounded(net * VAT, 2)
            print(json.dumps({
                "period": month, "member": member, "quantity": f"{quantities[member].normalize():f}",
                "unit_price": f"{price}", "net": f"{net}", "vat": f"{vat}", "gross": f"{net + vat}",
            }))


main(sys.argv[1])
