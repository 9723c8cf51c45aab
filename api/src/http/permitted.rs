//! Whether a caller may ask comes before what is wrong with the question.
//!
//! actix reads all arguments of a handler at once. Who the caller is takes a look into the
//! database, so that a fault of the body would mostly be found first, and told to whoever may not
//! ask at all.

use actix_web::{HttpMessage as _, HttpRequest};
use futures_util::future::LocalBoxFuture;
use tokio::sync::watch;

use super::query;
use crate::problem::Problem;

/// What an argument of a handler becomes.
pub(crate) type Reading<T> = LocalBoxFuture<'static, Result<T, Problem>>;

/// Whether the caller was found to be permitted.
#[derive(Clone)]
struct Permitted(watch::Receiver<bool>);

/// Reads the argument that says who may ask, which is a handler's first.
pub(crate) fn first<T>(
    request: &HttpRequest,
    read: impl Future<Output = Result<T, Problem>> + 'static,
) -> Reading<T> {
    let (sender, receiver) = watch::channel(false);
    request.extensions_mut().insert(Permitted(receiver));
    let request = request.clone();
    Box::pin(async move {
        let caller = read.await?;
        // Here, where an operation has no query to read that would refuse what it does not know.
        query::refuse_where_none_is_read(&request)?;
        sender.send_replace(true);
        Ok(caller)
    })
}

/// Reads another argument; what is wrong with it is told when the caller is known to be permitted.
pub(crate) fn then<T>(
    request: &HttpRequest,
    read: impl Future<Output = Result<T, Problem>> + 'static,
) -> Reading<T> {
    let request = request.clone();
    Box::pin(async move {
        let read = read.await;
        let permitted = request.extensions().get::<Permitted>().cloned();
        if let (Err(_), Some(Permitted(mut permitted))) = (&read, permitted) {
            // If the caller is refused, the sender is gone, and nobody hears of this fault.
            let _known = permitted.wait_for(|permitted| *permitted).await;
        }
        read
    })
}
