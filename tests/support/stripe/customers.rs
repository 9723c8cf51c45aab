//! `/v1/customers`: whom money is asked from.

use serde_json::{Map, Value, json};

use super::fault::Fault;
use super::form::Params;
use super::payment_methods;
use super::shapes;
use super::state::{State, merged, text};

const ADDRESS: [&str; 6] = ["city", "country", "line1", "line2", "postal_code", "state"];

pub(super) fn create(s: &mut State, p: &mut Params) -> Result<Value, Fault> {
    let (fields, metadata) = read(s, p)?;
    let id = s.make("customer", "cus", Value::Object(fields));
    let prefix = id.get(id.len().saturating_sub(8)..).unwrap_or_default().to_uppercase();
    let metadata = merged(&Value::Null, metadata);
    s.set("customer", &id, json!({ "metadata": metadata, "invoice_prefix": prefix }));
    s.emit("customer.created", "customer", &id);
    s.asked("customer", &id)
}

pub(super) fn retrieve(s: &State, p: &Params, id: &str) -> Result<Value, Fault> {
    p.end()?;
    if s.find("deleted_customer", id).is_some() { Ok(deleted(id)) } else { s.asked("customer", id) }
}

pub(super) fn update(s: &mut State, p: &mut Params, id: &str) -> Result<Value, Fault> {
    let customer = s.asked("customer", id)?;
    let (fields, metadata) = read(s, p)?;
    s.set("customer", id, Value::Object(fields));
    s.set("customer", id, json!({ "metadata": merged(&customer, metadata) }));
    s.emit("customer.updated", "customer", id);
    s.asked("customer", id)
}

pub(super) fn delete(s: &mut State, p: &Params, id: &str) -> Result<Value, Fault> {
    p.end()?;
    s.asked("customer", id)?;
    let methods = s.all("payment_method").iter().filter(|it| it["customer"] == *id);
    let methods: Vec<_> = methods.map(|it| text(it, "id").to_owned()).collect();
    for method in methods {
        payment_methods::take_away(s, &method);
    }
    s.emit("customer.deleted", "customer", id);
    s.remove("customer", id);
    let mark = s.make("deleted_customer", "cus", json!({}));
    s.set("deleted_customer", &mark, json!({ "id": id }));
    Ok(deleted(id))
}

fn deleted(id: &str) -> Value {
    let mut gone = shapes::empty("deleted_customer");
    shapes::put(&mut gone, json!({ "id": id }));
    gone
}

type Fields = Map<String, Value>;

/// Fields that were given, and metadata.
fn read(s: &State, p: &mut Params) -> Result<(Fields, Fields), Fault> {
    let mut fields = Map::new();
    for name in ["name", "email", "phone", "description"] {
        if let Some(value) = p.change(name)? {
            fields.insert(name.to_owned(), value);
        }
    }
    if let Some(value) = p.word("tax_exempt", &["none", "exempt", "reverse"])? {
        fields.insert("tax_exempt".to_owned(), value.into());
    }
    let locales = p.list("preferred_locales")?;
    if !locales.is_empty() {
        fields.insert("preferred_locales".to_owned(), locales.into());
    }
    if let Some(address) = p.group("address", address)? {
        fields.insert("address".to_owned(), address);
    }
    let method = p.group("invoice_settings", |p| p.text("default_payment_method"))?.flatten();
    if let Some(method) = method {
        let param = "invoice_settings[default_payment_method]";
        s.named("payment_method", &method, param)?;
        let mut settings = shapes::empty("customer")["invoice_settings"].clone();
        settings["default_payment_method"] = method.into();
        fields.insert("invoice_settings".to_owned(), settings);
    }
    let metadata = p.metadata()?;
    p.end()?;
    Ok((fields, metadata))
}

pub(super) fn address(p: &mut Params) -> Result<Value, Fault> {
    let mut address = Map::new();
    for name in ADDRESS {
        address.insert(name.to_owned(), p.text(name)?.map_or(Value::Null, Value::String));
    }
    Ok(Value::Object(address))
}
