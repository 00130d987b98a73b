//! `GET /v2/numbers/connect`.

use crate::qr::png_data_uri;
use crate::routes::App;
use crate::status::description;
use axum::extract::State;
use carteiro_core::error::{Code, Problem};
use carteiro_core::phone::Phone;
use carteiro_core::usecase::Connection;
use carteiro_http::{Answer, ApiError, QueryFields, Story, Tenant};
use secrecy::ExposeSecret;
use serde_json::json;
use std::sync::Arc;

/// Connects a worker: answers a QR to scan, which is gone from the answer once it is connected.
pub(crate) async fn connect(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    story: Story,
    query: QueryFields,
) -> Result<Answer, ApiError> {
    let number: Phone = query.required("number")?;
    story.number(&number);
    match query.optional::<String>("method")?.as_deref() {
        None | Some("qr") => {}
        Some("code") => return Err(ApiError::new(Code::PairingCodeNotSupportedYet)),
        Some(_) => return Err(ApiError::because(Code::InvalidParameter, "O parâmetro method deve ser qr.")),
    }
    Ok(match app.connect.connect(tenant.id, &number).await? {
        Connection::Connected(status) => Answer::ok("Número conectado.").description(description(&status)),
        Connection::Underway(status) => {
            Answer::accepted("Conexão em andamento, consulte de novo.").description(description(&status))
        }
        Connection::Scan(status, qr) => {
            let text = qr.code.expose_secret();
            let image = png_data_uri(text).map_err(|error| Problem::new(Code::Internal).caused_by(error))?;
            let left = qr.expires_at.duration_since(app.sessions.clock.now()).as_secs().max(0);
            let mut description = description(&status);
            description.insert("qr".into(), json!(text));
            description.insert("qr_base64".into(), json!(image));
            description.insert("expires_in".into(), json!(left));
            Answer::ok("Leia o QR com o WhatsApp do número.").description(description)
        }
    })
}
