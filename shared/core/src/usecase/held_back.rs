//! The refusal of who came too often.

use crate::error::{Code, Problem};
use jiff::SignedDuration;
use std::fmt;

/// [`Code::RateLimited`], with what was too much and when to come again.
pub(super) fn held_back(what: &str, time: SignedDuration) -> Problem {
    let detail = format!("{what} Aguarde {} e tente de novo.", Wait(time));
    Problem::new(Code::RateLimited).because(detail).retry_in(time)
}

/// A time to wait as people read it, rounded up.
struct Wait(SignedDuration);

impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs() + i64::from(self.0.subsec_nanos() > 0);
        let minutes = seconds.saturating_add(59) / 60;
        match (seconds, minutes) {
            (..=1, _) => f.write_str("1 segundo"),
            (2..=90, _) => write!(f, "{seconds} segundos"),
            _ => write!(f, "{minutes} minutos"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_as_people_read_them() {
        let told = |millis| Wait(SignedDuration::from_millis(millis)).to_string();
        let texts = [told(0), told(1_500), told(90_000), told(91_000), told(720_000), told(720_001)];
        assert_eq!(
            texts,
            ["1 segundo", "2 segundos", "90 segundos", "2 minutos", "12 minutos", "13 minutos"]
        );
    }
}
