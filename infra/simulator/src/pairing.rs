//! Pairing: the server offers references, and the phone that scans one, or is given a code, signs the new device into
//! its account.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use buffa::Message as _;
use hmac::{Hmac, KeyInit as _, Mac as _};
use wacore::pair::PairUtils;
use wacore_binary::Node;
use wacore_binary::builder::NodeBuilder;
use waproto::whatsapp as wa;

use crate::SimulatorError;
use crate::account::{Device, DeviceRef, SignedPreKey, Stored};
use crate::phone::PhoneWork;
use crate::stanza::{attr, big_endian, bytes, leaf, now, server};
use crate::stream::{Caller, Out, Outbound};
use crate::world::World;
use crate::{app_state, device_notice, lid, passkey};

/// References offered to a client at once: a minute for the first, 20 s for each of the others.
const REFERENCES: usize = 6;

/// Prefixes of what is signed, from the ADV scheme.
const ACCOUNT_SIGNATURE: [u8; 2] = [6, 0];
const KEY_INDEX_SIGNATURE: [u8; 2] = [6, 2];

/// The first of the numbers that a scan without a number makes up.
const INVENTED_NUMBERS: u64 = 5_511_900_000_001;

/// A client that waits to be paired.
#[derive(Clone)]
pub(crate) struct Candidate {
    pub(crate) outbound: Outbound,
    registration: Vec<u8>,
    pub(crate) noise_key: Vec<u8>,
    signed_pre_key: Option<SignedPreKey>,
    push_name: Option<String>,
}

/// What became of a scan.
pub(crate) enum Linked {
    /// There is a new device.
    Device {
        /// Whose.
        number: String,
        device: u16,
        jid: String,
        lid: String,
    },
    /// The account is behind a passkey, and the client was asked for it.
    PasskeyAsked {
        /// The account's.
        number: String,
    },
}

/// Offers references to a client that has no account yet.
pub(crate) fn offer(
    world: &mut World,
    payload: &wa::ClientPayload,
    client_static: &[u8],
    outbound: &Outbound,
) {
    let data = payload.device_pairing_data.as_option();
    let signed_pre_key = data.and_then(|data| {
        Some(SignedPreKey {
            id: big_endian(data.e_skey_id.as_ref()?),
            public: data.e_skey_val.as_ref()?.to_vec(),
            signature: data.e_skey_sig.as_ref()?.to_vec(),
        })
    });
    let registration = data.and_then(|data| data.e_regid.as_ref()).map(|id| id.to_vec()).unwrap_or_default();
    let mut references = Vec::with_capacity(REFERENCES);
    for _ in 0..REFERENCES {
        let reference = format!("2@{}", STANDARD.encode(rand::random::<[u8; 24]>()));
        references.push(leaf("ref", reference.as_bytes()));
        let candidate = Candidate {
            outbound: outbound.clone(),
            registration: registration.clone(),
            noise_key: client_static.to_vec(),
            signed_pre_key: signed_pre_key.clone(),
            push_name: payload
                .push_name
                .as_ref()
                .map(|name| name.to_string())
                .filter(|name| !name.is_empty()),
        };
        world.pairings.insert(reference, candidate);
    }
    let offer = NodeBuilder::new("pair-device").children(references).build();
    outbound.stanza(&md_query(format!("offer-{}", outbound.stream), offer));
}

/// A phone scans a QR. Without a number, the push name in the client's payload picks the account.
pub(crate) fn scan(world: &mut World, qr: &str, number: Option<&str>) -> Result<Linked, SimulatorError> {
    let qr = qr.trim();
    let (reference, _noise, identity) = PairUtils::parse_qr_code(qr)
        .map_err(|_| SimulatorError::Invalid("this is not a QR text".to_owned()))?;
    let secret = qr.rsplit_once('#').map_or(qr, |(_, body)| body).split(',').nth(3).unwrap_or_default();
    let secret = STANDARD
        .decode(secret)
        .map_err(|_| SimulatorError::Invalid("the QR carries no secret".to_owned()))?;
    let candidate = world
        .pairings
        .remove(&reference)
        .ok_or_else(|| SimulatorError::NotFound("this QR is not offered (any more)".to_owned()))?;
    let number = match number {
        Some(number) => number.to_owned(),
        None => number_for_name(world, candidate.push_name.as_deref()),
    };
    link(world, candidate, &number, &identity, &secret)
}

/// Signs a new device into a number's account: its identity key, and the secret that only its pairing partner has.
pub(crate) fn link(
    world: &mut World,
    candidate: Candidate,
    number: &str,
    identity: &[u8],
    secret: &[u8],
) -> Result<Linked, SimulatorError> {
    let name = candidate.push_name.clone().filter(|_| !world.accounts.contains_key(number));
    let account = world.declare(number, name)?;
    if account.passkey {
        passkey::ask(&candidate.outbound);
        return Ok(Linked::PasskeyAsked { number: number.to_owned() });
    }
    let device = account.next_device();
    let key_index = u32::from(device);
    let signed = sign_in(account, identity, key_index, secret)?;
    let properties = lid::pairing_properties(account);
    let (jid, own_lid) = (account.pn(device), account.lid(device));
    account.devices.insert(
        device,
        Device {
            registration: candidate.registration,
            identity: identity.to_vec(),
            noise_key: candidate.noise_key,
            signed_pre_key: candidate.signed_pre_key,
            key_index,
            push_name: candidate.push_name,
            ..Device::default()
        },
    );
    app_state::begin(world, number)?;
    // A stream pairs once; what else it was offered is void.
    let stream = candidate.outbound.stream;
    world.pairings.retain(|_, other| other.outbound.stream != stream);
    world.link_codes.retain(|_, other| other.candidate.outbound.stream != stream);
    let success = NodeBuilder::new("pair-success")
        .children([
            leaf("device-identity", signed),
            NodeBuilder::new("platform").attr("name", "android").build(),
            NodeBuilder::new("device").attr("jid", jid.clone()).attr("lid", own_lid.clone()).build(),
            properties,
        ])
        .build();
    candidate.outbound.stanza(&md_query(format!("pair-{number}-{device}"), success));
    Ok(Linked::Device { number: number.to_owned(), device, jid: jid.to_string(), lid: own_lid.to_string() })
}

fn number_for_name(world: &World, name: Option<&str>) -> String {
    let known = name.and_then(|name| world.accounts.values().find(|a| a.name.as_deref() == Some(name)));
    if let Some(account) = known {
        return account.number.clone();
    }
    let mut number = INVENTED_NUMBERS;
    while world.accounts.contains_key(&number.to_string()) {
        number += 1;
    }
    number.to_string()
}

/// The new device's identity, signed by the account, sealed with the secret that only the QR's reader has.
fn sign_in(
    account: &crate::account::Account,
    identity: &[u8],
    key_index: u32,
    secret: &[u8],
) -> Result<Vec<u8>, SimulatorError> {
    let keys = account.phone.signal.identity();
    let details = wa::ADVDeviceIdentity {
        raw_id: Some(account.adv_raw_id),
        timestamp: Some(now()),
        key_index: Some(key_index),
        ..Default::default()
    }
    .encode_to_vec();
    let signature = keys.sign(&[&ACCOUNT_SIGNATURE[..], &details, identity].concat())?;
    let signed = wa::ADVSignedDeviceIdentity {
        details: Some(details),
        account_signature_key: Some(keys.public()),
        account_signature: Some(signature),
        ..Default::default()
    }
    .encode_to_vec();
    let mut mac = Hmac::<sha2::Sha256>::new_from_slice(secret).map_err(SimulatorError::crypto)?;
    mac.update(&signed);
    let sealed = wa::ADVSignedDeviceIdentityHMAC {
        details: Some(signed),
        hmac: Some(mac.finalize().into_bytes().to_vec()),
        ..Default::default()
    };
    Ok(sealed.encode_to_vec())
}

/// Takes a client's answer to one of the server's queries: the signed identity that ends a pairing, or nothing.
pub(crate) fn answered(world: &mut World, caller: &Caller, stanza: &Node) {
    let id = attr(stanza, "id");
    let Some((number, device)) = id.strip_prefix("pair-").and_then(|rest| rest.split_once('-')) else {
        return;
    };
    let Ok(device) = device.parse::<u16>() else { return };
    let Some(account) = world.accounts.get_mut(number) else { return };
    let identity = stanza
        .get_optional_child("pair-device-sign")
        .and_then(|sign| sign.get_optional_child("device-identity"))
        .and_then(bytes)
        .and_then(|bytes| wa::ADVSignedDeviceIdentity::decode_from_slice(&bytes[..]).ok());
    let Some(mut identity) = identity else {
        account.devices.remove(&device);
        return;
    };
    // The device leaves the account's key out, since the server knows it; peers need it.
    identity.account_signature_key = Some(account.phone.signal.identity().public());
    if let Some(state) = account.devices.get_mut(&device) {
        state.adv_identity = Some(Stored(identity.encode_to_vec()));
    }
    device_notice::changed(world, number, device, true);
    // 515: come back and log in.
    caller.outbound.stanza(&NodeBuilder::new("stream:error").attr("code", "515").build());
    caller.outbound.send(Out::Close);
}

/// The phone greets each new device once.
pub(crate) fn greet_once(world: &mut World, device: &DeviceRef) {
    let Some(state) = world.device_mut(device) else { return };
    if !std::mem::replace(&mut state.greeted, true) {
        world.phone_work.push_back(PhoneWork::Greet { device: device.clone() });
    }
}

/// The account's list of valid devices, signed, as usync hands it out.
pub(crate) fn key_index_list(account: &crate::account::Account) -> Result<Vec<u8>, SimulatorError> {
    let valid: Vec<u32> = account.devices.values().map(|device| device.key_index).collect();
    let details = wa::ADVKeyIndexList {
        raw_id: Some(account.adv_raw_id),
        timestamp: Some(now()),
        current_index: Some(valid.iter().copied().max().unwrap_or(0)),
        valid_indexes: valid,
        ..Default::default()
    }
    .encode_to_vec();
    let keys = account.phone.signal.identity();
    let signature = keys.sign(&[&KEY_INDEX_SIGNATURE[..], &details].concat())?;
    let list = wa::ADVSignedKeyIndexList {
        details: Some(details),
        account_signature: Some(signature),
        account_signature_key: Some(keys.public()),
    };
    Ok(list.encode_to_vec())
}

fn md_query(id: String, child: Node) -> Node {
    NodeBuilder::new("iq")
        .attr("from", server())
        .attr("type", "set")
        .attr("id", id)
        .attr("xmlns", "md")
        .children([child])
        .build()
}
