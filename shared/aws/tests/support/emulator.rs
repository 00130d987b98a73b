//! The emulated AWS (ministack): one for a test process, started on first use, gone with the process.

use super::python;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// Runs the emulator, and ends it when standard input does: however the test process ends, it leaves nothing behind.
const RUNNER: &str = "
import os, runpy, sys, threading
def watch():
    sys.stdin.buffer.read()
    os._exit(0)
threading.Thread(target=watch, daemon=True).start()
sys.argv = ['ministack']
runpy.run_module('ministack', run_name='__main__')
";

const PATIENCE: Duration = Duration::from_secs(60);

/// A running emulator. It is never dropped: its standard input closes with this process.
struct Emulator {
    endpoint: String,
    _child: Child,
}

/// Where the emulated AWS is.
pub(crate) fn endpoint() -> &'static str {
    static EMULATOR: OnceLock<Emulator> = OnceLock::new();
    &EMULATOR.get_or_init(start).endpoint
}

fn start() -> Emulator {
    let python = python::interpreter();
    // A port that is free now may be taken by the time the emulator wants it: then it ends, and another is tried.
    for _ in 0..5 {
        if let Some(emulator) = try_start(&python) {
            return emulator;
        }
    }
    panic!("the emulated AWS did not start; its log is in {}", env!("CARGO_TARGET_TMPDIR"));
}

fn try_start(python: &Path) -> Option<Emulator> {
    let port = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port").port();
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("aws");
    fs::create_dir_all(&home).expect("a folder for the emulator");
    let log = File::create(home.join("emulator.log")).expect("a log");
    let endpoint = format!("http://127.0.0.1:{port}");
    let mut child = Command::new(python)
        .args(["-c", RUNNER])
        .current_dir(&home)
        .env("GATEWAY_PORT", port.to_string())
        .env("BIND_HOST", "127.0.0.1")
        .env("MINISTACK_HOST", "127.0.0.1")
        .env("IOT_MTLS_ENABLED", "0")
        .env("SFTP_ENABLED", "0")
        .env("PERSIST_STATE", "0")
        .env("TMPDIR", &home)
        .stdin(Stdio::piped())
        .stdout(log.try_clone().expect("a log"))
        .stderr(log)
        .spawn()
        .expect("an emulator that starts");
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        if child.try_wait().expect("a child").is_some() {
            return None;
        }
        if get(port, "/_ministack/health").is_some_and(|answer| answer.starts_with("HTTP/1.1 200")) {
            return Some(Emulator { endpoint, _child: child });
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    child.kill().and_then(|()| child.wait()).expect("a child that ends");
    None
}

/// The whole answer to a GET, headers included, as text.
fn get(port: u16, path: &str) -> Option<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).ok()?;
    stream.set_read_timeout(Some(Duration::from_secs(5))).ok()?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n").ok()?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    Some(String::from_utf8_lossy(&answer).into_owned())
}

/// What the emulator tells of itself at a path, such as the mails that it took.
pub(crate) fn told(path: &str) -> serde_json::Value {
    let port = endpoint().rsplit(':').next().and_then(|port| port.parse().ok()).expect("a port");
    let answer = get(port, path).expect("an answer");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let (from, to) = (answer.find('{').expect("an object"), answer.rfind('}').expect("an object"));
    serde_json::from_str(&answer[from..=to]).expect("JSON")
}
