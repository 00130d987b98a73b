//! Files of each kind, as they come and as they go: what the recipient deciphers and is told.

mod documents;
mod films;
mod opened;
mod pictures;
mod refusals;
mod voice_notes;
mod waves;
