//! The auth function.

fn main() {}
