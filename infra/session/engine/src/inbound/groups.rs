//! Asks what groups are like now, since a notification tells a part of it only.

use super::{People, Told, group};
use crate::event::SessionEvent;
use crate::handover::Handover;
use carteiro_core::chat::{Group, Update};
use std::collections::BTreeSet;
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, WeakUnboundedSender};
use tokio::time::sleep;
use wacore_binary::Jid;
use whatsapp_rust::{Client, GroupError, GroupMetadata, IqError};

/// How long to wait for more changes of the same groups: who is added to a group of many hears of each of them.
const GATHER: Duration = Duration::from_millis(300);
/// How often a group is asked for before it is given up until the next change.
const TRIES: u32 = 4;
/// Before the second try; twice as long before each further one.
const PAUSE: Duration = Duration::from_secs(5);
/// How many groups are handed over at once: one has up to 1,024 members.
const AT_ONCE: usize = 5;

/// What is to be asked for.
pub(crate) enum Wanted {
    /// One group.
    One(Jid),
    /// All that the number is in.
    All,
}

/// Runs until nobody asks any more. It holds the session's queue weakly, so that it does not keep it open.
pub(crate) async fn ask(
    client: Weak<Client>,
    mut wanted: UnboundedReceiver<Wanted>,
    queue: WeakUnboundedSender<Told>,
) {
    while let Some(first) = wanted.recv().await {
        sleep(GATHER).await;
        let (mut all, mut groups) = (false, BTreeSet::new());
        let mut next = Some(first);
        while let Some(one) = next {
            match one {
                Wanted::One(group) => drop(groups.insert(group.to_string())),
                Wanted::All => all = true,
            }
            next = wanted.try_recv().ok();
        }
        let Some(client) = client.upgrade() else { return };
        if all {
            everything(&client, &queue).await;
        } else {
            for group in groups {
                one(&client, &group, &queue).await;
            }
        }
    }
}

async fn everything(client: &Arc<Client>, queue: &WeakUnboundedSender<Told>) {
    let mut pause = PAUSE;
    for _ in 0..TRIES {
        match all(client).await {
            Some(groups) => return groups.into_iter().for_each(|updates| tell(updates, queue)),
            None => sleep(pause).await,
        }
        pause *= 2;
    }
    tracing::warn!("the groups of a number were not told");
}

/// All groups that the number is in, some together; `None` when WhatsApp cannot be asked.
pub(crate) async fn all(client: &Arc<Client>) -> Option<Vec<Vec<Update>>> {
    let groups = client.groups().get_participating().await.ok()?;
    let groups: Vec<GroupMetadata> = groups.into_values().collect();
    let mut updates = Vec::new();
    for groups in groups.chunks(AT_ONCE) {
        updates.push(descriptions(client, groups).await);
    }
    Some(updates)
}

async fn one(client: &Arc<Client>, group: &str, queue: &WeakUnboundedSender<Told>) {
    let Ok(jid) = group.parse::<Jid>() else { return };
    let mut pause = PAUSE;
    for _ in 0..TRIES {
        match client.groups().get_metadata(&jid).await {
            Ok(found) => return tell(descriptions(client, &[found]).await, queue),
            // It is gone, or the number is not in it.
            Err(GroupError::Iq(IqError::ServerError { code: 401 | 403 | 404, .. })) => {
                if let Some(group) = super::people::address(&jid) {
                    tell(vec![Update::GroupLeft(group)], queue);
                }
                return;
            }
            Err(_) => sleep(pause).await,
        }
        pause *= 2;
    }
    tracing::warn!("what a group is like was not told");
}

async fn descriptions(client: &Arc<Client>, groups: &[GroupMetadata]) -> Vec<Update> {
    let mut people = People::of(client);
    groups.iter().for_each(|found| group::hear(found, &mut people));
    let described = |people: &People| {
        groups.iter().filter_map(|found| group::described(found, people)).map(Update::Group).collect()
    };
    people.map(client, described).await
}

/// A group in the words of the chats.
pub(crate) async fn described(client: &Client, found: &GroupMetadata) -> Option<Group> {
    let mut people = People::of(client);
    group::hear(found, &mut people);
    people.map(client, |people| group::described(found, people)).await
}

fn tell(updates: Vec<Update>, queue: &WeakUnboundedSender<Told>) {
    if let Some(queue) = queue.upgrade() {
        let _ = queue.send(SessionEvent::Updates { updates, handover: Handover::pointless() }.into());
    }
}
