//! A way from a session task to what it needs, over a proxy that can be cut.

use crate::departures::Departures;
use crate::error::{Error, While};
use bytes::Bytes;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::{AbortHandle, JoinSet};

/// How a way is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Everything passes.
    Open,
    /// Nothing passes, and nobody is told: as when a network loses every packet. What was on its way arrives late, if the way
    /// is open again.
    Silent,
    /// Connections break, and new ones are not taken.
    Broken,
}

/// So many pieces a silent way takes in of a connection; more wait with who writes them.
const MOST_HELD: usize = 256;

/// A proxy to one address, until it is dropped.
#[derive(Debug)]
pub struct Link {
    address: SocketAddr,
    from: Ipv4Addr,
    departures: Departures,
    way: watch::Sender<Way>,
    task: AbortHandle,
}

impl Link {
    /// A way to `to`, where it comes from the loopback address `from`.
    pub(crate) async fn open(to: SocketAddr, from: Ipv4Addr) -> Result<Self, Error> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.or_cannot("listen for a task")?;
        let address = listener.local_addr().or_cannot("listen for a task")?;
        let (way, state) = watch::channel(Way::Open);
        let departures = Departures::default();
        let ends = Ends { to, from, departures: departures.clone() };
        let task = tokio::spawn(accept(listener, ends, state)).abort_handle();
        Ok(Self { address, from, departures, way, task })
    }

    /// Where it is entered.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// When a client last wrote something that had left the way at `peer` by `at`, in milliseconds since the epoch, as `at` is. What is held
    /// back was written when its client wrote it. `None` if no connection leaves there.
    pub fn last_written(&self, peer: SocketAddr, at: u64) -> Option<u64> {
        (peer.ip() == self.from).then(|| self.departures.last(peer.port(), at))?
    }

    /// How the way is from now on.
    pub fn set(&self, way: Way) {
        self.way.send_replace(way);
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The ways of one session task. Everything else that it needs, it reaches directly.
#[derive(Debug)]
pub struct Links {
    /// To DynamoDB.
    pub dynamo: Link,
    /// To SQS.
    pub sqs: Link,
    /// To S3.
    pub s3: Link,
    /// To the simulator's WebSocket.
    pub whatsapp: Link,
}

impl Links {
    /// All ways.
    pub fn all(&self) -> [&Link; 4] {
        [&self.dynamo, &self.sqs, &self.s3, &self.whatsapp]
    }
}

/// The ways of the task at `index`. The simulator tells tasks apart by the address that they come from.
pub(crate) async fn of_task(index: usize, aws: u16, simulator: u16) -> Result<Arc<Links>, Error> {
    let to = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let from = origin(index);
    Ok(Arc::new(Links {
        dynamo: Link::open(to(aws), from).await?,
        sqs: Link::open(to(aws), from).await?,
        s3: Link::open(to(aws), from).await?,
        whatsapp: Link::open(to(simulator), from).await?,
    }))
}

/// Where the task at `index` comes from, for whom it connects to.
pub(crate) fn origin(index: usize) -> Ipv4Addr {
    Ipv4Addr::new(127, 0, 1, u8::try_from(index % 200).unwrap_or(0) + 1)
}

/// Where a way leads, and what is known of who took it.
#[derive(Clone)]
struct Ends {
    to: SocketAddr,
    from: Ipv4Addr,
    departures: Departures,
}

async fn accept(listener: TcpListener, ends: Ends, way: watch::Receiver<Way>) {
    // Aborted together with this task.
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((client, _)) if *way.borrow() != Way::Broken => {
                    connections.spawn(carry(client, ends.clone(), way.clone()));
                }
                Ok(_) => {}
                Err(_) => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn carry(client: TcpStream, ends: Ends, mut way: watch::Receiver<Way>) {
    if way.wait_for(|way| *way != Way::Silent).await.is_err() {
        return;
    }
    let Ok(server) = connect(ends.to, ends.from).await else { return };
    let departures = ends.departures.open(server.local_addr().map_or(0, |end| end.port()));
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let mut broken = way.clone();
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let both = async {
        tokio::join!(
            pump(&mut from_client, &mut to_server, way.clone(), || departures.note()),
            pump(&mut from_server, &mut to_client, way.clone(), || {}),
        )
    };
    tokio::select! {
        _ = both => {}
        _ = broken.wait_for(|way| *way == Way::Broken) => {}
    }
}

/// Carries one direction to its end, while the way lets it; calls `read` for each piece when it was written, however long it is held.
async fn pump(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    mut way: watch::Receiver<Way>,
    read: impl Fn(),
) {
    let (held, mut holding) = mpsc::channel(MOST_HELD);
    let reading = async move {
        let mut buffer = vec![0; 16 * 1024];
        while let Ok(count @ 1..) = from.read(&mut buffer).await {
            read();
            if held.send(Bytes::copy_from_slice(&buffer[..count])).await.is_err() {
                return;
            }
        }
    };
    let writing = async move {
        while let Some(piece) = holding.recv().await {
            if way.wait_for(|way| *way != Way::Silent).await.is_err() || to.write_all(&piece).await.is_err() {
                return;
            }
        }
        // Nor is it heard that the other side has hung up.
        let _ = way.wait_for(|way| *way != Way::Silent).await;
        let _ = to.shutdown().await;
    };
    let whole = async {
        reading.await;
        std::future::pending().await
    };
    // Who cannot write on reads no more.
    tokio::select! {
        () = whole => {}
        () = writing => {}
    }
}

async fn connect(to: SocketAddr, from: Ipv4Addr) -> std::io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    // Not every system has more loopback addresses than one.
    let _ = socket.bind(SocketAddr::new(IpAddr::V4(from), 0));
    socket.connect(to).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;
    use tokio::time::timeout;

    const SOON: Duration = Duration::from_secs(40);
    const LONG: Duration = Duration::from_millis(200);

    /// A server that says everything back.
    async fn echo() -> (SocketAddr, AbortHandle) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let task = tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut from, mut to) = client.split();
                    tokio::io::copy(&mut from, &mut to).await
                });
            }
        });
        (address, task.abort_handle())
    }

    /// Whether the server says a word back within so long.
    async fn says(client: &mut TcpStream, word: &[u8; 4], within: Duration) -> bool {
        let mut back = [0; 4];
        client.write_all(word).await.is_ok()
            && matches!(timeout(within, client.read_exact(&mut back)).await, Ok(Ok(_)))
            && back == *word
    }

    #[tokio::test]
    async fn a_silent_way_brings_late_what_an_open_one_brings_at_once() {
        let (server, _task) = echo().await;
        let link = Link::open(server, origin(3)).await.unwrap();
        let mut client = TcpStream::connect(link.address()).await.unwrap();
        assert!(says(&mut client, b"hear", SOON).await);
        link.set(Way::Silent);
        assert!(!says(&mut client, b"late", LONG).await);
        let mut other = TcpStream::connect(link.address()).await.unwrap();
        assert!(!says(&mut other, b"late", LONG).await, "new connections are silent, too");
        link.set(Way::Open);
        for client in [&mut client, &mut other] {
            let mut back = [0; 4];
            timeout(SOON, client.read_exact(&mut back)).await.unwrap().unwrap();
            assert_eq!(&back, b"late");
        }
    }

    #[tokio::test]
    async fn what_is_held_back_was_written_when_it_was() {
        let server = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let link = Link::open(server.local_addr().unwrap(), origin(3)).await.unwrap();
        let mut client = TcpStream::connect(link.address()).await.unwrap();
        let (mut heard, peer) = server.accept().await.unwrap();
        let written = async |after: Option<u64>| {
            let changed = async {
                while link.last_written(peer, u64::MAX) <= after {
                    tokio::time::sleep(Duration::from_millis(2)).await;
                }
            };
            timeout(SOON, changed).await.unwrap();
            link.last_written(peer, u64::MAX)
        };
        let opened = written(None).await;
        link.set(Way::Silent);
        tokio::time::sleep(Duration::from_millis(2)).await;
        client.write_all(b"late").await.unwrap();
        let late = written(opened).await;
        assert!(timeout(LONG, heard.read_u8()).await.is_err());
        link.set(Way::Open);
        assert_eq!(timeout(SOON, heard.read_u8()).await.unwrap().unwrap(), b'l');
        assert_eq!(link.last_written(peer, u64::MAX), late);
        let elsewhere = SocketAddr::new(origin(4).into(), peer.port());
        assert_eq!(link.last_written(elsewhere, u64::MAX), None);
    }

    #[tokio::test]
    async fn a_broken_way_ends_connections_and_takes_none() {
        let (server, _task) = echo().await;
        let link = Link::open(server, origin(3)).await.unwrap();
        let mut client = TcpStream::connect(link.address()).await.unwrap();
        assert!(says(&mut client, b"hear", SOON).await);
        link.set(Way::Broken);
        let mut back = [0; 4];
        let ended = timeout(SOON, client.read(&mut back)).await.unwrap();
        assert!(matches!(ended, Ok(0) | Err(_)), "{ended:?}");
        let mut other = TcpStream::connect(link.address()).await.unwrap();
        assert!(!says(&mut other, b"none", LONG).await);
        link.set(Way::Open);
        let mut again = TcpStream::connect(link.address()).await.unwrap();
        assert!(says(&mut again, b"good", SOON).await);
    }
}
