//! `me`.

use crate::asked::Asked;
use crate::sent::own;
use axum::Json;
use carteiro_core::v1;
use carteiro_http::ApiError;

/// The number itself.
pub(crate) async fn me(asked: Asked) -> Result<Json<v1::Me>, ApiError> {
    let session = asked.paired().await?;
    let own = own(&session.number);
    let people = asked.app.people(&session.number, [&own]).await?;
    let push_name = people.at(&own).and_then(|me| me.push_name.as_deref());
    let connected = session.link.state.is_up();
    let known = v1::Known { connected, push_name, ..v1::Known::default() };
    Ok(Json(v1::Me::new(&session.number, known)))
}
