//! What fields mean that mean the same wherever they stand.
//!
//! A field that a schema says nothing of is described from here, so that no reader of the document
//! has to guess; what is said at the field itself comes first.

use serde_json::{Map, Value};

/// Names of fields, and what they are.
const MEANINGS: [(&str, &str); 43] = [
    ("aggregation", "How events become one quantity; `sum`, if left out."),
    ("alg", "The algorithm it signs with."),
    ("basis", "Over how long volume adds up; `period`, if left out."),
    ("capacity", "The units that the fixed cost bought, if they are limited."),
    ("crv", "The curve."),
    ("email", "The e-mail address of an account."),
    ("filter", "The values of the meter's dimensions that are priced here."),
    ("fixed", "Due each period, however much is used."),
    ("fixed_per_event", "Added for each event."),
    ("flat_amount", "Due once the tier is reached."),
    ("free_units", "Units each member has free in a period."),
    ("idle_cost", "Who pays for the units that nobody used."),
    ("interval", "How often it is due; `month`, if left out."),
    ("keys", "The keys."),
    ("kind", "Which kind it is."),
    ("kty", "The kind of key."),
    ("late_usage", "Where usage goes that arrives after its month was closed."),
    ("markup_percent", "Added on top, in percent."),
    ("maximum_amount", "The most a member pays in a period."),
    ("maximum_per_event", "The most an event costs."),
    ("member", "The member."),
    ("minimum_amount", "The least a member pays in a period."),
    ("minimum_per_event", "The least an event costs."),
    ("model", "Which cost function it is."),
    ("name", "What it is called."),
    ("packages", "How many packages."),
    ("password", "The password."),
    ("price_base", "How many units the unit price is quoted for; `1`, if left out."),
    ("proration", "How an interval counts that is not whole; `daily`, if left out."),
    ("refresh_token", "The refresh token."),
    ("scope", "Whose volume decides; `pool`, if left out."),
    ("status", "Where it stands."),
    ("step", "Which kind of step it is."),
    ("timing", "Whether it is due before or after its interval; `arrears`, if left out."),
    ("token", "The token."),
    ("token_type", "How to send the token."),
    ("true_up", "What happens to earlier months when the price moves."),
    ("unit_amount_cap", "The unit price never exceeds it."),
    ("up_to", "The largest quantity of the tier; the last tier has none."),
    ("use", "What the key is for."),
    ("variable", "The provider's own tariff on the pool's quantity."),
    ("warnings", "What is valid and may not be what its author meant."),
    ("x", "The public key itself, in base64url."),
];

/// Describes the fields of schemas that are not.
pub(super) fn describe(schemas: &mut Value) {
    let described: Vec<String> = schemas
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(name, one)| {
            one.get("description").map(|_| format!("#/components/schemas/{name}"))
        })
        .collect();
    within(schemas, &described);
}

fn within(schema: &mut Value, described: &[String]) {
    match schema {
        Value::Array(entries) => entries.iter_mut().for_each(|entry| within(entry, described)),
        Value::Object(fields) => {
            if let Some(Value::Object(properties)) = fields.get_mut("properties") {
                for (name, property) in properties.iter_mut() {
                    if let Value::Object(property) = property {
                        field(name, property, described);
                    }
                }
            }
            fields.values_mut().for_each(|inner| within(inner, described));
        }
        _ => {}
    }
}

fn field(name: &str, property: &mut Map<String, Value>, described: &[String]) {
    if !property.contains_key("description")
        && let Some(said) = said_of_nullable(property)
    {
        property.insert("description".to_owned(), said);
    }
    let named = property.get("$ref").and_then(Value::as_str);
    let is_described = property.contains_key("description")
        || named.is_some_and(|reference| described.iter().any(|one| one == reference));
    let meaning = MEANINGS.iter().find(|(known, _)| *known == name);
    if let (false, Some((_, meaning))) = (is_described, meaning) {
        property.insert("description".to_owned(), (*meaning).into());
    }
    for (part, meaning) in [("additionalProperties", "A value."), ("propertyNames", "A name.")] {
        if let Some(Value::Object(inner)) = property.get_mut(part) {
            inner.entry("description").or_insert_with(|| meaning.into());
        }
    }
}

/// What is said of a field that may be null; it stands in the first of its choices.
fn said_of_nullable(property: &mut Map<String, Value>) -> Option<Value> {
    match property.get_mut("oneOf")?.as_array_mut()?.as_mut_slice() {
        [Value::Object(one), null] if null.get("type")? == "null" => one.remove("description"),
        _ => None,
    }
}
