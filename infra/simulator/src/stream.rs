//! One client's stream: WebSocket, handshake, registration or login, then stanzas both ways until either side
//! ends it. One task and small buffers for each stream, so that thousands can idle.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use futures_util::{FutureExt as _, SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::TlsAcceptor;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use wacore_binary::Node;
use wacore_noise::NoiseCipher;

use crate::account::DeviceRef;
use crate::frame::{FrameReader, framed};
use crate::line::Line;
use crate::noise::{Established, Greeted};
use crate::stanza::attr;
use crate::world::Server;
use crate::{SimulatorError, login, overlap, router};

/// A client has this long to finish the handshake.
const HANDSHAKE: Duration = Duration::from_secs(20);

/// Buffers of a WebSocket, in bytes. Frames of this protocol are mostly below one kilobyte.
const SOCKET_BUFFER: usize = 2048;

/// What a stream is told to do.
pub(crate) enum Out {
    /// Send this stanza, already in its binary form.
    Stanza(Vec<u8>),
    /// Close in order.
    Close,
    /// The same, because the device has another stream; what still comes is looked at.
    Replaced,
    /// Vanish, as when the network fails.
    Drop,
}

/// The sending end of a stream.
#[derive(Clone)]
pub(crate) struct Outbound {
    pub(crate) stream: u64,
    /// Where the client connected from.
    pub(crate) peer: SocketAddr,
    sender: mpsc::UnboundedSender<Out>,
}

impl Outbound {
    /// Queues it; a stream that has ended takes nothing any more.
    pub(crate) fn send(&self, out: Out) {
        let _ = self.sender.send(out);
    }

    pub(crate) fn stanza(&self, stanza: &Node) {
        match wacore_binary::marshal::marshal(stanza) {
            Ok(bytes) => self.send(Out::Stanza(bytes)),
            Err(error) => tracing::error!(%error, "a stanza could not be encoded"),
        }
    }
}

/// How long the client may take to hang up once the server has closed.
const CLOSING: Duration = Duration::from_secs(1);

/// Who speaks on a stream.
pub(crate) struct Caller {
    /// The device that logged in, or `None` on a stream that is there to pair.
    pub(crate) device: Option<DeviceRef>,
    pub(crate) outbound: Outbound,
}

/// How a stream came to its end.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// The client was gone, whatever the server wanted of it.
    ByClient,
    /// The server ended it, and the client was still there.
    ByServer,
}

/// Opens what comes on a stream, frame by frame.
struct Opener {
    read: NoiseCipher,
    received: u32,
}

impl Opener {
    fn open(&mut self, mut frame: BytesMut) -> Result<Node, SimulatorError> {
        let opened = self.read.decrypt_in_place_with_counter(self.received, &mut frame);
        opened.map_err(SimulatorError::crypto)?;
        self.received += 1;
        let raw = wacore_binary::util::unpack(&frame).map_err(SimulatorError::protocol)?;
        let stanza = wacore_binary::marshal::unmarshal_ref(&raw).map_err(SimulatorError::protocol)?;
        Ok(stanza.to_owned())
    }
}

struct Wire {
    socket: WebSocketStream<Line>,
    frames: FrameReader,
}

impl Wire {
    async fn next_frame(&mut self) -> Result<Option<BytesMut>, SimulatorError> {
        loop {
            if let Some(frame) = self.frames.next_frame()? {
                return Ok(Some(frame));
            }
            match self.socket.next().await {
                Some(Ok(Message::Binary(bytes))) => self.frames.feed(&bytes),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return Ok(None),
                Some(Ok(_)) => {}
            }
        }
    }

    /// Whether the client has gone already, as far as can be told without waiting.
    fn client_is_gone(&mut self) -> bool {
        loop {
            match self.socket.next().now_or_never() {
                None => return false,
                Some(Some(Ok(message))) if !message.is_close() => {}
                Some(_) => return true,
            }
        }
    }

    /// Closes in order: says so, and reads on until the client has hung up. A socket that is dropped with input unread is
    /// reset, and the client may then lose the last stanza, which tells it why.
    async fn close(&mut self) {
        if self.socket.close(None).await.is_ok() {
            while let Some(Ok(_)) = self.socket.next().await {}
        }
    }

    async fn send(&mut self, payload: &[u8]) -> Result<(), SimulatorError> {
        let message = Message::Binary(framed(payload).into());
        self.socket.send(message).await.map_err(SimulatorError::protocol)
    }
}

/// Serves one connection to its end.
pub(crate) async fn serve(server: Arc<Server>, socket: TcpStream, tls: TlsAcceptor) {
    let stream = server.change(|world| {
        world.stats.streams += 1;
        world.stats.open_streams += 1;
        world.next_stream()
    });
    if let Err(error) = converse(&server, stream, socket, &tls).await {
        tracing::debug!(stream, %error, "stream ended");
    }
    server.change(|world| world.stats.open_streams -= 1);
}

async fn converse(
    server: &Server,
    stream: u64,
    socket: TcpStream,
    tls: &TlsAcceptor,
) -> Result<(), SimulatorError> {
    let peer = socket.peer_addr().unwrap_or_else(|_| (Ipv4Addr::UNSPECIFIED, 0).into());
    let open = timeout(HANDSHAKE, open(server, socket, tls)).await;
    let (mut wire, established) = open.map_err(|_| SimulatorError::protocol("handshake timed out"))??;
    let (sender, mut outbox) = mpsc::unbounded_channel();
    let outbound = Outbound { stream, peer, sender };
    let Established { read, write, payload, client_static, pattern } = established;
    let caller = server.change(|world| {
        *world.stats.handshakes.entry(pattern).or_default() += 1;
        let device = login::enter(world, &payload, &client_static, &outbound);
        Caller { device, outbound }
    });
    let outcome =
        exchange(server, &caller, &mut wire, &mut outbox, Opener { read, received: 0 }, write).await;
    let ended = outcome.as_ref().copied().unwrap_or(Ended::ByClient);
    server.change(|world| login::leave(world, &caller, ended));
    outcome.map(|_| ())
}

async fn open(
    server: &Server,
    socket: TcpStream,
    tls: &TlsAcceptor,
) -> Result<(Wire, Established), SimulatorError> {
    let socket = Line::open(socket, tls).await.map_err(SimulatorError::protocol)?;
    let config = WebSocketConfig::default().read_buffer_size(SOCKET_BUFFER).write_buffer_size(0);
    let socket = tokio_tungstenite::accept_async_with_config(socket, Some(config))
        .await
        .map_err(SimulatorError::protocol)?;
    let mut wire = Wire { socket, frames: FrameReader::default() };
    let gone = || SimulatorError::protocol("gone during the handshake");
    let hello = wire.next_frame().await?.ok_or_else(gone)?;
    let established = match server.identity.greet(&hello)? {
        Greeted::Done(answer, established) => {
            wire.send(&answer).await?;
            *established
        }
        Greeted::Finish(answer, pending) => {
            wire.send(&answer).await?;
            let finish = wire.next_frame().await?.ok_or_else(gone)?;
            pending.finish(&finish)?
        }
    };
    Ok((wire, established))
}

async fn exchange(
    server: &Server,
    caller: &Caller,
    wire: &mut Wire,
    outbox: &mut mpsc::UnboundedReceiver<Out>,
    mut opener: Opener,
    write: NoiseCipher,
) -> Result<Ended, SimulatorError> {
    let mut sent = 0_u32;
    loop {
        tokio::select! {
            // What was decided first goes out first: a fault's drop must not lose against later input.
            biased;
            out = outbox.recv() => match out {
                Some(Out::Stanza(stanza)) => {
                    let sealed = write.encrypt_with_counter(sent, &stanza).map_err(SimulatorError::crypto)?;
                    sent += 1;
                    wire.send(&sealed).await?;
                }
                Some(Out::Close) => {
                    if wire.client_is_gone() {
                        return Ok(Ended::ByClient);
                    }
                    let _ = timeout(CLOSING, wire.close()).await;
                    return Ok(Ended::ByServer);
                }
                Some(Out::Replaced) => return linger(server, caller, wire, &mut opener).await,
                Some(Out::Drop) | None => return Ok(Ended::ByServer),
            },
            frame = wire.next_frame() => {
                let Some(frame) = frame? else { return Ok(Ended::ByClient) };
                let stanza = opener.open(frame)?;
                server.change(|world| router::handle(world, caller, &stanza));
            }
        }
    }
}

/// Ends a stream whose device has another one. The client was told, and hangs up; one that still has messages to send does not
/// know yet, or holds the device to be its own.
async fn linger(
    server: &Server,
    caller: &Caller,
    wire: &mut Wire,
    opener: &mut Opener,
) -> Result<Ended, SimulatorError> {
    let until = Instant::now() + CLOSING;
    let mut gone = Ended::ByClient;
    loop {
        // What is there already tells whether the client had gone before it was told.
        let frame = match wire.next_frame().now_or_never() {
            Some(frame) => frame?,
            None => {
                gone = Ended::ByServer;
                let Ok(frame) = timeout_at(until, wire.next_frame()).await else { break };
                frame?
            }
        };
        let Some(frame) = frame else { return Ok(gone) };
        let stanza = opener.open(frame)?;
        if stanza.tag == "message" {
            server.change(|world| overlap::late(world, caller, attr(&stanza, "id")));
        }
    }
    let _ = timeout(CLOSING, wire.close()).await;
    Ok(Ended::ByServer)
}
