//! Money that comes back.

use palier_tests::{Engine, on_both};
use serde_json::{Value, json};

use super::{MOVED, Moved, OWN, camt, counts, proposals};
use crate::payments::{Setting, faults};

on_both!(what_comes_back_opens_what_it_paid);
fn what_comes_back_opens_what_it_paid(engine: Engine) {
    let setting = Setting::new(engine);
    let forge = setting.numbers("forge");
    let paid = Moved { cents: 12_000, text: &forge[0], reference: "A", ..MOVED };
    let other = Moved { cents: 12_000, text: &forge[1], reference: "B", ..MOVED };
    let back = Moved { day: 20, cents: -12_000, reference: "C", returned: true, ..paid };
    // All in one file, the newest first: it was paid before it came back.
    let report = setting.import(&camt("RLV-1", OWN, &[back, paid, other]));
    assert_eq!(counts(&report), [3, 0, 3, 0]);
    assert_eq!(setting.amounts("forge"), ["120.00"]);
    let payments = setting.payments();
    let reversal = payments.iter().find(|it| it["kind"] == "reversal").unwrap();
    assert_eq!(
        (&reversal["paid_on"], &reversal["amount"]),
        (&json!("2028-01-20"), &json!("-120.00"))
    );
    assert_eq!(reversal["note"], format!("AC04 {}", forge[0]));
    let movements = setting.movements("");
    let of = |payment: &Value| movements.iter().find(|it| it["payment"] == *payment).unwrap();
    assert_eq!(of(&reversal["id"])["amount"], "-120.00");
    // What came back was booked, and stays so: nobody must say anew what it was.
    assert_eq!(of(&reversal["reverses"])["status"], "booked");
    // It comes back once.
    let twice = Moved { day: 21, reference: "D", ..back };
    assert_eq!(counts(&setting.import(&camt("RLV-2", OWN, &[twice]))), [1, 0, 0, 1]);
    assert_eq!(setting.small.faults(), [""; 0]);
}

on_both!(what_came_in_parts_does_not_come_back_by_itself);
fn what_came_in_parts_does_not_come_back_by_itself(engine: Engine) {
    let setting = Setting::new(engine);
    let forge = setting.numbers("forge");
    let half = |day, reference| Moved { day, cents: 6_000, text: &forge[0], reference, ..MOVED };
    let back = Moved { cents: -6_000, returned: true, ..half(20, "C") };
    let report = setting.import(&camt("RLV-1", OWN, &[half(15, "A"), half(16, "B"), back]));
    assert_eq!(counts(&report), [3, 0, 2, 1]);
    assert_eq!(setting.amounts("forge"), ["120.00"]);
    let open = setting.movements("&status=open").remove(0);
    assert_eq!(proposals(&open), [format!("returned: {} -60.00 (number)", forge[0])]);
    let payments = setting.payments();
    let other = setting.record(setting.facts("payment", "usine", "1.00", &[]));
    let what = |payment: &Value| json!({ "action": "return", "payment": payment["id"] });
    assert_eq!(faults(&setting.resolve(&open, 409, what(&other))), ["/payment other_amount"]);
    let done = setting.resolve(&open, 200, what(&payments[1]));
    assert_eq!(done["status"], "booked");
    assert_eq!(setting.amounts("forge"), ["60.00", "120.00"]);
    let reversed = setting.payments().pop().unwrap();
    assert_eq!((&reversed["reverses"], &reversed["movement"]), (&payments[1]["id"], &open["id"]));
    assert_eq!(setting.small.faults(), [""; 0]);
}

on_both!(what_was_credit_and_is_spent_does_not_come_back_by_itself);
fn what_was_credit_and_is_spent_does_not_come_back_by_itself(engine: Engine) {
    let setting = Setting::new(engine);
    let usine = setting.numbers("usine");
    // 240.00 for 120.00 and, as credit that is used, for the other 120.00.
    setting.record(setting.facts("payment", "usine", "240.00", &[(&setting.usine[0], "120.00")]));
    let at = setting.small.at(&format!("members/{}/credit/use", setting.small.members["usine"]));
    let using = || json!({ "reference": "COMP-1" });
    let used = setting.small.finance.post(&at, using()).expect(201).json();
    assert_eq!((&used["amount"], &used["credit"]), (&json!("0.00"), &json!("-120.00")));
    assert_eq!(
        setting.booked(&used),
        ["411000 0 12000", "411000 12000 0", "445710 0 2000", "445740 2000 0"]
    );
    assert_eq!(setting.amounts("usine"), [""; 0]);
    let none = setting.small.finance.post(&at, using()).expect(409).json();
    assert_eq!(faults(&none), [" nothing_to_pay"]);
    let back =
        Moved { day: 20, cents: -24_000, text: &usine[0], reference: "C", returned: true, ..MOVED };
    assert_eq!(counts(&setting.import(&camt("RLV-1", OWN, &[back]))), [1, 0, 0, 1]);
    assert_eq!(setting.amounts("usine"), [""; 0]);
    assert_eq!(setting.small.faults(), [""; 0]);
}
