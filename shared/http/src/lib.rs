//! What HTTP functions share.
