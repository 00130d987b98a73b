//! The task that lets the phones do their work, one piece at a time, so that no client's stanza waits for it.

use std::sync::Arc;

use crate::world::Server;
use crate::{history, phone, received_media};

/// Runs until it is aborted.
pub(crate) async fn run(server: Arc<Server>) {
    loop {
        server.phones.notified().await;
        while work_once(&server) {
            check_media(&server);
            send_histories(&server);
            tokio::task::yield_now().await;
        }
    }
}

/// Lets the media that came be checked, each on a thread that may take its time.
fn check_media(server: &Arc<Server>) {
    let checks = std::mem::take(&mut server.world().media_checks);
    for check in checks {
        let server = Arc::clone(server);
        tokio::task::spawn_blocking(move || received_media::check(&server, &check));
    }
}

/// Lets the histories that are asked for be made and sent, each on a thread that may take its time.
fn send_histories(server: &Arc<Server>) {
    let devices = std::mem::take(&mut server.world().histories);
    for device in devices {
        let server = Arc::clone(server);
        tokio::task::spawn_blocking(move || history::send(&server, &device));
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
