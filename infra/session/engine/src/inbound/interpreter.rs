//! Puts what the library tells into the words of the chats.

use super::catching_up::{announced, announces, catch_up};
use super::change::{changes, lid_and_number};
use super::groups::{self, Wanted};
use super::{People, Told};
use carteiro_core::chat::Update;
use std::sync::Arc;
use tokio::sync::mpsc::{UnboundedSender, WeakUnboundedSender, unbounded_channel};
use tokio::task::JoinSet;
use wacore::iq::dirty::DirtyType;
use wacore::types::events::Event;
use whatsapp_rust::lid_pn_cache::LearningSource;
use whatsapp_rust::{Client, RawNodeLease};

/// One for each session.
pub(crate) struct Interpreter {
    client: Arc<Client>,
    queue: WeakUnboundedSender<Told>,
    /// Whom to tell which groups have changed, once one has.
    groups: Option<UnboundedSender<Wanted>>,
    asking: JoinSet<()>,
    /// Keeps the library telling of every stanza.
    _stanzas: RawNodeLease,
}

impl Interpreter {
    pub(crate) fn new(client: Arc<Client>, queue: WeakUnboundedSender<Told>) -> Self {
        let _stanzas = client.acquire_raw_node_forwarding();
        Self { client, queue, groups: None, asking: JoinSet::new(), _stanzas }
    }

    /// What these events change, in their order. What a group has become follows later.
    pub(crate) async fn read(&mut self, events: &[Arc<Event>]) -> Vec<Update> {
        self.learn(events).await;
        let mut people = People::of(&self.client);
        events.iter().for_each(|event| hear(event, &mut people));
        let mapping = |people: &People| events.iter().flat_map(|event| changes(event, people)).collect();
        let updates: Vec<Update> = people.map(&self.client, mapping).await;
        while self.asking.try_join_next().is_some() {}
        for event in events {
            match &**event {
                Event::RawNode(stanza) if announces(stanza.get()) => {
                    let announced = announced(stanza.get());
                    self.asking.spawn(catch_up(Arc::downgrade(&self.client), announced));
                }
                Event::GroupUpdate(changed) => {
                    let left = |update: &Update| matches!(update, Update::GroupLeft(group) if group.to_string() == changed.group_jid.to_string());
                    if !updates.iter().any(left) {
                        self.want(Wanted::One(changed.group_jid.clone()));
                    }
                }
                Event::DirtyState(state) if state.dirty_type == DirtyType::Groups => self.want(Wanted::All),
                _ => {}
            }
        }
        updates
    }

    fn want(&mut self, wanted: Wanted) {
        let groups = self.groups.get_or_insert_with(|| {
            let (wanting, wanted) = unbounded_channel();
            self.asking.spawn(groups::ask(Arc::downgrade(&self.client), wanted, self.queue.clone()));
            wanting
        });
        let _ = groups.send(wanted);
    }

    /// Contacts tell both of their addresses, which the library does not learn from them by itself.
    async fn learn(&self, events: &[Arc<Event>]) {
        let pairs: Vec<_> = events.iter().filter_map(|event| lid_and_number(event)).collect();
        if !pairs.is_empty() && self.client.add_lid_pn_mappings(pairs, LearningSource::Other).await.is_err() {
            tracing::debug!("the LIDs of contacts were not stored");
        }
    }
}

fn hear(event: &Event, people: &mut People) {
    match event {
        Event::Messages(batch) => batch.iter().for_each(|message| people.hear(&message.info)),
        Event::UndecryptableMessage(event) => people.hear(&event.info),
        Event::Receipt(receipt) => people.hear_source(&receipt.source),
        _ => {}
    }
}
