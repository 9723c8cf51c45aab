//! What every call goes through: keys, trouble, and what was answered before.

use serde_json::{Value, json};

use super::Shared;
use super::calls::{Call, Kept, Trouble};
use super::fault::Fault;
use super::form::Params;
use super::http::{Request, Response};
use super::routes;
use super::state::{DAY, State, new_id};

/// What becomes of a connection.
pub(super) enum Reply {
    Answer(Response),
    End,
    Silence,
}

/// Answers a call, or does not.
pub(super) fn answer(shared: &Shared, request: &Request) -> Reply {
    let encoded = if request.method == "POST" { &request.body } else { &request.query };
    let mut params = Params::read(encoded);
    let asked = params.shown();
    let mut state = shared.lock();
    state.tick();
    shared.changed.notify_all();
    let place = log(&mut state, request, &asked);
    let trouble = trouble(&mut state, request);
    let request_id = new_id("req");
    let early = match trouble {
        Some(Trouble::TooMany) => Some(Fault::too_many()),
        Some(Trouble::Broken) => Some(Fault::broken()),
        _ => authorized(&state, request).err(),
    };
    if let Some(fault) = early {
        return told(&mut state, place, response(request, &request_id, Err(&fault)));
    }
    match trouble {
        Some(Trouble::LostRequest) => return Reply::End,
        Some(Trouble::Deaf) => return Reply::Silence,
        Some(Trouble::Proxy) => {
            let body = "<html><h1>502 Bad Gateway</h1></html>".to_owned();
            let headers = vec![("content-type", "text/html".to_owned())];
            return told(&mut state, place, Response { status: 502, body, headers });
        }
        _ => {}
    }
    let key = request.header("idempotency-key").filter(|_| request.method == "POST");
    if let Some(key) = key {
        match kept(&mut state, request, key, &asked) {
            Ok(None) => {}
            // What is lost on the way is lost, whether it was made now or before.
            Ok(Some(_)) if trouble == Some(Trouble::LostAnswer) => return Reply::End,
            Ok(Some(answer)) => return told(&mut state, place, answer),
            Err(fault) => {
                return told(&mut state, place, response(request, &request_id, Err(&fault)));
            }
        }
    }
    if let Some(Trouble::Slow(while_)) = trouble {
        drop(state);
        std::thread::sleep(while_);
        state = shared.lock();
    }
    let done = execute(&mut state, request, &request_id, &mut params);
    shared.changed.notify_all();
    let executed = done.as_ref().err().is_none_or(|fault| !fault.is_of_parameters());
    if let Some(call) = state.calls.get_mut(place) {
        call.executed = executed;
    }
    let done = if trouble == Some(Trouble::BrokenAfter) { Err(Fault::broken()) } else { done };
    let answer = response(request, &request_id, done.as_ref());
    if let Some(key) = key {
        if executed {
            state.kept.entry(key.to_owned()).and_modify(|it| it.answer = Some(answer.clone()));
        } else {
            state.kept.remove(key);
        }
    }
    match trouble {
        Some(Trouble::LostAnswer) => Reply::End,
        Some(Trouble::Silence) => Reply::Silence,
        _ => told(&mut state, place, answer),
    }
}

fn log(state: &mut State, request: &Request, asked: &Value) -> usize {
    let header = |name| request.header(name).map(str::to_owned);
    state.calls.push(Call {
        method: request.method.clone(),
        path: request.path.clone(),
        parameters: asked.clone(),
        idempotency_key: header("idempotency-key"),
        account: header("stripe-account"),
        status: None,
        executed: false,
    });
    state.calls.len().saturating_sub(1)
}

fn trouble(state: &mut State, request: &Request) -> Option<Trouble> {
    let mut planned = state.planned.iter_mut();
    let planned = planned.find(|it| it.is_for(&request.method, &request.path))?;
    planned.calls = planned.calls.saturating_sub(1);
    Some(planned.trouble)
}

fn authorized(state: &State, request: &Request) -> Result<(), Fault> {
    let key = request.header("authorization").and_then(|it| it.strip_prefix("Bearer "));
    let Some(key) = key.filter(|key| !key.is_empty()) else {
        return Err(Fault::unauthorized("You did not provide an API key."));
    };
    let known = state.key.as_ref().map_or_else(
        || key.starts_with("sk_test_") || key.starts_with("rk_test_"),
        |known| known == key,
    );
    if known { Ok(()) } else { Err(Fault::unauthorized("Invalid API Key provided")) }
}

/// What was answered to this key before; if nothing was, it is in use from now on.
fn kept(
    state: &mut State,
    request: &Request,
    key: &str,
    asked: &Value,
) -> Result<Option<Response>, Fault> {
    if key.len() > 255 {
        return Err(Fault::invalid("Idempotency keys have 255 characters at most"));
    }
    let now = state.now();
    // Stripe forgets them after a day: whoever tries again later pays again.
    state.kept.retain(|_, kept| now.saturating_sub(kept.since) < DAY);
    let Some(kept) = state.kept.get(key) else {
        let (path, parameters) = (request.path.clone(), asked.clone());
        let kept = Kept { path, parameters, since: now, answer: None };
        state.kept.insert(key.to_owned(), kept);
        return Ok(None);
    };
    if kept.path != request.path || kept.parameters != *asked {
        let same = if kept.path == request.path { "parameters" } else { "endpoint" };
        return Err(Fault::idempotency(
            400,
            format!("The key '{key}' was first used with another {same}: take another key."),
        ));
    }
    let Some(mut answer) = kept.answer.clone() else {
        let message = format!("Another call with the key '{key}' is still being executed.");
        return Err(Fault::idempotency(409, message).code("idempotency_key_in_use"));
    };
    let first = answer.headers.iter().find(|(name, _)| *name == "request-id").cloned();
    let first = first.map(|(_, id)| id).unwrap_or_default();
    answer.headers.retain(|(name, _)| *name != "request-id");
    answer.headers.push(("request-id", new_id("req")));
    answer.headers.push(("original-request", first));
    answer.headers.push(("idempotent-replayed", "true".to_owned()));
    Ok(Some(answer))
}

fn execute(
    state: &mut State,
    request: &Request,
    request_id: &str,
    params: &mut Params,
) -> Result<Value, Fault> {
    let expand = params.list("expand")?;
    state.cause = json!({
        "id": request_id, "idempotency_key": request.header("idempotency-key"),
    });
    let done = routes::route(state, &request.method, &request.path, params);
    state.cause = Value::Null;
    let mut object = done?;
    assert!(params.is_empty(), "{} {} has not read {params:?}", request.method, request.path);
    for path in expand {
        state.expand(&mut object, &path)?;
    }
    Ok(object)
}

fn response(request: &Request, request_id: &str, done: Result<&Value, &Fault>) -> Response {
    let (status, body) = match done {
        Ok(object) => (200, object.to_string()),
        Err(fault) => (fault.status, fault.body().to_string()),
    };
    let version = request.header("stripe-version").unwrap_or(super::API_VERSION);
    let mut headers = vec![
        ("content-type", "application/json".to_owned()),
        ("request-id", request_id.to_owned()),
        ("stripe-version", version.to_owned()),
    ];
    if let Some(key) = request.header("idempotency-key") {
        headers.push(("idempotency-key", key.to_owned()));
    }
    Response { status, body, headers }
}

fn told(state: &mut State, place: usize, answer: Response) -> Reply {
    if let Some(call) = state.calls.get_mut(place) {
        call.status = Some(answer.status);
    }
    Reply::Answer(answer)
}
