//! Makes files what WhatsApp wants of them: sniffs types, makes voice notes and thumbnails, encrypts.
//!
//! It reads files of strangers: each is taken for what its bytes say, decoders are bounded in memory and time, and a decoder that
//! panics fails the one file that made it.

mod encryption;
mod film;
mod guarded;
mod picture;
mod prepare;
mod sniff;
mod voice;

pub use encryption::{OpenError, Opened, open};
pub use prepare::{Made, PrepareError, prepare};

/// The longest voice note, in seconds: twenty minutes. That takes some 20 s of one core to encode, and so about 45 s of the share
/// of a core that `dispatch` has, within the minute that it may take for a send.
pub const MAX_VOICE_SECONDS: u32 = 1_200;
