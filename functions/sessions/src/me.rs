//! `me`.

use crate::name::Named;
use crate::routes::App;
use crate::sent::own;
use axum::Json;
use axum::extract::State;
use carteiro_core::v1;
use carteiro_http::{ApiError, Story, Tenant};
use std::sync::Arc;

/// The number itself.
pub(crate) async fn me(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    story: Story,
    Named(name): Named,
) -> Result<Json<v1::Me>, ApiError> {
    let session = app.paired(&tenant, &story, &name).await?;
    let own = own(&session.number);
    let people = app.people(&session.number, [&own]).await?;
    let push_name = people.at(&own).and_then(|me| me.push_name.as_deref());
    let connected = session.link.state.is_up();
    let known = v1::Known { connected, push_name, ..v1::Known::default() };
    Ok(Json(v1::Me::new(&session.number, known)))
}
