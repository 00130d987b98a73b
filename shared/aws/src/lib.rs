//! The ports of the core on AWS: DynamoDB tables, SQS queues, files on S3, mail by SES, SMS by SNS, secrets, the clock and the
//! operating system's randomness. Adapters are given clients and names; they read no environment. Each port has one contract
//! suite, in `tests/`, which runs against an emulated AWS.

mod clients;
mod connections;
mod counter;
pub mod dynamo;
mod failure;
mod mail;
mod role;
pub mod s3;
mod secret_versions;
mod secrets;
mod sms;
pub mod sqs;
mod surroundings;

pub use clients::AwsClients;
pub use connections::Connections;
pub use counter::{CALLS, CallCounter, Calls};
pub use mail::SesMailer;
pub use secret_versions::SecretsManagerVersions;
pub use secrets::SecretsManagerSecret;
pub use sms::SnsMessenger;
pub use surroundings::{OsRandom, SystemClock, TokioSleeper};
