//! Operations from their request to their end.

mod accepting;
mod campaign;
mod requests;
mod running;
mod troubles;
mod wishes;
