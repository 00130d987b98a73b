//! The sends function.

fn main() {}
