//! Files of each kind, as they come and as they go: what the recipient deciphers and is told.

mod documents;
mod opened;
mod pictures;
mod refusals;
