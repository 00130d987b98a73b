//! `GET /v2/operator/users/{user_id}/numbers`.

use axum::extract::State;
use carteiro_core::usecase::{NumberOfUser, Operator};
use carteiro_http::{Answer, ApiError, UserIdOfPath};
use serde_json::{Value, json};
use std::sync::Arc;

/// A tenant's numbers, its workers with their states.
pub(crate) async fn list(
    State(operator): State<Arc<Operator>>,
    UserIdOfPath(id): UserIdOfPath,
) -> Result<Answer, ApiError> {
    let (mut workers, mut admins) = (Vec::new(), Vec::new());
    for NumberOfUser { number, link } in operator.numbers(id).await? {
        let digits = number.phone.digits();
        match link {
            None => admins.push(json!({"number": digits})),
            Some(link) => workers.push(json!({
                "number": digits,
                "status": link.state.status(),
                "state": link.state.as_str(),
                "since": link.since.map(|since| since.to_string()),
                "reason": link.reason,
                "reason_code": link.reason_code,
            })),
        }
    }
    let description: Value = json!({"workers": workers, "admins": admins});
    Ok(Answer::ok("Números listados com sucesso.").description(description))
}
