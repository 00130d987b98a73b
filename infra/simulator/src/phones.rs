//! The task that lets the phones do their work, one piece at a time, so that no client's stanza waits for it.

use std::sync::Arc;

use crate::phone;
use crate::world::Server;

/// Runs until it is aborted.
pub(crate) async fn run(server: Arc<Server>) {
    loop {
        server.phones.notified().await;
        while work_once(&server) {
            tokio::task::yield_now().await;
        }
    }
}

/// Does one piece of work; false when there is none.
pub(crate) fn work_once(server: &Server) -> bool {
    let mut world = server.world();
    let Some(work) = world.phone_work.pop_front() else { return false };
    phone::work(&mut world, work);
    drop(world);
    server.changed.notify_one();
    true
}
