//! JSON logs.
