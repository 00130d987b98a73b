//! The ports in memory, for tests: of the use cases, and of whole functions in their process. Behind the feature
//! `test-support`, so no production binary has them. Each keeps what its contract says, and can be switched off
//! ([`Switch`]) to see what becomes of a request when a store fails.

mod accounts;
mod answers;
mod challenges;
mod chats;
mod commands;
mod copier;
mod events;
mod exports;
mod links;
mod long_history;
mod named_sessions;
mod numbers;
mod object_parts;
mod objects;
mod outbox;
mod pairings;
mod preparations;
mod preparer;
mod rates;
mod secret;
mod send_queue;
mod sends;
mod surroundings;
mod switch;
mod tenant;
mod troubles;
mod usage;

pub use accounts::MemoryAccounts;
pub use answers::MemoryAnswers;
pub use challenges::MemoryChallenges;
pub use chats::MemoryChats;
pub use commands::{MemoryShardSender, PushedCommand};
pub use copier::FakeCopier;
pub use events::MemoryEvents;
pub use exports::{MemoryExportQueue, MemoryExports};
pub use links::MemoryLinks;
pub use long_history::LongHistory;
pub use named_sessions::MemoryNamedSessions;
pub use numbers::MemoryNumbers;
pub use object_parts::MemoryObjectParts;
pub use objects::MemoryObjects;
pub use outbox::{Mail, MemoryMailer, MemoryMessenger};
pub use pairings::MemoryPairings;
pub use preparations::MemoryPreparations;
pub use preparer::FakePreparer;
pub use rates::MemoryRates;
pub use secret::MemorySecret;
pub use send_queue::{MemorySendQueue, PushedSend};
pub use sends::MemorySends;
pub use surroundings::{ManualClock, SeededRandom, SleepLog};
pub use switch::Switch;
pub use tenant::tenant;
pub use troubles::{Trouble, Troubled, Troubles};
pub use usage::MemoryUsage;
