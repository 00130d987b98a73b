//! Pairing by code: the client shows eight characters, the phone's owner types them, and both sides prove to each other
//! that they have the same ones. The server carries what they say and never learns the code.

use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use wacore::crypto::hkdf_sha256;
use wacore::pair_code::PairCodeUtils;
use wacore_binary::Node;
use wacore_binary::builder::NodeBuilder;
use wacore_libsignal::crypto::aes_256_gcm_decrypt;
use wacore_libsignal::protocol::PublicKey;

use crate::SimulatorError;
use crate::keys::Keys;
use crate::pairing::{Candidate, Linked, link};
use crate::stanza::{attr, bytes, jid_attr, leaf, now, refusal, result, server};
use crate::stream::Caller;
use crate::world::{Server, World};

/// How long a code is good for.
const VALIDITY: Duration = Duration::from_secs(180);

/// How often the phone's owner may try one code.
const TRIES: u32 = 3;

/// How long the phone waits for the client's part.
const ANSWER: Duration = Duration::from_secs(20);

/// The length of a key wrapped with the code: salt, counter, key.
const WRAPPED: usize = 80;

/// A code that was asked for, by the number it is for. Only the client and the phone's owner know it.
pub(crate) struct LinkCode {
    pub(crate) candidate: Candidate,
    reference: String,
    wrapped: Vec<u8>,
    since: Instant,
    tries: u32,
    attempt: Option<Attempt>,
}

/// The phone's side of one try.
struct Attempt {
    ephemeral: Keys,
    /// The client's, as the typed code unwraps it: garbage if the code is wrong.
    companion: [u8; 32],
    outcome: oneshot::Sender<Result<Linked, SimulatorError>>,
}

/// Answers the query of a client that is not linked.
pub(crate) fn answer(world: &mut World, caller: &Caller, stanza: &Node) {
    let id = attr(stanza, "id");
    let registration = stanza.get_optional_child("link_code_companion_reg");
    let stage = registration.map(|registration| attr(registration, "stage")).unwrap_or_default();
    let answered = match (registration, stage.as_str()) {
        (Some(registration), "companion_hello") => hello(world, caller, registration).map(|reference| {
            let answer = NodeBuilder::new("link_code_companion_reg")
                .attr("stage", "companion_hello")
                .children([leaf("link_code_pairing_ref", reference.into_bytes())]);
            caller.outbound.stanza(&result(&id, vec![answer.build()]));
        }),
        (Some(registration), "companion_finish") => finish(world, caller, &id, registration),
        _ => Err(400),
    };
    if let Err(code) = answered {
        caller.outbound.stanza(&refusal(&id, code, text_of(code)));
    }
}

fn text_of(code: u16) -> &'static str {
    match code {
        403 => "forbidden",
        429 => "rate-overlimit",
        452 => "feature-not-available",
        500 => "internal-server-error",
        _ => "bad-request",
    }
}

/// Takes a client's wish for a code. Answers the reference, or the error's code.
fn hello(world: &mut World, caller: &Caller, registration: &Node) -> Result<String, u16> {
    let stream = caller.outbound.stream;
    let candidate = world.pairings.values().find(|candidate| candidate.outbound.stream == stream);
    let candidate = candidate.cloned().ok_or(400_u16)?;
    let number = jid_attr(registration, "jid").filter(|jid| jid.is_pn()).ok_or(400_u16)?.user.to_string();
    let child = |tag: &str| registration.get_optional_child(tag).and_then(bytes).unwrap_or_default();
    let wrapped = child("link_code_pairing_wrapped_companion_ephemeral_pub");
    if wrapped.len() != WRAPPED || child("companion_server_auth_key_pub") != candidate.noise_key {
        return Err(400);
    }
    if child("companion_platform_id").is_empty() || child("companion_platform_display").is_empty() {
        return Err(400);
    }
    if let Some(code) = world.faults.refuses_code(&number) {
        return Err(code);
    }
    let reference = format!("{stream}@{:032x}", rand::random::<u128>());
    let code = LinkCode {
        candidate,
        reference: reference.clone(),
        wrapped,
        since: Instant::now(),
        tries: 0,
        attempt: None,
    };
    world.link_codes.insert(number, code);
    Ok(reference)
}

/// The phone's owner types a code. Ends when the device is linked, or could not be.
pub(crate) async fn enter(server: &Server, number: &str, code: &str) -> Result<Linked, SimulatorError> {
    let code: String = code.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_uppercase();
    if !PairCodeUtils::validate_code(&code) {
        return Err(SimulatorError::Invalid("a code has eight characters of WhatsApp's alphabet".to_owned()));
    }
    let (reference, wrapped) = server.change(|world| {
        let asked = asked(world, number)?;
        Ok((asked.reference.clone(), asked.wrapped.clone()))
    })?;
    // Deriving a key from the code takes long by design.
    let derived = tokio::task::spawn_blocking(move || unwrap(&wrapped, &code)).await;
    let (companion, ephemeral, wrapped) = derived.map_err(SimulatorError::crypto)??;
    let (outcome, ended) = oneshot::channel();
    server.change(|world| {
        let identity = world.declare(number, None)?.phone.signal.identity().public();
        let asked = asked(world, number)?;
        if asked.reference != reference {
            return Err(SimulatorError::NotFound("there is a newer code".to_owned()));
        }
        asked.tries += 1;
        if asked.tries > TRIES {
            return Err(SimulatorError::Invalid("the code was tried too often".to_owned()));
        }
        asked.attempt = Some(Attempt { ephemeral, companion, outcome });
        let hello = [
            leaf("link_code_pairing_wrapped_primary_ephemeral_pub", wrapped),
            leaf("primary_identity_pub", identity),
            leaf("link_code_pairing_ref", reference.clone().into_bytes()),
        ];
        let hello =
            NodeBuilder::new("link_code_companion_reg").attr("stage", "primary_hello").children(hello);
        asked.candidate.outbound.stanza(&notification(hello.build()));
        Ok(())
    })?;
    match tokio::time::timeout(ANSWER, ended).await {
        Ok(Ok(outcome)) => outcome,
        _ => Err(SimulatorError::Invalid("the client did not answer the phone".to_owned())),
    }
}

/// Makes the code that was asked for void and tells the client to ask for another.
pub(crate) fn refresh(world: &mut World, number: &str, by_hand: bool) -> Result<(), SimulatorError> {
    asked(world, number)?;
    let Some(code) = world.link_codes.remove(number) else { return Ok(()) };
    let reference = leaf("link_code_pairing_ref", code.reference.clone().into_bytes());
    let refresh = NodeBuilder::new("link_code_companion_reg")
        .attr("stage", "refresh_code")
        .attr("force_manual_refresh", by_hand.to_string())
        .children([reference]);
    code.candidate.outbound.stanza(&notification(refresh.build()));
    Ok(())
}

fn asked<'a>(world: &'a mut World, number: &str) -> Result<&'a mut LinkCode, SimulatorError> {
    world.link_codes.retain(|_, code| code.since.elapsed() < VALIDITY);
    let code = world.link_codes.get_mut(number);
    code.ok_or_else(|| {
        SimulatorError::NotFound("no code is asked for with this number (any more)".to_owned())
    })
}

/// The client's key, and a new one of the phone's with its wrapped form.
fn unwrap(wrapped: &[u8], code: &str) -> Result<([u8; 32], Keys, Vec<u8>), SimulatorError> {
    let companion =
        PairCodeUtils::decrypt_primary_ephemeral_pub(wrapped, code).map_err(SimulatorError::crypto)?;
    let ephemeral = Keys::generate();
    let public: [u8; 32] =
        ephemeral.public().try_into().map_err(|_| SimulatorError::crypto("a short key"))?;
    let wrapped = PairCodeUtils::encrypt_ephemeral_pub(&public, code).to_vec();
    Ok((companion, ephemeral, wrapped))
}

/// Carries the client's part to the phone, which links the device or tells its owner that the code is wrong. The client
/// is not told.
fn finish(world: &mut World, caller: &Caller, id: &str, registration: &Node) -> Result<(), u16> {
    let child = |tag: &str| registration.get_optional_child(tag).and_then(bytes).unwrap_or_default();
    let number = jid_attr(registration, "jid").map(|jid| jid.user.to_string()).unwrap_or_default();
    let reference = child("link_code_pairing_ref");
    let found = world.link_codes.get_mut(&number).filter(|code| code.reference.as_bytes() == reference);
    let begun = found.and_then(|code| Some((code.candidate.clone(), code.attempt.take()?)));
    let (candidate, attempt) = begun.ok_or(400_u16)?;
    // The client hears that its part arrived before it hears what came of it.
    caller.outbound.stanza(&result(id, Vec::new()));
    let identity = child("companion_identity_public");
    let bundle = child("link_code_pairing_wrapped_key_bundle");
    let secret = world
        .account(&number)
        .and_then(|account| secret(&attempt, account.phone.signal.identity(), &identity, &bundle));
    let outcome = secret.and_then(|secret| link(world, candidate, &number, &identity, &secret));
    let _ = attempt.outcome.send(outcome);
    Ok(())
}

/// The secret that both sides derive, if the bundle opens with what the typed code gave.
fn secret(attempt: &Attempt, own: &Keys, identity: &[u8], bundle: &[u8]) -> Result<Vec<u8>, SimulatorError> {
    let wrong = || SimulatorError::Invalid("the code is wrong".to_owned());
    let (salt, sealed) = bundle.split_at_checked(32).ok_or_else(wrong)?;
    let (nonce, sealed) = sealed.split_first_chunk::<12>().ok_or_else(wrong)?;
    let companion =
        PublicKey::from_djb_public_key_bytes(&attempt.companion).map_err(SimulatorError::crypto)?;
    let ephemeral = attempt.ephemeral.0.calculate_agreement(&companion).map_err(|_| wrong())?;
    let key = hkdf_sha256(&ephemeral, 32, Some(salt), b"link_code_pairing_key_bundle_encryption_key")
        .map_err(SimulatorError::crypto)?;
    let key: [u8; 32] = key.try_into().map_err(|_| wrong())?;
    let mut opened = Vec::new();
    aes_256_gcm_decrypt(&key, nonce, b"", sealed, &mut opened).map_err(|_| wrong())?;
    let (theirs, rest) = opened.split_at_checked(32).ok_or_else(wrong)?;
    let (ours, random) = rest.split_at_checked(32).ok_or_else(wrong)?;
    if theirs != identity || ours != own.public() || random.len() != 32 {
        return Err(SimulatorError::Invalid("the bundle names other identities".to_owned()));
    }
    let identity = PublicKey::from_djb_public_key_bytes(identity).map_err(SimulatorError::crypto)?;
    let agreed = own.0.calculate_agreement(&identity).map_err(SimulatorError::crypto)?;
    hkdf_sha256(&[&ephemeral[..], &agreed, random].concat(), 32, None, b"adv_secret")
        .map_err(SimulatorError::crypto)
}

fn notification(child: Node) -> Node {
    NodeBuilder::new("notification")
        .attr("from", server())
        .attr("type", "link_code_companion_reg")
        .attr("id", format!("code-{:016x}", rand::random::<u64>()))
        .attr("t", now().to_string())
        .children([child])
        .build()
}
