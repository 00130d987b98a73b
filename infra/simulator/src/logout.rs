//! A device stops being linked: at its own wish, or because the phone unlinked it.

use wacore_binary::Node;
use wacore_binary::builder::NodeBuilder;

use crate::account::DeviceRef;
use crate::device_notice;
use crate::stanza::{children, jid_attr};
use crate::stream::{Caller, Out};
use crate::world::World;

/// A client unlinks a device of its own account, as a rule itself.
pub(crate) fn requested(world: &mut World, caller: &Caller, stanza: &Node) {
    let Some(own) = &caller.device else { return };
    let named = children(stanza).first().and_then(|child| jid_attr(child, "jid"));
    let device = named.map_or(own.device, |jid| jid.device);
    unlink(world, &DeviceRef { number: own.number.clone(), device });
}

/// Unlinks a device: its stream ends with `device_removed`, its queue is gone, its next login is refused.
pub(crate) fn unlink(world: &mut World, device: &DeviceRef) {
    let Some(account) = world.accounts.get_mut(&device.number) else { return };
    let Some(gone) = account.devices.remove(&device.device) else { return };
    account.phone.signal.forget_session(&device.number, device.device);
    device_notice::changed(world, &device.number, device.device, false);
    if let Some(stream) = gone.stream {
        let conflict = NodeBuilder::new("conflict").attr("type", "device_removed").build();
        stream.stanza(&NodeBuilder::new("stream:error").attr("code", "401").children([conflict]).build());
        stream.send(Out::Close);
    }
}
