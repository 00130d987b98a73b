//! The numbers function.

fn main() {}
