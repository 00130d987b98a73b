//! The report of sends: its period, its pages, its items, and the reports that are written in the background.

mod csv;
mod cursor;
mod export;
mod item;
mod moment;
mod period;
mod subject;
mod tally;

pub use csv::{CsvText, InvalidSeparator, Separator};
pub use cursor::{Cursor, CursorKey, CursorKeys, InvalidCursor};
pub use export::{Export, ExportDetails, ExportFailure, ExportForm, ExportState, ExportWanted, Progress};
pub use item::{Item, SendDetails};
pub use moment::{InvalidMoment, Moment, written};
pub use period::{InvalidPeriod, Period};
pub use subject::Subject;
pub use tally::{InvalidTally, Tally};
