//! Whatever happens, in whatever order: each stream's events arrive, in their order.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// What happens in a world.
#[derive(Debug, Clone)]
enum Happening {
    /// A user's event of an origin.
    Published(u8, u8),
    /// A signal comes out of the queue, of those that may: which.
    Signal(usize),
    /// A signal comes out twice: which.
    Doubled(usize),
    /// Time passes, in seconds.
    Time(i64),
    /// A user's receiver goes down or comes back.
    Receiver(u8, bool),
    /// The next post is answered, but the run ends before it has stored that.
    Crash,
}

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        3 => (1u8..3, 0u8..2).prop_map(|(of, origin)| Happening::Published(of, origin)),
        6 => any::<usize>().prop_map(Happening::Signal),
        1 => any::<usize>().prop_map(Happening::Doubled),
        2 => (1i64..2_000).prop_map(Happening::Time),
        1 => (1u8..3, any::<bool>()).prop_map(|(of, up)| Happening::Receiver(of, up)),
        1 => Just(Happening::Crash),
    ]
}

#[derive(Default)]
struct Receivers {
    down: BTreeMap<String, bool>,
    crash: bool,
    crashes: usize,
    /// What each took, by receiver and origin.
    took: BTreeMap<(String, String), Vec<u8>>,
}

struct Played {
    world: World,
    receivers: Arc<Mutex<Receivers>>,
    published: BTreeMap<(String, String), Vec<u8>>,
}

impl Played {
    async fn new() -> Self {
        let (world, receivers) = (World::new(), Arc::<Mutex<Receivers>>::default());
        for of in [1, 2] {
            world.receiver(of, &host(of)).await;
        }
        let (playing, store) = (receivers.clone(), world.store.clone());
        world.postman.answering(move |letter| {
            let mut receivers = playing.lock().unwrap();
            let host = letter.url.host().to_owned();
            if receivers.down.get(&host) == Some(&true) {
                return Err(FakePostman::failure(TryFailure::TimedOut));
            }
            let body: Value = serde_json::from_slice(&letter.body).unwrap();
            let origin = body["sessao"].as_str().unwrap().to_owned();
            receivers.took.entry((host, origin)).or_default().push(number(letter));
            if std::mem::take(&mut receivers.crash) {
                receivers.crashes += 1;
                store.switch.fail();
            }
            Ok(FakePostman::status(200))
        });
        Self { world, receivers, published: BTreeMap::new() }
    }

    async fn happens(&mut self, what: Happening) {
        let w = &self.world;
        match what {
            Happening::Published(of, origin) => {
                let origin = format!("s{origin}");
                let n = w.publish(of, &origin).await;
                self.published.entry((host(of), origin)).or_default().push(n);
            }
            Happening::Signal(which) => self.signal(which, true).await,
            Happening::Doubled(which) => self.signal(which, false).await,
            Happening::Time(seconds) => w.clock.advance(SignedDuration::from_secs(seconds)),
            Happening::Receiver(of, down) => {
                self.receivers.lock().unwrap().down.insert(host(of), down);
            }
            Happening::Crash => self.receivers.lock().unwrap().crash = true,
        }
    }

    /// One of the signals that are due, whichever: the queue has no order.
    async fn signal(&self, which: usize, taken: bool) {
        let w = &self.world;
        let now = w.now();
        let chosen = {
            let mut signals = w.signals.lock().unwrap();
            let pushed = w.queue.take().into_iter();
            signals
                .extend(pushed.map(|(s, delay)| (now + SignedDuration::try_from(delay).unwrap(), s, false)));
            let due: Vec<usize> = (0..signals.len()).filter(|n| signals[*n].0 <= now).collect();
            let Some(place) = (!due.is_empty()).then(|| due[which % due.len()]) else { return };
            let chosen = signals[place].clone();
            if taken {
                signals.remove(place);
            }
            chosen
        };
        let _ = w.handle(&chosen.1, chosen.2).await;
        w.store.switch.recover();
    }
}

fn host(of: u8) -> String {
    format!("r{of}.exemplo")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn every_event_arrives_and_in_its_order(story in prop::collection::vec(happening(), 0..120)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let mut played = Played::new().await;
            for what in story {
                played.happens(what).await;
            }
            // In the end all is well, and what is in the queue comes out.
            {
                let mut receivers = played.receivers.lock().unwrap();
                receivers.down.clear();
                receivers.crash = false;
            }
            played.world.run_for(6 * HOUR).await;
            let receivers = played.receivers.lock().unwrap();
            for (stream, published) in &played.published {
                let took = receivers.took.get(stream).cloned().unwrap_or_default();
                let mut once = took.clone();
                once.dedup();
                prop_assert_eq!(&once, published, "in order, each until it was taken");
            }
            let took: usize = receivers.took.values().map(Vec::len).sum();
            let published: usize = played.published.values().map(Vec::len).sum();
            prop_assert_eq!(took, published + receivers.crashes, "twice only what was not stored");
            prop_assert!(played.world.deliveries(Status::Pending).is_empty());
            Ok(())
        })?;
    }
}
