//! The READMEs, the pages of `docs/` and those beside it: what can be checked of them without a running system. The commands on them are run by
//! the test `pages` of `e2e`. `UPDATE_DOCS=1 cargo test -p carteiro-local --test docs` writes the generated pages anew.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test fails by panicking and says why it is skipped"
)]

mod blocks;
mod changes;
mod data_model;
mod events;
mod generated;
mod links;
mod marks;
mod names;
mod parameters;
mod readme;
mod requests;
mod sentences;
mod shell;
mod signatures;
mod yaml;
