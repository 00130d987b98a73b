//! What functions that are fed by SQS share: a batch is handled record by record, and the answer names exactly the records
//! that must come again (`ReportBatchItemFailures`), so one bad record never repeats the work of the others. [`standard`]
//! handles every record; [`fifo`] keeps the order of each message group by stopping a group at its first failure.

mod fifo;
mod record;
mod run;
mod standard;

pub use fifo::fifo;
pub use record::NoMessageId;
pub use run::{run_fifo, run_standard, run_standard_counted};
pub use standard::{standard, standard_counted};
