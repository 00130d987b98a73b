//! What both routes read from their bodies.

use carteiro_core::error::Code;
use carteiro_core::otp::{Address, Purpose};
use carteiro_http::{ApiError, JsonBody};

/// How a code reaches a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Channel {
    Email,
    Number,
}

impl Channel {
    /// The address of this channel in a body.
    pub(crate) fn address(self, body: &JsonBody) -> Result<Address, ApiError> {
        match self {
            Channel::Email => body.required("email").map(Address::Email),
            Channel::Number => body.required("number").map(Address::Phone),
        }
    }

    /// The field that holds the code of this channel.
    pub(crate) fn code_field(self) -> &'static str {
        match self {
            Channel::Email => "email_otp_code",
            Channel::Number => "number_otp_code",
        }
    }

    pub(crate) fn other(self) -> Self {
        match self {
            Channel::Email => Channel::Number,
            Channel::Number => Channel::Email,
        }
    }
}

/// `otp_type`, which is `login` unless the body says otherwise.
pub(crate) fn purpose(body: &JsonBody) -> Result<Purpose, ApiError> {
    match body.optional::<String>("otp_type")?.as_deref() {
        None | Some("login") => Ok(Purpose::Login),
        Some("register") => Ok(Purpose::Register),
        Some(_) => {
            let detail = "O parâmetro otp_type deve ser login ou register.";
            Err(ApiError::because(Code::InvalidParameter, detail))
        }
    }
}

/// `otp_for`, which is `email` unless the body says otherwise.
pub(crate) fn channel(body: &JsonBody) -> Result<Channel, ApiError> {
    match body.optional::<String>("otp_for")?.as_deref() {
        None | Some("email") => Ok(Channel::Email),
        Some("number") => Ok(Channel::Number),
        Some(_) => {
            let detail = "O parâmetro otp_for deve ser email ou number.";
            Err(ApiError::because(Code::InvalidParameter, detail))
        }
    }
}
