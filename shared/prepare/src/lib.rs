//! Makes the files of sends ready for WhatsApp: fetches them (`carteiro-fetch`, or the tenant's upload), makes what WhatsApp wants
//! of them (`carteiro-media`), and stores the ciphertext. It is the port `Preparer` of the core. The other way round, the port
//! `MediaCopier`, it fetches what was received from WhatsApp, opens it and stores it.
//!
//! A file is on disk from end to end, so memory does not grow with it: 100 MB take as much as one. Each file has a folder of
//! its own, which goes when its work is over, however it ends.

mod budget;
mod copier;
mod preparer;
mod source;
mod workshop;

pub use budget::Budget;
pub use copier::{CopyBudget, FileCopier, MEDIA_HOST};
pub use preparer::FilePreparer;
