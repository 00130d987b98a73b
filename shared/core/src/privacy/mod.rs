//! What is kept of people, from the side of the law: a tenant asks for all that is kept of a person, or of itself, as a file
//! (a data subject's access), or has it erased. Both are operations that take their time: see [`PrivacyOperation`].

mod details;
mod kind;
mod names;
mod operation;
mod scope;
mod state;
mod work;

pub use details::PrivacyDetails;
pub use kind::PrivacyKind;
pub use names::Names;
pub use operation::{PrivacyOperation, PrivacyWanted};
pub use scope::{About, PrivacyScope};
pub use state::{PrivacyFailure, PrivacyState};
pub use work::PrivacyWork;

/// What stands for the number of a person who was erased, where a number has to stand: it is nobody's.
pub const ERASED_NUMBER: &str = "0000000000";
/// What stands for a text that was erased.
pub const ERASED_TEXT: &str = "(apagado)";
