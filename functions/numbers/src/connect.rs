//! `GET /v2/numbers/connect`.

use crate::routes::App;
use crate::status::description;
use axum::extract::State;
use carteiro_core::error::{Code, Problem};
use carteiro_core::number::PairingMethod;
use carteiro_core::phone::Phone;
use carteiro_core::usecase::Connection;
use carteiro_http::{Answer, ApiError, QueryFields, Story, Tenant};
use carteiro_qr::png_data_uri;
use jiff::Timestamp;
use secrecy::ExposeSecret;
use serde_json::json;
use std::sync::Arc;

/// Connects a worker: answers a QR to scan, or with `method=code` a code to type into the phone, which is gone from the answer
/// once it is connected.
pub(crate) async fn connect(
    State(app): State<Arc<App>>,
    tenant: Tenant,
    story: Story,
    query: QueryFields,
) -> Result<Answer, ApiError> {
    let number: Phone = query.required("number")?;
    story.number(&number);
    let method = match query.optional::<String>("method")?.as_deref() {
        None | Some("qr") => PairingMethod::Qr,
        Some("code") => PairingMethod::Code,
        Some(_) => {
            return Err(ApiError::because(Code::InvalidParameter, "O parâmetro method deve ser qr ou code."));
        }
    };
    let left = |end: Timestamp| end.duration_since(app.sessions.clock.now()).as_secs().max(0);
    Ok(match app.connect.connect(tenant.id, &number, method).await? {
        Connection::Connected(status) => Answer::ok("Número conectado.").description(description(&status)),
        Connection::Underway(status) => {
            Answer::accepted("Conexão em andamento, consulte de novo.").description(description(&status))
        }
        Connection::Scan(status, qr) => {
            let text = qr.code.expose_secret();
            let image = png_data_uri(text).map_err(|error| Problem::new(Code::Internal).caused_by(error))?;
            let mut description = description(&status);
            description.insert("qr".into(), json!(text));
            description.insert("qr_base64".into(), json!(image));
            description.insert("expires_in".into(), json!(left(qr.expires_at)));
            description.insert("expires_at".into(), json!(qr.expires_at.to_string()));
            Answer::ok("Leia o QR com o WhatsApp do número.").description(description)
        }
        Connection::Type(status, code) => {
            let mut description = description(&status);
            description.insert("pairing_code".into(), json!(code.shown()));
            description.insert("expires_in".into(), json!(left(code.expires_at)));
            description.insert("expires_at".into(), json!(code.expires_at.to_string()));
            Answer::ok("Digite o código no WhatsApp do número, em Conectar com número de telefone.")
                .description(description)
        }
    })
}
