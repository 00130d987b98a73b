//! `POST /v2/auth/otp/validate`.

use crate::fields::{Channel, channel, purpose};
use crate::routes::App;
use axum::Extension;
use axum::extract::State;
use carteiro_core::otp::Purpose;
use carteiro_core::source::Source;
use carteiro_core::usecase::Proof;
use carteiro_http::{Answer, ApiError, JsonBody, LIFETIME_SECONDS, Story};
use std::sync::Arc;

/// Takes one code, or at a registration also those of both channels in one body, and answers a JWT.
pub(crate) async fn validate(
    State(app): State<Arc<App>>,
    Extension(source): Extension<Source>,
    story: Story,
    body: JsonBody,
) -> Result<Answer, ApiError> {
    let (purpose, channel) = (purpose(&body)?, channel(&body)?);
    let proof = proof(channel, &body)?;
    let keys = app.keys.get().await?.otp_keys();
    let user = match purpose {
        Purpose::Login => app.otp.log_in(&proof, source, &keys).await?,
        Purpose::Register => {
            let mut proofs = vec![proof];
            let other = channel.other();
            if body.optional::<String>(other.code_field())?.is_some() {
                proofs.push(self::proof(other, &body)?);
            }
            app.otp.register(&proofs, source, &keys).await?
        }
    };
    story.tenant(user.id);
    Ok(Answer::ok("Código OTP validado com sucesso.")
        .field("token", app.authenticator.issue(user.id).await?)
        .field("expires_in", LIFETIME_SECONDS))
}

fn proof(channel: Channel, body: &JsonBody) -> Result<Proof, ApiError> {
    Ok(Proof { address: channel.address(body)?, code: body.required(channel.code_field())? })
}
