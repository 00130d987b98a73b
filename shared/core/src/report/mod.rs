//! The report of sends: its period, its pages, its items.

mod cursor;
mod item;
mod moment;
mod period;

pub use cursor::{Cursor, CursorKey, InvalidCursor};
pub use item::{Item, SendDetails};
pub use moment::{InvalidMoment, Moment, written};
pub use period::{InvalidPeriod, Period};
