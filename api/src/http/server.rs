//! The HTTP server.

use std::future::poll_fn;
use std::net::TcpListener;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use actix_cors::Cors;
use actix_web::dev::ServerHandle;
use actix_web::middleware::{Compress, Condition, NormalizePath, TrailingSlash, from_fn};
use actix_web::{App as Server, HttpServer, web};

use super::observe::observe;
use crate::app::App;
use crate::problem::Problem;

/// The largest body that is read, unless an address says otherwise.
const BODY_BYTES: usize = 1024 * 1024;
/// How long whoever is answered before their body was read may go on sending it, so that they read
/// the answer and not that the connection broke.
const LINGER: Duration = Duration::from_secs(5);

/// Serves until it is told to stop (SIGTERM or SIGINT); requests under way may finish. `ready` is
/// called once requests and signals are taken.
pub(crate) async fn serve(
    app: web::Data<App>,
    listener: TcpListener,
    routes: fn(&mut web::ServiceConfig),
    ready: impl FnOnce(ServerHandle),
) -> std::io::Result<()> {
    let (workers, patience) = (app.config.workers, app.config.shutdown_seconds);
    let make = move || {
        let cors = cors(&app);
        Server::new()
            .app_data(app.clone())
            .app_data(web::PayloadConfig::new(BODY_BYTES))
            .wrap(NormalizePath::new(TrailingSlash::Trim))
            .wrap(from_fn(super::conditional::conditional))
            .wrap(Compress::default())
            .wrap(from_fn(super::addresses::allow))
            .wrap(Condition::new(cors.is_some(), cors.unwrap_or_default()))
            .wrap(from_fn(observe))
            .configure(routes)
            .default_service(web::to(async || Err::<&str, _>(Problem::not_found())))
    };
    let mut server =
        HttpServer::new(make).shutdown_timeout(patience).client_disconnect_timeout(LINGER);
    if let Some(workers) = workers {
        server = server.workers(workers.max(1));
    }
    let running = server.listen(listener)?.run();
    let handle = running.handle();
    let mut running = pin!(running);
    // Its first poll starts the workers and takes the signals: before, SIGTERM would just kill.
    if let Poll::Ready(ended) = poll_fn(|cx| Poll::Ready(running.as_mut().poll(cx))).await {
        return ended;
    }
    ready(handle);
    running.await
}

/// Which pages may call the API from a browser: none, unless it is configured.
fn cors(app: &App) -> Option<Cors> {
    let origins = &app.config.cors_origins;
    let any = origins.iter().any(|origin| origin == "*");
    if origins.is_empty() {
        return None;
    }
    let cors = Cors::default()
        .allowed_methods(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
        .allowed_headers([
            "authorization",
            "content-type",
            "if-match",
            "if-none-match",
            "idempotency-key",
            "accept-language",
            "x-request-id",
        ])
        .expose_headers(["etag", "location", "retry-after", "x-request-id", "content-language"])
        .max_age(3600);
    // Tokens travel in a header, never in a cookie: no credentials are allowed to come along.
    Some(if any {
        cors.allow_any_origin().send_wildcard()
    } else {
        origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin))
    })
}
