//! The dispatch function.

fn main() {}
