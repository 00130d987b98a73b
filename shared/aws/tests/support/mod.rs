//! An emulated AWS for tests: started on a free port by the first test that needs it, in a Python environment that is made
//! once, and gone when the test process is. Needs Python 3.10 or newer.

pub(crate) mod bucket;
pub(crate) mod emulator;
pub(crate) mod http;
mod python;
pub(crate) mod stack;
pub(crate) mod store;
