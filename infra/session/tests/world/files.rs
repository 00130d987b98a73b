//! Sends that carry files.

use super::{World, rand_bytes, recipient, sender};
use async_trait::async_trait;
use carteiro_core::command::SendAccepted;
use carteiro_core::ids::{SendId, UploadId};
use carteiro_core::media::{Caption, FileKind, MediaKey, Prepared, Shape};
use carteiro_core::number::{NumberChange, OwnedNumber, Role};
use carteiro_core::object::ObjectKey;
use carteiro_core::plan::Plans;
use carteiro_core::ports::{Accounts, Clock, Numbers, Preparations, PrepareError, Preparer, Sends};
use carteiro_core::send::{Content, File, LIFETIME, Send, Source};
use carteiro_core::testing::{MemoryAccounts, MemoryObjects, tenant};
use carteiro_core::usecase::{Dispatch, DispatchPorts, Dispatched, PREPARE_TIME};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::sleep;

/// Makes every file ready at once, and stores it.
struct Workshop(Arc<MemoryObjects>);

#[async_trait]
impl Preparer for Workshop {
    async fn prepare(&self, send: &Send, _: &File) -> Result<Prepared, PrepareError> {
        Ok(made(&self.0, send.id))
    }
}

fn made(objects: &MemoryObjects, id: SendId) -> Prepared {
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
    objects.upload(&prepared.object, vec![7; 42], None);
    prepared
}

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
        let prepared = made(&self.objects, id);
        self.preparations.put(id, &prepared, self.clock.now() + LIFETIME).await.unwrap();
    }

    /// Hands a send over as the function of the queue does.
    pub async fn dispatch(&self, id: SendId) {
        let (accounts, worker) = (Arc::<MemoryAccounts>::default(), sender());
        accounts.create(&tenant(7, None)).await.unwrap();
        let owned = OwnedNumber { phone: worker.clone(), role: Role::Worker };
        let add = NumberChange::Add(owned, self.shard(&worker));
        // It may be there from an earlier time.
        let _ = self.numbers.apply(self.user, &[add], 9).await;
        let plans = r#"{"basico":{"media_types":["text","image"],"workers":9,"default":true}}"#;
        let ports = DispatchPorts {
            sends: self.sends.clone(),
            accounts,
            numbers: self.numbers.clone(),
            shards: self.queues.clone(),
            preparations: self.preparations.clone(),
            preparer: Arc::new(Workshop(self.objects.clone())),
        };
        let plans = Arc::new(Plans::from_json(plans).unwrap());
        let dispatch = Dispatch::new(ports, plans, self.clock.clone());
        let until = self.clock.now() + PREPARE_TIME;
        let did = dispatch.dispatch(&SendAccepted { send_id: id }, until).await;
        assert_eq!(did, Ok(Dispatched::Handed));
    }

    /// Accepts a prepared file and puts its command in the queue.
    pub async fn send_file(&self, caption: &str) -> SendId {
        let id = self.accept_file(caption).await;
        self.command(id);
        id
    }
}
