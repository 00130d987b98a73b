//! Many streams at once: what an idle one costs. In a process of its own, since it measures memory.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test fails by panicking and says what it measured"
)]

use std::time::{Duration, Instant};

use bytes::BytesMut;
use carteiro_simulator::{Config, Simulator};
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::{Message, protocol::WebSocketConfig};
use wacore::libsignal::protocol::KeyPair;
use wacore_binary::consts::WA_CONN_HEADER;
use wacore_noise::{XxHandshakeState, framing::FrameDecoder};

/// Both ends are in this process, and many machines allow it 1,024 files.
const STREAMS: usize = 300;

/// For both ends of one stream together, in kilobytes.
const KILOBYTES_PER_STREAM: u64 = 64;

/// This process's resident memory in kilobytes, where the system tells.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

fn frame(payload: &[u8], header: Option<&[u8]>) -> Message {
    Message::binary(wacore_noise::framing::encode_frame(payload, header).unwrap())
}

/// A client that asks to be paired and then waits.
async fn waiting_client(address: std::net::SocketAddr) -> WebSocketStream<TcpStream> {
    let socket = TcpStream::connect(address).await.unwrap();
    let config = WebSocketConfig::default().read_buffer_size(1024).write_buffer_size(0);
    let url = format!("ws://{address}/ws/chat");
    let (mut socket, _) =
        tokio_tungstenite::client_async_with_config(url, socket, Some(config)).await.unwrap();
    let keys = KeyPair::generate(&mut rand::rng());
    let mut handshake = XxHandshakeState::new(keys, Vec::new(), &WA_CONN_HEADER).unwrap();
    let hello = handshake.build_client_hello().unwrap();
    socket.send(frame(&hello, Some(&WA_CONN_HEADER))).await.unwrap();
    let answer = next_frame(&mut socket).await;
    let finish = handshake.read_server_hello_and_build_client_finish(&answer).unwrap();
    socket.send(frame(&finish, None)).await.unwrap();
    // The offer of QR references.
    next_frame(&mut socket).await;
    socket
}

async fn next_frame(socket: &mut WebSocketStream<TcpStream>) -> BytesMut {
    let mut decoder = FrameDecoder::new();
    loop {
        if let Message::Binary(bytes) = socket.next().await.unwrap().unwrap() {
            decoder.feed(&bytes);
        }
        if let Some(frame) = decoder.decode_frame() {
            return frame;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_stream_costs_little() {
    let simulator = Simulator::start(Config::default()).await.unwrap();
    let address = simulator.listen_address();
    // The first ones bring in what is needed once.
    let mut clients = vec![waiting_client(address).await];
    let before = resident();
    let start = Instant::now();
    for _ in 0..STREAMS {
        clients.push(waiting_client(address).await);
    }
    let took = start.elapsed();
    if let Some((before, after)) = before.zip(resident()) {
        let each = after.saturating_sub(before) / STREAMS as u64;
        eprintln!("{STREAMS} streams in {took:?}, {each} kB each for both ends");
        assert!(each < KILOBYTES_PER_STREAM, "{each} kB each");
    }
    assert!(took < Duration::from_secs(120), "{took:?}");
    let stats = reqwest::Client::builder().no_proxy().build().unwrap();
    let stats = stats.get(format!("{}/admin/stats", simulator.admin_url())).send().await.unwrap();
    let stats: serde_json::Value = serde_json::from_str(&stats.text().await.unwrap()).unwrap();
    assert_eq!(stats["stats"]["open_streams"], STREAMS + 1);
    simulator.shutdown().await.unwrap();
}
