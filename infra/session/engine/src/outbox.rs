//! The frames of one connection, in their order, none before what must be stored first.

use crate::backend::Health;
use crate::barrier::{Barrier, Mark, Shut};
use bytes::Bytes;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::timeout;
use whatsapp_rust::anyhow;
use whatsapp_rust::transport::Transport;

/// For how long nothing may be stored before the connection is closed. WhatsApp then tells again what it was not answered. The
/// library takes a connection for dead after about as long without an answer.
pub(crate) const STUCK: Duration = Duration::from_secs(20);
/// How long a connection that is closed in order waits for its last frames.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// The way out of one connection.
pub(crate) struct Outbox {
    transport: Arc<dyn Transport>,
    barrier: Barrier,
    health: Arc<Health>,
    stuck: Duration,
    queue: Mutex<Queue>,
    /// Rings when the connection is closed.
    closed: Notify,
    /// Rings when the queue is empty, or given up.
    emptied: Notify,
}

#[derive(Default)]
struct Queue {
    frames: VecDeque<(Mark, Bytes)>,
    /// Whether a task writes them.
    drained: bool,
    closed: bool,
}

impl Outbox {
    /// The way out over `transport`; see [`STUCK`] for `stuck`.
    pub(crate) fn new(
        transport: Arc<dyn Transport>,
        barrier: Barrier,
        health: Arc<Health>,
        stuck: Duration,
    ) -> Arc<Self> {
        Arc::new(Self {
            transport,
            barrier,
            health,
            stuck,
            queue: Mutex::default(),
            closed: Notify::new(),
            emptied: Notify::new(),
        })
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes a frame; or, where something is to be stored first, queues it and returns: whoever waits for the frame may be the
    /// one who stores. The library sends one frame, or one batch of them, at a time.
    pub(crate) async fn send(self: &Arc<Self>, frame: Bytes) -> anyhow::Result<()> {
        self.health.refuse_if_fenced()?;
        {
            let mut queue = self.queue();
            if queue.closed {
                return Err(anyhow::anyhow!("the connection is closed"));
            }
            let mark = self.barrier.mark();
            if queue.drained || !self.barrier.is_free(mark) {
                queue.frames.push_back((mark, frame));
                if !std::mem::replace(&mut queue.drained, true) {
                    tokio::spawn(self.clone().drain());
                }
                return Ok(());
            }
        }
        self.transport.send(frame).await
    }

    /// Writes what is queued, each frame when its time has come, until nothing is left.
    async fn drain(self: Arc<Self>) {
        loop {
            let front = {
                let mut queue = self.queue();
                let front = queue.frames.pop_front();
                queue.drained = front.is_some();
                front
            };
            let Some((mark, frame)) = front else { break };
            tokio::select! {
                biased;
                () = self.closed.notified() => break,
                written = self.write(mark, frame) => if let Err(error) = written {
                    tracing::warn!(%error, "the connection is closed, so that WhatsApp tells again what was not stored");
                    self.close();
                    self.transport.disconnect().await;
                    break;
                }
            }
        }
        self.emptied.notify_waiters();
    }

    async fn write(&self, mark: Mark, frame: Bytes) -> anyhow::Result<()> {
        self.barrier.pass(mark, self.stuck).await.map_err(|shut| match shut {
            Shut::Refused => anyhow::anyhow!("something was not taken"),
            Shut::Stuck => anyhow::anyhow!("nothing was stored for too long"),
        })?;
        self.health.refuse_if_fenced()?;
        self.transport.send(frame).await
    }

    /// Lets nothing more go out; the frames that wait are gone.
    pub(crate) fn close(&self) {
        let mut queue = self.queue();
        (queue.closed, queue.drained) = (true, false);
        queue.frames.clear();
        drop(queue);
        self.closed.notify_one();
    }

    /// Closes the connection after its last frames, if what they wait for is stored soon.
    pub(crate) async fn disconnect(&self) {
        let emptied = async {
            loop {
                let mut emptied = std::pin::pin!(self.emptied.notified());
                emptied.as_mut().enable();
                if !self.queue().drained {
                    return;
                }
                emptied.await;
            }
        };
        let _ = timeout(LAST_WORDS, emptied).await;
        self.hang_up().await;
    }

    /// Closes the connection at once.
    pub(crate) async fn hang_up(&self) {
        self.close();
        self.transport.disconnect().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Lease;
    use async_trait::async_trait;

    #[derive(Default)]
    struct Wire {
        frames: Mutex<Vec<Bytes>>,
        hung_up: Mutex<bool>,
        written: Notify,
    }

    #[async_trait]
    impl Transport for Wire {
        async fn send(&self, frame: Bytes) -> anyhow::Result<()> {
            self.frames.lock().unwrap().push(frame);
            self.written.notify_one();
            Ok(())
        }

        async fn disconnect(&self) {
            *self.hung_up.lock().unwrap() = true;
            self.written.notify_one();
        }
    }

    impl Wire {
        async fn until(&self, wanted: impl Fn(&[Bytes], bool) -> bool) {
            while !wanted(&self.frames.lock().unwrap(), *self.hung_up.lock().unwrap()) {
                self.written.notified().await;
            }
        }
    }

    fn over(wire: &Arc<Wire>, barrier: &Barrier) -> Arc<Outbox> {
        holding(wire, barrier, Arc::new(Lease::default()))
    }

    fn holding(wire: &Arc<Wire>, barrier: &Barrier, lease: Arc<Lease>) -> Arc<Outbox> {
        let health = Arc::new(Health::of(lease));
        Outbox::new(wire.clone(), barrier.clone(), health, Duration::from_secs(1))
    }

    fn outbox() -> (Arc<Wire>, Barrier, Arc<Outbox>) {
        let (wire, barrier) = (Arc::new(Wire::default()), Barrier::default());
        let outbox = over(&wire, &barrier);
        (wire, barrier, outbox)
    }

    fn frame(text: &'static str) -> Bytes {
        Bytes::from_static(text.as_bytes())
    }

    #[tokio::test(start_paused = true)]
    async fn frames_go_out_in_order_and_no_sooner_than_what_came_before_them_is_stored() {
        let (wire, barrier, outbox) = outbox();
        outbox.send(frame("0")).await.unwrap();
        let one = barrier.take();
        outbox.send(frame("1")).await.unwrap();
        let two = barrier.take();
        outbox.send(frame("2")).await.unwrap();
        assert_eq!(*wire.frames.lock().unwrap(), [frame("0")]);
        // What came later is stored first, which lets nothing go out yet.
        two.give_back();
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert_eq!(wire.frames.lock().unwrap().len(), 1);
        one.give_back();
        wire.until(|frames, _| frames == [frame("0"), frame("1"), frame("2")]).await;
        outbox.send(frame("3")).await.unwrap();
        wire.until(|frames, _| frames.len() == 4).await;
    }

    /// However steadily receipts come, a frame waits for those before it only.
    #[tokio::test(start_paused = true)]
    async fn a_steady_flow_starves_no_frame() {
        let (wire, barrier, outbox) = outbox();
        let mut open: VecDeque<_> = (0..5).map(|_| barrier.take()).collect();
        for count in 1..=100 {
            outbox.send(frame("x")).await.unwrap();
            for _ in 0..5 {
                open.push_back(barrier.take());
                open.pop_front().unwrap().give_back();
            }
            wire.until(|frames, _| frames.len() == count).await;
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_not_taken_closes_the_connection_before_anything_that_follows_goes_out() {
        let (wire, barrier, outbox) = outbox();
        let (first, second) = (barrier.take(), barrier.take());
        outbox.send(frame("1")).await.unwrap();
        drop(second);
        first.give_back();
        wire.until(|_, hung_up| hung_up).await;
        assert!(wire.frames.lock().unwrap().is_empty());
        assert!(outbox.send(frame("2")).await.is_err());
    }

    /// As when the process was stopped with frames in its queue, and goes on after another took the number over.
    #[tokio::test(start_paused = true)]
    async fn what_is_queued_when_the_lease_ends_does_not_go_out() {
        let (wire, barrier) = (Arc::new(Wire::default()), Barrier::default());
        let lease = Arc::new(Lease::default());
        let outbox = holding(&wire, &barrier, lease.clone());
        let stored = barrier.take();
        outbox.send(frame("queued")).await.unwrap();
        lease.lose();
        stored.give_back();
        wire.until(|_, hung_up| hung_up).await;
        assert!(outbox.send(frame("new")).await.is_err());
        assert!(wire.frames.lock().unwrap().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_standstill_closes_the_connection() {
        let (wire, barrier, outbox) = outbox();
        let _held = barrier.take();
        outbox.send(frame("1")).await.unwrap();
        wire.until(|_, hung_up| hung_up).await;
        assert!(wire.frames.lock().unwrap().is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_is_closed_in_order_says_what_is_stored_meanwhile() {
        let (wire, barrier, outbox) = outbox();
        let (soon, after) = (barrier.take(), barrier.mark());
        outbox.send(frame("1")).await.unwrap();
        let _never = barrier.take();
        outbox.send(frame("2")).await.unwrap();
        let closing = tokio::spawn(async move { outbox.disconnect().await });
        assert!(!barrier.is_free(after));
        soon.give_back();
        closing.await.unwrap();
        assert_eq!(*wire.frames.lock().unwrap(), [frame("1")]);
        assert!(*wire.hung_up.lock().unwrap());
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_with_nothing_to_say_closes_at_once() {
        let (wire, barrier, outbox) = outbox();
        let _held = barrier.take();
        timeout(LAST_WORDS / 2, outbox.disconnect()).await.unwrap();
        assert!(*wire.hung_up.lock().unwrap());
    }
}
