//! `GET /v2/operator/plans`.

use axum::extract::State;
use carteiro_core::plan::Plan;
use carteiro_core::usecase::Operator;
use carteiro_http::Answer;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// The plans of the deployment's configuration.
pub(crate) async fn list(State(operator): State<Arc<Operator>>) -> Answer {
    let plans: Vec<Map<String, Value>> = operator
        .plans
        .iter()
        .map(|(name, plan)| {
            let mut shown = limits(plan);
            shown.insert("name".into(), json!(name.as_str()));
            shown.insert("default".into(), json!(plan.default));
            shown
        })
        .collect();
    Answer::ok("Planos listados com sucesso.").description(plans)
}

/// What a plan allows. `sends_per_day` is null where there is no limit; `rates` has the groups of routes whose rate is not the
/// deployment's.
pub(crate) fn limits(plan: &Plan) -> Map<String, Value> {
    Map::from_iter([
        ("media_types".to_owned(), json!(plan.media_types)),
        ("workers".to_owned(), json!(plan.workers)),
        ("sends_per_day".to_owned(), json!(plan.sends_per_day)),
        ("rates".to_owned(), json!(plan.rates)),
        ("retention_days".to_owned(), json!(plan.retention_days)),
    ])
}
