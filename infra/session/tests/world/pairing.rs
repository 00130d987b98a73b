//! V1 sessions of the tenant, and their pairings.

use super::{SHARDS, World};
use carteiro_core::command::ShardCommand;
use carteiro_core::ids::PairingId;
use carteiro_core::phone::Phone;
use carteiro_core::ports::{Clock, NamedSessions, Pairings};
use carteiro_core::session::{Pairing, PairingState, SessionName};
use carteiro_core::shard::{Shard, ShardCount};

/// The session that most tests are about.
pub fn session() -> SessionName {
    "Recepção nº 1".parse().unwrap()
}

impl World {
    /// Has a session paired: the pairing, and the command for it.
    pub async fn authenticate(&self, name: &SessionName) -> PairingId {
        let id = self.wants_pairing(name).await;
        self.pair_command(id);
        id
    }

    /// A pairing that no command tells of.
    pub async fn wants_pairing(&self, name: &SessionName) -> PairingId {
        let id = PairingId::from_random(super::rand_bytes(&self.tasks));
        let now = self.clock.now();
        let before = self.named.open(self.user, name, now).await.unwrap().pairing;
        let pairing = Pairing {
            id,
            user: self.user,
            session: name.clone(),
            shard: Shard::of_pairing(id, ShardCount::new(SHARDS).unwrap()),
            max_workers: 2,
            wanted: true,
            state: PairingState::Starting,
            since: now,
            qr: None,
        };
        self.pairings.create(&pairing).await.unwrap();
        assert!(self.named.set_pairing(self.user, name, before, id).await.unwrap());
        id
    }

    pub fn pair_command(&self, id: PairingId) {
        let shard = Shard::of_pairing(id, ShardCount::new(SHARDS).unwrap());
        self.queues.push(shard, ShardCommand::Pair { pairing: id });
    }

    pub fn pairing_state(&self, id: PairingId) -> PairingState {
        self.pairings.peek(id).unwrap().state
    }

    pub async fn until_pairing(&self, id: PairingId, state: PairingState) {
        self.until(&format!("{state:?}"), |world| world.pairing_state(id) == state).await;
    }

    pub fn number_of(&self, name: &SessionName) -> Option<Phone> {
        self.named.peek(self.user, name).and_then(|session| session.number)
    }
}
