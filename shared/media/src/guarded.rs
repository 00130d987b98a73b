//! A fence around code that reads what strangers made.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs a reader of hostile bytes; `None` when it panics. The codecs are written by others and large: one file that finds a
/// bug in them must fail its own send, not be tried again for ever.
pub(crate) fn guarded<T>(read: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(read)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_no_answer() {
        assert_eq!(guarded(|| 1), Some(1));
        assert_eq!(guarded(|| -> u8 { panic!("a bug in a codec, made for this test") }), None);
    }
}
