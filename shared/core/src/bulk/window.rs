//! How many sends of an operation wait at the same time.

use std::time::Duration;

/// The most sends of one operation that wait at the same time.
pub const WINDOW: u32 = 100;
/// The fewest: else a slow number would have nothing to send while its next sends are made.
const LEAST: u32 = 4;
/// In about how long all that wait are sent.
const AHEAD: Duration = Duration::from_secs(20);

/// How many sends of an operation may wait, when one leaves each `spacing` and it is looked again after `rest`: so many that its number
/// always has some, and so few that who pauses, or a single send that comes behind them, waits for seconds only. Where little
/// leaves, and it is looked seldom, there may be more: those in front may wait for something that others behind them do not need.
pub fn window(spacing: Duration, rest: Duration) -> u32 {
    let leave = AHEAD.max(rest * 2).as_micros() / spacing.as_micros().max(1);
    u32::try_from(leave).unwrap_or(WINDOW).clamp(LEAST, WINDOW)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_leaves_in_seconds_or_is_little() {
        let of = |spacing, rest| window(Duration::from_millis(spacing), Duration::from_secs(rest));
        assert_eq!([of(1_000, 2), of(1_000, 10), of(50, 2), of(200, 5)], [20, 20, 100, 100]);
        assert_eq!([of(30_000, 10), of(0, 2)], [4, 100]);
        assert_eq!([of(1_000, 20), of(1_000, 60)], [40, 100], "nothing leaves, and it is looked less often");
    }
}
