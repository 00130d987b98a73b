//! The responder's side of WhatsApp's Noise handshake: XX for a first connection, IK for a client that
//! remembers the server's static key, XXfallback when it remembers a wrong one.

use buffa::{Message as _, MessageField};
use serde::{Deserialize, Serialize};
use wacore_binary::consts::{NOISE_PATTERN_IK, NOISE_PATTERN_XX, NOISE_PATTERN_XXFALLBACK, WA_CONN_HEADER};
use wacore_noise::{NoiseCipher, NoiseHandshake};
use waproto::whatsapp::{self as wa, handshake_message as hs};

use crate::SimulatorError;
use crate::keys::Keys;

/// Validity of the certificates: 2023-11-14 to 2033-05-07, seconds since the epoch.
const NOT_BEFORE: u64 = 1_700_000_000;
const NOT_AFTER: u64 = 1_999_000_000;

/// The server's long-term keys: what a client pins after its first connection.
#[derive(Serialize, Deserialize)]
pub(crate) struct ServerIdentity {
    root: Keys,
    intermediate: Keys,
    leaf: Keys,
}

/// What a finished handshake yields.
pub(crate) struct Established {
    pub(crate) read: NoiseCipher,
    pub(crate) write: NoiseCipher,
    pub(crate) payload: wa::ClientPayload,
    /// The client's static Noise key, which authenticates a login.
    pub(crate) client_static: Vec<u8>,
    /// `XX`, `IK` or `XXfallback`, for the statistics.
    pub(crate) pattern: &'static str,
}

/// The handshake after the client's first message.
pub(crate) enum Greeted {
    /// IK: send this answer, and the handshake is over.
    Done(Vec<u8>, Box<Established>),
    /// XX or XXfallback: send this answer and wait for the client's finish.
    Finish(Vec<u8>, Box<Pending>),
}

/// XX between the server's hello and the client's finish.
pub(crate) struct Pending {
    noise: NoiseHandshake,
    ephemeral: Keys,
    pattern: &'static str,
}

impl ServerIdentity {
    pub(crate) fn generate() -> Self {
        Self { root: Keys::generate(), intermediate: Keys::generate(), leaf: Keys::generate() }
    }

    /// The root's public key, 32 bytes: what a client would have to trust in place of WhatsApp's own.
    pub(crate) fn root_public(&self) -> Vec<u8> {
        self.root.public()
    }

    fn chain(&self) -> Result<Vec<u8>, SimulatorError> {
        use wa::cert_chain::{NoiseCertificate, noise_certificate::Details};
        let certificate = |serial, issuer_serial, key: &Keys, issuer: &Keys| {
            let details = Details {
                serial: Some(serial),
                issuer_serial: Some(issuer_serial),
                key: Some(key.public()),
                not_before: Some(NOT_BEFORE),
                not_after: Some(NOT_AFTER),
            }
            .encode_to_vec();
            let signature = issuer.sign(&details)?;
            Ok::<_, SimulatorError>(NoiseCertificate { details: Some(details), signature: Some(signature) })
        };
        let chain = wa::CertChain {
            intermediate: MessageField::some(certificate(1, 0, &self.intermediate, &self.root)?),
            leaf: MessageField::some(certificate(2, 1, &self.leaf, &self.intermediate)?),
        };
        Ok(chain.encode_to_vec())
    }

    /// Answers the client's first handshake message.
    pub(crate) fn greet(&self, frame: &[u8]) -> Result<Greeted, SimulatorError> {
        let hello = wa::HandshakeMessage::decode_from_slice(frame).map_err(SimulatorError::protocol)?;
        let hello =
            hello.client_hello.into_option().ok_or_else(|| SimulatorError::protocol("no client hello"))?;
        let client_ephemeral = required(hello.ephemeral, "ephemeral key")?;
        match (hello.r#static, hello.payload) {
            (Some(static_key), Some(payload)) => {
                match self.resume(&client_ephemeral, &static_key, &payload) {
                    Ok(done) => Ok(done),
                    // The client remembers another server's key: as WhatsApp does, start over with its ephemeral.
                    Err(_) => self.introduce(NOISE_PATTERN_XXFALLBACK, "XXfallback", &client_ephemeral),
                }
            }
            _ => self.introduce(NOISE_PATTERN_XX, "XX", &client_ephemeral),
        }
    }

    fn resume(&self, ephemeral: &[u8], sealed: &[u8], payload: &[u8]) -> Result<Greeted, SimulatorError> {
        let mut noise = NoiseHandshake::new(NOISE_PATTERN_IK, &WA_CONN_HEADER).map_err(broken)?;
        noise.authenticate(&self.leaf.public());
        noise.authenticate(ephemeral);
        noise.mix_shared_secret(self.leaf.private(), ephemeral).map_err(broken)?;
        let client_static = noise.decrypt(sealed).map_err(broken)?;
        noise.mix_shared_secret(self.leaf.private(), &client_static).map_err(broken)?;
        let payload = noise.decrypt(payload).map_err(broken)?;

        let ours = Keys::generate();
        noise.authenticate(&ours.public());
        noise.mix_shared_secret(ours.private(), ephemeral).map_err(broken)?;
        noise.mix_shared_secret(ours.private(), &client_static).map_err(broken)?;
        let certificate = noise.encrypt(&self.chain()?).map_err(broken)?;
        let answer = server_hello(&ours, None, certificate);
        Ok(Greeted::Done(answer, Box::new(establish(noise, &payload, client_static, "IK")?)))
    }

    fn introduce(
        &self,
        pattern: &str,
        name: &'static str,
        ephemeral: &[u8],
    ) -> Result<Greeted, SimulatorError> {
        let ours = Keys::generate();
        let mut noise = NoiseHandshake::new(pattern, &WA_CONN_HEADER).map_err(broken)?;
        noise.authenticate(ephemeral);
        noise.authenticate(&ours.public());
        noise.mix_shared_secret(ours.private(), ephemeral).map_err(broken)?;
        let sealed_static = noise.encrypt(&self.leaf.public()).map_err(broken)?;
        noise.mix_shared_secret(self.leaf.private(), ephemeral).map_err(broken)?;
        let certificate = noise.encrypt(&self.chain()?).map_err(broken)?;
        let answer = server_hello(&ours, Some(sealed_static), certificate);
        Ok(Greeted::Finish(answer, Box::new(Pending { noise, ephemeral: ours, pattern: name })))
    }
}

impl Pending {
    /// Reads the client's finish.
    pub(crate) fn finish(mut self, frame: &[u8]) -> Result<Established, SimulatorError> {
        let finish = wa::HandshakeMessage::decode_from_slice(frame).map_err(SimulatorError::protocol)?;
        let finish =
            finish.client_finish.into_option().ok_or_else(|| SimulatorError::protocol("no client finish"))?;
        let sealed = required(finish.r#static, "static key")?;
        let client_static = self.noise.decrypt(&sealed).map_err(broken)?;
        self.noise.mix_shared_secret(self.ephemeral.private(), &client_static).map_err(broken)?;
        let payload = required(finish.payload, "payload")?;
        let payload = self.noise.decrypt(&payload).map_err(broken)?;
        establish(self.noise, &payload, client_static, self.pattern)
    }
}

fn establish(
    noise: NoiseHandshake,
    payload: &[u8],
    client_static: Vec<u8>,
    pattern: &'static str,
) -> Result<Established, SimulatorError> {
    let payload = wa::ClientPayload::decode_from_slice(payload).map_err(SimulatorError::protocol)?;
    // The pair is named from the initiator's point of view: what it writes, we read.
    let (read, write) = noise.finish().map_err(broken)?;
    Ok(Established { read, write, payload, client_static, pattern })
}

fn server_hello(ephemeral: &Keys, sealed_static: Option<Vec<u8>>, certificate: Vec<u8>) -> Vec<u8> {
    let hello = hs::ServerHello {
        ephemeral: Some(ephemeral.public()),
        r#static: sealed_static,
        payload: Some(certificate),
        ..Default::default()
    };
    wa::HandshakeMessage { server_hello: MessageField::some(hello), ..Default::default() }.encode_to_vec()
}

fn required<T: Into<Vec<u8>>>(value: Option<T>, name: &str) -> Result<Vec<u8>, SimulatorError> {
    value.map(Into::into).ok_or_else(|| SimulatorError::Protocol(format!("handshake without {name}")))
}

fn broken(error: impl std::fmt::Display) -> SimulatorError {
    SimulatorError::Crypto(error.to_string())
}
