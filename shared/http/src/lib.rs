//! What the HTTP functions share: the table of routes, the way in from API Gateway, who is asking (JWTs, API tokens, the
//! operator), reading bodies and queries field by field, the shapes of answers and errors, and a log line for each
//! request. CORS is the gateway's. A function collects its handlers in an [`Api`] and gives the router to [`run`].

mod answer;
mod api;
mod credentials;
mod edge;
mod fields;
mod followed;
#[cfg(feature = "forms")]
mod form;
mod front;
mod function;
mod gate;
mod gateway;
mod idempotency;
mod key_ring;
mod limiter;
mod limits;
mod operator;
mod prefix;
pub mod routes;
mod signing;
mod status;
mod story;
#[cfg(any(test, feature = "test-support"))]
pub mod testing;
mod user_id;
mod v1;

pub use answer::{Answer, ApiError};
pub use api::{Api, RoutesDiffer};
pub use credentials::{Authenticator, TENANT_CACHE, Tenant};
pub use edge::REQUEST_ID_HEADER;
pub use fields::{JsonBody, MAX_JSON_BYTES, Parameter, QueryFields};
pub use followed::UnusableSecret;
#[cfg(feature = "forms")]
pub use form::Form;
pub use gate::Gate;
pub use gateway::{respond, run};
pub use idempotency::idempotency_key;
pub use key_ring::KeyRing;
pub use limiter::Limiter;
pub use limits::{InvalidLimits, Limits};
pub use operator::{OperatorToken, WeakOperatorToken};
pub use signing::{InvalidKey, LIFETIME_SECONDS, SigningKeys};
pub use status::status_of;
pub use story::Story;
pub use user_id::UserIdOfPath;
pub use v1::{CODE_HEADER, v1_status_of};
