//! Usage: reported, taken back, looked at.

use utoipa_actix_web::service_config::ServiceConfig;

use super::PolePath;

mod cloud_events;
mod events;
mod export;
mod history;
mod lines;
mod objects;
mod reading;
mod report;
mod unmatched;
mod upload;
mod voids;

pub(crate) use objects::UsageEventInput;
pub(crate) use reading::read_alone;

pub(super) fn routes(api: &mut ServiceConfig<'_>) {
    report::routes(api);
    history::routes(api);
    voids::routes(api);
    events::routes(api);
    export::routes(api);
    unmatched::routes(api);
}
