//! The tables, on DynamoDB, by owner: `accounts`, `sends`, `sessions`, `webhooks`, `chats`; each has the keys `pk` and `sk` (strings) and
//! a TTL attribute `ttl`. Each file opens with its access patterns and what one costs in request units: a strongly
//! consistent read is 1 unit for 4 KB, an eventually consistent one half of that, a write 1 unit for 1 KB, and in a
//! transaction twice that. An index costs a write of its own when an indexed attribute changes.

mod accounts;
mod alarms;
mod answers;
mod api_keys;
mod audit;
mod backoff;
mod batch;
mod bulk;
mod challenges;
mod chats;
mod exports;
mod item;
mod keys;
mod leases;
mod links;
mod named_sessions;
mod numbers;
mod paces;
mod pairings;
mod personal;
mod preparations;
mod privacy;
mod query;
mod rates;
mod sends;
mod table;
mod transaction;
mod usage;
mod webhooks;
mod whatsapp_state;
mod write;

pub use accounts::DynamoAccounts;
pub use alarms::DynamoAlarms;
pub use answers::DynamoAnswers;
pub use api_keys::DynamoApiKeys;
pub use audit::DynamoAudit;
pub use bulk::DynamoBulks;
pub use challenges::DynamoChallenges;
pub use chats::DynamoChats;
pub use exports::DynamoExports;
pub use leases::DynamoLeases;
pub use links::DynamoLinks;
pub use named_sessions::DynamoNamedSessions;
pub use numbers::DynamoNumbers;
pub use paces::DynamoPaces;
pub use pairings::DynamoPairings;
pub use personal::{AwsPersonalData, PersonalTables};
pub use preparations::DynamoPreparations;
pub use privacy::DynamoPrivacy;
pub use rates::DynamoRates;
pub use sends::DynamoSends;
pub use usage::DynamoUsage;
pub use webhooks::{DynamoReceivers, DynamoStreams};
pub use whatsapp_state::DynamoWhatsAppStates;
