//! The move of an account's chats from phone numbers to LIDs, as its devices learn of it: a property when they are
//! linked, a property of the server's, and the addresses that the phone sends when the chats move.

use std::collections::BTreeSet;

use buffa::{Message as _, MessageField};
use wacore_binary::Node;
use wacore_binary::builder::NodeBuilder;
use waproto::whatsapp::{self as wa, message as wm};

use crate::SimulatorError;
use crate::account::{Account, DeviceRef};
use crate::phone_greet::tell;
use crate::stanza::{leaf, now};
use crate::stream::Caller;
use crate::world::World;

/// The number of the server's property `lid_one_on_one_migration_enabled`.
const MIGRATION_ENABLED: u32 = 9435;

/// The properties that the server tells a client.
pub(crate) fn server_properties(world: &World, caller: &Caller) -> Node {
    let props = NodeBuilder::new("props")
        .attr("protocol", "1")
        .attr("ab_key", "simulator")
        .attr("hash", "simulator")
        .attr("refresh", "86400");
    let number = caller.device.as_ref().map(|device| device.number.as_str()).unwrap_or_default();
    let migrated = world.accounts.get(number).is_some_and(|account| account.lid_migrated);
    let prop = NodeBuilder::new("prop")
        .attr("config_code", MIGRATION_ENABLED.to_string())
        .attr("config_value", if migrated { "1" } else { "0" });
    props.children([prop.build()]).build()
}

/// What a new companion is told when it is linked.
pub(crate) fn pairing_properties(account: &Account) -> Node {
    let props =
        wa::ClientPairingProps { is_chat_db_lid_migrated: Some(account.lid_migrated), ..Default::default() };
    leaf("client-props", props.encode_to_vec())
}

/// Moves an account's chats to LIDs; the phone tells its companions which LID is whose.
pub(crate) fn migrate(world: &mut World, number: &str) -> Result<(), SimulatorError> {
    let account = world.account_mut(number)?;
    account.lid_migrated = true;
    let devices: Vec<u16> = account.reachable().into_iter().filter(|device| *device != 0).collect();
    let mut known: BTreeSet<String> = account.peers.iter().cloned().collect();
    known.insert(number.to_owned());
    let mappings = known.iter().filter_map(|number| {
        let account = world.accounts.get(number)?;
        Some(wa::LIDMigrationMapping {
            pn: account.number.parse().ok()?,
            assigned_lid: account.lid.parse().ok()?,
            latest_lid: None,
        })
    });
    let payload = wa::LIDMigrationMappingSyncPayload {
        pn_to_lid_mappings: mappings.collect(),
        chat_db_migration_timestamp: Some(now()),
    };
    let sync = wa::LIDMigrationMappingSyncMessage { encoded_mapping_payload: Some(payload.encode_to_vec()) };
    for device in devices {
        let message = wm::ProtocolMessage {
            r#type: Some(wm::protocol_message::Type::LID_MIGRATION_MAPPING_SYNC),
            lid_migration_mapping_sync_message: MessageField::some(sync.clone()),
            ..Default::default()
        };
        tell(world, &DeviceRef { number: number.to_owned(), device }, message)?;
    }
    Ok(())
}
