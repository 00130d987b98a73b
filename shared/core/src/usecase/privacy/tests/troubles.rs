//! Every call of a whole operation meets every trouble.

use super::*;

/// A world whose runs meet troubles.
struct Rough {
    w: World,
    troubles: Arc<Troubles>,
    parts: Arc<MemoryObjectParts>,
    id: PrivacyId,
}

impl Rough {
    async fn new(kind: PrivacyKind) -> Self {
        let (mut w, troubles) = (world(), Arc::<Troubles>::default());
        match kind {
            PrivacyKind::Export => w.ask.export(user(), About::Person(phone(ANA))).await.ok().unwrap(),
            PrivacyKind::Erase => w.ask.erase_person(user(), phone(ANA)).await.ok().unwrap(),
        };
        let (id, _) = w.next();
        let parts = Arc::new(MemoryObjectParts::new(w.objects.clone()).with_small_parts());
        w.run = RunPrivacy::new(RunPrivacyPorts {
            operations: Arc::new(Troubled::new(w.store.clone(), troubles.clone())),
            queue: Arc::new(Troubled::new(w.store.clone(), troubles.clone())),
            personal: Arc::new(Troubled::new(w.personal.clone(), troubles.clone())),
            accounts: w.accounts.clone(),
            links: w.links.clone(),
            parts: Arc::new(Troubled::new(parts.clone(), troubles.clone())),
            objects: Arc::new(Troubled::new(w.objects.clone(), troubles.clone())),
            clock: w.clock.clone(),
        });
        // Every page is a part of its own.
        w.run.part = 1;
        Self { w, troubles, parts, id }
    }

    /// What the queue and its function do: the operation comes again while a message of it is there. It is never begun anew.
    async fn run_until_over(&self) -> PrivacyOperation {
        for _ in 0..100 {
            let ran = self.w.run.run(self.id).await;
            let died = self.troubles.revive();
            let pushed = self.w.store.take();
            let work = self.w.operation(self.id).await.work;
            assert_eq!(work.map_or(0, |work| work.restarts), 0, "no part was lost");
            match ran {
                Ok(RanPrivacy::Done(_) | RanPrivacy::Failed(_) | RanPrivacy::Nothing) if !died => {
                    return self.w.operation(self.id).await;
                }
                Ok(RanPrivacy::GoesOn | RanPrivacy::Postponed(_)) if !died => {
                    let Some((_, delay)) = pushed.first() else { panic!("nothing would go on with it") };
                    self.w.clock.advance((*delay).try_into().unwrap());
                }
                // The message was not deleted: it comes again when its time is over.
                _ => self.w.clock.advance(SignedDuration::from_secs(360)),
            }
        }
        panic!("it is never over")
    }
}

#[tokio::test]
async fn whatever_call_fails_or_kills_a_run_the_file_is_whole() {
    let whole = Rough::new(PrivacyKind::Export).await;
    let done = whole.run_until_over().await;
    let expected = whole.w.objects.peek(&done.object().unwrap()).unwrap().0;
    let calls = whole.troubles.calls();
    assert!(calls >= 8, "{calls} calls");
    for (call, trouble) in (0..calls).flat_map(|call| Trouble::ALL.map(|trouble| (call, trouble))) {
        let rough = Rough::new(PrivacyKind::Export).await;
        rough.troubles.plan(call, trouble);
        let done = rough.run_until_over().await;
        assert_eq!(done.state, PrivacyState::Ready, "{trouble:?} at {call}");
        assert_eq!(done.counts.values().sum::<u64>(), 3, "{trouble:?} at {call}");
        let (file, _) = rough.w.objects.peek(&done.object().unwrap()).unwrap();
        assert!(file == expected, "{trouble:?} at {call}");
        // The one upload that may be left is one whose id never came back; the bucket's lifecycle ends it.
        assert!(rough.parts.under_way() <= 1, "{trouble:?} at {call}");
    }
}

#[tokio::test]
async fn whatever_call_fails_or_kills_a_run_the_person_is_erased_and_no_other() {
    let whole = Rough::new(PrivacyKind::Erase).await;
    whole.run_until_over().await;
    let calls = whole.troubles.calls();
    assert!(calls >= 6, "{calls} calls");
    for (call, trouble) in (0..calls).flat_map(|call| Trouble::ALL.map(|trouble| (call, trouble))) {
        let rough = Rough::new(PrivacyKind::Erase).await;
        rough.troubles.plan(call, trouble);
        assert_eq!(rough.run_until_over().await.state, PrivacyState::Ready, "{trouble:?} at {call}");
        let left = ["para 5511977776666", "de 5511977776666"];
        assert_eq!(rough.w.personal.left(), left, "{trouble:?} at {call}");
    }
}
