//! The ports of the core on AWS.
