//! Sessions against the project's simulator: `cargo test -p carteiro-engine --features simulator`.

mod desk;
mod losing;
mod pairing;
mod receiving;
mod sending;
