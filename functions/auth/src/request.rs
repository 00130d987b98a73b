//! `POST /v2/auth/otp/request`.

use crate::even::{ANSWER_AFTER, evenly};
use crate::fields::{channel, purpose};
use crate::routes::App;
use axum::Extension;
use axum::extract::State;
use carteiro_core::error::Code;
use carteiro_core::otp::Address;
use carteiro_core::source::Source;
use carteiro_core::usecase::Requested;
use carteiro_http::{Answer, ApiError, JsonBody, Story};
use std::sync::Arc;

/// Sends a code. The answer, and its time, are the same whether or not there is an account.
pub(crate) async fn request(
    State(app): State<Arc<App>>,
    Extension(source): Extension<Source>,
    story: Story,
    body: JsonBody,
) -> Result<Answer, ApiError> {
    let (purpose, address) = (purpose(&body)?, channel(&body)?.address(&body)?);
    if let Address::Phone(number) = &address {
        story.number(number);
    }
    let keys = app.keys.get().await?.otp_keys();
    let Some(key) = keys.first() else { return Err(Code::Internal.into()) };
    match evenly(ANSWER_AFTER, app.otp.request(purpose, &address, source, key)).await.transpose()? {
        None => tracing::error!("a one-time password was given up, since it took too long to hand over"),
        Some(Requested::Undelivered(error)) => {
            tracing::error!(%error, "a one-time password was not delivered");
        }
        Some(Requested::Held) => {
            tracing::warn!("a one-time password was held back: too many for its account")
        }
        Some(Requested::NoSmsLeft) => {
            tracing::error!(
                "a one-time password was held back: the deployment has sent as many SMS as it may"
            );
        }
        Some(Requested::Sent | Requested::Nobody | Requested::AlreadyRegistered) => {}
    }
    Ok(Answer::ok("Código OTP solicitado com sucesso.").description(
        "Se o endereço puder receber um código, ele chegará em instantes e valerá por 5 minutos.",
    ))
}
