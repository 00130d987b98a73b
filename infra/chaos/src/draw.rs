//! The faults of a run, as the dice decide them.

use crate::fault::Fault;
use crate::kind::Kind;
use carteiro_local::Dice;
use std::time::Duration;

/// One fault after the other: first one of each kind, in an order that the dice decide, then any.
pub(crate) struct Draw {
    dice: Dice,
    /// The kinds that have not struck yet, the next one last.
    left: Vec<Kind>,
    tasks: usize,
    numbers: usize,
    spell: Duration,
}

impl Draw {
    /// For a fleet of so many tasks and numbers; see [`Fault::of`] for `spell`.
    pub(crate) fn new(seed: u64, tasks: usize, numbers: usize, spell: Duration) -> Self {
        let mut dice = Dice::new(seed);
        let mut left = Kind::ALL.to_vec();
        left.sort_by_cached_key(|_| dice.any());
        Self { dice, left, tasks, numbers, spell }
    }

    /// The next fault. One that cannot strike gives its turn to another of its kind, as long as the kind has not struck.
    pub(crate) fn fault(&mut self) -> Fault {
        let kind = self.left.last().copied().unwrap_or_else(|| Kind::any(&mut self.dice));
        Fault::of(kind, &mut self.dice, self.tasks, self.numbers, self.spell)
    }

    /// The fault that was drawn last has struck.
    pub(crate) fn struck(&mut self) {
        self.left.pop();
    }

    /// How long it is until the next one, if that is to be about `pace`: from half of it to one and a half.
    pub(crate) fn pause(&mut self, pace: Duration) -> Duration {
        let pace = u64::try_from(pace.as_millis()).unwrap_or(u64::MAX);
        Duration::from_millis(self.dice.between(pace / 2, pace.saturating_mul(3) / 2))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const SPELL: Duration = Duration::from_secs(16);

    fn drawn(seed: u64, count: usize) -> Vec<Fault> {
        let mut draw = Draw::new(seed, 3, 50, SPELL);
        let one = |_| {
            let fault = draw.fault();
            draw.struck();
            fault
        };
        (0..count).map(one).collect()
    }

    fn kinds(faults: &[Fault]) -> BTreeSet<&'static str> {
        faults.iter().map(|fault| fault.kind().name()).collect()
    }

    #[test]
    fn a_seed_makes_the_same_faults_again_one_of_each_kind_first() {
        assert_eq!(drawn(1, 500), drawn(1, 500));
        assert_ne!(drawn(1, 13), drawn(2, 13));
        for seed in 0..20 {
            let faults = drawn(seed, 513);
            let (first, others) = faults.split_at(Kind::ALL.len());
            assert_eq!((kinds(first).len(), kinds(others).len()), (13, 13), "seed {seed}: {first:?}");
            assert!(faults.iter().all(|fault| fault.task().is_none_or(|task| task < 3)));
        }
    }

    #[test]
    fn a_kind_that_did_not_strike_comes_again() {
        let mut draw = Draw::new(1, 3, 50, SPELL);
        let kind = draw.fault().kind();
        assert!((0..20).all(|_| draw.fault().kind() == kind));
        draw.struck();
        assert_ne!(draw.fault().kind(), kind);
    }

    #[test]
    fn nothing_lasts_longer_than_it_may() {
        let lasts = |fault: &Fault| match *fault {
            Fault::Kill(_, down) => down * 4,
            Fault::Freeze(_, spell) => spell / 2,
            Fault::Cut(.., spell) | Fault::Aws(_, spell) | Fault::Calls(.., spell) => spell,
            _ => Duration::ZERO,
        };
        assert!(drawn(1, 500).iter().all(|fault| lasts(fault) <= SPELL));
    }
}
