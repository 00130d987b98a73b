//! The reports function.

fn main() {}
