//! Several deliverers at once.

use super::*;
use crate::ports::{LetterAnswer, NotPosted, Postman, Random};
use async_trait::async_trait;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// A receiver that takes its time: others get their turn meanwhile.
struct Yielding {
    random: SeededRandom,
    /// How many posts are under way, by receiver and origin.
    under_way: Mutex<BTreeMap<(String, String), usize>>,
    took: Mutex<BTreeMap<(String, String), Vec<u8>>>,
}

#[async_trait]
impl Postman for Yielding {
    async fn post(&self, letter: Letter) -> Result<LetterAnswer, NotPosted> {
        let body: Value = serde_json::from_slice(&letter.body).unwrap();
        let stream = (letter.url.host().to_owned(), body["sessao"].as_str().unwrap().to_owned());
        let under_way = |by: isize| {
            let mut all = self.under_way.lock().unwrap();
            let count = all.entry(stream.clone()).or_default();
            *count = count.checked_add_signed(by).unwrap();
            *count
        };
        assert_eq!(under_way(1), 1, "two posts of one stream at once");
        let [turns] = (&self.random as &dyn Random).bytes::<1>();
        for _ in 0..turns % 8 {
            tokio::task::yield_now().await;
        }
        self.took.lock().unwrap().entry(stream.clone()).or_default().push(number(&letter));
        under_way(-1);
        Ok(FakePostman::status(200))
    }
}

/// Publishes the events and handles the signals by several deliverers at once; answers what was published and taken.
async fn play(origins: Vec<(u8, u8)>, workers: usize, seed: u64) -> [BTreeMap<(String, String), Vec<u8>>; 2] {
    let w = Arc::new(World::new());
    for of in [1, 2] {
        w.receiver(of, &format!("r{of}.exemplo")).await;
    }
    let postman = Arc::new(Yielding {
        random: SeededRandom::new(seed),
        under_way: Mutex::default(),
        took: Mutex::default(),
    });
    let attempts = Attempts { postman: postman.clone(), clock: w.clock.clone(), draw: |_| None };
    let ports = DeliverStreamPorts {
        receivers: w.store.clone(),
        streams: w.store.clone(),
        queue: w.queue.clone(),
        random: Arc::new(SeededRandom::new(seed + 1)),
    };
    let deliver = DeliverStream::new(ports, attempts);
    let published = Arc::new(Mutex::new(BTreeMap::<(String, String), Vec<u8>>::new()));
    let publisher = {
        let (w, published) = (w.clone(), published.clone());
        async move {
            for (of, origin) in origins {
                let origin = format!("s{origin}");
                let n = w.publish(of, &origin).await;
                published.lock().unwrap().entry((format!("r{of}.exemplo"), origin)).or_default().push(n);
                tokio::task::yield_now().await;
            }
        }
    };
    // Each takes whatever signals there are, until all is quiet.
    let worker = |deliver: DeliverStream| {
        let w = w.clone();
        async move {
            for _ in 0..400 {
                for (signal, _) in w.queue.take() {
                    deliver.run(&signal, false, w.now() + RUN).await.unwrap();
                }
                tokio::task::yield_now().await;
            }
        }
    };
    let workers: Vec<_> = (0..workers).map(|_| tokio::spawn(worker(deliver.clone()))).collect();
    publisher.await;
    for worker in workers {
        worker.await.unwrap();
    }
    let published = published.lock().unwrap().clone();
    let took = postman.took.lock().unwrap().clone();
    [published, took]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn each_event_is_delivered_once_and_in_order(
        origins in prop::collection::vec((1u8..3, 0u8..3), 1..60),
        workers in 1usize..5,
        seed: u32,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let [published, took] = runtime.block_on(play(origins, workers, seed.into()));
        prop_assert_eq!(took, published);
    }
}
