//! The queues between the parts, on SQS: FIFO queues, but for those over [`standard_queue`].

mod batch;
mod bulk_queue;
mod event_queue;
mod export_queue;
mod media_queue;
mod send_queue;
mod shard_queues;
mod shard_receiver;
mod shard_sender;
mod standard_queue;
mod wake_queue;

pub use bulk_queue::SqsBulkQueue;
pub use event_queue::SqsEventQueue;
pub use export_queue::SqsExportQueue;
pub use media_queue::SqsMediaQueue;
pub use send_queue::SqsSendQueue;
pub use shard_queues::ShardQueues;
pub use shard_receiver::SqsShardReceiver;
pub use shard_sender::SqsShardSender;
pub use wake_queue::SqsWakeQueue;
