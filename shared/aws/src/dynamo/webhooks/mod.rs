//! The table `webhooks`: who is told of events, and the events on their way.
//!
//! | what | `pk` | `sk` |
//! |---|---|---|
//! | a receiver | `USER#<user>` | `RECEIVER#`, or `RECEIVER#<session>` |
//! | a stream: its holder, its signals, its outage | `USER#<user>` | `STREAM#<receiver>#<origin>` |
//! | that a receiver takes again what it did not take | `USER#<user>` | `RECOVERED#<receiver>` |
//! | a delivery | `STREAM#<receiver>#<origin>` | `EVENT#<event>` |
//! | the rest of a delivery of more than 300 KB | the same | `PART#<event>#<nnn>` |
//!
//! A delivery has the attribute `place` while it is pending and so is in the index `by_place` of its stream; `user_pk`
//! (`<user>#<status>`) and `user_sk` (its place) put it in `by_user`. What it says is dropped once it is delivered.
//!
//! | access | request | units |
//! |---|---|---|
//! | a tenant's receivers | Query | 1 read for 4 KB: about 8 receivers |
//! | find a receiver | GetItem | 1 read |
//! | save a receiver | PutItem, conditional | 1 write |
//! | the last that is pending, asked once a second at most where events come | Query of `by_place` | 1 read |
//! | add a delivery | PutItem, conditional | 1 write for 1 KB, and 1 for each index |
//! | take a stream | UpdateItem, conditional; 1 more when it is held | 1 write each |
//! | release a stream, renumber or end a wait | UpdateItem, conditional | 1 write |
//! | note a recovery | PutItem | 1 write |
//! | look for one, every 2 minutes of a wait | GetItem | 1 read |
//! | what is pending | Query of `by_place`, BatchGetItem | 1 read for 4 KB of each |
//! | record a try | UpdateItem, conditional | 1 write for 1 KB; of the last 3 more for the indexes |
//! | a page of deliveries | Query of `by_user`, BatchGetItem | half a read for 4 KB of each |
//! | the deliveries of an event | Query of the streams, BatchGetItem | half a read for each stream |
//! | redrive | UpdateItem, conditional | 1 write for 1 KB, and 3 for the indexes |

mod deliveries;
pub(super) mod keys;
mod parts;
mod receivers;
mod record;
mod streams;

pub use receivers::DynamoReceivers;
pub use streams::DynamoStreams;
