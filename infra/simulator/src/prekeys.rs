//! Pre-keys: upload, count, digest, rotation, and the bundles with which others start a session. A one-time
//! pre-key is handed out once.

use wacore::prekeys::compute_key_bundle_digest;
use wacore_binary::Node;
use wacore_binary::builder::NodeBuilder;
use wacore_libsignal::protocol::{IdentityKey, PreKeyBundle, PublicKey};

use crate::SimulatorError;
use crate::account::{DeviceRef, PreKey, SignedPreKey};
use crate::signal::SIGNED_PRE_KEY;
use crate::stanza::{
    attr, big_endian, bytes, children, jid_attr, leaf, now, refusal, result, server, three_bytes,
};
use crate::stream::Caller;
use crate::world::World;

/// The server asks for more one-time pre-keys when a device is down to this many.
const FEW: usize = 10;

/// The key type that all keys are of: Curve25519.
const KEY_TYPE: u8 = 5;

/// What a peer needs to start a session with a device.
pub(crate) struct Bundle {
    registration: Vec<u8>,
    identity: Vec<u8>,
    signed: SignedPreKey,
    one_time: Option<PreKey>,
    adv_identity: Option<Vec<u8>>,
}

impl Bundle {
    /// The bundle as the Signal library takes it.
    pub(crate) fn for_session(&self, device: u16) -> Result<PreKeyBundle, SimulatorError> {
        let key = |bytes: &[u8]| PublicKey::from_djb_public_key_bytes(bytes).map_err(SimulatorError::crypto);
        let one_time = match &self.one_time {
            Some(one_time) => Some((one_time.id.into(), key(&one_time.public)?)),
            None => None,
        };
        PreKeyBundle::new(
            big_endian(&self.registration),
            u32::from(device).into(),
            one_time,
            self.signed.id.into(),
            key(&self.signed.public)?,
            self.signed.signature.clone(),
            IdentityKey::new(key(&self.identity)?),
        )
        .map_err(SimulatorError::crypto)
    }

    fn to_nodes(&self) -> Vec<Node> {
        let mut nodes = vec![
            leaf("registration", self.registration.clone()),
            leaf("type", [KEY_TYPE]),
            leaf("identity", self.identity.clone()),
            signed_node(&self.signed),
        ];
        if let Some(key) = &self.one_time {
            let key = [leaf("id", three_bytes(key.id)), leaf("value", key.public.clone())];
            nodes.push(NodeBuilder::new("key").children(key).build());
        }
        if let Some(identity) = &self.adv_identity {
            nodes.push(leaf("device-identity", identity.clone()));
        }
        nodes
    }
}

fn signed_node(key: &SignedPreKey) -> Node {
    NodeBuilder::new("skey")
        .children([
            leaf("id", three_bytes(key.id)),
            leaf("value", key.public.clone()),
            leaf("signature", key.signature.clone()),
        ])
        .build()
}

/// Takes a bundle, and with it one of the device's one-time pre-keys.
pub(crate) fn take_bundle(world: &mut World, target: &DeviceRef) -> Option<Bundle> {
    if target.device == 0 {
        let signal = &mut world.accounts.get_mut(&target.number)?.phone.signal;
        let (public, signature) = signal.signed_pre_key();
        let (id, one_time) = signal.new_pre_key();
        return Some(Bundle {
            registration: signal.registration_id().to_be_bytes().to_vec(),
            identity: signal.identity().public(),
            signed: SignedPreKey { id: SIGNED_PRE_KEY, public, signature },
            one_time: Some(PreKey { id, public: one_time }),
            adv_identity: None,
        });
    }
    let device = world.device_mut(target)?;
    let adv_identity = Some(device.adv_identity.as_ref()?.0.clone());
    let bundle = Bundle {
        registration: device.registration.clone(),
        identity: device.identity.clone(),
        signed: device.signed_pre_key.clone()?,
        one_time: device.pre_keys.pop_front(),
        adv_identity,
    };
    if bundle.one_time.is_some() && device.pre_keys.len() == FEW {
        let id = format!("few-{}", now());
        let count = NodeBuilder::new("count").attr("value", FEW.to_string()).build();
        let notice = NodeBuilder::new("notification")
            .attr("from", server())
            .attr("type", "encrypt")
            .attr("id", id.clone())
            .attr("t", now().to_string())
            .children([count])
            .build();
        world.deliver(target, "notification", &id, &notice);
    }
    Some(bundle)
}

/// Answers a query of the namespace `encrypt`.
pub(crate) fn answer(world: &mut World, caller: &Caller, stanza: &Node) -> Node {
    let id = attr(stanza, "id");
    let inner = children(stanza).first().map(|child| child.tag.as_ref()).unwrap_or_default();
    if inner == "key" {
        return fetch(world, &id, stanza);
    }
    let Some(device) = caller.device.as_ref().and_then(|device| world.device_mut(device)) else {
        return refusal(&id, 401, "not-authorized");
    };
    match inner {
        "count" => {
            let count = device.pre_keys.len().to_string();
            result(&id, vec![NodeBuilder::new("count").attr("value", count).build()])
        }
        "digest" => digest(&id, device),
        // A rotation carries the new signed pre-key; an upload all of them.
        "rotate" => upload(&id, device, children(&children(stanza)[0])),
        _ => upload(&id, device, children(stanza)),
    }
}

fn fetch(world: &mut World, id: &str, stanza: &Node) -> Node {
    let mut users = Vec::new();
    for user in children(stanza).iter().flat_map(children) {
        let Some(jid) = jid_attr(user, "jid") else { continue };
        let bundle =
            world.find(&jid).and_then(|number| take_bundle(world, &DeviceRef { number, device: jid.device }));
        let node = NodeBuilder::new("user").attr("jid", jid);
        users.push(match bundle {
            Some(bundle) => node.attr("t", now().to_string()).children(bundle.to_nodes()).build(),
            None => {
                let error = NodeBuilder::new("error").attr("code", "406").attr("text", "not-acceptable");
                node.children([error.build()]).build()
            }
        });
    }
    result(id, vec![NodeBuilder::new("list").children(users).build()])
}

fn upload(id: &str, device: &mut crate::account::Device, parts: &[Node]) -> Node {
    for part in parts {
        match part.tag.as_ref() {
            "registration" => device.registration = bytes(part).unwrap_or_default(),
            "identity" => device.identity = bytes(part).unwrap_or_default(),
            "skey" => device.signed_pre_key = signed_from(part).or(device.signed_pre_key.take()),
            "list" => {
                for key in children(part).iter().filter_map(one_time_from) {
                    device.pre_keys.retain(|old| old.id != key.id);
                    device.pre_keys.push_back(key);
                }
            }
            _ => {}
        }
    }
    result(id, Vec::new())
}

fn one_time_from(node: &Node) -> Option<PreKey> {
    let id = big_endian(&bytes(node.get_optional_child("id")?)?);
    Some(PreKey { id, public: bytes(node.get_optional_child("value")?)? })
}

fn signed_from(node: &Node) -> Option<SignedPreKey> {
    let PreKey { id, public } = one_time_from(node)?;
    Some(SignedPreKey { id, public, signature: bytes(node.get_optional_child("signature")?)? })
}

fn digest(id: &str, device: &crate::account::Device) -> Node {
    let Some(signed) = &device.signed_pre_key else { return refusal(id, 404, "item-not-found") };
    if device.pre_keys.is_empty() {
        return refusal(id, 404, "item-not-found");
    }
    let publics: Vec<&[u8]> = device.pre_keys.iter().map(|key| key.public.as_slice()).collect();
    let hash = compute_key_bundle_digest(&device.identity, &signed.public, &signed.signature, &publics);
    let ids = device.pre_keys.iter().map(|key| leaf("id", three_bytes(key.id)));
    let content = NodeBuilder::new("digest").children([
        leaf("registration", device.registration.clone()),
        leaf("type", [KEY_TYPE]),
        leaf("identity", device.identity.clone()),
        signed_node(signed),
        NodeBuilder::new("list").children(ids).build(),
        leaf("hash", hash),
    ]);
    result(id, vec![content.build()])
}
