//! How long somebody types.

use std::time::Duration;

/// Of each character.
const EACH: Duration = Duration::from_millis(50);
/// The shortest and the longest: a person pastes what is long.
const BOUNDS: (Duration, Duration) = (Duration::from_millis(800), Duration::from_secs(6));

/// How long a recipient is shown that somebody types before this text comes.
pub fn typing_time(text: &str) -> Duration {
    let characters = u32::try_from(text.chars().take(1_000).count()).unwrap_or(u32::MAX);
    EACH.saturating_mul(characters).clamp(BOUNDS.0, BOUNDS.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longer_texts_take_longer_within_bounds() {
        assert_eq!(typing_time("oi"), BOUNDS.0);
        assert_eq!(typing_time(&"é".repeat(40)), Duration::from_secs(2));
        assert_eq!(typing_time(&"x".repeat(65_536)), BOUNDS.1);
    }
}
