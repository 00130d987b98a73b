//! What the task counts, told once a minute as CloudWatch metrics by lines in the log.
//!
//! | metric | unit | of | told |
//! |---|---|---|---|
//! | `Sessions` | Count | `service` | the numbers that this task looks after: the average over a minute is the sessions of one task |
//! | `SessionsByState` | Count | `service`, `state` | the numbers that this task looks after, by the state of their link |
//! | `TakeoverSeconds` | Seconds | `service` | the longest time that a shard went without a living owner; only after one did |
//! | `Nacks` | Count | `service` | messages that WhatsApp refused, since the last line |
//! | `NacksByCode` | Count | `service`, `code` | the same by WhatsApp's code |
//! | `SilentSessions` | Count | `service` | connections that were found deaf and made anew, since the last line |
//!
//! Every task tells its own; over a minute, CloudWatch's sum is the fleet's.

use carteiro_core::number::LinkState;
use carteiro_telemetry::{Metric, Metrics, Unit};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::{MissedTickBehavior, interval};

/// How often the metrics are told.
const EVERY: Duration = Duration::from_secs(60);
/// How many codes are told apart; each is a metric that costs. The others are told as `other`.
const CODES: usize = 20;

#[derive(Default)]
struct Counts {
    /// A state that had sessions stays, so that it is told when it has none any more.
    sessions: BTreeMap<&'static str, u64>,
    nacks: BTreeMap<String, u64>,
    silent: u64,
    takeover: Option<Duration>,
}

/// Counts what happens in this task.
pub struct SessionMetrics {
    out: Metrics,
    counts: Mutex<Counts>,
}

impl Default for SessionMetrics {
    /// Metrics that nobody reads.
    fn default() -> Self {
        Self::new(Metrics::writing("session", std::io::sink))
    }
}

impl SessionMetrics {
    /// Metrics that are told there.
    pub fn new(out: Metrics) -> Self {
        Self { out, counts: Mutex::default() }
    }

    /// Counts one more session for as long as the answer lives, in no state before it is told one.
    pub fn session(self: &Arc<Self>) -> CountedSession {
        CountedSession { metrics: self.clone(), state: None }
    }

    /// WhatsApp refused a message, with that code.
    pub fn nack(&self, code: u16) {
        let mut counts = self.counts();
        let code = code.to_string();
        let known = counts.nacks.contains_key(&code) || counts.nacks.len() < CODES;
        *counts.nacks.entry(if known { code } else { "other".to_owned() }).or_default() += 1;
    }

    /// A connection was up and WhatsApp did not answer over it.
    pub fn silent(&self) {
        self.counts().silent += 1;
    }

    /// A shard was taken over that had had no living owner for so long.
    pub fn takeover(&self, without_owner: Duration) {
        let longest = &mut self.counts().takeover;
        *longest = (*longest).max(Some(without_owner));
    }

    /// Tells what was counted, each minute, for ever.
    pub async fn run(self: Arc<Self>) {
        let mut ticks = interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            self.flush();
        }
    }

    /// Tells what was counted until now; what is told is counted anew.
    pub fn flush(&self) {
        let (sessions, nacks, silent, takeover) = {
            let mut counts = self.counts();
            let sessions = counts.sessions.clone();
            counts.sessions.retain(|_, count| *count > 0);
            (
                sessions,
                std::mem::take(&mut counts.nacks),
                std::mem::take(&mut counts.silent),
                counts.takeover.take(),
            )
        };
        let count = |name, value| Metric { name, value, unit: Unit::Count };
        let mut all = vec![
            count("Sessions", sessions.values().sum::<u64>() as f64),
            count("Nacks", nacks.values().sum::<u64>() as f64),
            count("SilentSessions", silent as f64),
        ];
        let seconds = |took: Duration| Metric {
            name: "TakeoverSeconds",
            value: took.as_secs_f64(),
            unit: Unit::Seconds,
        };
        all.extend(takeover.map(seconds));
        self.out.put(&[], &all);
        for (state, sessions) in sessions {
            self.out.put(&[("state", state)], &[count("SessionsByState", sessions as f64)]);
        }
        for (code, refused) in &nacks {
            self.out.put(&[("code", code)], &[count("NacksByCode", *refused as f64)]);
        }
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A session that is counted until this is dropped.
pub struct CountedSession {
    metrics: Arc<SessionMetrics>,
    state: Option<LinkState>,
}

impl CountedSession {
    /// The session is in this state now.
    pub fn is_in(&mut self, state: LinkState) {
        let before = self.state.replace(state);
        let mut counts = self.metrics.counts();
        leave(&mut counts, before);
        *counts.sessions.entry(state.as_str()).or_default() += 1;
    }
}

impl Drop for CountedSession {
    fn drop(&mut self) {
        leave(&mut self.metrics.counts(), self.state);
    }
}

fn leave(counts: &mut Counts, state: Option<LinkState>) {
    if let Some(count) = state.and_then(|state| counts.sessions.get_mut(state.as_str())) {
        *count = count.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use carteiro_telemetry::testing::Lines;

    fn metrics() -> (Arc<SessionMetrics>, Lines) {
        let lines = Lines::default();
        let writer = lines.clone();
        (Arc::new(SessionMetrics::new(Metrics::writing("session", move || writer.clone()))), lines)
    }

    /// The values of a metric, by one of its dimensions.
    fn told(lines: &Lines, name: &str, by: &str) -> Vec<(String, f64)> {
        let told = lines.metric(name).into_iter();
        told.map(|line| (line[by].as_str().unwrap().to_owned(), line[name].as_f64().unwrap())).collect()
    }

    #[test]
    fn sessions_are_counted_by_their_state_until_they_end() {
        let (metrics, lines) = metrics();
        let (mut one, mut two) = (metrics.session(), metrics.session());
        one.is_in(LinkState::Pairing);
        one.is_in(LinkState::Connected);
        two.is_in(LinkState::Connected);
        metrics.flush();
        let state = |state: LinkState, count| (state.as_str().to_owned(), count);
        let first = told(&lines, "SessionsByState", "state");
        assert_eq!(first.len(), 2);
        assert_eq!(lines.metric("Sessions")[0]["Sessions"], 2.0, "of all states");
        assert!(first.contains(&state(LinkState::Connected, 2.0)));
        assert!(first.contains(&state(LinkState::Pairing, 0.0)));
        drop(one);
        drop(two);
        metrics.flush();
        let later = told(&lines, "SessionsByState", "state").split_off(2);
        assert_eq!(later, [state(LinkState::Connected, 0.0)], "told once more, and then no more");
        metrics.flush();
        assert_eq!(told(&lines, "SessionsByState", "state").len(), 3);
    }

    #[test]
    fn refusals_and_deaf_connections_are_told_and_counted_anew() {
        let (metrics, lines) = metrics();
        [463, 463, 479].into_iter().for_each(|code| metrics.nack(code));
        metrics.silent();
        metrics.flush();
        metrics.flush();
        let by_code = told(&lines, "NacksByCode", "code");
        assert_eq!(by_code, [("463".to_owned(), 2.0), ("479".to_owned(), 1.0)]);
        let of_all = |name: &str| told(&lines, name, "service").into_iter().map(|(_, value)| value);
        assert_eq!(of_all("Nacks").collect::<Vec<_>>(), [3.0, 0.0]);
        assert_eq!(of_all("SilentSessions").collect::<Vec<_>>(), [1.0, 0.0]);
    }

    #[test]
    fn codes_beyond_the_most_are_told_together() {
        let (metrics, lines) = metrics();
        (0..30).for_each(|code| metrics.nack(code));
        metrics.flush();
        let by_code = told(&lines, "NacksByCode", "code");
        assert_eq!(by_code.len(), CODES + 1);
        assert!(by_code.contains(&("other".to_owned(), 10.0)));
    }

    #[test]
    fn the_longest_takeover_is_told_once() {
        let (metrics, lines) = metrics();
        [9.5, 12.0, 8.0].into_iter().for_each(|took| metrics.takeover(Duration::from_secs_f64(took)));
        metrics.flush();
        metrics.flush();
        assert_eq!(told(&lines, "TakeoverSeconds", "service"), [("session".to_owned(), 12.0)]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_minute_passes_between_two_lines() {
        let (metrics, lines) = metrics();
        let running = tokio::spawn(metrics.run());
        tokio::time::sleep(EVERY * 2 + Duration::from_secs(1)).await;
        running.abort();
        assert_eq!(lines.metric("Nacks").len(), 3, "at once, and then each minute");
    }
}
