//! `POST /v2/uploads`: lets a file be uploaded past the API, which is too narrow for large ones.

use crate::routes::App;
use axum::extract::State;
use carteiro_core::media::MediaType;
use carteiro_core::usecase::UploadRequest;
use carteiro_http::{Answer, ApiError, JsonBody, Tenant};
use secrecy::ExposeSecret;
use serde_json::{Map, Value, json};
use std::sync::Arc;

pub(crate) async fn offer(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    body: JsonBody,
) -> Result<Answer, ApiError> {
    let media_type = body.required::<MediaType>("media_type")?;
    let name = body.optional::<String>("file_name")?;
    let content_type = body.optional::<String>("content_type")?;
    let request = UploadRequest::new(media_type, name.as_deref(), content_type.as_deref())?;
    let offered = app.offer.offer(&tenant, &request).await?;
    let fields = offered.form.fields.iter();
    let fields: Map<String, Value> =
        fields.map(|(name, value)| (name.clone(), json!(value.expose_secret()))).collect();
    Ok(Answer::created("Envie o arquivo com este formulário, por último, no campo file.").description(
        json!({
            "upload_id": offered.id.to_string(),
            "url": offered.form.url,
            "fields": fields,
            "max_bytes": offered.max_bytes,
            "expires_at": offered.expires_at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        }),
    ))
}
