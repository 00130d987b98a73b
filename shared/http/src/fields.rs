//! Reading what a client sent: the JSON body and the query, field by field, so that every refusal names its field and tells
//! absent (400) from malformed (400) from invalid (422).

use crate::answer::ApiError;
use axum::extract::{FromRequest, FromRequestParts, Query, Request};
use axum::http::request::Parts;
use carteiro_core::error::Code;
use carteiro_core::identity::{Email, Login};
use carteiro_core::media::MediaType;
use carteiro_core::number::Role;
use carteiro_core::phone::Phone;
use carteiro_core::scope::Scope;
use carteiro_core::token::KeyName;
use carteiro_core::user::ZoneName;
use carteiro_core::webhook::{EventKind, WebhookFormat};
use serde_json::{Map, Value};
use std::collections::HashMap;
use std::str::FromStr;

/// The largest JSON body, in bytes: a text of 65,536 characters fits even when each is written as two `\u` escapes.
pub const MAX_JSON_BYTES: usize = 1 << 20;

/// A value that parameters carry as text, and the code that refuses another.
pub trait Parameter: FromStr {
    /// The code of a value that cannot be read.
    const INVALID: Code;
}

macro_rules! parameters {
    ($($type:ty => $code:ident),* $(,)?) => { $(impl Parameter for $type { const INVALID: Code = Code::$code; })* };
}

parameters! {
    String => InvalidParameter,
    Phone => InvalidPhone,
    Email => InvalidEmail,
    Login => InvalidLogin,
    Role => InvalidRole,
    Scope => InvalidScope,
    ZoneName => InvalidTimeZone,
    KeyName => InvalidParameter,
    MediaType => InvalidMediaType,
    EventKind => InvalidEventKind,
    WebhookFormat => InvalidWebhookFormat,
    carteiro_core::webhook::Status => InvalidDeliveryStatus,
    carteiro_core::otp::Code => InvalidOtp,
}

fn parse<T: Parameter>(name: &str, text: &str) -> Result<T, ApiError> {
    text.parse().map_err(|_| ApiError::invalid(T::INVALID, name))
}

/// The body as a JSON object. An empty body is an empty object, so that the answer names the first field that is missing; the
/// content type is not looked at; `null` is as good as absent.
#[derive(Clone)]
pub struct JsonBody(Map<String, Value>);

impl std::fmt::Debug for JsonBody {
    /// The names of the fields; the values may be secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl JsonBody {
    /// Reads a body.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ApiError> {
        if bytes.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self(Map::new()));
        }
        match serde_json::from_slice(bytes) {
            Ok(Value::Object(fields)) => Ok(Self(fields)),
            Ok(_) | Err(_) => Err(ApiError::new(Code::MalformedBody)),
        }
    }

    fn value(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    /// A text that must be there.
    pub fn required<T: Parameter>(&self, name: &str) -> Result<T, ApiError> {
        self.optional(name)?.ok_or_else(|| ApiError::missing(name))
    }

    /// A text that may be there.
    pub fn optional<T: Parameter>(&self, name: &str) -> Result<Option<T>, ApiError> {
        match self.value(name) {
            None => Ok(None),
            Some(Value::String(text)) => parse(name, text).map(Some),
            Some(_) => Err(ApiError::invalid(T::INVALID, name)),
        }
    }

    /// A whole number that may be there.
    pub fn optional_integer(&self, name: &str) -> Result<Option<i64>, ApiError> {
        match self.value(name) {
            None => Ok(None),
            Some(value) => match value.as_i64() {
                Some(number) => Ok(Some(number)),
                None => Err(ApiError::invalid(Code::InvalidParameter, name)),
            },
        }
    }

    /// A flag that may be there; absent is `false`.
    pub fn flag(&self, name: &str) -> Result<bool, ApiError> {
        match self.value(name) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(_) => Err(ApiError::invalid(Code::InvalidParameter, name)),
        }
    }

    /// A list of texts that may be there, at most `most` of them.
    pub fn optional_list<T: Parameter>(&self, name: &str, most: usize) -> Result<Option<Vec<T>>, ApiError> {
        let Some(value) = self.value(name) else { return Ok(None) };
        let Value::Array(items) = value else { return Err(ApiError::invalid(Code::InvalidParameter, name)) };
        if items.len() > most {
            let detail = format!("O parâmetro {name} aceita no máximo {most} itens por requisição.");
            return Err(ApiError::because(Code::TooManyNumbers, detail));
        }
        let texts = items
            .iter()
            .map(|item| item.as_str().map_or(Err(ApiError::invalid(T::INVALID, name)), |t| parse(name, t)));
        texts.collect::<Result<Vec<T>, _>>().map(Some)
    }

    /// The whole object, for hashing a request.
    pub fn as_map(&self) -> &Map<String, Value> {
        &self.0
    }
}

impl<S: Send + Sync> FromRequest<S> for JsonBody {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let bytes = axum::body::to_bytes(request.into_body(), MAX_JSON_BYTES).await;
        Self::from_bytes(&bytes.map_err(|_| ApiError::new(Code::PayloadTooLarge))?)
    }
}

/// The query's parameters. One that comes twice is refused when it is read: which of the two was meant cannot be told.
pub struct QueryFields(HashMap<String, Vec<String>>);

impl QueryFields {
    /// A parameter that must be there.
    pub fn required<T: Parameter>(&self, name: &str) -> Result<T, ApiError> {
        self.optional(name)?.ok_or_else(|| ApiError::missing(name))
    }

    /// A parameter that may be there.
    pub fn optional<T: Parameter>(&self, name: &str) -> Result<Option<T>, ApiError> {
        match self.0.get(name).map(Vec::as_slice) {
            None | Some([]) => Ok(None),
            Some([one]) => parse(name, one).map(Some),
            Some(_) => {
                let detail = format!("O parâmetro {name} veio mais de uma vez.");
                Err(ApiError::because(Code::MalformedQuery, detail))
            }
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for QueryFields {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let pairs = Query::<Vec<(String, String)>>::try_from_uri(&parts.uri)
            .map_err(|_| ApiError::new(Code::MalformedQuery))?;
        let mut fields: HashMap<String, Vec<String>> = HashMap::new();
        for (name, value) in pairs.0 {
            fields.entry(name).or_default().push(value);
        }
        Ok(Self(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn code<T>(result: Result<T, ApiError>) -> Code {
        result.err().unwrap().0.code()
    }

    #[test]
    fn tells_absent_from_malformed_from_invalid() {
        let body = JsonBody::from_bytes(br#"{"number":"551","other":null,"list":["5511988887777"],"n":1e5}"#)
            .unwrap();
        assert_eq!(code(body.required::<Phone>("absent")), Code::MissingParameter);
        assert_eq!(code(body.required::<Phone>("other")), Code::MissingParameter);
        assert_eq!(code(body.required::<Phone>("number")), Code::InvalidPhone);
        assert_eq!(code(body.required::<String>("n")), Code::InvalidParameter);
        assert_eq!(code(body.optional_integer("n")), Code::InvalidParameter, "100000.0");
        assert_eq!(body.optional_integer("other").unwrap(), None);
        assert_eq!(code(body.optional_integer("number")), Code::InvalidParameter);
        let body_of_numbers = JsonBody::from_bytes(br#"{"n":-7}"#).unwrap();
        assert_eq!(body_of_numbers.optional_integer("n").unwrap(), Some(-7));
        assert_eq!(body.optional_list::<Phone>("list", 1).unwrap().unwrap().len(), 1);
        assert_eq!(code(body.optional_list::<Phone>("list", 0)), Code::TooManyNumbers);
        assert_eq!(code(body.optional_list::<Phone>("number", 9)), Code::InvalidParameter);
        assert_eq!(
            code(JsonBody::from_bytes(b"").unwrap().required::<String>("login")),
            Code::MissingParameter
        );
        let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        for bad in [b"[]".as_slice(), b"{", b"\xff\xfe", b"nul", b"{\"a\":1e999}", deep.as_bytes()] {
            assert_eq!(code(JsonBody::from_bytes(bad)), Code::MalformedBody);
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(bytes: Vec<u8>) {
            if let Err(error) = JsonBody::from_bytes(&bytes) {
                prop_assert_eq!(error.0.code(), Code::MalformedBody);
            }
        }
    }
}
