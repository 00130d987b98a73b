//! Sends that carry files.

use super::{World, rand_bytes, recipient, sender};
use carteiro_core::ids::{SendId, UploadId};
use carteiro_core::media::{Caption, FileKind, MediaKey, Prepared, Shape};
use carteiro_core::object::ObjectKey;
use carteiro_core::ports::{Clock, Preparations, Sends};
use carteiro_core::send::{Content, File, LIFETIME, Send, Source};
use std::time::Duration;
use tokio::time::sleep;

impl World {
    /// Accepts a file with this caption, prepared, without telling the task.
    pub async fn accept_file(&self, caption: &str) -> SendId {
        let id = self.accept_unprepared(caption).await;
        self.prepare(id).await;
        id
    }

    /// The same, before it is prepared.
    pub async fn accept_unprepared(&self, caption: &str) -> SendId {
        let id = SendId::from_random(rand_bytes(&self.tasks));
        let now = self.clock.now();
        let file = File {
            kind: FileKind::Image,
            source: Source::Upload(UploadId::from_random([9; 16])),
            caption: Caption::parse(caption).unwrap(),
            name: None,
        };
        let send = Send::new(id, self.user, sender(), recipient(), Content::File(file), now);
        self.sends.create(&send, now).await.unwrap();
        sleep(Duration::from_millis(1)).await;
        id
    }

    /// What the preparation of a send leaves behind.
    pub async fn prepare(&self, id: SendId) {
        let prepared = Prepared {
            object: ObjectKey::outgoing(id),
            encrypted_length: 42,
            mime: "image/jpeg".into(),
            key: MediaKey([1; 32]),
            sha256: [2; 32],
            encrypted_sha256: [3; 32],
            length: 30,
            sidecar: None,
            shape: Shape::Image { width: 4, height: 3 },
            thumbnail: None,
        };
        self.objects.upload(&prepared.object, vec![7; 42], None);
        self.preparations.put(id, &prepared, self.clock.now() + LIFETIME).await.unwrap();
    }

    /// Accepts a prepared file and puts its command in the queue.
    pub async fn send_file(&self, caption: &str) -> SendId {
        let id = self.accept_file(caption).await;
        self.command(id);
        id
    }
}
