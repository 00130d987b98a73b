//! The contract of each port of the core, as one suite of tests: run against the adapters on AWS, on two emulated DynamoDBs
//! (ministack, and dynoxide as a second opinion) and on emulated SQS, SES, SNS and Secrets Manager; and, where the core has
//! the port in memory for tests, against that too, so that what passes for the real thing behaves as it does.

// A test fails by a panic; clippy lets it only in the test functions themselves.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../support/mod.rs"]
mod support;

mod accounts;
mod adoption;
mod alarms;
mod answers;
mod api_keys;
mod audit;
mod bulk;
mod bulk_queue;
mod challenges;
mod chat_samples;
mod chats;
mod chats_cost;
mod chats_history;
mod chats_large;
mod chats_list;
mod chats_people;
mod chats_refused;
mod chats_steps;
mod connections;
mod cost;
mod event_queue;
mod export_queue;
mod export_written;
mod exports;
mod leases;
mod links;
mod media_queue;
mod named_sessions;
mod numbers;
mod object_links;
mod object_parts;
mod objects;
mod outages;
mod outbound;
mod paces;
mod pairings;
mod personal_data;
mod ports;
mod preparations;
mod privacy;
mod queues;
mod rates;
mod report_cost;
mod retention;
mod role;
mod samples;
mod secret_versions;
mod secrets;
mod sends;
mod sends_damaged;
mod sends_files;
mod sends_parked;
mod sends_report;
mod sends_scheduled;
mod sends_v1;
mod stored;
mod usage;
mod wake_queue;
mod webhook_deliveries;
mod webhook_receivers;
mod webhook_streams;
mod webhooks_delivered;
mod whatsapp_state;
mod whatsapp_state_adoption;

/// Runs a suite of functions of [`ports::Ports`] on each store.
macro_rules! contract {
    ($($test:ident),* $(,)?) => {
        crate::contract!(@on ministack: $($test),*);
        crate::contract!(@on dynoxide: $($test),*);
    };
    (in memory too: $($test:ident),* $(,)?) => {
        crate::contract!($($test),*);
        crate::contract!(@on memory: $($test),*);
    };
    (@on $store:ident: $($test:ident),*) => {
        mod $store {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                super::$test(&crate::ports::Ports::$store().await).await;
            })*
        }
    };
}
pub(crate) use contract;
